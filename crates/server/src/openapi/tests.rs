use super::*;
use crate::http::operations::all;
use std::collections::BTreeSet;

fn references(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(members) => {
            found.extend(members.get("$ref").and_then(Json::as_str).map(str::to_owned));
            members.values().for_each(|value| references(value, found));
        }
        Json::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn standard_document() -> Json {
    serde_json::from_str(&standard().unwrap()).unwrap()
}

#[test]
fn the_committed_document_is_the_one_that_is_made() {
    let committed = include_str!("../../../../docs/openapi.json");
    assert!(
        committed == standard().unwrap(),
        "docs/openapi.json is behind; write it anew with `huike openapi > docs/openapi.json`"
    );
}

#[test]
fn every_reference_leads_somewhere_and_every_schema_is_used() {
    for (document, whole) in [(standard_document(), true), (document(&[]).unwrap(), false)] {
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for reference in &found {
            assert!(
                document.pointer(reference.trim_start_matches('#')).is_some(),
                "{reference} leads nowhere"
            );
        }
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let used = |name: &str| found.contains(&format!("#/components/schemas/{name}"));
        let unused: Vec<&String> = schemas.keys().filter(|name| !used(name)).collect();
        // What only records use is left without users where there are no records.
        assert!(unused.is_empty() || !whole, "{unused:?}");
    }
}

#[test]
fn every_operation_of_the_table_is_in_the_document_once() {
    let document = standard_document();
    let mut ids = BTreeSet::new();
    for operation in all() {
        assert!(ids.insert(operation.id), "{} is there twice", operation.id);
        let method = operation.verb.name().to_ascii_lowercase();
        assert_eq!(document["paths"][operation.path][&method]["operationId"], operation.id);
        assert!(!operation.zh.is_ascii() && operation.en.is_ascii(), "{}", operation.id);
    }
    let written: usize =
        document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(written, ids.len());
}

#[test]
fn a_record_is_described_as_the_dictionary_says() {
    let document = standard_document();
    let customer = &document["components"]["schemas"]["customer"];
    assert_eq!(customer["properties"]["name"]["type"], json!(["string", "null"]));
    assert_eq!(customer["properties"]["created_at"]["readOnly"], true);
    let create = &document["components"]["schemas"]["customer.create"];
    assert!(create["allOf"][1]["required"].as_array().unwrap().contains(&json!("name")));
    let patch = &document["components"]["schemas"]["customer.patch"];
    assert_eq!(patch["additionalProperties"], false);
    assert!(patch["properties"].get("created_at").is_none(), "what the system keeps can't be written");
}
