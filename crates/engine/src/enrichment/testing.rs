//! A provider of company data on this machine, for tests.

use parking_lot::Mutex;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// A question as it arrived: the path with its query, and the header with the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub path: String,
    pub secret: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub body: String,
    pub after: Duration,
}

impl Reply {
    pub fn json(body: serde_json::Value) -> Reply {
        Reply { status: 200, body: body.to_string(), after: Duration::ZERO }
    }

    pub fn status(status: u16) -> Reply {
        Reply { status, body: String::new(), after: Duration::ZERO }
    }
}

type Answering = dyn Fn(&Asked) -> Reply + Send + Sync;

pub struct Service {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Service {
    pub fn open(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let service = Service { address: listener.local_addr().unwrap(), asked: Arc::default() };
        let (asked, reply): (_, Arc<Answering>) = (service.asked.clone(), Arc::new(reply));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (asked, reply) = (asked.clone(), reply.clone());
                std::thread::spawn(move || answer(&stream, &asked, &*reply));
            }
        });
        service
    }

    pub fn url(&self, rest: &str) -> String {
        format!("http://{}{rest}", self.address)
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().clone()
    }
}

fn answer(stream: &TcpStream, kept: &Mutex<Vec<Asked>>, reply: &Answering) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?).lines();
    let first = lines.next()?.ok()?;
    let mut asked = Asked { path: first.split(' ').nth(1)?.to_owned(), secret: None };
    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("x-key")
        {
            asked.secret = Some(value.trim().to_owned());
        }
    }
    kept.lock().push(asked.clone());
    let reply = reply(&asked);
    // Nobody sends: this waits.
    let (_silent, never) = std::sync::mpsc::channel::<()>();
    let _ = never.recv_timeout(reply.after);
    let (status, body) = (reply.status, reply.body);
    let more = if status == 302 { "location: http://127.0.0.1:1/\r\n" } else { "" };
    let head =
        format!("HTTP/1.1 {status} x\r\n{more}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let mut stream = stream.try_clone().ok()?;
    stream.write_all(format!("{head}{body}").as_bytes()).ok()
}
