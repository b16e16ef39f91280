//! A filter bound to a person, a time and the trees as they are: nothing in it depends on anything else any more.

use super::Op;
use super::check::{Filter, Leaf, Operand, Path};
use crate::kinds::FieldType;
use crate::moment::{Moment, day_number};
use crate::schema::Field;
use crate::value::Value;
use huike_matching::industry::industries;

/// What resolving needs beside the moment.
pub trait Resolver {
    /// A department and all below it.
    fn departments_under(&self, department: i64) -> Vec<i64>;

    /// The blind index of a value of an encrypted field.
    fn blind(&self, object: &str, field: &Field, value: &Value) -> String;
}

/// A filter ready to become SQL or to be tried on a record.
#[derive(Clone, Debug)]
pub enum Resolved {
    All(Vec<Resolved>),
    Any(Vec<Resolved>),
    Not(Box<Resolved>),
    Leaf(ResolvedLeaf),
}

#[derive(Clone, Debug)]
pub struct ResolvedLeaf {
    pub path: Path,
    pub test: Test,
}

/// A test of one stored value. Except for [`Test::Empty`] an empty value never passes.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    Empty,
    Equal(Value),
    OneOf(Vec<Value>),
    Below {
        bound: Value,
        or_equal: bool,
    },
    Above {
        bound: Value,
        or_equal: bool,
    },
    /// Both ends included.
    Between(Value, Value),
    /// Contains the text, ASCII letters in either case.
    Contains(String),
    StartsWith(String),
    /// A code at or below this one in a tree of codes: the stored text begins with it.
    CodePrefix(String),
    /// The list has this member.
    Has(String),
    /// The reference leads to this record or to one below it by the target's own parent field.
    Under(i64),
    /// The blind index of an encrypted value is one of these.
    Blind(Vec<String>),
}

impl Resolved {
    pub fn everything() -> Resolved {
        Resolved::All(Vec::new())
    }

    pub fn nothing() -> Resolved {
        Resolved::Any(Vec::new())
    }

    pub fn is_everything(&self) -> bool {
        matches!(self, Resolved::All(parts) if parts.iter().all(Resolved::is_everything))
    }

    pub fn is_nothing(&self) -> bool {
        matches!(self, Resolved::Any(parts) if parts.iter().all(Resolved::is_nothing))
    }

    pub fn and(self, other: Resolved) -> Resolved {
        match (self, other) {
            (a, b) if a.is_everything() => b,
            (a, b) if b.is_everything() => a,
            (a, b) => Resolved::All(vec![a, b]),
        }
    }

    pub fn or(self, other: Resolved) -> Resolved {
        match (self, other) {
            (a, b) if a.is_nothing() => b,
            (a, b) if b.is_nothing() => a,
            (a, b) => Resolved::Any(vec![a, b]),
        }
    }

    pub fn complement(self) -> Resolved {
        Resolved::Not(Box::new(self))
    }

    /// A test of one of the record's own fields.
    pub fn own(object: &str, field: &std::sync::Arc<Field>, test: Test) -> Resolved {
        Resolved::Leaf(ResolvedLeaf {
            path: Path { hops: Vec::new(), object: object.to_owned(), field: field.clone() },
            test,
        })
    }
}

impl Filter {
    pub fn resolve(&self, moment: &Moment, resolver: &dyn Resolver) -> Resolved {
        let all = |parts: &[Filter]| parts.iter().map(|part| part.resolve(moment, resolver)).collect();
        match self {
            Filter::All(parts) => Resolved::All(all(parts)),
            Filter::Any(parts) => Resolved::Any(all(parts)),
            Filter::Not(part) => part.resolve(moment, resolver).complement(),
            Filter::Leaf(leaf) => leaf.resolve(moment, resolver),
        }
    }
}

impl Leaf {
    fn resolve(&self, moment: &Moment, resolver: &dyn Resolver) -> Resolved {
        let (negated, test) = self.test(moment, resolver);
        let leaf = Resolved::Leaf(ResolvedLeaf { path: self.path.clone(), test });
        if negated { leaf.complement() } else { leaf }
    }

    /// The test, and whether the condition is its complement.
    fn test(&self, moment: &Moment, resolver: &dyn Resolver) -> (bool, Test) {
        let field = &self.path.field;
        if field.encrypted {
            return self.blind_test(resolver);
        }
        let one = || match &self.operand {
            Operand::One(value) => value.clone(),
            Operand::Me => Value::Int(moment.me),
            Operand::MyDepartment => moment.departments.first().copied().into(),
            _ => Value::Null,
        };
        let many = || match &self.operand {
            Operand::Many(values) => values.clone(),
            _ => Vec::new(),
        };
        let text = || one().as_text().unwrap_or_default().to_owned();
        match self.op {
            Op::IsEmpty => (false, Test::Empty),
            Op::NotEmpty => (true, Test::Empty),
            Op::Eq => (false, Test::Equal(one())),
            Op::Ne => (true, Test::Equal(one())),
            Op::In => (false, Test::OneOf(many())),
            Op::NotIn => (true, Test::OneOf(many())),
            Op::Lt => (false, Test::Below { bound: one(), or_equal: false }),
            Op::Lte => (false, Test::Below { bound: one(), or_equal: true }),
            Op::Gt => (false, Test::Above { bound: one(), or_equal: false }),
            Op::Gte => (false, Test::Above { bound: one(), or_equal: true }),
            Op::Between => match &self.operand {
                Operand::Range(low, high) => (false, Test::Between(low.clone(), high.clone())),
                _ => (false, Test::OneOf(Vec::new())),
            },
            Op::Within => (false, self.within(moment)),
            Op::Contains => (false, Test::Contains(text())),
            Op::StartsWith => (false, Test::StartsWith(text())),
            Op::Has => (false, Test::Has(text().trim_matches('|').to_owned())),
            Op::Under => (false, self.under(&one(), resolver)),
        }
    }

    fn blind_test(&self, resolver: &dyn Resolver) -> (bool, Test) {
        let blind = |value: &Value| resolver.blind(&self.path.object, &self.path.field, value);
        match (&self.op, &self.operand) {
            (Op::IsEmpty, _) => (false, Test::Empty),
            (Op::NotEmpty, _) => (true, Test::Empty),
            (_, Operand::One(value)) => (false, Test::Blind(vec![blind(value)])),
            (_, Operand::Many(values)) => (false, Test::Blind(values.iter().map(blind).collect())),
            _ => (false, Test::OneOf(Vec::new())),
        }
    }

    fn within(&self, moment: &Moment) -> Test {
        let Operand::Time(relative) = &self.operand else { return Test::OneOf(Vec::new()) };
        let (from, to) = relative.instants(moment);
        if self.path.field.value_type() == FieldType::Date {
            let day = |at| Value::Int(day_number(moment.local(at).date()));
            Test::Between(day(from), day(to))
        } else {
            Test::Between(from.into(), to.into())
        }
    }

    fn under(&self, value: &Value, resolver: &dyn Resolver) -> Test {
        match (self.path.field.value_type(), value) {
            (FieldType::Department, Value::Int(department)) => {
                Test::OneOf(resolver.departments_under(*department).into_iter().map(Value::Int).collect())
            }
            (_, Value::Int(id)) => Test::Under(*id),
            (FieldType::Tree, Value::Text(code)) if self.path.field.tree.as_deref() == Some("industry") => {
                let below = industries().iter().filter(|each| each.code == code || each.parent == Some(code));
                Test::OneOf(below.map(|each| Value::from(each.code)).collect())
            }
            (kind, Value::Text(code)) => {
                Test::CodePrefix(code_prefix(kind, self.path.field.tree.as_deref(), code).to_owned())
            }
            (_, Value::Null) => Test::OneOf(Vec::new()),
        }
    }
}

/// What every code below `code` begins with. A region's code ends in zeros for the levels it doesn't name (GB/T 2260): 330000 is a
/// province, 330100 a city.
fn code_prefix<'a>(kind: FieldType, tree: Option<&str>, code: &'a str) -> &'a str {
    let region = kind == FieldType::Address || tree == Some("region");
    if !region {
        return code;
    }
    let code = code.get(..6).unwrap_or(code);
    match code {
        _ if code.ends_with("0000") => code.get(..2).unwrap_or(code),
        _ if code.ends_with("00") => code.get(..4).unwrap_or(code),
        _ => code,
    }
}
