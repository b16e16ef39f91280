//! The demonstration, served by the real binary for as long as a command runs.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

/// How often, and how many times, the server is asked whether it is ready: the demonstration's two years are written first.
const ASK_EVERY: Duration = Duration::from_millis(500);
const ASK_TIMES: u32 = 600;

/// Where a test of the pages (web/e2e/push.spec.ts) stands in for the service that brings messages to browsers.
const PUSH_SERVICE: &str = "127.0.0.1:8429";

/// A server of one's own in a folder that goes with it.
struct Served {
    folder: PathBuf,
    server: Child,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to end.
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs a command with `HUIKE_URL` set to a server of the demonstration; `binary` is what serves.
///
/// # Errors
/// When the server can't be started or the command can't be run.
pub fn run(binary: &str, command: &str, args: &[&str]) -> Result<ExitCode, String> {
    let address = free_address()?;
    let folder = std::env::temp_dir().join(format!("huike-served-{}", std::process::id()));
    let mut serve = Command::new(binary);
    serve.args(["serve", "--demo", "--listen", &address.to_string(), "--data"]).arg(&folder);
    serve.env("HUIKE_OUTBOUND_HOSTS", PUSH_SERVICE);
    let server =
        serve.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map_err(|e| format!("{binary}: {e}"))?;
    let mut served = Served { folder, server };
    wait_until_ready(&mut served, address)?;
    let ended = crate::run_within(command, args, ("HUIKE_URL", format!("http://{address}")));
    drop(served);
    ended
}

fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    listener.map_err(|e| format!("no free port: {e}"))
}

fn wait_until_ready(served: &mut Served, address: SocketAddr) -> Result<(), String> {
    for _ in 0..ASK_TIMES {
        if let Ok(Some(status)) = served.server.try_wait() {
            return Err(format!("the server ended before it was ready ({status})"));
        }
        if is_ready(address) {
            return Ok(());
        }
        std::thread::park_timeout(ASK_EVERY);
    }
    Err("the server did not become ready".to_owned())
}

fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&address, ASK_EVERY)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
}
