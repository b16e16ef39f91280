//! Merging: everything comes along, nothing is lost, and all of it can be taken back.

use crate::company::{Company, DAY, members, number, problem};
use huike_engine::merging::{MergeRequest, NotSame, UndoRequest};
use huike_engine::{Cx, Result};
use huike_model::{Code, Problem};
use huike_store::testing::TestDb;
use huike_store::{Dialect, Sql, ValueRef};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

fn try_merge(company: &Company, cx: &Cx, object: &str, body: Json) -> Result<Json, Box<Problem>> {
    let request: MergeRequest = serde_json::from_value(body).unwrap();
    company.wait(company.engine.merge_records(cx.clone(), object.into(), request)).map_err(problem)
}

fn merge(company: &Company, object: &str, winner: &str, losers: &[&str]) -> Json {
    try_merge(company, &company.system(), object, json!({"winner": winner, "losers": losers}))
        .unwrap_or_else(|problem| panic!("{problem} {problem:?}"))
}

fn try_undo(
    company: &Company,
    cx: &Cx,
    object: &str,
    merge: &Json,
    body: Json,
) -> Result<Json, Box<Problem>> {
    let request: UndoRequest = serde_json::from_value(body).unwrap();
    let id = number(merge["id"].as_str().unwrap());
    company.wait(company.engine.undo_merge(cx.clone(), object.into(), id, request)).map_err(problem)
}

fn undo(company: &Company, object: &str, merge: &Json) -> Json {
    try_undo(company, &company.system(), object, merge, json!({}))
        .unwrap_or_else(|problem| panic!("{problem} {:?}", problem.extra))
}

fn customer(company: &Company, body: Json) -> String {
    company.create(&company.system(), "customer", body)
}

/// Rows of every table as texts, but for what a merge and its undoing leave on purpose: the log and what reads it, the list of merges, the
/// keys of sealed values (the log holds values under them), and versions, which never go back.
fn everything(company: &Company) -> BTreeMap<String, Vec<String>> {
    const LEFT: [&str; 11] = [
        "change_log",
        "log_cursor",
        "audit_leaf",
        "audit_frontier",
        "audit_checkpoint",
        "node",
        "record_merge",
        "subject_key",
        "idempotency",
        "schema_migration",
        "sqlite_stat1",
    ];
    company.read(|conn| {
        let list = match conn.dialect() {
            Dialect::Sqlite => {
                "select name from sqlite_schema where type = 'table' and name not like 'search_%' and name not like 'sqlite_%'"
            }
            Dialect::Postgres => "select tablename::text from pg_tables where schemaname = current_schema()",
        };
        let mut dump = BTreeMap::new();
        for row in conn.query(&Sql::raw(list))? {
            let table = row.text(0)?.to_owned();
            // A tally's rows on PostgreSQL depend on the way; their sums have a test of their own.
            if LEFT.contains(&table.as_str()) || table.starts_with("tally_") {
                continue;
            }
            let mut columns = huike_store::ddl::columns(conn, &table)?;
            let searched = table.starts_with("search_");
            columns.retain(|column| column != "version");
            columns.sort_unstable();
            let list: Vec<String> = columns
                .iter()
                .map(|column| if searched { format!("\"{column}\"::text") } else { format!("\"{column}\"") })
                .collect();
            let mut rows = Vec::new();
            conn.query_each(&Sql::raw(format!("select {} from \"{table}\"", list.join(", "))), |row| {
                let cell = |place: usize| match row.value(place) {
                    ValueRef::Null => "-".to_owned(),
                    ValueRef::Int(number) => number.to_string(),
                    ValueRef::Text(text) => format!("{text:?}"),
                    ValueRef::Blob(bytes) => format!("{bytes:?}"),
                };
                rows.push((0..columns.len()).map(|place| format!("{}={}", columns[place], cell(place))).collect::<Vec<_>>().join(" "));
                Ok(())
            })?;
            rows.sort_unstable();
            dump.insert(table, rows);
        }
        Ok(dump)
    })
}

fn assert_same(before: &BTreeMap<String, Vec<String>>, after: &BTreeMap<String, Vec<String>>, what: &str) {
    for (table, rows) in before {
        let now = &after[table];
        let gone: Vec<_> = rows.iter().filter(|row| !now.contains(row)).collect();
        let new: Vec<_> = now.iter().filter(|row| !rows.contains(row)).collect();
        assert!(gone.is_empty() && new.is_empty(), "{what}: {table}\nwas {gone:#?}\nis  {new:#?}");
    }
}

fn what_points_at_a_loser_comes_to_the_winner_and_losing_values_stay(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let winner = customer(
        &company,
        json!({"name": "杭州海星机械有限公司", "phone": "0571-98881234", "mobile": "16420031240", "stage": "lead",
            "need_tags": ["cost"], "credit_code": null}),
    );
    let loser = customer(
        &company,
        json!({"name": "海星机械", "short_name": "海星", "phone": "0571-98885678", "mobile": "16420031241", "stage": "won",
            "email": "sales@example.cn", "need_tags": ["quality"], "credit_code": "91330106YY000001XD", "remark": "老板姓王"}),
    );
    let person = company.create(&system, "contact", json!({"name": "王芳", "customer": loser}));
    let talk = company.create(
        &system,
        "interaction",
        json!({"customer": loser, "occurred_at": "2026-02-10T02:00:00Z", "content": "谈了价格"}),
    );
    let tag = company.create(&system, "tag", json!({"name": "重点"}));
    let tagging =
        company.create(&system, "tagging", json!({"tag": tag, "object": "customer", "record": loser}));
    let done = merge(&company, "customer", &winner, &[&loser]);
    let merged = &done["record"];
    assert_eq!(merged["name"], "杭州海星机械有限公司");
    assert_eq!(merged["aliases"], "海星机械");
    assert_eq!(merged["short_name"], "海星");
    assert_eq!(merged["stage"], "won", "the furthest stage survives");
    assert_eq!(merged["email"], "sales@example.cn", "a gap is filled");
    assert_eq!(merged["credit_code"], "91330106YY000001XD");
    assert_eq!(merged["need_tags"], json!(["cost", "quality"]));
    assert_eq!(merged["remark"], "老板姓王");
    assert!(merged["further_phones"].as_str().unwrap().contains("98885678"), "{merged}");
    assert!(merged["further_mobiles"].as_str().unwrap().contains("16420031241"));
    assert_eq!(
        (merged["contact_count"].as_i64(), merged["last_contact_text"].as_str()),
        (Some(1), Some("谈了价格"))
    );
    assert_eq!(company.get(&system, "contact", &person)["customer"], json!(winner));
    assert_eq!(company.get(&system, "interaction", &talk)["customer"], json!(winner));
    assert_eq!(company.get(&system, "tagging", &tagging)["record"], json!(winner));
    // Sealed values stand nowhere in the clear, the new field's no more than the old one's.
    let stored = company.texts("select further_mobiles from customer where further_mobiles is not null");
    assert!(stored.iter().flatten().all(|text| !text.contains("16420031241")));
    // Links to the loser lead to the winner; writing to it is refused with the reason.
    assert_eq!(company.get(&system, "customer", &loser)["id"], json!(winner));
    let refused = company.try_update(&system, "customer", &loser, None, json!({"remark": "x"})).unwrap_err();
    assert_eq!((refused.code, &refused.extra["merged_into"]), (Code::Conflict, &json!(winner)));
    let refused = company.try_restore(&system, "customer", &loser).unwrap_err();
    assert_eq!((refused.code, &refused.extra["merged_into"]), (Code::Conflict, &json!(winner)));
    let bin = company.list(&system, "customer", json!({"deleted": "only"}));
    assert_eq!(bin["items"], json!([]), "a merged record is not in the recycle bin");
    assert_eq!(
        (company.logged("customer", &winner, "merge"), company.logged("customer", &loser, "delete")),
        (1, 1)
    );
    let timeline = company
        .wait(company.engine.record_timeline(
            system.clone(),
            "customer".into(),
            number(&loser),
            Default::default(),
        ))
        .unwrap();
    let told = timeline["items"].as_array().unwrap();
    assert!(
        told.iter().any(|item| item["text"] == "谈了价格") && told.iter().any(|item| item["op"] == "merge"),
        "{told:#?}"
    );
}

fn what_arrives_late_for_a_merged_record_finds_its_survivor(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let (one, two) =
        (customer(&company, json!({"name": "甲公司"})), customer(&company, json!({"name": "甲有限公司"})));
    let person = company.create(&system, "contact", json!({"name": "王芳", "customer": two}));
    company.delete(&system, "contact", &person);
    merge(&company, "customer", &one, &[&two]);
    let restored = company.try_restore(&system, "contact", &person).unwrap();
    assert_eq!(restored["customer"], json!(one));
    let written =
        company.create(&system, "interaction", json!({"customer": two, "content": "离线时写的跟进"}));
    assert_eq!(company.get(&system, "interaction", &written)["customer"], json!(one));
    assert_eq!(company.get(&system, "customer", &one)["contact_count"], 1);
}

fn links_that_would_be_there_twice_become_one(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let (one, two) =
        (customer(&company, json!({"name": "甲公司"})), customer(&company, json!({"name": "甲有限公司"})));
    let person = company.create(&system, "contact", json!({"name": "王芳"}));
    let role = |customer: &str, more: Json| {
        let mut body = members(json!({"contact": person, "customer": customer}));
        body.extend(members(more));
        company.create(&system, "contact_role", Json::Object(body))
    };
    let kept = role(&one, json!({"role_title": "经理"}));
    let doubled = role(&two, json!({"role_title": "副经理", "influence": "high"}));
    let before = everything(&company);
    let done = merge(&company, "customer", &one, &[&two]);
    let link = company.get(&system, "contact_role", &kept);
    assert_eq!((&link["role_title"], &link["influence"]), (&json!("经理"), &json!("high")));
    assert_eq!(company.get(&system, "contact_role", &doubled)["id"], json!(kept));
    assert_eq!(
        company.found(&system, "contact_role", json!({"field": "customer", "op": "eq", "value": one})),
        [kept]
    );
    undo(&company, "customer", &done);
    assert_same(&before, &everything(&company), "links");
}

fn a_hierarchy_never_becomes_a_circle(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let below = |name: &str, parent: Option<&str>| {
        let relation = parent.map(|_| "subsidiary");
        customer(&company, json!({"name": name, "parent": parent, "parent_relation": relation}))
    };
    let group = below("集团公司", None);
    let upper = below("上级公司", Some(&group));
    let middle = below("中间公司", Some(&upper));
    let lower = below("下级公司", Some(&middle));
    let before = everything(&company);
    // The loser stands above the winner, with a company between them.
    let done = merge(&company, "customer", &lower, &[&upper]);
    assert_eq!(done["record"]["parent"], json!(group));
    assert_eq!(company.get(&system, "customer", &middle)["parent"], json!(lower));
    undo(&company, "customer", &done);
    assert_same(&before, &everything(&company), "the loser above");
    // The loser's parent stands below the winner.
    let done = merge(&company, "customer", &group, &[&lower]);
    assert_eq!((&done["record"]["parent"], &done["record"]["parent_relation"]), (&Json::Null, &Json::Null));
    undo(&company, "customer", &done);
    let body = json!({"winner": upper, "losers": [lower], "fields": {"parent": {"value": middle}}});
    let refused = try_merge(&company, &system, "customer", body).unwrap_err();
    assert!(refused.faults.iter().any(|fault| fault.code == "circular"), "{refused}");
    assert_same(&before, &everything(&company), "a refused merge");
}

fn only_who_may_change_and_delete_every_record_merges_them(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let seller = company.hire("seller", "sales", None);
    company.hire("steward", "steward", None);
    let mine = customer(&company, json!({"name": "甲公司", "owner": seller}));
    let other = customer(&company, json!({"name": "甲有限公司"}));
    let body = json!({"winner": mine, "losers": [other]});
    let refused = try_merge(&company, &company.cx("seller"), "customer", body.clone()).unwrap_err();
    assert!(matches!(refused.code, Code::Forbidden | Code::NotFound), "{refused}");
    assert_eq!(company.get(&system, "customer", &other)["id"], json!(other));
    let seen = company.get(&system, "customer", &mine)["version"].as_i64().unwrap();
    company.update(&system, "customer", &mine, json!({"remark": "新"}));
    let stale = json!({"winner": mine, "losers": [other], "versions": {(mine.clone()): seen}});
    assert_eq!(try_merge(&company, &system, "customer", stale).unwrap_err().code, Code::Stale);
    let done = try_merge(&company, &system, "customer", body.clone()).unwrap();
    // Somebody else merges the same group a moment later.
    let late = try_merge(&company, &system, "customer", body).unwrap_err();
    assert_eq!((late.code, &late.extra["merged_into"]), (Code::Conflict, &json!(mine)));
    let refused = try_undo(&company, &company.cx("seller"), "customer", &done, json!({})).unwrap_err();
    assert!(matches!(refused.code, Code::Forbidden | Code::NotFound));
    for (winner, losers) in [(&mine, vec![]), (&mine, vec![&mine]), (&mine, vec![&other, &other])] {
        let refused = try_merge(&company, &system, "customer", json!({"winner": winner, "losers": losers}))
            .unwrap_err();
        assert_eq!(refused.code, Code::Invalid);
    }
    let refused =
        try_merge(&company, &system, "user", json!({"winner": seller, "losers": [mine]})).unwrap_err();
    assert_eq!(refused.faults[0].code, "not_mergeable");
}

fn what_was_changed_since_is_told_and_left(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let (one, two, three) = (
        customer(&company, json!({"name": "甲公司"})),
        customer(
            &company,
            json!({"name": "甲有限公司", "email": "a@example.cn", "website": "https://example.cn"}),
        ),
        customer(&company, json!({"name": "乙公司"})),
    );
    let stays = company.create(&system, "contact", json!({"name": "王芳", "customer": two}));
    let goes = company.create(&system, "contact", json!({"name": "李强", "customer": two}));
    let done = merge(&company, "customer", &one, &[&two]);
    company.update(&system, "contact", &goes, json!({"customer": three}));
    company.update(&system, "contact", &stays, json!({"title": "经理"}));
    company.update(&system, "customer", &one, json!({"email": "b@example.cn"}));
    let refused = try_undo(&company, &system, "customer", &done, json!({})).unwrap_err();
    assert_eq!(refused.code, Code::Conflict);
    let told = refused.extra["conflicts"].as_array().unwrap();
    let mut fields: Vec<_> = told.iter().map(|each| each["field"].as_str().unwrap()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["customer", "email"]);
    assert_eq!(company.get(&system, "contact", &stays)["customer"], json!(one), "nothing was undone");
    let looked = try_undo(&company, &system, "customer", &done, json!({"dry_run": true})).unwrap();
    assert_eq!(looked["conflicts"].as_array().unwrap().len(), 2);
    let body = json!({"leave_conflicts": true, "not_same": true});
    try_undo(&company, &system, "customer", &done, body).unwrap();
    assert_eq!(company.get(&system, "contact", &goes)["customer"], json!(three));
    let kept = company.get(&system, "contact", &stays);
    assert_eq!((&kept["customer"], &kept["title"]), (&json!(two), &json!("经理")));
    let first = company.get(&system, "customer", &one);
    assert_eq!((&first["email"], &first["website"]), (&json!("b@example.cn"), &Json::Null));
    assert_eq!(
        (first["contact_count"].as_i64(), company.get(&system, "customer", &two)["contact_count"].as_i64()),
        (Some(0), Some(1))
    );
    assert_eq!(company.int("select count(*) from not_same"), Some(1));
    let again = try_undo(&company, &system, "customer", &done, json!({})).unwrap_err();
    assert_eq!(again.code, Code::Conflict);
}

fn merges_of_merges_are_undone_last_first_and_within_thirty_days(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let [one, two, three] =
        ["甲公司", "甲有限公司", "甲集团"].map(|name| customer(&company, json!({"name": name})));
    let before = everything(&company);
    let first = merge(&company, "customer", &two, &[&three]);
    let second = merge(&company, "customer", &one, &[&two]);
    assert_eq!(company.get(&system, "customer", &three)["id"], json!(one), "links are followed to the end");
    let refused = try_undo(&company, &system, "customer", &first, json!({})).unwrap_err();
    assert_eq!(refused.code, Code::Conflict);
    let listed =
        company.wait(company.engine.list_merges(system.clone(), "customer".into(), 10, None)).unwrap();
    let names: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|item| item["winner"]["name"].clone()).collect();
    assert_eq!(names, ["甲公司", "甲有限公司"]);
    undo(&company, "customer", &second);
    undo(&company, "customer", &first);
    assert_same(&before, &everything(&company), "two merges");
    let third = merge(&company, "customer", &one, &[&two]);
    company.clock.advance_ms(31 * DAY);
    let late = try_undo(&company, &company.system(), "customer", &third, json!({})).unwrap_err();
    assert_eq!(late.code, Code::Conflict);
}

fn what_is_not_the_same_is_remembered_and_goes_with_a_merge(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let [one, two, three] = ["海星机械有限公司", "海星机械公司", "海星机械厂"]
        .map(|name| customer(&company, json!({"name": name, "phone": "0571-98881234"})));
    let say = |records: Json, forget: bool| {
        let request: NotSame = serde_json::from_value(json!({"records": records, "forget": forget})).unwrap();
        company.wait(company.engine.not_same(system.clone(), "customer".into(), request)).unwrap()
    };
    let candidates = |id: &str| {
        let fields = members(json!({"name": "海星机械有限公司", "phone": "0571-98881234"}));
        let found = company
            .wait(company.engine.duplicate_candidates(
                system.clone(),
                "customer".into(),
                fields,
                Some(number(id)),
            ))
            .unwrap();
        let mut ids: Vec<String> = found["candidates"]
            .as_array()
            .unwrap()
            .iter()
            .map(|each| each["id"].as_str().unwrap().to_owned())
            .collect();
        ids.sort();
        ids
    };
    assert_eq!(candidates(&one), [two.clone(), three.clone()]);
    say(json!([one, three]), false);
    assert_eq!(candidates(&one), std::slice::from_ref(&two));
    let before = everything(&company);
    let done = merge(&company, "customer", &two, &[&one]);
    assert_eq!(candidates(&two), Vec::<String>::new(), "what was said of the loser holds of the winner");
    undo(&company, "customer", &done);
    assert_same(&before, &everything(&company), "not the same");
    merge(&company, "customer", &one, &[&three]);
    assert_eq!(company.int("select count(*) from not_same"), Some(0), "whoever merges them thinks otherwise");
}

/// Random small companies: whatever is merged and undone, every table is as it was.
fn undoing_a_merge_restores_every_table(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let seller = company.hire("seller", "sales", None);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut roll = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % below
    };
    let mut customers: Vec<String> = Vec::new();
    for n in 0..7_usize {
        let maybe =
            |roll: &mut dyn FnMut(usize) -> usize, value: Json| if roll(2) == 0 { value } else { Json::Null };
        let parent = (n > 0 && roll(2) == 0).then(|| customers[roll(n)].clone());
        let stage = ["lead", "won", "lost"][roll(3)];
        let needs = [json!(["cost"]), json!(["quality", "service"])][roll(2)].clone();
        let (limit, remark) = (json!(roll(9) * 1000), json!(format!("备注{}", roll(3))));
        let relation = parent.as_ref().map(|_| ["branch", "subsidiary"][roll(2)]);
        customers.push(customer(
            &company,
            json!({
                "name": format!("公司{n}"), "stage": stage,
                "phone": maybe(&mut roll, json!(format!("0571-9888123{n}"))),
                "mobile": maybe(&mut roll, json!(format!("1642003124{n}"))),
                "email": maybe(&mut roll, json!(format!("a{n}@example.cn"))),
                "region_address": maybe(&mut roll, json!({"region": "330106", "detail": format!("文三路 {n} 号")})),
                "need_tags": maybe(&mut roll, needs),
                "credit_limit": maybe(&mut roll, limit),
                "remark": maybe(&mut roll, remark),
                "owner": maybe(&mut roll, json!(seller)),
                "parent": parent, "parent_relation": relation,
            }),
        ));
    }
    let tag = company.create(&system, "tag", json!({"name": "重点"}));
    let people: Vec<String> = (0..4)
        .map(|n| {
            let customer = &customers[roll(7)];
            let body = json!({"name": format!("联系人{n}"), "customer": customer, "mobile": format!("1642003125{n}")});
            company.create(&system, "contact", body)
        })
        .collect();
    for n in 0..24 {
        let (customer, person) = (&customers[roll(7)], &people[roll(4)]);
        match roll(6) {
            0 => company.create(
                &system,
                "interaction",
                json!({"customer": customer, "contact": person, "content": format!("谈{n}")}),
            ),
            1 => company.create(
                &system,
                "opportunity",
                json!({"name": format!("商机{n}"), "customer": customer, "amount": n * 100}),
            ),
            2 => company.create(&system, "task", json!({"title": format!("任务{n}"), "customer": customer})),
            3 => company.create(&system, "contact_role", json!({"contact": person, "customer": customer})),
            4 => company.create(
                &system,
                "tagging",
                json!({"tag": tag, "object": "customer", "record": customer}),
            ),
            _ => company.create(
                &system,
                "ticket",
                json!({"title": format!("工单{n}"), "customer": customer, "contact": person}),
            ),
        };
    }
    for (n, customer) in customers.iter().enumerate() {
        let (id, level) = (number(customer), ["read", "write"][n % 2]);
        company.execute(&format!(
            "insert into record_share (id, object, record_id, grantee_kind, grantee_id, level, created_by, created_at) \
             values ({}, 'customer', {id}, 'user', 77, '{level}', 0, 0)",
            n + 1
        ));
    }
    for round in 0..14 {
        let (object, all) = if round % 4 == 3 { ("contact", &people) } else { ("customer", &customers) };
        let start = roll(all.len());
        let party: Vec<&str> =
            (0..2 + roll(2)).map(|step| all[(start + step) % all.len()].as_str()).collect();
        let before = everything(&company);
        company.clock.advance_ms(60_000);
        let done = merge(&company, object, party[0], &party[1..]);
        company.clock.advance_ms(60_000);
        undo(&company, object, &done);
        assert_same(&before, &everything(&company), &format!("round {round}: {party:?}"));
    }
}

/// Two people press the button at once: one merges, the other is told that it was done.
fn of_two_who_merge_the_same_records_at_once_one_does(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    for round in 0..6 {
        let ids: Vec<String> =
            (0..3).map(|n| customer(&company, json!({"name": format!("公司{round}之{n}")}))).collect();
        for id in &ids {
            company.create(&system, "contact", json!({"name": "王芳", "customer": id}));
        }
        let request = |winner: usize| -> MergeRequest {
            let losers: Vec<&String> = ids.iter().filter(|id| **id != ids[winner]).collect();
            serde_json::from_value(json!({"winner": ids[winner], "losers": losers})).unwrap()
        };
        let merge =
            |winner: usize| company.engine.merge_records(system.clone(), "customer".into(), request(winner));
        let (one, other) = company.wait(async { tokio::join!(merge(0), merge(round % 2)) });
        let (done, refused): (Vec<_>, Vec<_>) = [one, other].into_iter().partition(Result::is_ok);
        assert_eq!((done.len(), refused.len()), (1, 1), "round {round}");
        for error in refused.into_iter().filter_map(Result::err) {
            let problem = problem(error);
            assert!(matches!(problem.code, Code::Conflict | Code::NotFound), "{problem}");
        }
        let merged = company.int("select count(*) from record_merge where state = 'merged'").unwrap();
        assert_eq!(merged, i64::try_from(round).unwrap() + 1);
        let live = company.int(&format!(
            "select count(*) from customer where deleted_at is null and name like '公司{round}之%'"
        ));
        assert_eq!(live, Some(1));
        let strays = "select count(*) from contact c join merged_record m on m.object = 'customer' and m.record_id = c.customer";
        assert_eq!(company.int(strays), Some(0), "every contact is the survivor's");
    }
}

huike_store::on_both_databases!(
    of_two_who_merge_the_same_records_at_once_one_does,
    what_points_at_a_loser_comes_to_the_winner_and_losing_values_stay,
    what_arrives_late_for_a_merged_record_finds_its_survivor,
    links_that_would_be_there_twice_become_one,
    a_hierarchy_never_becomes_a_circle,
    only_who_may_change_and_delete_every_record_merges_them,
    what_was_changed_since_is_told_and_left,
    merges_of_merges_are_undone_last_first_and_within_thirty_days,
    what_is_not_the_same_is_remembered_and_goes_with_a_merge,
    undoing_a_merge_restores_every_table,
);
