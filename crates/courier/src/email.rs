//! E-mail: SMTP (RFC 5321) with the message of RFC 5322.

use crate::{Cause, Message, Outbound, Secrets, Undelivered, Wrong};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::response::Severity;
use lettre::{Address, SmtpTransport, Transport as _};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};

const PATIENCE: Duration = Duration::from_secs(20);

/// A mail server and in whose name it is handed mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Email {
    pub host: String,
    pub port: u16,
    pub security: Security,
    /// Empty: without signing in.
    pub username: String,
    pub from: String,
    pub from_name: String,
}

impl Default for Email {
    fn default() -> Email {
        let (host, username, from, from_name) = Default::default();
        Email { host, port: 465, security: Security::default(), username, from, from_name }
    }
}

/// How the connection is made safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// From the first byte (port 465, RFC 8314).
    #[default]
    Tls,
    /// Before anything is said (port 587, RFC 3207); without it nothing is sent.
    Starttls,
    /// Not at all; then nobody signs in.
    None,
}

impl Email {
    pub(crate) fn faults(&self, outbound: &Outbound) -> Vec<Wrong> {
        let mut faults = Vec::new();
        let named = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
        if self.host.is_empty() || self.host.len() > 253 || !self.host.chars().all(named) {
            faults.push(Wrong::new(
                "host",
                "format",
                "应为邮件服务器的域名或地址，例如 smtp.example.com",
                "Must be the mail server's name or address, such as smtp.example.com",
            ));
        } else if !outbound.allows_port(&self.host, self.port) {
            faults.push(Wrong::new("port", "forbidden", "邮件服务器的端口应为 25、465、587 或 2525；其他端口须由运维在服务器配置 outbound_hosts 中允许", "Ports of mail servers are 25, 465, 587 and 2525; others are allowed in the server's setting outbound_hosts"));
        }
        if self.from.parse::<Address>().is_err() {
            faults.push(Wrong::new("from", "format", "应为邮箱地址", "Must be an e-mail address"));
        }
        if self.from_name.chars().count() > 60 || self.from_name.chars().any(char::is_control) {
            faults.push(Wrong::new("from_name", "length", "最多 60 个字", "At most 60 characters"));
        }
        if !self.username.is_empty()
            && self.security == Security::None
            && !outbound.names(&self.host, self.port)
        {
            faults.push(Wrong::new(
                "security",
                "unsafe",
                "不加密时不能登录邮件服务器，密码会被看到",
                "Signing in without encryption would show the password",
            ));
        }
        faults
    }

    /// The message as it goes out.
    fn written(&self, message: &Message) -> Result<lettre::Message, Undelivered> {
        let address = |text: &str, cause: Cause| {
            text.parse::<Address>().map_err(|_| Undelivered::new(cause, "not an address"))
        };
        let to = message.to.email.as_deref().ok_or_else(|| Undelivered::new(Cause::NoAddress, ""))?;
        let name = |name: &str| Some(name.to_owned()).filter(|name| !name.trim().is_empty());
        let from = address(&self.from, Cause::Answer)?;
        let domain = from.domain().to_owned();
        let at =
            SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(message.at).unwrap_or_default());
        lettre::Message::builder()
            .from(Mailbox::new(name(&self.from_name), from))
            .to(Mailbox::new(name(&message.to.name), address(to, Cause::Recipient)?))
            .subject(message.subject.clone())
            .date(at)
            .message_id(Some(format!("<{}@{domain}>", message.key)))
            // RFC 3834 §5: machines shall not answer.
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .singlepart(SinglePart::builder().header(ContentType::TEXT_PLAIN).body(message.text.clone()))
            .map_err(|_| Undelivered::new(Cause::Refused, "the message can't be written"))
    }

    pub(crate) fn send(
        &self,
        secrets: &Secrets,
        outbound: &Outbound,
        message: &Message,
    ) -> Result<(), Undelivered> {
        let mail = self.written(message)?;
        let at = outbound.mail_server(&self.host, self.port)?;
        let parameters = || {
            TlsParameters::new(self.host.clone())
                .map_err(|_| Undelivered::new(Cause::Tls, "the server's name"))
        };
        let tls = match self.security {
            Security::Tls => Tls::Wrapper(parameters()?),
            Security::Starttls => Tls::Required(parameters()?),
            Security::None => Tls::None,
        };
        let domain = self.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        let mut transport = SmtpTransport::builder_dangerous(at.ip().to_string())
            .port(self.port)
            .tls(tls)
            .hello_name(ClientId::Domain(domain.to_owned()))
            .timeout(Some(PATIENCE));
        if !self.username.is_empty() {
            transport = transport
                .credentials(Credentials::new(self.username.clone(), secrets.get("password").to_owned()));
        }
        transport.build().send(&mail).map(drop).map_err(|error| undelivered(&error))
    }
}

/// RFC 5321 §4.2: 4yz passes, 5yz doesn't; 530, 534, 535 and 538 are about signing in (RFC 4954 §6).
fn undelivered(error: &lettre::transport::smtp::Error) -> Undelivered {
    let cause = match error.status() {
        Some(code) => {
            let number: u16 = code.to_string().parse().unwrap_or_default();
            match (code.severity, number) {
                (_, 530 | 534 | 535 | 538) => Cause::SignIn,
                (Severity::PermanentNegativeCompletion, 550 | 551 | 553 | 556) => Cause::Recipient,
                (Severity::PermanentNegativeCompletion, 521 | 503) => Cause::Busy,
                (Severity::PermanentNegativeCompletion, _) => Cause::Refused,
                (_, 421 | 450 | 451 | 452) => Cause::Busy,
                _ => Cause::Answer,
            }
        }
        None if error.is_timeout() => Cause::TimedOut,
        None if error.is_tls() => Cause::Tls,
        None if error.is_client() => Cause::SignIn,
        None if error.is_response() => Cause::Answer,
        None => Cause::Unreachable,
    };
    // The server's words; what the library adds tells how far it came, never what was sent.
    Undelivered::new(cause, error.to_string())
}
