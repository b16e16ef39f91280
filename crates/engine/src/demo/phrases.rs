//! What people write down after talking to a customer, by how far things have come. In the texts `{p}` is the person (王总), `{x}` a product,
//! `{n}` a quantity with its unit, `{d}` days, `{m}` an amount in ten thousands, `{r}` a rival.

use super::prng::Chance;

/// How far things had come when the words were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Lead,
    Potential,
    Interested,
    Deal,
    After,
    Lost,
}

/// One entry: kind and outcome as the dictionary's options, and the text.
#[derive(Clone, Copy)]
pub(super) struct Phrase {
    pub kind: &'static str,
    pub outcome: &'static str,
    pub text: &'static str,
}

const fn say(kind: &'static str, outcome: &'static str, text: &'static str) -> Phrase {
    Phrase { kind, outcome, text }
}

const LEAD: [Phrase; 17] = [
    say("call", "no_answer", "打总机转采购，无人接听，明天上午再打。"),
    say("call", "neutral", "电话找到{p}，简单介绍了公司，对方让先发一份资料。"),
    say("call", "callback", "{p}在开会，约好 {d} 天后再联系。"),
    say("call", "positive", "{p}说他们正好在看{x}，愿意了解一下，加了微信。"),
    say("call", "refused", "前台不肯转接，说有固定供应商。"),
    say("wechat", "neutral", "给{p}发了产品册和{x}的视频，已读未回。"),
    say("wechat", "positive", "{p}微信问{x}的交期和大概价位，已回复区间价。"),
    say("email", "neutral", "按{p}留的邮箱发了公司介绍和样本，等回复。"),
    say("form", "positive", "在官网填写了咨询表单，关注{x}，预计用量 {n}。"),
    say("form", "neutral", "展会现场扫码登记，想要{x}的资料。"),
    say("web_visit", "neutral", "浏览了「{x}」页面，停留 {d} 分钟。"),
    say("web_visit", "neutral", "下载了《{x}选型手册》。"),
    say("visit", "neutral", "路过园区顺路拜访，{p}不在，名片和样本留在前台。"),
    say("visit", "positive", "展会上与{p}聊了二十分钟，现用设备老旧，明年有更新计划。"),
    say("call", "callback", "第二次去电，{p}让月底再联系，先把案例发过去。"),
    say("note", "neutral", "从行业名录整理，主营对口，待核实采购负责人。"),
    say("call", "neutral", "核实了公司地址和采购负责人，目前由{p}管设备采购。"),
];

const POTENTIAL: [Phrase; 16] = [
    say("call", "positive", "{p}介绍了现有产线：三班倒，人工搬运，想先改一条线，可能用到{x}。"),
    say("call", "callback", "{p}说预算在走流程，{d} 天后给答复。"),
    say("call", "no_answer", "连打两次没人接，已发微信说明来意。"),
    say("wechat", "positive", "{p}发来现场照片和节拍要求，转给技术看能不能做。"),
    say("wechat", "neutral", "发了同行业改造案例，{p}回复“先看看”。"),
    say("wechat", "callback", "{p}本周出差，约下周二下午电话细聊。"),
    say("visit", "positive", "到厂里看了现场，{p}陪同，量了场地尺寸，需求约 {n}{x}。"),
    say("visit", "neutral", "拜访{p}，设备科提出要先做试样，费用由谁承担还没谈。"),
    say("meeting", "positive", "线上会议一小时，{p}和设备科参加，确认节拍、载重和接口，下一步出初步方案。"),
    say("email", "positive", "把需求确认表发给{p}，请他们填产量、班次和现有设备型号。"),
    say("email", "neutral", "{p}回信要求补充资质证书和三家同类客户名单。"),
    say("call", "neutral", "{p}透露同时在看{r}，更看重售后响应时间。"),
    say("web_visit", "neutral", "再次浏览「{x}」和「年度维保」页面。"),
    say("call", "positive", "{p}说公司认可改造方向，预算大概 {m} 万。"),
    say("visit", "positive", "带技术一起去，{p}当场演示了瓶颈工位，适合用{x}。"),
    say("note", "neutral", "采购和设备两头都要做工作，{p}是关键联系人。"),
];

const INTERESTED: [Phrase; 17] = [
    say("meeting", "positive", "方案评审会：{p}对{x}的布局基本认可，要求缩短占地 1.2 米，后天改图。"),
    say("call", "positive", "报价 {m} 万已发，{p}说在预算内，走内部评审。"),
    say("call", "neutral", "{p}嫌总价高，希望{x}再让 5 个点，需要请示。"),
    say("call", "callback", "{p}说评审推迟，{d} 天后开会定。"),
    say("wechat", "positive", "发了修改后的方案和报价单，{p}回复“收到，今天提交”。"),
    say("wechat", "neutral", "{p}问付款方式能不能 3-4-2-1，已转财务确认。"),
    say("wechat", "positive", "把老客户的验收视频发给{p}，已转到对方项目群。"),
    say("visit", "positive", "陪{p}一行四人参观我们车间和老客户现场，反馈不错。"),
    say("visit", "neutral", "上门谈商务，{p}拿{r}的报价压价，我们强调 {d} 天交期和驻场调试。"),
    say("visit", "positive", "技术协议逐条过了一遍，{p}签字确认，剩商务条款。"),
    say("meeting", "neutral", "投标答疑会，{p}要求把质保从 12 个月延到 18 个月。"),
    say("email", "positive", "发送正式报价单和技术协议，数量 {n}，有效期 30 天。"),
    say("email", "neutral", "{p}邮件列了 12 条技术疑问，技术部明天回复。"),
    say("call", "neutral", "{p}说{r}降价了，最终看上会结果，约了本周面谈。"),
    say("call", "positive", "内部已经基本定我们，{p}让先准备合同文本。"),
    say("meeting", "positive", "和{p}、财务三方会，付款定为预付三成、发货前六成、质保一成。"),
    say("note", "neutral", "内部评估：毛利够，交期紧，需要提前备料{x}。"),
];

const DEAL: [Phrase; 14] = [
    say("meeting", "positive", "合同签订，{x} {n}，{p}代表对方签字。"),
    say("call", "positive", "预付款到账，通知生产排单，{p}已知悉交期。"),
    say("purchase", "positive", "下单 {x} {n}。"),
    say("purchase", "positive", "追加采购{x} {n}，按上次价格执行。"),
    say("wechat", "neutral", "{p}催交期，回复已进入装配，预计 {d} 天后发货。"),
    say("wechat", "positive", "发货照片和物流单号已发{p}。"),
    say("visit", "positive", "现场安装调试第二天，{p}安排了电工配合，进度正常。"),
    say("visit", "positive", "预验收通过，{p}签了验收单，两处小问题本周整改。"),
    say("call", "neutral", "{p}反映地面不平影响安装，协调施工队先做找平。"),
    say("email", "neutral", "发票和对账单已寄出，{p}确认收到。"),
    say("call", "callback", "催第二笔款，{p}说财务在走流程，{d} 天后付。"),
    say("wechat", "positive", "{p}说款已安排，明天到账。"),
    say("call", "neutral", "与{p}核对发货清单，缺两根电缆，今天补发。"),
    say("meeting", "positive", "终验收会，{p}确认达到节拍要求，进入质保期。"),
];

const AFTER: [Phrase; 15] = [
    say("call", "positive", "季度回访，{p}反馈设备运行稳定，没有停机。"),
    say("call", "neutral", "{p}报{x}偶发报警，远程指导后恢复，约 {d} 天后上门检查。"),
    say("visit", "positive", "例行巡检，更换皮带一条，{p}签了服务单。"),
    say("visit", "positive", "回访{p}，二期准备上{x}，让我们提前出方案。"),
    say("wechat", "positive", "{p}转来兄弟厂设备科长的微信，说可以去聊聊。"),
    say("wechat", "neutral", "节前问候，{p}回复，顺便问了备件价格。"),
    say("wechat", "callback", "提醒{p}维保快到期，说月底一起谈续签。"),
    say("purchase", "positive", "采购备件：{x} {n}。"),
    say("survey_answer", "positive", "满意度 9 分：调试人员专业，希望备件更快到货。"),
    say("survey_answer", "neutral", "满意度 7 分：设备不错，响应时间有时偏慢。"),
    say("call", "positive", "{p}同意做案例宣传，安排市场部去拍摄。"),
    say("email", "neutral", "发送年度保养计划，请{p}确认停机窗口。"),
    say("call", "no_answer", "回访电话未接通，微信留言。"),
    say("meeting", "positive", "年度复盘会，{p}认可服务，明年预算约 {m} 万，重点是{x}。"),
    say("note", "neutral", "设备负责人换成{p}，需要重新建立关系。"),
];

const LOST: [Phrase; 10] = [
    say("call", "refused", "{p}明确这次选了{r}，价格差 8%，表示以后有机会再合作。"),
    say("call", "refused", "{p}说项目取消，今年没有预算。"),
    say("wechat", "neutral", "节日问候，{p}未回复。"),
    say("call", "no_answer", "多次联系{p}未果，号码可能已换。"),
    say("visit", "neutral", "上门了解落选原因，{p}说主要是交期来不及。"),
    say("call", "neutral", "{p}已离职，新负责人说半年内没有计划。"),
    say("email", "neutral", "发了新品资料，没有回音。"),
    say("call", "refused", "{p}说集团统一采购，分厂没有决定权。"),
    say("note", "neutral", "工厂搬迁，短期内不会采购设备，先放一放。"),
    say("wechat", "refused", "{p}回复暂不考虑，请勿频繁联系。"),
];

/// The names of invented rivals.
pub(super) const RIVALS: [&str; 6] =
    ["澄远自动化", "骏驰智造", "格朗装备", "同辉机电", "迈拓工控", "本地集成商"];

/// One thing that may have been written in a phase.
pub(super) fn phrase(phase: Phase, chance: &mut Chance) -> Phrase {
    let phrases: &[Phrase] = match phase {
        Phase::Lead => &LEAD,
        Phase::Potential => &POTENTIAL,
        Phase::Interested => &INTERESTED,
        Phase::Deal => &DEAL,
        Phase::After => &AFTER,
        Phase::Lost => &LOST,
    };
    *chance.pick(phrases)
}

/// What is to be done next, as a task's title.
pub(super) fn next_step(phase: Phase, chance: &mut Chance) -> &'static str {
    let steps: &[&'static str] = match phase {
        Phase::Lead => {
            &["再次致电{p}", "发公司介绍和案例给{p}", "核实采购负责人", "加{p}微信", "约{p}电话沟通需求"]
        }
        Phase::Potential => &[
            "约{p}看现场",
            "收集产量与节拍数据",
            "发{x}初步方案给{p}",
            "请技术评估可行性",
            "回访{p}预算进展",
        ],
        Phase::Interested => &[
            "给{p}发修改后的报价",
            "准备{x}技术协议",
            "约{p}谈商务条款",
            "邀请{p}参观样板客户",
            "跟进{p}评审结果",
        ],
        Phase::Deal => {
            &["跟进{p}第二笔付款", "确认{x}发货时间", "安排安装调试", "准备验收资料", "开具发票并寄给{p}"]
        }
        Phase::After => &["季度回访{p}", "谈维保续签", "给{p}报备件价格", "跟进二期{x}需求", "上门巡检"],
        Phase::Lost => &["半年后再联系{p}", "关注{p}明年预算"],
    };
    chance.pick::<&'static str>(steps)
}

/// What fills the gaps of a text.
pub(super) struct Gaps<'a> {
    pub person: &'a str,
    pub product: &'a str,
    pub quantity: &'a str,
    pub days: i64,
    /// In ten thousands of yuan.
    pub amount: i64,
    pub rival: &'a str,
}

impl Gaps<'_> {
    pub fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len() + 32);
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            let (gap, after) = after.split_once('}').unwrap_or((after, ""));
            match gap {
                "p" => filled.push_str(self.person),
                "x" => filled.push_str(self.product),
                "n" => filled.push_str(self.quantity),
                "d" => filled.push_str(&self.days.to_string()),
                "m" => filled.push_str(&self.amount.to_string()),
                _ => filled.push_str(self.rival),
            }
            rest = after;
        }
        filled.push_str(rest);
        filled
    }
}
