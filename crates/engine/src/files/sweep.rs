//! Files that nothing names are swept away after a day, and contents that no file leads to.

use super::sealed::{on_thread, remove};
use super::{OBJECT, place};
use crate::cx::{Caller, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::records::load;
use crate::records::write::Writer;
use huike_model::access::ObjectAccess;
use huike_store::query::Deleted;
use huike_store::{Conn, Sql};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// How long a file may be attached to nothing, in milliseconds.
const GRACE: i64 = 24 * 3_600_000;
/// Files of one transaction.
const TOGETHER: i64 = 50;
const EVERY: Duration = Duration::from_secs(1_800);

/// Sweeps until the process ends.
pub async fn keep_sweeping(engine: Engine) {
    loop {
        if let Err(error) = sweep(&engine).await {
            tracing::warn!(%error, "files that nothing names can't be swept away; trying again");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Sweeps once; how many files went.
///
/// # Errors
/// The database's; `unavailable` when the folder isn't this database's.
pub async fn sweep(engine: &Engine) -> Result<usize> {
    engine.check_files().await?;
    let mut swept = 0;
    loop {
        let work = engine.clone();
        let contents = engine.write(move |conn| some(conn, &work)).await?;
        let Some(contents) = contents else { break };
        swept += contents.files;
        let engine = engine.clone();
        on_thread(move || {
            contents.unneeded.iter().for_each(|content| remove(&place(&engine, *content)));
            Ok(())
        })
        .await?;
    }
    strays(engine).await?;
    Ok(swept)
}

struct Swept {
    files: usize,
    unneeded: Vec<i64>,
}

/// Removes the next files; none when there are no more.
fn some(conn: &mut Conn, engine: &Engine) -> Result<Option<Swept>> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let mut sql = Sql::raw("select file_id, content_id from stored_file where unused_since < ");
    sql.bind(cx.moment.now - GRACE).push(" order by unused_since, file_id limit ").bind(TOGETHER);
    let rows = conn.query(&sql)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut swept = Swept { files: 0, unneeded: Vec::new() };
    for row in rows {
        let (file, content) = (row.int(0)?, row.int(1)?);
        // Somebody may have attached it since.
        let gone = conn.execute(&Sql::with(
            "delete from stored_file where file_id = $1 and unused_since < $2",
            [file.into(), (cx.moment.now - GRACE).into()],
        )?)?;
        if gone == 0 {
            continue;
        }
        swept.files += 1;
        let object = cx.object(OBJECT)?.clone();
        let everything = ObjectAccess::of_the_system(&object);
        if let Some(record) = load::find_many(conn, &cx, &everything, &[file], Deleted::Live)?.pop() {
            Writer { engine, cx: &cx, conn }.set_deleted(&record, true)?;
        }
        conn.execute(&Sql::with("update file_content set uses = uses - 1 where id = $1", [content.into()])?)?;
        let unneeded = conn
            .execute(&Sql::with("delete from file_content where id = $1 and uses <= 0", [content.into()])?)?;
        if unneeded > 0 {
            cx.keys().destroy(conn, content, cx.moment.now)?;
            swept.unneeded.push(content);
        }
    }
    Ok(Some(swept))
}

/// Removes what lies in the folder without a row that leads to it: an upload that was broken off, a content whose removal was.
async fn strays(engine: &Engine) -> Result<()> {
    let (folder, before) = (engine.files().join("content"), engine.now() - GRACE);
    for folder in on_thread(move || Ok(listed(&folder, true, i64::MAX))).await? {
        let old = on_thread(move || Ok(listed(&folder, false, before))).await?;
        for some in old.chunks(500) {
            let named: Vec<(i64, PathBuf)> =
                some.iter().filter_map(|path| Some((number(path)?, path.clone()))).collect();
            let mut sql = Sql::raw("select id from file_content where id in ");
            sql.bind_list(named.iter().map(|(content, _)| *content));
            let known = engine
                .read(move |conn| {
                    Ok(conn.query(&sql)?.iter().map(|row| row.int(0)).collect::<Result<HashSet<_>, _>>()?)
                })
                .await?;
            on_thread(move || {
                named
                    .iter()
                    .filter(|(content, _)| !known.contains(content))
                    .for_each(|(_, path)| remove(path));
                Ok(())
            })
            .await?;
        }
    }
    Ok(())
}

fn number(path: &Path) -> Option<i64> {
    i64::from_str_radix(path.file_name()?.to_str()?, 16).ok()
}

/// What lies in a folder and was last written before a time; nothing when there is no such folder.
fn listed(folder: &Path, folders: bool, before: i64) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let fits = |path: &PathBuf| {
        let Ok(about) = path.metadata() else { return false };
        let written = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        let written = written.and_then(|since| i64::try_from(since.as_millis()).ok()).unwrap_or(i64::MAX);
        about.is_dir() == folders && (folders || written < before)
    };
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(fits).collect()
}
