//! Which hosts may be talked to.
//!
//! What an administrator of the product types in must not become a way into the network of the machine (server-side request forgery): web
//! requests go to the providers' own hosts over TLS, and mail to any host that isn't this machine itself, on ports of mail. Whoever runs the
//! server may name further hosts in its configuration.

use crate::{Cause, Undelivered, sign};
use serde_json::Value as Json;
use std::io::{ErrorKind, Read as _};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(8);
const WHOLE: Duration = Duration::from_secs(20);
/// Answers of the providers are a few hundred bytes.
const LONGEST_ANSWER: u64 = 64 * 1024;
const MAIL_PORTS: [u16; 4] = [25, 465, 587, 2525];

/// The hosts beside the usual ones that may be talked to, as `host` or `host:port`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbound {
    pub hosts: Vec<String>,
}

/// The parts of a web address that matter here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebAddress<'a> {
    pub secure: bool,
    /// With its port where one is written.
    pub host: &'a str,
    /// With the leading `/`, and the query.
    pub rest: &'a str,
}

/// Reads `https://host[:port]/path?query`; none when it is anything else.
pub fn web_address(text: &str) -> Option<WebAddress<'_>> {
    let (secure, rest) = match text.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix("http://")?),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at(end);
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    let fits = !host.is_empty() && host.chars().all(plain) && text.chars().all(|c| c.is_ascii_graphic());
    fits.then_some(WebAddress { secure, host, rest })
}

impl Outbound {
    /// Whether a host was named in the configuration.
    pub fn names(&self, host: &str, port: u16) -> bool {
        let whole = format!("{host}:{port}");
        self.hosts.iter().any(|named| named.eq_ignore_ascii_case(host) || named.eq_ignore_ascii_case(&whole))
    }

    /// Whether a web address may be asked: one of the provider's hosts over TLS, or one that was named.
    pub fn allows_web(&self, address: &WebAddress<'_>, official: &[&str]) -> bool {
        let (host, port) = match address.host.rsplit_once(':') {
            Some((host, port)) => match port.parse() {
                Ok(port) => (host, port),
                Err(_) => return false,
            },
            None => (address.host, if address.secure { 443 } else { 80 }),
        };
        let is_one = |one: &&str| one.strip_prefix('.').map_or(*one == host, |_| host.ends_with(*one));
        let usual = address.secure && port == 443 && official.iter().any(is_one);
        usual || self.names(host, port)
    }

    /// Whether mail may be handed to a host on a port at all; who it is, is asked of [`Outbound::mail_server`].
    pub fn allows_port(&self, host: &str, port: u16) -> bool {
        MAIL_PORTS.contains(&port) || self.names(host, port)
    }

    /// The address of a mail server. It is looked up once, checked and then talked to, so that a name can't mean another machine afterwards.
    ///
    /// # Errors
    /// `forbidden` for this machine itself and addresses that belong to nobody, unless they were named; `unreachable`.
    pub fn mail_server(&self, host: &str, port: u16) -> Result<SocketAddr, Undelivered> {
        if !self.allows_port(host, port) {
            return Err(Undelivered::new(Cause::Forbidden, format!("port {port}")));
        }
        let found: Vec<SocketAddr> = (host, port)
            .to_socket_addrs()
            .map_err(|_| Undelivered::new(Cause::Unreachable, format!("no address of {host}")))?
            .collect();
        let usable = |at: &&SocketAddr| self.names(host, port) || !is_own(at.ip());
        match found.iter().find(usable) {
            Some(at) => Ok(*at),
            None if found.is_empty() => {
                Err(Undelivered::new(Cause::Unreachable, format!("no address of {host}")))
            }
            None => Err(Undelivered::new(Cause::Forbidden, host)),
        }
    }

    /// Posts to a web address and reads the JSON of the answer.
    ///
    /// # Errors
    /// What kept it from being answered.
    pub fn post(
        &self,
        url: &str,
        official: &[&str],
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Result<Json, Undelivered> {
        let (status, text) = self.send(url, official, headers, body)?;
        match (status, serde_json::from_str::<Json>(&text)) {
            (429, _) => Err(Undelivered::new(Cause::Throttled, "429")),
            (500.., _) => Err(Undelivered::new(Cause::Busy, status.to_string())),
            // Aliyun and Tencent say what is wrong in the body of a 400.
            (_, Ok(json)) => Ok(json),
            _ => Err(Undelivered::new(Cause::Answer, status.to_string())),
        }
    }

    /// Posts to a web address; status and text of the answer, no text where it isn't one. Redirections are not followed.
    ///
    /// # Errors
    /// What kept it from being answered.
    pub fn send(
        &self,
        url: &str,
        official: &[&str],
        headers: &[(&str, String)],
        body: &[u8],
    ) -> Result<(u16, String), Undelivered> {
        let address = web_address(url).ok_or_else(|| Undelivered::new(Cause::Forbidden, "address"))?;
        if !self.allows_web(&address, official) {
            return Err(Undelivered::new(Cause::Forbidden, address.host));
        }
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .build()
            .into();
        let mut request = agent.post(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut response = request.send(body).map_err(|error| undelivered(&error))?;
        let status = response.status().as_u16();
        let mut text = String::new();
        let read = response.body_mut().as_reader().take(LONGEST_ANSWER).read_to_string(&mut text);
        Ok((status, read.map(|_| text).unwrap_or_default()))
    }
}

/// This machine, its link, or nobody: never where a company's mail server stands.
fn is_own(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.is_multicast()
                || ip.is_broadcast()
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => is_own(IpAddr::V4(ip)),
            None => {
                ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unspecified() || ip.is_multicast()
            }
        },
    }
}

/// The error without its text, which may repeat the address.
fn undelivered(error: &ureq::Error) -> Undelivered {
    match error {
        ureq::Error::Timeout(_) => Undelivered::new(Cause::TimedOut, ""),
        ureq::Error::HostNotFound => Undelivered::new(Cause::Unreachable, "host not found"),
        ureq::Error::ConnectionFailed => Undelivered::new(Cause::Unreachable, ""),
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Undelivered::new(Cause::Tls, ""),
        ureq::Error::Io(error) if error.kind() == ErrorKind::TimedOut => {
            Undelivered::new(Cause::TimedOut, "")
        }
        ureq::Error::Io(error) => Undelivered::new(Cause::Unreachable, error.kind().to_string()),
        _ => Undelivered::new(Cause::Answer, ""),
    }
}

/// A web address with further members of its query.
pub fn with_query(url: &str, pairs: &[(&str, String)]) -> String {
    let mut whole = url.to_owned();
    for (name, value) in pairs {
        whole.push(if whole.contains('?') { '&' } else { '?' });
        whole.push_str(&format!("{name}={}", sign::percent(value)));
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_providers_hosts_are_asked_unless_others_were_named() {
        let official = ["oapi.dingtalk.com"];
        let none = Outbound::default();
        let named = Outbound { hosts: vec!["127.0.0.1:9000".into(), "robots.example.com".into()] };
        let allows = |outbound: &Outbound, url: &str| {
            web_address(url).is_some_and(|address| outbound.allows_web(&address, &official))
        };
        assert!(allows(&none, "https://oapi.dingtalk.com/robot/send?access_token=x"));
        for refused in [
            "http://oapi.dingtalk.com/robot/send",
            "https://oapi.dingtalk.com:8443/robot/send",
            "https://oapi.dingtalk.com.example.com/",
            "https://oapi.dingtalk.com@127.0.0.1/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "file:///etc/passwd",
            "https://",
            "https://oapi.dingtalk.com /",
        ] {
            assert!(!allows(&none, refused), "{refused}");
        }
        assert!(allows(&named, "http://127.0.0.1:9000/x") && !allows(&named, "http://127.0.0.1:9001/x"));
        assert!(allows(&named, "https://robots.example.com/x"));
    }

    #[test]
    fn mail_goes_to_no_host_that_is_this_machine_unless_it_was_named() {
        let none = Outbound::default();
        for (host, port) in [
            ("127.0.0.1", 25),
            ("::1", 25),
            ("169.254.169.254", 25),
            ("0.0.0.0", 25),
            ("::ffff:127.0.0.1", 25),
            ("192.0.2.1", 80),
        ] {
            assert_eq!(none.mail_server(host, port).unwrap_err().cause, Cause::Forbidden, "{host}:{port}");
        }
        assert!(none.mail_server("10.0.0.5", 25).is_ok(), "a mail server inside of the house");
        let named = Outbound { hosts: vec!["127.0.0.1:2526".into()] };
        assert!(named.mail_server("127.0.0.1", 2526).is_ok());
        assert!(named.mail_server("127.0.0.1", 25).is_err());
    }
}
