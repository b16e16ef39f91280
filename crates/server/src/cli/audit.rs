//! `huike audit`: the sealed log, checked offline.

use super::{Complaint, Place, open, say};
use clap::Subcommand;
use huike_engine::audit::{seal, verify};
use huike_engine::{Caller, Via};
use huike_model::Lang;
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Audit {
    /// 输出审计公钥，请另行妥善保存 Print the public key; keep it apart from the data
    Key,
    /// 核对日志：不需要主密钥，可在副本上进行 Check the log; works on a copy, without the master key
    Verify {
        /// 审计公钥，或存放它的文件 The public key, or a file that holds it
        #[arg(long, value_name = "KEY")]
        key: String,
        /// 留存的检查点文件，可多次给出 A checkpoint that was put aside; may be given several times
        #[arg(long = "checkpoint", value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
    },
}

pub fn run(place: &Place, audit: &Audit) -> Result<(), Complaint> {
    let config = place.config()?;
    open::log(&config);
    match audit {
        Audit::Key => {
            let engine = open::engine(&config)?;
            let cx = engine.cx(Caller::system(Via::Cli))?;
            say(&open::runtime()?.block_on(seal::public_key(&engine, &cx))?)
        }
        Audit::Verify { key, checkpoints } => {
            let kept: Result<Vec<String>, _> = checkpoints.iter().map(std::fs::read_to_string).collect();
            // What is no file's name is the key itself.
            let key = std::fs::read_to_string(key).unwrap_or_else(|_| key.clone());
            report(&verify::verify_copy(&open::location(&config), key.trim(), &kept?)?)
        }
    }
}

fn report(found: &verify::Verification) -> Result<(), Complaint> {
    let mut lines = vec![
        found.origin.clone(),
        format!(
            "{} 行已封存 rows sealed, {} 行有签名 under a signature, {} 个检查点 checkpoints, {} 行待封存 not sealed yet",
            found.rows, found.signed, found.checkpoints, found.unsealed
        ),
    ];
    let Some(finding) = &found.finding else {
        lines.push("日志完好 The log is as it was written".into());
        return say(&lines.join("\n"));
    };
    lines.push(format!(
        "{}: {} / {}",
        finding.kind,
        finding.message.get(Lang::Zh),
        finding.message.get(Lang::En)
    ));
    let places = [
        ("position", finding.position.map(|n| n.to_string())),
        ("tx", finding.tx.map(|n| n.to_string())),
        ("id", finding.id.map(|n| n.to_string())),
    ];
    lines.extend(places.into_iter().filter_map(|(name, value)| Some(format!("{name}: {}", value?))));
    lines.extend(finding.object.as_ref().map(|object| format!("object: {object}")));
    Err(Complaint::Other(lines.join("\n")))
}
