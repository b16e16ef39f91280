//! Text without Chinese characters: names of companies and persons, titles, streets.

use super::{Reader, Role, words};
use std::ops::Range;

/// Reads a stretch of Latin text that nothing was found in.
pub(super) fn read(reader: &mut Reader<'_>, range: Range<usize>) {
    let range = reader.source.trimmed(range);
    if range.len() < 2 {
        return;
    }
    if let Some((company, rest)) = company(reader, &range) {
        reader.add(Role::Customer, company, 85);
        for part in rest {
            read(reader, part);
        }
        return;
    }
    if is_street(&reader.source.plain_text(range.clone())) {
        if !reader.has(Role::Address) {
            reader.add(Role::Address, range, 80);
        }
        return;
    }
    for sentence in sentences(reader, range) {
        if asks(&reader.source.plain_text(sentence.clone())) {
            if !reader.has(Role::Need) {
                reader.add(Role::Need, sentence, 70);
            }
            continue;
        }
        for part in reader.source.split(sentence, |c| ",|/()\"".contains(c)) {
            phrase(reader, part);
        }
    }
}

fn words_of(text: &str) -> Vec<&str> {
    text.split([' ', ',', '(', ')', '/']).filter(|word| !word.is_empty()).collect()
}

/// A legal form at the end of words, and the capitalised words before it.
fn company(reader: &Reader<'_>, range: &Range<usize>) -> Option<(Range<usize>, Vec<Range<usize>>)> {
    let plain = &reader.source.plain;
    let (start, end) = words::LATIN_FORMS
        .iter()
        .filter_map(|form| {
            let form: Vec<char> = form.chars().collect();
            let at = (range.start + 1..range.end.saturating_sub(form.len() - 1)).find(|at| {
                plain[*at..].starts_with(&form)
                    && !plain[at - 1].is_ascii_alphanumeric()
                    && !plain.get(at + form.len()).is_some_and(|c| c.is_ascii_alphanumeric())
            })?;
            Some((at, at + form.len()))
        })
        .min_by_key(|(start, end)| (*start, std::cmp::Reverse(*end)))?;
    // `LLC.` ends a sentence, `Ltd.` is written so.
    let abbreviated = ["ltd", "inc", "corp", "r.l", "s.a", "b.v", "bhd"]
        .iter()
        .any(|form| reader.source.plain_text(start..end).ends_with(form));
    let dot = usize::from(abbreviated && reader.source.chars.get(end) == Some(&'.') && end < range.end);
    let head = reader.source.plain_text(range.start..start);
    let mut from = range.start;
    for mark in [" from ", " at ", " for ", " is ", ". ", "|", " / "] {
        if let Some(byte) = head.rfind(mark) {
            from = from.max(range.start + head[..byte + mark.len()].chars().count());
        }
    }
    // A comma before the form itself (`Co., Ltd`) doesn't part the name; an earlier one does.
    let body = head.trim_end_matches([' ', ',']);
    if let Some(byte) = body.rfind(", ") {
        from = from.max(range.start + body[..byte + 2].chars().count());
    }
    let named = start.saturating_sub(from) >= 2;
    named.then(|| (from..end + dot, vec![range.start..from, (end + dot).min(range.end)..range.end]))
}

fn is_street(text: &str) -> bool {
    let has_number = text.bytes().any(|b| b.is_ascii_digit());
    let street = words_of(text).iter().any(|word| words::STREETS.contains(&word.trim_end_matches('.')));
    has_number && (street || text.contains("/f,"))
}

/// Parts of a stretch that end in `. `, `!` or `?`.
fn sentences(reader: &Reader<'_>, range: Range<usize>) -> Vec<Range<usize>> {
    let chars = &reader.source.chars;
    let (mut parts, mut start) = (Vec::new(), range.start);
    for at in range.clone() {
        let long =
            at >= start + 6 && chars[at - 1].is_ascii_lowercase() && chars[at - 2].is_ascii_lowercase();
        let stop = match chars[at] {
            '!' | '?' => true,
            '.' => long && chars.get(at + 1).is_none_or(|c| *c == ' '),
            _ => false,
        };
        if stop {
            parts.push(start..at);
            start = at + 1;
        }
    }
    parts.push(start..range.end);
    parts
}

fn asks(text: &str) -> bool {
    [
        "looking for",
        "interested in",
        "would like",
        "we need",
        "i need",
        "quotation",
        "quote for",
        "want to buy",
    ]
    .iter()
    .any(|mark| text.contains(mark))
}

/// One phrase: a title or a person's name.
fn phrase(reader: &mut Reader<'_>, range: Range<usize>) {
    let mut range = reader.source.trimmed(range);
    let text = reader.source.plain_text(range.clone());
    for mark in ["this is ", "my name is ", "i am ", "i'm "] {
        if let Some(byte) = text.find(mark) {
            range.start += text[..byte + mark.len()].chars().count();
            let end = reader.source.plain_text(range.clone()).find(" from");
            let and = reader.source.plain_text(range.clone()).find(" and ");
            if let Some(byte) = end.into_iter().chain(and).min() {
                range.end = range.start + reader.source.plain_text(range.clone())[..byte].chars().count();
            }
        }
    }
    let text = reader.source.plain_text(range.clone());
    if let Some(role) = text.strip_prefix("as ").filter(|rest| is_title(rest)) {
        range.start = range.end - role.chars().count();
    }
    let text = reader.source.plain_text(range.clone());
    if is_title(&text) {
        if !reader.has(Role::Title) {
            reader.add(Role::Title, range, 85);
        }
    } else if let Some(name) = person(reader, range)
        && !reader.has(Role::Contact)
    {
        reader.add(Role::Contact, name, 72);
    }
}

fn is_title(text: &str) -> bool {
    let words = words_of(text);
    (1..=6).contains(&words.len())
        && words.iter().any(|word| words::LATIN_TITLES.contains(&word.trim_end_matches('.')))
}

/// Two to four capitalised words that stand for nothing else; `Dr.` and its like in front are left out.
pub(super) fn person(reader: &Reader<'_>, range: Range<usize>) -> Option<Range<usize>> {
    let mut range = reader.source.trimmed(range);
    let text = reader.source.plain_text(range.clone());
    for before in ["dr. ", "mr. ", "mrs. ", "ms. ", "dr ", "mr ", "mrs ", "ms "] {
        if text.starts_with(before) {
            range.start += before.len();
        }
    }
    let shown: String = reader.source.chars[range.clone()].iter().collect();
    let words: Vec<&str> = shown.split(' ').filter(|word| !word.is_empty()).collect();
    let capital = |word: &&str| {
        word.chars().next().is_some_and(char::is_uppercase)
            && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '.' | '-'))
    };
    let ordinary = |word: &str| words::NO_NAMES_LATIN.contains(&word.to_lowercase().trim_end_matches('.'));
    let fits = (2..=4).contains(&words.len())
        && words.iter().all(capital)
        && !words.iter().any(|word| ordinary(word));
    fits.then_some(range)
}
