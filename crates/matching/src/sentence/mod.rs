//! What a salesperson's sentence says of the next step and of whom: `明天下午3点回访王总报价`, `met Mr Wang, send the quote on Friday`.
//!
//! A sentence is read clause by clause. A clause with a time to come is the next step; what is left of it without the time is what to
//! do. Bare hours are those of a working day (3点 is 15:00), bare weekdays and days of the month lie ahead. A guess, shown to be
//! corrected: where nothing is sure, nothing is said.

mod people;
mod when;

use chrono::NaiveDateTime;

use crate::text::{clean, simplify};
pub use people::{Mention, mentions};
use when::When;

/// Longer texts are cut: a next step stands in a sentence or two.
const MAX_CHARS: usize = 2_000;
/// The longest text of a next step, in characters.
const STEP_CHARS: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do, without the time; never empty.
    pub text: String,
    /// Wall clock of whoever said it.
    pub at: NaiveDateTime,
    /// Whether an hour was said, or at least a part of the day.
    pub timed: bool,
    /// The time in the words that were used.
    pub said: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Understood {
    pub step: Option<Step>,
    pub people: Vec<Mention>,
}

/// Reads a sentence said at `now` (wall clock). Any text is safe.
pub fn understand(sentence: &str, now: NaiveDateTime) -> Understood {
    let text = clean(&sentence.replace('\n', "。").chars().take(MAX_CHARS).collect::<String>());
    let clauses = clauses(&text);
    Understood { step: step(&clauses, now), people: mentions(&text) }
}

/// A part of a sentence, as it was written and as it is compared.
struct Clause {
    written: Vec<char>,
    /// Simplified, ASCII in lower case; the same number of characters.
    folded: Vec<char>,
}

fn clauses(text: &str) -> Vec<Clause> {
    let chars: Vec<char> = text.chars().collect();
    let ends = |at: usize| match chars[at] {
        '，' | ',' | '。' | '；' | ';' | '！' | '!' | '？' | '?' => true,
        // A full stop ends a clause, a decimal point doesn't.
        '.' => chars.get(at + 1).is_none_or(|next| *next == ' '),
        _ => false,
    };
    let mut found = Vec::new();
    let mut start = 0;
    for at in 0..=chars.len() {
        if at == chars.len() || ends(at) {
            let written: Vec<char> = chars[start..at].iter().collect::<String>().trim().chars().collect();
            if !written.is_empty() {
                found.push(Clause::new(written));
            }
            start = at + 1;
        }
    }
    found
}

impl Clause {
    fn new(written: Vec<char>) -> Clause {
        let folded: Vec<char> =
            simplify(&written.iter().collect::<String>()).chars().map(|c| c.to_ascii_lowercase()).collect();
        let folded = if folded.len() == written.len() { folded } else { written.clone() };
        Clause { written, folded }
    }

    fn contains(&self, words: &[&str]) -> bool {
        let text: String = self.folded.iter().collect();
        words.iter().any(|word| text.contains(word))
    }

    /// Whether it tells what happened: 了, 过. An appointment that was made lies ahead all the same (约了, 说好了).
    fn is_past(&self) -> bool {
        let mut text: String = self.folded.iter().collect();
        for word in [
            "约了",
            "约好了",
            "约好",
            "定了",
            "定好了",
            "说好了",
            "说好",
            "答应了",
            "安排了",
            "通过",
            "不过",
            "再过",
            "过去",
            "过来",
            "路过",
        ] {
            text = text.replace(word, "");
        }
        ["了", "过", "已", "刚", "yesterday", " ago"].iter().any(|word| text.contains(word))
            || text.split(' ').any(|word| {
                matches!(word, "met" | "called" | "visited" | "sent" | "talked" | "spoke" | "was")
            })
    }

    fn is_plan(&self) -> bool {
        const PLAN: [&str; 15] = [
            "要", "得", "去", "需", "记得", "务必", "前", "内", "再", "will ", "must", "need", "before",
            "by ", "remind",
        ];
        self.contains(&PLAN)
    }

    /// The clause without the parts of the time, and without words that only lead in.
    fn without(&self, when: &When) -> String {
        let kept = |at: &usize| !when.parts.iter().any(|part| part.contains(at));
        let text: String = (0..self.written.len()).filter(kept).map(|at| self.written[at]).collect();
        trimmed(&clean(&text))
    }
}

fn trimmed(text: &str) -> String {
    const LEADS: [&str; 29] = [
        "我们要",
        "我们",
        "咱们",
        "我要",
        "我",
        "需要",
        "记得",
        "提醒我",
        "计划",
        "准备",
        "打算",
        "然后",
        "下一步",
        "下次",
        "接下来",
        "约好了",
        "约好",
        "定在",
        "i will ",
        "i'll ",
        "we will ",
        "we'll ",
        "please ",
        "remind me to ",
        "need to ",
        "then ",
        "and ",
        "next step",
        "to ",
    ];
    let edge = |c: char| c.is_whitespace() || matches!(c, ':' | '：' | '-' | '—' | '、' | '~' | '(' | ')');
    let mut text = text.trim_matches(edge);
    while let Some(lead) =
        LEADS.iter().find(|lead| text.get(..lead.len()).is_some_and(|s| s.eq_ignore_ascii_case(lead)))
    {
        text = text[lead.len()..].trim_start_matches(edge);
    }
    text.chars().take(STEP_CHARS).collect::<String>().trim_end().to_owned()
}

fn step(clauses: &[Clause], now: NaiveDateTime) -> Option<Step> {
    let ahead: Vec<(usize, When)> = clauses
        .iter()
        .enumerate()
        .filter_map(|(at, clause)| Some((at, when::find(&clause.folded, now, !clause.is_past())?)))
        .filter(|(at, when)| lies_ahead(&clauses[*at], when, now))
        .collect();
    // What lies on another day goes before what is due today: today is mostly told, not planned.
    let (at, when) = ahead.iter().find(|(_, when)| when.at.date() > now.date()).or_else(|| ahead.first())?;
    let clause = &clauses[*at];
    let mut text = clause.without(when);
    if text.chars().count() < 2 {
        // 回访王总，明天下午3点
        let other = if *at > 0 { clauses.get(at - 1) } else { clauses.get(at + 1) };
        text = trimmed(&other?.written.iter().collect::<String>());
    } else if let Some(next) = clauses.get(at + 1).filter(|next| goes_on(next)) {
        let rest: String = next.written.iter().collect();
        let comma = if text.is_ascii() { ", " } else { "，" };
        text = format!("{text}{comma}{rest}").chars().take(STEP_CHARS).collect();
    }
    let said = when
        .parts
        .iter()
        .map(|part| clause.written[part.clone()].iter().collect::<String>())
        .collect::<Vec<_>>();
    (!text.is_empty()).then(|| Step {
        text,
        at: when.at,
        timed: when.timed,
        said: said.join(" ").trim().to_owned(),
    })
}

fn lies_ahead(clause: &Clause, when: &When, now: NaiveDateTime) -> bool {
    if when.at.date() > now.date() {
        return true;
    }
    when.at.date() == now.date()
        && !clause.is_past()
        && if when.timed { when.at > now } else { clause.is_plan() }
}

/// 明天上门，带样品: what follows belongs to the same step.
fn goes_on(clause: &Clause) -> bool {
    let text: String = clause.folded.iter().collect();
    ["带", "并", "顺便", "同时", "把", "谈", "确认", "and "].iter().any(|word| text.starts_with(word))
        && !clause.is_past()
}

#[cfg(test)]
mod tests;
