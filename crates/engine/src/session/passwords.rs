//! Checking and hashing passwords on blocking threads, few at a time, and the rules for new ones.

use crate::engine::Engine;
use crate::error::{EngineError, Result};
use huike_model::{Code, Fault};
use huike_vault::password::{self, PasswordError};

/// Whether `password` fits `stored`; takes as long when nothing is stored.
pub(super) async fn verify(engine: &Engine, password: String, stored: Option<String>) -> Result<bool> {
    on_thread(engine, move || password::verify(&password, stored.as_deref())).await
}

pub(super) async fn hash(engine: &Engine, password: String) -> Result<String> {
    on_thread(engine, move || password::hash(&password)).await
}

async fn on_thread<R: Send + 'static>(
    engine: &Engine,
    work: impl FnOnce() -> std::result::Result<R, PasswordError> + Send + 'static,
) -> Result<R> {
    let permit = engine.live().hashing().await?;
    let done = tokio::task::spawn_blocking(work).await;
    drop(permit);
    match done {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(PasswordError::OutOfMemory)) => Err(Code::Unavailable.into()),
        Ok(Err(error)) => Err(EngineError::internal(error.to_string())),
        Err(_) => Err(EngineError::internal("checking a password was interrupted")),
    }
}

/// Everything that speaks against a new password, at the field `at` of the request.
pub(super) fn faults(at: &str, password: &str, login: &str, names: &[&str]) -> Vec<Fault> {
    let weaknesses = password::check_strength(password, login, names);
    weaknesses
        .into_iter()
        .map(|weakness| Fault::new(at, weakness.code(), weakness.zh(), weakness.en()))
        .collect()
}
