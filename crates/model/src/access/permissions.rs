//! Permissions as a role holds them (docs/interface.md "Administration").

use crate::schema::definition::Level;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// What a role grants.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    #[serde(default)]
    pub admin: BTreeSet<AdminArea>,
    /// By object; `*` stands for every object that isn't named.
    #[serde(default)]
    pub objects: BTreeMap<String, ObjectPermissions>,
}

/// What an administrator may look after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AdminArea {
    Users,
    Dictionary,
    Audit,
    Settings,
}

/// How far a field is opened, in rising order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldAccess {
    /// Nobody must notice that the field exists.
    #[default]
    Hidden,
    /// That there is a value may be known, not which.
    Masked,
    Read,
    Write,
}

impl FieldAccess {
    pub fn name(self) -> &'static str {
        ["hidden", "masked", "read", "write"][self as usize]
    }
}

/// Which records.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    #[default]
    None,
    /// Those the person owns, and those shared with them (for changing: shared to write; for deleting: owned only).
    Own,
    Department,
    DepartmentTree,
    All,
    /// Those that a filter finds.
    Filter(Json),
}

/// What a role may do with one object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectPermissions {
    #[serde(default)]
    pub read: Scope,
    #[serde(default)]
    pub create: bool,
    #[serde(default)]
    pub update: Scope,
    #[serde(default)]
    pub delete: Scope,
    #[serde(default)]
    pub import: bool,
    #[serde(default)]
    pub export: bool,
    #[serde(default)]
    pub share: bool,
    #[serde(default)]
    pub levels: BTreeMap<Level, FieldAccess>,
    #[serde(default)]
    pub fields: BTreeMap<String, FieldAccess>,
    /// Records beyond `read`, of which less is seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond: Option<Beyond>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beyond {
    pub scope: Scope,
    #[serde(default)]
    pub levels: BTreeMap<Level, FieldAccess>,
    #[serde(default)]
    pub fields: BTreeMap<String, FieldAccess>,
}

impl ObjectPermissions {
    /// Everything, for the system itself and for a role that sees all.
    pub fn full() -> ObjectPermissions {
        ObjectPermissions {
            read: Scope::All,
            create: true,
            update: Scope::All,
            delete: Scope::All,
            import: true,
            export: true,
            share: true,
            levels: Level::ALL.into_iter().map(|level| (level, FieldAccess::Write)).collect(),
            fields: BTreeMap::new(),
            beyond: None,
        }
    }
}
