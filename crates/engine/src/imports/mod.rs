//! Bringing spreadsheets in, and taking records out.
//!
//! An import is a row of `import_job` and a file under `files/imports/`. What it writes goes through the one pipeline of
//! [`crate::records`], as the person who started it, under that person's permissions, logged as `via = import` with the import's id as the
//! request. Rows are written in chunks, each with its outcome in `import_row` in one transaction that also moves the job's mark on: a
//! process may die at any place, and whoever takes the job over goes on behind the mark.
//!
//! ```text
//! upload ─► source (sheets, header, samples) ─► guess (columns → fields) ─► plan (checked mapping)
//!                                                                            │
//! file ─► draft (one row, by field) ─► ready (checked, worked out) ─► chunk (names → ids, key → record, create | update | skip) ─► outcome
//!            thread of the job                                         inside the transaction; rehearsed and rolled back for preview and check
//! ```
//!
//! # For the server
//! ```text
//! engine.create_import(cx, object, file_name, path) -> Json                POST  /imports (the file at `path` is copied)
//! engine.import(cx, id) -> Json                                            GET   /imports/{id}
//! engine.list_imports(cx, limit, cursor) -> Json                           GET   /imports
//! engine.change_import(cx, id, ChangeRequest) -> Json                      PATCH /imports/{id}
//! engine.check_import(cx, id) -> Json                                      POST  /imports/{id}/check
//! engine.start_import(cx, id) -> Json                                      POST  /imports/{id}/start
//! engine.cancel_import(cx, id) -> Json                                     POST  /imports/{id}/cancel
//! engine.undo_import(cx, id) -> Json                                       POST  /imports/{id}/undo
//! engine.import_errors(cx, id) -> Download                                 GET   /imports/{id}/errors.xlsx
//! engine.faulty_rows(cx, id, limit, cursor) -> Json                        GET   /imports/{id}/faulty
//! engine.import_again(cx, id, corrections) -> Json                         POST  /imports/{id}/again
//! engine.import_template(cx, object) -> Download                           GET   /import-templates/{object}.xlsx
//! engine.export_records(cx, object, ExportRequest) -> Download             POST  /records/{object}/export
//! engine.import_events() -> broadcast::Receiver<ImportEvent>               GET   /events (`ImportEvent::by` must be the caller's user)
//! imports::tend(engine) -> !                                               one task for the life of the server: resumes, tidies up
//! engine.stop_imports()                                                    before shutting down: jobs stop behind their chunk
//! ```
//! A [`Download`] removes its file when it is dropped.

mod cancel;
mod change;
mod check;
mod chunk;
mod correct;
mod create;
mod download;
mod draft;
mod errors;
mod events;
mod export;
mod guess;
mod job;
mod keys;
mod names;
mod plan;
mod preview;
mod ready;
mod report;
mod revert;
mod run;
mod source;
mod start;
mod template;
mod titles;
mod together;
mod undo;
mod view;
mod worker;

#[cfg(test)]
mod tests;

pub use change::{ChangeRequest, MappedColumn};
pub use correct::Correction;
pub use download::Download;
pub(crate) use download::XLSX;
pub(crate) use errors::unwritable as unwritable_book;
pub use events::{ImportEvent, Imports};
pub use export::{ExportFormat, ExportRequest};
pub use job::{Mode, OnLikely, Progress, State};
pub use worker::tend;

/// The language of messages of the spreadsheet crate.
fn sheet_lang(lang: huike_model::Lang) -> huike_tabular::Lang {
    match lang {
        huike_model::Lang::Zh => huike_tabular::Lang::Zh,
        huike_model::Lang::En => huike_tabular::Lang::En,
    }
}
