//! Who may do what: [`Permissions`] (what roles say) → [`Rules`] (checked against the dictionary, the same for everybody with those roles,
//! kept) → [`ObjectAccess`] (bound to a person and a moment, made per request).
//!
//! A query can't be built without an [`ObjectAccess`], and one comes only from [`Rules::access`] or, by name, from
//! [`ObjectAccess::of_the_system`].

mod permissions;

pub use permissions::{AdminArea, Beyond, FieldAccess, ObjectPermissions, Permissions, Scope};

use crate::fault::Fault;
use crate::filter::{Filter, Resolved, Resolver, Test};
use crate::moment::Moment;
use crate::schema::definition::Level;
use crate::schema::{Field, Object, Schema};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The rules for everybody who holds one set of roles.
#[derive(Debug, Default)]
pub struct Rules {
    pub admin: BTreeSet<AdminArea>,
    objects: HashMap<String, ObjectRules>,
}

#[derive(Debug, Default)]
struct ObjectRules {
    create: bool,
    import: bool,
    export: bool,
    share: bool,
    grants: Vec<Grant>,
}

/// One way of reaching records: which, and how much of them.
#[derive(Debug)]
struct Grant {
    read: Reach,
    update: Reach,
    delete: Reach,
    rights: Arc<FieldRights>,
}

#[derive(Debug, Clone)]
enum Reach {
    None,
    Own,
    Department,
    DepartmentTree,
    All,
    Filter(Filter),
}

/// How far each field is opened.
#[derive(Debug, Default, PartialEq)]
pub struct FieldRights {
    levels: [FieldAccess; 4],
    fields: BTreeMap<String, FieldAccess>,
}

impl FieldRights {
    fn new(levels: &BTreeMap<Level, FieldAccess>, fields: &BTreeMap<String, FieldAccess>) -> FieldRights {
        let mut rights = FieldRights { fields: fields.clone(), ..FieldRights::default() };
        for (level, access) in levels {
            rights.levels[*level as usize] = *access;
        }
        rights
    }

    /// The columns that every object has are readable by whoever reaches the record; `owner` and `department` are written like
    /// general fields.
    pub fn of(&self, field: &Field) -> FieldAccess {
        let given = self.fields.get(&field.name).copied();
        let access = given.unwrap_or(self.levels[field.level as usize]);
        if field.system && given.is_none() { access.max(FieldAccess::Read) } else { access }
    }
}

impl Rules {
    /// # Errors
    /// Every scope filter that the dictionary doesn't know, with the object as the fault's field.
    pub fn build(permissions: &[&Permissions], schema: &Schema) -> Result<Rules, Vec<Fault>> {
        let mut rules = Rules::default();
        let mut faults = Vec::new();
        for each in permissions {
            rules.admin.extend(&each.admin);
            for object in schema.objects() {
                let Some(granted) = each.objects.get(&object.name).or_else(|| each.objects.get("*")) else {
                    continue;
                };
                let mine = rules.objects.entry(object.name.clone()).or_default();
                mine.create |= granted.create;
                mine.import |= granted.import;
                mine.export |= granted.export;
                mine.share |= granted.share;
                match grants(granted, object, schema) {
                    Ok(grants) => mine.grants.extend(grants),
                    Err(found) => faults.extend(found.into_iter().map(|fault| {
                        let at = format!("{}: {}", object.name, fault.field);
                        fault.at(at)
                    })),
                }
            }
        }
        if faults.is_empty() { Ok(rules) } else { Err(faults) }
    }

    /// Whether a field is readable on every record of an object there is.
    pub fn reads_everywhere(&self, object: &str, field: &Field) -> bool {
        let whole =
            |grant: &Grant| matches!(grant.read, Reach::All) && grant.rights.of(field) >= FieldAccess::Read;
        self.objects.get(object).is_some_and(|rules| rules.grants.iter().any(whole))
    }

    /// What one person may do with one object now.
    pub fn access(
        &self,
        object: &Arc<Object>,
        moment: &Moment,
        shared: &Shared,
        resolver: &dyn Resolver,
    ) -> ObjectAccess {
        let mut access = ObjectAccess {
            object: object.clone(),
            create: false,
            import: false,
            export: false,
            share: false,
            grants: Vec::new(),
        };
        let Some(rules) = self.objects.get(&object.name) else { return access };
        (access.create, access.import, access.export, access.share) =
            (rules.create, rules.import, rules.export, rules.share);
        for grant in &rules.grants {
            let bind = |reach: &Reach, shared: &[i64]| reach.resolve(object, moment, shared, resolver);
            let bound = RowGrant {
                read: bind(&grant.read, &shared.read),
                update: bind(&grant.update, &shared.write),
                delete: bind(&grant.delete, &[]),
                rights: grant.rights.clone(),
            };
            if !bound.read.is_nothing() {
                access.grants.push(bound);
            }
        }
        access
    }
}

fn grants(granted: &ObjectPermissions, object: &Object, schema: &Schema) -> Result<Vec<Grant>, Vec<Fault>> {
    let reach = |scope: &Scope| -> Result<Reach, Vec<Fault>> {
        Ok(match scope {
            Scope::None => Reach::None,
            Scope::Own => Reach::Own,
            Scope::Department => Reach::Department,
            Scope::DepartmentTree => Reach::DepartmentTree,
            Scope::All => Reach::All,
            Scope::Filter(json) => Reach::Filter(Filter::check(json, &object.name, schema)?),
        })
    };
    let mut built = vec![Grant {
        read: reach(&granted.read)?,
        update: reach(&granted.update)?,
        delete: reach(&granted.delete)?,
        rights: Arc::new(FieldRights::new(&granted.levels, &granted.fields)),
    }];
    if let Some(beyond) = &granted.beyond {
        built.push(Grant {
            read: reach(&beyond.scope)?,
            update: Reach::None,
            delete: Reach::None,
            rights: Arc::new(FieldRights::new(&beyond.levels, &beyond.fields)),
        });
    }
    Ok(built)
}

impl Reach {
    fn resolve(&self, object: &Object, moment: &Moment, shared: &[i64], resolver: &dyn Resolver) -> Resolved {
        let test = |name: &str, test: Test| {
            object
                .field(name)
                .map_or_else(Resolved::nothing, |field| Resolved::own(&object.name, field, test))
        };
        let ints = |ids: &[i64]| Test::OneOf(ids.iter().copied().map(Value::Int).collect());
        let some = |name: &str, ids: &[i64]| {
            if ids.is_empty() { Resolved::nothing() } else { test(name, ints(ids)) }
        };
        let shared = || some("id", shared);
        let own = || test("owner", Test::Equal(Value::Int(moment.me))).or(shared());
        match self {
            Reach::None => Resolved::nothing(),
            Reach::All => Resolved::everything(),
            Reach::Own => own(),
            Reach::Department => {
                own().or(some("department", moment.departments.get(..1).unwrap_or_default()))
            }
            Reach::DepartmentTree => own().or(some("department", &moment.departments)),
            Reach::Filter(filter) => filter.resolve(moment, resolver).or(shared()),
        }
    }
}

/// Records of one object that were shared with a person, by what they may do.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    /// Readable, the writable ones among them.
    pub read: Vec<i64>,
    pub write: Vec<i64>,
}

/// What one person may do with one object at one moment.
#[derive(Clone, Debug)]
pub struct ObjectAccess {
    pub object: Arc<Object>,
    pub create: bool,
    pub import: bool,
    pub export: bool,
    pub share: bool,
    grants: Vec<RowGrant>,
}

/// One bound grant.
#[derive(Clone, Debug)]
pub struct RowGrant {
    pub read: Resolved,
    pub update: Resolved,
    pub delete: Resolved,
    pub rights: Arc<FieldRights>,
}

/// On which of the readable records a field may be known.
#[derive(Clone, Debug)]
pub enum FieldReach {
    Nowhere,
    Everywhere,
    Where(Resolved),
}

impl ObjectAccess {
    /// Everything. Whoever calls this acts as the system and says so in the log.
    pub fn of_the_system(object: &Arc<Object>) -> ObjectAccess {
        let rights = Arc::new(FieldRights { levels: [FieldAccess::Write; 4], fields: BTreeMap::new() });
        let all = Resolved::everything();
        let grant = RowGrant { read: all.clone(), update: all.clone(), delete: all, rights };
        ObjectAccess {
            object: object.clone(),
            create: true,
            import: true,
            export: true,
            share: true,
            grants: vec![grant],
        }
    }

    /// Takes away everything but reading: a program whose key may only read.
    pub fn forbid_writes(&mut self) {
        (self.create, self.import, self.share) = (false, false, false);
        for grant in &mut self.grants {
            (grant.update, grant.delete) = (Resolved::nothing(), Resolved::nothing());
        }
    }

    pub fn grants(&self) -> &[RowGrant] {
        &self.grants
    }

    /// Whether any record can be reached at all.
    pub fn reads_anything(&self) -> bool {
        !self.grants.is_empty()
    }

    fn any(&self, part: impl Fn(&RowGrant) -> &Resolved) -> Resolved {
        let mut reach = Resolved::nothing();
        for grant in &self.grants {
            let scope = part(grant);
            if scope.is_everything() {
                return Resolved::everything();
            }
            reach = reach.or(scope.clone());
        }
        reach
    }

    pub fn read_scope(&self) -> Resolved {
        self.any(|grant| &grant.read)
    }

    pub fn update_scope(&self) -> Resolved {
        self.any(|grant| &grant.update)
    }

    pub fn delete_scope(&self) -> Resolved {
        self.any(|grant| &grant.delete)
    }

    /// The most that is granted on a field, on whichever record.
    pub fn best(&self, field: &Field) -> FieldAccess {
        self.grants.iter().map(|grant| grant.rights.of(field)).max().unwrap_or_default()
    }

    /// On which records a field is opened at least this far.
    pub fn reach(&self, field: &Field, least: FieldAccess) -> FieldReach {
        if self.grants.iter().all(|grant| grant.rights.of(field) >= least) {
            return if self.grants.is_empty() { FieldReach::Nowhere } else { FieldReach::Everywhere };
        }
        let mut reach = Resolved::nothing();
        for grant in self.grants.iter().filter(|grant| grant.rights.of(field) >= least) {
            if grant.read.is_everything() {
                return FieldReach::Everywhere;
            }
            reach = reach.or(grant.read.clone());
        }
        if reach.is_nothing() { FieldReach::Nowhere } else { FieldReach::Where(reach) }
    }

    /// Whether all reachable records show the same fields, so that rows needn't be told apart.
    pub fn is_uniform(&self) -> bool {
        self.grants.windows(2).all(|pair| pair[0].rights == pair[1].rights)
    }

    /// How far a field is opened on a record that the marked grants reach.
    pub fn on_row(&self, field: &Field, reached: &[bool]) -> FieldAccess {
        let reached = self.grants.iter().zip(reached).filter(|(_, reached)| **reached);
        reached.map(|(grant, _)| grant.rights.of(field)).max().unwrap_or_default()
    }
}
