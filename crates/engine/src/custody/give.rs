//! Giving a customer to somebody or to a pool, with what goes along.

use super::span::{self, How, Span};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::standard::{CUSTOMER, TASK};
use crate::records::body::Assignment;
use crate::records::load::{self, Record};
use crate::records::write::Writer;
use huike_model::access::ObjectAccess;
use huike_model::schema::Ownership;
use huike_model::{Lang, Object, Value};
use huike_store::query::Deleted;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use serde_json::json;
use std::sync::Arc;

/// How a customer changes hands, and why.
pub(crate) struct Turn<'a> {
    pub how: How,
    /// The pool it goes to.
    pub pool: Option<i64>,
    pub reason: Option<&'a str>,
    pub note: Option<&'a str>,
}

/// Of a customer that goes to a pool only these become nobody's with it: what tells how to reach it. Contracts and payments have dates
/// that somebody must keep until another one takes the customer.
const TOLD_WITH_IT: [&str; 2] = ["contact", "contact_role"];
const CHUNK: i64 = 200;

/// Gives a customer to somebody, or to nobody: the owner on its row, what belongs to the customer by the dictionary, its span and the log.
/// Who may is checked before.
///
/// # Errors
/// `conflict` when somebody else was faster; the database's.
pub(crate) fn give_customer(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    customer: &Record,
    to: Option<i64>,
    also: Vec<Assignment>,
    turn: &Turn<'_>,
) -> Result<()> {
    let from = customer.values.int("owner");
    let meta =
        json!({"custody": turn.how.name(), "pool": turn.pool, "reason": turn.reason, "note": turn.note});
    let mut assignments = also;
    assignments.extend(owner_of(customer.values.object(), to));
    Writer { engine, cx, conn }.give(customer, assignments, meta.clone())?;
    turned(conn, cx, customer, to, turn)?;
    let children: Vec<(Arc<Object>, String)> = belonging(cx)
        .filter(|(object, _)| to.is_some() || TOLD_WITH_IT.contains(&object.name.as_str()))
        .collect();
    for (object, lookup) in children {
        give_along(conn, engine, cx, &object, &lookup, customer.id, (from, to))?;
    }
    if to.is_none() {
        let pooled = (from, turn.how);
        drop_tasks(conn, engine, cx, customer.id, pooled)?;
    }
    Ok(())
}

/// Ends the span that lasts and begins the next.
///
/// # Errors
/// The database's.
pub(crate) fn turned(
    conn: &mut Conn,
    cx: &Cx,
    customer: &Record,
    to: Option<i64>,
    turn: &Turn<'_>,
) -> Result<()> {
    let (now, from) = (cx.moment.now, customer.values.int("owner"));
    let mut span = Span {
        record: customer.id,
        owner: from,
        pool: None,
        since: customer.values.int("created_at").unwrap_or(now),
        until: Some(now),
        how: How::Created.name().into(),
        reason: None,
        note: None,
        by: customer.values.int("created_by").unwrap_or_default(),
    };
    // Of a customer from before spans were kept, whose it was is written down now.
    if !span::end(conn, customer.id, now)? && from.is_some() {
        span::put(conn, &span)?;
    }
    if to.is_none() && turn.pool.is_none() {
        return Ok(());
    }
    (span.owner, span.pool, span.since, span.until) = (to, turn.pool, now, None);
    span.how = turn.how.name().into();
    (span.reason, span.note) = (turn.reason.map(str::to_owned), turn.note.map(str::to_owned));
    span.by = cx.author();
    span::put(conn, &span)
}

/// Sets an owner.
pub(crate) fn owner_of(object: &Object, to: Option<i64>) -> Option<Assignment> {
    Some(Assignment { field: object.field("owner")?.clone(), parsed: Value::from(to).into() })
}

/// Objects whose records are the customer's owner's, each with its lookup to the customer: as the dictionary says, custom ones too.
pub(crate) fn belonging(cx: &Cx) -> impl Iterator<Item = (Arc<Object>, String)> + '_ {
    cx.schema.objects().filter_map(|object| match &object.owner {
        Ownership::From(lookup) => {
            let about = object.field(lookup).is_some_and(|field| field.target() == Some(CUSTOMER));
            about.then(|| (object.clone(), lookup.clone()))
        }
        Ownership::Writer => None,
    })
}

/// Gives along what was the former owner's or nobody's.
fn give_along(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    object: &Arc<Object>,
    lookup: &str,
    customer: i64,
    (from, to): (Option<i64>, Option<i64>),
) -> Result<()> {
    let Some(field) = object.field(lookup) else { return Ok(()) };
    let everything = ObjectAccess::of_the_system(object);
    let mut after = 0;
    loop {
        let mut sql =
            Sql::raw(format!("select id from {} where deleted_at is null and ", ident(&object.name)?));
        sql.push(&ident(&field.column)?).push(" = ").bind(customer).push(" and id > ").bind(after);
        // A member of the list that is null finds nothing: what is nobody's is asked for by itself.
        sql.push(" and (").push_in("owner_id", from).push(if to.is_some() {
            " or owner_id is null"
        } else {
            ""
        });
        sql.push(") order by id limit ").bind(CHUNK);
        let ids =
            conn.query(&sql)?.iter().map(|row| row.int(0)).collect::<std::result::Result<Vec<_>, _>>()?;
        let Some(last) = ids.last() else { return Ok(()) };
        after = *last;
        for record in load::find_many(conn, cx, &everything, &ids, Deleted::Live)? {
            let assignments = owner_of(object, to).into_iter().collect();
            Writer { engine, cx, conn }.give(&record, assignments, json!({"with_customer": customer}))?;
        }
    }
}

/// What the former owner meant to do for a customer in a pool nobody does: it is let go, and says why.
fn drop_tasks(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    customer: i64,
    (from, how): (Option<i64>, How),
) -> Result<()> {
    let (Some(object), Some(from)) = (cx.schema.object(TASK).cloned(), from) else { return Ok(()) };
    let everything = ObjectAccess::of_the_system(&object);
    let text = "select id from task where deleted_at is null and status = 'open' and customer = $1 and owner_id = $2 order by id limit 1000";
    let rows = conn.query(&Sql::with(text, [customer.into(), from.into()])?)?;
    let ids = rows.iter().map(|row| row.int(0)).collect::<std::result::Result<Vec<_>, _>>()?;
    let why = match (how, cx.org.user(from).map_or(Lang::Zh, |person| person.lang)) {
        (How::Recycled, Lang::Zh) => "客户已收回公海",
        (How::Recycled, Lang::En) => "The customer went back to the public pool",
        (_, Lang::Zh) => "客户已退回公海",
        (_, Lang::En) => "The customer was returned to the public pool",
    };
    for record in load::find_many(conn, cx, &everything, &ids, Deleted::Live)? {
        let set = [("status", Value::from("cancelled")), ("result", Value::from(why))];
        let assignments = set.into_iter().filter_map(|(name, value)| {
            Some(Assignment { field: object.field(name)?.clone(), parsed: value.into() })
        });
        Writer { engine, cx, conn }.give(
            &record,
            assignments.collect(),
            json!({"with_customer": customer}),
        )?;
    }
    Ok(())
}
