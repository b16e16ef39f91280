//! Which crate may know which. Any other arrow fails the build: what a layer can't reach, it can't be tangled with.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Each crate with the ones it may depend on.
const ARROWS: &[(&str, &[&str])] = &[
    ("courier", &[]),
    ("matching", &[]),
    ("tabular", &[]),
    ("vault", &[]),
    ("model", &["matching"]),
    ("store", &["model"]),
    ("engine", &["courier", "matching", "model", "store", "tabular", "vault"]),
    ("server", &["engine", "model"]),
];

/// What tests may reach besides: a database of their own, and the build's commands.
const TEST_ARROWS: &[(&str, &[&str])] = &[
    ("courier", &["courier"]),
    ("engine", &["xtask"]),
    ("server", &["store", "xtask"]),
    ("store", &["store", "xtask"]),
];

/// Crates that only one layer may use, with that layer.
const DRIVERS: &[(&str, &str)] = &[
    ("rusqlite", "store"),
    ("tokio-postgres", "store"),
    ("deadpool-postgres", "store"),
    ("axum", "server"),
    ("aes-gcm", "vault"),
    ("lettre", "courier"),
];

/// Longer files are asked why.
const MOST_LINES: usize = 600;

/// Checks the workspace and prints every fault.
///
/// # Errors
/// When the workspace can't be read.
pub fn check() -> Result<ExitCode, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    let mut faults = Vec::new();
    for name in crates(root)? {
        let folder = root.join("crates").join(&name);
        let manifest = read(&folder.join("Cargo.toml"))?;
        faults.extend(arrows(&name, &manifest));
    }
    for file in sources(&root.join("crates"))?.into_iter().chain(sources(&root.join("xtask"))?) {
        let lines = read(&file)?.lines().count();
        if lines > MOST_LINES {
            let name = file.strip_prefix(root).unwrap_or(&file).display();
            faults.push(format!("{name}: {lines} lines; split it, {MOST_LINES} are the most"));
        }
    }
    for fault in &faults {
        eprintln!("{fault}");
    }
    Ok(if faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The faults of one crate's manifest.
fn arrows(name: &str, manifest: &str) -> Vec<String> {
    let Some((_, allowed)) = ARROWS.iter().find(|(each, _)| *each == name) else {
        return vec![format!("crates/{name} is in no layer; give it a place in xtask/src/layers.rs")];
    };
    let in_tests = TEST_ARROWS.iter().find(|(each, _)| *each == name).map_or(&[][..], |(_, names)| names);
    let mut faults = Vec::new();
    for (section, dependency) in dependencies(manifest) {
        let other = dependency.strip_prefix("huike-").unwrap_or(&dependency);
        let ours = dependency.starts_with("huike-") || dependency == "xtask";
        let tests = section == "dev-dependencies";
        if ours && !allowed.contains(&other) && !(tests && in_tests.contains(&other)) {
            faults.push(format!("crates/{name}: {section} on {dependency}; {name} may know {allowed:?}"));
        }
        if let Some((_, layer)) =
            DRIVERS.iter().find(|(driver, layer)| *driver == dependency && *layer != name)
        {
            faults.push(format!("crates/{name}: {section} on {dependency}; only {layer} may use it"));
        }
    }
    faults
}

/// Every dependency of a manifest with its section; build and target sections count too.
fn dependencies(manifest: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut section = String::new();
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']').to_owned();
            // `[dependencies.name]` is a dependency by itself.
            if let Some((kind, name)) = header.split_once("dependencies.") {
                found.push((format!("{kind}dependencies"), name.trim_matches('"').to_owned()));
            }
            section = header;
            continue;
        }
        let name = line.split(['=', '.', ' ']).next().unwrap_or_default().trim_matches('"');
        if section.ends_with("dependencies") && !name.is_empty() && !name.starts_with('#') {
            found.push((section.clone(), name.to_owned()));
        }
    }
    found
}

fn crates(root: &Path) -> Result<Vec<String>, String> {
    let entries = fs::read_dir(root.join("crates")).map_err(|e| format!("crates: {e}"))?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.path().join("Cargo.toml").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    Ok(names)
}

fn sources(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_against_the_layers_is_found_however_it_is_written() {
        let wrong = [
            ("model", "[dependencies]\nhuike-store.workspace = true"),
            ("model", "[dependencies]\nhuike-store = { path = \"../store\" }"),
            ("model", "[dependencies.huike-store]\npath = \"../store\""),
            ("server", "[dependencies]\nhuike-store.workspace = true"),
            ("server", "[build-dependencies]\nhuike-vault.workspace = true"),
            ("vault", "[target.'cfg(unix)'.dependencies]\nhuike-model.workspace = true"),
            ("engine", "[dev-dependencies]\nhuike-server.workspace = true"),
            ("engine", "[dependencies]\nrusqlite.workspace = true"),
            ("extra", "[dependencies]"),
        ];
        for (name, manifest) in wrong {
            assert_eq!(arrows(name, manifest).len(), 1, "{name}: {manifest}");
        }
    }

    #[test]
    fn the_arrows_of_the_layers_are_allowed() {
        let right = [
            ("model", "[dependencies]\nhuike-matching.workspace = true\nserde.workspace = true"),
            (
                "server",
                "[dependencies]\nhuike-engine.workspace = true\nhuike-model.workspace = true\n[dev-dependencies]\nhuike-store.workspace = true",
            ),
            (
                "store",
                "[dependencies]\n# huike-engine\nrusqlite.workspace = true\n[dev-dependencies]\nxtask = { path = \"../../xtask\" }",
            ),
        ];
        for (name, manifest) in right {
            assert_eq!(arrows(name, manifest), Vec::<String>::new(), "{name}");
        }
    }
}
