//! What a rule is made of.

use crate::cx::Cx;
use crate::definitions::name_faults;
use crate::error::{EngineError, Result};
use crate::pool::definition::filter;
use huike_model::{Fault, Id, Label};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A rule as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    pub name: Label,
    /// Which customers; every one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Json>,
    /// Through what new customers come that it is asked of; with none it is asked by hand alone.
    #[serde(default)]
    pub on: Vec<Channel>,
    /// New customers that have an owner already, such as who brought them in, are given on too.
    #[serde(default)]
    pub take_over: bool,
    pub targets: Vec<Target>,
    #[serde(default)]
    pub method: Method,
    /// Only people who are at work at the time.
    #[serde(default)]
    pub working_hours: bool,
    /// Customers that one person is given in a day.
    #[serde(default)]
    pub per_day: Option<u32>,
    /// Living customers from which on somebody gets no more.
    #[serde(default)]
    pub capacity: Option<u32>,
    /// When nobody of the targets can take it.
    #[serde(default)]
    pub otherwise: Otherwise,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    Page,
    Api,
    Import,
}

impl Channel {
    pub fn of(via: &str) -> Option<Channel> {
        match via {
            "page" => Some(Channel::Page),
            "api" => Some(Channel::Api),
            "import" => Some(Channel::Import),
            _ => None,
        }
    }
}

/// A person, or everybody of a department and those below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    #[serde(default)]
    pub user: Option<Id>,
    #[serde(default)]
    pub department: Option<Id>,
    /// Their share beside the others'.
    #[serde(default = "one")]
    pub weight: u16,
    /// What they are good at: only customers that pass it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Json>,
}

fn one() -> u16 {
    1
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// In turns, by weight.
    #[default]
    Turns,
    /// Whoever has the fewest living customers for their weight.
    Load,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Otherwise {
    /// The rules behind it are asked.
    #[default]
    Next,
    Pool,
    /// Somebody gets it and is told.
    Steward {
        user: Id,
    },
}

/// A rule as it is kept.
#[derive(Clone, Debug)]
pub struct Rule {
    pub id: i64,
    pub position: i64,
    pub active: bool,
    pub version: i64,
    pub definition: Definition,
}

const MAX_TARGETS: usize = 200;

impl Definition {
    /// Every fault of it against the dictionary and the people as they stand.
    ///
    /// # Errors
    /// The faults.
    pub fn check(&self, cx: &Cx) -> Result<(), Vec<Fault>> {
        let mut faults = name_faults(&self.name, 60);
        faults.extend(filter(cx, self.filter.as_ref(), "filter").err().into_iter().flatten());
        if self.targets.is_empty() || self.targets.len() > MAX_TARGETS {
            faults.push(Fault::new(
                "targets",
                "range",
                "请选择 1 到 200 个人或部门",
                "Choose 1 to 200 people or departments",
            ));
        }
        for (place, target) in self.targets.iter().enumerate() {
            faults.extend(target.check(cx).into_iter().map(|fault| {
                let at = format!("targets.{place}.{}", fault.field);
                fault.at(at)
            }));
        }
        for (at, number) in [("per_day", self.per_day), ("capacity", self.capacity)] {
            if number.is_some_and(|number| !(1..=100_000).contains(&number)) {
                faults.push(Fault::new(at, "range", "应为 1 到 100000", "Must be 1 to 100,000"));
            }
        }
        if let Otherwise::Steward { user } = self.otherwise
            && !cx.org.is_active(user.number())
        {
            faults.push(Fault::new(
                "otherwise.user",
                "unknown_reference",
                "应为在职的同事",
                "Must be somebody of the company",
            ));
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

impl Target {
    fn check(&self, cx: &Cx) -> Vec<Fault> {
        let mut faults = Vec::new();
        match (self.user, self.department) {
            (Some(user), None) if cx.org.user(user.number()).is_some() => {}
            (None, Some(department)) if cx.org.department(department.number()).is_some() => {}
            _ => faults.push(Fault::new(
                "user",
                "unknown_reference",
                "请选择一个人或一个部门",
                "Choose a person or a department",
            )),
        }
        if !(1..=100).contains(&self.weight) {
            faults.push(Fault::new("weight", "range", "权重应为 1 到 100", "The weight must be 1 to 100"));
        }
        faults.extend(filter(cx, self.filter.as_ref(), "filter").err().into_iter().flatten());
        faults
    }
}

/// Every rule, in order.
///
/// # Errors
/// The database's; a stored rule that can't be read.
pub(super) fn load_all(conn: &mut Conn) -> Result<Vec<Rule>> {
    let read = |row: &huike_store::Row| {
        Ok(Rule {
            id: row.int(0)?,
            position: row.int(1)?,
            active: row.int(2)? != 0,
            version: row.int(3)?,
            definition: serde_json::from_str(row.text(4)?)
                .map_err(|_| EngineError::internal("an assignment rule can't be read"))?,
        })
    };
    let text = "select id, position, active, version, definition from assignment_rule order by position, id";
    conn.query(&Sql::raw(text))?.iter().map(read).collect()
}

/// Stores a rule.
///
/// # Errors
/// The database's.
pub(super) fn store(conn: &mut Conn, rule: &Rule) -> Result<()> {
    let text =
        serde_json::to_string(&rule.definition).map_err(|error| EngineError::internal(error.to_string()))?;
    conn.execute(&Sql::with(
        "insert into assignment_rule (id, position, active, version, definition) values ($1, $2, $3, $4, $5) \
         on conflict (id) do update set position = excluded.position, active = excluded.active, \
         version = excluded.version, definition = excluded.definition",
        [rule.id.into(), rule.position.into(), rule.active.into(), rule.version.into(), text.into()],
    )?)?;
    Ok(())
}
