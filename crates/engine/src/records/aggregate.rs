//! Groups and measures of a list.

use super::list::filter;
use super::render::{Names, id_text};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::access::{FieldAccess, FieldReach, ObjectAccess};
use huike_model::filter::{Period, Resolved};
use huike_model::kinds::{FieldType, Storage};
use huike_model::moment::{day_from_number, day_number};
use huike_model::{Code, Fault, Field, Value};
use huike_store::Conn;
use huike_store::query::{AggregateQuery, Group, Measure, MeasureKind, RecordQuery};
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

const MAX_GROUPS: usize = 3;
const MAX_MEASURES: usize = 10;
const MAX_ROWS: i64 = 1_000;
/// Spans of a time group: ten years of weeks.
const MAX_SPANS: usize = 530;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AggregateRequest {
    pub filter: Option<Json>,
    pub groups: Vec<GroupRequest>,
    pub measures: Vec<MeasureRequest>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum GroupRequest {
    Field(String),
    Time { field: String, by: String },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureRequest {
    pub kind: MeasureName,
    #[serde(default)]
    pub field: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MeasureName {
    Count,
    Sum,
    Min,
    Max,
    Avg,
}

impl Engine {
    /// # Errors
    /// As [`Engine::list_records`].
    pub async fn aggregate_records(&self, cx: Cx, object: String, request: AggregateRequest) -> Result<Json> {
        self.read(move |conn| {
            let object = cx.object(&object)?.clone();
            let access = cx.access(conn, &object)?;
            aggregate(conn, &cx, &access, &request)
        })
        .await
    }
}

/// One group as asked for, with the first days of its spans.
struct Grouping {
    group: Group,
    field: Arc<Field>,
    starts: Option<Vec<String>>,
}

/// As [`Engine::aggregate_records`], inside a read.
///
/// # Errors
/// As there.
pub fn aggregate(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    request: &AggregateRequest,
) -> Result<Json> {
    if !access.reads_anything() {
        return Err(Code::Forbidden.into());
    }
    let mut faults = Vec::new();
    if request.groups.len() > MAX_GROUPS || !(1..=MAX_MEASURES).contains(&request.measures.len()) {
        faults.push(Fault::new(
            "measures",
            "range",
            "分组最多 3 个，统计项 1 到 10 个",
            "At most 3 groups and 1 to 10 measures",
        ));
    }
    let filter = match &request.filter {
        Some(json) => filter(cx, access, json)?,
        None => Resolved::everything(),
    };
    let measures =
        request.measures.iter().filter_map(|measure| self::measure(access, measure, &mut faults)).collect();
    let mut groups = Vec::new();
    for group in &request.groups {
        groups.extend(grouping(conn, cx, access, &filter, group, &mut faults)?);
    }
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let mut records = RecordQuery::new(access, &cx.schema, &[]);
    records.filter = filter;
    let query = AggregateQuery {
        records,
        groups: groups.iter().map(|each| each.group.clone()).collect(),
        measures,
        limit: MAX_ROWS,
    };
    let rows = query.run(conn)?;
    let names = names(conn, cx, &groups, &rows)?;
    let shown: Vec<Json> = rows
        .iter()
        .map(|(keys, values)| {
            let keys: Vec<Json> =
                groups.iter().zip(keys).map(|(group, key)| key_json(group, key, &names)).collect();
            let values: Vec<Json> = query
                .measures
                .iter()
                .zip(values)
                .map(|(measure, value)| measure_json(measure, value))
                .collect();
            json!({"group": keys, "values": values})
        })
        .collect();
    Ok(json!({"rows": shown, "complete": (rows.len() as i64) < MAX_ROWS}))
}

/// A field that may be grouped by or measured: readable on every record in reach, for a total over others' would tell their values.
fn open_field(access: &ObjectAccess, name: &str, faults: &mut Vec<Fault>) -> Option<Arc<Field>> {
    let known = access.object.field(name).filter(|field| access.best(field) >= FieldAccess::Masked);
    let Some(field) = known else {
        faults.push(Fault::unknown_field(name));
        return None;
    };
    let everywhere = matches!(access.reach(field, FieldAccess::Read), FieldReach::Everywhere);
    if !everywhere || field.encrypted {
        faults.push(Fault::new(
            name,
            "not_measurable",
            format!("不能按{}统计", field.label.zh),
            format!("{} can't be grouped or measured", field.label.en),
        ));
        return None;
    }
    Some(field.clone())
}

fn measure(access: &ObjectAccess, request: &MeasureRequest, faults: &mut Vec<Fault>) -> Option<Measure> {
    let kind = match request.kind {
        MeasureName::Count => MeasureKind::Count,
        MeasureName::Sum => MeasureKind::Sum,
        MeasureName::Min => MeasureKind::Min,
        MeasureName::Max => MeasureKind::Max,
        MeasureName::Avg => MeasureKind::Average,
    };
    let Some(name) = &request.field else {
        if kind != MeasureKind::Count {
            faults.push(Fault::new("measures", "required", "统计项缺少字段", "The measure lacks its field"));
        }
        return Some(Measure { kind: MeasureKind::Count, field: None });
    };
    let field = open_field(access, name, faults)?;
    let numeric = field.storage() == Storage::Int
        && field.target().is_none()
        && field.value_type() != FieldType::Boolean;
    let time = matches!(field.value_type(), FieldType::Date | FieldType::DateTime);
    let fits = match kind {
        MeasureKind::Count => true,
        MeasureKind::Sum | MeasureKind::Average => numeric && !time,
        MeasureKind::Min | MeasureKind::Max => numeric,
    };
    if !fits {
        faults.push(Fault::new(
            name,
            "not_measurable",
            format!("{}不能这样统计", field.label.zh),
            format!("{} can't be measured this way", field.label.en),
        ));
        return None;
    }
    Some(Measure { kind, field: Some(field) })
}

fn grouping(
    conn: &mut Conn,
    cx: &Cx,
    access: &ObjectAccess,
    filter: &Resolved,
    request: &GroupRequest,
    faults: &mut Vec<Fault>,
) -> Result<Option<Grouping>> {
    let (name, by) = match request {
        GroupRequest::Field(name) => (name, None),
        GroupRequest::Time { field, by } => (field, Some(by)),
    };
    let Some(field) = open_field(access, name, faults) else { return Ok(None) };
    let Some(by) = by else {
        return Ok(Some(Grouping { group: Group::Field(field.clone()), field, starts: None }));
    };
    let day = field.value_type() == FieldType::Date;
    let time = day || field.value_type() == FieldType::DateTime;
    let Some(period) = Period::from_name(by).filter(|_| time) else {
        faults.push(Fault::new(
            name,
            "not_measurable",
            format!("{}不能按“{by}”分组", field.label.zh),
            format!("{} can't be grouped by “{by}”", field.label.en),
        ));
        return Ok(None);
    };
    let ends = |kind| Measure { kind, field: Some(field.clone()) };
    let mut records = RecordQuery::new(access, &cx.schema, &[]);
    records.filter = filter.clone();
    let extent = AggregateQuery {
        records,
        groups: vec![],
        measures: vec![ends(MeasureKind::Min), ends(MeasureKind::Max)],
        limit: 1,
    };
    let extent = extent.run(conn)?.pop().map(|(_, ends)| ends).unwrap_or_default();
    let date = |value: Option<&Value>| {
        let number = value.and_then(Value::as_int)?;
        if day { day_from_number(number) } else { Some(cx.moment.local(number).date()) }
    };
    let (mut spans, mut starts) = (Vec::new(), Vec::new());
    if let (Some(first), Some(last)) = (date(extent.first()), date(extent.get(1))) {
        let mut start = period.start(first);
        while start <= last {
            if spans.len() == MAX_SPANS {
                faults.push(Fault::new(
                    name,
                    "too_many",
                    "时间跨度太大，请缩小范围或换用更大的周期",
                    "The span is too long; narrow it or use a longer period",
                ));
                return Ok(None);
            }
            let next = period.shift(start, 1);
            spans.push(match day {
                true => (day_number(start), day_number(next) - 1),
                false => (cx.moment.midnight(start), cx.moment.midnight(next) - 1),
            });
            starts.push(start.to_string());
            start = next;
        }
    }
    Ok(Some(Grouping { group: Group::Spans { field: field.clone(), spans }, field, starts: Some(starts) }))
}

fn names(conn: &mut Conn, cx: &Cx, groups: &[Grouping], rows: &[(Vec<Value>, Vec<Value>)]) -> Result<Names> {
    let mut names = Names::default();
    for (place, group) in groups.iter().enumerate().filter(|(_, group)| group.starts.is_none()) {
        if let Some(target) = group.field.target() {
            names.add(conn, cx, target, rows.iter().filter_map(|(keys, _)| keys[place].as_int()))?;
        }
    }
    Ok(names)
}

fn key_json(group: &Grouping, key: &Value, names: &Names) -> Json {
    match (&group.starts, key, group.field.target()) {
        (_, Value::Null, _) => Json::Null,
        (Some(starts), Value::Int(number), _) => usize::try_from(*number)
            .ok()
            .and_then(|number| starts.get(number))
            .map_or(Json::Null, |start| start.as_str().into()),
        (None, Value::Int(id), Some(target)) => match names.get(target, *id) {
            Some(_) => names.reference(target, *id),
            None => json!({"id": id_text(*id), "name": null}),
        },
        _ => group.field.value_type().kind().to_json(key, &group.field),
    }
}

fn measure_json(measure: &Measure, value: &Value) -> Json {
    match (&measure.field, measure.kind, value) {
        (_, _, Value::Null) => Json::Null,
        (Some(field), kind, value) if kind != MeasureKind::Count => {
            field.value_type().kind().to_json(value, field)
        }
        (_, _, Value::Int(count)) => (*count).into(),
        (_, _, Value::Text(text)) => text.as_str().into(),
    }
}
