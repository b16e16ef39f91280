//! Language and appearance, which everybody chooses for themselves whatever their rights on the people's records.

use super::person;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::update;
use huike_model::access::ObjectAccess;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

/// Absent members stay as they are.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// `zh` or `en`.
    pub language: Option<String>,
    /// `auto`, `light` or `dark`.
    pub theme: Option<String>,
}

/// Stores the caller's preferences.
///
/// # Errors
/// Every fault of the request; `forbidden` for a program with a key.
pub async fn set_preferences(engine: &Engine, cx: &Cx, preferences: Preferences) -> Result<()> {
    let user = person(cx)?;
    let mut body = Map::new();
    body.extend(preferences.language.map(|language| ("language".to_owned(), Json::from(language))));
    body.extend(preferences.theme.map(|theme| ("theme".to_owned(), Json::from(theme))));
    let (this, cx) = (engine.clone(), cx.clone());
    engine
        .write(move |conn| {
            // The person's own record, and nothing of it but what was named above.
            let access = ObjectAccess::of_the_system(cx.object("user")?);
            update::update(conn, &this, &cx, &access, user, None, &body).map(drop)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Company, faults};
    use huike_model::Lang;
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        a_person_chooses_their_language_without_any_right_on_users,
        a_language_that_there_is_not_is_refused,
    );

    fn choose(company: &Company, login: &str, language: Option<&str>, theme: Option<&str>) -> Result<()> {
        let preferences =
            Preferences { language: language.map(str::to_owned), theme: theme.map(str::to_owned) };
        company.wait(set_preferences(&company.engine, &company.cx(login), preferences))
    }

    fn a_person_chooses_their_language_without_any_right_on_users(db: &mut TestDb) {
        let company = Company::founded(db);
        let user = company.hire("sales", "sales");
        choose(&company, "sales", Some("en"), None).unwrap();
        choose(&company, "sales", None, Some("dark")).unwrap();
        let org = company.engine.org();
        let person = org.user(user).unwrap();
        assert_eq!((person.lang, person.theme.as_str()), (Lang::En, "dark"));
        let cookie = company.cookie("sales");
        assert_eq!(company.visit(&cookie).unwrap().caller.lang, Lang::En);
        let logged = company.log("update");
        assert_eq!((logged[0].actor, logged[0].record_id), (Some(user), Some(user)));
    }

    fn a_language_that_there_is_not_is_refused(db: &mut TestDb) {
        let company = Company::founded(db);
        let wrong = faults(choose(&company, "boss", Some("fr"), Some("pink")).unwrap_err());
        assert_eq!(wrong.into_iter().map(|(field, _)| field).collect::<Vec<_>>(), ["language", "theme"]);
    }
}
