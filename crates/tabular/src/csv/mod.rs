//! Delimited text: which encoding, which delimiter, and the records as a stream.

mod decode;
mod records;

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;

pub use decode::TextEncoding;
pub(crate) use decode::{Decoded, detect_encoding};
pub(crate) use records::CsvRows;
use records::split_sample;

use crate::{Limits, Refusal};

/// What stands between two fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Delimiter {
    Comma,
    Tab,
    Semicolon,
    Pipe,
}

impl Delimiter {
    const ALL: [Self; 4] = [Self::Comma, Self::Tab, Self::Semicolon, Self::Pipe];

    /// The delimiting character.
    pub fn as_char(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Tab => '\t',
            Self::Semicolon => ';',
            Self::Pipe => '|',
        }
    }
}

/// How a delimited text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dialect {
    pub(crate) encoding: TextEncoding,
    pub(crate) delimiter: Delimiter,
    /// The first line is Excel's `sep=;` and no record.
    pub(crate) separator_line: bool,
}

const SAMPLE_CHARS: usize = 64 * 1024;
/// A delimiter in fewer records than this is part of the text.
const MIN_SHARE: f64 = 0.3;

/// Detects the dialect and estimates the number of records from the first of them.
pub(crate) fn inspect(path: &Path, limits: &Limits) -> Result<(Dialect, u32), Refusal> {
    let mut file = File::open(path).map_err(|e| Refusal::from_io("file", &e))?;
    let encoding = detect_encoding(&mut file)?;
    file.seek(SeekFrom::Start(0)).map_err(|e| Refusal::from_io("file", &e))?;
    let bytes = file.metadata().map_err(|e| Refusal::from_io("file", &e))?.len();
    let mut decoded = Decoded::new(file, encoding);
    let mut sample = String::new();
    let mut is_whole = false;
    while sample.len() < SAMPLE_CHARS && !is_whole {
        match decoded.chunk()? {
            Some(chunk) => sample.push_str(chunk),
            None => is_whole = true,
        }
    }
    if sample.trim().is_empty() {
        return Err(Refusal::Empty);
    }
    let (delimiter, separator_line) = guess_delimiter(&sample, is_whole);
    let dialect = Dialect { encoding, delimiter, separator_line };
    let consumed = decoded.bytes_read().max(1);
    let records = split_sample(&sample, delimiter.as_char()).len() as u64;
    let estimate = records.saturating_mul(bytes.max(consumed)) / consumed;
    Ok((dialect, u32::try_from(estimate).unwrap_or(limits.max_rows).min(limits.max_rows)))
}

/// The delimiter that splits the sample into the most even table. Title lines without any delimiter do not count
/// against it.
fn guess_delimiter(sample: &str, is_whole: bool) -> (Delimiter, bool) {
    let first = sample.lines().next().unwrap_or_default().trim().trim_matches('"');
    if let Some(declared) = first.strip_prefix("sep=").or_else(|| first.strip_prefix("SEP="))
        && let Some(delimiter) = Delimiter::ALL.into_iter().find(|d| declared == d.as_char().to_string())
    {
        return (delimiter, true);
    }
    if first == "sep=" || first == "SEP=" {
        return (Delimiter::Tab, true);
    }
    let mut best = (Delimiter::Comma, 0.0);
    for delimiter in Delimiter::ALL {
        let score = evenness(sample, delimiter.as_char(), is_whole);
        if score > best.1 {
            best = (delimiter, score);
        }
    }
    (best.0, false)
}

/// Share of records that have the commonest number of fields (more than one), raised a little by that number.
fn evenness(sample: &str, delimiter: char, is_whole: bool) -> f64 {
    let mut records = split_sample(sample, delimiter);
    if !is_whole && records.len() > 1 {
        // The sample ends within a record.
        records.pop();
    }
    records.retain(|record| record.iter().any(|field| !field.trim().is_empty()));
    let widths: Vec<usize> = records.iter().map(Vec::len).collect();
    let mut best = 0.0f64;
    for &width in widths.iter().filter(|&&w| w > 1) {
        let share = widths.iter().filter(|&&w| w == width).count() as f64 / widths.len() as f64;
        if share < MIN_SHARE {
            continue;
        }
        best = best.max(share * (1.0 + (width.min(50) as f64).ln() / 8.0));
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delimiters_are_guessed_from_the_most_even_split() {
        let guess = |text| guess_delimiter(text, true).0;
        assert_eq!(guess("公司,电话\n上海甲,1\n北京乙,2\n"), Delimiter::Comma);
        assert_eq!(guess("公司\t备注\n甲\t1,2,3\n乙\t4\n"), Delimiter::Tab);
        assert_eq!(guess("公司;金额\n甲;1,5\n乙;2,5\n"), Delimiter::Semicolon);
        assert_eq!(guess("a|b|c\n1|2|3\n"), Delimiter::Pipe);
        assert_eq!(guess("客户名单\n\n公司;电话\n甲;1\n乙;2\n"), Delimiter::Semicolon);
        assert_eq!(guess("名称\n甲\n乙\n"), Delimiter::Comma);
        assert_eq!(guess("名称\n甲\t一\n乙\n丙\n"), Delimiter::Comma);
        assert_eq!(guess("a,b\n\"x;y;z\",1\n\"p;q;r\",2\n"), Delimiter::Comma);
        assert_eq!(guess_delimiter("sep=;\na,b;c\n", true), (Delimiter::Semicolon, true));
    }
}
