//! Choosing a new password for oneself.

use super::credential::Credential;
use super::resolve::Visitor;
use super::{backoff, passwords, person, put_password, sessions};
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use huike_model::{Code, Fault};
use serde::Deserialize;

/// It has no `Debug`, so that no log can show it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    pub current: String,
    pub new: String,
}

/// Changes the caller's password and ends the caller's other sessions.
///
/// # Errors
/// Everything that speaks against the new password; a wrong current one, which counts like a failed sign-in; `locked`.
pub async fn change_password(
    engine: &Engine,
    cx: &Cx,
    visitor: &Visitor,
    change: PasswordChange,
) -> Result<()> {
    let user = person(cx)?;
    let account = cx.org.user(user).ok_or(Code::NotSignedIn)?;
    let mut faults =
        passwords::faults("new", &change.new, &account.login, &[&account.name, &cx.org.company.name]);
    if change.new == change.current {
        faults.push(Fault::new(
            "new",
            "same",
            "新密码不能与当前密码相同",
            "The new password must differ from the current one",
        ));
    }
    // Rules first: somebody who mistypes the new password should not use up tries.
    if !faults.is_empty() {
        return Err(faults.into());
    }
    confirm_password(engine, user, "current", change.current).await?;
    let hash = passwords::hash(engine, change.new).await?;
    let (this, author, now, kept) = (engine.clone(), Author::from(&cx.caller), engine.now(), visitor.session);
    engine
        .write(move |conn| {
            put_password(conn, user, &hash, false, now)?;
            sessions::end_all(conn, &this, user, kept)?;
            append(conn, &this, &author, Note::new("change_password", "user", user))
        })
        .await
}

/// Makes sure that it is the person who asks. A wrong password counts like a failed sign-in, so that a stolen session can't be used to
/// guess it. `at` is the password's place in the request.
pub(super) async fn confirm_password(
    engine: &Engine,
    user: i64,
    at: &'static str,
    password: String,
) -> Result<()> {
    let now = engine.now();
    let known = engine.read(move |conn| Credential::find(conn, user)).await?;
    if let Some(until) = known.as_ref().and_then(|credential| credential.locked(now)) {
        return Err(backoff::locked(until, now).into());
    }
    let fits =
        passwords::verify(engine, password, known.and_then(|credential| credential.password_hash)).await?;
    let locked = engine
        .write(move |conn| {
            let Some(mut credential) = Credential::lock(conn, user)? else { return Ok(None) };
            let locked = credential.locked(now);
            if !fits && locked.is_none() {
                credential.fail(conn, now)?;
            }
            Ok(locked)
        })
        .await?;
    match (locked, fits) {
        (Some(until), _) => Err(backoff::locked(until, now).into()),
        (None, true) => Ok(()),
        (None, false) => Err(EngineError::from(Fault::new(
            at,
            "wrong",
            "当前密码不正确",
            "The current password is not right",
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Company, PASSWORD, code, faults};
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        a_new_password_ends_the_other_sessions_and_the_old_one,
        everything_that_speaks_against_a_new_password_is_said_at_once,
        a_wrong_current_password_counts_like_a_failed_sign_in,
        a_program_with_a_key_changes_no_password,
    );

    const NEW: &str = "锄禾日当午汗滴禾下土";

    fn change(current: &str, new: &str) -> PasswordChange {
        PasswordChange { current: current.into(), new: new.into() }
    }

    fn a_new_password_ends_the_other_sessions_and_the_old_one(db: &mut TestDb) {
        let company = Company::founded(db);
        let (mine, other) = (company.cookie("boss"), company.cookie("boss"));
        let visitor = company.visit(&mine).unwrap();
        company
            .wait(change_password(&company.engine, &company.boss(), &visitor, change(PASSWORD, NEW)))
            .unwrap();
        assert!(company.visit(&mine).is_ok());
        assert_eq!(company.visit(&other).unwrap_err(), Code::NotSignedIn);
        assert!(company.try_in("boss", PASSWORD, None).is_err());
        assert!(company.try_in("boss", NEW, None).is_ok());
        let logged = format!("{:?}", company.log("change_password"));
        assert!(logged.contains("change_password") && !logged.contains(NEW) && !logged.contains("argon2"));
    }

    fn everything_that_speaks_against_a_new_password_is_said_at_once(db: &mut TestDb) {
        let company = Company::founded(db);
        let visitor = company.visit(&company.cookie("boss")).unwrap();
        let attempt = |new: &str| {
            let change = change(PASSWORD, new);
            faults(
                company
                    .wait(change_password(&company.engine, &company.boss(), &visitor, change))
                    .unwrap_err(),
            )
        };
        let at_new = |code| ("new".to_owned(), code);
        assert_eq!(attempt("boss"), [at_new("password_too_short"), at_new("password_contains_login")]);
        assert_eq!(attempt(PASSWORD), [at_new("same")]);
        assert_eq!(attempt("我是王老板你是谁"), [at_new("password_contains_name")]);
        assert!(company.try_in("boss", PASSWORD, None).is_ok());
    }

    fn a_wrong_current_password_counts_like_a_failed_sign_in(db: &mut TestDb) {
        let company = Company::founded(db);
        let visitor = company.visit(&company.cookie("boss")).unwrap();
        let attempt = || {
            company.wait(change_password(&company.engine, &company.boss(), &visitor, change("wrong", NEW)))
        };
        for _ in 0..5 {
            assert_eq!(faults(attempt().unwrap_err()), [("current".to_owned(), "wrong")]);
        }
        assert_eq!(code(attempt()), Code::Locked);
        assert_eq!(company.try_in("boss", PASSWORD, None).unwrap_err().code, Code::Locked);
    }

    fn a_program_with_a_key_changes_no_password(db: &mut TestDb) {
        let company = Company::founded(db);
        let visitor = company.visit(&company.cookie("boss")).unwrap();
        let mut cx = company.boss();
        cx.caller.actor = crate::Actor::Key { user: company.user("boss"), key: 1, writes: true };
        let attempt = company.wait(change_password(&company.engine, &cx, &visitor, change(PASSWORD, NEW)));
        assert_eq!(code(attempt), Code::Forbidden);
    }
}
