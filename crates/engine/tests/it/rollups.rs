//! Figures on parents: exact after every kind of write, by anybody, at once.

use crate::company::{Company, number};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

fn customer(company: &Company, name: &str) -> String {
    company.create(&company.system(), "customer", json!({"name": name}))
}

fn at(company: &Company, object: &str, id: &str, field: &str) -> Json {
    company.get(&company.system(), object, id)[field].clone()
}

fn the_last_contact_is_the_latest_interaction_whatever_happens_to_it(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let (one, two) = (customer(&company, "甲公司"), customer(&company, "乙公司"));
    let talk = |customer: &str, at: &str, content: &str| {
        company.create(
            &system,
            "interaction",
            json!({"customer": customer, "occurred_at": at, "content": content}),
        )
    };
    let facts = |id: &str| {
        (at(&company, "customer", id, "last_contact_at"), at(&company, "customer", id, "last_contact_text"))
    };
    assert_eq!(facts(&one), (Json::Null, Json::Null));
    let late = talk(&one, "2026-02-10T02:00:00Z", "谈了价格");
    let early = talk(&one, "2026-01-10T02:00:00Z", "初次见面");
    assert_eq!(facts(&one), (json!("2026-02-10T02:00:00Z"), json!("谈了价格")));
    let version = company.get(&system, "customer", &one)["version"].clone();
    assert_eq!(version, 1, "a figure is no edit of the customer");

    company.update(&system, "interaction", &late, json!({"content": "谈了价格和交期"}));
    assert_eq!(facts(&one).1, "谈了价格和交期");
    company.delete(&system, "interaction", &late);
    assert_eq!(facts(&one), (json!("2026-01-10T02:00:00Z"), json!("初次见面")));
    company.try_restore(&system, "interaction", &late).unwrap();
    assert_eq!(facts(&one).1, "谈了价格和交期");
    company.update(&system, "interaction", &late, json!({"customer": two}));
    assert_eq!(facts(&one), (json!("2026-01-10T02:00:00Z"), json!("初次见面")));
    assert_eq!(facts(&two), (json!("2026-02-10T02:00:00Z"), json!("谈了价格和交期")));
    company.update(&system, "interaction", &early, json!({"customer": null}));
    assert_eq!(facts(&one), (Json::Null, Json::Null));
    // The children of a deleted parent are counted when it comes back.
    company.delete(&system, "customer", &two);
    company.try_restore(&system, "customer", &two).unwrap();
    assert_eq!(facts(&two), (Json::Null, Json::Null), "its interactions went along and come back one by one");
    company.try_restore(&system, "interaction", &late).unwrap();
    assert_eq!(facts(&two).1, "谈了价格和交期");
}

fn a_total_beyond_what_can_be_counted_is_refused_and_breaks_nothing(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let one = customer(&company, "甲公司");
    let label = json!({"zh": "数", "en": "Number"});
    let field = json!({"name": "big", "type": "integer", "label": label});
    company.wait(company.engine.add_field(system.clone(), "task".into(), field)).unwrap();
    let rollup = json!({"object": "task", "via": "customer", "kind": "sum", "field": "big"});
    let field = json!({"name": "total", "type": "rollup", "label": label, "rollup": rollup});
    company.wait(company.engine.add_field(system.clone(), "customer".into(), field)).unwrap();
    let system = company.system();
    let huge = i64::MAX - 5;
    let task = |customer: Option<&str>, big: i64| {
        company.try_create(&system, "task", json!({"title": "大数", "customer": customer, "big": big}))
    };
    task(Some(&one), huge).unwrap();
    assert_eq!(at(&company, "customer", &one, "total"), json!(huge));
    let refused = task(Some(&one), 6).unwrap_err();
    assert_eq!(refused.code, huike_model::Code::Invalid);
    assert!(refused.detail.unwrap().zh.contains("超出"));
    assert_eq!(at(&company, "customer", &one, "total"), json!(huge));
    task(Some(&one), 5).unwrap();
    assert_eq!(at(&company, "customer", &one, "total"), json!(i64::MAX));
    task(None, 6).unwrap();
    let request =
        serde_json::from_value(json!({"groups": [], "measures": [{"kind": "sum", "field": "big"}]})).unwrap();
    let refused =
        company.wait(company.engine.aggregate_records(system.clone(), "task".into(), request)).unwrap_err();
    assert_eq!(refused.into_problem().code, huike_model::Code::Invalid);
}

fn the_next_step_is_the_earliest_open_task(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let one = customer(&company, "甲公司");
    let next =
        || (at(&company, "customer", &one, "next_step_at"), at(&company, "customer", &one, "next_step_text"));
    let task = |title: &str, due: Option<&str>| {
        company.create(&system, "task", json!({"title": title, "due_at": due, "customer": one}))
    };
    task("无期限", None);
    assert_eq!(next(), (Json::Null, Json::Null));
    task("回访", Some("2026-04-01T00:00:00Z"));
    let soon = task("报价", Some("2026-03-10T00:00:00Z"));
    assert_eq!(next(), (json!("2026-03-10T00:00:00Z"), json!("报价")));
    company.update(&system, "task", &soon, json!({"status": "done"}));
    assert_eq!(next(), (json!("2026-04-01T00:00:00Z"), json!("回访")));
}

fn a_line_carries_up_to_its_order_and_the_order_to_its_customer(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let one = customer(&company, "甲公司");
    let product = company.create(&system, "product", json!({"name": "减速机", "code": "P-1"}));
    let order = company.create(&system, "order", json!({"customer": one, "amount": 1000.5, "status": "confirmed", "ordered_at": "2026-01-01T00:00:00Z"}));
    assert_eq!(at(&company, "order", &order, "unpaid"), 1000.5, "nothing paid is nothing, not unknown");
    let line = company.create(
        &system,
        "order_line",
        json!({"order": order, "product": product, "quantity": 2.5, "price": 99.9, "discount": 10}),
    );
    assert_eq!(at(&company, "order_line", &line, "amount"), 224.78);
    company.create(&system, "order_line", json!({"order": order, "product": product, "price": 10}));
    assert_eq!(at(&company, "order", &order, "lines_amount"), 234.78);
    company.update(&system, "order_line", &line, json!({"discount": 100}));
    assert_eq!(at(&company, "order", &order, "lines_amount"), 10);
    assert_eq!(at(&company, "product", &product, "sold_amount"), 10);

    let pay = |amount: f64, status: &str| {
        company.create(
            &system,
            "payment",
            json!({"order": order, "customer": one, "amount": amount, "status": status}),
        )
    };
    let paid = pay(300.25, "received");
    assert_eq!(
        (at(&company, "order", &order, "paid"), at(&company, "order", &order, "unpaid")),
        (json!(300.25), json!(700.25))
    );
    assert_eq!(at(&company, "customer", &one, "lifetime_value"), 300.25);
    company.delete(&system, "payment", &paid);
    assert_eq!(
        (at(&company, "order", &order, "paid"), at(&company, "order", &order, "unpaid")),
        (json!(0), json!(1000.5))
    );

    // Formulas over roll-ups on the customer itself.
    assert_eq!(at(&company, "customer", &one, "average_order"), 1000.5);
    assert_eq!(at(&company, "customer", &one, "purchase_cycle_days"), Json::Null);
    company.create(
        &system,
        "order",
        json!({"customer": one, "amount": 500, "status": "done", "ordered_at": "2026-01-31T00:00:00Z"}),
    );
    assert_eq!(at(&company, "customer", &one, "average_order"), 750.25);
    assert_eq!(at(&company, "customer", &one, "purchase_cycle_days"), 30);
    assert_eq!(at(&company, "customer", &one, "next_purchase_at"), "2026-03-02T00:00:00Z");
    company.update(&system, "order", &order, json!({"status": "cancelled"}));
    assert_eq!(
        (at(&company, "customer", &one, "order_count"), at(&company, "customer", &one, "order_total")),
        (json!(1), json!(500))
    );
}

fn a_count_without_children_is_nought(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let one = customer(&company, "甲公司");
    assert_eq!(at(&company, "customer", &one, "contact_count"), 0);
    assert_eq!(at(&company, "customer", &one, "lifetime_value"), 0);
    assert_eq!(
        company.found(&system, "customer", json!({"field": "contact_count", "op": "eq", "value": 0})),
        [one.as_str()]
    );
    let contact = company.create(&system, "contact", json!({"name": "张三", "customer": one}));
    assert_eq!(at(&company, "customer", &one, "contact_count"), 1);
    company.delete(&system, "contact", &contact);
    assert_eq!(at(&company, "customer", &one, "contact_count"), 0);
}

fn children_written_at_once_all_count(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let (one, two) = (customer(&company, "甲公司"), customer(&company, "乙公司"));
    company.wait(async {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 0..24 {
            let (engine, system, one, two) =
                (company.engine.clone(), system.clone(), one.clone(), two.clone());
            writers.spawn(async move {
                let body =
                    crate::company::members(json!({"name": format!("联系人{writer}"), "customer": one}));
                let made = engine
                    .create_record(system.clone(), "contact".into(), body, Default::default())
                    .await
                    .unwrap();
                // Every third moves on, every fourth is edited on the parent's own row meanwhile.
                if writer % 3 == 0 {
                    let body = crate::company::members(json!({"customer": two}));
                    engine
                        .update_record(system.clone(), "contact".into(), made.id, None, body)
                        .await
                        .unwrap();
                }
                if writer % 4 == 0 {
                    let body = crate::company::members(json!({"remark": format!("第{writer}次")}));
                    engine.update_record(system, "customer".into(), number(&one), None, body).await.unwrap();
                }
            });
        }
        writers.join_all().await
    });
    assert_eq!(
        (at(&company, "customer", &one, "contact_count"), at(&company, "customer", &two, "contact_count")),
        (json!(16), json!(8))
    );
}

fn formulas_follow_roll_ups_while_their_record_is_edited(db: &mut TestDb) {
    let company = Company::new(db);
    let system = company.system();
    let one = customer(&company, "甲公司");
    let order = company.create(&system, "order", json!({"customer": one, "amount": 1000}));
    company.wait(async {
        let mut writers = tokio::task::JoinSet::new();
        for writer in 1..=16_i64 {
            let (engine, system, one, order) =
                (company.engine.clone(), system.clone(), one.clone(), order.clone());
            writers.spawn(async move {
                if writer % 2 == 0 {
                    let body = json!({"order": order, "customer": one, "amount": 10, "status": "received"});
                    engine
                        .create_record(
                            system,
                            "payment".into(),
                            crate::company::members(body),
                            Default::default(),
                        )
                        .await
                        .unwrap();
                } else {
                    let body = crate::company::members(json!({"amount": 1000 + writer}));
                    engine.update_record(system, "order".into(), number(&order), None, body).await.unwrap();
                }
            });
        }
        writers.join_all().await
    });
    let now = company.get(&system, "order", &order);
    assert_eq!(now["paid"], 80);
    assert_eq!(now["unpaid"].as_i64().unwrap(), now["amount"].as_i64().unwrap() - 80);
}

huike_store::on_both_databases!(
    a_total_beyond_what_can_be_counted_is_refused_and_breaks_nothing,
    the_last_contact_is_the_latest_interaction_whatever_happens_to_it,
    the_next_step_is_the_earliest_open_task,
    a_line_carries_up_to_its_order_and_the_order_to_its_customer,
    a_count_without_children_is_nought,
    children_written_at_once_all_count,
    formulas_follow_roll_ups_while_their_record_is_edited,
);
