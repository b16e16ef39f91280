//! Formulas and rules: CEL (Common Expression Language) over one record's own fields.
//!
//! Numbers arrive as doubles in the field's unit, texts and codes as strings, dates as `2026-11-21` and datetimes as milliseconds, lists as
//! lists, empty values as null. A formula with an empty operand is empty; a rule sees nulls and may compare with them.

use super::Field;
use crate::kinds::{FieldType, Storage};
use crate::moment::{day_from_number, day_number};
use crate::text::Label;
use crate::value::Value;
use cel::objects::Value as Cel;
use cel::{Context, Env, Program};
use std::fmt;
use std::sync::Arc;

/// A compiled expression and the fields it reads.
pub struct Expression {
    source: String,
    program: Program,
    /// Names of the record's fields that the expression reads.
    pub reads: Vec<String>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Expression").field(&self.source).finish()
    }
}

/// Why an expression can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionFault {
    #[error("the expression has more than {MAX_SOURCE} characters")]
    TooLong,
    #[error("the expression can't be read from line {line}, character {column}")]
    Syntax { line: isize, column: isize },
    #[error("the expression can't be worked out: {0}")]
    Evaluation(String),
    #[error("the expression yields another type than the field keeps")]
    WrongType,
}

const MAX_SOURCE: usize = 2_000;

impl ExpressionFault {
    /// For the person who wrote it.
    pub fn told(&self) -> Label {
        let zh = match self {
            ExpressionFault::TooLong => format!("表达式超过 {MAX_SOURCE} 个字符"),
            ExpressionFault::Syntax { line, column } => {
                format!("表达式从第 {line} 行第 {column} 个字符起看不懂")
            }
            ExpressionFault::Evaluation(_) => "表达式算不出结果".into(),
            ExpressionFault::WrongType => "表达式的结果与字段的类型不符".into(),
        };
        Label::new(zh, self.to_string())
    }
}

/// The standard functions, made once per thread: making them costs forty times what a formula does.
fn environment() -> Arc<Env> {
    thread_local!(static STANDARD: Arc<Env> = Arc::new(Env::stdlib()));
    STANDARD.with(Arc::clone)
}

impl Expression {
    /// # Errors
    /// [`ExpressionFault::Syntax`] when it is no CEL, [`ExpressionFault::TooLong`] beyond 2,000 characters.
    pub fn compile(source: &str) -> Result<Expression, ExpressionFault> {
        if source.chars().count() > MAX_SOURCE {
            return Err(ExpressionFault::TooLong);
        }
        let program = Program::compile(source).map_err(|found| {
            let first = found.errors.iter().map(|error| error.pos).min().unwrap_or((1, 1));
            ExpressionFault::Syntax { line: first.0.max(1), column: first.1.max(1) }
        })?;
        let reads = {
            let references = program.references();
            let mut reads: Vec<String> = references.variables().into_iter().map(str::to_owned).collect();
            reads.sort_unstable();
            reads.dedup();
            reads
        };
        Ok(Expression { source: source.to_owned(), program, reads })
    }

    pub fn source(&self) -> &str {
        &self.source
    }

    fn run<'a>(
        &self,
        value_of: impl Fn(&str) -> Option<(&'a Field, &'a Value)>,
    ) -> Result<Cel, ExpressionFault> {
        let mut context = Context::with_env(environment());
        for name in &self.reads {
            let value = value_of(name).map_or(Cel::Null, |(field, value)| to_cel(field, value));
            context.add_variable_from_value(name.as_str(), value);
        }
        self.program.execute(&context).map_err(|error| ExpressionFault::Evaluation(error.to_string()))
    }

    /// Whether a rule holds. An expression that can't be worked out on this record counts as not holding.
    pub fn holds<'a>(&self, value_of: impl Fn(&str) -> Option<(&'a Field, &'a Value)>) -> bool {
        matches!(self.run(value_of), Ok(Cel::Bool(true)))
    }

    /// The number that a formula yields, which sees empty values as null; none when it can't be worked out or is no finite number.
    pub fn number<'a>(&self, value_of: impl Fn(&str) -> Option<(&'a Field, &'a Value)>) -> Option<f64> {
        let number = match self.run(value_of).ok()? {
            Cel::Int(number) => number as f64,
            Cel::UInt(number) => number as f64,
            Cel::Float(number) => number,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// The value of a formula, as `field` keeps it; null when an operand is empty or the result is no finite number (a division by
    /// zero, say).
    ///
    /// # Errors
    /// [`ExpressionFault::WrongType`] and [`ExpressionFault::Evaluation`].
    pub fn value<'a>(
        &self,
        field: &Field,
        value_of: impl Fn(&str) -> Option<(&'a Field, &'a Value)>,
    ) -> Result<Value, ExpressionFault> {
        if self.reads.iter().any(|name| value_of(name).is_none_or(|(_, value)| value.is_null())) {
            return Ok(Value::Null);
        }
        let result = match self.run(value_of) {
            Err(ExpressionFault::Evaluation(reason)) if reason.to_ascii_lowercase().contains("zero") => {
                return Ok(Value::Null);
            }
            other => other?,
        };
        from_cel(field, result)
    }
}

fn to_cel(field: &Field, value: &Value) -> Cel {
    match (field.value_type(), value) {
        (_, Value::Null) => Cel::Null,
        (FieldType::Boolean, Value::Int(number)) => Cel::Bool(*number != 0),
        (FieldType::Date, Value::Int(day)) => {
            day_from_number(*day).map_or(Cel::Null, |day| Cel::String(Arc::new(day.to_string())))
        }
        (_, Value::Int(number)) => Cel::Float(*number as f64 / 10f64.powi(field.scale as i32)),
        (FieldType::MultiChoice, list) => Cel::List(Arc::new(
            list.members().map(|member| Cel::String(Arc::new(member.to_owned()))).collect(),
        )),
        (_, Value::Text(text)) => Cel::String(Arc::new(text.clone())),
    }
}

fn from_cel(field: &Field, result: Cel) -> Result<Value, ExpressionFault> {
    let kind = field.value_type();
    let number = match &result {
        Cel::Null => return Ok(Value::Null),
        Cel::Int(number) => Some(*number as f64),
        Cel::UInt(number) => Some(*number as f64),
        Cel::Float(number) => Some(*number),
        _ => None,
    };
    match (kind, kind.kind().storage(), result) {
        (FieldType::Boolean, _, Cel::Bool(holds)) => Ok(Value::Int(holds.into())),
        (FieldType::Date, _, Cel::String(text)) => {
            text.parse().map(|day| Value::Int(day_number(day))).map_err(|_| ExpressionFault::WrongType)
        }
        (_, Storage::Text, Cel::String(text)) => {
            Ok(if text.is_empty() { Value::Null } else { Value::Text(text.to_string()) })
        }
        (_, Storage::Int, _) => {
            let number = number.ok_or(ExpressionFault::WrongType)?;
            let scaled = (number * 10f64.powi(field.scale as i32)).round();
            // Beyond 2^53 a double no longer counts in ones.
            Ok(if scaled.is_finite() && scaled.abs() < 9e15 {
                Value::Int(scaled as i64)
            } else {
                Value::Null
            })
        }
        _ => Err(ExpressionFault::WrongType),
    }
}
