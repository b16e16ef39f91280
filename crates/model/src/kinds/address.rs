//! A Chinese address: the region by its code (GB/T 2260) and the rest as text. Stored as six digits directly followed by the rest,
//! `330106文三路 100 号`; `000000` when no region is known. Addresses of one region so begin alike.

use super::text::check_text;
use super::tree::region_code;
use super::{FieldKind, Parsed, Storage, fault, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use huike_matching::address;
use huike_matching::text::{clean, fold};
use serde_json::{Map, Value as Json, json};

pub struct Address;

const NOWHERE: &str = "000000";

impl FieldKind for Address {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::ADDRESS
    }

    /// A text, which is taken apart, or `{"region": code or name, "detail": text}`.
    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let (place, typed) = match input {
            Json::String(typed) => (Place::read(typed), Some(typed)),
            Json::Object(members) => (Place::from_members(members, field)?, None),
            _ => {
                return Err(fault(
                    field,
                    "type",
                    "应为地址文字，或含有 region 和 detail 的对象",
                    "must be a text, or an object with region and detail",
                ));
            }
        };
        check_text(&place.detail, field)?;
        let raw = typed.filter(|typed| **typed != place.full()).cloned();
        let value = if place == Place::default() { Value::Null } else { Value::Text(place.stored()) };
        Ok(Parsed { value, raw })
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        let place = Place::kept(value);
        json!({"region": place.region, "detail": place.detail, "text": place.full()})
    }

    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        Place::kept(value).full()
    }

    /// The region without street and number.
    fn mask(&self, value: &Value, _field: &Field) -> Json {
        let region = Place { detail: "****".into(), ..Place::kept(value) };
        region.full().into()
    }

    fn search_text(&self, value: &Value, _field: &Field) -> Option<String> {
        Some(Place::kept(value).full()).filter(|text| !text.is_empty())
    }

    /// A region by its code or its full name, otherwise words of the street.
    fn parse_operand(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Value, Vec<Fault>> {
        let typed = match input {
            Json::Object(members) => members.get("region").cloned().unwrap_or_default(),
            other => other.clone(),
        };
        let words = fold(&text_of(&typed, field)?);
        let named = address::parse(&words);
        let region = address::region(&words).or_else(|| {
            let region =
                named.region.as_deref().filter(|_| named.detail.is_empty()).and_then(address::region)?;
            words.ends_with(region.name).then_some(region)
        });
        Ok(Value::Text(region.map_or(words, |region| region.code.to_owned())))
    }
}

/// An address taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Place {
    region: Option<String>,
    detail: String,
}

impl Place {
    fn read(text: &str) -> Place {
        let address = address::parse(text);
        Place { region: address.region, detail: address.detail }.settled()
    }

    fn from_members(members: &Map<String, Json>, field: &Field) -> Result<Place, Vec<Fault>> {
        let text = |name: &str| match members.get(name) {
            None | Some(Json::Null) => Ok(String::new()),
            Some(member) => text_of(member, field).map(|text| text.trim().to_owned()),
        };
        let (region, detail) = (text("region")?, text("detail")?);
        if region.is_empty() && detail.is_empty() {
            return Ok(Place::read(&text("text")?));
        }
        if region.is_empty() || region == NOWHERE {
            return Ok(Place { region: None, detail: clean(&detail) }.settled());
        }
        let region = region_code(&region, field)?;
        Ok(Place { region: Some(region.to_owned()), detail: clean(&detail) }.settled())
    }

    /// What stands in a value of ours; other texts are all detail.
    fn kept(value: &Value) -> Place {
        let text = value.as_text().unwrap_or_default();
        match text.split_at_checked(NOWHERE.len()) {
            Some((NOWHERE, detail)) => Place { region: None, detail: detail.to_owned() },
            Some((code, detail)) if code.bytes().all(|b| b.is_ascii_digit()) => {
                Place { region: Some(code.to_owned()), detail: detail.to_owned() }
            }
            _ => Place { region: None, detail: text.to_owned() },
        }
    }

    /// Without what the detail repeats of the region, and with what it says more exactly: people choose 杭州市 and then type
    /// 浙江省杭州市西湖区文三路. Each round makes the detail shorter, so that there are few.
    fn settled(mut self) -> Place {
        loop {
            let texts = [self.detail.clone(), self.full()];
            let clearer = texts.iter().map(|text| address::parse(text)).find(|read| {
                let inside = match (self.region.as_deref(), read.region.as_deref()) {
                    (Some(outer), Some(inner)) => is_inside(inner, outer),
                    (None, _) => true,
                    (Some(_), None) => false,
                };
                inside && read.detail.len() < self.detail.len()
            });
            match clearer {
                Some(read) => self = Place { region: read.region, detail: read.detail },
                None => return self,
            }
        }
    }

    fn stored(&self) -> String {
        format!("{}{}", self.region.as_deref().unwrap_or(NOWHERE), self.detail)
    }

    /// As it is written on an envelope.
    fn full(&self) -> String {
        let region = self.region.as_deref().and_then(address::full_name).unwrap_or_default();
        format!("{region}{}", self.detail)
    }
}

/// Whether a region is `outer` or lies in it.
fn is_inside(inner: &str, outer: &str) -> bool {
    let above = |code: &str| address::region(code).and_then(|region| region.parent);
    std::iter::successors(Some(inner), |code| above(code)).any(|code| code == outer)
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, raw, reads, shows, stored, test_moment};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use crate::value::Value;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_text_and_its_parts_are_one_address() {
        let field = test_field(FieldType::Address);
        let answer =
            json!({"region": "330106", "detail": "文三路 100 号", "text": "浙江省杭州市西湖区文三路 100 号"});
        for input in [
            json!("浙江省杭州市西湖区文三路 100 号"),
            json!("浙江 杭州 西湖区 文三路　１００ 号"),
            json!({"region": "330106", "detail": "文三路 100 号"}),
            json!({"region": "浙江省杭州市西湖区", "detail": "文三路 100 号"}),
            json!({"region": "330100", "detail": "西湖区文三路 100 号"}),
            json!({"region": "330106", "detail": "浙江省杭州市西湖区文三路 100 号"}),
            json!({"text": "浙江省杭州市西湖区文三路 100 号"}),
            answer.clone(),
        ] {
            assert_eq!(reads(&field, &input), answer, "{input}");
            assert_eq!(stored(&field, &input), Value::from("330106文三路 100 号"));
        }
        assert_eq!(shows(&field, &answer, Lang::En), "浙江省杭州市西湖区文三路 100 号");
        assert_eq!(
            raw(&field, &json!("杭州西湖区文三路 100 号")).as_deref(),
            Some("杭州西湖区文三路 100 号")
        );
        assert_eq!(raw(&field, &json!("浙江省杭州市西湖区文三路 100 号")), None);
    }

    #[test]
    fn an_address_may_have_only_a_region_or_none() {
        let field = test_field(FieldType::Address);
        assert_eq!(stored(&field, &json!("浙江省")), Value::from("330000"));
        assert_eq!(stored(&field, &json!("1 Example Road")), Value::from("0000001 Example Road"));
        assert_eq!(
            reads(&field, &json!("1 Example Road")),
            json!({"region": null, "detail": "1 Example Road", "text": "1 Example Road"})
        );
        assert_eq!(reads(&field, &json!({"region": null, "detail": ""})), json!(null));
    }

    #[test]
    fn unknown_regions_and_endless_details_are_refused() {
        let mut field = test_field(FieldType::Address);
        assert_eq!(
            fails(&field, &json!({"region": "999999", "detail": "一路"})),
            (
                "unknown_code",
                "字段没有“999999”这个代码或名称".into(),
                "Field has no code or name “999999”".into()
            )
        );
        assert_eq!(fails(&field, &json!({"region": ["330106"]})).0, "type");
        assert_eq!(fails(&field, &json!(330_106)).0, "type");
        field.max_length = 5;
        assert_eq!(fails(&field, &json!("浙江省杭州市西湖区文三路 100 号")).0, "too_long");
    }

    #[test]
    fn a_mask_keeps_the_region() {
        let field = test_field(FieldType::Address);
        assert_eq!(
            field.kind.kind().mask(&Value::from("330106文三路 100 号"), &field),
            json!("浙江省杭州市西湖区****")
        );
    }

    #[test]
    fn a_filter_takes_a_region_or_words_of_the_street() {
        let field = test_field(FieldType::Address);
        let operand = |input| field.kind.kind().parse_operand(&input, &field, &test_moment(Lang::Zh));
        assert_eq!(operand(json!("330100")), Ok(Value::from("330100")));
        assert_eq!(operand(json!({"region": "330100"})), Ok(Value::from("330100")));
        assert_eq!(operand(json!("浙江省杭州市")), Ok(Value::from("330100")));
        assert_eq!(operand(json!("文三路")), Ok(Value::from("文三路")));
        assert_eq!(operand(json!("杭州")), Ok(Value::from("杭州")));
    }

    proptest! {
        #[test]
        fn an_answered_address_is_read_back(
            region in prop::sample::select(vec!["330000", "330100", "330106", "110105", "710000", "000000"]),
            detail in "(浙江省?|杭州市?|西湖区?|北京市?|朝阳区?|文三路|[ 、,-]|1号|市|区){0,8}",
        ) {
            reads(&test_field(FieldType::Address), &json!({"region": region, "detail": detail}));
            reads(&test_field(FieldType::Address), &json!(detail));
        }
    }
}
