//! How well a found name answers a query.

use super::scan::searchable;
use crate::pinyin;
use crate::text::{fold, is_cjk};

const EXACT: u32 = 1000;
const PREFIX: u32 = 900;
const WORD_START: u32 = 800;
const SUBSTRING: u32 = 700;
const PINYIN_START: u32 = 500;
const PINYIN: u32 = 400;
const TYPO: u32 = 100;
/// Within a class the shorter name, of which the query covers more, is better by up to this.
const COVERAGE: u32 = 99;
/// Names are compared up to this many characters.
const NAME_CHARS: usize = 128;

/// Ranks many names against one query.
pub struct Ranker {
    terms: Vec<Vec<char>>,
    whole: Vec<char>,
}

/// Higher is better, 0 is no match: exact (1000) > prefix > word start > substring > pinyin > typo, and
/// in each class (a hundred wide) the shorter name first. Several words rank by the worst of them.
pub fn rank(query: &str, name: &str) -> u32 {
    Ranker::new(query).rank(name)
}

impl Ranker {
    pub fn new(query: &str) -> Self {
        let short: String = query.chars().take(super::QUERY_CHARS).collect();
        let terms = super::query_terms(&short).iter().map(|t| t.text.chars().collect()).collect();
        Self { terms, whole: fold(&short).chars().collect() }
    }

    /// See [`rank`].
    pub fn rank(&self, name: &str) -> u32 {
        let name: Vec<char> = fold(name).chars().take(NAME_CHARS).collect();
        if self.whole.is_empty() || name.is_empty() {
            return 0;
        }
        let whole = class(&self.whole, &name);
        let class = if whole > TYPO || self.terms.len() < 2 {
            whole
        } else {
            // Words in any order are at best a substring.
            let worst = self.terms.iter().map(|t| class(t, &name)).min().unwrap_or(0);
            worst.min(SUBSTRING).max(whole)
        };
        match class {
            0 | EXACT => class,
            _ => class + coverage(self.whole.len(), name.len()),
        }
    }
}

fn coverage(query: usize, name: usize) -> u32 {
    let share = COVERAGE as usize * query.min(name) / name;
    u32::try_from(share).unwrap_or(COVERAGE)
}

fn class(query: &[char], name: &[char]) -> u32 {
    if query == name {
        return EXACT;
    }
    if name.starts_with(query) {
        return PREFIX;
    }
    let mut substring = false;
    for (at, _) in name.windows(query.len()).enumerate().filter(|(_, w)| *w == query) {
        if at > 0 && is_word_start(name[at - 1], name[at]) {
            return WORD_START;
        }
        substring = true;
    }
    if substring || contains_squeezed(query, name) {
        return SUBSTRING;
    }
    pinyin_class(query, name).or_else(|| typo_class(query, name)).unwrap_or(0)
}

/// Substring regardless of punctuation, spaces and marks on letters (`HT202` in `HT-2024`).
fn contains_squeezed(query: &[char], name: &[char]) -> bool {
    let squeeze = |chars: &[char]| -> String {
        chars.iter().filter_map(|c| searchable(*c)).filter(|c| c.is_alphanumeric()).collect()
    };
    let query = squeeze(query);
    !query.is_empty() && squeeze(name).contains(&query)
}

fn is_word_start(before: char, first: char) -> bool {
    !before.is_alphanumeric()
        || is_cjk(before) != is_cjk(first)
        || before.is_ascii_digit() != first.is_ascii_digit()
}

fn pinyin_class(query: &[char], name: &[char]) -> Option<u32> {
    let letters: String = query.iter().filter(|c| **c != '\'').collect();
    let typed = |c: char| c.is_ascii_lowercase() || is_cjk(c);
    if !letters.bytes().any(|b| b.is_ascii_lowercase()) || !letters.chars().all(typed) {
        return None;
    }
    let spoken: Vec<char> = name.iter().copied().filter(|c| c.is_alphanumeric()).collect();
    let readings = pinyin::readings(&spoken);
    // One letter stands for the first character only.
    let starts = if letters.len() == 1 { spoken.len().min(1) } else { spoken.len() };
    let found = (0..starts).find(|start| spells(&spoken[*start..], &readings[*start..], &letters))?;
    Some(if found == 0 { PINYIN_START } else { PINYIN })
}

/// Whether the letters are initials, syllables or beginnings of syllables of successive characters, or
/// those characters themselves (`华dong`).
fn spells(chars: &[char], readings: &[&[&str]], letters: &str) -> bool {
    if letters.is_empty() {
        return true;
    }
    let ([c, chars @ ..], [readings_of, readings @ ..]) = (chars, readings) else { return false };
    if let Some(rest) = letters.strip_prefix(*c) {
        return spells(chars, readings, rest);
    }
    readings_of.iter().any(|syllable| {
        let common = letters.bytes().zip(syllable.bytes()).take_while(|(a, b)| a == b).count();
        (1..=common).rev().any(|taken| {
            let part = &letters[..taken];
            let allowed = taken == syllable.len()
                || taken == letters.len()
                || taken == 1
                || pinyin::DOUBLE_INITIALS.contains(&part);
            allowed && spells(chars, readings, &letters[taken..])
        })
    })
}

/// One edit away from some part of the name (queries of four characters, five letters), or its sound.
fn typo_class(query: &[char], name: &[char]) -> Option<u32> {
    let least = if query.iter().any(|c| is_cjk(*c)) { 4 } else { 5 };
    let near = query.len() >= least && distance_to_part(query, name) <= 1;
    (near || same_sound(query, name)).then_some(TYPO)
}

/// Edit distance (with swaps of neighbours, Damerau) of the query to the nearest substring of the name.
fn distance_to_part(query: &[char], name: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = vec![0; name.len() + 1];
    for (i, q) in query.iter().enumerate() {
        let mut row = vec![i + 1; name.len() + 1];
        for (j, n) in name.iter().enumerate() {
            let mut cost = (above[j] + usize::from(q != n)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *q == name[j - 1] && query[i - 1] == *n {
                cost = cost.min(before[j - 1] + 1);
            }
            row[j + 1] = cost;
        }
        before = std::mem::replace(&mut above, row);
    }
    above.into_iter().min().unwrap_or(usize::MAX)
}

fn same_sound(query: &[char], name: &[char]) -> bool {
    let sound = |chars: &[char]| -> Vec<Option<&str>> {
        pinyin::readings(chars).into_iter().map(|r| r.first().copied()).collect()
    };
    let (wanted, spoken) = (sound(query), sound(name));
    query.len() >= 2
        && wanted.iter().all(Option::is_some)
        && spoken.windows(wanted.len()).any(|w| w == wanted)
}
