//! The quality of data: what makes a good record stands in the dictionary (`[quality]` of an object), and its score is kept on the row.
//!
//! [`score`] says what is good and bad about one record, [`keep`](score::keep) writes it down with every write; [`verify`] notes that
//! somebody has checked fields today; [`measure`] goes over all records of an object, brings scores up to date that time alone has made
//! stale, and keeps the day's figures; [`figures`] shows them; [`preview`] tries a rule before it counts.
//!
//! What is done about it: [`care`] says who looks after the data of an object, [`remedy`] makes tasks of what is wrong and looks again,
//! [`issues`] is their queue, [`acceptance`] that of new data; [`review`] is the month's, [`selfcheck`] the four questions.

pub mod acceptance;
mod alert;
pub mod care;
pub mod figures;
pub mod issues;
pub mod measure;
pub mod preview;
pub mod remedy;
pub mod review;
pub mod score;
pub mod selfcheck;
pub mod verify;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_care;

use crate::engine::Engine;
use std::time::Duration;

/// The nightly pass starts at this hour of the company's day, or as soon as the server runs after it.
const HOUR: u32 = 2;
const EVERY: Duration = Duration::from_secs(600);

/// Measures every object that says what quality is, once a day, for as long as the server runs.
pub async fn tend(engine: Engine) {
    // A demonstration has something to show from the start; a big database comes up in peace.
    let first = if engine.org().company.demo { Duration::from_secs(3) } else { EVERY };
    tokio::time::sleep(first).await;
    loop {
        if let Err(error) = acceptance::follow(&engine).await {
            tracing::warn!(%error, "what waits to be accepted can't be brought up to date; trying again");
        }
        if let Err(error) = measure::due(&engine, HOUR).await {
            tracing::warn!(%error, "the quality of data can't be measured; trying again");
        }
        tokio::time::sleep(EVERY).await;
    }
}
