//! Browser push: a message to a person's own browsers, which shows it without the page being open.
//!
//! The browser's maker runs the service that keeps the message until the browser takes it (RFC 8030). It can't read it: each message is
//! encrypted for one browser (RFC 8291, RFC 8188), and says by a signature which server it is from (VAPID, RFC 8292). The primitives are
//! those of `ring`, which the TLS of this program uses as well.

use crate::outbound::web_address;
use crate::{Cause, Message, Outbound, Receipt, Secrets, Undelivered, Wrong};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use ring::{aead, agreement, hkdf};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// The services of the browsers' makers: Chrome and what is built on it, Firefox, Safari, Edge. A leading dot stands for any host below.
pub const SERVICES: &[&str] =
    &["fcm.googleapis.com", "updates.push.services.mozilla.com", ".push.apple.com", ".notify.windows.com"];

/// The secret that is made and never typed: a key pair as PKCS #8, in base64url.
pub(crate) const KEY: &str = "key_pair";

/// How long a service keeps a message for a browser that is closed, in seconds: a reminder of yesterday is in the page.
const KEPT: u32 = 24 * 60 * 60;
/// RFC 8292 §2 allows a day.
const SIGNATURE_LASTS: i64 = 12 * 60 * 60;
/// RFC 8291 §4: a service need not take more than 4,096 bytes, of which 86 are the header, 16 the tag and one the padding.
const LONGEST: usize = 3_900;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Push {
    /// Where the services turn to when something is wrong with what we send: an e-mail address.
    pub contact: String,
}

/// A browser that takes messages.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    #[serde(skip)]
    pub id: i64,
    /// Where its messages are posted to; whoever knows it may try.
    pub endpoint: String,
    /// `p256dh`, a point of P-256 in base64url.
    pub public_key: String,
    /// 16 bytes in base64url.
    pub auth: String,
}

impl std::fmt::Debug for Device {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Device({})", self.id)
    }
}

impl Device {
    /// What is wrong with it, at which member.
    pub fn faults(&self, outbound: &Outbound) -> Vec<Wrong> {
        let mut faults = Vec::new();
        let known =
            web_address(&self.endpoint).is_some_and(|address| outbound.allows_web(&address, SERVICES));
        if !known {
            faults.push(Wrong::new(
                "endpoint",
                "forbidden",
                "不是已知的浏览器推送服务；其他地址须由运维在服务器配置 outbound_hosts 中允许",
                "This is no push service of a known browser; other hosts are allowed in the server's setting outbound_hosts",
            ));
        }
        let point = BASE64URL.decode(&self.public_key).ok();
        if !point.is_some_and(|point| point.len() == 65 && point[0] == 4) {
            let (zh, en) = ("应为 P-256 公钥", "Must be a public key of P-256");
            faults.push(Wrong::new("p256dh", "format", zh, en));
        }
        if BASE64URL.decode(&self.auth).ok().is_none_or(|auth| auth.len() != 16) {
            let (zh, en) = ("应为 16 字节的密钥", "Must be a key of 16 bytes");
            faults.push(Wrong::new("auth", "format", zh, en));
        }
        faults
    }

    /// A message that only this browser can read: RFC 8291 §3.4 in one record of RFC 8188.
    fn encrypted(&self, plain: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        let theirs = BASE64URL.decode(&self.public_key).ok()?;
        let auth = BASE64URL.decode(&self.auth).ok()?;
        let mut salt = [0; 16];
        random.fill(&mut salt).ok()?;
        let private = agreement::EphemeralPrivateKey::generate(&agreement::ECDH_P256, &random).ok()?;
        let ours = private.compute_public_key().ok()?;
        let peer = agreement::UnparsedPublicKey::new(&agreement::ECDH_P256, &theirs);
        let keys = agreement::agree_ephemeral(private, &peer, |shared| {
            content_keys(shared, &auth, &salt, &theirs, ours.as_ref())
        });
        let (key, nonce) = keys.ok()??;
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_128_GCM, &key).ok()?);
        // The last record ends with 2 (RFC 8188 §2).
        let mut record = [plain, &[2]].concat();
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce, aead::Aad::empty(), &mut record).ok()?;
        let length = u8::try_from(ours.as_ref().len()).ok()?;
        Some([&salt[..], &4_096_u32.to_be_bytes(), &[length], ours.as_ref(), &record].concat())
    }
}

/// The key and the nonce of a message's only record (RFC 8291 §3.4, RFC 8188 §2.2 and §2.3).
pub(crate) fn content_keys(
    shared: &[u8],
    auth: &[u8],
    salt: &[u8],
    browser: &[u8],
    server: &[u8],
) -> Option<([u8; 16], [u8; 12])> {
    let mut key_material = [0; 32];
    expand(auth, shared, &[b"WebPush: info\0", browser, server], &mut key_material)?;
    let (mut key, mut nonce) = ([0; 16], [0; 12]);
    expand(salt, &key_material, &[b"Content-Encoding: aes128gcm\0"], &mut key)?;
    expand(salt, &key_material, &[b"Content-Encoding: nonce\0"], &mut nonce)?;
    Some((key, nonce))
}

/// HKDF with SHA-256 (RFC 5869).
fn expand(salt: &[u8], secret: &[u8], info: &[&[u8]], out: &mut [u8]) -> Option<()> {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let length = Length(out.len());
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt).extract(secret).expand(info, length).ok()?.fill(out).ok()
}

/// A key pair for a new channel; none when the system has no randomness.
pub(crate) fn new_key() -> Option<String> {
    let pair = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).ok()?;
    Some(BASE64URL.encode(pair.as_ref()))
}

fn key_pair(secrets: &Secrets) -> Option<EcdsaKeyPair> {
    let bytes = BASE64URL.decode(secrets.get(KEY)).ok()?;
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes, &SystemRandom::new()).ok()
}

/// What a browser is told of the server when somebody allows it to push (`applicationServerKey`), in base64url.
pub fn public_key(secrets: &Secrets) -> Option<String> {
    key_pair(secrets).map(|pair| BASE64URL.encode(pair.public_key().as_ref()))
}

impl Push {
    pub(crate) fn faults(&self) -> Vec<Wrong> {
        if self.contact.parse::<lettre::Address>().is_ok() {
            return Vec::new();
        }
        vec![Wrong::new("contact", "format", "应为邮箱地址", "Must be an e-mail address")]
    }

    /// The signature that says to a service who sends (RFC 8292 §2 and §3).
    fn authorization(&self, pair: &EcdsaKeyPair, endpoint: &str, at: i64) -> Option<String> {
        let address = web_address(endpoint)?;
        let scheme = if address.secure { "https" } else { "http" };
        let claims = json!({
            "aud": format!("{scheme}://{}", address.host),
            "exp": at / 1_000 + SIGNATURE_LASTS,
            "sub": format!("mailto:{}", self.contact),
        });
        let head = BASE64URL.encode(json!({"typ": "JWT", "alg": "ES256"}).to_string());
        let signed = format!("{head}.{}", BASE64URL.encode(claims.to_string()));
        let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).ok()?;
        let key = BASE64URL.encode(pair.public_key().as_ref());
        Some(format!("vapid t={signed}.{}, k={key}", BASE64URL.encode(signature.as_ref())))
    }

    /// Posts the message to every browser of its reader. It has arrived where one of them took it.
    ///
    /// # Errors
    /// When none took it and one may yet.
    pub(crate) fn send(
        &self,
        secrets: &Secrets,
        outbound: &Outbound,
        message: &Message,
    ) -> Result<Receipt, Undelivered> {
        let pair = key_pair(secrets).ok_or_else(|| Undelivered::new(Cause::SignIn, "key"))?;
        let plain = plain(message);
        // A later attempt takes the place of an earlier one that still waits (RFC 8030 §5.4).
        let topic = &BASE64URL.encode(Sha256::digest(&message.key))[..32];
        let mut receipt = Receipt::default();
        let mut failed = None;
        for device in &message.to.devices {
            let (Some(body), Some(authorization)) =
                (device.encrypted(&plain), self.authorization(&pair, &device.endpoint, message.at))
            else {
                receipt.gone.push(device.id);
                continue;
            };
            let headers = [
                ("authorization", authorization),
                ("content-encoding", "aes128gcm".to_owned()),
                ("content-type", "application/octet-stream".to_owned()),
                ("ttl", KEPT.to_string()),
                ("urgency", "high".to_owned()),
                ("topic", topic.to_owned()),
            ];
            match judge(outbound.send(&device.endpoint, SERVICES, &headers, &body)) {
                Ok(()) => receipt.reached += 1,
                Err(undelivered) if undelivered.cause == Cause::Recipient => receipt.gone.push(device.id),
                Err(undelivered) => failed = Some(undelivered),
            }
        }
        match failed {
            Some(undelivered) if receipt.reached == 0 => Err(undelivered),
            _ => Ok(receipt),
        }
    }
}

/// What a service answers (RFC 8030 §5, §7.3, §8.4).
fn judge(answer: Result<(u16, String), Undelivered>) -> Result<(), Undelivered> {
    let status = match answer {
        Ok((200..=299, _)) => return Ok(()),
        Ok((status, _)) => status,
        // One maker's service that is out of reach keeps nobody from another's.
        Err(error) if matches!(error.cause, Cause::Unreachable | Cause::TimedOut | Cause::Tls) => {
            return Err(Undelivered::new(Cause::Busy, error.cause.name()));
        }
        Err(error) => return Err(error),
    };
    let cause = match status {
        404 | 410 => Cause::Recipient,
        401 | 403 => Cause::SignIn,
        429 => Cause::Throttled,
        500.. => Cause::Busy,
        400 | 413 => Cause::Refused,
        _ => Cause::Answer,
    };
    Err(Undelivered::new(cause, status.to_string()))
}

/// What the page's worker (`web/public/sw.js`) is told, within what a service takes.
fn plain(message: &Message) -> Vec<u8> {
    let mut text = message.text.clone();
    loop {
        let told = json!({"title": message.subject, "body": text, "tag": message.key, "url": message.link});
        let bytes = told.to_string().into_bytes();
        if bytes.len() <= LONGEST || text.is_empty() {
            return bytes;
        }
        let kept = text.chars().count() * 3 / 4;
        text = text.chars().take(kept).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Browser, WebSink};
    use crate::{Channel, Recipient};

    fn channel() -> (Channel, Secrets) {
        let channel = Channel::Push(Push { contact: "crm@example.com".into() });
        let mut secrets = Secrets::default();
        channel.complete(&mut secrets);
        (channel, secrets)
    }

    fn message(devices: Vec<Device>) -> Message {
        Message {
            key: "huike-1".into(),
            at: 1_700_000_000_000,
            to: Recipient { devices, ..Recipient::default() },
            subject: "提醒：回访王总".into(),
            text: "今天 14:30".into(),
            link: "/o/customer/1".into(),
            ..Message::default()
        }
    }

    #[test]
    fn only_the_browser_reads_it_and_the_service_knows_who_sent_it() {
        let sink = WebSink::open(|_| (201, String::new()));
        let browser = Browser::open();
        let device = browser.device(7, &format!("http://{}/push/abc", sink.address));
        let (channel, secrets) = channel();
        let receipt = channel.send(&secrets, &sink.allowed(), &message(vec![device])).unwrap();
        assert_eq!((receipt.reached, receipt.gone), (1, vec![]));
        let asked = sink.asked().remove(0);
        assert_eq!((asked.method.as_str(), asked.path.as_str()), ("POST", "/push/abc"));
        assert_eq!(asked.headers["content-encoding"], "aes128gcm");
        assert_eq!(asked.headers["topic"].len(), 32);
        assert!(!String::from_utf8_lossy(&asked.bytes).contains("王总"));
        let told: serde_json::Value = serde_json::from_slice(&browser.read(&asked.bytes)).unwrap();
        assert_eq!(told["title"], "提醒：回访王总");
        assert_eq!((&told["tag"], &told["url"]), (&json!("huike-1"), &json!("/o/customer/1")));
        let (token, key) = asked.headers["authorization"]
            .strip_prefix("vapid t=")
            .and_then(|rest| rest.split_once(", k="))
            .unwrap();
        assert_eq!(Some(key.to_owned()), public_key(&secrets));
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let key = ring::signature::UnparsedPublicKey::new(
            &ring::signature::ECDSA_P256_SHA256_FIXED,
            BASE64URL.decode(key).unwrap(),
        );
        key.verify(signed.as_bytes(), &BASE64URL.decode(signature).unwrap()).unwrap();
        let claims = BASE64URL.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["aud"], format!("http://{}", sink.address));
        assert_eq!(claims["sub"], "mailto:crm@example.com");
    }

    #[test]
    fn a_browser_that_is_gone_is_told_and_the_others_are_reached() {
        let sink = WebSink::open(|asked| match asked.path.as_str() {
            "/gone" => (410, String::new()),
            "/busy" => (503, String::new()),
            _ => (201, String::new()),
        });
        let device =
            |id: i64, path: &str| Browser::open().device(id, &format!("http://{}{path}", sink.address));
        let (channel, secrets) = channel();
        let send = |devices: Vec<Device>| channel.send(&secrets, &sink.allowed(), &message(devices));
        let receipt = send(vec![device(1, "/gone"), device(2, "/busy"), device(3, "/here")]).unwrap();
        assert_eq!((receipt.reached, receipt.gone), (1, vec![1]));
        assert_eq!(send(vec![device(1, "/gone")]).unwrap().reached, 0);
        assert_eq!(send(vec![device(2, "/busy")]).unwrap_err().cause, Cause::Busy);
    }

    #[test]
    fn a_long_text_is_cut_to_what_a_service_takes() {
        let mut long = message(Vec::new());
        long.text = "长".repeat(5_000);
        let bytes = plain(&long);
        assert!(bytes.len() <= LONGEST && serde_json::from_slice::<serde_json::Value>(&bytes).is_ok());
    }

    #[test]
    fn a_device_of_an_unknown_service_or_with_broken_keys_is_refused() {
        let none = Outbound::default();
        let good = Browser::open().device(1, "https://fcm.googleapis.com/fcm/send/x");
        assert_eq!(good.faults(&none), []);
        let edge =
            Device { endpoint: "https://wns2-by3p.notify.windows.com/w/?token=x".into(), ..good.clone() };
        assert_eq!(edge.faults(&none), []);
        let bad =
            Device { endpoint: "https://127.0.0.1/".into(), public_key: "x".into(), auth: "y".into(), id: 1 };
        let fields: Vec<&str> = bad.faults(&none).iter().map(|wrong| wrong.field).collect();
        assert_eq!(fields, ["endpoint", "p256dh", "auth"]);
        let near = Device { endpoint: "https://evilnotify.windows.com/".into(), ..good };
        assert_eq!(near.faults(&none).len(), 1);
    }
}
