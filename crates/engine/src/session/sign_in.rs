//! Signing in with a password and, where it is set up, a second step.
//!
//! A stranger learns nothing but yes or no: a name that belongs to nobody costs the same password check, the same row in the log, and is
//! locked after the same number of tries. Every failure counts towards the account's lock and the address's limit.

use super::credential::Credential;
use super::resolve::{self, Visitor, idle_ms};
use super::view::{SessionView, view};
use super::{backoff, passwords};
use crate::audit::{Author, Note, append};
use crate::cx::Via;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::{Code, Fault, Problem};
use huike_store::{Conn, Sql};
use huike_vault::token::Token;
use huike_vault::{hex, password};
use serde::Deserialize;
use serde_json::json;
use std::net::IpAddr;

/// Sessions one person may have at a time; the one unused for longest makes room.
const MOST_SESSIONS: i64 = 50;
const LONGEST_AGENT: usize = 300;

/// What somebody typed. It has no `Debug`, so that no log can show it.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    pub login: String,
    pub password: String,
    /// The authenticator's code or a recovery code.
    #[serde(default)]
    pub code: Option<String>,
}

/// Where a request comes from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    pub ip: Option<IpAddr>,
    /// The `User-Agent` header.
    pub agent: Option<String>,
    /// Names the request in the log.
    pub request: String,
}

/// A session that just began.
#[derive(Debug)]
pub struct SignedIn {
    /// For the cookie; it is never shown again.
    pub token: Token,
    pub session: SessionView,
}

/// Begins a session.
///
/// # Errors
/// `bad_credentials`, `code_required` (the password was right), `locked` with `retry_after` in seconds, `too_many_requests`.
pub async fn sign_in(engine: &Engine, credentials: Credentials, origin: Origin) -> Result<SignedIn> {
    let now = engine.now();
    engine.live().admit(origin.ip, now)?;
    let login = credentials.login.trim().to_ascii_lowercase();
    let person = engine.org().user_by_login(&login).map(|person| (person.id, person.active));
    let user = person.map_or(0, |(id, _)| id);
    let known = engine.read(move |conn| Credential::find(conn, user)).await?;
    let locked = match &known {
        Some(credential) => credential.locked(now),
        None => engine.live().stranger_locked_until(&login, now),
    };
    if let Some(until) = locked {
        return Err(backoff::locked(until, now).into());
    }
    let stored = known.and_then(|credential| credential.password_hash);
    let fits = passwords::verify(engine, credentials.password.clone(), stored.clone()).await?;
    let Attempt { outcome, token } = {
        let outdated = stored.as_deref().filter(|stored| fits && password::needs_rehash(stored)).is_some();
        let rehashed =
            if outdated { Some(passwords::hash(engine, credentials.password).await?) } else { None };
        let active = person.is_some_and(|(_, active)| active);
        let entry = Entry {
            user,
            fits: fits && active,
            checked: stored,
            rehashed,
            code: credentials.code,
            origin: origin.clone(),
        };
        enter(engine, entry).await?
    };
    match outcome {
        Outcome::In { session } => signed_in(engine, token, session, &origin).await,
        Outcome::Locked { until } => Err(backoff::locked(until, now).into()),
        Outcome::CodeRequired => Err(Code::CodeRequired.into()),
        Outcome::Wrong { known, code } => {
            engine.live().failed_from(origin.ip, now);
            if !known {
                engine.live().stranger_failed(&login, now);
            }
            Err(refused(code))
        }
    }
}

fn refused(code: bool) -> crate::EngineError {
    if !code {
        return Code::BadCredentials.into();
    }
    let fault =
        Fault::new("code", "bad_code", "验证码不正确或已用过", "The code is not right or was used before");
    Problem::new(Code::BadCredentials)
        .with_detail("验证码不正确或已用过", "The code is not right or was used before")
        .with_faults(vec![fault])
        .into()
}

async fn signed_in(engine: &Engine, token: Token, session: i64, origin: &Origin) -> Result<SignedIn> {
    let visitor: Visitor = resolve::by_cookie(engine, token.reveal(), &origin.request).await?;
    debug_assert_eq!(visitor.session, Some(session));
    let session = view(engine, &visitor, token.reveal())?;
    Ok(SignedIn { token, session })
}

/// Begins a session for somebody who needs no password: the administrator who just set up the company.
pub(super) async fn begin(engine: &Engine, user: i64, origin: &Origin) -> Result<SignedIn> {
    let token = Token::session();
    let (this, hash, from) = (engine.clone(), token.hash(), origin.clone());
    let session = engine.write(move |conn| start(conn, &this, user, hash, &from)).await?;
    signed_in(engine, token, session, origin).await
}

/// An attempt whose password was checked.
#[derive(Clone)]
struct Entry {
    /// 0 when the name belongs to nobody.
    user: i64,
    fits: bool,
    /// The hash that the password was checked against.
    checked: Option<String>,
    rehashed: Option<String>,
    code: Option<String>,
    origin: Origin,
}

struct Attempt {
    outcome: Outcome,
    token: Token,
}

enum Outcome {
    In {
        session: i64,
    },
    Locked {
        until: i64,
    },
    CodeRequired,
    /// `known`: the account exists. `code`: the password was right, the code was not.
    Wrong {
        known: bool,
        code: bool,
    },
}

async fn enter(engine: &Engine, entry: Entry) -> Result<Attempt> {
    let token = Token::session();
    let (this, hash) = (engine.clone(), token.hash());
    let outcome = engine.write(move |conn| decide(conn, &this, &entry, hash)).await?;
    Ok(Attempt { outcome, token })
}

/// Decides under the account's lock, so that of many attempts at once no more than the free ones are looked at.
fn decide(conn: &mut Conn, engine: &Engine, entry: &Entry, token: [u8; 32]) -> Result<Outcome> {
    let now = engine.now();
    let Some(mut credential) = Credential::lock(conn, entry.user)? else {
        note_failure(conn, engine, entry, "password")?;
        return Ok(Outcome::Wrong { known: false, code: false });
    };
    if let Some(until) = credential.locked(now) {
        return Ok(Outcome::Locked { until });
    }
    // A password that was changed while it was checked is wrong now.
    if !entry.fits || credential.password_hash != entry.checked {
        credential.fail(conn, now)?;
        note_failure(conn, engine, entry, "password")?;
        return Ok(Outcome::Wrong { known: true, code: false });
    }
    if credential.totp.is_some() {
        let Some(code) = entry.code.as_deref().filter(|code| !code.trim().is_empty()) else {
            return Ok(Outcome::CodeRequired);
        };
        if !credential.accept_code(conn, engine.keys(), code, now)? {
            credential.fail(conn, now)?;
            note_failure(conn, engine, entry, "code")?;
            return Ok(Outcome::Wrong { known: true, code: true });
        }
    }
    credential.failed = 0;
    credential.locked_until = None;
    credential.save(conn)?;
    if let Some(hash) = &entry.rehashed {
        let values = [hash.into(), entry.user.into()];
        conn.execute(&Sql::with("update credential set password_hash = $1 where user_id = $2", values)?)?;
    }
    let session = start(conn, engine, entry.user, token, &entry.origin)?;
    Ok(Outcome::In { session })
}

/// Stores a session and says so in the log; its id.
fn start(conn: &mut Conn, engine: &Engine, user: i64, token: [u8; 32], origin: &Origin) -> Result<i64> {
    let now = engine.now();
    let (id, ip) = (conn.next_id()?, origin.ip.map(|ip| ip.to_string()));
    let agent = origin.agent.as_deref().map(|agent| agent.chars().take(LONGEST_AGENT).collect::<String>());
    conn.execute(&Sql::with(
        "insert into session (token_hash, id, user_id, created_at, seen_at, expires_at, ip, agent) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            hex(&token).into(),
            id.into(),
            user.into(),
            now.into(),
            now.into(),
            (now + idle_ms(engine)).into(),
            ip.clone().into(),
            agent.clone().into(),
        ],
    )?)?;
    make_room(conn, user, now)?;
    let note = Note::new("sign_in", "session", id).meta(json!({"ip": ip, "agent": agent}));
    append(conn, engine, &Author::user(user, Via::Page, &origin.request), note)?;
    Ok(id)
}

fn make_room(conn: &mut Conn, user: i64, now: i64) -> Result<()> {
    conn.execute(&Sql::with(
        "delete from session where user_id = $1 and expires_at <= $2",
        [user.into(), now.into()],
    )?)?;
    conn.execute(&Sql::with(
        "delete from session where user_id = $1 and id not in \
         (select id from session where user_id = $2 order by seen_at desc, id desc limit $3)",
        [user.into(), user.into(), MOST_SESSIONS.into()],
    )?)?;
    Ok(())
}

/// The name that was typed is not written down: people type passwords there.
fn note_failure(conn: &mut Conn, engine: &Engine, entry: &Entry, wrong: &str) -> Result<()> {
    let user = Some(entry.user).filter(|user| *user > 0);
    let note = Note::new("sign_in_failed", "session", None).meta(json!({
        "user": user.and_then(|user| huike_model::Id::new(user).ok()),
        "wrong": wrong,
        "ip": entry.origin.ip.map(|ip| ip.to_string()),
    }));
    append(conn, engine, &Author::stranger(Via::Page, &entry.origin.request), note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::credential::secret_tag;
    use crate::session::testing::{Company, MINUTE, PASSWORD, origin};
    use huike_store::testing::TestDb;
    use huike_vault::totp;

    huike_store::on_both_databases!(
        the_right_password_begins_a_session_and_a_wrong_one_does_not,
        after_five_failures_even_the_right_password_waits,
        a_name_that_nobody_has_is_locked_like_one_that_somebody_has,
        of_many_attempts_at_once_no_more_than_the_free_ones_are_looked_at,
        a_deactivated_user_stays_out_with_the_right_password,
        an_outdated_hash_is_replaced_by_a_sign_in,
        the_log_knows_of_sign_ins_but_not_what_was_typed,
        a_code_is_asked_for_and_works_once,
        a_recovery_code_works_once,
        wrong_codes_lock_the_account,
        the_session_unused_for_longest_makes_room,
    );

    fn the_right_password_begins_a_session_and_a_wrong_one_does_not(db: &mut TestDb) {
        let company = Company::founded(db);
        let session = company.try_in(" BOSS ", PASSWORD, None).unwrap();
        assert_eq!(company.visit(session.token.reveal()).unwrap().caller.actor.user(), company.user("boss"));
        assert!(resolve::csrf_matches(session.token.reveal(), &session.session.csrf));
        assert_eq!(
            company.try_in("boss", "wrong horse battery", None).unwrap_err().code,
            Code::BadCredentials
        );
        assert_eq!(company.try_in("boss", "", None).unwrap_err().code, Code::BadCredentials);
        assert_eq!(company.try_in("", "", None).unwrap_err().code, Code::BadCredentials);
        assert_eq!(company.try_in("nobody", PASSWORD, None).unwrap_err().code, Code::BadCredentials);
        let hired = company.create(&company.system(), "user", json!({"name": "无密码", "login": "fresh"}));
        assert!(hired > 0);
        assert_eq!(company.try_in("fresh", "", None).unwrap_err().code, Code::BadCredentials);
    }

    fn after_five_failures_even_the_right_password_waits(db: &mut TestDb) {
        let company = Company::founded(db);
        for _ in 0..5 {
            assert_eq!(company.try_in("boss", "wrong", None).unwrap_err().code, Code::BadCredentials);
        }
        let locked = company.try_in("boss", PASSWORD, None).unwrap_err();
        assert_eq!(locked.code, Code::Locked);
        assert_eq!(locked.extra["retry_after"], 61);
        company.clock.advance_ms(MINUTE);
        assert_eq!(company.try_in("boss", "wrong", None).unwrap_err().code, Code::BadCredentials);
        company.clock.advance_ms(MINUTE);
        assert_eq!(
            company.try_in("boss", PASSWORD, None).unwrap_err().code,
            Code::Locked,
            "the second wait is two minutes"
        );
        company.clock.advance_ms(MINUTE);
        assert!(company.try_in("boss", PASSWORD, None).is_ok());
        assert_eq!(company.try_in("boss", "wrong", None).unwrap_err().code, Code::BadCredentials);
        assert!(company.try_in("boss", PASSWORD, None).is_ok(), "success forgets the failures");
    }

    fn a_name_that_nobody_has_is_locked_like_one_that_somebody_has(db: &mut TestDb) {
        let company = Company::founded(db);
        let answers = |login: &str| {
            (0..7).map(|_| company.try_in(login, "wrong", None).unwrap_err().code).collect::<Vec<_>>()
        };
        assert_eq!(answers("boss"), answers("nobody"));
        assert_eq!(company.try_in("NoBody", "wrong", None).unwrap_err().code, Code::Locked);
    }

    fn of_many_attempts_at_once_no_more_than_the_free_ones_are_looked_at(db: &mut TestDb) {
        let company = Company::founded(db);
        let tries = (0..12).map(|number| {
            let credentials =
                Credentials { login: "boss".into(), password: format!("guess {number}"), code: None };
            let engine = company.engine.clone();
            async move {
                sign_in(&engine, credentials, origin())
                    .await
                    .map(drop)
                    .map_err(|error| error.into_problem().code)
            }
        });
        let answers = company.wait(async {
            let tasks: Vec<_> = tries.map(tokio::spawn).collect();
            let mut answers = Vec::new();
            for task in tasks {
                answers.push(task.await.unwrap().unwrap_err());
            }
            answers
        });
        assert_eq!(answers.iter().filter(|code| **code == Code::BadCredentials).count(), 5);
        assert_eq!(answers.iter().filter(|code| **code == Code::Locked).count(), 7);
    }

    fn a_deactivated_user_stays_out_with_the_right_password(db: &mut TestDb) {
        let company = Company::founded(db);
        let user = company.hire("sales", "sales");
        let cookie = company.cookie("sales");
        company.update(&company.boss(), "user", user, json!({"active": false})).unwrap();
        assert_eq!(company.try_in("sales", PASSWORD, None).unwrap_err().code, Code::BadCredentials);
        assert_eq!(company.visit(&cookie).unwrap_err(), Code::NotSignedIn);
    }

    fn an_outdated_hash_is_replaced_by_a_sign_in(db: &mut TestDb) {
        let company = Company::founded(db);
        // "password" with 64 MiB, from the test vectors of the reference implementation of Argon2.
        let old = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
        company.execute(&format!("update credential set password_hash = '{old}'"));
        assert!(company.try_in("boss", "passwort", None).is_err());
        assert_eq!(
            company.int("select count(*) from credential where password_hash like '%m=65536%'"),
            Some(1)
        );
        assert!(company.try_in("boss", "password", None).is_ok());
        assert_eq!(
            company.int("select count(*) from credential where password_hash like '%m=65536%'"),
            Some(0)
        );
        assert!(company.try_in("boss", "password", None).is_ok());
    }

    fn the_log_knows_of_sign_ins_but_not_what_was_typed(db: &mut TestDb) {
        let company = Company::founded(db);
        let before = company.log("sign_in").len();
        company.cookie("boss");
        let _ = company.try_in("boss", "typed-wrongly", None);
        let _ = company.try_in("typed-into-the-wrong-field", PASSWORD, None);
        let signed_in = company.log("sign_in");
        assert_eq!(signed_in.len(), before + 1);
        assert_eq!(signed_in[before].actor, Some(company.user("boss")));
        assert!(signed_in[before].meta.as_deref().unwrap().contains("192.0.2.10"));
        let failed = company.log("sign_in_failed");
        assert_eq!(failed.len(), 2);
        for entry in failed.iter().chain(&signed_in) {
            assert_eq!(entry.object, "session");
            let text = format!("{entry:?}");
            assert!(!text.contains("typed") && !text.contains(PASSWORD), "{text}");
        }
        assert_eq!((failed[0].actor, failed[0].actor_kind.as_str()), (None, "stranger"));
        let boss = huike_model::Id::new(company.user("boss")).unwrap().to_string();
        assert!(failed[0].meta.as_deref().unwrap().contains(&boss));
    }

    /// RFC 6238, appendix B: the secret `12345678901234567890` gives 69279037 at this second, of which six digits are used.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    const AT_MS: i64 = 2_000_000_000_000;
    const CODE: &str = "279037";
    const RECOVERY: &str = "7K2M-9QRT-0HXW-3BNV";

    /// The administrator signs in with two steps, and it is the second at which the code is known.
    fn two_steps(db: &TestDb) -> Company {
        let company = Company::founded(db);
        company.clock.set_ms(AT_MS);
        let (user, cx) = (company.user("boss"), company.system());
        company.write(move |conn| {
            let mut credential = Credential::lock(conn, user)?.unwrap();
            credential.totp = Some(cx.keys().seal_at(conn, &secret_tag(user), SECRET)?);
            credential.recovery =
                vec![totp::recovery_hash("0000-0000-0000-0000"), totp::recovery_hash(RECOVERY)];
            credential.save(conn)
        });
        company
    }

    fn a_code_is_asked_for_and_works_once(db: &mut TestDb) {
        let company = two_steps(db);
        assert_eq!(company.try_in("boss", "wrong", Some(CODE)).unwrap_err().code, Code::BadCredentials);
        assert_eq!(company.try_in("boss", PASSWORD, None).unwrap_err().code, Code::CodeRequired);
        assert_eq!(company.try_in("boss", PASSWORD, Some(" ")).unwrap_err().code, Code::CodeRequired);
        let wrong = company.try_in("boss", PASSWORD, Some("279038")).unwrap_err();
        assert_eq!((wrong.code, wrong.faults[0].field.as_str()), (Code::BadCredentials, "code"));
        assert!(company.try_in("boss", PASSWORD, Some(CODE)).is_ok());
        assert_eq!(
            company.try_in("boss", PASSWORD, Some(CODE)).unwrap_err().code,
            Code::BadCredentials,
            "it was watched"
        );
    }

    fn a_recovery_code_works_once(db: &mut TestDb) {
        let company = two_steps(db);
        assert!(company.try_in("boss", PASSWORD, Some("7k2m 9qrt ohxw 3bnv")).is_ok());
        assert_eq!(company.try_in("boss", PASSWORD, Some(RECOVERY)).unwrap_err().code, Code::BadCredentials);
        assert!(
            company.try_in("boss", PASSWORD, Some("0000000000000000")).is_ok(),
            "the other one still does"
        );
    }

    fn wrong_codes_lock_the_account(db: &mut TestDb) {
        let company = two_steps(db);
        for _ in 0..5 {
            assert_eq!(
                company.try_in("boss", PASSWORD, Some("000001")).unwrap_err().code,
                Code::BadCredentials
            );
            let _ = company.try_in("boss", PASSWORD, None);
        }
        assert_eq!(company.try_in("boss", PASSWORD, Some(CODE)).unwrap_err().code, Code::Locked);
    }

    fn the_session_unused_for_longest_makes_room(db: &mut TestDb) {
        let company = Company::founded(db);
        company.clock.advance_ms(MINUTE);
        let first = company.cookie("boss");
        for number in 1..=60 {
            company.execute(&format!(
                "insert into session (token_hash, id, user_id, created_at, seen_at, expires_at) \
                 select 'x{number}', {number}, user_id, created_at, seen_at + 1, expires_at from session order by id desc limit 1"
            ));
        }
        company.clock.advance_ms(MINUTE);
        let last = company.cookie("boss");
        assert_eq!(company.int("select count(*) from session"), Some(MOST_SESSIONS));
        assert!(company.visit(&last).is_ok());
        company.engine.live().forget_tickets();
        assert_eq!(company.visit(&first).unwrap_err(), Code::NotSignedIn);
    }
}
