//! What holds for every type, and what the types' own tests are written with.

use super::*;
use crate::schema::{ChoiceOption, Level, OnDelete};
use crate::text::{Label, Lang};
use proptest::prelude::*;
use serde_json::json;

/// A field of a type as the dictionary makes it when nothing is said: labelled 字段 and Field, with options `lead`, `won` and the
/// retired `old`.
pub(crate) fn test_field(kind: FieldType) -> Field {
    let option = |value: &str, zh: &str, en: &str, retired| ChoiceOption {
        value: value.into(),
        label: Label::new(zh, en),
        color: None,
        retired,
        closed: false,
    };
    let result = match kind {
        FieldType::Formula | FieldType::Rollup => FieldType::Money,
        kind => kind,
    };
    Field {
        name: "field".into(),
        column: "f_field".into(),
        kind,
        label: Label::new("字段", "Field"),
        help: None,
        required: false,
        unique: false,
        level: Level::General,
        encrypted: false,
        fixed: false,
        searchable: false,
        sort: None,
        default: None,
        options: vec![
            option("lead", "线索", "Lead", false),
            option("won", "成交", "Won", false),
            option("old", "旧阶段", "Old stage", true),
        ],
        reference: Some("customer".into()),
        record_of: None,
        on_delete: OnDelete::Restrict,
        inverse: None,
        tree: Some("region".into()),
        scale: match result {
            FieldType::Decimal => 4,
            FieldType::Money | FieldType::Percent => 2,
            _ => 0,
        },
        min: None,
        max: None,
        min_length: None,
        max_length: if kind == FieldType::LongText { 20_000 } else { 200 },
        pattern: None,
        format: None,
        formula: None,
        result,
        rollup: None,
        freshness_days: None,
        paste: None,
        measure: None,
        owner: None,
        steward: None,
        source_note: None,
        custom: false,
        retired: false,
        system: false,
        definition: None,
    }
}

/// 2026-11-21 14:30 in Shanghai, asked by user 7 of department 3.
pub(crate) fn test_moment(lang: Lang) -> Moment {
    Moment { now: 1_795_242_600_000, zone: chrono_tz::Asia::Shanghai, lang, me: 7, departments: vec![3, 4] }
}

/// Parses, and holds the value to what every value must do.
fn parsed(field: &Field, input: &Json) -> Result<Parsed, Vec<Fault>> {
    let moment = test_moment(Lang::Zh);
    let kind = field.kind.kind();
    let parsed = kind.parse(input, field, &moment)?;
    let fits = match parsed.value {
        Value::Null => true,
        Value::Int(_) => field.value_type().kind().storage() == Storage::Int,
        Value::Text(_) => field.value_type().kind().storage() == Storage::Text,
    };
    assert!(fits, "{input} became {:?}", parsed.value);
    if !parsed.value.is_null() {
        let answer = kind.to_json(&parsed.value, field);
        let again = kind.parse(&answer, field, &moment);
        assert_eq!(
            again.map(|again| again.value),
            Ok(parsed.value.clone()),
            "{input} was answered as {answer}"
        );
    }
    Ok(parsed)
}

/// The answer after writing `input`; fails the test when it is refused or reads back differently.
pub(crate) fn reads(field: &Field, input: &Json) -> Json {
    let value = stored(field, input);
    if value.is_null() { Json::Null } else { field.kind.kind().to_json(&value, field) }
}

/// What is kept after writing `input`.
pub(crate) fn stored(field: &Field, input: &Json) -> Value {
    match parsed(field, input) {
        Ok(parsed) => parsed.value,
        Err(faults) => panic!("{input} was refused: {faults:?}"),
    }
}

/// What was kept of the typing beside the value.
pub(crate) fn raw(field: &Field, input: &Json) -> Option<String> {
    parsed(field, input).unwrap_or_else(|faults| panic!("{input} was refused: {faults:?}")).raw
}

/// The value of `input` as a person sees it.
pub(crate) fn shows(field: &Field, input: &Json, lang: Lang) -> String {
    field.kind.kind().display(&stored(field, input), field, &test_moment(lang))
}

/// The one fault of `input`: its code and both sentences.
pub(crate) fn fails(field: &Field, input: &Json) -> (&'static str, String, String) {
    match parsed(field, input) {
        Ok(parsed) => panic!("{input} was taken as {parsed:?}"),
        Err(faults) => {
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert_eq!(faults[0].field, field.name);
            (faults[0].code, faults[0].message.zh.clone(), faults[0].message.en.clone())
        }
    }
}

#[test]
fn every_type_is_found_by_its_name() {
    for kind in FieldType::ALL {
        let json = serde_json::to_value(kind).unwrap();
        assert_eq!(json, kind.name());
        assert_eq!(serde_json::from_value::<FieldType>(json).unwrap(), *kind);
    }
    assert!(FieldType::ALL.len() >= 25);
}

#[test]
fn every_type_can_be_asked_whether_it_is_empty() {
    for kind in FieldType::ALL {
        let operators = kind.kind().operators();
        assert!(operators.contains(&Op::IsEmpty) && operators.contains(&Op::NotEmpty), "{}", kind.name());
    }
}

#[test]
fn an_overlong_quotation_is_cut_between_characters() {
    assert_eq!(quoted(" 短 "), "“短”");
    assert_eq!(quoted(&"长".repeat(31)), format!("“{}…”", "长".repeat(30)));
}

/// Texts that some type understands, so that arbitrary input reaches the far side of parsing, too.
fn telling_text() -> impl Strategy<Value = String> {
    let known: Vec<String> = [
        "12.5万",
        "￥1,250.50",
        "-0.01",
        "1e5",
        "12.5%",
        "是",
        "no",
        "now",
        "today",
        "me",
        "my_department",
        "2026-11-21",
        "二〇二六年十一月二十一日",
        "2026/1/2 3:04",
        "2026-11-21T06:30:00.123Z",
        "1小时30分",
        "1:05",
        "线索",
        "won",
        "lead,won",
        "|a|b|",
        "330106",
        "浙江省杭州市西湖区文三路 100 号",
        "杭州",
        "138 0013 8000",
        "0571-87654321转123",
        "400-800-1234",
        "+1 202 555 0100",
        "A@Example.COM",
        "example.com/路径",
        "000000000001a",
        "0000000000001",
        "30.274151,120.155150",
        "91330106MA27XYZ12A",
        "110101199003070003",
        "{\"a\":[1]}",
        "★★★",
        "FREQ=WEEKLY;BYDAY=MO;COUNT=3",
        "A",
        "39",
        "",
    ]
    .map(str::to_owned)
    .into();
    prop_oneof![
        prop::sample::select(known.clone()),
        (prop::sample::select(known.clone()), ".{0,3}", prop::sample::select(known))
            .prop_map(|(a, b, c)| format!("{a}{b}{c}")),
        ".{0,40}",
        "[0-9+ ()-]{1,20}",
        "[0-9年月日时分:/. -]{1,20}",
    ]
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (-100i64..100_000).prop_map(Json::from),
        any::<u64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        (-400.0..400.0f64).prop_map(Json::from),
        telling_text().prop_map(Json::from),
    ];
    let name = prop::sample::select(vec!["id", "lat", "lng", "region", "detail", "text", "name"]);
    leaf.prop_recursive(2, 12, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::vec((name.clone(), inner), 0..4).prop_map(|members| Json::Object(
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_json_is_taken_or_refused_by_every_type_without_panic(input in any_json()) {
        for kind in FieldType::ALL {
            let field = test_field(*kind);
            let outcome = parsed(&field, &input);
            if let Err(faults) = &outcome {
                prop_assert!(!faults.is_empty());
                prop_assert!(faults.iter().all(|fault| !fault.message.zh.is_empty() && !fault.message.en.is_empty()));
            }
            let _ = kind.kind().parse_operand(&input, &field, &test_moment(Lang::En));
        }
    }

    #[test]
    fn any_stored_value_can_be_answered_shown_and_masked_by_every_type(number in any::<i64>(), text in telling_text()) {
        for kind in FieldType::ALL {
            let field = test_field(*kind);
            for value in [Value::Int(number), Value::Text(text.clone())] {
                kind.kind().to_json(&value, &field);
                kind.kind().mask(&value, &field);
                kind.kind().search_text(&value, &field);
                for lang in [Lang::Zh, Lang::En] {
                    kind.kind().display(&value, &field, &test_moment(lang));
                }
            }
        }
    }
}

/// What the export writes is what the import reads.
#[test]
fn what_is_shown_to_a_person_is_read_back() {
    for (kind, input) in [
        (FieldType::Text, json!("文字")),
        (FieldType::LongText, json!("第一行\n第二行")),
        (FieldType::Integer, json!(-1200)),
        (FieldType::Decimal, json!(12.3456)),
        (FieldType::Money, json!(-1_234_567.8)),
        (FieldType::Percent, json!(12.5)),
        (FieldType::Boolean, json!(true)),
        (FieldType::Date, json!("2026-02-28")),
        (FieldType::DateTime, json!("2026-11-21T06:30:00Z")),
        (FieldType::Duration, json!(90)),
        (FieldType::Duration, json!(0)),
        (FieldType::Choice, json!("lead")),
        (FieldType::MultiChoice, json!(["lead", "won"])),
        (FieldType::Tree, json!("330106")),
        (FieldType::Phone, json!("13900001234")),
        (FieldType::Phone, json!("0571-87654321转123")),
        (FieldType::Email, json!("wang@example.com")),
        (FieldType::Url, json!("https://example.com/a?b=c")),
        (FieldType::Address, json!({"region": "330106", "detail": "文三路 100 号"})),
        (FieldType::Location, json!({"lat": 30.274151, "lng": 120.15515})),
        (FieldType::Rating, json!(4)),
        (FieldType::Json, json!({"b": 1, "a": [true, null]})),
    ] {
        let field = test_field(kind);
        let value = stored(&field, &input);
        for lang in [Lang::Zh, Lang::En] {
            let shown = kind.kind().display(&value, &field, &test_moment(lang));
            assert_eq!(stored(&field, &json!(shown)), value, "{} shown as {shown}", kind.name());
        }
    }
}
