//! Ending one's own session.

use super::resolve::Visitor;
use super::sessions;
use crate::audit::{Author, Note, append};
use crate::engine::Engine;
use crate::error::Result;
use huike_store::Sql;

/// Ends the visitor's session. A program with a key has none, and nothing happens.
///
/// # Errors
/// The database's.
pub async fn sign_out(engine: &Engine, visitor: &Visitor) -> Result<()> {
    let Some(session) = visitor.session else { return Ok(()) };
    let (this, author) = (engine.clone(), Author::from(&visitor.caller));
    engine
        .write(move |conn| {
            let ended = conn.execute(&Sql::with("delete from session where id = $1", [session.into()])?)?;
            if ended > 0 {
                append(conn, &this, &author, Note::new("sign_out", "session", session))?;
            }
            sessions::forget(conn, &this);
            Ok(())
        })
        .await
}
