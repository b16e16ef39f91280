//! What is loaded in bulk is what the pipeline would have written.

use super::Part;
use crate::cx::{Caller, Via};
use crate::demo::Size;
use crate::engine::{Engine, Options};
use crate::records::load;
use huike_model::access::ObjectAccess;
use huike_model::{Field, Object, Value};
use huike_store::query::Deleted;
use huike_store::testing::TestDb;
use huike_store::{Conn, Dialect, Sql, StoreError};
use huike_vault::keys::{KeyRing, MasterKey};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

const SIZE: Size = Size { customers: 60, interactions: 300, opportunities: 45, more_salespeople: 0 };

fn engine(db: &TestDb) -> Engine {
    let keys = KeyRing::new(MasterKey::generate(1), Vec::new());
    Engine::open(Options { store: db.store.clone(), keys, files: "unused".into() }).unwrap()
}

/// Ids as "object#place": the same in every database.
struct Places(HashMap<i64, String>);

impl Places {
    fn of(engine: &Engine) -> Places {
        let mut places = HashMap::from([(0, "system".to_owned())]);
        for object in engine.schema().objects() {
            let sql = Sql::raw(format!("select id from \"{}\" order by id", object.name));
            let rows =
                engine.store().read_blocking(|conn| conn.query(&sql)).map_err(|e: StoreError| e).unwrap();
            for (place, row) in rows.iter().enumerate() {
                places.insert(row.int(0).unwrap(), format!("{}#{place}", object.name));
            }
        }
        Places(places)
    }

    fn get(&self, id: i64) -> String {
        self.0.get(&id).cloned().unwrap_or_else(|| format!("unknown id {id}"))
    }

    fn value(&self, field: &Field, value: &Value) -> String {
        match value {
            Value::Int(id) if field.target().is_some() || field.name == "id" => self.get(*id),
            value => format!("{value:?}"),
        }
    }
}

/// Every record of an object, readable, one line each.
fn records(engine: &Engine, places: &Places, object: &Arc<Object>) -> Vec<String> {
    let cx = engine.cx(Caller::system(Via::System)).unwrap();
    let found = engine.store().read_blocking(|conn| {
        let rows = conn.query(&Sql::raw(format!("select id from \"{}\" order by id", object.name)))?;
        let mut found = Vec::new();
        for row in rows {
            found.extend(load::find_many(
                conn,
                &cx,
                &ObjectAccess::of_the_system(object),
                &[row.int(0)?],
                Deleted::Any,
            )?);
        }
        Ok::<_, crate::EngineError>(found)
    });
    let line = |record: load::Record| {
        let fields = object
            .fields()
            .map(|field| format!("{}={}", field.name, places.value(field, record.values.of(field))));
        format!("{} raw={:?}", fields.collect::<Vec<_>>().join(" "), record.raw)
    };
    found.unwrap().into_iter().map(line).collect()
}

/// The columns beside the values: sort keys as they are, blind indexes only whether there is one.
fn beside(conn: &mut Conn, object: &Object) -> Vec<String> {
    let mut lines = Vec::new();
    for field in object.fields() {
        let mut columns: Vec<(String, bool)> =
            field.sort_column().map(|column| (column, true)).into_iter().collect();
        columns.extend(
            field.blind_columns().into_iter().flat_map(|(blind, tail)| [(blind, false), (tail, false)]),
        );
        for (column, plain) in columns {
            let shown = if plain {
                column.clone()
            } else {
                format!("case when {column} is null then 'no' else 'yes' end")
            };
            let sql = Sql::raw(format!("select {shown} from \"{}\" order by id", object.name));
            let rows = conn.query(&sql).unwrap();
            lines.push(format!(
                "{column}: {:?}",
                rows.iter().map(|row| row.opt_text(0).unwrap()).collect::<Vec<_>>()
            ));
        }
    }
    lines
}

fn log(engine: &Engine, places: &Places) -> BTreeMap<String, Vec<String>> {
    let sql = Sql::raw(
        "select at, actor, actor_kind, via, request, object, record_id, op, before, after, meta from change_log order by tx, id",
    );
    let rows = engine.store().read_blocking(|conn| conn.query(&sql)).map_err(|e: StoreError| e).unwrap();
    let mut lines: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows {
        let object = row.text(5).unwrap();
        let values = |text: Option<&str>| {
            let members: Map<String, Json> = serde_json::from_str(text.unwrap_or("{}")).unwrap();
            let shown = members.into_iter().map(|(name, json)| {
                match engine.schema().object(object).and_then(|o| o.field(&name).cloned()) {
                    Some(field) if field.encrypted => format!("{name}=sealed"),
                    Some(field) if field.target().is_some() => {
                        format!("{name}={}", places.get(json.as_i64().unwrap_or(-1)))
                    }
                    _ => format!("{name}={json}"),
                }
            });
            shown.collect::<Vec<_>>().join(" ")
        };
        let actor = row.opt_int(1).unwrap().map(|id| places.get(id));
        let line = format!(
            "{:?} {} {actor:?} {:?} {:?} {:?} [{}] [{}]",
            if object == "role" || object == "setting" || object == "company" {
                None
            } else {
                row.opt_int(0).unwrap()
            },
            row.opt_int(6).unwrap().map(|id| places.get(id)).unwrap_or_default(),
            row.text(2).unwrap(),
            row.text(3).unwrap(),
            row.text(7).unwrap(),
            values(row.opt_text(8).unwrap()),
            values(row.opt_text(9).unwrap()),
        );
        lines.entry(object.to_owned()).or_default().push(line);
    }
    lines
}

/// Which records share each key, for the keys of sealed values differ from database to database.
fn match_keys(engine: &Engine, places: &Places) -> Vec<String> {
    let sql =
        Sql::raw("select key, record_id from match_key union all select key, record_id from match_key_new");
    let rows = engine.store().read_blocking(|conn| conn.query(&sql)).map_err(|e: StoreError| e).unwrap();
    let mut sharing: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for row in &rows {
        sharing.entry(row.int(0).unwrap()).or_default().push(places.get(row.int(1).unwrap()));
    }
    let mut lines: Vec<String> = sharing
        .into_iter()
        .map(|(key, mut who)| {
            who.sort_unstable();
            let class = if key & 1 == 0 { 0 } else { key & 3 };
            format!("{class} {}", who.join(", "))
        })
        .collect();
    lines.sort();
    lines
}

/// What the index holds, word by word; words that carry ids or keys only by their class.
fn words(engine: &Engine, places: &Places) -> Vec<String> {
    let class = |word: &str| match word.as_bytes() {
        [b's' | b'y', rest @ ..] if rest.len() > 8 => format!("{} …", &word[..1]),
        [b'z', rest @ ..] if rest.len() == 24 => "z …".to_owned(),
        _ => word.to_owned(),
    };
    let objects: Vec<String> =
        engine.schema().objects().filter(|object| object.search).map(|object| object.name.clone()).collect();
    let read = move |conn: &mut Conn| {
        let mut pairs = Vec::new();
        for object in &objects {
            let (table, _) = conn.dialect().search_table(object)?;
            let rows = match conn.dialect() {
                Dialect::Sqlite => {
                    let words = format!(
                        "create virtual table temp.words using fts5vocab('main', '{table}', 'instance')"
                    );
                    conn.execute(&Sql::raw(words))?;
                    let rows = conn.query(&Sql::raw("select term, doc from temp.words"))?;
                    conn.execute(&Sql::raw("drop table temp.words"))?;
                    rows
                }
                Dialect::Postgres => conn.query(&Sql::raw(format!(
                    "select unnest(tsvector_to_array(tsv)), record_id from {table}"
                )))?,
            };
            for row in rows {
                pairs.push((row.text(0)?.to_owned(), row.int(1)?));
            }
        }
        Ok::<_, StoreError>(pairs)
    };
    let pairs: Vec<(String, i64)> = engine.store().write_blocking(read).unwrap();
    let mut lines: Vec<String> =
        pairs.iter().map(|(word, doc)| format!("{} {}", places.get(*doc), class(word))).collect();
    lines.sort();
    lines
}

fn counts(engine: &Engine) -> Vec<i64> {
    let tables = ["subject_key", "number_counter", "user_role", "credential", "record_share"];
    let count = |table: &&str| {
        let sql = Sql::raw(format!("select count(*) from {table}"));
        engine.store().read_blocking(|conn| conn.query_one(&sql)?.int(0)).map_err(|e: StoreError| e).unwrap()
    };
    tables.iter().map(count).collect()
}

fn numbers(engine: &Engine) -> Vec<String> {
    let sql = Sql::raw("select rule, period, next from number_counter order by rule, period");
    let rows = engine.store().read_blocking(|conn| conn.query(&sql)).map_err(|e: StoreError| e).unwrap();
    rows.iter()
        .map(|row| format!("{} {} {}", row.text(0).unwrap(), row.text(1).unwrap(), row.int(2).unwrap()))
        .collect()
}

fn index_names(engine: &Engine) -> Vec<String> {
    let text = match engine.store().dialect() {
        Dialect::Sqlite => "select name from sqlite_schema where type = 'index' order by name",
        Dialect::Postgres => {
            "select indexname::text from pg_indexes where schemaname = current_schema() order by 1"
        }
    };
    let rows =
        engine.store().read_blocking(|conn| conn.query(&Sql::raw(text))).map_err(|e: StoreError| e).unwrap();
    rows.iter().map(|row| row.text(0).unwrap().to_owned()).collect()
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, loaded: &[T], seeded: &[T]) {
    if let Some(place) =
        (0..loaded.len().max(seeded.len())).find(|place| loaded.get(*place) != seeded.get(*place))
    {
        panic!("{what} differ at {place}:\nloaded {:?}\nseeded {:?}", loaded.get(place), seeded.get(place));
    }
}

fn the_loaded_company_is_the_one_the_pipeline_writes(loaded: &mut TestDb, seeded: &mut TestDb) {
    let (loaded, seeded) = (engine(loaded), engine(seeded));
    seeded.seed_demo(7, SIZE).unwrap();
    let today = seeded.cx(Caller::system(Via::System)).unwrap().moment.today();
    let made = loaded.load_demo(7, SIZE, today, Part::Everything).unwrap();
    loaded.renew_blocking().unwrap();
    let (here, there) = (Places::of(&loaded), Places::of(&seeded));
    assert!(made > 900, "{made}");
    for object in loaded.schema().objects() {
        same(&object.name, &records(&loaded, &here, object), &records(&seeded, &there, object));
        let columns = |engine: &Engine| {
            engine.store().read_blocking(|conn| Ok::<_, StoreError>(beside(conn, object))).unwrap()
        };
        same(&format!("columns beside those of {}", object.name), &columns(&loaded), &columns(&seeded));
    }
    let (log_here, log_there) = (log(&loaded, &here), log(&seeded, &there));
    same("objects in the log", &log_here.keys().collect::<Vec<_>>(), &log_there.keys().collect::<Vec<_>>());
    for (object, lines) in &log_here {
        same(&format!("log of {object}"), lines, &log_there[object]);
    }
    same("match keys", &match_keys(&loaded, &here), &match_keys(&seeded, &there));
    same("words", &words(&loaded, &here), &words(&seeded, &there));
    same("counts", &counts(&loaded), &counts(&seeded));
    same("numbers", &numbers(&loaded), &numbers(&seeded));
    same("indexes", &index_names(&loaded), &index_names(&seeded));
}

#[test]
fn on_sqlite_the_loaded_company_is_the_one_the_pipeline_writes() {
    the_loaded_company_is_the_one_the_pipeline_writes(&mut TestDb::sqlite(), &mut TestDb::sqlite());
}

#[test]
fn on_postgres_the_loaded_company_is_the_one_the_pipeline_writes() {
    the_loaded_company_is_the_one_the_pipeline_writes(&mut TestDb::postgres(), &mut TestDb::postgres());
}

#[test]
fn a_database_with_users_is_left_alone() {
    let db = TestDb::sqlite();
    let engine = engine(&db);
    let today = engine.cx(Caller::system(Via::System)).unwrap().moment.today();
    let size = Size { customers: 3, interactions: 3, opportunities: 1, more_salespeople: 0 };
    assert!(engine.load_demo(1, size, today, Part::Measured).unwrap() > 0);
    let before = counts(&engine);
    assert_eq!(engine.load_demo(1, size, today, Part::Measured).unwrap(), 0);
    assert_eq!(counts(&engine), before);
}
