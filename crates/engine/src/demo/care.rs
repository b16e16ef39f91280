//! What customers asked of us afterwards: tickets, surveys, campaigns, tags.

use super::company::{CAMPAIGNS, SERVICE, STEWARD, SURVEYS, TAGS};
use super::profile::Stage;
use super::story::Story;

/// Kind, title, description, solution.
const PROBLEMS: [[&str; 4]; 10] = [
    ["fault", "输送线跑偏", "早班开机后皮带往左偏，已停机。", "调整张紧并清理滚筒，试运行两小时正常。"],
    ["fault", "触摸屏黑屏", "上电后屏不亮，指示灯正常。", "电源模块老化，更换后恢复，旧件寄回。"],
    ["fault", "变频器报过流", "启动瞬间报警，复位后还会出现。", "加速时间由 2 秒改为 5 秒，三天未再报警。"],
    ["fault", "机器人工作站急停", "运行中无故急停，一天三四次。", "安全光幕支架松动，重新固定并做标记。"],
    ["consult", "询问备件型号", "想备一套易损件，不清楚型号。", "按出厂清单发了型号和价格。"],
    ["consult", "数据怎么导出", "采集软件的月报表导不出来。", "远程协助设置了导出路径。"],
    ["complaint", "调试人员晚到", "约好上午九点，下午才到。", "致歉并说明原因，已调整排班，客户接受。"],
    ["complaint", "备件到货慢", "催了两次还没发货。", "当日改发特快，第二天签收。"],
    ["return", "传感器型号发错", "要常开，收到的是常闭。", "换货已寄出，运费我方承担。"],
    ["suggestion", "希望提供培训", "新来的操作工不会换型。", "安排季度培训，首期已完成。"],
];

impl Story<'_> {
    /// Tickets, survey answers, campaigns and tags of the customer.
    pub(super) fn care(&mut self) {
        if self.profile.stage == Stage::Won && self.chance.permille(380) {
            for _ in 0..self.chance.between(1, 3) {
                self.ticket();
            }
        }
        if self.profile.stage == Stage::Won && self.chance.permille(90) {
            self.survey_answer();
        }
        if self.chance.permille(110) {
            self.campaign_member();
        }
        if self.profile.stage >= Stage::Potential && self.chance.permille(80) {
            let tag = self.chance.below(TAGS.len() as u64) + 1;
            let (customer, ago) = (self.profile.key(), self.profile.created_ago / 2 + 1);
            let draft =
                self.draft("tagging", ago).link("tag", "tag", tag).link("record", "customer", customer);
            self.out.push(draft.set("object", "customer").owned_by(Some(STEWARD)));
        }
    }

    fn ticket(&mut self) {
        let [kind, title, description, solution] = *self.chance.pick(&PROBLEMS);
        let ago = self.calendar.workday(
            self.chance.weighted(&[(20, 1), (20, 3), (60, 0)])
                + self.chance.below(self.profile.created_ago as u64 / 2) as i64
                + 1,
        );
        let closed = ago > 4;
        let minute = self.chance.between(520, 1_000);
        let contact = self.somebody();
        let customer = self.profile.key();
        let agent = *self.chance.pick(&SERVICE);
        let mut draft = self
            .draft("ticket", ago)
            .link("customer", "customer", customer)
            .link_some("contact", "contact", contact);
        draft.created_by = agent;
        draft.created_at = self.calendar.instant(ago, minute);
        draft = draft.set("title", title).set("kind", kind).set("description", description);
        draft =
            draft.set("channel", *self.chance.pick(&["phone", "phone", "wechat", "wechat", "email", "web"]));
        draft = draft.set(
            "priority",
            self.chance.weighted(&[(8, "urgent"), (22, "high"), (60, "normal"), (10, "low")]),
        );
        draft = draft
            .set("reported_at", self.calendar.time(ago, minute))
            .set("due_at", self.calendar.time(ago - 2, minute));
        draft = if closed {
            let resolved = ago - self.chance.between(0, 3);
            let draft = draft
                .set("status", "closed")
                .set("solution", solution)
                .set("first_reply_at", self.calendar.time(ago, minute + 35));
            let draft = draft.set("resolved_at", self.calendar.time(resolved, (minute + 70).min(1_150)));
            draft.set_if(
                self.chance.permille(600),
                "satisfaction",
                self.chance.weighted(&[(5, 2), (12, 3), (38, 4), (45, 5)]),
            )
        } else {
            draft.set("status", *self.chance.pick(&["submitted", "accepted", "working", "waiting"]))
        };
        self.out.push(draft.owned_by(Some(agent)));
    }

    fn survey_answer(&mut self) {
        let survey = self.chance.below(SURVEYS.len() as u64);
        let since = SURVEYS[survey as usize].2.min(self.profile.created_ago);
        let ago = self.chance.between(1, since);
        let contact = self.somebody();
        let score = self.chance.weighted(&[(4, 4), (10, 6), (20, 7), (30, 8), (24, 9), (12, 10)]);
        let comment = match score {
            0..=6 => {
                *self.chance.pick(&["响应太慢，停线损失大。", "备件价格偏高。", "希望有固定的服务人员。"])
            }
            7..=8 => *self.chance.pick(&[
                "总体不错，资料可以再细一些。",
                "调试及时，备件到货慢。",
                "设备稳定，软件界面不够直观。",
            ]),
            _ => *self.chance.pick(&["工程师很专业。", "会推荐给同行。", "交付准时，合作愉快。"]),
        };
        let minute = self.chance.between(540, 1_060);
        let draft = self
            .of_customer("survey_answer", ago)
            .link("survey", "survey", survey + 1)
            .link_some("contact", "contact", contact);
        let draft = draft
            .set("score", score)
            .set("comment", comment)
            .set("answered_at", self.calendar.time(ago, minute));
        self.out.push(draft.set("handled", score > 6 || self.chance.permille(500)));
    }

    fn campaign_member(&mut self) {
        let campaign = self.chance.below(CAMPAIGNS.len() as u64);
        let ago = CAMPAIGNS[campaign as usize].2;
        if ago > self.profile.created_ago {
            return;
        }
        let contact = self.somebody();
        let status = self.chance.weighted(&[
            (20, "sent"),
            (30, "opened"),
            (20, "replied"),
            (22, "attended"),
            (8, "declined"),
        ]);
        let responded = matches!(status, "replied" | "attended").then(|| self.calendar.time(ago, 600));
        let mut draft = self
            .of_customer("campaign_member", ago)
            .link("campaign", "campaign", campaign + 1)
            .link_some("contact", "contact", contact);
        draft = draft.set("status", status);
        if let Some(time) = responded {
            draft = draft.set("responded_at", time);
        }
        self.out.push(draft);
    }
}
