//! Reading the log as an auditor: what was done to which record, by whom, when. Values of fields that the auditor may not read stay
//! hidden here too, and sealed values stay sealed: whoever may see them opens the record's own history.

use crate::access::Org;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::load::by_id;
use crate::records::render::id_text;
use crate::shown;
use huike_model::access::{AdminArea, FieldAccess, ObjectAccess};
use huike_model::{Code, Fault, Field, Id, Label, Object, Value};
use huike_store::log::{COLUMNS, Cursor, LogEntry};
use huike_store::query::{Deleted, RecordQuery};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

const MOST: u32 = 200;

/// What is looked for; absent members don't narrow anything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditQuery {
    pub object: Option<String>,
    pub record: Option<Id>,
    pub actor: Option<Id>,
    pub op: Option<String>,
    /// From this instant on, as in `2026-11-21T06:30:00Z`.
    pub from: Option<String>,
    /// Before this instant.
    pub to: Option<String>,
    pub cursor: Option<String>,
    /// At most 200; 50 when absent.
    pub limit: Option<u32>,
}

#[derive(Debug, Serialize)]
pub struct AuditPage {
    /// Newest first.
    pub items: Vec<AuditItem>,
    pub next_cursor: Option<String>,
}

/// One row of the log.
#[derive(Debug, Serialize)]
pub struct AuditItem {
    #[serde(serialize_with = "shown::id")]
    pub id: i64,
    #[serde(serialize_with = "shown::instant")]
    pub at: i64,
    pub by: By,
    pub via: String,
    pub op: String,
    pub object: String,
    pub record_id: Json,
    /// The name of the record as it is now; none when it may not be read or is gone.
    pub title: Option<String>,
    pub changes: Vec<FieldChange>,
    /// Further circumstances, such as the address of a sign-in.
    pub details: Json,
}

#[derive(Debug, Serialize)]
pub struct By {
    pub id: Json,
    pub name: Option<String>,
    pub kind: String,
}

#[derive(Debug, PartialEq, Serialize)]
pub struct FieldChange {
    pub field: String,
    pub label: Label,
    pub before: Json,
    pub after: Json,
    /// The values are there but are not shown.
    pub hidden: bool,
}

/// One page of the log.
///
/// # Errors
/// `forbidden` unless the caller may read the audit log; `bad_cursor`; every fault of the query.
pub async fn search(engine: &Engine, cx: &Cx, query: AuditQuery) -> Result<AuditPage> {
    cx.require(AdminArea::Audit)?;
    let conditions = Conditions::check(&query)?;
    let cx = cx.clone();
    engine.read(move |conn| page(conn, &cx, &conditions)).await
}

#[derive(Clone)]
struct Conditions {
    object: Option<String>,
    record: Option<i64>,
    actor: Option<i64>,
    op: Option<String>,
    from: Option<i64>,
    to: Option<i64>,
    before: Option<Cursor>,
    limit: u32,
}

impl Conditions {
    fn check(query: &AuditQuery) -> Result<Conditions> {
        let mut faults = Vec::new();
        let mut instant = |name: &str, text: &Option<String>| {
            let text = text.as_deref()?;
            let at = shown::parse_instant(text);
            if at.is_none() {
                faults.push(Fault::new(
                    name,
                    "format",
                    "应为带时区的时间，例如 2026-11-21T06:30:00Z",
                    "Write a time with its zone, such as 2026-11-21T06:30:00Z",
                ));
            }
            at
        };
        let (from, to) = (instant("from", &query.from), instant("to", &query.to));
        if query.record.is_some() && query.object.is_none() {
            faults.push(Fault::new(
                "object",
                "required",
                "查一条记录时须同时指明对象",
                "Name the object along with the record",
            ));
        }
        let limit = query.limit.unwrap_or(50);
        if !(1..=MOST).contains(&limit) {
            faults.push(Fault::new(
                "limit",
                "range",
                format!("应在 1 到 {MOST} 之间"),
                format!("Must lie between 1 and {MOST}"),
            ));
        }
        if !faults.is_empty() {
            return Err(faults.into());
        }
        let before =
            query.cursor.as_deref().map(|text| read_cursor(text).ok_or(Code::BadCursor)).transpose()?;
        Ok(Conditions {
            object: query.object.clone(),
            record: query.record.map(Id::number),
            actor: query.actor.map(Id::number),
            op: query.op.clone(),
            from,
            to,
            before,
            limit,
        })
    }

    fn sql(&self) -> Sql {
        let mut sql = Sql::raw(format!("select {COLUMNS} from change_log where 1=1"));
        if let Some(object) = &self.object {
            sql.push(" and object = ").bind(object);
        }
        if let Some(record) = self.record {
            sql.push(" and record_id = ").bind(record);
        }
        if let Some(actor) = self.actor {
            sql.push(" and actor = ").bind(actor);
        }
        if let Some(op) = &self.op {
            sql.push(" and op = ").bind(op);
        }
        if let Some(from) = self.from {
            sql.push(" and at >= ").bind(from);
        }
        if let Some(to) = self.to {
            sql.push(" and at < ").bind(to);
        }
        if let Some(before) = self.before {
            sql.push(" and (tx, id) < (").bind(before.tx).push(", ").bind(before.id).push(")");
        }
        sql.push(" order by tx desc, id desc limit ").bind(self.limit + 1);
        sql
    }
}

fn write_cursor(cursor: Cursor) -> String {
    format!("{:x}.{:x}", cursor.tx, cursor.id)
}

fn read_cursor(text: &str) -> Option<Cursor> {
    let (tx, id) = text.split_once('.')?;
    let number = |text: &str| i64::from_str_radix(text, 16).ok().filter(|number| *number >= 0);
    Some(Cursor { tx: number(tx)?, id: number(id)? })
}

fn page(conn: &mut Conn, cx: &Cx, conditions: &Conditions) -> Result<AuditPage> {
    // The best plan depends on how much a condition narrows.
    let rows = conn.query_custom_plan(&conditions.sql())?;
    let mut entries = rows.iter().map(LogEntry::read).collect::<std::result::Result<Vec<_>, _>>()?;
    let more = entries.len() > conditions.limit as usize;
    entries.truncate(conditions.limit as usize);
    let next_cursor = entries.last().filter(|_| more).map(|last| write_cursor(last.cursor()));
    let sights = Sights::of(conn, cx, &entries)?;
    let items = entries.iter().map(|entry| item(entry, cx, &sights)).collect();
    Ok(AuditPage { items, next_cursor })
}

/// What the auditor sees of the records that a page speaks of.
struct Sights(HashMap<String, Sight>);

struct Sight {
    object: Arc<Object>,
    access: ObjectAccess,
    records: HashMap<i64, Reached>,
}

/// A record within the auditor's reach.
struct Reached {
    /// Which grants reach it.
    by: Vec<bool>,
    name: Option<String>,
}

impl Sights {
    fn of(conn: &mut Conn, cx: &Cx, entries: &[LogEntry]) -> Result<Sights> {
        let mut wanted: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
        for entry in entries {
            wanted.entry(&entry.object).or_default().extend(entry.record_id);
        }
        let mut sights = HashMap::new();
        for (name, ids) in wanted {
            let Some(object) = cx.schema.object(name) else { continue };
            let access = cx.access_or_none(conn, object)?;
            let records = reached(conn, cx, &access, ids.into_iter().collect())?;
            sights.insert(name.to_owned(), Sight { object: object.clone(), access, records });
        }
        Ok(Sights(sights))
    }

    fn name(&self, object: &str, record: i64) -> Option<String> {
        self.0.get(object)?.records.get(&record)?.name.clone()
    }
}

fn reached(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, ids: Vec<i64>) -> Result<HashMap<i64, Reached>> {
    let name_field = &access.object.name_field;
    let fields = [name_field.clone()];
    let mut query = RecordQuery::new(access, &cx.schema, &fields);
    query.filter = by_id(&access.object, &ids);
    query.limit = i64::from(MOST) + 1;
    query.deleted = Deleted::Any;
    let rows = if ids.is_empty() { Vec::new() } else { query.run(conn)? };
    let seen = rows.into_iter().map(|row| {
        let readable = access.on_row(name_field, &row.reached) >= FieldAccess::Read && !name_field.encrypted;
        let name = row.values.first().and_then(Value::as_text).filter(|_| readable).map(str::to_owned);
        (row.id, Reached { by: row.reached, name })
    });
    Ok(seen.collect())
}

impl Sight {
    /// Whether the value of a field on a record may be shown. A record that is gone counts as out of reach unless all are reached.
    fn shows(&self, field: &Field, record: Option<i64>) -> bool {
        let access = match record.and_then(|record| self.records.get(&record)) {
            Some(reached) => self.access.on_row(field, &reached.by),
            None if self.access.read_scope().is_everything() => self.access.best(field),
            None => FieldAccess::Hidden,
        };
        access >= FieldAccess::Read && !field.encrypted
    }
}

fn item(entry: &LogEntry, cx: &Cx, sights: &Sights) -> AuditItem {
    let members = |text: &Option<String>| match text.as_deref().map(serde_json::from_str) {
        Some(Ok(Json::Object(members))) => members,
        _ => Map::new(),
    };
    let (before, after) = (members(&entry.before), members(&entry.after));
    let fields: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let sight = sights.0.get(&entry.object);
    let changes = fields
        .into_iter()
        .map(|name| change(name, before.get(name), after.get(name), entry, sight, &cx.org))
        .collect();
    let record_title = entry.record_id.and_then(|record| sights.name(&entry.object, record));
    AuditItem {
        id: entry.id,
        at: entry.at,
        by: By {
            id: entry.actor.map_or(Json::Null, id_text),
            name: name_of(entry.actor, cx),
            kind: entry.actor_kind.clone(),
        },
        via: entry.via.clone(),
        op: entry.op.clone(),
        object: entry.object.clone(),
        record_id: entry.record_id.map_or(Json::Null, id_text),
        title: record_title,
        changes,
        details: entry.meta.as_deref().and_then(|meta| serde_json::from_str(meta).ok()).unwrap_or(Json::Null),
    }
}

fn name_of(actor: Option<i64>, cx: &Cx) -> Option<String> {
    match actor? {
        0 => Some(Label::new("系统", "System").get(cx.lang()).to_owned()),
        id => cx.org.user(id).map(|person| person.name.clone()),
    }
}

fn change(
    name: &str,
    before: Option<&Json>,
    after: Option<&Json>,
    entry: &LogEntry,
    sight: Option<&Sight>,
    org: &Org,
) -> FieldChange {
    let field = sight.and_then(|sight| sight.object.any_field(name));
    let Some((sight, field)) = sight.zip(field) else {
        // Not a field of a record: a role's permissions, the company's settings. The right to read the log suffices, except that
        // what the dictionary has forgotten about a record's field can't be judged.
        let hidden = sight.is_some() && WRITES.contains(&entry.op.as_str());
        let shown = |json: Option<&Json>| json.filter(|_| !hidden).cloned().unwrap_or_default();
        let label = Label::same(name);
        return FieldChange {
            field: name.to_owned(),
            label,
            before: shown(before),
            after: shown(after),
            hidden,
        };
    };
    let hidden = !sight.shows(field, entry.record_id);
    let shown =
        |json: Option<&Json>| json.filter(|_| !hidden).map_or(Json::Null, |json| rendered(json, field, org));
    FieldChange {
        field: name.to_owned(),
        label: field.label.clone(),
        before: shown(before),
        after: shown(after),
        hidden,
    }
}

/// The operations of the record pipeline, whose `before` and `after` hold fields.
const WRITES: [&str; 4] = ["create", "update", "delete", "restore"];

fn rendered(json: &Json, field: &Field, org: &Org) -> Json {
    let value = match json {
        Json::Number(number) => number.as_i64().into(),
        Json::String(text) => Value::from(text.as_str()),
        _ => Value::Null,
    };
    let named = |id: i64, name: Option<String>| serde_json::json!({"id": id_text(id), "name": name});
    match (&value, field.target()) {
        (Value::Null, _) => Json::Null,
        (Value::Int(id), Some("user")) => named(*id, org.user(*id).map(|user| user.name.clone())),
        (Value::Int(id), Some("department")) => {
            named(*id, org.department(*id).map(|department| department.name.clone()))
        }
        (Value::Int(id), Some(_)) => named(*id, None),
        _ => field.value_type().kind().to_json(&value, field),
    }
}
