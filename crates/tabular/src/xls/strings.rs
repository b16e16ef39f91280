//! Texts in BIFF: counted strings in one or two bytes per character, and the shared strings that run over records.

use encoding_rs::{BIG5, EUC_KR, Encoding, GBK, SHIFT_JIS, UTF_8, WINDOWS_1250, WINDOWS_1251, WINDOWS_1252};

use super::cfb::{u16_at, u32_at};

/// Versions of the record format; they differ in how texts are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// Excel 5 and 95: bytes in the workbook's code page.
    Biff5(&'static Encoding),
    /// Excel 97 and later: UTF-16 or its low bytes.
    Biff8,
}

pub(super) fn code_page(number: u16) -> &'static Encoding {
    match number {
        936 => GBK,
        950 => BIG5,
        932 => SHIFT_JIS,
        949 => EUC_KR,
        1250 => WINDOWS_1250,
        1251 => WINDOWS_1251,
        65001 => UTF_8,
        _ => WINDOWS_1252,
    }
}

/// A string with a 16-bit count at `at` (records LABEL, STRING, FORMAT). Cut short if the record is.
pub(super) fn long_string(data: &[u8], at: usize, version: Version) -> Option<String> {
    let count = usize::from(u16_at(data, at)?);
    Some(characters(data, at + 2, count, version))
}

/// A string with an 8-bit count at `at` (records BOUNDSHEET, FORMAT of BIFF5).
pub(super) fn short_string(data: &[u8], at: usize, version: Version) -> Option<String> {
    let count = usize::from(*data.get(at)?);
    Some(characters(data, at + 1, count, version))
}

fn characters(data: &[u8], at: usize, count: usize, version: Version) -> String {
    let rest = |from: usize| data.get(from.min(data.len())..).unwrap_or_default();
    match version {
        Version::Biff5(encoding) => {
            let bytes = rest(at);
            encoding.decode_without_bom_handling(&bytes[..count.min(bytes.len())]).0.into_owned()
        }
        Version::Biff8 => {
            let wide = data.get(at).is_some_and(|flags| flags & 1 == 1);
            let mut units = Vec::new();
            take_units(rest(at + 1), wide, count, &mut units);
            String::from_utf16_lossy(&units)
        }
    }
}

/// Appends up to `count` UTF-16 units; returns the number of bytes they took.
fn take_units(bytes: &[u8], wide: bool, count: usize, units: &mut Vec<u16>) -> usize {
    if wide {
        let taken = count.min(bytes.len() / 2);
        units.extend(bytes[..taken * 2].chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])));
        taken * 2
    } else {
        let taken = count.min(bytes.len());
        units.extend(bytes[..taken].iter().map(|&b| u16::from(b)));
        taken
    }
}

/// Reads over the record SST and the CONTINUE records after it ([MS-XLS] 2.4.265 and 2.5.293).
struct Segments<'a> {
    segments: &'a [&'a [u8]],
    at: usize,
}

impl<'a> Segments<'a> {
    fn current(&self) -> Option<&'a [u8]> {
        self.segments.first().and_then(|segment| segment.get(self.at..))
    }

    /// Steps over exhausted segments; false when nothing is left.
    fn advance(&mut self) -> bool {
        while self.current().is_none_or(<[u8]>::is_empty) {
            if self.segments.len() <= 1 {
                return false;
            }
            self.segments = &self.segments[1..];
            self.at = 0;
        }
        true
    }

    fn byte(&mut self) -> Option<u8> {
        if !self.advance() {
            return None;
        }
        let byte = *self.current()?.first()?;
        self.at += 1;
        Some(byte)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from(self.u16()?) | u32::from(self.u16()?) << 16)
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            if !self.advance() {
                return None;
            }
            let step = count.min(self.current()?.len());
            self.at += step;
            count -= step;
        }
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        let mut left = usize::from(self.u16()?);
        let flags = self.byte()?;
        let mut wide = flags & 0x01 != 0;
        let runs = if flags & 0x08 != 0 { usize::from(self.u16()?) } else { 0 };
        let extension = if flags & 0x04 != 0 { self.u32()? as usize } else { 0 };
        let mut units = Vec::new();
        while left > 0 {
            if self.current().is_none_or(<[u8]>::is_empty) {
                // The characters go on in the next record, which opens with its own width.
                wide = self.byte()? & 0x01 != 0;
                continue;
            }
            let before = units.len();
            let bytes = take_units(self.current()?, wide, left, &mut units);
            if bytes == 0 {
                return None;
            }
            self.at += bytes;
            left -= units.len() - before;
        }
        self.skip(runs * 4 + extension)?;
        Some(String::from_utf16_lossy(&units))
    }
}

/// All shared strings that are there, whatever the record claims.
pub(super) fn shared_strings(segments: &[&[u8]]) -> Vec<String> {
    let declared = segments.first().and_then(|s| u32_at(s, 4)).unwrap_or(0);
    let mut reader = Segments { segments, at: 8 };
    let mut strings = Vec::new();
    while (strings.len() as u64) < u64::from(declared) && reader.advance() {
        match reader.string() {
            Some(text) => strings.push(text),
            None => break,
        }
    }
    strings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_string_goes_on_in_the_next_record_in_another_width() {
        let mut first = vec![1, 0, 0, 0, 2, 0, 0, 0];
        first.extend([5, 0, 0x08, 1, 0]);
        first.extend("ab".bytes());
        let mut second = vec![1u8];
        second.extend("汇客!".encode_utf16().flat_map(u16::to_le_bytes));
        second.extend([0, 0, 1, 0]);
        second.extend([1, 0, 0, b'z']);
        assert_eq!(shared_strings(&[&first, &second]), ["ab汇客!", "z"]);
    }
}
