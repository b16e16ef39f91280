//! Numbers taken ahead of the transactions that use them.
//!
//! On PostgreSQL a counter's row is locked from the number to the end of the transaction: of those who make records at the same time each
//! would wait for all before it. Whoever isn't alone therefore takes numbers in a transaction of its own, as many at once as others will
//! want. Numbers that weren't used are used by the next, alone or not; with the process those go that stand ready, so that there may be gaps.

use super::numbers::{self, Counter, counter};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use huike_model::kinds::FieldType;
use huike_store::Dialect;
use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rule and period of a counter.
type Place = (String, String);

/// What stands ready in this process.
#[derive(Default)]
pub(crate) struct Ahead {
    /// Records that are being made.
    making: AtomicUsize,
    ready: Mutex<HashMap<Place, BTreeSet<i64>>>,
    /// One takes them at a time, for all who wait.
    taking: tokio::sync::Mutex<()>,
}

/// The numbers of one transaction, until they are used.
#[derive(Default)]
pub(crate) struct Given(Mutex<Vec<(Place, i64, bool)>>);

impl Given {
    /// A number of this counter; none when it has to be taken in the transaction itself.
    pub fn next(&self, counter: &Counter) -> Option<i64> {
        let mut given = self.0.lock();
        let free = given
            .iter_mut()
            .find(|((rule, period), _, used)| !used && *rule == counter.rule && *period == counter.period)?;
        free.2 = true;
        Some(free.1)
    }
}

impl Ahead {
    /// The least that stands ready.
    fn least(&self, place: &Place) -> Option<i64> {
        self.ready.lock().get_mut(place).and_then(BTreeSet::pop_first)
    }
}

/// A record being made.
pub(crate) struct Making<'a> {
    ahead: &'a Ahead,
    given: Arc<Given>,
}

impl Making<'_> {
    /// To be told how the transaction went: where nothing was written for certain, its numbers are free again.
    pub fn done<T>(self, result: &Result<T>) {
        let undone = matches!(result, Err(EngineError::Problem(_)));
        let mut ready = self.ahead.ready.lock();
        for (place, number, used) in std::mem::take(&mut *self.given.0.lock()) {
            if !used || undone {
                ready.entry(place).or_default().insert(number);
            }
        }
    }
}

impl Drop for Making<'_> {
    fn drop(&mut self) {
        self.ahead.making.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Engine {
    /// To be held while a record is made; `cx` gets the numbers that it will want.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn making(&self, cx: &mut Cx, object: &str) -> Result<Option<Making<'_>>> {
        let ahead = self.numbers_ahead();
        let Some(object) = cx.schema.object(object).filter(|_| self.store().dialect() == Dialect::Postgres)
        else {
            return Ok(None);
        };
        let alone = ahead.making.fetch_add(1, Ordering::Relaxed) == 0;
        let making = Making { ahead, given: Arc::default() };
        for field in object.fields().filter(|field| field.kind == FieldType::AutoNumber) {
            let counter = counter(cx, &object.name, field);
            let place = (counter.rule.clone(), counter.period.clone());
            let number =
                if alone { ahead.least(&place) } else { Some(self.number_ahead(&counter, &place).await?) };
            making.given.0.lock().extend(number.map(|number| (place, number, false)));
        }
        cx.numbers = Some(making.given.clone());
        Ok(Some(making))
    }

    async fn number_ahead(&self, counter: &Counter, place: &Place) -> Result<i64> {
        let ahead = self.numbers_ahead();
        if let Some(number) = ahead.least(place) {
            return Ok(number);
        }
        let _turn = ahead.taking.lock().await;
        if let Some(number) = ahead.least(place) {
            return Ok(number);
        }
        let (many, counter) = (ahead.making.load(Ordering::Relaxed).max(1) as i64, counter.clone());
        let first = self.write(move |conn| numbers::take(conn, &counter, many)).await?;
        ahead.ready.lock().entry(place.clone()).or_default().extend(first + 1..first + many);
        Ok(first)
    }
}

#[cfg(test)]
mod tests {
    use crate::records::duplicates::OnDuplicate;
    use crate::session::testing::Company;
    use huike_store::testing::TestDb;
    use huike_store::{Dialect, Sql};
    use serde_json::{Map, Value as Json, json};
    use std::collections::BTreeSet;

    fn body(json: Json) -> Map<String, Json> {
        json.as_object().unwrap().clone()
    }

    fn many_at_once_have_a_number_each_and_none_is_lost(db: &mut TestDb) {
        const WRITERS: usize = 24;
        let company = Company::founded(db);
        let boss = company.boss();
        let made = company.wait(async {
            let mut running = tokio::task::JoinSet::new();
            for writer in 0..WRITERS {
                let (engine, boss) = (company.engine.clone(), boss.clone());
                running.spawn(async move {
                    let mut made = 0;
                    for round in 0..5 {
                        // Every third is refused: it has a mistake.
                        let name = format!("样例{writer}号第{round}厂");
                        let website =
                            if (writer + round) % 3 == 0 { "不是网址 x" } else { "example.com" };
                        let body = body(json!({"name": name, "website": website}));
                        let answer =
                            engine.create_record(boss.clone(), "customer".into(), body, OnDuplicate::Allow);
                        made += usize::from(answer.await.is_ok());
                    }
                    made
                });
            }
            running.join_all().await.into_iter().sum::<usize>()
        });
        assert!(made > WRITERS && made < WRITERS * 5, "{made}");
        let count = "select count(*) from customer where number is not null";
        assert_eq!(company.int(count), Some(made as i64));
        assert_eq!(company.int("select count(distinct number) from customer"), Some(made as i64));
        // What was taken was used or stands ready.
        let taken =
            company.int("select next - 1 from number_counter where rule = 'customer.number'").unwrap();
        let ready: BTreeSet<i64> =
            company.engine.numbers_ahead().ready.lock().values().flatten().copied().collect();
        assert_eq!(taken, made as i64 + ready.len() as i64);
        assert!(db.store.dialect() == Dialect::Postgres || ready.is_empty());
        let text = "select number from customer order by number desc limit 1";
        let last = company
            .wait(company.engine.read(move |conn| Ok(conn.query_one(&Sql::raw(text))?.text(0)?.to_owned())));
        assert!(last.unwrap().ends_with(&format!("{taken:05}")) || !ready.is_empty());
    }

    fn who_is_alone_uses_what_others_left(db: &mut TestDb) {
        let company = Company::founded(db);
        let boss = company.boss();
        let create = |name: &str| {
            let body = body(json!({"name": name}));
            let made =
                company.engine.create_record(boss.clone(), "customer".into(), body, OnDuplicate::Allow);
            company.wait(made).unwrap().body["number"].as_str().unwrap().to_owned()
        };
        let first = create("样例一厂");
        let place = company.wait(company.engine.write(|conn| {
            let text = "update number_counter set next = next + 2 where rule = 'customer.number' returning rule, period";
            let row = conn.query_one(&Sql::raw(text))?;
            Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))
        }));
        // Two numbers that a crowd took and didn't need.
        let dialect = db.store.dialect();
        if dialect == Dialect::Postgres {
            company.engine.numbers_ahead().ready.lock().insert(place.unwrap(), BTreeSet::from([2, 3]));
        }
        let next = ["样例二厂", "样例三厂", "样例四厂"].map(create);
        let expected: [i64; 3] = if dialect == Dialect::Postgres { [2, 3, 4] } else { [4, 5, 6] };
        assert!(first.ends_with("00001"), "{first}");
        for (number, expected) in next.iter().zip(expected) {
            assert!(number.ends_with(&format!("{expected:05}")), "{next:?}");
        }
    }

    huike_store::on_both_databases!(
        many_at_once_have_a_number_each_and_none_is_lost,
        who_is_alone_uses_what_others_left,
    );
}
