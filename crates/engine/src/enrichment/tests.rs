//! The provider on both databases: found, unknown, away, slow, talking nonsense, used up.

use super::testing::{Reply, Service};
use super::{SettingsRequest, TrialRequest};
use crate::cleaning::tests::Desk;
use crate::error::Result;
use crate::session::testing::{DAY, code, faults};
use huike_model::Code;
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};
use std::time::Duration;

fn settings(url: &str) -> Json {
    json!({
        "active": true, "name": "示例企业信息", "object": "customer", "url": url, "header": "X-Key",
        "mapping": [{"path": "data.industry", "field": "industry"}, {"path": "data.site.0", "field": "website"},
            {"path": "data.code", "field": "credit_code"}, {"path": "data.name", "field": "name"}],
        "filter": {"field": "kind", "op": "eq", "value": "company"},
        "quota": 100, "cache_days": 30, "timeout_seconds": 1, "secret": "k-123456",
    })
}

fn put(desk: &Desk, body: Json) -> Result<Json> {
    let request: SettingsRequest = serde_json::from_value(body).unwrap();
    desk.company.wait(desk.company.engine.put_provider(desk.boss(), request))
}

fn known() -> Reply {
    Reply::json(json!({"data": {"industry": "纺织业", "site": ["taihu.example.cn"], "code": null,
        "name": "无锡太湖纺织有限公司"}}))
}

fn gaps_are_filled_from_the_provider_and_marked(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let service = Service::open(|asked| match asked.path.as_str() {
        path if path.contains("%E5%A4%AA%E6%B9%96") => known(),
        path if path.contains("%E5%8F%A6") => known(),
        _ => Reply::status(404),
    });
    let make = |body: Json| desk.company.create(&boss, "customer", body);
    let taihu = make(json!({"name": "无锡太湖纺织有限公司", "website": "https://own.example.com"}));
    let unknown = make(json!({"name": "绍兴柯桥轻纺有限公司"}));
    let other = make(json!({"name": "另一家贸易有限公司"}));
    make(json!({"name": "周婷", "kind": "person"}));
    let shown = put(&desk, settings(&service.url("/company?name={name}"))).unwrap();
    assert_eq!((&shown["has_secret"], &shown["places"]["name"]["zh"]), (&json!(true), &json!("客户名称")));
    assert!(!shown.to_string().contains("k-123456"));
    let run = desk.looked(&["provider"]);
    assert_eq!(desk.told(&run["id"]), ["industry: - → 纺织业 (proposed)"], "what a person wrote stays");
    let told = &run["provider"];
    let counts = ["asked", "cached", "found", "unknown", "other", "failed"].map(|name| told[name].clone());
    assert_eq!(counts, [3, 0, 1, 1, 1, 0].map(Json::from), "people are not asked about");
    assert!(service.asked().iter().all(|asked| asked.secret.as_deref() == Some("k-123456")));
    desk.apply(&run["id"], json!({}));
    let marks = desk.sources(&boss, taihu);
    assert_eq!(marks[0]["source"], json!({"how": "provider", "record": null, "provider": "示例企业信息"}));
    assert!(desk.sources(&boss, unknown).is_empty() && desk.sources(&boss, other).is_empty());
    // What is known from before is not asked again, until its time is over.
    let again = desk.looked(&["provider"]);
    assert_eq!((&again["provider"]["asked"], &again["provider"]["cached"]), (&json!(0), &json!(3)));
    desk.company.clock.advance_ms(31 * DAY);
    assert_eq!(desk.looked(&["provider"])["provider"]["asked"], 3);
    let logged = desk.company.log("update").into_iter().find(|entry| entry.object == "settings").unwrap();
    assert!(!format!("{logged:?}").contains("k-123456"));
}

fn a_provider_that_fails_costs_nothing_but_its_own_part(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    for name in [
        "无锡 太湖纺织有限公司",
        "绍兴柯桥轻纺有限公司",
        "常州武进电机有限公司",
        "苏州吴江丝绸有限公司",
        "镇江丹阳灯具有限公司",
    ] {
        desk.company.create(&boss, "customer", json!({"name": name}));
    }
    let slow = Reply { after: Duration::from_millis(1_500), ..known() };
    let nonsense = Reply { body: "<html>".into(), ..known() };
    let endless = Reply { body: format!("\"{}\"", "x".repeat(300_000)), ..known() };
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let cases: [(&str, Option<Reply>, i64); 8] = [
        ("unreachable", None, 3),
        ("timed_out", Some(slow), 3),
        ("unreadable", Some(nonsense), 3),
        ("unreadable", Some(endless), 3),
        ("busy", Some(Reply::status(503)), 3),
        ("refused", Some(Reply::status(401)), 1),
        ("throttled", Some(Reply::status(429)), 1),
        ("moved", Some(Reply::status(302)), 1),
    ];
    for (why, reply, asked) in cases {
        let service = reply.map(|reply| Service::open(move |_| reply.clone()));
        let url = match &service {
            Some(service) => service.url("/c?name={name}"),
            None => format!("http://{free}/c?name={{name}}"),
        };
        put(&desk, settings(&url)).unwrap();
        let run = desk.looked(&["standard", "provider"]);
        assert_eq!((&run["state"], &run["provider"]["stopped"]), (&json!("ready"), &json!(why)), "{run}");
        assert_eq!((&run["provider"]["asked"], &run["provider"]["failed"]), (&json!(asked), &json!(asked)));
        assert_eq!(desk.told(&run["id"]).len(), 1, "the rest is proposed all the same");
    }
    let service = Service::open(|_| known());
    let mut few = settings(&service.url("/c?name={name}"));
    few["quota"] = 2.into();
    put(&desk, few).unwrap();
    desk.company.clock.advance_ms(DAY);
    let run = desk.looked(&["provider"]);
    assert_eq!((&run["provider"]["stopped"], &run["provider"]["asked"]), (&json!("quota"), &json!(2)));
    assert_eq!(desk.company.wait(desk.company.engine.provider(desk.boss())).unwrap()["asked_today"], 2);
    desk.company.clock.advance_ms(DAY);
    assert_eq!(desk.looked(&["provider"])["provider"]["asked"], 2, "a new day");
}

fn a_provider_is_tried_with_one_company_and_set_up_with_care(db: &mut TestDb) {
    let desk = Desk::new(db);
    desk.company.hire("anna", "sales");
    let engine = &desk.company.engine;
    let attempt = |values: Json| {
        let request: TrialRequest = serde_json::from_value(json!({"values": values})).unwrap();
        desk.company.wait(engine.try_provider(desk.boss(), request))
    };
    assert_eq!(code(attempt(json!({}))), Code::Invalid, "not set up");
    let service = Service::open(|_| Reply::json(json!({"data": {"industry": "没有这个行业", "site": [{}]}})));
    put(&desk, settings(&service.url("/c?name={name}"))).unwrap();
    assert_eq!(faults(attempt(json!({})).unwrap_err()), [("values.name".to_owned(), "required")]);
    let tried = attempt(json!({"name": "汇客 & 示例"})).unwrap();
    assert_eq!(tried["outcome"], "found");
    assert!(
        tried["address"].as_str().unwrap().ends_with("?name=%E6%B1%87%E5%AE%A2%20%26%20%E7%A4%BA%E4%BE%8B")
    );
    assert_eq!(
        (&tried["fields"][0]["value"], &tried["fields"][0]["answered"]),
        (&Json::Null, &json!("没有这个行业"))
    );
    assert!(tried["fields"][0]["fault"]["zh"].is_string() && tried["fields"][1]["fault"]["zh"].is_string());
    // The secret goes to no other host than it was given for.
    let mut elsewhere = settings("https://data.example.com/c?name={name}");
    elsewhere.as_object_mut().unwrap().remove("secret");
    assert_eq!(faults(put(&desk, elsewhere.clone()).unwrap_err()), [("secret".to_owned(), "required")]);
    elsewhere["secret"] = Json::Null;
    assert_eq!(put(&desk, elsewhere).unwrap()["has_secret"], false);
    let mut wrong = settings("http://data.example.com/c");
    wrong["header"] = "Host".into();
    wrong["quota"] = 0.into();
    wrong["mapping"] = json!([{"path": "a..b", "field": "mobile"}, {"path": "a", "field": "owner"}]);
    wrong["secret"] = "geheim\n".into();
    wrong["filter"] = json!({"field": "nothing", "op": "eq", "value": 1});
    let found: Vec<String> =
        faults(put(&desk, wrong).unwrap_err()).into_iter().map(|(field, _)| field).collect();
    let places =
        ["url", "url", "header", "quota", "mapping.0.path", "mapping.0.field", "mapping.1.field", "filter"];
    assert_eq!(found, places, "every fault at once");
    assert_eq!(code(desk.company.wait(engine.provider(desk.company.cx("anna")))), Code::Forbidden);
    assert_eq!(desk.company.int("select count(*) from customer"), Some(0));
}

huike_store::on_both_databases! {
    gaps_are_filled_from_the_provider_and_marked,
    a_provider_that_fails_costs_nothing_but_its_own_part,
    a_provider_is_tried_with_one_company_and_set_up_with_care,
}
