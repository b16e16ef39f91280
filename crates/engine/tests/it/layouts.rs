//! Layouts by role and stage, and what a change of the dictionary would touch, told before it is made.

use crate::company::{Company, members, number, problem};
use huike_model::{Code, Problem};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

fn change(company: &Company, changes: Json) -> Result<Json, Box<Problem>> {
    company
        .wait(company.engine.change_object(company.system(), "customer".into(), members(changes)))
        .map_err(problem)
}

fn role(company: &Company, code: &str) -> String {
    let found = company.cx("boss").org.role_by_code(code).map(|role| role.id).unwrap();
    huike_model::Id::new(found).unwrap().to_string()
}

fn staffed(db: &TestDb) -> Company {
    let company = Company::new(db);
    for (login, role) in [("boss", "admin"), ("anna", "sales"), ("bert", "sales"), ("cora", "service")] {
        company.hire(login, role, None);
    }
    company
}

fn seen_by(company: &Company, login: &str) -> Json {
    company.wait(company.engine.describe_object(company.cx(login), "customer".into())).unwrap()
}

fn names(described: &Json) -> Vec<&str> {
    described["layouts"].as_array().unwrap().iter().map(|case| case["name"].as_str().unwrap()).collect()
}

fn cases(company: &Company) -> Json {
    json!([
        {"name": "won", "label": {"zh": "成交后", "en": "After the sale"}, "roles": [role(company, "sales")],
         "when": {"field": "stage", "values": ["won"]}, "short": ["name"],
         "sections": [{"label": {"zh": "重点", "en": "First"}, "fields": ["name", "stage"]}], "hidden": ["source"]},
        {"name": "everybody", "label": {"zh": "全员", "en": "Everybody"}, "roles": [], "short": ["name", "phone"],
         "sections": [], "hidden": []},
    ])
}

fn a_layout_is_given_to_the_roles_it_is_meant_for(db: &mut TestDb) {
    let company = staffed(db);
    change(&company, json!({"layouts": cases(&company)})).unwrap();
    let anna = seen_by(&company, "anna");
    assert_eq!(names(&anna), ["won", "everybody"]);
    assert_eq!(anna["layouts"][0]["hidden"], json!(["source"]));
    assert!(anna.get("all_layouts").is_none(), "who it is for is the administrators' to know");
    assert_eq!(names(&seen_by(&company, "cora")), ["everybody"]);
    let boss = seen_by(&company, "boss");
    assert_eq!(names(&boss), ["everybody"]);
    assert_eq!(boss["all_layouts"][0]["roles"], json!([role(&company, "sales")]));
}

fn a_layout_never_shows_a_field_that_its_reader_may_not_know(db: &mut TestDb) {
    let company = staffed(db);
    let known = |described: &Json| {
        let fields = described["fields"].as_array().unwrap();
        fields.iter().any(|field| field["name"] == "credit_limit")
    };
    let open = json!({"name": "all", "label": {"zh": "全", "en": "All"}, "short": ["credit_limit"],
        "sections": [{"label": {"zh": "额度", "en": "Limit"}, "fields": ["credit_limit"]}], "hidden": []});
    change(&company, json!({"layouts": [open]})).unwrap();
    let cora = seen_by(&company, "cora");
    assert!(!known(&cora));
    assert_eq!((&cora["layouts"][0]["short"], &cora["layouts"][0]["sections"]), (&json!([]), &json!([])));
}

fn a_layout_for_what_is_not_there_is_refused(db: &mut TestDb) {
    let company = staffed(db);
    let wrong = [
        json!({"name": "x", "label": {"zh": "甲", "en": "A"}, "short": ["no_such_field"]}),
        json!({"name": "x", "label": {"zh": "甲", "en": "A"}, "when": {"field": "stage", "values": ["nowhere"]}}),
        json!({"name": "x", "label": {"zh": "甲", "en": "A"}, "when": {"field": "name", "values": ["won"]}}),
        json!({"name": "Not a name", "label": {"zh": "甲", "en": "A"}}),
    ];
    for layout in wrong {
        let refused = change(&company, json!({"layouts": [layout]})).unwrap_err();
        assert_eq!(refused.code, Code::Invalid, "{layout}");
    }
    assert_eq!(names(&seen_by(&company, "anna")), [""; 0]);
}

fn whom_a_layout_would_touch_is_told_without_making_it(db: &mut TestDb) {
    let company = staffed(db);
    for stage in ["won", "won", "lead"] {
        company.create(
            &company.system(),
            "customer",
            json!({"name": format!("示例{stage}公司"), "stage": stage}),
        );
    }
    let preview = |login: &str| {
        let changes = members(json!({"layouts": cases(&company)}));
        company
            .wait(company.engine.preview_object(company.cx(login), "customer".into(), changes))
            .map_err(problem)
    };
    let impact = preview("boss").unwrap();
    assert_eq!(impact["layouts"][0], json!({"name": "won", "people": 2, "records": 2}));
    assert_eq!(impact["layouts"][1]["records"], 3);
    assert_eq!(names(&seen_by(&company, "anna")), [""; 0], "nothing was made");
    assert_eq!(preview("anna").unwrap_err().code, Code::Forbidden);
}

fn what_a_change_of_a_field_would_break_is_told_before_it_is_made(db: &mut TestDb) {
    let company = staffed(db);
    let boss = company.cx("boss");
    company.create(
        &boss,
        "customer",
        json!({"name": "示例甲公司", "short_name": "甲", "source": "referral"}),
    );
    let long = company.create(&boss, "customer", json!({"name": "示例乙公司", "short_name": "很长的简称"}));
    company.create(&boss, "customer", json!({"name": "示例丙公司", "short_name": "甲"}));
    company.create(&boss, "customer", json!({"name": "示例丁公司"}));
    let preview = |field: &str, changes: Json| {
        let asked = company.engine.preview_field(
            company.cx("boss"),
            "customer".into(),
            field.into(),
            members(changes),
        );
        company.wait(asked).unwrap()
    };
    let shorter = preview("short_name", json!({"max_length": 3}));
    assert_eq!(
        (&shorter["records"], &shorter["filled"], &shorter["breaking"]),
        (&json!(4), &json!(3), &json!(1))
    );
    assert_eq!(shorter["sample"][0]["id"], json!(long));
    assert_eq!(preview("short_name", json!({"required": true}))["breaking"], 1);
    assert_eq!(preview("short_name", json!({"unique": true}))["breaking"], 1);
    let retired = preview("stage", json!({"retired": true}));
    let uses: Vec<&str> =
        retired["used_by"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert!(uses.contains(&"view") && uses.contains(&"form"), "{uses:?}");
    let numbers = preview("number", json!({"format": "甲-{seq:3}"}));
    assert_eq!(numbers["numbers"], json!(["甲-001", "甲-002", "甲-003"]));
    assert!(number(&long) > 0);
}

huike_store::on_both_databases!(
    a_layout_is_given_to_the_roles_it_is_meant_for,
    a_layout_never_shows_a_field_that_its_reader_may_not_know,
    a_layout_for_what_is_not_there_is_refused,
    whom_a_layout_would_touch_is_told_without_making_it,
    what_a_change_of_a_field_would_break_is_told_before_it_is_made,
);
