//! The day's digest: one notification in the morning of a working day, with what is late, what is due, and the reminders that were held
//! back the day before.

use super::notify::Draft;
use super::schedule;
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::setting;
use huike_model::moment::{DAY_MS, day_number};
use huike_model::worktime::WorkCalendar;
use huike_store::{Conn, Sql};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The key in `setting`: the last day on which digests were written, and until when.
const LAST: &str = "digest_day";

/// What one person's digest says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    late: i64,
    today: i64,
    held: i64,
}

/// Writes today's digest when its time has come; how many people got one.
///
/// # Errors
/// The database's.
pub async fn run(engine: &Engine) -> Result<usize> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let (today, calendar) = (cx.moment.today(), cx.org.calendar_of(None));
    if !calendar.is_working_day(today) {
        return Ok(0);
    }
    let number = day_number(today);
    let done = engine.read(|conn| setting::get(conn, LAST)).await?;
    let done = done.as_deref().and_then(|text| text.split_once(':'));
    let until = done.filter(|(day, _)| *day == number.to_string()).and_then(|(_, until)| until.parse().ok());
    let people = whose_time_has_come(&cx, &calendar, until.unwrap_or(i64::MIN));
    if people.is_empty() {
        return Ok(0);
    }
    // What becomes due by now is told by itself first.
    schedule::run_due(engine).await?;
    let this = engine.clone();
    engine.write(move |conn| write(conn, &this, &cx, number, &people)).await
}

/// Whose digest is due by now and was not at an earlier moment: everybody may choose their own time.
fn whose_time_has_come(cx: &Cx, calendar: &WorkCalendar, until: i64) -> BTreeSet<i64> {
    let (today, usual) = (cx.moment.today(), cx.org.follow.settings.digest_at);
    let due = |user: i64| calendar.at(today, cx.org.outside.reach(user).digest_at.unwrap_or(usual));
    let people = cx.org.users().filter(|person| person.active).map(|person| person.id);
    people.filter(|user| (until.saturating_add(1)..=cx.moment.now).contains(&due(*user))).collect()
}

fn write(conn: &mut Conn, engine: &Engine, cx: &Cx, number: i64, due: &BTreeSet<i64>) -> Result<usize> {
    setting::put(conn, LAST, &format!("{number}:{}", cx.moment.now))?;
    let mut people: BTreeMap<i64, Figures> = BTreeMap::new();
    let midnight = cx.moment.midnight(cx.moment.today());
    let tomorrow = cx.moment.midnight(cx.moment.today().succ_opt().unwrap_or(cx.moment.today()));
    let mut sql = Sql::raw("select owner_id, count(case when due_at < ");
    sql.bind(midnight).push(" then 1 end), count(*) from obligation where closed_at is null and owner_id is not null and due_at < ");
    sql.bind(tomorrow).push(" group by owner_id");
    for row in conn.query(&sql)? {
        let late = row.int(1)?;
        let figures = Figures { late, today: row.int(2)? - late, held: 0 };
        // Whoever stands in sees the work of those who are away.
        if let Some(user) = cx.org.acting(row.int(0)?, cx.moment.now) {
            let known = people.entry(user).or_default();
            (known.late, known.today) = (known.late + figures.late, known.today + figures.today);
        }
    }
    let mut sql =
        Sql::raw("select user_id, count(*) from notification where live = 0 and read_at is null and id >= ");
    sql.bind(huike_store::first_id_at(midnight - 4 * DAY_MS)).push(" group by user_id");
    for row in conn.query(&sql)? {
        people.entry(row.int(0)?).or_default().held = row.int(1)?;
    }
    engine.failpoint("digest")?;
    let (mut statements, mut written) = (Vec::new(), 0);
    for (user, figures) in people.iter().filter(|(user, _)| due.contains(user)) {
        let why = json!({"late": figures.late, "today": figures.today, "held": figures.held});
        let draft = Draft::plain(*user, "digest", why, format!("d{number}:{user}"));
        statements.extend(draft.insert(conn, cx)?);
        written += 1;
    }
    conn.batch(&statements)?;
    Ok(written)
}
