//! What a pool is made of.

use crate::cx::Cx;
use crate::definitions::name_faults;
use crate::error::{EngineError, Result};
use crate::obligations::standard::CUSTOMER;
use crate::records::render::id_text;
use crate::setting;
use huike_model::filter::{Filter, Resolved};
use huike_model::{Fault, Id, Label, Lang};
use huike_store::query::condition;
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

/// A pool as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    pub name: Label,
    /// Which customers belong here when they are nobody's; every one without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Json>,
    /// Whose members and customers belong here, those of departments below included; everybody's when empty.
    #[serde(default)]
    pub departments: Vec<Id>,
    /// Who gives customers of the pool to others.
    #[serde(default)]
    pub admins: Vec<Id>,
    #[serde(default)]
    pub claim: ClaimRules,
    #[serde(default)]
    pub recycle: RecycleRules,
}

/// How much one person may take.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimRules {
    /// Customers a day; no limit without it.
    pub per_day: Option<u32>,
    /// Living customers that one person may have when claiming; no limit without it.
    pub capacity: Option<u32>,
    /// Customers who have bought don't count for the capacity.
    pub won_uncounted: bool,
    /// Days for which whoever had a customer last can't take it again.
    pub cooldown_days: u16,
}

/// Which customers go back by themselves: any of the conditions that are set is enough. Working days are the company's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RecycleRules {
    pub active: bool,
    /// Nobody was in touch for so many working days.
    pub silent_days: Option<u16>,
    /// So many working days with the same owner, and no opportunity.
    pub no_opportunity_days: Option<u16>,
    /// So many working days with the same owner, and no order.
    pub no_order_days: Option<u16>,
    /// Working days between the warning and going back.
    pub warn_days: u16,
    /// Days for which somebody keeps a customer in any case after they got it.
    pub protect_days: u16,
    /// Tiers that never go back.
    pub exempt_tiers: Vec<String>,
    /// Customers who have paid never go back.
    pub exempt_paid: bool,
    /// Customers that pass this never go back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exempt: Option<Json>,
}

impl Default for RecycleRules {
    fn default() -> RecycleRules {
        RecycleRules {
            active: false,
            silent_days: Some(15),
            no_opportunity_days: None,
            no_order_days: None,
            warn_days: 3,
            protect_days: 7,
            exempt_tiers: vec!["a".into()],
            exempt_paid: true,
            exempt: None,
        }
    }
}

/// A pool as it is kept.
#[derive(Clone, Debug)]
pub struct Pool {
    pub id: i64,
    pub position: i64,
    pub version: i64,
    pub definition: Definition,
}

const LONGEST_DAYS: u16 = 400;

impl Definition {
    /// Every fault of it against the dictionary and the people as they stand.
    ///
    /// # Errors
    /// The faults.
    pub fn check(&self, cx: &Cx) -> Result<(), Vec<Fault>> {
        let mut faults = name_faults(&self.name, 40);
        faults.extend(filter(cx, self.filter.as_ref(), "filter").err().into_iter().flatten());
        faults.extend(filter(cx, self.recycle.exempt.as_ref(), "recycle.exempt").err().into_iter().flatten());
        if self.departments.iter().any(|id| cx.org.department(id.number()).is_none()) {
            faults.push(Fault::new(
                "departments",
                "unknown_reference",
                "没有这个部门",
                "There is no such department",
            ));
        }
        if self.admins.iter().any(|id| !cx.org.is_active(id.number())) {
            faults.push(Fault::new(
                "admins",
                "unknown_reference",
                "应为在职的同事",
                "Must be people of the company",
            ));
        }
        let claim = [("claim.per_day", self.claim.per_day), ("claim.capacity", self.claim.capacity)];
        for (at, _) in
            claim.iter().filter(|(_, number)| number.is_some_and(|number| !(1..=100_000).contains(&number)))
        {
            faults.push(Fault::new(*at, "range", "应为 1 到 100000", "Must be 1 to 100,000"));
        }
        faults.extend(self.check_days(cx));
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }

    fn check_days(&self, cx: &Cx) -> Vec<Fault> {
        let mut faults = Vec::new();
        let rules = &self.recycle;
        let conditions = [
            ("recycle.silent_days", rules.silent_days),
            ("recycle.no_opportunity_days", rules.no_opportunity_days),
            ("recycle.no_order_days", rules.no_order_days),
        ];
        for (at, days) in conditions {
            if days.is_some_and(|days| !(1..=LONGEST_DAYS).contains(&days)) {
                faults.push(Fault::new(
                    at,
                    "range",
                    "应为 1 到 400 个工作日",
                    "Must be 1 to 400 working days",
                ));
            }
        }
        if rules.active && conditions.iter().all(|(_, days)| days.is_none()) {
            let (zh, en) = ("自动回收至少要有一个条件", "Recycling needs at least one condition");
            faults.push(Fault::new("recycle.silent_days", "required", zh, en));
        }
        let others = [
            ("recycle.warn_days", rules.warn_days, 1..=30),
            ("recycle.protect_days", rules.protect_days, 0..=LONGEST_DAYS),
            ("claim.cooldown_days", self.claim.cooldown_days, 0..=LONGEST_DAYS),
        ];
        for (at, days, range) in others.into_iter().filter(|(_, days, range)| !range.contains(days)) {
            let (least, most) = (range.start(), range.end());
            let (zh, en) = (
                format!("应为 {least} 到 {most} 天，现为 {days}"),
                format!("Must be {least} to {most} days, not {days}"),
            );
            faults.push(Fault::new(at, "range", zh, en));
        }
        let tier = cx.schema.object(CUSTOMER).and_then(|object| object.field("tier"));
        if rules.exempt_tiers.iter().any(|value| tier.is_none_or(|tier| tier.option(value).is_none())) {
            faults.push(Fault::new(
                "recycle.exempt_tiers",
                "unknown_option",
                "没有这个客户等级",
                "There is no such tier",
            ));
        }
        faults
    }

    /// Whether somebody of this department takes from the pool and gives to it.
    pub fn takes(&self, cx: &Cx, department: Option<i64>) -> bool {
        let mine = || department.map(|department| cx.org.departments_above(department)).unwrap_or_default();
        self.departments.is_empty()
            || mine().iter().any(|id| self.departments.iter().any(|each| each.number() == *id))
    }

    pub fn looked_after_by(&self, user: i64) -> bool {
        self.admins.iter().any(|id| id.number() == user)
    }
}

/// A condition on customers; everything without one.
pub(crate) fn filter(cx: &Cx, json: Option<&Json>, at: &str) -> Result<Resolved, Vec<Fault>> {
    let Some(json) = json.filter(|json| !json.is_null()) else { return Ok(Resolved::everything()) };
    match Filter::check_at(json, CUSTOMER, &*cx.schema, &cx.moment) {
        Ok(filter) => Ok(filter.resolve(&cx.moment, cx)),
        Err(faults) => Err(faults
            .into_iter()
            .map(|fault| {
                let place =
                    if fault.field.is_empty() { at.to_owned() } else { format!("{at}.{}", fault.field) };
                fault.at(place)
            })
            .collect()),
    }
}

/// Every pool, in order.
///
/// # Errors
/// The database's; a stored pool that can't be read.
pub(crate) fn load_all(conn: &mut Conn) -> Result<Vec<Pool>> {
    let read = |row: &huike_store::Row| {
        Ok(Pool {
            id: row.int(0)?,
            position: row.int(1)?,
            version: row.int(2)?,
            definition: serde_json::from_str(row.text(3)?)
                .map_err(|_| EngineError::internal("a pool can't be read"))?,
        })
    };
    let text = "select id, position, version, definition from pool order by position, id";
    conn.query(&Sql::raw(text))?.iter().map(read).collect()
}

/// Stores a pool.
///
/// # Errors
/// The database's.
pub(crate) fn store(conn: &mut Conn, pool: &Pool) -> Result<()> {
    let text =
        serde_json::to_string(&pool.definition).map_err(|error| EngineError::internal(error.to_string()))?;
    conn.execute(&Sql::with(
        "insert into pool (id, position, version, definition) values ($1, $2, $3, $4) on conflict (id) do update set \
         position = excluded.position, version = excluded.version, definition = excluded.definition",
        [pool.id.into(), pool.position.into(), pool.version.into(), text.into()],
    )?)?;
    Ok(())
}

/// The key in `setting` that says that the first pool was made: a company that deleted it doesn't get it again.
const SEEDED: &str = "pools";

/// Gives a new company one pool for everybody, out of which nothing and into which nothing goes by itself.
///
/// # Errors
/// The database's.
pub(crate) fn seed(conn: &mut Conn) -> Result<()> {
    if !setting::put_first(conn, SEEDED, "1")? {
        return Ok(());
    }
    let definition = Definition {
        name: Label::new("公海", "Public pool"),
        filter: None,
        departments: Vec::new(),
        admins: Vec::new(),
        claim: ClaimRules { per_day: Some(20), capacity: None, won_uncounted: true, cooldown_days: 7 },
        recycle: RecycleRules::default(),
    };
    let pool = Pool { id: conn.next_id()?, position: 10, version: 1, definition };
    store(conn, &pool)
}

/// `{id, name}` of a pool; a deleted one has no name.
pub(crate) fn named(pools: &[Pool], id: i64, lang: Lang) -> Option<Json> {
    let name = pools.iter().find(|pool| pool.id == id).map(|pool| pool.definition.name.get(lang));
    Some(json!({"id": id_text(id), "name": name}))
}

/// The pool that each of these customers belongs in when nobody has it: the first whose condition it passes and whose departments its
/// former owner is of. `former` names the former owner, where there was one.
///
/// # Errors
/// The database's.
pub(crate) fn pools_for(
    conn: &mut Conn,
    cx: &Cx,
    former: &BTreeMap<i64, Option<i64>>,
) -> Result<BTreeMap<i64, i64>> {
    let mut found = BTreeMap::new();
    if former.is_empty() {
        return Ok(found);
    }
    for pool in load_all(conn)? {
        // A condition that the dictionary no longer knows lets nobody in.
        let Ok(filter) = filter(cx, pool.definition.filter.as_ref(), "filter") else { continue };
        let open = former.keys().copied().filter(|id| !found.contains_key(id)).collect::<Vec<_>>();
        let mut sql = Sql::raw("select t.id from customer t where ");
        sql.push_in("t.id", open).push(" and ").append(condition(&filter, "t", &cx.schema, conn.dialect())?);
        for row in conn.query(&sql)? {
            let id = row.int(0)?;
            let owner = former.get(&id).copied().flatten();
            let department = owner.and_then(|owner| cx.org.user(owner)).and_then(|person| person.department);
            if owner.is_none() || pool.definition.takes(cx, department) {
                found.insert(id, pool.id);
            }
        }
    }
    Ok(found)
}
