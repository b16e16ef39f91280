//! The row behind an account: how it signs in and how often that failed of late.

use super::backoff;
use crate::error::{EngineError, Result};
use crate::keys::Keys;
use huike_store::{Conn, Row, Sql, SqlValue};
use huike_vault::seal::FieldTag;
use huike_vault::totp::{self, Secret};
use huike_vault::{from_hex, hex};

/// One account.
#[derive(Clone)]
pub(super) struct Credential {
    pub user: i64,
    pub password_hash: Option<String>,
    /// Whether the password was set by somebody else and must be replaced first.
    pub must_change: bool,
    /// The sealed authenticator secret, once it was confirmed.
    pub totp: Option<String>,
    /// One that waits to be confirmed.
    pub totp_pending: Option<String>,
    /// The step of the last code accepted.
    pub totp_step: Option<i64>,
    /// Hashes of unused recovery codes.
    pub recovery: Vec<[u8; 32]>,
    pub failed: i64,
    pub locked_until: Option<i64>,
}

const COLUMNS: &str =
    "user_id, password_hash, must_change, totp, totp_pending, totp_step, recovery, failed, locked_until";

impl Credential {
    pub fn find(conn: &mut Conn, user: i64) -> Result<Option<Credential>> {
        let sql = Sql::with(format!("select {COLUMNS} from credential where user_id = $1"), [user.into()])?;
        conn.query_opt(&sql)?.map(|row| Credential::read(&row)).transpose()
    }

    /// The row, and nobody else changes it until the transaction ends.
    pub fn lock(conn: &mut Conn, user: i64) -> Result<Option<Credential>> {
        conn.execute(&Sql::with("update credential set failed = failed where user_id = $1", [user.into()])?)?;
        Credential::find(conn, user)
    }

    fn read(row: &Row) -> Result<Credential> {
        let text = |at: usize| Ok::<_, EngineError>(row.opt_text(at)?.map(str::to_owned));
        let codes = row.opt_text(6)?.unwrap_or_default().split_whitespace();
        let recovery = codes.map(|code| from_hex(code).and_then(|hash| hash.try_into().ok()));
        Ok(Credential {
            user: row.int(0)?,
            password_hash: text(1)?,
            must_change: row.int(2)? != 0,
            totp: text(3)?,
            totp_pending: text(4)?,
            totp_step: row.opt_int(5)?,
            recovery: recovery
                .collect::<Option<_>>()
                .ok_or_else(|| EngineError::internal("stored recovery codes can't be read"))?,
            failed: row.int(7)?,
            locked_until: row.opt_int(8)?,
        })
    }

    /// Until when nothing is accepted.
    pub fn locked(&self, now: i64) -> Option<i64> {
        self.locked_until.filter(|until| *until > now)
    }

    /// Counts a failure and locks the account when there were too many.
    pub fn fail(&mut self, conn: &mut Conn, now: i64) -> Result<()> {
        self.failed = self.failed.saturating_add(1);
        self.locked_until = backoff::locked_until(self.failed, now);
        self.save(conn)
    }

    /// Whether `code` is the authenticator's present code or an unused recovery code; either is used up by it. Call
    /// [`Credential::save`] after.
    pub fn accept_code(&mut self, conn: &mut Conn, keys: &Keys, code: &str, now: i64) -> Result<bool> {
        let Some(sealed) = self.totp.clone() else { return Ok(false) };
        let secret = self.open(conn, keys, &sealed)?;
        if let Some(step) = self.step(&secret, code, now) {
            self.totp_step = Some(step);
            return Ok(true);
        }
        let Some(used) = totp::find_recovery_code(code, &self.recovery) else { return Ok(false) };
        self.recovery.remove(used);
        Ok(true)
    }

    /// The step a code is valid for, if it is and was not used before.
    pub fn step(&self, secret: &Secret, code: &str, now: i64) -> Option<i64> {
        let last = self.totp_step.and_then(|step| u64::try_from(step).ok());
        let step = secret.verify(code, u64::try_from(now.div_euclid(1_000)).ok()?, last)?;
        i64::try_from(step).ok()
    }

    pub fn open(&self, conn: &mut Conn, keys: &Keys, sealed: &str) -> Result<Secret> {
        let damaged = || EngineError::internal("an authenticator secret can't be opened");
        let text = keys.open_at(conn, &secret_tag(self.user), sealed)?.ok_or_else(damaged)?;
        Secret::from_base32(&text).map_err(|_| damaged())
    }

    /// Writes everything but the password.
    pub fn save(&self, conn: &mut Conn) -> Result<()> {
        let recovery: Vec<String> = self.recovery.iter().map(|hash| hex(hash)).collect();
        let recovery = Some(recovery.join(" ")).filter(|text| !text.is_empty());
        let values: [SqlValue; 8] = [
            self.must_change.into(),
            self.totp.as_deref().into(),
            self.totp_pending.as_deref().into(),
            self.totp_step.into(),
            recovery.into(),
            self.failed.into(),
            self.locked_until.into(),
            self.user.into(),
        ];
        let text = "update credential set must_change = $1, totp = $2, totp_pending = $3, totp_step = $4, recovery = $5, \
                    failed = $6, locked_until = $7 where user_id = $8";
        conn.execute(&Sql::with(text, values)?)?;
        Ok(())
    }
}

/// Where an authenticator secret belongs.
pub(super) fn secret_tag(user: i64) -> FieldTag<'static> {
    FieldTag { object: "credential", field: "totp", record: user }
}

/// Gives an account a password, already hashed by [`huike_vault::password::hash`]; a lock ends with it.
///
/// # Errors
/// The database's.
pub fn put_password(conn: &mut Conn, user: i64, hash: &str, must_change: bool, now: i64) -> Result<()> {
    let text = "insert into credential (user_id, password_hash, must_change, failed, changed_at) values ($1, $2, $3, 0, $4) \
                on conflict (user_id) do update set password_hash = excluded.password_hash, must_change = excluded.must_change, \
                failed = 0, locked_until = null, changed_at = excluded.changed_at";
    conn.execute(&Sql::with(text, [user.into(), hash.into(), must_change.into(), now.into()])?)?;
    Ok(())
}
