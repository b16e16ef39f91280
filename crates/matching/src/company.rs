//! Company names taken apart: 江苏华东科技有限公司杭州分公司 is region 江苏, brand 华东, trade 科技, legal form 有限公司,
//! branch 杭州分公司 (the order prescribed by 企业名称登记管理规定, article 6).

mod mistyped;
mod words;

use crate::address::{self, leading_region};
use crate::text::{clean, fold, is_han, simplify};

/// The parts of a company's name, in simplified characters and half width.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompanyName {
    /// Six-digit code of the region in the name, in front or in brackets.
    pub region: Option<String>,
    /// A second region in front: 浙江上海凯鑫 says 浙江, and 上海凯鑫 may be what it is known by.
    pub second_region: Option<String>,
    /// 字号, what tells the company from others; empty only when the name has nothing else than a trade.
    pub brand: String,
    /// 行业, empty when not named.
    pub trade: String,
    /// 组织形式, without 集团: 有限公司, 股份有限公司, 厂, `co., ltd` …
    pub legal_form: String,
    /// A group's name has 集团 in it.
    pub group: bool,
    /// 杭州分公司, 华东大区 …: such a record is not the company itself.
    pub branch: Option<String>,
    /// What is no part of the name: 【重点】, (VIP), (原XX公司), -王总.
    pub notes: Vec<String>,
    /// Brand and trade: what stays of a name when people abbreviate.
    pub core: String,
}

impl CompanyName {
    /// Comparable form: the folded core without punctuation, and after `#` the branch. Two records with
    /// equal keys have names that differ only in region, legal form, width, script and notes.
    pub fn key(&self) -> String {
        let squeeze = |s: &str| -> String { fold(s).chars().filter(|c| c.is_alphanumeric()).collect() };
        match &self.branch {
            Some(branch) => format!("{}#{}", squeeze(&self.core), squeeze(branch)),
            None => squeeze(&self.core),
        }
    }

    /// The former name that a note such as (原华东机械厂) gives.
    pub fn former_name(&self) -> Option<&str> {
        self.notes.iter().find_map(|note| {
            let rest = ["曾用名", "原名", "原"].iter().find_map(|mark| note.strip_prefix(mark))?;
            Some(rest.trim_start_matches([':', '：', ' '])).filter(|name| name.chars().count() >= 2)
        })
    }
}

/// Changes whenever [`parse`] gives another answer for some name, so that stored keys can be told to be old.
pub const VERSION: u32 = 2;

/// Longer names are cut here.
const NAME_CHARS: usize = 200;

/// Takes a name apart. Never fails: what is not recognised is brand.
pub fn parse(s: &str) -> CompanyName {
    let short: String = s.chars().take(NAME_CHARS).collect();
    let mut parts = CompanyName::default();
    let text = simplify(&clean(&short));
    let text = take_brackets(&text, &mut parts);
    let text = take_contact(text.trim_matches(is_junk), &mut parts);
    let text = take_branch(text, &mut parts);
    let text = join_characters(text);
    let text = take_tail(text.trim_matches(is_junk), &mut parts);
    let text = take_legal_form(text.trim_matches(is_junk), &mut parts);
    let text = take_group(text, &mut parts);
    let text = take_region(text, &mut parts);
    let (brand, trade) = split_trade(&text);
    parts.core = text.clone();
    parts.trade = trade.to_owned();
    parts.brand = if brand.is_empty() { text.clone() } else { brand.trim_matches(is_junk).to_owned() };
    if parts.core.is_empty() {
        // Nothing but a legal form or a place: better the whole text than an empty core.
        parts.core = clean(&short).trim_matches(is_junk).to_owned();
        parts.brand = parts.core.clone();
    }
    parts
}

fn is_junk(c: char) -> bool {
    matches!(
        c,
        ' ' | '-'
            | '/'
            | ','
            | '.'
            | ';'
            | ':'
            | '*'
            | '#'
            | '_'
            | '|'
            | '"'
            | '\''
            | '、'
            | '。'
            | '·'
            | '—'
    )
}

/// Brackets hold notes, a region, a branch, or a part of the name.
fn take_brackets(text: &str, parts: &mut CompanyName) -> String {
    let mut outside = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['(', '[', '【', '〔', '{', '<', '《']) {
        outside.push_str(&rest[..open]);
        let bracket = rest[open..].chars().next().unwrap_or('(');
        let inner = &rest[open + bracket.len_utf8()..];
        let end = inner.find([')', ']', '】', '〕', '}', '>', '》']).unwrap_or(inner.len());
        let content = inner[..end].trim();
        rest = inner[end..].trim_start_matches([')', ']', '】', '〕', '}', '>', '》']);
        sort_bracket(content, bracket, &mut outside, parts);
    }
    outside.push_str(rest);
    outside
}

fn sort_bracket(content: &str, bracket: char, outside: &mut String, parts: &mut CompanyName) {
    if content.is_empty() {
        return;
    }
    let after_form = words::LEGAL_FORMS.iter().any(|form| outside.trim_end_matches(is_junk).ends_with(form));
    let is_legal = words::LEGAL_FORMS.contains(&content);
    let is_note = !matches!(bracket, '(' | '<' | '《')
        || words::NOTES.iter().any(|n| fold(content).starts_with(n))
        || words::HEADQUARTERS.contains(&content);
    if is_note {
        parts.notes.push(content.to_owned());
    } else if words::BRANCHES.iter().any(|b| content.ends_with(b)) {
        parts.branch = Some(content.to_owned());
    } else if matches!(content, "中国" | "集团") {
        parts.group |= content == "集团";
    } else if let Some(code) =
        address::parse(content).region.filter(|_| address::parse(content).detail.is_empty())
    {
        parts.region = Some(code);
    } else if after_form && !is_legal {
        parts.notes.push(content.to_owned());
    } else if !is_legal {
        outside.push_str(content);
    }
}

/// `-王总`, `/李女士` at the end.
fn take_contact<'a>(text: &'a str, parts: &mut CompanyName) -> &'a str {
    let Some((name, contact)) = text.rsplit_once(['-', '/', ' ', '—']) else { return text };
    let is_person = words::TITLES.iter().any(|t| contact.ends_with(t)) && contact.chars().count() <= 5;
    if !is_person || name.trim().is_empty() {
        return text;
    }
    parts.notes.push(contact.to_owned());
    name.trim_end_matches(is_junk)
}

/// The text without the spaces between Chinese characters (晋诺环 保科技).
fn join_characters(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let between = joined.chars().last().is_some_and(is_han) && rest.peek().copied().is_some_and(is_han);
        if c != ' ' || !between {
            joined.push(c);
        }
    }
    joined
}

/// What follows 公司 at the end (…有限公司-新, …有限公司_2023), or a mark of one character after a dash.
fn take_tail<'a>(text: &'a str, parts: &mut CompanyName) -> &'a str {
    const COMPANY: &str = "公司";
    const TAIL_CHARS: usize = 8;
    if let Some(at) = text.rfind(COMPANY).map(|at| at + COMPANY.len()).filter(|at| *at > COMPANY.len()) {
        let tail = text[at..].trim_matches(is_junk);
        if (1..=TAIL_CHARS).contains(&tail.chars().count()) {
            parts.notes.push(tail.to_owned());
            return &text[..at];
        }
    }
    match text.rsplit_once(['-', '_']) {
        Some((name, tail)) if is_mark(tail) && name.chars().count() >= 2 => {
            parts.notes.push(tail.to_owned());
            name
        }
        _ => text,
    }
}

/// 新, 旧, 2, 2023: what tells one entry of a list from another.
fn is_mark(tail: &str) -> bool {
    matches!(tail, "新" | "旧" | "老" | "副本" | "重")
        || (1..=4).contains(&tail.len()) && tail.bytes().all(|b| b.is_ascii_digit())
}

/// The branch is what follows the legal form, or the place before a branch word at the end.
fn take_branch<'a>(text: &'a str, parts: &mut CompanyName) -> &'a str {
    let mut text = text;
    if let Some(mark) = words::HEADQUARTERS.iter().find(|h| text.ends_with(**h) && text.len() > h.len()) {
        text = text[..text.len() - mark.len()].trim_end_matches(is_junk);
        parts.notes.push((*mark).to_owned());
    }
    let marker = words::BRANCHES.iter().find(|b| text.ends_with(**b)).or_else(|| numbered_works(text));
    let Some(marker) = marker else { return text };
    let before = &text[..text.len() - marker.len()];
    let start = branch_start(before);
    let (company, branch) = text.split_at(start);
    if company.trim_matches(is_junk).is_empty() {
        return text;
    }
    parts.branch = Some(branch.trim_matches(is_junk).to_owned());
    company.trim_end_matches(is_junk)
}

/// The end of 远望仪器苏州第二工厂, which is one works of several; not of 国营第二工厂, whose whole name that is.
fn numbered_works(text: &str) -> Option<&'static &'static str> {
    words::WORKS.iter().find(|works| {
        let before = text.strip_suffix(**works).unwrap_or_default();
        let company = before.trim_end_matches(|c| "一二三四五六七八九十0123456789".contains(c));
        let company = company.strip_suffix('第').filter(|company| company.len() + "第".len() < before.len());
        company
            .is_some_and(|company| company.chars().count() > 3 && !address::parse(company).detail.is_empty())
    })
}

/// Where the branch's own name begins in the text before its marker.
fn branch_start(before: &str) -> usize {
    let after_form = words::LEGAL_FORMS.iter().filter_map(|f| Some(before.rfind(f)? + f.len())).max();
    if let Some(at) = after_form {
        return at;
    }
    if let Some(at) = before.rfind(['-', '—', ' ', '/']) {
        return at;
    }
    // A place name right before the marker, the longest; else the last two characters.
    let starts: Vec<usize> = before.char_indices().map(|(at, _)| at).collect();
    let near = &starts[starts.len().saturating_sub(8)..];
    let is_place = |at: &&usize| {
        // 台州第二分公司, 华东区分部.
        let place = before[**at..].trim_end_matches(|c| "第一二三四五六七八九十0123456789区".contains(c));
        let is_region = |place: &str| {
            let found = address::parse(place);
            found.region.is_some() && found.detail.is_empty()
        };
        words::AREAS.contains(&place) || is_region(place) || is_region(&before[**at..])
    };
    match near.iter().filter(|at| **at > 0).find(is_place) {
        Some(at) => *at,
        None => starts.len().checked_sub(2).map_or(before.len(), |n| starts[n]),
    }
}

/// Repeated forms (有限公司有限公司) go together.
fn take_legal_form<'a>(text: &'a str, parts: &mut CompanyName) -> &'a str {
    let mut text = text;
    while let Some((rest, form)) = strip_form(text) {
        // 王氏公司: what is left must tell it from others.
        if rest.trim_matches(is_junk).is_empty() {
            break;
        }
        if parts.legal_form.is_empty() {
            parts.legal_form = form.to_owned();
        }
        text = rest;
    }
    text
}

fn strip_form(text: &str) -> Option<(&str, &'static str)> {
    if words::LEGAL_FORMS.contains(&text) {
        return None;
    }
    for form in words::LEGAL_FORMS {
        if let Some(rest) = text.strip_suffix(form).filter(|r| !r.is_empty()) {
            // 大华股份 is 大华's short name at the stock exchange, 新股份 is a name.
            if form == "股份" && rest.chars().count() < 2 {
                continue;
            }
            return Some((rest.trim_end_matches(is_junk), form));
        }
    }
    if let Some(found) = mistyped::strip(text) {
        return Some(found);
    }
    let lower = text.to_ascii_lowercase();
    let trimmed = lower.trim_end_matches(is_junk);
    for form in words::ENGLISH_FORMS {
        let Some(rest) = trimmed.strip_suffix(form) else { continue };
        // `Tobacco` does not end in `co`.
        if rest.ends_with([' ', ',', '.', '(']) && !rest.trim_matches(is_junk).is_empty() {
            return Some((text[..rest.len()].trim_end_matches(is_junk), form));
        }
    }
    None
}

fn take_group<'a>(text: &'a str, parts: &mut CompanyName) -> &'a str {
    match text.strip_suffix("集团").filter(|rest| rest.chars().count() >= 2) {
        Some(rest) => {
            parts.group = true;
            rest.trim_end_matches(is_junk)
        }
        None => text,
    }
}

fn take_region(text: &str, parts: &mut CompanyName) -> String {
    let mut text = text.trim_matches(is_junk);
    // 贵阳贵州川恒化工: a city put before a name that has its region already.
    for _ in 0..2 {
        // 中国 stands for no region, and 中国石油 is a brand.
        let (region, rest) = leading_region(text);
        let rest = rest.trim_start_matches(is_junk);
        // One character left is no brand: 上海电 is not. Neither is a trade: 西藏药业.
        let Some(region) =
            region.filter(|_| rest.chars().filter(|c| c.is_alphanumeric()).count() >= 2 && !is_trade(rest))
        else {
            break;
        };
        match &parts.region {
            None => parts.region = Some(region.code.to_owned()),
            Some(_) => parts.second_region = Some(region.code.to_owned()),
        }
        text = rest;
    }
    if let Some((rest, region)) =
        trailing_region(text).filter(|_| parts.region.is_none() && parts.legal_form.is_empty())
    {
        parts.region = Some(region.code.to_owned());
        text = rest;
    }
    text.to_owned()
}

/// 洛琳烟台: a short name with its place behind it.
fn trailing_region(text: &str) -> Option<(&str, &'static address::Region)> {
    let starts = text.char_indices().map(|(at, _)| at);
    for at in starts.skip(2) {
        let (rest, place) = text.split_at(at);
        if (2..=3).contains(&place.chars().count())
            && let Some(region) = address::region_named(place)
        {
            return Some((rest.trim_end_matches(is_junk), region));
        }
    }
    None
}

/// Nothing but trade words.
fn is_trade(text: &str) -> bool {
    let mut rest = text;
    while let Some(word) = words::trades_ending_as(rest).find(|w| rest.ends_with(w)) {
        rest = &rest[..rest.len() - word.len()];
    }
    rest.is_empty()
}

/// Brand, and the trade words at the end. The brand keeps at least two characters.
fn split_trade(core: &str) -> (&str, &str) {
    let mut brand = core;
    while let Some(word) = words::trades_ending_as(brand)
        .find(|w| brand.ends_with(w) && brand[..brand.len() - w.len()].chars().count() >= 2)
    {
        brand = &brand[..brand.len() - word.len()];
    }
    core.split_at(brand.len())
}

#[cfg(test)]
mod tests;
