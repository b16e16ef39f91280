//! An instant. Stored as milliseconds since 1970-01-01 UTC, written in RFC 3339, shown by the company's clock.

use super::date::refuse;
use super::{FieldKind, Parsed, Storage, operators, text_of};
use crate::fault::Fault;
use crate::filter::Op;
use crate::moment::Moment;
use crate::schema::Field;
use crate::value::Value;
use chrono::{DateTime as Instant, Datelike, FixedOffset, SecondsFormat, Utc};
use huike_matching::date::{DateFault, parse_datetime};
use serde_json::Value as Json;

pub struct DateTime;

impl FieldKind for DateTime {
    fn storage(&self) -> Storage {
        Storage::Int
    }

    fn operators(&self) -> &'static [Op] {
        operators::TIME
    }

    /// RFC 3339, or a date and a time by the company's clock in any written form, midnight without a time; `"now"`, `"today"`.
    fn parse(&self, input: &Json, field: &Field, moment: &Moment) -> Result<Parsed, Vec<Fault>> {
        let typed = text_of(input, field)?;
        match typed.as_str() {
            "now" => return Ok(Value::Int(moment.now).into()),
            "today" => return Ok(Value::Int(moment.midnight(moment.today())).into()),
            _ => {}
        }
        if let Ok(instant) = Instant::parse_from_rfc3339(typed.trim()) {
            if !(1900..2200).contains(&instant.year()) {
                return Err(refuse(DateFault::OutOfRange, field));
            }
            return Ok(Value::Int(instant.timestamp_millis()).into());
        }
        let at = written(&typed, moment).map_err(|reason| refuse(reason, field))?;
        Ok(Parsed { value: Value::Int(at), raw: Some(typed) })
    }

    fn to_json(&self, value: &Value, _field: &Field) -> Json {
        let instant = value.as_int().and_then(Instant::<Utc>::from_timestamp_millis);
        instant.map(|instant| instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)).into()
    }

    fn display(&self, value: &Value, _field: &Field, moment: &Moment) -> String {
        moment.local(value.as_int().unwrap_or_default()).format("%Y-%m-%d %H:%M").to_string()
    }
}

/// A text that names its zone is one instant whatever zone the reader assumes; any other is the time on the company's clock, whose
/// distance from UTC may depend on the day.
fn written(typed: &str, moment: &Moment) -> Result<i64, DateFault> {
    const HOUR: i32 = 3600;
    let assuming = |hours: i32| {
        let offset = FixedOffset::east_opt(hours * HOUR).ok_or(DateFault::OutOfRange)?;
        parse_datetime(typed, moment.today(), offset)
    };
    let (here, east) = (assuming(0)?, assuming(1)?);
    if here == east { Ok(here.timestamp_millis()) } else { Ok(moment.instant(here.naive_local())) }
}

#[cfg(test)]
mod tests {
    use crate::kinds::tests::{fails, raw, reads, shows, test_moment};
    use crate::kinds::{FieldType, test_field};
    use crate::moment::Moment;
    use crate::text::Lang;
    use serde_json::json;

    #[test]
    fn one_instant_is_read_in_its_many_written_forms() {
        let field = test_field(FieldType::DateTime);
        for typed in [
            "2026-11-21T06:30:00Z",
            "2026-11-21T14:30:00+08:00",
            "2026-11-21 14:30",
            "2026/11/21 14:30:00",
            "2026年11月21日 14:30",
            "2026年11月21日下午2点30分",
            "20261121 14:30",
        ] {
            assert_eq!(reads(&field, &json!(typed)), json!("2026-11-21T06:30:00Z"), "{typed}");
        }
        assert_eq!(reads(&field, &json!("2026-11-21")), json!("2026-11-20T16:00:00Z"));
        assert_eq!(reads(&field, &json!("2026-11-21T06:30:00.25Z")), json!("2026-11-21T06:30:00.250Z"));
        assert_eq!(reads(&field, &json!("now")), json!("2026-11-21T06:30:00Z"));
        assert_eq!(reads(&field, &json!("today")), json!("2026-11-20T16:00:00Z"));
        assert_eq!(raw(&field, &json!("2026-11-21 14:30")).as_deref(), Some("2026-11-21 14:30"));
        assert_eq!(raw(&field, &json!("2026-11-21T06:30:00Z")), None);
    }

    #[test]
    fn the_company_clock_is_obeyed_in_summer_and_in_winter() {
        let field = test_field(FieldType::DateTime);
        let moment = Moment { zone: chrono_tz::Europe::Berlin, ..test_moment(Lang::Zh) };
        let kind = field.kind.kind();
        for (typed, answer) in [
            ("2026-01-15 12:00", "2026-01-15T11:00:00Z"),
            ("2026-07-15 12:00", "2026-07-15T10:00:00Z"),
            ("2026-07-15 12:00 +08:00", "2026-07-15T04:00:00Z"),
        ] {
            let value = kind.parse(&json!(typed), &field, &moment).unwrap().value;
            assert_eq!(kind.to_json(&value, &field), json!(answer), "{typed}");
        }
    }

    #[test]
    fn people_see_the_companys_clock() {
        let field = test_field(FieldType::DateTime);
        assert_eq!(shows(&field, &json!("2026-11-21T06:30:59Z"), Lang::Zh), "2026-11-21 14:30");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let field = test_field(FieldType::DateTime);
        assert_eq!(fails(&field, &json!("2026-02-30 10:00")).0, "format");
        assert_eq!(
            fails(&field, &json!("9999-01-01T00:00:00Z")),
            (
                "out_of_range",
                "字段：日期应在 1900 年至 2199 年之间".into(),
                "Field: the date must lie between the years 1900 and 2199".into()
            )
        );
        assert_eq!(fails(&field, &json!("下次")).0, "format");
        assert_eq!(fails(&field, &json!(true)).0, "type");
    }
}
