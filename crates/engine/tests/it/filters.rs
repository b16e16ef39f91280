//! One filter, one answer: from SQL on both databases and in memory.

use crate::company::{ids, number};
use crate::specimen::{World, fields, samples};
use huike_engine::Cx;
use huike_model::filter::{Facts, Filter, Op, Path};
use huike_model::{Code, Field, Value};
use huike_store::testing::TestDb;
use huike_store::{Sql, query};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::collections::HashMap;

/// Every row of the objects that filters reach, by object and id, and the parents of their trees.
struct Rows {
    values: HashMap<(String, i64), HashMap<String, Value>>,
    parents: HashMap<String, String>,
}

impl Rows {
    fn load(world: &World, cx: &Cx) -> Rows {
        let mut rows = Rows { values: HashMap::new(), parents: HashMap::new() };
        for name in ["specimen", "customer", "user", "department"] {
            let object = cx.object(name).unwrap().clone();
            if let Some(parent) = object.parent_field() {
                rows.parents.insert(name.to_owned(), parent.name.clone());
            }
            let mut columns: Vec<(String, String)> =
                object.fields().map(|field| (field.name.clone(), field.column.clone())).collect();
            columns.extend(
                object
                    .fields()
                    .filter_map(|field| Some((format!("{} blind", field.name), field.blind_columns()?.0))),
            );
            let list: Vec<&str> = columns.iter().map(|(_, column)| column.as_str()).collect();
            let sql = Sql::raw(format!("select id, {} from \"{name}\"", list.join(", ")));
            for row in world.company.read(move |conn| Ok(conn.query(&sql)?)) {
                let values = columns
                    .iter()
                    .enumerate()
                    .map(|(place, (field, _))| (field.clone(), query::value_of(&row, place + 1)))
                    .collect();
                rows.values.insert((name.to_owned(), row.int(0).unwrap()), values);
            }
        }
        rows
    }

    fn at(&self, object: &str, id: i64, field: &str) -> Value {
        self.values.get(&(object.to_owned(), id)).and_then(|row| row.get(field)).cloned().unwrap_or_default()
    }
}

/// One specimen among them.
struct Specimen<'a> {
    rows: &'a Rows,
    id: i64,
}

impl Specimen<'_> {
    fn end(&self, path: &Path) -> Option<(String, i64)> {
        let mut place = ("specimen".to_owned(), self.id);
        for hop in &path.hops {
            place = (hop.target.clone(), self.rows.at(&place.0, place.1, &hop.field.name).as_int()?);
        }
        Some(place)
    }
}

impl Facts for Specimen<'_> {
    fn value(&self, path: &Path) -> Cow<'_, Value> {
        Cow::Owned(
            self.end(path)
                .map(|(object, id)| self.rows.at(&object, id, &path.field.name))
                .unwrap_or_default(),
        )
    }

    fn blind(&self, path: &Path) -> Option<String> {
        let (object, id) = self.end(path)?;
        self.rows.at(&object, id, &format!("{} blind", path.field.name)).as_text().map(str::to_owned)
    }

    fn is_under(&self, object: &str, id: i64, ancestor: i64) -> bool {
        let parent = |id: i64| {
            self.rows.parents.get(object).and_then(|parent| self.rows.at(object, id, parent).as_int())
        };
        std::iter::successors(Some(id), |id| parent(*id)).any(|each| each == ancestor)
    }
}

/// Every condition there is over a specimen: each field, own and behind references, each operator, some operands.
fn leaves(world: &World, cx: &Cx) -> Vec<Json> {
    let ids = |list: &[String]| list.iter().map(|id| json!(id)).collect::<Vec<_>>();
    let people = || [ids(&world.users), vec![json!("me")]].concat();
    let departments = || [ids(&world.departments), vec![json!("my_department")]].concat();
    let mut paths: Vec<(String, Vec<Json>)> = fields()
        .iter()
        .map(|field| field["name"].as_str().unwrap().to_owned())
        .map(|name| {
            let samples = match name.as_str() {
                "customer" => ids(&world.customers),
                "parent" => ids(&world.specimens[..6]),
                "helper" => people(),
                "unit" => departments(),
                "serial" => vec![json!("S-001"), json!("s-0")],
                "home" => vec![json!("330000"), json!("330100"), json!("文三路"), json!("é"), json!("a 座")],
                "papers" | "photo" => ids(&world.files[..2]),
                "tags" => vec![json!("x"), json!("xy")],
                name => samples(name),
            };
            (name, samples)
        })
        .collect();
    let further: [(&str, Vec<Json>); 16] = [
        ("id", ids(&world.specimens[..4])),
        ("owner", people()),
        ("department", departments()),
        ("created_by", people()),
        ("created_at", vec![json!("2026-03-02T01:00:10Z")]),
        ("updated_at", vec![json!("2026-03-02T01:00:20Z")]),
        ("owner.department", departments()),
        ("owner.department.name", vec![json!("销售部"), json!("部")]),
        ("parent.name", samples("name")),
        ("parent.secret", samples("secret")),
        ("parent.parent.count", samples("count")),
        ("parent.customer.tier", vec![json!("a"), json!("b")]),
        ("customer.name", vec![json!("甲公司"), json!("beta")]),
        ("customer.parent", ids(&world.customers)),
        ("customer.mobile", vec![json!("16420031240"), json!("16420031249")]),
        ("customer.owner", people()),
    ];
    paths.extend(further.into_iter().map(|(path, samples)| (path.to_owned(), samples)));
    let mut leaves = Vec::new();
    for (path, samples) in paths {
        for op in Op::ALL {
            let operands = match op {
                Op::IsEmpty | Op::NotEmpty => vec![Json::Null],
                Op::In | Op::NotIn => samples
                    .windows(2)
                    .map(|pair| json!(pair))
                    .chain(samples.first().map(|one| json!([one])))
                    .collect(),
                Op::Between => samples
                    .iter()
                    .zip(samples.iter().skip(1).chain(&samples[..1.min(samples.len())]))
                    .map(|(a, b)| json!([a, b]))
                    .collect(),
                Op::Within => [
                    ("last", "7d"),
                    ("last", "3h"),
                    ("next", "1d"),
                    ("this", "week"),
                    ("this", "month"),
                    ("previous", "month"),
                    ("following", "year"),
                ]
                .map(|(name, span)| json!({name: span}))
                .into(),
                _ => samples.clone(),
            };
            let leaf = |value: Json| json!({"field": path, "op": op, "value": value});
            leaves.extend(
                operands
                    .into_iter()
                    .map(leaf)
                    .filter(|leaf| Filter::check_at(leaf, "specimen", &*cx.schema, &cx.moment).is_ok()),
            );
        }
    }
    leaves
}

struct Trial {
    world: World,
    cx: Cx,
    rows: Rows,
    live: Vec<String>,
}

impl Trial {
    fn new(db: &TestDb) -> Trial {
        let world = World::new(db, 60);
        let cx = world.company.cx("anna");
        let rows = Rows::load(&world, &cx);
        let live = world.company.found(&cx, "specimen", json!({}));
        Trial { world, cx, rows, live }
    }

    /// What SQL finds and what memory finds.
    fn both(&self, filter: &Json) -> (Vec<String>, Vec<String>) {
        let found = self.world.company.found(&self.cx, "specimen", filter.clone());
        let checked = Filter::check_at(filter, "specimen", &*self.cx.schema, &self.cx.moment).unwrap();
        let resolved = checked.resolve(&self.cx.moment, &self.cx);
        let passes = |id: &&String| resolved.matches(&Specimen { rows: &self.rows, id: number(id) });
        (found, self.live.iter().filter(passes).cloned().collect())
    }
}

fn every_condition_and_its_complement_mean_the_same_in_sql_and_in_memory(db: &mut TestDb) {
    let trial = Trial::new(db);
    let leaves = leaves(&trial.world, &trial.cx);
    let mut hits = 0;
    let covered = |test: &dyn Fn(&Field, Op) -> bool| {
        leaves.iter().any(|leaf| {
            let path = Path::find(leaf["field"].as_str().unwrap(), "specimen", &*trial.cx.schema).unwrap();
            test(&path.field, Op::from_name(leaf["op"].as_str().unwrap()).unwrap())
        })
    };
    for field in trial.cx.object("specimen").unwrap().fields() {
        for op in field.operators() {
            let name = &field.name;
            let tried = matches!(name.as_str(), "version" | "deleted_at" | "updated_by")
                || covered(&|each, with| each.name == *name && with == *op);
            assert!(tried, "{name} {}", op.name());
        }
    }
    for leaf in &leaves {
        let (sql, memory) = trial.both(leaf);
        assert_eq!(sql, memory, "{leaf}");
        hits += usize::from(!sql.is_empty() && sql.len() < trial.live.len());
        let (sql_not, memory_not) = trial.both(&json!({"not": leaf}));
        assert_eq!(sql_not, memory_not, "not {leaf}");
        assert_eq!(sql.len() + sql_not.len(), trial.live.len(), "{leaf}");
    }
    assert!(leaves.len() > 500 && hits * 3 > leaves.len(), "{} conditions, {hits} of use", leaves.len());
}

fn any_filter_means_the_same_in_sql_and_in_memory(db: &mut TestDb) {
    let trial = Trial::new(db);
    let leaf = proptest::sample::select(leaves(&trial.world, &trial.cx));
    let filter = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|parts| json!({"all": parts})),
            proptest::collection::vec(inner.clone(), 0..4).prop_map(|parts| json!({"any": parts})),
            inner.prop_map(|part| json!({"not": part})),
        ]
    });
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let tried = runner.run(&filter, |filter| {
        let (sql, memory) = trial.both(&filter);
        prop_assert_eq!(sql, memory, "{}", filter);
        Ok(())
    });
    tried.unwrap_or_else(|failure| panic!("{failure}"));
}

fn a_bad_filter_tells_every_fault_and_never_breaks_anything(db: &mut TestDb) {
    let world = World::new(db, 3);
    let cx = world.company.cx("anna");
    let refused = |filter: Json| {
        let problem = world.company.try_list(&cx, "specimen", json!({"filter": filter})).unwrap_err();
        assert_eq!(problem.code, Code::BadFilter, "{problem}");
        problem.faults.len()
    };
    let leaf = |field: &str, op: &str, value: Json| json!({"field": field, "op": op, "value": value});
    assert_eq!(
        refused(
            json!({"all": [leaf("nowhere", "eq", json!(1)), leaf("count", "contains", json!("1")), leaf("count", "eq", json!("很多")),
        leaf("parent.nowhere", "eq", json!(1)), leaf("name.count", "eq", json!(1)), leaf("spot", "eq", json!(1))]})
        ),
        6
    );
    assert_eq!(refused(leaf("id", "eq", json!("drop table"))), 1);
    assert_eq!(refused(leaf("customer", "eq", json!(17))), 1);
    assert_eq!(refused(leaf("parent.parent.parent.parent.name", "eq", json!("x"))), 1);
    assert_eq!(refused(json!([1])), 1);
    assert_eq!(refused(json!({"field": "name", "op": "eq", "value": "x", "and": 1})), 1);
    let mut deep = leaf("count", "eq", json!(1));
    for _ in 0..9 {
        deep = json!({"not": deep});
    }
    refused(deep);
    refused(json!({"any": vec![leaf("count", "eq", json!(1)); 101]}));
    // Odd but harmless operands find nothing, or say why not; nothing breaks.
    for odd in ["\u{0}", "a\u{0}b", "'; drop table specimen; --", "%", "_", "\\", "\u{feff}", "𠮷"] {
        for (field, op) in [
            ("name", "eq"),
            ("name", "contains"),
            ("name", "starts_with"),
            ("note", "contains"),
            ("home", "contains"),
            ("tags", "has"),
            ("mail", "eq"),
            ("secret", "eq"),
        ] {
            match world.company.try_list(&cx, "specimen", json!({"filter": leaf(field, op, json!(odd))})) {
                Ok(page) => assert!(ids(&page).len() <= 3),
                Err(problem) => assert_eq!(problem.code, Code::BadFilter, "{field} {op} {odd:?}"),
            }
        }
    }
}

huike_store::on_both_databases!(
    every_condition_and_its_complement_mean_the_same_in_sql_and_in_memory,
    any_filter_means_the_same_in_sql_and_in_memory,
    a_bad_filter_tells_every_fault_and_never_breaks_anything,
);
