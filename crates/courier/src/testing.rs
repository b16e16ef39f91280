//! A mail server and a web server on this machine that keep what they are sent, and a browser that takes messages, for tests.

#![allow(clippy::unwrap_used)] // tools of tests

use crate::Outbound;
use crate::push::{Device, content_keys};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
use ring::rand::{SecureRandom as _, SystemRandom};
use ring::{aead, agreement};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

/// A mail as it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    pub from: String,
    pub to: Vec<String>,
    /// Headers and text as they came.
    pub data: String,
    /// Who signed in, as `user:password`.
    pub login: Option<String>,
}

impl Mail {
    /// A header's value, unfolded.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.data.split("\r\n\r\n").next()?.replace("\r\n ", " ");
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }
}

/// A mail server that speaks as much of RFC 5321 as a client needs.
pub struct MailSink {
    pub address: SocketAddr,
    mails: Arc<Mutex<Vec<Mail>>>,
    /// What is answered to `RCPT`, where that isn't yes.
    refusal: Arc<Mutex<Option<String>>>,
    down: Arc<AtomicBool>,
}

impl Default for MailSink {
    fn default() -> MailSink {
        MailSink::open()
    }
}

impl MailSink {
    pub fn open() -> MailSink {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let sink = MailSink { address, mails: Arc::default(), refusal: Arc::default(), down: Arc::default() };
        let (mails, refusal, down) = (sink.mails.clone(), sink.refusal.clone(), sink.down.clone());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                // A server that is away lets nobody finish a sentence.
                if !down.load(SeqCst) {
                    let (mails, refusal) = (mails.clone(), refusal.clone());
                    thread::spawn(move || talk(&stream, &mails, &refusal));
                }
            }
        });
        sink
    }

    /// That it may be talked to.
    pub fn allowed(&self) -> Outbound {
        Outbound { hosts: vec![self.address.to_string()] }
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().clone()
    }

    /// Says no to recipients, as `550 no such user`; yes again without.
    pub fn refuse(&self, with: Option<&str>) {
        *self.refusal.lock() = with.map(str::to_owned);
    }

    pub fn set_down(&self, down: bool) {
        self.down.store(down, SeqCst);
    }
}

fn talk(stream: &TcpStream, mails: &Mutex<Vec<Mail>>, refusal: &Mutex<Option<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut writer = stream.try_clone().ok()?;
    let mut say = |text: &str| writer.write_all(format!("{text}\r\n").as_bytes()).ok();
    say("220 sink.example.com ESMTP")?;
    let mut mail = Mail::default();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return Some(());
        }
        let line = line.trim_end();
        let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
        let path = || line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        match word.as_str() {
            "EHLO" => say("250-sink.example.com\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN LOGIN")?,
            "AUTH" => {
                let text = line.split(' ').nth(2).unwrap_or_default();
                let bytes = base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default();
                let parts: Vec<String> = bytes
                    .split(|byte| *byte == 0)
                    .map(|part| String::from_utf8_lossy(part).into_owned())
                    .collect();
                mail.login = Some(parts.get(1..).unwrap_or_default().join(":"));
                say("235 welcome")?;
            }
            "MAIL" => {
                mail.from = path();
                say("250 ok")?;
            }
            "RCPT" => match refusal.lock().clone() {
                Some(refusal) => say(&refusal)?,
                None => {
                    mail.to.push(path());
                    say("250 ok")?;
                }
            },
            "DATA" => {
                say("354 go on")?;
                loop {
                    let mut line = String::new();
                    if reader.read_line(&mut line).ok()? == 0 {
                        return Some(());
                    }
                    if line == ".\r\n" {
                        break;
                    }
                    mail.data.push_str(line.strip_prefix('.').unwrap_or(&line));
                }
                mails.lock().push(std::mem::take(&mut mail));
                say("250 taken")?;
            }
            "RSET" | "NOOP" => say("250 ok")?,
            "QUIT" => {
                say("221 bye")?;
                return Some(());
            }
            _ => say("500 what?")?,
        }
    }
}

/// A request as it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    /// With the query.
    pub path: String,
    /// Names in small letters.
    pub headers: BTreeMap<String, String>,
    pub body: String,
    pub bytes: Vec<u8>,
}

/// What a web server answers: status and body.
type Reply = dyn Fn(&Asked) -> (u16, String) + Send + Sync;

/// A web server that answers whatever it was told to.
pub struct WebSink {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl WebSink {
    pub fn open(reply: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static) -> WebSink {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (kept, reply): (_, Arc<Reply>) = (asked.clone(), Arc::new(reply));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, reply) = (kept.clone(), reply.clone());
                thread::spawn(move || answer(&stream, &kept, &*reply));
            }
        });
        WebSink { address, asked }
    }

    pub fn allowed(&self) -> Outbound {
        Outbound { hosts: vec![self.address.to_string()] }
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }
}

fn answer(stream: &TcpStream, kept: &Mutex<Vec<Asked>>, reply: &Reply) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut parts = line.split(' ');
    let mut asked =
        Asked { method: parts.next()?.to_owned(), path: parts.next()?.to_owned(), ..Asked::default() };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        asked.headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = asked.headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    asked.body = String::from_utf8_lossy(&body).into_owned();
    asked.bytes = body;
    let (status, text) = reply(&asked);
    kept.lock().push(asked);
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        text.len()
    );
    let mut writer = stream.try_clone().ok()?;
    writer.write_all(head.as_bytes()).ok()?;
    writer.write_all(text.as_bytes()).ok()
}

/// A browser that takes push messages: one, for its key serves once.
pub struct Browser {
    private: Mutex<Option<agreement::EphemeralPrivateKey>>,
    public: Vec<u8>,
    auth: [u8; 16],
}

impl Browser {
    pub fn open() -> Browser {
        let random = SystemRandom::new();
        let private = agreement::EphemeralPrivateKey::generate(&agreement::ECDH_P256, &random).unwrap();
        let public = private.compute_public_key().unwrap().as_ref().to_vec();
        let mut auth = [0; 16];
        random.fill(&mut auth).unwrap();
        Browser { private: Mutex::new(Some(private)), public, auth }
    }

    pub fn device(&self, id: i64, endpoint: &str) -> Device {
        let base64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Device { id, endpoint: endpoint.into(), public_key: base64(&self.public), auth: base64(&self.auth) }
    }

    /// A message as the page's worker gets it (RFC 8291 §3.4).
    pub fn read(&self, message: &[u8]) -> Vec<u8> {
        let (salt, rest) = message.split_at(16);
        let (server, record) = rest[5..].split_at(usize::from(rest[4]));
        let private = self.private.lock().take().unwrap();
        let peer = agreement::UnparsedPublicKey::new(&agreement::ECDH_P256, server);
        let keys = agreement::agree_ephemeral(private, &peer, |shared| {
            content_keys(shared, &self.auth, salt, &self.public, server).unwrap()
        });
        let (key, nonce) = keys.unwrap();
        let key = aead::LessSafeKey::new(aead::UnboundKey::new(&aead::AES_128_GCM, &key).unwrap());
        let mut record = record.to_vec();
        let nonce = aead::Nonce::assume_unique_for_key(nonce);
        let plain = key.open_in_place(nonce, aead::Aad::empty(), &mut record).unwrap();
        plain.strip_suffix(&[2]).unwrap().to_vec()
    }
}
