//! A point on the map: latitude and longitude in degrees (WGS 84, as browsers and telephones measure). Stored as `lat,lng` with six
//! decimal places, about a tenth of a metre.

use super::{FieldKind, Parsed, Storage, fault, operators};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use huike_matching::text::clean;
use serde_json::{Value as Json, json};

pub struct Location;

impl FieldKind for Location {
    fn storage(&self) -> Storage {
        Storage::Text
    }

    fn operators(&self) -> &'static [Op] {
        operators::PRESENCE
    }

    /// `{"lat": 30.27, "lng": 120.15}` or `30.27, 120.15`; finer digits are rounded.
    fn parse(&self, input: &Json, field: &Field, _moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let point = match input {
            Json::String(typed) => split(&clean(typed).replace('，', ",")),
            Json::Object(members) => {
                members.get("lat").and_then(degrees).zip(members.get("lng").and_then(degrees))
            }
            _ => None,
        };
        let (lat, lng) = point.ok_or_else(|| {
            fault(
                field,
                "format",
                "应为纬度和经度，例如 30.274151,120.155150",
                "must be latitude and longitude, such as 30.274151,120.155150",
            )
        })?;
        if lat.abs() > 90.0 || lng.abs() > 180.0 {
            return Err(fault(
                field,
                "out_of_range",
                "超出范围：纬度在前（-90 到 90），经度在后（-180 到 180）",
                "is out of range: latitude first (-90 to 90), then longitude (-180 to 180)",
            ));
        }
        Ok(Value::Text(format!("{},{}", six_places(lat), six_places(lng))).into())
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        match split(value.as_text().unwrap_or_default()) {
            Some((lat, lng)) => json!({"lat": lat, "lng": lng}),
            None => Json::Null,
        }
    }

    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        value.as_text().unwrap_or_default().replace(',', ", ")
    }

    fn search_text(&self, _value: &Value, _field: &Field) -> Option<String> {
        None
    }
}

fn degrees(json: &Json) -> Option<f64> {
    match json {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => number_of(text),
        _ => None,
    }
}

fn number_of(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

fn split(text: &str) -> Option<(f64, f64)> {
    let (lat, lng) = text.split_once([',', ' '])?;
    number_of(lat).zip(number_of(lng))
}

/// Without a negative zero, so that one point has one text.
fn six_places(degrees: f64) -> String {
    let text = format!("{degrees:.6}");
    if text == "-0.000000" { "0.000000".into() } else { text }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, reads, shows, stored};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn points_are_read_from_objects_and_text_and_rounded() {
        let field = test_field(FieldType::Location);
        for input in [
            json!({"lat": 30.274151, "lng": 120.15515}),
            json!({"lat": "30.2741512", "lng": "120.1551499999"}),
            json!("30.274151,120.155150"),
            json!("30.274151， 120.15515"),
            json!("30.274151 120.15515"),
        ] {
            assert_eq!(reads(&field, &input), json!({"lat": 30.274151, "lng": 120.15515}), "{input}");
        }
        assert_eq!(
            stored(&field, &json!({"lat": -0.0000001, "lng": 180})),
            Value::from("0.000000,180.000000")
        );
        assert_eq!(shows(&field, &json!("30.274151,120.15515"), Lang::Zh), "30.274151, 120.155150");
    }

    #[test]
    fn points_off_the_globe_and_half_points_are_refused() {
        let field = test_field(FieldType::Location);
        let (code, zh, en) = fails(&field, &json!("120.15515,30.274151"));
        assert_eq!(code, "out_of_range");
        assert_eq!(zh, "字段超出范围：纬度在前（-90 到 90），经度在后（-180 到 180）");
        assert_eq!(en, "Field is out of range: latitude first (-90 to 90), then longitude (-180 to 180)");
        for input in [
            json!("30.27"),
            json!("NaN,1"),
            json!({"lat": 30}),
            json!([30.27, 120.15]),
            json!("西湖,杭州"),
            json!("1,2,3"),
        ] {
            assert_eq!(fails(&field, &input).0, "format", "{input}");
        }
    }
}
