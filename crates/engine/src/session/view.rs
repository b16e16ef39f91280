//! What the page knows about whoever is signed in (docs/interface.md, `Session`).

use super::resolve::{Restriction, Visitor};
use crate::cx::Actor;
use crate::engine::Engine;
use crate::error::Result;
use crate::shown;
use huike_model::access::AdminArea;
use huike_model::{Code, Lang};
use huike_vault::token;
use serde::Serialize;
use std::collections::BTreeSet;

#[derive(Clone, Debug, Serialize)]
pub struct SessionView {
    pub user: Me,
    /// Who looks at things as this user; none when they do so themselves.
    pub seen_by: Option<Named>,
    pub csrf: String,
    pub admin: BTreeSet<AdminArea>,
    pub company: CompanyView,
    pub demo: bool,
    pub must_change_password: bool,
    pub must_set_up_totp: bool,
    /// Whether signing in takes the second step.
    pub totp: bool,
    /// Whether somebody is below this person.
    pub leads: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Me {
    #[serde(serialize_with = "shown::id")]
    pub id: i64,
    pub name: String,
    pub login: String,
    pub department: Option<Named>,
    pub roles: Vec<Named>,
    pub language: Lang,
    pub theme: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    #[serde(serialize_with = "shown::id")]
    pub id: i64,
    pub name: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct CompanyView {
    pub name: String,
    pub timezone: String,
    pub currency: String,
    /// Tells this logo from the one before.
    pub logo: Option<String>,
}

/// The session behind `cookie`, whose visitor was resolved from it.
///
/// # Errors
/// `not_signed_in` when the person is gone.
pub fn view(engine: &Engine, visitor: &Visitor, cookie: &str) -> Result<SessionView> {
    let cx = engine.cx(visitor.caller.clone())?;
    let person = cx.org.user(visitor.caller.actor.user()).ok_or(Code::NotSignedIn)?;
    let seen_by = match visitor.caller.actor {
        Actor::Watcher { by, .. } => cx.org.user(by),
        _ => None,
    };
    // Language and theme are those of who looks at the screen.
    let reader = seen_by.unwrap_or(person);
    let department = person.department.and_then(|id| cx.org.department(id));
    let roles = person.roles.iter().filter_map(|id| cx.org.role(*id));
    Ok(SessionView {
        user: Me {
            id: person.id,
            name: person.name.clone(),
            login: person.login.clone(),
            department: department
                .map(|department| Named { id: department.id, name: department.name.clone() }),
            roles: roles.map(|role| Named { id: role.id, name: role.name.clone() }).collect(),
            language: reader.lang,
            theme: reader.theme.clone(),
        },
        seen_by: seen_by.map(|by| Named { id: by.id, name: by.name.clone() }),
        csrf: token::csrf(cookie),
        admin: cx.rules.admin.clone(),
        company: CompanyView {
            name: cx.org.company.name.clone(),
            timezone: cx.org.company.zone.name().to_owned(),
            currency: cx.org.company.currency.clone(),
            logo: cx.org.company.logo.clone(),
        },
        demo: cx.org.company.demo,
        must_change_password: visitor.restriction == Some(Restriction::ChangePassword),
        must_set_up_totp: visitor.restriction == Some(Restriction::SetUpTwoStep),
        totp: visitor.two_step,
        leads: !cx.org.reports_of(person.id).is_empty(),
    })
}
