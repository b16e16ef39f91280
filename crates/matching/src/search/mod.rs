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
//! | `ihdkj` | pinyin initials from one character on, up to 4 letters |
//! | `phuadong` | full pinyin from one character on, up to 2 syllables |
//! | `nh` | initial of the first character (for a query of a single letter) |
//! | `whuawei`, `wht2024001` | word or code, from each of its parts to its end |
//! | `khuaei` | word of 5 to 12 letters with one letter left out |
//! | `t8000`, `f13800138000` | tail and whole of a phone number ([`digit_tail_tokens`]) |
//! | `x0043c00438` | word of another script, five hexadecimal digits a character |
//! | `bhd`, `bhdk` | PostgreSQL only: a beginning of initials ([`for_tsvector`]) |
//! | `ehua` | PostgreSQL only: the syllable that full pinyin may begin with |
//! | `c科技`, `c有限公司` | the end of a name with all its tokens, as the database's index has them (`phrases.rs`) |
//! | `r00088310` | PostgreSQL only, in place of `t…`: the longest tail of a phone number, reversed |
//!
//! The letters `s`, `u`, `y` and `z` are free for a caller's own token classes.

mod index;
mod phrases;
mod query;
mod rank;
mod scan;

use crate::pinyin;
use std::collections::{BTreeSet, HashSet};
use std::ops::RangeInclusive;
use std::sync::LazyLock;

use phrases::Phrases;

pub use index::{address_tokens, code_tokens, digit_tail_tokens, index_tokens, note_tokens, serial_tokens};
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

/// Longer ones are asked for in stretches. A word that few names have costs an index as much as ten that many share: of eight initials and
/// five syllables two in three were such.
const INITIALS: usize = 4;
const SYLLABLES: usize = 2;

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
    text: String,
    prefix: bool,
    /// Letters that what stands right before a syllable begins with (`x` of xya for 信阳); none where that may be anything.
    behind: Option<String>,
}

impl Token {
    /// The whole token.
    pub fn exact(text: impl Into<String>) -> Self {
        Self { text: text.into(), prefix: false, behind: None }
    }

    fn prefix(text: impl Into<String>) -> Self {
        Self { text: text.into(), prefix: true, behind: None }
    }

    /// A syllable that begins so, behind one that begins with these letters or behind the letters themselves (`B座`).
    fn behind(letters: &str, begun: &str) -> Self {
        Self { behind: Some(letters.to_owned()), ..Self::prefix(format!("p{begun}")) }
    }

    /// The beginnings of full pinyin, from what stands before it on, that a syllable behind letters comes to.
    fn whole(&self, letters: &str) -> impl Iterator<Item = Token> {
        let begun = self.text.get(1..).unwrap_or_default();
        let before = pinyin::syllables_from(letters).iter().copied();
        let itself = (!pinyin::is_syllable(letters)).then_some(letters);
        before.chain(itself).map(move |before| Token::prefix(format!("p{before}{begun}")))
    }

    fn is_in(&self, tokens: &HashSet<String>) -> bool {
        let Some(letters) = &self.behind else {
            return tokens.contains(&self.text)
                || self.prefix && tokens.iter().any(|known| known.starts_with(&self.text));
        };
        // Few are worth a closer look.
        let sounds = |known: &&String| known.strip_prefix('p').is_some_and(|p| p.starts_with(letters));
        let begun = |known: &String| self.whole(letters).any(|token| known.starts_with(&token.text));
        tokens.iter().filter(sounds).any(begun)
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

static FTS5: LazyLock<Phrases> = LazyLock::new(|| Phrases::new(index_tokens));
static TSVECTOR: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new(|text| with_beginnings(index_tokens(text))));

/// What FTS5's index holds for these tokens.
pub fn for_fts5(tokens: Vec<String>) -> Vec<String> {
    FTS5.shortened(tokens)
}

/// The query in FTS5's language, every token quoted; empty when the query is empty (do not run it then). It asks for what [`for_fts5`] makes.
pub fn to_fts5(query: &Query) -> String {
    // Tokens cannot contain a quote.
    let quoted = |word: &str, begun: bool| format!("\"{word}\"{}", if begun { "*" } else { "" });
    render(query, " AND ", " OR ", |conjunction| {
        let asked = conjunction.tokens.iter().map(std::slice::from_ref);
        asked.map(|token| any_of(&FTS5, token, " OR ", quoted)).collect()
    })
}

/// How many initials make a beginning that is a word of its own: see [`for_tsvector`].
const BEGUN: RangeInclusive<usize> = 2..=3;

/// What PostgreSQL's index holds for these tokens, which FTS5's holds as they are.
///
/// With the beginnings of their initials and of their full pinyin: PostgreSQL gathers all words with a beginning one by one, whatever else
/// is asked for (measured with 1,000,000 customers: 95 ms for `pfa…`, of which 9 are in question); FTS5 indexes beginnings by itself. And
/// with one word in place of the tails of a phone number, whose beginnings they are when it is reversed: words of one document alone
/// are most of what writing costs it.
pub fn for_tsvector(tokens: Vec<String>) -> Vec<String> {
    TSVECTOR.shortened(with_beginnings(tokens))
}

fn with_beginnings(mut tokens: Vec<String>) -> Vec<String> {
    let tails: Vec<String> = tokens.extract_if(.., |token| token.starts_with('t')).collect();
    let longest =
        |tail: &&String| !tails.iter().any(|other| other.len() > tail.len() && other.ends_with(&tail[1..]));
    let reversed: Vec<String> = tails.iter().filter(longest).map(|tail| reversed(&tail[1..])).collect();
    let of = |class: char| tokens.iter().filter_map(move |token| token.strip_prefix(class));
    let initials =
        of('i').flat_map(|initials| BEGUN.filter_map(|n| initials.get(..n))).map(|b| format!("b{b}"));
    let syllables = of('p').flat_map(pinyin::first_syllables).map(|s| format!("e{s}"));
    let more: Vec<String> = initials.chain(syllables).chain(reversed).collect();
    tokens.extend(more);
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

fn reversed(tail: &str) -> String {
    std::iter::once('r').chain(tail.chars().rev()).collect()
}

/// The query as PostgreSQL `tsquery` text, every lexeme quoted; empty when the query is empty. It asks for what [`for_tsvector`] makes: of
/// syllables for more than begin with the very letters.
pub fn to_tsquery(query: &Query) -> String {
    let quoted = |word: &str, begun: bool| format!("'{word}'{}", if begun { ":*" } else { "" });
    render(query, " & ", " | ", |conjunction| {
        // Two letters of initials, which the rest says more narrowly: to gather both took ten times as long.
        let narrow = conjunction.tokens.iter().any(|token| token.behind.is_some());
        let asked = conjunction.tokens.iter().filter(|token| !narrow || !token.text.starts_with('i'));
        asked.map(|token| any_of(&TSVECTOR, &asked_of_tsvector(token), " | ", quoted)).collect()
    })
}

/// What [`for_tsvector`] makes of a token: any of these finds it.
fn asked_of_tsvector(token: &Token) -> Vec<Token> {
    if let Some(letters) = &token.behind {
        return token.whole(letters).collect();
    }
    if let Some(tail) = token.text.strip_prefix('t').filter(|_| !token.prefix) {
        return vec![Token::prefix(reversed(tail))];
    }
    let begun = |class: char| token.text.strip_prefix(class).filter(|_| token.prefix);
    if let Some(initials) = begun('i') {
        if BEGUN.contains(&initials.len()) {
            return vec![Token::exact(format!("b{initials}"))];
        }
        // No word is longer; to gather a beginning takes PostgreSQL all its documents, whatever else is asked for.
        if initials.len() >= INITIALS {
            return vec![Token::exact(token.text.as_str())];
        }
    }
    let syllables = begun('p').map(pinyin::begun_syllables).unwrap_or_default();
    if syllables.is_empty() {
        return vec![token.clone()];
    }
    syllables.iter().map(|syllable| Token::exact(format!("e{syllable}"))).collect()
}

/// These words or the phrases that have one of them, in brackets where there are several.
fn any_of(phrases: &Phrases, asked: &[Token], or: &str, quoted: impl Fn(&str, bool) -> String) -> String {
    let ends: BTreeSet<&str> = asked.iter().flat_map(|token| phrases.with(token)).collect();
    let asked = asked.iter().map(|token| quoted(&token.text, token.prefix));
    let words: Vec<String> = asked.chain(ends.into_iter().map(|word| quoted(word, false))).collect();
    let any = words.join(or);
    if words.len() > 1 { format!("({any})") } else { any }
}

fn render(query: &Query, and: &str, or: &str, written: impl Fn(&Conjunction) -> Vec<String>) -> String {
    let mut out = String::new();
    for (t, term) in query.terms.iter().enumerate() {
        out.push_str(if t > 0 { and } else { "" });
        out.push('(');
        for (a, alternative) in term.alternatives.iter().enumerate() {
            out.push_str(if a > 0 { or } else { "" });
            out.push('(');
            out.push_str(&written(alternative).join(and));
            out.push(')');
        }
        out.push(')');
    }
    out
}

/// Whether a text with these tokens is found by the query. Linear in the tokens for prefixes.
pub fn matches(text_tokens: &HashSet<String>, query: &Query) -> bool {
    let present = |c: &Conjunction| c.tokens.iter().all(|token| token.is_in(text_tokens));
    let found = |term: &QueryTerm| term.alternatives.iter().any(present);
    !query.is_empty() && query.terms.iter().all(found)
}

#[cfg(test)]
mod tests;
