//! Roll-ups and the formulas over them for all records at once, by the definitions of [`crate::records::rollups`].

use crate::cx::{Caller, Cx, Via};
use crate::dictionary;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::{formulas, load};
use huike_model::access::ObjectAccess;
use huike_model::kinds::FieldType;
use huike_model::schema::{RollupKind, RollupLink, RollupSpec};
use huike_model::{Field, Object, Schema};
use huike_store::ddl::LIVE;
use huike_store::query::{self, Deleted};
use huike_store::sql::ident;
use huike_store::{Conn, Sql, SqlValue, StoreError};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// Figures of figures are carried up so many steps.
const STEPS: usize = 4;
/// Records whose formulas are worked out in one transaction.
const CHUNK: usize = 500;

/// The names of the indexes that hold computed columns: they are built after the columns are filled.
pub fn indexes(schema: &Schema) -> HashSet<String> {
    let mut names = HashSet::new();
    for object in schema.objects() {
        let computed: HashSet<&str> =
            object.fields().filter(|field| is_computed(field)).map(|field| field.column.as_str()).collect();
        let late = dictionary::indexes(object).into_iter();
        names.extend(
            late.filter(|index| index.columns.iter().any(|column| computed.contains(column.name.as_str())))
                .map(|index| index.name),
        );
    }
    names
}

fn is_computed(field: &Field) -> bool {
    matches!(field.kind, FieldType::Rollup | FieldType::Formula)
}

/// Works out every roll-up, and the formulas that read one.
pub fn bring_up(engine: &Engine) -> Result<()> {
    let cx = engine.cx(Caller::system(Via::System))?;
    for step in 0..STEPS {
        let links = links(engine, &cx, step)?;
        for (parent, links) in links {
            let Some(object) = cx.schema.object(&parent).cloned() else { continue };
            let cx_of_write = cx.clone();
            engine.store().write_blocking(move |conn| roll_up(conn, &cx_of_write, &object, &links))?;
        }
        for object in cx.schema.objects() {
            work_out(engine, &cx, object)?;
        }
    }
    Ok(())
}

/// The roll-ups of each parent that have anything to count; after the first step only those that read computed fields.
fn links(engine: &Engine, cx: &Cx, step: usize) -> Result<BTreeMap<String, Vec<RollupLink>>> {
    let mut links: BTreeMap<String, Vec<RollupLink>> = BTreeMap::new();
    for child in cx.schema.objects() {
        let table = ident(&child.name)?;
        let some = engine
            .store()
            .read_blocking(|conn| conn.query_opt(&Sql::raw(format!("select id from {table} limit 1"))))?;
        if some.is_none() {
            continue;
        }
        for link in cx.schema.rollups_from(&child.name) {
            let condition =
                link.rollup.condition.iter().flat_map(|filter| filter.leaves()).map(|leaf| &leaf.path.field);
            let mut read =
                [link.rollup.field.as_ref(), link.rollup.by.as_ref()].into_iter().flatten().chain(condition);
            if step == 0 || read.any(|field| is_computed(field)) {
                links.entry(link.parent.clone()).or_default().push(link.clone());
            }
        }
    }
    Ok(links)
}

/// Sets the roll-ups of all records of one object that have children.
fn roll_up(conn: &mut Conn, cx: &Cx, parent: &Object, links: &[RollupLink]) -> Result<()> {
    conn.allow_long_statements()?;
    let table = ident(&parent.name)?;
    let mut sql = Sql::raw(format!("update {table} set "));
    for (place, link) in links.iter().enumerate() {
        sql.push(if place > 0 { ", " } else { "" }).push(&ident(&link.field.column)?).push(" = ");
        sql.append(figure(conn, cx, &table, &link.rollup)?);
    }
    sql.push(" where id in (");
    for (place, link) in links.iter().enumerate() {
        let (child, via) = (ident(&link.rollup.child)?, ident(&link.rollup.via.column)?);
        sql.push(if place > 0 { " union " } else { "" });
        sql.push(&format!("select {via} from {child} where {via} is not null"));
    }
    sql.push(")");
    conn.execute(&sql)?;
    Ok(())
}

fn figure(conn: &Conn, cx: &Cx, parent: &str, rollup: &RollupSpec) -> Result<Sql> {
    let (child, via) = (ident(&rollup.child)?, ident(&rollup.via.column)?);
    let column = |field: &Option<Arc<Field>>| -> Result<String, StoreError> {
        Ok(field
            .as_ref()
            .map(|field| ident(&field.column))
            .transpose()?
            .map_or_else(|| "id".into(), |name| format!("t.{name}")))
    };
    let of = column(&rollup.field)?;
    let chosen = match rollup.kind {
        RollupKind::Count => "count(*)".to_owned(),
        RollupKind::Sum => format!("coalesce({}, 0)", conn.dialect().sum_int(&of)),
        RollupKind::Min => format!("min({of})"),
        RollupKind::Max => format!("max({of})"),
        RollupKind::Latest | RollupKind::Earliest => of,
    };
    let mut sql =
        Sql::raw(format!("(select {chosen} from {child} t where t.{via} = {parent}.id and t.{LIVE}"));
    if let Some(filter) = &rollup.condition {
        sql.push(" and ").append(query::condition(
            &filter.resolve(&cx.moment, cx),
            "t",
            &cx.schema,
            conn.dialect(),
        )?);
    }
    if matches!(rollup.kind, RollupKind::Latest | RollupKind::Earliest) {
        let (by, direction) =
            (column(&rollup.by)?, if rollup.kind == RollupKind::Latest { "desc" } else { "asc" });
        sql.push(&format!(" and {by} is not null order by {by} {direction}, t.id {direction} limit 1"));
    }
    sql.push(")");
    Ok(sql)
}

/// Works the formulas over roll-ups of one object out anew.
fn work_out(engine: &Engine, cx: &Cx, object: &Arc<Object>) -> Result<()> {
    let sources: Vec<&str> = object
        .formulas
        .iter()
        .filter_map(|field| field.formula.as_ref())
        .map(|formula| formula.source())
        .collect();
    let mut read: Vec<String> = Vec::new();
    for field in object.fields().filter(|field| field.kind == FieldType::Rollup) {
        if sources.iter().any(|source| source.contains(&field.name)) {
            // With nothing below it a formula is what it was when the record was made.
            let counts = field
                .rollup
                .as_ref()
                .is_some_and(|rollup| matches!(rollup.kind, RollupKind::Count | RollupKind::Sum));
            read.push(format!("{} {}", ident(&field.column)?, if counts { "<> 0" } else { "is not null" }));
        }
    }
    if read.is_empty() {
        return Ok(());
    }
    let text = format!("select id from {} where {} order by id", ident(&object.name)?, read.join(" or "));
    let mut ids: Vec<i64> = Vec::new();
    engine.store().read_blocking(|conn| {
        conn.allow_long_statements()?;
        conn.query_each(&Sql::raw(text), |row| {
            ids.push(row.int(0)?);
            Ok(())
        })
    })?;
    for chunk in ids.chunks(CHUNK) {
        let (chunk, cx, object) = (chunk.to_vec(), cx.clone(), object.clone());
        engine.store().write_blocking(move |conn| recompute(conn, &cx, &object, &chunk))?;
    }
    Ok(())
}

fn recompute(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, ids: &[i64]) -> Result<(), EngineError> {
    let everything = ObjectAccess::of_the_system(object);
    for record in load::find_many(conn, cx, &everything, ids, Deleted::Any)? {
        let mut values = record.values.clone();
        formulas::compute(&mut values);
        let changed = object.formulas.iter().filter(|field| record.values.of(field) != values.of(field));
        let changed: Vec<(String, SqlValue)> =
            changed.map(|field| (field.column.clone(), values.of(field).into())).collect();
        if !changed.is_empty() {
            query::update(conn, object, record.id, record.version, &changed)?;
        }
    }
    Ok(())
}
