//! Chinese names written in letters: pinyin, and English made of pinyin (Guangzhou Dingan Technology Co., Ltd.).

use std::collections::HashMap;
use std::sync::OnceLock;

use super::sound::Sounded;
use crate::address;
use crate::pinyin;

/// A name in letters.
#[derive(Default)]
pub(crate) struct Latin {
    pub letters: String,
    /// How many of the letters are before the English trade words.
    pub brand: usize,
    /// Six-digit code of the province or city that it begins with, 0 for none.
    pub region: u32,
}

/// English words of trade and form at the end of names, which say as little as 科技 and 有限公司.
const TRADES: [&str; 113] = [
    "advertising",
    "agricultural",
    "agriculture",
    "air",
    "and",
    "apparel",
    "auto",
    "automation",
    "automobile",
    "automotive",
    "bank",
    "beverage",
    "bio",
    "biological",
    "biotech",
    "biotechnology",
    "brewery",
    "building",
    "business",
    "cable",
    "cement",
    "cereals",
    "chemical",
    "chemicals",
    "china",
    "clothing",
    "co",
    "commerce",
    "commercial",
    "communication",
    "communications",
    "company",
    "construction",
    "consulting",
    "corp",
    "corporation",
    "culture",
    "cultural",
    "decoration",
    "design",
    "development",
    "device",
    "devices",
    "digital",
    "e",
    "education",
    "electric",
    "electrical",
    "electronic",
    "electronics",
    "energy",
    "engineering",
    "enterprise",
    "enterprises",
    "environment",
    "environmental",
    "equipment",
    "export",
    "fashion",
    "film",
    "financial",
    "food",
    "foods",
    "forwarding",
    "freight",
    "furniture",
    "garment",
    "group",
    "health",
    "healthcare",
    "high",
    "hi",
    "holding",
    "holdings",
    "hotel",
    "human",
    "import",
    "inc",
    "industrial",
    "industries",
    "industry",
    "information",
    "instrument",
    "instruments",
    "intelligent",
    "international",
    "investment",
    "joint",
    "limited",
    "logistics",
    "ltd",
    "machinery",
    "management",
    "manufacturing",
    "material",
    "materials",
    "media",
    "medical",
    "metal",
    "network",
    "new",
    "of",
    "packaging",
    "pharmaceutical",
    "pharmaceuticals",
    "product",
    "products",
    "real",
    "resources",
    "sci",
    "science",
    "service",
    "services",
];
const MORE_TRADES: [&str; 22] = [
    "share",
    "shares",
    "software",
    "stock",
    "supply",
    "system",
    "systems",
    "tech",
    "technologies",
    "technology",
    "telecom",
    "textile",
    "textiles",
    "tool",
    "tools",
    "tourism",
    "trade",
    "trading",
    "transportation",
    "travel",
    "the",
    "estate",
];

fn is_trade(word: &str) -> bool {
    TRADES.contains(&word) || MORE_TRADES.contains(&word)
}

/// Reads a folded name in letters.
pub(crate) fn read(folded: &str) -> Latin {
    let words: Vec<&str> =
        folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).take(16).collect();
    let (skipped, region) = leading_region(&words);
    let words = &words[skipped..];
    let brand_words = words.iter().rposition(|w| !is_trade(w)).map_or(words.len(), |at| at + 1);
    let mut letters = String::with_capacity(folded.len());
    let mut brand = 0;
    for (at, word) in words.iter().enumerate() {
        // Legal forms are gone; trades stay behind the brand, so that two names in English can be compared by them.
        letters.extend(word.chars().filter(char::is_ascii_alphanumeric).take(40));
        if at + 1 == brand_words {
            brand = letters.len();
        }
    }
    letters.truncate(80);
    let mut brand = brand.min(letters.len());
    let mut region = region;
    if region == 0 && words.len() == 1 {
        // guangzhoudingankeji.
        if let Some((length, code)) = region_prefix(&letters) {
            letters.drain(..length);
            brand = brand.saturating_sub(length);
            region = code;
        }
    }
    Latin { letters, brand, region }
}

/// How many words the region at the beginning takes, and its code.
fn leading_region(words: &[&str]) -> (usize, u32) {
    for count in (1..=3).rev() {
        let Some(rest) = words.len().checked_sub(count).filter(|rest| *rest > 0) else { continue };
        let joined = words[..count].concat();
        if let Some(code) = regions().get(joined.as_str()) {
            // shan xi xin: words of one syllable each, another name may follow.
            return if rest > 0 { (count, *code) } else { (0, 0) };
        }
    }
    (0, 0)
}

/// A region at the beginning of letters written in one, if the rest is pinyin too.
fn region_prefix(letters: &str) -> Option<(usize, u32)> {
    (4..=12.min(letters.len().saturating_sub(4))).rev().find_map(|end| {
        let (place, rest) = letters.split_at_checked(end)?;
        let code = regions().get(place)?;
        let rest_length = rest.strip_prefix("shi").map_or(0, |_| 3);
        pinyin::is_spelt_out(rest)
            .then_some((end + if rest_length > 0 && rest.len() > 8 { rest_length } else { 0 }, *code))
    })
}

/// Provinces and cities by the letters of their short names.
fn regions() -> &'static HashMap<String, u32> {
    static TABLE: OnceLock<HashMap<String, u32>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = HashMap::new();
        for region in address::provinces_and_cities() {
            let short = region.short_name().unwrap_or(region.name);
            let chars: Vec<char> = short.chars().collect();
            let letters: String =
                pinyin::readings(&chars).iter().filter_map(|r| r.first().copied()).collect();
            if let Ok(code) = region.code.parse() {
                table.entry(letters).or_insert(code);
            }
        }
        table
    })
}

/// Places of two characters by their syllables, with their codes.
type BySyllables = HashMap<(u16, u16), (char, char, u32)>;

/// A province or city of two characters at the beginning with one of them written as a homophone (杭肘 for 杭州): its code and how
/// many characters it takes. Zeros for none.
pub(crate) fn misspelt_region(core: &[Sounded]) -> (u32, usize) {
    static TABLE: OnceLock<BySyllables> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let mut table = HashMap::new();
        for region in address::provinces_and_cities() {
            let chars: Vec<char> = region.short_name().unwrap_or(region.name).chars().collect();
            let numbers: Vec<u16> = pinyin::readings(&chars)
                .iter()
                .filter_map(|r| r.first())
                .map(|s| pinyin::syllable_number(s))
                .collect();
            if let ([a, b], [x, y], Ok(code)) = (chars.as_slice(), numbers.as_slice(), region.code.parse()) {
                table.entry((*x, *y)).or_insert((*a, *b, code));
            }
        }
        table
    });
    let [(a, x), (b, y), rest @ ..] = core else { return (0, 0) };
    let Some((first, second, code)) = table.get(&(*x, *y)) else { return (0, 0) };
    let one_wrong = (a == first) != (b == second);
    let city = rest.first().is_some_and(|c| c.0 == '市');
    match one_wrong && rest.len() >= 2 {
        true => (*code, if city { 3 } else { 2 }),
        false => (0, 0),
    }
}
