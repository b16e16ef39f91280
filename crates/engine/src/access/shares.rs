//! One record opened to a person or a department, to read or to change, perhaps for a time.
//!
//! A share extends the scope "own" of whoever receives it; what they see of the record is up to their own roles. Whoever may change a
//! record and share at all may share it, and never for longer than they may change it themselves.

use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::load;
use crate::session::Named;
use crate::shown;
use huike_model::access::{ObjectAccess, Shared};
use huike_model::filter::Resolved;
use huike_model::{Code, Fault, Id};
use huike_store::query::{Deleted, RecordQuery};
use huike_store::{Conn, Row, Sql};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// With how many a record may be shared.
const MOST: i64 = 200;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewShare {
    pub grantee: Grantee,
    pub level: ShareLevel,
    /// An instant to come; for ever when absent.
    #[serde(default)]
    pub expires_at: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grantee {
    pub kind: GranteeKind,
    pub id: Id,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GranteeKind {
    User,
    /// Everybody in the department or below it.
    Department,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShareLevel {
    Read,
    Write,
}

#[derive(Clone, Debug, Serialize)]
pub struct Share {
    #[serde(serialize_with = "shown::id")]
    pub id: i64,
    pub grantee: GranteeView,
    pub level: ShareLevel,
    #[serde(serialize_with = "shown::opt_instant")]
    pub expires_at: Option<i64>,
    pub created_by: Named,
    #[serde(serialize_with = "shown::instant")]
    pub created_at: i64,
}

#[derive(Clone, Debug, Serialize)]
pub struct GranteeView {
    pub kind: GranteeKind,
    #[serde(flatten)]
    pub named: Named,
}

impl GranteeKind {
    fn name(self) -> &'static str {
        match self {
            GranteeKind::User => "user",
            GranteeKind::Department => "department",
        }
    }
}

impl ShareLevel {
    fn name(self) -> &'static str {
        match self {
            ShareLevel::Read => "read",
            ShareLevel::Write => "write",
        }
    }
}

/// Shares a record; sharing it again with the same grantee replaces level and end.
///
/// # Errors
/// `not_found` when the caller can't see the record, `forbidden` when they may not share it, every fault of the request.
pub async fn share(engine: &Engine, cx: &Cx, object: &str, record: i64, new: NewShare) -> Result<Share> {
    let (this, cx, object) = (engine.clone(), cx.clone(), object.to_owned());
    engine
        .write(move |conn| {
            let giver = Giver::of(conn, &cx, &object, record)?;
            let expires_at = giver.check(conn, &cx, &new)?;
            let before = same_grantee(conn, &object, record, new.grantee)?;
            let id = match &before {
                Some(before) => before.id,
                None => conn.next_id()?,
            };
            conn.execute(&Sql::with(
                "insert into record_share (id, object, record_id, grantee_kind, grantee_id, level, expires_at, created_by, created_at) \
                 values ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                 on conflict (object, record_id, grantee_kind, grantee_id) do update set level = excluded.level, \
                 expires_at = excluded.expires_at, created_by = excluded.created_by, created_at = excluded.created_at",
                [
                    id.into(),
                    object.as_str().into(),
                    record.into(),
                    new.grantee.kind.name().into(),
                    new.grantee.id.number().into(),
                    new.level.name().into(),
                    expires_at.into(),
                    cx.caller.actor.user().into(),
                    cx.moment.now.into(),
                ],
            )?)?;
            conn.forget();
            let stored = same_grantee(conn, &object, record, new.grantee)?.ok_or(Code::Conflict)?;
            let meta = json!({"share": stored.noted(), "before": before.map(|before| before.noted())});
            append(conn, &this, &Author::from(&cx.caller), Note::new("share", &object, record).meta(meta))?;
            Ok(stored.shown(&cx))
        })
        .await
}

/// With whom a record is shared now. Whoever may change the record may know.
///
/// # Errors
/// `not_found`, `forbidden`.
pub async fn list(engine: &Engine, cx: &Cx, object: &str, record: i64) -> Result<Vec<Share>> {
    let (cx, object) = (cx.clone(), object.to_owned());
    engine
        .read(move |conn| {
            let access = readable(conn, &cx, &object, record)?;
            if !reaches(conn, &cx, &access, record, access.update_scope())? {
                return Err(Code::Forbidden.into());
            }
            let mut sql = select(&object, record);
            sql.push(" and (expires_at is null or expires_at > ").bind(cx.moment.now).push(") order by id");
            let rows = conn.query(&sql)?;
            rows.iter().map(|row| Ok(Stored::read(row)?.shown(&cx))).collect()
        })
        .await
}

/// Ends a share.
///
/// # Errors
/// `not_found`, also when the record has no such share; `forbidden`.
pub async fn revoke(engine: &Engine, cx: &Cx, object: &str, record: i64, share: i64) -> Result<()> {
    let (this, cx, object) = (engine.clone(), cx.clone(), object.to_owned());
    engine
        .write(move |conn| {
            Giver::of(conn, &cx, &object, record)?;
            let mut sql = select(&object, record);
            sql.push(" and id = ").bind(share);
            let row = conn.query_opt(&sql)?.ok_or(Code::NotFound)?;
            let ended = Stored::read(&row)?;
            conn.execute(&Sql::with("delete from record_share where id = $1", [share.into()])?)?;
            conn.forget();
            let note = Note::new("unshare", &object, record).meta(json!({"before": ended.noted()}));
            append(conn, &this, &Author::from(&cx.caller), note)
        })
        .await
}

/// Somebody who may share this record.
struct Giver {
    object: String,
    record: i64,
    /// Whether they may change it only because it was shared with them, and until when then.
    until: Option<Option<i64>>,
}

impl Giver {
    fn of(conn: &mut Conn, cx: &Cx, object: &str, record: i64) -> Result<Giver> {
        let access = readable(conn, cx, object, record)?;
        if !reaches(conn, cx, &access, record, access.share_scope())? {
            return Err(Code::Forbidden.into());
        }
        let by_right = cx.is_system() || {
            let unshared = cx.rules.access(&access.object, &cx.moment, &Shared::default(), cx);
            reaches(conn, cx, &unshared, record, unshared.share_scope())?
        };
        let until = if by_right { None } else { Some(own_share_ends(conn, cx, object, record)?) };
        Ok(Giver { object: object.to_owned(), record, until })
    }

    /// Every fault of a share to be made; when it ends.
    fn check(&self, conn: &mut Conn, cx: &Cx, new: &NewShare) -> Result<Option<i64>> {
        let mut faults = Vec::new();
        let grantee = new.grantee.id.number();
        let known = match new.grantee.kind {
            GranteeKind::User => cx.org.user(grantee).is_some_and(|person| person.active),
            GranteeKind::Department => cx.org.department(grantee).is_some(),
        };
        if !known {
            faults.push(Fault::new(
                "grantee",
                "unknown_reference",
                "没有这位在职员工或这个部门",
                "There is no such active person or department",
            ));
        }
        let now = cx.moment.now;
        let expires_at = new.expires_at.as_deref().map(shown::parse_instant);
        if expires_at.is_some_and(|at| at.is_none_or(|at| at <= now)) {
            let zh = "应为将来的时间，例如 2026-11-21T06:30:00Z";
            faults.push(Fault::new(
                "expires_at",
                "range",
                zh,
                "Must be a time to come, such as 2026-11-21T06:30:00Z",
            ));
        }
        let expires_at = expires_at.flatten();
        if let Some(Some(until)) = self.until
            && expires_at.is_none_or(|at| at > until)
        {
            let end = shown::instant_text(until);
            let zh = format!("这条记录共享给您到 {end} 为止，您转共享的期限不能更晚");
            let en = format!("The record is shared with you until {end}; you can't share it for longer");
            faults.push(Fault::new("expires_at", "beyond_own", zh, en));
        }
        let mut others = Sql::raw("select count(*) from record_share where object = ");
        others.bind(self.object.as_str()).push(" and record_id = ").bind(self.record);
        others.push(" and (expires_at is null or expires_at > ").bind(now).push(") and not (grantee_kind = ");
        others.bind(new.grantee.kind.name()).push(" and grantee_id = ").bind(grantee).push(")");
        if conn.query_one(&others)?.int(0)? >= MOST {
            let zh = format!("一条记录最多共享给 {MOST} 个人或部门");
            faults.push(Fault::new(
                "",
                "too_many",
                zh,
                format!("A record can be shared with {MOST} people or departments at most"),
            ));
        }
        if faults.is_empty() { Ok(expires_at) } else { Err(faults.into()) }
    }
}

fn readable(conn: &mut Conn, cx: &Cx, object: &str, record: i64) -> Result<ObjectAccess> {
    let object = cx.object(object)?.clone();
    let access = cx.access(conn, &object)?;
    if reaches(conn, cx, &access, record, Resolved::everything())? {
        Ok(access)
    } else {
        Err(Code::NotFound.into())
    }
}

fn reaches(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, record: i64, within: Resolved) -> Result<bool> {
    let mut query = RecordQuery::new(access, &cx.schema, &[]);
    query.filter = load::by_id(&access.object, &[record]).and(within);
    query.limit = 1;
    query.deleted = Deleted::Live;
    Ok(!query.run(conn)?.is_empty())
}

/// When the latest of the write shares ends that the caller has on a record; none when one never does.
fn own_share_ends(conn: &mut Conn, cx: &Cx, object: &str, record: i64) -> Result<Option<i64>> {
    let live = |share: &Stored| {
        share.level == ShareLevel::Write && share.expires_at.is_none_or(|end| end > cx.moment.now)
    };
    let ends = shares_with(conn, cx, object, record)?.into_iter().filter(live).map(|share| share.expires_at);
    // No share at all can't be: then the record would not be within reach. It ends at once.
    Ok(ends.reduce(|a, b| a.zip(b).map(|(a, b)| a.max(b))).unwrap_or(Some(cx.moment.now)))
}

/// The shares of a record that reach the caller, those that ended among them.
pub(super) fn shares_with(conn: &mut Conn, cx: &Cx, object: &str, record: i64) -> Result<Vec<Stored>> {
    let department = cx.org.user(cx.moment.me).and_then(|person| person.department);
    let mut sql = select(object, record);
    sql.push(" and ((grantee_kind = 'user' and grantee_id = ").bind(cx.moment.me);
    sql.push(") or (grantee_kind = 'department' and grantee_id in ");
    sql.bind_list(department.map(|department| cx.org.departments_above(department)).unwrap_or_default())
        .push(")) order by id");
    conn.query(&sql)?.iter().map(Stored::read).collect()
}

/// A row of `record_share`.
pub(super) struct Stored {
    id: i64,
    pub kind: GranteeKind,
    pub grantee: i64,
    pub level: ShareLevel,
    pub expires_at: Option<i64>,
    created_by: i64,
    created_at: i64,
}

fn select(object: &str, record: i64) -> Sql {
    let columns = "id, grantee_kind, grantee_id, level, expires_at, created_by, created_at";
    let mut sql = Sql::raw(format!("select {columns} from record_share where object = "));
    sql.bind(object).push(" and record_id = ").bind(record);
    sql
}

fn same_grantee(conn: &mut Conn, object: &str, record: i64, grantee: Grantee) -> Result<Option<Stored>> {
    let mut sql = select(object, record);
    sql.push(" and grantee_kind = ")
        .bind(grantee.kind.name())
        .push(" and grantee_id = ")
        .bind(grantee.id.number());
    conn.query_opt(&sql)?.as_ref().map(Stored::read).transpose()
}

impl Stored {
    fn read(row: &Row) -> Result<Stored> {
        Ok(Stored {
            id: row.int(0)?,
            kind: if row.text(1)? == "user" { GranteeKind::User } else { GranteeKind::Department },
            grantee: row.int(2)?,
            level: if row.text(3)? == "write" { ShareLevel::Write } else { ShareLevel::Read },
            expires_at: row.opt_int(4)?,
            created_by: row.int(5)?,
            created_at: row.int(6)?,
        })
    }

    fn shown(&self, cx: &Cx) -> Share {
        let person = |id: i64| cx.org.user(id).map(|person| person.name.clone());
        let name = match self.kind {
            GranteeKind::User => person(self.grantee),
            GranteeKind::Department => {
                cx.org.department(self.grantee).map(|department| department.name.clone())
            }
        };
        Share {
            id: self.id,
            grantee: GranteeView {
                kind: self.kind,
                named: Named { id: self.grantee, name: name.unwrap_or_default() },
            },
            level: self.level,
            expires_at: self.expires_at,
            created_by: Named { id: self.created_by, name: person(self.created_by).unwrap_or_default() },
            created_at: self.created_at,
        }
    }

    fn noted(&self) -> serde_json::Value {
        json!({
            "id": Id::new(self.id).ok(),
            "grantee": {"kind": self.kind, "id": Id::new(self.grantee).ok()},
            "level": self.level,
            "expires_at": self.expires_at.map(shown::instant_text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cx::Actor;
    use crate::session::testing::{Company, DAY, code, faults};
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        a_shared_record_is_open_to_the_grantee_until_the_share_ends,
        a_share_with_a_department_reaches_everybody_in_and_below_it,
        who_may_not_change_a_record_may_not_share_it,
        whoever_got_a_record_shares_it_no_longer_than_they_have_it,
        sharing_again_replaces_and_revoking_ends,
        every_fault_of_a_share_is_found_at_once,
    );

    /// A company whose opportunities are seen by their owners only; the opportunity of `anna`.
    fn opportunity(db: &TestDb) -> (Company, i64) {
        let company = Company::founded(db);
        for login in ["anna", "bert", "carl"] {
            company.hire(login, "sales");
        }
        let customer =
            company.create(&company.cx("anna"), "customer", json!({"name": "杭州示例机械有限公司"}));
        let customer = Id::new(customer).unwrap();
        let body = json!({"name": "示例产线改造", "customer": customer});
        let opportunity = company.create(&company.cx("anna"), "opportunity", body);
        assert!(company.sees("anna", "opportunity", opportunity));
        assert!(!company.sees("bert", "opportunity", opportunity));
        (company, opportunity)
    }

    fn with(company: &Company, login: &str, level: ShareLevel, expires_at: Option<i64>) -> NewShare {
        let grantee = Grantee { kind: GranteeKind::User, id: Id::new(company.user(login)).unwrap() };
        NewShare { grantee, level, expires_at: expires_at.map(shown::instant_text) }
    }

    fn give(company: &Company, by: &str, record: i64, new: NewShare) -> Result<Share> {
        company.wait(share(&company.engine, &company.cx(by), "opportunity", record, new))
    }

    fn rename(company: &Company, by: &str, record: i64) -> Result<()> {
        company.update(&company.cx(by), "opportunity", record, json!({"name": format!("改名{by}")}))
    }

    fn a_shared_record_is_open_to_the_grantee_until_the_share_ends(db: &mut TestDb) {
        let (company, record) = opportunity(db);
        let end = company.engine.now() + DAY;
        give(&company, "anna", record, with(&company, "bert", ShareLevel::Read, Some(end))).unwrap();
        assert!(company.sees("bert", "opportunity", record));
        assert!(!company.sees("carl", "opportunity", record));
        assert_eq!(code(rename(&company, "bert", record)), Code::Forbidden);
        give(&company, "anna", record, with(&company, "carl", ShareLevel::Write, None)).unwrap();
        rename(&company, "carl", record).unwrap();
        company.clock.advance_ms(DAY);
        assert!(!company.sees("bert", "opportunity", record));
        assert!(company.sees("carl", "opportunity", record));
        let logged = company.log("share");
        assert_eq!((logged[0].object.as_str(), logged[0].record_id), ("opportunity", Some(record)));
        assert!(logged[0].meta.as_deref().unwrap().contains("\"read\""));
    }

    fn a_share_with_a_department_reaches_everybody_in_and_below_it(db: &mut TestDb) {
        let (company, record) = opportunity(db);
        let (above, beside) = (company.department("大区"), company.department("别处"));
        let parent = Id::new(above).unwrap();
        let below =
            company.create(&company.system(), "department", json!({"name": "小组", "parent": parent}));
        company.hire_into("dora", "sales", Some(below));
        company.hire_into("emil", "sales", Some(beside));
        let grantee = Grantee { kind: GranteeKind::Department, id: parent };
        let made =
            give(&company, "anna", record, NewShare { grantee, level: ShareLevel::Read, expires_at: None })
                .unwrap();
        assert_eq!(
            serde_json::to_value(&made).unwrap()["grantee"],
            json!({"kind": "department", "id": parent, "name": "大区"})
        );
        assert!(company.sees("dora", "opportunity", record));
        assert!(!company.sees("emil", "opportunity", record));
    }

    fn who_may_not_change_a_record_may_not_share_it(db: &mut TestDb) {
        let (company, record) = opportunity(db);
        let with_carl = || with(&company, "carl", ShareLevel::Read, None);
        assert_eq!(code(give(&company, "bert", record, with_carl())), Code::NotFound);
        give(&company, "anna", record, with(&company, "bert", ShareLevel::Read, None)).unwrap();
        assert_eq!(code(give(&company, "bert", record, with_carl())), Code::Forbidden);
        assert_eq!(
            code(company.wait(list(&company.engine, &company.cx("bert"), "opportunity", record))),
            Code::Forbidden
        );
        let mut cx = company.cx("anna");
        cx.caller.actor = Actor::Key { user: company.user("anna"), key: 1, writes: false };
        let by_key = company.wait(share(&company.engine, &cx, "opportunity", record, with_carl()));
        assert_eq!(code(by_key), Code::Forbidden);
        company.hire("desk", "service");
        let customer = company.create(&company.boss(), "customer", json!({"name": "只读客户有限公司"}));
        let attempt =
            company.wait(share(&company.engine, &company.cx("desk"), "customer", customer, with_carl()));
        assert_eq!(code(attempt), Code::Forbidden);
        assert!(!company.sees("carl", "opportunity", record));
    }

    fn whoever_got_a_record_shares_it_no_longer_than_they_have_it(db: &mut TestDb) {
        let (company, record) = opportunity(db);
        let end = company.engine.now() + DAY;
        give(&company, "anna", record, with(&company, "bert", ShareLevel::Write, Some(end))).unwrap();
        for later in [None, Some(end + 1000)] {
            let attempt = give(&company, "bert", record, with(&company, "carl", ShareLevel::Write, later));
            assert_eq!(faults(attempt.unwrap_err()), [("expires_at".to_owned(), "beyond_own")]);
        }
        give(&company, "bert", record, with(&company, "carl", ShareLevel::Write, Some(end))).unwrap();
        give(&company, "anna", record, with(&company, "carl", ShareLevel::Write, Some(end + DAY))).unwrap();
    }

    fn sharing_again_replaces_and_revoking_ends(db: &mut TestDb) {
        let (company, record) = opportunity(db);
        let first = give(&company, "anna", record, with(&company, "bert", ShareLevel::Write, None)).unwrap();
        let second = give(&company, "anna", record, with(&company, "bert", ShareLevel::Read, None)).unwrap();
        assert_eq!(first.id, second.id);
        let shares = company.wait(list(&company.engine, &company.cx("anna"), "opportunity", record)).unwrap();
        assert_eq!(shares.iter().map(|share| share.level).collect::<Vec<_>>(), [ShareLevel::Read]);
        assert_eq!(code(rename(&company, "bert", record)), Code::Forbidden);
        let end = |by: &str, share| {
            company.wait(revoke(&company.engine, &company.cx(by), "opportunity", record, share))
        };
        assert_eq!(code(end("bert", first.id)), Code::Forbidden);
        assert_eq!(code(end("anna", first.id + 1)), Code::NotFound);
        end("anna", first.id).unwrap();
        assert!(!company.sees("bert", "opportunity", record));
        assert_eq!(company.log("unshare").len(), 1);
    }

    fn every_fault_of_a_share_is_found_at_once(db: &mut TestDb) {
        let (company, record) = opportunity(db);
        let grantee = Grantee { kind: GranteeKind::Department, id: Id::new(5).unwrap() };
        for expires_at in ["yesterday", "2020-01-01T00:00:00Z"] {
            let new = NewShare { grantee, level: ShareLevel::Read, expires_at: Some(expires_at.into()) };
            let found: Vec<String> = faults(give(&company, "anna", record, new).unwrap_err())
                .into_iter()
                .map(|(at, _)| at)
                .collect();
            assert_eq!(found, ["grantee", "expires_at"]);
        }
        let bert = company.user("bert");
        company.update(&company.boss(), "user", bert, json!({"active": false})).unwrap();
        let gone = give(&company, "anna", record, with(&company, "bert", ShareLevel::Read, None));
        assert_eq!(faults(gone.unwrap_err()), [("grantee".to_owned(), "unknown_reference")]);
    }
}
