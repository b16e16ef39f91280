//! Customers that a pool's rules take back, asked of the database in one condition.

use super::definition::{Definition, Pool, filter};
use crate::cx::Cx;
use crate::error::{EngineError, Result};
use crate::obligations::standard::{CUSTOMER, LOST};
use chrono::NaiveDate;
use huike_model::moment::{day_from_number, day_number};
use huike_model::worktime::WorkCalendar;
use huike_store::query::condition;
use huike_store::sql::ident;
use huike_store::{Conn, Row, Sql};

/// A customer whose time is up on a day.
#[derive(Clone, Debug)]
pub(super) struct Stale {
    pub record: i64,
    pub owner: i64,
    pub reason: &'static str,
    /// The day's number on which it goes back, if it was warned of in time.
    pub day: i64,
}

/// Which customers are looked at.
pub(super) enum Among<'a> {
    These(&'a [i64]),
    /// Those behind an id that nobody was warned of yet, as many.
    Unwarned(i64, i64),
    /// Those behind an id, as many.
    All(i64, i64),
}

/// The rules of one pool on one day.
pub(super) struct Look<'a> {
    cx: &'a Cx,
    definition: &'a Definition,
    /// Pools that are asked before.
    earlier: &'a [Pool],
    calendar: WorkCalendar,
    /// The last day that is looked at: today and the time of warning.
    pub horizon: NaiveDate,
}

/// Working days are looked back for no further than this.
const FURTHEST: i64 = 1_200;

impl<'a> Look<'a> {
    pub fn new(cx: &'a Cx, definition: &'a Definition, earlier: &'a [Pool]) -> Look<'a> {
        let calendar = cx.org.calendar_of(None);
        let horizon = calendar.working_day_after(cx.moment.today(), definition.recycle.warn_days.into());
        Look { cx, definition, earlier, calendar, horizon }
    }

    /// The day on which a customer goes back at the earliest when its owner is told today.
    pub fn soonest(&self, warned_at: i64) -> i64 {
        let warned = self.cx.moment.local(warned_at).date();
        day_number(self.calendar.working_day_after(warned, self.definition.recycle.warn_days.into()))
    }

    /// Everything `t` that nothing happened with before this moment may be due: a day after so many working days is not behind the horizon.
    fn cutoff(&self, working_days: u16) -> i64 {
        let last = day_number(self.horizon);
        let due = |number: i64| {
            day_from_number(number).map_or(i64::MAX, |day| day_number(self.back_on(day, working_days)))
        };
        let number = (last - FURTHEST..=last).rev().find(|number| due(*number) <= last);
        let day = number.and_then(|number| day_from_number(number + 1));
        day.map_or(i64::MIN, |day| self.cx.moment.midnight(day))
    }

    /// The day after the last of so many working days.
    fn back_on(&self, from: NaiveDate, working_days: u16) -> NaiveDate {
        let last = self.calendar.working_day_after(from, working_days.into());
        last.succ_opt().unwrap_or(last)
    }

    /// # Errors
    /// The database's.
    pub fn find(&self, conn: &mut Conn, among: &Among<'_>) -> Result<Vec<Stale>> {
        let rows = conn.query(&self.statement(conn, among)?)?;
        let stale = rows.iter().map(|row| self.read(row)).collect::<Result<Vec<_>>>()?;
        Ok(stale.into_iter().flatten().collect())
    }

    fn column(&self, name: &str) -> Result<String> {
        let field = self.cx.schema.object(CUSTOMER).and_then(|object| object.field(name));
        let field = field.ok_or_else(|| EngineError::internal(format!("customers have no {name}")))?;
        Ok(format!("t.{}", ident(&field.column)?))
    }

    fn statement(&self, conn: &Conn, among: &Among<'_>) -> Result<Sql> {
        let rules = &self.definition.recycle;
        let contact = self.column("last_contact_at")?;
        let since = "coalesce(c.since_at, t.created_at)";
        let no_opportunity = "not exists (select 1 from opportunity o where o.customer = t.id and o.deleted_at is null and o.stage <> 'lost')";
        let no_order = format!("coalesce({}, 0) = 0", self.column("order_count")?);
        let mut sql = Sql::raw(format!(
            "select t.id, t.owner_id, {since}, {contact}, case when {no_opportunity} then 1 else 0 end, \
             case when {no_order} then 1 else 0 end from customer t left join custody c on c.record_id = t.id \
             and c.until_at is null and c.owner_id = t.owner_id where t.deleted_at is null and t.owner_id is not null and "
        ));
        sql.push(&self.column("stage")?).push(" <> ").bind(LOST);
        match among {
            Among::These(ids) => sql.push(" and ").push_in("t.id", ids.iter().copied()),
            Among::Unwarned(after, _) => sql
                .push(" and not exists (select 1 from pool_warning w where w.record_id = t.id) and t.id > ")
                .bind(*after),
            Among::All(after, _) => sql.push(" and t.id > ").bind(*after),
        };
        sql.push(" and (1=0");
        if let Some(days) = rules.silent_days {
            let cutoff = self.cutoff(days);
            sql.push(&format!(" or ({since} < ")).bind(cutoff);
            sql.push(&format!(" and coalesce({contact}, t.created_at) < ")).bind(cutoff).push(")");
        }
        let others = [(rules.no_opportunity_days, no_opportunity), (rules.no_order_days, no_order.as_str())];
        for (days, condition) in others {
            if let Some(days) = days {
                sql.push(&format!(" or ({condition} and {since} < ")).bind(self.cutoff(days)).push(")");
            }
        }
        sql.push(") and ").append(self.belongs(conn, self.definition)?);
        for pool in self.earlier {
            sql.push(" and not (").append(self.belongs(conn, &pool.definition)?).push(")");
        }
        sql.append(self.exempt(conn)?);
        if let Among::Unwarned(_, limit) | Among::All(_, limit) = among {
            sql.push(" order by t.id limit ").bind(*limit);
        }
        Ok(sql)
    }

    /// That a customer's pool is this one.
    fn belongs(&self, conn: &Conn, definition: &Definition) -> Result<Sql> {
        // A condition that the dictionary no longer knows lets nobody in.
        let Ok(filter) = filter(self.cx, definition.filter.as_ref(), "filter") else {
            return Ok(Sql::raw("1=0"));
        };
        let mut sql = condition(&filter, "t", &self.cx.schema, conn.dialect())?;
        if !definition.departments.is_empty() {
            let people = self.cx.org.users().filter(|person| definition.takes(self.cx, person.department));
            sql.push(" and ").push_in("t.owner_id", people.map(|person| person.id));
        }
        Ok(sql)
    }

    /// ` and` that nothing keeps it.
    fn exempt(&self, conn: &Conn) -> Result<Sql> {
        let rules = &self.definition.recycle;
        let mut sql = Sql::new();
        if !rules.exempt_tiers.is_empty() {
            let tier = self.column("tier")?;
            sql.push(&format!(" and ({tier} is null or "));
            sql.push_not_in(&tier, rules.exempt_tiers.iter().map(String::as_str)).push(")");
        }
        if rules.exempt_paid {
            sql.push(&format!(" and coalesce({}, 0) <= 0", self.column("lifetime_value")?));
        }
        if rules.exempt.as_ref().is_some_and(|json| !json.is_null()) {
            // What can't be asked any more takes nobody.
            let Ok(kept) = filter(self.cx, rules.exempt.as_ref(), "recycle.exempt") else {
                return Ok(Sql::raw(" and 1=0"));
            };
            sql.push(" and ").append(condition(&kept.complement(), "t", &self.cx.schema, conn.dialect())?);
        }
        Ok(sql)
    }

    fn read(&self, row: &Row) -> Result<Option<Stale>> {
        let rules = &self.definition.recycle;
        let day = |at: i64| self.cx.moment.local(at).date();
        let since = row.int(2)?;
        let last = row.opt_int(3)?.unwrap_or(since).max(since);
        let conditions = [
            (rules.silent_days, "silent", last),
            (
                rules.no_opportunity_days.filter(|_| row.int(4).is_ok_and(|none| none == 1)),
                "no_opportunity",
                since,
            ),
            (rules.no_order_days.filter(|_| row.int(5).is_ok_and(|none| none == 1)), "no_order", since),
        ];
        let due = conditions
            .into_iter()
            .filter_map(|(days, reason, from)| Some((day_number(self.back_on(day(from), days?)), reason)));
        let Some((due, reason)) = due.min() else { return Ok(None) };
        let due = due.max(day_number(day(since)) + i64::from(rules.protect_days));
        let stale = Stale { record: row.int(0)?, owner: row.int(1)?, reason, day: due };
        Ok(Some(stale).filter(|stale| stale.day <= day_number(self.horizon)))
    }
}
