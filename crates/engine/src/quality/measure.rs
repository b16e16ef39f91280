//! Going over all records of an object: what time alone has made stale is brought up to date, and the day's figures are kept.

use super::score::{self, Assessment, Dimension, Reached, assess};
use super::{alert, remedy};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::merging::{Standing, search_when_due, standing};
use crate::records::load::all_fields;
use crate::records::values::Values;
use chrono::Timelike;
use huike_model::access::ObjectAccess;
use huike_model::moment::DAY_MS;
use huike_model::{Code, Object};
use huike_store::query::{Mark, Order, RecordQuery, StoredRecord};
use huike_store::{Conn, Row, Sql, SqlValue, query};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Records read at once; between two chunks others may write.
const CHUNK: i64 = 500;
/// A list that nobody has searched for duplicates for so long is searched at night.
const SEARCHED_EVERY: i64 = 7 * DAY_MS;

/// The figures of one object on one day.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub records: u64,
    /// The average, 0–100; none without records.
    pub score: Option<i64>,
    /// Hundredths by dimension; what isn't measured is left out.
    pub dimensions: BTreeMap<String, i64>,
    pub fields: BTreeMap<String, FieldFigures>,
    pub rules: BTreeMap<String, RuleFigures>,
    /// Records by score: 0–59, 60–79, 80–89, 90–100.
    pub bands: [u64; 4],
    /// Records in the groups that the duplicate desk shows.
    pub twins: u64,
    #[serde(default)]
    pub groups: u64,
    /// Whether the list was ever searched for duplicates; else uniqueness isn't known.
    #[serde(default)]
    pub searched: bool,
}

impl Figures {
    /// The score, or a dimension by its name; none where it isn't measured.
    pub(super) fn of(&self, measure: &str) -> Option<i64> {
        if measure == "score" { self.score } else { self.dimensions.get(measure).copied() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFigures {
    pub filled: u64,
    pub missing: u64,
    pub stale: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFigures {
    pub eligible: u64,
    pub hits: u64,
}

#[derive(Default)]
struct Totals {
    figures: Figures,
    sum: u64,
    reached: [Reached; 4],
}

/// Measures what has no figures of today yet, from an hour of the company's day on.
///
/// # Errors
/// The database's.
pub async fn due(engine: &Engine, hour: u32) -> Result<()> {
    let cx = engine.cx(Caller::system(Via::System))?;
    if cx.moment.local(cx.moment.now).hour() < hour && !engine.org().company.demo {
        return Ok(());
    }
    let objects: Vec<Arc<Object>> =
        cx.schema.objects().filter(|object| object.quality.is_some()).cloned().collect();
    for object in objects {
        let (name, day) = (object.name.clone(), cx.moment.today().to_string());
        if engine.read(move |conn| kept(conn, &name, &day)).await?.is_none() {
            if !object.duplicates.is_empty() {
                search_when_due(engine, &object.name, SEARCHED_EVERY).await?;
            }
            measure(engine, &object.name).await?;
        }
    }
    Ok(())
}

/// Measures an object now and keeps the figures as today's.
///
/// # Errors
/// `not_found` for an object that doesn't say what quality is; the database's.
pub async fn measure(engine: &Engine, object: &str) -> Result<Figures> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let object = cx.object(object)?.clone();
    if object.quality.is_none() {
        return Err(Code::NotFound.into());
    }
    let mut totals = Totals::default();
    let mut after: Option<Mark> = None;
    loop {
        let (this, target, from) = (cx.clone(), object.clone(), after.take());
        let (rows, mark) = engine.read(move |conn| chunk(conn, &this, &target, from)).await?;
        let stale = judge(&cx, &object, &rows, &mut totals);
        if !stale.is_empty() {
            let target = object.clone();
            engine.write(move |conn| store_kept(conn, &target, &stale)).await?;
        }
        match mark {
            Some(mark) => after = Some(mark),
            None => break,
        }
    }
    let target = object.clone();
    let standing = engine.read(move |conn| standing(conn, &target)).await?;
    let figures = totals.figures(standing);
    let (name, day, text) = (object.name.clone(), cx.moment.today().to_string(), written(&figures)?);
    let (this, measured, now) = (cx.clone(), object.clone(), figures.clone());
    engine
        .write(move |conn| {
            let before = snapshot(conn, &measured.name, "day < $2 order by day desc", &day)?;
            alert::raise(conn, &this, &measured, before.as_ref().map(|(_, figures)| figures), &now)?;
            Ok(conn.execute(&Sql::with(
                "insert into quality_snapshot (object, day, figures) values ($1, $2, $3) \
                 on conflict (object, day) do update set figures = excluded.figures",
                [name.as_str().into(), day.as_str().into(), text.as_str().into()],
            )?)?)
        })
        .await?;
    remedy::recheck(engine, &object.name).await?;
    Ok(figures)
}

/// A day's figures with the day: the first of those whose days fulfil a condition, in which $2 is `day`.
///
/// # Errors
/// The database's.
pub(super) fn snapshot(
    conn: &mut Conn,
    object: &str,
    condition: &str,
    day: &str,
) -> Result<Option<(String, Figures)>> {
    let sql = format!("select day, figures from quality_snapshot where object = $1 and {condition} limit 1");
    let row = conn.query_opt(&Sql::with(sql, [object.into(), day.into()])?)?;
    let read = |row: Row| -> Result<(String, Figures)> {
        Ok((row.text(0)?.to_owned(), serde_json::from_str(row.text(1)?).unwrap_or_default()))
    };
    row.map(read).transpose()
}

fn written(figures: &Figures) -> Result<String> {
    serde_json::to_string(figures).map_err(|_| EngineError::internal("figures can't be written"))
}

/// The figures of a day, if they were taken.
///
/// # Errors
/// The database's.
pub fn kept(conn: &mut Conn, object: &str, day: &str) -> Result<Option<Figures>> {
    Ok(snapshot(conn, object, "day = $2", day)?.map(|(_, figures)| figures))
}

fn chunk(
    conn: &mut Conn,
    cx: &Cx,
    object: &Arc<Object>,
    after: Option<Mark>,
) -> Result<(Vec<StoredRecord>, Option<Mark>)> {
    let access = ObjectAccess::of_the_system(object);
    let fields = all_fields(object);
    step(conn, RecordQuery::new(&access, &cx.schema, &fields), false, after, CHUNK)
}

/// The next records that a query finds on a walk in the order of their ids, and where the walk goes on; none at its end.
///
/// # Errors
/// The database's.
pub(crate) fn step(
    conn: &mut Conn,
    mut query: RecordQuery,
    descending: bool,
    after: Option<Mark>,
    limit: i64,
) -> Result<(Vec<StoredRecord>, Option<Mark>)> {
    let id = query.access.object.field("id");
    query.order = id.map(|field| Order { field: field.clone(), descending }).into_iter().collect();
    (query.after, query.limit) = (after, limit);
    let rows = query.run(conn)?;
    let more = rows.last().filter(|_| rows.len() as i64 == limit);
    let mark = more.map(|last| Mark { values: last.order.clone(), id: last.id });
    Ok((rows, mark))
}

/// A record whose quality is no longer what is kept with it, at the version it was judged in.
struct Stale {
    id: i64,
    version: i64,
    columns: Vec<(String, SqlValue)>,
}

/// Judges a chunk; the records whose kept quality is no longer right. Sealed values stay sealed: only whether they are there matters.
fn judge(cx: &Cx, object: &Arc<Object>, rows: &[StoredRecord], totals: &mut Totals) -> Vec<Stale> {
    let Some(quality) = &object.quality else { return Vec::new() };
    let fields = all_fields(object);
    let mut stale = Vec::new();
    for row in rows {
        let mut values = Values::new(object);
        for (field, value) in fields.iter().zip(&row.values) {
            values.set(&field.name, value.clone());
        }
        let found = assess(cx, quality, &values);
        totals.count(&found);
        for (field, _) in &quality.weights {
            let counted = totals.figures.fields.entry(field.name.clone()).or_default();
            counted.filled += u64::from(!values.of(field).is_null());
        }
        let kept = score::kept(quality, &found).into_iter();
        let changed = kept.filter(|(field, value)| values.of(field) != value);
        let columns: Vec<_> = changed.map(|(field, value)| (field.column.clone(), (&value).into())).collect();
        if !columns.is_empty() {
            stale.push(Stale { id: row.id, version: row.version, columns });
        }
    }
    stale
}

impl Totals {
    fn count(&mut self, found: &Assessment<'_>) {
        let figures = &mut self.figures;
        figures.records += 1;
        self.sum += found.score as u64;
        for (all, one) in self.reached.iter_mut().zip(found.reached) {
            all.add(one);
        }
        let band = match found.score {
            ..60 => 0,
            60..80 => 1,
            80..90 => 2,
            _ => 3,
        };
        figures.bands[band] += 1;
        for field in &found.missing {
            figures.fields.entry(field.name.clone()).or_default().missing += 1;
        }
        for (field, _) in &found.stale {
            figures.fields.entry(field.name.clone()).or_default().stale += 1;
        }
        for rule in &found.asked {
            figures.rules.entry(rule.name.clone()).or_default().eligible += 1;
        }
        for rule in &found.broken {
            figures.rules.entry(rule.name.clone()).or_default().hits += 1;
        }
    }

    fn figures(mut self, standing: Standing) -> Figures {
        let records = self.figures.records;
        self.figures.score = (records > 0).then(|| ((self.sum * 2 + records) / (records * 2)) as i64);
        for dimension in Dimension::ALL {
            if let Some(percent) = self.reached[dimension as usize].percent() {
                self.figures.dimensions.insert(dimension.name().into(), percent);
            }
        }
        self.figures.twins = standing.records.min(records);
        self.figures.groups = standing.groups;
        self.figures.searched = standing.searched_at.is_some();
        if records > 0 && self.figures.searched {
            let alone = Reached { got: records - self.figures.twins, of: records };
            self.figures.dimensions.extend(alone.percent().map(|percent| ("uniqueness".to_owned(), percent)));
        }
        self.figures
    }
}

/// As roll-ups are written: the record's version stays, and whoever changed it meanwhile has put its quality right already.
fn store_kept(conn: &mut Conn, object: &Object, all: &[Stale]) -> Result<()> {
    for one in all {
        query::update(conn, object, one.id, one.version, &one.columns)?;
    }
    Ok(())
}
