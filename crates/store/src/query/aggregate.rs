//! Groups and measures over records, as far as an access reaches.

use super::condition::column;
use super::page::RecordQuery;
use super::value_of;
use crate::tally::TallyDef;
use crate::{Conn, Sql, StoreError};
use huike_model::{Field, Value};
use std::sync::Arc;

/// What records are grouped by.
#[derive(Clone, Debug)]
pub enum Group {
    Field(Arc<Field>),
    /// Spans of a time field, first and last value included; a record falls into at most one.
    Spans {
        field: Arc<Field>,
        spans: Vec<(i64, i64)>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeasureKind {
    Count,
    Sum,
    Min,
    Max,
    /// Rounded to the field's scale, halves away from zero.
    Average,
}

#[derive(Clone, Debug)]
pub struct Measure {
    pub kind: MeasureKind,
    /// What is measured; `count` takes none.
    pub field: Option<Arc<Field>>,
}

/// Groups and measures of the records a query finds.
pub struct AggregateQuery<'a> {
    pub records: RecordQuery<'a>,
    pub groups: Vec<Group>,
    pub measures: Vec<Measure>,
    pub limit: i64,
}

/// One group: its values (the number of the span for spans, null outside of all) and its measures.
pub type GroupRow = (Vec<Value>, Vec<Value>);

impl AggregateQuery<'_> {
    /// # Errors
    /// The database's.
    pub fn run(&self, conn: &mut Conn) -> Result<Vec<GroupRow>, StoreError> {
        if !self.records.access.reads_anything() {
            return Ok(Vec::new());
        }
        let sql = self.statement(conn)?;
        let groups = self.groups.len();
        let rows = conn.query(&sql)?;
        let values =
            |row: &crate::Row, range: std::ops::Range<usize>| range.map(|at| value_of(row, at)).collect();
        Ok(rows
            .iter()
            .map(|row| (values(row, 0..groups), values(row, groups..groups + self.measures.len())))
            .collect())
    }

    /// # Errors
    /// A column name that is no identifier.
    pub fn statement(&self, conn: &Conn) -> Result<Sql, StoreError> {
        let tally = self.tally();
        let mut sql = Sql::raw("select ");
        for group in &self.groups {
            sql.append(group_sql(group)?).push(", ");
        }
        for (place, measure) in self.measures.iter().enumerate() {
            sql.push(if place > 0 { ", " } else { "" }).push(&match &tally {
                Some(tally) => tallied(tally, measure)?,
                None => self.measure_sql(conn, measure)?,
            });
        }
        sql.push(" from ");
        match &tally {
            Some(tally) => self.records.tally_source(&mut sql, conn, tally)?,
            None => self.records.source(&mut sql, conn)?,
        }
        if !self.groups.is_empty() {
            let places: Vec<String> = (1..=self.groups.len()).map(|place| place.to_string()).collect();
            let places = places.join(", ");
            sql.push(&format!(" group by {places}"));
            if tally.is_some() {
                // A cell stays when its last record leaves it.
                sql.push(" having sum(t.n) > 0");
            }
            sql.push(&format!(" order by {places}"));
        }
        sql.push(" limit ").bind(self.limit);
        Ok(sql)
    }

    /// The tally that answers this as well.
    fn tally(&self) -> Option<TallyDef> {
        let kept = self.records.access.object.tally.as_ref()?;
        let grouped = |group: &Group| match group {
            Group::Field(field) => kept.by.iter().any(|by| by.name == field.name),
            Group::Spans { .. } => false,
        };
        let measured = |measure: &Measure| match (&measure.field, measure.kind) {
            (None, _) => true,
            (Some(field), MeasureKind::Count | MeasureKind::Sum) => {
                kept.sum.iter().any(|sum| sum.name == field.name)
            }
            _ => false,
        };
        let answers = self.groups.iter().all(grouped) && self.measures.iter().all(measured);
        self.records.tallied().filter(|_| answers)
    }

    fn measure_sql(&self, conn: &Conn, measure: &Measure) -> Result<String, StoreError> {
        let Some(field) = &measure.field else { return Ok("count(*)".into()) };
        let name = column("t", field)?;
        Ok(match measure.kind {
            MeasureKind::Count => format!("count({name})"),
            MeasureKind::Sum => conn.dialect().sum_int(&name),
            MeasureKind::Min => format!("min({name})"),
            MeasureKind::Max => format!("max({name})"),
            MeasureKind::Average => conn.dialect().average_int(&name),
        })
    }
}

fn tallied(tally: &TallyDef, measure: &Measure) -> Result<String, StoreError> {
    match &measure.field {
        None => Ok(tally.count().into()),
        Some(field) if measure.kind == MeasureKind::Count => tally.known(&field.column),
        Some(field) => tally.total(&field.column),
    }
}

fn group_sql(group: &Group) -> Result<Sql, StoreError> {
    match group {
        Group::Field(field) => Ok(Sql::raw(column("t", field)?)),
        Group::Spans { field, spans } => {
            let name = column("t", field)?;
            let mut sql = Sql::raw("case");
            for (number, (from, to)) in spans.iter().enumerate() {
                sql.push(&format!(" when {name} between "))
                    .bind(*from)
                    .push(" and ")
                    .bind(*to)
                    .push(&format!(" then {number}"));
            }
            sql.push(" end");
            Ok(if spans.is_empty() { Sql::raw("cast(null as bigint)") } else { sql })
        }
    }
}
