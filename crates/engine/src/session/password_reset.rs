//! A new password for somebody else: for a new colleague, or for one who forgot theirs.

use super::credential::Credential;
use super::{passwords, put_password, sessions};
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::access::AdminArea;
use huike_model::{Code, Problem};
use huike_vault::random;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// It has no `Debug`, so that no log can show it.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordReset {
    /// One is made up when absent.
    pub password: Option<String>,
    /// Also turns two-step sign-in off: for a phone lost together with its recovery codes.
    pub remove_totp: bool,
}

/// Shown once, to be changed at the first sign-in.
#[derive(Serialize)]
pub struct OneTimePassword {
    pub password: String,
}

/// Gives a user a password that must be changed at the first sign-in, ends the lock and every session of that user.
///
/// # Errors
/// `forbidden`, also for the caller's own account; `not_found`; everything that speaks against a given password.
pub async fn reset_password(
    engine: &Engine,
    cx: &Cx,
    user: i64,
    reset: PasswordReset,
) -> Result<OneTimePassword> {
    cx.require_to_change(AdminArea::Users)?;
    let account = cx.org.user(user).ok_or(Code::NotFound)?;
    if user == cx.caller.actor.user() {
        let zh = "请在自己的账号设置里修改密码";
        return Err(Problem::new(Code::Forbidden)
            .with_detail(zh, "Change your own password in your account settings")
            .into());
    }
    let password = match reset.password {
        Some(password) => {
            let faults = passwords::faults(
                "password",
                &password,
                &account.login,
                &[&account.name, &cx.org.company.name],
            );
            if !faults.is_empty() {
                return Err(faults.into());
            }
            password
        }
        None => one_time_password(),
    };
    let hash = passwords::hash(engine, password.clone()).await?;
    let (this, author, now) = (engine.clone(), Author::from(&cx.caller), engine.now());
    engine
        .write(move |conn| {
            put_password(conn, user, &hash, true, now)?;
            if reset.remove_totp
                && let Some(mut credential) = Credential::lock(conn, user)?
            {
                credential.remove_totp();
                credential.save(conn)?;
            }
            sessions::end_all(conn, &this, user, None)?;
            let note =
                Note::new("reset_password", "user", user).meta(json!({"remove_totp": reset.remove_totp}));
            append(conn, &this, &author, note)
        })
        .await?;
    Ok(OneTimePassword { password })
}

/// Letters and digits that are not mistaken for one another when read out.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";

/// 16 symbols of 32 each, 80 bits, such as `k7m2-9qrt-w4hx-3bnv`.
fn one_time_password() -> String {
    let symbols = random::bytes::<16>().map(|byte| char::from(LETTERS[usize::from(byte & 31)]));
    symbols.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::resolve::Restriction;
    use crate::session::testing::{Company, PASSWORD, code, faults};
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        a_reset_password_works_once_and_must_be_changed_first,
        a_reset_ends_lock_sessions_and_if_asked_the_second_step,
        only_who_looks_after_accounts_resets_passwords_and_not_their_own,
        a_given_password_must_be_good_enough,
    );

    fn reset(company: &Company, user: i64, reset: PasswordReset) -> Result<OneTimePassword> {
        company.wait(reset_password(&company.engine, &company.boss(), user, reset))
    }

    fn a_reset_password_works_once_and_must_be_changed_first(db: &mut TestDb) {
        let company = Company::founded(db);
        let user = company.create(&company.boss(), "user", json!({"name": "新同事", "login": "new"}));
        let password = reset(&company, user, PasswordReset::default()).unwrap().password;
        let signed_in = company.try_in("new", &password, None).unwrap();
        assert!(signed_in.session.must_change_password);
        let visitor = company.visit(signed_in.token.reveal()).unwrap();
        assert_eq!(visitor.restriction, Some(Restriction::ChangePassword));
        assert!(visitor.unrestricted().is_err());
        let change = crate::session::change_password::PasswordChange {
            current: password.clone(),
            new: PASSWORD.into(),
        };
        let cx = company.cx("new");
        company
            .wait(crate::session::change_password::change_password(&company.engine, &cx, &visitor, change))
            .unwrap();
        assert!(company.visit(signed_in.token.reveal()).unwrap().unrestricted().is_ok());
        assert!(company.try_in("new", &password, None).is_err());
        assert!(!format!("{:?}", company.log("reset_password")).contains(&password));
    }

    fn a_reset_ends_lock_sessions_and_if_asked_the_second_step(db: &mut TestDb) {
        let company = Company::founded(db);
        let user = company.hire("sales", "sales");
        let cookie = company.cookie("sales");
        company.execute("update credential set totp = 'hk1:x', failed = 9, locked_until = 9000000000000");
        let keep =
            reset(&company, user, PasswordReset { password: None, remove_totp: false }).unwrap().password;
        assert_eq!(company.visit(&cookie).unwrap_err(), Code::NotSignedIn);
        assert_eq!(company.try_in("sales", &keep, None).unwrap_err().code, Code::CodeRequired);
        let password =
            reset(&company, user, PasswordReset { password: None, remove_totp: true }).unwrap().password;
        assert!(company.try_in("sales", &password, None).is_ok());
    }

    fn only_who_looks_after_accounts_resets_passwords_and_not_their_own(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sales", "sales");
        let boss = company.user("boss");
        let attempt = company.wait(reset_password(
            &company.engine,
            &company.cx("sales"),
            boss,
            PasswordReset::default(),
        ));
        assert_eq!(code(attempt.map(drop)), Code::Forbidden);
        assert_eq!(code(reset(&company, boss, PasswordReset::default()).map(drop)), Code::Forbidden);
        assert_eq!(code(reset(&company, 1, PasswordReset::default()).map(drop)), Code::NotFound);
        assert!(company.try_in("boss", PASSWORD, None).is_ok());
    }

    fn a_given_password_must_be_good_enough(db: &mut TestDb) {
        let company = Company::founded(db);
        let user = company.hire("sales", "sales");
        let weak = PasswordReset { password: Some("123456".into()), remove_totp: false };
        assert!(
            faults(reset(&company, user, weak).map(drop).unwrap_err())
                .iter()
                .all(|(field, _)| field == "password")
        );
        let good = PasswordReset { password: Some("锄禾日当午汗滴禾".into()), remove_totp: false };
        assert_eq!(reset(&company, user, good).unwrap().password, "锄禾日当午汗滴禾");
        assert!(company.try_in("sales", "锄禾日当午汗滴禾", None).is_ok());
    }

    #[test]
    fn a_one_time_password_is_new_each_time_and_good_enough_for_the_rules() {
        let passwords: std::collections::HashSet<String> = (0..100).map(|_| one_time_password()).collect();
        assert_eq!(passwords.len(), 100);
        for password in &passwords {
            assert_eq!(password.len(), 19);
            assert_eq!(passwords::faults("password", password, "zhangsan", &["张三"]), []);
        }
    }
}
