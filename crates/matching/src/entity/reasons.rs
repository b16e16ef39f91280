//! Reasons in words.

use super::compare::{
    AddressLevel, Branches, CodeLevel, Comparison, DomainLevel, MailLevel, NameLevel, PersonLevel,
    PhoneLevel, Weight,
};
use super::feature::Features;
use super::place::Regions;
use super::verdict::{Agreement, Field, Reason, contributions};
use super::weights::Weights;

type Words = (Agreement, &'static str, &'static str);

/// Records sharing a value from which on it is said how many they are.
const MANY: u32 = 8;

pub(crate) fn of(found: &Comparison, features: &Features, weights: &Weights) -> Vec<Reason> {
    let one = Weight::default();
    let all: [(Field, Option<Words>, Weight); 10] = [
        (
            Field::Name,
            if found.persons { self_name(found) } else { name(found) },
            if found.persons { one } else { found.name_weight },
        ),
        (Field::Branch, branch(found.branches), one),
        (
            Field::Region,
            region(found.name_regions.filter(|r| *r != Regions::Unknown).or(found.all_regions)),
            one,
        ),
        (Field::Contact, (!found.persons).then(|| contact(found)).flatten(), one),
        (Field::Phone, phone(found.phone), found.phone_weight),
        (Field::Mail, mail(found), if found.mail == MailLevel::Same { found.mail_weight } else { one }),
        (
            Field::Address,
            address(found),
            if found.address <= AddressLevel::House { found.address_weight } else { one },
        ),
        (
            Field::Code,
            code(found.code),
            if found.code <= CodeLevel::Organisation { found.code_weight } else { one },
        ),
        (
            Field::Born,
            found.western.and_then(|w| {
                graded(
                    w.born,
                    ("出生日期相同", "The dates of birth are the same"),
                    ("出生日期相近", "The dates of birth are alike"),
                    ("出生日期不同", "The dates of birth differ"),
                )
            }),
            one,
        ),
        (
            Field::Identifier,
            found.western.and_then(|w| {
                graded(
                    w.identifier,
                    ("证件号或编号相同", "The identifiers are the same"),
                    ("证件号或编号相近", "The identifiers are alike"),
                    ("证件号或编号不同", "The identifiers differ"),
                )
            }),
            one,
        ),
    ];
    let contributions = contributions(features, weights);
    let mut reasons: Vec<Reason> = all
        .into_iter()
        .filter_map(|(field, words, weight)| {
            let (agreement, zh, en) = words?;
            let many = weight.count >= MANY && agreement != Agreement::Differs;
            let (zh, en) = match many {
                true => (
                    format!("{zh}，但有 {} 条记录都是这样", weight.count),
                    format!("{en}, but {} records have it", weight.count),
                ),
                false => (zh.to_owned(), en.to_owned()),
            };
            let agreement = if many { Agreement::Partly } else { agreement };
            Some(Reason { field, agreement, zh, en, weight: contributions[field as usize] })
        })
        .collect();
    reasons.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    reasons
}

fn name(found: &Comparison) -> Option<Words> {
    use Agreement::{Agrees, Differs, Partly};
    Some(match found.name {
        NameLevel::Full => (Agrees, "名称相同", "The names are the same"),
        NameLevel::Sounds => (Agrees, "名称读音相同", "The names are read the same"),
        NameLevel::Spelt => (Agrees, "一个名称是另一个的拼音", "One name is the other in pinyin"),
        NameLevel::Start => (Agrees, "一个名称是另一个的简称", "One name is short for the other"),
        NameLevel::Brand if found.trade.is_some_and(|t| t < 0.5) => {
            (Partly, "字号相同，行业不同", "The brands are the same, the trades differ")
        }
        NameLevel::Brand => (Partly, "字号相同", "The brands are the same"),
        NameLevel::BrandSounds => (Partly, "字号读音相同", "The brands are read the same"),
        NameLevel::BrandSpelt => (Agrees, "一个字号是另一个的拼音", "One brand is the other in pinyin"),
        NameLevel::End => (Partly, "一个名称包含另一个", "One name contains the other"),
        NameLevel::Abbreviated => {
            (Partly, "一个名称像是另一个的缩写", "One name looks like an abbreviation of the other")
        }
        NameLevel::Near => (Partly, "名称只差一两个字", "The names are a character or two apart"),
        NameLevel::Alike => (Differs, "名称只有些相像", "The names are only somewhat alike"),
        NameLevel::Scripts => (
            Differs,
            "一个是中文名，一个是英文名，读音不同",
            "One name is Chinese, the other English, and they sound different",
        ),
        NameLevel::Differ => (Differs, "名称不同", "The names differ"),
        NameLevel::Missing => {
            let western = found.western?;
            let both = western.given.unwrap_or(1.0).min(western.surname?);
            return graded(
                Some(both),
                ("姓名相同", "The names are the same"),
                ("姓名相近", "The names are alike"),
                ("姓名不同", "The names differ"),
            );
        }
    })
}

fn self_name(found: &Comparison) -> Option<Words> {
    use Agreement::{Agrees, Differs, Partly};
    Some(match found.person {
        PersonLevel::Same => (Agrees, "姓名相同", "The names are the same"),
        PersonLevel::Sounds => (Agrees, "姓名读音相同", "The names are read the same"),
        PersonLevel::Near => (Partly, "姓名只差一个字", "The names are one character apart"),
        PersonLevel::Surname => (Partly, "姓氏相同", "The surnames are the same"),
        PersonLevel::Differ => (Differs, "姓名不同", "The names differ"),
        PersonLevel::Missing => return name(found),
    })
}

fn branch(branches: Branches) -> Option<Words> {
    match branches {
        Branches::None => None,
        Branches::Same => Some((Agreement::Agrees, "是同一个分支机构", "They are the same branch")),
        Branches::One => {
            Some((Agreement::Differs, "一个是分支机构，一个不是", "One is a branch, the other is not"))
        }
        Branches::Differ => Some((Agreement::Differs, "是不同的分支机构", "They are different branches")),
    }
}

fn region(regions: Option<Regions>) -> Option<Words> {
    match regions? {
        Regions::Unknown => None,
        Regions::Same | Regions::City | Regions::Inside => {
            Some((Agreement::Agrees, "地区相符", "The regions agree"))
        }
        Regions::Province => Some((Agreement::Partly, "同省不同市", "The same province, different cities")),
        Regions::Apart => Some((Agreement::Differs, "地区不同", "The regions differ")),
    }
}

fn contact(found: &Comparison) -> Option<Words> {
    use Agreement::{Agrees, Differs, Partly};
    Some(match found.person {
        PersonLevel::Same => (Agrees, "联系人相同", "The contacts are the same"),
        PersonLevel::Sounds => (Agrees, "联系人读音相同", "The contacts' names are read the same"),
        _ if found.person_in_mail => {
            (Agrees, "一方的联系人就是另一方邮箱的主人", "The e-mail address of one is the other's contact's")
        }
        PersonLevel::Near => (Partly, "联系人只差一个字", "The contacts' names are one character apart"),
        PersonLevel::Surname => (Partly, "联系人同姓", "The contacts have the same surname"),
        PersonLevel::Differ => (Differs, "联系人不同", "The contacts differ"),
        PersonLevel::Missing => return None,
    })
}

fn phone(level: PhoneLevel) -> Option<Words> {
    use Agreement::{Agrees, Differs, Partly};
    Some(match level {
        PhoneLevel::Same => (Agrees, "电话相同", "The phone numbers are the same"),
        PhoneLevel::Local => {
            (Agrees, "固定电话相同（一方缺区号）", "The landlines are the same, one without its area code")
        }
        PhoneLevel::Near => (Partly, "电话只差一位", "The phone numbers are one digit apart"),
        PhoneLevel::Differ => (Differs, "电话不同", "The phone numbers differ"),
        PhoneLevel::Kinds | PhoneLevel::Missing => return None,
    })
}

fn mail(found: &Comparison) -> Option<Words> {
    use Agreement::{Agrees, Differs, Partly};
    Some(match (found.mail, found.domain) {
        (MailLevel::Same, _) => (Agrees, "邮箱相同", "The e-mail addresses are the same"),
        (MailLevel::Near, _) => (Partly, "邮箱只差一个字符", "The e-mail addresses are one character apart"),
        (_, DomainLevel::Same) => (Agrees, "邮箱域名相同", "The e-mail domains are the same"),
        (_, DomainLevel::Near) => (Partly, "邮箱域名相近", "The e-mail domains are alike"),
        (MailLevel::Name, _) => (Partly, "邮箱用户名相同", "The names in the e-mail addresses are the same"),
        _ if found.name_in_domain => {
            (Partly, "一方的邮箱域名就是另一方的字号", "The e-mail domain of one is the other's brand")
        }
        (MailLevel::Differ, _) => (Differs, "邮箱不同", "The e-mail addresses differ"),
        (MailLevel::Missing, _) => return None,
    })
}

fn address(found: &Comparison) -> Option<Words> {
    use Agreement::{Agrees, Differs, Partly};
    Some(match found.address {
        AddressLevel::Room => (Agrees, "地址相同，到房间号", "The addresses are the same, to the room"),
        AddressLevel::House => (Agrees, "地址相同，到门牌号", "The addresses are the same, to the house"),
        AddressLevel::OtherRoom => (Partly, "同一门牌，房间号不同", "The same house, different rooms"),
        AddressLevel::NearHouse => (Partly, "地址相近", "The addresses are alike"),
        AddressLevel::Road => (Partly, "同一条路，门牌不同", "The same road, different numbers"),
        AddressLevel::Differ => (Differs, "地址不同", "The addresses differ"),
        AddressLevel::Missing => {
            let western = found.western?;
            let alike = match western.street_number {
                Some(false) => western.street.map(|s| s.min(0.8)),
                _ => western.street,
            };
            return graded(
                alike,
                ("地址相同", "The addresses are the same"),
                ("地址相近", "The addresses are alike"),
                ("地址不同", "The addresses differ"),
            );
        }
    })
}

fn code(level: CodeLevel) -> Option<Words> {
    use Agreement::{Agrees, Differs, Partly};
    Some(match level {
        CodeLevel::Same => (Agrees, "统一社会信用代码相同", "The credit codes are the same"),
        CodeLevel::Organisation => (Agrees, "组织机构代码相同", "The organisation codes are the same"),
        CodeLevel::Near => {
            (Partly, "统一社会信用代码只差一两位", "The credit codes are a character or two apart")
        }
        CodeLevel::Doubtful => (
            Partly,
            "统一社会信用代码不同，但有一个校验不通过",
            "The credit codes differ, but one of them is not valid",
        ),
        CodeLevel::Differ => (Differs, "统一社会信用代码不同", "The credit codes differ"),
        CodeLevel::Missing => return None,
    })
}

fn graded(
    value: Option<f32>,
    same: (&'static str, &'static str),
    near: (&'static str, &'static str),
    differs: (&'static str, &'static str),
) -> Option<Words> {
    Some(match value? {
        v if v >= 1.0 => (Agreement::Agrees, same.0, same.1),
        v if v >= 0.8 => (Agreement::Partly, near.0, near.1),
        _ => (Agreement::Differs, differs.0, differs.1),
    })
}
