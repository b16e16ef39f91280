//! Each channel against a server on this machine that checks what the real one checks.

#![allow(clippy::unwrap_used)] // tools of tests

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use huike_courier::testing::{Asked, MailSink, WebSink};
use huike_courier::{Cause, Channel, Message, Recipient, Secrets};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

const AT: i64 = 1_700_000_000_123;

fn channel(settings: Json) -> Channel {
    serde_json::from_value(settings).unwrap()
}

fn secrets(pairs: &[(&str, &str)]) -> Secrets {
    Secrets(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

fn message() -> Message {
    Message {
        key: "hk-0001".into(),
        at: AT,
        to: Recipient {
            name: "王小明".into(),
            email: Some("wang@example.com".into()),
            mobile: Some("+8613000000001".into()),
            devices: Vec::new(),
        },
        subject: "今天有 3 件事".into(),
        text: "逾期 1 件，今天 2 件".into(),
        words: [("name".to_owned(), "王小明".to_owned()), ("count".to_owned(), "3".to_owned())].into(),
        link: String::new(),
        greeting: false,
    }
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn query(asked: &Asked, name: &str) -> String {
    let query = asked.path.split_once('?').unwrap().1;
    let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}="))).unwrap_or_default();
    let mut bytes = Vec::new();
    let mut rest = found.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits: String =
                [rest.next().unwrap(), rest.next().unwrap()].map(char::from).iter().collect();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}

fn mail(sink: &MailSink) -> Channel {
    channel(json!({"kind": "email", "host": "127.0.0.1", "port": sink.address.port(), "security": "none",
        "username": "crm", "from": "crm@example.com", "from_name": "示例公司"}))
}

#[test]
fn a_mail_arrives_with_its_key_and_date_and_says_that_a_machine_wrote_it() {
    let sink = MailSink::open();
    let channel = mail(&sink);
    let known = secrets(&[("password", "s3cret")]);
    assert_eq!(channel.faults(&known, &sink.allowed()), []);
    channel.send(&known, &sink.allowed(), &message()).unwrap();
    let mail = &sink.mails()[0];
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("crm@example.com", &["wang@example.com".to_owned()][..])
    );
    assert_eq!(mail.login.as_deref(), Some("crm:s3cret"));
    assert_eq!(mail.header("Message-ID").as_deref(), Some("<hk-0001@example.com>"));
    assert_eq!(mail.header("Date").as_deref(), Some("Tue, 14 Nov 2023 22:13:20 +0000"));
    assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    // Twice the same key: whoever reads can tell that it is one mail.
    channel.send(&known, &sink.allowed(), &message()).unwrap();
    assert_eq!(sink.mails()[1].header("Message-ID"), mail.header("Message-ID"));
}

#[test]
fn what_a_mail_server_says_decides_whether_trying_again_helps() {
    let sink = MailSink::open();
    let (channel, known, allowed) = (mail(&sink), secrets(&[]), sink.allowed());
    for (words, cause, last) in [
        ("550 no such user", Cause::Recipient, true),
        ("554 spam", Cause::Refused, true),
        ("450 greylisted", Cause::Busy, false),
        ("535 who are you", Cause::SignIn, false),
    ] {
        sink.refuse(Some(words));
        let failed = channel.send(&known, &allowed, &message()).unwrap_err();
        assert_eq!((failed.cause, failed.cause.is_final()), (cause, last), "{failed}");
    }
    sink.set_down(true);
    let failed = channel.send(&known, &allowed, &message()).unwrap_err();
    assert!(!failed.cause.is_final(), "{failed}");
    let mut nobody = message();
    nobody.to.email = None;
    assert_eq!(channel.send(&known, &allowed, &nobody).unwrap_err().cause, Cause::NoAddress);
    // Without having been named, this machine is nobody to talk to.
    let failed = channel.send(&known, &huike_courier::Outbound::default(), &message()).unwrap_err();
    assert_eq!(failed.cause, Cause::Forbidden);
}

#[test]
fn no_text_of_a_fault_holds_a_secret() {
    let sink = WebSink::open(|_| (200, json!({"errcode": 310_000, "errmsg": "sign not match"}).to_string()));
    let webhook = format!("http://{}/robot/send?access_token=t0ken", sink.address);
    let known = secrets(&[("webhook", &webhook), ("secret", "SECabc")]);
    let channel = channel(json!({"kind": "dingtalk"}));
    for outbound in [sink.allowed(), huike_courier::Outbound::default()] {
        let failed = channel.send(&known, &outbound, &message()).unwrap_err();
        let told = format!("{failed} {failed:?} {known:?} {:?}", channel.faults(&known, &outbound));
        assert!(!told.contains("t0ken") && !told.contains("SECabc"), "{told}");
    }
}

#[test]
fn dingtalk_is_signed_with_the_time_and_marks_the_person() {
    let sink = WebSink::open(|asked| {
        let stamp = query(asked, "timestamp");
        let wanted = STANDARD.encode(mac(b"SECabc", format!("{stamp}\nSECabc").as_bytes()));
        let right = query(asked, "sign") == wanted && query(asked, "access_token") == "t0ken";
        let code = if right { 0 } else { 310_000 };
        (200, json!({"errcode": code, "errmsg": "x"}).to_string())
    });
    let webhook = format!("http://{}/robot/send?access_token=t0ken", sink.address);
    let dingtalk = channel(json!({"kind": "dingtalk"}));
    let known = secrets(&[("webhook", &webhook), ("secret", "SECabc")]);
    assert_eq!(dingtalk.faults(&known, &sink.allowed()), []);
    dingtalk.send(&known, &sink.allowed(), &message()).unwrap();
    let body: Json = serde_json::from_str(&sink.asked()[0].body).unwrap();
    assert_eq!(body["at"]["atMobiles"], json!(["13000000001"]));
    assert!(body["text"]["content"].as_str().unwrap().contains("@13000000001"));
    let wrong = secrets(&[("webhook", &webhook), ("secret", "SECother")]);
    assert_eq!(dingtalk.send(&wrong, &sink.allowed(), &message()).unwrap_err().cause, Cause::SignIn);
}

#[test]
fn feishu_and_wecom_take_what_is_theirs() {
    let sink = WebSink::open(|asked| {
        let body: Json = serde_json::from_str(&asked.body).unwrap();
        if asked.path.starts_with("/cgi-bin/webhook/send?key=k") {
            let told =
                body["msgtype"] == "text" && body["text"]["mentioned_mobile_list"] == json!(["13000000001"]);
            return (200, json!({"errcode": if told { 0 } else { 40_008 }, "errmsg": "ok"}).to_string());
        }
        let key = format!("{}\nS", body["timestamp"].as_str().unwrap());
        let right =
            body["sign"] == STANDARD.encode(mac(key.as_bytes(), b"")) && body["timestamp"] == "1700000000";
        (200, json!({"code": if right { 0 } else { 19_021 }, "msg": "sign match fail"}).to_string())
    });
    let feishu = format!("http://{}/open-apis/bot/v2/hook/h", sink.address);
    let known = secrets(&[("webhook", &feishu), ("secret", "S")]);
    channel(json!({"kind": "feishu"})).send(&known, &sink.allowed(), &message()).unwrap();
    let wrong = secrets(&[("webhook", &feishu), ("secret", "T")]);
    let failed = channel(json!({"kind": "feishu"})).send(&wrong, &sink.allowed(), &message()).unwrap_err();
    assert_eq!(failed.cause, Cause::SignIn);
    let wecom = secrets(&[("webhook", &format!("http://{}/cgi-bin/webhook/send?key=k", sink.address))]);
    channel(json!({"kind": "wecom"})).send(&wecom, &sink.allowed(), &message()).unwrap();
}

#[test]
fn a_short_message_through_aliyun_carries_the_signature_of_version_3() {
    let sink = WebSink::open(|asked| {
        let head = |name: &str| asked.headers[name].clone();
        let query = asked.path.strip_prefix("/?").unwrap();
        let names = "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version";
        let lines: String = names.split(';').map(|name| format!("{name}:{}\n", head(name))).collect();
        let request =
            format!("POST\n/\n{query}\n{lines}\n{names}\n{}", hex(&Sha256::digest(asked.body.as_bytes())));
        let text = format!("ACS3-HMAC-SHA256\n{}", hex(&Sha256::digest(request.as_bytes())));
        let right = head("authorization")
            .ends_with(&format!("Signature={}", hex(&mac(b"topsecret", text.as_bytes()))));
        (
            if right { 200 } else { 400 },
            json!({"Code": if right { "OK" } else { "SignatureDoesNotMatch" }}).to_string(),
        )
    });
    let sms = channel(json!({"kind": "aliyun_sms", "access_key_id": "LTAI", "sign_name": "示例公司",
        "template": "SMS_1", "parameters": ["name", "count"], "greeting_template": "SMS_2", "greeting_parameters": ["name"], "endpoint": format!("http://{}", sink.address)}));
    let known = secrets(&[("access_key_secret", "topsecret")]);
    assert_eq!(sms.faults(&known, &sink.allowed()), []);
    sms.send(&known, &sink.allowed(), &message()).unwrap();
    let asked = &sink.asked()[0];
    assert_eq!(query(asked, "TemplateParam"), json!({"name": "王小明", "count": "3"}).to_string());
    assert_eq!(
        (query(asked, "PhoneNumbers"), query(asked, "OutId")),
        ("13000000001".into(), "hk-0001".into())
    );
    sms.send(&known, &sink.allowed(), &Message { greeting: true, ..message() }).unwrap();
    let asked = &sink.asked()[1];
    assert_eq!(
        (query(asked, "TemplateCode"), query(asked, "TemplateParam")),
        ("SMS_2".into(), json!({"name": "王小明"}).to_string())
    );
    let wrong = secrets(&[("access_key_secret", "other")]);
    assert_eq!(sms.send(&wrong, &sink.allowed(), &message()).unwrap_err().cause, Cause::SignIn);
}

#[test]
fn a_short_message_through_tencent_carries_its_signature() {
    let sink = WebSink::open(|asked| {
        let head = |name: &str| asked.headers[name].clone();
        let names = "content-type;host;x-tc-action";
        let lines: String =
            names.split(';').map(|name| format!("{name}:{}\n", head(name).to_lowercase())).collect();
        let request = format!("POST\n/\n\n{lines}\n{names}\n{}", hex(&Sha256::digest(asked.body.as_bytes())));
        let scope = "2023-11-14/sms/tc3_request";
        let text = format!(
            "TC3-HMAC-SHA256\n{}\n{scope}\n{}",
            head("x-tc-timestamp"),
            hex(&Sha256::digest(request.as_bytes()))
        );
        let key = mac(&mac(&mac(b"TC3topsecret", b"2023-11-14"), b"sms"), b"tc3_request");
        let right = head("authorization")
            .ends_with(&format!("Signature={}", hex(&mac(&key, text.as_bytes()))))
            && head("authorization").contains(&format!("Credential=AKID/{scope}"));
        let response = if right {
            json!({"SendStatusSet": [{"Code": "Ok", "Message": "send success"}], "RequestId": "1"})
        } else {
            json!({"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "no"}, "RequestId": "1"})
        };
        (200, json!({"Response": response}).to_string())
    });
    let sms = channel(
        json!({"kind": "tencent_sms", "secret_id": "AKID", "app_id": "1400000000", "sign_name": "示例公司",
        "template": "1", "parameters": ["count"], "endpoint": format!("http://{}", sink.address)}),
    );
    let known = secrets(&[("secret_key", "topsecret")]);
    assert_eq!(sms.faults(&known, &sink.allowed()), []);
    sms.send(&known, &sink.allowed(), &message()).unwrap();
    let body: Json = serde_json::from_str(&sink.asked()[0].body).unwrap();
    assert_eq!(
        (&body["PhoneNumberSet"], &body["TemplateParamSet"]),
        (&json!(["+8613000000001"]), &json!(["3"]))
    );
    let wrong = secrets(&[("secret_key", "other")]);
    assert_eq!(sms.send(&wrong, &sink.allowed(), &message()).unwrap_err().cause, Cause::SignIn);
}

#[test]
fn settings_tell_every_fault_at_once() {
    let wrong = channel(
        json!({"kind": "email", "host": "not a host", "port": 22, "security": "none", "username": "u", "from": "nobody"}),
    );
    let found: Vec<&str> =
        wrong.faults(&Secrets::default(), &Default::default()).iter().map(|wrong| wrong.field).collect();
    assert_eq!(found, ["host", "from", "security"]);
    let sms =
        channel(json!({"kind": "aliyun_sms", "parameters": ["years"], "greeting_parameters": ["count"]}));
    assert!(!sms.brings_greetings());
    let found: Vec<&str> =
        sms.faults(&Secrets::default(), &Default::default()).iter().map(|wrong| wrong.field).collect();
    assert_eq!(
        found,
        ["access_key_id", "sign_name", "template", "parameters", "greeting_parameters", "access_key_secret"]
    );
    let robot = channel(json!({"kind": "wecom"}));
    let found: Vec<&str> = robot
        .faults(&secrets(&[("webhook", "https://example.com/x")]), &Default::default())
        .iter()
        .map(|wrong| wrong.field)
        .collect();
    assert_eq!(found, ["webhook"]);
    assert!(serde_json::from_value::<Channel>(json!({"kind": "pigeon"})).is_err());
}
