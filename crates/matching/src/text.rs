//! Folding of written text to one comparable form.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Folds to the comparable form: zero-width and control characters dropped, NFKC (full width becomes half
/// width), traditional to simplified Chinese, lower case, white space trimmed and collapsed to one space.
///
/// Idempotent: `fold(&fold(s)) == fold(s)`.
pub fn fold(s: &str) -> String {
    if s.bytes().all(|b| b.is_ascii_graphic() || b == b' ') {
        return collapse_spaces(s.chars().map(|c| c.to_ascii_lowercase()));
    }
    if s.chars().all(is_plain) {
        let simple = simplify(s);
        if simple == s {
            return collapse_spaces(simple.chars().map(|c| c.to_ascii_lowercase()));
        }
    }
    // One step of the chain can open work for an earlier one (a capital that decomposes when lowered, a
    // simplified character whose context changed), so it runs until nothing changes; twice is the rule.
    let mut folded = fold_once(s);
    for _ in 0..4 {
        let again = fold_once(&folded);
        if again == folded {
            break;
        }
        folded = again;
    }
    folded
}

fn fold_once(s: &str) -> String {
    if s.chars().all(is_plain) {
        return collapse_spaces(simplify(s).chars().map(|c| c.to_ascii_lowercase()));
    }
    let visible = s.chars().filter(|c| !is_invisible(*c));
    let composed: String = match is_nfkc_quick(s.chars()) {
        IsNormalized::Yes => visible.collect(),
        IsNormalized::No | IsNormalized::Maybe => visible.nfkc().collect(),
    };
    collapse_spaces(simplify(&composed).chars().flat_map(char::to_lowercase))
}

/// A character that is shown, and that no normalisation changes: nearly all that is in a Chinese name.
fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~' | '\u{4e00}'..='\u{9fff}')
}

/// Traditional to simplified characters, leaving alone what simplified texts write too: 磐安 and 仝 are never
/// changed, 乾 and 於 (乾元, surname 於) only beside characters that are traditional beyond doubt (乾燥機).
///
/// The characters are those of GB 2312 that the conversion table maps to another one.
pub fn simplify(s: &str) -> String {
    const NEVER: &str = "磐疋仝祗黏阪矽薰吒捍煅醯呵呱彷甯";
    const BESIDE_TRADITIONAL: &str = "乾徵於夥麴摺";
    let converted = fast2s::convert(s);
    if converted == s {
        return converted;
    }
    // The conversion is character by character.
    let pairs = || s.chars().zip(converted.chars());
    let is_traditional =
        pairs().any(|(from, to)| from != to && !NEVER.contains(from) && !BESIDE_TRADITIONAL.contains(from));
    let keeps = |c: char| NEVER.contains(c) || (BESIDE_TRADITIONAL.contains(c) && !is_traditional);
    pairs().map(|(from, to)| if keeps(from) { from } else { to }).collect()
}

fn collapse_spaces(chars: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    let mut space_due = false;
    for c in chars {
        if c.is_whitespace() {
            space_due = !out.is_empty();
        } else {
            if space_due {
                out.push(' ');
                space_due = false;
            }
            out.push(c);
        }
    }
    out
}

/// Half-width form with invisible characters dropped and spaces collapsed, case and script kept: what a
/// person would have typed on a clean keyboard.
pub fn clean(s: &str) -> String {
    if s.chars().all(is_plain) {
        return collapse_spaces(s.chars());
    }
    collapse_spaces(s.chars().filter(|c| !is_invisible(*c)).nfkc())
}

/// Characters that show nothing: zero width, direction marks, byte order mark, soft hyphen, variation
/// selectors, and controls other than white space.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{180e}' | '\u{fff9}'..='\u{fffb}')
        || (c.is_control() && !c.is_whitespace())
}

/// A name as it stands on a licence: letters and digits in half width, nothing invisible, single spaces and none between Han characters;
/// in a name with Han characters brackets in full width, as registers print them. Other punctuation stays as typed.
pub fn tidy(s: &str) -> String {
    let narrow = |c: char| match c {
        '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
            char::from_u32(c as u32 - 0xfee0).unwrap_or(c)
        }
        '\u{ff06}' => '&',
        '\u{ff0e}' => '.',
        _ => c,
    };
    let plain = collapse_spaces(s.chars().filter(|c| !is_invisible(*c)).map(narrow));
    let chars: Vec<char> = plain.chars().collect();
    let count = |wanted: [char; 2]| chars.iter().filter(|c| wanted.contains(c)).count();
    let paired = count(['(', '（']) == count([')', '）']);
    let wide = paired && chars.iter().any(|c| is_han(*c));
    let touches = |at: Option<usize>| {
        at.and_then(|at| chars.get(at)).is_some_and(|c| is_han(*c) || "()（）".contains(*c))
    };
    let mut out = String::with_capacity(plain.len());
    for (at, c) in chars.iter().enumerate() {
        match c {
            ' ' if touches(at.checked_sub(1)) && touches(Some(at + 1)) && wide => {}
            '(' if wide => out.push('（'),
            ')' if wide => out.push('）'),
            c => out.push(*c),
        }
    }
    out
}

/// A Han ideograph (all blocks), including `〇` and the iteration mark `々`.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '〇' | '々' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{323af}')
}

/// Characters indexed as single characters and pairs: Han, kana and hangul syllables, which are written
/// without spaces between words (or searched by part of a word).
pub(crate) fn is_cjk(c: char) -> bool {
    is_han(c)
        || matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}' | '\u{ac00}'..='\u{d7a3}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    #[test]
    fn a_tidy_name_is_written_as_registers_print_it() {
        for (typed, tidy) in [
            ("Ｈｕａｗｅｉ（深圳）有限公司", "Huawei（深圳）有限公司"),
            ("杭州 未来 科技(集团)有限公司", "杭州未来科技（集团）有限公司"),
            ("杭州未来\u{200b}科技有限公司 ", "杭州未来科技有限公司"),
            ("Acme  Trading (Asia) Ltd.", "Acme Trading (Asia) Ltd."),
            ("张 三", "张三"),
            ("上海 ABC 贸易有限公司", "上海 ABC 贸易有限公司"),
            ("半边(括号有限公司", "半边(括号有限公司"),
            ("", ""),
        ] {
            assert_eq!(super::tidy(typed), tidy);
        }
    }

    proptest! {
        #[test]
        fn tidying_twice_changes_nothing(text in ".{0,40}", han in "[杭州 ()（）Ａa１\u{200b}]{0,20}") {
            for text in [text, han] {
                let once = super::tidy(&text);
                prop_assert_eq!(super::tidy(&once), once);
            }
        }
    }

    use super::*;

    #[test]
    fn width_script_case_and_spaces_do_not_matter() {
        for (raw, folded) in [
            ("　華東科技　有限公司 ", "华东科技 有限公司"),
            ("ＡＢＣ（上海）", "abc(上海)"),
            ("\u{feff}臺灣\u{200b}積體電路", "台湾积体电路"),
            ("Huawei\t\n  Tech", "huawei tech"),
            ("１３８００１３８０００", "13800138000"),
            ("㈱トヨタ", "(株)トヨタ"),
            ("", ""),
            ("\u{3000}\u{a0}", ""),
        ] {
            assert_eq!(fold(raw), folded, "{raw:?}");
        }
    }

    #[test]
    fn simplified_texts_keep_characters_that_only_look_traditional() {
        for (text, simple) in [
            ("磐安县", "磐安县"),
            ("乾元科技", "乾元科技"),
            ("乾燥機", "干燥机"),
            ("於小姐", "於小姐"),
            ("關於我們", "关于我们"),
            ("後臺", "后台"),
        ] {
            assert_eq!(simplify(text), simple);
        }
    }

    #[test]
    fn clean_keeps_case_and_traditional_characters() {
        assert_eq!(clean("　ＡＢＣ　華東\u{200b} "), "ABC 華東");
    }

    #[test]
    fn folding_any_single_character_is_idempotent() {
        for c in (0..=0x10ffffu32).filter_map(char::from_u32) {
            let once = fold(&c.to_string());
            assert_eq!(fold(&once), once, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn normalisation_leaves_plain_characters_as_they_are() {
        for c in (0..=0x10ffffu32).filter_map(char::from_u32).filter(|c| is_plain(*c)) {
            assert!(!is_invisible(c) && std::iter::once(c).nfkc().eq([c]), "U+{:04X}", u32::from(c));
            assert!(c.is_ascii() || c.to_lowercase().eq([c]), "U+{:04X}", u32::from(c));
        }
    }

    proptest! {
        #[test]
        fn folding_is_idempotent(s in "\\PC{0,40}|[乾坤隆於樊兒夥瞭望藉著臺A-Zａ-ｚ　 İΣﬁ]{0,20}") {
            let once = fold(&s);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn cleaning_is_idempotent(s in any::<String>()) {
            let once = clean(&s);
            prop_assert_eq!(clean(&once), once);
        }
    }
}
