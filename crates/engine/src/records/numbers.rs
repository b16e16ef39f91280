//! Auto numbers such as `KH-{yyyy}{mm}-{seq:5}`: unique under any number of writers, with gaps where a write failed.

use super::insert::NewRecord;
use crate::cx::Cx;
use crate::error::Result;
use huike_model::Field;
use huike_store::{Conn, Sql};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Gives records of one moment the numbers they lack, in their order. The counter's row stays locked until the transaction ends, so this
/// comes last before the insert.
///
/// # Errors
/// The database's.
pub(crate) fn assign(conn: &mut Conn, cx: &Cx, records: &mut [NewRecord]) -> Result<()> {
    // The places of the records that lack it, by object and field.
    let mut wanted: BTreeMap<(String, String), (Arc<Field>, Vec<usize>)> = BTreeMap::new();
    for (place, record) in records.iter().enumerate() {
        for field in record.unnumbered() {
            let key = (record.object().name.clone(), field.name.clone());
            wanted.entry(key).or_insert_with(|| (field, Vec::new())).1.push(place);
        }
    }
    for ((object, _), (field, places)) in wanted {
        let counter = counter(cx, &object, &field);
        let given = cx.numbers.as_ref().filter(|_| places.len() == 1).and_then(|given| given.next(&counter));
        let first = match given {
            Some(number) => number,
            None => take(conn, &counter, places.len() as i64)?,
        };
        for (number, place) in (first..).zip(places) {
            records[place].number(cx, &field, counter.text(number))?;
        }
    }
    Ok(())
}

/// The first of so many numbers.
///
/// # Errors
/// The database's.
pub(crate) fn take(conn: &mut Conn, counter: &Counter, many: i64) -> Result<i64> {
    let sql = Sql::with(
        "insert into number_counter (rule, period, next) values ($1, $2, 1 + $3) \
         on conflict (rule, period) do update set next = number_counter.next + $4 returning next",
        [counter.rule.as_str().into(), counter.period.as_str().into(), many.into(), many.into()],
    )?;
    Ok(conn.query_one(&sql)?.int(0)? - many)
}

/// What a number is counted by. A counter starts again whenever the dated text around it changes.
#[derive(Clone)]
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
