//! Tokens for the full-text index and queries over them, the same on SQLite FTS5 and PostgreSQL tsvector.
//!
//! All analysis happens here, so the databases only compare whole tokens and token prefixes (FTS5 with
//! `detail=none`; on PostgreSQL build the vector with `array_to_tsvector`,
//! which takes lexemes as they are).
//! A token consists of `a-z`, `0-9` and CJK characters. Its class cannot be confused with another's:
//!
//! | token | class |
//! |---|---|
//! | `华`, `华东` | one and two CJK characters, without prefix letter |
//! | `ihdkjyxgs` | pinyin initials from one character on, up to 8 letters |
//! | `phuadongkeji…` | full pinyin from one character on, up to 5 syllables |
//! | `nh` | initial of the first character (for a query of a single letter) |
//! | `whuawei`, `wht2024001` | word or code, from each of its parts to its end |
//! | `khuaei` | word of 5 to 12 letters with one letter left out |
//! | `t8000`, `f13800138000` | tail and whole of a phone number ([`digit_tail_tokens`]) |
//! | `x0043c00438` | word of another script, five hexadecimal digits a character |
//! | `bhd`, `bhdk` | PostgreSQL only: a beginning of initials ([`beginnings`]) |
//!
//! The letters `s`, `y` and `z` are free for a caller's own token classes.

mod index;
mod query;
mod rank;
mod scan;

use std::collections::HashSet;
use std::fmt::Write as _;
use std::ops::RangeInclusive;

pub use index::{code_tokens, digit_tail_tokens, index_tokens, note_tokens};
pub use query::query_terms;
pub use rank::{Ranker, rank};

/// Characters of a text that are indexed; the rest is ignored.
pub const TEXT_CHARS: usize = 2_000;
/// CJK characters of a text whose pinyin is indexed (names are short; long notes are found by characters).
pub const PINYIN_CHARS: usize = 256;
/// Characters of a query that count.
pub const QUERY_CHARS: usize = 64;
/// Terms of a query that count.
pub const QUERY_TERMS: usize = 8;

const INITIALS: usize = 8;
const SYLLABLES: usize = 5;

/// What the user typed: every term must be found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    pub terms: Vec<QueryTerm>,
}

/// One word of the query; any of its alternatives finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryTerm {
    /// The word in folded form.
    pub text: String,
    /// At least one, likelier readings first.
    pub alternatives: Vec<Conjunction>,
}

/// Tokens that must all be present.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Conjunction {
    pub tokens: Vec<Token>,
    /// Found only by assuming a typing error (one wrong character, a homophone).
    pub typo: bool,
}

/// A whole token, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Token {
    pub text: String,
    pub prefix: bool,
}

impl Token {
    fn exact(text: impl Into<String>) -> Self {
        Self { text: text.into(), prefix: false }
    }

    fn prefix(text: impl Into<String>) -> Self {
        Self { text: text.into(), prefix: true }
    }
}

impl Query {
    /// Never fails: what cannot be searched (punctuation alone) gives a query without terms, which finds
    /// nothing. Only the first [`QUERY_CHARS`] characters and [`QUERY_TERMS`] terms count.
    pub fn parse(text: &str) -> Self {
        Self { terms: query_terms(text) }
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// The query without the alternatives that assume a typing error. Run this first and the full query
    /// only when it finds too little: it is cheaper, and its results rank higher anyway.
    pub fn strict(&self) -> Self {
        let strict = |term: &QueryTerm| QueryTerm {
            text: term.text.clone(),
            alternatives: term.alternatives.iter().filter(|c| !c.typo).cloned().collect(),
        };
        Self { terms: self.terms.iter().map(strict).collect() }
    }
}

/// The query in FTS5's language, every token quoted; empty when the query is empty (do not run it then).
pub fn to_fts5(query: &Query) -> String {
    render(query, " AND ", " OR ", |out, token| {
        let star = if token.prefix { "*" } else { "" };
        // Tokens cannot contain a quote; writing to a String cannot fail.
        let _ = write!(out, "\"{}\"{star}", token.text);
    })
}

/// How many initials make a [beginning](beginnings).
const BEGUN: RangeInclusive<usize> = 2..=3;

/// The beginnings of the initials among these tokens, for PostgreSQL: it gathers all words with a beginning one by one, and its planner
/// takes them for few where each of them is rare (measured with 100,000 customers: 14 expected, 3,736 found, 24 ms in place of 2). FTS5
/// indexes beginnings by itself.
pub fn beginnings(tokens: &[String]) -> Vec<String> {
    let initials = tokens.iter().filter_map(|token| token.strip_prefix('i'));
    let begun =
        |initials: &str| BEGUN.filter_map(|n| initials.get(..n)).map(|b| format!("b{b}")).collect::<Vec<_>>();
    let mut beginnings: Vec<String> = initials.flat_map(begun).collect();
    beginnings.sort_unstable();
    beginnings.dedup();
    beginnings
}

/// The query as PostgreSQL `tsquery` text, every lexeme quoted; empty when the query is empty. It asks for [`beginnings`] by name.
pub fn to_tsquery(query: &Query) -> String {
    render(query, " & ", " | ", |out, token| {
        let initials = token.text.strip_prefix('i').filter(|i| token.prefix && BEGUN.contains(&i.len()));
        let _ = match initials {
            Some(initials) => write!(out, "'b{initials}'"),
            None => write!(out, "'{}'{}", token.text, if token.prefix { ":*" } else { "" }),
        };
    })
}

fn render(query: &Query, and: &str, or: &str, write_token: impl Fn(&mut String, &Token)) -> String {
    let mut out = String::new();
    for (t, term) in query.terms.iter().enumerate() {
        out.push_str(if t > 0 { and } else { "" });
        out.push('(');
        for (a, alternative) in term.alternatives.iter().enumerate() {
            out.push_str(if a > 0 { or } else { "" });
            out.push('(');
            for (k, token) in alternative.tokens.iter().enumerate() {
                out.push_str(if k > 0 { and } else { "" });
                write_token(&mut out, token);
            }
            out.push(')');
        }
        out.push(')');
    }
    out
}

/// Whether a text with these tokens is found by the query. Linear in the tokens for prefixes.
pub fn matches(text_tokens: &HashSet<String>, query: &Query) -> bool {
    let present = |token: &Token| {
        text_tokens.contains(&token.text)
            || (token.prefix && text_tokens.iter().any(|t| t.starts_with(&token.text)))
    };
    let found = |term: &QueryTerm| term.alternatives.iter().any(|c| c.tokens.iter().all(present));
    !query.is_empty() && query.terms.iter().all(found)
}

#[cfg(test)]
mod tests;
