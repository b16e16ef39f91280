//! Plans that a company finds ready: off until somebody has looked at them, on in the demonstration.

use super::definition::{self, Branch, Definition, Evidence, Plan, Start, Step};
use crate::error::Result;
use crate::obligations::rule::Offset;
use crate::setting;
use huike_store::{Conn, Sql};

/// The key in `setting` that says that they were made: those that were deleted since don't come back.
const SEEDED: &str = "plans";

/// Makes the plans of a new company, once.
///
/// # Errors
/// The database's.
pub fn seed(conn: &mut Conn) -> Result<()> {
    if !setting::put_first(conn, SEEDED, "1")? {
        return Ok(());
    }
    for (place, definition) in (1_i64..).zip(plans()) {
        let plan = Plan {
            id: conn.next_id()?,
            position: place * 10,
            active: false,
            active_since: 0,
            version: 1,
            definition,
        };
        definition::store(conn, &plan, 0, 0)?;
    }
    Ok(())
}

/// Takes every plan into use, for customers who become what it is for from now on.
///
/// # Errors
/// The database's.
pub fn activate(conn: &mut Conn, now: i64) -> Result<()> {
    conn.execute(&Sql::with("update plan set active = 1, active_since = $1", [now.into()])?)?;
    Ok(())
}

fn step(key: &str, action: &str, script: &str, working_days: i32, evidence: Evidence) -> Step {
    Step {
        key: key.into(),
        action: action.into(),
        script: script.into(),
        role: definition::OWNER.into(),
        after: Offset { working_days, ..Offset::default() },
        from_start: false,
        evidence,
        branches: Vec::new(),
    }
}

fn talk(kinds: &[&str]) -> Evidence {
    Evidence::Talk { kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect() }
}

fn field(name: &str) -> Evidence {
    Evidence::Field { field: name.into() }
}

fn branch(outcome: &str, to: Option<&str>) -> Branch {
    Branch { outcome: outcome.into(), to: to.map(str::to_owned) }
}

fn start(stages: &[&str], tiers: &[&str], sources: &[&str]) -> Start {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    Start {
        automatic: true,
        stages: texts(stages),
        tiers: texts(tiers),
        sources: texts(sources),
        filter: None,
    }
}

const ANY_TALK: [&str; 5] = ["call", "visit", "wechat", "email", "meeting"];

fn plans() -> Vec<Definition> {
    let mut first_call = step(
        "first_call",
        "首次联系",
        "自我介绍，问清从哪里了解到我们、想解决什么问题、谁来决定。",
        0,
        talk(&["call", "wechat", "visit", "meeting"]),
    );
    first_call.after = Offset { working_minutes: 240, ..Offset::default() };
    first_call.branches = vec![branch("no_answer", Some("second_call")), branch("refused", None)];
    let mut second_call =
        step("second_call", "再次联系", "换个时间再打一次，或加微信说明来意。", 1, talk(&ANY_TALK));
    second_call.branches = vec![branch("refused", None)];
    let mut manager = step("review", "主管过目报价", "看折扣、账期和交期是否合适。", 1, Evidence::Hand);
    manager.role = definition::MANAGER.into();
    manager.branches = vec![branch("通过", Some("offer")), branch("重新报价", Some("revise"))];
    let mut revise = step("revise", "修改报价", "按主管意见修改后再发给客户。", 1, Evidence::Hand);
    revise.branches = vec![branch("已修改", Some("offer"))];
    let mut service =
        step("handover", "客服回访", "问安装、培训和使用是否顺利，登记问题。", 5, Evidence::Hand);
    service.role = "service".into();
    vec![
        Definition {
            name: "新线索首轮跟进".into(),
            description: "四个工作小时内首次联系，弄清需求，三天内约下一步。".into(),
            start: start(&["lead"], &[], &[]),
            stop_when_left: true,
            steps: vec![
                first_call,
                second_call,
                step("need", "登记客户需求", "把客户关心的内容写进“需求标签”。", 1, field("need_tags")),
                step(
                    "material",
                    "发送产品资料",
                    "发对应行业的案例和样本，附件留在客户资料里。",
                    1,
                    Evidence::File,
                ),
                step("next", "约定下一步", "约拜访、演示或线上会议。", 2, talk(&ANY_TALK)),
            ],
        },
        Definition {
            name: "意向客户推进".into(),
            description: "拜访、出方案、主管过目、报价、跟进决策。".into(),
            start: start(&["interested"], &[], &[]),
            stop_when_left: true,
            steps: vec![
                step(
                    "visit",
                    "上门拜访或会议",
                    "看现场，见到使用人和决定人。",
                    3,
                    talk(&["visit", "meeting"]),
                ),
                manager,
                revise,
                step("offer", "报价并讲解", "讲清楚方案、交期和售后，问还有哪些顾虑。", 1, talk(&ANY_TALK)),
                step("decide", "跟进决策", "问内部进度、对手和预算，约签约时间。", 5, talk(&ANY_TALK)),
            ],
        },
        Definition {
            name: "成交后关怀".into(),
            description: "交付后回访，三个月内再谈一次新的需求。".into(),
            start: start(&["won"], &[], &[]),
            stop_when_left: true,
            steps: vec![
                service,
                step("month", "满月回访", "问使用效果，请客户介绍同行。", 20, talk(&ANY_TALK)),
                step("quarter", "季度回访", "了解下一步计划，介绍备件与升级。", 45, talk(&ANY_TALK)),
            ],
        },
        Definition {
            name: "展会客户快速跟进".into(),
            description: "展会上认识的客户，两个工作日内联系并发资料。".into(),
            start: start(&["lead", "potential"], &[], &["exhibition"]),
            stop_when_left: true,
            steps: vec![
                step(
                    "thanks",
                    "致谢并加微信",
                    "提到展会上聊过的内容。",
                    2,
                    talk(&["call", "wechat", "email"]),
                ),
                step("sample", "发送资料或寄样", "按展会登记的需求准备。", 3, Evidence::Hand),
            ],
        },
    ]
}
