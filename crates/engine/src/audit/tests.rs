//! The sealed log under attack: whatever somebody with the database in their hands does to it, the check names the first place.

use super::read::{self, AuditItem, AuditQuery};
use super::seal::{self, Sealed};
use super::verify::{Finding, Verification, verify};
use crate::session::testing::{Company, MINUTE, code, faults};
use huike_model::{Code, Id};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

huike_store::on_both_databases!(
    every_row_is_sealed_once_and_signed_at_least_once_a_minute,
    two_nodes_that_seal_at_the_same_time_seal_every_row_once,
    an_untouched_log_verifies_with_its_key_and_no_other,
    a_changed_row_is_named,
    a_removed_row_is_named,
    an_inserted_row_is_named,
    a_row_that_changed_places_is_named,
    a_row_rewritten_with_its_leaf_is_found_at_the_next_checkpoint,
    a_cut_off_end_is_found,
    a_forged_checkpoint_is_found,
    the_log_is_searched_by_object_record_actor_operation_and_time,
    pages_of_the_log_follow_one_another_without_gap,
    fields_that_the_auditor_may_not_read_stay_hidden,
    only_an_auditor_reads_the_log,
);

fn seal_all(company: &Company) -> Sealed {
    company.settle();
    company.wait(seal::seal(&company.engine)).unwrap()
}

fn key(company: &Company) -> String {
    company.wait(seal::public_key(&company.engine, &company.boss())).unwrap()
}

fn check(company: &Company) -> Verification {
    verify(company.engine.store(), &key(company), &[]).unwrap()
}

fn finding(company: &Company) -> Finding {
    check(company).finding.expect("what was done to the log is noticed")
}

fn rows(company: &Company) -> u64 {
    company.int("select count(*) from change_log").unwrap().unsigned_abs()
}

/// A company with some history, sealed and signed in two parts; the id of its customer.
fn sealed(db: &TestDb) -> (Company, i64) {
    let company = Company::founded(db);
    let customer = company.create(&company.boss(), "customer", json!({"name": "杭州示例机械有限公司"}));
    seal_all(&company);
    company.clock.advance_ms(MINUTE);
    for number in 0..5 {
        company
            .update(&company.boss(), "customer", customer, json!({"short_name": format!("示例{number}")}))
            .unwrap();
    }
    seal_all(&company);
    assert_eq!(check(&company).finding, None);
    (company, customer)
}

/// The place (tx, id) of the n-th row of the log, from 0.
fn place(company: &Company, n: i64) -> (i64, i64) {
    let of = |column: &str| company.int(&format!("select {column} from audit_leaf where n = {n}")).unwrap();
    (of("tx"), of("log_id"))
}

fn every_row_is_sealed_once_and_signed_at_least_once_a_minute(db: &mut TestDb) {
    let company = Company::founded(db);
    let first = seal_all(&company);
    assert_eq!((first.rows, first.checkpoints), (rows(&company), 1));
    assert_eq!(seal_all(&company), Sealed::default());
    company.cookie("boss");
    assert_eq!(seal_all(&company), Sealed { rows: 1, checkpoints: 0 }, "signed a moment ago");
    company.clock.advance_ms(MINUTE);
    assert_eq!(seal_all(&company), Sealed { rows: 0, checkpoints: 1 });
    assert_eq!(seal_all(&company), Sealed::default());
    let found = check(&company);
    assert_eq!(
        (found.rows, found.signed, found.checkpoints, found.unsealed),
        (rows(&company), rows(&company), 2, 0)
    );
}

fn two_nodes_that_seal_at_the_same_time_seal_every_row_once(db: &mut TestDb) {
    let company = Company::founded(db);
    company.settle();
    let (one, two) = company.wait(async {
        let (one, two) = (company.engine.clone(), company.engine.clone());
        let one = tokio::spawn(async move { seal::seal(&one).await });
        let two = tokio::spawn(async move { seal::seal(&two).await });
        (one.await.unwrap().unwrap(), two.await.unwrap().unwrap())
    });
    assert_eq!(one.rows + two.rows, rows(&company));
    assert_eq!(check(&company).finding, None);
}

fn an_untouched_log_verifies_with_its_key_and_no_other(db: &mut TestDb) {
    let (company, _) = sealed(db);
    let found = check(&company);
    assert_eq!(
        (found.rows, found.signed, found.checkpoints, found.unsealed),
        (rows(&company), rows(&company), 2, 0)
    );
    company.cookie("boss");
    assert_eq!(check(&company).unsealed, 1);
    let other =
        huike_vault::checkpoint::public_key(&huike_vault::keys::SigningKey::generate(), &found.origin)
            .unwrap();
    let refused = verify(company.engine.store(), &other.to_string(), &[]).unwrap();
    assert_eq!(refused.finding.unwrap().kind, "bad_checkpoint");
    assert_eq!(code(verify(company.engine.store(), "no key", &[]).map(drop)), Code::Invalid);
    assert_eq!(
        code(verify(company.engine.store(), &key(&company), &["no note".into()]).map(drop)),
        Code::Invalid
    );
}

fn a_changed_row_is_named(db: &mut TestDb) {
    let (company, customer) = sealed(db);
    let n = company.int("select count(*) from audit_leaf").unwrap() - 3;
    let (tx, id) = place(&company, n);
    company.execute(&format!(
        "update change_log set after = '{{\"short_name\":\"别的\"}}' where tx = {tx} and id = {id}"
    ));
    company.execute(&format!("update change_log set actor = 1 where (tx, id) > ({tx}, {id})"));
    let found = finding(&company);
    assert_eq!((found.kind, found.position), ("altered", Some(n.unsigned_abs())));
    assert_eq!((found.tx, found.id, found.record), (Some(tx), Some(id), Some(customer)));
    assert_eq!(found.object.as_deref(), Some("customer"));
    assert!(found.message.zh.contains("改过") && found.message.en.contains("altered"));
}

fn a_removed_row_is_named(db: &mut TestDb) {
    let (company, _) = sealed(db);
    let (tx, id) = place(&company, 2);
    company.execute(&format!("delete from change_log where tx = {tx} and id = {id}"));
    let found = finding(&company);
    assert_eq!((found.kind, found.position, found.tx, found.id), ("missing", Some(2), Some(tx), Some(id)));
    company.execute(&format!("delete from audit_leaf where tx = {tx} and log_id = {id}"));
    let found = finding(&company);
    assert_eq!(
        (found.kind, found.position),
        ("missing", Some(2)),
        "nor does it help to remove the leaf as well"
    );
}

fn an_inserted_row_is_named(db: &mut TestDb) {
    let (company, _) = sealed(db);
    let (tx, id) = place(&company, 3);
    company.execute(&format!(
        "insert into change_log (tx, id, at, actor_kind, via, object, op) values ({tx}, {}, 0, 'user', 'page', 'customer', 'read')",
        id - 1
    ));
    let found = finding(&company);
    assert_eq!((found.kind, found.tx, found.id), ("inserted", Some(tx), Some(id - 1)));
}

fn a_row_that_changed_places_is_named(db: &mut TestDb) {
    let (company, _) = sealed(db);
    let ((tx, id), (other_tx, other_id)) = (place(&company, 1), place(&company, 2));
    for (n, tx, id) in [(-1, 0, 0), (1, other_tx, other_id), (2, tx, id)] {
        let target = if n < 0 { "n = 1".to_owned() } else { format!("n = {n}") };
        company.execute(&format!("update audit_leaf set tx = {tx}, log_id = {id} where {target}"));
    }
    let found = finding(&company);
    assert_eq!((found.kind, found.position), ("altered", Some(1)), "its hash belongs to another row");
    // With their hashes the leaves are whole, but stand in the wrong order.
    company.execute(
        "update audit_leaf set hash = (select o.hash from audit_leaf o where o.n = 3 - audit_leaf.n) where n in (1, 2)",
    );
    let found = finding(&company);
    assert_eq!(
        (found.kind, found.position, found.tx, found.id),
        ("out_of_order", Some(2), Some(tx), Some(id))
    );
}

fn a_row_rewritten_with_its_leaf_is_found_at_the_next_checkpoint(db: &mut TestDb) {
    let (company, _) = sealed(db);
    let n = company.int("select count(*) from audit_leaf").unwrap() - 2;
    let (tx, id) = place(&company, n);
    company.execute(&format!("update change_log set op = 'read' where tx = {tx} and id = {id}"));
    let entry = company.log("read").pop().unwrap();
    let hash = huike_vault::hex(&super::leaf::hash(&entry));
    let literal = match company.engine.store().dialect() {
        huike_store::Dialect::Sqlite => format!("x'{hash}'"),
        huike_store::Dialect::Postgres => format!("'\\x{hash}'::bytea"),
    };
    company.execute(&format!("update audit_leaf set hash = {literal} where n = {n}"));
    let found = finding(&company);
    assert_eq!(found.kind, "rewritten");
    let first = company.int("select min(size) from audit_checkpoint").unwrap().unsigned_abs();
    assert_eq!(found.position, Some(first), "it lies behind the checkpoint before");
}

fn a_cut_off_end_is_found(db: &mut TestDb) {
    let (company, _) = sealed(db);
    let note = {
        let sql = huike_store::Sql::raw("select note from audit_checkpoint order by size desc limit 1");
        company.write(move |conn| Ok(conn.query_one(&sql)?.text(0)?.to_owned()))
    };
    let n = company.int("select count(*) from audit_leaf").unwrap() - 2;
    let (tx, id) = place(&company, n);
    company.execute(&format!("delete from change_log where (tx, id) >= ({tx}, {id})"));
    company.execute(&format!("delete from audit_leaf where n >= {n}"));
    let found = finding(&company);
    assert_eq!((found.kind, found.position), ("truncated", Some(n.unsigned_abs())));
    // Without the last signature the rest is whole; only who kept it can tell.
    company.execute("delete from audit_checkpoint where size > (select min(size) from audit_checkpoint)");
    assert_eq!(check(&company).finding, None);
    let kept = verify(company.engine.store(), &key(&company), &[note]).unwrap();
    assert_eq!(kept.finding.unwrap().kind, "truncated");
}

fn a_forged_checkpoint_is_found(db: &mut TestDb) {
    let (company, _) = sealed(db);
    company.execute("update audit_checkpoint set note = replace(note, 'time 1', 'time 2')");
    assert_eq!(finding(&company).kind, "bad_checkpoint");
    company.execute("update audit_checkpoint set note = replace(note, 'time 2', 'time 1')");
    assert_eq!(check(&company).finding, None);
    company.execute("update audit_checkpoint set size = size + 1");
    assert_eq!(finding(&company).kind, "bad_checkpoint");
}

fn search(company: &Company, by: &str, query: Json) -> crate::Result<Vec<AuditItem>> {
    let query: AuditQuery = serde_json::from_value(query).unwrap();
    company.wait(read::search(&company.engine, &company.cx(by), query)).map(|page| page.items)
}

fn id(number: i64) -> String {
    Id::new(number).unwrap().to_string()
}

fn the_log_is_searched_by_object_record_actor_operation_and_time(db: &mut TestDb) {
    let (company, customer) = sealed(db);
    let anna = company.hire("anna", "sales");
    company.clock.advance_ms(MINUTE);
    let hers = company.create(&company.cx("anna"), "customer", json!({"name": "宁波示例五金有限公司"}));
    let found = |query: Json| search(&company, "boss", query).unwrap();
    let ops = |query: Json| found(query).into_iter().map(|item| item.op).collect::<Vec<_>>();
    let of_customer = ops(json!({"object": "customer", "record": id(customer)}));
    assert_eq!(of_customer, ["update", "update", "update", "update", "update", "create"]);
    assert_eq!(ops(json!({"object": "customer", "op": "create"})), ["create", "create"]);
    let by_anna = found(json!({"actor": id(anna)}));
    assert_eq!(by_anna.len(), 1);
    assert_eq!(
        (by_anna[0].by.name.as_deref(), by_anna[0].title.as_deref()),
        (Some("员工anna"), Some("宁波示例五金有限公司"))
    );
    assert_eq!(by_anna[0].record_id, json!(id(hers)));
    let name = by_anna[0].changes.iter().find(|change| change.field == "name").unwrap();
    assert_eq!(
        (&name.before, &name.after, name.label.zh.as_str()),
        (&Json::Null, &json!("宁波示例五金有限公司"), "客户名称")
    );
    let now = crate::shown::instant_text(company.engine.now());
    assert_eq!(found(json!({"from": now})).len(), 1);
    assert!(
        found(json!({"to": now, "object": "customer"}))
            .iter()
            .all(|item| item.by.name.as_deref() == Some("王老板"))
    );
    let wrong = search(&company, "boss", json!({"record": id(customer), "from": "yesterday", "limit": 0}))
        .unwrap_err();
    assert_eq!(
        faults(wrong).into_iter().map(|(field, _)| field).collect::<Vec<_>>(),
        ["from", "object", "limit"]
    );
}

fn pages_of_the_log_follow_one_another_without_gap(db: &mut TestDb) {
    let (company, _) = sealed(db);
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let query = AuditQuery { limit: Some(4), cursor: cursor.clone(), ..AuditQuery::default() };
        let page = company.wait(read::search(&company.engine, &company.boss(), query)).unwrap();
        assert!(page.items.len() <= 4);
        seen.extend(page.items.into_iter().map(|item| item.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len() as u64, rows(&company));
    let mut unique = seen.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), seen.len());
    for forged in ["x", "1", "1.x", "-1.1", "1.1.1", ""] {
        assert_eq!(code(search(&company, "boss", json!({"cursor": forged}))), Code::BadCursor, "{forged}");
    }
}

fn fields_that_the_auditor_may_not_read_stay_hidden(db: &mut TestDb) {
    let company = Company::founded(db);
    let body = json!({"name": "杭州示例机械有限公司", "mobile": "15430384756", "credit_limit": 250_000, "short_name": "示例"});
    let customer = company.create(&company.boss(), "customer", body);
    company.hire("auditor", "compliance");
    let role = company.role("compliance");
    let changes = |level: &str| {
        let levels = json!({"general": "read", "business": "read", "sensitive": "read", "core": level});
        let permissions =
            json!({"admin": ["audit"], "objects": {"customer": {"read": "all", "levels": levels}}});
        let boss = company.boss();
        company
            .wait(crate::access::permissions::put_permissions(&company.engine, &boss, role, &permissions))
            .unwrap();
        let mut items =
            search(&company, "auditor", json!({"object": "customer", "record": id(customer)})).unwrap();
        items.pop().unwrap().changes
    };
    let of = |changes: &[read::FieldChange], field: &str| {
        let change = changes.iter().find(|change| change.field == field).unwrap();
        (change.after.clone(), change.hidden)
    };
    let seen = changes("read");
    assert_eq!(of(&seen, "short_name"), (json!("示例"), false));
    assert_eq!(of(&seen, "credit_limit"), (json!(250_000), false));
    assert_eq!(of(&seen, "mobile"), (Json::Null, true), "sealed values are not opened here");
    for level in ["masked", "hidden"] {
        assert_eq!(of(&changes(level), "credit_limit"), (Json::Null, true));
    }
    let text = serde_json::to_string(&search(&company, "auditor", json!({})).unwrap()).unwrap();
    assert!(!text.contains("15430384756") && !text.contains("250000") && !text.contains("hk1:"));
    let out_of_reach =
        json!({"admin": ["audit"], "objects": {"customer": {"read": "own", "levels": {"general": "read"}}}});
    company
        .wait(crate::access::permissions::put_permissions(
            &company.engine,
            &company.boss(),
            role,
            &out_of_reach,
        ))
        .unwrap();
    let items = search(&company, "auditor", json!({"object": "customer", "record": id(customer)})).unwrap();
    assert_eq!(items[0].title, None);
    assert!(items[0].changes.iter().all(|change| change.hidden && change.after.is_null()));
}

fn only_an_auditor_reads_the_log(db: &mut TestDb) {
    let company = Company::founded(db);
    company.hire("sales", "sales");
    company.hire("auditor", "compliance");
    assert_eq!(code(search(&company, "sales", json!({}))), Code::Forbidden);
    assert_eq!(code(company.wait(seal::public_key(&company.engine, &company.cx("sales")))), Code::Forbidden);
    assert!(!search(&company, "auditor", json!({})).unwrap().is_empty());
}
