//! Rows of which nothing is in doubt are written together: with one statement per table instead of a dozen per row.
//!
//! A row is in doubt when it has a fault, means or resembles a record that is there, or one of the rows before it. It is dealt with by
//! itself then, behind the rows before it; so are all rows of a batch that the database refuses. What becomes of a row is the same on both
//! ways.

use super::chunk::{Chunk, Kind, Outcome};
use super::draft::{Draft, Part};
use super::job::Mode;
use super::keys;
use super::names::Names;
use super::plan::Plan;
use super::ready::{self, ReadyRow, Rights};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::key_index;
use crate::records::likeness::Asked;
use crate::records::many::{Doubts, create_all};
use crate::records::match_key::MatchKey;
use crate::records::{duplicates, references};
use huike_model::{Code, Value};
use huike_store::{Conn, StoreError};
use std::borrow::Cow;
use std::collections::HashSet;

/// The drafts that are ready, with those that became so by the names found in the database.
///
/// # Errors
/// The database's.
#[expect(clippy::too_many_arguments, reason = "what a chunk is made from, before there is one")]
pub fn ready<'a>(
    conn: &Conn,
    engine: &Engine,
    cx: &Cx,
    plan: &Plan,
    rights: &Rights,
    names: &Names,
    drafts: &[Draft],
    done: &'a [Option<ReadyRow>],
) -> Result<Vec<Option<Cow<'a, ReadyRow>>>> {
    let mut all: Vec<Option<Cow<ReadyRow>>> = Vec::with_capacity(drafts.len());
    for (place, draft) in drafts.iter().enumerate() {
        let row = match done.get(place) {
            Some(Some(row)) => Some(Cow::Borrowed(row)),
            // What no name was missing for was found wanting.
            Some(None) if !names_records(draft) => None,
            _ => {
                let one = std::slice::from_ref(draft);
                let ids = ready::ids(conn, ready::many(one))?;
                let rows = ready::rows(engine, cx, plan, rights, names, one, &ids)?;
                let mut row = rows.into_iter().flatten().next();
                row.as_mut().map_or(Ok(()), |row| row.work_out(cx))?;
                row.map(Cow::Owned)
            }
        };
        all.push(row);
    }
    Ok(all)
}

fn parts(draft: &Draft) -> impl Iterator<Item = &Part> {
    std::iter::once(&draft.main).chain(draft.related.iter().map(|(_, part)| part))
}

/// Whether a row refers to records by their names, people and departments aside.
fn names_records(draft: &Draft) -> bool {
    let at_hand = |target: Option<&str>| matches!(target, Some("user" | "department"));
    parts(draft).flat_map(|part| &part.names).any(|named| !at_hand(named.field.target()))
}

/// Rows that are to be written together.
#[derive(Default)]
struct Pending<'a> {
    /// With their places among the drafts.
    rows: Vec<(usize, &'a Draft, &'a ReadyRow)>,
    /// What the plan's key finds them by.
    values: HashSet<Value>,
    /// The duplicate keys of their main records.
    keys: HashSet<MatchKey>,
}

/// What came of rows, with their places.
type Outcomes = Vec<(usize, Outcome)>;

impl Chunk<'_> {
    /// Writes all rows, as if in their order.
    pub(super) fn rows(
        &mut self,
        conn: &mut Conn,
        drafts: &[Draft],
        all_ready: &[Option<Cow<'_, ReadyRow>>],
    ) -> Result<Vec<Outcome>> {
        let mut doubts = Doubts::of(conn, self.cx, all_ready.iter().flatten().flat_map(|row| row.all()))?;
        let mut outcomes = Outcomes::with_capacity(drafts.len());
        let mut pending = Pending::default();
        let mut asked = Asked::default();
        for (place, (draft, ready)) in drafts.iter().zip(all_ready).enumerate() {
            let key = self.plan.key.as_ref().and_then(|key| keys::value(self.cx, key, draft));
            let ready = ready.as_deref().filter(|row| self.is_new(draft, row, &key, &doubts, &pending));
            let doubtful = ready.is_some_and(|row| row.all().any(|one| doubts.repeats(one)));
            if let Some(row) = ready.filter(|row| doubtful && row.related.is_empty()) {
                // It is compared with what is there, which takes no write to be undone.
                let refused = if let Some(looked) = doubts.looked(&row.main) {
                    looked.refused.as_ref().map(|problem| self.refused(draft, problem))
                } else {
                    if row.main.stopping.iter().any(|key| pending.keys.contains(key)) {
                        self.flush(conn, &mut pending, &mut outcomes)?;
                    }
                    asked = asked.again();
                    self.repeated(conn, draft, row, &mut asked)?
                };
                if let Some(refused) = refused {
                    outcomes.push((place, refused));
                    continue;
                }
            }
            if let Some(row) = ready.filter(|row| !doubtful || row.related.is_empty()) {
                for one in row.all() {
                    doubts.add(one.record()?.keys.iter().copied());
                }
                pending.values.extend(key);
                pending.keys.extend(&row.main.record()?.keys);
                pending.rows.push((place, draft, row));
                continue;
            }
            self.flush(conn, &mut pending, &mut outcomes)?;
            let outcome = self.row(conn, draft)?;
            if let (Kind::Created | Kind::Updated, Some(id)) = (outcome.kind, outcome.record) {
                doubts.add(key_index::of_records(conn, [id])?.into_iter().flat_map(|(_, keys)| keys));
                // Which records it wrote beside that one isn't told.
                doubts.ask(conn, all_ready.iter().skip(place + 1).flatten().flat_map(|row| &row.related))?;
            }
            outcomes.push((place, outcome));
        }
        self.flush(conn, &mut pending, &mut outcomes)?;
        outcomes.sort_by_key(|(place, _)| *place);
        Ok(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
    }

    /// Whether a row means new records, whatever they resemble.
    fn is_new(
        &self,
        draft: &Draft,
        row: &ReadyRow,
        key: &Option<Value>,
        doubts: &Doubts,
        pending: &Pending<'_>,
    ) -> bool {
        let found = key
            .as_ref()
            .is_some_and(|key| !self.existing.get(key).is_empty() || pending.values.contains(key));
        // It may mean one of the rows before it.
        let names_own = parts(draft)
            .flat_map(|part| &part.names)
            .any(|named| named.field.target() == Some(&*self.plan.object.name));
        self.plan.mode != Mode::Update
            && !found
            && (!names_own || pending.rows.is_empty())
            && row.all().all(|one| doubts.refers(one))
    }

    /// What comes of a row that looks like a record that is there; none when it doesn't after all.
    fn repeated(
        &self,
        conn: &mut Conn,
        draft: &Draft,
        row: &ReadyRow,
        asked: &mut Asked,
    ) -> Result<Option<Outcome>> {
        let on = ready::on_duplicate(self.plan);
        let new = [(&row.main.assigned, &*row.main.sought)];
        let refusals = duplicates::refusals(conn, self.cx, &self.access, &new, on, asked)?;
        Ok(refusals.into_iter().flatten().next().map(|problem| self.refused(draft, &problem)))
    }

    fn flush(&mut self, conn: &mut Conn, pending: &mut Pending<'_>, outcomes: &mut Outcomes) -> Result<()> {
        let Pending { rows, .. } = std::mem::take(pending);
        if rows.is_empty() {
            return Ok(());
        }
        match conn.savepoint(|conn| self.write_together(conn, &rows)) {
            Ok(()) => {
                for (place, draft, row) in rows {
                    let record = Some(row.main.id);
                    let outcome = Outcome {
                        row: draft.row,
                        kind: Kind::Created,
                        record,
                        before: None,
                        faults: draft.warnings.clone(),
                    };
                    self.remember(draft, &outcome);
                    outcomes.push((place, outcome));
                }
                Ok(())
            }
            // One of them is refused: which, and why, shows when they come one by one.
            Err(EngineError::Problem(_) | EngineError::Store(StoreError::UniqueViolation { .. })) => {
                for (place, draft, _) in rows {
                    outcomes.push((place, self.row(conn, draft)?));
                }
                Ok(())
            }
            Err(other) => Err(other),
        }
    }

    fn write_together(&self, conn: &mut Conn, rows: &[(usize, &Draft, &ReadyRow)]) -> Result<()> {
        let main = rows.iter().map(|(_, _, row)| row.main.record().cloned());
        create_all(conn, self.engine, self.cx, main.collect::<Result<_>>()?)?;
        let parents: Vec<i64> = rows
            .iter()
            .filter(|(_, _, row)| !row.related.is_empty())
            .map(|(_, _, row)| row.main.id)
            .collect();
        if parents.is_empty() {
            return Ok(());
        }
        let reached = references::reachable(conn, self.cx, &self.plan.object.name, parents.clone())?;
        if !parents.iter().all(|parent| reached.contains(parent)) {
            return Err(Code::Invalid.into());
        }
        for related in &self.plan.related {
            let records = rows.iter().flat_map(|(_, _, row)| &row.related).map(|one| one.record().cloned());
            let mut records = records.collect::<Result<Vec<_>>>()?;
            records.retain(|record| record.object().name == related.object.name);
            create_all(conn, self.engine, self.cx, records)?;
        }
        Ok(())
    }
}
