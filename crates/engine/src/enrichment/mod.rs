//! What a provider of company data knows: an HTTP service that the administrator names, asked about one company at a time.
//!
//! Nothing of it is written here: [`crate::cleaning`] proposes what is found for fields that are empty, and a person decides. What was
//! answered is kept for a time, so that a company is not paid for twice, and no more is asked in a day than was settled. A provider that
//! is away, slow or talks nonsense costs its own part of a cleaning and nothing else.

mod answer;
mod ask;
mod http;
mod settings;
mod trial;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub(crate) use answer::{Answer, answer, tidy};
pub(crate) use ask::Asking;
pub use ask::Tally;
pub(crate) use settings::Provider;
pub use settings::SettingsRequest;
pub use trial::TrialRequest;
