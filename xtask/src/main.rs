//! `cargo xtask COMMAND`: the build's own commands.

use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask pg run -- COMMAND…   a throw-away PostgreSQL around a command
       cargo xtask layers               the arrows between crates, and the length of files
       cargo xtask served BINARY -- COMMAND…   the demonstration, served around a command";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["pg", "run", "--", command, rest @ ..] => xtask::pg::run(command, rest),
        ["served", binary, "--", command, rest @ ..] => xtask::served::run(binary, command, rest),
        ["layers"] => xtask::layers::check(),
        _ => Err(USAGE.to_owned()),
    };
    done.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::FAILURE
    })
}
