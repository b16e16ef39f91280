//! Signing in, and what stands between a token and a caller.
//!
//! * [`set_up`]: the first administrator. [`sign_in`], [`sign_out`]: sessions of people. [`keys`]: keys of programs.
//! * [`resolve`]: from a cookie or a key to a [`crate::Caller`], at every request.
//! * [`change_password`], [`totp`], [`sessions`], [`preferences`]: what people do with their own account.
//! * [`password_reset`], [`unlock`]: what administrators do with others'. [`see_as`]: looking at things as somebody else sees them.
//!
//! Tokens and keys are stored as SHA-256 only, passwords as Argon2id, authenticator secrets sealed under the person's key.

mod backoff;
pub mod change_password;
mod credential;
pub mod keys;
mod live;
pub mod password_reset;
mod passwords;
pub mod preferences;
pub mod resolve;
pub mod see_as;
pub mod sessions;
pub mod set_up;
pub mod sign_in;
pub mod sign_out;
#[cfg(test)]
pub(crate) mod testing;
pub mod totp;
pub mod unlock;
mod view;

pub use credential::put_password;
pub use live::Live;
pub use resolve::{Restriction, Visitor};
pub use view::{Named, SessionView, view};

use crate::cx::{Actor, Cx};
use crate::error::Result;
use huike_model::{Code, Problem};

/// The person behind a request: what only a person may do, a program with that person's key may not.
pub(crate) fn person(cx: &Cx) -> Result<i64> {
    match cx.caller.actor {
        Actor::User(user) => Ok(user),
        Actor::Watcher { .. } => Err(see_as::only_looking().into()),
        Actor::Key { .. } | Actor::System => Err(Problem::new(Code::Forbidden)
            .with_detail(
                "只有本人登录后才能这样做，程序密钥不行",
                "Only a signed-in person may do this, not a program with a key",
            )
            .into()),
    }
}
