use super::*;
use crate::{address, email, phone, text::fold, url};
use proptest::prelude::*;

/// Two hundred texts in the shapes that people paste, with what a person reads out of them. `%%` parts the cases, `--` the text from its
/// fields. Names and companies are invented, numbers unassigned.
const CASES: &str = include_str!("cases.txt");

struct Case {
    text: &'static str,
    fields: Vec<(Role, &'static str)>,
}

fn role(letter: &str) -> Role {
    match letter {
        "n" => Role::Customer,
        "c" => Role::Contact,
        "t" => Role::Title,
        "d" => Role::Department,
        "m" => Role::Mobile,
        "p" => Role::Phone,
        "e" => Role::Email,
        "w" => Role::Wechat,
        "u" => Role::Website,
        "a" => Role::Address,
        "k" => Role::CreditCode,
        "r" => Role::Need,
        "o" => Role::Note,
        other => panic!("no role is called {other}"),
    }
}

fn cases() -> Vec<Case> {
    let read = |case: &'static str| {
        let (text, fields) = case.rsplit_once("\n--\n").unwrap();
        let fields = fields
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(letter, value)| (role(letter), value));
        Case { text, fields: fields.collect() }
    };
    CASES.split("\n%%\n").map(read).collect()
}

/// A value as the field's own normaliser keeps it.
fn normal(role: Role, value: &str) -> String {
    let plain = || fold(value).replace(' ', "");
    match role {
        Role::Mobile | Role::Phone => {
            phone::parse(value).map_or_else(|_| plain(), |phone| format!("{phone:?}"))
        }
        Role::Email => email::parse(value).map_or_else(|_| plain(), |email| email.address),
        Role::Website => url::parse(value).unwrap_or_else(|_| plain()),
        Role::Address => {
            let address = address::parse(value);
            format!("{:?} {}", address.region, address.detail.replace(' ', ""))
        }
        _ => plain(),
    }
}

#[test]
fn nineteen_of_twenty_fields_of_two_hundred_texts_are_right() {
    let (mut asked, mut right, mut given) = (0, 0, 0);
    let mut faults = String::new();
    for case in cases() {
        let found: Vec<(Role, String)> =
            read(case.text).into_iter().map(|found| (found.role, normal(found.role, &found.value))).collect();
        let wanted: Vec<(Role, String)> =
            case.fields.iter().map(|(role, value)| (*role, normal(*role, value))).collect();
        asked += wanted.len();
        given += found.len();
        right += wanted.iter().filter(|field| found.contains(field)).count();
        let missed: Vec<_> = wanted.iter().filter(|field| !found.contains(field)).collect();
        let wrong: Vec<_> = found.iter().filter(|field| !wanted.contains(field)).collect();
        if !missed.is_empty() || !wrong.is_empty() {
            faults.push_str(&format!("{}\n  missed {missed:?}\n  wrong {wrong:?}\n", case.text));
        }
    }
    let (recall, precision) = (right as f64 / asked as f64, right as f64 / given as f64);
    println!(
        "{faults}\n{} texts, {asked} fields: {right} right ({:.1} %), of {given} proposed {:.1} % right",
        cases().len(),
        recall * 100.0,
        precision * 100.0
    );
    assert_eq!(cases().len(), 200);
    assert!(recall >= 0.95, "{right} of {asked} fields are right\n{faults}");
    assert!(precision >= 0.95, "{right} of {given} proposals are right\n{faults}");
}

#[test]
fn every_field_says_where_it_stands() {
    for case in cases() {
        for found in read(case.text) {
            let stands = &case.text[found.span.clone()];
            assert!(!stands.trim().is_empty(), "{found:?}");
            if !matches!(found.role, Role::Address | Role::Wechat) {
                assert_eq!(
                    fold(stands).replace([' ', '\n'], ""),
                    fold(&found.value).replace(' ', ""),
                    "{}",
                    case.text
                );
            }
        }
    }
}

#[test]
fn the_number_of_a_house_may_stand_apart() {
    let address = |text: &str| {
        read(text).into_iter().find(|found| found.role == Role::Address).map(|found| found.value)
    };
    for (text, wanted) in [
        ("王芳 采购经理\n杭州市西湖区文三路 100 号\n13912345670", "杭州市西湖区文三路 100 号"),
        ("上海市浦东新区张江路 88 号 3 幢 201 室 王芳", "上海市浦东新区张江路 88 号 3 幢 201 室"),
        ("杭州市西湖区文三路 13912345670", "杭州市西湖区文三路"),
        ("杭州市西湖区文三路 100 台设备", "杭州市西湖区文三路"),
    ] {
        let found = address(text).unwrap_or_default();
        assert_eq!(found.replace(' ', ""), wanted.replace(' ', ""), "{text}");
    }
}

#[test]
fn a_label_makes_surer_than_a_guess() {
    let sure = |text: &str| {
        read(text).into_iter().find(|found| found.role == Role::Contact).map(|found| found.confidence)
    };
    assert!(sure("联系人：舒克").unwrap() >= 95);
    assert!(sure("旺旺 15431310044").unwrap() <= 60);
}

#[test]
fn fax_bank_and_chat_numbers_are_no_phones() {
    assert!(read("传真：0571-95881235\nQQ 1543131004\n账号：6100 0000 0000 1234\n邮编 310012").is_empty());
}

#[test]
fn a_very_long_text_is_read_to_a_bound() {
    let text = "张伟，".repeat(100_000);
    assert!(read(&text).len() <= 2);
    let digits = "1".repeat(50_000);
    assert!(read(&digits).is_empty());
    assert!(read(&"(".repeat(50_000)).is_empty());
}

proptest! {
    #[test]
    fn any_text_is_safe_and_spans_lie_within(
        text in "\\PC{0,60}|((公司|电话|联系人|微信|地址)?[：: ,，/|()（）\\n]?(王芳|杭州云帆|有限公司|经理|采购部|1543131004[0-9]|0571-95881234|a@example.com|Co., Ltd|[a-z ]{0,5}|🏢)){0,12}"
    ) {
        for found in read(&text) {
            prop_assert!(text.get(found.span.clone()).is_some(), "{:?}", found);
            prop_assert!(!found.value.is_empty() && found.confidence <= 100);
        }
    }
}
