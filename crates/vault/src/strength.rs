//! Rules for choosing a password, after NIST SP 800-63B-4 §3.1.1.2: length, and not one that is guessed
//! first. No rules about kinds of characters and no expiry, which make people choose worse ones. NIST asks
//! for 15 characters where the password is the only factor; 8 is its minimum beside a second factor, and
//! here lock-out stands in for one where an account has none.

use unicode_normalization::UnicodeNormalization;

/// Fewest characters.
pub const MIN_LENGTH: usize = 8;
/// Most characters.
pub const MAX_LENGTH: usize = 256;

/// Words and number runs that lead every list of leaked passwords, worldwide and from Chinese sites
/// (pinyin, 520 and 1314, keyboard rows), and this product's own words. One per line, lower case.
const COMMON: &str = include_str!("common_passwords.txt");

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Weakness {
    /// Fewer than [`MIN_LENGTH`] characters.
    TooShort,
    /// More than [`MAX_LENGTH`] characters.
    TooLong,
    /// Among those that are tried first, or one of them with digits.
    Common,
    /// One character or a short piece repeated, or a run such as `abcdefgh`.
    Pattern,
    /// Contains the sign-in name.
    ContainsLogin,
    /// Contains the person's or the company's name.
    ContainsName,
}

impl Weakness {
    /// The stable code for the error table.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::Common => "password_common",
            Self::Pattern => "password_pattern",
            Self::ContainsLogin => "password_contains_login",
            Self::ContainsName => "password_contains_name",
        }
    }

    /// What to tell the person, in Chinese.
    pub fn zh(self) -> String {
        match self {
            Self::TooShort => format!("密码至少 {MIN_LENGTH} 个字符"),
            Self::TooLong => format!("密码最多 {MAX_LENGTH} 个字符"),
            Self::Common => "这是最先被猜到的密码之一，请换一个".into(),
            Self::Pattern => "密码是重复或连续的字符，太容易猜到".into(),
            Self::ContainsLogin => "密码里不能包含登录名".into(),
            Self::ContainsName => "密码里不能包含姓名或公司名".into(),
        }
    }

    /// What to tell the person, in English.
    pub fn en(self) -> String {
        match self {
            Self::TooShort => format!("Use at least {MIN_LENGTH} characters."),
            Self::TooLong => format!("Use at most {MAX_LENGTH} characters."),
            Self::Common => "This is one of the passwords that are guessed first. Choose another.".into(),
            Self::Pattern => "Repeated or consecutive characters are too easy to guess.".into(),
            Self::ContainsLogin => "The password must not contain the sign-in name.".into(),
            Self::ContainsName => "The password must not contain your name or the company's.".into(),
        }
    }
}

/// Everything that is wrong with `password` for the account `login`; `names` are the person's and the
/// company's. Empty when it is good enough.
pub fn check_strength(password: &str, login: &str, names: &[&str]) -> Vec<Weakness> {
    let length = password.chars().count();
    if length > MAX_LENGTH {
        return vec![Weakness::TooLong];
    }
    let folded = fold(password);
    // The part before the @ of an address is what gets reused.
    let local = login.split('@').next().unwrap_or_default();
    [
        (length < MIN_LENGTH, Weakness::TooShort),
        (is_common(&folded), Weakness::Common),
        (is_pattern(&folded), Weakness::Pattern),
        (contains(&folded, local), Weakness::ContainsLogin),
        (names.iter().any(|name| contains(&folded, name)), Weakness::ContainsName),
    ]
    .into_iter()
    .filter_map(|(applies, weakness)| applies.then_some(weakness))
    .collect()
}

fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// Whether `folded` contains `word`. A word of fewer than four Latin letters (two characters otherwise)
/// would forbid too much.
fn contains(folded: &str, word: &str) -> bool {
    let word = fold(word.trim());
    let least = if word.is_ascii() { 4 } else { 2 };
    word.chars().count() >= least && folded.contains(&word)
}

fn is_common(folded: &str) -> bool {
    let listed = |text: &str| COMMON.lines().any(|line| line == text);
    // `admin@123`, `p@ssw0rd!`: signs stand between or for letters, and fool nobody.
    let plain: String = folded.chars().filter(|c| c.is_alphanumeric()).collect();
    let spelled: String = folded
        .chars()
        .map(|c| match c {
            '@' => 'a',
            '$' => 's',
            '!' => 'i',
            '0' => 'o',
            '3' => 'e',
            other => other,
        })
        .collect();
    if [folded, &plain, &spelled].into_iter().any(listed) {
        return true;
    }
    [&plain, &spelled].into_iter().any(|text| {
        let word = text.trim_matches(|c: char| !c.is_alphabetic());
        let digits: String = text.chars().filter(|c| c.is_numeric()).collect();
        let few = |text: &str, most: usize| text.chars().nth(most).is_none();
        (listed(word) && few(&digits, 4)) || (listed(&digits) && (few(word, 2) || listed(word)))
    })
}

/// Whether the text is one piece of up to four characters again and again, or steps up or down by one.
fn is_pattern(folded: &str) -> bool {
    let chars: Vec<char> = folded.chars().collect();
    if chars.len() < 4 {
        return false;
    }
    let repeats = (1..=4.min(chars.len() / 2)).any(|n| chars.iter().skip(n).eq(&chars[..chars.len() - n]));
    let steps =
        |by: i64| chars.windows(2).all(|w| i64::from(u32::from(w[1])) - i64::from(u32::from(w[0])) == by);
    repeats || steps(1) || steps(-1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weaknesses(password: &str) -> Vec<Weakness> {
        check_strength(password, "zhangsan@example.cn", &["张三", "示例制造有限公司"])
    }

    #[test]
    fn good_passwords_of_any_script_pass() {
        for password in
            ["correct horse battery", "锄禾日当午汗滴禾下土", "tR9-vmq2xL", "huike-demo", "dragon 83920174"]
        {
            assert_eq!(weaknesses(password), [], "{password}");
        }
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for password in [
            "password",
            "Password1!",
            "P@ssw0rd",
            "12345678",
            "123456789",
            "qwertyuiop",
            "1qaz2wsx",
            "woaini1314",
            "WoAiNi520",
            "5201314a",
            "admin@123",
            "Admin888888",
            "a123456789",
            "qq123456",
            "iloveyou",
            "huike123",
            "passw0rd",
            "asd123456",
            "147258369",
            "wang1234",
        ] {
            assert!(weaknesses(password).contains(&Weakness::Common), "{password}");
        }
    }

    #[test]
    fn repetitions_and_runs_are_refused() {
        for password in ["aaaaaaaa", "abcabcabc", "12341234", "abcdefgh", "98765432", "哈哈哈哈哈哈哈哈"]
        {
            assert!(weaknesses(password).contains(&Weakness::Pattern), "{password}");
        }
    }

    #[test]
    fn names_are_refused_in_any_case_and_width() {
        assert_eq!(weaknesses("my-ZhangSan-9x"), [Weakness::ContainsLogin]);
        assert_eq!(weaknesses("my-zhangsan-9x"), [Weakness::ContainsLogin]);
        assert_eq!(weaknesses("最帅的张三没有之一"), [Weakness::ContainsName]);
        assert_eq!(check_strength("elliptical-94", "li", &["Li", ""]), []);
    }

    #[test]
    fn every_weakness_is_told_at_once_in_both_languages() {
        let found = check_strength("admin1", "admin", &[]);
        assert_eq!(found, [Weakness::TooShort, Weakness::Common, Weakness::ContainsLogin]);
        assert_eq!(found[0].zh(), "密码至少 8 个字符");
        assert_eq!(found[0].en(), "Use at least 8 characters.");
        assert_eq!(check_strength(&"长".repeat(MAX_LENGTH + 1), "a", &[]), [Weakness::TooLong]);
    }

    #[test]
    fn the_list_is_in_the_form_that_it_is_compared_in() {
        for line in COMMON.lines() {
            assert_eq!(line, fold(line).trim(), "{line}");
            assert!(!line.is_empty());
        }
    }
}
