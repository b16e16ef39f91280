//! From names to fields: a filter whose every part is known to the dictionary.

use super::relative::Relative;
use super::{Op, RawFilter};
use crate::fault::Fault;
use crate::kinds::FieldType;
use crate::moment::Moment;
use crate::schema::Field;
use crate::text::Lang;
use crate::value::Value;
use serde_json::Value as Json;
use std::sync::Arc;

/// Where fields are looked up.
pub trait Catalog {
    /// A live field.
    fn field(&self, object: &str, name: &str) -> Option<&Arc<Field>>;
}

/// A checked filter, not yet bound to a person and a time.
#[derive(Clone, Debug)]
pub enum Filter {
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    Leaf(Leaf),
}

#[derive(Clone, Debug)]
pub struct Leaf {
    pub path: Path,
    pub op: Op,
    pub operand: Operand,
}

/// The way from a record to a field, through references.
#[derive(Clone, Debug)]
pub struct Path {
    pub hops: Vec<Hop>,
    /// The object that the last field belongs to.
    pub object: String,
    pub field: Arc<Field>,
}

/// One step along a reference.
#[derive(Clone, Debug)]
pub struct Hop {
    /// The object that holds the reference.
    pub object: String,
    pub field: Arc<Field>,
    pub target: String,
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    None,
    One(Value),
    Many(Vec<Value>),
    Range(Value, Value),
    /// The caller, in a user field.
    Me,
    /// The caller's department, in a department field.
    MyDepartment,
    Time(Relative),
}

const MAX_HOPS: usize = 3;
const MAX_LIST: usize = 500;

impl Filter {
    /// The filter that every record passes.
    pub fn everything() -> Filter {
        Filter::All(Vec::new())
    }

    /// Reads and checks a filter over records of `object`. Texts of local time are read in China's zone; operands that come from a
    /// request go through [`Filter::check_at`].
    ///
    /// # Errors
    /// Every fault of the shape, or else every unknown field, unsuitable operator and malformed operand.
    pub fn check(json: &Json, object: &str, catalog: &dyn Catalog) -> Result<Filter, Vec<Fault>> {
        let moment = Moment {
            now: 0,
            zone: chrono_tz::Asia::Shanghai,
            lang: Lang::Zh,
            me: 0,
            departments: Vec::new(),
        };
        Filter::check_at(json, object, catalog, &moment)
    }

    /// As [`Filter::check`], in the company's time zone.
    ///
    /// # Errors
    /// As [`Filter::check`].
    pub fn check_at(
        json: &Json,
        object: &str,
        catalog: &dyn Catalog,
        moment: &Moment,
    ) -> Result<Filter, Vec<Fault>> {
        let raw = RawFilter::parse(json)?;
        let mut checker = Checker { object, catalog, moment, faults: Vec::new() };
        match checker.filter(&raw) {
            Some(filter) if checker.faults.is_empty() => Ok(filter),
            _ => Err(checker.faults),
        }
    }

    /// Every condition in it.
    pub fn leaves(&self) -> Vec<&Leaf> {
        match self {
            Filter::All(parts) | Filter::Any(parts) => parts.iter().flat_map(Filter::leaves).collect(),
            Filter::Not(part) => part.leaves(),
            Filter::Leaf(leaf) => vec![leaf],
        }
    }

    /// Whether what it finds changes only when a record's own fields are written: it asks for no time that moves on, looks at no other
    /// record and at nothing that the engine works out.
    pub fn is_steady(&self) -> bool {
        let steady = |leaf: &&Leaf| {
            leaf.path.hops.is_empty()
                && !leaf.path.field.computed()
                && !matches!(leaf.operand, Operand::Time(_))
        };
        self.leaves().iter().all(steady)
    }
}

impl Path {
    /// Looks up `a.b.c` from `object`.
    ///
    /// # Errors
    /// One fault naming the part that isn't there, isn't a reference, or is too far away.
    pub fn find(text: &str, object: &str, catalog: &dyn Catalog) -> Result<Path, Fault> {
        let mut hops = Vec::new();
        let mut object = object.to_owned();
        let mut parts = text.split('.').peekable();
        while let Some(part) = parts.next() {
            let field = catalog.field(&object, part).ok_or_else(|| Fault::unknown_field(text))?;
            if parts.peek().is_none() {
                return Ok(Path { hops, object, field: field.clone() });
            }
            let Some(target) = field.target().filter(|_| hops.len() < MAX_HOPS) else { break };
            hops.push(Hop {
                object: std::mem::replace(&mut object, target.to_owned()),
                field: field.clone(),
                target: target.to_owned(),
            });
        }
        Err(Fault::unknown_field(text))
    }
}

struct Checker<'a> {
    object: &'a str,
    catalog: &'a dyn Catalog,
    moment: &'a Moment,
    faults: Vec<Fault>,
}

impl Checker<'_> {
    fn filter(&mut self, raw: &RawFilter) -> Option<Filter> {
        match raw {
            RawFilter::All(parts) => Some(Filter::All(self.parts(parts))),
            RawFilter::Any(parts) => Some(Filter::Any(self.parts(parts))),
            RawFilter::Not(part) => Some(Filter::Not(Box::new(self.filter(part)?))),
            RawFilter::Leaf { field, op, value } => self.leaf(field, *op, value).map(Filter::Leaf),
        }
    }

    fn parts(&mut self, parts: &[RawFilter]) -> Vec<Filter> {
        parts.iter().filter_map(|part| self.filter(part)).collect()
    }

    fn leaf(&mut self, name: &str, op: Op, value: &Json) -> Option<Leaf> {
        let path = match Path::find(name, self.object, self.catalog) {
            Ok(path) => path,
            Err(fault) => {
                self.faults.push(fault);
                return None;
            }
        };
        if !path.field.operators().contains(&op) {
            let (zh, en) = (&path.field.label.zh, &path.field.label.en);
            self.faults.push(Fault::new(
                name,
                "unsuitable_operator",
                format!("{zh}不能用“{}”来比较", op.name()),
                format!("{en} can't be compared by “{}”", op.name()),
            ));
            return None;
        }
        match self.operand(&path.field, op, value) {
            Ok(operand) => Some(Leaf { path, op, operand }),
            Err(faults) => {
                self.faults.extend(faults.into_iter().map(|fault| fault.at(name)));
                None
            }
        }
    }

    fn operand(&self, field: &Field, op: Op, value: &Json) -> Result<Operand, Vec<Fault>> {
        let kind = field.value_type().kind();
        let one = |json: &Json| -> Result<Value, Vec<Fault>> {
            let blank = json.is_null() || json.as_str().is_some_and(|text| text.trim().is_empty());
            if blank {
                return Err(vec![Fault::new(
                    "",
                    "operand",
                    "缺少要比较的值",
                    "The value to compare with is missing",
                )]);
            }
            // Nothing that is kept contains it, and PostgreSQL takes no text with it.
            if json.as_str().is_some_and(|text| text.contains('\0')) {
                return Err(vec![Fault::new(
                    "",
                    "operand",
                    "要比较的值含有控制字符",
                    "The value to compare with contains a control character",
                )]);
            }
            if field.name == "id" {
                return parse_id(json);
            }
            kind.parse_operand(json, field, self.moment)
        };
        let many = |json: &Json, size: std::ops::RangeInclusive<usize>| match json {
            Json::Array(list) if size.contains(&list.len()) => {
                list.iter().map(one).collect::<Result<Vec<_>, _>>()
            }
            _ => Err(vec![Fault::new(
                "",
                "operand",
                format!("应给出 {} 到 {} 个值的列表", size.start(), size.end()),
                format!("A list of {} to {} values is expected", size.start(), size.end()),
            )]),
        };
        Ok(match op {
            Op::IsEmpty | Op::NotEmpty => Operand::None,
            Op::In | Op::NotIn => Operand::Many(many(value, 1..=MAX_LIST)?),
            Op::Between => {
                let mut ends = many(value, 2..=2)?.into_iter();
                Operand::Range(ends.next().unwrap_or_default(), ends.next().unwrap_or_default())
            }
            Op::Within => Operand::Time(Relative::parse(value).map_err(|fault| vec![fault])?),
            _ => match (field.value_type(), value.as_str()) {
                (FieldType::User, Some("me")) => Operand::Me,
                (FieldType::Department, Some("my_department")) => Operand::MyDepartment,
                _ => Operand::One(one(value)?),
            },
        })
    }
}

fn parse_id(json: &Json) -> Result<Value, Vec<Fault>> {
    json.as_str()
        .and_then(|text| text.parse::<crate::Id>().ok())
        .map(|id| Value::Int(id.number()))
        .ok_or_else(|| vec![Fault::new("id", "format", "编号不正确", "This is not an id")])
}
