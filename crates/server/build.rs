//! The pages are built by npm before the binary, never by it; this only has them embedded anew when they change.

fn main() {
    let pages = "../../web/dist";
    // A missing folder would count as changed in every build. Without pages the binary serves the interface alone.
    if let Err(error) = std::fs::create_dir_all(pages) {
        panic!("{pages}: {error}");
    }
    println!("cargo:rerun-if-changed={pages}");
    println!("cargo:rerun-if-changed=build.rs");
}
