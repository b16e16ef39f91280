//! Bringing the promises of some records to what they should be. It looks at what is, never at what happened: done twice it changes
//! nothing, and what was missed once is mended the next time.

use super::ladder;
use super::row::{self, End, Kind, Obligation, State};
use crate::cx::Cx;
use crate::error::Result;
use huike_store::{Conn, Sql};
use std::collections::{HashMap, HashSet};

/// A promise that a record makes now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub kind: Kind,
    pub object: String,
    pub record: i64,
    pub source: &'static str,
    pub holder_id: i64,
    pub owner: Option<i64>,
    pub title: String,
    pub due_at: i64,
    pub all_day: bool,
    pub ladder: i64,
    /// What shows that a promise that was late has been kept when its date moves on; a date that is merely put off shows nothing.
    pub kept_by: Option<String>,
}

/// What the records of one holder object make under one rule: promises, or the end of what they made before.
pub struct Settlement<'a> {
    pub holder: &'a str,
    pub rule: i64,
    /// Since when it has been so: the steps of a new promise that came up since are still to be taken, older ones not any more.
    pub as_of: i64,
    pub wanted: Vec<Wanted>,
    pub ended: Vec<(i64, End)>,
}

impl Settlement<'_> {
    /// Writes the difference; how many promises changed.
    ///
    /// # Errors
    /// The database's.
    pub fn write(self, conn: &mut Conn, cx: &Cx) -> Result<usize> {
        let ids: Vec<i64> =
            self.wanted.iter().map(|one| one.holder_id).chain(self.ended.iter().map(|(id, _)| *id)).collect();
        if ids.is_empty() {
            return Ok(0);
        }
        let open = row::open_of(conn, self.holder, self.rule, &ids)?;
        let open: HashMap<i64, Obligation> = open.into_iter().map(|one| (one.holder_id, one)).collect();
        let ended_by_hand = self.ended_by_hand(conn, &open)?;
        let mut statements: Vec<Sql> = Vec::new();
        for (id, end) in &self.ended {
            if let Some(one) = open.get(id) {
                statements.push(row::close(one.id, end, cx.moment.now, cx.author())?);
            }
        }
        for wanted in self.wanted {
            match open.get(&wanted.holder_id) {
                None if ended_by_hand.contains(&(wanted.holder_id, wanted.due_at)) => {}
                None => statements
                    .push(self::open(conn, cx, (self.holder, self.rule), self.as_of, wanted)?.insert()?),
                Some(known) if let Some(evidence) = kept(known, &wanted) => {
                    let record = (evidence == known.holder).then_some(known.holder_id);
                    let end = End::Done { evidence, record };
                    statements.push(row::close(known.id, &end, cx.moment.now, cx.author())?);
                    statements
                        .push(self::open(conn, cx, (self.holder, self.rule), self.as_of, wanted)?.insert()?);
                }
                Some(known) => {
                    let moved = moved(cx, known, self.as_of, wanted);
                    if moved != *known {
                        statements.push(moved.update()?);
                    }
                }
            }
        }
        let changed = statements.len();
        conn.batch(&statements)?;
        Ok(changed)
    }

    /// Holders and dates of promises about a date of a record that somebody kept or let go, or whose day is over: they aren't made again.
    fn ended_by_hand(&self, conn: &mut Conn, open: &HashMap<i64, Obligation>) -> Result<HashSet<(i64, i64)>> {
        let new: Vec<i64> =
            self.wanted.iter().map(|one| one.holder_id).filter(|id| !open.contains_key(id)).collect();
        if [row::OF_TASK, row::OF_SILENCE, row::OF_PLAN].contains(&self.rule) || new.is_empty() {
            return Ok(HashSet::new());
        }
        let mut sql =
            Sql::raw("select holder_id, due_at from obligation where closed_at is not null and holder = ");
        sql.bind(self.holder).push(" and ").push_in("holder_id", new).push(" and rule_id = ").bind(self.rule);
        sql.push(" and (state = 'waived' or evidence = 'person' or note = 'lapsed')");
        let rows = conn.query(&sql)?;
        rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
    }
}

/// What shows that a broken promise was kept after all: what was late stays on record, and the next one begins.
fn kept(known: &Obligation, wanted: &Wanted) -> Option<String> {
    wanted.kept_by.clone().filter(|_| known.state == State::Late && wanted.due_at > known.due_at)
}

fn open(conn: &Conn, cx: &Cx, (holder, rule): (&str, i64), as_of: i64, wanted: Wanted) -> Result<Obligation> {
    let mut new = Obligation {
        id: conn.next_id()?,
        kind: wanted.kind,
        object: wanted.object,
        record: wanted.record,
        source: wanted.source.into(),
        rule,
        holder: holder.into(),
        holder_id: wanted.holder_id,
        owner: wanted.owner,
        title: wanted.title,
        opened_at: as_of,
        due_at: wanted.due_at,
        all_day: wanted.all_day,
        state: State::Open,
        late_at: None,
        closed_at: None,
        ladder: wanted.ladder,
        level: 0,
        next_at: None,
        note: None,
        evidence: None,
        evidence_id: None,
    };
    restart(cx, as_of, &mut new);
    Ok(new)
}

fn moved(cx: &Cx, known: &Obligation, as_of: i64, wanted: Wanted) -> Obligation {
    let mut new = known.clone();
    new.kind = wanted.kind;
    (new.object, new.record) = (wanted.object, wanted.record);
    (new.owner, new.title, new.ladder) = (wanted.owner, wanted.title, wanted.ladder);
    (new.due_at, new.all_day) = (wanted.due_at, wanted.all_day);
    let timed = |one: &Obligation| (one.due_at, one.all_day, one.ladder);
    if timed(&new) != timed(known) {
        (new.state, new.late_at) = (State::Open, None);
        restart(cx, as_of, &mut new);
    } else if new.state != State::Late || new.next_at.is_some() || new.owner != known.owner {
        // Another person's hours, or other steps of the same rule.
        schedule(cx, &mut new);
    }
    new
}

/// Sets a promise to its first step after a time.
fn restart(cx: &Cx, as_of: i64, obligation: &mut Obligation) {
    let calendar = cx.org.calendar_of(obligation.owner);
    let rule = cx.org.follow.rule(obligation.ladder).map(|rule| &**rule);
    let steps = ladder::steps(rule, &calendar, obligation.due_at, obligation.all_day);
    obligation.level = ladder::first_level(&steps, as_of);
    obligation.next_at = ladder::next_at(obligation, &steps);
}

/// Works out anew when a promise must be looked at.
fn schedule(cx: &Cx, obligation: &mut Obligation) {
    let calendar = cx.org.calendar_of(obligation.owner);
    let rule = cx.org.follow.rule(obligation.ladder).map(|rule| &**rule);
    let steps = ladder::steps(rule, &calendar, obligation.due_at, obligation.all_day);
    obligation.next_at = ladder::next_at(obligation, &steps);
}
