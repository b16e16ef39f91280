//! A text character by character: half width and simplified for reading, with the way back to its bytes.

use crate::text::{is_han, is_invisible, simplify};
use std::ops::Range;

pub(super) struct Source {
    /// Half width, as written otherwise.
    pub chars: Vec<char>,
    /// Simplified and in lower case, for comparing; the same length.
    pub plain: Vec<char>,
    /// Where each character begins in the source, and where the last one ends.
    at: Vec<usize>,
}

impl Source {
    pub fn new(text: &str, longest: usize) -> Source {
        let (mut chars, mut at, mut end) = (Vec::new(), Vec::new(), 0);
        for (byte, c) in text.char_indices().filter(|(_, c)| !is_invisible(*c) && *c != '\r').take(longest) {
            chars.push(half_width(c));
            at.push(byte);
            end = byte + c.len_utf8();
        }
        at.push(end);
        let written: String = chars.iter().collect();
        let mut plain: Vec<char> =
            simplify(&written).chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
        if plain.len() != chars.len() {
            plain.clone_from(&chars);
        }
        Source { chars, plain, at }
    }

    pub fn len(&self) -> usize {
        self.chars.len()
    }

    pub fn bytes(&self, range: Range<usize>) -> Range<usize> {
        // Between two kept characters dropped ones may stand: the end is that of the last kept one.
        let end = match range.end.checked_sub(1).filter(|last| *last >= range.start) {
            Some(last) if last + 1 < self.at.len() - 1 => self.at[last + 1],
            _ => self.at[range.end],
        };
        self.at[range.start]..end
    }

    pub fn lines(&self) -> Vec<Range<usize>> {
        self.split(0..self.len(), |c| c == '\n')
    }

    /// The parts of a range between the characters that `cuts`; empty ones are left out.
    pub fn split(&self, range: Range<usize>, cuts: impl Fn(char) -> bool) -> Vec<Range<usize>> {
        let (mut parts, mut start) = (Vec::new(), range.start);
        for at in range.clone() {
            if cuts(self.chars[at]) {
                parts.push(start..at);
                start = at + 1;
            }
        }
        parts.push(start..range.end);
        parts.retain(|part| !part.is_empty());
        parts
    }

    pub fn plain_text(&self, range: Range<usize>) -> String {
        self.plain[range].iter().collect()
    }

    pub fn has_han(&self, range: Range<usize>) -> bool {
        self.chars[range].iter().any(|c| is_han(*c))
    }

    /// Without blanks and punctuation at both ends.
    pub fn trimmed(&self, mut range: Range<usize>) -> Range<usize> {
        let edge = |c: char| {
            c.is_whitespace() || "-,.;:|/、。·()[]{}<>\"'“”【】「」!?~=*#_•".contains(c) || is_picture(c)
        };
        while range.start < range.end && edge(self.chars[range.start]) {
            range.start += 1;
        }
        // `Ltd.` and a closing bracket that was opened inside belong to what they end.
        while range.start < range.end && edge(self.chars[range.end - 1]) {
            let last = self.chars[range.end - 1];
            let opened = last == ')' && self.chars[range.clone()].contains(&'(');
            let abbreviated =
                last == '.' && range.len() > 1 && self.chars[range.end - 2].is_ascii_alphabetic();
            if opened || abbreviated {
                break;
            }
            range.end -= 1;
        }
        range
    }

    /// As it is proposed: no line breaks, one blank between words, none between Chinese characters.
    pub fn value(&self, range: Range<usize>) -> String {
        let mut value = String::new();
        let mut blank = false;
        for c in &self.chars[range] {
            if c.is_whitespace() {
                blank = true;
                continue;
            }
            let between_han =
                value.chars().next_back().is_some_and(is_han) && (is_han(*c) || c.is_ascii_digit());
            if blank && !value.is_empty() && !between_han {
                value.push(' ');
            }
            blank = false;
            value.push(*c);
        }
        value
    }
}

fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' | '\t' => {
            if c == '\t' {
                '|'
            } else {
                ' '
            }
        }
        '–' | '—' | '−' | '―' => '-',
        '丨' | '│' => '|',
        other => other,
    }
}

/// Emoji and other signs that stand between fields.
pub(super) fn is_picture(c: char) -> bool {
    matches!(c, '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}
