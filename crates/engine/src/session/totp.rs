//! Two-step sign-in: a code from an authenticator app beside the password (RFC 6238), and recovery codes for a lost phone.

use super::change_password::confirm_password;
use super::credential::{Credential, secret_tag};
use super::{person, sessions};
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::{Code, Fault, Problem};
use huike_vault::totp::{self, Secret};
use serde::Serialize;

/// What an authenticator app needs. Shown once, before it counts.
#[derive(Serialize)]
pub struct NewSecret {
    /// Base32, for typing by hand.
    pub secret: String,
    /// `otpauth://…`, for the QR code.
    pub url: String,
}

/// Codes to print and keep, each good for one sign-in without the phone. Shown once.
#[derive(Serialize)]
pub struct Recovery {
    pub recovery: Vec<String>,
}

/// Makes a secret that counts once [`confirm`] has seen a code of it.
///
/// # Errors
/// `conflict` when two-step sign-in is on already; `forbidden` for a program with a key.
pub async fn begin(engine: &Engine, cx: &Cx) -> Result<NewSecret> {
    let user = person(cx)?;
    let account = cx.org.user(user).ok_or(Code::NotSignedIn)?;
    let secret = Secret::generate();
    let text = secret.to_base32();
    let issuer = match cx.org.company.name.trim() {
        "" => "Huike",
        name => name,
    };
    let answer =
        NewSecret { secret: text.to_string(), url: secret.otpauth_url(issuer, &account.login).to_string() };
    let cx = cx.clone();
    engine
        .write(move |conn| {
            let mut credential = Credential::lock(conn, user)?.ok_or(Code::Conflict)?;
            if credential.totp.is_some() {
                return Err(already_on());
            }
            credential.totp_pending = Some(cx.keys().seal_at(conn, &secret_tag(user), &text)?);
            credential.save(conn)
        })
        .await?;
    Ok(answer)
}

/// Turns two-step sign-in on once a code shows that the app has the secret.
///
/// # Errors
/// A fault at `code`; `conflict` when it is on already or was not begun.
pub async fn confirm(engine: &Engine, cx: &Cx, code: String) -> Result<Recovery> {
    let user = person(cx)?;
    let codes = totp::recovery_codes();
    let hashes: Vec<[u8; 32]> = codes.iter().map(|code| totp::recovery_hash(code)).collect();
    let (this, cx, now) = (engine.clone(), cx.clone(), engine.now());
    engine
        .write(move |conn| {
            let mut credential = Credential::lock(conn, user)?.ok_or(Code::Conflict)?;
            if credential.totp.is_some() {
                return Err(already_on());
            }
            let pending = credential.totp_pending.take().ok_or_else(|| {
                Problem::new(Code::Conflict).with_detail(
                    "请先扫码添加，再输入验证码",
                    "Add the secret to the app first, then enter its code",
                )
            })?;
            let secret = credential.open(conn, cx.keys(), &pending)?;
            let Some(step) = credential.step(&secret, &code, now) else {
                return Err(Fault::new("code", "bad_code", "验证码不正确", "The code is not right").into());
            };
            credential.totp = Some(pending);
            credential.totp_step = Some(step);
            credential.recovery.clone_from(&hashes);
            credential.save(conn)?;
            sessions::forget(conn, &this);
            append(conn, &this, &Author::from(&cx.caller), Note::new("enable_totp", "user", user))
        })
        .await?;
    Ok(Recovery { recovery: codes.to_vec() })
}

/// Turns two-step sign-in off.
///
/// # Errors
/// A fault at `password` when it is wrong, which counts like a failed sign-in.
pub async fn disable(engine: &Engine, cx: &Cx, password: String) -> Result<()> {
    let user = person(cx)?;
    confirm_password(engine, user, "password", password).await?;
    let (this, author) = (engine.clone(), Author::from(&cx.caller));
    engine
        .write(move |conn| {
            let Some(mut credential) = Credential::lock(conn, user)? else { return Ok(()) };
            if credential.remove_totp() {
                credential.save(conn)?;
                sessions::forget(conn, &this);
                append(conn, &this, &author, Note::new("disable_totp", "user", user))?;
            }
            Ok(())
        })
        .await
}

impl Credential {
    /// Forgets the authenticator and its recovery codes; whether there was one. A code that was used stays used: the step is kept.
    pub(super) fn remove_totp(&mut self) -> bool {
        self.totp_pending = None;
        self.recovery.clear();
        self.totp.take().is_some()
    }
}

fn already_on() -> crate::EngineError {
    Problem::new(Code::Conflict)
        .with_detail(
            "两步验证已经开启，如需更换请先关闭",
            "Two-step sign-in is on already; turn it off to change it",
        )
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Company, PASSWORD, code, faults};
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        a_secret_counts_only_after_a_code_of_it,
        a_code_that_confirmed_cannot_sign_in_again,
        two_steps_are_turned_off_by_the_password_only,
        the_secret_is_sealed_where_it_is_stored,
    );

    /// RFC 6238, appendix B: this secret gives 69279037 at this second, of which six digits are used.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    const AT_MS: i64 = 2_000_000_000_000;
    const CODE: &str = "279037";

    /// Begins, with a secret whose code is known.
    fn begun(company: &Company) -> NewSecret {
        let begun = company.wait(begin(&company.engine, &company.boss())).unwrap();
        let (user, cx) = (company.user("boss"), company.boss());
        company.write(move |conn| {
            let mut credential = Credential::lock(conn, user)?.unwrap();
            assert!(credential.totp_pending.is_some());
            credential.totp_pending = Some(cx.keys().seal_at(conn, &secret_tag(user), SECRET)?);
            credential.save(conn)
        });
        company.clock.set_ms(AT_MS);
        begun
    }

    fn a_secret_counts_only_after_a_code_of_it(db: &mut TestDb) {
        let company = Company::founded(db);
        let none = company.wait(confirm(&company.engine, &company.boss(), CODE.into()));
        assert_eq!(none.map(drop).map_err(|error| error.into_problem().code), Err(Code::Conflict));
        let begun = begun(&company);
        assert!(
            begun.url.starts_with("otpauth://totp/")
                && begun.url.contains(&begun.secret)
                && begun.url.contains("boss")
        );
        assert!(company.try_in("boss", PASSWORD, None).is_ok(), "not confirmed yet");
        let wrong = company.wait(confirm(&company.engine, &company.boss(), "000000".into()));
        assert_eq!(faults(wrong.map(drop).unwrap_err()), [("code".to_owned(), "bad_code")]);
        let recovery = company.wait(confirm(&company.engine, &company.boss(), CODE.into())).unwrap().recovery;
        assert_eq!(recovery.len(), totp::RECOVERY_CODES);
        assert_eq!(company.try_in("boss", PASSWORD, None).unwrap_err().code, Code::CodeRequired);
        assert!(company.try_in("boss", PASSWORD, Some(&recovery[3])).is_ok());
        assert_eq!(code(company.wait(begin(&company.engine, &company.boss())).map(drop)), Code::Conflict);
        assert_eq!(company.log("enable_totp").len(), 1);
    }

    fn a_code_that_confirmed_cannot_sign_in_again(db: &mut TestDb) {
        let company = Company::founded(db);
        begun(&company);
        company.wait(confirm(&company.engine, &company.boss(), CODE.into())).unwrap();
        assert_eq!(company.try_in("boss", PASSWORD, Some(CODE)).unwrap_err().code, Code::BadCredentials);
    }

    fn two_steps_are_turned_off_by_the_password_only(db: &mut TestDb) {
        let company = Company::founded(db);
        begun(&company);
        let recovery = company.wait(confirm(&company.engine, &company.boss(), CODE.into())).unwrap().recovery;
        let wrong = company.wait(disable(&company.engine, &company.boss(), "wrong".into()));
        assert_eq!(faults(wrong.unwrap_err()), [("password".to_owned(), "wrong")]);
        assert_eq!(company.try_in("boss", PASSWORD, None).unwrap_err().code, Code::CodeRequired);
        company.wait(disable(&company.engine, &company.boss(), PASSWORD.into())).unwrap();
        assert!(company.try_in("boss", PASSWORD, None).is_ok());
        assert_eq!(company.log("disable_totp").len(), 1);
        let written = format!("{:?}{:?}", company.log("enable_totp"), company.log("disable_totp"));
        assert!(!written.contains(SECRET) && recovery.iter().all(|code| !written.contains(code.as_str())));
    }

    fn the_secret_is_sealed_where_it_is_stored(db: &mut TestDb) {
        let company = Company::founded(db);
        begun(&company);
        company.wait(confirm(&company.engine, &company.boss(), CODE.into())).unwrap();
        assert_eq!(company.int("select count(*) from credential where totp like 'hk1:%'"), Some(1));
        assert_eq!(
            company.int(&format!("select count(*) from credential where totp like '%{SECRET}%'")),
            Some(0)
        );
    }
}
