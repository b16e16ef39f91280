//! Files: contracts scanned, pictures taken on a visit.
//!
//! A file is a record of `file` (name, size, type, whose) with a row in `stored_file` that leads to its content. Contents lie in the folder of
//! files, each encrypted under a key of its own; the same content is kept once (`file_content`). `file_use` says which fields of which records
//! name a file: it is written in the transaction of the record, and it decides who may read the content (docs/adr/0007-files.md).
//!
//! * [`receive`]: taking a file in; [`open`]: giving it out; [`rights`]: who may; [`uses`]: what follows a record's write.
//! * [`sealed`]: the format on disk; [`media`]: what a content is; [`sweep`]: what nothing names goes; [`folder`]: whether it is the right one.

pub mod folder;
pub(crate) mod media;
pub(crate) mod names;
mod open;
mod receive;
mod rights;
pub(crate) mod sealed;
pub mod sweep;
mod uses;

pub use open::OpenFile;
pub use receive::Incoming;
pub(crate) use rights::check;
pub(crate) use uses::follow;

use crate::engine::Engine;
use huike_model::{Id, Value};
use std::path::PathBuf;

/// The object whose records files are.
pub(crate) const OBJECT: &str = "file";

/// The files that a field's value names.
pub(crate) fn members(value: &Value) -> impl Iterator<Item = i64> + '_ {
    value.members().filter_map(|member| member.parse::<Id>().ok()).map(Id::number)
}

/// Where a content lies. A thousand folders at most, so that none grows beyond what tools can list.
fn place(engine: &Engine, content: i64) -> PathBuf {
    let name = format!("{content:x}");
    engine.files().join("content").join(format!("{:03}", content.unsigned_abs() % 1_000)).join(name)
}
