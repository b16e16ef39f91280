//! Rules of reminding: data that an administrator edits. A rule says which records promise something, until when, and who hears of it at
//! which step.

use super::standard::{CUSTOMER, TASK};
use crate::error::{EngineError, Result};
use huike_model::filter::Filter;
use huike_model::kinds::FieldType;
use huike_model::moment::{DAY_MS, Moment};
use huike_model::worktime::WorkCalendar;
use huike_model::{Fault, Field, Label, Schema};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::sync::Arc;

/// A rule as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    pub name: Label,
    pub trigger: Trigger,
    /// Which records of the trigger's object; all of them when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Json>,
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Told at once, however many reminders there were that day.
    #[serde(default)]
    pub urgent: bool,
    /// Told in quiet hours too.
    #[serde(default)]
    pub in_quiet_hours: bool,
    /// Never told by itself: the digest of the next working morning counts it.
    #[serde(default)]
    pub digest: bool,
}

/// What makes a promise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Trigger {
    /// Tasks with a date. Such a rule only says who hears of them.
    Task,
    /// A date of a record.
    Date {
        object: String,
        field: String,
        /// Every year anew.
        #[serde(default)]
        yearly: bool,
        /// Days after the date (negative: before) on which it is due.
        #[serde(default)]
        shift_days: i32,
        /// Over when the day is over, without anybody having to do anything.
        #[serde(default)]
        lapses: bool,
    },
    /// A customer is to be contacted at least every so many working days.
    Silence { working_days: u16 },
}

/// Who hears of it, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    pub to: Level,
    #[serde(default)]
    pub after: Offset,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    Owner,
    /// Whoever the record is shared with to work on it.
    Collaborator,
    Manager,
    Director,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Level::Owner => "owner",
            Level::Collaborator => "collaborator",
            Level::Manager => "manager",
            Level::Director => "director",
        }
    }
}

/// Time after the due date; negative parts count back. All parts are added.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Offset {
    #[serde(skip_serializing_if = "is_zero")]
    pub days: i32,
    #[serde(skip_serializing_if = "is_zero")]
    pub working_days: i32,
    #[serde(skip_serializing_if = "is_zero")]
    pub working_minutes: i32,
    #[serde(skip_serializing_if = "is_zero")]
    pub minutes: i32,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde passes a reference
fn is_zero(number: &i32) -> bool {
    *number == 0
}

const MINUTE: i64 = 60_000;
/// Ten years.
const LONGEST_DAYS: i32 = 3_660;
const MAX_STEPS: usize = 10;
const MAX_NAME: usize = 60;

impl Offset {
    pub fn from(self, anchor: i64, calendar: &WorkCalendar) -> i64 {
        let mut at = anchor + i64::from(self.days) * DAY_MS + i64::from(self.minutes) * MINUTE;
        if self.working_days != 0 {
            at = calendar.add_working_days(at, self.working_days.into());
        }
        if self.working_minutes != 0 {
            at = calendar.add_working(at, i64::from(self.working_minutes) * MINUTE);
        }
        at
    }

    fn too_long(self) -> bool {
        let far = |number: i32, most: i32| number.unsigned_abs() > most.unsigned_abs();
        far(self.days, LONGEST_DAYS)
            || far(self.working_days, LONGEST_DAYS)
            || far(self.working_minutes, LONGEST_DAYS * 24 * 60 / 3)
            || far(self.minutes, LONGEST_DAYS * 24 * 60)
    }
}

/// What a definition means to the dictionary: its filter, and for a date its field.
pub type Checked = (Option<Filter>, Option<Arc<Field>>);

/// A rule in force.
#[derive(Clone, Debug)]
pub struct Rule {
    pub id: i64,
    pub position: i64,
    pub active: bool,
    pub version: i64,
    pub definition: Definition,
}

impl Rule {
    /// The object whose records make its promises.
    pub fn object(&self) -> &str {
        self.definition.object()
    }

    /// The rule's filter, and for a date its field; none when the dictionary has changed from under it.
    pub fn checked(&self, schema: &Schema, moment: &Moment) -> Option<Checked> {
        self.definition.check(schema, moment).ok()
    }
}

impl Definition {
    pub fn object(&self) -> &str {
        match &self.trigger {
            Trigger::Task => TASK,
            Trigger::Date { object, .. } => object,
            Trigger::Silence { .. } => CUSTOMER,
        }
    }

    /// Checks it against the dictionary.
    ///
    /// # Errors
    /// Every fault, at paths of the definition.
    pub fn check(&self, schema: &Schema, moment: &Moment) -> std::result::Result<Checked, Vec<Fault>> {
        let mut faults = Vec::new();
        for (at, name) in [("name.zh", &self.name.zh), ("name.en", &self.name.en)] {
            let length = name.trim().chars().count();
            if length == 0 || length > MAX_NAME {
                let zh = format!("请填写规则名称，最多 {MAX_NAME} 个字");
                let en = format!("Give the rule a name, at most {MAX_NAME} characters");
                faults.push(Fault::new(at, "length", zh, en));
            }
        }
        let field = self.check_trigger(schema, &mut faults);
        if self.steps.len() > MAX_STEPS {
            faults.push(Fault::new("steps", "too_many", "最多 10 步", "At most 10 steps"));
        }
        for (place, step) in self.steps.iter().enumerate() {
            if step.after.too_long() {
                let at = format!("steps.{place}.after");
                faults.push(Fault::new(at, "range", "时间不能超过十年", "At most ten years"));
            }
        }
        let filter = match (&self.filter, schema.object(self.object())) {
            (Some(json), Some(object)) => match Filter::check_at(json, &object.name, schema, moment) {
                Ok(filter) => Some(filter),
                Err(found) => {
                    faults.extend(found.into_iter().map(|fault| {
                        let at = format!("filter.{}", fault.field);
                        fault.at(at)
                    }));
                    None
                }
            },
            _ => None,
        };
        if faults.is_empty() { Ok((filter, field)) } else { Err(faults) }
    }

    fn check_trigger(&self, schema: &Schema, faults: &mut Vec<Fault>) -> Option<Arc<Field>> {
        match &self.trigger {
            Trigger::Task => None,
            Trigger::Silence { working_days } => {
                if !(1..=400).contains(working_days) {
                    let at = "trigger.working_days";
                    faults.push(Fault::new(
                        at,
                        "range",
                        "应为 1 到 400 个工作日",
                        "Must be 1 to 400 working days",
                    ));
                }
                None
            }
            Trigger::Date { object, field, shift_days, .. } => {
                if shift_days.abs() > LONGEST_DAYS {
                    faults.push(Fault::new(
                        "trigger.shift_days",
                        "range",
                        "不能超过十年",
                        "At most ten years",
                    ));
                }
                let Some(known) = schema.object(object) else {
                    let (zh, en) =
                        (format!("没有“{object}”这个对象"), format!("There is no object “{object}”"));
                    faults.push(Fault::new("trigger.object", "unknown_object", zh, en));
                    return None;
                };
                let found = known.field(field).filter(|field| {
                    matches!(field.value_type(), FieldType::Date | FieldType::DateTime) && !field.encrypted
                });
                if found.is_none() {
                    let (zh, en) = (
                        format!("“{field}”不是{}的日期字段", known.label.zh),
                        format!("“{field}” is no date of it"),
                    );
                    faults.push(Fault::new("trigger.field", "unknown_field", zh, en));
                }
                found.cloned()
            }
        }
    }
}

/// Every rule, in their order.
///
/// # Errors
/// The database's; a stored rule that can't be read.
pub fn load_all(conn: &mut Conn) -> Result<Vec<Arc<Rule>>> {
    let sql = "select id, position, active, version, definition from reminder_rule order by position, id";
    let read = |row: &huike_store::Row| {
        Ok(Arc::new(Rule {
            id: row.int(0)?,
            position: row.int(1)?,
            active: row.int(2)? != 0,
            version: row.int(3)?,
            definition: serde_json::from_str(row.text(4)?)
                .map_err(|_| EngineError::internal("a reminder rule can't be read"))?,
        }))
    };
    conn.query(&Sql::raw(sql))?.iter().map(read).collect()
}

/// The statement that stores a rule.
///
/// # Errors
/// Only the impossible: a definition that is no JSON.
pub fn store(rule: &Rule) -> Result<Sql> {
    let text =
        serde_json::to_string(&rule.definition).map_err(|error| EngineError::internal(error.to_string()))?;
    Ok(Sql::with(
        "insert into reminder_rule (id, position, active, version, definition) values ($1, $2, $3, $4, $5) \
         on conflict (id) do update set position = excluded.position, active = excluded.active, \
         version = excluded.version, definition = excluded.definition",
        [rule.id.into(), rule.position.into(), rule.active.into(), rule.version.into(), text.into()],
    )?)
}
