//! Changing what an import will do.

use super::correct::{self, Correction};
use super::create::lay_out;
use super::job::{Definition, Job, Mode, OnLikely, State, wrong_state};
use super::plan::{Plan, Targets};
use super::preview::preview;
use super::source;
use super::view;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::files::sealed::on_thread;
use huike_model::Fault;
use serde::Deserialize;
use serde_json::Value as Json;

/// What may be changed. What is absent stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ChangeRequest {
    /// Place of the sheet, from 0.
    pub sheet: Option<usize>,
    /// Number of the title row as Excel shows it.
    pub header_row: Option<u32>,
    pub mapping: Option<Vec<MappedColumn>>,
    pub mode: Option<Mode>,
    pub key: Option<String>,
    pub on_duplicate: Option<OnLikely>,
    /// What cells should say instead, beside what was corrected before.
    pub corrections: Option<Vec<Correction>>,
}

/// A column, by its index, and the path of the field that it fills; none where it is left out.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MappedColumn {
    pub column: usize,
    pub field: Option<String>,
}

/// States in which the plan may still change.
pub const OPEN: [State; 3] = [State::Draft, State::Checked, State::Failed];

impl Engine {
    /// Changes an import that hasn't begun and shows the first rows anew.
    ///
    /// # Errors
    /// `not_found`, `conflict` once it is at work, `refused_file` for the sheet, `invalid` with every fault of the mapping.
    pub async fn change_import(&self, cx: Cx, id: i64, change: ChangeRequest) -> Result<Json> {
        let job = self.open_import(&cx, id).await?;
        let sheet = change.sheet.unwrap_or(job.definition.sheet);
        let new_layout =
            change.sheet.is_some_and(|sheet| sheet != job.definition.sheet) || change.header_row.is_some();
        let layout = if new_layout {
            let (name, header_row) = (job.definition.file_name.clone(), change.header_row);
            let (engine, keys) = (self.clone(), self.keys().clone());
            let key = self.read(move |conn| keys.subject(conn, id)).await?;
            Some(
                on_thread(move || {
                    let file = source::Unsealed::of(&engine, key, id)?;
                    source::layout(&source::sheet(&source::open(file.path(), &name)?, sheet)?, header_row)
                })
                .await?,
            )
        } else {
            None
        };
        let (engine, known) = (self.clone(), job.definition.sheet);
        self.write(move |conn| {
            let mut job = view::own_locked(conn, &cx, id)?;
            if !is_open(&job) || job.definition.sheet != known {
                return Err(wrong_state(State::Draft));
            }
            if let Some(layout) = &layout {
                job.definition.sheet = sheet;
                // Other titles make other columns: what was corrected meant the old ones.
                job.content.corrections.clear();
                lay_out(conn, &cx, &mut job, layout)?;
            }
            apply(&mut job.definition, &change)?;
            let corrections = change.corrections.as_deref().unwrap_or_default();
            correct::take(&mut job.content, &job.definition, corrections)?;
            suggest_key(&Targets::open(conn, &cx, &job.object)?, &mut job.definition);
            job.content.report = None;
            job.content.preview =
                preview(conn, &engine, &cx, &job.object, &job.definition, &correct::head(&job.content))?;
            job.definition.message = None;
            job.state = State::Draft;
            job.updated_at = cx.moment.now;
            job.save(conn, cx.keys(), &OPEN)?;
            Ok(view::json(&cx, &job))
        })
        .await
    }

    /// An import whose plan may still change.
    async fn open_import(&self, cx: &Cx, id: i64) -> Result<Job> {
        let cx = cx.clone();
        let job = self.read(move |conn| view::own(conn, &cx, id)).await?;
        if is_open(&job) { Ok(job) } else { Err(wrong_state(State::Draft)) }
    }
}

/// Whether nothing was begun yet.
pub fn is_open(job: &Job) -> bool {
    OPEN.contains(&job.state) && !job.definition.purged && job.progress.first_tx.is_none()
}

fn apply(definition: &mut Definition, change: &ChangeRequest) -> Result<()> {
    let mut faults = Vec::new();
    for mapped in change.mapping.iter().flatten() {
        match definition.columns.iter_mut().find(|column| column.index == mapped.column) {
            Some(column) => {
                column.field = mapped.field.clone().filter(|field| !field.is_empty());
                column.confidence = 1.0;
            }
            None => faults.push(Fault::new(
                "mapping",
                "unknown_column",
                format!("没有编号为 {} 的列", mapped.column),
                format!("There is no column {}", mapped.column),
            )),
        }
    }
    definition.confirmed |= change.mapping.is_some();
    definition.mode = change.mode.unwrap_or(definition.mode);
    definition.on_duplicate = change.on_duplicate.unwrap_or(definition.on_duplicate);
    if let Some(key) = &change.key {
        definition.key = Some(key.clone()).filter(|key| !key.is_empty());
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

/// Whoever asks for an update without saying by what is offered what suggests itself.
fn suggest_key(targets: &Targets, definition: &mut Definition) {
    if definition.mode == Mode::Create {
        definition.key = None;
    } else if definition.key.is_none() {
        definition.key = Plan::likely_key(targets, definition);
    }
}
