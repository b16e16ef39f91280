//! `huike`: the server and its commands.

use std::process::ExitCode;

// Measured against glibc's and mimalloc on rows becoming JSON: the least CPU.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    huike_server::cli::run()
}
