//! Whether the folder of files is the one that belongs to the database. On several nodes it must be shared: a node with a folder of its own
//! would keep files that the others don't find. So the folder and the database carry the same mark.

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::setting;
use huike_model::{Code, Problem};
use huike_store::Conn;
use std::io::{self, Write as _};
use std::path::PathBuf;

const SETTING: &str = "files.folder";

fn mark(engine: &Engine) -> PathBuf {
    engine.files().join("folder.mark")
}

impl Engine {
    /// Compares the marks; sets them in a new installation.
    ///
    /// # Errors
    /// `unavailable` with what is wrong, in both languages.
    pub async fn check_files(&self) -> Result<()> {
        let engine = self.clone();
        // Nearly always a read tells.
        match self.read(move |conn| compare(conn, &engine)).await? {
            Compared::Same => return Ok(()),
            Compared::Other => return Err(other(self)),
            Compared::New => {}
        }
        let engine = self.clone();
        self.write(move |conn| check(conn, &engine)).await
    }

    /// As [`Engine::check_files`], for the command line.
    ///
    /// # Errors
    /// As there.
    pub fn check_files_blocking(&self) -> Result<()> {
        let engine = self.clone();
        self.store().write_blocking(move |conn| check(conn, &engine))
    }
}

enum Compared {
    Same,
    Other,
    /// Neither database nor folder was ever used for files.
    New,
}

/// As [`Engine::check_files`], inside a write.
///
/// # Errors
/// As there.
pub(super) fn check(conn: &mut Conn, engine: &Engine) -> Result<()> {
    match compare(conn, engine)? {
        Compared::Same => Ok(()),
        Compared::Other => Err(other(engine)),
        Compared::New => {
            let text = match read(engine)? {
                Some(text) => text,
                None => write(engine)?,
            };
            setting::put_first(conn, SETTING, &text)?;
            match compare(conn, engine)? {
                Compared::Same => Ok(()),
                Compared::Other | Compared::New => Err(other(engine)),
            }
        }
    }
}

fn compare(conn: &mut Conn, engine: &Engine) -> Result<Compared> {
    let ours = setting::get(conn, SETTING)?;
    let theirs = read(engine)?;
    Ok(match (ours, theirs) {
        (Some(ours), Some(theirs)) if ours == theirs => Compared::Same,
        // A mark without contents was left by a start that didn't come to its end.
        (None, _) if !engine.files().join("content").exists() => Compared::New,
        _ => Compared::Other,
    })
}

fn read(engine: &Engine) -> Result<Option<String>> {
    match std::fs::read_to_string(mark(engine)) {
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(&error)),
    }
}

/// Sets a mark; that of another node when it was faster.
fn write(engine: &Engine) -> Result<String> {
    std::fs::create_dir_all(engine.files()).map_err(|error| unusable(&error))?;
    let text = huike_vault::random::token("");
    match std::fs::File::create_new(mark(engine)) {
        Ok(mut file) => {
            file.write_all(text.as_bytes())
                .and_then(|()| file.sync_all())
                .map_err(|error| unusable(&error))?;
            Ok(text)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(read(engine)?.unwrap_or_default()),
        Err(error) => Err(unusable(&error)),
    }
}

fn unusable(error: &io::Error) -> EngineError {
    EngineError::internal(format!("the folder of files can't be used: {:?}", error.kind()))
}

fn other(engine: &Engine) -> EngineError {
    let place = engine.files().display();
    tracing::error!(%place, "the folder of files does not belong to this database");
    Problem::new(Code::Unavailable)
        .with_detail(
            "文件目录与数据库不是一套：多个节点须共用同一个文件目录；从备份恢复时，请把文件目录一并恢复",
            "The folder of files doesn't belong to this database: several nodes must share one; restore it with the database from a backup",
        )
        .into()
}
