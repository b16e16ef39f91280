use super::identity;
use super::places::PLACES;
use super::profile::{Class, Stage};
use super::{ACCOUNTS, Draft, Generator, Size};
use chrono::NaiveDate;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

const SEED: u64 = 20;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

fn demo() -> Vec<Draft> {
    Generator::new(SEED, Size::DEMO, today()).collect()
}

fn of<'a>(drafts: &'a [Draft], object: &str) -> impl Iterator<Item = &'a Draft> {
    drafts.iter().filter(move |draft| draft.object == object)
}

fn text<'a>(draft: &'a Draft, field: &str) -> Option<&'a str> {
    draft.fields.get(field).and_then(Json::as_str)
}

fn target(draft: &Draft, field: &str) -> Option<u64> {
    draft.refs.iter().find(|reference| reference.field == field).map(|reference| reference.key)
}

fn root(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    let bytes = |seed| {
        Generator::new(seed, Size::of_customers(300), today())
            .map(|draft| {
                format!(
                    "{} {} {} {} {:?} {}",
                    draft.object,
                    draft.key,
                    draft.created_at,
                    draft.created_by,
                    draft.refs,
                    Json::from(draft.fields)
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(bytes(1), bytes(1));
    assert_ne!(bytes(1), bytes(2));
}

#[test]
fn totals_are_met_exactly() {
    let odd = Size { customers: 777, interactions: 4_321, opportunities: 333, more_salespeople: 12 };
    for size in [Size::DEMO, Size::of_customers(1_000), odd] {
        let mut counts: HashMap<&str, u64> = HashMap::new();
        Generator::new(SEED, size, today()).for_each(|draft| *counts.entry(draft.object).or_default() += 1);
        assert_eq!(
            (counts["customer"], counts["interaction"], counts["opportunity"]),
            (size.customers, size.interactions, size.opportunities)
        );
        assert_eq!(counts["user"], 11 + size.more_salespeople);
    }
}

#[test]
fn references_point_backwards_and_keys_count_from_one() {
    let mut last: HashMap<&str, u64> = HashMap::new();
    for draft in Generator::new(SEED, Size::of_customers(3_000), today()) {
        for reference in &draft.refs {
            let known = last.get(reference.object).copied().unwrap_or(0);
            assert!(
                (1..=known).contains(&reference.key),
                "{} {} points to {reference:?}",
                draft.object,
                draft.key
            );
        }
        assert!((1..=last.get("user").copied().unwrap_or(1)).contains(&draft.created_by));
        let key = last.entry(draft.object).or_default();
        *key += 1;
        assert_eq!(draft.key, *key, "{}", draft.object);
    }
}

#[test]
fn names_are_chinese_and_companies_are_unlike_but_for_second_files() {
    let mut seen = HashSet::new();
    for draft in of(&demo(), "customer") {
        let name = text(draft, "name").unwrap();
        let length = name.chars().count();
        assert!((2..=40).contains(&length), "{name}");
        assert!(
            name.chars().all(|c| matches!(c, '\u{4e00}'..='\u{9fff}' | '（' | '）' | '(' | ')' | ' ')),
            "{name}"
        );
        if matches!(Class::of(SEED, draft.key - 1), Class::Company) {
            assert!(seen.insert(name.to_owned()), "{name} twice");
        }
    }
}

#[test]
fn phone_numbers_have_a_right_form_and_belong_to_no_operator() {
    let drafts = demo();
    let mobiles = drafts.iter().filter_map(|draft| text(draft, "mobile"));
    let mut distinct = HashSet::new();
    for mobile in mobiles {
        let national = mobile.strip_prefix("+86").unwrap();
        assert!(national.len() == 11 && national.bytes().all(|byte| byte.is_ascii_digit()), "{mobile}");
        assert!(["154", "163", "164", "169", "194"].contains(&&national[..3]), "{mobile}");
        distinct.insert(mobile);
    }
    // Only second files, and persons who are their own contact, repeat a number.
    assert!(distinct.len() > 3_200, "{}", distinct.len());
    let trunks: HashMap<&str, u8> = PLACES.iter().map(|place| (place.trunk, place.local_digits)).collect();
    for phone in drafts.iter().filter_map(|draft| text(draft, "phone")) {
        let national = format!("0{}", phone.strip_prefix("+86").unwrap());
        let width = if national.starts_with("01") || national.starts_with("02") { 3 } else { 4 };
        let (trunk, local) = national.split_at(width);
        assert_eq!(trunks.get(trunk).map(|digits| usize::from(*digits)), Some(local.len()), "{phone}");
        assert!(local.starts_with('9'), "{phone}");
    }
}

#[test]
fn mobile_numbers_do_not_repeat_for_a_million_customers() {
    let numbers: HashSet<String> = (0..200_000).map(|slot| identity::mobile(SEED, slot * 20)).collect();
    assert_eq!(numbers.len(), 200_000);
}

#[test]
fn check_characters_follow_the_standards() {
    // The example of GB 32100-2015.
    assert_eq!(identity::credit_check("91350100M000100Y4"), '3');
    assert_eq!(identity::organisation_check(b"M000100Y"), '4');
}

#[test]
fn credit_codes_are_right_in_form_and_unique() {
    let drafts = demo();
    let codes: Vec<&str> = of(&drafts, "customer").filter_map(|draft| text(draft, "credit_code")).collect();
    assert!(codes.len() > 1_000);
    for code in &codes {
        assert_eq!(code.len(), 18);
        let body: &[u8; 8] = code.as_bytes()[8..16].try_into().unwrap();
        assert_eq!(code.chars().nth(16), Some(identity::organisation_check(body)), "{code}");
        assert_eq!(code.chars().nth(17), Some(identity::credit_check(&code[..17])), "{code}");
        assert!(code[8..].starts_with("YY"));
    }
    assert_eq!(codes.iter().collect::<HashSet<_>>().len(), codes.len());
}

#[test]
fn addresses_in_the_net_stand_under_the_example_domains() {
    for draft in demo() {
        for (field, value) in &draft.fields {
            let Some(value) = value.as_str().filter(|value| value.contains('@') || value.contains("://"))
            else {
                continue;
            };
            let host =
                value.rsplit('@').next().unwrap().trim_start_matches("https://").split('/').next().unwrap();
            assert!(
                host.ends_with(".example.com") || host.ends_with(".example.cn"),
                "{} {field} {value}",
                draft.object
            );
            assert!(
                host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.'),
                "{host}"
            );
        }
    }
}

#[test]
fn regions_are_those_of_the_reference_table() {
    let csv = std::fs::read_to_string(root("reference/regions.csv")).unwrap();
    let regions: HashMap<&str, &str> = csv.lines().skip(1).filter_map(|line| line.split_once(',')).collect();
    for (code, name) in PLACES.iter().flat_map(|place| place.districts) {
        let known = regions.get(code).and_then(|rest| rest.split(',').next());
        assert!(known.is_some_and(|known| name.is_empty() || known == *name), "{code} {name}: {known:?}");
    }
}

#[test]
fn nothing_but_promises_lies_ahead_and_nothing_precedes_its_customer() {
    let drafts = demo();
    let entered: HashMap<u64, _> =
        of(&drafts, "customer").map(|draft| (draft.key, draft.created_at)).collect();
    let now = today().and_time(chrono::NaiveTime::MIN).and_utc();
    for draft in &drafts {
        assert!(draft.created_at < now, "{} {} is made on {}", draft.object, draft.key, draft.created_at);
        if let Some(customer) = target(draft, "customer").filter(|_| draft.object != "contact_role") {
            assert!(
                draft.created_at >= entered[&customer],
                "{} {} precedes its customer",
                draft.object,
                draft.key
            );
        }
        for field in [
            "occurred_at",
            "ordered_at",
            "received_on",
            "issued_on",
            "closed_on",
            "signed_on",
            "quoted_on",
            "done_at",
            "resolved_at",
            "answered_at",
        ] {
            if let Some(day) = text(draft, field).map(|value| value[..10].parse::<NaiveDate>().unwrap()) {
                assert!(day < today(), "{} {field} {day}", draft.object);
            }
        }
    }
}

#[test]
fn the_mixture_is_that_of_a_real_company() {
    let drafts = demo();
    let share = |count: usize| count as f64 / Size::DEMO.customers as f64;
    let classes: Vec<Class> = (0..20_000).map(|number| Class::of(SEED, number)).collect();
    let class_share =
        |is: fn(&Class) -> bool| classes.iter().filter(|class| is(class)).count() as f64 / 20_000.0;
    assert!((0.003..0.008).contains(&class_share(|class| matches!(class, Class::Branch { .. }))));
    assert!((0.016..0.024).contains(&class_share(|class| matches!(class, Class::Twin { .. }))));
    assert!((0.025..0.035).contains(&class_share(|class| *class == Class::Person)));
    let stage = |stage: Stage| {
        share(of(&drafts, "customer").filter(|draft| text(draft, "stage") == Some(stage.value())).count())
    };
    for (value, low, high) in [
        (Stage::Lead, 0.2, 0.3),
        (Stage::Potential, 0.2, 0.3),
        (Stage::Interested, 0.15, 0.25),
        (Stage::Won, 0.17, 0.27),
        (Stage::Lost, 0.05, 0.12),
    ] {
        assert!((low..high).contains(&stage(value)), "{value:?} {}", stage(value));
    }
    assert!(
        (0.08..0.2).contains(&share(
            of(&drafts, "customer").filter(|draft| target(draft, "owner").is_none()).count()
        ))
    );
    let due = |range: std::ops::RangeInclusive<i64>| {
        of(&drafts, "task")
            .filter(|draft| text(draft, "status") == Some("open"))
            .filter_map(|draft| {
                text(draft, "due_at").map(|at| (at[..10].parse::<NaiveDate>().unwrap() - today()).num_days())
            })
            .filter(|days| range.contains(days))
            .count()
    };
    assert!(
        due(-30..=-1) > 50 && due(0..=0) > 20 && due(1..=60) > 700,
        "{} {} {}",
        due(-30..=-1),
        due(0..=0),
        due(1..=60)
    );
    let orders: HashSet<u64> = of(&drafts, "order").filter_map(|draft| target(draft, "customer")).collect();
    let won: Vec<u64> = of(&drafts, "customer")
        .filter(|draft| text(draft, "stage") == Some("won"))
        .map(|draft| draft.key)
        .collect();
    assert!(won.iter().all(|customer| orders.contains(customer)), "a won customer has ordered");
    assert!(
        of(&drafts, "order")
            .filter_map(|draft| target(draft, "customer"))
            .all(|customer| won.binary_search(&customer).is_ok())
    );
}

#[test]
fn every_account_has_a_role_and_is_a_user() {
    let roles: toml::Table = std::fs::read_to_string(root("objects/roles.toml")).unwrap().parse().unwrap();
    let codes: HashSet<&str> =
        roles["roles"].as_array().unwrap().iter().filter_map(|role| role["code"].as_str()).collect();
    let drafts = demo();
    for (account, user) in ACCOUNTS.iter().zip(of(&drafts, "user")) {
        assert!(codes.contains(account.role), "{}", account.role);
        assert_eq!(
            (account.key, Some(account.login), Some(account.name)),
            (user.key, text(user, "login"), text(user, "name"))
        );
    }
}

/// What the dictionary files say about an object's fields.
fn dictionary() -> HashMap<String, BTreeMap<String, toml::Table>> {
    let mut objects = HashMap::new();
    for entry in std::fs::read_dir(root("objects")).unwrap() {
        let table: toml::Table = std::fs::read_to_string(entry.unwrap().path()).unwrap().parse().unwrap();
        let (Some(name), Some(fields)) = (table.get("name"), table.get("fields")) else { continue };
        let fields = fields.as_array().unwrap().iter().map(|field| field.as_table().unwrap().clone());
        objects.insert(
            name.as_str().unwrap().to_owned(),
            fields.map(|field| (field["name"].as_str().unwrap().to_owned(), field)).collect(),
        );
    }
    objects
}

#[test]
fn drafts_keep_to_the_dictionary() {
    let dictionary = dictionary();
    let mut faults = BTreeSet::new();
    for draft in demo() {
        let fields = &dictionary[draft.object];
        let is =
            |field: &toml::Table, flag: &str| field.get(flag).and_then(toml::Value::as_bool).unwrap_or(false);
        for (name, value) in &draft.fields {
            if name == "owner" {
                continue;
            }
            let Some(field) = fields.get(name) else {
                faults.insert(format!("{}.{name} is no field", draft.object));
                continue;
            };
            if matches!(
                field["type"].as_str(),
                Some("rollup" | "formula" | "auto_number" | "lookup" | "user")
            ) {
                faults.insert(format!("{}.{name} is not for writing", draft.object));
            }
            let allowed: Option<HashSet<&str>> = field
                .get("options")
                .and_then(toml::Value::as_array)
                .map(|options| options.iter().filter_map(|option| option["value"].as_str()).collect());
            let values = value.as_array().map_or_else(|| vec![value], |list| list.iter().collect());
            if let Some(allowed) = allowed.filter(|allowed| {
                !values.iter().all(|value| value.as_str().is_some_and(|value| allowed.contains(value)))
            }) {
                faults.insert(format!("{}.{name} is {value}, not among {allowed:?}", draft.object));
            }
        }
        for reference in &draft.refs {
            let field = fields.get(reference.field);
            let aim = field.and_then(|field| field.get("reference")).and_then(toml::Value::as_str);
            let fits = match reference.field {
                "owner" | "department" => true,
                // A text field that names any record.
                "record" => draft.object == "tagging",
                _ => {
                    aim == Some(reference.object)
                        || field.is_some_and(|field| {
                            field["type"].as_str() == Some("user") && reference.object == "user"
                        })
                }
            };
            if !fits {
                faults.insert(format!(
                    "{}.{} doesn't point to {}",
                    draft.object, reference.field, reference.object
                ));
            }
        }
        for (name, field) in
            fields.iter().filter(|(_, field)| is(field, "required") && !field.contains_key("default"))
        {
            if !draft.fields.contains_key(name) && target(&draft, name).is_none() {
                faults.insert(format!("{}.{name} is missing: {field}", draft.object));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
