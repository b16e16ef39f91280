//! One question over HTTP. Blocks; call it on a thread that may wait.
//!
//! Only `https` is spoken, and `http` to this machine itself, where a company may run an adapter of its own. Redirections are not followed
//! and no proxy is used: the secret goes to the host that was named and nowhere else. A fault never holds the secret or the address.

use huike_model::Label;
use serde_json::Value as Json;
use std::io::{ErrorKind, Read as _};
use std::net::IpAddr;
use std::time::Duration;

/// An answer about one company is a few kilobytes.
const LONGEST_ANSWER: u64 = 256 * 1024;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The host can't be found or doesn't answer.
    Unreachable,
    TimedOut,
    /// The connection could not be made safe.
    Tls,
    /// The secret, or the question, is refused.
    Refused,
    /// Too many questions for now.
    Throttled,
    /// The other side has a fault that will pass.
    Busy,
    /// It wants to be asked elsewhere.
    Moved,
    /// The answer is no JSON, or too long.
    Unreadable,
}

impl Trouble {
    pub fn name(self) -> &'static str {
        match self {
            Trouble::Unreachable => "unreachable",
            Trouble::TimedOut => "timed_out",
            Trouble::Tls => "tls",
            Trouble::Refused => "refused",
            Trouble::Throttled => "throttled",
            Trouble::Busy => "busy",
            Trouble::Moved => "moved",
            Trouble::Unreadable => "unreadable",
        }
    }

    /// Whether the next question would end the same way.
    pub fn is_final(self) -> bool {
        matches!(self, Trouble::Refused | Trouble::Throttled | Trouble::Moved | Trouble::Tls)
    }

    pub fn label(self) -> Label {
        match self {
            Trouble::Unreachable => Label::new("服务连接不上", "The service can't be reached"),
            Trouble::TimedOut => Label::new("服务没有及时回答", "The service did not answer in time"),
            Trouble::Tls => Label::new("无法建立安全连接", "The connection could not be made safe"),
            Trouble::Refused => Label::new(
                "服务拒绝了请求，请检查密钥和地址",
                "The service refused; check secret and address",
            ),
            Trouble::Throttled => {
                Label::new("服务方限制了次数", "The service allows no more questions for now")
            }
            Trouble::Busy => Label::new("服务方出现故障", "The service has a fault"),
            Trouble::Moved => Label::new(
                "服务要求转到另一个地址，请直接填写最终地址",
                "The service points elsewhere; name the final address",
            ),
            Trouble::Unreadable => {
                Label::new("回答不是可以读取的 JSON", "The answer is no JSON that can be read")
            }
        }
    }
}

/// What is asked.
#[derive(Clone)]
pub struct Question {
    pub url: String,
    /// Name and value of the header that holds the secret.
    pub header: Option<(String, String)>,
    pub timeout: Duration,
}

/// The answer; none when the company is not known there.
///
/// # Errors
/// Why there is none.
pub fn ask(question: &Question) -> Result<Option<Json>, Trouble> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(question.timeout))
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into();
    let mut request = agent.get(&question.url).header("accept", "application/json");
    if let Some((name, value)) = &question.header {
        request = request.header(name, value);
    }
    let mut response = request.call().map_err(|error| trouble(&error))?;
    match response.status().as_u16() {
        200 => {}
        204 | 404 => return Ok(None),
        429 => return Err(Trouble::Throttled),
        300..400 => return Err(Trouble::Moved),
        500.. => return Err(Trouble::Busy),
        _ => return Err(Trouble::Refused),
    }
    let mut text = String::new();
    let mut body = response.body_mut().as_reader().take(LONGEST_ANSWER + 1);
    match body.read_to_string(&mut text) {
        Ok(_) if text.len() as u64 > LONGEST_ANSWER => return Err(Trouble::Unreadable),
        Ok(_) => {}
        Err(error) if matches!(error.kind(), ErrorKind::InvalidData) => return Err(Trouble::Unreadable),
        Err(error) if is_timeout(&error) => return Err(Trouble::TimedOut),
        Err(_) => return Err(Trouble::Unreachable),
    }
    let json: Json = serde_json::from_str(&text).map_err(|_| Trouble::Unreadable)?;
    if json.is_null() { Ok(None) } else { Ok(Some(json)) }
}

fn is_timeout(error: &std::io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<ureq::Error>());
    error.kind() == ErrorKind::TimedOut || matches!(inner, Some(ureq::Error::Timeout(_)))
}

/// The error without its text, which may repeat the address.
fn trouble(error: &ureq::Error) -> Trouble {
    match error {
        ureq::Error::Timeout(_) => Trouble::TimedOut,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Trouble::Tls,
        ureq::Error::Io(error) if is_timeout(error) => Trouble::TimedOut,
        ureq::Error::Http(_) | ureq::Error::BadUri(_) => Trouble::Refused,
        ureq::Error::Protocol(_) => Trouble::Unreadable,
        _ => Trouble::Unreachable,
    }
}

/// Scheme and host with port of an address that may be asked: `https`, or `http` on this machine.
pub fn origin(url: &str) -> Option<&str> {
    let plain = url.chars().all(|c| !c.is_control() && !c.is_whitespace());
    let (secure, rest) = match url.strip_prefix("https://") {
        Some(rest) => (true, rest),
        None => (false, url.strip_prefix("http://")?),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = &rest[..end];
    let name = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let written = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    let own = name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    (plain && !name.is_empty() && host.chars().all(written) && (secure || own))
        .then(|| &url[..url.len() - rest.len() + end])
}

/// A value as it stands in a path or a query (RFC 3986 §2.3).
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_are_asked() {
        assert_eq!(origin("https://data.example.com/v1?name={name}"), Some("https://data.example.com"));
        assert_eq!(origin("http://127.0.0.1:8080/x"), Some("http://127.0.0.1:8080"));
        assert_eq!(origin("http://[::1]:80/x"), Some("http://[::1]:80"));
        for refused in [
            "http://data.example.com/",
            "http://localhost.example.com/",
            "http://127.0.0.1@data.example.com/",
            "https://user:secret@data.example.com/",
            "https://{name}.example.com/",
            "https:///x",
            "https://data.example.com/a b",
            "ftp://data.example.com/",
            "file:///etc/passwd",
            "",
        ] {
            assert_eq!(origin(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_value_can_not_leave_its_place_in_the_address() {
        assert_eq!(percent("a b/&?#%"), "a%20b%2F%26%3F%23%25");
        assert_eq!(percent("汇客"), "%E6%B1%87%E5%AE%A2");
    }
}
