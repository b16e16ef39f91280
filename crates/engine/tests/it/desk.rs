//! The duplicate desk: what is found, who sees it, and what is decided.

use crate::company::{Company, members, problem};
use huike_engine::access::permissions::put_permissions;
use huike_engine::merging::{Accept, GroupsRequest, LearnRequest, NotSame, SwitchRequest};
use huike_engine::{Cx, Result};
use huike_model::Code;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};
use std::time::Duration;

fn search(company: &Company) {
    let system = company.system();
    company.wait(company.engine.start_duplicate_run(system.clone(), "customer".into())).unwrap();
    for _ in 0..400 {
        let run = company.wait(company.engine.duplicate_run(system.clone(), "customer".into())).unwrap();
        match run["run"]["state"].as_str() {
            Some("done") => return,
            Some("running") => company.wait(async { tokio::time::sleep(Duration::from_millis(25)).await }),
            other => panic!("{other:?}"),
        }
    }
    panic!("the search doesn't end");
}

fn groups(company: &Company, cx: &Cx, kind: &str) -> Vec<Json> {
    let request = GroupsRequest { kind: Some(kind.into()), ..GroupsRequest::default() };
    let page = company.wait(company.engine.duplicate_groups(cx.clone(), "customer".into(), request)).unwrap();
    page["items"].as_array().unwrap().clone()
}

fn ids(group: &Json) -> Vec<String> {
    let mut ids: Vec<String> = group["records"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

/// The fields that speak for a group (true) or against it.
fn reasons(group: &Json) -> Vec<(String, bool)> {
    let of = |reason: &Json| {
        assert!(!reason["text"].as_str().unwrap().is_empty());
        (reason["field"].as_str().unwrap().to_owned(), reason["agrees"].as_bool().unwrap())
    };
    group["reasons"].as_array().unwrap().iter().map(of).collect()
}

fn decide(company: &Company, cx: &Cx, group: &Json, dismiss: bool) -> Json {
    let request: Accept =
        serde_json::from_value(json!({"groups": [group["id"]], "dismiss": dismiss})).unwrap();
    let done =
        company.wait(company.engine.decide_duplicates(cx.clone(), "customer".into(), request)).unwrap();
    done["results"][0].clone()
}

fn customers(company: &Company) -> (String, String, String) {
    let make = |body: Json| company.create(&company.system(), "customer", body);
    let one =
        make(json!({"name": "杭州海星机械有限公司", "phone": "0571-98881234", "email": "sales@example.cn",
        "region_address": {"region": "330106", "detail": "文三路 100 号"}}));
    let two = make(
        json!({"name": "海星机械(杭州)有限公司", "phone": "0571-98881234", "email": "sales@example.cn"}),
    );
    let branch = make(json!({"name": "杭州海星机械有限公司宁波分公司", "phone": "0574-98885678"}));
    make(json!({"name": "上海远景食品有限公司", "phone": "021-98880000"}));
    (one, two, branch)
}

fn a_search_finds_groups_that_are_merged_or_dismissed(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let (one, two, branch) = customers(&company);
    search(&company);
    let found = groups(&company, &system, "same");
    assert_eq!(found.len(), 1, "{found:#?}");
    let mut pair = vec![one.clone(), two.clone()];
    pair.sort();
    assert_eq!(ids(&found[0]), pair);
    let why = reasons(&found[0]);
    assert!(["phone", "email"].iter().all(|field| why.contains(&((*field).to_owned(), true))), "{why:?}");
    assert!(why.iter().any(|(field, _)| field == "name"), "{why:?}");
    let linked = groups(&company, &system, "branch");
    assert_eq!(linked.len(), 1, "{linked:#?}");
    assert_eq!(linked[0]["records"][1]["id"], json!(branch));

    assert_eq!(decide(&company, &system, &linked[0], false)["status"], 200);
    let child = company.get(&system, "customer", &branch);
    assert!(pair.contains(&child["parent"].as_str().unwrap().to_owned()));
    assert_eq!(child["parent_relation"], "branch");

    let done = decide(&company, &system, &found[0], false);
    assert_eq!(done["status"], 200, "{done}");
    assert_eq!(company.get(&system, "customer", &two)["id"], company.get(&system, "customer", &one)["id"]);
    assert!(groups(&company, &system, "same").is_empty());
    assert_eq!(decide(&company, &system, &found[0], false)["status"], 404, "it is decided");
}

fn what_is_not_the_same_is_not_found_again(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let (one, two, _) = customers(&company);
    search(&company);
    let found = groups(&company, &system, "same");
    assert_eq!(decide(&company, &system, &found[0], true)["status"], 200);
    search(&company);
    assert!(groups(&company, &system, "same").is_empty());
    let request: NotSame = serde_json::from_value(json!({"records": [one, two], "forget": true})).unwrap();
    company.wait(company.engine.not_same(system.clone(), "customer".into(), request)).unwrap();
    search(&company);
    assert_eq!(groups(&company, &system, "same").len(), 1);
}

fn groups_show_no_record_beyond_reach(db: &mut TestDb) {
    let company = Company::new(db);
    customers(&company);
    company.hire("seller", "sales", None);
    company.hire("finance", "finance", None);
    search(&company);
    let start = company.engine.start_duplicate_run(company.cx("seller"), "customer".into());
    assert!(matches!(
        company.wait(start).map_err(problem).unwrap_err().code,
        Code::Forbidden | Code::NotFound
    ));
    let cx = company.cx("seller");
    let seen = company
        .wait(company.engine.duplicate_groups(cx.clone(), "customer".into(), GroupsRequest::default()))
        .unwrap();
    for group in seen["items"].as_array().unwrap() {
        for id in ids(group) {
            assert!(company.try_get(&cx, "customer", &id).is_ok());
        }
    }
}

fn a_reason_tells_nothing_of_a_hidden_field(db: &mut TestDb) {
    let company = Company::new(db);
    customers(&company);
    company.hire("root", "admin", None);
    company.hire("stella", "steward", None);
    search(&company);
    let role = company.engine.org().role_by_code("steward").unwrap().id;
    let narrow = json!({"admin": [], "objects": {"customer": {"read": "all", "update": "all", "delete": "all",
        "levels": {"general": "write", "business": "write", "sensitive": "write", "core": "hidden"},
        "fields": {"phone": "hidden"}}}});
    company.wait(put_permissions(&company.engine, &company.cx("root"), role, &narrow)).unwrap();
    let found = groups(&company, &company.cx("stella"), "same");
    let why = reasons(&found[0]);
    assert!(why.iter().any(|(field, _)| field == "email"), "{why:?}");
    let text = found[0]["reasons"].to_string();
    assert!(!text.contains("phone") && !text.contains("电话") && !text.contains("0571"), "{text}");
}

fn typing_finds_what_is_alike_with_reasons_and_aliases_count(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let (one, ..) = customers(&company);
    let candidates = |body: Json| -> Result<Json> {
        company.wait(company.engine.duplicate_candidates(
            system.clone(),
            "customer".into(),
            members(body),
            None,
        ))
    };
    let found = candidates(json!({"name": "海星机械", "email": "sales@example.cn"})).unwrap();
    let first = found["candidates"].as_array().unwrap().iter().find(|each| each["id"] == json!(one));
    let first = first.unwrap_or_else(|| panic!("{found:#}"));
    assert!(first["probability"].as_f64().unwrap() > 0.1, "{first}");
    assert!(first["reasons"].as_array().unwrap().iter().any(|reason| reason["field"] == "email"), "{first}");
    // A former name leads to the record as its name does, and so does a number that a merge kept.
    company.update(
        &system,
        "customer",
        &one,
        json!({"aliases": "晨光五金制造有限公司", "further_phones": "0571-98889999"}),
    );
    for draft in [json!({"name": "晨光五金制造有限公司"}), json!({"name": "某某", "phone": "0571-98889999"})]
    {
        let found = candidates(draft.clone()).unwrap();
        assert_eq!(found["candidates"][0]["id"], json!(one), "{draft} {found}");
    }
}

fn own_weights_are_shown_before_they_count(db: &mut TestDb) {
    let company = Company::new(db);
    customers(&company);
    let (engine, system) = (company.engine.clone(), company.system());
    let read = || company.wait(engine.matching_weights(system.clone(), "customer".into())).unwrap();
    let learn = |from: &str| {
        let request: LearnRequest = serde_json::from_value(json!({"from": from})).unwrap();
        company.wait(engine.learn_matching(system.clone(), "customer".into(), request)).map_err(problem)
    };
    let switch = |own: bool| {
        company
            .wait(engine.switch_matching(system.clone(), "customer".into(), SwitchRequest { own }))
            .map_err(problem)
    };
    assert_eq!((&read()["own"], &read()["proposal"]), (&Json::Null, &Json::Null));
    assert_eq!(switch(true).unwrap_err().code, Code::Conflict, "nothing was shown");
    assert_eq!(learn("answers").unwrap_err().code, Code::Invalid, "nobody has answered anything");
    let shown = learn("records").unwrap();
    assert!(shown["proposal"]["before"]["certain"].is_u64(), "{shown}");
    assert_eq!(shown["own"], Json::Null, "it doesn't count yet");
    let used = switch(true).unwrap();
    assert_eq!((&used["own"]["from"], &used["proposal"]), (&json!("records"), &Json::Null));
    search(&company);
    assert_eq!(groups(&company, &system, "same").len(), 1, "with one's own weights too");
    assert_eq!(switch(false).unwrap()["own"], Json::Null);
    company.hire("anna", "sales", None);
    let refused =
        company.wait(engine.matching_weights(company.cx("anna"), "customer".into())).map_err(problem);
    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
}

huike_store::on_both_databases!(
    own_weights_are_shown_before_they_count,
    a_search_finds_groups_that_are_merged_or_dismissed,
    what_is_not_the_same_is_not_found_again,
    groups_show_no_record_beyond_reach,
    a_reason_tells_nothing_of_a_hidden_field,
    typing_finds_what_is_alike_with_reasons_and_aliases_count,
);
