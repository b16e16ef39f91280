use super::measure;
use crate::merging::search_when_due;
use crate::session::testing::{Company, DAY, code, faults};
use huike_model::Code;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

fn overview(company: &Company, login: &str, id: i64) -> Json {
    let read = company.engine.record_overview(company.cx(login), "customer".into(), id);
    company.wait(read).unwrap()["quality"].clone()
}

fn score(company: &Company, id: i64) -> i64 {
    company.int(&format!("select quality_score from customer where id = {id}")).unwrap()
}

fn names(list: &Json, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|each| each[member].as_str().unwrap().to_owned()).collect()
}

fn a_score_is_kept_with_every_write_and_says_what_is_missing(db: &mut TestDb) {
    let company = Company::founded(db);
    let boss = company.boss();
    let id = company.create(&boss, "customer", json!({"name": "无锡太湖纺织有限公司", "source": "referral"}));
    let poor = score(&company, id);
    let quality = overview(&company, "boss", id);
    assert_eq!(quality["score"], poor);
    let missing = names(&quality["missing"], "field");
    assert!(missing.contains(&"phone".to_owned()) && !missing.contains(&"source".to_owned()), "{missing:?}");
    assert!(quality["text"].as_str().unwrap().starts_with("缺：单位电话、"), "{}", quality["text"]);
    let better = json!({"phone": "0510-95112233", "region_address": "江苏省无锡市滨湖区蠡湖大道99号", "industry": "17"});
    company.update(&boss, "customer", id, better).unwrap();
    assert!(score(&company, id) > poor + 15, "{} after {poor}", score(&company, id));
    let log = "select count(*) from change_log where object = 'customer' and after like '%quality%'";
    assert_eq!(company.int(log), Some(0), "what is worked out is not logged");
    let refused = company.update(&boss, "customer", id, json!({"quality_score": 100})).unwrap_err();
    assert_eq!(faults(refused), [("quality_score".to_owned(), "read_only")]);
}

fn what_ages_lowers_the_score_until_somebody_checks_it(db: &mut TestDb) {
    let company = Company::founded(db);
    let boss = company.boss();
    let body =
        json!({"name": "无锡太湖纺织有限公司", "phone": "0510-95112233", "email": "taihu@example.com"});
    let id = company.create(&boss, "customer", body);
    let fresh = score(&company, id);
    company.clock.advance_ms(200 * DAY);
    let quality = overview(&company, "boss", id);
    assert_eq!(names(&quality["stale"], "field"), ["phone"], "an address is good for a year");
    assert_eq!(quality["stale"][0]["days"], 200);
    assert!(quality["text"].as_str().unwrap().ends_with("单位电话 200 天未核实"));
    assert_eq!(score(&company, id), fresh, "time alone has not been looked at yet");
    company.wait(measure::measure(&company.engine, "customer")).unwrap();
    let aged = score(&company, id);
    assert!(aged < fresh);
    let boss = company.boss();
    let check = |fields: &[&str]| {
        let fields = fields.iter().map(|name| (*name).to_owned()).collect();
        company.wait(company.engine.verify_record(boss.clone(), "customer".into(), id, fields))
    };
    assert_eq!(faults(check(&["name", "nothing"]).unwrap_err()).len(), 2, "they don't age");
    let version = check(&["phone"]).unwrap().version;
    assert_eq!(score(&company, id), fresh);
    assert_eq!(check(&["phone"]).unwrap().version, version, "checked twice on a day counts once");
    let logged = "select count(*) from change_log where object = 'customer' and op = 'verify'";
    assert_eq!(company.int(logged), Some(1));
    company.clock.advance_ms(10 * DAY);
    let boss = company.boss();
    company.update(&boss, "customer", id, json!({"phone": "0510-95112244"})).unwrap();
    company.clock.advance_ms(175 * DAY);
    let quality = overview(&company, "boss", id);
    assert_eq!(names(&quality["stale"], "field"), ["email"], "a changed number counts as checked");
}

fn who_may_not_change_a_record_cannot_confirm_it(db: &mut TestDb) {
    let company = Company::founded(db);
    for login in ["sally", "tom"] {
        company.hire(login, "sales");
    }
    let body = json!({"name": "无锡太湖纺织有限公司", "phone": "0510-95112233"});
    let id = company.create(&company.cx("sally"), "customer", body);
    let theirs = company.engine.verify_record(company.cx("tom"), "customer".into(), id, vec!["phone".into()]);
    assert_eq!(code(company.wait(theirs)), Code::Forbidden);
    assert_eq!(overview(&company, "tom", id), Json::Null, "what is empty in it is none of theirs");
    assert!(overview(&company, "sally", id)["score"].is_i64());
    let figures = company.engine.quality_figures(company.cx("tom"), "customer".into());
    assert_eq!(code(company.wait(figures)), Code::Forbidden, "averages of what they can't see");
    let measured = company.engine.measure_quality(company.cx("tom"), "customer".into());
    assert_eq!(code(company.wait(measured)), Code::Forbidden);
}

fn the_days_figures_count_fields_rules_and_twins_and_make_a_trend(db: &mut TestDb) {
    let company = Company::founded(db);
    let boss = company.boss();
    for (name, phone, stage) in [
        ("无锡太湖纺织有限公司", "0510-95112233", "lead"),
        ("太湖纺织有限公司（无锡）", "0510-95112233", "lead"),
        ("测试", "0510-95112299", "won"),
    ] {
        company.create(&boss, "customer", json!({"name": name, "phone": phone, "stage": stage}));
    }
    let read = |company: &Company| {
        company.wait(company.engine.quality_figures(company.boss(), "customer".into())).unwrap()
    };
    assert_eq!(read(&company)["latest"], Json::Null);
    company.wait(search_when_due(&company.engine, "customer", 0)).unwrap();
    let figures = company.wait(company.engine.measure_quality(boss, "customer".into())).unwrap();
    let latest = &figures["latest"];
    assert_eq!((latest["records"].as_i64(), latest["twins"].as_i64()), (Some(3), Some(2)));
    assert_eq!(latest["dimensions"]["uniqueness"], 33);
    let field = |name: &str| {
        latest["fields"].as_array().unwrap().iter().find(|field| field["field"] == name).unwrap().clone()
    };
    assert_eq!(
        (field("phone")["filled"].as_i64(), field("industry")["missing"].as_i64()),
        (Some(3), Some(3))
    );
    let rule = |name: &str| {
        latest["rules"].as_array().unwrap().iter().find(|rule| rule["name"] == name).unwrap().clone()
    };
    assert_eq!(rule("name_is_no_test")["hits"], 1);
    assert_eq!(
        (rule("won_has_code")["eligible"].as_i64(), rule("won_has_code")["hits"].as_i64()),
        (Some(1), Some(1))
    );
    company.clock.advance_ms(DAY);
    company.wait(measure::due(&company.engine, 0)).unwrap();
    let trend = read(&company)["trend"].as_array().unwrap().len();
    assert_eq!(trend, 2);
    company.wait(measure::due(&company.engine, 0)).unwrap();
    assert_eq!(read(&company)["trend"].as_array().unwrap().len(), 2, "once a day");
    let unmeasured = company.engine.quality_figures(company.boss(), "tag".into());
    assert_eq!(code(company.wait(unmeasured)), Code::NotFound);
}

fn a_rule_is_tried_before_it_counts_and_lowers_scores_after(db: &mut TestDb) {
    let company = Company::founded(db);
    let boss = company.boss();
    let id = company.create(&boss, "customer", json!({"name": "无锡太湖纺织有限公司", "stage": "won"}));
    company.create(&boss, "customer", json!({"name": "绍兴柯桥轻纺有限公司", "stage": "lead"}));
    let rule = json!({
        "name": "won_has_tier", "label": {"zh": "成交客户有等级", "en": "A won customer has a tier"},
        "eligible": {"field": "stage", "op": "eq", "value": "won"}, "check": "tier != null", "weight": 10
    });
    let tried = |rule: &Json| {
        company.wait(company.engine.preview_quality_rule(company.boss(), "customer".into(), rule.clone()))
    };
    let found = tried(&rule).unwrap();
    assert_eq!((found["eligible"].as_i64(), found["hits"].as_i64()), (Some(1), Some(1)));
    assert_eq!(found["sample"][0]["name"], "无锡太湖纺织有限公司");
    let bad = json!({"name": "x", "label": {"zh": "坏", "en": "bad"}, "check": "mobile != null && nothing == 1",
        "eligible": {"field": "owner.department", "op": "is_empty"}});
    let found: Vec<String> = faults(tried(&bad).unwrap_err()).into_iter().map(|(field, _)| field).collect();
    assert_eq!(found, ["check", "check", "eligible"]);
    assert_eq!(faults(tried(&json!({"name": "x"})).unwrap_err()), [("rule".to_owned(), "definition")]);
    let before = score(&company, id);
    let mut definition = company.engine.quality_definition(&company.boss(), "customer").unwrap();
    definition["rules"].as_array_mut().unwrap().push(rule);
    let Json::Object(changes) = json!({"quality": definition}) else { unreachable!() };
    company.wait(company.engine.change_object(company.boss(), "customer".into(), changes)).unwrap();
    company.wait(measure::measure(&company.engine, "customer")).unwrap();
    assert!(score(&company, id) < before);
    company.hire("sally", "sales");
    let theirs = company.engine.preview_quality_rule(company.cx("sally"), "customer".into(), json!({}));
    assert_eq!(code(company.wait(theirs)), Code::Forbidden);
}

fn before_the_first_search_nobody_knows_of_twins(db: &mut TestDb) {
    let company = Company::founded(db);
    let boss = company.boss();
    for name in ["无锡太湖纺织有限公司", "太湖纺织有限公司（无锡）"] {
        company.create(&boss, "customer", json!({"name": name, "phone": "0510-95112233"}));
    }
    let figures = company.wait(measure::measure(&company.engine, "customer")).unwrap();
    assert_eq!((figures.records, figures.twins, figures.searched), (2, 0, false));
    assert!(!figures.dimensions.contains_key("uniqueness"));
    company.wait(search_when_due(&company.engine, "customer", DAY)).unwrap();
    company.create(&boss, "customer", json!({"name": "太湖纺织", "phone": "0510-95112233"}));
    company.wait(search_when_due(&company.engine, "customer", DAY)).unwrap();
    let figures = company.wait(measure::measure(&company.engine, "customer")).unwrap();
    assert_eq!((figures.twins, figures.groups, figures.searched), (2, 1, true), "what the desk shows");
}

huike_store::on_both_databases!(
    a_score_is_kept_with_every_write_and_says_what_is_missing,
    what_ages_lowers_the_score_until_somebody_checks_it,
    who_may_not_change_a_record_cannot_confirm_it,
    the_days_figures_count_fields_rules_and_twins_and_make_a_trend,
    a_rule_is_tried_before_it_counts_and_lowers_scores_after,
    before_the_first_search_nobody_knows_of_twins,
);
