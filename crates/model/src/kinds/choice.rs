//! One of the options that the field lists. Stored as the option's value.

use super::{FieldKind, Parsed, Storage, fault, operators, quoted, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::{ChoiceOption, Field};
use crate::text::Lang;
use crate::value::Value;
use huike_matching::text::clean;
use serde_json::Value as Json;

pub struct Choice;

impl FieldKind for Choice {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::EXACT
    }

    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        live_option(&text_of(input, field)?, field).map(|option| Value::from(option.value.as_str()).into())
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_text().unwrap_or_default().into()
    }

    fn display(&self, value: &Value, field: &Field, moment: &Moment) -> String {
        label(value.as_text().unwrap_or_default(), field, moment.lang)
    }

    /// A choice is picked, not searched.
    fn search_text(&self, _value: &Value, _field: &Field) -> Option<String> {
        None
    }

    /// Retired options still stand in records, so that a filter may name them.
    fn parse_operand(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Value, Vec<Fault>> {
        let typed = text_of(input, field)?;
        find(&typed, field)
            .map(|option| Value::from(option.value.as_str()))
            .ok_or_else(|| unknown(&typed, field))
    }
}

/// The option with this value or, in either language, this label; live ones first.
fn find<'a>(typed: &str, field: &'a Field) -> Option<&'a ChoiceOption> {
    if let Some(option) = field.option(typed) {
        return Some(option);
    }
    let typed = clean(typed);
    let matches =
        |option: &&ChoiceOption| option.value.eq_ignore_ascii_case(&typed) || option.label.is(&typed);
    let mut matching = field.options.iter().filter(matches);
    let first = matching.next()?;
    if first.retired { matching.find(|option| !option.retired).or(Some(first)) } else { Some(first) }
}

/// The option that a new value may take.
pub(super) fn live_option<'a>(typed: &str, field: &'a Field) -> Result<&'a ChoiceOption, Vec<Fault>> {
    match find(typed, field) {
        Some(option) if option.retired => {
            let (zh, en) = (&option.label.zh, &option.label.en);
            let (allowed_zh, allowed_en) = allowed(field);
            Err(fault(
                field,
                "retired_option",
                &format!("的选项“{zh}”已停用，请选择：{allowed_zh}"),
                &format!("has retired the option “{en}”; choose one of: {allowed_en}"),
            ))
        }
        Some(option) => Ok(option),
        None => Err(unknown(typed, field)),
    }
}

fn unknown(typed: &str, field: &Field) -> Vec<Fault> {
    let typed = quoted(typed);
    let (zh, en) = allowed(field);
    fault(
        field,
        "unknown_option",
        &format!("没有{typed}这个选项，请选择：{zh}"),
        &format!("has no option {typed}; choose one of: {en}"),
    )
}

/// The labels of the live options, no more than a message can bear.
fn allowed(field: &Field) -> (String, String) {
    const NAMED: usize = 12;
    let live: Vec<&ChoiceOption> = field.options.iter().filter(|option| !option.retired).collect();
    let join = |lang: Lang, separator: &str| {
        live.iter().take(NAMED).map(|option| option.label.get(lang)).collect::<Vec<_>>().join(separator)
    };
    let (mut zh, mut en) = (join(Lang::Zh, "、"), join(Lang::En, ", "));
    if live.len() > NAMED {
        zh.push_str(&format!("等 {} 项", live.len()));
        en.push_str(&format!(" and {} more", live.len() - NAMED));
    }
    (zh, en)
}

/// The label of a value; the value itself when the option is gone.
pub(super) fn label(value: &str, field: &Field, lang: Lang) -> String {
    field.option(value).map_or(value, |option| option.label.get(lang)).to_owned()
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads, shows, test_moment};
    use crate::kinds::{FieldType, test_field};
    use crate::schema::ChoiceOption;
    use crate::text::{Label, Lang};
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn an_option_is_known_by_its_value_and_by_its_label_in_either_language() {
        let field = test_field(FieldType::Choice);
        for input in
            [json!("lead"), json!("LEAD"), json!("线索"), json!(" 线索　"), json!("Lead"), json!("ｌｅａｄ")]
        {
            assert_eq!(reads(&field, &input), json!("lead"), "{input}");
        }
        assert_eq!(shows(&field, &json!("won"), Lang::Zh), "成交");
        assert_eq!(shows(&field, &json!("won"), Lang::En), "Won");
    }

    #[test]
    fn a_wrong_or_retired_option_is_answered_with_the_right_ones() {
        let field = test_field(FieldType::Choice);
        let (code, zh, en) = fails(&field, &json!("意向"));
        assert_eq!(code, "unknown_option");
        assert_eq!(zh, "字段没有“意向”这个选项，请选择：线索、成交");
        assert_eq!(en, "Field has no option “意向”; choose one of: Lead, Won");
        let (code, zh, en) = fails(&field, &json!("旧阶段"));
        assert_eq!(code, "retired_option");
        assert_eq!(zh, "字段的选项“旧阶段”已停用，请选择：线索、成交");
        assert_eq!(en, "Field has retired the option “Old stage”; choose one of: Lead, Won");
        assert_eq!(fails(&field, &json!(["lead"])).0, "type");
    }

    #[test]
    fn a_filter_may_name_a_retired_option() {
        let field = test_field(FieldType::Choice);
        let operand = field.kind.kind().parse_operand(&json!("旧阶段"), &field, &test_moment(Lang::Zh));
        assert_eq!(operand, Ok(Value::from("old")));
    }

    #[test]
    fn a_live_option_comes_before_a_retired_one_of_the_same_label() {
        let mut field = test_field(FieldType::Choice);
        let again = ChoiceOption {
            value: "old_2".into(),
            label: Label::new("旧阶段", "Old"),
            color: None,
            retired: false,
            closed: false,
        };
        field.options.push(again);
        assert_eq!(reads(&field, &json!("旧阶段")), json!("old_2"));
    }

    #[test]
    fn a_message_names_a_dozen_options_at_most() {
        let mut field = test_field(FieldType::Choice);
        field.options = (0..20)
            .map(|number| ChoiceOption {
                value: format!("o{number}"),
                label: Label::same(format!("选项{number}")),
                color: None,
                retired: false,
                closed: false,
            })
            .collect();
        let (_, zh, en) = fails(&field, &json!("x"));
        assert!(zh.ends_with("选项11等 20 项"), "{zh}");
        assert!(en.ends_with("选项11 and 8 more"), "{en}");
    }
}
