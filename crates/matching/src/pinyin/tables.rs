//! The reading tables, parsed once.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, OnceLock};

use pinyin::{ToPinyin, ToPinyinMulti};

use crate::reference::rows;

pub(crate) const POLYPHONES: &str = include_str!("../../../../reference/polyphones.csv");
pub(crate) const PHRASES: &str = include_str!("../../../../reference/phrases.csv");
pub(crate) const SURNAMES: &str = include_str!("../../../../reference/surnames.csv");

/// Words by their first character, longest first.
type Words = HashMap<char, Vec<Word>>;

struct Word {
    chars: Vec<char>,
    pinyin: Vec<&'static str>,
}

fn words(csv: &'static str) -> Words {
    let mut words = Words::new();
    for [text, pinyin] in rows::<2>(csv) {
        let word = Word { chars: text.chars().collect(), pinyin: pinyin.split(' ').collect() };
        if let Some(first) = word.chars.first() {
            words.entry(*first).or_default().push(word);
        }
    }
    for same_start in words.values_mut() {
        same_start.sort_by_key(|w| std::cmp::Reverse(w.chars.len()));
    }
    words
}

fn longest(words: &'static Words, chars: &[char]) -> Option<&'static [&'static str]> {
    let word = words.get(chars.first()?)?.iter().find(|w| chars.starts_with(&w.chars))?;
    Some(&word.pinyin)
}

/// The reading of the longest known phrase that `chars` starts with.
pub(super) fn phrase_at(chars: &[char]) -> Option<&'static [&'static str]> {
    let first = *chars.first()?;
    match common(first) {
        Some(common) if !common.starts_phrase => None,
        _ => longest(phrases(), chars),
    }
}

fn phrases() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| words(PHRASES))
}

/// What is known of one character of the main block, looked up without hashing.
#[derive(Clone, Copy)]
struct Common {
    readings: &'static [&'static str],
    /// Of the first reading.
    tone: char,
    starts_phrase: bool,
}

/// CJK Unified Ideographs, the block that nearly all text is written in.
fn common(c: char) -> Option<&'static Common> {
    static TABLE: OnceLock<Vec<Common>> = OnceLock::new();
    const BLOCK: std::ops::RangeInclusive<char> = '\u{4e00}'..='\u{9fff}';
    let offset = u32::from(c).checked_sub(u32::from(*BLOCK.start()))?;
    if c > *BLOCK.end() {
        return None;
    }
    let table = TABLE.get_or_init(|| {
        let entry = |c: char| {
            let readings = look_up(c);
            let tone = readings.first().map_or('5', |first| look_up_tone(c, first));
            Common { readings, tone, starts_phrase: phrases().contains_key(&c) }
        };
        BLOCK.map(entry).collect()
    });
    table.get(usize::try_from(offset).ok()?)
}

fn surnames() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(|| words(SURNAMES))
}

/// The reading of the surname that `chars` starts with, when it differs from the characters' own or is
/// longer than one character. A name of two characters has a surname of one (单于 alone is not a person).
pub(super) fn surname_at(chars: &[char]) -> Option<&'static [&'static str]> {
    let usable = chars.len().saturating_sub(1).max(1).min(chars.len());
    longest(surnames(), &chars[..usable])
}

/// Characters of the listed surname that `chars` starts with or is.
pub(super) fn surname_length(chars: &[char]) -> Option<usize> {
    longest(surnames(), chars).map(<[&str]>::len)
}

fn polyphones() -> &'static HashMap<char, Vec<&'static str>> {
    static TABLE: OnceLock<HashMap<char, Vec<&'static str>>> = OnceLock::new();
    TABLE.get_or_init(|| {
        rows::<2>(POLYPHONES)
            .filter_map(|[c, readings]| Some((c.chars().next()?, readings.split(' ').collect())))
            .collect()
    })
}

/// Usual readings of one character, most usual first; empty when it has none.
pub(super) fn readings(c: char) -> &'static [&'static str] {
    match common(c) {
        Some(common) => common.readings,
        None if c.is_ascii() => &[],
        None => look_up(c),
    }
}

fn look_up(c: char) -> &'static [&'static str] {
    if let Some(readings) = polyphones().get(&c) {
        return readings;
    }
    match c.to_pinyin() {
        Some(pinyin) => syllable(pinyin.plain()),
        None => &[],
    }
}

/// The interned spelling of a syllable as the crate writes it; empty for the vowelless interjections
/// (呣 m, 哼 hng) that nobody types.
fn syllable(plain: &'static str) -> &'static [&'static str] {
    match plain {
        "lü" => &["lv"],
        "nü" => &["nv"],
        "lüe" => &["lve"],
        "nüe" => &["nve"],
        "ê" => &["e"],
        _ => place(plain).map(|at| &SYLLABLES[at..=at]).unwrap_or_default(),
    }
}

/// Tone (`1`–`4`, `5` neutral or unknown) of `c` when read as `syllable`.
pub(super) fn tone(c: char, syllable: &str) -> char {
    match common(c) {
        Some(common) if common.readings.first() == Some(&syllable) => common.tone,
        _ => look_up_tone(c, syllable),
    }
}

fn look_up_tone(c: char, syllable: &str) -> char {
    let Some(all) = c.to_pinyin_multi() else { return '5' };
    all.into_iter()
        .find(|p| self::syllable(p.plain()).first() == Some(&syllable))
        .and_then(|p| p.with_tone_num_end().chars().last())
        .filter(char::is_ascii_digit)
        .unwrap_or('5')
}

/// Initials of two letters.
pub(crate) const DOUBLE_INITIALS: [&str; 3] = ["zh", "ch", "sh"];

/// Letters of the longest syllable (`zhuang`).
pub(super) const SYLLABLE_LETTERS: usize = 6;
const LETTER_BITS: usize = 5;

/// Letters as a number, in their order; none for what no syllable begins with. Numbers are compared several times faster than texts.
fn packed(letters: &str) -> Option<u32> {
    let bytes = letters.as_bytes();
    let mut number = 0;
    for place in 0..SYLLABLE_LETTERS {
        let letter = match bytes.get(place) {
            Some(letter @ b'a'..=b'z') => u32::from(letter - b'a') + 1,
            Some(_) => return None,
            None => 0,
        };
        number = number << LETTER_BITS | letter;
    }
    (bytes.len() <= SYLLABLE_LETTERS).then_some(number)
}

/// All syllables, [`packed`].
static PACKED: LazyLock<Vec<u32>> =
    LazyLock::new(|| SYLLABLES.iter().map(|syllable| packed(syllable).unwrap_or_default()).collect());

/// The place of a syllable among all.
fn place(letters: &str) -> Option<usize> {
    PACKED.binary_search(&packed(letters)?).ok()
}

/// Whether `letters` is a whole syllable of Standard Chinese (ü as `v`).
pub(crate) fn is_syllable(letters: &str) -> bool {
    place(letters).is_some()
}

/// The syllables that begin with these letters.
pub(crate) fn syllables_from(letters: &str) -> &'static [&'static str] {
    let Some(first) = packed(letters) else { return &[] };
    let last = first | ((1 << (LETTER_BITS * (SYLLABLE_LETTERS - letters.len()))) - 1);
    let from = PACKED.partition_point(|syllable| *syllable < first);
    let to = PACKED.partition_point(|syllable| *syllable <= last);
    &SYLLABLES[from..to]
}

/// The place of a syllable among all syllables, from 1; 0 for what is none.
pub(crate) fn syllable_number(syllable: &str) -> u16 {
    place(syllable).and_then(|at| u16::try_from(at + 1).ok()).unwrap_or(0)
}

/// The syllable of a [`syllable_number`].
pub(crate) fn syllable_of(number: u16) -> Option<&'static str> {
    SYLLABLES.get(usize::from(number).checked_sub(1)?).copied()
}

/// Whether two syllables, by number, are what people of the south confuse: zh/z, ch/c, sh/s, n/l, f/h, r/l, and -ng/-n.
pub(crate) fn sound_alike(a: u16, b: u16) -> bool {
    static PLAIN: OnceLock<Vec<String>> = OnceLock::new();
    let plain = PLAIN.get_or_init(|| SYLLABLES.iter().map(|s| flattened(s)).collect());
    let of = |n: u16| plain.get(usize::from(n).wrapping_sub(1));
    of(a).is_some() && of(a) == of(b)
}

/// A syllable with what is confused made equal.
fn flattened(syllable: &str) -> String {
    let rest = DOUBLE_INITIALS.iter().find_map(|double| Some((&double[..1], syllable.strip_prefix(double)?)));
    let (initial, rest) = match rest {
        Some((initial, rest)) => (initial, rest),
        None => match syllable.split_at_checked(1) {
            Some(("n" | "r", rest)) => ("l", rest),
            Some(("f", rest)) => ("h", rest),
            Some((initial, rest)) => (initial, rest),
            None => return syllable.to_owned(),
        },
    };
    format!("{initial}{}", rest.strip_suffix('g').filter(|r| r.ends_with('n')).unwrap_or(rest))
}

/// Whether `letters` begins at least one syllable (or is one).
pub(super) fn starts_syllable(letters: &str) -> bool {
    static STARTS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    STARTS
        .get_or_init(|| SYLLABLES.iter().flat_map(|s| (1..=s.len()).map(|end| &s[..end])).collect())
        .contains(letters)
}

/// All syllables of Standard Chinese without tone (GB/T 16159 spelling, ü as `v`), sorted.
#[rustfmt::skip]
static SYLLABLES: [&str; 408] = [
    "a", "ai", "an", "ang", "ao", "ba", "bai", "ban", "bang", "bao", "bei", "ben", "beng", "bi", "bian",
    "biao", "bie", "bin", "bing", "bo", "bu", "ca", "cai", "can", "cang", "cao", "ce", "cen", "ceng", "cha",
    "chai", "chan", "chang", "chao", "che", "chen", "cheng", "chi", "chong", "chou", "chu", "chua", "chuai",
    "chuan", "chuang", "chui", "chun", "chuo", "ci", "cong", "cou", "cu", "cuan", "cui", "cun", "cuo", "da",
    "dai", "dan", "dang", "dao", "de", "dei", "den", "deng", "di", "dia", "dian", "diao", "die", "ding",
    "diu", "dong", "dou", "du", "duan", "dui", "dun", "duo", "e", "ei", "en", "eng", "er", "fa", "fan",
    "fang", "fei", "fen", "feng", "fo", "fou", "fu", "ga", "gai", "gan", "gang", "gao", "ge", "gei", "gen",
    "geng", "gong", "gou", "gu", "gua", "guai", "guan", "guang", "gui", "gun", "guo", "ha", "hai", "han",
    "hang", "hao", "he", "hei", "hen", "heng", "hong", "hou", "hu", "hua", "huai", "huan", "huang", "hui",
    "hun", "huo", "ji", "jia", "jian", "jiang", "jiao", "jie", "jin", "jing", "jiong", "jiu", "ju", "juan",
    "jue", "jun", "ka", "kai", "kan", "kang", "kao", "ke", "ken", "keng", "kong", "kou", "ku", "kua",
    "kuai", "kuan", "kuang", "kui", "kun", "kuo", "la", "lai", "lan", "lang", "lao", "le", "lei", "leng",
    "li", "lia", "lian", "liang", "liao", "lie", "lin", "ling", "liu", "lo", "long", "lou", "lu", "luan",
    "lun", "luo", "lv", "lve", "ma", "mai", "man", "mang", "mao", "me", "mei", "men", "meng", "mi", "mian",
    "miao", "mie", "min", "ming", "miu", "mo", "mou", "mu", "na", "nai", "nan", "nang", "nao", "ne", "nei",
    "nen", "neng", "ni", "nian", "niang", "niao", "nie", "nin", "ning", "niu", "nong", "nou", "nu", "nuan",
    "nuo", "nv", "nve", "o", "ou", "pa", "pai", "pan", "pang", "pao", "pei", "pen", "peng", "pi", "pian",
    "piao", "pie", "pin", "ping", "po", "pou", "pu", "qi", "qia", "qian", "qiang", "qiao", "qie", "qin",
    "qing", "qiong", "qiu", "qu", "quan", "que", "qun", "ran", "rang", "rao", "re", "ren", "reng", "ri",
    "rong", "rou", "ru", "rua", "ruan", "rui", "run", "ruo", "sa", "sai", "san", "sang", "sao", "se", "sen",
    "seng", "sha", "shai", "shan", "shang", "shao", "she", "shei", "shen", "sheng", "shi", "shou", "shu",
    "shua", "shuai", "shuan", "shuang", "shui", "shun", "shuo", "si", "song", "sou", "su", "suan", "sui",
    "sun", "suo", "ta", "tai", "tan", "tang", "tao", "te", "teng", "ti", "tian", "tiao", "tie", "ting",
    "tong", "tou", "tu", "tuan", "tui", "tun", "tuo", "wa", "wai", "wan", "wang", "wei", "wen", "weng",
    "wo", "wu", "xi", "xia", "xian", "xiang", "xiao", "xie", "xin", "xing", "xiong", "xiu", "xu", "xuan",
    "xue", "xun", "ya", "yan", "yang", "yao", "ye", "yi", "yin", "ying", "yo", "yong", "you", "yu", "yuan",
    "yue", "yun", "za", "zai", "zan", "zang", "zao", "ze", "zei", "zen", "zeng", "zha", "zhai", "zhan",
    "zhang", "zhao", "zhe", "zhen", "zheng", "zhi", "zhong", "zhou", "zhu", "zhua", "zhuai", "zhuan",
    "zhuang", "zhui", "zhun", "zhuo", "zi", "zong", "zou", "zu", "zuan", "zui", "zun", "zuo",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_syllable_table_is_sorted_and_covers_the_reading_tables() {
        assert!(SYLLABLES.is_sorted());
        for csv in [POLYPHONES, PHRASES, SURNAMES] {
            for [text, pinyin] in rows::<2>(csv) {
                for s in pinyin.split(' ') {
                    assert!(is_syllable(s), "{text}: {s}");
                }
            }
        }
    }

    #[test]
    fn what_is_packed_is_found_as_letters_are() {
        let beginnings = SYLLABLES.iter().flat_map(|s| (0..=s.len()).map(|end| s[..end].to_owned()));
        let others = ["A", "z'", "中", "zhuangz", "vv", "i", "u"].map(str::to_owned);
        for letters in beginnings.chain(others) {
            assert_eq!(is_syllable(&letters), SYLLABLES.contains(&letters.as_str()), "{letters}");
            let begun: Vec<&str> = SYLLABLES.iter().copied().filter(|s| s.starts_with(&letters)).collect();
            assert_eq!(syllables_from(&letters), begun, "{letters}");
            assert_eq!(syllable_of(syllable_number(&letters)).is_some(), is_syllable(&letters));
        }
    }

    #[test]
    fn every_phrase_and_surname_has_one_syllable_per_character() {
        for csv in [PHRASES, SURNAMES] {
            for [text, pinyin] in rows::<2>(csv) {
                assert_eq!(text.chars().count(), pinyin.split(' ').count(), "{text}");
            }
        }
    }

    #[test]
    fn common_characters_all_have_a_reading() {
        let without: String = ('\u{4e00}'..='\u{9fa5}').filter(|c| readings(*c).is_empty()).collect();
        assert!(without.chars().count() <= 20, "{without}");
    }
}
