//! Whose a customer was, as the caller may know it, and what they may do about it.

use super::span::{self, Span};
use crate::assignment::outcome;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::standard::CUSTOMER;
use crate::pool::{self, warning};
use crate::records::load::{self, Record};
use crate::records::render::Names;
use crate::shown::instant_text;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::moment::day_from_number;
use huike_store::query::{Deleted, RecordQuery};
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// Spans that are told.
const TOLD: i64 = 50;

impl Engine {
    /// The spans of a customer, the newest first; when it will go to a pool, and what the caller may do.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn custody(&self, cx: Cx, customer: i64) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(CUSTOMER)?.clone();
            let access = cx.access(conn, &object)?;
            let record = load::find(conn, &cx, &access, customer, Deleted::Live)?;
            let spans = span::of_record(conn, customer, TOLD)?;
            let seen = Seen::of(&access, &record);
            let pools = pool::load_all(conn)?;
            let mut names = Names::default();
            names.add(
                conn,
                &cx,
                "user",
                spans.iter().flat_map(|span| [span.owner.unwrap_or_default(), span.by]),
            )?;
            let reasons = reasons(conn, &cx, customer)?;
            let items: Vec<Json> = if seen.owner {
                let shown = |span: &Span| shown(&cx, span, &seen, &names, &pools, reasons.get(&span.since));
                spans.iter().map(shown).collect()
            } else {
                Vec::new()
            };
            let due = warning::of(conn, customer)?.filter(|_| seen.owner).map(|due| {
                json!({
                    "on": day_from_number(due.day).map(|day| day.to_string()),
                    "reason": due.reason,
                    "pool": pool::named(&pools, due.pool, cx.lang()),
                })
            });
            let can = can(conn, &cx, &access, &record, &pools)?;
            Ok(json!({"items": items, "due": due, "can": can}))
        })
        .await
    }
}

/// How much of its history the caller may know: as much as of the fields that say the same today.
pub(crate) struct Seen {
    pub owner: bool,
    pub reason: bool,
}

impl Seen {
    pub fn of(access: &ObjectAccess, record: &Record) -> Seen {
        let reads = |name: &str| {
            let field = access.object.field(name);
            field.is_some_and(|field| access.on_row(field, &record.reached) >= FieldAccess::Read)
        };
        Seen { owner: reads("owner"), reason: reads("return_reason") }
    }
}

/// Why rules gave a customer to somebody, by when.
fn reasons(conn: &mut Conn, cx: &Cx, customer: i64) -> Result<HashMap<i64, String>> {
    let text =
        "select at, outcome, why from assignment_result where record_id = $1 order by id desc limit $2";
    let mut found = HashMap::new();
    for row in conn.query(&Sql::with(text, [customer.into(), TOLD.into()])?)? {
        let why = serde_json::from_str(row.text(2)?).unwrap_or_default();
        found.insert(row.int(0)?, outcome::text(cx, row.text(1)?, &why));
    }
    Ok(found)
}

fn shown(
    cx: &Cx,
    span: &Span,
    seen: &Seen,
    names: &Names,
    pools: &[pool::Pool],
    rule: Option<&String>,
) -> Json {
    let person = |id: i64| (id > 0).then(|| names.reference("user", id));
    json!({
        "since": instant_text(span.since),
        "until": span.until.map(instant_text),
        "owner": span.owner.and_then(person),
        "pool": span.pool.and_then(|id| pool::named(pools, id, cx.lang())),
        "how": span.how,
        "reason": span.reason.as_ref().filter(|_| seen.reason),
        "note": span.note.as_ref().filter(|_| seen.reason),
        "rule": rule,
        "by": person(span.by),
    })
}

fn can(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    record: &Record,
    pools: &[pool::Pool],
) -> Result<Json> {
    let writes = cx.require_to_write().is_ok();
    let owned = record.values.int("owner").is_some();
    let mut query = RecordQuery::new(access, &cx.schema, &[]);
    query.filter = load::by_id(&access.object, &[record.id]).and(access.update_scope());
    query.limit = 1;
    let give_back = writes && owned && !pools.is_empty() && !query.run(conn)?.is_empty();
    let refused =
        if owned || !writes { None } else { pool::claim::refused(conn, cx, access, record, pools)? };
    Ok(json!({
        "return": give_back,
        "claim": !owned && writes && refused.is_none(),
        "refused": refused.map(|why| why.get(cx.lang()).to_owned()),
    }))
}
