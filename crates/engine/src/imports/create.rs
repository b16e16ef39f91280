//! Taking a file in.

use super::correct;
use super::guess::{guess, signature};
use super::job::{Column, Content, Definition, Job, Mode, OnLikely, Progress, State, recent};
use super::plan::Targets;
use super::preview::preview;
use super::source::{self, SheetLayout};
use super::view;
use crate::cx::{Actor, Cx};
use crate::engine::Engine;
use crate::error::Result;
use crate::files::sealed::on_thread;
use huike_store::Conn;
use huike_vault::keys::SubjectKey;
use serde_json::Value as Json;
use std::path::PathBuf;

/// Characters of a file's name that are kept.
const MAX_NAME: usize = 200;

impl Engine {
    /// Takes in the file at `path`, which is kept sealed: looks at its sheets, guesses titles and mapping, and shows the first rows.
    ///
    /// # Errors
    /// `not_found`, `forbidden` without the right to import, `refused_file` with the reason.
    pub async fn create_import(
        &self,
        cx: Cx,
        object: String,
        file_name: String,
        path: PathBuf,
    ) -> Result<Json> {
        let (rights, name) = (cx.clone(), object.clone());
        let id = self
            .write(move |conn| {
                Targets::open(conn, &rights, &name)?;
                Ok(conn.next_id()?)
            })
            .await?;
        let file_name: String =
            file_name.rsplit(['/', '\\']).next().unwrap_or_default().chars().take(MAX_NAME).collect();
        let kept = source::path(self, id);
        let (target, named) = (kept.clone(), file_name.clone());
        let key = SubjectKey::generate();
        let sealing = key.clone();
        let taken = on_thread(move || {
            let book = source::open(&path, &named)?;
            let sheets = source::sheets(&book);
            let sheet = source::likely_sheet(&sheets);
            let layout = source::layout(&source::sheet(&book, sheet)?, None)?;
            source::keep(&path, &target, &sealing, id)?;
            Ok((sheets, sheet, layout))
        })
        .await;
        let made = match taken {
            Ok((sheets, sheet, layout)) => {
                let engine = self.clone();
                self.write(move |conn| {
                    let definition = blank(&cx, file_name.clone(), sheets.clone(), sheet);
                    let job = draft(conn, &engine, &cx, id, &object, definition, &layout)?;
                    cx.keys().keep(conn, id, &key)?;
                    job.insert(conn, cx.keys())?;
                    Ok(view::json(&cx, &job))
                })
                .await
            }
            Err(error) => Err(error),
        };
        if made.is_err() {
            // The refused file is of no use to anybody.
            let _ = on_thread(move || Ok(std::fs::remove_file(kept).is_ok())).await;
        }
        made
    }
}

fn blank(cx: &Cx, file_name: String, sheets: Vec<super::job::Sheet>, sheet: usize) -> Definition {
    Definition {
        file_name,
        sheets,
        sheet,
        header_row: 0,
        header_rows: 1,
        columns: Vec::new(),
        signature: String::new(),
        confirmed: false,
        mode: Mode::default(),
        key: None,
        on_duplicate: OnLikely::default(),
        lang: cx.lang(),
        api_key: match cx.caller.actor {
            Actor::Key { key, .. } => Some(key),
            Actor::User(_) | Actor::Watcher { .. } | Actor::System => None,
        },
        message: None,
        purged: false,
    }
}

/// A job with its mapping guessed and its first rows shown.
fn draft(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    id: i64,
    object: &str,
    definition: Definition,
    layout: &SheetLayout,
) -> Result<Job> {
    let mut job = Job {
        id,
        state: State::Draft,
        object: object.to_owned(),
        definition,
        content: Content::default(),
        progress: Progress::default(),
        total: None,
        created_by: cx.caller.actor.user(),
        created_at: cx.moment.now,
        updated_at: cx.moment.now,
    };
    lay_out(conn, cx, &mut job, layout)?;
    job.content.preview = preview(conn, engine, cx, object, &job.definition, &correct::head(&job.content))?;
    Ok(job)
}

/// Puts a sheet's titles into a job, with the mapping that the same person last used for the same titles, else a guessed one.
///
/// # Errors
/// The database's; `forbidden`.
pub fn lay_out(conn: &mut Conn, cx: &Cx, job: &mut Job, layout: &SheetLayout) -> Result<()> {
    let titles: Vec<String> = layout.columns.iter().map(|(_, title)| title.clone()).collect();
    let targets = Targets::open(conn, cx, &job.object)?;
    let signature = signature(&titles);
    let known = recent(conn, job.created_by, &job.object)?
        .into_iter()
        .find(|model| model.confirmed && model.signature == signature && model.columns.len() == titles.len());
    let guessed = guess(cx, &targets, &titles, &layout.samples);
    let column = |(place, (index, title)): (usize, &(usize, String))| {
        let remembered = known.as_ref().map(|model| &model.columns[place]);
        let permitted = |field: &String| targets.find(field).is_some();
        let (field, confidence) = match remembered {
            Some(model) if model.field.as_ref().is_none_or(permitted) => (model.field.clone(), 1.0),
            _ => (guessed[place].field.clone(), guessed[place].confidence),
        };
        Column { index: *index, title: title.clone(), field, confidence }
    };
    let definition = &mut job.definition;
    definition.columns = layout.columns.iter().enumerate().map(column).collect();
    (definition.header_row, definition.header_rows) = (layout.header_row, layout.header_rows);
    definition.signature = signature;
    definition.confirmed = false;
    if let Some(model) = known {
        (definition.mode, definition.key, definition.on_duplicate) =
            (model.mode, model.key, model.on_duplicate);
    }
    job.content =
        Content { samples: layout.samples.clone(), head: layout.head.clone(), ..Content::default() };
    let rows = definition.sheets.get(definition.sheet).map_or(0, |sheet| sheet.rows);
    job.total = Some(i64::from(rows.saturating_sub(layout.header_row)));
    Ok(())
}
