//! `huike serve`.

use super::{Complaint, Place, open, say};
use crate::config::Config;
use crate::config::master_key::MasterKeySource;
use crate::http::{App, serve as listen};
use clap::Args;
use huike_engine::audit::seal;
use huike_engine::channels::keep_posting;
use huike_engine::obligations::keep_promises;
use huike_engine::records::reads;
use huike_engine::session::sessions;
use huike_engine::{
    Engine, Outbound, cleaning, demo, files, handover, imports, jobs, merging, pool, quality,
};
use huike_model::Fault;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// The same demonstration everywhere.
const DEMO_SEED: u64 = 8_420;

#[derive(Args)]
pub struct Serve {
    /// 监听的地址和端口 Address and port to listen on [127.0.0.1:8420]
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// 演示公司：虚构的客户和示例账号 An invented company with its customers and accounts
    #[arg(long)]
    demo: bool,
    /// TLS 证书 TLS certificate (PEM)
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<String>,
    /// TLS 私钥 TLS key (PEM)
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
}

pub fn run(place: &Place, serve: &Serve) -> Result<(), Complaint> {
    let mut sources = place.sources();
    sources.flags.extend(serve.listen.clone().map(|listen| ("listen", listen)));
    sources.flags.extend(serve.tls_cert.clone().map(|file| ("tls_cert", file)));
    sources.flags.extend(serve.tls_key.clone().map(|file| ("tls_key", file)));
    let config = Config::load(&sources)?;
    open::log(&config);
    let engine = open::engine(&config)?;
    if serve.demo {
        engine.seed_demo(DEMO_SEED, demo::Size::DEMO)?;
    } else if engine.org().company.demo {
        return Err(Complaint::Faults(vec![demo_data(&config)]));
    }
    open::runtime()?.block_on(async {
        let demo = engine.org().company.demo;
        tokio::spawn(jobs::follow(engine.clone()));
        tokio::spawn(imports::tend(engine.clone()));
        tokio::spawn(merging::tend(engine.clone()));
        tokio::spawn(reads::keep_writing(engine.clone()));
        tokio::spawn(keep_promises(engine.clone()));
        tokio::spawn(quality::tend(engine.clone()));
        tokio::spawn(pool::tend(engine.clone()));
        tokio::spawn(handover::tend(engine.clone()));
        tokio::spawn(cleaning::tend(engine.clone()));
        tokio::spawn(keep_sealing(engine.clone()));
        tokio::spawn(keep_sweeping(engine.clone()));
        tokio::spawn(files::sweep::keep_sweeping(engine.clone()));
        tokio::spawn(rotate_when_told(engine.clone(), config.master_key.clone()));
        let configured = config.clone();
        let opened = engine.clone();
        let told = move |bound| {
            let address = configured.address(bound);
            // Messages carry links: they wait until it is known where the pages stand.
            opened.open_outside(Outbound { hosts: configured.outbound_hosts.clone() }, address.clone());
            tokio::spawn(keep_posting(opened.clone()));
            greet(&address, demo);
        };
        let served = listen::serve(App::new(engine.clone(), config), told).await;
        engine.stop_imports();
        engine.write_reads().await?;
        Ok(served?)
    })
}

/// On SIGHUP reads the master keys anew and brings everything under the newest of them, while serving.
async fn rotate_when_told(engine: Engine, source: MasterKeySource) {
    let Ok(mut told) = signal(SignalKind::hangup()) else { return };
    while told.recv().await.is_some() {
        match source.read(false) {
            Ok(ring) => match engine.rotate_master_key(ring).await {
                Ok(keys) => tracing::info!(keys, "everything is under the current master key"),
                Err(error) => {
                    tracing::error!(%error, "the master key could not be changed; keep the older ones")
                }
            },
            Err(faults) => {
                for fault in faults {
                    tracing::error!(fault = %fault.message.en, "the master keys can't be read; the ones in use stay");
                }
            }
        }
    }
}

/// How long a row of the log waits for its seal.
const SEAL_EVERY: Duration = Duration::from_secs(1);

async fn keep_sealing(engine: Engine) {
    loop {
        if let Err(error) = seal::seal(&engine).await {
            tracing::warn!(%error, "the log can't be sealed; trying again");
        }
        tokio::time::sleep(SEAL_EVERY).await;
    }
}

/// The accounts of the demonstration are known to everybody.
fn demo_data(config: &Config) -> Fault {
    let place = config.data.display();
    Fault::new(
        "data",
        "demo",
        format!("{place} 是演示公司的数据，账号密码公开；请加 --demo，或另选数据目录"),
        format!(
            "{place} holds the demonstration, whose passwords are public; add --demo or choose another folder"
        ),
    )
}

fn greet(address: &str, demo: bool) {
    let mut text = format!("汇客已启动 Huike is ready: {address}\n");
    if demo {
        let logins: Vec<&str> = demo::ACCOUNTS.iter().map(|account| account.login).collect();
        text.push_str(&format!(
            "演示账号 Accounts: {}\n密码 Password: {}\n",
            logins.join(", "),
            demo::PASSWORD
        ));
    }
    if let Err(error) = say(&text) {
        error.print();
    }
}

/// How long sessions that are over stay in the database.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

async fn keep_sweeping(engine: Engine) {
    loop {
        if let Err(error) = sessions::sweep(&engine).await {
            tracing::warn!(%error, "ended sessions can't be swept out; trying again");
        }
        tokio::time::sleep(SWEEP_EVERY).await;
    }
}
