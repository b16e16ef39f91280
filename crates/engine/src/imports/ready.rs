//! Rows made ready while the chunk before them is written: read, checked and worked out as far as that goes without the database.

use super::draft::{Draft, Part};
use super::job::{Mode, OnLikely};
use super::names::Names;
use super::plan::Plan;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::duplicates::OnDuplicate;
use crate::records::many::{New, Ready, ready};
use crate::records::render::id_text;
use huike_model::Code;
use huike_model::access::ObjectAccess;
use huike_store::{Conn, StoreError};
use serde_json::{Map, Value as Json};

/// A row that becomes new records, as far as can be said of it alone.
#[derive(Clone)]
pub struct ReadyRow {
    pub main: Ready,
    /// The records beside it, which point to it.
    pub related: Vec<Ready>,
}

impl ReadyRow {
    /// Works out how they go into the tables.
    ///
    /// # Errors
    /// Only faults of ours.
    pub fn work_out(&mut self, cx: &Cx) -> Result<()> {
        std::iter::once(&mut self.main).chain(&mut self.related).try_for_each(|one| one.work_out(cx))
    }

    /// Every record of the row.
    pub fn all(&self) -> impl Iterator<Item = &Ready> {
        std::iter::once(&self.main).chain(&self.related)
    }
}

/// What an import may write.
#[derive(Clone)]
pub struct Rights {
    pub main: ObjectAccess,
    /// Aligned with the plan's related objects.
    pub related: Vec<ObjectAccess>,
}

impl Rights {
    /// # Errors
    /// The database's, `not_found`, and `forbidden` without the right to import.
    pub fn of(conn: &mut Conn, cx: &Cx, plan: &Plan) -> Result<Rights> {
        let object = cx.object(&plan.object.name)?.clone();
        let main = cx.access(conn, &object)?.importing().ok_or(Code::Forbidden)?;
        let mut related = Vec::new();
        for each in &plan.related {
            let child = cx.object(&each.object.name)?.clone();
            related.push(cx.access_or_none(conn, &child)?);
        }
        Ok(Rights { main, related })
    }
}

/// What happens to a row that looks like a record that is there.
pub fn on_duplicate(plan: &Plan) -> OnDuplicate {
    match plan.on_duplicate {
        OnLikely::Skip => OnDuplicate::Block,
        OnLikely::Create => OnDuplicate::Warn,
    }
}

/// How many records the drafts can become.
pub fn many(drafts: &[Draft]) -> usize {
    drafts.iter().map(|draft| 1 + draft.related.len()).sum()
}

/// So many ids.
///
/// # Errors
/// The database's.
pub fn ids(conn: &Conn, many: usize) -> Result<Vec<i64>> {
    Ok((0..many).map(|_| conn.next_id()).collect::<std::result::Result<_, StoreError>>()?)
}

/// Makes drafts ready, those with references by a name that isn't known among `names` excepted.
///
/// # Errors
/// Only faults of ours.
pub fn rows(
    engine: &Engine,
    cx: &Cx,
    plan: &Plan,
    rights: &Rights,
    names: &Names,
    drafts: &[Draft],
    ids: &[i64],
) -> Result<Vec<Option<ReadyRow>>> {
    let mut ids = ids.iter().copied();
    let mut row = |draft: &Draft| -> Result<Option<ReadyRow>> {
        let mut next = || ids.next().unwrap_or_default();
        let (id, others): (i64, Vec<i64>) = (next(), draft.related.iter().map(|_| next()).collect());
        // People and departments are asked anew for every row: the rows of a list of them may need one another.
        let told_apart = !matches!(plan.object.name.as_str(), "user" | "department" | "role");
        if plan.mode == Mode::Update || !draft.faults.is_empty() || !told_apart || id == 0 {
            return Ok(None);
        }
        let on_duplicate = on_duplicate(plan);
        let Some(body) = resolved(&draft.main, names) else { return Ok(None) };
        let new = New { access: &rights.main, id, body: &body, on_duplicate, inherited: None };
        let Some(main) = ready(engine, cx, &new)? else { return Ok(None) };
        let owner = main.values().int("owner");
        let mut related = Vec::with_capacity(others.len());
        for ((place, part), id) in draft.related.iter().zip(others) {
            let via = &plan.related[*place].via;
            let Some(mut body) = resolved(part, names) else { return Ok(None) };
            body.insert(via.name.clone(), id_text(main.id));
            let access = &rights.related[*place];
            let inherits = matches!(&access.object.owner, huike_model::schema::Ownership::From(lookup) if *lookup == via.name);
            let new = New {
                access,
                id,
                body: &body,
                on_duplicate: OnDuplicate::Warn,
                inherited: inherits.then_some(owner),
            };
            match ready(engine, cx, &new)? {
                Some(mut one) => {
                    // Whether it can be referred to is asked when it has been written.
                    one.references.retain(|(_, id)| *id != main.id);
                    related.push(one);
                }
                None => return Ok(None),
            }
        }
        Ok(Some(ReadyRow { main, related }))
    };
    drafts.iter().map(&mut row).collect()
}

/// A part's body with the names turned into ids; none when one isn't known.
fn resolved(part: &Part, names: &Names) -> Option<Map<String, Json>> {
    let mut body = part.body.clone();
    for named in &part.names {
        if !names.sought(named.field.target().unwrap_or_default()) {
            return None;
        }
        body.insert(named.field.name.clone(), id_text(names.get(named).ok()?));
    }
    Some(body)
}
