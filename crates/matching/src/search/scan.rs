//! Cutting folded text into units: CJK characters, words and codes, words of other scripts.

use unicode_normalization::UnicodeNormalization;

use crate::text::is_cjk;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Cjk(char),
    /// ASCII letters and digits with connectors inside: `ht-2024-001`, `lily@example.com`, `3m`.
    Word(String),
    /// A run of letters of another script.
    Other(String),
    Space,
}

/// Units of folded text. Punctuation other than connectors inside a word disappears; white space stays
/// as [`Unit::Space`].
pub(super) fn units(folded: &str) -> Vec<Unit> {
    let mut units = Vec::new();
    let mut chars = folded.chars().filter_map(searchable).peekable();
    while let Some(c) = chars.next() {
        if is_cjk(c) {
            units.push(Unit::Cjk(c));
        } else if c.is_ascii_alphanumeric() {
            let mut word = String::from(c);
            while let Some(next) = chars.next_if(|n| n.is_ascii_alphanumeric() || is_connector(*n)) {
                word.push(next);
            }
            word.truncate(word.trim_end_matches(is_connector).len());
            units.push(Unit::Word(word));
        } else if c.is_alphanumeric() {
            let mut word = String::from(c);
            while let Some(next) = chars.next_if(|n| !n.is_ascii() && n.is_alphanumeric() && !is_cjk(*n)) {
                word.push(next);
            }
            units.push(Unit::Other(word));
        } else if c == ' ' {
            units.push(Unit::Space);
        }
    }
    units
}

/// Letters with marks become plain ASCII where they have a base letter (`é` → `e`); combining marks go.
pub(super) fn searchable(c: char) -> Option<char> {
    if c.is_ascii() || is_cjk(c) {
        return Some(c);
    }
    if unicode_normalization::char::is_combining_mark(c) {
        return None;
    }
    match c.nfd().next() {
        Some(base) if base.is_ascii_alphabetic() => Some(base.to_ascii_lowercase()),
        _ => Some(c),
    }
}

fn is_connector(c: char) -> bool {
    matches!(c, '-' | '_' | '/' | '.' | '#' | '@' | '&' | '+' | ':' | '\'')
}

/// The word's parts (runs of letters, runs of digits, split at connectors too) joined from each part on,
/// at most `limit` of them: `ht-2024` gives `ht2024` and `2024`.
pub(super) fn tails(word: &str, limit: usize) -> Vec<String> {
    let mut joined = String::new();
    let mut starts = Vec::new();
    let mut previous = None;
    for c in word.chars() {
        if !c.is_ascii_alphanumeric() {
            previous = None;
            continue;
        }
        let class = Some(c.is_ascii_digit());
        if previous != class {
            starts.push(joined.len());
            previous = class;
        }
        joined.push(c);
    }
    starts.into_iter().take(limit).map(|start| joined[start..].chars().take(WORD_CHARS).collect()).collect()
}

/// Longer words are indexed and searched by their beginning.
pub(super) const WORD_CHARS: usize = 32;

/// The token of a word of another script, without its class letter.
pub(super) fn hex(word: &str) -> String {
    word.chars().take(12).map(|c| format!("{:05x}", u32::from(c))).collect()
}
