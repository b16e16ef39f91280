//! Taking a file in: encrypted while it arrives, then kept with its record.

use super::media;
use super::sealed::{Writing, on_thread, remove, unwritable};
use super::{OBJECT, folder, place};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::body::{self, Assignment};
use crate::records::render::id_text;
use crate::records::write::Writer;
use huike_model::access::ObjectAccess;
use huike_model::{Code, Fault, Object, Value};
use huike_store::{Conn, Sql, SqlValue};
use huike_vault::keys::SubjectKey;
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::sync::Arc;

/// Characters of a name that are kept.
const MAX_NAME: usize = 200;

/// A file on its way in. What was written of it goes when this is dropped.
pub struct Incoming {
    content: i64,
    key: SubjectKey,
    path: PathBuf,
    writing: Option<Writing>,
    head: Vec<u8>,
    kept: bool,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.kept {
            remove(&self.path);
        }
    }
}

impl Incoming {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// `unavailable` when the disk is full; the file system's.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]> + Send + 'static) -> Result<()> {
        let missing = media::LOOKED_AT.saturating_sub(self.head.len());
        self.head.extend(bytes.as_ref().iter().take(missing));
        let Some(mut writing) = self.writing.take() else {
            return Err(EngineError::internal("a file goes on after it failed"));
        };
        let writing = on_thread(move || match writing.write(bytes.as_ref()) {
            Ok(()) => Ok(writing),
            Err(error) => Err(unwritable(&error)),
        });
        self.writing = Some(writing.await?);
        Ok(())
    }
}

/// A content that lies on the disk, complete.
struct Sealed {
    content: i64,
    key: SubjectKey,
    size: i64,
    hash: [u8; 32],
    media_type: &'static str,
}

impl Engine {
    /// Begins to take a file in.
    ///
    /// # Errors
    /// `forbidden` without the right to create files; `unavailable` when the folder of files isn't this database's.
    pub async fn receive_file(&self, cx: Cx) -> Result<Incoming> {
        let engine = self.clone();
        let content = self
            .write(move |conn| {
                permitted(conn, &cx)?;
                folder::check(conn, &engine)?;
                Ok(conn.next_id()?)
            })
            .await?;
        let (key, path) = (SubjectKey::generate(), place(self, content));
        let (used, at) = (key.clone(), path.clone());
        let writing =
            on_thread(move || Writing::create(&at, &used, content).map_err(|error| unwritable(&error)))
                .await?;
        Ok(Incoming { content, key, path, writing: Some(writing), head: Vec::new(), kept: false })
    }

    /// Keeps a file that arrived whole, attached to the record `on` or to none yet: `{id, name, media_type, size}`.
    ///
    /// # Errors
    /// `forbidden`; `invalid` for an empty file, a record that the caller doesn't see.
    pub async fn keep_file(
        &self,
        cx: Cx,
        mut incoming: Incoming,
        name: &str,
        on: Option<(String, String)>,
    ) -> Result<Json> {
        let name = plain_name(name, &cx);
        let Some(writing) = incoming.writing.take() else {
            return Err(EngineError::internal("a file that failed can't be kept"));
        };
        let (size, hash) = on_thread(move || writing.finish().map_err(|error| unwritable(&error))).await?;
        if size == 0 {
            return Err(Fault::new("file", "empty", "文件是空的", "The file is empty").into());
        }
        let sealed = Arc::new(Sealed {
            content: incoming.content,
            key: incoming.key.clone(),
            size: i64::try_from(size).map_err(|_| Code::TooLarge)?,
            hash,
            media_type: media::media_type(&incoming.head, &name),
        });
        let engine = self.clone();
        let kept = self.write(move |conn| keep(conn, &engine, &cx, &sealed, &name, on.as_ref())).await;
        match kept {
            Ok((answer, used)) => {
                incoming.kept = used;
                Ok(answer)
            }
            Err(error) => {
                // Whether a broken commit was one is unknown: the sweep looks whether a row leads to the file.
                incoming.kept = !matches!(error, EngineError::Problem(_));
                Err(error)
            }
        }
    }
}

fn permitted(conn: &mut Conn, cx: &Cx) -> Result<ObjectAccess> {
    let object = cx.object(OBJECT)?.clone();
    let access = cx.access_or_none(conn, &object)?;
    if access.create { Ok(access) } else { Err(Code::Forbidden.into()) }
}

/// The last part of a path, without what no name of a file may have.
fn plain_name(name: &str, cx: &Cx) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    // Marks that turn the direction of writing can make `gpj.exe` look like `exe.jpg` (Unicode TR36 §2.10).
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let name: String = name.chars().filter(|c| !c.is_control() && !turns(*c)).collect();
    let name = name.trim();
    if name.is_empty() {
        return huike_model::Label::new("未命名文件", "Unnamed file").get(cx.lang()).to_owned();
    }
    // The end of a name tells its kind.
    let extra = name.chars().count().saturating_sub(MAX_NAME);
    name.chars().skip(extra).collect()
}

/// The file's record with its way to the content; whether the content on the disk is needed, or lay there already.
fn keep(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    sealed: &Sealed,
    name: &str,
    on: Option<&(String, String)>,
) -> Result<(Json, bool)> {
    let access = permitted(conn, cx)?;
    let content = content(conn, engine, cx, sealed)?;
    let object = access.object;
    let hash = huike_vault::hex(&sealed.hash);
    let mut set = vec![
        ("name", Value::from(name)),
        ("size", Value::Int(sealed.size)),
        ("media_type", Value::from(sealed.media_type)),
        ("sha256", Value::from(hash)),
    ];
    if let Some((target, record)) = on {
        set.extend([("object", Value::from(target.as_str())), ("record", Value::from(record.as_str()))]);
    }
    let id = conn.next_id()?;
    let unused = on.is_none().then_some(cx.moment.now);
    conn.execute(&Sql::with(
        "insert into stored_file (file_id, content_id, uploaded_by, unused_since) values ($1, $2, $3, $4)",
        [id.into(), content.into(), cx.author().into(), SqlValue::from(unused)],
    )?)?;
    Writer { engine, cx, conn }.create_with_id(&object, id, assignments(&object, set, cx)?)?;
    let answer =
        json!({"id": id_text(id), "name": name, "media_type": sealed.media_type, "size": sealed.size});
    Ok((answer, content == sealed.content))
}

fn assignments(object: &Object, set: Vec<(&str, Value)>, cx: &Cx) -> Result<Vec<Assignment>> {
    let mut assignments = Vec::with_capacity(set.len());
    for (name, value) in set {
        let Some(field) = object.field(name) else { continue };
        let parsed = match &value {
            Value::Text(text) => body::value(&text.as_str().into(), field, cx)?,
            _ => value.into(),
        };
        assignments.push(Assignment { field: field.clone(), parsed });
    }
    Ok(assignments)
}

/// The content's id: that of the same content when it is kept already.
fn content(conn: &mut Conn, engine: &Engine, cx: &Cx, sealed: &Sealed) -> Result<i64> {
    let address = cx.keys().content_address(&sealed.hash);
    let known = conn.query_opt(&Sql::with(
        "update file_content set uses = uses + 1 where address = $1 returning id",
        [address.as_str().into()],
    )?)?;
    if let Some(known) = known.map(|row| row.int(0)).transpose()? {
        if place(engine, known).exists() {
            return Ok(known);
        }
        tracing::error!(content = known, "a content is missing in the folder of files");
        conn.execute(&Sql::with(
            "update file_content set uses = uses - 1, address = $1 where id = $2",
            [format!("{address}~{known}").into(), known.into()],
        )?)?;
    }
    cx.keys().keep(conn, sealed.content, &sealed.key)?;
    conn.execute(&Sql::with(
        "insert into file_content (id, address, size, media_type, uses, created_at) values ($1, $2, $3, $4, 1, $5)",
        [
            sealed.content.into(),
            address.into(),
            sealed.size.into(),
            sealed.media_type.into(),
            SqlValue::from(cx.moment.now),
        ],
    )?)?;
    Ok(sealed.content)
}
