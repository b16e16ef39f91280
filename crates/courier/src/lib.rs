//! Messages on their way out of the house: e-mail, group robots, short messages. No database, no clock, no rules: a channel, its secrets and
//! a message go in, and what became of it comes out.
//!
//! * [`email`]: SMTP (RFC 5321, RFC 5322).
//! * [`push`]: the services that bring messages to browsers (RFC 8030).
//! * [`robot`]: the group robots of WeCom, DingTalk and Feishu.
//! * [`sms`]: short messages through Aliyun and Tencent Cloud.
//! * [`outbound`]: which hosts may be talked to, and how.
//!
//! Everything here blocks; call it on a thread that may wait. A fault never holds a secret: not the password, the key, nor the address of a
//! robot, which is one.

pub mod email;
pub mod outbound;
pub mod push;
pub mod robot;
mod sign;
pub mod sms;
#[cfg(feature = "testing")]
pub mod testing;

pub use outbound::Outbound;

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A channel without its secrets, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Channel {
    Email(email::Email),
    Wecom(robot::Robot),
    Dingtalk(robot::Robot),
    Feishu(robot::Robot),
    AliyunSms(sms::Aliyun),
    TencentSms(sms::Tencent),
    Push(push::Push),
}

/// What a message is brought by, whichever the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    Email,
    Robot,
    Sms,
    Browser,
}

impl Way {
    pub const ALL: [Way; 4] = [Way::Email, Way::Robot, Way::Sms, Way::Browser];

    pub fn name(self) -> &'static str {
        match self {
            Way::Email => "email",
            Way::Robot => "robot",
            Way::Sms => "sms",
            Way::Browser => "browser",
        }
    }
}

impl Channel {
    /// One of a kind with nothing filled in; none for a kind that isn't known.
    pub fn empty(kind: &str) -> Option<Channel> {
        serde_json::from_value(serde_json::json!({"kind": kind})).ok()
    }

    pub fn way(&self) -> Way {
        match self {
            Channel::Email(_) => Way::Email,
            Channel::Wecom(_) | Channel::Dingtalk(_) | Channel::Feishu(_) => Way::Robot,
            Channel::AliyunSms(_) | Channel::TencentSms(_) => Way::Sms,
            Channel::Push(_) => Way::Browser,
        }
    }

    pub fn kind(&self) -> &'static str {
        match self {
            Channel::Email(_) => "email",
            Channel::Wecom(_) => "wecom",
            Channel::Dingtalk(_) => "dingtalk",
            Channel::Feishu(_) => "feishu",
            Channel::AliyunSms(_) => "aliyun_sms",
            Channel::TencentSms(_) => "tencent_sms",
            Channel::Push(_) => "push",
        }
    }

    /// The secrets that are typed in, and whether it can't do without.
    pub fn secrets(&self) -> &'static [(&'static str, bool)] {
        match self {
            Channel::Email(_) => &[("password", false)],
            Channel::Wecom(_) => &[("webhook", true)],
            Channel::Dingtalk(_) | Channel::Feishu(_) => &[("webhook", true), ("secret", false)],
            Channel::AliyunSms(_) => &[("access_key_secret", true)],
            Channel::TencentSms(_) => &[("secret_key", true)],
            Channel::Push(_) => &[],
        }
    }

    /// The secret that nobody types in.
    pub fn own_secret(&self) -> Option<&'static str> {
        matches!(self, Channel::Push(_)).then_some(push::KEY)
    }

    /// Makes the secret that nobody types in, where it isn't there yet; whether it did.
    pub fn complete(&self, secrets: &mut Secrets) -> bool {
        let missing = self.own_secret().filter(|name| secrets.get(name).is_empty());
        let Some((name, key)) = missing.zip(push::new_key()) else { return false };
        secrets.0.insert(name.to_owned(), key);
        true
    }

    /// Whether it brings greetings to people outside: a robot speaks to colleagues, and a short message needs a template for it.
    pub fn brings_greetings(&self) -> bool {
        match self {
            Channel::Email(_) => true,
            Channel::Wecom(_) | Channel::Dingtalk(_) | Channel::Feishu(_) | Channel::Push(_) => false,
            Channel::AliyunSms(sms) => !sms.greeting_template.is_empty(),
            Channel::TencentSms(sms) => !sms.greeting_template.is_empty(),
        }
    }

    /// Whether one message names what it is about: a group reads what a robot says.
    pub fn tells_details(&self) -> bool {
        match self {
            Channel::Email(_) | Channel::Push(_) => true,
            Channel::Wecom(robot) | Channel::Dingtalk(robot) | Channel::Feishu(robot) => robot.details,
            Channel::AliyunSms(_) | Channel::TencentSms(_) => false,
        }
    }

    /// What is wrong with its settings, at which member. `secret` gives the secrets as they will be.
    pub fn faults(&self, secrets: &Secrets, outbound: &Outbound) -> Vec<Wrong> {
        let mut faults = match self {
            Channel::Email(email) => email.faults(outbound),
            Channel::Wecom(_) => robot::faults(robot::WECOM, secrets, outbound),
            Channel::Dingtalk(_) => robot::faults(robot::DINGTALK, secrets, outbound),
            Channel::Feishu(_) => robot::faults(robot::FEISHU, secrets, outbound),
            Channel::AliyunSms(sms) => sms.faults(outbound),
            Channel::TencentSms(sms) => sms.faults(outbound),
            Channel::Push(push) => push.faults(),
        };
        for (name, needed) in self.secrets() {
            if *needed && secrets.get(name).is_empty() {
                faults.push(Wrong::new(name, "required", "请填写", "Fill this in"));
            }
        }
        faults
    }

    /// Sends a message and waits until the other side has taken it.
    ///
    /// # Errors
    /// What became of it instead, and whether trying again helps.
    pub fn send(
        &self,
        secrets: &Secrets,
        outbound: &Outbound,
        message: &Message,
    ) -> Result<Receipt, Undelivered> {
        match self {
            Channel::Email(email) => email.send(secrets, outbound, message),
            Channel::Wecom(_) => robot::wecom(secrets, outbound, message),
            Channel::Dingtalk(_) => robot::dingtalk(secrets, outbound, message),
            Channel::Feishu(_) => robot::feishu(secrets, outbound, message),
            Channel::AliyunSms(sms) => sms.send(secrets, outbound, message),
            Channel::TencentSms(sms) => sms.send(secrets, outbound, message),
            Channel::Push(push) => return push.send(secrets, outbound, message),
        }?;
        Ok(Receipt { reached: 1, gone: Vec::new() })
    }
}

/// What became of a message that was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// How many addresses took it: none where a person's browsers are all gone.
    pub reached: usize,
    /// Browsers that are there no more.
    pub gone: Vec<i64>,
}

/// Secrets of a channel by their names. Never shown.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets(pub BTreeMap<String, String>);

impl Secrets {
    /// Empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_set().entries(self.0.keys()).finish()
    }
}

/// What is said to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// The same for every attempt, so that a repeat can be told: letters, digits and hyphens.
    pub key: String,
    /// Milliseconds since 1970, for dates and signatures.
    pub at: i64,
    pub to: Recipient,
    pub subject: String,
    pub text: String,
    /// What the words of a short message's template stand for.
    pub words: BTreeMap<String, String>,
    /// The path in the page that it leads to.
    pub link: String,
    /// A greeting to somebody outside rather than word for a colleague.
    pub greeting: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recipient {
    pub name: String,
    pub email: Option<String>,
    /// E.164, such as `+8613800000000`.
    pub mobile: Option<String>,
    pub devices: Vec<push::Device>,
}

/// Why a message was not delivered. What trying again is good for depends on whose fault it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", cause.name())]
pub struct Undelivered {
    pub cause: Cause,
    /// The other side's own words, or which part failed.
    pub detail: String,
}

/// What went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The host can't be found or doesn't answer.
    Unreachable,
    TimedOut,
    /// The connection could not be made safe.
    Tls,
    /// Password, key or signature are refused.
    SignIn,
    /// Too many messages for now.
    Throttled,
    /// The other side has a fault that will pass.
    Busy,
    /// The host is none that may be talked to.
    Forbidden,
    /// There is nobody of this address or number.
    Recipient,
    /// The message itself is refused.
    Refused,
    /// The person has no address or number.
    NoAddress,
    /// The answer can't be understood.
    Answer,
}

impl Cause {
    pub const ALL: [Cause; 11] = [
        Cause::Unreachable,
        Cause::TimedOut,
        Cause::Tls,
        Cause::SignIn,
        Cause::Throttled,
        Cause::Busy,
        Cause::Forbidden,
        Cause::Recipient,
        Cause::Refused,
        Cause::NoAddress,
        Cause::Answer,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Cause::Unreachable => "unreachable",
            Cause::TimedOut => "timed_out",
            Cause::Tls => "tls",
            Cause::SignIn => "sign_in",
            Cause::Throttled => "throttled",
            Cause::Busy => "busy",
            Cause::Forbidden => "forbidden",
            Cause::Recipient => "recipient",
            Cause::Refused => "refused",
            Cause::NoAddress => "no_address",
            Cause::Answer => "answer",
        }
    }

    pub fn parse(name: &str) -> Option<Cause> {
        Cause::ALL.into_iter().find(|cause| cause.name() == name)
    }

    /// Whether the same message can't be delivered however often it is tried.
    pub fn is_final(self) -> bool {
        matches!(self, Cause::Recipient | Cause::Refused | Cause::NoAddress)
    }
}

impl Undelivered {
    pub fn new(cause: Cause, detail: impl Into<String>) -> Undelivered {
        let detail: String = detail.into();
        let detail = detail.chars().filter(|c| !c.is_control()).take(300).collect();
        Undelivered { cause, detail }
    }
}

/// A member of a channel's settings that can't stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub field: &'static str,
    pub code: &'static str,
    pub zh: &'static str,
    pub en: &'static str,
}

impl Wrong {
    pub fn new(field: &'static str, code: &'static str, zh: &'static str, en: &'static str) -> Wrong {
        Wrong { field, code, zh, en }
    }
}
