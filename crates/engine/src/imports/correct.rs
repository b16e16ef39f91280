//! Faulty rows corrected where they are seen instead of in the file: before the import in place of what the file says, after it as an import
//! of their own.

use super::change::{ChangeRequest, MappedColumn};
use super::draft::{CellText, RowFault, texts};
use super::errors::{self, Faults};
use super::job::{Content, Definition, HeadRow, Job, State, wrong_state};
use super::report::MAX_FAULTS;
use super::{source, view};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::files::sealed::on_thread;
use huike_model::{Code, Fault, Lang};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use tokio::runtime::Handle;

/// Rows of one answer.
const MAX_ROWS: usize = 200;
/// Excel's own limit of a cell, in characters.
const LONGEST: usize = 32_767;

/// By number of the row and index of the column.
pub type Corrections = BTreeMap<u32, BTreeMap<usize, String>>;

/// What a cell should say instead.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Number of the row as the sheet shows it.
    pub row: u32,
    /// Index of the column.
    pub column: usize,
    pub text: String,
}

/// States in which everything that could be written is written.
const OVER: [State; 3] = [State::Done, State::Cancelled, State::Failed];

impl Engine {
    /// The faulty rows of an import, or of its dry run (then the first thousand faults), as they stand: each cell and what is wrong with it.
    ///
    /// # Errors
    /// `not_found`, also when the file is no longer kept; `bad_cursor`.
    pub async fn faulty_rows(
        &self,
        cx: Cx,
        id: i64,
        limit: Option<i64>,
        cursor: Option<String>,
    ) -> Result<Json> {
        let after: u32 = match cursor {
            None => 0,
            Some(cursor) => cursor.parse().map_err(|_| EngineError::from(Code::BadCursor))?,
        };
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(50).clamp(1, MAX_ROWS);
        let (engine, lang) = (self.clone(), cx.lang());
        let (job, key) = errors::own_file(self, cx, id).await?;
        let handle = Handle::current();
        on_thread(move || {
            let mut faults = errors::faulty(&engine, &handle, &job, after, true)?;
            if faults.is_empty() {
                return Ok(json!({"items": [], "next_cursor": null}));
            }
            let more = faults.len() > limit;
            while faults.len() > limit {
                faults.pop_last();
            }
            let last = faults.keys().next_back().copied().filter(|_| more);
            let file = source::Unsealed::of(&engine, key, job.id)?;
            let items = rows(&job, &file, faults, lang)?;
            Ok(json!({"items": items, "next_cursor": last.map(|row| row.to_string())}))
        })
        .await
    }

    /// Brings rows that failed in again as they are corrected here, as an import of their own under the same mapping. They are no longer
    /// among the failed rows of the first.
    ///
    /// # Errors
    /// `not_found`; `conflict` while it is at work or when a row is not among the failed ones; `invalid` with every fault of the corrections.
    pub async fn import_again(&self, cx: Cx, id: i64, corrections: Vec<Correction>) -> Result<Json> {
        let asking = cx.clone();
        let mut job = self.read(move |conn| view::own(conn, &asking, id)).await?;
        if !OVER.contains(&job.state) || job.definition.purged {
            return Err(wrong_state(State::Draft));
        }
        if corrections.is_empty() {
            return Err(
                Fault::new("corrections", "required", "请先修正至少一行", "Correct a row first").into()
            );
        }
        take(&mut job.content, &job.definition, &corrections)?;
        let wanted: Vec<u32> = job.content.corrections.keys().copied().collect();
        let keys = self.keys().clone();
        let key = self.read(move |conn| keys.subject(conn, id)).await?;
        let (engine, handle, lang) = (self.clone(), Handle::current(), cx.lang());
        let (made, rows) = (job.clone(), wanted.clone());
        let download = on_thread(move || {
            let mut faults = errors::faulty(&engine, &handle, &made, 0, true)?;
            let mut first = faults.keys().next_back().copied();
            while let Some(after) = first {
                let next = errors::faulty(&engine, &handle, &made, after, true)?;
                first = next.keys().next_back().copied();
                faults.extend(next);
            }
            if !rows.iter().all(|row| faults.contains_key(row)) {
                return Err(Code::Conflict.into());
            }
            faults.retain(|row, _| rows.contains(row));
            let file = source::Unsealed::of(&engine, key, made.id)?;
            errors::write(&engine, &handle, &made, &file, faults, lang, false)
        })
        .await?;
        let name = download.file_name.clone();
        let again =
            self.create_import(cx.clone(), job.object.clone(), name, download.path().to_owned()).await?;
        let new = again["id"].as_str().and_then(|id| id.parse::<huike_model::Id>().ok());
        let new = new.ok_or_else(|| EngineError::internal("an import has no id"))?.number();
        // The columns are those of the first, in their order; the column of reasons is left out by itself.
        let mapping = job.definition.columns.iter().enumerate();
        let mapping =
            mapping.map(|(place, column)| MappedColumn { column: place, field: column.field.clone() });
        let change = ChangeRequest {
            mapping: Some(mapping.collect()),
            mode: Some(job.definition.mode),
            key: job.definition.key.clone(),
            on_duplicate: Some(job.definition.on_duplicate),
            ..ChangeRequest::default()
        };
        let again = self.change_import(cx.clone(), new, change).await?;
        self.write(move |conn| {
            let mut job = view::own_locked(conn, &cx, id)?;
            hand_on(conn, &mut job, &wanted)?;
            job.updated_at = cx.moment.now;
            job.save(conn, cx.keys(), &OVER)
        })
        .await?;
        Ok(again)
    }
}

/// The rows leave the first import's failures, each once.
fn hand_on(conn: &mut Conn, job: &mut Job, rows: &[u32]) -> Result<()> {
    let mut sql = Sql::raw("update import_row set outcome = 'again' where import_id = ");
    sql.bind(job.id).push(" and outcome = 'failed' and ");
    sql.push_in("row_no", rows.iter().map(|row| i64::from(*row)));
    let moved = conn.execute(&sql)?;
    if moved != rows.len() as u64 {
        return Err(Code::Conflict.into());
    }
    job.progress.failed -= rows.len() as i64;
    Ok(())
}

fn rows(job: &Job, file: &source::Unsealed, mut faults: Faults, lang: Lang) -> Result<Vec<Json>> {
    let book = source::open(file.path(), &job.definition.file_name)?;
    let mut sheet = source::sheet(&book, job.definition.sheet)?;
    let mut items = Vec::with_capacity(faults.len());
    for row in sheet.rows(faults.keys().next().copied().unwrap_or_default()) {
        let row = row.map_err(|refusal| source::refused(&refusal))?;
        let Some(found) = faults.remove(&row.number) else { continue };
        let mut cells = texts(&row);
        correct(&mut cells, row.number, &job.content.corrections);
        let columns = job.definition.columns.iter();
        let cells: Vec<&str> =
            columns.map(|column| cells.get(column.index).map_or("", CellText::text)).collect();
        let told: Vec<Json> = found.iter().map(|fault| told(fault, lang)).collect();
        items.push(json!({"row": row.number, "cells": cells, "faults": told}));
        if faults.is_empty() {
            break;
        }
    }
    Ok(items)
}

fn told(fault: &RowFault, lang: Lang) -> Json {
    json!({"column": fault.column, "field": fault.field, "code": fault.code, "message": fault.message.get(lang)})
}

/// Takes corrections in beside those that are there.
///
/// # Errors
/// Every fault of them.
pub fn take(content: &mut Content, definition: &Definition, corrections: &[Correction]) -> Result<()> {
    let mut faults = Vec::new();
    for (place, one) in corrections.iter().enumerate() {
        let at = |member: &str| format!("corrections.{place}.{member}");
        if !definition.columns.iter().any(|column| column.index == one.column) {
            let (zh, en) =
                (format!("没有编号为 {} 的列", one.column), format!("There is no column {}", one.column));
            faults.push(Fault::new(at("column"), "unknown_column", zh, en));
        }
        if one.row <= definition.header_row {
            faults.push(Fault::new(at("row"), "range", "这一行在标题行之前", "This row is above the titles"));
        }
        if one.text.chars().count() > LONGEST {
            let (zh, en) = ("单元格内容太长", "The text is too long for a cell");
            faults.push(Fault::new(at("text"), "too_long", zh, en));
        }
    }
    let mut rows: Vec<u32> = corrections.iter().map(|one| one.row).collect();
    rows.extend(content.corrections.keys());
    rows.sort_unstable();
    rows.dedup();
    if rows.len() > MAX_FAULTS {
        let (zh, en) = (
            "最多逐行修正 1000 行，其余请在表格里改好再导入",
            "1,000 rows can be corrected here; correct the rest in the file",
        );
        faults.push(Fault::new("corrections", "too_many", zh, en));
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    for one in corrections {
        content.corrections.entry(one.row).or_default().insert(one.column, one.text.clone());
    }
    Ok(())
}

/// Puts what a person corrected in place of what the file says.
pub fn correct(cells: &mut Vec<CellText>, row: u32, corrections: &Corrections) {
    for (column, text) in corrections.get(&row).into_iter().flatten() {
        if cells.len() <= *column {
            cells.resize(column + 1, CellText::Text(String::new()));
        }
        cells[*column] = CellText::Text(text.clone());
    }
}

/// The first rows as they are corrected.
pub fn head(content: &Content) -> Vec<HeadRow> {
    let mut head = content.head.clone();
    for row in &mut head {
        correct(&mut row.cells, row.number, &content.corrections);
    }
    head
}
