//! The company's secrets as the engine uses them, and sealed values of records.

use crate::error::{EngineError, Result};
use crate::setting;
use huike_model::Field;
use huike_store::ddl::ColumnDef;
use huike_store::log::LogEntry;
use huike_store::{Conn, Kind, Row, Sql, SqlValue, StoreError};
use huike_vault::blind::{IndexTag, blind_index, tail_index};
use huike_vault::keys::{IndexKey, KeyRing, Purpose, SigningKey, SubjectKey};
use huike_vault::seal::{self, FieldTag};
use huike_vault::{from_hex, hex};
use parking_lot::{Mutex, RwLock};
use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// How many digits of a phone number its tail index knows.
pub const TAIL: usize = 4;

/// How the end of a key stands in the log: object and operation.
pub(crate) const KEYS: &str = "subject_key";
pub(crate) const DESTROYED: &str = "destroy";

const CACHED_SUBJECTS: usize = 4_096;

/// The key of a subject as it is stored: wrapped under a master key.
#[derive(Clone)]
pub(crate) struct WrappedKey {
    subject: i64,
    wrapped: Vec<u8>,
    master: i64,
}

impl WrappedKey {
    /// Whose key it is, and under which master key, for [`Keys::renew`].
    pub fn place(&self) -> (i64, i64) {
        (self.subject, self.master)
    }

    pub fn columns() -> [ColumnDef; 3] {
        [("subject_id", Kind::Int), ("wrapped", Kind::Blob), ("master", Kind::Int)]
            .map(|(name, kind)| ColumnDef::new(name, kind))
    }

    /// In the order of the columns.
    pub fn into_values(self) -> [SqlValue; 3] {
        [self.subject.into(), self.wrapped.into(), self.master.into()]
    }

    /// # Errors
    /// Only faults of ours.
    pub fn insert(self) -> Result<Sql, StoreError> {
        let text = "insert into subject_key (subject_id, wrapped, master) values ($1, $2, $3)";
        Sql::with(text, self.into_values())
    }
}

/// The key ring with what it protects.
pub struct Keys {
    ring: RwLock<KeyRing>,
    index: IndexKey,
    signing: SigningKey,
    subjects: Arc<Mutex<lru::LruCache<i64, SubjectKey>>>,
}

impl Keys {
    /// Opens the index and signing keys kept in the database, or makes them on an empty one.
    ///
    /// # Errors
    /// When they were wrapped under a master key that the ring doesn't hold.
    pub fn open(conn: &mut Conn, ring: KeyRing) -> Result<Keys> {
        let missing = |_| {
            EngineError::internal(
                "the master key does not open this database; restore the key that belongs to it",
            )
        };
        let index = match kept(conn, "index_key")? {
            Some(wrapped) => ring.unwrap_index(&wrapped).map_err(missing)?,
            None => {
                let wrapped = put_first(conn, "index_key", &ring.wrap_index(&IndexKey::generate()))?;
                ring.unwrap_index(&wrapped).map_err(missing)?
            }
        };
        let signing = match kept(conn, "signing_key")? {
            Some(wrapped) => ring.unwrap_signing(&wrapped).map_err(missing)?,
            None => {
                let wrapped = put_first(conn, "signing_key", &ring.wrap_signing(&SigningKey::generate()))?;
                ring.unwrap_signing(&wrapped).map_err(missing)?
            }
        };
        let capacity = NonZeroUsize::new(CACHED_SUBJECTS).unwrap_or(NonZeroUsize::MIN);
        Ok(Keys {
            ring: RwLock::new(ring),
            index,
            signing,
            subjects: Arc::new(Mutex::new(lru::LruCache::new(capacity))),
        })
    }

    pub fn signing(&self) -> &SigningKey {
        &self.signing
    }

    /// Takes a newer key ring into use; [`Keys::rewrap`] then brings what is stored under it.
    pub fn replace_ring(&self, ring: KeyRing) {
        *self.ring.write() = ring;
    }

    /// Brings up to `limit` subject keys after `after` under the current master key; the last id looked at and how many, none when all are done.
    ///
    /// # Errors
    /// When a key was wrapped under a master key that the ring no longer holds.
    pub fn rewrap(&self, conn: &mut Conn, after: i64, limit: i64) -> Result<Option<(i64, u64)>> {
        let mut sql = Sql::raw("select subject_id, wrapped from subject_key where subject_id > ");
        sql.bind(after).push(" order by subject_id limit ").bind(limit);
        let rows = conn.query(&sql)?;
        self.rewrap_rows(conn, &rows)?;
        let last = rows.last().map(|row| row.int(0)).transpose()?;
        Ok(last.map(|last| (last, rows.len() as u64)))
    }

    /// To be called in the transaction that stores new keys, after it has: brings those under the current master key that were wrapped before
    /// it changed. Whoever changes it waits for transactions that have stored a key, and finds what these were too early to see
    /// ([`Engine::rotate_master_key`](crate::engine::Engine::rotate_master_key)).
    ///
    /// # Errors
    /// As [`Keys::rewrap`].
    pub(crate) fn renew(&self, conn: &mut Conn, stored: impl IntoIterator<Item = (i64, i64)>) -> Result<()> {
        let current = i64::from(self.ring.read().current_id());
        let older: Vec<i64> =
            stored.into_iter().filter(|(_, master)| *master != current).map(|(subject, _)| subject).collect();
        if older.is_empty() {
            return Ok(());
        }
        let mut sql = Sql::raw("select subject_id, wrapped from subject_key where ");
        sql.push_in("subject_id", older);
        let rows = conn.query(&sql)?;
        self.rewrap_rows(conn, &rows)
    }

    fn rewrap_rows(&self, conn: &mut Conn, rows: &[Row]) -> Result<()> {
        let ring = self.ring.read();
        for row in rows {
            let subject = row.int(0)?;
            let rewrapped = ring.rewrap(row.blob(1)?, Purpose::Subject(subject)).map_err(|_| {
                EngineError::internal("a subject key was wrapped under a master key that is not at hand")
            })?;
            if let Some(wrapped) = rewrapped {
                conn.execute(&Sql::with(
                    "update subject_key set wrapped = $1, master = $2 where subject_id = $3",
                    [SqlValue::from(wrapped), i64::from(ring.current_id()).into(), subject.into()],
                )?)?;
            }
        }
        Ok(())
    }

    /// Brings the index and signing keys under the current master key.
    ///
    /// # Errors
    /// As [`Keys::rewrap`].
    pub fn rewrap_own(&self, conn: &mut Conn) -> Result<()> {
        let ring = self.ring.read();
        put(conn, "index_key", &ring.wrap_index(&self.index))?;
        put(conn, "signing_key", &ring.wrap_signing(&self.signing))
    }

    pub fn blind(&self, object: &str, field: &Field, value: &str) -> String {
        blind_index(&self.index, IndexTag { object, field: &field.column }, value)
    }

    /// The index of a value's last digits; none when it has too few.
    pub fn tail(&self, object: &str, field: &Field, value: &str) -> Option<String> {
        let digits: String =
            value.split(';').next().unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
        let tail = digits.get(digits.len().checked_sub(TAIL)?..)?;
        Some(tail_index(&self.index, IndexTag { object, field: &field.column }, tail))
    }

    /// Seals a value of a record; makes the record's key when it has none yet.
    ///
    /// # Errors
    /// Only the database's, or a key that can't be opened.
    pub fn seal(
        &self,
        conn: &mut Conn,
        object: &str,
        field: &Field,
        record: i64,
        plain: &str,
    ) -> Result<String> {
        self.seal_at(conn, &FieldTag { object, field: &field.column, record }, plain)
    }

    /// Seals a text that belongs to a record without being one of its fields, such as a person's authenticator secret.
    ///
    /// # Errors
    /// As [`Keys::seal`].
    pub fn seal_at(&self, conn: &mut Conn, tag: &FieldTag<'_>, plain: &str) -> Result<String> {
        let record = tag.record;
        if let Some(key) = self.subjects.lock().get(&record) {
            return Ok(seal::seal(key, tag, plain));
        }
        let key = match self.load(conn, &[record])?.remove(&record) {
            Some(key) => key,
            None => self.make(conn, record)?,
        };
        // A key made in a transaction that is later rolled back must not be remembered: it is cached when it is next read.
        Ok(seal::seal(&key, tag, plain))
    }

    /// Opens what [`Keys::seal_at`] sealed; none when the key was destroyed.
    ///
    /// # Errors
    /// The database's.
    pub fn open_at(&self, conn: &mut Conn, tag: &FieldTag<'_>, sealed: &str) -> Result<Option<String>> {
        self.prefetch(conn, &[tag.record])?;
        let mut cache = self.subjects.lock();
        Ok(cache.get(&tag.record).and_then(|key| seal::open(key, tag, sealed).ok()))
    }

    fn make(&self, conn: &mut Conn, record: i64) -> Result<SubjectKey> {
        let key = SubjectKey::generate();
        self.keep(conn, record, &key)?;
        Ok(key)
    }

    /// Keeps a key that was used before there was a row for it: a file's content is sealed while it arrives.
    ///
    /// # Errors
    /// Only the database's.
    pub(crate) fn keep(&self, conn: &mut Conn, subject: i64, key: &SubjectKey) -> Result<()> {
        let wrapped = self.wrap(subject, key);
        let place = wrapped.place();
        conn.execute(&wrapped.insert()?)?;
        self.renew(conn, [place])
    }

    /// A subject's key; none when it was destroyed.
    ///
    /// # Errors
    /// Only the database's, or a key that can't be opened.
    pub(crate) fn subject(&self, conn: &mut Conn, subject: i64) -> Result<Option<SubjectKey>> {
        self.prefetch(conn, &[subject])?;
        Ok(self.subjects.lock().get(&subject).cloned())
    }

    /// By what a content is found that is kept already. Keyed, so that a folder of files can't be searched for a known content.
    pub(crate) fn content_address(&self, hash: &[u8; 32]) -> String {
        blind_index(&self.index, IndexTag { object: "file_content", field: "sha256" }, &hex(hash))
    }

    /// A new key for a record, and as it is stored. Nothing remembers it yet; who stores it calls [`Keys::renew`].
    pub(crate) fn fresh(&self, record: i64) -> (SubjectKey, WrappedKey) {
        let key = SubjectKey::generate();
        let wrapped = self.wrap(record, &key);
        (key, wrapped)
    }

    fn wrap(&self, subject: i64, key: &SubjectKey) -> WrappedKey {
        let ring = self.ring.read();
        WrappedKey { subject, wrapped: ring.wrap(key, subject), master: i64::from(ring.current_id()) }
    }

    /// Makes sure that the keys of these records are at hand, in one query.
    ///
    /// # Errors
    /// Only the database's.
    pub fn prefetch(&self, conn: &mut Conn, records: &[i64]) -> Result<()> {
        let missing: Vec<i64> = {
            let cache = self.subjects.lock();
            records.iter().copied().filter(|record| !cache.contains(record)).collect()
        };
        if missing.is_empty() {
            return Ok(());
        }
        let loaded = self.load(conn, &missing)?;
        let mut cache = self.subjects.lock();
        for (record, key) in loaded {
            cache.put(record, key);
        }
        Ok(())
    }

    fn load(&self, conn: &mut Conn, records: &[i64]) -> Result<HashMap<i64, SubjectKey>> {
        let mut sql = Sql::raw("select subject_id, wrapped from subject_key where subject_id in ");
        sql.bind_list(records.iter().copied());
        let ring = self.ring.read();
        let mut keys = HashMap::new();
        for row in conn.query(&sql)? {
            let subject = row.int(0)?;
            let key = ring.unwrap(row.blob(1)?, subject).map_err(|_| {
                EngineError::internal("a subject key can't be opened with the master keys at hand")
            })?;
            keys.insert(subject, key);
        }
        Ok(keys)
    }

    /// Opens a sealed value; none when the subject's key was destroyed: the person is gone. Call [`Keys::prefetch`] first.
    pub fn open_value(&self, object: &str, field: &Field, record: i64, sealed: &str) -> Option<String> {
        let mut cache = self.subjects.lock();
        let key = cache.get(&record)?;
        seal::open(key, &FieldTag { object, field: &field.column, record }, sealed).ok()
    }

    /// Forgets a subject's key, so that everything sealed under it stays sealed for ever. The log tells the other nodes to forget it too.
    ///
    /// # Errors
    /// Only the database's.
    pub fn destroy(&self, conn: &mut Conn, subject: i64, now: i64) -> Result<()> {
        let gone =
            conn.execute(&Sql::with("delete from subject_key where subject_id = $1", [subject.into()])?)?;
        if gone > 0 {
            let entry = LogEntry {
                tx: conn.tx_number()?,
                id: conn.next_id()?,
                at: now,
                actor: Some(0),
                actor_kind: "system".into(),
                via: "system".into(),
                request: None,
                object: KEYS.into(),
                record_id: Some(subject),
                op: DESTROYED.into(),
                before: None,
                after: None,
                meta: None,
            };
            conn.execute(&entry.insert()?)?;
        }
        self.forget(subject);
        // A reader may fetch it again as long as the deletion isn't committed.
        let subjects = self.subjects.clone();
        conn.after_commit(Box::new(move || {
            subjects.lock().pop(&subject);
        }));
        Ok(())
    }

    /// Forgets a key that another node destroyed.
    pub(crate) fn forget(&self, subject: i64) {
        self.subjects.lock().pop(&subject);
    }

    /// Forgets every key: some may have been destroyed before this node began to follow the log.
    pub(crate) fn forget_all(&self) {
        self.subjects.lock().clear();
    }
}

fn kept(conn: &mut Conn, key: &str) -> Result<Option<Vec<u8>>> {
    Ok(setting::get(conn, key)?.as_deref().and_then(from_hex))
}

/// Keeps a value unless another node kept one first; the one that is kept.
fn put_first(conn: &mut Conn, key: &str, value: &[u8]) -> Result<Vec<u8>> {
    setting::put_first(conn, key, &hex(value))?;
    kept(conn, key)?.ok_or_else(|| EngineError::internal("a key of the database can't be read"))
}

fn put(conn: &mut Conn, key: &str, value: &[u8]) -> Result<()> {
    setting::put(conn, key, &hex(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::Company;
    use huike_store::testing::TestDb;
    use huike_vault::keys::MasterKey;

    /// An import makes its rows ready ahead of the write, and any transaction may be about to store what it has wrapped.
    fn a_key_that_is_stored_after_the_master_key_has_changed_is_under_the_newer_one(db: &mut TestDb) {
        const SUBJECT: i64 = 4_711;
        let company = Company::founded(db);
        let engine = &company.engine;
        let (key, wrapped) = engine.keys().fresh(SUBJECT);
        let first = engine.keys().ring.read().current().clone();
        let second = MasterKey::generate(first.id() + 1);
        company.wait(engine.rotate_master_key(KeyRing::new(second.clone(), vec![first]))).unwrap();
        let keys = engine.keys().clone();
        company.write(move |conn| {
            let place = wrapped.place();
            conn.execute(&wrapped.clone().insert()?)?;
            keys.renew(conn, [place])
        });
        // The older one is thrown away.
        engine.keys().replace_ring(KeyRing::new(second, Vec::new()));
        let tag = FieldTag { object: "customer", field: "mobile", record: SUBJECT };
        let sealed = seal::seal(&key, &tag, "plain");
        let keys = engine.keys().clone();
        let opened = engine.read(move |conn| {
            let tag = FieldTag { object: "customer", field: "mobile", record: SUBJECT };
            keys.open_at(conn, &tag, &sealed)
        });
        assert_eq!(company.wait(opened).unwrap().as_deref(), Some("plain"));
        let under = engine.read(|conn| {
            let sql = Sql::with("select master from subject_key where subject_id = $1", [SUBJECT.into()])?;
            Ok(conn.query_one(&sql)?.int(0)?)
        });
        assert_eq!(company.wait(under).unwrap(), i64::from(engine.keys().ring.read().current_id()));
    }

    huike_store::on_both_databases!(
        a_key_that_is_stored_after_the_master_key_has_changed_is_under_the_newer_one
    );
}
