//! `huike import`: a spreadsheet from the command line, in the same way as from the page.

use super::{Complaint, Place, open, say, user};
use clap::Args;
use huike_engine::{Actor, Caller, Engine, Via};
use huike_model::{Id, Lang};
use serde_json::Value as Json;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Args)]
pub struct Import {
    /// 要导入的表格 The spreadsheet: .xlsx, .xls or .csv
    file: PathBuf,
    /// 导入到哪个对象 Which object its rows are
    #[arg(long, default_value = "customer")]
    object: String,
    /// 以谁的名义 On whose behalf; the system's when not given
    #[arg(long, value_name = "LOGIN")]
    user: Option<String>,
    /// 只核对，不写入 Only check and report, write nothing
    #[arg(long)]
    dry_run: bool,
}

/// How often the progress is looked at.
const POLL: Duration = Duration::from_millis(200);

pub fn run(place: &Place, import: &Import) -> Result<(), Complaint> {
    let config = place.config()?;
    open::log(&config);
    let engine = open::engine(&config)?;
    let caller = match &import.user {
        None => Caller::system(Via::Cli),
        Some(login) => {
            let actor = Actor::User(user::find(&engine, login)?);
            Caller { actor, lang: Lang::Zh, via: Via::Cli, request: String::new() }
        }
    };
    let done = open::runtime()?.block_on(bring_in(&engine, caller, import))?;
    say(&serde_json::to_string_pretty(&done).unwrap_or_default())?;
    if done["state"] == "failed" {
        let message = done["message"].as_str().unwrap_or_default();
        return Err(Complaint::Other(message.to_owned()));
    }
    Ok(())
}

/// Runs the import to its end; what it came to, without the rows shown beforehand.
async fn bring_in(engine: &Engine, caller: Caller, import: &Import) -> Result<Json, Complaint> {
    let name = import.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let cx = || engine.cx(caller.clone());
    let made = engine.create_import(cx()?, import.object.clone(), name, import.file.clone()).await?;
    let id = made["id"].as_str().and_then(|id| id.parse::<Id>().ok()).map(Id::number);
    let id = id.ok_or_else(|| Complaint::Other("an import without an id".to_owned()))?;
    let mut now = match import.dry_run {
        true => engine.check_import(cx()?, id).await?,
        false => engine.start_import(cx()?, id).await?,
    };
    while matches!(now["state"].as_str(), Some("checking" | "running")) {
        tokio::time::sleep(POLL).await;
        now = engine.import(cx()?, id).await?;
    }
    let shown = ["state", "file_name", "progress", "report", "message"];
    let members = shown.into_iter().filter_map(|name| Some((name.to_owned(), now.get(name)?.clone())));
    Ok(Json::Object(members.collect()))
}
