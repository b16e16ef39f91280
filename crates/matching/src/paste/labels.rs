//! What somebody put a word before: 联系人：…, Title: ….

use super::atoms::starts_with;
use super::{Reader, Role, free, words};
use std::ops::Range;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Label {
    Of(Role),
    /// 客户：…: a company or a person.
    Anybody,
    /// 法定代表人: a person, but seldom the one to call.
    Lawful,
    /// The region apart from the address.
    Region,
    /// The value has a shape of its own and is known already.
    Known,
    /// Nothing that is asked for: 传真, 邮编, 来源.
    Other,
}

/// A label and where its value begins.
struct Place {
    label: Label,
    start: usize,
    value: usize,
}

pub(super) fn read(reader: &mut Reader<'_>) {
    for line in reader.source.lines() {
        let places = places(reader, line.clone());
        for (index, place) in places.iter().enumerate() {
            let end = places.get(index + 1).map_or(line.end, |next| next.start);
            let value = value_range(reader, place, end);
            reader.mark(place.start..place.value);
            take(reader, place.label, value);
        }
    }
}

/// The labels of a line, in order.
fn places(reader: &Reader<'_>, line: Range<usize>) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut at = line.start;
    while at < line.end {
        match label_at(reader, at, &line) {
            Some(place) if place.value > at => {
                at = place.value;
                places.push(place);
            }
            _ => at += 1,
        }
    }
    places
}

/// A label begins where a line, a clause or a bracket does, or after a blank.
fn label_at(reader: &Reader<'_>, at: usize, line: &Range<usize>) -> Option<Place> {
    let source = reader.source;
    let first = source.plain[at];
    if reader.used[at] || first == ' ' {
        return None;
    }
    let before = (at > line.start).then(|| source.chars[at - 1]);
    let opens =
        before.is_none_or(|c| !c.is_alphanumeric() || reader.used[at - 1] || super::source::is_picture(c));
    let (label, mut end) =
        longest_label(&source.plain[at..line.end]).map(|(label, length)| (label, at + length))?;
    // 联系人及电话, 手机 Mobile, 电话（TEL）: further labels of the same value.
    loop {
        let rest = &source.plain[end..line.end];
        let gap = rest.iter().take_while(|c| " /、及和&(".contains(**c)).count();
        let joined = rest[..gap].iter().any(|c| !c.is_whitespace());
        match longest_label(&rest[gap..]) {
            Some((_, length))
                if joined
                    || (gap > 0 && rest[gap].is_ascii() && followed_by_colon(&rest[gap + length..])) =>
            {
                end += gap + length;
                end += source.plain[end..line.end].iter().take_while(|c| **c == ')').count();
            }
            _ => break,
        }
    }
    let glued = words::GLUED_LABELS.iter().any(|word| starts_with(&source.plain[at..], word));
    let gap = source.plain[end..line.end]
        .iter()
        .take_while(|c| c.is_whitespace() || ":-]】=>".contains(**c) || glued && matches!(c, '是' | '为'))
        .count();
    let marks = source.plain[end..end + gap].iter().any(|c| !c.is_whitespace());
    let ends = end + gap == line.end;
    let is_word = !source.plain[at..end].iter().all(char::is_ascii);
    let long_enough = source.plain[at..end].iter().filter(|c| !c.is_whitespace()).count() >= 2;
    let parted = marks || (gap > 0 && is_word && long_enough && !ends);
    // With a colon a label may follow anything: 新客户线索：姓名-….
    let strong = marks && is_word && long_enough && !matches!(first, '公' | '单' | '企');
    ((opens || strong) && (parted || glued) && !(ends && gap > 0 && !marks)).then_some(Place {
        label,
        start: at,
        value: end + gap,
    })
}

fn followed_by_colon(rest: &[char]) -> bool {
    rest.iter().find(|c| **c != ' ').is_some_and(|c| *c == ':')
}

/// The longest label that stands here, and how many characters it takes; blanks inside (联 系 人) are passed over.
fn longest_label(rest: &[char]) -> Option<(Label, usize)> {
    words::LABELS
        .iter()
        .filter_map(|(word, label)| Some((*label, spelled(rest, word)?)))
        .max_by_key(|(_, length)| *length)
}

fn spelled(rest: &[char], word: &str) -> Option<usize> {
    let spaced = !word.is_ascii();
    let mut at = 0;
    for c in word.chars() {
        while spaced && at > 0 && rest.get(at) == Some(&' ') {
            at += 1;
        }
        if rest.get(at) != Some(&c) {
            return None;
        }
        at += 1;
    }
    let inside = word.is_ascii() && rest.get(at).is_some_and(char::is_ascii_alphanumeric);
    (!inside).then_some(at)
}

/// How far a label's value goes: to the next label, or what a value of its kind can't hold.
fn value_range(reader: &Reader<'_>, place: &Place, end: usize) -> Range<usize> {
    let chars = &reader.source.chars;
    let stops: &str = match place.label {
        Label::Of(Role::Need | Role::Note) => ";|[",
        Label::Of(Role::Address) => ";|[。",
        Label::Region | Label::Other => ";,|[。( ",
        _ => ";,|[。、)",
    };
    let place_end =
        (place.value..end).find(|at| reader.used[*at] || stops.contains(chars[*at])).unwrap_or(end);
    let mut range = place.value..place_end;
    // `Ltd` after `Co.,` belongs to the name.
    let name: String = reader.source.plain[range.clone()].iter().collect();
    if matches!(place.label, Label::Of(Role::Customer))
        && !reader.source.has_han(range.clone())
        && name.contains("co")
    {
        range.end =
            (place.value..end).find(|at| reader.used[*at] || ";|\n".contains(chars[*at])).unwrap_or(end);
    }
    reader.source.trimmed(range)
}

fn take(reader: &mut Reader<'_>, label: Label, value: Range<usize>) {
    if value.is_empty() {
        return;
    }
    let words =
        reader.source.plain[value.clone()].split(|c| *c == ' ').filter(|word| !word.is_empty()).count();
    match label {
        Label::Of(Role::Contact) => {
            free::person_value(reader, value, 96);
        }
        Label::Lawful => free::person_value(reader, value, 88),
        // 姓名 公司 职务 手机 is a row of headings, and free text may follow a short value.
        Label::Of(Role::Customer)
            if reader.source.has_han(value.clone())
                && (words > 1 || free::ends_in_department(reader, &value)) =>
        {
            free::read(reader, value)
        }
        Label::Of(Role::Title | Role::Department) if reader.source.has_han(value.clone()) && words > 1 => {
            free::read(reader, value)
        }
        Label::Of(role) => {
            let length = value.len();
            let fits = match role {
                Role::Title | Role::Department => length <= 40,
                Role::Customer => length <= 120,
                _ => true,
            };
            if fits
                && longest_label(&reader.source.plain[value.clone()]).is_none_or(|(_, taken)| taken < length)
            {
                reader.add(role, value, 97);
            }
        }
        Label::Anybody => {
            if !free::company_in(reader, value.clone()) {
                free::person_value(reader, value, 94);
            }
        }
        Label::Region => {
            let text = reader.source.value(value.clone());
            if crate::address::parse(&text).region.is_some() {
                reader.mark(value.clone());
                reader.region = Some((value, text));
            }
        }
        Label::Known => {}
        Label::Other => reader.mark(value),
    }
}
