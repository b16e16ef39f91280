//! Public pools through the door of the engine, on both databases.

use super::claim::Claim;
use super::give_back::GiveBack;
use super::list::PoolRequest;
use super::recycle;
use crate::session::testing::{Company, DAY, code};
use huike_model::{Code, Id};
use huike_store::testing::{START_MS, TestDb};
use serde_json::{Map, Value as Json, json};

huike_store::on_both_databases!(
    fifty_people_want_one_customer_and_one_gets_it,
    a_returned_customer_goes_with_its_reason_and_what_tells_how_to_reach_it,
    claims_end_at_the_days_limit_the_capacity_and_the_door_of_the_department,
    what_nobody_is_in_touch_with_goes_back_after_a_warning,
    a_customer_is_kept_while_it_is_new_has_paid_or_is_exempt,
    a_customer_in_a_pool_stands_on_the_list_of_leaks_with_its_pool,
    a_run_that_dies_half_way_is_done_again,
    a_pool_opens_no_field_that_the_role_keeps_closed,
    pools_are_the_administrators_to_set_and_its_keepers_to_give_from,
);

struct Pools {
    company: Company,
    department: i64,
}

impl Pools {
    fn open(db: &TestDb) -> Pools {
        let (company, department) = Company::selling(db, ["sales", "other"]);
        Pools { company, department }
    }

    fn work(&self) {
        self.company.follow_up();
    }

    /// A customer that is nobody's.
    fn orphan(&self, name: &str) -> i64 {
        let body = json!({"name": name, "owner": null});
        let id = self.company.create(&self.company.system(), "customer", body);
        self.work();
        id
    }

    fn owned(&self, login: &str, body: Json) -> i64 {
        let id = self.company.create(&self.company.cx(login), "customer", body);
        self.work();
        id
    }

    fn claim(&self, login: &str, customers: &[i64]) -> Vec<(i64, String)> {
        let claim = Claim { customers: customers.iter().map(|id| Id::new(*id).unwrap()).collect() };
        let done =
            self.company.wait(self.company.engine.claim_customers(self.company.cx(login), claim)).unwrap();
        outcomes(&done)
    }

    fn give_back(&self, login: &str, customer: i64, reason: &str) -> Vec<(i64, String)> {
        let request = GiveBack {
            customers: vec![Id::new(customer).unwrap()],
            reason: reason.into(),
            note: Some("电话一直没人接".into()),
            pool: None,
        };
        let done =
            self.company.wait(self.company.engine.return_customers(self.company.cx(login), request)).unwrap();
        outcomes(&done)
    }

    fn pool(&self) -> Json {
        let all = self.company.wait(self.company.engine.pool_settings(self.company.boss())).unwrap();
        all["items"][0].clone()
    }

    fn change(&self, id: &Json, members: Json) -> Json {
        let Json::Object(members) = members else { panic!("members") };
        let id = id.as_str().unwrap().parse::<Id>().unwrap().number();
        self.company.wait(self.company.engine.update_pool(self.company.boss(), id, members)).unwrap()
    }

    fn listed(&self, login: &str) -> Vec<Json> {
        let pool = self.pool()["id"].as_str().unwrap().parse::<Id>().unwrap().number();
        let request = PoolRequest { pool, ..PoolRequest::default() };
        let page =
            self.company.wait(self.company.engine.pool_customers(self.company.cx(login), request)).unwrap();
        page["items"].as_array().unwrap().clone()
    }

    fn custody(&self, login: &str, customer: i64) -> Json {
        self.company.wait(self.company.engine.custody(self.company.cx(login), customer)).unwrap()
    }

    fn owner(&self, customer: i64) -> Option<i64> {
        self.company.int(&format!("select owner_id from customer where id = {customer}"))
    }

    /// The morning's run, `days` after the beginning.
    fn morning(&self, days: i64) {
        self.company.clock.set_ms(START_MS + days * DAY);
        self.work();
        self.company.wait(recycle::daily(&self.company.engine)).unwrap();
        self.work();
    }
}

fn outcomes(done: &Json) -> Vec<(i64, String)> {
    let results = done["results"].as_array().unwrap();
    let text = |result: &Json| result["problem"]["detail"].as_str().unwrap_or_default().to_owned();
    results.iter().map(|result| (result["status"].as_i64().unwrap(), text(result))).collect()
}

fn fifty_people_want_one_customer_and_one_gets_it(db: &mut TestDb) {
    let pools = Pools::open(db);
    let customer = pools.orphan("杭州示例阀门有限公司");
    let people: Vec<i64> =
        (0..50).map(|n| pools.company.hire_into(&format!("p{n}"), "sales", Some(pools.department))).collect();
    let engine = pools.company.engine.clone();
    let claims: Vec<_> = (0..50).map(|n| pools.company.cx(&format!("p{n}"))).collect();
    let results = pools.company.wait(async {
        let tasks: Vec<_> = claims
            .into_iter()
            .map(|cx| {
                let (engine, customers) = (engine.clone(), vec![Id::new(customer).unwrap()]);
                tokio::spawn(async move { engine.claim_customers(cx, Claim { customers }).await })
            })
            .collect();
        let mut results = Vec::new();
        for task in tasks {
            results.push(task.await.unwrap().unwrap());
        }
        results
    });
    let got = results.iter().filter(|done| done["results"][0]["status"] == 200).count();
    let late = results.iter().filter(|done| done["results"][0]["status"] == 409).count();
    assert_eq!((got, late), (1, 49));
    let owner = pools.owner(customer).unwrap();
    assert!(people.contains(&owner));
    let spans = format!("select count(*) from custody where record_id = {customer} and owner_id is not null");
    assert_eq!(pools.company.int(&spans), Some(1), "one span, of the one who has it");
    pools.work();
    assert_eq!(pools.company.int(&spans), Some(1));
}

fn a_returned_customer_goes_with_its_reason_and_what_tells_how_to_reach_it(db: &mut TestDb) {
    let pools = Pools::open(db);
    let cx = pools.company.cx("sales");
    let customer = pools.owned("sales", json!({"name": "宁波示例包装有限公司", "stage": "interested"}));
    let id = Id::new(customer).unwrap();
    let contact = pools.company.create(&cx, "contact", json!({"name": "王芳", "customer": id}));
    let due = crate::shown::instant_text(START_MS + DAY);
    let task = pools.company.create(&cx, "task", json!({"title": "寄样品", "customer": id, "due_at": due}));
    pools.work();
    assert_eq!(
        pools.give_back("other", customer, "no_budget"),
        [(403, "没有权限进行此操作".to_owned())],
        "it is not theirs"
    );
    assert_eq!(pools.give_back("sales", customer, "no_budget"), [(200, String::new())]);
    pools.work();
    assert_eq!(pools.owner(customer), None);
    assert!(!pools.company.sees("sales", "contact", contact), "whoever gave it up no longer sees its people");
    let status = format!("select count(*) from task where id = {task} and status = 'cancelled'");
    assert_eq!(pools.company.int(&status), Some(1));
    assert_eq!(
        pools.company.int("select count(*) from obligation where kind = 'task' and closed_at is null"),
        Some(0)
    );
    let history = pools.custody("boss", customer);
    assert_eq!(
        history["items"].as_array().unwrap().iter().map(|span| span["how"].clone()).collect::<Vec<_>>(),
        [json!("returned"), json!("created")]
    );
    assert_eq!(
        (&history["items"][0]["reason"], &history["items"][0]["note"]),
        (&json!("no_budget"), &json!("电话一直没人接"))
    );
    assert_eq!(
        pools.custody("other", customer)["items"][0]["reason"],
        Json::Null,
        "a business field is not told"
    );
    let again = pools.claim("sales", &[customer]);
    assert!(again[0].0 == 409 && again[0].1.contains("刚放弃过"), "{again:?}");
    assert_eq!(pools.claim("other", &[customer])[0].0, 200);
    pools.work();
    assert!(
        pools.company.sees("other", "contact", contact) && !pools.company.sees("sales", "contact", contact)
    );
    assert_eq!(pools.claim("other", &[customer]), [(409, "已经是您的客户".to_owned())]);
    assert_eq!(pools.custody("other", customer)["items"][0]["how"], "claimed");
    assert_eq!(pools.listed("sales").len(), 0);
    let logged = "select count(*) from change_log where object = 'customer' and meta like '%claimed%'";
    assert_eq!(pools.company.int(logged), Some(1));
}

fn claims_end_at_the_days_limit_the_capacity_and_the_door_of_the_department(db: &mut TestDb) {
    let pools = Pools::open(db);
    let elsewhere = pools.company.department("市场部");
    pools.company.hire_into("far", "sales", Some(elsewhere));
    let customers: Vec<i64> = (0..4).map(|n| pools.orphan(&format!("示例客户{n}有限公司"))).collect();
    let id = pools.pool()["id"].clone();
    let department = Id::new(pools.department).unwrap();
    pools.change(
        &id,
        json!({"departments": [department], "claim": {"per_day": 2, "capacity": 3, "cooldown_days": 0}}),
    );
    assert!(pools.claim("far", &customers[..1])[0].1.contains("不对您的部门开放"));
    let done = pools.claim("sales", &customers[..3]);
    assert_eq!(done.iter().map(|one| one.0).collect::<Vec<_>>(), [200, 200, 409]);
    assert!(done[2].1.contains("每天最多 2 位"), "{done:?}");
    pools.company.clock.set_ms(START_MS + DAY);
    let done = pools.claim("sales", &customers[2..]);
    assert_eq!(done.iter().map(|one| one.0).collect::<Vec<_>>(), [200, 409]);
    assert!(done[1].1.contains("最多 3 位"), "{done:?}");
    let mine = pools.company.wait(pools.company.engine.pools(pools.company.cx("sales"))).unwrap();
    assert_eq!((&mine["items"][0]["left"], &mine["items"][0]["claimed_today"]), (&json!(0), &json!(1)));
    let theirs = pools.company.wait(pools.company.engine.pools(pools.company.cx("far"))).unwrap();
    assert_eq!(theirs["items"], json!([]), "a pool that is closed to somebody isn't told of");
}

fn what_nobody_is_in_touch_with_goes_back_after_a_warning(db: &mut TestDb) {
    let pools = Pools::open(db);
    let silent =
        pools.owned("sales", json!({"name": "温州示例五金有限公司", "stage": "interested", "tier": "b"}));
    let kept =
        pools.owned("sales", json!({"name": "嘉兴示例纺织有限公司", "stage": "interested", "tier": "b"}));
    let key =
        pools.owned("sales", json!({"name": "绍兴示例重点有限公司", "stage": "interested", "tier": "a"}));
    let id = pools.pool()["id"].clone();
    let rules = json!({"active": true, "silent_days": 5, "warn_days": 2, "protect_days": 0});
    pools.change(&id, json!({"recycle": rules}));
    pools.morning(1);
    assert_eq!(pools.company.int("select count(*) from pool_warning"), Some(0), "it isn't time yet");
    // Five working days after Monday is the next Monday; two working days before it is warned of.
    let mut warned = None;
    for day in 2..=8 {
        pools.morning(day);
        if pools.company.int("select count(*) from pool_warning") != Some(0) && warned.is_none() {
            warned = Some(day);
            let due = pools.custody("sales", silent)["due"].clone();
            assert_eq!(due["reason"], "silent");
            let talk = json!({"kind": "call", "customer": Id::new(kept).unwrap(), "content": "聊了聊",
                "occurred_at": crate::shown::instant_text(START_MS + day * DAY)});
            pools.company.create(&pools.company.cx("sales"), "interaction", talk);
        }
        if let Some(warned) = warned.filter(|warned| day < warned + 2) {
            assert!(pools.owner(silent).is_some(), "warned on {warned}, taken on {day}");
        }
    }
    assert!(warned.is_some());
    assert_eq!(pools.owner(silent), None);
    assert!(pools.owner(kept).is_some() && pools.owner(key).is_some());
    assert_eq!(pools.custody("boss", silent)["items"][0]["how"], "recycled");
    assert_eq!(pools.company.int("select count(*) from pool_warning"), Some(0));
    let told =
        |kind: &str| pools.company.int(&format!("select count(*) from notification where kind = '{kind}'"));
    assert_eq!((told("pool_warning"), told("pool_recycled")), (Some(1), Some(1)));
    let page =
        pools.company.wait(pools.company.engine.notifications(pools.company.cx("sales"), false, None, None));
    assert!(page.unwrap()["items"].to_string().contains("退回公海"));
}

fn a_customer_is_kept_while_it_is_new_has_paid_or_is_exempt(db: &mut TestDb) {
    let pools = Pools::open(db);
    let owned = |name: &str, source: &str| {
        pools.owned("sales", json!({"name": name, "stage": "interested", "tier": "c", "source": source}))
    };
    let plain = owned("衢州示例化工有限公司", "website");
    let paid = owned("舟山示例水产有限公司", "website");
    let exempt = owned("义乌示例商贸有限公司", "referral");
    pools.company.execute(&format!("update customer set lifetime_value = 100 where id = {paid}"));
    let id = pools.pool()["id"].clone();
    let rules = json!({"active": true, "silent_days": 1, "warn_days": 1, "protect_days": 10, "exempt_tiers": [],
        "exempt_paid": true, "exempt": {"field": "source", "op": "eq", "value": "referral"}});
    pools.change(&id, json!({"recycle": rules}));
    let has = |customer: i64| pools.owner(customer).is_some();
    for day in 1..=9 {
        pools.morning(day);
        assert!(has(plain), "it is kept for ten days, and this is the {day}th");
    }
    assert_eq!(pools.company.int("select count(*) from pool_warning"), Some(1), "warned of before its time");
    pools.morning(10);
    assert!(!has(plain) && has(paid) && has(exempt));
    // What is no longer exempt is warned of first, like everything else.
    pools.change(
        &id,
        json!({"recycle": {"active": true, "silent_days": 1, "warn_days": 1, "protect_days": 0,
        "exempt_tiers": [], "exempt_paid": false}}),
    );
    pools.morning(11);
    assert!(has(paid) && has(exempt), "the warning comes first");
    for day in 12..=15 {
        pools.morning(day);
    }
    assert!(!has(paid) && !has(exempt));
}

fn a_customer_in_a_pool_stands_on_the_list_of_leaks_with_its_pool(db: &mut TestDb) {
    let pools = Pools::open(db);
    let (free, kept) =
        (pools.orphan("台州示例泵业有限公司"), pools.owned("sales", json!({"name": "湖州示例电梯有限公司"})));
    let leaks = |login: &str| {
        let page = pools.company.engine.leaks(pools.company.cx(login), Default::default());
        pools.company.wait(page).unwrap()["items"].as_array().unwrap().clone()
    };
    let pool_of = |login: &str, customer: i64| {
        let id = json!(Id::new(customer).unwrap());
        leaks(login).iter().find(|leak| leak["customer"]["id"] == id).map(|leak| leak["pool"]["name"].clone())
    };
    assert_eq!(pool_of("boss", free), Some(json!("公海")));
    assert_eq!(pool_of("boss", kept), Some(Json::Null), "it has no next step, and an owner");
    let elsewhere = Id::new(pools.company.department("市场部")).unwrap();
    pools.change(&pools.pool()["id"], json!({"departments": [elsewhere]}));
    assert_eq!(pool_of("sales", free), Some(Json::Null), "a pool that is closed to somebody isn't told of");
}

fn a_run_that_dies_half_way_is_done_again(db: &mut TestDb) {
    let pools = Pools::open(db);
    let silent = pools.owned("sales", json!({"name": "台州示例模具有限公司", "stage": "interested"}));
    let id = pools.pool()["id"].clone();
    pools.change(
        &id,
        json!({"recycle": {"active": true, "silent_days": 1, "warn_days": 1, "protect_days": 0}}),
    );
    let mut deaths = 0;
    pools.company.engine.set_failpoints(move |at| {
        deaths += i32::from(at.starts_with("pool."));
        // Each part of the run dies once before it is done.
        at.starts_with("pool.") && matches!(deaths % 5, 1 | 3)
    });
    for day in 1..=8 {
        pools.company.clock.set_ms(START_MS + day * DAY);
        pools.work();
        for _ in 0..4 {
            // A run that died is run again.
            let _ = pools.company.wait(recycle::daily(&pools.company.engine));
        }
    }
    assert_eq!(pools.owner(silent), None);
    let recycled = "select count(*) from custody where how = 'recycled'";
    assert_eq!(pools.company.int(recycled), Some(1));
    assert_eq!(pools.company.int("select count(*) from notification where kind = 'pool_warning'"), Some(1));
}

fn a_pool_opens_no_field_that_the_role_keeps_closed(db: &mut TestDb) {
    let pools = Pools::open(db);
    let body = json!({"name": "湖州示例玩具有限公司", "phone": "0571-88880000", "remark": "老板姓李", "owner": null});
    let customer = pools.company.create(&pools.company.system(), "customer", body);
    pools.work();
    let listed = pools.listed("sales");
    assert_eq!(listed[0]["customer"]["name"], "湖州示例玩具有限公司");
    assert!(!listed[0].to_string().contains("88880000") && !listed[0].to_string().contains("老板"));
    assert!(listed[0]["customer"].get("source").is_none_or(Json::is_null), "{listed:?}");
    pools.company.hire_into("nobody", "finance", Some(pools.department));
    let refused = pools.company.wait(pools.company.engine.custody(pools.company.cx("sales"), customer + 1));
    assert_eq!(code(refused), Code::NotFound);
    assert_eq!(pools.claim("sales", &[customer + 1])[0].0, 404);
}

fn pools_are_the_administrators_to_set_and_its_keepers_to_give_from(db: &mut TestDb) {
    let pools = Pools::open(db);
    let (engine, customer) = (pools.company.engine.clone(), pools.orphan("金华示例电器有限公司"));
    let members = |json: Json| json.as_object().unwrap().clone();
    let refused = pools.company.wait(engine.create_pool(pools.company.cx("sales"), Map::new()));
    assert_eq!(code(refused), Code::Forbidden);
    let wrong = json!({"name": {"zh": "", "en": "East"}, "filter": {"field": "nothing", "op": "eq", "value": 1},
        "departments": [Id::new(7).unwrap()], "recycle": {"active": true, "silent_days": 0, "warn_days": 0, "exempt_tiers": ["z"]}});
    let faults = pools.company.wait(engine.create_pool(pools.company.boss(), members(wrong))).unwrap_err();
    let fields: Vec<String> = faults.into_problem().faults.iter().map(|fault| fault.field.clone()).collect();
    assert_eq!(
        fields,
        [
            "name.zh",
            "filter.nothing",
            "departments",
            "recycle.silent_days",
            "recycle.warn_days",
            "recycle.exempt_tiers"
        ]
        .map(str::to_owned)
        .to_vec()
    );
    let assign = |login: &str| {
        let request = super::assign::AssignFromPool {
            customers: vec![Id::new(customer).unwrap()],
            to: Id::new(pools.company.user("other")).unwrap(),
        };
        outcomes(&pools.company.wait(engine.assign_from_pool(pools.company.cx(login), request)).unwrap())[0].0
    };
    assert_eq!(assign("sales"), 403);
    let id = pools.pool()["id"].clone();
    pools.change(&id, json!({"admins": [Id::new(pools.company.user("sales")).unwrap()]}));
    assert_eq!(assign("sales"), 200);
    assert_eq!(pools.owner(customer), Some(pools.company.user("other")));
    let tried = json!({"id": id, "name": {"zh": "公海", "en": "Pool"}, "recycle": {"active": true, "silent_days": 1, "warn_days": 30}});
    let tried = pools.company.wait(engine.preview_pool(pools.company.boss(), members(tried))).unwrap();
    assert_eq!(tried["customers"], 1, "{tried}");
    assert_eq!(tried["examples"][0]["name"], "金华示例电器有限公司");
    assert_eq!(pools.company.int("select count(*) from pool_warning"), Some(0), "nothing is written");
    // A pool that ends gives its customers to the next that fits.
    let second = pools.orphan("丽水示例竹木有限公司");
    let new = members(json!({"name": {"zh": "浙江公海", "en": "Zhejiang"}}));
    pools.company.wait(engine.create_pool(pools.company.boss(), new)).unwrap();
    let old = id.as_str().unwrap().parse::<Id>().unwrap().number();
    pools.company.wait(engine.delete_pool(pools.company.boss(), old)).unwrap();
    pools.company.wait(recycle::sweep(&engine)).unwrap();
    assert_eq!(pools.listed("sales")[0]["customer"]["id"], json!(Id::new(second).unwrap()));
}
