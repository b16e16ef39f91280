//! Why somebody sees a record or a field of it, or doesn't: in words, for the administrator who is asked.
//!
//! Whether they do is decided by the very access that requests use; the reasons only say which parts of it led there.

use super::Role;
use super::shares::{GranteeKind, ShareLevel, shares_with};
use crate::cx::{Actor, Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::records::load;
use crate::shown;
use huike_model::access::{AdminArea, FieldAccess, ObjectAccess, Rules, Scope, Shared};
use huike_model::schema::Level;
use huike_model::{Code, Field, Label, Object, Value};
use huike_store::Conn;
use huike_store::query::{Deleted, RecordQuery};
use serde::Serialize;
use std::sync::Arc;

#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// Whether the person sees the record; with a field, whether they read its value.
    pub visible: bool,
    pub reasons: Vec<Label>,
}

/// What is asked: a record of an object, for a user, and perhaps one field of it.
#[derive(Clone, Debug)]
pub struct Question {
    pub object: String,
    pub record: i64,
    pub user: i64,
    pub field: Option<String>,
}

/// Answers it.
///
/// # Errors
/// `forbidden` unless the caller looks after the accounts or asks about themselves; `not_found` when there is no such object, record, user or
/// field (a person asking about themselves: also when they can't see the record).
pub async fn explain(engine: &Engine, cx: &Cx, question: Question) -> Result<Explanation> {
    let themselves = question.user == cx.caller.actor.user();
    if !themselves {
        cx.require(AdminArea::Users)?;
    }
    let (this, cx) = (engine.clone(), cx.clone());
    engine.read(move |conn| answer(conn, &this, &cx, &question, themselves)).await
}

fn answer(
    conn: &mut Conn,
    engine: &Engine,
    asking: &Cx,
    question: &Question,
    themselves: bool,
) -> Result<Explanation> {
    let object = asking.object(&question.object)?.clone();
    let person = asking.org.user(question.user).ok_or(Code::NotFound)?;
    let facts = facts(conn, asking, &object, question.record)?;
    if !person.active {
        let reason = Label::new("账号已停用，不能登录", "The account is deactivated and can't sign in");
        return Ok(Explanation { visible: false, reasons: vec![reason] });
    }
    let caller = Caller {
        actor: Actor::User(question.user),
        lang: asking.lang(),
        via: Via::System,
        request: String::new(),
    };
    let theirs = engine.cx(caller)?;
    let access = theirs.access_or_none(conn, &object)?;
    let reached = reached(conn, &theirs, &access, question.record)?;
    if themselves && reached.is_none() {
        return Err(Code::NotFound.into());
    }
    let case = Case { conn, theirs: &theirs, object: &object, record: question.record, facts };
    let mut explanation = case.explain(reached.is_some())?;
    if let Some(name) = &question.field {
        let field =
            object.field(name).filter(|field| !themselves || access.best(field) > FieldAccess::Hidden);
        let field = field.ok_or(Code::NotFound)?;
        let open = reached.map_or(FieldAccess::Hidden, |reached| access.on_row(field, &reached));
        explanation.visible &= open >= FieldAccess::Read;
        explanation.reasons.push(field_reason(field, open));
    }
    Ok(explanation)
}

/// What the record itself says about who may see it.
struct Facts {
    owner: Option<i64>,
    department: Option<i64>,
    deleted: bool,
}

fn facts(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, record: i64) -> Result<Facts> {
    let access = ObjectAccess::of_the_system(object);
    let fields: Vec<Arc<Field>> =
        ["owner", "department"].iter().filter_map(|name| object.field(name).cloned()).collect();
    let mut query = RecordQuery::new(&access, &cx.schema, &fields);
    query.filter = load::by_id(object, &[record]);
    query.deleted = Deleted::Any;
    query.limit = 1;
    let row = query.run(conn)?.pop().ok_or(Code::NotFound)?;
    let value = |at: usize| row.values.get(at).and_then(Value::as_int);
    Ok(Facts { owner: value(0), department: value(1), deleted: row.deleted_at.is_some() })
}

/// Which grants of an access reach the record; none when it is out of reach.
fn reached(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, record: i64) -> Result<Option<Vec<bool>>> {
    let mut query = RecordQuery::new(access, &cx.schema, &[]);
    query.filter = load::by_id(&access.object, &[record]);
    query.deleted = Deleted::Any;
    query.limit = 1;
    query.exact = true;
    Ok(query.run(conn)?.pop().map(|row| row.reached))
}

struct Case<'a> {
    conn: &'a mut Conn,
    theirs: &'a Cx,
    object: &'a Arc<Object>,
    record: i64,
    facts: Facts,
}

impl Case<'_> {
    fn explain(mut self, visible: bool) -> Result<Explanation> {
        let mut reasons = self.record_reasons();
        let org = self.theirs.org.clone();
        let roles = org.user(self.theirs.moment.me).map(|person| person.roles.clone()).unwrap_or_default();
        if roles.is_empty() {
            reasons.push(Label::new("没有任何角色，什么也看不到", "Has no role at all, so sees nothing"));
        }
        for role in roles.iter().filter_map(|role| org.role(*role)) {
            reasons.push(self.role_reason(role)?);
        }
        reasons.extend(self.share_reasons()?);
        Ok(Explanation { visible, reasons })
    }

    fn record_reasons(&self) -> Vec<Label> {
        let org = &self.theirs.org;
        let mut reasons = Vec::new();
        if self.facts.deleted {
            reasons.push(Label::new("这条记录在回收站里", "The record is in the recycle bin"));
        }
        if self.facts.owner == Some(self.theirs.moment.me) {
            reasons.push(Label::new("是这条记录的负责人", "Owns the record"));
        } else if let Some(owner) = self.facts.owner.and_then(|owner| org.user(owner)) {
            reasons.push(Label::new(
                format!("记录的负责人是{}", owner.name),
                format!("The record is owned by {}", owner.name),
            ));
        }
        if let Some(department) = self.facts.department.and_then(|id| org.department(id)) {
            let name = &department.name;
            let reason = match self.theirs.moment.departments.iter().position(|id| *id == department.id) {
                Some(0) => Label::new(
                    format!("记录属于本人所在的部门“{name}”"),
                    format!("The record belongs to their own department, {name}"),
                ),
                Some(_) => Label::new(
                    format!("记录属于本人部门之下的“{name}”"),
                    format!("The record belongs to {name}, below their own department"),
                ),
                None => Label::new(
                    format!("记录属于“{name}”，不在本人部门及其下级"),
                    format!("The record belongs to {name}, outside their department and those below it"),
                ),
            };
            reasons.push(reason);
        }
        reasons
    }

    /// What one role alone does, shares aside.
    fn role_reason(&mut self, role: &Role) -> Result<Label> {
        let granted =
            role.permissions.objects.get(&self.object.name).or_else(|| role.permissions.objects.get("*"));
        let (object, name) = (&self.object.label_plural, &role.name);
        let objects = object.en.to_lowercase();
        let Some(granted) = granted.filter(|granted| granted.read != Scope::None || granted.beyond.is_some())
        else {
            return Ok(Label::new(
                format!("角色“{name}”不能看{}", object.zh),
                format!("The role {name} opens no {objects}"),
            ));
        };
        let scope = scope_words(&granted.read);
        let reached = match Rules::build(&[&role.permissions], &self.theirs.schema) {
            Ok(rules) => {
                let access = rules.access(self.object, &self.theirs.moment, &Shared::default(), self.theirs);
                let primary = usize::from(granted.read != Scope::None);
                reached(self.conn, self.theirs, &access, self.record)?.map(|reached| {
                    // The first grant of a role is what it opens in full; what comes after is "beyond".
                    access.is_uniform() || (primary == 1 && reached.first() == Some(&true))
                })
            }
            Err(_) => None,
        };
        let (zh, en) = match reached {
            Some(true) => ("包括这条", "this one among them"),
            Some(false) => {
                ("这条不在其中，只能看基本信息", "not this one, of which only the basics are open")
            }
            None => ("这条不在其中", "not this one"),
        };
        Ok(Label::new(
            format!("角色“{name}”可以看{}{}，{zh}", scope.zh, object.zh),
            format!("The role {name} opens {} {objects}, {en}", scope.en),
        ))
    }

    fn share_reasons(&mut self) -> Result<Vec<Label>> {
        let now = self.theirs.moment.now;
        let shares = shares_with(self.conn, self.theirs, &self.object.name, self.record)?;
        let words = shares.into_iter().map(|share| {
            let (to_zh, to_en) = match share.kind {
                GranteeKind::User => ("本人".to_owned(), "them".to_owned()),
                GranteeKind::Department => {
                    let name = self
                        .theirs
                        .org
                        .department(share.grantee)
                        .map(|each| each.name.clone())
                        .unwrap_or_default();
                    (format!("部门“{name}”"), format!("the department {name}"))
                }
            };
            let (level_zh, level_en) = match share.level {
                ShareLevel::Read => ("查看", "to read"),
                ShareLevel::Write => ("修改", "to change"),
            };
            match share.expires_at {
                None => Label::new(
                    format!("已共享给{to_zh}{level_zh}"),
                    format!("Shared with {to_en} {level_en}"),
                ),
                Some(end) if end > now => {
                    let end = shown::instant_text(end);
                    Label::new(
                        format!("已共享给{to_zh}{level_zh}，到 {end} 为止"),
                        format!("Shared with {to_en} {level_en} until {end}"),
                    )
                }
                Some(end) => {
                    let end = shown::instant_text(end);
                    Label::new(
                        format!("曾共享给{to_zh}，已于 {end} 到期"),
                        format!("Was shared with {to_en}; that ended at {end}"),
                    )
                }
            }
        });
        Ok(words.collect())
    }
}

fn scope_words(scope: &Scope) -> Label {
    match scope {
        Scope::None => Label::new("零条", "no"),
        Scope::Own => Label::new("本人负责的和共享来的", "own and shared"),
        Scope::Department => Label::new("本部门的", "the department's"),
        Scope::DepartmentTree => {
            Label::new("本部门及下级部门的", "the department's and its sub-departments'")
        }
        Scope::All => Label::new("全部", "all"),
        Scope::Filter(_) => Label::new("符合条件的", "certain"),
    }
}

fn field_reason(field: &Field, open: FieldAccess) -> Label {
    let level = match field.level {
        Level::General => Label::new("一般", "general"),
        Level::Business => Label::new("业务", "business"),
        Level::Sensitive => Label::new("敏感", "sensitive"),
        Level::Core => Label::new("核心", "core"),
    };
    let (zh, en) = match open {
        FieldAccess::Hidden => ("对此人完全不可见", "is hidden from them"),
        FieldAccess::Masked => ("对此人只显示掩码", "is shown to them masked"),
        FieldAccess::Read => ("此人可以查看", "may be read by them"),
        FieldAccess::Write => ("此人可以查看和修改", "may be read and changed by them"),
    };
    Label::new(
        format!("字段“{}”属于{}级，{zh}", field.label.zh, level.zh),
        format!("The field {}, of level {}, {en}", field.label.en, level.en),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::shares::{Grantee, NewShare, share};
    use crate::session::testing::{Company, DAY, code};
    use huike_model::Id;
    use huike_store::testing::TestDb;
    use serde_json::json;

    huike_store::on_both_databases!(
        the_reasons_name_owner_role_and_share,
        a_field_is_explained_by_its_level,
        a_deactivated_account_sees_nothing,
        a_person_learns_only_about_themselves_and_what_they_see,
    );

    fn ask(company: &Company, by: &str, question: Question) -> Result<Explanation> {
        company.wait(explain(&company.engine, &company.cx(by), question))
    }

    fn question(company: &Company, login: &str, object: &str, record: i64) -> Question {
        Question { object: object.into(), record, user: company.user(login), field: None }
    }

    fn zh(explanation: &Explanation) -> String {
        explanation.reasons.iter().map(|reason| reason.zh.as_str()).collect::<Vec<_>>().join("\n")
    }

    fn company(db: &TestDb) -> (Company, i64, i64) {
        let company = Company::founded(db);
        company.hire("anna", "sales");
        company.hire("bert", "sales");
        let customer =
            company.create(&company.cx("anna"), "customer", json!({"name": "杭州示例机械有限公司"}));
        let body = json!({"name": "示例产线改造", "customer": Id::new(customer).unwrap()});
        let opportunity = company.create(&company.cx("anna"), "opportunity", body);
        (company, customer, opportunity)
    }

    fn the_reasons_name_owner_role_and_share(db: &mut TestDb) {
        let (company, customer, opportunity) = company(db);
        let own = ask(&company, "boss", question(&company, "anna", "opportunity", opportunity)).unwrap();
        assert!(own.visible);
        insta::assert_snapshot!(zh(&own), @r"
            是这条记录的负责人
            角色“销售”可以看本人负责的和共享来的商机，包括这条
        ");
        let basics = ask(&company, "boss", question(&company, "bert", "customer", customer)).unwrap();
        assert!(basics.visible);
        insta::assert_snapshot!(zh(&basics), @r"
            记录的负责人是员工anna
            角色“销售”可以看本人负责的和共享来的客户，这条不在其中，只能看基本信息
        ");
        let none = ask(&company, "boss", question(&company, "bert", "opportunity", opportunity)).unwrap();
        assert!(!none.visible);
        insta::assert_snapshot!(zh(&none), @r"
            记录的负责人是员工anna
            角色“销售”可以看本人负责的和共享来的商机，这条不在其中
        ");
        let grantee = Grantee { kind: GranteeKind::User, id: Id::new(company.user("bert")).unwrap() };
        let expires_at = Some(shown::instant_text(company.engine.now() + DAY));
        let new = NewShare { grantee, level: ShareLevel::Read, expires_at };
        company.wait(share(&company.engine, &company.cx("anna"), "opportunity", opportunity, new)).unwrap();
        let shared = ask(&company, "boss", question(&company, "bert", "opportunity", opportunity)).unwrap();
        assert!(shared.visible);
        let en: Vec<&str> = shared.reasons.iter().map(|reason| reason.en.as_str()).collect();
        insta::assert_snapshot!(en.join("\n"), @r"
            The record is owned by 员工anna
            The role 销售 opens own and shared opportunities, not this one
            Shared with them to read until 2026-03-03T01:00:00Z
        ");
        company.clock.advance_ms(DAY);
        let ended = ask(&company, "boss", question(&company, "bert", "opportunity", opportunity)).unwrap();
        assert!(!ended.visible && zh(&ended).contains("到期"));
    }

    fn a_field_is_explained_by_its_level(db: &mut TestDb) {
        let (company, customer, _) = company(db);
        let of = |login: &str, field: &str| {
            let question =
                Question { field: Some(field.into()), ..question(&company, login, "customer", customer) };
            let explanation = ask(&company, "boss", question).unwrap();
            (explanation.visible, explanation.reasons.last().unwrap().zh.clone())
        };
        assert_eq!(
            of("anna", "mobile"),
            (true, "字段“手机（个人客户）”属于敏感级，此人可以查看和修改".into())
        );
        assert_eq!(
            of("bert", "mobile"),
            (false, "字段“手机（个人客户）”属于敏感级，对此人完全不可见".into())
        );
        assert!(!of("anna", "bank_account").0);
        assert!(of("anna", "bank_account").1.contains("掩码"));
        assert!(of("bert", "name").0);
    }

    fn a_deactivated_account_sees_nothing(db: &mut TestDb) {
        let (company, customer, _) = company(db);
        let user = company.user("anna");
        company.update(&company.boss(), "user", user, json!({"active": false})).unwrap();
        let explanation = ask(&company, "boss", question(&company, "anna", "customer", customer)).unwrap();
        assert!(!explanation.visible && zh(&explanation).contains("停用"));
    }

    fn a_person_learns_only_about_themselves_and_what_they_see(db: &mut TestDb) {
        let (company, customer, opportunity) = company(db);
        assert!(ask(&company, "bert", question(&company, "bert", "customer", customer)).unwrap().visible);
        assert_eq!(
            code(ask(&company, "bert", question(&company, "bert", "opportunity", opportunity))),
            Code::NotFound
        );
        assert_eq!(
            code(ask(&company, "bert", question(&company, "anna", "customer", customer))),
            Code::Forbidden
        );
        let unknown = Question {
            field: Some("no_such_field".into()),
            ..question(&company, "bert", "customer", customer)
        };
        let hidden_object =
            code(ask(&company, "bert", Question { object: "unicorn".into(), ..unknown.clone() }));
        assert_eq!(hidden_object, Code::NotFound);
        assert_eq!(code(ask(&company, "bert", unknown)), Code::NotFound);
        assert_eq!(code(ask(&company, "boss", question(&company, "bert", "customer", 77))), Code::NotFound);
    }
}
