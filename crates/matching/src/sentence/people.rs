//! People in a sentence, by surname and title: 王总, 李工, 老张, Mr Wang.

use crate::pinyin;
use crate::text::{is_han, simplify};

/// A person as a sentence names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// As written.
    pub said: String,
    /// The name without title, simplified: 王, 李建国, Wang.
    pub name: String,
}

/// Titles that make a person of the surname before them, longer ones first.
const TITLES: [&str; 31] = [
    "副总经理",
    "总经理",
    "董事长",
    "副总",
    "总监",
    "总工",
    "经理",
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
    "先生",
    "女士",
    "小姐",
    "老师",
    "教授",
    "博士",
    "师傅",
    "老板",
    "会计",
    "总",
    "工",
    "董",
    "姐",
];
const BEFORE: [&str; 8] = ["Mr. ", "Mr ", "Mrs. ", "Mrs ", "Ms. ", "Ms ", "Dr. ", "Dr "];

/// The hundred commonest family names (Ministry of Public Security, national name report of 2020): whoever has another one is named with
/// a title of two characters or more.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾萧田董潘袁蔡蒋余杜叶苏魏吕丁任卢姚沈钟姜崔谭陆范汪\
    廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向常";

/// Everybody named, in order, each once.
pub fn mentions(text: &str) -> Vec<Mention> {
    let written: Vec<char> = text.chars().collect();
    let folded: Vec<char> = simplify(text).chars().collect();
    let folded = if folded.len() == written.len() { folded } else { written.clone() };
    let mut found: Vec<Mention> = Vec::new();
    let mut at = 0;
    while at < written.len() {
        let Some((name, length)) =
            titled(&folded, at).or_else(|| familiar(&folded, at)).or_else(|| western(&written, at))
        else {
            at += 1;
            continue;
        };
        let said: String = written[at..at + length].iter().collect();
        if found.iter().all(|known| known.said != said) {
            found.push(Mention { said, name });
        }
        at += length;
    }
    found
}

/// 王总, 欧阳经理, 李建国主任: the name and the length of the whole.
fn titled(chars: &[char], at: usize) -> Option<(String, usize)> {
    let rest: String = chars[at..chars.len().min(at + 8)].iter().collect();
    let surname = match pinyin::compound_surname(&rest) {
        Some(length) => length,
        None if SURNAMES.contains(chars[at]) => 1,
        None => return None,
    };
    // A given name between surname and title has up to two characters.
    (0..=2).find_map(|given| {
        let length = surname + given;
        let after = chars.get(at + length..)?;
        let title = TITLES.iter().find(|title| starts_with(after, title))?;
        // 张工 is a person, 张三工 more often a shift or a place of work; 王总 is one, 王总部 is not.
        let short = title.chars().count() == 1;
        let next = after.get(title.chars().count());
        let another_word = short && next.is_some_and(|c| "部厂人作程地具业资计价额数共结期事".contains(*c));
        if (short && given > 0) || another_word || !chars[at..at + length].iter().all(|c| is_han(*c)) {
            return None;
        }
        Some((chars[at..at + length].iter().collect(), length + title.chars().count()))
    })
}

/// 老王, 小李.
fn familiar(chars: &[char], at: usize) -> Option<(String, usize)> {
    let surname = chars.get(at + 1).filter(|c| SURNAMES.contains(**c))?;
    let before = at.checked_sub(1).and_then(|before| chars.get(before));
    // 大小, 最小, 减小 end with the same character.
    let inside = before.is_some_and(|c| "大最减缩细微较古".contains(*c));
    // Words that begin so: 老高 no, but 小方案, 老白干, 小金额, 小龙虾, 小万元.
    let next = chars.get(at + 2);
    let word = next.is_some_and(|c| "案干额虾元米学组包时".contains(*c));
    (matches!(chars[at], '老' | '小')
        && !inside
        && !word
        && !matches!(surname, '常' | '向' | '田' | '高' | '任'))
    .then(|| (surname.to_string(), 2))
}

/// Mr Wang, Ms. Li Na.
fn western(chars: &[char], at: usize) -> Option<(String, usize)> {
    if at > 0 && chars[at - 1].is_alphanumeric() {
        return None;
    }
    let title = BEFORE.iter().find(|title| starts_with(&chars[at..], title))?;
    let start = at + title.chars().count();
    let name: String = chars.get(start..)?.iter().take_while(|c| c.is_alphabetic() && !is_han(**c)).collect();
    name.starts_with(char::is_uppercase).then(|| {
        let length = title.chars().count() + name.chars().count();
        (name, length)
    })
}

fn starts_with(chars: &[char], word: &str) -> bool {
    let mut given = chars.iter();
    word.chars().all(|c| given.next() == Some(&c))
}
