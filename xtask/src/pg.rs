//! A PostgreSQL cluster that lives as long as its process and leaves nothing behind.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

/// A running cluster of one's own: trust on 127.0.0.1, nothing synced to disk.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
    /// Waits for the end of its input, which comes when this process ends in whatever way, then stops
    /// the cluster and removes the folder.
    watchdog: Child,
}

impl Cluster {
    /// # Errors
    /// A sentence that says what is missing or what PostgreSQL said.
    pub fn start() -> Result<Self, String> {
        let programs = programs()?;
        let user = unprivileged_user()?;
        let port = free_port()?;
        let folder = std::env::temp_dir().join(format!("huike-pg-{}-{port}", std::process::id()));
        make_folder(&folder, user)?;
        let watchdog = watch(&programs, &folder, user)?;
        let cluster = Self { folder, programs, user, port, watchdog };
        let data = cluster.folder.join("data");
        cluster.program(
            "initdb",
            &[
                "-D",
                &text(&data),
                "-U",
                "huike",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-sync",
            ],
        )?;
        cluster.resume()?;
        Ok(cluster)
    }

    /// Where to connect.
    pub fn url(&self) -> String {
        format!("postgres://huike@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops the server as a crash would.
    pub fn crash(&self) -> Result<(), String> {
        let data = text(&self.folder.join("data"));
        self.program("pg_ctl", &["stop", "-D", &data, "-m", "immediate", "-w"])
    }

    /// Starts the server after `crash`.
    pub fn resume(&self) -> Result<(), String> {
        let data = text(&self.folder.join("data"));
        let log = text(&self.folder.join("log"));
        let flags = format!(
            "-p {} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c synchronous_commit=on \
             -c full_page_writes=off -c max_connections=400 -c shared_buffers=128MB -c timezone=UTC",
            self.port,
            self.folder.display()
        );
        let started =
            self.program("pg_ctl", &["start", "-D", &data, "-l", &log, "-o", &flags, "-w", "-t", "120"]);
        started
            .map_err(|e| format!("{e}\n{}", fs::read_to_string(self.folder.join("log")).unwrap_or_default()))
    }

    fn program(&self, name: &str, args: &[&str]) -> Result<(), String> {
        let mut command = Command::new(self.programs.join(name));
        command.args(args).current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null());
        become_user(&mut command, self.user);
        // Not piped: the server would inherit the pipe, and reading it would never end.
        let errors = self.folder.join(format!("{name}.err"));
        let file = fs::File::create(&errors).map_err(|e| format!("{}: {e}", errors.display()))?;
        let status = command.stderr(file).status().map_err(|e| format!("{name}: {e}"))?;
        if status.success() {
            return Ok(());
        }
        Err(format!("{name} failed ({status}): {}", fs::read_to_string(&errors).unwrap_or_default()))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watchdog.stdin.take());
        // Whether it ended well does not matter here: nothing is left to be done.
        let _ = self.watchdog.wait();
    }
}

/// Runs a command with `HUIKE_TEST_PG_URL` set to a cluster that ends with it.
pub fn run(command: &str, args: &[&str]) -> Result<ExitCode, String> {
    let cluster = Cluster::start()?;
    crate::run_within(command, args, ("HUIKE_TEST_PG_URL", cluster.url()))
}

/// The folder with `initdb`: from PATH, or the newest of Debian's places.
fn programs() -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|dir| dir.join("initdb")).find(|p| p.is_file());
    if let Some(real) = on_path.and_then(|p| fs::canonicalize(p).ok()) {
        let dir = real.parent().unwrap_or(Path::new("/")).to_owned();
        if dir.join("pg_ctl").is_file() {
            return Ok(dir);
        }
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").is_file())
        .max();
    newest.map(|(_, bin)| bin).ok_or_else(|| {
        "PostgreSQL 15 or newer is needed for the tests: no initdb on PATH or under /usr/lib/postgresql \
         (Debian: apt-get install postgresql)"
            .to_owned()
    })
}

/// PostgreSQL refuses to run as root: then as `postgres`, or `nobody` where there is none.
fn unprivileged_user() -> Result<Option<(u32, u32)>, String> {
    let me = Command::new("id").arg("-u").output().map_err(|e| format!("id: {e}"))?;
    if String::from_utf8_lossy(&me.stdout).trim() != "0" {
        return Ok(None);
    }
    let passwd = fs::read_to_string("/etc/passwd").map_err(|e| format!("/etc/passwd: {e}"))?;
    let find = |name: &str| {
        let mut fields = passwd.lines().find(|l| l.split(':').next() == Some(name))?.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let user = find("postgres").or_else(|| find("nobody"));
    user.map(Some).ok_or_else(|| "neither a user `postgres` nor `nobody` to run PostgreSQL as".to_owned())
}

fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
    listener.map(|a| a.port()).map_err(|e| format!("no free port: {e}"))
}

fn make_folder(folder: &Path, user: Option<(u32, u32)>) -> Result<(), String> {
    let make = || {
        fs::create_dir(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        match user {
            Some((uid, gid)) => std::os::unix::fs::chown(folder, Some(uid), Some(gid)),
            None => Ok(()),
        }
    };
    make().map_err(|e| format!("{}: {e}", folder.display()))
}

fn watch(programs: &Path, folder: &Path, user: Option<(u32, u32)>) -> Result<Child, String> {
    let script =
        r#"cat >/dev/null; "$1"/pg_ctl stop -D "$2"/data -m immediate -w >/dev/null 2>&1; rm -rf "$2""#;
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh"]).arg(programs).arg(folder).current_dir("/");
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // Ctrl-C is for the command; the watchdog ends after it.
    command.process_group(0);
    become_user(&mut command, user);
    command.spawn().map_err(|e| format!("sh: {e}"))
}

fn become_user(command: &mut Command, user: Option<(u32, u32)>) {
    if let Some((uid, gid)) = user {
        command.uid(uid).gid(gid);
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
