//! The binary as operators run it: commands, and a server in a process of its own that can be told to end, or killed.

use huike_store::Location;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use tempfile::TempDir;

pub fn huike(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_huike"));
    command.arg("--data").arg(data).env_remove("HUIKE_DATABASE_URL").env("HUIKE_LOG_LEVEL", "warn");
    command
}

#[track_caller]
pub fn said(output: Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}{err}");
    out.trim().to_owned()
}

/// A server that is ended when this is dropped.
pub struct Served {
    child: Child,
    pub url: String,
}

impl Served {
    pub fn start(data: &Path, more: &[&str]) -> Served {
        Served::run(huike(data), more)
    }

    fn run(mut command: Command, more: &[&str]) -> Served {
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(more)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let greeting = lines.next().expect("a server greets").unwrap();
        let url = greeting.rsplit(' ').next().unwrap().to_owned();
        Served { child, url }
    }

    pub fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Json,
    ) -> (u16, Vec<(String, String)>, Json) {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}/api/v1{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.header("content-type", "application/json").body(body.to_string()).unwrap();
        let mut response = agent.run(request).unwrap();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
        let headers = headers.collect();
        let text = response.body_mut().read_to_string().unwrap();
        (response.status().as_u16(), headers, serde_json::from_str(&text).unwrap_or(Json::Null))
    }

    pub fn end(mut self) -> bool {
        let told = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        told.success() && self.child.wait().unwrap().success()
    }
}

impl Served {
    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    /// What it says on the standard error, line by line.
    pub fn errors(&mut self) -> impl Iterator<Item = String> + use<> {
        let errors = self.child.stderr.take().expect("the errors are taken once");
        BufReader::new(errors).lines().map_while(Result::ok)
    }

    /// A request with bytes of some type; none when the server is gone.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<(u16, Json)> {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}/api/v1{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = agent.run(request.body(body.to_vec()).unwrap()).ok()?;
        let text = response.body_mut().read_to_string().ok()?;
        Some((response.status().as_u16(), serde_json::from_str(&text).unwrap_or(Json::Null)))
    }
}

/// An installation of the binary's own: a data folder, and a database on the engine under test.
pub struct Installation {
    pub data: TempDir,
    url: Option<String>,
}

impl Installation {
    pub fn new(db: &TestDb) -> Installation {
        let url = match db.location() {
            Location::Postgres { url } => Some(url.clone()),
            // The test's own database stays unused: one process has its folder.
            Location::Sqlite { .. } => None,
        };
        Installation { data: tempfile::tempdir().unwrap(), url }
    }

    pub fn command(&self) -> Command {
        let mut command = huike(self.data.path());
        command.envs(self.url.iter().map(|url| ("HUIKE_DATABASE_URL", url)));
        command.env("HUIKE_REQUESTS_PER_MINUTE", "1000000").env("HUIKE_LOG_LEVEL", "info");
        command
    }

    pub fn serve(&self) -> Served {
        let mut command = self.command();
        command.stderr(Stdio::piped());
        Served::run(command, &[])
    }

    /// Founds the company; a key with which programs do whatever the administrator may.
    pub fn found(&self, served: &Served) -> String {
        let founder = json!({"company": "示例公司", "name": "周岚", "login": "admin", "password": "correct-Horse-7-battery"});
        let (status, headers, session) = served.call("POST", "/setup", &[], &founder);
        assert_eq!(status, 200, "{session}");
        let cookie =
            headers.iter().find(|(name, _)| name == "set-cookie").map(|(_, value)| value.clone()).unwrap();
        let csrf = session["csrf"].as_str().unwrap();
        let key = json!({"name": "probe", "scopes": ["read", "write"], "expires_at": null});
        let headers = [("cookie", cookie.split(';').next().unwrap()), ("x-csrf-token", csrf)];
        let (status, _, made) = served.call("POST", "/keys", &headers, &key);
        assert_eq!(status, 201, "{made}");
        format!("Bearer {}", made["key"].as_str().unwrap())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // After a test that failed.
        let _ = self.child.kill();
    }
}

#[track_caller]
pub fn said_failing(output: Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}
