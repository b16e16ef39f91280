//! What goes back to the pools by itself: every working day, when the digest comes. Owners are warned first, and nothing goes back that was
//! not warned of so many working days before, also when a rule is new.
//!
//! ```text
//! warned before ─► still so? no: the warning is taken back; yes, and its day has come: back to the pool
//! not yet warned ─► a warning with its day ─► one notification for each owner
//! ```
//! A chunk is one transaction; each looks at customers as they are, so that a run that dies is simply run again.

use super::definition::{Definition, Pool, load_all};
use super::settings;
use super::stale::{Among, Look, Stale};
use super::warning::{self, Warning};
use crate::custody::{self, How, Turn, give_customer};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::budget::Told;
use crate::obligations::notify::Draft;
use crate::obligations::standard::{CUSTOMER, LOST};
use crate::records::load;
use crate::records::render::{Names, id_text};
use crate::setting;
use huike_model::Code;
use huike_model::access::{AdminArea, ObjectAccess};
use huike_model::moment::{day_from_number, day_number};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// The key in `setting`: the last day that was done.
const DONE: &str = "pool_recycle_day";
const CHUNK: i64 = 200;
/// A preview looks at so many customers at most.
const PREVIEWED: usize = 20_000;
const EXAMPLES: usize = 8;
const PACE: Duration = Duration::from_secs(60);

/// Keeps pools until the process ends.
pub async fn tend(engine: Engine) {
    let mut swept = None;
    loop {
        let round = async {
            let pools = engine.read(load_all).await?;
            let generation: i64 =
                pools.iter().map(|pool| pool.version).sum::<i64>() * 100 + pools.len() as i64;
            if swept != Some(generation) {
                sweep(&engine).await?;
                swept = Some(generation);
            }
            daily(&engine).await
        };
        if let Err(error) = round.await {
            tracing::warn!(%error, "public pools can't be looked after; trying again");
        }
        tokio::time::sleep(PACE).await;
    }
}

/// Puts customers of nobody that are in no pool yet into the one that fits: those from before the pool was made.
///
/// # Errors
/// The database's.
pub async fn sweep(engine: &Engine) -> Result<()> {
    let mut after = 0;
    loop {
        let this = engine.clone();
        let last = engine
            .write(move |conn| {
                let cx = this.cx(Caller::system(Via::System))?;
                let mut sql = Sql::raw("select t.id from customer t where t.deleted_at is null and t.owner_id is null and t.stage <> ");
                sql.bind(LOST).push(" and not exists (select 1 from custody c where c.record_id = t.id and c.until_at is null) and t.id > ");
                sql.bind(after).push(" order by t.id limit ").bind(CHUNK);
                let ids = conn.query(&sql)?.iter().map(|row| row.int(0)).collect::<std::result::Result<Vec<_>, _>>()?;
                custody::sync(conn, &cx, ids.iter().copied())?;
                Ok(ids.last().copied().filter(|_| ids.len() as i64 == CHUNK))
            })
            .await?;
        let Some(last) = last else { return Ok(()) };
        after = last;
    }
}

/// The day's run, once its time has come; whether it was run now.
///
/// # Errors
/// The database's. What was done until then stays done.
pub async fn daily(engine: &Engine) -> Result<bool> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let (today, calendar) = (cx.moment.today(), cx.org.calendar_of(None));
    let number = day_number(today);
    if !calendar.is_working_day(today) || cx.moment.now < calendar.at(today, cx.org.follow.settings.digest_at)
    {
        return Ok(false);
    }
    if engine.read(|conn| setting::get(conn, DONE)).await? == Some(number.to_string()) {
        return Ok(false);
    }
    look_at_warned(engine).await?;
    warn(engine).await?;
    engine
        .write(move |conn| {
            tell(conn, &cx, number)?;
            setting::put(conn, DONE, &number.to_string())
        })
        .await?;
    Ok(true)
}

async fn look_at_warned(engine: &Engine) -> Result<()> {
    let mut after = 0;
    loop {
        let this = engine.clone();
        let last = engine
            .write(move |conn| {
                let cx = this.cx(Caller::system(Via::System))?;
                let pools = load_all(conn)?;
                let warnings = warning::after(conn, after, CHUNK)?;
                this.failpoint("pool.recycle")?;
                for (place, pool) in pools.iter().enumerate() {
                    let of_pool: Vec<&Warning> = warnings.iter().filter(|one| one.pool == pool.id).collect();
                    judge(conn, &this, &cx, pool, &pools[..place], &of_pool)?;
                }
                Ok(warnings.last().map(|last| last.record).filter(|_| warnings.len() as i64 == CHUNK))
            })
            .await?;
        let Some(last) = last else { return Ok(()) };
        after = last;
    }
}

/// What becomes of customers that were warned of.
fn judge(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    pool: &Pool,
    earlier: &[Pool],
    warnings: &[&Warning],
) -> Result<()> {
    if warnings.is_empty() {
        return Ok(());
    }
    let look = Look::new(cx, &pool.definition, earlier);
    let ids: Vec<i64> = warnings.iter().map(|warning| warning.record).collect();
    let object = cx.object(CUSTOMER)?.clone();
    for id in &ids {
        // What is looked at now must not change until it is dealt with.
        load::lock(conn, &object, *id)?;
    }
    let stale: HashMap<i64, Stale> = match pool.definition.recycle.active {
        true => {
            look.find(conn, &Among::These(&ids))?.into_iter().map(|stale| (stale.record, stale)).collect()
        }
        false => HashMap::new(),
    };
    let today = day_number(cx.moment.today());
    let mut over = Vec::new();
    for warning in warnings {
        let Some(stale) = stale.get(&warning.record).filter(|stale| stale.owner == warning.owner) else {
            over.push(warning.record);
            continue;
        };
        let day = stale.day.max(look.soonest(warning.warned_at));
        if day <= today {
            take_back(conn, engine, cx, pool, stale)?;
            over.push(warning.record);
        } else if day != warning.day || stale.reason != warning.reason {
            warning::put(conn, &Warning { day, reason: stale.reason.into(), ..(*warning).clone() })?;
        }
    }
    warning::drop_all(conn, over)
}

fn take_back(conn: &mut Conn, engine: &Engine, cx: &Cx, pool: &Pool, stale: &Stale) -> Result<()> {
    let everything = ObjectAccess::of_the_system(cx.object(CUSTOMER)?);
    let record = load::find(conn, cx, &everything, stale.record, Deleted::Live)?;
    let turn = Turn { how: How::Recycled, pool: Some(pool.id), reason: Some(stale.reason), note: None };
    give_customer(conn, engine, cx, &record, None, Vec::new(), &turn)
}

async fn warn(engine: &Engine) -> Result<()> {
    let pools = engine.read(load_all).await?;
    for (place, pool) in pools.iter().enumerate().filter(|(_, pool)| pool.definition.recycle.active) {
        let mut after = 0;
        loop {
            let (this, pool, earlier) = (engine.clone(), pool.clone(), pools[..place].to_vec());
            let last = engine
                .write(move |conn| {
                    let cx = this.cx(Caller::system(Via::System))?;
                    let look = Look::new(&cx, &pool.definition, &earlier);
                    let stale = look.find(conn, &Among::Unwarned(after, CHUNK))?;
                    this.failpoint("pool.warn")?;
                    for one in &stale {
                        let day = one.day.max(look.soonest(cx.moment.now));
                        let (record, owner, reason) = (one.record, one.owner, one.reason.to_owned());
                        let warning =
                            Warning { record, pool: pool.id, owner, reason, day, warned_at: cx.moment.now };
                        warning::put(conn, &warning)?;
                    }
                    Ok(stale.last().map(|last| last.record).filter(|_| stale.len() as i64 == CHUNK))
                })
                .await?;
            let Some(last) = last else { break };
            after = last;
        }
    }
    Ok(())
}

/// One notification for each owner of what was warned of and not yet told, and one of what went back today.
fn tell(conn: &mut Conn, cx: &Cx, today: i64) -> Result<()> {
    let now = cx.moment.now;
    let mut told = Told::default();
    let warned =
        "select owner_id, count(*), min(due_day) from pool_warning where told_at is null group by owner_id";
    let mut drafts = Vec::new();
    for row in conn.query(&Sql::raw(warned))? {
        let day = day_from_number(row.int(2)?).map(|day| day.to_string());
        drafts.push((
            row.int(0)?,
            "pool_warning",
            json!({"count": row.int(1)?, "day": day}),
            format!("pw{today}"),
        ));
    }
    let text = "select p.owner_id, count(*) from custody c join custody p on p.record_id = c.record_id and p.until_at = c.since_at \
                where c.how = 'recycled' and c.since_at >= $1 and c.pool_id is not null and c.until_at is null and p.owner_id is not null group by p.owner_id";
    let midnight = cx.moment.midnight(cx.moment.today());
    for row in conn.query(&Sql::with(text, [midnight.into()])?)? {
        drafts.push((row.int(0)?, "pool_recycled", json!({"count": row.int(1)?}), format!("pr{today}")));
    }
    for (owner, kind, why, once) in drafts {
        let Some(user) = cx.org.acting(owner, now) else { continue };
        let mut draft = Draft::plain(user, kind, why, format!("{once}:{owner}:{user}"));
        told.place(conn, cx, &mut draft)?;
        conn.batch(&draft.insert(conn, cx)?)?;
    }
    conn.execute(&Sql::with("update pool_warning set told_at = $1 where told_at is null", [now.into()])?)?;
    Ok(())
}

impl Engine {
    /// What the rules of a pool would do if they were in force today: whose customers would be warned of, and how many there are.
    ///
    /// # Errors
    /// `forbidden`; every fault of the pool.
    pub async fn preview_pool(&self, cx: Cx, mut members: Map<String, Json>) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        let id = members.remove("id").filter(|id| !id.is_null());
        let id: Option<huike_model::Id> =
            id.map(serde_json::from_value).transpose().map_err(|_| Code::NotFound)?;
        let definition = settings::read(&cx, members)?;
        self.read(move |conn| preview(conn, &cx, id.map(huike_model::Id::number), &definition)).await
    }
}

fn preview(conn: &mut Conn, cx: &Cx, id: Option<i64>, definition: &Definition) -> Result<Json> {
    let pools = load_all(conn)?;
    let place = id.and_then(|id| pools.iter().position(|pool| pool.id == id)).unwrap_or_default();
    let look = Look::new(cx, definition, &pools[..place]);
    let (mut found, mut after) = (Vec::new(), 0);
    while found.len() < PREVIEWED {
        let page = look.find(conn, &Among::All(after, 1_000))?;
        let Some(last) = page.last() else { break };
        after = last.record;
        found.extend(page);
    }
    let (mut owners, mut reasons) = (BTreeMap::new(), BTreeMap::new());
    for stale in &found {
        *owners.entry(stale.owner).or_insert(0_i64) += 1;
        *reasons.entry(stale.reason).or_insert(0_i64) += 1;
    }
    let mut names = Names::default();
    names.add(conn, cx, "user", owners.keys().copied())?;
    let shown: Vec<i64> = found.iter().take(EXAMPLES).map(|stale| stale.record).collect();
    names.add(conn, cx, CUSTOMER, shown.iter().copied())?;
    let mut by_owner: Vec<(i64, i64)> = owners.into_iter().collect();
    by_owner.sort_by_key(|(owner, count)| (-count, *owner));
    by_owner.truncate(50);
    let owners: Vec<Json> = by_owner
        .iter()
        .map(|(owner, count)| json!({"owner": names.reference("user", *owner), "count": count}))
        .collect();
    let examples: Vec<Json> = shown
        .iter()
        .filter(|id| names.get(CUSTOMER, **id).is_some())
        .map(|id| json!({"id": id_text(*id), "name": names.get(CUSTOMER, *id)}))
        .collect();
    Ok(json!({
        "customers": found.len(), "more": found.len() >= PREVIEWED, "on": look.horizon.to_string(),
        "owners": owners, "reasons": reasons, "examples": examples,
    }))
}
