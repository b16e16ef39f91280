//! Letting somebody in again who mistyped too often.

use super::credential::Credential;
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use huike_model::Code;
use huike_model::access::AdminArea;

/// Ends the lock of an account and forgets its failures.
///
/// # Errors
/// `forbidden`; `not_found` when there is no such user.
pub async fn unlock(engine: &Engine, cx: &Cx, user: i64) -> Result<()> {
    cx.require_to_change(AdminArea::Users)?;
    cx.org.user(user).ok_or(Code::NotFound)?;
    let (this, author) = (engine.clone(), Author::from(&cx.caller));
    engine
        .write(move |conn| {
            let Some(mut credential) = Credential::lock(conn, user)? else { return Ok(()) };
            (credential.failed, credential.locked_until) = (0, None);
            credential.save(conn)?;
            append(conn, &this, &author, Note::new("unlock", "user", user))
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Company, PASSWORD, code};
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(an_administrator_lets_a_locked_person_in_again);

    fn an_administrator_lets_a_locked_person_in_again(db: &mut TestDb) {
        let company = Company::founded(db);
        let user = company.hire("sales", "sales");
        for _ in 0..5 {
            let _ = company.try_in("sales", "wrong", None);
        }
        assert_eq!(company.try_in("sales", PASSWORD, None).unwrap_err().code, Code::Locked);
        assert_eq!(code(company.wait(unlock(&company.engine, &company.cx("sales"), user))), Code::Forbidden);
        company.wait(unlock(&company.engine, &company.boss(), user)).unwrap();
        for _ in 0..4 {
            assert_eq!(
                company.try_in("sales", "wrong", None).unwrap_err().code,
                Code::BadCredentials,
                "the count starts anew"
            );
        }
        assert!(company.try_in("sales", PASSWORD, None).is_ok());
        assert_eq!(company.log("unlock")[0].record_id, Some(user));
    }
}
