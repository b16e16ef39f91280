//! Plans that a company finds ready: off until somebody has looked at them, on in the demonstration.

use super::definition::{self, Branch, Definition, Evidence, Plan, Start, Step};
use crate::error::Result;
use crate::obligations::rule::Offset;
use crate::setting;
use huike_model::{Label, Lang};
use huike_store::{Conn, Sql};

/// The key in `setting` that says that they were made: those that were deleted since don't come back.
const SEEDED: &str = "plans";

/// Makes the plans of a new company in the language in which it was founded, once.
///
/// # Errors
/// The database's.
pub fn seed(conn: &mut Conn, lang: Lang) -> Result<()> {
    if !setting::put_first(conn, SEEDED, "1")? {
        return Ok(());
    }
    for (place, definition) in (1_i64..).zip(plans(lang)) {
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

/// Takes every plan of the demonstration into use, for customers who become what it is for from now on.
///
/// # Errors
/// The database's.
pub fn activate(conn: &mut Conn, now: i64) -> Result<()> {
    seed(conn, Lang::Zh)?;
    conn.execute(&Sql::with("update plan set active = 1, active_since = $1", [now.into()])?)?;
    Ok(())
}

fn talk(kinds: &[&str]) -> Evidence {
    Evidence::Talk { kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect() }
}

fn field(name: &str) -> Evidence {
    Evidence::Field { field: name.into() }
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

/// One step in one language.
struct Writer(Lang);

impl Writer {
    fn say(&self, zh: &str, en: &str) -> String {
        Label::new(zh, en).get(self.0).to_owned()
    }

    /// `action` and `script` in Chinese and in English.
    fn step(&self, key: &str, action: [&str; 2], script: [&str; 2], days: i32, evidence: Evidence) -> Step {
        Step {
            key: key.into(),
            action: self.say(action[0], action[1]),
            script: self.say(script[0], script[1]),
            role: definition::OWNER.into(),
            after: Offset { working_days: days, ..Offset::default() },
            from_start: false,
            evidence,
            branches: Vec::new(),
        }
    }

    fn plan(&self, name: [&str; 2], description: [&str; 2], start: Start, steps: Vec<Step>) -> Definition {
        Definition {
            name: self.say(name[0], name[1]),
            description: self.say(description[0], description[1]),
            start,
            stop_when_left: true,
            steps,
        }
    }

    fn new_leads(&self) -> Definition {
        let mut first_call = self.step(
            "first_call",
            ["首次联系", "First contact"],
            [
                "自我介绍，问清从哪里了解到我们、想解决什么问题、谁来决定。",
                "Introduce yourself; ask how they heard of us, what they want to solve and who decides.",
            ],
            0,
            talk(&["call", "wechat", "visit", "meeting"]),
        );
        first_call.after = Offset { working_minutes: 240, ..Offset::default() };
        first_call.branches = vec![branch("no_answer", Some("second_call")), branch("refused", None)];
        let mut second_call = self.step(
            "second_call",
            ["再次联系", "Second contact"],
            [
                "换个时间再打一次，或加微信说明来意。",
                "Call again at another time of day, or say on WeChat what it is about.",
            ],
            1,
            talk(&ANY_TALK),
        );
        second_call.branches = vec![branch("refused", None)];
        let need = self.step(
            "need",
            ["登记客户需求", "Write down the needs"],
            ["把客户关心的内容写进“需求标签”。", "Enter what matters to the customer under “Needs”."],
            1,
            field("need_tags"),
        );
        let material = self.step(
            "material",
            ["发送产品资料", "Send material"],
            [
                "发对应行业的案例和样本，附件留在客户资料里。",
                "Send cases and brochures of their industry; keep the files with the customer.",
            ],
            1,
            Evidence::File,
        );
        let next = self.step(
            "next",
            ["约定下一步", "Agree on the next step"],
            ["约拜访、演示或线上会议。", "Arrange a visit, a demonstration or an online meeting."],
            2,
            talk(&ANY_TALK),
        );
        self.plan(
            ["新线索首轮跟进", "First round with a new lead"],
            [
                "四个工作小时内首次联系，弄清需求，三天内约下一步。",
                "Contact within four working hours, needs understood, a next step within three days.",
            ],
            start(&["lead"], &[], &[]),
            vec![first_call, second_call, need, material, next],
        )
    }

    fn interested(&self) -> Definition {
        let (passed, again) = (self.say("通过", "Approved"), self.say("重新报价", "Revise"));
        let revised = self.say("已修改", "Revised");
        let visit = self.step(
            "visit",
            ["上门拜访或会议", "Visit or meeting"],
            ["看现场，见到使用人和决定人。", "See the site; meet those who use and those who decide."],
            3,
            talk(&["visit", "meeting"]),
        );
        let mut review = self.step(
            "review",
            ["主管过目报价", "The manager reads the quote"],
            ["看折扣、账期和交期是否合适。", "Are discount, payment terms and delivery time right?"],
            1,
            Evidence::Hand,
        );
        review.role = definition::MANAGER.into();
        review.branches = vec![branch(&passed, Some("offer")), branch(&again, Some("revise"))];
        let mut revise = self.step(
            "revise",
            ["修改报价", "Revise the quote"],
            ["按主管意见修改后再发给客户。", "Change it as the manager says before it goes out."],
            1,
            Evidence::Hand,
        );
        revise.branches = vec![branch(&revised, Some("offer"))];
        let offer = self.step(
            "offer",
            ["报价并讲解", "Quote and explain"],
            [
                "讲清楚方案、交期和售后，问还有哪些顾虑。",
                "Explain solution, delivery and service; ask what still worries them.",
            ],
            1,
            talk(&ANY_TALK),
        );
        let decide = self.step(
            "decide",
            ["跟进决策", "Follow the decision"],
            [
                "问内部进度、对手和预算，约签约时间。",
                "Ask about progress, competitors and budget; agree on a date to sign.",
            ],
            5,
            talk(&ANY_TALK),
        );
        self.plan(
            ["意向客户推进", "From interest to offer"],
            [
                "拜访、出方案、主管过目、报价、跟进决策。",
                "Visit, proposal, the manager's look, quote, decision.",
            ],
            start(&["interested"], &[], &[]),
            vec![visit, review, revise, offer, decide],
        )
    }

    fn won(&self) -> Definition {
        let mut service = self.step(
            "handover",
            ["客服回访", "Call by service"],
            [
                "问安装、培训和使用是否顺利，登记问题。",
                "Did installation, training and first use go well? Note what did not.",
            ],
            5,
            Evidence::Hand,
        );
        service.role = "service".into();
        let month = self.step(
            "month",
            ["满月回访", "Call after a month"],
            ["问使用效果，请客户介绍同行。", "Ask for results, and whom else we could help."],
            20,
            talk(&ANY_TALK),
        );
        let quarter = self.step(
            "quarter",
            ["季度回访", "Call after a quarter"],
            ["了解下一步计划，介绍备件与升级。", "Learn their plans; speak of spare parts and upgrades."],
            45,
            talk(&ANY_TALK),
        );
        self.plan(
            ["成交后关怀", "Care after the deal"],
            [
                "交付后回访，三个月内再谈一次新的需求。",
                "Calls after delivery, and a talk about new needs within three months.",
            ],
            start(&["won"], &[], &[]),
            vec![service, month, quarter],
        )
    }

    fn exhibition(&self) -> Definition {
        let thanks = self.step(
            "thanks",
            ["致谢并加微信", "Thank them and connect"],
            ["提到展会上聊过的内容。", "Mention what you talked about at the fair."],
            2,
            talk(&["call", "wechat", "email"]),
        );
        let sample = self.step(
            "sample",
            ["发送资料或寄样", "Send material or a sample"],
            ["按展会登记的需求准备。", "As they asked for at the fair."],
            3,
            Evidence::Hand,
        );
        self.plan(
            ["展会客户快速跟进", "Quick follow-up after a fair"],
            [
                "展会上认识的客户，两个工作日内联系并发资料。",
                "Customers met at a fair: contact within two working days, then material.",
            ],
            start(&["lead", "potential"], &[], &["exhibition"]),
            vec![thanks, sample],
        )
    }
}

fn branch(outcome: &str, to: Option<&str>) -> Branch {
    Branch { outcome: outcome.into(), to: to.map(str::to_owned) }
}

fn plans(lang: Lang) -> [Definition; 4] {
    let writer = Writer(lang);
    [writer.new_leads(), writer.interested(), writer.won(), writer.exhibition()]
}
