//! Handovers through the door of the engine, on both databases.

use super::run::{claim, work};
use super::{HandoverRequest, Receiver};
use crate::session::testing::{Company, DAY, code};
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Value as Json, json};

huike_store::on_both_databases!(
    everything_with_an_owner_moves_and_nothing_but_the_owner_changes,
    customers_go_to_whom_a_condition_names_and_what_is_about_them_follows,
    a_handover_that_dies_goes_on_and_moves_nothing_twice,
    a_handover_is_taken_back_but_for_what_went_on_since,
    only_whoever_looks_after_accounts_hands_over,
);

struct Desk {
    company: Company,
}

impl Desk {
    fn open(db: &TestDb) -> Desk {
        Desk { company: Company::selling(db, ["leaver", "ann", "ben"]).0 }
    }

    fn settle(&self) {
        self.company.follow_up();
    }

    fn id(&self, login: &str) -> Id {
        Id::new(self.company.user(login)).unwrap()
    }

    fn request(&self, receivers: Vec<(&str, Option<Json>)>) -> HandoverRequest {
        HandoverRequest {
            from: self.id("leaver"),
            receivers: receivers
                .into_iter()
                .map(|(to, filter)| Receiver { to: self.id(to), filter })
                .collect(),
            note: "重点跟进试样".into(),
            leave: Vec::new(),
            shares: true,
            deactivate: false,
        }
    }

    fn begin(&self, request: HandoverRequest) -> i64 {
        let made =
            self.company.wait(self.company.engine.start_handover(self.company.boss(), request)).unwrap();
        made["id"].as_str().unwrap().parse::<Id>().unwrap().number()
    }

    fn start(&self, request: HandoverRequest) -> i64 {
        let id = self.begin(request);
        self.finish(id);
        id
    }

    /// Waits for the work in the background.
    fn finish(&self, id: i64) {
        self.company.wait(work(self.company.engine.clone(), id));
        self.settle();
    }

    fn report(&self, id: i64) -> Json {
        self.company.wait(self.company.engine.handover(self.company.boss(), id)).unwrap()
    }

    fn count(&self, object: &str, login: &str) -> Option<i64> {
        let user = self.company.user(login);
        self.company
            .int(&format!("select count(*) from {object} where deleted_at is null and owner_id = {user}"))
    }

    /// A customer of the leaver's with a contact, an opportunity and a task.
    fn customer(&self, name: &str, source: &str) -> i64 {
        let cx = self.company.cx("leaver");
        let customer = self.company.create(
            &cx,
            "customer",
            json!({"name": name, "stage": "interested", "source": source}),
        );
        let id = Id::new(customer).unwrap();
        self.company.create(&cx, "contact", json!({"name": "赵敏", "customer": id}));
        let due = crate::shown::instant_text(START_MS + DAY);
        self.company.create(&cx, "task", json!({"title": "寄样品", "customer": id, "due_at": due}));
        customer
    }
}

fn everything_with_an_owner_moves_and_nothing_but_the_owner_changes(db: &mut TestDb) {
    let desk = Desk::open(db);
    let customer = desk.customer("宁波示例家具有限公司", "website");
    let cx = desk.company.cx("leaver");
    desk.company.create(
        &cx,
        "interaction",
        json!({"kind": "call", "customer": Id::new(customer).unwrap(), "content": "聊过",
        "occurred_at": crate::shown::instant_text(START_MS)}),
    );
    let mut request = desk.request(vec![("ann", None)]);
    request.deactivate = true;
    let preview = desk
        .company
        .wait(desk.company.engine.preview_handover(desk.company.boss(), request.clone()))
        .unwrap();
    let counted: Vec<(String, i64)> = preview["objects"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["object"].as_str().unwrap().to_owned(), one["count"].as_i64().unwrap()))
        .collect();
    for object in ["customer", "contact", "task"] {
        assert!(counted.iter().any(|(name, count)| name == object && *count == 1), "{object}: {preview}");
    }
    assert!(!counted.iter().any(|(name, _)| name == "interaction"), "who talked stays who talked");
    let id = desk.start(request);
    let report = desk.report(id);
    assert_eq!((&report["state"], &report["done"]), (&json!("done"), &report["total"]));
    for object in ["customer", "contact", "task"] {
        assert_eq!((desk.count(object, "leaver"), desk.count(object, "ann")), (Some(0), Some(1)), "{object}");
    }
    assert_eq!(desk.count("interaction", "leaver"), Some(1));
    let stage = format!(
        "select count(*) from customer where id = {customer} and stage = 'interested' and source = 'website'"
    );
    assert_eq!(desk.company.int(&stage), Some(1));
    let left =
        format!("select count(*) from \"user\" where id = {} and active = 0", desk.id("leaver").number());
    assert_eq!(desk.company.int(&left), Some(1));
    assert!(desk.company.try_in("leaver", crate::session::testing::PASSWORD, None).is_err());
    let promise = format!(
        "select count(*) from obligation where closed_at is null and owner_id = {}",
        desk.id("leaver").number()
    );
    assert_eq!(desk.company.int(&promise), Some(0), "promises follow");
    let history = desk.company.wait(desk.company.engine.custody(desk.company.cx("ann"), customer)).unwrap();
    assert_eq!(
        (&history["items"][0]["how"], &history["items"][0]["note"]),
        (&json!("handover"), &json!("重点跟进试样"))
    );
    let told = desk
        .company
        .wait(desk.company.engine.notifications(desk.company.cx("ann"), false, None, None))
        .unwrap();
    assert!(told.to_string().contains("重点跟进试样"), "{told}");
}

fn customers_go_to_whom_a_condition_names_and_what_is_about_them_follows(db: &mut TestDb) {
    let desk = Desk::open(db);
    let online = desk.customer("杭州示例线上有限公司", "website");
    desk.customer("杭州示例展会有限公司", "exhibition");
    let shared =
        desk.company.create(&desk.company.cx("ben"), "customer", json!({"name": "共享示例有限公司"}));
    let share = format!(
        "insert into record_share (id, object, record_id, grantee_kind, grantee_id, level, created_by, created_at) \
         values (9, 'customer', {shared}, 'user', {}, 'write', 1, 1)",
        desk.id("leaver").number()
    );
    desk.company.execute(&share);
    let website = json!({"field": "source", "op": "eq", "value": "website"});
    let mut request = desk.request(vec![("ben", Some(website)), ("ann", None)]);
    request.leave = vec!["contact".into()];
    desk.start(request);
    for object in ["customer", "task"] {
        assert_eq!((desk.count(object, "ann"), desk.count(object, "leaver")), (Some(1), Some(0)), "{object}");
    }
    assert_eq!(desk.count("task", "ben"), Some(1), "what is about a customer goes with it");
    assert_eq!(desk.count("contact", "leaver"), Some(2), "what is left stays");
    let owner = format!("select owner_id from customer where id = {online}");
    assert_eq!(desk.company.int(&owner), Some(desk.id("ben").number()));
    let grantee = desk.company.int("select grantee_id from record_share where id = 9");
    assert_eq!(grantee, Some(desk.id("ann").number()));
}

fn a_handover_that_dies_goes_on_and_moves_nothing_twice(db: &mut TestDb) {
    let desk = Desk::open(db);
    for n in 0..120 {
        let cx = desk.company.cx("leaver");
        desk.company.create(&cx, "customer", json!({"name": format!("示例客户{n:03}有限公司")}));
    }
    let (died, mut dead) = tokio::sync::mpsc::unbounded_channel();
    let mut chunks = 0;
    desk.company.engine.set_failpoints(move |at| {
        chunks += i32::from(at == "handover.chunk");
        let dies = at == "handover.chunk" && chunks == 2;
        if dies {
            died.send(()).unwrap();
        }
        dies
    });
    let id = desk.begin(desk.request(vec![("ann", None)]));
    desk.company.wait(dead.recv()).unwrap();
    let half = desk.report(id);
    assert_eq!((&half["state"], &half["done"]), (&json!("running"), &json!(100)));
    let claimed = || desk.company.wait(claim(&desk.company.engine)).unwrap();
    assert_eq!(claimed(), None, "its lease lasts");
    desk.company.clock.set_ms(START_MS + DAY);
    assert_eq!((claimed(), claimed()), (Some(id), None));
    desk.finish(id);
    let report = desk.report(id);
    assert_eq!(
        (&report["state"], &report["done"], &report["total"]),
        (&json!("done"), &json!(120), &json!(120))
    );
    assert_eq!(desk.count("customer", "ann"), Some(120));
    let logged = "select count(*) from change_log where object = 'customer' and op = 'update' and meta like '%handover%'";
    assert_eq!(desk.company.int(logged), Some(120));
}

fn a_handover_is_taken_back_but_for_what_went_on_since(db: &mut TestDb) {
    let desk = Desk::open(db);
    let (kept, back) =
        (desk.customer("甲示例有限公司", "website"), desk.customer("乙示例有限公司", "website"));
    let id = desk.start(desk.request(vec![("ann", None)]));
    let give = json!({"owner": desk.id("ben")});
    desk.company.update(&desk.company.boss(), "customer", kept, give).unwrap();
    desk.company.wait(desk.company.engine.undo_handover(desk.company.boss(), id)).unwrap();
    desk.finish(id);
    assert_eq!(desk.report(id)["state"], "undone");
    let owner =
        |customer: i64| desk.company.int(&format!("select owner_id from customer where id = {customer}"));
    assert_eq!(owner(back), Some(desk.id("leaver").number()));
    assert_eq!(owner(kept), Some(desk.id("ben").number()), "what somebody gave on since stays there");
    let again = desk.company.wait(desk.company.engine.undo_handover(desk.company.boss(), id));
    assert_eq!(code(again), Code::Conflict);
}

fn only_whoever_looks_after_accounts_hands_over(db: &mut TestDb) {
    let desk = Desk::open(db);
    let engine = &desk.company.engine;
    let request = desk.request(vec![("ann", None)]);
    assert_eq!(
        code(desk.company.wait(engine.preview_handover(desk.company.cx("ann"), request.clone()))),
        Code::Forbidden
    );
    assert_eq!(
        code(desk.company.wait(engine.start_handover(desk.company.cx("ann"), request))),
        Code::Forbidden
    );
    assert_eq!(code(desk.company.wait(engine.handovers(desk.company.cx("ann")))), Code::Forbidden);
    let mut wrong = desk.request(vec![
        ("leaver", None),
        ("ann", Some(json!({"field": "source", "op": "eq", "value": "website"}))),
    ]);
    wrong.leave = vec!["nothing".into()];
    let faults = desk
        .company
        .wait(engine.start_handover(desk.company.boss(), wrong))
        .unwrap_err()
        .into_problem()
        .faults;
    let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["receivers.0.to", "receivers.1.filter", "leave"]);
}
