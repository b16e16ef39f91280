//! The invented company itself: departments, people, products, price book, campaigns, surveys, articles, tags.

use super::calendar::Calendar;
use super::names::PersonName;
use super::prng::Chance;
use super::{Draft, Keys, Size, identity};
use serde_json::json;
use std::ops::Range;

/// What the invented company is called.
pub const COMPANY_NAME: &str = "杭州瀚澜智能装备有限公司";

/// A person of the demonstration who can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Key of the person's `user` draft.
    pub key: u64,
    pub login: &'static str,
    pub name: &'static str,
    /// Code of the role in `objects/roles.toml`.
    pub role: &'static str,
    department: u64,
    position: u64,
}

const fn account(
    key: u64,
    login: &'static str,
    name: &'static str,
    role: &'static str,
    department: u64,
    position: u64,
) -> Account {
    Account { key, login, name, role, department, position }
}

/// The eleven people, in the order of their keys.
pub const ACCOUNTS: [Account; 11] = [
    account(1, "admin", "周岚", "admin", 1, 1),
    account(2, "manager", "陈志远", "sales_manager", 2, 2),
    account(3, "sales1", "李晓燕", "sales", 3, 3),
    account(4, "sales2", "王浩然", "sales", 4, 3),
    account(5, "service", "张静", "service", 5, 4),
    account(6, "marketing", "徐雯", "marketing", 1, 5),
    account(7, "finance", "单丽华", "finance", 1, 6),
    account(8, "steward", "沈明哲", "steward", 1, 7),
    account(9, "compliance", "欧阳诚", "compliance", 1, 8),
    account(10, "sales3", "赵鹏", "sales", 3, 3),
    account(11, "service2", "何婷婷", "service", 5, 4),
];

pub(super) const MANAGER: u64 = 2;
pub(super) const MARKETING: u64 = 6;
pub(super) const FINANCE: u64 = 7;
pub(super) const STEWARD: u64 = 8;
pub(super) const SERVICE: [u64; 2] = [5, 11];
const SALES: [u64; 3] = [3, 4, 10];
const FIRST_MORE: u64 = ACCOUNTS.len() as u64 + 1;
/// When the company began to keep its records.
const FOUNDED: i64 = 760;

/// One of the salespeople.
pub(super) fn salesperson(size: Size, chance: &mut Chance) -> u64 {
    let one = chance.below(SALES.len() as u64 + size.more_salespeople);
    SALES.get(one as usize).copied().unwrap_or(FIRST_MORE + one.saturating_sub(SALES.len() as u64))
}

const DEPARTMENTS: [(&str, Option<u64>); 5] = [
    ("总经办", None),
    ("销售中心", Some(1)),
    ("销售一部", Some(2)),
    ("销售二部", Some(2)),
    ("客户服务部", Some(1)),
];
const POSITIONS: [(&str, &str); 8] = [
    ("总经理", "全面负责公司经营"),
    ("销售总监", "负责销售团队与业绩目标"),
    ("销售工程师", "开发和维护客户，推进商机"),
    ("客服工程师", "受理问题，安排维修与回访"),
    ("市场经理", "策划和执行市场活动"),
    ("财务主管", "开票、收款与信用管理"),
    ("数据专员", "维护客户资料，查重与导入"),
    ("合规专员", "检查资料使用与操作记录"),
];

/// Something the company sells.
pub(super) struct Product {
    code: &'static str,
    pub name: &'static str,
    category: &'static str,
    specification: &'static str,
    pub unit: &'static str,
    /// Yuan.
    pub price: i64,
    /// How many one buys at most at a time.
    pub usual: i64,
}

const fn product(
    code: &'static str,
    name: &'static str,
    category: &'static str,
    specification: &'static str,
    unit: &'static str,
    price: i64,
    usual: i64,
) -> Product {
    Product { code, name, category, specification, unit, price, usual }
}

#[rustfmt::skip]
pub(super) const PRODUCTS: [Product; 20] = [
    product("HL-KZ-100", "可编程控制柜", "equipment", "IP54，16 路输入 16 路输出", "台", 18_600, 12),
    product("HL-KZ-200", "变频控制柜", "equipment", "7.5–45 kW，一拖二", "台", 26_800, 8),
    product("HL-KZ-300", "配电控制柜", "equipment", "630 A，抽屉式", "台", 32_500, 6),
    product("HL-SS-010", "皮带输送线", "equipment", "带宽 600 mm，每 10 米", "套", 15_800, 10),
    product("HL-SS-020", "滚筒输送线", "equipment", "动力滚筒，每 10 米", "套", 22_400, 8),
    product("HL-SS-030", "提升机", "equipment", "行程 6 米，载重 50 kg", "台", 38_900, 4),
    product("HL-JQ-006", "六轴机器人工作站", "equipment", "负载 6 kg，含安全围栏", "套", 168_000, 3),
    product("HL-JQ-020", "码垛工作站", "equipment", "负载 20 kg，每小时 600 箱", "套", 236_000, 2),
    product("HL-SJ-050", "视觉检测站", "equipment", "500 万像素，双相机", "套", 86_000, 4),
    product("HL-NJ-001", "自动拧紧机", "equipment", "双轴，带扭矩记录", "台", 54_000, 5),
    product("HL-BJ-011", "伺服驱动器", "component", "1.5 kW，总线型", "台", 2_680, 30),
    product("HL-BJ-012", "变频器", "component", "7.5 kW", "台", 1_980, 30),
    product("HL-BJ-021", "光电传感器", "component", "对射式，10 米", "只", 168, 200),
    product("HL-BJ-022", "接近开关", "component", "M18，常开", "只", 86, 300),
    product("HL-BJ-031", "触摸屏", "component", "10 寸，以太网", "台", 2_350, 20),
    product("HL-PJ-101", "易损件包", "spare_part", "皮带、轴承、传感器一年用量", "套", 4_200, 10),
    product("HL-PJ-102", "备用模块", "spare_part", "输入输出各 16 路", "块", 780, 40),
    product("HL-RJ-001", "产线数据采集软件", "software", "50 点，含一年升级", "套", 28_000, 2),
    product("HL-FW-001", "年度维保", "service", "每季度一次巡检，4 小时响应", "年", 18_000, 2),
    product("HL-FW-002", "现场调试", "service", "含差旅", "天", 1_800, 10),
];

/// Places in [`PRODUCTS`]: what deals are about, and what is bought again and again.
pub(super) const EQUIPMENT: Range<i64> = 0..10;
pub(super) const SMALL_GOODS: Range<i64> = 10..20;
pub(super) const ALL_GOODS: Range<i64> = 0..20;

/// Name, kind, days since it began, how long it took, budget.
pub(super) const CAMPAIGNS: [(&str, &str, i64, i64, i64); 6] = [
    ("华东工业自动化展", "exhibition", 610, 4, 120_000),
    ("产线改造线上公开课", "webinar", 430, 1, 15_000),
    ("老客户答谢会", "seminar", 330, 1, 60_000),
    ("机器人工作站推广邮件", "email", 190, 10, 5_000),
    ("春季备件促销", "promotion", 95, 30, 20_000),
    ("智能装备开放日", "seminar", 12, 20, 40_000),
];

pub(super) const SURVEYS: [(&str, &str, i64); 3] =
    [("年度客户满意度调查", "csat", 300), ("推荐意愿调查", "nps", 150), ("售后服务回访", "csat", 80)];

pub(super) const TAGS: [(&str, &str); 6] = [
    ("重点攻关", "red"),
    ("展会新客", "amber"),
    ("价格敏感", "orange"),
    ("可做标杆", "green"),
    ("需回访", "blue"),
    ("账期长", "purple"),
];

const ARTICLES: [(&str, &str, &str, &str); 6] = [
    (
        "变频器报过流怎么处理",
        "fault",
        "public",
        "先断电 5 分钟再上电；仍报警时，检查电机绝缘和输出电缆，再看加速时间是否过短。",
    ),
    (
        "输送带跑偏的调整方法",
        "fault",
        "public",
        "空载运行，看皮带偏向哪一侧；松开该侧张紧螺栓四分之一圈，运行三分钟后再看，反复直到居中。",
    ),
    (
        "报价单有效期和付款方式说明",
        "policy",
        "internal",
        "标准报价 30 天有效；首单款到发货，合作满一年的 A 类客户可申请月结 30 天。",
    ),
    (
        "客户说“太贵了”怎么答",
        "script",
        "internal",
        "先问清和谁比、比的是什么配置；再把三年的停机损失和维保费用摆出来一起算。",
    ),
    (
        "码垛工作站选型要点",
        "product",
        "public",
        "看箱重、节拍、托盘尺寸和垛高；节拍超过每小时 600 箱时选双工位。",
    ),
    ("食品厂包装线改造案例", "case", "public", "两条线各省下 3 名操作工，投产 14 个月收回投资。"),
];

struct Founding<'a> {
    calendar: Calendar,
    keys: &'a mut Keys,
    out: Vec<Draft>,
}

impl Founding<'_> {
    fn draft(&mut self, object: &'static str, ago: i64) -> Draft {
        Draft {
            object,
            key: self.keys.next(object),
            created_at: self.calendar.instant(ago, 540),
            created_by: 1,
            refs: Vec::with_capacity(4),
            fields: serde_json::Map::new(),
        }
    }

    fn push(&mut self, draft: Draft) {
        self.out.push(draft);
    }

    fn organisation(&mut self, seed: u64, size: Size) {
        for (place, (name, parent)) in (1i64..).zip(DEPARTMENTS) {
            let draft = self
                .draft("department", FOUNDED)
                .set("name", name)
                .set("sequence", place * 10)
                .link_some("parent", "department", parent);
            self.push(draft);
        }
        for extra in 0..size.more_salespeople.div_ceil(10) {
            let draft = self
                .draft("department", FOUNDED)
                .set("name", format!("销售 {} 部", extra + 3))
                .set("sequence", 100 + extra);
            self.push(draft.link("parent", "department", 2));
        }
        for (name, description) in POSITIONS {
            let draft = self.draft("position", FOUNDED).set("name", name).set("description", description);
            self.push(draft);
        }
        for account in ACCOUNTS {
            let draft = self.draft("user", FOUNDED);
            let draft = user(
                draft,
                seed,
                account.name,
                account.login,
                account.department,
                account.position,
                self.calendar,
            );
            self.push(draft);
        }
        for extra in 0..size.more_salespeople {
            let name = PersonName::invent(&mut Chance::of(seed, 90, extra)).full;
            let draft = self.draft("user", FOUNDED);
            let department = DEPARTMENTS.len() as u64 + 1 + extra / 10;
            let draft =
                user(draft, seed, &name, &format!("sales{}", extra + 4), department, 3, self.calendar);
            self.push(draft);
        }
        let team = self
            .draft("team", 200)
            .set("name", "新能源项目组")
            .set("purpose", "跨部门攻关新能源行业客户")
            .link("leader", "user", MANAGER);
        self.push(team.owned_by(Some(MANAGER)));
        for (user, duty) in [(MANAGER, "组长"), (3, "客户联络"), (5, "现场支持")] {
            let draft = self
                .draft("team_member", 200)
                .link("team", "team", 1)
                .link("user", "user", user)
                .set("duty", duty);
            self.push(draft.owned_by(Some(MANAGER)));
        }
    }

    fn offer(&mut self) {
        for product in &PRODUCTS {
            let draft = self
                .draft("product", FOUNDED)
                .set("name", product.name)
                .set("code", product.code)
                .set("category", product.category)
                .set("specification", product.specification)
                .set("unit", product.unit)
                .set("list_price", product.price)
                .set("floor_price", product.price * 82 / 100)
                .set("cost", product.price * 61 / 100)
                .set("tax_rate", if product.category == "service" { 6 } else { 13 })
                .set("lead_days", if product.category == "equipment" { 30 } else { 7 })
                .set("warranty_months", if product.category == "equipment" { 18 } else { 12 });
            self.push(draft.owned_by(Some(1)));
        }
        let from = self.calendar.date(365);
        for (name, percent, standard) in [("标准价目表", 100, true), ("经销商价目表", 88, false)] {
            let book = self
                .draft("price_book", 365)
                .set("name", name)
                .set("valid_from", from.as_str())
                .set("standard", standard);
            let key = book.key;
            self.push(book.owned_by(Some(1)));
            for (number, product) in (1..).zip(&PRODUCTS) {
                let entry = self
                    .draft("price_book_entry", 365)
                    .link("price_book", "price_book", key)
                    .link("product", "product", number);
                self.push(entry.set("price", product.price * percent / 100).owned_by(Some(1)));
            }
        }
    }

    fn outreach(&mut self) {
        for (name, kind, ago, days, budget) in CAMPAIGNS {
            let status = if ago - days > 0 { "done" } else { "running" };
            let (start, end) = (self.calendar.date(ago), self.calendar.date(ago - days));
            let draft =
                self.draft("campaign", ago + 30).set("name", name).set("kind", kind).set("status", status);
            let draft = draft
                .set("start_on", start)
                .set("end_on", end)
                .set("budget", budget)
                .set("cost", budget * 93 / 100);
            self.push(draft.owned_by(Some(MARKETING)));
        }
        for (name, kind, ago) in SURVEYS {
            let from = self.calendar.date(ago);
            let questions =
                json!([{"text": "您对我们总体满意吗？", "scale": 10}, {"text": "最希望我们改进什么？"}]);
            let draft = self
                .draft("survey", ago)
                .set("name", name)
                .set("kind", kind)
                .set("status", "open")
                .set("open_from", from);
            self.push(draft.set("questions", questions).owned_by(Some(SERVICE[0])));
        }
        for (name, color) in TAGS {
            let draft = self.draft("tag", 300).set("name", name).set("color", color);
            self.push(draft.owned_by(Some(STEWARD)));
        }
        for (title, category, audience, body) in ARTICLES {
            let review = self.calendar.date(-90);
            let draft = self
                .draft("article", 240)
                .set("title", title)
                .set("category", category)
                .set("audience", audience);
            self.push(
                draft
                    .set("body", body)
                    .set("status", "published")
                    .set("review_on", review)
                    .owned_by(Some(SERVICE[0])),
            );
        }
    }
}

#[allow(clippy::too_many_arguments, reason = "the columns of one row")]
fn user(
    draft: Draft,
    seed: u64,
    name: &str,
    login: &str,
    department: u64,
    position: u64,
    calendar: Calendar,
) -> Draft {
    let manager = match (login, department) {
        ("admin", _) => None,
        ("manager", _) | (_, 1 | 5) => Some(1),
        _ => Some(MANAGER),
    };
    // Slots far above those of the customers' contacts.
    let mobile = identity::mobile(seed, 44_000_000 + draft.key);
    draft
        .set("name", name)
        .set("login", login)
        .set("email", format!("{login}@hanlan.example.com"))
        .set("mobile", mobile)
        .set("active", true)
        .set("joined_on", calendar.date(FOUNDED))
        .link("department", "department", department)
        .link("position", "position", position)
        .link_some("manager", "user", manager)
}

/// Everything that is there before the first customer.
pub(super) fn drafts(seed: u64, size: Size, calendar: Calendar, keys: &mut Keys) -> Vec<Draft> {
    let mut founding = Founding { calendar, keys, out: Vec::new() };
    founding.organisation(seed, size);
    founding.offer();
    founding.outreach();
    founding.out
}
