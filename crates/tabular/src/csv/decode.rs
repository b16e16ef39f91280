//! Which encoding a text has, and its characters as a stream.

use std::fs::File;
use std::io::Read;

use encoding_rs::{CoderResult, Decoder, DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::{Found, Refusal};

/// Text encodings that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TextEncoding {
    Utf8,
    /// UTF-8 that opens with a byte order mark.
    Utf8Bom,
    /// GB 18030, which GBK and GB 2312 are parts of.
    Gb18030,
    Utf16Le,
    Utf16Be,
}

impl TextEncoding {
    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 | Self::Utf8Bom => UTF_8,
            Self::Gb18030 => GB18030,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
        }
    }
}

const BLOCK_BYTES: usize = 64 * 1024;
/// More faults than one in this many characters mean that the bytes are not in that encoding.
const TOLERATED: u64 = 1_000;

/// Characters of a file, chunk by chunk; a byte order mark is left out, broken bytes become U+FFFD.
pub(crate) struct Decoded<R = File> {
    source: R,
    decoder: Decoder,
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    text: String,
    read: u64,
    at_end: bool,
    finished: bool,
}

impl<R: Read> Decoded<R> {
    pub(crate) fn new(source: R, encoding: TextEncoding) -> Self {
        Self {
            source,
            decoder: encoding.encoding().new_decoder_with_bom_removal(),
            bytes: vec![0; BLOCK_BYTES],
            start: 0,
            end: 0,
            text: String::with_capacity(BLOCK_BYTES * 3),
            read: 0,
            at_end: false,
            finished: false,
        }
    }

    /// The next piece of text, never empty; `None` at the end of the file.
    pub(crate) fn chunk(&mut self) -> Result<Option<&str>, Refusal> {
        loop {
            if self.finished {
                return Ok(None);
            }
            if self.start == self.end && !self.at_end {
                self.start = 0;
                self.end = self.source.read(&mut self.bytes).map_err(|e| Refusal::from_io("file", &e))?;
                self.at_end = self.end == 0;
                self.read += self.end as u64;
            }
            self.text.clear();
            let block = &self.bytes[self.start..self.end];
            let (result, used, _) = self.decoder.decode_to_string(block, &mut self.text, self.at_end);
            self.start += used;
            self.finished = self.at_end && result == CoderResult::InputEmpty;
            if !self.text.is_empty() {
                return Ok(Some(&self.text));
            }
        }
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.read
    }
}

/// Reads the whole file once: the encoding is certain only when the last byte fits. Bytes that are no text in any
/// encoding are refused.
pub(crate) fn detect_encoding(file: &mut File) -> Result<TextEncoding, Refusal> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut utf8 = Trial::new(UTF_8);
    let mut gb18030 = Trial::new(GB18030);
    let mut first = true;
    loop {
        let count = file.read(&mut block).map_err(|e| Refusal::from_io("file", &e))?;
        let bytes = &block[..count];
        if first {
            first = false;
            if let Some(encoding) = from_opening(bytes) {
                return Ok(encoding);
            }
        }
        utf8.feed(bytes);
        gb18030.feed(bytes);
        if count == 0 {
            break;
        }
        if utf8.controls > 0 {
            return Err(Refusal::NotASpreadsheet { found: Found::Binary });
        }
    }
    // Chinese text in GB 18030 read as UTF-8 has more faults than characters, so a few broken bytes decide nothing.
    if utf8.faults * 20 <= utf8.beyond_ascii {
        return Ok(TextEncoding::Utf8);
    }
    let (best, encoding) = if gb18030.faults < utf8.faults {
        (gb18030, TextEncoding::Gb18030)
    } else {
        (utf8, TextEncoding::Utf8)
    };
    if best.faults > 1 + best.chars / TOLERATED {
        return Err(Refusal::NotASpreadsheet { found: Found::Binary });
    }
    Ok(encoding)
}

/// Encodings told by a byte order mark, or by zero bytes in every second place.
fn from_opening(bytes: &[u8]) -> Option<TextEncoding> {
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        return Some(TextEncoding::Utf8Bom);
    }
    if bytes.starts_with(&[0xFF, 0xFE]) {
        return Some(TextEncoding::Utf16Le);
    }
    if bytes.starts_with(&[0xFE, 0xFF]) {
        return Some(TextEncoding::Utf16Be);
    }
    // Delimiters, digits and line ends are below U+0100 in any table, so UTF-16 has zero bytes in their high halves.
    let zeros = |offset: usize| bytes.iter().skip(offset).step_by(2).filter(|&&b| b == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let half = bytes.len() / 2;
    if odd * 20 > half && even == 0 {
        Some(TextEncoding::Utf16Le)
    } else if even * 20 > half && odd == 0 {
        Some(TextEncoding::Utf16Be)
    } else {
        None
    }
}

/// Counts what does not fit when bytes are read in one encoding.
struct Trial {
    decoder: Decoder,
    is_gb18030: bool,
    text: String,
    faults: u64,
    chars: u64,
    /// Characters beyond ASCII that fit.
    beyond_ascii: u64,
    /// Control characters that occur in no table.
    controls: u64,
}

impl Trial {
    fn new(encoding: &'static Encoding) -> Self {
        Self {
            decoder: encoding.new_decoder_without_bom_handling(),
            is_gb18030: encoding == GB18030,
            text: String::with_capacity(BLOCK_BYTES * 3),
            faults: 0,
            chars: 0,
            beyond_ascii: 0,
            controls: 0,
        }
    }

    /// An empty slice says that the text has ended.
    fn feed(&mut self, bytes: &[u8]) {
        let mut at = 0;
        loop {
            self.text.clear();
            let last = bytes.is_empty();
            let (result, used) =
                self.decoder.decode_to_string_without_replacement(&bytes[at..], &mut self.text, last);
            at += used;
            for c in self.text.chars() {
                self.chars += 1;
                // Private use characters come from GB 18030 only when the bytes are something else.
                let private = self.is_gb18030 && ('\u{e000}'..='\u{f8ff}').contains(&c);
                self.faults += u64::from(private);
                self.beyond_ascii += u64::from(!private && !c.is_ascii());
                self.controls += u64::from(is_binary_control(c));
            }
            match result {
                DecoderResult::InputEmpty => return,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => self.faults += 1,
            }
        }
    }
}

/// Control characters other than white space, the bell and the end mark of DOS.
fn is_binary_control(c: char) -> bool {
    c < ' ' && !matches!(c, '\t' | '\n' | '\r' | '\u{7}' | '\u{b}' | '\u{c}' | '\u{1a}')
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn detect(bytes: &[u8]) -> Result<TextEncoding, Refusal> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        std::io::Seek::rewind(&mut file).unwrap();
        detect_encoding(&mut file)
    }

    #[test]
    fn encodings_are_detected_from_content() {
        let text = "客户名称,电话\n上海甲公司,021-55550000\n";
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf16_be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(detect(text.as_bytes()), Ok(TextEncoding::Utf8));
        assert_eq!(detect(&[b"\xEF\xBB\xBF", text.as_bytes()].concat()), Ok(TextEncoding::Utf8Bom));
        assert_eq!(detect(&GB18030.encode(text).0), Ok(TextEncoding::Gb18030));
        assert_eq!(detect(&utf16), Ok(TextEncoding::Utf16Le));
        assert_eq!(detect(&utf16_be), Ok(TextEncoding::Utf16Be));
        assert_eq!(detect(&[b"\xFF\xFE".as_slice(), &utf16].concat()), Ok(TextEncoding::Utf16Le));
        assert_eq!(detect(b"a,b\n1,2\n"), Ok(TextEncoding::Utf8));
    }

    #[test]
    fn a_utf8_text_with_one_broken_byte_is_still_utf8() {
        let mut bytes = "客户名称,电话\n".repeat(500).into_bytes();
        bytes.extend_from_slice(b"\xE5\xAE");
        assert_eq!(detect(&bytes), Ok(TextEncoding::Utf8));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let noise: Vec<u8> = (0..4096u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        assert_eq!(detect(&noise), Err(Refusal::NotASpreadsheet { found: Found::Binary }));
    }
}
