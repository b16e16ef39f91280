//! Looking at and editing pools.

use super::definition::{Definition, Pool, load_all, store};
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::definitions;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::render::id_text;
use huike_model::access::AdminArea;
use huike_model::{Code, Fault, Label};
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};

/// More pools are a mistake.
const MAX_POOLS: usize = 50;
/// Members of a pool beside its definition.
const OWN: [&str; 4] = ["id", "version", "position", "faults"];

impl Engine {
    /// Every pool with its rules; with the faults of those that the dictionary no longer knows.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn pool_settings(&self, cx: Cx) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        self.read(move |conn| {
            let items: Vec<Json> = load_all(conn)?.iter().map(|pool| shown(&cx, pool)).collect();
            Ok(json!({"items": items}))
        })
        .await
    }

    /// Makes a pool; it comes first: the more particular one is asked before the one for everything.
    ///
    /// # Errors
    /// `forbidden`; every fault of it.
    pub async fn create_pool(&self, cx: Cx, members: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let definition = read(&cx, members)?;
        let engine = self.clone();
        self.write(move |conn| {
            let pools = load_all(conn)?;
            if pools.len() >= MAX_POOLS {
                return Err(Fault::new(
                    "",
                    "too_many",
                    "公海太多，请先删除不用的",
                    "Too many pools; delete some first",
                )
                .into());
            }
            conn.execute(&Sql::raw("update pool set position = position + 10"))?;
            let pool = Pool { id: conn.next_id()?, position: 10, version: 1, definition: definition.clone() };
            save(conn, &engine, &cx, "create", None, &pool)?;
            Ok(shown(&cx, &pool))
        })
        .await
    }

    /// Changes the members that are named. Customers stay in the pool where they are.
    ///
    /// # Errors
    /// `forbidden`; `not_found`; every fault.
    pub async fn update_pool(&self, cx: Cx, id: i64, members: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let mut faults = Vec::new();
        let position = definitions::position(&members, &mut faults);
        if !faults.is_empty() {
            return Err(faults.into());
        }
        let engine = self.clone();
        self.write(move |conn| {
            let known = load_all(conn)?.into_iter().find(|pool| pool.id == id).ok_or(Code::NotFound)?;
            let mut pool = known.clone();
            pool.definition = read(&cx, definitions::merged(&known.definition, &members)?)?;
            pool.position = position.unwrap_or(known.position);
            pool.version += 1;
            save(conn, &engine, &cx, "update", Some(&known), &pool)?;
            Ok(shown(&cx, &pool))
        })
        .await
    }

    /// Ends a pool. Its customers go to the pool that fits them now.
    ///
    /// # Errors
    /// `forbidden`; `not_found`.
    pub async fn delete_pool(&self, cx: Cx, id: i64) -> Result<()> {
        cx.require_to_change(AdminArea::Settings)?;
        let engine = self.clone();
        self.write(move |conn| {
            let known = load_all(conn)?.into_iter().find(|pool| pool.id == id).ok_or(Code::NotFound)?;
            conn.allow_long_statements()?;
            for text in ["delete from pool where id = $1", "delete from pool_warning where pool_id = $1"] {
                conn.execute(&Sql::with(text, [id.into()])?)?;
            }
            let text = "update custody set until_at = $1 where pool_id = $2 and until_at is null";
            conn.execute(&Sql::with(text, [cx.moment.now.into(), id.into()])?)?;
            let note = Note::new("delete", "pool", id).change(json!(known.definition), Json::Null);
            append(conn, &engine, &Author::from(&cx.caller), note)
        })
        .await
    }
}

/// A definition as it was sent.
///
/// # Errors
/// Every fault.
pub(super) fn read(cx: &Cx, mut members: Map<String, Json>) -> Result<Definition> {
    members.retain(|name, _| !OWN.contains(&name.as_str()));
    let definition: Definition = definitions::read(members, &Label::new("公海", "The pool"))?;
    definition.check(cx)?;
    Ok(definition)
}

fn shown(cx: &Cx, pool: &Pool) -> Json {
    let mut json = json!(pool.definition);
    json["id"] = id_text(pool.id);
    (json["position"], json["version"]) = (pool.position.into(), pool.version.into());
    let faults = pool.definition.check(cx).err().unwrap_or_default();
    json["faults"] = faults.iter().map(|fault| fault.to_json(cx.lang())).collect();
    json
}

fn save(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    op: &'static str,
    before: Option<&Pool>,
    after: &Pool,
) -> Result<()> {
    store(conn, after)?;
    let text = |pool: &Pool| json!({"position": pool.position, "definition": pool.definition});
    let note = Note::new(op, "pool", after.id).change(before.map_or(Json::Null, text), text(after));
    append(conn, engine, &Author::from(&cx.caller), note)
}
