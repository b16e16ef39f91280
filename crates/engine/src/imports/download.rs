//! A file made for one caller.

use crate::engine::Engine;
use crate::error::Result;
use crate::files::sealed::unwritable;
use std::path::{Path, PathBuf};

/// A file to be sent; it is removed when this is dropped (an open handle outlives that).
#[derive(Debug)]
pub struct Download {
    path: PathBuf,
    pub file_name: String,
    pub content_type: &'static str,
    /// Rows of data in it.
    pub rows: u64,
}

pub const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
pub const CSV: &str = "text/csv; charset=utf-8";

impl Download {
    /// A new path under the engine's files. Blocks.
    ///
    /// # Errors
    /// When the folder can't be made.
    pub(crate) fn new(engine: &Engine, file_name: String, content_type: &'static str) -> Result<Download> {
        let folder = engine.files().join("exports");
        std::fs::create_dir_all(&folder).map_err(|error| unwritable(&error))?;
        let path = folder.join(huike_vault::random::token(""));
        Ok(Download { path, file_name, content_type, rows: 0 })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Download {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(kind = ?error.kind(), "a temporary file can't be removed");
        }
    }
}
