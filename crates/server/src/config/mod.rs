//! Configuration: a file, the environment and flags, in rising priority. All faults are found at the start and told at once.
//!
//! [`keys`] is the one table of what can be set; docs/configuration.md is written from it.

pub mod keys;
pub mod master_key;
pub mod network;

use huike_model::Fault;
use keys::KEYS;
use master_key::MasterKeySource;
use network::Network;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

/// The name of the configuration file in the data folder.
pub const FILE: &str = "huike.toml";

/// Everything that can be set, checked.
#[derive(Clone)]
pub struct Config {
    pub data: PathBuf,
    pub listen: SocketAddr,
    pub public_url: Option<String>,
    pub database_url: Option<String>,
    pub readers: usize,
    pub connections: usize,
    pub tls: Option<Tls>,
    pub master_key: MasterKeySource,
    pub log: Log,
    pub limits: Limits,
    pub trusted_proxies: Vec<Network>,
    pub metrics_from: Vec<Network>,
    /// Hosts outside that may be talked to besides the providers' own: `host` or `host:port`.
    pub outbound_hosts: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    pub cert: PathBuf,
    pub key: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    pub json: bool,
    pub level: String,
}

/// What one request, and one caller in a minute, may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub body_bytes: usize,
    pub upload_bytes: usize,
    pub timeout: Duration,
    /// Requests of one caller in a minute.
    pub requests: u32,
    /// Attempts to sign in from one address in a minute.
    pub sign_ins: u32,
}

/// Where a setting came from, for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Default,
    File(PathBuf),
    Environment,
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Default => out.write_str("default"),
            Source::File(path) => write!(out, "{}", path.display()),
            Source::Environment => out.write_str("environment"),
            Source::Flag => out.write_str("command line"),
        }
    }
}

/// Where to look for settings.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `--config`; without it, `huike.toml` in the data folder if it is there.
    pub file: Option<PathBuf>,
    /// What the command line says, by key.
    pub flags: BTreeMap<&'static str, String>,
}

impl Config {
    /// Reads every source with the process's environment.
    ///
    /// # Errors
    /// Every fault in every source.
    pub fn load(sources: &Sources) -> Result<Config, Vec<Fault>> {
        Self::load_with(sources, &|name| std::env::var(name).ok())
    }

    /// As [`Config::load`], with an environment of the caller's choice.
    ///
    /// # Errors
    /// Every fault in every source.
    pub fn load_with(
        sources: &Sources,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Config, Vec<Fault>> {
        let mut settings = Settings::default();
        for key in KEYS {
            settings.set(key.name, key.default.to_owned(), Source::Default);
        }
        let said = |name: &'static str| {
            let flag = sources.flags.get(name).cloned();
            flag.or_else(|| environment(&keys::variable(name)).filter(|text| !text.is_empty()))
        };
        let data = said("data").unwrap_or_else(|| settings.text("data"));
        let file =
            sources.file.clone().or_else(|| Some(Path::new(&data).join(FILE)).filter(|file| file.exists()));
        if let Some(file) = file {
            settings.read_file(&file);
        }
        for key in KEYS {
            if let Some(text) = environment(&keys::variable(key.name)).filter(|text| !text.is_empty()) {
                settings.set(key.name, text, Source::Environment);
            }
            if let Some(text) = sources.flags.get(key.name) {
                settings.set(key.name, text.clone(), Source::Flag);
            }
        }
        let config = settings.check();
        if settings.faults.is_empty() { Ok(config) } else { Err(settings.faults) }
    }

    /// Whether browsers reach the server over TLS, here or at a proxy in front of it.
    pub fn secure(&self) -> bool {
        self.tls.is_some() || self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// Where the server can be opened in a browser when it listens on `bound`: another port than the configured one when that is 0.
    pub fn address(&self, bound: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| {
            let scheme = if self.tls.is_some() { "https" } else { "http" };
            format!("{scheme}://{bound}")
        })
    }
}

#[derive(Default)]
struct Settings {
    values: BTreeMap<&'static str, (String, Source)>,
    faults: Vec<Fault>,
}

impl Settings {
    fn set(&mut self, name: &'static str, text: String, source: Source) {
        self.values.insert(name, (text, source));
    }

    fn text(&self, name: &str) -> String {
        self.values.get(name).map(|(text, _)| text.clone()).unwrap_or_default()
    }

    fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    fn fault(&mut self, name: &str, code: &'static str, zh: &str, en: &str) {
        let source = self.values.get(name).map(|(_, source)| format!(" ({source})")).unwrap_or_default();
        self.faults.push(Fault::new(name, code, format!("{zh}{source}"), format!("{en}{source}")));
    }

    fn read_file(&mut self, path: &Path) {
        let broken = |what: String| {
            let place = path.display();
            Fault::new(
                "",
                "config_file",
                format!("配置文件 {place} 无法读取：{what}"),
                format!("{place}: {what}"),
            )
        };
        let table = match std::fs::read_to_string(path).map_err(|e| e.to_string()).and_then(|text| {
            // The message, not the whole error: that would quote the line, and the line may hold a secret.
            text.parse::<toml::Table>().map_err(|e| e.message().to_owned())
        }) {
            Ok(table) => table,
            Err(what) => return self.faults.push(broken(what)),
        };
        for (name, value) in table {
            let Some(key) = KEYS.iter().find(|key| key.name == name) else {
                let place = path.display();
                self.faults.push(Fault::new(
                    &name,
                    "unknown_key",
                    format!("没有“{name}”这一配置项（{place}）"),
                    format!("there is no setting of this name ({place})"),
                ));
                continue;
            };
            match plain(&value) {
                Some(text) => self.set(key.name, text, Source::File(path.to_owned())),
                None => {
                    self.faults.push(broken(format!("{name}: 应为文字、数字或列表 / text, number or list")))
                }
            }
        }
    }

    fn number<T: FromStr + PartialOrd + fmt::Display>(&mut self, name: &str, least: T, most: T) -> Option<T> {
        match self.text(name).trim().replace('_', "").parse::<T>() {
            Ok(number) if number >= least && number <= most => Some(number),
            _ => {
                let (zh, en) = (
                    format!("应为 {least} 到 {most} 的整数"),
                    format!("must be a whole number from {least} to {most}"),
                );
                self.fault(name, "number", &zh, &en);
                None
            }
        }
    }

    fn check(&mut self) -> Config {
        let listen = self.text("listen").parse().ok();
        if listen.is_none() {
            self.fault(
                "listen",
                "address",
                "应为“地址:端口”，例如 127.0.0.1:8420",
                "must be address:port, such as 127.0.0.1:8420",
            );
        }
        Config {
            data: self.text("data").into(),
            listen: listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0))),
            public_url: self.public_url(),
            database_url: self.database_url(),
            readers: self.number("readers", 1, 64).unwrap_or(1),
            connections: self.number("connections", 1, 1_000).unwrap_or(1),
            tls: self.tls(),
            master_key: self.master_key(),
            log: self.log(),
            limits: Limits {
                body_bytes: self.number("body_limit_bytes", 1_024, 1 << 30).unwrap_or(1_024),
                upload_bytes: self.number("upload_limit_bytes", 1_024, 1 << 32).unwrap_or(1_024),
                timeout: Duration::from_secs(self.number("timeout_seconds", 1, 3_600).unwrap_or(1)),
                requests: self.number("requests_per_minute", 1, 1_000_000).unwrap_or(1),
                sign_ins: self.number("sign_ins_per_minute", 1, 1_000_000).unwrap_or(1),
            },
            trusted_proxies: self.networks("trusted_proxies"),
            metrics_from: self.networks("metrics_from"),
            outbound_hosts: self.hosts("outbound_hosts"),
        }
    }

    fn hosts(&mut self, name: &str) -> Vec<String> {
        let text = self.text(name);
        let hosts: Vec<String> =
            text.split(',').map(str::trim).filter(|host| !host.is_empty()).map(str::to_owned).collect();
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
        if hosts.iter().any(|host| !host.chars().all(plain)) {
            self.fault(
                name,
                "host",
                "应为主机名或“主机名:端口”，以逗号分隔",
                "must be hosts or host:port, separated by commas",
            );
        }
        hosts
    }

    fn public_url(&mut self) -> Option<String> {
        let url = self.optional("public_url")?;
        let url = url.trim_end_matches('/').to_owned();
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
        if rest.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@', ' '])) {
            let (zh, en) = (
                "应为网站地址，例如 https://crm.example.com",
                "must be an origin, such as https://crm.example.com",
            );
            self.fault("public_url", "url", zh, en);
        }
        Some(url)
    }

    fn database_url(&mut self) -> Option<String> {
        let url = self.optional("database_url")?;
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            // The value is not repeated: it may hold a password.
            let zh = "应以 postgres:// 开头；不设置则使用数据目录中的 SQLite";
            let en = "must begin with postgres://; leave it out to use SQLite in the data folder";
            self.fault("database_url", "url", zh, en);
        }
        Some(url)
    }

    fn tls(&mut self) -> Option<Tls> {
        match (self.optional("tls_cert"), self.optional("tls_key")) {
            (None, None) => None,
            (Some(cert), Some(key)) => {
                let tls = Tls { cert: cert.into(), key: key.into() };
                for (name, path) in [("tls_cert", &tls.cert), ("tls_key", &tls.key)] {
                    if !path.is_file() {
                        self.fault(name, "no_file", "找不到这个文件", "there is no such file");
                    }
                }
                Some(tls)
            }
            (cert, _) => {
                let missing = if cert.is_some() { "tls_key" } else { "tls_cert" };
                self.fault(
                    missing,
                    "required",
                    "证书和私钥须同时设置",
                    "certificate and key must be set together",
                );
                None
            }
        }
    }

    fn master_key(&mut self) -> MasterKeySource {
        let set: Vec<&str> = ["master_key", "master_key_file", "master_key_command"]
            .into_iter()
            .filter(|name| self.optional(name).is_some())
            .collect();
        if set.len() > 1 {
            let (zh, en) =
                ("主密钥的三种来源只能设置一种", "set only one of the three sources of the master key");
            self.fault(set[1], "conflict", zh, en);
        }
        let text = set.first().map(|name| self.text(name)).unwrap_or_default();
        match set.first() {
            Some(&"master_key") => MasterKeySource::Text(text),
            Some(&"master_key_file") => MasterKeySource::File(text.into()),
            Some(_) => MasterKeySource::Command(text),
            None => MasterKeySource::InData(Path::new(&self.text("data")).join("keys").join("master.key")),
        }
    }

    fn log(&mut self) -> Log {
        let format = self.text("log_format");
        if !matches!(format.as_str(), "text" | "json") {
            self.fault("log_format", "choice", "应为 text 或 json", "must be text or json");
        }
        let level = self.text("log_level");
        if level.parse::<tracing_subscriber::filter::Targets>().is_err() {
            let zh = "应为 error、warn、info、debug 或 trace，也可按模块设置";
            self.fault(
                "log_level",
                "choice",
                zh,
                "must be error, warn, info, debug or trace, for each module if need be",
            );
        }
        Log { json: format == "json", level }
    }

    fn networks(&mut self, name: &str) -> Vec<Network> {
        let text = self.text(name);
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let read: Vec<_> = parts.map(|part| part.parse::<Network>().map_err(|_| part.to_owned())).collect();
        let mut networks = Vec::new();
        for each in read {
            match each {
                Ok(network) => networks.push(network),
                Err(part) => {
                    let (zh, en) = (
                        format!("“{part}”不是地址或网段，例如 10.0.0.0/8"),
                        format!("“{part}” is no address or network such as 10.0.0.0/8"),
                    );
                    self.fault(name, "network", &zh, &en);
                }
            }
        }
        networks
    }
}

/// A value of the file as the text that the environment would give.
fn plain(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        toml::Value::Array(items) => Some(items.iter().map(plain).collect::<Option<Vec<_>>>()?.join(",")),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
