//! Compound files: streams chained through sectors, as in a small file system ([MS-CFB]).

use crate::{Found, Refusal};

const PART: &str = "compound file";
const SIGNATURE: [u8; 8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];
/// Sector numbers from here on are marks (end of chain, free, table), not sectors.
const MAX_REGULAR_SECTOR: u32 = 0xFFFF_FFFA;

pub(super) struct Container<'a> {
    bytes: &'a [u8],
    sector_size: usize,
    mini_sector_size: usize,
    mini_cutoff: u64,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini_stream: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    is_stream: bool,
    start: u32,
    size: u64,
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn damaged(detail: &str) -> Refusal {
    Refusal::corrupt(PART, detail)
}

impl<'a> Container<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Refusal> {
        if !bytes.starts_with(&SIGNATURE) {
            return Err(Refusal::NotASpreadsheet { found: Found::Binary });
        }
        let header = |at| u32_at(bytes, at).ok_or_else(|| damaged("the header ends too early"));
        let shift = |at| u16_at(bytes, at).filter(|s| (6..=16).contains(s));
        let (Some(sector_shift), Some(mini_shift)) = (shift(30), shift(32)) else {
            return Err(damaged("the sector size is out of range"));
        };
        let mut container = Self {
            bytes,
            sector_size: 1 << sector_shift,
            mini_sector_size: 1 << mini_shift,
            mini_cutoff: u64::from(header(56)?),
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini_stream: Vec::new(),
            entries: Vec::new(),
        };
        container.fat = container.read_fat(header(68)?)?;
        let directory = container.chain(header(48)?, None)?;
        container.mini_fat =
            container.chain(header(60)?, None)?.chunks_exact(4).filter_map(|c| u32_at(c, 0)).collect();
        container.entries = directory.chunks_exact(128).filter_map(parse_entry).collect();
        if let Some(root) = directory.chunks_exact(128).next() {
            let start = u32_at(root, 116).unwrap_or(u32::MAX);
            container.mini_stream = container.chain(start, None)?;
        }
        Ok(container)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// The bytes of a stream; `None` if there is none of this name.
    pub(super) fn stream(&self, name: &str) -> Option<Result<Vec<u8>, Refusal>> {
        let entry = self.entries.iter().find(|e| e.is_stream && e.name.eq_ignore_ascii_case(name))?;
        Some(if entry.size < self.mini_cutoff {
            self.mini_chain(entry.start, entry.size)
        } else {
            self.chain(entry.start, Some(entry.size))
        })
    }

    fn sector(&self, number: u32) -> Option<&'a [u8]> {
        let start = (number as usize).checked_add(1)?.checked_mul(self.sector_size)?;
        if start >= self.bytes.len() {
            return None;
        }
        // The last sector of files written by some programs is cut short.
        Some(&self.bytes[start..start.saturating_add(self.sector_size).min(self.bytes.len())])
    }

    fn sector_count(&self) -> usize {
        self.bytes.len() / self.sector_size + 1
    }

    /// The table of sectors: 109 of its sectors are named in the header, the others in a chain of their own.
    fn read_fat(&self, first_difat: u32) -> Result<Vec<u32>, Refusal> {
        let mut table_sectors: Vec<u32> = (0..109)
            .filter_map(|i| u32_at(self.bytes, 76 + 4 * i))
            .filter(|&n| n < MAX_REGULAR_SECTOR)
            .collect();
        let mut next = first_difat;
        let mut seen = 0;
        while next < MAX_REGULAR_SECTOR {
            seen += 1;
            let Some(sector) = self.sector(next).filter(|_| seen <= self.sector_count()) else {
                return Err(damaged("the sector table is broken"));
            };
            let (numbers, link) = sector.split_at(sector.len().saturating_sub(4));
            table_sectors.extend(
                numbers.chunks_exact(4).filter_map(|c| u32_at(c, 0)).filter(|&n| n < MAX_REGULAR_SECTOR),
            );
            next = u32_at(link, 0).unwrap_or(u32::MAX);
        }
        if table_sectors.len() > self.sector_count() {
            return Err(damaged("the sector table is broken"));
        }
        let mut fat = Vec::new();
        for number in table_sectors {
            let sector = self.sector(number).ok_or_else(|| damaged("the sector table is broken"))?;
            fat.extend(sector.chunks_exact(4).filter_map(|c| u32_at(c, 0)));
        }
        Ok(fat)
    }

    fn chain(&self, start: u32, size: Option<u64>) -> Result<Vec<u8>, Refusal> {
        let mut out = Vec::new();
        let mut next = start;
        let mut seen = 0;
        while next < MAX_REGULAR_SECTOR && size.is_none_or(|size| (out.len() as u64) < size) {
            seen += 1;
            let Some(sector) = self.sector(next).filter(|_| seen <= self.sector_count()) else {
                return Err(damaged("a chain of sectors is broken"));
            };
            out.extend_from_slice(sector);
            next = self.fat.get(next as usize).copied().unwrap_or(u32::MAX);
        }
        if let Some(size) = size {
            out.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        }
        Ok(out)
    }

    fn mini_chain(&self, start: u32, size: u64) -> Result<Vec<u8>, Refusal> {
        let mut out = Vec::new();
        let mut next = start;
        let mut seen = 0;
        let count = self.mini_stream.len() / self.mini_sector_size + 1;
        while next < MAX_REGULAR_SECTOR && (out.len() as u64) < size {
            seen += 1;
            let from = (next as usize).saturating_mul(self.mini_sector_size);
            if seen > count || from >= self.mini_stream.len() {
                return Err(damaged("a chain of small sectors is broken"));
            }
            let to = from.saturating_add(self.mini_sector_size).min(self.mini_stream.len());
            out.extend_from_slice(&self.mini_stream[from..to]);
            next = self.mini_fat.get(next as usize).copied().unwrap_or(u32::MAX);
        }
        out.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        Ok(out)
    }
}

fn parse_entry(bytes: &[u8]) -> Option<Entry> {
    let kind = *bytes.get(66)?;
    let units = usize::from(u16_at(bytes, 64)?).min(64) / 2;
    let name: Vec<u16> = (0..units.saturating_sub(1)).filter_map(|i| u16_at(bytes, 2 * i)).collect();
    let size = u32_at(bytes, 120)?;
    // 0 unused, 1 storage, 2 stream, 5 root.
    (kind == 1 || kind == 2).then(|| Entry {
        name: String::from_utf16_lossy(&name),
        is_stream: kind == 2,
        start: u32_at(bytes, 116).unwrap_or(u32::MAX),
        size: u64::from(size),
    })
}
