//! Text that nobody put a label before: told by its words.

use super::{Reader, Role, labels, latin, words};
use crate::text::is_han;
use crate::{address, pinyin};
use std::ops::Range;

const HARD: &str = "|;。!?\"“”「」{}<>[]【】";

/// Reads what is unused of a range.
pub(super) fn read(reader: &mut Reader<'_>, range: Range<usize>) {
    for part in reader.unused(range) {
        let source = reader.source;
        for cell in source.split(part, |c| HARD.contains(c) || super::source::is_picture(c)) {
            let cell = source.trimmed(cell);
            if source.has_han(cell.clone()) {
                mixed(reader, cell);
            } else {
                latin::read(reader, cell);
            }
        }
    }
}

/// Words with Chinese in them one by one, the Latin words between them together.
fn mixed(reader: &mut Reader<'_>, cell: Range<usize>) {
    let source = reader.source;
    let words = joined(reader, source.split(cell, |c| c == ' '));
    let mut latin_from: Option<Range<usize>> = None;
    for word in words {
        if source.has_han(word.clone()) {
            if let Some(latin) = latin_from.take() {
                latin::read(reader, latin);
            }
            for token in tokens(reader, word) {
                read_token(reader, token);
            }
        } else {
            let start = latin_from.map_or(word.start, |range| range.start);
            latin_from = Some(start..word.end);
        }
    }
    if let Some(latin) = latin_from {
        latin::read(reader, latin);
    }
}

/// Words that blanks part wrongly: 姚 远, 有限公司 北京分公司, a street and its house.
fn joined(reader: &Reader<'_>, words: Vec<Range<usize>>) -> Vec<Range<usize>> {
    let chars = &reader.source.chars;
    let mut joined: Vec<Range<usize>> = Vec::new();
    for word in words {
        let text: String = chars[word.clone()].iter().collect();
        let one_han = |range: &Range<usize>| range.len() == 1 && is_han(chars[range.start]);
        let after = joined.last().is_some_and(|last| {
            let before: String = chars[last.clone()].iter().collect();
            let name =
                one_han(last) && word.len() <= 2 && text.chars().all(is_han) && is_surname(chars[last.start]);
            let branch = before.ends_with("公司") && words::BRANCHES.iter().any(|end| text.ends_with(end));
            let house = is_place(&before) && continues_place(&text);
            name || branch || house
        });
        match joined.last_mut() {
            Some(last) if after => last.end = word.end,
            _ => joined.push(word),
        }
    }
    joined
}

fn is_place(text: &str) -> bool {
    let found = address::parse(text);
    found.region.is_some() && company_end(&text.chars().collect::<Vec<_>>()).is_none()
}

fn continues_place(text: &str) -> bool {
    let first = text.chars().next().unwrap_or_default();
    let number = text.chars().any(|c| c.is_ascii_digit());
    let ends = text.ends_with([
        '号', '室', '楼', '层', '座', '栋', '幢', '院', '路', '街', '村', '镇', '区', '县', '市',
    ]);
    (is_han(first) || first.is_ascii_digit())
        && ((number && ends) || (ends && text.chars().count() <= 8 && !text.ends_with('院')))
}

/// The parts of a word between commas, strokes and brackets; brackets inside a company's name stay.
fn tokens(reader: &Reader<'_>, word: Range<usize>) -> Vec<Range<usize>> {
    let chars = &reader.source.chars;
    let (mut parts, mut start, mut at) = (Vec::new(), word.start, word.start);
    while at < word.end {
        let c = chars[at];
        let next: String = chars[at..word.end].iter().take(16).collect();
        if c == '(' && in_name(&next) {
            at += next.find(')').map_or(1, |byte| next[..byte].chars().count() + 1);
            continue;
        }
        let between_latin = at > word.start
            && chars[at - 1].is_ascii_alphanumeric()
            && chars.get(at + 1).is_some_and(char::is_ascii_alphanumeric);
        if ",/()、:~@#*=&+".contains(c) || (c == '-' && !between_latin) {
            parts.push(start..at);
            start = at + 1;
        }
        at += 1;
    }
    parts.push(start..word.end);
    parts.into_iter().map(|part| reader.source.trimmed(part)).filter(|part| !part.is_empty()).collect()
}

/// `(北京)有限公司`: a bracket that a legal form follows.
fn in_name(text: &str) -> bool {
    let Some((inside, after)) = text.trim_start_matches('(').split_once(')') else { return false };
    inside.chars().count() <= 5
        && ["有限", "股份", "集团", "公司", "合伙"].iter().any(|form| after.starts_with(form))
}

fn text_of(reader: &Reader<'_>, range: &Range<usize>) -> Vec<char> {
    reader.source.plain[range.clone()].to_vec()
}

fn ends_with(chars: &[char], word: &str) -> bool {
    word.chars().rev().zip(chars.iter().rev()).filter(|(a, b)| a == *b).count() == word.chars().count()
}

fn read_token(reader: &mut Reader<'_>, token: Range<usize>) {
    let token = without_fillers(reader, token);
    if token.is_empty() || !reader.free(&token) {
        return;
    }
    let spaceless: Vec<char> = text_of(reader, &token).into_iter().filter(|c| *c != ' ').collect();
    if spaceless.len() < token.len() && (is_name(&spaceless) || honorific(&spaceless)) {
        add_person(reader, token, 74);
        return;
    }
    if company_in(reader, token.clone()) || place(reader, &token) || place_after_in(reader, &token) {
        return;
    }
    if token.len() <= 18 && position(reader, token.clone()) {
        return;
    }
    let text = text_of(reader, &token);
    if token.len() >= 3 && asks(&text) {
        let named = intro_end(&text)
            .filter(|at| *at >= 2)
            .is_some_and(|at| named_at_end(reader, token.start + at..token.end));
        if !named && !reader.has(Role::Need) {
            reader.add(Role::Need, token, 70);
        }
        return;
    }
    if let Some(at) = intro_end(&text)
        && named_at_end(reader, token.start + at..token.end)
    {
        return;
    }
    named_at_end(reader, token);
}

/// Takes off words that only lead to what follows: 我的电话, 请联系, 微信.
fn without_fillers(reader: &Reader<'_>, token: Range<usize>) -> Range<usize> {
    let mut token = reader.source.trimmed(token);
    loop {
        let text = text_of(reader, &token);
        let before = token.clone();
        if let Some(word) = words::FILLERS_BEFORE.iter().find(|word| super::atoms::starts_with(&text, word)) {
            token.start += word.chars().count();
        } else if let Some(word) = words::FILLERS_AFTER.iter().find(|word| ends_with(&text, word)) {
            token.end -= word.chars().count();
        }
        if before == token || token.is_empty() {
            return token;
        }
    }
}

/// Where what introduces a name ends: 我是…, 来自…, 公司是….
fn intro_end(text: &[char]) -> Option<usize> {
    words::INTROS
        .iter()
        .filter_map(|word| {
            let word: Vec<char> = word.chars().collect();
            let at =
                (0..text.len().saturating_sub(word.len())).rev().find(|at| text[*at..].starts_with(&word))?;
            Some(at + word.len())
        })
        .max()
}

/// Finds a company's name in a token; what stands before and after it is read on its own.
pub(super) fn company_in(reader: &mut Reader<'_>, token: Range<usize>) -> bool {
    let text = text_of(reader, &token);
    // 大华风机厂的设备科科长: what owns the rest.
    let owner = || {
        text.iter()
            .position(|c| *c == '的')
            .and_then(|at| company_end(&text[..at]).filter(|(end, _)| *end == at))
    };
    let Some((end, confidence)) = company_end(&text).or_else(owner) else { return false };
    let start = intro_end(&text[..end]).unwrap_or(0);
    if end - start < 4 {
        return false;
    }
    reader.add(Role::Customer, token.start + start..token.start + end, confidence);
    if start > 0 {
        let intro = token.start..token.start + start;
        if asks(&text[..start]) && start > 6 {
            read_token(reader, intro);
        }
    }
    let rest = token.start + end..token.end;
    if !rest.is_empty() {
        let rest = without_fillers(reader, rest);
        if !rest.is_empty() {
            read_token(reader, rest);
        }
    }
    true
}

/// Where the company's name that begins the text ends, and how sure that is.
fn company_end(text: &[char]) -> Option<(usize, u8)> {
    let (strong, surest) = words::ORGANISATIONS
        .iter()
        .filter_map(|(word, confidence)| {
            let form: Vec<char> = word.chars().collect();
            let last = text.len().checked_sub(form.len())?;
            let at = (2..=last).rev().find(|at| text[*at..].starts_with(&form))?;
            Some((at + form.len(), *confidence))
        })
        .max()
        .unwrap_or((0, 0));
    if strong > 0 && !generic(&text[..strong]) {
        let rest = &text[strong..];
        let branch = words::BRANCHES.iter().find_map(|word| {
            let form: Vec<char> = word.chars().collect();
            (0..rest.len().min(8)).find(|at| rest[*at..].starts_with(&form)).map(|at| at + form.len())
        });
        return Some((strong + branch.unwrap_or(0), surest));
    }
    let whole: String = text.iter().collect();
    let numbered = text.iter().any(|c| c.is_ascii_digit());
    // A house number, a position or a request is no name of a company.
    if text.len() < 4 || text.len() > 30 || numbered || asks(text) {
        return None;
    }
    let department = words::DEPARTMENTS.iter().any(|word| whole.starts_with(word)) && text.len() <= 7;
    let found = address::parse(&whole);
    let only_region = found.region.is_some() && found.detail.is_empty();
    let weak = words::WEAK_ORGANISATIONS.iter().any(|word| whole.ends_with(word));
    let trade = words::TRADES.iter().any(|word| whole.ends_with(word));
    let named = !department
        && !only_region
        && text.iter().all(|c| is_han(*c) || c.is_ascii_alphanumeric() || "()".contains(*c));
    match (weak, trade) {
        (true, _) if named => Some((text.len(), 75)),
        (_, true) if named && (text.len() > 4 || found.region.is_some()) => Some((text.len(), 62)),
        _ => None,
    }
}

/// 我们公司, 游戏公司: no name.
fn generic(name: &[char]) -> bool {
    let text: String = name.iter().collect();
    words::NO_COMPANIES
        .iter()
        .any(|word| text.ends_with(word) && text.chars().count() <= word.chars().count() + 2)
        || ["公司", "集团"]
            .iter()
            .any(|form| text.strip_suffix(form).is_some_and(|brand| words::TRADES.contains(&brand)))
}

/// Where an address ends whose number stands apart: 文三路 100 号 3 幢 501 室.
fn with_numbers(reader: &Reader<'_>, token: &Range<usize>) -> Range<usize> {
    const UNITS: &str = "号弄栋幢座室楼层单";
    let plain = &reader.source.plain;
    let after = |mut at: usize, fits: fn(char) -> bool| {
        while plain.get(at).is_some_and(|c| fits(*c)) {
            at += 1;
        }
        at
    };
    let mut end = token.end;
    loop {
        let from = after(end, |c| c == ' ');
        let digits = after(from, |c| c.is_ascii_alphanumeric() || c == '-');
        let unit = after(digits, |c| c == ' ');
        let numbered = plain[from..digits].iter().any(char::is_ascii_digit) && digits - from <= 8;
        if !numbered || !plain.get(unit).is_some_and(|c| UNITS.contains(*c)) {
            return token.start..end;
        }
        end = after(unit, |c| is_han(c) || c.is_ascii_digit() || c == '-');
    }
}

/// An address, or a region alone.
fn place(reader: &mut Reader<'_>, token: &Range<usize>) -> bool {
    let token = &with_numbers(reader, token);
    let text = reader.source.plain_text(token.clone());
    let found = address::parse(&text);
    let digits = text.chars().any(|c| c.is_ascii_digit());
    let streets =
        ["路", "街", "道", "巷", "弄", "村", "镇", "号", "楼", "栋", "幢", "园", "工业区", "大厦", "广场"];
    let street = streets.iter().any(|word| found.detail.contains(word));
    let house = digits
        && ["号", "室", "楼", "栋", "幢", "座", "层"]
            .iter()
            .any(|end| text.ends_with(end) || text.contains(&format!("{end}附")));
    let (sure, confidence) = match (&found.region, street, digits || house) {
        (Some(_), true, true) => (true, 92),
        (Some(_), true, false) => (token.len() >= 5, 78),
        (Some(_), false, _) if found.detail.is_empty() => (true, 60),
        (Some(_), false, true) => (house, 80),
        (None, true, true) => (token.len() >= 6 && house || text.contains("路") && digits, 70),
        _ => (false, 0),
    };
    if !sure || asks(&text.chars().collect::<Vec<_>>()) {
        return false;
    }
    if !reader.has(Role::Address) || confidence > 60 {
        reader.add(Role::Address, token.clone(), confidence);
    }
    true
}

/// 我们厂在佛山.
fn place_after_in(reader: &mut Reader<'_>, token: &Range<usize>) -> bool {
    let Some(at) = reader.source.plain[token.clone()].iter().rposition(|c| *c == '在') else { return false };
    let rest = token.start + at + 1..token.end;
    let found = address::parse(&reader.source.plain_text(rest.clone()));
    found.region.is_some() && found.detail.is_empty() && place(reader, &rest)
}

/// Whether a department follows the company's name: 江城供电公司物资部.
pub(super) fn ends_in_department(reader: &Reader<'_>, value: &Range<usize>) -> bool {
    let text = text_of(reader, value);
    company_end(&text)
        .is_some_and(|(end, _)| end < text.len() && department_end(&text[end..]) == text.len() - end)
}

/// Department, title and name in one token, in any order that people use: 采购部经理熊丽丽, 苏文工程师.
fn position(reader: &mut Reader<'_>, token: Range<usize>) -> bool {
    let text = text_of(reader, &token);
    if honorific(&text) {
        add_person(reader, token, 80);
        return true;
    }
    let department = department_end(&text);
    let rest = &text[department..];
    if department > 0 {
        reader.add(Role::Department, token.start..token.start + department, 85);
        if rest.is_empty() {
            return true;
        }
        let rest = without_fillers(reader, token.start + department..token.end);
        read_token(reader, rest);
        return true;
    }
    // The name in front of the title.
    for length in [3, 2, 4] {
        if text.len() > length && is_name(&text[..length]) && titled(&text[length..]) {
            add_person(reader, token.start..token.start + length, 80);
            reader.add(Role::Title, token.start + length..token.end, 85);
            return true;
        }
    }
    if let Some(end) = title_end(&text) {
        let name = &text[end..];
        if name.is_empty() {
            reader.add(Role::Title, token, 85);
            return true;
        }
        if is_name(name) || honorific(name) {
            reader.add(Role::Title, token.start..token.start + end, 85);
            add_person(reader, token.start + end..token.end, 80);
            return true;
        }
    }
    false
}

/// 王总, 叶师傅, 钟小姐, 老张, 小汪, 强哥.
fn honorific(text: &[char]) -> bool {
    let surname = surname_length(text);
    let after = |at: usize| {
        let rest: String = text[at..].iter().collect();
        words::HONORIFICS.contains(&rest.as_str())
    };
    let called = match text {
        ['老' | '小' | '阿', second] => is_surname(*second) || *text == ['阿', *second],
        [first, '哥' | '姐' | '叔' | '姨' | '公'] => is_han(*first),
        _ => false,
    };
    called
        || surname > 0
            && text.len() > surname
            && (after(surname)
                || (text.len() > surname + 1
                    && text.len() <= 6
                    && is_name(&text[..text.len() - 2])
                    && after(text.len() - 2)))
}

/// The characters of the department that begins a text; 0 when none does.
fn department_end(text: &[char]) -> usize {
    let whole: String = text.iter().collect();
    let ends = ["中心", "办公室", "车间", "部", "科", "处", "办", "组", "室"];
    let known = words::DEPARTMENTS
        .iter()
        .filter(|word| whole.starts_with(**word))
        .map(|word| word.chars().count())
        .max();
    let Some(stem) = known else { return 0 };
    let after: String = text[stem..].iter().collect();
    let Some(end) = ends.iter().find(|end| after.starts_with(**end)) else { return 0 };
    let length = stem + end.chars().count();
    // 设备部长 is a title, 采购处处长 a department and a title, 信息中心主任 too.
    match text.get(length) {
        Some('长' | '员') => 0,
        _ => length,
    }
}

fn titled(text: &[char]) -> bool {
    let word: String = text.iter().collect();
    words::TITLES.contains(&word.as_str())
}

/// Where the title that begins a text ends.
fn title_end(text: &[char]) -> Option<usize> {
    let limit = text.len().min(12);
    let ends = (2..=limit).rev().filter(|end| {
        let part: String = text[..*end].iter().collect();
        words::TITLES.iter().any(|title| part.ends_with(title))
    });
    let mut best = None;
    for end in ends {
        let rest = &text[end..];
        let known = text[..end].iter().all(|c| is_han(*c) || c.is_ascii_alphabetic());
        if known && (rest.is_empty() || is_name(rest) || honorific(rest)) {
            // The name may itself begin the part: 王经理 is no title.
            let surname = surname_length(&text[..end]);
            let part: String = text[surname..end].iter().collect();
            let named = surname > 0 && words::TITLES.contains(&part.as_str());
            best = best.or((!named).then_some(end));
        }
    }
    best
}

fn surname_length(text: &[char]) -> usize {
    let word: String = text.iter().take(4).collect();
    match pinyin::compound_surname(&word) {
        Some(length) => length,
        None => usize::from(text.first().is_some_and(|c| is_surname(*c))),
    }
}

fn is_surname(c: char) -> bool {
    words::SURNAMES.contains(c)
}

/// Two to four characters that begin with a surname, or a name of 買買提's kind with a dot.
fn is_name(text: &[char]) -> bool {
    let word: String = text.iter().collect();
    let dotted = text.contains(&'·') && text.iter().all(|c| is_han(*c) || *c == '·');
    let surname = surname_length(text);
    let plain = (2..=4).contains(&text.len())
        && text.iter().all(|c| is_han(*c))
        && surname > 0
        && surname < text.len().max(2);
    let meant =
        !words::NO_NAMES.iter().any(|no| word == *no || (no.chars().count() >= 2 && word.starts_with(no)));
    let region = address::parse(&word);
    let is_region = region.region.is_some() && region.detail.is_empty();
    let titled = words::TITLES.iter().any(|title| word.ends_with(title))
        || words::HONORIFICS.iter().any(|form| form.chars().count() > 1 && word.ends_with(form))
        || ["公司", "集团", "资料", "如下"].iter().any(|end| word.ends_with(end));
    (dotted || (plain && text.len() <= 2 + surname.max(1) + usize::from(surname == 1)))
        && meant
        && !is_region
        && !titled
}

/// A name or a form of address at the end of what is left of a clause: 真名霍家豪, 现场负责人施耐德伟, 姓饶.
fn named_at_end(reader: &mut Reader<'_>, token: Range<usize>) -> bool {
    let text = text_of(reader, &token);
    if text.is_empty() || reader.used[token.start] {
        return false;
    }
    if is_name(&text) || honorific(&text) {
        add_person(reader, token, 74);
        return true;
    }
    if let ['姓', surname] = text[..]
        && is_surname(surname)
    {
        add_person(reader, token.start + 1..token.end, 60);
        return true;
    }
    if token.len() > 4 {
        for mark in ["司机", "真名", "房东", "老板", "客户"] {
            if super::atoms::starts_with(&text, mark) {
                let rest = token.start + mark.chars().count()..token.end;
                let name = text_of(reader, &rest);
                if is_name(&name) || honorific(&name) {
                    add_person(reader, rest, 70);
                    return true;
                }
            }
        }
    }
    // A short word of its own that is nothing else may be a name without a usual surname.
    let lonely = (2..=4).contains(&text.len()) && text.iter().all(|c| is_han(*c));
    let word: String = text.iter().collect();
    let meant = !words::NO_NAMES.iter().any(|no| word.starts_with(no)) && labels_free(&word);
    if lonely && meant && !reader.has(Role::Contact) {
        add_person(reader, token, 45);
        return true;
    }
    false
}

fn labels_free(word: &str) -> bool {
    !words::LABELS
        .iter()
        .any(|(label, kind)| *kind != labels::Label::Of(Role::Contact) && word.starts_with(label))
        && !words::TRADES.iter().any(|trade| word.ends_with(trade))
}

/// A fuller name goes before a form of address, and both before a guess. 先生 and 女士 after a full name are left out.
fn add_person(reader: &mut Reader<'_>, range: Range<usize>, confidence: u8) {
    let text = text_of(reader, &range);
    let full = text.len().checked_sub(2).filter(|at| is_name(&text[..*at])).filter(|at| {
        let form: String = text[*at..].iter().collect();
        matches!(form.as_str(), "先生" | "女士" | "小姐")
    });
    if let Some(at) = full {
        reader.mark(range.clone());
        reader.add(Role::Contact, range.start..range.start + at, confidence + 6);
        return;
    }
    let polite = honorific(&text)
        && (!is_name(&text) || matches!(text.last(), Some('总' | '工' | '董' | '哥' | '姐')));
    let long = text.len() == 4 && surname_length(&text) == 1;
    let bonus = if polite || confidence < 60 || long { 0 } else { 6 };
    reader.add(Role::Contact, range, confidence + bonus);
}

/// The value behind 联系人: a name with perhaps a title, a department or a bracket.
pub(super) fn person_value(reader: &mut Reader<'_>, value: Range<usize>, confidence: u8) {
    let source = reader.source;
    if !source.has_han(value.clone()) {
        let first = source.split(value, |c| "|,/(".contains(c)).into_iter().next();
        if let Some(first) = first {
            let name = latin::person(reader, first.clone()).unwrap_or(first);
            if name.len() <= 60 {
                reader.add(Role::Contact, name, confidence);
            }
        }
        return;
    }
    let words = joined(reader, source.split(value, |c| c == ' '));
    let parts: Vec<Range<usize>> = words.into_iter().flat_map(|word| tokens(reader, word)).collect();
    let mut named = false;
    for part in parts {
        let text = text_of(reader, &part);
        let word: String = text.iter().collect();
        if !named
            && text.len() <= 12
            && (is_name(&text) || text.len() <= 4 && !is_title_only(&text) || text.contains(&'·'))
        {
            // 先生 after the name is no name of its own.
            reader.add(Role::Contact, part, confidence);
            named = true;
        } else if !(named && words::HONORIFICS.contains(&word.as_str())) {
            read_token(reader, part);
        }
    }
}

fn is_title_only(text: &[char]) -> bool {
    title_end(text) == Some(text.len()) && !honorific(text)
}

fn asks(text: &[char]) -> bool {
    let whole: String = text.iter().collect();
    if words::NEEDS.iter().any(|word| whole.contains(word)) {
        return true;
    }
    // 要50吨, 购反应釜2台.
    if matches!(text.first(), Some('要' | '购' | '买' | '订')) && text.iter().any(char::is_ascii_digit) {
        return true;
    }
    text.windows(2).any(|pair| {
        matches!(pair[0], '要' | '购' | '买' | '订')
            && (pair[1].is_ascii_digit() || "一两二三四五六七八九十几百".contains(pair[1]))
    })
}
