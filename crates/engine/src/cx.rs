//! One caller at one moment: what every operation needs to know about who asks.

use crate::access::Org;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::keys::Keys;
use crate::once::Once;
use crate::records::ahead::Given;
use huike_model::access::{AdminArea, ObjectAccess, Rules, Shared};
use huike_model::filter::Resolver;
use huike_model::{Code, Field, Lang, Moment, Object, Schema, Value};
use huike_store::{Conn, Dialect, Sql};
use std::collections::HashMap;
use std::sync::Arc;

/// Through what a change came, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    Page,
    Api,
    Import,
    /// Bulk cleaning of data.
    Cleaning,
    Cli,
    System,
}

impl Via {
    pub fn name(self) -> &'static str {
        match self {
            Via::Page => "page",
            Via::Api => "api",
            Via::Import => "import",
            Via::Cleaning => "cleaning",
            Via::Cli => "cli",
            Via::System => "system",
        }
    }
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    User(i64),
    /// A program with a key of this user's.
    Key {
        user: i64,
        key: i64,
        writes: bool,
    },
    /// An administrator who looks at things as this user sees them, and changes nothing.
    Watcher {
        user: i64,
        by: i64,
    },
    System,
}

impl Actor {
    /// The user whose rights count; 0 for the system.
    pub fn user(self) -> i64 {
        match self {
            Actor::User(user) | Actor::Key { user, .. } | Actor::Watcher { user, .. } => user,
            Actor::System => 0,
        }
    }

    /// Who is at the keyboard, and stands in the log; 0 for the system.
    pub fn person(self) -> i64 {
        match self {
            Actor::Watcher { by, .. } => by,
            other => other.user(),
        }
    }

    /// Whether nothing may be changed, whatever the rights of the user.
    pub fn only_reads(self) -> bool {
        matches!(self, Actor::Key { writes: false, .. } | Actor::Watcher { .. })
    }

    pub fn kind(self) -> &'static str {
        match self {
            Actor::User(_) => "user",
            Actor::Key { .. } => "key",
            Actor::Watcher { .. } => "watcher",
            Actor::System => "system",
        }
    }
}

/// Who asks, in which language, through what.
#[derive(Clone, Debug)]
pub struct Caller {
    pub actor: Actor,
    pub lang: Lang,
    pub via: Via,
    /// Names the request in the log.
    pub request: String,
}

impl Caller {
    /// The system itself: background work, seeding, the command line.
    pub fn system(via: Via) -> Caller {
        Caller { actor: Actor::System, lang: Lang::Zh, via, request: String::new() }
    }
}

/// A caller at a moment, with the dictionary, the people and the rules as they stand. Cheap to clone; lives for one request.
#[derive(Clone)]
pub struct Cx {
    pub caller: Caller,
    pub moment: Moment,
    pub schema: Arc<Schema>,
    pub org: Arc<Org>,
    pub rules: Arc<Rules>,
    /// In whose name the system acts, when it does.
    pub on_behalf: Option<i64>,
    /// The name of a request that may take effect only once.
    pub once: Option<Once>,
    /// Numbers that were taken for what is made.
    pub(crate) numbers: Option<Arc<Given>>,
    pub(crate) keys: Arc<Keys>,
    pub(crate) dialect: Dialect,
}

impl Engine {
    /// # Errors
    /// `not_signed_in` when the user is gone or no longer active.
    pub fn cx(&self, caller: Caller) -> Result<Cx> {
        let (schema, org) = (self.schema(), self.org());
        let user = caller.actor.user();
        let mut moment = Moment {
            now: self.now(),
            zone: org.company.zone,
            lang: caller.lang,
            me: user,
            departments: Vec::new(),
        };
        let rules = if caller.actor == Actor::System {
            Arc::default()
        } else {
            let person = org.user(user).filter(|person| person.active).ok_or(Code::NotSignedIn)?;
            moment.departments =
                person.department.map(|department| org.departments_under(department)).unwrap_or_default();
            org.rules(&person.roles, &schema)?
        };
        Ok(Cx {
            caller,
            moment,
            schema,
            org,
            rules,
            on_behalf: None,
            once: None,
            numbers: None,
            keys: self.keys().clone(),
            dialect: self.store().dialect(),
        })
    }
}

impl Cx {
    pub fn is_system(&self) -> bool {
        self.caller.actor == Actor::System
    }

    /// Who is written down as the author; 0 for the system.
    pub fn author(&self) -> i64 {
        self.on_behalf.unwrap_or_else(|| self.caller.actor.person())
    }

    pub fn lang(&self) -> Lang {
        self.caller.lang
    }

    pub fn keys(&self) -> &Keys {
        &self.keys
    }

    /// An object of the dictionary.
    ///
    /// # Errors
    /// `not_found` when there is none of that name.
    pub fn object(&self, name: &str) -> Result<&Arc<Object>> {
        self.schema.object(name).ok_or_else(|| Code::NotFound.into())
    }

    /// What the caller may do with an object. Whoever can do nothing with it at all is told that it isn't there.
    ///
    /// # Errors
    /// `not_found`.
    pub fn access(&self, conn: &mut Conn, object: &Arc<Object>) -> Result<ObjectAccess> {
        let access = self.access_or_none(conn, object)?;
        if access.reads_anything() || access.create { Ok(access) } else { Err(Code::NotFound.into()) }
    }

    /// As [`Cx::access`], an access that grants nothing included.
    ///
    /// # Errors
    /// Only the database's.
    pub fn access_or_none(&self, conn: &mut Conn, object: &Arc<Object>) -> Result<ObjectAccess> {
        if self.is_system() {
            return Ok(ObjectAccess::of_the_system(object));
        }
        let shared = self.shared(conn, object)?;
        let mut access = self.rules.access(object, &self.moment, &shared, self);
        if self.caller.actor.only_reads() {
            access.forbid_writes();
        }
        // What is taken out goes out under the name of who takes it, with their own rights.
        if matches!(self.caller.actor, Actor::Watcher { .. }) {
            access.forbid_export();
        }
        Ok(access)
    }

    /// What was shared with the caller, asked once in a job for all objects.
    fn shared(&self, conn: &mut Conn, object: &Object) -> Result<Shared> {
        let mine = |known: &&SharedWith| (known.person, known.at) == (self.moment.me, self.moment.now);
        if conn.kept::<SharedWith>().filter(mine).is_none() {
            let objects = self.all_shared(conn)?;
            conn.keep(SharedWith { person: self.moment.me, at: self.moment.now, objects });
        }
        let known = conn.kept::<SharedWith>().and_then(|known| known.objects.get(&object.name));
        Ok(known.cloned().unwrap_or_default())
    }

    fn all_shared(&self, conn: &mut Conn) -> Result<HashMap<String, Shared>> {
        let mut sql = Sql::raw(
            "select object, record_id, level from record_share where (expires_at is null or expires_at > ",
        );
        sql.bind(self.moment.now);
        sql.push(") and ((grantee_kind = 'user' and grantee_id = ").bind(self.moment.me);
        sql.push(") or (grantee_kind = 'department' and grantee_id in ");
        let above = self.org.user(self.moment.me).and_then(|user| user.department);
        sql.bind_list(above.map(|department| self.org.departments_above(department)).unwrap_or_default())
            .push("))");
        let mut objects: HashMap<String, Shared> = HashMap::new();
        for row in conn.query(&sql)? {
            let shared = objects.entry(row.text(0)?.to_owned()).or_default();
            let record = row.int(1)?;
            shared.read.push(record);
            if row.text(2)? == "write" {
                shared.write.push(record);
            }
        }
        Ok(objects)
    }

    /// # Errors
    /// `forbidden` unless the caller looks after that area.
    pub fn require(&self, area: AdminArea) -> Result<()> {
        if self.is_system() || self.rules.admin.contains(&area) {
            Ok(())
        } else {
            Err(EngineError::from(Code::Forbidden))
        }
    }

    /// # Errors
    /// `forbidden` for a program whose key may only read, and for who looks as another.
    pub fn require_to_write(&self) -> Result<()> {
        if self.caller.actor.only_reads() { Err(Code::Forbidden.into()) } else { Ok(()) }
    }

    /// As [`Cx::require`], for changing something: who may only read can't.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn require_to_change(&self, area: AdminArea) -> Result<()> {
        self.require_to_write()?;
        self.require(area)
    }
}

/// What was shared with a person at a moment, by object.
struct SharedWith {
    person: i64,
    at: i64,
    objects: HashMap<String, Shared>,
}

impl Resolver for Cx {
    fn departments_under(&self, department: i64) -> Vec<i64> {
        self.org.departments_under(department)
    }

    fn blind(&self, object: &str, field: &Field, value: &Value) -> String {
        self.keys.blind(object, field, value.as_text().unwrap_or_default())
    }
}
