//! Cleaning on both databases, through the operations.

use super::{ApplyRequest, ChangesRequest, StartRequest};
use crate::access::permissions::put_permissions;
use crate::cx::Cx;
use crate::error::Result;
use crate::jobs::lease::LEASE_MS;
use crate::session::testing::{Company, DAY, code, faults};
use huike_model::{Code, Id};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

pub struct Desk {
    pub company: Company,
}

impl Desk {
    pub fn new(db: &TestDb) -> Desk {
        Desk { company: Company::founded(db) }
    }

    pub fn boss(&self) -> Cx {
        self.company.boss()
    }

    pub fn start(&self, cx: &Cx, body: Json) -> Result<Json> {
        let request: StartRequest = serde_json::from_value(body).unwrap();
        self.company.wait(self.company.engine.start_cleaning(cx.clone(), "customer".into(), request))
    }

    pub fn run(&self, cx: &Cx, id: &Json) -> Json {
        self.company.wait(self.company.engine.cleaning(cx.clone(), "customer".into(), number(id))).unwrap()
    }

    /// The run once nobody works on it.
    pub fn rest(&self, id: &Json) -> Json {
        for _ in 0..4_000 {
            let run = self.run(&self.boss(), id);
            if !["looking", "applying", "undoing"].contains(&run["state"].as_str().unwrap()) {
                return run;
            }
            self.company.wait(async { tokio::time::sleep(Duration::from_millis(5)).await });
        }
        panic!("the cleaning never ends: {}", self.run(&self.boss(), id));
    }

    /// Looks for everything of some origins; the run when it is ready.
    pub fn looked(&self, origins: &[&str]) -> Json {
        let run = self.start(&self.boss(), json!({"origins": origins})).unwrap();
        self.rest(&run["id"])
    }

    pub fn apply(&self, id: &Json, body: Json) -> Json {
        let request: ApplyRequest = serde_json::from_value(body).unwrap();
        let engine = &self.company.engine;
        self.company
            .wait(engine.apply_cleaning(self.boss(), "customer".into(), number(id), request))
            .unwrap();
        self.rest(id)
    }

    pub fn undo(&self, id: &Json) -> Result<Json> {
        let engine = &self.company.engine;
        self.company.wait(engine.undo_cleaning(self.boss(), "customer".into(), number(id)))?;
        Ok(self.rest(id))
    }

    pub fn changes(&self, cx: &Cx, id: &Json) -> Vec<Json> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let request =
                ChangesRequest { limit: Some(2), cursor: cursor.take(), ..ChangesRequest::default() };
            let engine = &self.company.engine;
            let page = self
                .company
                .wait(engine.cleaning_changes(cx.clone(), "customer".into(), number(id), request))
                .unwrap();
            all.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return all,
            }
        }
    }

    /// `field: before → after (state)` of every change.
    pub fn told(&self, id: &Json) -> Vec<String> {
        let text = |json: &Json| json.as_str().unwrap_or("-").to_owned();
        let line = |change: &Json| {
            let [field, before, after, state] =
                ["field", "before", "after", "state"].map(|name| text(&change[name]));
            format!("{field}: {before} → {after} ({state})")
        };
        self.changes(&self.boss(), id).iter().map(line).collect()
    }

    pub fn record(&self, id: i64) -> Json {
        let engine = &self.company.engine;
        let answer = self.company.wait(engine.get_record(self.boss(), "customer".into(), id, Vec::new()));
        Json::Object(answer.unwrap().body.as_object().unwrap().clone())
    }

    pub fn sources(&self, cx: &Cx, id: i64) -> Vec<Json> {
        let shown = self.company.wait(self.company.engine.record_sources(cx.clone(), "customer".into(), id));
        shown.unwrap()["fields"].as_array().unwrap().clone()
    }
}

pub fn number(id: &Json) -> i64 {
    id.as_str().unwrap().parse::<Id>().unwrap().number()
}

fn values_are_brought_to_their_standard_form_and_back(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let id = desk.company.create(
        &boss,
        "customer",
        json!({"name": "绍兴 柯桥 Ｆａｂ 轻纺(集团)有限公司", "phone": "0575-84110022"}),
    );
    desk.company.create(&boss, "customer", json!({"name": "无锡太湖纺织有限公司"}));
    // As an older program may have left it.
    desk.company.execute(&format!("update customer set phone = '0575 84110022' where id = {id}"));
    let run = desk.looked(&["standard"]);
    assert_eq!(run["state"], "ready");
    assert_eq!(
        desk.told(&run["id"]),
        [
            "name: 绍兴 柯桥 Ｆａｂ 轻纺(集团)有限公司 → 绍兴柯桥 Fab 轻纺（集团）有限公司 (proposed)",
            "phone: 0575 84110022 → 0575-8411 0022 (proposed)",
        ]
    );
    assert_eq!(desk.record(id)["name"], "绍兴 柯桥 Ｆａｂ 轻纺(集团)有限公司", "nothing is written yet");
    let done = desk.apply(&run["id"], json!({}));
    assert_eq!((&done["state"], &done["counts"][0]["state"]), (&json!("done"), &json!("applied")));
    assert_eq!(desk.record(id)["name"], "绍兴柯桥 Fab 轻纺（集团）有限公司");
    assert_eq!(desk.record(id)["phone"], "+8657584110022");
    assert!(desk.sources(&boss, id).is_empty(), "it is still the person's value");
    let entry = desk.company.log("update").pop().unwrap();
    assert_eq!((entry.via.as_str(), entry.actor), ("cleaning", Some(desk.company.user("boss"))));
    assert!(entry.meta.unwrap().contains("\"how\":\"standard\""));
    assert!(desk.looked(&["standard"])["counts"].as_array().unwrap().is_empty(), "once is enough");
    let back = desk.undo(&run["id"]).unwrap();
    assert_eq!(back["state"], "undone");
    assert_eq!(desk.record(id)["name"], "绍兴 柯桥 Ｆａｂ 轻纺(集团)有限公司");
    assert_eq!(code(desk.undo(&run["id"])), Code::Conflict);
}

/// A group with a branch that has gaps.
fn group(desk: &Desk) -> (i64, i64) {
    let boss = desk.boss();
    let parent = desk.company.create(
        &boss,
        "customer",
        json!({"name": "示例轻纺集团有限公司", "industry": "17", "website": "https://group.example.com"}),
    );
    let parent_id = Id::new(parent).unwrap();
    let branch = desk.company.create(
        &boss,
        "customer",
        json!({"name": "示例轻纺华东大区", "parent": parent_id, "parent_relation": "subsidiary", "phone": "0571-84110022"}),
    );
    (parent, branch)
}

fn gaps_are_filled_from_what_is_known_and_never_over_a_person(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let (_, branch) = group(&desk);
    let lone = desk.company.create(&boss, "customer", json!({"name": "无锡太湖纺织有限公司"}));
    for (name, mail) in
        [("周婷", "zhou@taihu.example.cn"), ("吴梅", "wu@taihu.example.cn"), ("丁一", "ding@163.com")]
    {
        let customer = Id::new(lone).unwrap();
        desk.company.create(&boss, "contact", json!({"name": name, "email": mail, "customer": customer}));
    }
    let run = desk.looked(&["related"]);
    assert_eq!(
        desk.told(&run["id"]),
        [
            "industry: - → 纺织业 (proposed)",
            "region_address: - → 浙江省杭州市 (proposed)",
            "website: - → https://group.example.com (proposed)",
            "region_address: - → 江苏省无锡市 (proposed)",
            "website: - → https://taihu.example.cn (proposed)",
        ]
    );
    let how = |change: &Json| change["source"]["how"].as_str().unwrap().to_owned();
    let hows: Vec<String> = desk.changes(&boss, &run["id"]).iter().map(how).collect();
    assert_eq!(hows, ["parent", "area_code", "parent", "name", "mail_domain"]);
    // Before it is written a person is quicker, and one kind is left out.
    desk.company.update(&boss, "customer", branch, json!({"industry": "18"})).unwrap();
    let done =
        desk.apply(&run["id"], json!({"leave_out": [{"origin": "related", "field": "region_address"}]}));
    assert_eq!(done["state"], "done");
    let shown = desk.record(branch);
    assert_eq!((&shown["industry"], &shown["region_address"]), (&json!("18"), &Json::Null));
    assert_eq!(shown["website"], "https://group.example.com");
    let left = desk.changes(&boss, &run["id"]).into_iter().find(|change| change["state"] == "left").unwrap();
    assert_eq!(left["reason"]["zh"], "查看之后又被修改过");
    let marks = desk.sources(&boss, branch);
    assert_eq!((marks.len(), &marks[0]["field"]), (1, &json!("website")));
    assert_eq!(marks[0]["source"]["record"]["name"], "示例轻纺集团有限公司");
    // Whoever changes a value makes it their own; taking back leaves it and says so.
    desk.company.update(&boss, "customer", branch, json!({"website": "https://branch.example.com"})).unwrap();
    assert!(desk.sources(&boss, branch).is_empty());
    assert_eq!(desk.undo(&run["id"]).unwrap()["state"], "undone");
    assert_eq!(desk.record(branch)["website"], "https://branch.example.com");
    assert_eq!(desk.record(lone)["website"], Json::Null);
    let kept = desk.changes(&boss, &run["id"]).into_iter().find(|change| change["state"] == "kept").unwrap();
    assert_eq!(kept["reason"]["zh"], "清洗之后又被修改过");
}

fn a_cleaning_that_dies_goes_on_where_it_was(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    for at in 0..450 {
        desk.company.create(&boss, "customer", json!({"name": format!("示例 轻纺{at:04}(集团)有限公司")}));
    }
    // Each piece of work dies once, when everything but the commit is done.
    let deaths = Arc::new(AtomicUsize::new(0));
    let (mut met, counted) = (Vec::new(), deaths.clone());
    desk.company.engine.set_failpoints(move |at| {
        met.push(at);
        let dies = at.starts_with("cleaning.") && met.iter().filter(|known| **known == at).count() == 2;
        counted.fetch_add(usize::from(dies), SeqCst);
        dies
    });
    let run = desk.start(&boss, json!({"origins": ["standard"]})).unwrap();
    let seen = std::cell::Cell::new(0);
    let resume = |state: &str| {
        for _ in 0..6_000 {
            let run = desk.run(&boss, &run["id"]);
            if run["state"] != state {
                return run;
            }
            if deaths.load(SeqCst) > seen.get() {
                seen.set(deaths.load(SeqCst));
                // The lease of whoever died runs out.
                desk.company.clock.advance_ms(LEASE_MS + 1);
                assert_eq!(desk.company.wait(desk.company.engine.resume_cleanings()).unwrap(), 1);
            }
            desk.company.wait(async { tokio::time::sleep(Duration::from_millis(10)).await });
        }
        panic!("it never goes on")
    };
    let ready = resume("looking");
    assert_eq!((&ready["state"], &ready["counts"][0]["count"]), (&json!("ready"), &json!(450)));
    let engine = &desk.company.engine;
    let request = ApplyRequest::default();
    desk.company
        .wait(engine.apply_cleaning(boss.clone(), "customer".into(), number(&run["id"]), request))
        .unwrap();
    let done = resume("applying");
    assert_eq!((&done["state"], &done["counts"][0]["count"]), (&json!("done"), &json!(450)));
    assert_eq!(deaths.load(SeqCst), 2);
    assert_eq!(desk.company.int("select count(*) from customer where version = 2"), Some(450), "each once");
    assert_eq!(desk.company.log("update").len(), 450);
    assert_eq!(desk.undo(&run["id"]).unwrap()["state"], "undone");
    assert_eq!(desk.company.int("select count(*) from customer where name like '% %'"), Some(450));
}

fn hidden_fields_and_others_records_stay_unseen(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    desk.company.hire("anna", "sales");
    desk.company.hire("stella", "steward");
    let (_, branch) = group(&desk);
    let mine = desk.looked(&["related"]);
    let anna = desk.company.cx("anna");
    assert_eq!(code(desk.start(&anna, json!({"origins": ["standard"]}))), Code::Forbidden);
    assert_eq!(
        code(desk.company.wait(desk.company.engine.cleanings(anna, "customer".into(), 10, None))),
        Code::Forbidden
    );
    // A steward to whom website and phone are hidden.
    let everything =
        json!({"general": "write", "business": "write", "sensitive": "hidden", "core": "hidden"});
    let role = json!({"admin": [], "objects": {"customer": {"read": "all", "update": "all", "levels": everything,
        "fields": {"website": "hidden", "phone": "hidden"}}}});
    desk.company
        .wait(put_permissions(&desk.company.engine, &boss, desk.company.role("steward"), &role))
        .unwrap();
    let stella = desk.company.cx("stella");
    let seen = desk.changes(&stella, &mine["id"]);
    assert!(seen.iter().all(|change| change["field"] != "website"), "{seen:?}");
    assert!(!desk.run(&stella, &mine["id"])["counts"].to_string().contains("website"));
    let wanted = ChangesRequest { field: Some("website".into()), ..ChangesRequest::default() };
    let engine = &desk.company.engine;
    let page = engine.cleaning_changes(stella.clone(), "customer".into(), number(&mine["id"]), wanted);
    assert_eq!(faults(desk.company.wait(page).unwrap_err()), [("website".to_owned(), "unknown_field")]);
    let started = desk.start(&stella, json!({"origins": ["related"], "fields": ["website"]}));
    assert_eq!(faults(started.unwrap_err()), [("website".to_owned(), "unknown_field")]);
    desk.company.wait(engine.cancel_cleaning(boss.clone(), "customer".into(), number(&mine["id"]))).unwrap();
    let hers = desk.start(&stella, json!({"origins": ["related"]})).unwrap();
    desk.rest(&hers["id"]);
    let told = desk.told(&hers["id"]);
    assert_eq!(told, ["industry: - → 纺织业 (proposed)"], "no region, which the hidden phone would tell");
    desk.apply(&hers["id"], json!({}));
    assert!(desk.sources(&desk.company.cx("stella"), branch).len() == 1);
}

fn a_cleaning_can_be_narrowed_to_fields_and_records(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    desk.company.hire("stella", "steward");
    let role = json!({"admin": [], "objects": {"customer": {"read": "all", "update": "all",
        "levels": {"general": "write", "business": "write", "sensitive": "write", "core": "hidden"},
        "fields": {"phone": "hidden"}}}});
    desk.company
        .wait(put_permissions(&desk.company.engine, &boss, desk.company.role("steward"), &role))
        .unwrap();
    for name in ["青岛 海风 贸易(集团)有限公司", "青岛 海浪 贸易(集团)有限公司"] {
        desk.company.create(&boss, "customer", json!({"name": name, "phone": "0532-8411 0022"}));
    }
    desk.company.execute("update customer set phone = '0532 84110022'");
    let filter = json!({"field": "name", "op": "contains", "value": "海风"});
    let started = desk.start(&boss, json!({"origins": ["standard"], "fields": ["name"], "filter": filter}));
    let run = desk.rest(&started.unwrap()["id"]);
    assert_eq!(
        desk.told(&run["id"]),
        ["name: 青岛 海风 贸易(集团)有限公司 → 青岛海风贸易（集团）有限公司 (proposed)"]
    );
    assert_eq!(
        (&run["progress"]["looked"], &run["fields"], &run["filter"]),
        (&json!(1), &json!(["name"]), &filter)
    );
    let engine = &desk.company.engine;
    desk.company.wait(engine.cancel_cleaning(boss.clone(), "customer".into(), number(&run["id"]))).unwrap();
    // By a field that the steward doesn't see.
    let filter = json!({"field": "phone", "op": "not_empty"});
    let started = desk.start(&boss, json!({"origins": ["standard"], "filter": filter})).unwrap();
    assert_eq!(desk.rest(&started["id"])["filter"], filter);
    let stella = desk.company.cx("stella");
    assert_eq!(desk.run(&stella, &started["id"])["filter"], Json::Null);
    let fields = |cx: &Cx| {
        let listed = desk.company.wait(engine.cleanings(cx.clone(), "customer".into(), 10, None)).unwrap();
        let of = |field: &Json| format!("{}: {}", field["field"].as_str().unwrap(), field["origins"]);
        listed["fields"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    assert!(fields(&boss).contains(&r#"phone: ["standard"]"#.to_owned()), "{:?}", fields(&boss));
    assert!(fields(&boss).contains(&r#"website: ["standard","related"]"#.to_owned()));
    assert!(!fields(&stella).iter().any(|field| field.starts_with("phone")));
}

fn what_can_not_be_done_is_said(db: &mut TestDb) {
    let desk = Desk::new(db);
    let boss = desk.boss();
    let bad = |body: Json| faults(desk.start(&boss, body).unwrap_err());
    assert_eq!(bad(json!({"origins": []})), [("origins".to_owned(), "unknown_option")]);
    assert_eq!(bad(json!({"origins": ["provider"]})), [("origins".to_owned(), "not_set_up")]);
    assert_eq!(
        bad(json!({"origins": ["standard"], "fields": ["mobile", "score", "nothing"]})).len(),
        3,
        "sealed, computed and unknown"
    );
    assert_eq!(
        code(desk.start(&boss, json!({"origins": ["standard"], "filter": {"field": "x"}}))),
        Code::BadFilter
    );
    let run = desk.looked(&["standard"]);
    assert_eq!(code(desk.undo(&run["id"])), Code::Conflict, "nothing was written");
    let engine = &desk.company.engine;
    let apply = |body: Json| {
        let request: ApplyRequest = serde_json::from_value(body).unwrap();
        desk.company.wait(engine.apply_cleaning(boss.clone(), "customer".into(), number(&run["id"]), request))
    };
    assert_eq!(code(apply(json!({"leave_out": [{"origin": "x", "field": "name"}]}))), Code::Invalid);
    apply(json!({})).unwrap();
    desk.rest(&run["id"]);
    assert_eq!(code(apply(json!({}))), Code::Conflict, "once");
    let other = engine.cleaning(boss.clone(), "contact".into(), number(&run["id"]));
    assert_eq!(code(desk.company.wait(other)), Code::NotFound);
}

fn after_thirty_days_it_stays_and_only_sources_are_remembered(db: &mut TestDb) {
    let desk = Desk::new(db);
    let (_, branch) = group(&desk);
    desk.company
        .execute("update customer set name = '示例 轻纺集团有限公司' where name = '示例轻纺集团有限公司'");
    let run = desk.looked(&["standard", "related"]);
    desk.apply(&run["id"], json!({}));
    desk.company.clock.advance_ms(31 * DAY);
    assert_eq!(code(desk.undo(&run["id"])), Code::Conflict);
    assert_eq!(desk.run(&desk.boss(), &run["id"])["undo_until"], Json::Null);
    desk.company.wait(desk.company.engine.tidy_cleanings()).unwrap();
    assert_eq!(desk.sources(&desk.boss(), branch).len(), 3);
    assert_eq!(desk.company.int("select count(*) from cleaning_change"), Some(3));
}

huike_store::on_both_databases! {
    values_are_brought_to_their_standard_form_and_back,
    gaps_are_filled_from_what_is_known_and_never_over_a_person,
    a_cleaning_that_dies_goes_on_where_it_was,
    hidden_fields_and_others_records_stay_unseen,
    a_cleaning_can_be_narrowed_to_fields_and_records,
    what_can_not_be_done_is_said,
    after_thirty_days_it_stays_and_only_sources_are_remembered,
}
