//! From a token to a caller, at every request: no write, and at most one read every few seconds.

use super::see_as;
use crate::cx::{Actor, Caller, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use huike_model::{Code, Problem};
use huike_store::{Conn, Sql};
use huike_vault::{hex, token};

/// How exactly it is kept when a session or key was last used, in milliseconds.
const SEEN_EVERY_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

/// Who stands behind a token.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub caller: Caller,
    /// The session; none for a key.
    pub session: Option<i64>,
    pub restriction: Option<Restriction>,
    /// Whether they sign in with two steps.
    pub two_step: bool,
    /// A key for calendar programs, which opens nothing else.
    pub calendar: bool,
}

/// What a signed-in person must do before anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restriction {
    /// The password was set by an administrator.
    ChangePassword,
    /// The company asks for two-step sign-in.
    SetUpTwoStep,
}

impl Visitor {
    /// The caller, for everything but the calls under `/session`.
    ///
    /// # Errors
    /// `forbidden` with what must be done first.
    pub fn unrestricted(&self) -> Result<&Caller> {
        let (zh, en) = match self.restriction {
            None => return Ok(&self.caller),
            Some(Restriction::ChangePassword) => ("请先修改密码", "Change your password first"),
            Some(Restriction::SetUpTwoStep) => ("请先开启两步验证", "Set up two-step sign-in first"),
        };
        Err(Problem::new(Code::Forbidden).with_detail(zh, en).into())
    }
}

/// What a stored token stands for.
#[derive(Clone, Debug)]
pub(super) struct Ticket {
    kind: Kind,
    id: i64,
    user: i64,
    seen_at: i64,
    expires_at: i64,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    /// `seeing`: as whom it looks at things, and until when.
    Session {
        must_change: bool,
        two_step: bool,
        seeing: Option<(i64, i64)>,
    },
    Key {
        writes: bool,
        calendar: bool,
    },
}

/// The person whose session a cookie names. `request` names the request in the log.
///
/// # Errors
/// `not_signed_in`.
pub async fn by_cookie(engine: &Engine, cookie: &str, request: &str) -> Result<Visitor> {
    if !token::is_session(cookie) {
        return Err(Code::NotSignedIn.into());
    }
    resolve(engine, token::hash(cookie), session_ticket, request).await
}

/// The person on whose behalf a program acts with a key.
///
/// # Errors
/// `not_signed_in`.
pub async fn by_key(engine: &Engine, key: &str, request: &str) -> Result<Visitor> {
    if !token::is_api_key(key) {
        return Err(Code::NotSignedIn.into());
    }
    let visitor = resolve(engine, token::hash(key), key_ticket, request).await?;
    if visitor.calendar { Err(Code::NotSignedIn.into()) } else { Ok(visitor) }
}

/// The person whose calendar a key opens.
///
/// # Errors
/// `not_signed_in`.
pub async fn by_calendar_key(engine: &Engine, key: &str, request: &str) -> Result<Visitor> {
    if !token::is_api_key(key) {
        return Err(Code::NotSignedIn.into());
    }
    let visitor = resolve(engine, token::hash(key), key_ticket, request).await?;
    if visitor.calendar { Ok(visitor) } else { Err(Code::NotSignedIn.into()) }
}

/// Whether a request by cookie carries the session's own CSRF token.
pub fn csrf_matches(cookie: &str, header: &str) -> bool {
    token::csrf_matches(cookie, header)
}

type Lookup = fn(&mut Conn, &str) -> Result<Option<Ticket>>;

async fn resolve(engine: &Engine, hash: [u8; 32], lookup: Lookup, request: &str) -> Result<Visitor> {
    let now = engine.now();
    let ticket = match engine.live().ticket(&hash, now) {
        Ok(ticket) => ticket,
        Err(revision) => {
            let found = engine.read(move |conn| lookup(conn, &hex(&hash))).await?;
            let mut ticket = found.ok_or(Code::NotSignedIn)?;
            ticket.touch(engine, now).await;
            engine.live().remember(hash, now, ticket.clone(), revision);
            ticket
        }
    };
    ticket.visitor(engine, now, request)
}

fn session_ticket(conn: &mut Conn, hash: &str) -> Result<Option<Ticket>> {
    let text = "select s.id, s.user_id, s.seen_at, s.expires_at, coalesce(c.must_change, 0), \
                case when c.totp is null then 0 else 1 end, a.user_id, a.until \
                from session s left join credential c on c.user_id = s.user_id \
                left join seeing_as a on a.session_id = s.id where s.token_hash = $1";
    let Some(row) = conn.query_opt(&Sql::with(text, [hash.into()])?)? else { return Ok(None) };
    let seeing = row.opt_int(6)?.zip(row.opt_int(7)?);
    let kind = Kind::Session { must_change: row.int(4)? != 0, two_step: row.int(5)? != 0, seeing };
    Ok(Some(Ticket {
        kind,
        id: row.int(0)?,
        user: row.int(1)?,
        seen_at: row.int(2)?,
        expires_at: row.int(3)?,
    }))
}

fn key_ticket(conn: &mut Conn, hash: &str) -> Result<Option<Ticket>> {
    let text = "select id, user_id, coalesce(last_used_at, 0), expires_at, scopes from api_key \
                where hash = $1 and revoked_at is null";
    let Some(row) = conn.query_opt(&Sql::with(text, [hash.into()])?)? else { return Ok(None) };
    let has = |wanted: &str| row.text(4).is_ok_and(|scopes| scopes.split(' ').any(|scope| scope == wanted));
    let calendar = has("calendar");
    let kind = Kind::Key { writes: calendar || has("write"), calendar };
    let expires_at = row.opt_int(3)?.unwrap_or(i64::MAX);
    Ok(Some(Ticket { kind, id: row.int(0)?, user: row.int(1)?, seen_at: row.int(2)?, expires_at }))
}

impl Ticket {
    fn visitor(&self, engine: &Engine, now: i64, request: &str) -> Result<Visitor> {
        let org = engine.org();
        if now >= self.ends_at(engine) {
            return Err(Code::NotSignedIn.into());
        }
        let person =
            org.user(self.user).filter(|person| person.active).ok_or(EngineError::from(Code::NotSignedIn))?;
        let (actor, via, session, restriction) = match self.kind {
            Kind::Session { must_change, two_step, seeing } => {
                let restriction = match (must_change, org.company.require_totp && !two_step) {
                    (true, _) => Some(Restriction::ChangePassword),
                    (false, true) => Some(Restriction::SetUpTwoStep),
                    (false, false) => None,
                };
                let watched = seeing.filter(|(_, until)| now < *until && restriction.is_none());
                let actor = match watched {
                    Some((user, _)) if see_as::allowed(engine, person, user)? => {
                        Actor::Watcher { user, by: self.user }
                    }
                    _ => Actor::User(self.user),
                };
                (actor, Via::Page, Some(self.id), restriction)
            }
            Kind::Key { writes, .. } => {
                (Actor::Key { user: self.user, key: self.id, writes }, Via::Api, None, None)
            }
        };
        let caller = Caller { actor, lang: person.lang, via, request: request.to_owned() };
        let two_step = matches!(self.kind, Kind::Session { two_step: true, .. });
        let calendar = matches!(self.kind, Kind::Key { calendar: true, .. });
        Ok(Visitor { caller, session, restriction, two_step, calendar })
    }

    /// A session ends when it was not used for as long as the company says now, whatever it said when the session began.
    fn ends_at(&self, engine: &Engine) -> i64 {
        match self.kind {
            Kind::Session { .. } => self.expires_at.min(self.seen_at + idle_ms(engine)),
            Kind::Key { .. } => self.expires_at,
        }
    }

    /// Notes that it was used. That a note fails must not keep anybody out.
    async fn touch(&mut self, engine: &Engine, now: i64) {
        if now < self.seen_at + SEEN_EVERY_MS || now >= self.ends_at(engine) {
            return;
        }
        let (id, limit) = (self.id, now - SEEN_EVERY_MS);
        let idle = idle_ms(engine);
        let noted = match self.kind {
            Kind::Session { .. } => {
                let text = "update session set seen_at = $1, expires_at = $2 where id = $3 and seen_at <= $4";
                Sql::with(text, [now.into(), (now + idle).into(), id.into(), limit.into()])
            }
            Kind::Key { .. } => {
                let text = "update api_key set last_used_at = $1 where id = $2 and (last_used_at is null or last_used_at <= $3)";
                Sql::with(text, [now.into(), id.into(), limit.into()])
            }
        };
        let noted = match noted {
            Ok(sql) => engine.write(move |conn| Ok(conn.execute(&sql)?)).await,
            Err(error) => Err(error.into()),
        };
        match noted {
            Ok(_) => {
                self.seen_at = now;
                if matches!(self.kind, Kind::Session { .. }) {
                    self.expires_at = now + idle;
                }
            }
            Err(error) => tracing::warn!(%error, "when a session or key was last used can't be noted"),
        }
    }
}

/// How long an unused session lasts, in milliseconds.
pub(super) fn idle_ms(engine: &Engine) -> i64 {
    i64::from(engine.org().company.session_hours) * HOUR_MS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::keys::{self, NewKey};
    use crate::session::testing::{Company, DAY, MINUTE};
    use crate::session::{sessions, sign_out};
    use huike_store::testing::TestDb;
    use serde_json::{Map, json};

    huike_store::on_both_databases!(
        a_session_ends_when_it_was_not_used_for_long,
        a_used_session_lives_on_and_is_noted_once_a_minute,
        a_shorter_limit_ends_sessions_that_began_under_a_longer_one,
        signing_out_ends_the_session_at_once,
        what_another_node_revoked_ends_within_seconds,
        a_lookup_from_before_a_revocation_is_not_kept,
        a_key_reads_and_writes_only_if_it_may,
        an_expired_key_lets_nobody_in,
        only_the_right_kind_of_token_is_taken,
        the_company_can_demand_two_steps,
    );

    fn a_session_ends_when_it_was_not_used_for_long(db: &mut TestDb) {
        let company = Company::founded(db);
        let cookie = company.cookie("boss");
        company.clock.advance_ms(14 * DAY - 1);
        assert!(company.visit(&cookie).is_ok());
        company.clock.advance_ms(14 * DAY);
        assert_eq!(company.visit(&cookie).unwrap_err(), Code::NotSignedIn);
    }

    fn a_used_session_lives_on_and_is_noted_once_a_minute(db: &mut TestDb) {
        let company = Company::founded(db);
        let cookie = company.cookie("boss");
        let seen = || company.int("select seen_at from session order by id desc limit 1").unwrap();
        let begun = seen();
        company.clock.advance_ms(MINUTE - 1);
        company.visit(&cookie).unwrap();
        assert_eq!(seen(), begun);
        company.clock.advance_ms(6_000);
        company.visit(&cookie).unwrap();
        assert_eq!(seen(), begun + MINUTE - 1 + 6_000);
        for _ in 0..20 {
            company.clock.advance_ms(DAY);
            assert!(company.visit(&cookie).is_ok());
        }
    }

    fn a_shorter_limit_ends_sessions_that_began_under_a_longer_one(db: &mut TestDb) {
        let company = Company::founded(db);
        let (cookie, unused) = (company.cookie("boss"), company.cookie("boss"));
        let changes = Map::from_iter([("session_hours".to_owned(), json!(1))]);
        company
            .wait(crate::access::settings::put_settings(&company.engine, &company.boss(), changes))
            .unwrap();
        company.clock.advance_ms(HOUR_MS - 1);
        assert!(company.visit(&cookie).is_ok());
        company.clock.advance_ms(1);
        assert_eq!(company.visit(&unused).unwrap_err(), Code::NotSignedIn);
        company.clock.advance_ms(HOUR_MS);
        assert_eq!(company.visit(&cookie).unwrap_err(), Code::NotSignedIn);
    }

    fn signing_out_ends_the_session_at_once(db: &mut TestDb) {
        let company = Company::founded(db);
        let (cookie, other) = (company.cookie("boss"), company.cookie("boss"));
        let visitor = company.visit(&cookie).unwrap();
        company.wait(sign_out::sign_out(&company.engine, &visitor)).unwrap();
        assert_eq!(company.visit(&cookie).unwrap_err(), Code::NotSignedIn);
        assert!(company.visit(&other).is_ok());
        assert_eq!(company.log("sign_out").len(), 1);
    }

    fn what_another_node_revoked_ends_within_seconds(db: &mut TestDb) {
        let company = Company::founded(db);
        let cookie = company.cookie("boss");
        company.visit(&cookie).unwrap();
        company.execute("delete from session");
        assert!(company.visit(&cookie).is_ok(), "no read at every request");
        company.clock.advance_ms(5_000);
        assert_eq!(company.visit(&cookie).unwrap_err(), Code::NotSignedIn);
    }

    fn a_lookup_from_before_a_revocation_is_not_kept(db: &mut TestDb) {
        let company = Company::founded(db);
        let cookie = company.cookie("boss");
        let (live, hash, now) = (company.engine.live(), token::hash(&cookie), company.engine.now());
        let ticket = live.ticket(&hash, now).unwrap();
        live.forget_tickets();
        let revision = live.ticket(&hash, now).unwrap_err();
        live.forget_tickets();
        live.remember(hash, now, ticket.clone(), revision);
        let revision = live.ticket(&hash, now).expect_err("it was looked up before the revocation");
        live.remember(hash, now, ticket, revision);
        assert!(live.ticket(&hash, now).is_ok());
    }

    fn made(company: &Company, scopes: &[&str], expires_at: Option<i64>) -> (i64, String) {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let new =
            NewKey { name: "报表".into(), scopes, expires_at: expires_at.map(crate::shown::instant_text) };
        let made = company.wait(keys::create(&company.engine, &company.boss(), new)).unwrap();
        (made.id, made.key)
    }

    fn by(company: &Company, key: &str) -> std::result::Result<Visitor, Code> {
        company.wait(by_key(&company.engine, key, "r1")).map_err(|error| error.into_problem().code)
    }

    fn a_key_reads_and_writes_only_if_it_may(db: &mut TestDb) {
        let company = Company::founded(db);
        let (reading, writing) = (made(&company, &["read"], None), made(&company, &["read", "write"], None));
        let boss = company.user("boss");
        let visitor = by(&company, &reading.1).unwrap();
        assert_eq!(visitor.caller.actor, Actor::Key { user: boss, key: reading.0, writes: false });
        assert_eq!((visitor.session, visitor.caller.via), (None, Via::Api));
        let visitor = by(&company, &writing.1).unwrap();
        assert_eq!(visitor.caller.actor, Actor::Key { user: boss, key: writing.0, writes: true });
        company.wait(keys::revoke(&company.engine, &company.boss(), reading.0)).unwrap();
        assert_eq!(by(&company, &reading.1).unwrap_err(), Code::NotSignedIn);
        assert!(by(&company, &writing.1).is_ok());
    }

    fn an_expired_key_lets_nobody_in(db: &mut TestDb) {
        let company = Company::founded(db);
        let (_, usual) = made(&company, &["read"], None);
        let (_, short) = made(&company, &["read"], Some(company.engine.now() + MINUTE));
        company.clock.advance_ms(MINUTE - 1);
        assert!(by(&company, &short).is_ok());
        company.clock.advance_ms(1);
        assert_eq!(by(&company, &short).unwrap_err(), Code::NotSignedIn);
        company.clock.advance_ms(90 * DAY - MINUTE - 1);
        assert!(by(&company, &usual).is_ok());
        company.clock.advance_ms(1);
        assert_eq!(by(&company, &usual).unwrap_err(), Code::NotSignedIn);
    }

    fn only_the_right_kind_of_token_is_taken(db: &mut TestDb) {
        let company = Company::founded(db);
        let (cookie, (_, key)) = (company.cookie("boss"), made(&company, &["read"], None));
        assert_eq!(company.visit(&key).unwrap_err(), Code::NotSignedIn);
        assert_eq!(by(&company, &cookie).unwrap_err(), Code::NotSignedIn);
        let stranger = huike_vault::token::Token::session();
        for token in ["", "hs_", "hk_", "'; drop table session; --", stranger.reveal()] {
            assert_eq!(company.visit(token).unwrap_err(), Code::NotSignedIn);
            assert_eq!(by(&company, token).unwrap_err(), Code::NotSignedIn);
        }
        assert!(
            company
                .wait(sessions::list(&company.engine, &company.boss(), &company.visit(&cookie).unwrap()))
                .is_ok()
        );
    }

    fn the_company_can_demand_two_steps(db: &mut TestDb) {
        let company = Company::founded(db);
        let cookie = company.cookie("boss");
        assert!(company.visit(&cookie).unwrap().unrestricted().is_ok());
        let changes = Map::from_iter([("require_totp".to_owned(), json!(true))]);
        company
            .wait(crate::access::settings::put_settings(&company.engine, &company.boss(), changes))
            .unwrap();
        let visitor = company.visit(&cookie).unwrap();
        assert_eq!(visitor.restriction, Some(Restriction::SetUpTwoStep));
        assert_eq!(visitor.unrestricted().unwrap_err().into_problem().code, Code::Forbidden);
        company.execute("update credential set totp = 'hk1:x'");
        company.engine.live().forget_tickets();
        assert_eq!(company.visit(&cookie).unwrap().restriction, None);
    }
}
