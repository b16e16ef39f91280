//! An import as an answer (docs/interface.md).

use super::events::progress_json;
use super::job::{self, Job, id_text, list, load, lock};
use super::report::Report;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::list::MAX_LIMIT;
use crate::shown::instant_text;
use huike_model::{Code, Id, Lang};
use huike_store::Conn;
use serde_json::{Map, Value as Json, json};

/// Cells of a column shown beside its title.
const SAMPLES: usize = 3;

impl Engine {
    /// An import of the caller's.
    ///
    /// # Errors
    /// `not_found`: there is none, or somebody else started it.
    pub async fn import(&self, cx: Cx, id: i64) -> Result<Json> {
        self.read(move |conn| Ok(json(&cx, &own(conn, &cx, id)?))).await
    }

    /// The caller's imports, newest first, without their rows.
    ///
    /// # Errors
    /// `bad_cursor`.
    pub async fn list_imports(&self, cx: Cx, limit: i64, cursor: Option<String>) -> Result<Json> {
        let before = cursor
            .map(|cursor| cursor.parse::<Id>().map(Id::number).map_err(|_| Code::BadCursor))
            .transpose()?;
        let limit = limit.clamp(1, MAX_LIMIT);
        self.read(move |conn| {
            let mut jobs = list(conn, cx.keys(), cx.caller.actor.user(), before, limit + 1)?;
            let more = jobs.len() as i64 > limit;
            jobs.truncate(limit as usize);
            let next = jobs.last().filter(|_| more).map(|last| id_text(last.id));
            let items: Vec<Json> = jobs
                .iter_mut()
                .map(|job| {
                    (job.content.preview, job.content.report) = (Vec::new(), None);
                    json(&cx, job)
                })
                .collect();
            Ok(json!({"items": items, "next_cursor": next}))
        })
        .await
    }
}

/// The import with this id, if it is the caller's: an uploaded file is nobody else's business.
///
/// # Errors
/// `not_found`.
pub fn own(conn: &mut Conn, cx: &Cx, id: i64) -> Result<Job> {
    only_own(cx, load(conn, cx.keys(), id)?)
}

/// As [`own`], to be changed.
///
/// # Errors
/// `not_found`.
pub fn own_locked(conn: &mut Conn, cx: &Cx, id: i64) -> Result<Job> {
    only_own(cx, lock(conn, cx.keys(), id)?)
}

fn only_own(cx: &Cx, job: Job) -> Result<Job> {
    let own = cx.is_system() || job.created_by == cx.caller.actor.user();
    if own { Ok(job) } else { Err(Code::NotFound.into()) }
}

/// The import in the caller's language.
pub fn json(cx: &Cx, job: &Job) -> Json {
    let lang = cx.lang();
    let definition = &job.definition;
    let sheets: Vec<Json> = definition
        .sheets
        .iter()
        .enumerate()
        .map(|(index, sheet)| {
            let refusal = sheet.refusal.as_ref().map(|refusal| refusal.get(lang));
            json!({"index": index, "name": sheet.name, "rows": sheet.rows, "hidden": sheet.hidden, "refusal": refusal})
        })
        .collect();
    let by = cx.org.user(job.created_by).map(|user| user.name.clone());
    json!({
        "id": id_text(job.id),
        "object": job.object,
        "file_name": definition.file_name,
        "state": job.state.name(),
        "created_at": instant_text(job.created_at),
        "created_by": {"id": Id::new(job.created_by).ok(), "name": by},
        "sheets": sheets,
        "sheet": definition.sheet,
        "header_row": definition.header_row,
        "columns": columns(job),
        "mode": definition.mode,
        "key": definition.key,
        "on_duplicate": definition.on_duplicate,
        "preview": preview(job, lang),
        "progress": progress_json(&job.progress, job.total),
        "report": job.content.report.as_ref().map(|report| report_json(report, job, lang)),
        "undo": undo(job, lang),
        "message": definition.message.as_ref().map(|message| message.get(lang)),
    })
}

fn columns(job: &Job) -> Vec<Json> {
    let columns = job.definition.columns.iter().enumerate();
    columns
        .map(|(place, column)| {
            let samples: Vec<&String> =
                job.content.samples.get(place).into_iter().flatten().take(SAMPLES).collect();
            json!({
                "index": column.index,
                "title": column.title,
                "samples": samples,
                "field": column.field,
                "guess_confidence": column.confidence,
            })
        })
        .collect()
}

fn preview(job: &Job, lang: Lang) -> Vec<Json> {
    let rows = job.content.preview.iter();
    rows.map(|row| {
        let values: Map<String, Json> = row.values.iter().map(|(path, text)| (path.clone(), text.as_str().into())).collect();
        let faults: Vec<Json> = row
            .faults
            .iter()
            .map(|fault| {
                json!({"column": fault.column, "field": fault.field, "code": fault.code, "message": fault.message.get(lang)})
            })
            .collect();
        json!({"row": row.row, "values": values, "faults": faults})
    })
    .collect()
}

fn report_json(report: &Report, job: &job::Job, lang: Lang) -> Json {
    let title = |column: Option<usize>| {
        job.definition
            .columns
            .iter()
            .find(|known| Some(known.index) == column)
            .map(|known| known.title.clone())
    };
    let faults: Vec<Json> = report
        .faults
        .iter()
        .map(|located| {
            let fault = &located.fault;
            json!({
                "row": located.row,
                "column": fault.column,
                "title": title(fault.column),
                "field": fault.field,
                "code": fault.code,
                "message": fault.message.get(lang),
            })
        })
        .collect();
    json!({
        "rows": report.rows,
        "valid": report.valid,
        "faulty": report.faulty,
        "completeness": report.completeness(),
        "validity": report.validity(),
        "duplicates": report.duplicates,
        "duplicates_in_file": report.duplicates_in_file,
        "fields": report.fields,
        "faults": faults,
    })
}

fn undo(job: &Job, lang: Lang) -> Json {
    let Some(undo) = &job.content.undo else { return Json::Null };
    let conflicts: Vec<Json> = undo
        .conflicts
        .iter()
        .map(|conflict| {
            json!({"object": conflict.object, "id": id_text(conflict.id), "message": conflict.message.get(lang)})
        })
        .collect();
    json!({"undone": job.progress.undone, "conflicts": conflicts})
}
