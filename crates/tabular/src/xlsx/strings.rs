//! The shared strings of a workbook, held outside memory when there are many.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use quick_xml::events::Event;

use super::part::{XmlPart, decode_escapes};
use crate::{Limits, Refusal};

const PART: &str = "sharedStrings.xml";
/// Up to this size the text stays in memory, beyond it goes to a temporary file.
const MEMORY_BYTES: usize = 8 * 1024 * 1024;
/// Four bytes of memory each, so 64 MB at most.
const MAX_STRINGS: usize = 16 * 1024 * 1024;
/// Read from the temporary file at once. Programs number strings in the order of their first use, so the
/// next ones wanted are mostly in the same block.
const BLOCK_BYTES: u64 = 64 * 1024;
const CACHED_BLOCKS: usize = 64;

/// Strings by index. `ends[i]` is where string `i` ends in the concatenated text.
#[derive(Default)]
pub(crate) struct SharedStrings {
    ends: Vec<u32>,
    memory: Vec<u8>,
    spilled: Option<Spilled>,
}

struct Spilled {
    file: File,
    /// (block number, bytes, last use)
    blocks: Vec<(u64, Vec<u8>, u64)>,
    clock: u64,
}

impl SharedStrings {
    pub(crate) fn load<R: Read>(mut part: XmlPart<R>, limits: &Limits) -> Result<Self, Refusal> {
        let mut strings = Self::default();
        let mut written = 0u64;
        let mut text = String::new();
        loop {
            let is_item = match part.next()? {
                Event::Start(element) => element.local_name().as_ref() == "si",
                Event::Eof => break,
                _ => false,
            };
            if !is_item {
                continue;
            }
            text.clear();
            part.read_text(&mut text, limits.max_cell_chars.saturating_mul(4))?;
            decode_escapes(&mut text);
            written += text.len() as u64;
            let end = u32::try_from(written).ok().filter(|_| strings.ends.len() < MAX_STRINGS);
            strings.ends.push(end.ok_or_else(|| Refusal::ZipBomb { part: PART.into() })?);
            strings.memory.extend_from_slice(text.as_bytes());
            if strings.memory.len() > MEMORY_BYTES {
                strings.spill()?;
            }
        }
        if strings.spilled.is_some() {
            strings.spill()?;
        }
        Ok(strings)
    }

    fn spill(&mut self) -> Result<(), Refusal> {
        let spilled = match &mut self.spilled {
            Some(spilled) => spilled,
            none => {
                let file = tempfile::tempfile().map_err(|e| Refusal::from_io(PART, &e))?;
                none.insert(Spilled { file, blocks: Vec::new(), clock: 0 })
            }
        };
        spilled.file.write_all(&self.memory).map_err(|e| Refusal::from_io(PART, &e))?;
        self.memory.clear();
        Ok(())
    }

    /// The string with this index; `None` if the workbook has none.
    pub(crate) fn get(&mut self, index: usize) -> Result<Option<String>, Refusal> {
        let Some(&end) = self.ends.get(index) else { return Ok(None) };
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        let bytes = match &mut self.spilled {
            None => self.memory[start as usize..end as usize].to_vec(),
            Some(spilled) => {
                spilled.read(u64::from(start), u64::from(end)).map_err(|e| Refusal::from_io(PART, &e))?
            }
        };
        String::from_utf8(bytes).map(Some).map_err(|e| Refusal::corrupt(PART, e))
    }
}

impl Spilled {
    fn read(&mut self, start: u64, end: u64) -> std::io::Result<Vec<u8>> {
        let mut out = Vec::with_capacity((end - start) as usize);
        let mut at = start;
        while at < end {
            let number = at / BLOCK_BYTES;
            let block = self.block(number)?;
            let from = (at - number * BLOCK_BYTES) as usize;
            let to = ((end - number * BLOCK_BYTES).min(BLOCK_BYTES) as usize).min(block.len());
            if from >= to {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            out.extend_from_slice(&block[from..to]);
            at = number * BLOCK_BYTES + to as u64;
        }
        Ok(out)
    }

    fn block(&mut self, number: u64) -> std::io::Result<&[u8]> {
        self.clock += 1;
        let position = match self.blocks.iter().position(|(n, ..)| *n == number) {
            Some(position) => position,
            None => {
                let mut bytes = Vec::with_capacity(BLOCK_BYTES as usize);
                self.file.seek(SeekFrom::Start(number * BLOCK_BYTES))?;
                (&self.file).take(BLOCK_BYTES).read_to_end(&mut bytes)?;
                let oldest = self.blocks.iter().enumerate().min_by_key(|(_, b)| b.2).map(|(i, _)| i);
                match oldest.filter(|_| self.blocks.len() >= CACHED_BLOCKS) {
                    Some(position) => {
                        self.blocks[position] = (number, bytes, 0);
                        position
                    }
                    None => {
                        self.blocks.push((number, bytes, 0));
                        self.blocks.len() - 1
                    }
                }
            }
        };
        let block = &mut self.blocks[position];
        block.2 = self.clock;
        Ok(&block.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rich_text_is_joined_and_phonetic_readings_are_left_out() {
        let xml = "<sst><si><r><t>上海</t></r><r><t xml:space=\"preserve\"> 公司&amp;</t></r><rPh><t>shang</t></rPh></si><si/><si><t>a_x000A_b</t></si></sst>";
        let part = XmlPart::new(xml.as_bytes(), PART, 1000, 0, &Limits::default());
        let mut strings = SharedStrings::load(part, &Limits::default()).unwrap();
        assert_eq!(strings.get(0).unwrap().as_deref(), Some("上海 公司&"));
        assert_eq!(strings.get(1).unwrap().as_deref(), Some(""));
        assert_eq!(strings.get(2).unwrap().as_deref(), Some("a\nb"));
        assert_eq!(strings.get(3).unwrap(), None);
    }

    #[test]
    fn many_strings_come_back_from_the_temporary_file_in_any_order() {
        let count = 400_000usize;
        let text = |i: usize| format!("第{i}家客户有限公司，地址未登记");
        let mut xml = String::from("<sst>");
        for i in 0..count {
            xml.push_str(&format!("<si><t>{}</t></si>", text(i)));
        }
        xml.push_str("</sst>");
        let part = XmlPart::new(xml.as_bytes(), PART, xml.len() as u64, 0, &Limits::default());
        let mut strings = SharedStrings::load(part, &Limits::default()).unwrap();
        assert!(strings.spilled.is_some() && strings.memory.is_empty());
        for i in (0..2000).map(|k| k * 7919 % count).chain([0, count - 1]) {
            assert_eq!(strings.get(i).unwrap(), Some(text(i)));
        }
        assert!(strings.spilled.as_ref().unwrap().blocks.len() <= CACHED_BLOCKS);
    }
}
