//! One line of text.

use super::{FieldKind, Parsed, Storage, normalised, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

pub struct Text;

impl FieldKind for Text {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::TEXT
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let typed = text_of(input, field)?;
        let text = typed.split_whitespace().collect::<Vec<_>>().join(" ");
        check_text(&text, field)?;
        Ok(normalised(text, &typed))
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_text().unwrap_or_default().into()
    }

    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        value.as_text().unwrap_or_default().to_owned()
    }

    /// The first character: enough to tell two people apart, too little to tell who they are.
    fn mask(&self, value: &Value, _field: &Field) -> Json {
        match value.as_text().unwrap_or_default().chars().next() {
            Some(first) => format!("{first}***").into(),
            None => "***".into(),
        }
    }

    fn parse_operand(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Value, Vec<Fault>> {
        text_of(input, field).map(Value::Text)
    }
}

/// Length, pattern and control characters, for every type that is text. Lengths are in characters.
pub(super) fn check_text(text: &str, field: &Field) -> Result<(), Vec<Fault>> {
    let mut faults = Vec::new();
    let length = text.chars().count();
    let (zh, en) = (&field.label.zh, &field.label.en);
    if length > field.max_length {
        let max = field.max_length;
        faults.push(Fault::new(
            &field.name,
            "too_long",
            format!("{zh}最多 {max} 个字，现在是 {length} 个"),
            format!("{en} may have {max} characters at most; it has {length}"),
        ));
    }
    if let Some(min) = field.min_length.filter(|min| length < *min) {
        faults.push(Fault::new(
            &field.name,
            "too_short",
            format!("{zh}至少 {min} 个字"),
            format!("{en} needs {min} characters at least"),
        ));
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        faults.push(Fault::new(
            &field.name,
            "control_character",
            format!("{zh}含有不可见的控制字符"),
            format!("{en} contains control characters"),
        ));
    }
    if field.pattern.as_ref().is_some_and(|pattern| !pattern.is_match(text)) {
        faults.push(Fault::new(
            &field.name,
            "format",
            format!("{zh}的格式不正确"),
            format!("{en} has the wrong format"),
        ));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, raw, reads, test_moment};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn blanks_are_collapsed_and_what_was_typed_is_kept() {
        let field = test_field(FieldType::Text);
        assert_eq!(reads(&field, &json!("  某某\n\t 公司　")), json!("某某 公司"));
        assert_eq!(raw(&field, &json!(" 某某公司")).as_deref(), Some(" 某某公司"));
        assert_eq!(raw(&field, &json!("某某公司")), None);
        assert_eq!(reads(&field, &json!(1380)), json!("1380"));
    }

    #[test]
    fn every_fault_of_a_text_is_told_at_once() {
        let mut field = test_field(FieldType::Text);
        (field.max_length, field.pattern) = (3, Some(regex::Regex::new("^[A-Z]+$").unwrap()));
        let faults =
            field.kind.kind().parse(&json!("甲乙丙\u{7}丁"), &field, &test_moment(Lang::Zh)).unwrap_err();
        let codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes, ["too_long", "control_character", "format"]);
        field.min_length = Some(2);
        assert_eq!(
            fails(&field, &json!("A")),
            ("too_short", "字段至少 2 个字".into(), "Field needs 2 characters at least".into())
        );
    }

    #[test]
    fn a_masked_text_shows_its_first_character() {
        let field = test_field(FieldType::Text);
        assert_eq!(field.kind.kind().mask(&Value::from("王小明"), &field), json!("王***"));
    }
}
