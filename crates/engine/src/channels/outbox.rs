//! The outbox: what is to leave the house, written with the notification that it brings, claimed under a lease, and kept with what became
//! of it.

use super::reach::Occasion;
use crate::cx::Cx;
use crate::error::Result;
use crate::obligations::notify::Draft;
use huike_model::moment::DAY_MS;
use huike_model::worktime::Quiet;
use huike_store::{Conn, Sql};
use std::collections::BTreeMap;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// Reminders that come within this time leave as one message.
pub const COALESCE: i64 = 2 * MINUTE;
/// What is being sent belongs to one node for this long; then whoever sent it has died.
pub const LEASE: i64 = 10 * MINUTE;
/// A reminder is worth sending until its promise has been due for so long: a channel may be down over a weekend.
const REMINDER_WINDOW: i64 = 3 * DAY_MS;
/// Yesterday's digest is no news.
const DIGEST_WINDOW: i64 = 12 * HOUR;
/// Messages that leave through one channel in one go: each may take 20 seconds, and all of them less than the lease.
pub const PARCELS: usize = 10;
const MOST_ROWS: i64 = 500;
/// Reminders in one message.
pub const MOST_TOGETHER: usize = 50;

/// A person's department and those above it, nearest first.
pub fn above(cx: &Cx, user: i64) -> Vec<i64> {
    let department = cx.org.user(user).and_then(|person| person.department);
    department.map(|department| cx.org.departments_above(department)).unwrap_or_default()
}

/// The statements that hand a notification over to the channels that its reader wants.
///
/// # Errors
/// When no id can be had.
pub fn hand_over(conn: &Conn, cx: &Cx, draft: &Draft, notification: i64) -> Result<Vec<Sql>> {
    if !draft.live {
        return Ok(Vec::new());
    }
    let occasion = Occasion::of(draft.kind, draft.urgent);
    let now = cx.moment.now;
    let window = match occasion {
        Occasion::Digest => now + DIGEST_WINDOW,
        Occasion::Alert => now + 7 * DAY_MS,
        _ => now.max(draft.due_at.unwrap_or(now)).saturating_add(REMINDER_WINDOW),
    };
    let mut channels = cx.org.outside.route(draft.user, &above(cx, draft.user), occasion);
    // What is said of a channel that is down doesn't wait for it.
    channels.retain(|channel| draft.why["channel"].as_i64() != Some(*channel));
    let statement = |channel: i64| {
        let once = format!("{}:{channel}", draft.once);
        let at = if matches!(occasion, Occasion::Own | Occasion::Team) { now + COALESCE } else { now };
        let next = if draft.any_hour { at } else { loud(cx, draft.user, at) };
        // Not for a notification that was there before.
        let sql = "insert into delivery (id, once, channel_id, user_id, notification_id, any_hour, state, attempts, next_at, expires_at, at) \
             select cast($1 as bigint), cast($2 as text), cast($3 as bigint), cast($4 as bigint), cast($5 as bigint), cast($6 as bigint), \
             'waiting', 0, cast($7 as bigint), cast($8 as bigint), cast($9 as bigint) \
             where exists (select 1 from notification where id = $10) \
             on conflict (once) do nothing";
        let values = [
            conn.next_id()?.into(),
            once.into(),
            channel.into(),
            draft.user.into(),
            notification.into(),
            draft.any_hour.into(),
            next.into(),
            window.into(),
            now.into(),
            notification.into(),
        ];
        Ok(Sql::with(sql, values)?)
    };
    channels.into_iter().map(statement).collect()
}

/// The first moment from `at` on at which a person may be disturbed.
pub fn loud(cx: &Cx, user: i64, at: i64) -> i64 {
    let calendar = cx.org.calendar_of(Some(user));
    let quiet = cx.org.outside.reach(user).quiet.as_ref().unwrap_or(&cx.org.follow.settings.quiet);
    if calendar.is_quiet(quiet, at) { calendar.next_loud(quiet, at) } else { at }
}

/// The first moment at which a parcel may leave: what had to wait for its channel doesn't come in the night.
pub fn not_before(cx: &Cx, parcel: &Parcel, now: i64) -> i64 {
    if parcel.any_hour {
        return now;
    }
    if parcel.greeting.is_none() {
        return loud(cx, parcel.user, now);
    }
    // A birthday may be a Sunday.
    let quiet = Quiet { free_days: false, ..cx.org.follow.settings.quiet };
    cx.org.calendar_of(None).next_loud(&quiet, now)
}

/// What goes to one person through one channel at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    pub id: i64,
    pub user: i64,
    pub deliveries: Vec<i64>,
    pub notifications: Vec<i64>,
    /// It is a greeting rather than notifications.
    pub greeting: Option<i64>,
    /// Quiet hours don't hold it up.
    pub any_hour: bool,
    /// How often it was tried before.
    pub attempts: i64,
    /// Until when it is this node's.
    pub lease: i64,
}

/// Ends what is no longer worth sending; how many deliveries.
///
/// # Errors
/// The database's.
pub fn end_stale(conn: &mut Conn, now: i64) -> Result<u64> {
    let sql = "update delivery set state = 'stale', next_at = null, done_at = $1 \
         where next_at is not null and expires_at <= $2 and (state = 'waiting' or next_at <= $3)";
    Ok(conn.execute(&Sql::with(sql, [now.into(), now.into(), now.into()])?)?)
}

/// The channels that have something to send now.
///
/// # Errors
/// The database's.
pub fn busy(conn: &mut Conn, now: i64) -> Result<Vec<i64>> {
    let sql = "select c.id from channel c where c.active = 1 and (c.retry_at is null or c.retry_at <= $1) \
         and exists (select 1 from delivery d where d.channel_id = c.id and d.next_at is not null and d.next_at <= $2) order by c.id";
    let rows = conn.query(&Sql::with(sql, [now.into(), now.into()])?)?;
    rows.iter().map(|row| Ok(row.int(0)?)).collect()
}

/// Takes what is due on a channel, so that no other node does until the lease ends.
///
/// # Errors
/// The database's.
pub fn claim(conn: &mut Conn, channel: i64, now: i64) -> Result<Vec<Parcel>> {
    let mut sql = Sql::raw(
        "select id, user_id, notification_id, parcel, attempts, greeting_id, any_hour from delivery where channel_id = ",
    );
    sql.bind(channel).push(" and next_at is not null and next_at <= ").bind(now);
    sql.push(" order by next_at, id limit ").bind(MOST_ROWS);
    sql.push(conn.dialect().for_update_skip_locked());
    let lease = now + LEASE;
    // What was one message once stays one, so that its repeat is the same message.
    let mut parcels: BTreeMap<(Option<i64>, i64, bool), Parcel> = BTreeMap::new();
    for row in conn.query(&sql)? {
        let (id, user) = (row.int(0)?, row.opt_int(1)?.unwrap_or_default());
        let (greeting, any_hour) = (row.opt_int(5)?, row.int(6)? != 0);
        // Greetings never travel together.
        let known = row.opt_int(3)?.or(greeting.map(|_| id));
        let to = (known, user, any_hour);
        let full = parcels.len() >= PARCELS && !parcels.contains_key(&to);
        let parcel = match full {
            true => continue,
            false => parcels.entry(to).or_insert_with(|| Parcel {
                id: known.unwrap_or(id),
                user,
                deliveries: Vec::new(),
                notifications: Vec::new(),
                greeting,
                any_hour,
                attempts: 0,
                lease,
            }),
        };
        if parcel.deliveries.len() < MOST_TOGETHER {
            parcel.deliveries.push(id);
            parcel.notifications.extend(row.opt_int(2)?);
            parcel.attempts = parcel.attempts.max(row.int(4)?);
        }
    }
    let mut statements = Vec::with_capacity(parcels.len());
    for parcel in parcels.values() {
        let mut sql = Sql::raw("update delivery set state = 'sending', attempts = attempts + 1, parcel = ");
        sql.bind(parcel.id).push(", next_at = ").bind(lease).push(" where ");
        sql.push_in("id", parcel.deliveries.iter().copied());
        statements.push(sql);
    }
    conn.batch(&statements)?;
    Ok(parcels.into_values().collect())
}

/// What became of a parcel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    Sent,
    /// There was nothing left to say, with the reason.
    Dropped(&'static str),
    /// Not yet.
    Later {
        at: i64,
        fault: String,
    },
    /// It was not even tried.
    Untried {
        at: i64,
    },
    /// Never, without somebody's help.
    Dead(String),
}

impl End {
    /// How a greeting stands after it; none: it still waits.
    pub fn of_greeting(&self) -> Option<&'static str> {
        match self {
            End::Sent => Some("sent"),
            End::Dropped(_) | End::Dead(_) => Some("failed"),
            End::Later { .. } | End::Untried { .. } => None,
        }
    }
}

/// Writes down what became of a parcel, unless its lease has ended; whether it was still this node's.
///
/// # Errors
/// The database's.
pub fn finish(conn: &mut Conn, parcel: &Parcel, end: &End, now: i64) -> Result<bool> {
    let mut sql = Sql::raw("update delivery set ");
    match end {
        End::Sent => sql.push("state = 'sent', next_at = null, fault = null, done_at = ").bind(now),
        End::Dropped(reason) => sql
            .push("state = 'dropped', next_at = null, fault = ")
            .bind(*reason)
            .push(", done_at = ")
            .bind(now),
        End::Later { at, fault } => {
            sql.push("state = 'waiting', fault = ").bind(fault).push(", next_at = ").bind(*at)
        }
        End::Untried { at } => sql.push("state = 'waiting', attempts = attempts - 1, next_at = ").bind(*at),
        End::Dead(fault) => {
            sql.push("state = 'dead', next_at = null, fault = ").bind(fault).push(", done_at = ").bind(now)
        }
    };
    sql.push(" where state = 'sending' and next_at = ").bind(parcel.lease).push(" and ");
    sql.push_in("id", parcel.deliveries.iter().copied());
    Ok(conn.execute(&sql)? > 0)
}

/// How long what failed for good may be tried again.
const SECOND_CHANCE: i64 = DAY_MS;

/// Tries what failed for good once more, at once.
///
/// # Errors
/// The database's.
pub fn again(conn: &mut Conn, parcel: i64, now: i64) -> Result<()> {
    let sql = "update delivery set state = 'waiting', next_at = $1, expires_at = $2, done_at = null, fault = null \
         where parcel = $3 and state = 'dead'";
    conn.execute(&Sql::with(sql, [now.into(), (now + SECOND_CHANCE).into(), parcel.into()])?)?;
    Ok(())
}
