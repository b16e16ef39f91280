//! Signatures of requests: HMAC-SHA256 in the forms that the providers want.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// HMAC-SHA256 (RFC 2104).
pub fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    // A key of any length is allowed.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

pub fn sha256_hex(text: &[u8]) -> String {
    hex(&Sha256::digest(text))
}

/// DingTalk: `timestamp\nsecret` signed with the secret, in base64.
pub fn dingtalk(secret: &str, timestamp_ms: i64) -> String {
    STANDARD.encode(hmac(secret.as_bytes(), format!("{timestamp_ms}\n{secret}").as_bytes()))
}

/// Feishu: nothing signed with `timestamp\nsecret`, in base64.
pub fn feishu(secret: &str, timestamp: i64) -> String {
    STANDARD.encode(hmac(format!("{timestamp}\n{secret}").as_bytes(), b""))
}

/// A request to Aliyun's API, signed as version 3 says (ACS3-HMAC-SHA256).
pub struct Aliyun<'a> {
    pub host: &'a str,
    pub action: &'a str,
    pub version: &'a str,
    /// `2023-10-26T10:22:32Z`
    pub date: &'a str,
    pub nonce: &'a str,
    /// Sorted by name.
    pub query: &'a [(&'a str, String)],
    pub body: &'a [u8],
}

impl Aliyun<'_> {
    /// The query as it is sent and signed.
    pub fn query_text(&self) -> String {
        let pairs = self.query.iter().map(|(name, value)| format!("{}={}", percent(name), percent(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// The headers besides `host`, `authorization` included.
    pub fn headers(&self, key_id: &str, secret: &str) -> Vec<(&'static str, String)> {
        const NAMES: &str =
            "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
        let payload = sha256_hex(self.body);
        let headers = vec![
            ("x-acs-action", self.action.to_owned()),
            ("x-acs-content-sha256", payload.clone()),
            ("x-acs-date", self.date.to_owned()),
            ("x-acs-signature-nonce", self.nonce.to_owned()),
            ("x-acs-version", self.version.to_owned()),
        ];
        let mut signed = format!("POST\n/\n{}\nhost:{}\n", self.query_text(), self.host);
        for (name, value) in &headers {
            let _ = writeln!(signed, "{name}:{value}");
        }
        let _ = write!(signed, "\n{NAMES}\n{payload}");
        let text = format!("ACS3-HMAC-SHA256\n{}", sha256_hex(signed.as_bytes()));
        let signature = hex(&hmac(secret.as_bytes(), text.as_bytes()));
        let authorization =
            format!("ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={NAMES},Signature={signature}");
        headers.into_iter().chain([("authorization", authorization)]).collect()
    }
}

/// Tencent Cloud's `Authorization` for a POST of JSON (TC3-HMAC-SHA256). `date` is the UTC day of `timestamp` (seconds), as `2019-02-25`.
pub fn tencent(
    (id, key): (&str, &str),
    (host, service, action): (&str, &str, &str),
    (timestamp, date): (i64, &str),
    body: &[u8],
) -> String {
    const NAMES: &str = "content-type;host;x-tc-action";
    let request = format!(
        "POST\n/\n\ncontent-type:application/json; charset=utf-8\nhost:{host}\nx-tc-action:{}\n\n{NAMES}\n{}",
        action.to_lowercase(),
        sha256_hex(body)
    );
    let scope = format!("{date}/{service}/tc3_request");
    let text = format!("TC3-HMAC-SHA256\n{timestamp}\n{scope}\n{}", sha256_hex(request.as_bytes()));
    let day = hmac(format!("TC3{key}").as_bytes(), date.as_bytes());
    let signing = hmac(&hmac(&day, service.as_bytes()), b"tc3_request");
    let signature = hex(&hmac(&signing, text.as_bytes()));
    format!("TC3-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={NAMES}, Signature={signature}")
}

/// RFC 3986 §2.3: everything but unreserved characters as `%XX`.
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliyuns_own_example_is_signed_as_its_documentation_says() {
        let request = Aliyun {
            host: "ecs.cn-shanghai.aliyuncs.com",
            action: "RunInstances",
            version: "2014-05-26",
            date: "2023-10-26T10:22:32Z",
            nonce: "3156853299f313e23d1673dc12e1703d",
            query: &[
                ("ImageId", "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd".into()),
                ("RegionId", "cn-shanghai".into()),
            ],
            body: b"",
        };
        let headers = request.headers("YourAccessKeyId", "YourAccessKeySecret");
        let (_, authorization) = headers.last().unwrap();
        assert!(
            authorization
                .ends_with("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
        );
    }

    #[test]
    fn robots_sign_the_time_with_their_secret() {
        // Made with the sample programs of both platforms' documentation.
        assert_eq!(dingtalk("this is secret", 1_700_000_000_000), DINGTALK);
        assert_eq!(feishu("this is secret", 1_700_000_000), FEISHU);
    }

    #[test]
    fn tencents_signature_is_what_an_independent_program_makes_of_it() {
        let made = tencent(
            ("AKIDexample", "secret-example"),
            ("sms.tencentcloudapi.com", "sms", "SendSms"),
            (1_551_113_065, "2019-02-25"),
            br#"{"Limit": 1}"#,
        );
        assert!(made.ends_with(TENCENT), "{made}");
    }

    #[test]
    fn text_in_a_query_keeps_only_what_is_unreserved() {
        assert_eq!(percent("王 a-_.~*+/"), "%E7%8E%8B%20a-_.~%2A%2B%2F");
    }

    const DINGTALK: &str = "sSFWELbV2YwjdDQhWZwTcWlX5BWUx5J6TPpsZmuPii0=";
    const FEISHU: &str = "OfGzRzoUICBOoc8wVra1e4A1hPfbZ9zqXozA8CWVUuY=";
    const TENCENT: &str = "Signature=933e73c38628d3cc5173ee9ff4f1173a987722d3e3e62ae64a862bbce5466e60";
}
