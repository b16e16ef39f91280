//! The work of a merge, inside its transaction.

use super::journal::{Changed, Columns, RowKind, difference, id_key, kept_columns, row};
use super::request::Party;
use super::survive::{self, Surviving};
use super::{holders, pointers, tree};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::load::Record;
use crate::records::render::id_text;
use crate::records::write::Writer;
use crate::records::{references, rollups};
use huike_model::{Fault, Field, Object};
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Links between links between links: further than any dictionary goes.
const MAX_DEPTH: usize = 4;

/// A merge in progress.
pub(super) struct Fold<'a> {
    pub engine: &'a Engine,
    pub cx: &'a Cx,
    pub merge: i64,
    /// In the order in which they were made.
    pub changes: Vec<Changed>,
    /// Rows that were moved so far.
    pub moved: i64,
    depth: usize,
}

impl<'a> Fold<'a> {
    pub fn new(engine: &'a Engine, cx: &'a Cx, merge: i64) -> Fold<'a> {
        Fold { engine, cx, merge, changes: Vec::new(), moved: 0, depth: 0 }
    }

    /// What the log says beside the values.
    pub fn meta(&self) -> Json {
        json!({"merge": id_text(self.merge)})
    }

    /// Makes one of the party: the losers go, what points at them and the values that survive come to the winner.
    ///
    /// # Errors
    /// `invalid` when the record as it would be can't stand; `conflict` when too much would move.
    pub fn fold(&mut self, conn: &mut Conn, party: &Party, hand: &[Surviving]) -> Result<()> {
        if self.depth >= MAX_DEPTH {
            return Err(EngineError::internal("links of links are merged too deep"));
        }
        self.depth += 1;
        let object = party.winner.values.object().clone();
        let mut chosen = survive::choose(party, hand);
        let mut faults = tree::untangle(conn, party, &mut chosen)?;
        faults.extend(self.faults(conn, party, &chosen)?);
        if !faults.is_empty() {
            return Err(faults.into());
        }
        for loser in &party.losers {
            self.bury(conn, &object, party.winner.id, loser)?;
        }
        pointers::point(self, conn, &object, party)?;
        holders::move_rows(self, conn, &object, party)?;
        self.rewrite(conn, &object, party, &chosen)?;
        for record in party.everybody() {
            rollups::recompute_all(conn, self.cx, &object, record.id)?;
        }
        self.depth -= 1;
        Ok(())
    }

    /// What is wrong with the record as it would be. References that a person chose must be within that person's reach.
    fn faults(&self, conn: &mut Conn, party: &Party, chosen: &[Surviving]) -> Result<Vec<Fault>> {
        let mut faults = survive::faults(party, chosen);
        let by_hand: Vec<Arc<Field>> =
            chosen.iter().filter(|each| each.by_hand()).map(|each| each.field.clone()).collect();
        let merged = survive::merged(party, chosen);
        faults.extend(references::check(conn, self.cx, &merged, &by_hand)?);
        Ok(faults
            .into_iter()
            .map(|fault| {
                let at = format!("fields.{}", fault.field);
                fault.at(at)
            })
            .collect())
    }

    /// Puts a loser away, with a sign that says where it went.
    fn bury(&mut self, conn: &mut Conn, object: &Arc<Object>, winner: i64, loser: &Record) -> Result<()> {
        let before = self.columns(conn, object, loser.id)?;
        let mut meta = self.meta();
        meta["merged_into"] = id_text(winner);
        Writer { engine: self.engine, cx: self.cx, conn }.put_away(loser, meta)?;
        conn.execute(&Sql::with(
            "insert into merged_record (object, record_id, winner_id, merge_id) values ($1, $2, $3, $4)",
            [object.name.as_str().into(), loser.id.into(), winner.into(), self.merge.into()],
        )?)?;
        self.note(conn, object, loser.id, &before)
    }

    fn rewrite(
        &mut self,
        conn: &mut Conn,
        object: &Arc<Object>,
        party: &Party,
        chosen: &[Surviving],
    ) -> Result<()> {
        let before = self.columns(conn, object, party.winner.id)?;
        let mut meta = self.meta();
        meta["losers"] = party.losers.iter().map(|record| id_text(record.id)).collect();
        let assignments = survive::assignments(party, chosen);
        Writer { engine: self.engine, cx: self.cx, conn }.rewrite(
            &party.winner,
            assignments,
            "merge",
            meta,
        )?;
        self.note(conn, object, party.winner.id, &before)
    }

    fn columns(&self, conn: &mut Conn, object: &Object, id: i64) -> Result<Columns> {
        row(conn, &object.name, &kept_columns(object), &id_key(id))?
            .ok_or_else(|| EngineError::internal("a record went away while it was merged"))
    }

    /// Writes down what became of a record.
    fn note(&mut self, conn: &mut Conn, object: &Object, id: i64, before: &Columns) -> Result<()> {
        let after = self.columns(conn, object, id)?;
        let (before, after) = difference(before, &after);
        self.changes.push(Changed {
            kind: RowKind::Record,
            table: object.name.clone(),
            key: id_key(id),
            before: Some(before),
            after: Some(after),
        });
        Ok(())
    }
}
