use proptest::prelude::*;

use super::invent::{self, Row};
use super::measure::{Labelled, score};
use super::*;

fn company(name: &str, phone: &str) -> Prepared {
    Prepared::new(&Draft { name, phones: vec![phone], ..Draft::default() })
}

fn judged(a: &Draft<'_>, b: &Draft<'_>) -> Verdict {
    let (a, b) = (Prepared::new(a), Prepared::new(b));
    let frequencies = Frequencies::of(20_000, [&a, &b]);
    compare(&a, &b, Weights::shipped(), &frequencies)
}

fn named<'a>(name: &'a str, phone: &'a str) -> Draft<'a> {
    Draft { name, phones: vec![phone], ..Draft::default() }
}

#[test]
fn ways_of_writing_one_company_are_one_company() {
    let full = named("江苏星澜信息科技有限公司", "13912345671");
    for name in [
        "星澜信息科技",
        "江苏星澜",
        "江蘇星瀾信息科技有限公司",
        "【VIP】星澜信息科技（江苏）有限公司",
        "星蓝信息科技",
        "Xinglan Xinxi Keji",
        "江苏星澜信息科技有艰公司",
        "ｘｉｎｇｌａｎｘｉｎｘｉｋｅｊｉ",
        "江苏星澜信息 科技有限公司-新",
        "南京远麓数据有限公司（原江苏星澜信息科技有限公司）",
    ] {
        let verdict = judged(&full, &named(name, "+86 139-1234-5671"));
        assert!(verdict.probability > 0.5, "{name}: {verdict:?}");
        assert!(
            verdict.reasons.iter().any(|r| r.zh == "电话相同" && r.en == "The phone numbers are the same"),
            "{verdict:?}"
        );
    }
}

#[test]
fn a_branch_is_neither_its_company_nor_another_branch() {
    let company = named("江苏星澜科技有限公司", "0571-88881234");
    let east = named("江苏星澜科技有限公司华东分部", "0571-88881234");
    let south = named("星澜科技-华南分部", "0571-88881234");
    for (a, b) in [(&company, &east), (&east, &south)] {
        let verdict = judged(a, b);
        assert_eq!((verdict.barred, verdict.tier), (Some(Bar::Branches), Tier::Different));
    }
    assert_eq!(judged(&east, &named("星澜科技（华东分部）", "88881234")).barred, None);
}

#[test]
fn a_site_is_shared_by_like_brands_on_one_road() {
    let at = |name: &str, address: &str| {
        Prepared::new(&Draft { name, addresses: vec![address], ..Draft::default() }).keys()
    };
    let kinds = |a: &[Key], b: &[Key]| -> Vec<KeyKind> {
        let shared = a.iter().filter(|key| b.contains(key)).map(|key| key.kind);
        shared.filter(|kind| matches!(kind, KeyKind::Road | KeyKind::Site)).collect()
    };
    let one = at("江苏星澜信息科技有限公司", "南京市玄武区人民路12号");
    assert_eq!(kinds(&one, &at("星蓝科技", "人民路 12 号 3 幢")), [KeyKind::Site, KeyKind::Road]);
    assert_eq!(kinds(&one, &at("宁波远麓数据有限公司", "宁波市海曙区人民路12号")), [KeyKind::Road]);
    assert_eq!(kinds(&one, &at("江苏星澜信息科技有限公司", "人民路14号")), []);
}

#[test]
fn two_valid_credit_codes_are_two_companies() {
    let with = |code: &'static str| Draft {
        credit_codes: vec![code],
        ..named("星澜科技有限公司", "13912345671")
    };
    // Both check digits fit (GB 32100-2015); the first is the standard's example.
    assert_eq!(judged(&with("91350100M000100Y43"), &with("91350100m000100y43")).barred, None);
    let other = (0..100_000u32)
        .map(|n| format!("91350100{n:09}"))
        .flat_map(|body| "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().map(move |c| format!("{body}{c}")))
        .find(|code| crate::credit_code::parse(code).is_ok())
        .unwrap();
    let second = Draft { credit_codes: vec![&other], ..named("星澜科技有限公司", "13912345671") };
    assert_eq!(judged(&with("91350100M000100Y43"), &second).barred, Some(Bar::Codes));
}

#[test]
fn what_stands_in_the_wrong_cell_is_found() {
    let right = Draft { emails: vec!["wangfang@example.cn"], ..named("星澜科技", "13912345671") };
    let wrong = Draft {
        name: "星澜科技",
        contacts: vec!["王芳 13912345671"],
        phones: vec!["wangfang@example.cn"],
        ..Draft::default()
    };
    let fields: Vec<Field> = judged(&right, &wrong)
        .reasons
        .iter()
        .filter(|r| r.agreement == Agreement::Agrees)
        .map(|r| r.field)
        .collect();
    assert!(fields.contains(&Field::Phone) && fields.contains(&Field::Mail), "{fields:?}");
}

#[test]
fn persons_with_mistakes_are_found_again() {
    let labelled = Labelled::invented(&invent::persons(800, 1, 2, 41));
    let found = resolve(&labelled.records, Weights::shipped(), &Said::default());
    let scores = score(&labelled.entities, &found.clusters);
    assert!(scores.f1 > 0.99 && scores.precision > 0.995, "{scores:?}");
}

#[test]
fn invented_companies_are_found_again_and_the_same_each_time() {
    let labelled = Labelled::invented(&invent::companies(4_000, 17));
    let found = resolve(&labelled.records, Weights::shipped(), &Said::default());
    let scores = score(&labelled.entities, &found.clusters);
    assert!(scores.f1 > 0.97 && scores.precision > 0.99, "{scores:?}");
    assert_eq!(resolve(&labelled.records, Weights::shipped(), &Said::default()).clusters, found.clusters);
}

#[test]
fn what_people_said_holds() {
    let records = [
        company("星澜科技有限公司", "13912345671"),
        company("星澜科技有限公司", "13912345671"),
        company("远麓食品厂", "13512345672"),
    ];
    let none = resolve(&records, Weights::shipped(), &Said::default());
    assert_eq!(none.clusters, [0, 0, 2]);
    let said = Said { same: vec![(0, 2)], different: vec![(1, 0)] };
    let told = resolve(&records, Weights::shipped(), &said);
    assert_eq!(told.clusters[0], told.clusters[2]);
    assert_ne!(told.clusters[0], told.clusters[1]);
}

#[test]
fn a_company_learns_its_own_weights_and_sees_their_effect_first() {
    let labelled = Labelled::invented(&invent::companies(600, 3));
    let same = |a: u32, b: u32| labelled.entities[a as usize] == labelled.entities[b as usize];
    let answers: Vec<(u32, u32, bool)> = (0..599).map(|n| (n, n + 1, same(n, n + 1))).collect();
    for proposal in [
        learn::from_answers(&labelled.records, &answers, Weights::shipped()),
        learn::from_records(&labelled.records, Weights::shipped()),
    ] {
        let total = |t: learn::Tally| t.certain + t.likely + t.possible + t.different;
        assert_eq!(total(proposal.before), total(proposal.after));
        assert!(total(proposal.before) > 0);
        assert_ne!(&proposal.weights, Weights::shipped());
        let found = resolve(&labelled.records, &proposal.weights, &Said::default());
        assert!(score(&labelled.entities, &found.clusters).f1 > 0.9);
    }
    let untaught = learn::from_answers(&labelled.records, &[], Weights::shipped());
    assert_eq!(untaught.before, untaught.after);
}

#[test]
fn the_shipped_table_can_be_read_and_written() {
    let table = Weights::shipped().to_table();
    assert_eq!(Weights::parse(&table).unwrap().to_table(), table);
    assert!(table.lines().count() > 100, "the shipped table is there");
    assert_eq!(Weights::parse("name.full\tmuch").unwrap_err().line, 1);
}

/// Pairs compared per record stay few, whatever the records have in common.
fn assert_linear(records: &[Prepared]) {
    let found = resolve(records, Weights::shipped(), &Said::default());
    assert!(found.compared <= 41 * records.len(), "{} pairs of {} records", found.compared, records.len());
    assert_eq!(found.clusters.len(), records.len());
    assert!(found.confidence.iter().all(|c| (0.0..=1.0).contains(c)));
}

#[test]
fn ten_thousand_records_of_one_name_do_not_take_quadratic_time() {
    let same: Vec<Prepared> = (0..10_000).map(|_| company("星澜科技有限公司", "")).collect();
    assert_linear(&same);
    let phones: Vec<Prepared> =
        (0..10_000).map(|n| company("星澜科技有限公司", &format!("192{:08}", n * 7_919))).collect();
    assert_linear(&phones);
}

#[test]
fn one_phone_on_five_thousand_records_joins_no_companies() {
    let rows = invent::companies(5_000, 23);
    let shared = |row: &Row| Row { phone: "19200001111".into(), ..row.clone() }.prepare();
    let records: Vec<Prepared> = rows.iter().map(|(row, _)| shared(row)).collect();
    assert_linear(&records);
    let truth: Vec<u32> = rows.iter().map(|(_, entity)| *entity).collect();
    let found = resolve(&records, Weights::shipped(), &Said::default());
    let scores = score(&truth, &found.clusters);
    assert!(scores.precision > 0.95, "{scores:?}");
}

#[test]
fn empty_endless_and_strange_cells_are_records_too() {
    let endless = "星".repeat(200_000);
    let digits = "1".repeat(200_000);
    let strange = [
        "",
        " ",
        "😀😀公司",
        "شركة النجم",
        "\u{202e}abc公司",
        "無",
        "АБВ科技Ltd株式会社",
        "((((((((",
        "有限公司",
        "\u{0}",
        &endless,
        &digits,
    ];
    let mut records = Vec::new();
    for a in strange {
        for b in strange {
            let draft = Draft {
                name: a,
                contacts: vec![b],
                phones: vec![b],
                emails: vec![a],
                addresses: vec![b],
                credit_codes: vec![a],
                ..Draft::default()
            };
            records.push(Prepared::new(&draft));
        }
    }
    assert!(records.iter().flat_map(Prepared::keys).all(|key| key.text.len() <= 64));
    assert_linear(&records);
}

/// A name that is left with trade words alone has no brand; it must not stand under an empty key with all others of its kind.
#[test]
fn no_name_put_together_from_parts_has_an_empty_key() {
    let parts = [
        "",
        "上海",
        "江苏",
        "(华东)",
        "【】",
        "集团",
        "科技",
        "有限公司",
        "华东分公司",
        "总部",
        "-王总",
        "海",
        "澜",
        " ",
        "Co",
        ",Ltd",
    ];
    for a in parts {
        for b in parts {
            for c in parts {
                for d in parts {
                    let name = format!("{a}{b}{c}{d}");
                    let keys = company(&name, "").keys();
                    assert!(keys.iter().all(|key| !key.text.is_empty()), "{name}: {keys:?}");
                }
            }
        }
    }
}

fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,30}",
        "(上海|江苏|(华东)|【|】|（|）|集团|科技|有限公司|华东分公司|总部|-王总|海|星|澜| |Co|,Ltd){0,8}",
        "(\\+86 |0)?1[3-9][0-9]{9}|0571-8888[0-9]{4}|[a-z]{1,8}@[a-z]{2,6}\\.(cn|com)",
        "[王李张欧阳明芳伟]{1,4}(总|先生)?|[a-z]{2,6} [a-z]{2,8}",
    ]
}

prop_compose! {
    fn record()(name in cell(), contact in cell(), phone in cell(), email in cell(), address in cell(), code in cell()) -> Prepared {
        Prepared::new(&Draft {
            name: &name, contacts: vec![&contact], phones: vec![&phone], emails: vec![&email], addresses: vec![&address], credit_codes: vec![&code],
            ..Draft::default()
        })
    }
}

proptest! {
    #[test]
    fn comparing_does_not_depend_on_the_order(a in record(), b in record()) {
        let frequencies = Frequencies::of(1_000, [&a, &b]);
        let (there, back) = (compare(&a, &b, Weights::shipped(), &frequencies), compare(&b, &a, Weights::shipped(), &frequencies));
        prop_assert_eq!(there.barred, back.barred);
        prop_assert!((there.log_odds - back.log_odds).abs() < 1e-3, "{:?} {:?}", there, back);
        prop_assert!((0.0..=1.0).contains(&there.probability));
    }

    #[test]
    fn keys_are_short_sorted_and_the_same_each_time(a in record()) {
        let keys = a.keys();
        prop_assert!(keys.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert_eq!(&keys, &a.keys());
        prop_assert!(keys.iter().all(|key| !key.text.is_empty() && key.text.len() <= 64));
    }

    #[test]
    fn clusters_never_hold_what_must_be_apart(records in proptest::collection::vec(record(), 2..14), refused in any::<(u8, u8)>()) {
        let n = records.len();
        let pair = (u32::from(refused.0) % n as u32, u32::from(refused.1) % n as u32);
        let said = Said { same: vec![], different: vec![pair] };
        let found = resolve(&records, Weights::shipped(), &said);
        prop_assert!(pair.0 == pair.1 || found.clusters[pair.0 as usize] != found.clusters[pair.1 as usize]);
        for (i, a) in records.iter().enumerate() {
            for (j, b) in records.iter().enumerate().take(i) {
                let branches = a.branch().is_some() != b.branch().is_some();
                prop_assert!(!branches || found.clusters[i] != found.clusters[j]);
            }
        }
    }
}
