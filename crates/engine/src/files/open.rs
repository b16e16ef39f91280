//! Giving a file out.

use super::sealed::{Reading, on_thread};
use super::{OBJECT, media, place, rights};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use huike_model::Code;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use std::collections::BTreeSet;
use std::io;

/// A file that the caller may read, open.
pub struct OpenFile {
    pub name: String,
    pub media_type: String,
    /// Whether a browser may be told to show it.
    pub shown: bool,
    /// Bytes.
    pub size: u64,
    /// Names the content; another content has another one.
    pub tag: String,
    reading: Reading,
}

impl OpenFile {
    /// Some of what follows `offset`; empty at the end.
    ///
    /// # Errors
    /// When the content was altered on the disk; the file system's.
    pub async fn from(mut self, offset: u64) -> Result<(OpenFile, Vec<u8>)> {
        on_thread(move || {
            let piece = self.reading.from(offset).map_err(|error| unreadable(&error))?;
            Ok((self, piece))
        })
        .await
    }
}

fn unreadable(error: &io::Error) -> EngineError {
    EngineError::internal(format!("a content in the folder of files can't be read: {:?}", error.kind()))
}

impl Engine {
    /// Opens a file. That it was read through a sensitive field is written down.
    ///
    /// # Errors
    /// `not_found`: there is none, or the caller may read no field that names it.
    pub async fn open_file(&self, cx: Cx, id: i64) -> Result<OpenFile> {
        let engine = self.clone();
        let (stored, name, key) = self
            .read(move |conn| {
                let file =
                    rights::readable(conn, &cx, &BTreeSet::from([id]))?.remove(&id).ok_or(Code::NotFound)?;
                if let Some(rights::Through { access, field: Some(field), record }) = &file.through {
                    engine.reads().note(&cx, access, std::slice::from_ref(field), std::iter::once(record));
                }
                let key = cx.keys().subject(conn, file.stored.content)?.ok_or(Code::NotFound)?;
                Ok((file.stored, name(conn, &cx, id)?, key))
            })
            .await?;
        let path = place(self, stored.content);
        on_thread(move || {
            let reading = Reading::open(&path, &key, stored.content).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => {
                    tracing::error!(content = stored.content, "a content is missing in the folder of files");
                    Code::NotFound.into()
                }
                _ => unreadable(&error),
            })?;
            Ok(OpenFile {
                name,
                shown: media::is_shown(&stored.media_type),
                media_type: stored.media_type,
                size: reading.size(),
                tag: format!("\"{:x}\"", stored.content),
                reading,
            })
        })
        .await
    }
}

fn name(conn: &mut Conn, cx: &Cx, id: i64) -> Result<String> {
    let object = cx.object(OBJECT)?;
    let sql =
        format!("select {} from {} where id = $1", ident(&object.name_field.column)?, ident(&object.name)?);
    let row = conn.query_opt(&Sql::with(sql, [id.into()])?)?.ok_or(Code::NotFound)?;
    Ok(row.opt_text(0)?.unwrap_or_default().to_owned())
}
