//! How much a person is told at once in a day: as a whole, and of each tier's customers, so that the many small ones leave room for the few
//! that matter. What finds no room waits for the digest.

use super::CUSTOMER;
use super::notify::Draft;
use super::row::Obligation;
use crate::cx::Cx;
use crate::error::Result;
use crate::tiers::TIER;
use huike_model::Object;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What people were told at once since their day began; asked once per person and pass.
#[derive(Debug, Default)]
pub struct Told {
    people: HashMap<i64, Day>,
    /// The tier of the customer that a record is or belongs to.
    tiers: HashMap<(String, i64), String>,
}

#[derive(Debug, Default)]
struct Day {
    whole: u32,
    tiers: HashMap<String, u32>,
}

impl Told {
    /// For reminders of these promises.
    ///
    /// # Errors
    /// The database's.
    pub fn of(conn: &mut Conn, cx: &Cx, due: &[Obligation]) -> Result<Told> {
        let mut told = Told::default();
        if cx.org.follow.settings.tier_limits.is_empty() {
            return Ok(told);
        }
        let mut records: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
        for obligation in due {
            records.entry(&obligation.object).or_default().insert(obligation.record);
        }
        for (object, ids) in records {
            let Some(sql) = tiers(cx, object, &ids)? else { continue };
            for row in conn.query(&sql)? {
                told.tiers.insert((object.to_owned(), row.int(0)?), row.text(1)?.to_owned());
            }
        }
        Ok(told)
    }

    /// Decides whether a notification comes at once: it is marked, and counted.
    ///
    /// # Errors
    /// The database's.
    pub fn place(&mut self, conn: &mut Conn, cx: &Cx, draft: &mut Draft) -> Result<()> {
        draft.tier = draft.subject.as_ref().and_then(|subject| self.tiers.get(subject)).cloned();
        let settings = &cx.org.follow.settings;
        let day = match self.people.entry(draft.user) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(today(conn, cx, draft.user)?),
        };
        let most = cx.org.outside.reach(draft.user).daily_limit.unwrap_or(settings.daily_limit);
        let of_tier = draft.tier.as_ref().map(|tier| day.tiers.entry(tier.clone()).or_default());
        let limit = draft.tier.as_ref().and_then(|tier| settings.tier_limits.get(tier));
        let within = of_tier.as_ref().zip(limit).is_none_or(|(told, limit)| **told < *limit);
        draft.live = draft.urgent || (day.whole < most && within);
        if draft.live {
            day.whole += 1;
            if let Some(told) = of_tier {
                *told += 1;
            }
        }
        Ok(())
    }
}

fn today(conn: &mut Conn, cx: &Cx, user: i64) -> Result<Day> {
    let midnight = cx.moment.midnight(cx.moment.today());
    // Ids are ordered by time, so that the day's rows are the end of an index.
    let sql = "select tier, count(*) from notification where user_id = $1 and id >= $2 and live = 1 and at >= $3 group by tier";
    let first = huike_store::first_id_at(midnight);
    let mut day = Day::default();
    for row in conn.query(&Sql::with(sql, [user.into(), first.into(), midnight.into()])?)? {
        let count = u32::try_from(row.int(1)?).unwrap_or(u32::MAX);
        day.whole = day.whole.saturating_add(count);
        if let Some(tier) = row.opt_text(0)? {
            day.tiers.insert(tier.to_owned(), count);
        }
    }
    Ok(day)
}

/// The tiers of records that are customers or belong to one; nothing for other objects.
fn tiers(cx: &Cx, object: &str, ids: &BTreeSet<i64>) -> Result<Option<Sql>> {
    let column =
        |object: &Object, name: &str| object.field(name).map(|field| ident(&field.column)).transpose();
    let (Some(customers), Some(object)) = (cx.schema.object(CUSTOMER), cx.schema.object(object)) else {
        return Ok(None);
    };
    let Some(tier) = column(customers, TIER)? else { return Ok(None) };
    let mut sql = Sql::raw(format!(
        "select o.id, c.{tier} from {} o join {} c on c.id = ",
        ident(&object.name)?,
        ident(CUSTOMER)?
    ));
    if object.name == CUSTOMER {
        sql.push("o.id");
    } else if object.field(CUSTOMER).is_some_and(|field| field.target() == Some(CUSTOMER))
        && let Some(lookup) = column(object, CUSTOMER)?
    {
        sql.push("o.").push(&lookup);
    } else {
        return Ok(None);
    }
    sql.push(&format!(" where c.{tier} is not null and ")).push_in("o.id", ids.iter().copied());
    Ok(Some(sql))
}
