//! Pinyin readings and the sort keys made of them.
//!
//! Readings: polyphones and their usual readings come from `reference/polyphones.csv`, words that fix a
//! reading (重庆, 银行) from `phrases.csv`, surnames (单, 曾, 欧阳) from `surnames.csv`, all other characters
//! from the first reading of the `pinyin` crate (its further readings are mostly archaic and would make
//! every character ambiguous). `ü` is written `v`, as in input methods.

mod segment;
mod tables;

pub use segment::{Piece, segmentations};
pub(crate) use segment::{begun_syllables, first_syllables, is_spelt_out};
pub(crate) use tables::{
    DOUBLE_INITIALS, is_syllable, sound_alike, syllable_number, syllable_of, syllables_from,
};
#[cfg(test)]
pub(crate) use tables::{PHRASES, POLYPHONES, SURNAMES};

use crate::text::{fold, is_han};

/// Sort keys stop after this many characters of the name.
const SORT_KEY_CHARS: usize = 64;

/// Readings of each character of `text`, most usual first, a reading fixed by a phrase alone.
///
/// A character without pinyin (Latin, digit, punctuation) has an empty list. One entry per `char`.
pub fn syllables(text: &str) -> Vec<Vec<&'static str>> {
    let chars: Vec<char> = text.chars().collect();
    readings(&chars).into_iter().map(<[&str]>::to_vec).collect()
}

/// As [`syllables`], borrowing from the tables.
pub(crate) fn readings(chars: &[char]) -> Vec<&'static [&'static str]> {
    let mut all = Vec::with_capacity(chars.len());
    while all.len() < chars.len() {
        let at = all.len();
        match tables::phrase_at(&chars[at..]) {
            Some(phrase) => all.extend(phrase.iter().map(std::slice::from_ref)),
            None => all.push(tables::readings(chars[at])),
        }
    }
    all
}

/// The usual reading of each Han character of a person's name, the surname read as a surname.
pub(crate) fn person_readings(chars: &[char]) -> Vec<&'static str> {
    let mut all: Vec<&'static str> =
        readings(chars).iter().map(|r| r.first().copied().unwrap_or("")).collect();
    for (slot, reading) in all.iter_mut().zip(tables::surname_at(chars).unwrap_or_default()) {
        *slot = reading;
    }
    all
}

/// Key whose byte order is the order of a Chinese dictionary: by syllable, then tone, then character,
/// character by character, so that 李 and 黎 do not interleave. Digits come first, Latin letters stand
/// among the syllables of the same letter, punctuation is ignored, other scripts come last.
///
/// ASCII lower case plus the characters themselves; at most 64 characters of the name count.
pub fn sort_key(name: &str) -> String {
    key_of(&fold(name), None)
}

/// [`sort_key`] of a person's name: the surname has its own reading (单 shan, 曾 zeng, 尉迟 yu chi).
pub fn person_sort_key(name: &str) -> String {
    let folded = fold(name);
    let chars: Vec<char> = folded.chars().take(4).collect();
    key_of(&folded, tables::surname_at(&chars))
}

/// Characters of the compound surname that a name starts with (欧阳 2, 爱新觉罗 4).
pub(crate) fn compound_surname(name: &str) -> Option<usize> {
    let chars: Vec<char> = name.chars().take(4).collect();
    tables::surname_length(&chars).filter(|n| *n > 1)
}

fn key_of(folded: &str, surname: Option<&'static [&'static str]>) -> String {
    let chars: Vec<char> = folded.chars().take(SORT_KEY_CHARS).collect();
    let mut readings = readings(&chars);
    for (slot, reading) in readings.iter_mut().zip(surname.unwrap_or_default()) {
        *slot = std::slice::from_ref(reading);
    }
    let mut key = String::with_capacity(chars.len() * 9);
    for (c, reading) in chars.iter().zip(readings) {
        match reading.first() {
            Some(syllable) => {
                key.push_str(syllable);
                key.push(tables::tone(*c, syllable));
                key.push(*c);
            }
            None if c.is_alphanumeric() || is_han(*c) => key.push(*c),
            None if *c == ' ' && !key.is_empty() => key.push(' '),
            None => {}
        }
    }
    key
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(text: &str) -> String {
        syllables(text).iter().map(|r| r.first().copied().unwrap_or("-")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_fix_the_reading_of_polyphones() {
        for (text, pinyin) in [
            ("重庆银行", "chong qing yin hang"),
            ("长沙重工", "chang sha zhong gong"),
            ("厦门大厦", "xia men da sha"),
            ("朝阳区", "chao yang qu"),
            ("六安蚌埠", "lu an beng bu"),
            ("音乐快乐", "yin yue kuai le"),
            ("吕绿女", "lv lv nv"),
            ("会计会议", "kuai ji hui yi"),
            ("A股1号", "- gu - hao"),
            ("行", "xing"),
        ] {
            assert_eq!(plain(text), pinyin, "{text}");
        }
        assert_eq!(syllables("行"), vec![vec!["xing", "hang"]]);
        assert_eq!(syllables("银行")[1], vec!["hang"]);
    }

    #[test]
    fn names_sort_as_in_a_chinese_dictionary() {
        let mut names = [
            "张伟",
            "阿里",
            "长城",
            "重庆",
            "3M",
            "abc",
            "李明",
            "黎明",
            "李安",
            "Apple",
            "北京",
            "(深圳)华东",
            "西安",
            "先进",
        ];
        names.sort_by_key(|n| sort_key(n));
        assert_eq!(
            names,
            [
                "3M",
                "阿里",
                "abc",
                "Apple",
                "北京",
                "长城",
                "重庆",
                "黎明",
                "李安",
                "李明",
                "(深圳)华东",
                "西安",
                "先进",
                "张伟"
            ]
        );
    }

    #[test]
    fn a_surname_has_its_own_reading() {
        for (name, start) in [
            ("单雄信", "shan"),
            ("仇英", "qiu"),
            ("解珍", "xie"),
            ("曾国藩", "zeng"),
            ("区志明", "ou"),
            ("查良镛", "zha"),
            ("任正", "ren"),
            ("翟天", "zhai"),
            ("盖聂", "ge"),
            ("尉迟恭", "yu"),
            ("歐陽鋒", "ou"),
            ("张三", "zhang"),
        ] {
            assert!(person_sort_key(name).starts_with(start), "{name}: {}", person_sort_key(name));
        }
        assert!(sort_key("单位").starts_with("dan"));
        assert!(sort_key("區域").starts_with("qu"));
    }

    #[test]
    fn traditional_and_simplified_names_share_a_key() {
        assert_eq!(sort_key("張偉"), sort_key("张伟"));
    }

    proptest! {
        #[test]
        fn keys_exist_for_any_text(s in any::<String>()) {
            prop_assert!(sort_key(&s).len() <= 64 * 16);
            person_sort_key(&s);
            prop_assert_eq!(syllables(&s).len(), s.chars().count());
        }
    }
}
