//! The first visit: the company gets its name, its standard roles, a first department and its administrator. Only while there is no user.

use super::passwords;
use super::put_password;
use super::sign_in::{Origin, SignedIn, begin};
use crate::access::roles::{put_user_roles, seed_roles};
use crate::access::{Company, Org, settings};
use crate::audit::{Author, Note, append};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::plans;
use crate::records::duplicates::OnDuplicate;
use crate::records::{body, create};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::{Code, Fault, Label, Lang, Problem};
use huike_store::{Conn, Sql};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Arc;

/// It has no `Debug`, so that no log can show the password.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// The company's name.
    pub company: String,
    /// The administrator's name.
    pub name: String,
    pub login: String,
    pub password: String,
    #[serde(default)]
    pub language: Lang,
}

/// Whether there is no user yet.
///
/// # Errors
/// The database's.
pub async fn needed(engine: &Engine) -> Result<bool> {
    engine.read(nobody).await
}

fn nobody(conn: &mut Conn) -> Result<bool> {
    Ok(conn.query_opt(&Sql::raw("select id from \"user\" limit 1"))?.is_none())
}

/// Sets the company up and signs its administrator in.
///
/// # Errors
/// Every fault; `conflict` when there is a user already.
pub async fn set_up(engine: &Engine, set_up: SetUp, origin: Origin) -> Result<SignedIn> {
    if !needed(engine).await? {
        return Err(done_before());
    }
    let caller =
        Caller { lang: set_up.language, request: origin.request.clone(), ..Caller::system(Via::Page) };
    let cx = engine.cx(caller)?;
    let person = person_of(&set_up);
    let faults = faults(&set_up, &person, &cx)?;
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let hash = passwords::hash(engine, set_up.password).await?;
    let (this, company) = (engine.clone(), set_up.company.trim().to_owned());
    let user = engine.write(move |conn| found(conn, &this, &cx, &company, &person, &hash)).await?;
    begin(engine, user, &origin).await
}

/// The administrator's record as a request would give it.
fn person_of(set_up: &SetUp) -> Map<String, Json> {
    Map::from_iter([
        ("name".into(), set_up.name.as_str().into()),
        ("login".into(), set_up.login.as_str().into()),
        ("language".into(), set_up.language.tag().into()),
    ])
}

fn faults(set_up: &SetUp, person: &Map<String, Json>, cx: &Cx) -> Result<Vec<Fault>> {
    let object = cx.object("user")?;
    let mut faults: Vec<Fault> = settings::name_fault("company", &set_up.company).into_iter().collect();
    let blank = [("name", &set_up.name), ("login", &set_up.login)]
        .into_iter()
        .filter(|(_, text)| text.trim().is_empty());
    faults.extend(blank.filter_map(|(name, _)| object.field(name)).map(|field| Fault::required(field)));
    faults.extend(body::read(person, object, cx, |_| FieldAccess::Write).err().unwrap_or_default());
    faults.extend(passwords::faults(
        "password",
        &set_up.password,
        &set_up.login,
        &[&set_up.name, &set_up.company],
    ));
    Ok(faults)
}

fn found(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    company: &str,
    person: &Map<String, Json>,
    hash: &str,
) -> Result<i64> {
    // Of two who set up at the same moment the second waits here and then finds it done.
    let claimed = conn.execute(&Sql::with(
        "insert into setting (key, value) values ('set_up_at', $1) on conflict (key) do nothing",
        [cx.moment.now.to_string().into()],
    )?)?;
    if claimed == 0 || !nobody(conn)? {
        return Err(done_before());
    }
    settings::store(conn, &Company { name: company.to_owned(), ..cx.org.company.clone() })?;
    let headquarters = Label::new("总部", "Headquarters");
    let name = Map::from_iter([("name".into(), headquarters.get(cx.lang()).into())]);
    let department = make(conn, engine, cx, "department", &name)?;
    let roles = seed_roles(conn, engine, cx)?;
    plans::seed(conn, cx.lang())?;
    let admin =
        *roles.get("admin").ok_or_else(|| EngineError::internal("objects/roles.toml has no role “admin”"))?;
    // The department was made a moment ago and is referred to now.
    let cx = Cx { org: Arc::new(Org::load(conn)?), ..cx.clone() };
    let mut person = person.clone();
    person.insert(
        "department".into(),
        huike_model::Id::new(department).map_or(Json::Null, |id| id.to_string().into()),
    );
    let user = make(conn, engine, &cx, "user", &person)?;
    put_user_roles(conn, user, &BTreeSet::from([admin]))?;
    put_password(conn, user, hash, false, cx.moment.now)?;
    append(
        conn,
        engine,
        &Author::from(&cx.caller),
        Note::new("set_up", "settings", None).meta(json!({"company": company})),
    )?;
    engine.renew_after(conn);
    Ok(user)
}

fn make(conn: &mut Conn, engine: &Engine, cx: &Cx, object: &str, body: &Map<String, Json>) -> Result<i64> {
    let access = ObjectAccess::of_the_system(cx.object(object)?);
    create::create(conn, engine, cx, &access, body, OnDuplicate::Allow)
}

fn done_before() -> EngineError {
    let zh = "系统已经完成初始化，请直接登录";
    Problem::new(Code::Conflict).with_detail(zh, "The company is set up already; please sign in").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Company, PASSWORD, code, faults, founding};
    use huike_model::access::AdminArea;
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        the_first_visit_makes_the_administrator_who_may_do_everything,
        an_english_company_finds_its_plans_in_english,
        a_company_is_set_up_only_once,
        of_two_set_ups_at_the_same_moment_one_wins,
        everything_wrong_with_a_set_up_is_said_at_once,
    );

    fn the_first_visit_makes_the_administrator_who_may_do_everything(db: &mut TestDb) {
        let company = Company::unfounded(db);
        assert!(company.wait(needed(&company.engine)).unwrap());
        let signed_in = company.wait(set_up(&company.engine, founding(), Origin::default())).unwrap();
        assert!(!company.wait(needed(&company.engine)).unwrap());
        let session = &signed_in.session;
        assert_eq!(session.user.name, "王老板");
        assert_eq!(session.user.department.as_ref().unwrap().name, "总部");
        assert_eq!(session.user.roles[0].name, "管理员");
        assert_eq!(session.company.name, "示例制造有限公司");
        let areas = [AdminArea::Users, AdminArea::Dictionary, AdminArea::Audit, AdminArea::Settings];
        assert_eq!(session.admin, BTreeSet::from(areas));
        assert!(!session.must_change_password);
        assert!(company.try_in("boss", PASSWORD, None).is_ok());
        assert_eq!(company.engine.org().roles().count(), 9);
        let customer = company.create(&company.boss(), "customer", json!({"name": "杭州示例机械有限公司"}));
        assert!(company.sees("boss", "customer", customer));
        assert_eq!(company.log("set_up").len(), 1);
    }

    fn an_english_company_finds_its_plans_in_english(db: &mut TestDb) {
        let company = Company::unfounded(db);
        let founding = SetUp { language: Lang::En, ..founding() };
        company.wait(set_up(&company.engine, founding, Origin::default())).unwrap();
        let sql = Sql::raw("select definition from plan order by position");
        let read = move |conn: &mut Conn| {
            conn.query(&sql)?.iter().map(|row| Ok(row.text(0)?.to_owned())).collect::<Result<Vec<_>>>()
        };
        let plans = company.wait(company.engine.read(read)).unwrap();
        assert_eq!(plans.len(), 4);
        for plan in plans {
            let chinese = plan.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            assert!(plan.contains("\"name\":") && !chinese, "{plan}");
        }
    }

    fn a_company_is_set_up_only_once(db: &mut TestDb) {
        let company = Company::founded(db);
        let again = SetUp { login: "thief".into(), ..founding() };
        assert_eq!(code(company.wait(set_up(&company.engine, again, Origin::default()))), Code::Conflict);
        assert_eq!(company.engine.org().users().count(), 1);
    }

    fn of_two_set_ups_at_the_same_moment_one_wins(db: &mut TestDb) {
        let company = Company::unfounded(db);
        let other = SetUp { login: "other".into(), ..founding() };
        let (one, two) = company.wait(async {
            tokio::join!(
                set_up(&company.engine, founding(), Origin::default()),
                set_up(&company.engine, other, Origin::default())
            )
        });
        assert!(one.is_ok() != two.is_ok());
        assert_eq!(company.int("select count(*) from \"user\""), Some(1));
        assert_eq!(company.int("select count(*) from role"), Some(9));
    }

    fn everything_wrong_with_a_set_up_is_said_at_once(db: &mut TestDb) {
        let company = Company::unfounded(db);
        let wrong = SetUp {
            company: " ".into(),
            name: String::new(),
            login: "a b".into(),
            password: "1234".into(),
            language: Lang::En,
        };
        let error = company.wait(set_up(&company.engine, wrong, Origin::default())).unwrap_err();
        let fields: BTreeSet<String> = faults(error).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["company", "name", "login", "password"].map(str::to_owned).into());
        assert!(company.wait(needed(&company.engine)).unwrap());
    }
}
