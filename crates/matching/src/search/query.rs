//! From what the user typed to alternatives of tokens.

use super::index::{deletions, national_digits};
use super::scan::{self, Unit};
use super::{Conjunction, INITIALS, QUERY_CHARS, QUERY_TERMS, QueryTerm, SYLLABLES, Token};
use crate::pinyin::{self, Piece};
use crate::text;

/// Ways of cutting typed letters into pinyin that are tried.
const SEGMENTATIONS: usize = 6;
/// A wrong character is looked for in at most this many places of a long term.
const TYPO_PLACES: usize = 8;

/// The terms of a query, all of which must be found. Words are separated by white space and where the
/// script changes (`华东kj`); a phone number may contain spaces. Empty when nothing can be searched.
pub fn query_terms(q: &str) -> Vec<QueryTerm> {
    let short: String = q.chars().take(QUERY_CHARS).collect();
    let folded = text::fold(&short);
    if let Some(number) = phone_number(&folded) {
        return vec![number_term(&number)];
    }
    let units = scan::units(&folded);
    let mut terms: Vec<QueryTerm> = Vec::new();
    let mut han = String::new();
    for (at, unit) in units.iter().enumerate() {
        if let Unit::Cjk(c) = unit {
            han.push(*c);
            continue;
        }
        flush_han(&mut han, &mut terms);
        match unit {
            // A letter typed while composing the next character of a name narrows nothing.
            Unit::Word(w) if w.len() == 1 && at > 0 && matches!(units[at - 1], Unit::Cjk(_)) => {}
            Unit::Word(word) => terms.extend(word_term(word)),
            Unit::Other(word) => {
                let tokens = vec![Token::prefix(format!("x{}", scan::hex(word)))];
                terms.push(term(word, vec![Conjunction { tokens, typo: false }]));
            }
            Unit::Cjk(_) | Unit::Space => {}
        }
    }
    flush_han(&mut han, &mut terms);
    terms.truncate(QUERY_TERMS);
    terms
}

fn term(text: &str, mut alternatives: Vec<Conjunction>) -> QueryTerm {
    let mut seen = std::collections::HashSet::new();
    alternatives.retain(|c| !c.tokens.is_empty() && seen.insert(c.tokens.clone()));
    alternatives.sort_by_key(|c| c.typo);
    QueryTerm { text: text.to_owned(), alternatives }
}

fn exact(tokens: Vec<Token>) -> Conjunction {
    Conjunction { tokens, typo: false }
}

fn typo(tokens: Vec<Token>) -> Conjunction {
    Conjunction { tokens, typo: true }
}

// ---- Chinese ----

fn flush_han(han: &mut String, terms: &mut Vec<QueryTerm>) {
    if !han.is_empty() {
        terms.push(han_term(han));
        han.clear();
    }
}

fn han_term(text: &str) -> QueryTerm {
    let chars: Vec<char> = text.chars().collect();
    let mut alternatives = vec![exact(grams(&chars))];
    if chars.len() >= 2 {
        alternatives.extend(homophones(&chars));
    }
    if chars.len() >= 4 {
        alternatives.extend(one_wrong(&chars));
        if chars.len() <= TYPO_PLACES {
            alternatives.extend((1..chars.len()).map(|at| {
                let mut swapped = chars.clone();
                swapped.swap(at - 1, at);
                typo(grams(&swapped))
            }));
        }
    }
    term(text, alternatives)
}

/// All pairs, or the single character.
fn grams(chars: &[char]) -> Vec<Token> {
    match chars {
        [] => Vec::new(),
        [c] => vec![Token::exact(c.to_string())],
        _ => chars.windows(2).map(|pair| Token::exact(pair.iter().collect::<String>())).collect(),
    }
}

/// The same sounds in other characters, the commonest error of pinyin input methods.
fn homophones(chars: &[char]) -> Option<Conjunction> {
    let syllables: Vec<&str> =
        pinyin::readings(chars).into_iter().map(|r| r.first().copied()).collect::<Option<_>>()?;
    Some(typo(windows(&syllables, SYLLABLES).map(|w| Token::prefix(format!("p{}", w.concat()))).collect()))
}

/// Everything but one place (a few characters of a long term), where a character is wrong, missing or
/// one too many.
fn one_wrong(chars: &[char]) -> impl Iterator<Item = Conjunction> + '_ {
    let place = chars.len().div_ceil(TYPO_PLACES);
    (0..chars.len()).step_by(place).map(move |start| {
        let end = chars.len().min(start + place);
        typo([grams(&chars[..start]), grams(&chars[end..])].concat())
    })
}

/// Stretches of `size` that cover the items, the last one flush with the end.
fn windows<T>(items: &[T], size: usize) -> impl Iterator<Item = &[T]> {
    let full = items.len() / size * size;
    let whole = items[..full].chunks(size);
    let rest = (full < items.len()).then(|| &items[items.len().saturating_sub(size)..]);
    whole.chain(rest)
}

// ---- Latin letters, codes ----

fn word_term(word: &str) -> Option<QueryTerm> {
    let joined = scan::tails(word, 1).pop()?;
    if joined.bytes().all(|b| b.is_ascii_digit()) {
        return Some(number_term(&joined));
    }
    if joined.len() == 1 {
        let tokens = [Token::prefix(format!("w{joined}")), Token::exact(format!("n{joined}"))];
        return Some(term(word, tokens.into_iter().map(|t| exact(vec![t])).collect()));
    }
    let mut alternatives = vec![exact(vec![Token::prefix(format!("w{joined}"))])];
    let letters: String = word.chars().filter(|c| *c != '\'').collect();
    if letters.bytes().all(|b| b.is_ascii_lowercase()) {
        alternatives.extend(spoken(&letters).into_iter().map(exact));
        alternatives.extend(misspelt(&letters));
    }
    Some(term(word, alternatives))
}

/// Letters read as pinyin: syllables, initials, or both mixed.
fn spoken(letters: &str) -> Vec<Vec<Token>> {
    let mut ways: Vec<Vec<Token>> =
        pinyin::segmentations(letters, SEGMENTATIONS).iter().map(|way| pieces(way)).collect();
    let initials: Vec<char> = letters.chars().collect();
    if !initials.iter().any(|c| matches!(c, 'u' | 'v')) || initials.len() <= INITIALS {
        ways.push(initials_tokens(&initials));
    }
    ways
}

fn initials_tokens(initials: &[char]) -> Vec<Token> {
    windows(initials, INITIALS).map(|w| Token::prefix(format!("i{}", w.iter().collect::<String>()))).collect()
}

/// Tokens for one way of cutting: the initials of all pieces, and each stretch of syllables with the
/// piece that follows it.
fn pieces(way: &[Piece<'_>]) -> Vec<Token> {
    let initials: Vec<char> = way.iter().filter_map(|p| p.letters().chars().next()).collect();
    // Many names have these two letters somewhere and that syllable somewhere else.
    if let [Piece::Start(first), Piece::Whole(second) | Piece::Start(second)] = way
        && second.len() > 1
        && !pinyin::DOUBLE_INITIALS.contains(second)
    {
        let mut tokens = initials_tokens(&initials);
        tokens.push(Token::behind(first, second));
        return tokens;
    }
    let mut tokens = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    let mut all_in_one_run = true;
    for (at, piece) in way.iter().enumerate() {
        run.push(piece.letters());
        // a, e and o are as often initials as syllables.
        let continues = matches!(piece, Piece::Whole(s) if s.len() > 1);
        if !continues {
            all_in_one_run &= at + 1 == way.len();
            push_run(&mut run, &mut tokens);
        }
    }
    push_run(&mut run, &mut tokens);
    if !all_in_one_run {
        // Two letters of one initial say hardly more than the first, and a third of all names have such a syllable: to gather these took most
        // of a search. Whoever is proposed is looked at.
        tokens.retain(|token| {
            !token.text.strip_prefix('p').is_some_and(|p| pinyin::DOUBLE_INITIALS.contains(&p))
        });
        tokens.extend(initials_tokens(&initials));
    }
    tokens
}

fn push_run(run: &mut Vec<&str>, tokens: &mut Vec<Token>) {
    if run.len() > 1 || run.first().is_some_and(|piece| piece.len() > 1) {
        tokens.extend(windows(run, SYLLABLES).map(|w| Token::prefix(format!("p{}", w.concat()))));
    }
    run.clear();
}

/// One letter wrong, missing, doubled or swapped: one-deletion keys for words of five letters and more
/// (SymSpell's symmetric delete), and pinyin spelt as in southern accents or with two letters swapped.
fn misspelt(letters: &str) -> Vec<Conjunction> {
    let mut found = Vec::new();
    if !(5..=13).contains(&letters.len()) {
        return found;
    }
    found.push(typo(vec![Token::exact(format!("k{letters}"))]));
    for shorter in deletions(letters) {
        found.push(typo(vec![Token::exact(format!("w{shorter}"))]));
        found.push(typo(vec![Token::exact(format!("k{shorter}"))]));
    }
    for other in accents(letters).iter().filter(|s| pinyin::is_spelt_out(s)) {
        found.extend(pinyin::segmentations(other, 1).first().map(|way| typo(pieces(way))));
    }
    found
}

/// Spellings that differ by one usual confusion: zh/z, ch/c, sh/s, -ng/-n, l/n, h/f, or two letters swapped.
fn accents(letters: &str) -> Vec<String> {
    const CONFUSED: [(&str, &str); 6] =
        [("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("h", "f")];
    let mut spellings = Vec::new();
    for at in 0..letters.len() {
        let (before, rest) = letters.split_at(at);
        for (one, other) in CONFUSED {
            for (from, to) in [(one, other), (other, one)] {
                if let Some(after) = rest.strip_prefix(from) {
                    spellings.push([before, to, after].concat());
                }
            }
        }
        if let [a, b, ..] = rest.as_bytes() {
            let swapped = [char::from(*b), char::from(*a)];
            spellings.push([before, &String::from_iter(swapped), &rest[2..]].concat());
        }
    }
    spellings.truncate(64);
    spellings
}

// ---- digits ----

/// The digits of a query that is a phone number as people write it, with at least seven digits in more
/// than one group.
fn phone_number(folded: &str) -> Option<String> {
    let digits = folded.chars().filter(char::is_ascii_digit).count();
    let written =
        folded.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '-' | '(' | ')' | '+' | '.'));
    (written && digits >= 7).then(|| national_digits(folded))
}

/// Digits: the beginning of a code or of a phone number, or a phone number's tail.
fn number_term(digits: &str) -> QueryTerm {
    let mut alternatives = vec![exact(vec![Token::prefix(format!("w{digits}"))])];
    if digits.len() >= 4 {
        // Only eight digits of a tail are indexed.
        let tail = &digits[digits.len().saturating_sub(8)..];
        alternatives.push(exact(vec![Token::exact(format!("t{tail}"))]));
        alternatives.push(exact(vec![Token::prefix(format!("f{digits}"))]));
    }
    term(digits, alternatives)
}
