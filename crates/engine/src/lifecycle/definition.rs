//! A lifecycle as an administrator writes it, and what the dictionary says to it.

use crate::error::{EngineError, Result};
use huike_model::filter::Filter;
use huike_model::kinds::FieldType;
use huike_model::moment::Moment;
use huike_model::{Fault, Field, Object, Schema};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a stage means, whatever it is called: figures are made of this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    #[default]
    Open,
    Won,
    Lost,
}

/// A stage: one of the options of the field, in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub value: String,
    #[serde(default)]
    pub meaning: Meaning,
    /// The stages from which it is reached; from any when there is none.
    #[serde(default)]
    pub from: Vec<String>,
    /// Fields that must be filled in.
    #[serde(default)]
    pub required: Vec<String>,
    /// What must hold, as a filter over the record's own fields.
    #[serde(default)]
    pub entry: Option<Json>,
}

/// A move that happens by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Automatic {
    pub to: String,
    #[serde(default)]
    pub from: Vec<String>,
    /// What must hold; own fields only.
    #[serde(default)]
    pub when: Option<Json>,
    /// And nobody was in contact for so many days.
    #[serde(default)]
    pub silent_days: Option<u16>,
    /// Only said, not done.
    #[serde(default)]
    pub warn_only: bool,
    /// Days before a move for silence at which its owner is told.
    #[serde(default)]
    pub warn_days: u16,
    /// What is written beside the stage: the reason for a loss, say.
    #[serde(default)]
    pub set: Map<String, Json>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    pub field: String,
    #[serde(default)]
    pub stages: Vec<Stage>,
    #[serde(default)]
    pub automatic: Vec<Automatic>,
    /// New records that people make must meet what their first stage asks for too. Without it a new record states where it stands.
    #[serde(default)]
    pub strict_new: bool,
}

/// A lifecycle as it is kept.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    pub object: String,
    pub active: bool,
    pub version: i64,
    pub definition: Definition,
}

const MAX_RULES: usize = 20;
const MAX_REQUIRED: usize = 30;
/// Ten years.
const LONGEST_SILENCE: u16 = 3_660;

impl Definition {
    pub fn stage(&self, value: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.value == value)
    }

    pub fn meaning(&self, value: &str) -> Meaning {
        self.stage(value).map(|stage| stage.meaning).unwrap_or_default()
    }

    /// Checks it against the dictionary.
    ///
    /// # Errors
    /// Every fault, at paths of the definition.
    pub fn check(
        &self,
        object: &Object,
        schema: &Schema,
        moment: &Moment,
    ) -> std::result::Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        let Some(field) = object.field(&self.field).filter(|field| field.kind == FieldType::Choice) else {
            let zh = format!("“{}”不是单选字段，不能用作阶段", self.field);
            let en = format!("“{}” is no choice field and can't hold stages", self.field);
            return Err(vec![Fault::new("field", "unknown_field", zh, en)]);
        };
        let mut seen = BTreeSet::new();
        for (place, stage) in self.stages.iter().enumerate() {
            let at = format!("stages.{place}");
            if field.option(&stage.value).is_none() {
                faults.push(unknown_stage(format!("{at}.value"), &stage.value));
            } else if !seen.insert(&stage.value) {
                let (zh, en) = ("这个阶段写了两次", "This stage stands here twice");
                faults.push(Fault::new(format!("{at}.value"), "duplicate", zh, en));
            }
            check_from(&stage.from, field, &at, &mut faults);
            if stage.required.len() > MAX_REQUIRED {
                faults.push(too_many(format!("{at}.required"), MAX_REQUIRED));
            }
            for name in stage.required.iter().take(MAX_REQUIRED) {
                if object.field(name).is_none() {
                    faults.push(Fault::unknown_field(name).at(format!("{at}.required")));
                }
            }
            check_filter(stage.entry.as_ref(), object, schema, moment, &format!("{at}.entry"), &mut faults);
        }
        if self.automatic.len() > MAX_RULES {
            faults.push(too_many("automatic".into(), MAX_RULES));
        }
        for (place, rule) in self.automatic.iter().take(MAX_RULES).enumerate() {
            self.check_automatic(rule, place, field, object, schema, moment, &mut faults);
        }
        if faults.is_empty() {
            faults.extend(self.circle(field));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    #[allow(clippy::too_many_arguments)] // one fault list for all of it
    fn check_automatic(
        &self,
        rule: &Automatic,
        place: usize,
        field: &Field,
        object: &Object,
        schema: &Schema,
        moment: &Moment,
        faults: &mut Vec<Fault>,
    ) {
        let at = format!("automatic.{place}");
        if field.option(&rule.to).is_none() {
            faults.push(unknown_stage(format!("{at}.to"), &rule.to));
        }
        check_from(&rule.from, field, &at, faults);
        if rule.when.is_none() && rule.silent_days.is_none() {
            let zh = "请写明条件，或多少天没有联系";
            let en = "Say the condition, or after how many days without contact";
            faults.push(Fault::new(format!("{at}.when"), "required", zh, en));
        }
        if rule.silent_days.is_some_and(|days| !(1..=LONGEST_SILENCE).contains(&days)) {
            let zh = format!("应为 1 到 {LONGEST_SILENCE} 天");
            let en = format!("Must be 1 to {LONGEST_SILENCE} days");
            faults.push(Fault::new(format!("{at}.silent_days"), "range", zh, en));
        }
        if rule.silent_days.is_some() && object.field("last_contact_at").is_none() {
            let zh = format!("{}没有“最近联系”，不能按沉默天数判断", object.label.zh);
            let en = format!("{} have no last contact to count from", object.label_plural.en);
            faults.push(Fault::new(format!("{at}.silent_days"), "unknown_field", zh, en));
        }
        if rule.silent_days.is_some_and(|days| rule.warn_days >= days) {
            let zh = "提醒应早于转移：提前的天数要小于沉默天数";
            let en = "The warning must come before the move: fewer days than the silence";
            faults.push(Fault::new(format!("{at}.warn_days"), "range", zh, en));
        }
        check_filter(rule.when.as_ref(), object, schema, moment, &format!("{at}.when"), faults);
        for (name, value) in &rule.set {
            let path = format!("{at}.set.{name}");
            match object.field(name).filter(|field| !field.computed() && !field.read_only()) {
                Some(_) if *name == self.field => {
                    let (zh, en) = ("阶段由“转为”决定", "The stage is that of the move");
                    faults.push(Fault::new(path, "duplicate", zh, en));
                }
                Some(field) => {
                    if let Err(found) = field.kind.kind().parse(value, field, moment) {
                        faults.extend(found.into_iter().map(|fault| fault.at(path.clone())));
                    }
                }
                None => faults.push(Fault::unknown_field(name).at(path)),
            }
        }
    }

    /// Moves that would follow each other in a circle: what one does another would undo for ever.
    fn circle(&self, field: &Field) -> Option<Fault> {
        let every: Vec<&str> = field.options.iter().map(|option| option.value.as_str()).collect();
        let mut next: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for rule in self.automatic.iter().filter(|rule| !rule.warn_only) {
            let from: Vec<&str> = if rule.from.is_empty() {
                every.clone()
            } else {
                rule.from.iter().map(String::as_str).collect()
            };
            for from in from.into_iter().filter(|from| *from != rule.to) {
                next.entry(from).or_default().push(&rule.to);
            }
        }
        for start in &every {
            let (mut seen, mut todo) = (BTreeSet::new(), next.get(start).cloned().unwrap_or_default());
            while let Some(stage) = todo.pop() {
                if stage == *start {
                    let name = field.option(start).map(|option| option.label.clone()).unwrap_or_default();
                    let zh = format!("自动转移成了循环：从“{}”出发又会回到它，请去掉其中一条", name.zh);
                    let en = format!("These moves go in a circle back to “{}”; leave one out", name.en);
                    return Some(Fault::new("automatic", "circle", zh, en));
                }
                if seen.insert(stage) {
                    todo.extend(next.get(stage).into_iter().flatten());
                }
            }
        }
        None
    }
}

fn unknown_stage(at: String, value: &str) -> Fault {
    let zh = format!("没有“{value}”这个阶段");
    Fault::new(at, "unknown_option", zh, format!("There is no stage “{value}”"))
}

fn too_many(at: String, most: usize) -> Fault {
    Fault::new(at, "too_many", format!("最多 {most} 个"), format!("At most {most}"))
}

fn check_from(from: &[String], field: &Field, at: &str, faults: &mut Vec<Fault>) {
    for value in from.iter().filter(|value| field.option(value).is_none()) {
        faults.push(unknown_stage(format!("{at}.from"), value));
    }
}

/// A filter over the record's own, readable fields: it is asked of a record that isn't written yet.
fn check_filter(
    json: Option<&Json>,
    object: &Object,
    schema: &Schema,
    moment: &Moment,
    at: &str,
    faults: &mut Vec<Fault>,
) {
    let Some(json) = json else { return };
    match own_filter(json, object, schema, moment) {
        Ok(_) => {}
        Err(found) => faults.extend(found.into_iter().map(|fault| {
            let path = if fault.field.is_empty() { at.to_owned() } else { format!("{at}.{}", fault.field) };
            fault.at(path)
        })),
    }
}

/// A filter that can be tried on values in memory.
///
/// # Errors
/// Every fault of it.
pub fn own_filter(
    json: &Json,
    object: &Object,
    schema: &Schema,
    moment: &Moment,
) -> std::result::Result<Filter, Vec<Fault>> {
    let filter = Filter::check_at(json, &object.name, schema, moment)?;
    let foreign = |leaf: &&huike_model::filter::Leaf| !leaf.path.hops.is_empty() || leaf.path.field.encrypted;
    let faults: Vec<Fault> = filter
        .leaves()
        .into_iter()
        .filter(foreign)
        .map(|leaf| {
            let zh = "这里只能用本对象自己的、未加密的字段";
            let en = "Only fields of the record itself that aren't encrypted can be used here";
            Fault::new(leaf.path.field.name.clone(), "unknown_field", zh, en)
        })
        .collect();
    if faults.is_empty() { Ok(filter) } else { Err(faults) }
}

/// Every lifecycle.
///
/// # Errors
/// The database's; a stored one that can't be read.
pub fn load_all(conn: &mut Conn) -> Result<Vec<Arc<Lifecycle>>> {
    let sql = "select object, active, version, definition from lifecycle order by object";
    let read = |row: &huike_store::Row| {
        Ok(Arc::new(Lifecycle {
            object: row.text(0)?.into(),
            active: row.int(1)? != 0,
            version: row.int(2)?,
            definition: serde_json::from_str(row.text(3)?)
                .map_err(|_| EngineError::internal("a lifecycle can't be read"))?,
        }))
    };
    conn.query(&Sql::raw(sql))?.iter().map(read).collect()
}

/// The statement that stores one.
///
/// # Errors
/// Only the impossible: a definition that is no JSON.
pub fn store(lifecycle: &Lifecycle) -> Result<Sql> {
    let text = serde_json::to_string(&lifecycle.definition)
        .map_err(|error| EngineError::internal(error.to_string()))?;
    Ok(Sql::with(
        "insert into lifecycle (object, active, version, definition) values ($1, $2, $3, $4) \
         on conflict (object) do update set active = excluded.active, version = excluded.version, \
         definition = excluded.definition",
        [lifecycle.object.as_str().into(), lifecycle.active.into(), lifecycle.version.into(), text.into()],
    )?)
}
