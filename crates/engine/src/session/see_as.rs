//! Looking at lists and records as somebody else sees them: read only, for an hour at most, written down.

use super::resolve::Visitor;
use super::sessions;
use crate::access::Person;
use crate::audit::{Author, Note, append};
use crate::cx::{Actor, Caller, Cx};
use crate::engine::Engine;
use crate::error::Result;
use huike_model::access::AdminArea;
use huike_model::{Code, Fault, Problem};
use huike_store::Sql;
use serde_json::json;

/// Whoever forgets to end it is themselves again after this long, in milliseconds.
const LASTS_MS: i64 = 3_600_000;
/// Both are needed: who looks after accounts alone need not see business records at all, and who reads the log is answerable for it.
const NEEDS: [AdminArea; 2] = [AdminArea::Users, AdminArea::Audit];

/// From now on the visitor's session shows what this user sees.
///
/// # Errors
/// `forbidden`; `invalid` when there is no such active user, or it is the caller.
pub async fn begin(engine: &Engine, cx: &Cx, visitor: &Visitor, user: i64) -> Result<()> {
    let me = super::person(cx)?;
    for area in NEEDS {
        cx.require_to_change(area)?;
    }
    let session = visitor.session.ok_or(Code::Forbidden)?;
    if user == me {
        return Err(Fault::new("user", "self", "请选择别人", "Choose somebody else").into());
    }
    let known = cx.org.user(user).is_some_and(|person| person.active);
    if !known {
        let (zh, en) = ("没有这个用户，或已停用", "There is no such user, or they are no longer active");
        return Err(Fault::new("user", "unknown", zh, en).into());
    }
    let (this, author, now) = (engine.clone(), Author::from(&cx.caller), engine.now());
    engine
        .write(move |conn| {
            conn.execute(&Sql::with("delete from seeing_as where until <= $1", [now.into()])?)?;
            conn.execute(&Sql::with(
                "insert into seeing_as (session_id, user_id, until) values ($1, $2, $3) \
                 on conflict (session_id) do update set user_id = excluded.user_id, until = excluded.until",
                [session.into(), user.into(), (now + LASTS_MS).into()],
            )?)?;
            append(conn, &this, &author, Note::new("see_as", "user", user))?;
            sessions::forget(conn, &this);
            Ok(())
        })
        .await
}

/// The visitor's session shows again what they see themselves. Nothing happens when it does already.
///
/// # Errors
/// The database's.
pub async fn end(engine: &Engine, visitor: &Visitor) -> Result<()> {
    let (Some(session), Actor::Watcher { user, .. }) = (visitor.session, visitor.caller.actor) else {
        return Ok(());
    };
    let (this, author) = (engine.clone(), Author::from(&visitor.caller));
    engine
        .write(move |conn| {
            let sql = "delete from seeing_as where session_id = $1";
            if conn.execute(&Sql::with(sql, [session.into()])?)? > 0 {
                append(conn, &this, &author, Note::new("see_as_end", "user", user).meta(json!({})))?;
            }
            sessions::forget(conn, &this);
            Ok(())
        })
        .await
}

/// The visitor as themselves, whomever they look as.
pub fn themselves(visitor: &Visitor) -> Visitor {
    let caller = Caller { actor: Actor::User(visitor.caller.actor.person()), ..visitor.caller.clone() };
    Visitor { caller, ..visitor.clone() }
}

/// Whether this person may still look as that user: asked at every request, as rights change.
///
/// # Errors
/// Only the dictionary's.
pub(super) fn allowed(engine: &Engine, person: &Person, user: i64) -> Result<bool> {
    let org = engine.org();
    let rules = org.rules(&person.roles, &engine.schema())?;
    let there = org.user(user).is_some_and(|watched| watched.active);
    Ok(there && NEEDS.iter().all(|area| rules.admin.contains(area)))
}

/// What somebody is told who looks as another and tries more than that.
pub fn only_looking() -> Problem {
    Problem::new(Code::Forbidden).with_detail(
        "正在以他人身份查看，只能看，不能改",
        "You are looking as somebody else: nothing can be changed",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::duplicates::OnDuplicate;
    use crate::session::testing::{Company, MINUTE, code};
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        an_administrator_sees_as_another_for_an_hour_and_it_is_written_down,
        who_sees_as_another_changes_nothing_and_is_no_person_to_their_account,
        only_who_looks_after_accounts_and_log_sees_as_another,
    );

    fn seeing(company: &Company, cookie: &str) -> Actor {
        company.visit(cookie).unwrap().caller.actor
    }

    fn begun(company: &Company, cookie: &str, login: &str) -> Result<()> {
        let visitor = company.visit(cookie).unwrap();
        let cx = company.engine.cx(visitor.caller.clone()).unwrap();
        company.wait(begin(&company.engine, &cx, &visitor, company.user(login)))
    }

    fn an_administrator_sees_as_another_for_an_hour_and_it_is_written_down(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sales", "sales");
        let (cookie, other) = (company.cookie("boss"), company.cookie("boss"));
        let (boss, sales) = (company.user("boss"), company.user("sales"));
        begun(&company, &cookie, "sales").unwrap();
        assert_eq!(seeing(&company, &cookie), Actor::Watcher { user: sales, by: boss });
        assert_eq!(seeing(&company, &other), Actor::User(boss), "other sessions stay as they are");
        let logged = company.log("see_as");
        assert_eq!((logged.len(), logged[0].record_id, logged[0].actor), (1, Some(sales), Some(boss)));
        company.wait(end(&company.engine, &company.visit(&cookie).unwrap())).unwrap();
        assert_eq!(seeing(&company, &cookie), Actor::User(boss));
        assert_eq!(company.log("see_as_end").len(), 1);
        begun(&company, &cookie, "sales").unwrap();
        company.clock.advance_ms(60 * MINUTE);
        assert_eq!(seeing(&company, &cookie), Actor::User(boss));
    }

    fn who_sees_as_another_changes_nothing_and_is_no_person_to_their_account(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sales", "sales");
        let cookie = company.cookie("boss");
        begun(&company, &cookie, "sales").unwrap();
        let visitor = company.visit(&cookie).unwrap();
        let cx = company.engine.cx(visitor.caller.clone()).unwrap();
        assert_eq!((cx.moment.me, cx.author()), (company.user("sales"), company.user("boss")));
        let fields = serde_json::from_value(json!({"name": "示例客户有限公司"})).unwrap();
        let made = company.wait(company.engine.create_record(
            cx.clone(),
            "customer".into(),
            fields,
            OnDuplicate::Allow,
        ));
        assert_eq!(code(made.map(drop)), Code::Forbidden);
        assert_eq!(
            code(company.wait(sessions::list(&company.engine, &cx, &visitor)).map(drop)),
            Code::Forbidden
        );
        assert_eq!(code(begun(&company, &cookie, "boss")), Code::Forbidden, "not from one to the next");
        let shown = crate::session::view(&company.engine, &visitor, &cookie).unwrap();
        assert_eq!(shown.user.id, company.user("sales"));
        assert_eq!(shown.seen_by.map(|by| by.id), Some(company.user("boss")));
    }

    fn only_who_looks_after_accounts_and_log_sees_as_another(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sales", "sales");
        company.hire("clerk", "sysadmin");
        for login in ["sales", "clerk"] {
            let cookie = company.cookie(login);
            assert_eq!(code(begun(&company, &cookie, "boss")), Code::Forbidden);
        }
        assert_eq!(code(begun(&company, &company.cookie("boss"), "boss")), Code::Invalid);
    }
}
