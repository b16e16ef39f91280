//! Groups with their subsidiaries and branches.

use crate::company::{Company, faults, number, problem};
use huike_engine::Cx;
use huike_engine::access::permissions::put_permissions;
use huike_model::{Code, Problem};
use huike_store::testing::TestDb;
use serde_json::{Value as Json, json};

fn tree(company: &Company, cx: &Cx, object: &str, id: &str) -> Result<Json, Box<Problem>> {
    company.wait(company.engine.record_hierarchy(cx.clone(), object.into(), number(id))).map_err(problem)
}

/// Name → name of the one above.
fn shape(tree: &Json) -> Vec<(String, Option<String>)> {
    let nodes = tree["nodes"].as_array().unwrap();
    let name = |id: &Json| {
        let found = nodes.iter().find(|node| node["record"]["id"] == *id);
        found.map(|node| node["record"]["name"].as_str().unwrap().to_owned())
    };
    nodes.iter().map(|node| (name(&node["record"]["id"]).unwrap(), name(&node["parent"]))).collect()
}

fn total(tree: &Json, field: &str) -> Option<(Json, i64)> {
    let totals = tree["totals"].as_array().unwrap();
    let found = totals.iter().find(|total| total["field"] == field)?;
    Some((found["value"].clone(), found["of"].as_i64().unwrap()))
}

/// A group of Anna's with a subsidiary of Bob's, which has a branch of Anna's.
struct Group {
    company: Company,
    group: String,
    subsidiary: String,
    branch: String,
}

impl Group {
    fn new(db: &TestDb) -> Group {
        let company = Company::new(db);
        let (anna, bob) = (company.hire("anna", "sales", None), company.hire("bob", "sales", None));
        let system = company.system();
        let customer = |name: &str, owner: &str, parent: Option<&str>, relation: Option<&str>| {
            let body = json!({"name": name, "owner": owner, "parent": parent, "parent_relation": relation});
            company.create(&system, "customer", body)
        };
        let group = customer("甲集团", &anna, None, None);
        let subsidiary = customer("甲科技", &bob, Some(&group), Some("subsidiary"));
        let branch = customer("甲科技杭州分公司", &anna, Some(&subsidiary), Some("branch"));
        for (name, of) in [("王芳", &group), ("李明", &subsidiary), ("张伟", &branch), ("刘洋", &branch)]
        {
            company.create(&system, "contact", json!({"name": name, "customer": of}));
        }
        for (amount, of) in [("1000.00", &group), ("200.50", &subsidiary), ("30.00", &branch)] {
            let body = json!({"name": "设备", "customer": of, "amount": amount});
            company.create(&system, "opportunity", body);
        }
        Group { company, group, subsidiary, branch }
    }
}

fn a_group_shows_its_tree_and_the_figures_of_all_below(db: &mut TestDb) {
    let Group { company, group, subsidiary, branch } = Group::new(db);
    let system = company.system();
    let whole = tree(&company, &system, "customer", &group).unwrap();
    let expected = [
        ("甲集团".to_owned(), None),
        ("甲科技".to_owned(), Some("甲集团".to_owned())),
        ("甲科技杭州分公司".to_owned(), Some("甲科技".to_owned())),
    ];
    assert_eq!(shape(&whole), expected);
    assert_eq!((&whole["root"], &whole["members"], &whole["cut"]), (&json!(group), &json!(3), &json!(false)));
    assert_eq!(total(&whole, "contact_count"), Some((json!(4), 3)));
    assert_eq!(total(&whole, "open_amount").unwrap().0.to_string().trim_matches('"'), "1230.5");
    let from_below = tree(&company, &system, "customer", &branch).unwrap();
    assert_eq!(shape(&from_below), expected, "the same tree, whichever of it is looked at");
    assert_eq!(from_below["members"], 1);
    assert_eq!(total(&from_below, "contact_count"), Some((json!(2), 1)), "a branch counts for itself");
    let middle = tree(&company, &system, "customer", &subsidiary).unwrap();
    assert_eq!(total(&middle, "contact_count"), Some((json!(3), 2)));
    let circle = company.try_update(
        &system,
        "customer",
        &group,
        None,
        json!({"parent": branch, "parent_relation": "branch"}),
    );
    assert_eq!(faults(&circle.unwrap_err()), [("parent".to_owned(), "circular")]);
    let alone = company.create(&system, "tag", json!({"name": "重点"}));
    assert_eq!(tree(&company, &system, "tag", &alone).unwrap_err().code, Code::NotFound, "tags make no tree");
}

fn what_may_not_be_seen_is_neither_named_nor_counted_in_a_group(db: &mut TestDb) {
    let Group { company, group, subsidiary, branch } = Group::new(db);
    let anna = company.cx("anna");
    let partly = tree(&company, &anna, "customer", &group).unwrap();
    assert_eq!(total(&partly, "contact_count").unwrap().1, 3, "of others' customers the basics");
    let (amount, of) = total(&partly, "open_amount").unwrap();
    assert_eq!((amount.to_string().trim_matches('"'), of), ("1030", 2), "Bob's amount isn't hers to know");
    company.hire("root", "admin", None);
    let root = company.cx("root");
    let role = company.engine.org().role_by_code("sales").unwrap().id;
    let narrow = json!({"admin": [], "objects": {"customer": {"read": "own", "levels": {"general": "read", "business": "read"}}}});
    company.wait(put_permissions(&company.engine, &root, role, &narrow)).unwrap();
    let anna = company.cx("anna");
    let narrow = tree(&company, &anna, "customer", &group).unwrap();
    assert_eq!(shape(&narrow), [("甲集团".to_owned(), None)]);
    assert!(!narrow.to_string().contains(&subsidiary) && !narrow.to_string().contains("甲科技"), "{narrow}");
    assert_eq!(narrow["members"], 1);
    let below = tree(&company, &anna, "customer", &branch).unwrap();
    assert_eq!(
        (&below["root"], &below["members"]),
        (&json!(branch), &json!(1)),
        "the tree begins below what is hidden"
    );
    assert_eq!(tree(&company, &anna, "customer", &subsidiary).unwrap_err().code, Code::NotFound);
}

huike_store::on_both_databases!(
    a_group_shows_its_tree_and_the_figures_of_all_below,
    what_may_not_be_seen_is_neither_named_nor_counted_in_a_group,
);
