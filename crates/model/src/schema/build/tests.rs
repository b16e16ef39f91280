use super::*;
use serde_json::{Value as Json, json};

/// A faulty object: what every part of a definition can be wrong in.
fn faulty() -> Json {
    let label = json!({"zh": "字段", "en": "Field"});
    let field = |name: &str, kind: &str, more: Json| {
        let mut field = json!({"name": name, "type": kind, "label": label});
        field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        field
    };
    json!({
        "name": "thing", "label": label, "layer": "basic", "name_field": "name",
        "fields": [
            field("name", "text", json!({"pattern": "(", "min": "x", "paste": "nothing"})),
            field("Wrong", "text", json!({})),
            field("id", "text", json!({})),
            field("stage", "choice", json!({"options": []})),
            field("grade", "choice", json!({"options": [{"value": "a|b", "label": label}]})),
            field("parent", "lookup", json!({})),
            field("kin", "lookup", json!({"reference": "nobody"})),
            field("area", "tree", json!({"tree": "colour"})),
            field("number", "auto_number", json!({"format": "A"})),
            field("sum", "formula", json!({"formula": "amount >"})),
            field("more", "formula", json!({"formula": "missing + 1.0", "scale": 9})),
            field("again", "formula", json!({"formula": "again + 1.0"})),
            field("secret", "integer", json!({"encrypted": true})),
            field("count", "rollup", json!({"rollup": {"object": "nobody", "kind": "count", "via": "x"}})),
        ],
        "indexes": [{"fields": ["nowhere"]}],
        "views": [{"name": "all", "label": label, "columns": ["nowhere"], "filter": {"nowhere": "x"}}],
        "layout": {"short": ["nowhere"]},
        "duplicates": {
            "keys": [{"field": "nowhere", "kind": "smell", "strength": "warn"}],
            "policy": [{"channel": "pigeon", "tier": "likely", "then": "warn"}],
        },
    })
}

fn faults(definition: &Json) -> Vec<SchemaFault> {
    let definition = serde_json::from_value(definition.clone()).unwrap_or_else(|error| panic!("{error}"));
    Schema::build(1, &[Fragment { definition, custom: true, fields: Vec::new() }]).unwrap_err()
}

#[test]
fn every_fault_is_told_at_its_place_in_both_languages() {
    let found = faults(&faulty());
    let chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for fault in &found {
        assert!(chinese(&fault.reason.zh) && !chinese(&fault.reason.en), "{fault:?}");
    }
    let places: HashSet<&str> = found.iter().map(|fault| fault.field.as_str()).collect();
    let expected = [
        "name", "Wrong", "id", "stage", "grade", "parent", "kin", "area", "number", "sum", "more", "again",
        "secret", "count", "nowhere", "all", "pigeon",
    ];
    for place in expected {
        assert!(places.contains(place), "{place} is missing from {found:#?}");
    }
}

#[test]
fn a_formula_says_from_where_it_cannot_be_read() {
    let fault = Expression::compile("amount + 1.0\n  + * 2.0").unwrap_err().told();
    assert_eq!(fault.zh, "表达式从第 2 行第 5 个字符起看不懂");
    assert_eq!(fault.en, "the expression can't be read from line 2, character 5");
}

#[test]
fn an_object_that_nobody_laid_out_shows_what_a_person_fills_in() {
    let label = json!({"zh": "设备", "en": "Machine"});
    let field = |name: &str, kind: &str, more: Json| {
        let mut field = json!({"name": name, "type": kind, "label": label});
        field.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        field
    };
    let machine = |layout: Json| {
        let definition = json!({
            "name": "x_machine", "label": label, "layer": "basic", "name_field": "name", "layout": layout,
            "fields": [
                field("name", "text", json!({})),
                field("story", "long_text", json!({})),
                field("bought", "date", json!({})),
                field("code", "auto_number", json!({"format": "M-{seq:4}"})),
                field("secret", "text", json!({"level": "sensitive"})),
                field("weight", "decimal", json!({})),
                field("power", "decimal", json!({})),
                field("place", "text", json!({})),
                field("maker", "text", json!({"required": true})),
            ],
        });
        let definition = serde_json::from_value(definition).unwrap();
        let schema = Schema::build(1, &[Fragment { definition, custom: true, fields: Vec::new() }]);
        schema.unwrap().object("x_machine").unwrap().layout.clone()
    };
    let layout = machine(json!({}));
    assert_eq!(
        layout.short,
        ["maker", "name", "bought", "secret", "weight"],
        "what must be filled in comes first"
    );
    assert_eq!(
        layout.card,
        ["bought", "code", "weight", "power", "owner"],
        "nothing long, nothing sensitive"
    );
    assert_eq!(machine(json!({"hidden": ["bought"]})).card, ["code", "weight", "power", "place", "owner"]);
    let written = machine(json!({"short": ["name"]}));
    assert_eq!((written.short.len(), written.card.len()), (1, 0), "what somebody wrote stands");
}
