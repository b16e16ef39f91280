//! The server as its own process: how soon it answers, how much memory it takes, and what HTTP adds.

use super::{amount, memory, start};
use crate::cli::{Complaint, open};
use crate::config::Config;
use huike_engine::Stopwatch;
use huike_engine::bench::{Figure, cpu_of, timed};
use serde_json::{Value as Json, json};
use std::fs;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::AsyncBufReadExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

const PATIENCE: Duration = Duration::from_secs(120);
const CLIENTS: usize = 32;
/// A server is idle when it takes no more than a hundredth of a core for half a minute. One whose company was just made looks through
/// everything first (promises, stages, duplicates), which is waited for.
const REST: Duration = Duration::from_secs(30);
const RESTING: Duration = Duration::from_millis(300);
const SETTLING: Duration = Duration::from_secs(1_200);
const LOAD: Duration = Duration::from_secs(10);
const ROUNDS: usize = 500;

/// Ends with the measurement, however that ends.
struct Server {
    process: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Start, memory and requests over HTTP. `writes`: whether the load creates customers too.
pub fn measure(config: &Config, key: &str, writes: bool) -> Result<Vec<Figure>, Complaint> {
    let watch = Stopwatch::start();
    let server = serve(config)?;
    open::runtime()?.block_on(async {
        let mut first = loop {
            if watch.elapsed() > PATIENCE {
                return Err(Complaint::Other("the measured server doesn't answer".into()));
            }
            match Client::connect(server.address, key).await {
                Ok(client) => break client,
                Err(_) => tokio::time::sleep(Duration::from_millis(2)).await,
            }
        };
        let mut figures = Vec::new();
        first.get(LIST).await?;
        figures.push(start(watch.elapsed()));
        let pid = server.process.id();
        let spent = settled(pid).await;
        figures.push(memory("内存 memory, idle", status(pid, "VmRSS")?, 60));
        figures.push(amount(
            "空闲 processor, idle",
            format!("{:.2} % of a core", 100.0 * spent.as_secs_f64() / REST.as_secs_f64()),
        ));
        // The server has closed a connection that rested so long.
        let mut client = Client::connect(server.address, key).await?;
        // The most it held before is not what the clients cost (proc(5), clear_refs); where that can't be cleared it counts too.
        let _ = fs::write(format!("/proc/{pid}/clear_refs"), "5");
        figures.push(one_client(&mut client, pid).await?);
        figures.push(load(&server, key, writes).await?);
        figures.push(memory(
            &format!("内存 memory, most while {CLIENTS} clients ask"),
            status(pid, "VmHWM")?,
            300,
        ));
        Ok(figures)
    })
}

/// Waits until the server rests; what it still takes for [`REST`].
async fn settled(pid: u32) -> Duration {
    let watch = Stopwatch::start();
    loop {
        let before = cpu(pid);
        tokio::time::sleep(REST).await;
        let spent = cpu(pid).saturating_sub(before);
        if spent <= RESTING || watch.elapsed() > SETTLING {
            return spent;
        }
    }
}

fn serve(config: &Config) -> Result<Server, Complaint> {
    // Taken and given back: the server then takes it.
    let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["serve", "--demo", "--listen", &address.to_string(), "--data"]).arg(&config.data);
    if let Some(url) = &config.database_url {
        command.env("HUIKE_DATABASE_URL", url);
    }
    command.env("HUIKE_REQUESTS_PER_MINUTE", "1000000").env("HUIKE_LOG_LEVEL", "warn").stdout(Stdio::null());
    Ok(Server { process: command.spawn()?, address })
}

/// A line of /proc/PID/status (proc(5)), in bytes.
fn status(pid: u32, name: &str) -> Result<u64, Complaint> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    let kibibytes =
        line.and_then(|line| line.split_whitespace().next()).and_then(|number| number.parse::<u64>().ok());
    kibibytes.map(|number| number * 1_024).ok_or_else(|| Complaint::Other(format!("/proc tells no {name}")))
}

/// The processor time a process has taken; nothing where /proc doesn't tell.
fn cpu(pid: u32) -> Duration {
    cpu_of(&pid.to_string()).unwrap_or_default()
}

const LIST: &str = "/api/v1/records/customer?filter=%7B%22field%22%3A%22owner%22%2C%22op%22%3A%22eq%22%2C%22value%22%3A%22me%22%7D\
    &sort=-updated_at&fields=name,stage,tier,industry,owner,last_contact_at,next_step_at&expand=owner&limit=50";

async fn one_client(client: &mut Client, pid: u32) -> Result<Figure, Complaint> {
    let mut times = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS / 10 {
        client.get(LIST).await?;
    }
    let before = cpu(pid);
    for _ in 0..ROUNDS {
        let watch = Stopwatch::start();
        client.get(LIST).await?;
        times.push(watch.elapsed());
    }
    Ok(timed("列表页 list page of one's own over HTTP, 1 client", times, cpu(pid).saturating_sub(before)))
}

async fn load(server: &Server, key: &str, writes: bool) -> Result<Figure, Complaint> {
    let pid = server.process.id();
    let before = cpu(pid);
    let whole = Stopwatch::start();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(client(server.address, key.to_owned(), number, writes, whole)))
        .collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.map_err(|error| Complaint::Other(error.to_string()))??);
    }
    let cpu = cpu(pid).saturating_sub(before);
    let rate = times.len() as f64 / whole.elapsed().as_secs_f64();
    let mut figure = timed(
        &format!("混合 mixed requests over HTTP, {CLIENTS} clients: list, open, search, one in ten creates"),
        times,
        cpu,
    );
    figure.per_second = Some(rate);
    Ok(figure)
}

/// Lists, opens what is listed, searches; one request in ten makes a customer.
async fn client(
    address: SocketAddr,
    key: String,
    number: usize,
    writes: bool,
    whole: Stopwatch,
) -> Result<Vec<Duration>, Complaint> {
    let mut client = Client::connect(address, &key).await?;
    let listed: Json = serde_json::from_slice(&client.get(LIST).await?).unwrap_or_default();
    let ids: Vec<String> = listed["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item["id"].as_str().map(str::to_owned))
        .collect();
    let mut times = Vec::new();
    for round in number.. {
        if whole.elapsed() > LOAD {
            break;
        }
        let id = ids.get(round % ids.len().max(1)).map_or("", String::as_str);
        let watch = Stopwatch::start();
        match round % 10 {
            0 | 5 => client.get(&format!("/api/v1/records/customer/{id}/overview")).await?,
            1 | 6 => client.get("/api/v1/search?q=%E7%A7%91%E6%8A%80").await?,
            2 => client.get("/api/v1/search?q=hzjx").await?,
            9 if writes => {
                let name = format!("测试{number}号{}{round}有限公司", whole.elapsed().as_micros());
                client.post("/api/v1/records/customer", &json!({"name": name, "source": "phone_in"})).await?
            }
            _ => client.get(LIST).await?,
        };
        times.push(watch.elapsed());
    }
    Ok(times)
}

/// One connection, kept open.
struct Client {
    stream: BufReader<TcpStream>,
    key: String,
}

impl Client {
    async fn connect(address: SocketAddr, key: &str) -> Result<Client, Complaint> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Client { stream: BufReader::new(stream), key: key.to_owned() })
    }

    async fn get(&mut self, path: &str) -> Result<Vec<u8>, Complaint> {
        self.request("GET", path, b"").await
    }

    async fn post(&mut self, path: &str, body: &Json) -> Result<Vec<u8>, Complaint> {
        self.request("POST", path, body.to_string().as_bytes()).await
    }

    async fn request(&mut self, verb: &str, path: &str, body: &[u8]) -> Result<Vec<u8>, Complaint> {
        let head = format!(
            "{verb} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.key,
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), body].concat()).await?;
        self.stream.flush().await?;
        let (mut status, mut length) = (String::new(), 0);
        self.stream.read_line(&mut status).await?;
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await?;
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer).await?;
        if !status.contains(" 200 ") && !status.contains(" 201 ") {
            return Err(Complaint::Other(format!(
                "{verb} {path}: {} {}",
                status.trim(),
                String::from_utf8_lossy(&answer)
            )));
        }
        Ok(answer)
    }
}
