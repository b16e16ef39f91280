//! Names of persons: the name without titles, surname and given name.

use std::fmt;

use crate::pinyin;
use crate::text::{clean, is_han, simplify};

/// A person's name as written on a card or in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonName {
    /// The name without title, simplified characters; Chinese names without spaces.
    pub name: String,
    /// Family name of a Chinese name.
    pub surname: Option<String>,
    /// 先生, 总, Mr …, as written.
    pub title: Option<String>,
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Titles after a Chinese name, longer ones first where one ends with another.
const AFTER: [&str; 42] = [
    "副总经理",
    "总经理",
    "副董事长",
    "董事长",
    "项目经理",
    "销售经理",
    "采购经理",
    "客户经理",
    "经理",
    "总监",
    "总裁",
    "副总",
    "总工",
    "厂长",
    "院长",
    "校长",
    "部长",
    "科长",
    "处长",
    "局长",
    "店长",
    "所长",
    "主任",
    "主管",
    "助理",
    "先生",
    "女士",
    "小姐",
    "太太",
    "夫人",
    "同志",
    "老师",
    "教授",
    "博士",
    "医生",
    "律师",
    "师傅",
    "老板",
    "会计",
    "采购",
    "总",
    "工",
];
const BEFORE: [&str; 8] = ["mr.", "mrs.", "ms.", "dr.", "mr ", "mrs ", "ms ", "dr "];

/// Takes the title off and finds the surname. Never fails; a text that is only a title stays the name.
pub fn parse(s: &str) -> PersonName {
    let cleaned = simplify(&clean(s));
    let (text, note) = without_note(&cleaned);
    let mut name = text.trim_matches([' ', ',', '.', '-', '/', ':', ';']).to_owned();
    let mut title = note;
    let lower = name.to_ascii_lowercase();
    if let Some(before) = BEFORE.iter().find(|t| lower.starts_with(**t) && lower.len() > t.len()) {
        let rest = name.split_off(before.len());
        title = title.or_else(|| Some(name.trim_end_matches([' ', '.']).to_owned()));
        name = rest.trim_start().to_owned();
    }
    if name.chars().any(is_han) && name.chars().all(|c| is_han(c) || c == ' ' || c == '·') {
        name.retain(|c| c != ' ');
        while let Some((rest, found)) = strip_title(&name) {
            title = title.or(Some(found));
            name = rest;
        }
    }
    let surname = surname(&name);
    PersonName { name, surname, title }
}

/// A note in brackets after the name is kept as title: 王芳（采购）.
fn without_note(text: &str) -> (&str, Option<String>) {
    let Some((name, note)) = text.split_once(['(', '[', '【']) else { return (text, None) };
    let note = note.trim_end_matches([')', ']', '】', ' ']).trim();
    if name.trim().is_empty() {
        (text, None)
    } else {
        (name, Some(note.to_owned()).filter(|n| !n.is_empty()))
    }
}

fn strip_title(name: &str) -> Option<(String, String)> {
    let title = AFTER.iter().find(|t| name.ends_with(**t) && name.len() > t.len())?;
    let rest = &name[..name.len() - title.len()];
    let left = rest.chars().count();
    // 工, 总 and trades are titles after a surname (王工); after more they may belong to the name (李建工).
    let sure = !matches!(*title, "工" | "会计" | "采购")
        || left == 1
        || pinyin::compound_surname(rest) == Some(left);
    (sure && left <= 4).then(|| (rest.to_owned(), (*title).to_owned()))
}

/// The family name of a Chinese name of two to four characters (or of one, which is a surname itself).
fn surname(name: &str) -> Option<String> {
    let count = name.chars().count();
    if !(1..=4).contains(&count) || !name.chars().all(is_han) {
        return None;
    }
    let length = pinyin::compound_surname(name).filter(|n| *n < count || count == 2).unwrap_or(1);
    // A name of two characters is surname and given name (东方 is rarer than 东 + 方 only as a whole name).
    let length = if count == 2 { 1 } else { length };
    Some(name.chars().take(length).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn titles_are_taken_off() {
        for (text, name, surname, title) in [
            ("王芳", "王芳", Some("王"), None),
            ("王芳女士", "王芳", Some("王"), Some("女士")),
            ("王总", "王", Some("王"), Some("总")),
            ("李建国总经理", "李建国", Some("李"), Some("总经理")),
            ("張 偉 先生", "张伟", Some("张"), Some("先生")),
            ("陈工", "陈", Some("陈"), Some("工")),
            ("李建工", "李建工", Some("李"), None),
            ("欧阳总", "欧阳", Some("欧"), Some("总")),
            ("欧阳娜娜", "欧阳娜娜", Some("欧阳"), None),
            ("欧阳锋", "欧阳锋", Some("欧阳"), None),
            ("王芳（采购）", "王芳", Some("王"), Some("采购")),
            ("Mr. John Smith", "John Smith", None, Some("Mr")),
            ("经理", "经理", Some("经"), None),
            ("买买提·艾力", "买买提·艾力", None, None),
            ("", "", None, None),
        ] {
            let found = parse(text);
            assert_eq!(found.name, name, "{text}");
            assert_eq!(found.surname.as_deref(), surname, "{text}");
            assert_eq!(found.title.as_deref(), title, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_safe_and_a_name_is_already_clean(s in "\\PC{0,20}|[王欧阳总经理工先生女士 ·(采购)]{0,8}") {
            let name = parse(&s).name;
            prop_assert_eq!(parse(&name).name, name);
        }
    }
}
