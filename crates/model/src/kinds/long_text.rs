//! Text of several lines.

use super::text::check_text;
use super::{FieldKind, Parsed, Storage, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use serde_json::Value as Json;

pub struct LongText;

impl FieldKind for LongText {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::PROSE
    }

    /// Lines end with a line feed and have no blanks at their end, whatever the writer's system does; nothing else changes, so
    /// what was typed need not be kept apart.
    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let typed = text_of(input, field)?.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<&str> = typed.lines().map(str::trim_end).collect();
        let text = lines.join("\n").trim_matches('\n').to_owned();
        check_text(&text, field)?;
        Ok(Value::from((!text.is_empty()).then_some(text)).into())
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_text().unwrap_or_default().into()
    }

    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        value.as_text().unwrap_or_default().to_owned()
    }

    fn parse_operand(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Value, Vec<Fault>> {
        text_of(input, field).map(Value::Text)
    }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads};
    use crate::kinds::{FieldType, test_field};
    use serde_json::json;

    #[test]
    fn lines_are_kept_and_line_ends_made_alike() {
        let field = test_field(FieldType::LongText);
        assert_eq!(
            reads(&field, &json!("\r\n  第一行  \r\n\r\n\t第二行\r第三行\n\n")),
            json!("  第一行\n\n\t第二行\n第三行")
        );
        assert_eq!(reads(&field, &json!(42)), json!("42"));
        assert_eq!(reads(&field, &json!("\n\n")), json!(null));
    }

    #[test]
    fn too_long_a_text_and_invisible_controls_are_refused() {
        let mut field = test_field(FieldType::LongText);
        field.max_length = 3;
        let (code, zh, en) = fails(&field, &json!("一二三四"));
        assert_eq!(code, "too_long");
        assert_eq!(zh, "字段最多 3 个字，现在是 4 个");
        assert_eq!(en, "Field may have 3 characters at most; it has 4");
        assert_eq!(fails(&field, &json!("a\u{0}b")).0, "control_character");
        assert_eq!(fails(&field, &json!(["a"])).0, "type");
    }
}
