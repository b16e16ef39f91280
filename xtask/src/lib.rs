//! Commands of the build, and what tests share with them.

use std::process::{Command, ExitCode};

pub mod layers;
pub mod pg;
pub mod served;

/// Runs a command around which something was set up, with one variable that tells it where. What cargo told this program about its own
/// package stays here: a build within the command would take it for a change and build a third of the workspace anew, each time.
fn run_within(command: &str, args: &[&str], variable: (&str, String)) -> Result<ExitCode, String> {
    let mut inner = Command::new(command);
    inner.args(args).env(variable.0, variable.1);
    let told = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(told) {
            inner.env_remove(&name);
        }
    }
    let status = inner.status().map_err(|e| format!("{command}: {e}"))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
