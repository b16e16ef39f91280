//! A person's own sessions: where they are signed in, and ending one of them from afar.

use super::person;
use super::resolve::{Visitor, idle_ms};
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::shown;
use huike_model::Code;
use huike_store::{Conn, Sql};
use serde::Serialize;

#[derive(Clone, Debug, Serialize)]
pub struct SessionItem {
    #[serde(serialize_with = "shown::id")]
    pub id: i64,
    #[serde(serialize_with = "shown::instant")]
    pub created_at: i64,
    /// To the minute.
    #[serde(serialize_with = "shown::instant")]
    pub seen_at: i64,
    pub ip: Option<String>,
    pub agent: Option<String>,
    /// The session that asks.
    pub current: bool,
}

/// The visitor's sessions, latest used first.
///
/// # Errors
/// `forbidden` for a program with a key.
pub async fn list(engine: &Engine, cx: &Cx, visitor: &Visitor) -> Result<Vec<SessionItem>> {
    let (user, current, now) = (person(cx)?, visitor.session, engine.now());
    let idle_since = now - idle_ms(engine);
    engine
        .read(move |conn| {
            let text = "select id, created_at, seen_at, ip, agent from session \
                        where user_id = $1 and expires_at > $2 and seen_at > $3 order by seen_at desc, id desc";
            let rows = conn.query(&Sql::with(text, [user.into(), now.into(), idle_since.into()])?)?;
            let items = rows.iter().map(|row| {
                let id = row.int(0)?;
                Ok(SessionItem {
                    id,
                    created_at: row.int(1)?,
                    seen_at: row.int(2)?,
                    ip: row.opt_text(3)?.map(str::to_owned),
                    agent: row.opt_text(4)?.map(str::to_owned),
                    current: current == Some(id),
                })
            });
            items.collect()
        })
        .await
}

/// Ends one of the caller's sessions.
///
/// # Errors
/// `not_found` when it is somebody else's or has ended already; `forbidden` for a program with a key.
pub async fn revoke(engine: &Engine, cx: &Cx, session: i64) -> Result<()> {
    let user = person(cx)?;
    let (this, author) = (engine.clone(), Author::from(&cx.caller));
    engine
        .write(move |conn| {
            let sql = Sql::with(
                "delete from session where id = $1 and user_id = $2",
                [session.into(), user.into()],
            )?;
            if conn.execute(&sql)? == 0 {
                return Err(Code::NotFound.into());
            }
            append(conn, &this, &author, Note::new("revoke", "session", session))?;
            forget(conn, &this);
            Ok(())
        })
        .await
}

/// Removes the rows of sessions that ended by themselves; how many. To be called now and then.
///
/// # Errors
/// The database's.
pub async fn sweep(engine: &Engine) -> Result<u64> {
    let now = engine.now();
    engine
        .write(move |conn| {
            Ok(conn.execute(&Sql::with("delete from session where expires_at <= $1", [now.into()])?)?)
        })
        .await
}

/// Ends every session of a user except `kept`.
pub(crate) fn end_all(conn: &mut Conn, engine: &Engine, user: i64, kept: Option<i64>) -> Result<()> {
    let sql = Sql::with(
        "delete from session where user_id = $1 and id <> $2",
        [user.into(), kept.unwrap_or(0).into()],
    )?;
    conn.execute(&sql)?;
    forget(conn, engine);
    Ok(())
}

/// Has this node look up every token anew once the transaction is committed.
pub(super) fn forget(conn: &mut Conn, engine: &Engine) {
    let engine = engine.clone();
    conn.after_commit(Box::new(move || engine.live().forget_tickets()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Company, DAY, MINUTE, code};
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        a_person_sees_where_they_are_signed_in_and_ends_it_from_afar,
        nobody_ends_somebody_elses_session,
        sessions_that_ended_by_themselves_are_not_listed,
        ended_sessions_are_swept_and_live_ones_stay,
    );

    fn a_person_sees_where_they_are_signed_in_and_ends_it_from_afar(db: &mut TestDb) {
        let company = Company::founded(db);
        company.execute("delete from session");
        let lost = company.cookie("boss");
        company.clock.advance_ms(MINUTE);
        let mine = company.cookie("boss");
        let visitor = company.visit(&mine).unwrap();
        let items = company.wait(list(&company.engine, &company.boss(), &visitor)).unwrap();
        assert_eq!(items.iter().map(|item| item.current).collect::<Vec<_>>(), [true, false]);
        assert_eq!(
            (items[1].ip.as_deref(), items[1].agent.as_deref()),
            (Some("192.0.2.10"), Some("测试浏览器"))
        );
        let shown = serde_json::to_value(&items[1]).unwrap();
        assert_eq!(shown["created_at"], "2026-03-02T01:00:00Z");
        company.wait(revoke(&company.engine, &company.boss(), items[1].id)).unwrap();
        assert_eq!(company.visit(&lost).unwrap_err(), Code::NotSignedIn);
        assert!(company.visit(&mine).is_ok());
        assert_eq!(company.log("revoke").len(), 1);
    }

    fn nobody_ends_somebody_elses_session(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sales", "sales");
        let cookie = company.cookie("boss");
        let session = company.visit(&cookie).unwrap().session.unwrap();
        assert_eq!(
            code(company.wait(revoke(&company.engine, &company.cx("sales"), session))),
            Code::NotFound
        );
        assert!(company.visit(&cookie).is_ok());
    }

    fn sessions_that_ended_by_themselves_are_not_listed(db: &mut TestDb) {
        let company = Company::founded(db);
        company.cookie("boss");
        company.clock.advance_ms(14 * DAY);
        let visitor = company.visit(&company.cookie("boss")).unwrap();
        let items = company.wait(list(&company.engine, &company.boss(), &visitor)).unwrap();
        assert_eq!(items.len(), 1);
    }

    fn ended_sessions_are_swept_and_live_ones_stay(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sales", "sales");
        company.execute("delete from session");
        company.cookie("boss");
        company.clock.advance_ms(14 * DAY);
        let cookie = company.cookie("sales");
        assert_eq!(company.wait(sweep(&company.engine)).unwrap(), 1);
        assert!(company.visit(&cookie).is_ok());
        assert_eq!(company.wait(sweep(&company.engine)).unwrap(), 0);
    }
}
