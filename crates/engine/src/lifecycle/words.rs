//! Conditions in words: what a stage asks for, said to people.

use huike_model::filter::{Leaf, Op, Operand};
use huike_model::kinds::FieldType;
use huike_model::moment::day_from_number;
use huike_model::{Field, Label, Value};

/// A condition on one field, such as "联系人数 不少于 1"; none for those that have no plain words.
pub fn condition(leaf: &Leaf) -> Option<Label> {
    let field = &leaf.path.field;
    let name = &field.label;
    let (zh, en) = match leaf.op {
        Op::NotEmpty => {
            return Some(Label::new(format!("{}已填写", name.zh), format!("{} is filled in", name.en)));
        }
        Op::IsEmpty => return Some(Label::new(format!("{}为空", name.zh), format!("{} is empty", name.en))),
        Op::Eq => ("为", "is"),
        Op::Ne => ("不是", "is not"),
        Op::In => ("为以下之一：", "is one of"),
        Op::NotIn => ("不是以下之一：", "is none of"),
        Op::Gt => ("大于", "is more than"),
        Op::Gte => ("不少于", "is at least"),
        Op::Lt => ("小于", "is less than"),
        Op::Lte => ("不超过", "is at most"),
        Op::Has => ("包含", "has"),
        Op::Contains => ("包含", "contains"),
        _ => return None,
    };
    let value = operand(field, &leaf.operand)?;
    Some(Label::new(format!("{}{zh}{}", name.zh, value.zh), format!("{} {en} {}", name.en, value.en)))
}

fn operand(field: &Field, operand: &Operand) -> Option<Label> {
    match operand {
        Operand::One(one) => value(field, one),
        Operand::Many(many) => {
            let each: Option<Vec<Label>> = many.iter().map(|one| value(field, one)).collect();
            let each = each?;
            let join =
                |of: fn(&Label) -> &str, with: &str| each.iter().map(of).collect::<Vec<_>>().join(with);
            Some(Label::new(join(|label| &label.zh, "、"), join(|label| &label.en, ", ")))
        }
        _ => None,
    }
}

fn value(field: &Field, value: &Value) -> Option<Label> {
    match (field.value_type(), value) {
        (FieldType::Boolean, Value::Int(truth)) => {
            Some(if *truth == 0 { Label::new("否", "no") } else { Label::new("是", "yes") })
        }
        (FieldType::Choice | FieldType::MultiChoice, Value::Text(text)) => {
            field.option(text).map(|option| option.label.clone())
        }
        (FieldType::Date, Value::Int(day)) => day_from_number(*day).map(|day| Label::same(day.to_string())),
        (
            FieldType::Integer | FieldType::Decimal | FieldType::Money | FieldType::Percent,
            Value::Int(number),
        ) => Some(Label::same(number_text(*number, field.scale))),
        (FieldType::Text, Value::Text(text)) => Some(Label::same(text.clone())),
        _ => None,
    }
}

/// A scaled whole number as it is written, without zeros at the end.
fn number_text(number: i64, scale: u32) -> String {
    let plain = number as f64 / 10f64.powi(i32::try_from(scale).unwrap_or_default());
    format!("{plain}")
}
