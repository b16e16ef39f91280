//! The index of duplicate keys: who has a key, and which keys a record has.
//!
//! Keys go all over a large index: of a new customer's fourteen each is written into a page of its own, among a million customers mostly one
//! that has to be read first. On SQLite they are therefore put into a small table that stays in memory, and moved over in their order once
//! there are many, so that neighbours share their pages (the rolling merge of O'Neil, Cheng, Gawlick, O'Neil: The Log-Structured Merge-Tree,
//! 1996). PostgreSQL takes them at once.

use super::match_key::MatchKey;
use crate::error::Result;
use huike_matching::entity::KEY_RECORDS;
use huike_store::ddl::ColumnDef;
use huike_store::{Conn, Dialect, Kind, Sql, SqlValue, StoreError};
use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// The table that new keys are put into.
fn taking(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "match_key_new",
        Dialect::Postgres => "match_key",
    }
}

/// Asks SQLite for records that have a key, at most so many.
fn who_has(key: MatchKey, most: usize) -> Result<Sql, StoreError> {
    Sql::with(
        "select record_id from match_key_new where key = $1 \
         union all select record_id from match_key where key = $2 limit $3",
        [key.into(), key.into(), SqlValue::Int(most as i64)],
    )
}

/// Asks PostgreSQL for the places of these keys and the records that have them, at most so many of each: a quarter of what as many
/// statements cost it.
fn who_has_which(keys: &[MatchKey], most: usize) -> Result<Sql, StoreError> {
    let numbers: Vec<String> = keys.iter().map(|key| key.number().to_string()).collect();
    Sql::with(
        "select sought.place, holder.record_id \
         from unnest(cast(string_to_array($1, ',') as bigint[])) with ordinality as sought(key, place) \
         cross join lateral (select record_id from match_key where key = sought.key limit $2) as holder",
        [numbers.join(",").into(), SqlValue::Int(most as i64)],
    )
}

/// Who has each of these keys, at most so many.
///
/// # Errors
/// The database's.
pub(crate) fn holders(conn: &mut Conn, keys: &[MatchKey], most: usize) -> Result<Vec<Vec<i64>>> {
    if conn.dialect() == Dialect::Sqlite {
        let sought = keys.iter().map(|key| who_has(*key, most)).collect::<Result<Vec<_>, _>>()?;
        let ids = |rows: Vec<huike_store::Row>| rows.iter().map(|row| row.int(0)).collect::<Result<_, _>>();
        return Ok(conn.query_batch(&sought)?.into_iter().map(ids).collect::<Result<_, StoreError>>()?);
    }
    let mut holders = vec![Vec::new(); keys.len()];
    for row in conn.query(&who_has_which(keys, most)?)? {
        let place = usize::try_from(row.int(0)? - 1).unwrap_or(usize::MAX);
        if let Some(ids) = holders.get_mut(place) {
            ids.push(row.int(1)?);
        }
    }
    Ok(holders)
}

/// Keys that too many have, with as many of these as show that: parts of names, roads. They are few, come again and again, and each would
/// bring eighty holders each time (nine in ten of all rows that an import was told). What was crowded stays so while a work takes that
/// shares this, whoever leaves meanwhile.
#[derive(Clone, Default)]
pub(crate) struct Crowded(Arc<Mutex<HashMap<MatchKey, Arc<[i64]>>>>);

impl Crowded {
    /// Some seven MiB.
    const MANY: usize = 10_000;

    fn add(&self, key: MatchKey, holders: &Arc<[i64]>) {
        let mut known = self.0.lock();
        if known.len() < Crowded::MANY {
            known.insert(key, holders.clone());
        }
    }
}

/// Who has which keys, each asked for once: true until something is written.
#[derive(Default)]
pub(crate) struct Holders {
    known: HashMap<MatchKey, Arc<[i64]>>,
    crowded: Crowded,
}

impl Holders {
    /// As many holders of a key are told as show that too many have it.
    const MOST: usize = KEY_RECORDS + 1;

    /// Who shares what is known to be crowded.
    pub fn beside(crowded: &Crowded) -> Holders {
        Holders { crowded: crowded.clone(), ..Holders::default() }
    }

    /// Asks for the keys that haven't been asked for.
    ///
    /// # Errors
    /// The database's.
    pub fn ask(&mut self, conn: &mut Conn, keys: impl IntoIterator<Item = MatchKey>) -> Result<()> {
        /// Keys asked for at once.
        const AT_ONCE: usize = 500;
        let mut missing: BTreeSet<MatchKey> =
            keys.into_iter().filter(|key| !self.known.contains_key(key)).collect();
        let crowded = self.crowded.0.lock();
        let here = missing.extract_if(.., |key| crowded.contains_key(key));
        self.known.extend(here.filter_map(|key| Some((key, crowded.get(&key)?.clone()))));
        drop(crowded);
        let missing: Vec<MatchKey> = missing.into_iter().collect();
        for keys in missing.chunks(AT_ONCE) {
            for (key, ids) in keys.iter().zip(holders(conn, keys, Holders::MOST)?) {
                let ids: Arc<[i64]> = ids.into();
                if ids.len() >= Holders::MOST {
                    self.crowded.add(*key, &ids);
                }
                self.known.insert(*key, ids);
            }
        }
        Ok(())
    }

    /// Who has a key, one more than [`KEY_RECORDS`] where too many have.
    pub fn of(&self, key: MatchKey) -> &[i64] {
        self.known.get(&key).map(|ids| &**ids).unwrap_or_default()
    }

    /// Who has a key; none where more than `noise` have it, for then it says nothing.
    pub fn few(&self, key: MatchKey, noise: usize) -> &[i64] {
        Some(self.of(key)).filter(|ids| ids.len() <= noise).unwrap_or_default()
    }

    /// Takes over what was asked later.
    pub fn renew(&mut self, later: Holders) {
        self.known.extend(later.known);
    }
}

/// The keys of each of these records that has any.
///
/// # Errors
/// The database's.
pub(crate) fn of_records(
    conn: &mut Conn,
    records: impl IntoIterator<Item = i64>,
) -> Result<Vec<(i64, Vec<MatchKey>)>> {
    let mut sql = Sql::raw("select record_id, keys from match_key_of where ");
    sql.push_in("record_id", records);
    Ok(conn
        .query(&sql)?
        .iter()
        .map(|row| Ok((row.int(0)?, unpacked(row.blob(1)?))))
        .collect::<Result<_, StoreError>>()?)
}

/// Gives a record without keys these, as statements of its own transaction.
///
/// # Errors
/// Only faults of ours.
pub(crate) fn adding(dialect: Dialect, record: i64, keys: &[MatchKey]) -> Result<Vec<Sql>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let of = Sql::with(
        "insert into match_key_of (record_id, keys) values ($1, $2)",
        [record.into(), SqlValue::Blob(packed(keys).into())],
    )?;
    Ok(vec![of, entries(dialect, record, keys)])
}

fn entries(dialect: Dialect, record: i64, keys: &[MatchKey]) -> Sql {
    let mut sql = Sql::raw(format!("insert into {} (key, record_id) values ", taking(dialect)));
    for (place, key) in keys.iter().enumerate() {
        sql.push(if place > 0 { ", " } else { "" });
        sql.bind_list([SqlValue::from(*key), record.into()]);
    }
    sql
}

/// Gives many records without keys theirs. `table` takes them in place of the index: a load sorts them in at its end.
///
/// # Errors
/// The database's.
pub(crate) fn add_many(
    conn: &mut Conn,
    all: &[(i64, Vec<MatchKey>)],
    table: Option<&str>,
) -> Result<(), StoreError> {
    // In order, so that neighbours in the index are written one after the other.
    let mut sorted: Vec<(MatchKey, i64)> =
        all.iter().flat_map(|(record, keys)| keys.iter().map(|key| (*key, *record))).collect();
    sorted.sort_unstable();
    let rows: Vec<Vec<SqlValue>> =
        sorted.into_iter().map(|(key, record)| vec![key.into(), record.into()]).collect();
    let columns = [ColumnDef::new("key", Kind::Int), ColumnDef::new("record_id", Kind::Int)];
    conn.insert_many(table.unwrap_or(taking(conn.dialect())), &columns, &rows)?;
    let row = |(record, keys): &(i64, Vec<MatchKey>)| {
        (!keys.is_empty()).then(|| vec![(*record).into(), SqlValue::Blob(packed(keys).into())])
    };
    let rows: Vec<Vec<SqlValue>> = all.iter().filter_map(row).collect();
    let columns = [ColumnDef::new("record_id", Kind::Int), ColumnDef::new("keys", Kind::Blob)];
    conn.insert_many("match_key_of", &columns, &rows)?;
    Ok(())
}

/// Gives a record these keys in place of those it has.
///
/// # Errors
/// The database's.
pub(crate) fn replace(conn: &mut Conn, record: i64, keys: &[MatchKey]) -> Result<()> {
    let had = of_records(conn, [record])?.into_iter().flat_map(|(_, keys)| keys);
    let (had, wanted): (BTreeSet<_>, BTreeSet<_>) = (had.collect(), keys.iter().copied().collect());
    let dialect = conn.dialect();
    let mut statements = Vec::new();
    for key in had.difference(&wanted) {
        for table in BTreeSet::from(["match_key", taking(dialect)]) {
            let text = format!("delete from {table} where key = $1 and record_id = $2");
            statements.push(Sql::with(text, [(*key).into(), record.into()])?);
        }
    }
    let new: Vec<MatchKey> = wanted.difference(&had).copied().collect();
    if !new.is_empty() {
        let mut sql = entries(dialect, record, &new);
        sql.push(" on conflict (key, record_id) do nothing");
        statements.push(sql);
    }
    if had == wanted {
        return Ok(());
    }
    statements.push(match wanted.is_empty() {
        true => Sql::with("delete from match_key_of where record_id = $1", [record.into()])?,
        false => Sql::with(
            "insert into match_key_of (record_id, keys) values ($1, $2) \
             on conflict (record_id) do update set keys = excluded.keys",
            [record.into(), SqlValue::Blob(packed(keys).into())],
        )?,
    });
    conn.batch(&statements)?;
    Ok(())
}

/// Eight bytes a key.
fn packed(keys: &[MatchKey]) -> Vec<u8> {
    keys.iter().flat_map(|key| key.number().to_be_bytes()).collect()
}

fn unpacked(bytes: &[u8]) -> Vec<MatchKey> {
    bytes.as_chunks().0.iter().map(|key| MatchKey::stored(i64::from_be_bytes(*key))).collect()
}

/// Moves new keys on into the large index, while there are many of them: twice as many as come.
pub(crate) struct Moving {
    /// Keys that came since they were counted.
    came: AtomicI64,
    many: AtomicBool,
    due: AtomicI64,
    /// The key up to which they were moved.
    after: AtomicI64,
}

impl Default for Moving {
    fn default() -> Moving {
        Moving {
            came: AtomicI64::new(Moving::COUNTED_AFTER),
            many: AtomicBool::new(false),
            due: AtomicI64::new(0),
            after: AtomicI64::new(i64::MIN),
        }
    }
}

impl Moving {
    /// So many new keys (some 25 MiB) stay in the writer's cache, and are nine to a page of the index of a million customers.
    const MANY: i64 = 1_000_000;
    const COUNTED_AFTER: i64 = Moving::MANY / 4;
    /// Moving takes three statements, however few it moves.
    const TOGETHER: i64 = 100;

    /// To be told, in the transaction that adds them, of keys that come.
    ///
    /// # Errors
    /// The database's.
    pub fn on(&self, conn: &mut Conn, keys: usize) -> Result<()> {
        if conn.dialect() != Dialect::Sqlite {
            return Ok(());
        }
        let keys = keys as i64;
        if self.came.fetch_add(keys, Ordering::Relaxed) >= Moving::COUNTED_AFTER {
            let most = (Moving::MANY + 1).into();
            let sql = Sql::with("select count(*) from (select 1 from match_key_new limit $1) k", [most])?;
            self.many.store(conn.query_one(&sql)?.int(0)? > Moving::MANY, Ordering::Relaxed);
            self.came.store(0, Ordering::Relaxed);
        }
        if !self.many.load(Ordering::Relaxed) {
            return Ok(());
        }
        let due = self.due.fetch_add(2 * keys, Ordering::Relaxed) + 2 * keys;
        if due >= Moving::TOGETHER {
            self.due.store(0, Ordering::Relaxed);
            let after = self.after.load(Ordering::Relaxed);
            self.after.store(next(conn, after, due)?.unwrap_or(i64::MIN), Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Moves the next keys; tells the last of them.
fn next(conn: &mut Conn, after: i64, most: i64) -> Result<Option<i64>> {
    let text = "select max(key) from (select key from match_key_new where key > $1 order by key limit $2) k";
    let Some(last) = conn.query_one(&Sql::with(text, [after.into(), most.into()])?)?.opt_int(0)? else {
        return Ok(None);
    };
    let range = || [SqlValue::Int(after), last.into()];
    conn.batch(&[
        Sql::with(
            "insert into match_key (key, record_id) select key, record_id from match_key_new \
             where key > $1 and key <= $2 order by key, record_id",
            range(),
        )?,
        Sql::with("delete from match_key_new where key > $1 and key <= $2", range())?,
    ])?;
    Ok(Some(last))
}

/// The statement that asks who has a key, for looking at its plan.
///
/// # Errors
/// Only the database's.
pub fn statement(conn: &Conn, key: i64) -> Result<Sql> {
    let key = MatchKey::stored(key);
    Ok(match conn.dialect() {
        Dialect::Sqlite => who_has(key, 51)?,
        Dialect::Postgres => who_has_which(&[key], 51)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::Company;
    use huike_store::testing::TestDb;
    use serde_json::json;

    type Entries = BTreeSet<(i64, i64)>;

    fn read(conn: &mut Conn, table: &str) -> Result<Entries> {
        let rows = conn.query(&Sql::raw(format!("select key, record_id from {table}")))?;
        Ok(rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect::<Result<_, StoreError>>()?)
    }

    /// What came lately, and what stands in the large index.
    fn tiers(company: &Company) -> (Entries, Entries) {
        let both = company.engine.read(|conn| Ok((read(conn, "match_key_new")?, read(conn, "match_key")?)));
        company.wait(both).unwrap()
    }

    fn keys_of(company: &Company, record: i64) -> Vec<MatchKey> {
        let all = company.wait(company.engine.read(move |conn| of_records(conn, [record]))).unwrap();
        all.into_iter().flat_map(|(_, keys)| keys).collect()
    }

    fn keys_are_found_and_forgotten_wherever_they_stand(db: &mut TestDb) {
        let company = Company::founded(db);
        let boss = company.boss();
        let customer = |n: usize| {
            let phone = format!("0571-98{:06}", 100_000 + n);
            company.create(&boss, "customer", json!({"name": format!("示例第{n}公司"), "phone": phone}))
        };
        let ids: Vec<i64> = (0..40).map(customer).collect();
        let (new, old) = tiers(&company);
        let sqlite = old.is_empty();
        let all: Entries = &new | &old;
        for id in &ids {
            let kept: Entries = keys_of(&company, *id).iter().map(|key| (key.number(), *id)).collect();
            assert!(kept.len() > 5);
            assert_eq!(kept, all.iter().copied().filter(|(_, record)| record == id).collect());
        }
        if sqlite {
            // A third of them moves on, in order.
            let last = company.write(move |conn| next(conn, i64::MIN, (new.len() / 3) as i64)).unwrap();
            let (left, moved) = tiers(&company);
            assert_eq!(&left | &moved, all);
            assert!(moved.iter().all(|(key, _)| *key <= last) && left.iter().all(|(key, _)| *key > last));
            assert!(moved.len() > 50 && left.len() > 100);
        }
        // Who has them is found as before, and nobody beyond the number asked for.
        let keys: Vec<MatchKey> = all.iter().map(|(key, _)| MatchKey::stored(*key)).collect();
        let asked =
            company.engine.read(move |conn| Ok((holders(conn, &keys, 100)?, holders(conn, &keys, 2)?)));
        let (held, few) = company.wait(asked).unwrap();
        for ((key, _), ids) in all.iter().zip(&held) {
            let expected: Vec<i64> =
                all.iter().filter(|(other, _)| other == key).map(|(_, id)| *id).collect();
            assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), expected.iter().copied().collect());
            assert_eq!(ids.len(), expected.len(), "each once");
        }
        assert!(held.iter().any(|ids| ids.len() > 2) && few.iter().all(|ids| ids.len() <= 2));
        // Other keys in place of some of its own, then none at all.
        let (one, kept) = (ids[7], keys_of(&company, ids[7]));
        let half: Vec<MatchKey> = kept.iter().copied().step_by(2).chain([MatchKey::stored(4_711)]).collect();
        let wanted: Entries = half.iter().map(|key| (key.number(), one)).collect();
        company.write(move |conn| replace(conn, one, &half));
        let of_one = |company: &Company| {
            let (new, old) = tiers(company);
            assert!(new.is_disjoint(&old));
            (&new | &old).into_iter().filter(|(_, record)| *record == one).collect::<Entries>()
        };
        assert_eq!(of_one(&company), wanted);
        company.write(move |conn| replace(conn, one, &[]));
        assert_eq!(of_one(&company), Entries::new());
        assert_eq!(keys_of(&company, one), []);
    }

    fn new_keys_move_on_only_once_there_are_many(db: &mut TestDb) {
        let company = Company::founded(db);
        let boss = company.boss();
        let make = |n: usize| company.create(&boss, "customer", json!({"name": format!("样例第{n}工厂")}));
        for n in 0..20 {
            make(n);
        }
        let (new, old) = tiers(&company);
        let (all, sqlite) = (&new | &old, old.is_empty());
        assert!(sqlite || new.is_empty());
        let moving = std::sync::Arc::new(Moving::default());
        moving.many.store(true, Ordering::Relaxed);
        moving.came.store(0, Ordering::Relaxed);
        // Twice as many as come, until all have moved; then from the first again.
        for _ in 0..20 {
            let moving = moving.clone();
            company.write(move |conn| moving.on(conn, 60));
        }
        let (new, old) = tiers(&company);
        assert_eq!((&new | &old, new.is_empty()), (all, true));
        // Counted anew, there are few.
        moving.came.store(Moving::COUNTED_AFTER, Ordering::Relaxed);
        let counting = moving.clone();
        company.write(move |conn| counting.on(conn, 60));
        assert!(!sqlite || !moving.many.load(Ordering::Relaxed));
        make(99);
        let (new, _) = tiers(&company);
        assert_eq!(new.is_empty(), !sqlite);
    }

    fn what_too_many_have_is_asked_for_once_by_those_who_share_it(db: &mut TestDb) {
        let company = Company::founded(db);
        let (many, few) = (MatchKey::stored(4_711), MatchKey::stored(4_712));
        company.write(move |conn| {
            let held = |key: MatchKey, count: i64| (1..=count).map(move |record| (record, vec![key]));
            let all: Vec<_> = held(many, KEY_RECORDS as i64 + 3).chain(held(few, 2)).collect();
            let dialect = conn.dialect();
            for (record, keys) in &all {
                conn.execute(&entries(dialect, *record, keys))?;
            }
            Ok(())
        });
        let crowded = Crowded::default();
        let told = |crowded: &Crowded| {
            let mut holders = Holders::beside(crowded);
            company.write(move |conn| {
                holders.ask(conn, [many, few])?;
                let ids: BTreeSet<i64> = holders.of(many).iter().copied().collect();
                Ok((ids.len(), holders.of(few).len()))
            })
        };
        assert_eq!(told(&crowded), (KEY_RECORDS + 1, 2));
        company.write(|conn| {
            let gone = format!("delete from {} where record_id > 1", taking(conn.dialect()));
            conn.execute(&Sql::raw(gone)).map(drop).map_err(Into::into)
        });
        assert_eq!(told(&crowded), (KEY_RECORDS + 1, 1), "who has a key that few have is always asked");
        assert_eq!(told(&Crowded::default()), (1, 1));
    }

    huike_store::on_both_databases!(
        keys_are_found_and_forgotten_wherever_they_stand,
        what_too_many_have_is_asked_for_once_by_those_who_share_it,
        new_keys_move_on_only_once_there_are_many
    );
}
