//! A code of a classification that the program brings along: `region` (GB/T 2260) or `industry` (GB/T 4754). Stored as the code.

use super::{FieldKind, Parsed, Storage, explained, fault, operators, quoted, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::text::Lang;
use crate::value::Value;
use huike_matching::address;
use huike_matching::industry::{Industry, industries, industry};
use huike_matching::text::{clean, fold, is_han};
use serde_json::Value as Json;

pub struct Tree;

impl FieldKind for Tree {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::TREE
    }

    /// The code, or the name when only one thing is called so.
    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let typed = text_of(input, field)?;
        let code = match field.tree.as_deref() {
            Some("region") => region_code(&typed, field)?,
            Some("industry") => industry_code(&typed).ok_or_else(|| unknown(&typed, field))?,
            _ => return Err(unknown(&typed, field)),
        };
        Ok(Value::from(code).into())
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        value.as_text().unwrap_or_default().into()
    }

    /// The name; of a region, those above it first.
    fn display(&self, value: &Value, field: &Field, moment: &Moment) -> String {
        let code = value.as_text().unwrap_or_default();
        let name = match field.tree.as_deref() {
            Some("region") => address::full_name(code),
            Some("industry") => industry(code).map(|industry| match moment.lang {
                Lang::Zh => industry.zh.to_owned(),
                Lang::En => industry.en.to_owned(),
            }),
            _ => None,
        };
        name.unwrap_or_else(|| code.to_owned())
    }

    /// Codes are picked, not searched.
    fn search_text(&self, _value: &Value, _field: &Field) -> Option<String> {
        None
    }
}

fn unknown(typed: &str, field: &Field) -> Vec<Fault> {
    let typed = quoted(typed);
    fault(
        field,
        "unknown_code",
        &format!("没有{typed}这个代码或名称"),
        &format!("has no code or name {typed}"),
    )
}

/// `330106`, 浙江省杭州市西湖区, or 西湖区 when there is but one.
pub(super) fn region_code(typed: &str, field: &Field) -> Result<&'static str, Vec<Fault>> {
    let name = clean(typed);
    if let Some(region) = address::region(&name) {
        return Ok(region.code);
    }
    let parsed = address::parse(&name);
    if let Some(region) =
        parsed.region.as_deref().filter(|_| parsed.detail.is_empty()).and_then(address::region)
    {
        return Ok(region.code);
    }
    // No region has a longer name, nor one in other characters.
    if name.chars().count() > 15 || !name.chars().all(is_han) {
        return Err(unknown(typed, field));
    }
    const LOOKED_AT: usize = 30;
    let called_so = address::search(&name, LOOKED_AT);
    let namesakes: Vec<_> = called_so
        .into_iter()
        .filter(|region| region.name == name || region.short_name() == Some(name.as_str()))
        .collect();
    match namesakes[..] {
        [] => Err(unknown(typed, field)),
        [only] => Ok(only.code),
        _ => {
            const NAMED: usize = 5;
            let names: Vec<_> =
                namesakes.iter().take(NAMED).filter_map(|region| address::full_name(region.code)).collect();
            Err(explained(
                field,
                "ambiguous",
                format!("{}有多个，请写全：{}", quoted(typed), names.join("、")),
                format!("there are several {}; write one in full: {}", quoted(typed), names.join(", ")),
            ))
        }
    }
}

/// `39`, `C39`, `C`, 软件和信息技术服务业 or its English name. A section and its only division may share a name: then it is the
/// section's.
fn industry_code(typed: &str) -> Option<&'static str> {
    let name = fold(typed);
    let code = name.to_uppercase();
    if let Some(found) = industry(&code) {
        return Some(found.code);
    }
    let lettered = code.get(..1).zip(code.get(1..)).and_then(|(section, division)| {
        industry(division).filter(|division| division.parent == Some(section))
    });
    let called_so = |industry: &&Industry| fold(industry.zh) == name || fold(industry.en) == name;
    lettered.or_else(|| industries().iter().find(called_so)).map(|industry| industry.code)
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads, shows};
    use crate::kinds::{FieldType, test_field};
    use crate::schema::Field;
    use crate::text::Lang;
    use serde_json::json;

    fn industry_field() -> Field {
        Field { tree: Some("industry".into()), ..test_field(FieldType::Tree) }
    }

    #[test]
    fn a_region_is_known_by_code_and_by_name() {
        let field = test_field(FieldType::Tree);
        for typed in ["330106", "浙江省杭州市西湖区", "浙江 杭州 西湖", "３３０１０６"] {
            assert_eq!(reads(&field, &json!(typed)), json!("330106"), "{typed}");
        }
        assert_eq!(reads(&field, &json!("杭州")), json!("330100"));
        assert_eq!(reads(&field, &json!(330_106)), json!("330106"));
        assert_eq!(shows(&field, &json!("330106"), Lang::En), "浙江省杭州市西湖区");
    }

    #[test]
    fn a_name_that_several_regions_have_is_refused_with_them_all() {
        let field = test_field(FieldType::Tree);
        let (code, zh, en) = fails(&field, &json!("西湖区"));
        assert_eq!(code, "ambiguous");
        assert_eq!(zh, "字段：“西湖区”有多个，请写全：浙江省杭州市西湖区、江西省南昌市西湖区");
        assert!(en.starts_with("Field: there are several “西湖区”; write one in full: "), "{en}");
    }

    #[test]
    fn an_industry_is_known_by_code_and_by_name_in_both_languages() {
        let field = industry_field();
        for typed in ["65", "I65", "i65", "软件和信息技术服务业", "軟件和信息技術服務業"]
        {
            assert_eq!(reads(&field, &json!(typed)), json!("65"), "{typed}");
        }
        assert_eq!(reads(&field, &json!("制造业")), json!("C"));
        assert_eq!(reads(&field, &json!("教育")), json!("P"));
        let english = shows(&field, &json!("65"), Lang::En);
        assert_eq!(reads(&field, &json!(english.to_uppercase())), json!("65"));
        assert_eq!(shows(&field, &json!("C"), Lang::Zh), "制造业");
    }

    #[test]
    fn unknown_codes_and_names_are_refused() {
        assert_eq!(
            fails(&industry_field(), &json!("C65")),
            ("unknown_code", "字段没有“C65”这个代码或名称".into(), "Field has no code or name “C65”".into())
        );
        assert_eq!(fails(&test_field(FieldType::Tree), &json!("999999")).0, "unknown_code");
        assert_eq!(fails(&test_field(FieldType::Tree), &json!("浙江省杭州市西湖区文三路")).0, "unknown_code");
        assert_eq!(fails(&test_field(FieldType::Tree), &json!(["330106"])).0, "type");
    }
}
