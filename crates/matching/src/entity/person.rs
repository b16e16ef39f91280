//! A person in the form that is compared.

use super::sound::Sounded;
use crate::text::{fold, is_han};
use crate::{person, pinyin};

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Person {
    /// The characters of a Chinese name; empty when it is written in letters.
    pub chars: Box<[Sounded]>,
    /// Surname first, no spaces.
    pub letters: Box<str>,
    /// How many of the letters are the surname's.
    pub surname: u8,
    /// 王总: nothing but a surname is known.
    pub surname_only: bool,
    /// Joyce Zhou: the given name is no pinyin.
    pub foreign: bool,
    /// The record itself is this person, not only a contact.
    pub own: bool,
}

impl Person {
    pub fn surname(&self) -> &str {
        &self.letters[..usize::from(self.surname)]
    }

    pub fn given(&self) -> &str {
        &self.letters[usize::from(self.surname)..]
    }
}

/// The most usual surnames of one character (公安部 2020 name report and 百家姓), by which a name of a person is told from the short
/// name of a company.
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江\
尹薛闫雷龙黎史陶贺毛段郝顾龚邵覃武钱戴严莫孔向常汤康易乔赖文施洪温庞樊兰殷齐翟安颜伍倪庄牛葛章鲁岳聂翁焦申耿管左路关祝柯辛梅鲍俞凌尚童欧毕卜涂阎裴霍阮\
柏包詹时华符宁项祁盛曲靳甘农苗蒙单隋娄屈牟池佟戚房景骆丘连苟谷巩宫滕解卓窦柴车蒲鞠冉冷游蓝占米桂简万阳干印陇应楼褚卫尤喻云奚郎昌凤柳费廉岑邬乐皮卞元穆\
湛禹狄贝臧计成茅纪舒麻强危刁虞昝经裘缪宗宣贲郁杭诸钮嵇邢滑荀羊惠甄封芮储汲糜井巫乌巴弓牧隗全班仰秋仲伊仇栾暴厉戎祖束幸司韶郜蓟薄宿怀从索咸籍蔺屠胥闻莘\
党贡劳姬扶堵宰郦雍桑濮寿边扈燕冀浦晏瞿充慕茹习宦艾鱼容古慎戈庾终居衡步弘匡寇禄沃晁勾敖訾阚那饶沙丰巢查后荆竺盖代鄢帅邸楚库晋仝佘商撒冼辜苑迟官揭蹇税钭";

/// Whether these characters look like the name of a person.
pub(crate) fn is_person_name(name: &str) -> bool {
    let count = name.chars().count();
    let compound = pinyin::compound_surname(name).is_some();
    let surname = name.chars().next().is_some_and(|c| SURNAMES.contains(c));
    name.chars().all(is_han) && ((2..=3).contains(&count) && surname || (3..=4).contains(&count) && compound)
}

/// Departments and words that stand for nobody.
const NOBODY: [&str; 16] = [
    "联系人",
    "负责人",
    "前台",
    "客服",
    "财务",
    "采购",
    "销售",
    "行政",
    "人事",
    "老板",
    "经理",
    "同上",
    "未知",
    "不详",
    "待定",
    "本人",
];

/// Reads a cell with a person. Nothing for placeholders and departments.
pub(crate) fn read(cell: &str) -> Option<Person> {
    let parsed = person::parse(cell.split(['/', '、', ';', ',']).next().unwrap_or_default());
    let name = fold(&parsed.name);
    let nobody = NOBODY.contains(&name.as_str()) || name.ends_with(['部', '室', '台', '处', '科']);
    if name.is_empty() || nobody || super::is_placeholder(&name) {
        return None;
    }
    if name.chars().any(is_han) { chinese(&name, parsed.title.is_some()) } else { latin(&name) }
}

fn chinese(name: &str, titled: bool) -> Option<Person> {
    let chars: Vec<char> = name.chars().filter(|c| is_han(*c)).take(8).collect();
    let name: String = chars.iter().collect();
    let count = chars.len();
    let compound = pinyin::compound_surname(&name);
    let surname_chars = compound.filter(|n| *n < count || titled).unwrap_or(1).min(count);
    let surname_only = titled && count == surname_chars || count == 1;
    let readings = pinyin::person_readings(&chars);
    let mut letters = String::with_capacity(count * 5);
    let mut surname = 0;
    let mut sounded = Vec::with_capacity(count);
    for (at, (c, syllable)) in chars.iter().zip(readings).enumerate() {
        letters.push_str(syllable);
        sounded.push((*c, pinyin::syllable_number(syllable)));
        if at + 1 == surname_chars {
            surname = letters.len();
        }
    }
    (!letters.is_empty()).then(|| Person {
        chars: sounded.into(),
        letters: letters.into(),
        surname: u8::try_from(surname).unwrap_or(u8::MAX),
        surname_only,
        foreign: false,
        own: false,
    })
}

/// `Li Qiangui`, `Qiangui Li`, `liqiangui`, `Joyce Zhou`.
fn latin(name: &str) -> Option<Person> {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .map(|w| w.chars().filter(char::is_ascii_alphabetic).take(20).collect::<String>())
        .filter(|w| !w.is_empty())
        .take(5)
        .collect();
    let (surname, given) = match words.as_slice() {
        [] => return None,
        [one] => first_syllable(one)?,
        [first, rest @ ..] => {
            let last = &rest[rest.len() - 1];
            let before_last: String = words[..words.len() - 1].concat();
            // A surname has one syllable, a given name mostly two; of two equals the Chinese order.
            let chinese =
                is_surname(first) && (!is_one_syllable(&rest.concat()) || is_one_syllable(&before_last));
            match is_surname(last) && !chinese {
                true => (last.clone(), before_last),
                false => (first.clone(), rest.concat()),
            }
        }
    };
    if surname.len() + given.len() < 2 {
        return None;
    }
    let foreign = !given.is_empty() && !pinyin::is_spelt_out(&given);
    let letters = format!("{surname}{given}");
    Some(Person {
        chars: Box::default(),
        surname: u8::try_from(surname.len()).unwrap_or(0),
        surname_only: given.is_empty(),
        foreign,
        own: false,
        letters: letters.into(),
    })
}

/// Written in one: the longest syllable that leaves syllables.
fn first_syllable(letters: &str) -> Option<(String, String)> {
    let cut = (1..=letters.len().min(6)).rev().find(|end| {
        letters.is_char_boundary(*end)
            && pinyin::is_syllable(&letters[..*end])
            && (*end == letters.len() || pinyin::is_spelt_out(&letters[*end..]))
    })?;
    Some((letters[..cut].to_owned(), letters[cut..].to_owned()))
}

fn is_surname(word: &str) -> bool {
    is_one_syllable(word) || matches!(word, "ouyang" | "sima" | "shangguan" | "zhuge" | "situ" | "dongfang")
}

fn is_one_syllable(word: &str) -> bool {
    pinyin::is_syllable(word)
}

/// The person that the part of an address before the `@` names: `jiequn-zhang233`, `zhengshanxiao`, `zhou.c`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct MailPerson {
    /// The letters, words sorted; for one word the word.
    pub words: Box<[Box<str>]>,
}

impl MailPerson {
    pub fn read(local: &str) -> MailPerson {
        let words = local.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| !w.is_empty()).take(3);
        MailPerson { words: words.map(Box::from).collect() }
    }

    /// Whether the words are this person's name: whole, or the surname and an initial.
    pub fn is(&self, person: &Person) -> bool {
        let (surname, given) = (person.surname(), person.given());
        if person.foreign || given.is_empty() {
            return false;
        }
        match &*self.words {
            [one] => {
                let joined = one.len() == surname.len() + given.len();
                joined
                    && (one.starts_with(surname) && one.ends_with(given)
                        || one.starts_with(given) && one.ends_with(surname))
            }
            [a, b] => {
                let fits =
                    |s: &str, g: &str| s == surname && (g == given || g.len() == 1 && given.starts_with(g));
                fits(a, b) || fits(b, a)
            }
            _ => false,
        }
    }

    /// A whole name, not a surname alone.
    pub fn is_name(&self) -> bool {
        match &*self.words {
            [one] => one.len() >= 5 && pinyin::is_spelt_out(one),
            [a, b] => [a, b].iter().all(|w| pinyin::is_spelt_out(w) || w.len() == 1),
            _ => false,
        }
    }
}
