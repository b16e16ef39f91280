//! From text to index tokens.

use super::scan::{self, Unit};
use super::{INITIALS, PINYIN_CHARS, SYLLABLES, TEXT_CHARS};
use crate::{pinyin, text};

/// Parts of one word or code that start a token.
const WORD_PARTS: usize = 8;
/// Words of a text that get one-deletion keys.
const TYPO_WORDS: usize = 8;
/// Latin words longer than this do not take part in initials (`TCL科技` is found by `tclkj`).
const INITIALS_WORD: usize = 6;
/// Characters with a second reading that vary within one window, and further readings of each.
const VARIED: usize = 3;

/// Words of nearly every English company name; a typing error in them is not worth an index entry.
const COMMON_WORDS: [&str; 12] = [
    "company",
    "corporation",
    "development",
    "electronic",
    "group",
    "holding",
    "industrial",
    "international",
    "limited",
    "technologies",
    "technology",
    "trading",
];

/// Tokens of a text for the index, sorted, without duplicates. About 4 per character of a Chinese name.
///
/// Any string is accepted; only the first [`TEXT_CHARS`] characters count, and pinyin is given for the
/// first [`PINYIN_CHARS`] CJK characters.
pub fn index_tokens(text: &str) -> Vec<String> {
    tokens(text, |units, tokens| {
        typo_tokens(units, tokens);
        for run in spoken_runs(units) {
            pinyin_tokens(&run, tokens);
        }
        if let Some(first) = units.iter().find_map(first_initials) {
            tokens.extend(first.into_iter().map(|c| format!("n{c}")));
        }
    })
}

/// As [`index_tokens`] for notes and other long texts, which are looked for by characters and words: their pinyin would be most of the
/// index, and any few letters would be found in nearly every note.
pub fn note_tokens(text: &str) -> Vec<String> {
    tokens(text, typo_tokens)
}

/// As [`index_tokens`] for what is copied rather than remembered, numbers and addresses on the net: found by their words and parts as they
/// stand. Words with a letter left out and the sound of it would be a fifth of a customer's tokens.
pub fn code_tokens(text: &str) -> Vec<String> {
    tokens(text, |_, _| {})
}

/// Tokens of a mail or web address: from each of its parts between points and other signs on, to the end.
pub fn address_tokens(text: &str) -> Vec<String> {
    let folded = text::fold(text);
    let mut tokens = Vec::new();
    for address in folded.split_whitespace().take(WORD_PARTS) {
        if !address.is_ascii() {
            tokens.extend(code_tokens(address));
            continue;
        }
        let parts: Vec<&str> =
            address.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty()).collect();
        let from = |start: usize| parts[start..].concat().chars().take(scan::WORD_CHARS).collect::<String>();
        tokens.extend((0..parts.len().min(WORD_PARTS)).map(|start| format!("w{}", from(start))));
    }
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// Tokens of a number without parts, such as a company's credit code: the whole, and its last characters, so many of them.
pub fn serial_tokens(text: &str, ends: &[usize]) -> Vec<String> {
    let folded = text::fold(text);
    let letters: Vec<char> =
        folded.chars().filter(char::is_ascii_alphanumeric).take(scan::WORD_CHARS).collect();
    let from = |start: usize| format!("w{}", letters[start..].iter().collect::<String>());
    let starts = ends.iter().filter(|n| **n < letters.len()).map(|n| letters.len() - n);
    let whole = (!letters.is_empty()).then_some(0);
    whole.into_iter().chain(starts).map(from).collect()
}

fn tokens(text: &str, further: impl Fn(&[Unit], &mut Vec<String>)) -> Vec<String> {
    let short: &str = match text.char_indices().nth(TEXT_CHARS) {
        Some((end, _)) => &text[..end],
        None => text,
    };
    let units = scan::units(&text::fold(short));
    let mut tokens = Vec::with_capacity(units.len() * 5);
    cjk_tokens(&units, &mut tokens);
    word_tokens(&units, &mut tokens);
    further(&units, &mut tokens);
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// Single characters and pairs; pairs reach over punctuation and spaces (华为（深圳） is found by 华为深圳).
fn cjk_tokens(units: &[Unit], tokens: &mut Vec<String>) {
    let mut previous = None;
    for unit in units {
        match unit {
            Unit::Cjk(c) => {
                tokens.push(c.to_string());
                if let Some(before) = previous {
                    tokens.push([before, *c].iter().collect());
                }
                previous = Some(*c);
            }
            Unit::Word(_) | Unit::Other(_) => previous = None,
            Unit::Space => {}
        }
    }
}

fn word_tokens(units: &[Unit], tokens: &mut Vec<String>) {
    for unit in units {
        match unit {
            Unit::Word(word) => {
                tokens.extend(scan::tails(word, WORD_PARTS).iter().map(|tail| format!("w{tail}")));
            }
            Unit::Other(word) => tokens.push(format!("x{}", scan::hex(word))),
            Unit::Cjk(_) | Unit::Space => {}
        }
    }
}

/// The first words with a letter left out, by which one typing error is forgiven.
fn typo_tokens(units: &[Unit], tokens: &mut Vec<String>) {
    let words = units.iter().filter_map(|unit| match unit {
        Unit::Word(word) => Some(word),
        Unit::Cjk(_) | Unit::Other(_) | Unit::Space => None,
    });
    let parts = words
        .flat_map(|word| word.split(|c: char| !c.is_ascii_alphabetic()))
        .filter(|part| (5..=12).contains(&part.len()) && COMMON_WORDS.binary_search(part).is_err());
    for part in parts.take(TYPO_WORDS) {
        tokens.extend(deletions(part).map(|d| format!("k{d}")));
    }
}

/// The word with each of its letters left out in turn.
pub(super) fn deletions(word: &str) -> impl Iterator<Item = String> + '_ {
    (0..word.len()).map(|at| [&word[..at], &word[at + 1..]].concat())
}

/// Something with a sound: a character, or a short Latin word that stands for itself.
#[derive(Clone, Copy)]
struct Spoken<'a> {
    usual: &'a str,
    others: &'static [&'static str],
    /// A Latin word gives all its letters to the initials.
    is_word: bool,
}

/// Maximal runs of pronounceable units.
fn spoken_runs(units: &[Unit]) -> Vec<Vec<Spoken<'_>>> {
    let all: Vec<char> = units.iter().filter_map(cjk_char).take(PINYIN_CHARS).collect();
    let mut readings = pinyin::readings(&all).into_iter();
    let mut runs: Vec<Vec<Spoken<'_>>> = vec![Vec::new()];
    for (at, unit) in units.iter().enumerate() {
        let spoken = match unit {
            Unit::Cjk(_) => match readings.next() {
                Some([usual, others @ ..]) => Some(Spoken { usual, others, is_word: false }),
                Some([]) => None,
                None => break,
            },
            Unit::Word(word) if is_initials_word(word) && beside_cjk(units, at) => {
                Some(Spoken { usual: word, others: &[], is_word: true })
            }
            Unit::Word(_) | Unit::Other(_) => None,
            Unit::Space => continue,
        };
        match (spoken, runs.last_mut()) {
            (Some(spoken), Some(run)) => run.push(spoken),
            _ => runs.push(Vec::new()),
        }
    }
    runs
}

fn cjk_char(unit: &Unit) -> Option<char> {
    match unit {
        Unit::Cjk(c) => Some(*c),
        _ => None,
    }
}

fn is_initials_word(word: &str) -> bool {
    word.len() <= INITIALS_WORD && word.bytes().all(|b| b.is_ascii_lowercase())
}

/// Whether the next unit on either side, spaces aside, is a CJK character.
fn beside_cjk(units: &[Unit], at: usize) -> bool {
    let solid = |u: &&Unit| !matches!(u, Unit::Space);
    let before = units[..at].iter().rev().find(solid);
    let after = units[at + 1..].iter().find(solid);
    [before, after].into_iter().flatten().any(|u| matches!(u, Unit::Cjk(_)))
}

/// Initials and syllables from every unit on. A further reading of a polyphone is indexed with the usual
/// readings of its neighbours: two polyphones that both deviate in one window are not worth their number.
fn pinyin_tokens(run: &[Spoken<'_>], tokens: &mut Vec<String>) {
    for start in 0..run.len() {
        let window = &run[start..run.len().min(start + INITIALS)];
        push_window(window, None, tokens);
        push_within_word(window, tokens);
        let varied = window.iter().enumerate().filter(|(_, s)| !s.others.is_empty()).take(VARIED);
        for (at, spoken) in varied {
            for other in spoken.others.iter().take(VARIED) {
                push_window(window, Some((at, other)), tokens);
            }
        }
    }
}

/// Initials from inside a word on (`clkj` of TCL科技), for the stretches of longer ones.
fn push_within_word(window: &[Spoken<'_>], tokens: &mut Vec<String>) {
    let Some((Spoken { usual, is_word: true, .. }, rest)) = window.split_first() else { return };
    let rest: String = rest.iter().map(|s| if s.is_word { s.usual } else { &s.usual[..1] }).collect();
    for start in 1..usual.len() {
        let initials = format!("{}{rest}", &usual[start..]);
        if initials.len() > 1 {
            tokens.push(format!("i{}", &initials[..initials.len().min(INITIALS)]));
        }
    }
}

fn push_window<'a>(window: &[Spoken<'a>], varied: Option<(usize, &'a str)>, tokens: &mut Vec<String>) {
    let mut initials = String::with_capacity(INITIALS + 2);
    initials.push('i');
    let mut syllables = String::with_capacity(SYLLABLES * 6);
    syllables.push('p');
    for (at, spoken) in window.iter().enumerate() {
        let reading = match varied {
            Some((place, other)) if place == at => other,
            _ => spoken.usual,
        };
        initials.push_str(if spoken.is_word { reading } else { &reading[..1] });
        if at < SYLLABLES {
            syllables.push_str(reading);
        }
    }
    initials.truncate(INITIALS + 1);
    // A single initial finds nothing that anybody looks for; the name's first one has its own class.
    if initials.len() > 2 && varied.is_none_or(|(at, other)| window[at].usual[..1] != other[..1]) {
        tokens.push(initials);
    }
    if varied.is_none_or(|(at, _)| at < SYLLABLES) {
        tokens.push(syllables);
    }
}

/// Initials of the first character or word of a text.
fn first_initials(unit: &Unit) -> Option<Vec<char>> {
    match unit {
        Unit::Cjk(c) => {
            let mut initials: Vec<char> =
                pinyin::readings(&[*c]).concat().iter().filter_map(|r| r.chars().next()).collect();
            initials.dedup();
            Some(initials)
        }
        Unit::Word(word) => Some(word.chars().take(1).collect()),
        Unit::Other(_) => Some(Vec::new()),
        Unit::Space => None,
    }
}

/// Tokens of a phone number given as digits (other characters and the prefix +86 are dropped): the last
/// 4 to 8 digits as `t…`, the whole as `f…`. Empty for fewer than 4 digits.
pub fn digit_tail_tokens(digits: &str) -> Vec<String> {
    let national = national_digits(digits);
    if national.len() < 4 {
        return Vec::new();
    }
    let tails = (4..=8.min(national.len())).map(|n| format!("t{}", &national[national.len() - n..]));
    tails.chain([format!("f{national}")]).collect()
}

/// Digits of the shortest numbers that are dialled from abroad as well (`95588`).
const SHORTEST: usize = 5;

/// Digits of a number without the country prefix of China, as people there dial it.
pub(super) fn national_digits(number: &str) -> String {
    let mut digits: String = number.chars().filter(char::is_ascii_digit).take(scan::WORD_CHARS).collect();
    let prefix = if digits.starts_with("0086") {
        4
    } else if digits.starts_with("86") && (number.trim_start().starts_with('+') || digits.len() == 13) {
        2
    } else {
        return digits;
    };
    // Nobody has so short a number: 0086123 is what a number such as 138 8008 6123 ends in.
    if digits.len() < prefix + SHORTEST {
        return digits;
    }
    digits.drain(..prefix);
    let is_mobile = digits.len() == 11 && digits.starts_with('1');
    let is_service = digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"));
    // Area codes lose their 0 in the international form.
    if !is_mobile && !is_service && !digits.starts_with('0') {
        digits.insert(0, '0');
    }
    digits
}
