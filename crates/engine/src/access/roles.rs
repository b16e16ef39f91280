//! Who holds which roles, the roles a new company starts with, and the rule that somebody must be left to look after the accounts.

use super::permissions::{self, standard_roles};
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::records::create;
use crate::records::duplicates::OnDuplicate;
use crate::session::Named;
use huike_model::access::{AdminArea, ObjectAccess, Permissions};
use huike_model::{Code, Fault, Id, Problem};
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeSet, HashMap};

/// Gives a user exactly these roles.
///
/// # Errors
/// `forbidden`; `not_found`; a fault for each role that doesn't exist; when nobody would be left to look after the accounts.
pub async fn set_user_roles(engine: &Engine, cx: &Cx, user: i64, roles: &[Id]) -> Result<()> {
    cx.require_to_change(AdminArea::Users)?;
    cx.org.user(user).ok_or(Code::NotFound)?;
    let roles: BTreeSet<i64> = roles.iter().map(|role| role.number()).collect();
    let unknown = roles.iter().filter(|role| cx.org.role(**role).is_none());
    let faults: Vec<Fault> = unknown
        .map(|_| Fault::new("roles", "unknown_reference", "角色不存在", "A role doesn't exist"))
        .collect();
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let (this, cx) = (engine.clone(), cx.clone());
    engine
        .write(move |conn| {
            let before = roles_of(conn, user)?;
            if before == roles {
                return Ok(());
            }
            put_user_roles(conn, user, &roles)?;
            guard_administrators(conn, &cx)?;
            let shown = |roles: &BTreeSet<i64>| {
                let named = roles.iter().map(
                    |id| json!({"id": Id::new(*id).ok(), "name": cx.org.role(*id).map(|role| &role.name)}),
                );
                json!({"roles": named.collect::<Vec<_>>()})
            };
            let note = Note::new("roles", "user", user).change(shown(&before), shown(&roles));
            append(conn, &this, &Author::from(&cx.caller), note)?;
            this.renew_after(conn);
            Ok(())
        })
        .await
}

/// The roles a user holds, by name.
///
/// # Errors
/// `forbidden` unless the caller looks after users; `not_found`.
pub fn user_roles(cx: &Cx, user: i64) -> Result<Vec<Named>> {
    cx.require(AdminArea::Users)?;
    let person = cx.org.user(user).ok_or(Code::NotFound)?;
    let held = person.roles.iter().filter_map(|role| cx.org.role(*role));
    Ok(held.map(|role| Named { id: role.id, name: role.name.clone() }).collect())
}

fn roles_of(conn: &mut Conn, user: i64) -> Result<BTreeSet<i64>> {
    let rows = conn.query(&Sql::with("select role_id from user_role where user_id = $1", [user.into()])?)?;
    rows.iter().map(|row| Ok(row.int(0)?)).collect()
}

/// Stores a user's roles without asking anybody: for setting up and seeding.
///
/// # Errors
/// The database's.
pub fn put_user_roles(conn: &mut Conn, user: i64, roles: &BTreeSet<i64>) -> Result<()> {
    conn.execute(&Sql::with("delete from user_role where user_id = $1", [user.into()])?)?;
    for role in roles {
        let values = [user.into(), (*role).into()];
        conn.execute(&Sql::with("insert into user_role (user_id, role_id) values ($1, $2)", values)?)?;
    }
    Ok(())
}

/// Makes the standard roles that are not there yet, with their permissions; every role by its code. `cx` is the system's, and its
/// language names them.
///
/// # Errors
/// The database's; a shipped file that can't be read.
pub fn seed_roles(conn: &mut Conn, engine: &Engine, cx: &Cx) -> Result<HashMap<String, i64>> {
    let access = ObjectAccess::of_the_system(cx.object("role")?);
    let mut roles = HashMap::new();
    for role in standard_roles()? {
        let present = Sql::with(
            "select id from role where code = $1 and deleted_at is null",
            [role.code.as_str().into()],
        )?;
        let id = match conn.query_opt(&present)? {
            Some(row) => row.int(0)?,
            None => {
                let body: Map<String, Json> = Map::from_iter([
                    ("name".into(), role.name.get(cx.lang()).into()),
                    ("code".into(), role.code.as_str().into()),
                    ("description".into(), role.description.get(cx.lang()).into()),
                    ("builtin".into(), true.into()),
                ]);
                let id = create::create(conn, engine, cx, &access, &body, OnDuplicate::Allow)?;
                permissions::store(conn, id, &role.permissions)?;
                id
            }
        };
        roles.insert(role.code, id);
    }
    Ok(roles)
}

/// Refuses a change after which no active user would be left who looks after the accounts: nobody could mend it. To be called inside the
/// transaction, after every change of users, roles, permissions or who holds them. The system may do as it likes: it sets up companies.
///
/// # Errors
/// `conflict` with the reason.
pub fn guard_administrators(conn: &mut Conn, cx: &Cx) -> Result<()> {
    if cx.is_system() {
        return Ok(());
    }
    // One at a time: two administrators who remove each other at the same moment must not both succeed. The row is made when the
    // company is set up, and touched to hold its lock.
    conn.execute(&Sql::raw(
        "insert into setting (key, value) values ('administrators', '') on conflict (key) do update set value = excluded.value",
    ))?;
    let text = "select distinct p.permissions from \"user\" u join user_role ur on ur.user_id = u.id \
                join role r on r.id = ur.role_id join role_permission p on p.role_id = r.id \
                where u.deleted_at is null and coalesce(u.active, 1) <> 0 and r.deleted_at is null";
    for row in conn.query(&Sql::raw(text))? {
        let permissions: Permissions = serde_json::from_str(row.text(0)?)
            .map_err(|_| EngineError::internal("the permissions of a role can't be read"))?;
        if permissions.admin.contains(&AdminArea::Users) {
            return Ok(());
        }
    }
    let zh = "这样就没有人能管理账号了：请先让另一位在职员工拥有管理账号的角色";
    let en = "Nobody would be left to look after accounts: first give another active user a role that may";
    Err(Problem::new(Code::Conflict).with_detail(zh, en).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Company, code, faults};
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        a_user_gets_exactly_the_roles_given,
        roles_that_there_are_not_are_refused,
        the_last_administrator_can_neither_be_stripped_nor_deactivated_nor_removed,
        two_administrators_who_strip_each_other_do_not_both_succeed,
        seeding_roles_again_adds_none_and_changes_none,
    );

    fn give(company: &Company, by: &str, user: i64, roles: &[&str]) -> Result<()> {
        let roles: Vec<Id> = roles.iter().map(|role| Id::new(company.role(role)).unwrap()).collect();
        company.wait(set_user_roles(&company.engine, &company.cx(by), user, &roles))
    }

    fn a_user_gets_exactly_the_roles_given(db: &mut TestDb) {
        let company = Company::founded(db);
        let user = company.hire("sales", "sales");
        give(&company, "boss", user, &["service", "finance"]).unwrap();
        let held: BTreeSet<i64> = company.engine.org().user(user).unwrap().roles.iter().copied().collect();
        assert_eq!(held, BTreeSet::from([company.role("service"), company.role("finance")]));
        let logged = &company.log("roles")[0];
        assert_eq!((logged.object.as_str(), logged.record_id), ("user", Some(user)));
        assert!(
            logged.before.as_deref().unwrap().contains("销售")
                && logged.after.as_deref().unwrap().contains("财务")
        );
        assert_eq!(code(give(&company, "sales", user, &["admin"])), Code::Forbidden);
    }

    fn roles_that_there_are_not_are_refused(db: &mut TestDb) {
        let company = Company::founded(db);
        let user = company.hire("sales", "sales");
        let unknown = [Id::new(7).unwrap(), Id::new(8).unwrap()];
        let attempt = company.wait(set_user_roles(&company.engine, &company.boss(), user, &unknown));
        assert_eq!(faults(attempt.unwrap_err()).len(), 2);
        assert_eq!(company.engine.org().user(user).unwrap().roles, [company.role("sales")]);
    }

    fn the_last_administrator_can_neither_be_stripped_nor_deactivated_nor_removed(db: &mut TestDb) {
        let company = Company::founded(db);
        let boss = company.user("boss");
        let role = company.role("admin");
        assert_eq!(code(give(&company, "boss", boss, &["sales"])), Code::Conflict);
        assert_eq!(
            code(company.update(&company.boss(), "user", boss, json!({"active": false}))),
            Code::Conflict
        );
        let removed = company.wait(company.engine.delete_record(company.boss(), "user".into(), boss, None));
        assert_eq!(code(removed), Code::Conflict);
        let removed = company.wait(company.engine.delete_record(company.boss(), "role".into(), role, None));
        assert_eq!(code(removed), Code::Conflict);
        assert!(company.boss().require(AdminArea::Users).is_ok());
        company.hire("it", "sysadmin");
        company.update(&company.boss(), "user", boss, json!({"active": false})).unwrap();
    }

    fn two_administrators_who_strip_each_other_do_not_both_succeed(db: &mut TestDb) {
        let company = Company::founded(db);
        let (boss, other) = (company.user("boss"), company.hire("other", "admin"));
        let (one, two) = company.wait(async {
            let (by_boss, by_other) = (company.boss(), company.cx("other"));
            let engine = (company.engine.clone(), company.engine.clone());
            let one = tokio::spawn(async move { set_user_roles(&engine.0, &by_boss, other, &[]).await });
            let two = tokio::spawn(async move { set_user_roles(&engine.1, &by_other, boss, &[]).await });
            (one.await.unwrap(), two.await.unwrap())
        });
        assert!(one.is_ok() != two.is_ok());
        assert_eq!(company.int("select count(*) from user_role"), Some(1));
    }

    fn seeding_roles_again_adds_none_and_changes_none(db: &mut TestDb) {
        let company = Company::founded(db);
        let role = company.role("sales");
        let mine = json!({"admin": [], "objects": {}});
        company.wait(permissions::put_permissions(&company.engine, &company.boss(), role, &mine)).unwrap();
        let (engine, cx) = (company.engine.clone(), company.system());
        let roles = company.write(move |conn| seed_roles(conn, &engine, &cx));
        assert_eq!((roles.len(), roles["sales"]), (9, role));
        assert_eq!(company.int("select count(*) from role"), Some(9));
        assert!(company.cx("boss").org.role(role).unwrap().permissions.objects.is_empty());
    }
}
