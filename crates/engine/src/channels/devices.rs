//! Browsers that their owner allowed to show messages while the page is closed. One counts for as long as its session: whoever signs out, or
//! is signed out, is told nothing there any more.

use super::known::Outside;
use super::outbox::above;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::render::id_text;
use crate::session::person;
use crate::session::resolve::Visitor;
use crate::shown::instant_text;
use huike_courier::Way;
use huike_courier::push::{Device, public_key};
use huike_model::{Code, Fault, Problem};
use huike_store::{Conn, Sql};
use huike_vault::seal::FieldTag;
use serde_json::{Value as Json, json};

/// Browsers of one person; the one that was there first makes room.
const MOST: i64 = 10;
/// Whose session still goes on at the moment that follows.
const LIVE: &str = "exists (select 1 from session s where s.id = push_device.session_id and s.expires_at > ";

impl Engine {
    /// Whether the caller's browsers can be told anything, by which key of ours they know it, and which are.
    ///
    /// # Errors
    /// `forbidden` for a program with a key.
    pub async fn devices(&self, cx: Cx, visitor: &Visitor) -> Result<Json> {
        let (user, session) = (person(&cx)?, visitor.session);
        self.read(move |conn| shown(conn, &cx, user, session)).await
    }

    /// Takes down that the browser of this session may be told things.
    ///
    /// # Errors
    /// Every fault of it; `forbidden` for a program with a key and while somebody else's page is looked at; `conflict` when the company has no
    /// channel for it.
    pub async fn put_device(&self, cx: Cx, visitor: &Visitor, device: Device) -> Result<Json> {
        let user = person(&cx)?;
        let session = visitor.session.ok_or(Code::Forbidden)?;
        let faults: Vec<Fault> = device
            .faults(&self.outside().0)
            .into_iter()
            .map(|wrong| Fault::new(wrong.field, wrong.code, wrong.zh, wrong.en))
            .collect();
        if !faults.is_empty() {
            return Err(faults.into());
        }
        let engine = self.clone();
        self.write(move |conn| {
            let Some(channel) =
                Outside::load(conn)?.nearest(Way::Browser, &above(&cx, user)).map(|known| known.id)
            else {
                let (zh, en) = ("公司还没有设置浏览器通知", "The company has no browser notifications yet");
                return Err(Problem::new(Code::Conflict).with_detail(zh, en).into());
            };
            put(conn, &cx, (user, session, channel), &device)?;
            engine.renew_after(conn);
            shown(conn, &cx, user, Some(session))
        })
        .await
    }

    /// Tells one of the caller's browsers nothing any more.
    ///
    /// # Errors
    /// `not_found`; `forbidden` for a program with a key.
    pub async fn delete_device(&self, cx: Cx, id: i64) -> Result<()> {
        let user = person(&cx)?;
        let engine = self.clone();
        self.write(move |conn| {
            let sql = "delete from push_device where id = $1 and user_id = $2";
            if conn.execute(&Sql::with(sql, [id.into(), user.into()])?)? == 0 {
                return Err(Code::NotFound.into());
            }
            engine.renew_after(conn);
            Ok(())
        })
        .await
    }
}

fn tag(id: i64) -> FieldTag<'static> {
    FieldTag { object: "push_device", field: "secret", record: id }
}

/// An address is known again by its hash; the address itself lets whoever has it try, and is sealed.
fn put(conn: &mut Conn, cx: &Cx, (user, session, channel): (i64, i64, i64), device: &Device) -> Result<()> {
    let now = cx.moment.now;
    let mut sql = Sql::raw(format!("delete from push_device where not {LIVE}"));
    sql.bind(now).push(") or endpoint = ");
    let endpoint = huike_vault::hex(&huike_vault::token::hash(&device.endpoint));
    sql.bind(endpoint.as_str()).push(" or session_id = ").bind(session);
    conn.execute(&sql)?;
    let id = conn.next_id()?;
    let plain = serde_json::to_string(device).map_err(|error| EngineError::internal(error.to_string()))?;
    let secret = cx.keys().seal_at(conn, &tag(id), &plain)?;
    let sql = "insert into push_device (id, user_id, session_id, channel_id, endpoint, secret, at) values ($1, $2, $3, $4, $5, $6, $7)";
    let values =
        [id.into(), user.into(), session.into(), channel.into(), endpoint.into(), secret.into(), now.into()];
    conn.execute(&Sql::with(sql, values)?)?;
    let sql = "delete from push_device where user_id = $1 and id not in \
         (select id from push_device where user_id = $2 order by id desc limit $3)";
    conn.execute(&Sql::with(sql, [user.into(), user.into(), MOST.into()])?)?;
    Ok(())
}

fn shown(conn: &mut Conn, cx: &Cx, user: i64, session: Option<i64>) -> Result<Json> {
    let outside = Outside::load(conn)?;
    let known = outside.nearest(Way::Browser, &above(cx, user));
    let key = match known {
        Some(known) => public_key(&known.secrets(conn, cx)?),
        None => None,
    };
    let channel = known.map(|known| known.id);
    let sql = "select d.id, d.at, d.session_id, s.agent from push_device d join session s on s.id = d.session_id \
         where d.user_id = $1 and d.channel_id = $2 and s.expires_at > $3 order by d.id desc";
    let rows = conn.query(&Sql::with(sql, [user.into(), channel.into(), cx.moment.now.into()])?)?;
    let item = |row: &huike_store::Row| -> Result<Json> {
        Ok(json!({
            "id": id_text(row.int(0)?),
            "at": instant_text(row.int(1)?),
            "agent": row.opt_text(3)?,
            "current": session == Some(row.int(2)?),
        }))
    };
    Ok(json!({"key": key, "devices": rows.iter().map(item).collect::<Result<Vec<_>>>()?}))
}

/// The browsers of a person that a channel reaches now.
///
/// # Errors
/// The database's; a secret that can't be opened.
pub fn of(conn: &mut Conn, cx: &Cx, user: i64, channel: i64) -> Result<Vec<Device>> {
    let mut sql = Sql::raw("select id, secret from push_device where user_id = ");
    sql.bind(user).push(" and channel_id = ").bind(channel).push(" and ").push(LIVE);
    sql.bind(cx.moment.now).push(") order by id");
    let mut found = Vec::new();
    for row in conn.query(&sql)? {
        let id = row.int(0)?;
        let plain = cx.keys().open_at(conn, &tag(id), row.text(1)?)?;
        let device: Option<Device> = plain.and_then(|plain| serde_json::from_str(&plain).ok());
        found.extend(device.map(|device| Device { id, ..device }));
    }
    Ok(found)
}

/// Forgets browsers that are there no more.
///
/// # Errors
/// The database's.
pub fn forget(conn: &mut Conn, engine: &Engine, gone: &[i64]) -> Result<()> {
    let mut sql = Sql::raw("delete from push_device where ");
    sql.push_in("id", gone.iter().copied());
    conn.execute(&sql)?;
    engine.renew_after(conn);
    Ok(())
}
