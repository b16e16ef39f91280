//! Group robots: a message posted to a group's webhook, whose address is the secret.
//!
//! Sources: the platforms' pages on custom group robots (企业微信 群机器人配置说明, 钉钉 自定义机器人安全设置, 飞书 自定义机器人使用指南).

use crate::outbound::{web_address, with_query};
use crate::{Cause, Message, Outbound, Secrets, Undelivered, Wrong, sign};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

pub const WECOM: &[&str] = &["qyapi.weixin.qq.com"];
pub const DINGTALK: &[&str] = &["oapi.dingtalk.com"];
pub const FEISHU: &[&str] = &["open.feishu.cn", "open.larksuite.com"];

/// A robot of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Robot {
    /// Whether customers are named in the group; else only how much there is to do.
    pub details: bool,
}

pub(crate) fn faults(official: &[&str], secrets: &Secrets, outbound: &Outbound) -> Vec<Wrong> {
    let webhook = secrets.get("webhook");
    let fits = web_address(webhook).is_some_and(|address| outbound.allows_web(&address, official));
    if webhook.is_empty() || fits {
        return Vec::new();
    }
    vec![Wrong::new(
        "webhook",
        "forbidden",
        "应为该平台机器人的 Webhook 地址（https）；其他地址须由运维在服务器配置 outbound_hosts 中允许",
        "Must be the webhook of a robot of this platform (https); other hosts are allowed in the server's setting outbound_hosts",
    )]
}

fn json_header() -> Vec<(&'static str, String)> {
    vec![("content-type", "application/json; charset=utf-8".to_owned())]
}

/// A person's mobile as these platforms know it: without the country code of mainland China.
fn mobiles(message: &Message) -> Vec<&str> {
    let mobile = message.to.mobile.as_deref();
    mobile.map(|mobile| mobile.strip_prefix("+86").unwrap_or(mobile)).into_iter().collect()
}

fn whole(message: &Message) -> String {
    if message.subject.is_empty() {
        message.text.clone()
    } else {
        format!("{}\n{}", message.subject, message.text)
    }
}

/// What a code of the answer means. `codes`: (sign-in, throttled).
fn judge(
    answer: &Json,
    code: &str,
    words: &str,
    (sign_in, throttled): (&[i64], &[i64]),
) -> Result<(), Undelivered> {
    let number = answer[code].as_i64().ok_or_else(|| Undelivered::new(Cause::Answer, ""))?;
    let cause = match number {
        0 => return Ok(()),
        number if sign_in.contains(&number) => Cause::SignIn,
        number if throttled.contains(&number) => Cause::Throttled,
        _ => Cause::Refused,
    };
    Err(Undelivered::new(cause, format!("{number} {}", answer[words].as_str().unwrap_or_default())))
}

pub(crate) fn wecom(secrets: &Secrets, outbound: &Outbound, message: &Message) -> Result<(), Undelivered> {
    let body = json!({
        "msgtype": "text",
        "text": {"content": whole(message), "mentioned_mobile_list": mobiles(message)},
    });
    let answer = outbound.post(secrets.get("webhook"), WECOM, &json_header(), body.to_string().as_bytes())?;
    judge(&answer, "errcode", "errmsg", (&[93_000, 93_008, 40_001], &[45_009, 45_033]))
}

pub(crate) fn dingtalk(secrets: &Secrets, outbound: &Outbound, message: &Message) -> Result<(), Undelivered> {
    let secret = secrets.get("secret");
    let mut url = secrets.get("webhook").to_owned();
    if !secret.is_empty() {
        let signature = sign::dingtalk(secret, message.at);
        url = with_query(&url, &[("timestamp", message.at.to_string()), ("sign", signature)]);
    }
    let mobiles = mobiles(message);
    // Only a number that stands in the text is marked.
    let marks: String = mobiles.iter().map(|mobile| format!(" @{mobile}")).collect();
    let body = json!({
        "msgtype": "text",
        "text": {"content": format!("{}{marks}", whole(message))},
        "at": {"atMobiles": mobiles, "isAtAll": false},
    });
    let answer = outbound.post(&url, DINGTALK, &json_header(), body.to_string().as_bytes())?;
    judge(&answer, "errcode", "errmsg", (&[310_000, 300_001, 300_005, 40_014], &[130_101, 130_102, 410_100]))
}

pub(crate) fn feishu(secrets: &Secrets, outbound: &Outbound, message: &Message) -> Result<(), Undelivered> {
    let secret = secrets.get("secret");
    let mut body = json!({"msg_type": "text", "content": {"text": whole(message)}});
    if !secret.is_empty() {
        let timestamp = message.at / 1_000;
        body["timestamp"] = timestamp.to_string().into();
        body["sign"] = sign::feishu(secret, timestamp).into();
    }
    let answer =
        outbound.post(secrets.get("webhook"), FEISHU, &json_header(), body.to_string().as_bytes())?;
    judge(&answer, "code", "msg", (&[19_001, 19_021, 19_022, 19_024], &[9_499, 11_232]))
}
