//! Asking the rules: of new customers as the log tells of them, and of a selection by hand.

use super::choose::{Candidate, Ledger, Share, choose, level, took};
use super::outcome::{self, Outcome};
use super::rule::{Channel, Otherwise, Rule, load_all};
use crate::custody::{How, Turn, give_customer};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::obligations::notify::Draft;
use crate::obligations::standard::{CUSTOMER, LOST};
use crate::once::once;
use crate::pool::claim::at_once;
use crate::pool::definition::{filter, pools_for};
use crate::records::load::{self, Record};
use crate::records::render::id_text;
use crate::records::update;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Code, Id};
use huike_store::query::{Deleted, condition};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap, HashSet};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignByRule {
    pub customers: Vec<Id>,
}

/// The rules at one moment, with what they know of some customers.
pub(super) struct Session<'a> {
    cx: &'a Cx,
    rules: Vec<Rule>,
    /// By rule: the customers that it fits, and for each target those that the target is good at.
    fitting: Vec<(HashSet<i64>, Vec<HashSet<i64>>)>,
    ledgers: HashMap<i64, Ledger>,
}

impl Engine {
    /// Gives a selection of customers by the rules in force, each for itself; who got it and why.
    ///
    /// # Errors
    /// `invalid` for too many; `forbidden` for a key that only reads.
    pub async fn assign_by_rule(&self, cx: Cx, request: AssignByRule) -> Result<Json> {
        cx.require_to_write()?;
        at_once(&request.customers)?;
        let engine = self.clone();
        self.write(move |conn| once(conn, &cx, |conn| by_hand(conn, &engine, &cx, &request))).await
    }
}

fn by_hand(conn: &mut Conn, engine: &Engine, cx: &Cx, request: &AssignByRule) -> Result<Json> {
    let object = cx.object(CUSTOMER)?.clone();
    let access = cx.access(conn, &object)?;
    let ids: Vec<i64> = request.customers.iter().map(|id| id.number()).collect();
    let rules = load_all(conn)?;
    let mut session = Session::open(conn, cx, rules, &ids, true)?;
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        let done = conn.savepoint(|conn| {
            let record = update::writable(conn, cx, &access, id, None)?;
            let owner = object
                .field("owner")
                .is_some_and(|field| access.on_row(field, &record.reached) >= FieldAccess::Write);
            if !owner {
                return Err(Code::Forbidden.into());
            }
            session.assign(conn, engine, &record, None)
        });
        match done {
            Ok(outcome) => results.push(json!({
                "id": id_text(id), "status": 200, "outcome": outcome.kind,
                "owner": outcome.owner.map(|owner| json!({"id": id_text(owner), "name": cx.org.user(owner).map(|person| &person.name)})),
                "why": outcome::text(cx, outcome.kind, &outcome.why),
            })),
            Err(EngineError::Problem(problem)) => results.push(
                json!({"id": id_text(id), "status": problem.code.status(), "problem": problem.to_json(cx.lang())}),
            ),
            Err(other) => return Err(other),
        }
    }
    Ok(json!({"results": results}))
}

/// Asks the rules of customers that were just made, each with the channel it came through. One that was asked of already is passed over:
/// reading the log twice changes nothing.
///
/// # Errors
/// The database's.
pub(crate) fn for_new(conn: &mut Conn, engine: &Engine, cx: &Cx, new: &BTreeMap<i64, Channel>) -> Result<()> {
    let rules: Vec<Rule> =
        load_all(conn)?.into_iter().filter(|rule| rule.active && !rule.definition.on.is_empty()).collect();
    if new.is_empty() || rules.is_empty() {
        return Ok(());
    }
    let mut sql = Sql::raw("select distinct record_id from assignment_result where ");
    sql.push_in("record_id", new.keys().copied());
    let known =
        conn.query(&sql)?.iter().map(|row| row.int(0)).collect::<std::result::Result<HashSet<_>, _>>()?;
    let ids: Vec<i64> = new.keys().copied().filter(|id| !known.contains(id)).collect();
    let everything = ObjectAccess::of_the_system(cx.object(CUSTOMER)?);
    let mut session = Session::open(conn, cx, rules, &ids, true)?;
    for id in ids {
        load::lock(conn, &everything.object, id)?;
        let Some(record) = load::find_many(conn, cx, &everything, &[id], Deleted::Live)?.pop() else {
            continue;
        };
        session.assign(conn, engine, &record, new.get(&id).copied())?;
    }
    Ok(())
}

impl<'a> Session<'a> {
    /// `hold` keeps others from taking turns until the end of the transaction.
    ///
    /// # Errors
    /// The database's.
    pub fn open(
        conn: &mut Conn,
        cx: &'a Cx,
        rules: Vec<Rule>,
        customers: &[i64],
        hold: bool,
    ) -> Result<Session<'a>> {
        let rules: Vec<Rule> = rules.into_iter().filter(|rule| rule.active).collect();
        let (mut fitting, mut ledgers) = (Vec::with_capacity(rules.len()), HashMap::new());
        for rule in &rules {
            // Two nodes take turns one after the other.
            let lock = conn.dialect().for_update();
            if hold && !lock.is_empty() {
                conn.query_opt(&Sql::with(
                    format!("select id from assignment_rule where id = $1{lock}"),
                    [rule.id.into()],
                )?)?;
            }
            let mut skills = Vec::with_capacity(rule.definition.targets.len());
            for target in &rule.definition.targets {
                skills.push(matching(conn, cx, target.filter.as_ref(), customers)?);
            }
            fitting.push((matching(conn, cx, rule.definition.filter.as_ref(), customers)?, skills));
            ledgers.insert(rule.id, ledger(conn, cx, rule)?);
        }
        Ok(Session { cx, rules, fitting, ledgers })
    }

    /// Gives one customer to whom the rules say. `channel` tells a new customer; none asks by hand.
    fn assign(
        &mut self,
        conn: &mut Conn,
        engine: &Engine,
        record: &Record,
        channel: Option<Channel>,
    ) -> Result<Outcome> {
        let owned = record.values.int("owner").is_some();
        let Some((place, outcome)) = self.decide(record.id, owned, channel, self.cx.moment.now) else {
            return Ok(Outcome { record: record.id, rule: None, owner: None, kind: "none", why: json!({}) });
        };
        let cx = self.cx;
        match outcome.owner {
            Some(user) => {
                let turn = Turn { how: How::Assigned, pool: None, reason: None, note: None };
                if record.values.int("owner") != Some(user) {
                    give_customer(conn, engine, cx, record, Some(user), Vec::new(), &turn)?;
                }
            }
            None if owned => {
                let pool = pools_for(conn, cx, &BTreeMap::from([(record.id, None)]))?.remove(&record.id);
                let turn = Turn { how: How::Assigned, pool, reason: None, note: None };
                give_customer(conn, engine, cx, record, None, Vec::new(), &turn)?;
            }
            None => {}
        }
        outcome.keep(conn, cx)?;
        if let (Some(rule), Some(user), "assigned") = (outcome.rule, outcome.owner, outcome.kind) {
            self.note_turn(conn, rule, user)?;
        }
        if let (Some(user), "steward") = (outcome.owner, outcome.kind) {
            let name = json!({"rule": self.rules[place].definition.name});
            let mut draft = Draft::plain(user, "assignment", name, format!("as{}", record.id));
            draft.subject = Some((CUSTOMER.to_owned(), record.id));
            conn.batch(&draft.insert(conn, cx)?)?;
        }
        Ok(outcome)
    }

    /// What the rules say, without doing it; with the rule's place. None when no rule is for it.
    pub fn decide(
        &mut self,
        record: i64,
        owned: bool,
        channel: Option<Channel>,
        at: i64,
    ) -> Option<(usize, Outcome)> {
        for (place, rule) in self.rules.iter().enumerate() {
            let (fits, skills) = &self.fitting[place];
            let asked = match channel {
                Some(channel) => {
                    rule.definition.on.contains(&channel) && (!owned || rule.definition.take_over)
                }
                None => true,
            };
            if !asked || !fits.contains(&record) {
                continue;
            }
            let candidates = candidates(self.cx, rule, skills, record, at);
            let ledger = self.ledgers.entry(rule.id).or_default();
            level(ledger, &candidates);
            let (chosen, skipped) = choose(&rule.definition, &candidates, ledger);
            let why = outcome::why(rule, &skipped);
            let (kind, owner) = match (chosen, rule.definition.otherwise) {
                (Some(user), _) => ("assigned", Some(user)),
                (None, Otherwise::Steward { user }) if self.cx.org.is_active(user.number()) => {
                    ("steward", Some(user.number()))
                }
                (None, Otherwise::Next) => continue,
                (None, Otherwise::Pool | Otherwise::Steward { .. }) => ("pool", None),
            };
            if let Some(user) = chosen {
                // Everything that rules count of a person is the same for all of them but the turns.
                for (id, other) in &mut self.ledgers {
                    let share = other.entry(user).or_default();
                    if *id != rule.id {
                        (share.load, share.today) = (share.load + 1, share.today + 1);
                    }
                }
                took(self.ledgers.entry(rule.id).or_default(), user, at);
            }
            return Some((place, Outcome { record, rule: Some(rule.id), owner, kind, why }));
        }
        None
    }

    /// Nobody has been given anything yet today.
    pub fn new_day(&mut self) {
        self.ledgers.values_mut().flat_map(|ledger| ledger.values_mut()).for_each(|share| share.today = 0);
    }

    fn note_turn(&self, conn: &mut Conn, rule: i64, user: i64) -> Result<()> {
        let share = self.ledgers.get(&rule).and_then(|ledger| ledger.get(&user)).copied().unwrap_or_default();
        conn.execute(&Sql::with(
            "insert into assignment_turn (rule_id, user_id, taken, last_at) values ($1, $2, $3, $4) \
             on conflict (rule_id, user_id) do update set taken = excluded.taken, last_at = excluded.last_at",
            [rule.into(), user.into(), share.taken.into(), share.last_at.into()],
        )?)?;
        Ok(())
    }
}

/// The people a rule names, each once, and why some can't take a customer at a time.
fn candidates(cx: &Cx, rule: &Rule, skills: &[HashSet<i64>], record: i64, at: i64) -> Vec<Candidate> {
    let mut found: BTreeMap<i64, Candidate> = BTreeMap::new();
    for (target, good_at) in rule.definition.targets.iter().zip(skills) {
        let people: Vec<i64> = match (target.user, target.department) {
            (Some(user), _) => vec![user.number()],
            (None, Some(department)) => {
                let under = cx.org.departments_under(department.number());
                let within = |department: Option<i64>| {
                    department.is_some_and(|department| under.contains(&department))
                };
                cx.org
                    .users()
                    .filter(|person| person.active && within(person.department))
                    .map(|person| person.id)
                    .collect()
            }
            (None, None) => Vec::new(),
        };
        for user in people {
            let unfit = if good_at.contains(&record) { unfit(cx, rule, user, at) } else { Some("skill") };
            let candidate = Candidate { user, weight: target.weight, unfit };
            let known = found.entry(user).or_insert(candidate);
            // Of several targets that name somebody the one counts that lets them take it, then the heavier one.
            if (candidate.unfit.is_none(), candidate.weight) > (known.unfit.is_none(), known.weight) {
                *known = candidate;
            }
        }
    }
    found.into_values().collect()
}

fn unfit(cx: &Cx, rule: &Rule, user: i64, at: i64) -> Option<&'static str> {
    if !cx.org.is_active(user) {
        return Some("left");
    }
    let away =
        cx.org.follow.absences.iter().any(|away| away.user == user && (away.from..away.to).contains(&at));
    if away {
        return Some("absent");
    }
    (rule.definition.working_hours && !cx.org.calendar_of(Some(user)).is_working(at)).then_some("off_hours")
}

/// Which of these customers pass a condition; all of them without one, none when the dictionary no longer knows it.
fn matching(conn: &mut Conn, cx: &Cx, json: Option<&Json>, customers: &[i64]) -> Result<HashSet<i64>> {
    let Ok(resolved) = filter(cx, json, "filter") else { return Ok(HashSet::new()) };
    if resolved.is_everything() {
        return Ok(customers.iter().copied().collect());
    }
    let mut found = HashSet::new();
    for chunk in customers.chunks(500) {
        let mut sql = Sql::raw("select t.id from customer t where ");
        sql.push_in("t.id", chunk.iter().copied()).push(" and ");
        sql.append(condition(&resolved, "t", &cx.schema, conn.dialect())?);
        for row in conn.query(&sql)? {
            found.insert(row.int(0)?);
        }
    }
    Ok(found)
}

/// The shares of everybody a rule may name.
fn ledger(conn: &mut Conn, cx: &Cx, rule: &Rule) -> Result<Ledger> {
    let mut ledger = Ledger::new();
    let text = "select user_id, taken, last_at from assignment_turn where rule_id = $1";
    for row in conn.query(&Sql::with(text, [rule.id.into()])?)? {
        let share = Share { taken: row.int(1)?, last_at: row.int(2)?, known: true, ..Share::default() };
        ledger.insert(row.int(0)?, share);
    }
    let mut loads = Sql::raw(
        "select owner_id, count(*) from customer where deleted_at is null and owner_id is not null and stage <> ",
    );
    loads.bind(LOST).push(" group by owner_id");
    // Counting every customer is asked only where it decides something.
    if rule.definition.method == super::rule::Method::Load || rule.definition.capacity.is_some() {
        for row in conn.query(&loads)? {
            ledger.entry(row.int(0)?).or_default().load = row.int(1)?;
        }
    }
    let midnight = cx.moment.midnight(cx.moment.today());
    let text = "select owner_id, count(*) from assignment_result where owner_id is not null and outcome = 'assigned' and at >= $1 group by owner_id";
    if rule.definition.per_day.is_some() {
        for row in conn.query(&Sql::with(text, [midnight.into()])?)? {
            ledger.entry(row.int(0)?).or_default().today = row.int(1)?;
        }
    }
    Ok(ledger)
}
