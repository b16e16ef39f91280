//! Who may do what: [`Permissions`] (what roles say) → [`Rules`] (checked against the dictionary, the same for everybody with those roles,
//! kept) → [`ObjectAccess`] (bound to a person and a moment, made per request).
//!
//! A query can't be built without an [`ObjectAccess`], and one comes only from [`Rules::access`] or, by name, from
//! [`ObjectAccess::of_the_system`].

mod permissions;
#[cfg(test)]
mod tests;

pub use permissions::{AdminArea, Beyond, FieldAccess, ObjectPermissions, Permissions, Scope};

use crate::fault::Fault;
use crate::filter::{Filter, Resolved, Resolver, Test};
use crate::moment::Moment;
use crate::schema::definition::Level;
use crate::schema::{Field, Object, Schema};
use crate::value::Value;
use serde_json::Value as Json;
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
    creators: Vec<Creator>,
    grants: Vec<Grant>,
}

/// One way of reaching records: which, and how much of them.
#[derive(Debug)]
struct Grant {
    read: Reach,
    update: Reach,
    delete: Reach,
    /// On records in reach of `read`, those in reach of `update` aside.
    reading: Arc<FieldRights>,
    /// On records in reach of both.
    rights: Arc<FieldRights>,
    role: RoleRights,
}

/// What a role may do besides with the records that it reaches. It doesn't open those of another role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RoleRights {
    pub import: bool,
    pub export: bool,
    pub share: bool,
}

/// A role that may make records, and how far each of their fields is its to fill.
#[derive(Clone, Debug)]
struct Creator {
    rights: Arc<FieldRights>,
    role: RoleRights,
}

#[derive(Debug, Clone)]
enum Reach {
    None,
    Own,
    Department,
    DepartmentTree,
    All,
    /// The checked filter, and as it was written.
    Filter(Filter, Json),
}

/// How far each field is opened.
#[derive(Clone, Debug, Default, PartialEq)]
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

    /// The same without writing.
    fn read_only(&self) -> FieldRights {
        let most = |access: FieldAccess| access.min(FieldAccess::Read);
        let fields = self.fields.iter().map(|(name, access)| (name.clone(), most(*access))).collect();
        FieldRights { levels: self.levels.map(most), fields }
    }

    /// How far the fields of a level are opened.
    pub fn of_level(&self, level: Level) -> FieldAccess {
        self.levels[level as usize]
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
                match grants(granted, object, schema) {
                    Ok(grants) => {
                        let full = grants.first().filter(|_| granted.create);
                        mine.creators.extend(
                            full.map(|full| Creator { rights: full.rights.clone(), role: full.role }),
                        );
                        mine.grants.extend(grants);
                    }
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
        let mut access = ObjectAccess::none(object);
        let Some(rules) = self.objects.get(&object.name) else { return access };
        access.creators.clone_from(&rules.creators);
        for grant in &rules.grants {
            access.grants.extend(grant.bind(object, moment, shared, resolver));
        }
        access.sum_up();
        access
    }
}

impl Grant {
    /// The grant for one person at one moment: the records that may be read and, apart where they are others, those that may be written too.
    fn bind(
        &self,
        object: &Object,
        moment: &Moment,
        shared: &Shared,
        resolver: &dyn Resolver,
    ) -> Vec<RowGrant> {
        let resolve = |reach: &Reach, shared: &[i64]| reach.resolve(object, moment, shared, resolver);
        let read = resolve(&self.read, &shared.read);
        if read.is_nothing() {
            return Vec::new();
        }
        let both = |reach: &Reach, shared: &[i64]| match reach {
            Reach::All => read.clone(),
            reach if reach.within(&self.read) => resolve(reach, shared),
            reach => match resolve(reach, shared) {
                found if found.is_nothing() => found,
                found => found.and(read.clone()),
            },
        };
        let (update, delete) = (both(&self.update, &shared.write), both(&self.delete, &[]));
        // What is shared to read only is in reach of reading alone.
        let all_shared_to_write = shared.read.len() == shared.write.len();
        let whole =
            matches!(self.update, Reach::All) || (self.read.within(&self.update) && all_shared_to_write);
        let grant = |read, update, delete, rights: &Arc<FieldRights>, inner| RowGrant {
            read,
            update,
            delete,
            rights: rights.clone(),
            role: self.role,
            inner,
        };
        if whole {
            return vec![grant(read.clone(), read, delete, &self.rights, false)];
        }
        let mut bound = vec![grant(read, Resolved::nothing(), delete, &self.reading, false)];
        if !update.is_nothing() {
            bound.push(grant(update.clone(), update, Resolved::nothing(), &self.rights, true));
        }
        bound
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
            Scope::Filter(json) => Reach::Filter(Filter::check(json, &object.name, schema)?, json.clone()),
        })
    };
    let role = RoleRights { import: granted.import, export: granted.export, share: granted.share };
    let rights = FieldRights::new(&granted.levels, &granted.fields);
    let mut built = vec![Grant {
        read: reach(&granted.read)?,
        update: reach(&granted.update)?,
        delete: reach(&granted.delete)?,
        reading: Arc::new(rights.read_only()),
        rights: Arc::new(rights),
        role,
    }];
    if let Some(beyond) = &granted.beyond {
        let reading = Arc::new(FieldRights::new(&beyond.levels, &beyond.fields).read_only());
        built.push(Grant {
            read: reach(&beyond.scope)?,
            update: Reach::None,
            delete: Reach::None,
            reading: reading.clone(),
            rights: reading,
            role,
        });
    }
    Ok(built)
}

impl Reach {
    /// Whether everything in this reach is in the other one for certain. What is shared to write is shared to read too.
    fn within(&self, other: &Reach) -> bool {
        let rank = |reach: &Reach| match reach {
            Reach::None => Some(0),
            Reach::Own => Some(1),
            Reach::Department => Some(2),
            Reach::DepartmentTree => Some(3),
            Reach::All => Some(4),
            Reach::Filter(..) => None,
        };
        match (rank(self), rank(other)) {
            (Some(mine), Some(theirs)) => mine <= theirs,
            (Some(0), None) | (None, Some(4)) => true,
            _ => match (self, other) {
                (Reach::Filter(_, mine), Reach::Filter(_, theirs)) => mine == theirs,
                _ => false,
            },
        }
    }

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
            Reach::Filter(filter, _) => filter.resolve(moment, resolver).or(shared()),
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
    creators: Vec<Creator>,
    uniform: bool,
    uniform_for_writing: bool,
}

/// One bound grant.
#[derive(Clone, Debug)]
pub struct RowGrant {
    pub read: Resolved,
    pub update: Resolved,
    pub delete: Resolved,
    pub rights: Arc<FieldRights>,
    pub role: RoleRights,
    /// The records of the grant before it that may be written as well.
    pub inner: bool,
}

/// On which of the readable records a field may be known.
#[derive(Clone, Debug)]
pub enum FieldReach {
    Nowhere,
    Everywhere,
    Where(Resolved),
}

impl ObjectAccess {
    /// Nothing at all.
    fn none(object: &Arc<Object>) -> ObjectAccess {
        ObjectAccess {
            object: object.clone(),
            create: false,
            import: false,
            export: false,
            share: false,
            grants: Vec::new(),
            creators: Vec::new(),
            uniform: true,
            uniform_for_writing: true,
        }
    }

    /// Everything. Whoever calls this acts as the system and says so in the log.
    pub fn of_the_system(object: &Arc<Object>) -> ObjectAccess {
        let rights = Arc::new(FieldRights { levels: [FieldAccess::Write; 4], fields: BTreeMap::new() });
        let all = Resolved::everything();
        let role = RoleRights { import: true, export: true, share: true };
        let creators = vec![Creator { rights: rights.clone(), role }];
        let grant =
            RowGrant { read: all.clone(), update: all.clone(), delete: all, rights, role, inner: false };
        let mut access = ObjectAccess { grants: vec![grant], creators, ..ObjectAccess::none(object) };
        access.sum_up();
        access
    }

    /// What may be done with the object at all follows from the roles.
    fn sum_up(&mut self) {
        let roles =
            || self.grants.iter().map(|grant| grant.role).chain(self.creators.iter().map(|each| each.role));
        let (import, export, share) = (
            roles().any(|role| role.import),
            roles().any(|role| role.export),
            roles().any(|role| role.share),
        );
        (self.import, self.export, self.share) = (import, export, share);
        self.create = !self.creators.is_empty();
        let outer = || self.grants.iter().filter(|grant| !grant.inner);
        let mut further = outer().skip(1);
        self.uniform = further.all(|grant| {
            let first = outer().next().map(|first| &first.rights);
            first.is_some_and(|first| *first == grant.rights || first.read_only() == grant.rights.read_only())
        });
        self.uniform_for_writing = self.grants.windows(2).all(|pair| pair[0].rights == pair[1].rights);
    }

    /// Takes away everything but reading: a program whose key may only read.
    pub fn forbid_writes(&mut self) {
        self.creators.clear();
        for grant in &mut self.grants {
            (grant.update, grant.delete) = (Resolved::nothing(), Resolved::nothing());
            (grant.role.import, grant.role.share) = (false, false);
        }
        self.sum_up();
    }

    /// Takes away the right to take records out.
    pub fn forbid_export(&mut self) {
        for grant in &mut self.grants {
            grant.role.export = false;
        }
        self.sum_up();
    }

    /// The access that only the roles give which may take records out; none without any.
    pub fn exporting(mut self) -> Option<ObjectAccess> {
        self.grants.retain(|grant| grant.role.export);
        self.sum_up();
        self.export.then_some(self)
    }

    /// The access that only the roles give which may bring records in; none without any.
    pub fn importing(mut self) -> Option<ObjectAccess> {
        let import = self.import;
        self.creators.retain(|each| each.role.import);
        for grant in self.grants.iter_mut().filter(|grant| !grant.role.import) {
            grant.rights = Arc::new(grant.rights.read_only());
            (grant.update, grant.delete) = (Resolved::nothing(), Resolved::nothing());
        }
        self.sum_up();
        import.then_some(self)
    }

    pub fn grants(&self) -> &[RowGrant] {
        &self.grants
    }

    /// Whether any record can be reached at all.
    pub fn reads_anything(&self) -> bool {
        !self.grants.is_empty()
    }

    fn any<'a>(&'a self, part: impl Fn(&'a RowGrant) -> &'a Resolved) -> Resolved {
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
        let mut reach = Resolved::nothing();
        for grant in self.grants.iter().filter(|grant| !grant.inner) {
            if grant.read.is_everything() {
                return Resolved::everything();
            }
            reach = reach.or(grant.read.clone());
        }
        reach
    }

    /// Whether the records that may be changed may be shared too; none when some may and some may not.
    pub fn shares_what_it_changes(&self) -> Option<bool> {
        let mut changing =
            self.grants.iter().filter(|grant| !grant.update.is_nothing()).map(|grant| grant.role.share);
        let first = changing.next().unwrap_or(false);
        changing.all(|share| share == first).then_some(first)
    }

    /// Records that may be shared with others: those that a role lets change which may share.
    pub fn share_scope(&self) -> Resolved {
        let nothing = Resolved::nothing();
        self.any(|grant| if grant.role.share { &grant.update } else { &nothing })
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

    /// How far a field of a record yet to be made is the caller's to fill.
    pub fn for_new(&self, field: &Field) -> FieldAccess {
        self.creators.iter().map(|each| each.rights.of(field)).max().unwrap_or_default()
    }

    /// On which records a field is opened for reading at least this far.
    pub fn reach(&self, field: &Field, least: FieldAccess) -> FieldReach {
        let outer = || self.grants.iter().filter(|grant| !grant.inner);
        if outer().all(|grant| grant.rights.of(field) >= least) {
            return if self.grants.is_empty() { FieldReach::Nowhere } else { FieldReach::Everywhere };
        }
        let mut reach = Resolved::nothing();
        for grant in outer().filter(|grant| grant.rights.of(field) >= least) {
            if grant.read.is_everything() {
                return FieldReach::Everywhere;
            }
            reach = reach.or(grant.read.clone());
        }
        if reach.is_nothing() { FieldReach::Nowhere } else { FieldReach::Where(reach) }
    }

    /// Whether all reachable records show the same fields, so that rows needn't be told apart for reading.
    pub fn is_uniform(&self) -> bool {
        self.uniform
    }

    /// As [`ObjectAccess::is_uniform`], for writing.
    pub fn is_uniform_for_writing(&self) -> bool {
        self.uniform_for_writing
    }

    /// How far a field is opened on a record that the marked grants reach.
    pub fn on_row(&self, field: &Field, reached: &[bool]) -> FieldAccess {
        let reached = self.grants.iter().zip(reached).filter(|(_, reached)| **reached);
        reached.map(|(grant, _)| grant.rights.of(field)).max().unwrap_or_default()
    }

    /// How far the fields of a level are opened on a record that the marked grants reach.
    pub fn level_on_row(&self, level: Level, reached: &[bool]) -> FieldAccess {
        let reached = self.grants.iter().zip(reached).filter(|(_, reached)| **reached);
        reached.map(|(grant, _)| grant.rights.of_level(level)).max().unwrap_or_default()
    }
}
