//! The SQL behind what people do all day, as it is sent, and what the planners make of it.

use crate::company::{Company, DAY};
use huike_engine::records::key_index;
use huike_engine::search::find;
use huike_engine::{Cx, Result};
use huike_model::access::ObjectAccess;
use huike_model::filter::Filter;
use huike_model::{Field, Value};
use huike_store::query::{AggregateQuery, Deleted, Group, Mark, Measure, MeasureKind, Order, RecordQuery};
use huike_store::testing::TestDb;
use huike_store::{Conn, Dialect, Sql};
use serde_json::{Value as Json, json};
use std::fmt::Write as _;
use std::sync::Arc;

/// A list as somebody asks for it.
struct Ask {
    object: &'static str,
    filter: Json,
    sort: &'static [&'static str],
    /// Where the last page ended.
    after: Option<Vec<Value>>,
    limit: i64,
    fields: &'static [&'static str],
    deleted: Deleted,
}

impl Default for Ask {
    fn default() -> Ask {
        Ask {
            object: "customer",
            filter: json!({}),
            sort: &[],
            after: None,
            limit: 50,
            fields: &["name"],
            deleted: Deleted::Live,
        }
    }
}

fn order(cx: &Cx, object: &str, sort: &[&str]) -> Vec<Order> {
    let key = |key: &&str| {
        let (name, descending) = key.strip_prefix('-').map_or((*key, false), |name| (name, true));
        Order { field: cx.object(object).unwrap().field(name).unwrap().clone(), descending }
    };
    sort.iter().map(key).collect()
}

fn named(cx: &Cx, object: &str, names: &[&str]) -> Vec<Arc<Field>> {
    names.iter().map(|name| cx.object(object).unwrap().field(name).unwrap().clone()).collect()
}

impl Ask {
    /// The statements, as far as the caller reaches.
    fn statements(&self, conn: &mut Conn, cx: &Cx) -> Result<Vec<Sql>> {
        let access = cx.access(conn, cx.object(self.object)?)?;
        let fields = named(cx, self.object, self.fields);
        let mut query = RecordQuery::new(&access, &cx.schema, &fields);
        query.filter = Filter::check_at(&self.filter, self.object, &*cx.schema, &cx.moment)
            .unwrap()
            .resolve(&cx.moment, cx);
        query.order = order(cx, self.object, self.sort);
        query.after = self.after.clone().map(|values| Mark { values, id: 4_000 });
        query.limit = self.limit;
        query.deleted = self.deleted;
        Ok(query.statements(conn)?)
    }
}

fn leaf(field: &str, op: &str, value: impl Into<Json>) -> Json {
    json!({"field": field, "op": op, "value": value.into()})
}

/// What people look at, by name.
fn lists(now: i64) -> Vec<(&'static str, Ask)> {
    let id = "000000000007s";
    let ask = Ask::default;
    let talk = || Ask { object: "interaction", fields: &["content"], ..Ask::default() };
    let task = || Ask { object: "task", fields: &["title"], ..Ask::default() };
    let moment = |ago: i64| Value::Int(now - ago * DAY);
    vec![
        ("everything, newest first", Ask { sort: &["-updated_at"], ..ask() }),
        ("the next page", Ask { sort: &["-updated_at"], after: Some(vec![moment(3)]), ..ask() }),
        ("one by id", Ask { filter: leaf("id", "eq", id), limit: 1, ..ask() }),
        ("several by id", Ask { filter: leaf("id", "in", json!([id, "000000000007t"])), ..ask() }),
        ("mine, newest first", Ask { filter: leaf("owner", "eq", "me"), sort: &["-updated_at"], ..ask() }),
        (
            "mine in a stage, newest first",
            Ask {
                filter: json!({"all": [leaf("owner", "eq", "me"), leaf("stage", "eq", "won")]}),
                sort: &["-updated_at"],
                ..ask()
            },
        ),
        (
            "a stage, newest first",
            Ask { filter: leaf("stage", "eq", "interested"), sort: &["-updated_at"], ..ask() },
        ),
        (
            "mine by next step",
            Ask {
                filter: json!({"all": [leaf("owner", "eq", "me"), leaf("next_step_at", "not_empty", Json::Null)]}),
                sort: &["next_step_at"],
                ..ask()
            },
        ),
        ("long not contacted", Ask { sort: &["last_contact_at"], ..ask() }),
        (
            "long not contacted, on",
            Ask { sort: &["last_contact_at"], after: Some(vec![moment(30)]), ..ask() },
        ),
        (
            "long not contacted, on from the empty",
            Ask { sort: &["last_contact_at"], after: Some(vec![Value::Null]), ..ask() },
        ),
        ("most valuable", Ask { sort: &["-lifetime_value"], ..ask() }),
        (
            "most valuable, on",
            Ask { sort: &["-lifetime_value"], after: Some(vec![Value::Int(2_500)]), ..ask() },
        ),
        ("by name", Ask { sort: &["name"], ..ask() }),
        ("by name, on", Ask { sort: &["name"], after: Some(vec!["h".into()]), ..ask() }),
        (
            "by two keys, on",
            Ask { sort: &["tier", "-last_contact_at"], after: Some(vec!["a".into(), moment(9)]), ..ask() },
        ),
        ("one credit code", Ask { filter: leaf("credit_code", "eq", "91330106YY000001XD"), ..ask() }),
        ("one sealed number", Ask { filter: leaf("mobile", "eq", "16420031240"), ..ask() }),
        (
            "a department and below",
            Ask { filter: leaf("department", "under", id), sort: &["-updated_at"], ..ask() },
        ),
        (
            "a province",
            Ask { filter: leaf("region_address", "under", "330000"), sort: &["-updated_at"], ..ask() },
        ),
        ("an industry", Ask { filter: leaf("industry", "under", "C"), sort: &["-updated_at"], ..ask() }),
        ("a group of companies", Ask { filter: leaf("parent", "under", id), ..ask() }),
        ("with a need", Ask { filter: leaf("need_tags", "has", "quality"), ..ask() }),
        (
            "words in the name",
            Ask {
                filter: json!({"any": [leaf("name", "contains", "机械"), {"not": leaf("short_name", "starts_with", "A")}]}),
                ..ask()
            },
        ),
        (
            "owners of a department",
            Ask { filter: leaf("owner.department", "eq", id), sort: &["-updated_at"], ..ask() },
        ),
        ("the recycle bin", Ask { deleted: Deleted::Only, sort: &["-updated_at"], ..ask() }),
        (
            "talks of a customer",
            Ask { filter: leaf("customer", "eq", id), sort: &["-occurred_at"], ..talk() },
        ),
        (
            "talks of a customer, on",
            Ask {
                filter: leaf("customer", "eq", id),
                sort: &["-occurred_at"],
                after: Some(vec![moment(2)]),
                ..talk()
            },
        ),
        (
            "talks of this week",
            Ask {
                filter: leaf("occurred_at", "within", json!({"this": "week"})),
                sort: &["-occurred_at"],
                ..talk()
            },
        ),
        (
            "contacts of a customer",
            Ask { object: "contact", filter: leaf("customer", "eq", id), sort: &["-updated_at"], ..ask() },
        ),
        (
            "my open tasks",
            Ask {
                filter: json!({"all": [leaf("owner", "eq", "me"), leaf("status", "eq", "open")]}),
                sort: &["due_at"],
                ..task()
            },
        ),
    ]
}

/// The queries that the engine makes for itself.
fn inner(conn: &mut Conn, cx: &Cx) -> Result<Vec<(&'static str, Sql)>> {
    let measure = |kind, field: Option<&Arc<Field>>| Measure { kind, field: field.cloned() };
    let customer = cx.object("customer")?.clone();
    let order = cx.object("order")?.clone();
    let all = (ObjectAccess::of_the_system(&customer), ObjectAccess::of_the_system(&order));
    let of_customer =
        Filter::check_at(&leaf("customer", "eq", "000000000007s"), "order", &*cx.schema, &cx.moment).unwrap();
    let mut sum = AggregateQuery {
        records: RecordQuery::new(&all.1, &cx.schema, &[]),
        groups: Vec::new(),
        measures: vec![measure(MeasureKind::Sum, order.field("amount"))],
        limit: 1,
    };
    sum.records.filter = of_customer.resolve(&cx.moment, cx);
    let board = AggregateQuery {
        records: RecordQuery::new(&all.0, &cx.schema, &[]),
        groups: vec![Group::Field(customer.field("stage").unwrap().clone())],
        measures: vec![
            measure(MeasureKind::Count, None),
            measure(MeasureKind::Average, customer.field("lifetime_value")),
        ],
        limit: 1_000,
    };
    let months = AggregateQuery {
        records: RecordQuery::new(&all.1, &cx.schema, &[]),
        groups: vec![Group::Spans {
            field: order.field("ordered_at").unwrap().clone(),
            spans: vec![(0, 9), (10, 19)],
        }],
        measures: vec![measure(MeasureKind::Max, order.field("amount"))],
        limit: 1_000,
    };
    Ok(vec![
        ("a figure of a parent", sum.statement(conn)?),
        ("a board", board.statement(conn)?),
        ("orders by month", months.statement(conn)?),
        ("twins by a key", key_index::statement(conn, 4_711)?),
        ("a search", find::statement(conn, "customer", "cqcaj")?),
    ])
}

fn every_list_is_sent_as_this_sql(db: &mut TestDb) {
    let company = Company::new(db);
    company.hire("anna", "sales", None);
    company.hire("boss", "admin", None);
    let (boss, anna) = (company.cx("boss"), company.cx("anna"));
    let now = company.engine.now();
    let text = company.read(move |conn| {
        let mut text = String::new();
        let mut tell = |name: &str, statements: Vec<Sql>| {
            for sql in statements {
                writeln!(text, "-- {name}\n{}", sql.text()).unwrap();
            }
        };
        for (name, ask) in lists(now) {
            tell(name, ask.statements(conn, &boss)?);
        }
        for (name, sql) in inner(conn, &boss)? {
            tell(name, vec![sql]);
        }
        let seen = Ask { sort: &["-updated_at"], ..Ask::default() };
        tell("a salesperson's customers", seen.statements(conn, &anna)?);
        let talks =
            Ask { object: "interaction", sort: &["-occurred_at"], fields: &["content"], ..Ask::default() };
        tell("a salesperson's talks", talks.statements(conn, &anna)?);
        Ok(text)
    });
    let name = if db.store.dialect() == Dialect::Sqlite { "sqlite" } else { "postgres" };
    insta::assert_snapshot!(name, text);
}

/// Rows enough that reading a table in full is the dearest thing to do.
const ROWS: i64 = 20_000;

fn fill(company: &Company) {
    let numbers = |columns: &str, table: &str, values: &str| {
        format!(
            "insert into \"{table}\" (id, version, created_at, updated_at, owner_id, department_id, {columns}) \
             with recursive n(i) as (select cast(1 as bigint) union all select i + 1 from n where i < {ROWS}) \
             select i + 1000, 1, i, i * 1000, 1 + i % 97, 1 + i % 13, {values} from n"
        )
    };
    let now = company.engine.now();
    let statements = [
        numbers(
            "name, name_sort, stage, tier, last_contact_at, next_step_at, lifetime_value, credit_code, mobile_bx, region_address, industry",
            "customer",
            &format!(
                "'客户' || i, 'kehu' || i, case i % 20 when 0 then 'won' when 1 then 'interested' else 'lead' end, case i % 3 when 0 then 'a' else 'b' end, \
                 case when i % 4 > 0 then {now} - i * 60000 end, case when i % 10 = 0 then {now} + i * 1000 end, i % 5000, 'C' || i, 'M' || i, \
                 case i % 8 when 0 then '330106' else '310115' end, case i % 7 when 0 then 'C' else 'I65' end"
            ),
        ),
        numbers(
            "customer, content, kind, occurred_at",
            "interaction",
            &format!("1000 + i % 5000, '谈话' || i, 'call', {now} - i * 600000"),
        ),
        numbers("customer, name, name_sort", "contact", "1000 + i % 5000, '张' || i, 'zhang' || i"),
        numbers(
            "title, status, due_at",
            "task",
            &format!("'任务' || i, case i % 9 when 0 then 'open' else 'done' end, {now} + i * 1000"),
        ),
        numbers(
            "customer, amount, status, ordered_at",
            "order",
            &format!("1000 + i % 5000, i, 'done', {now} - i * 1000"),
        ),
    ];
    for statement in statements {
        company.execute(&statement);
    }
    for table in ["match_key", "match_key_new"] {
        company.execute(&format!("insert into {table} (key, record_id) select id * 7919, id from customer"));
    }
    company.write(|conn| {
        let ids: Vec<i64> = (1_001..7_000).collect();
        for id in ids {
            conn.batch(&conn.dialect().search_put("customer", id, &format!("ikh{id} w{id}"))?)?;
        }
        if conn.dialect() == Dialect::Postgres {
            // As after a moment of rest: a long list of words that are pending makes the index look dear.
            conn.query(&Sql::raw("select gin_clean_pending_list('search_customer_tsv')"))?;
        }
        let analyze = conn.dialect().analyze(None)?;
        conn.execute(&analyze)?;
        Ok(())
    });
}

fn what_is_asked_all_day_is_served_by_an_index(db: &mut TestDb) {
    let company = Company::new(db);
    company.hire("boss", "admin", None);
    fill(&company);
    let boss = company.cx("boss");
    let now = company.engine.now();
    // Words inside texts, members of lists, trees of codes and other people's departments have no index of their own: they narrow what an
    // index brings, or are read through once.
    let unindexed = [
        "with a need",
        "words in the name",
        "the recycle bin",
        "by two keys, on",
        "a group of companies",
        "a board",
        "orders by month",
        "owners of a department",
    ];
    company.read(move |conn| {
        let mut all: Vec<(&str, Sql)> = Vec::new();
        for (name, ask) in lists(now) {
            all.extend(ask.statements(conn, &boss)?.into_iter().map(|sql| (name, sql)));
        }
        all.extend(inner(conn, &boss)?);
        for (name, sql) in all.iter().filter(|(name, _)| !unindexed.contains(name)) {
            let plan = conn.explain(sql)?;
            let virtual_index =
                plan.text.contains("VIRTUAL TABLE INDEX") || plan.text.contains("PRIMARY KEY");
            assert!(plan.scans.is_empty(), "{name}: {}\n{}", sql.text(), plan.text);
            assert!(!plan.indexes.is_empty() || virtual_index, "{name}: {}\n{}", sql.text(), plan.text);
            let sorted = plan.text.contains("TEMP B-TREE") || plan.text.contains("Sort Key");
            // The few rows of one parent PostgreSQL rather fetches together and sorts.
            let few = conn.dialect() == Dialect::Postgres && (name.contains(" of a customer"));
            let hot = ["newest first", "the next page", "on from", ", on", "by name", " of a customer"];
            let ordered = !few && hot.iter().any(|part| name.contains(part));
            assert!(!sorted || !ordered, "{name}: {}\n{}", sql.text(), plan.text);
        }
        Ok(())
    });
}

huike_store::on_both_databases!(every_list_is_sent_as_this_sql, what_is_asked_all_day_is_served_by_an_index);
