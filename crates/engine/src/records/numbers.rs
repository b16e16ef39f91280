//! Auto numbers such as `KH-{yyyy}{mm}-{seq:5}`: unique under any number of writers, with gaps where a write failed.

use super::values::Values;
use crate::cx::Cx;
use crate::error::Result;
use huike_model::kinds::FieldType;
use huike_model::{Field, Value};
use huike_store::{Conn, Sql};

/// Gives the record its numbers. The counter's row stays locked until the transaction ends, so this comes last before the insert.
///
/// # Errors
/// The database's.
pub fn assign(conn: &mut Conn, cx: &Cx, values: &mut Values) -> Result<()> {
    let object = values.object().clone();
    for field in object.fields().filter(|field| field.kind == FieldType::AutoNumber) {
        if !values.of(field).is_null() {
            continue;
        }
        let number = next(conn, cx, &object.name, field)?;
        values.set(&field.name, Value::Text(number));
    }
    Ok(())
}

fn next(conn: &mut Conn, cx: &Cx, object: &str, field: &Field) -> Result<String> {
    let counter = counter(cx, object, field);
    let sql = Sql::with(
        "insert into number_counter (rule, period, next) values ($1, $2, 2) \
         on conflict (rule, period) do update set next = number_counter.next + 1 returning next",
        [counter.rule.as_str().into(), counter.period.as_str().into()],
    )?;
    Ok(counter.text(conn.query_one(&sql)?.int(0)? - 1))
}

/// What a number is counted by. The counter starts again whenever the dated text around it changes.
pub(crate) struct Counter {
    pub rule: String,
    pub period: String,
    before: String,
    width: usize,
    after: String,
}

impl Counter {
    pub fn text(&self, number: i64) -> String {
        let Counter { before, width, after, .. } = self;
        format!("{before}{number:0width$}{after}")
    }
}

/// The counter of a field today.
pub(crate) fn counter(cx: &Cx, object: &str, field: &Field) -> Counter {
    let (before, width, after) = split(field.format.as_deref().unwrap_or("{seq:6}"));
    let today = cx.moment.today();
    let dated = |part: &str| {
        part.replace("{yyyy}", &today.format("%Y").to_string())
            .replace("{yy}", &today.format("%y").to_string())
            .replace("{mm}", &today.format("%m").to_string())
            .replace("{dd}", &today.format("%d").to_string())
    };
    let (before, after) = (dated(before), dated(after));
    Counter {
        rule: format!("{object}.{}", field.name),
        period: format!("{before}|{after}"),
        before,
        width,
        after,
    }
}

/// Splits a format at `{seq}` or `{seq:n}`: what stands before, the width, what stands after.
fn split(format: &str) -> (&str, usize, &str) {
    let Some(start) = format.find("{seq") else { return (format, 1, "") };
    let Some(end) = format[start..].find('}').map(|end| start + end) else { return (format, 1, "") };
    let width = format[start + 4..end].trim_start_matches(':').parse().unwrap_or(1);
    (&format[..start], width, &format[end + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_split_at_its_sequence() {
        assert_eq!(split("KH-{yyyy}{mm}-{seq:5}"), ("KH-{yyyy}{mm}-", 5, ""));
        assert_eq!(split("{seq}号"), ("", 1, "号"));
        assert_eq!(split("{seq"), ("{seq", 1, ""));
    }
}
