//! The people of the company as one immutable snapshot: small, asked at every request, made anew when anything in it changes.

use crate::channels::Outside;
use crate::error::{EngineError, Result};
use crate::lifecycle::definition::{self as stages, Lifecycle};
use crate::obligations::Follow;
use crate::plans::definition::{self, Plan};
use crate::tiers::{self, Tiers};
use chrono_tz::Tz;
use huike_model::access::{Permissions, Rules};
use huike_model::{Lang, Schema};
use huike_store::{Conn, Sql};
use parking_lot::RwLock;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// A set of roles, and the version of the dictionary they were checked against.
type RolesAt = (Vec<i64>, i64);

/// The snapshot.
#[derive(Default)]
pub struct Org {
    pub company: Company,
    users: HashMap<i64, Person>,
    departments: HashMap<i64, Department>,
    roles: HashMap<i64, Role>,
    /// Working time and the rules of reminding.
    pub follow: Follow,
    /// The stages that records go through, by object.
    pub lifecycles: Vec<Arc<Lifecycle>>,
    /// Plans of following up, in order; those that are off too.
    pub plans: Vec<Arc<Plan>>,
    pub tiers: Arc<Tiers>,
    /// Ways out of the house, and whom they reach how.
    pub outside: Outside,
    /// Rules by the set of roles and the dictionary's version: everybody with the same roles shares them.
    rules: RwLock<HashMap<RolesAt, Arc<Rules>>>,
}

/// The company and its rules of signing in.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Company {
    pub name: String,
    #[serde(rename = "timezone")]
    pub zone: Tz,
    pub currency: String,
    /// Whether everybody must sign in with a second step.
    pub require_totp: bool,
    /// Hours after which an unused session ends.
    pub session_hours: u32,
    pub demo: bool,
    /// Tells this logo from the one before; none without a logo.
    pub logo: Option<String>,
}

impl Default for Company {
    fn default() -> Company {
        Company {
            name: String::new(),
            zone: chrono_tz::Asia::Shanghai,
            currency: "CNY".into(),
            require_totp: false,
            session_hours: 24 * 14,
            demo: false,
            logo: None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Person {
    pub id: i64,
    pub name: String,
    pub login: String,
    pub department: Option<i64>,
    pub manager: Option<i64>,
    pub active: bool,
    pub lang: Lang,
    pub theme: String,
    pub roles: Vec<i64>,
}

#[derive(Clone, Debug)]
pub struct Department {
    pub id: i64,
    pub name: String,
    pub parent: Option<i64>,
    /// Its head.
    pub manager: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Role {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub permissions: Arc<Permissions>,
}

/// Deeper trees are cut: a circle made by hand in the database must not hang a request.
const MAX_DEPTH: usize = 50;

impl Org {
    /// Reads everything anew.
    ///
    /// # Errors
    /// The database's, and a permission text that can't be read.
    pub fn load(conn: &mut Conn) -> Result<Org> {
        let mut org = Org {
            company: load_company(conn)?,
            follow: Follow::load(conn)?,
            outside: Outside::load(conn)?,
            ..Org::default()
        };
        org.lifecycles = stages::load_all(conn)?;
        org.plans = definition::load_all(conn)?;
        org.tiers = Arc::new(tiers::definition::load(conn)?);
        let live = "deleted_at is null";
        for row in
            conn.query(&Sql::raw(format!("select id, name, parent, manager from department where {live}")))?
        {
            let id = row.int(0)?;
            let (parent, manager) = (row.opt_int(2)?, row.opt_int(3)?);
            org.departments.insert(id, Department { id, name: row.text(1)?.into(), parent, manager });
        }
        let roles = "select r.id, r.code, r.name, p.permissions from role r left join role_permission p on p.role_id = r.id";
        for row in conn.query(&Sql::raw(format!("{roles} where r.{live}")))? {
            let id = row.int(0)?;
            let permissions = match row.opt_text(3)? {
                Some(text) => serde_json::from_str(text)
                    .map_err(|_| EngineError::internal("the permissions of a role can't be read"))?,
                None => Permissions::default(),
            };
            let (code, name) = (row.opt_text(1)?.unwrap_or_default().into(), row.text(2)?.into());
            org.roles.insert(id, Role { id, code, name, permissions: Arc::new(permissions) });
        }
        let users = "select id, name, login, department_id, manager, active, language, theme from \"user\"";
        for row in conn.query(&Sql::raw(format!("{users} where {live}")))? {
            let id = row.int(0)?;
            let lang = if row.opt_text(6)? == Some("en") { Lang::En } else { Lang::Zh };
            let person = Person {
                id,
                name: row.text(1)?.into(),
                login: row.text(2)?.into(),
                department: row.opt_int(3)?,
                manager: row.opt_int(4)?,
                active: row.opt_int(5)?.unwrap_or(1) != 0,
                lang,
                theme: row.opt_text(7)?.unwrap_or("auto").into(),
                roles: Vec::new(),
            };
            org.users.insert(id, person);
        }
        for row in
            conn.query(&Sql::raw("select user_id, role_id from user_role order by user_id, role_id"))?
        {
            let role = row.int(1)?;
            let known = org.roles.contains_key(&role);
            if let Some(person) = org.users.get_mut(&row.int(0)?).filter(|_| known) {
                person.roles.push(role);
            }
        }
        Ok(org)
    }

    pub fn user(&self, id: i64) -> Option<&Person> {
        self.users.get(&id)
    }

    pub fn users(&self) -> impl Iterator<Item = &Person> {
        self.users.values()
    }

    pub fn user_by_login(&self, login: &str) -> Option<&Person> {
        self.users.values().find(|person| person.login.eq_ignore_ascii_case(login.trim()))
    }

    pub fn department(&self, id: i64) -> Option<&Department> {
        self.departments.get(&id)
    }

    pub fn departments(&self) -> impl Iterator<Item = &Department> {
        self.departments.values()
    }

    pub fn role(&self, id: i64) -> Option<&Role> {
        self.roles.get(&id)
    }

    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    pub fn role_by_code(&self, code: &str) -> Option<&Role> {
        self.roles.values().find(|role| role.code == code)
    }

    /// A department and everything below it, itself first.
    pub fn departments_under(&self, department: i64) -> Vec<i64> {
        let mut found = vec![department];
        let mut next = 0;
        while let Some(&parent) = found.get(next) {
            let mut below: Vec<i64> = self
                .departments
                .values()
                .filter(|each| each.parent == Some(parent) && !found.contains(&each.id))
                .map(|each| each.id)
                .collect();
            below.sort_unstable();
            found.extend(below);
            next += 1;
        }
        found
    }

    /// A department and everything above it, itself first.
    pub fn departments_above(&self, department: i64) -> Vec<i64> {
        let mut found = vec![department];
        while let Some(parent) =
            found.last().and_then(|id| self.departments.get(id)).and_then(|each| each.parent)
        {
            if found.len() >= MAX_DEPTH || found.contains(&parent) {
                break;
            }
            found.push(parent);
        }
        found
    }

    /// The rules for a set of roles.
    ///
    /// # Errors
    /// A role whose scope filter the dictionary no longer knows grants nothing to anybody: this is an error of ours.
    pub fn rules(&self, roles: &[i64], schema: &Schema) -> Result<Arc<Rules>> {
        let key = (roles.to_vec(), schema.version);
        if let Some(rules) = self.rules.read().get(&key) {
            return Ok(rules.clone());
        }
        let permissions: Vec<&Permissions> =
            roles.iter().filter_map(|role| self.roles.get(role)).map(|role| &*role.permissions).collect();
        let rules = Rules::build(&permissions, schema).map_err(|faults| {
            EngineError::internal(format!("a role's scope can't be used: {}", faults[0].field))
        })?;
        let rules = Arc::new(rules);
        self.rules.write().insert(key, rules.clone());
        Ok(rules)
    }
}

fn load_company(conn: &mut Conn) -> Result<Company> {
    let row = conn.query_opt(&Sql::raw("select value from setting where key = 'company'"))?;
    Ok(match row.as_ref().map(|row| row.opt_text(0)).transpose()?.flatten() {
        Some(text) => serde_json::from_str(text)
            .map_err(|_| EngineError::internal("the company's settings can't be read"))?,
        None => Company::default(),
    })
}
