//! What is done about the quality of data.

use super::acceptance::{Decision, WaitingRequest, follow};
use super::care::Care;
use super::issues::IssuesRequest;
use super::measure;
use super::remedy::RemedyRequest;
use crate::cx::{Actor, Caller, Cx, Via};
use crate::error::Result;
use crate::merging::search_when_due;
use crate::session::testing::{Company, DAY, code, faults};
use huike_model::{Code, Lang};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

fn remedy(company: &Company, cx: &Cx, body: Json) -> Result<Json> {
    let request: RemedyRequest = serde_json::from_value(body).unwrap();
    company.wait(company.engine.remedy_quality(cx.clone(), "customer".into(), request))
}

fn issues(company: &Company, cx: &Cx, state: &str, own: bool) -> Result<Vec<Json>> {
    let request = IssuesRequest { state: Some(state.into()), own, ..IssuesRequest::default() };
    let page = company.wait(company.engine.quality_issues(cx.clone(), "customer".into(), request))?;
    Ok(page["items"].as_array().unwrap().clone())
}

fn recheck(company: &Company) -> (u64, u64, u64) {
    let done = company.wait(company.engine.recheck_quality(company.boss(), "customer".into())).unwrap();
    let count = |name: &str| done[name].as_u64().unwrap();
    (count("closed"), count("reopened"), count("open"))
}

fn what_is_wrong_becomes_a_task_that_only_mending_closes(db: &mut TestDb) {
    let company = Company::founded(db);
    let anna = company.hire("anna", "sales");
    let owner = huike_model::Id::new(anna).unwrap();
    let boss = company.boss();
    let id = company.create(&boss, "customer", json!({"name": "测试一号", "owner": owner}));
    company.create(&boss, "customer", json!({"name": "无锡太湖纺织有限公司", "owner": owner}));
    let wanted = json!({"problem": "rule:name_is_no_test"});
    let tried = remedy(&company, &boss, json!({"problem": "rule:name_is_no_test", "dry_run": true})).unwrap();
    assert_eq!((&tried["found"], &tried["made"]), (&json!(1), &json!(0)));
    assert_eq!(remedy(&company, &boss, wanted.clone()).unwrap()["made"], 1);
    assert_eq!(remedy(&company, &boss, wanted.clone()).unwrap()["made"], 0, "it has one already");
    assert_eq!(faults(remedy(&company, &boss, json!({"problem": "rule:x"})).unwrap_err()).len(), 1);
    assert_eq!(code(remedy(&company, &company.cx("anna"), wanted)), Code::Forbidden);
    assert_eq!(code(issues(&company, &company.cx("anna"), "open", false)), Code::Forbidden);
    let hers = issues(&company, &company.cx("anna"), "open", true).unwrap();
    assert_eq!(hers[0]["record"]["name"], "测试一号");
    assert!(hers[0]["problems"].to_string().contains("名称不是测试或占位文字"), "{}", hers[0]);
    assert!(issues(&company, &boss, "open", true).unwrap().is_empty());
    let task = company.int("select task_id from quality_issue").unwrap();
    let owner_of_task = company.int(&format!("select owner_id from task where id = {task}"));
    assert_eq!(owner_of_task, Some(anna));
    assert_eq!(recheck(&company), (0, 0, 1), "nothing happened");
    company.update(&company.cx("anna"), "task", task, json!({"status": "done"})).unwrap();
    assert_eq!(recheck(&company), (0, 1, 1), "saying so does not mend it");
    company.update(&boss, "customer", id, json!({"name": "无锡惠山机械有限公司", "industry": "34"})).unwrap();
    company.update(&boss, "customer", id, complete()).unwrap();
    let left = issues(&company, &boss, "open", false).unwrap().len();
    let (closed, ..) = recheck(&company);
    assert_eq!((left, closed), (1, 1));
    assert_eq!(issues(&company, &boss, "closed", false).unwrap()[0]["reopened"], 1);
    company.update(&boss, "customer", id, json!({"name": "测试一号"})).unwrap();
    assert_eq!(recheck(&company), (0, 1, 1), "broken again it opens again");
}

/// Everything that counts for a lead.
fn complete() -> Json {
    json!({"phone": "0510-95112233", "region_address": "江苏省无锡市滨湖区蠡湖大道99号", "industry": "17", "source": "referral",
        "size": "medium", "email": "taihu@example.com", "tier": "b"})
}

fn calling(company: &Company, via: Via) -> Cx {
    let actor = Actor::User(company.user("boss"));
    company.engine.cx(Caller { actor, lang: Lang::Zh, via, request: String::new() }).unwrap()
}

fn new_data_waits_until_it_is_accepted(db: &mut TestDb) {
    let company = Company::founded(db);
    company.hire("anna", "sales");
    let boss = company.boss();
    company.wait(follow(&company.engine)).unwrap();
    let program = calling(&company, Via::Api);
    let first =
        company.create(&program, "customer", json!({"name": "无锡太湖纺织有限公司", "source": "referral"}));
    let second = company.create(&program, "customer", json!({"name": "测试", "source": "referral"}));
    company.create(&boss, "customer", json!({"name": "绍兴柯桥轻纺有限公司"}));
    let waiting = |state: &str| {
        let request = WaitingRequest { state: Some(state.into()), ..WaitingRequest::default() };
        company.wait(company.engine.waiting_records(company.boss(), "customer".into(), request)).unwrap()
    };
    // On PostgreSQL the log is read as far as no transaction of the whole cluster may still write before it.
    let settled = |page: &Json| page["items"].as_array().is_some_and(|items| items.len() == 2);
    let mut page = waiting("waiting");
    for _ in 0..200 {
        if settled(&page) {
            break;
        }
        company.wait(async { tokio::time::sleep(std::time::Duration::from_millis(50)).await });
        page = waiting("waiting");
    }
    let names: Vec<&str> = page["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["record"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["测试", "无锡太湖纺织有限公司"], "what a colleague typed doesn't wait");
    assert_eq!(page["sources"], json!([{"source": "referral", "count": 2}]));
    let decide = |ids: &[i64], accept: bool, reason: Option<&str>| {
        let records = ids.iter().map(|id| huike_model::Id::new(*id).unwrap()).collect();
        let decision = Decision { records, accept, reason: reason.map(str::to_owned) };
        company.wait(company.engine.decide_waiting(company.boss(), "customer".into(), decision))
    };
    assert_eq!(decide(&[first], true, None).unwrap()["decided"], 1);
    assert_eq!(decide(&[first], true, None).unwrap()["decided"], 0, "once");
    assert_eq!(faults(decide(&[second], false, Some(" ")).unwrap_err()), [("reason".to_owned(), "required")]);
    assert_eq!(decide(&[second], false, Some("名称是测试")).unwrap()["decided"], 1);
    assert!(waiting("waiting")["items"].as_array().unwrap().is_empty());
    assert_eq!(waiting("returned")["items"][0]["reason"], "名称是测试");
    let logged = "select count(*) from change_log where op in ('accept', 'return') and object = 'customer'";
    assert_eq!(company.int(logged), Some(2));
    let hers =
        company.engine.waiting_records(company.cx("anna"), "customer".into(), WaitingRequest::default());
    assert_eq!(code(company.wait(hers)), Code::Forbidden);
}

fn falling_below_a_threshold_is_told_once(db: &mut TestDb) {
    let company = Company::founded(db);
    company.create(&company.boss(), "customer", json!({"name": "无锡太湖纺织有限公司"}));
    let put = |care: Json| {
        let care: Care = serde_json::from_value(care).unwrap();
        company.wait(company.engine.put_quality_care(company.boss(), "customer".into(), care))
    };
    let wrong = put(json!({"thresholds": {"beauty": 3, "score": 101}, "channels": ["owl"], "due_days": 0}))
        .unwrap_err();
    assert_eq!(faults(wrong).len(), 4);
    let settled = put(json!({"thresholds": {"completeness": 99}})).unwrap();
    assert_eq!(settled["settled"]["thresholds"]["completeness"], 99);
    let told = || company.int("select count(*) from notification where kind = 'quality'").unwrap();
    company.wait(measure::measure(&company.engine, "customer")).unwrap();
    let first = told();
    assert!(first >= 1);
    company.wait(measure::measure(&company.engine, "customer")).unwrap();
    company.clock.advance_ms(DAY);
    company.wait(measure::measure(&company.engine, "customer")).unwrap();
    assert_eq!(told(), first, "it was told when it fell");
    let page = company.wait(company.engine.notifications(company.boss(), false, None, None)).unwrap();
    assert!(page.to_string().contains("客户数据质量"), "{page}");
    company.hire("anna", "sales");
    let anna = company.engine.put_quality_care(company.cx("anna"), "customer".into(), Care::default());
    assert_eq!(code(company.wait(anna)), Code::Forbidden);
}

fn the_self_check_and_the_review_tell_where_the_data_stands(db: &mut TestDb) {
    let company = Company::founded(db);
    let boss = company.boss();
    let mut good = complete();
    good["name"] = json!("杭州海星机械有限公司");
    let good = company.create(&boss, "customer", good);
    company.create(&boss, "customer", json!({"name": "海星机械(杭州)有限公司", "phone": "0510-95112233"}));
    let poor = company.create(&boss, "customer", json!({"name": "绍兴柯桥轻纺有限公司"}));
    for (customer, stage) in [(good, "won"), (poor, "lost")] {
        let body = json!({"name": "设备", "customer": huike_model::Id::new(customer).unwrap(), "amount": 100, "stage": stage,
            "loss_reason": "price"});
        company.create(&boss, "opportunity", body);
    }
    company.wait(search_when_due(&company.engine, "customer", 0)).unwrap();
    company.wait(measure::measure(&company.engine, "customer")).unwrap();
    let check = company.wait(company.engine.quality_self_check(boss.clone(), "customer".into())).unwrap();
    assert_eq!((&check["single"]["groups"], &check["single"]["records"]), (&json!(1), &json!(2)));
    assert_eq!(check["maturity"]["level"], 2, "{check}");
    assert!(check["maturity"]["levels"][2]["conditions"].to_string().contains("\"met\":false"));
    assert_eq!(check["wins"]["complete"]["percent"], 100, "{check}");
    assert_eq!(check["wins"]["incomplete"]["percent"], 0);
    let review = company.wait(company.engine.quality_review(boss.clone(), "customer".into(), None)).unwrap();
    assert_eq!(review["records"], 3);
    assert_eq!(review["measures"][0]["measure"], "score");
    let book =
        company.wait(company.engine.export_quality_review(boss.clone(), "customer".into(), None)).unwrap();
    assert!(std::fs::metadata(book.path()).unwrap().len() > 1_000);
    for month in ["2026", "2999-01", "2026-13", "x"] {
        let wrong = company.engine.quality_review(boss.clone(), "customer".into(), Some(month.into()));
        assert_eq!(faults(company.wait(wrong).unwrap_err()), [("month".to_owned(), "format")], "{month}");
    }
    company.hire("anna", "sales");
    let anna = company.engine.quality_self_check(company.cx("anna"), "customer".into());
    assert_eq!(code(company.wait(anna)), Code::Forbidden);
    let desk = company.wait(company.engine.quality_care(company.cx("anna"), "customer".into())).unwrap();
    assert_eq!((&desk["queues"]["own"], &desk["queues"]["issues"]), (&json!(0), &Json::Null));
}

huike_store::on_both_databases!(
    what_is_wrong_becomes_a_task_that_only_mending_closes,
    new_data_waits_until_it_is_accepted,
    falling_below_a_threshold_is_told_once,
    the_self_check_and_the_review_tell_where_the_data_stands,
);
