//! A day of the calendar. Stored as days since 1970-01-01.

use super::{FieldKind, Parsed, Storage, explained, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::{Moment, day_from_number, day_number};
use crate::schema::Field;
use crate::value::Value;
use chrono::DateTime;
use huike_matching::date::{DateFault, parse_date};
use serde_json::Value as Json;

pub struct Date;

impl FieldKind for Date {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::TIME
    }

    /// A date in any written form; `"today"`. An instant with its zone is the day that the company's calendar shows then.
    fn parse(&self, input: &Json, field: &Field, moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let typed = text_of(input, field)?;
        if matches!(typed.as_str(), "today" | "now") {
            return Ok(Value::Int(day_number(moment.today())).into());
        }
        let day = match DateTime::parse_from_rfc3339(typed.trim()) {
            Ok(instant) => moment.local(instant.timestamp_millis()).date(),
            Err(_) => parse_date(&typed, moment.today()).map_err(|reason| refuse(reason, field))?,
        };
        let raw = (day.to_string() != typed.trim()).then_some(typed);
        Ok(Parsed { value: Value::Int(day_number(day)), raw })
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        iso(value).into()
    }

    fn display(&self, value: &Value, _field: &Field, _moment: &Moment) -> String {
        iso(value).unwrap_or_default()
    }
}

/// `2026-11-21`; none for a number that is no day.
fn iso(value: &Value) -> Option<String> {
    value.as_int().and_then(day_from_number).map(|day| day.to_string())
}

pub(super) fn refuse(reason: DateFault, field: &Field) -> Vec<Fault> {
    let code = match reason {
        DateFault::OutOfRange => "out_of_range",
        DateFault::Ambiguous => "ambiguous",
        _ => "format",
    };
    explained(field, code, reason.zh(), reason)
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, raw, reads, shows, stored};
    use crate::kinds::{FieldType, test_field};
    use crate::text::Lang;
    use crate::value::Value;
    use serde_json::json;

    #[test]
    fn one_day_is_read_in_its_many_written_forms() {
        let field = test_field(FieldType::Date);
        for typed in [
            "2026-03-05",
            "2026-3-5",
            "2026/03/05",
            "2026.3.5",
            "20260305",
            "2026年3月5日",
            "二〇二六年三月五日",
            "5 Mar 2026",
            "2026-03-05 00:00:00",
            "46086",
            "２０２６年３月５号",
        ] {
            assert_eq!(reads(&field, &json!(typed)), json!("2026-03-05"), "{typed}");
        }
        assert_eq!(stored(&field, &json!("1970-01-02")), Value::Int(1));
        assert_eq!(raw(&field, &json!("2026年3月5日")).as_deref(), Some("2026年3月5日"));
        assert_eq!(raw(&field, &json!("2026-03-05")), None);
        assert_eq!(shows(&field, &json!("2026/3/5"), Lang::En), "2026-03-05");
    }

    #[test]
    fn an_instant_falls_on_the_day_of_the_companys_calendar() {
        let field = test_field(FieldType::Date);
        assert_eq!(reads(&field, &json!("2026-11-21T16:30:00Z")), json!("2026-11-22"));
        assert_eq!(reads(&field, &json!("today")), json!("2026-11-21"));
    }

    #[test]
    fn days_that_are_none_and_days_that_may_be_two_are_refused() {
        let field = test_field(FieldType::Date);
        assert_eq!(
            fails(&field, &json!("2026-02-30")),
            ("format", "字段：日历上没有这一天".into(), "Field: the calendar has no such day".into())
        );
        assert_eq!(fails(&field, &json!("3/5/2026")).0, "ambiguous");
        assert_eq!(fails(&field, &json!("1815-06-18")).0, "out_of_range");
        assert_eq!(fails(&field, &json!("待定")).0, "format");
        assert_eq!(fails(&field, &json!(["2026-03-05"])).0, "type");
    }
}
