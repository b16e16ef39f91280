//! How tiers are worked out, as an administrator writes it.

use super::TIER;
use crate::cx::Cx;
use crate::error::{EngineError, Result};
use crate::lifecycle::definition::own_filter;
use crate::obligations::{CUSTOMER, LOST, TALKS};
use crate::setting;
use huike_model::schema::expression::Expression;
use huike_model::{Fault, Object};
use huike_store::Conn;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// The key in `setting`.
const SETTING: &str = "tiers";

/// One side: a formula over the customer's own fields, and where it counts as middling and as high.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    pub formula: String,
    pub middling: f64,
    pub high: f64,
}

/// How often a tier is talked with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rhythm {
    pub tier: String,
    pub talks: u16,
    /// Within so many days.
    pub days: u16,
    /// What counts as a talk of the kind that is meant.
    pub kinds: Vec<String>,
}

impl Rhythm {
    /// Working days that may pass between two talks.
    pub fn working_days(&self) -> u16 {
        let each = u32::from(self.days) * 5 / 7 / u32::from(self.talks.max(1));
        u16::try_from(each.max(1)).unwrap_or(u16::MAX)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    pub value: Axis,
    pub potential: Axis,
    /// The tier by value (rows, low to high) and potential (columns, low to high).
    pub matrix: [[String; 3]; 3],
    /// Which customers have a tier worked out; own fields only.
    #[serde(default)]
    pub filter: Option<Json>,
    #[serde(default)]
    pub rhythm: Vec<Rhythm>,
}

/// As it is kept. Off until somebody has seen what it would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tiers {
    pub active: bool,
    pub version: i64,
    pub definition: Definition,
}

const LONGEST_DAYS: u16 = 731;
const MAX_TALKS: u16 = 60;

impl Default for Tiers {
    fn default() -> Tiers {
        let axis = |formula: &str, middling: f64, high: f64| Axis { formula: formula.into(), middling, high };
        let row = |tiers: [&str; 3]| tiers.map(str::to_owned);
        let rhythm = |tier: &str, talks: u16, days: u16, kinds: &[&str]| Rhythm {
            tier: tier.into(),
            talks,
            days,
            kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
        };
        let deep = ["visit", "meeting", "call"];
        let definition = Definition {
            value: axis("lifetime_value", 50_000.0, 300_000.0),
            potential: axis("open_amount", 50_000.0, 300_000.0),
            matrix: [row(["c", "c", "b"]), row(["c", "b", "a"]), row(["b", "a", "a"])],
            filter: Some(json!({"field": "stage", "op": "ne", "value": LOST})),
            rhythm: vec![rhythm("a", 2, 30, &deep), rhythm("b", 1, 30, &deep), rhythm("c", 1, 90, &TALKS)],
        };
        Tiers { active: false, version: 0, definition }
    }
}

impl Tiers {
    pub fn rhythm(&self, tier: Option<&str>) -> Option<&Rhythm> {
        self.definition.rhythm.iter().find(|rhythm| Some(rhythm.tier.as_str()) == tier)
    }
}

impl Definition {
    /// Checks it against the dictionary.
    ///
    /// # Errors
    /// Every fault, at paths of the definition.
    pub fn check(&self, cx: &Cx) -> std::result::Result<(), Vec<Fault>> {
        let mut faults = Vec::new();
        let Some(object) = cx.schema.object(CUSTOMER) else { return Ok(()) };
        for (at, axis) in [("value", &self.value), ("potential", &self.potential)] {
            check_axis(at, axis, object, &mut faults);
        }
        let known = |tier: &String| is_option(cx, tier);
        for (row, tiers) in self.matrix.iter().enumerate() {
            for (column, tier) in tiers.iter().enumerate().filter(|(_, tier)| !known(tier)) {
                faults.push(no_option(format!("matrix.{row}.{column}"), tier));
            }
        }
        if let Some(filter) = &self.filter
            && let Err(found) = own_filter(filter, object, &cx.schema, &cx.moment)
        {
            faults.extend(found.into_iter().map(|fault| {
                let at = format!("filter.{}", fault.field);
                fault.at(at)
            }));
        }
        for (place, rhythm) in self.rhythm.iter().enumerate() {
            let at = |member: &str| format!("rhythm.{place}.{member}");
            if !known(&rhythm.tier) {
                faults.push(no_option(at("tier"), &rhythm.tier));
            }
            if self.rhythm.iter().take(place).any(|before| before.tier == rhythm.tier) {
                let (zh, en) = ("这个等级写了两次", "This tier stands here twice");
                faults.push(Fault::new(at("tier"), "duplicate", zh, en));
            }
            if !(1..=MAX_TALKS).contains(&rhythm.talks) {
                faults.push(Fault::new(at("talks"), "range", "应为 1 到 60 次", "Must be 1 to 60"));
            }
            if !(1..=LONGEST_DAYS).contains(&rhythm.days) {
                faults.push(Fault::new(at("days"), "range", "应为 1 到 731 天", "Must be 1 to 731 days"));
            }
            if rhythm.kinds.is_empty() {
                faults.push(Fault::new(at("kinds"), "required", "请选择跟进方式", "Choose the kinds"));
            }
            let field = cx.schema.object("interaction").and_then(|object| object.field("kind"));
            let kinds = field.map(|field| field.options.as_slice()).unwrap_or_default();
            for kind in rhythm.kinds.iter().filter(|kind| !kinds.iter().any(|known| known.value == **kind)) {
                faults.push(no_option(at("kinds"), kind));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// Whether there is such a tier.
pub(crate) fn is_option(cx: &Cx, tier: &str) -> bool {
    let field = cx.schema.object(CUSTOMER).and_then(|object| object.field(TIER));
    field.is_some_and(|field| field.options.iter().any(|option| option.value == tier && !option.retired))
}

pub(crate) fn no_option(at: String, value: &str) -> Fault {
    Fault::new(
        at,
        "unknown_option",
        format!("没有“{value}”这个选项"),
        format!("There is no option “{value}”"),
    )
}

fn check_axis(at: &str, axis: &Axis, object: &Object, faults: &mut Vec<Fault>) {
    let place = format!("{at}.formula");
    match Expression::compile(&axis.formula) {
        Err(error) => {
            let told = error.told();
            faults.push(Fault::new(place, "format", told.zh, told.en));
        }
        Ok(formula) => {
            let usable = |name: &&String| {
                object.field(name).is_some_and(|field| !field.encrypted && field.name != TIER)
            };
            for name in formula.reads.iter().filter(|name| !usable(name)) {
                faults.push(Fault::unknown_field(name).at(place.clone()));
            }
        }
    }
    if !(axis.middling.is_finite() && axis.high.is_finite() && axis.middling < axis.high) {
        let (zh, en) = ("“高”的门槛要大于“中”的门槛", "High must begin above middling");
        faults.push(Fault::new(format!("{at}.high"), "range", zh, en));
    }
}

/// What is in force; what ships until somebody changes it.
///
/// # Errors
/// The database's; stored settings that can't be read.
pub fn load(conn: &mut Conn) -> Result<Tiers> {
    match setting::get(conn, SETTING)? {
        Some(text) => {
            serde_json::from_str(&text).map_err(|_| EngineError::internal("the tiers can't be read"))
        }
        None => Ok(Tiers::default()),
    }
}

/// # Errors
/// The database's.
pub fn store(conn: &mut Conn, tiers: &Tiers) -> Result<()> {
    let text = serde_json::to_string(tiers).map_err(|error| EngineError::internal(error.to_string()))?;
    setting::put(conn, SETTING, &text)
}
