//! Files as they lie on the disk: encrypted piece by piece, written in order, read at any place.

use crate::error::{EngineError, Result};
use huike_vault::content::{HEADER, Opener, PIECE, SEALED_PIECE, Sealer};
use huike_vault::keys::SubjectKey;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

/// Writes a file encrypted.
pub struct Writing {
    file: File,
    sealer: Sealer,
    /// What doesn't make a whole piece yet. A piece is written when more follows, for only then it is known not to be the last.
    rest: Vec<u8>,
    size: u64,
}

impl Writing {
    /// Begins a file that must not exist yet. Blocks, as everything here.
    ///
    /// # Errors
    /// The file system's.
    pub fn create(path: &Path, key: &SubjectKey, subject: i64) -> io::Result<Writing> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = File::create_new(path)?;
        let (sealer, header) = Sealer::new(key, subject);
        file.write_all(&header)?;
        Ok(Writing { file, sealer, rest: Vec::with_capacity(PIECE), size: 0 })
    }

    /// # Errors
    /// The file system's.
    pub fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            if self.rest.len() == PIECE {
                self.piece(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.rest.len()));
            self.rest.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    fn piece(&mut self, last: bool) -> io::Result<()> {
        let sealed = self.sealer.piece(&self.rest, last).ok_or(io::ErrorKind::FileTooLarge)?;
        self.rest.clear();
        self.file.write_all(&sealed)
    }

    /// Ends the file and waits until the disk has it; how many bytes went in, and their SHA-256.
    ///
    /// # Errors
    /// The file system's.
    pub fn finish(mut self) -> io::Result<(u64, [u8; 32])> {
        self.piece(true)?;
        self.file.sync_all()?;
        Ok((self.size, self.sealer.hash()))
    }
}

/// Reads a file that [`Writing`] wrote.
pub struct Reading {
    file: File,
    opener: Opener,
    size: u64,
}

impl Reading {
    /// # Errors
    /// `io::ErrorKind::InvalidData` when it isn't such a file; the file system's.
    pub fn open(path: &Path, key: &SubjectKey, subject: i64) -> io::Result<Reading> {
        let mut file = File::open(path)?;
        let mut header = [0; HEADER];
        file.read_exact(&mut header)?;
        let opener = Opener::new(key, subject, &header).map_err(|_| io::ErrorKind::InvalidData)?;
        let stored = file.metadata()?.len().saturating_sub(HEADER as u64);
        let tag = (SEALED_PIECE - PIECE) as u64;
        let size = stored.saturating_sub(stored.div_ceil(SEALED_PIECE as u64) * tag);
        Ok(Reading { file, opener, size })
    }

    /// Bytes in the clear, as the file's length has it; the tags tell whether it is true.
    pub fn size(&self) -> u64 {
        self.size
    }

    fn pieces(&self) -> u64 {
        self.size.div_ceil(PIECE as u64).max(1)
    }

    /// The piece that `offset` lies in, from there on; empty at the end.
    ///
    /// # Errors
    /// `io::ErrorKind::InvalidData` when it was altered; the file system's.
    pub fn from(&mut self, offset: u64) -> io::Result<Vec<u8>> {
        let number = offset / PIECE as u64;
        if number >= self.pieces() || (offset >= self.size && offset > 0) {
            return Ok(Vec::new());
        }
        self.file.seek(SeekFrom::Start(HEADER as u64 + number * SEALED_PIECE as u64))?;
        let mut sealed = Vec::with_capacity(SEALED_PIECE);
        (&mut self.file).take(SEALED_PIECE as u64).read_to_end(&mut sealed)?;
        let last = number + 1 == self.pieces();
        let number = u32::try_from(number).map_err(|_| io::ErrorKind::InvalidData)?;
        let mut plain = self.opener.piece(number, last, &sealed).map_err(|_| io::ErrorKind::InvalidData)?;
        plain.drain(..usize::try_from(offset % PIECE as u64).unwrap_or_default().min(plain.len()));
        Ok(plain)
    }
}

/// What the caller is told when the disk doesn't take a file: a full one is no fault of ours.
pub fn unwritable(error: &io::Error) -> EngineError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            tracing::error!("the disk that holds the files is full");
            huike_model::Problem::new(huike_model::Code::Unavailable)
                .with_detail(
                    "服务器存放文件的磁盘已满，请联系管理员",
                    "The server's disk for files is full; please tell the administrator",
                )
                .into()
        }
        kind => EngineError::internal(format!("the folder of files can't be written: {kind:?}")),
    }
}

/// Removes a file that nobody needs; one that is gone already is as good.
pub fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::warn!(kind = ?error.kind(), "a file can't be removed");
    }
}

/// Runs work that blocks away from the async threads.
///
/// # Errors
/// What the work fails with.
pub async fn on_thread<R: Send + 'static>(work: impl FnOnce() -> Result<R> + Send + 'static) -> Result<R> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(EngineError::internal("a task on a file panicked")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn what_was_written_in_any_portions_is_read_from_any_place(
            size in prop_oneof![Just(0_usize), Just(1), Just(PIECE - 1), Just(PIECE), Just(PIECE + 1), Just(2 * PIECE), 0..200_000_usize],
            portion in 1..150_000_usize,
            at: prop::sample::Index,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let (path, key) = (folder.path().join("file"), SubjectKey::generate());
            let text: Vec<u8> = (0..size).map(|place| (place % 251) as u8).collect();
            let mut writing = Writing::create(&path, &key, 5).unwrap();
            for part in text.chunks(portion) {
                writing.write(part).unwrap();
            }
            prop_assert_eq!(writing.finish().unwrap().0, size as u64);
            let mut reading = Reading::open(&path, &key, 5).unwrap();
            prop_assert_eq!(reading.size(), size as u64);
            let start = at.index(size + 1);
            let mut read = Vec::new();
            loop {
                let piece = reading.from((start + read.len()) as u64).unwrap();
                if piece.is_empty() {
                    break;
                }
                read.extend(piece);
            }
            prop_assert!(read == text[start..]);
        }
    }

    #[test]
    fn a_file_that_was_cut_off_or_is_none_of_ours_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (path, key) = (folder.path().join("file"), SubjectKey::generate());
        let mut writing = Writing::create(&path, &key, 5).unwrap();
        writing.write(&vec![7; PIECE + 10]).unwrap();
        writing.finish().unwrap();
        let whole = std::fs::read(&path).unwrap();
        assert!(!whole.windows(20).any(|window| window == [7; 20]));
        std::fs::write(&path, &whole[..HEADER + SEALED_PIECE]).unwrap();
        let error = Reading::open(&path, &key, 5).unwrap().from(0).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        std::fs::write(&path, b"no header at all").unwrap();
        assert!(Reading::open(&path, &key, 5).is_err());
    }
}
