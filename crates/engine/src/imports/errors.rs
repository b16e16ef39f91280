//! The rows that didn't come in, as a workbook to correct and send again: the original columns with the reasons behind them.

use super::correct::correct;
use super::download::{Download, XLSX};
use super::draft::{CellText, RowFault};
use super::job::{Job, State};
use super::{source, view};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::files::sealed::on_thread;
use huike_model::{Code, Lang, Problem};
use huike_store::{Conn, Sql};
use huike_tabular::{Column, ColumnKind, Extras, Format, OutCell, WriteError, Writer};
use huike_vault::keys::SubjectKey;
use std::collections::BTreeMap;
use tokio::runtime::Handle;

/// Faulty rows fetched at once.
const PAGE: i64 = 1_000;

impl Engine {
    /// The faulty rows of an import, or of its dry run (then the first thousand faults).
    ///
    /// # Errors
    /// `not_found`: no such import, no faulty row, or the file is no longer kept.
    pub async fn import_errors(&self, cx: Cx, id: i64) -> Result<Download> {
        let (engine, lang) = (self.clone(), cx.lang());
        let (job, key) = own_file(self, cx, id).await?;
        let handle = Handle::current();
        on_thread(move || {
            let faults = faulty(&engine, &handle, &job, 0, false)?;
            if faults.is_empty() {
                return Err(Code::NotFound.into());
            }
            let file = source::Unsealed::of(&engine, key, job.id)?;
            write(&engine, &handle, &job, &file, faults, lang, true)
        })
        .await
    }
}

/// One of the caller's imports whose file is still kept, with the key of that file.
///
/// # Errors
/// `not_found`; the database's.
pub async fn own_file(engine: &Engine, cx: Cx, id: i64) -> Result<(Job, Option<SubjectKey>)> {
    let keys = engine.keys().clone();
    engine
        .read(move |conn| {
            let job = view::own(conn, &cx, id)?;
            if job.definition.purged {
                return Err(Code::NotFound.into());
            }
            Ok((job, keys.subject(conn, id)?))
        })
        .await
}

pub type Faults = BTreeMap<u32, Vec<RowFault>>;

/// Writes the rows of `faults` and, where `all`, those behind them, as they are corrected.
///
/// # Errors
/// `refused_file` when the file breaks off, `too_large`.
pub fn write(
    engine: &Engine,
    handle: &Handle,
    job: &Job,
    file: &source::Unsealed,
    mut faults: Faults,
    lang: Lang,
    all: bool,
) -> Result<Download> {
    let stem =
        job.definition.file_name.rsplit_once('.').map_or(job.definition.file_name.as_str(), |(stem, _)| stem);
    let suffix = if lang == Lang::Zh { "待修正" } else { "to correct" };
    let mut download = Download::new(engine, format!("{stem} {suffix}.xlsx"), XLSX)?;
    let columns: Vec<Column> = job
        .definition
        .columns
        .iter()
        .map(|column| Column::new(column.title.clone(), ColumnKind::Text))
        .collect();
    let title = source::ERROR_TITLES[usize::from(lang == Lang::En)];
    let extras = Extras { watermark: None, fault_column: Some(title.to_owned()) };
    let name = job.definition.sheets.get(job.definition.sheet).map_or("", |sheet| sheet.name.as_str());
    let mut writer = Writer::create_with(download.path(), name, Format::Xlsx, &columns, extras)
        .map_err(|error| unwritable(&error))?;
    let book = source::open(file.path(), &job.definition.file_name)?;
    let mut sheet = source::sheet(&book, job.definition.sheet)?;
    let first = faults.keys().next().copied().unwrap_or_default();
    for row in sheet.rows(first) {
        let row = row.map_err(|refusal| source::refused(&refusal))?;
        if faults.is_empty() {
            break;
        }
        let Some(found) = faults.remove(&row.number) else { continue };
        let mut cells: Vec<CellText> = super::draft::texts(&row);
        correct(&mut cells, row.number, &job.content.corrections);
        writer.write_row(&cells_of(job, &cells, &found, lang)).map_err(|error| unwritable(&error))?;
        if faults.is_empty() && all {
            faults = faulty(engine, handle, job, row.number, false)?;
        }
    }
    download.rows = u64::from(writer.finish().map_err(|error| unwritable(&error))?.rows);
    Ok(download)
}

/// Faulty rows behind `after`, a thousand at most; with `only_failed` without those that came in although something was left out.
///
/// # Errors
/// The database's.
pub fn faulty(engine: &Engine, handle: &Handle, job: &Job, after: u32, only_failed: bool) -> Result<Faults> {
    if job.state == State::Checked || job.progress.first_tx.is_none() {
        let mut faults = Faults::new();
        let report = job.content.report.iter().flat_map(|report| &report.faults);
        for located in report.filter(|located| located.row > after) {
            faults.entry(located.row).or_default().push(located.fault.clone());
        }
        return Ok(faults);
    }
    let id = job.id;
    handle.block_on(engine.read(move |conn| failed(conn, id, after, only_failed)))
}

fn failed(conn: &mut Conn, import: i64, after: u32, only_failed: bool) -> Result<Faults> {
    let mut sql = Sql::raw("select row_no, faults from import_row where import_id = ");
    sql.bind(import).push(" and row_no > ").bind(after);
    let partly = " or (outcome in ('created', 'updated') and faults is not null)";
    sql.push(" and (outcome = 'failed'").push(if only_failed { "" } else { partly });
    sql.push(") order by row_no limit ").bind(PAGE);
    let mut faults = Faults::new();
    for row in conn.query(&sql)? {
        let unreadable = |_| EngineError::internal("the faults of a row can't be read");
        let found: Vec<RowFault> =
            serde_json::from_str(row.opt_text(1)?.unwrap_or("[]")).map_err(unreadable)?;
        faults.insert(u32::try_from(row.int(0)?).unwrap_or(u32::MAX), found);
    }
    Ok(faults)
}

/// The row as it stood, each fault at its cell; what belongs to no column stands at the first.
fn cells_of(job: &Job, cells: &[CellText], faults: &[RowFault], lang: Lang) -> Vec<OutCell> {
    let columns = &job.definition.columns;
    let place = |fault: &RowFault| {
        columns.iter().position(|column| Some(column.index) == fault.column).unwrap_or_default()
    };
    let cell = |(at, column): (usize, &super::job::Column)| {
        let text = cells.get(column.index).map_or("", CellText::text).to_owned();
        let messages: Vec<&str> =
            faults.iter().filter(|fault| place(fault) == at).map(|fault| fault.message.get(lang)).collect();
        match (messages.is_empty(), text.is_empty()) {
            (false, _) => OutCell::Fault { value: text, message: messages.join("; ") },
            (true, true) => OutCell::Empty,
            (true, false) => OutCell::Text(text),
        }
    };
    columns.iter().enumerate().map(cell).collect()
}

/// A workbook that can't be written: too large is the caller's to mend, anything else ours.
pub fn unwritable(error: &WriteError) -> EngineError {
    match error {
        WriteError::TooManyRows { .. } => Problem::new(Code::TooLarge)
            .with_detail(error.message(huike_tabular::Lang::Zh), error.message(huike_tabular::Lang::En))
            .into(),
        other => EngineError::internal(format!("a workbook can't be written: {other}")),
    }
}
