//! What is asked for in the measurements: taken from the company's own data, spread over all of it, the same in every run.

use crate::access::Org;
use crate::cx::{Caller, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::load;
use huike_matching::pinyin;
use huike_matching::text::is_han;
use huike_model::access::ObjectAccess;
use huike_store::query::Deleted;
use huike_store::{Sql, StoreError};
use std::collections::BTreeSet;

/// Customers looked at.
const CUSTOMERS: usize = 2_000;
/// Different queries of each kind.
const QUERIES: usize = 200;

/// A customer that is opened, checked or searched for.
#[derive(Clone, Debug)]
pub struct Sample {
    pub id: i64,
    pub name: String,
    pub phone: Option<String>,
    pub owner: Option<i64>,
    pub stage: String,
}

pub struct Samples {
    pub customers: Vec<Sample>,
    /// Owners with a stage in which they have customers.
    pub lists: Vec<(i64, String)>,
    pub han: Vec<String>,
    pub initials: Vec<String>,
    pub digits: Vec<String>,
}

/// Goes through `0..of` in leaps: no two alike before all were visited.
fn leap(step: usize, of: usize) -> usize {
    const STRIDE: usize = 7_919;
    (step * STRIDE) % of.max(1)
}

impl Samples {
    pub fn take(engine: &Engine) -> Result<Samples> {
        let cx = engine.cx(Caller::system(Via::System))?;
        let object = cx.object("customer")?.clone();
        let found = engine.store().read_blocking(|conn| {
            let ids =
                conn.query(&Sql::raw("select id from customer where deleted_at is null order by id"))?;
            let ids = ids.iter().map(|row| row.int(0)).collect::<Result<Vec<i64>, StoreError>>()?;
            let chosen: BTreeSet<usize> = (0..CUSTOMERS.min(ids.len()))
                .map(|step| leap(step * ids.len() / CUSTOMERS.max(1) + step, ids.len()))
                .collect();
            let chosen: Vec<i64> = chosen.into_iter().filter_map(|place| ids.get(place).copied()).collect();
            let mut found = Vec::new();
            for chunk in chosen.chunks(500) {
                found.extend(load::find_many(
                    conn,
                    &cx,
                    &ObjectAccess::of_the_system(&object),
                    chunk,
                    Deleted::Live,
                )?);
            }
            Ok::<_, EngineError>(found)
        })?;
        let text = |record: &load::Record, name: &str| record.values.get(name).as_text().map(str::to_owned);
        let customers: Vec<Sample> = (0..found.len())
            .filter_map(|step| found.get(leap(step, found.len())))
            .map(|record| Sample {
                id: record.id,
                name: record.values.title(),
                phone: text(record, "phone"),
                owner: record.values.int("owner"),
                stage: text(record, "stage").unwrap_or_default(),
            })
            .collect();
        if customers.is_empty() {
            return Err(EngineError::internal("the measured company has no customers"));
        }
        let lists = lists(&customers, &engine.org());
        let queries = |of: &dyn Fn(usize, &Sample) -> Option<String>| -> Vec<String> {
            let mut known = BTreeSet::new();
            let all = customers.iter().enumerate().filter_map(|(place, sample)| of(place, sample));
            all.filter(|query| known.insert(query.clone())).take(QUERIES).collect()
        };
        let (han, initials, digits) = (queries(&han), queries(&initials), queries(&digits));
        Ok(Samples { customers, lists, han, initials, digits })
    }

    pub fn customer(&self, round: usize) -> &Sample {
        &self.customers[round % self.customers.len()]
    }
}

fn lists(customers: &[Sample], org: &Org) -> Vec<(i64, String)> {
    let mut known = BTreeSet::new();
    let owned = customers.iter().filter_map(|sample| {
        Some((sample.owner.filter(|id| org.user(*id).is_some())?, sample.stage.clone()))
    });
    owned.filter(|pair| known.insert(pair.clone())).collect()
}

/// Two characters of the name, from a place that differs from sample to sample.
fn han(place: usize, sample: &Sample) -> Option<String> {
    let letters: Vec<char> = sample.name.chars().filter(|letter| is_han(*letter)).collect();
    let start = place % letters.len().checked_sub(1)?.max(1);
    letters.get(start..start + 2).map(|pair| pair.iter().collect())
}

/// The initials of three or four characters of the name.
fn initials(place: usize, sample: &Sample) -> Option<String> {
    let letters: String = sample.name.chars().filter(|letter| is_han(*letter)).collect();
    let syllables = pinyin::syllables(&letters);
    let width = 3 + place % 2;
    let start = place % syllables.len().checked_sub(width)?.max(1);
    let first = syllables
        .get(start..start + width)?
        .iter()
        .map(|readings| readings.first().and_then(|reading| reading.chars().next()));
    first.collect()
}

/// The last four digits of the phone number.
fn digits(_: usize, sample: &Sample) -> Option<String> {
    let digits: String = sample.phone.as_deref()?.chars().filter(char::is_ascii_digit).collect();
    digits.get(digits.len().checked_sub(4)?..).map(str::to_owned)
}
