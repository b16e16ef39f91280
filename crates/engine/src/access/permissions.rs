//! What a role grants: read, checked with every fault, and changed; and the standard roles as shipped in `objects/roles.toml`.

use super::roles::guard_administrators;
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::definitions;
use crate::dictionary::Standard;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use huike_model::access::{AdminArea, ObjectPermissions, Permissions, Rules};
use huike_model::{Code, Fault, Label, Schema};
use huike_store::{Conn, Sql};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

/// A role that a new company starts with.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardRole {
    pub code: String,
    pub name: Label,
    pub description: Label,
    pub permissions: Permissions,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RolesFile {
    roles: Vec<StandardRole>,
}

/// The shipped roles, in the order of their file.
///
/// # Errors
/// A file that can't be read.
pub fn standard_roles() -> Result<Vec<StandardRole>> {
    let file =
        Standard::get("roles.toml").ok_or_else(|| EngineError::internal("objects/roles.toml is missing"))?;
    let text = std::str::from_utf8(&file.data)
        .map_err(|_| EngineError::internal("objects/roles.toml is not UTF-8"))?;
    let file: RolesFile = toml::from_str(text)
        .map_err(|error| EngineError::internal(format!("objects/roles.toml: {error}")))?;
    Ok(file.roles)
}

/// What a role grants.
///
/// # Errors
/// `forbidden`; `not_found`.
pub fn permissions_of(cx: &Cx, role: i64) -> Result<Permissions> {
    cx.require(AdminArea::Users)?;
    let role = cx.org.role(role).ok_or(Code::NotFound)?;
    Ok((*role.permissions).clone())
}

/// Replaces what a role grants.
///
/// # Errors
/// `forbidden`; `not_found`; every fault of the permissions; when nobody would be left to look after the accounts.
pub async fn put_permissions(engine: &Engine, cx: &Cx, role: i64, permissions: &Json) -> Result<Permissions> {
    cx.require_to_change(AdminArea::Users)?;
    cx.org.role(role).ok_or(Code::NotFound)?;
    let permissions = check(permissions, &cx.schema)?;
    let (this, cx, new) = (engine.clone(), cx.clone(), permissions.clone());
    engine
        .write(move |conn| {
            let before = stored(conn, role)?;
            store(conn, role, &new)?;
            guard_administrators(conn, &cx)?;
            let shown = |permissions: &Permissions| json!({"permissions": permissions});
            let note = Note::new("permissions", "role", role).change(shown(&before), shown(&new));
            append(conn, &this, &Author::from(&cx.caller), note)?;
            this.renew_after(conn);
            Ok(())
        })
        .await?;
    Ok(permissions)
}

pub(super) fn stored(conn: &mut Conn, role: i64) -> Result<Permissions> {
    let row = conn.query_opt(&Sql::with(
        "select permissions from role_permission where role_id = $1",
        [role.into()],
    )?)?;
    let Some(row) = row else { return Ok(Permissions::default()) };
    serde_json::from_str(row.text(0)?)
        .map_err(|_| EngineError::internal("the permissions of a role can't be read"))
}

pub(super) fn store(conn: &mut Conn, role: i64, permissions: &Permissions) -> Result<()> {
    let text =
        serde_json::to_string(permissions).map_err(|error| EngineError::internal(error.to_string()))?;
    conn.execute(&Sql::with(
        "insert into role_permission (role_id, permissions) values ($1, $2) \
         on conflict (role_id) do update set permissions = excluded.permissions",
        [role.into(), text.into()],
    )?)?;
    Ok(())
}

/// Permissions as they were sent, checked against the dictionary.
///
/// # Errors
/// Every fault, at paths such as `objects.customer.read`.
pub fn check(json: &Json, schema: &Schema) -> Result<Permissions> {
    let mut faults = Vec::new();
    let Some(members) = json.as_object() else {
        return Err(shape("", "应为一个对象", "must be an object").into());
    };
    let unknown = members.keys().filter(|name| !matches!(name.as_str(), "admin" | "objects"));
    faults.extend(unknown.map(|name| Fault::unknown_field(name)));
    let mut permissions = Permissions::default();
    for area in members.get("admin").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default() {
        match serde_json::from_value::<AdminArea>(area.clone()) {
            Ok(area) => drop(permissions.admin.insert(area)),
            Err(_) => faults.push(shape(
                "admin",
                "应为 users、dictionary、audit 或 settings",
                "must be users, dictionary, audit or settings",
            )),
        }
    }
    if members.get("admin").is_some_and(|admin| !admin.is_array()) {
        faults.push(shape("admin", "应为列表", "must be a list"));
    }
    let none = Map::new();
    let objects = match members.get("objects") {
        None => &none,
        Some(Json::Object(objects)) => objects,
        Some(_) => {
            faults.push(shape("objects", "应为一个对象", "must be an object"));
            &none
        }
    };
    for (name, granted) in objects {
        match check_object(name, granted, schema) {
            Ok(granted) => drop(permissions.objects.insert(name.clone(), granted)),
            Err(found) => faults.extend(found),
        }
    }
    // A trial: the filters of scopes are checked where they are used. Those of one object don't hide those of another.
    if let Err(found) = Rules::build(&[&permissions], schema) {
        faults.extend(found.into_iter().map(|fault| {
            let at = format!("objects.{}", fault.field);
            fault.at(at)
        }));
    }
    if faults.is_empty() { Ok(permissions) } else { Err(faults.into()) }
}

fn check_object(
    name: &str,
    granted: &Json,
    schema: &Schema,
) -> std::result::Result<ObjectPermissions, Vec<Fault>> {
    let at = |part: &str| format!("objects.{name}.{part}");
    let object = schema.object(name);
    if object.is_none() && name != "*" {
        let (zh, en) = (format!("没有“{name}”这个对象"), format!("There is no object “{name}”"));
        return Err(vec![Fault::new(format!("objects.{name}"), "unknown_object", zh, en)]);
    }
    let Some(members) = granted.as_object() else {
        return Err(vec![shape(&format!("objects.{name}"), "应为一个对象", "must be an object")]);
    };
    let mut faults = Vec::new();
    // Member by member, so that one that can't be read doesn't hide the next.
    for (part, value) in members {
        let alone = Json::Object(Map::from_iter([(part.clone(), value.clone())]));
        let place = format!("objects.{name}");
        faults.extend(definitions::part::<ObjectPermissions>(&place, alone, &permissions()).err());
    }
    let beyond = members.get("beyond").and_then(|beyond| beyond.get("fields"));
    for (part, fields) in [("fields", members.get("fields")), ("beyond.fields", beyond)] {
        let named = fields.and_then(Json::as_object).into_iter().flat_map(Map::keys);
        let unknown = named.filter(|field| object.is_some_and(|object| object.any_field(field).is_none()));
        faults.extend(unknown.map(|field| Fault::unknown_field(field).at(at(&format!("{part}.{field}")))));
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    definitions::part(&format!("objects.{name}"), granted.clone(), &permissions())
        .map_err(|fault| vec![fault])
}

fn permissions() -> Label {
    Label::new("权限", "The permissions")
}

fn shape(at: &str, zh: &str, en: &str) -> Fault {
    Fault::new(at, "format", zh, en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Company, code, faults};
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        changed_permissions_hold_at_once,
        every_fault_of_permissions_is_found_at_once,
        only_who_looks_after_accounts_sees_and_changes_permissions,
        the_last_administrator_keeps_the_right_to_look_after_accounts,
    );

    #[test]
    fn the_shipped_roles_are_read_and_fit_the_shipped_dictionary() {
        let schema = crate::dictionary::standard().unwrap();
        let roles = standard_roles().unwrap();
        let codes: Vec<&str> = roles.iter().map(|role| role.code.as_str()).collect();
        let wanted = [
            "admin",
            "sysadmin",
            "sales",
            "sales_manager",
            "service",
            "marketing",
            "finance",
            "steward",
            "compliance",
        ];
        assert_eq!(codes, wanted);
        for role in &roles {
            let json = serde_json::to_value(&role.permissions).unwrap();
            let checked = check(&json, &schema).unwrap_or_else(|error| panic!("{}: {error}", role.code));
            assert_eq!(checked, role.permissions);
        }
        let admin: Vec<&str> = roles
            .iter()
            .filter(|role| role.permissions.admin.contains(&AdminArea::Users))
            .map(|role| role.code.as_str())
            .collect();
        assert_eq!(admin, ["admin", "sysadmin"]);
    }

    fn put(company: &Company, role: &str, permissions: Json) -> Result<Permissions> {
        let (role, cx) = (company.role(role), company.boss());
        company.wait(put_permissions(&company.engine, &cx, role, &permissions))
    }

    fn changed_permissions_hold_at_once(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sales", "sales");
        let article = company.create(&company.boss(), "customer", json!({"name": "宁波示例五金有限公司"}));
        assert!(company.sees("sales", "customer", article), "others' customers in their basics");
        let before = permissions_of(&company.boss(), company.role("sales")).unwrap();
        put(&company, "sales", json!({"admin": [], "objects": {"customer": {"read": "own"}}})).unwrap();
        assert!(!company.sees("sales", "customer", article));
        let logged = &company.log("permissions")[0];
        assert_eq!((logged.object.as_str(), logged.record_id), ("role", Some(company.role("sales"))));
        let noted: Json = serde_json::from_str(logged.before.as_deref().unwrap()).unwrap();
        assert_eq!(noted["permissions"], serde_json::to_value(before).unwrap());
        assert!(logged.after.as_deref().unwrap().contains("\"own\""));
    }

    fn every_fault_of_permissions_is_found_at_once(db: &mut TestDb) {
        let company = Company::founded(db);
        let wrong = json!({
            "admin": ["users", "world"],
            "colour": 1,
            "objects": {
                "unicorn": {"read": "all"},
                "customer": {"read": "everything", "create": 1, "levels": {"secret": "read"}, "fields": {"horn": "read"}},
                "contact": {"read": {"filter": {"field": "horn", "op": "eq", "value": 1}}},
                "order": {"read": {"filter": {"field": "owner", "op": "shouts"}}},
                "task": 7,
            },
        });
        let mut found: Vec<String> =
            faults(put(&company, "sales", wrong).unwrap_err()).into_iter().map(|(field, _)| field).collect();
        found.sort();
        found.dedup();
        let places = [
            "admin",
            "colour",
            "objects.unicorn",
            "objects.customer.read",
            "objects.customer.create",
            "objects.customer.levels",
            "objects.customer.fields.horn",
            "objects.task",
        ];
        for place in places {
            assert!(found.iter().any(|at| at == place), "{place} in {found:?}");
        }
        for object in ["contact", "order"] {
            assert!(
                found.iter().any(|at| at.starts_with(&format!("objects.{object}"))),
                "{object} in {found:?}"
            );
        }
        assert_eq!(code(put(&company, "sales", json!([]))), Code::Invalid);
    }

    fn only_who_looks_after_accounts_sees_and_changes_permissions(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sales", "sales");
        let (cx, role) = (company.cx("sales"), company.role("sales"));
        assert_eq!(code(permissions_of(&cx, role)), Code::Forbidden);
        let all = json!({"admin": ["users"], "objects": {}});
        assert_eq!(code(company.wait(put_permissions(&company.engine, &cx, role, &all))), Code::Forbidden);
        assert_eq!(
            code(company.wait(put_permissions(&company.engine, &company.boss(), 1, &all))),
            Code::NotFound
        );
    }

    fn the_last_administrator_keeps_the_right_to_look_after_accounts(db: &mut TestDb) {
        let company = Company::founded(db);
        assert_eq!(code(put(&company, "admin", json!({"admin": [], "objects": {}}))), Code::Conflict);
        assert!(company.boss().require(AdminArea::Users).is_ok());
        company.hire("it", "sysadmin");
        assert!(put(&company, "admin", json!({"admin": [], "objects": {}})).is_ok());
        assert_eq!(code(company.boss().require(AdminArea::Users)), Code::Forbidden);
    }
}
