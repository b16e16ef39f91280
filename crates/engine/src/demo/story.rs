//! One customer's story: who they are, whom we know there, what was said, what comes next. What was sold stands in [`super::sales`], what was
//! repaired and asked in [`super::care`].

use super::calendar::{CLOSING, Calendar, OPENING};
use super::company::{EQUIPMENT, MARKETING, PRODUCTS, Product, SERVICE, SMALL_GOODS, STEWARD};
use super::phrases::{self, Gaps, Phase};
use super::prng::Chance;
use super::profile::{self, Class, Profile, Stage};
use super::{Draft, Keys, Quota, Size, identity};
use serde_json::{Map, json};
use std::ops::Range;

/// The stream of chance for what happens, apart from who somebody is.
const HAPPENINGS: u64 = 10;

/// Somebody we know at the customer's.
pub(super) struct Known {
    pub key: u64,
    /// How one speaks of them: 王总, 李经理.
    pub call: String,
}

/// The drafts of one customer in the making.
pub(super) struct Story<'a> {
    pub seed: u64,
    pub calendar: Calendar,
    pub profile: Profile,
    pub chance: Chance,
    pub keys: &'a mut Keys,
    pub out: &'a mut Vec<Draft>,
    pub people: Vec<Known>,
    /// A deal that is still open.
    pub open_deal: Option<u64>,
}

/// Title, how one is addressed by it (`{}` is the surname), department, role in the decision, influence.
const SEATS: [(u64, [&str; 5]); 11] = [
    (14, ["总经理", "{}总", "总经办", "decision_maker", "high"]),
    (7, ["副总经理", "{}总", "总经办", "approver", "high"]),
    (20, ["采购经理", "{}经理", "采购部", "purchaser", "medium"]),
    (9, ["采购专员", "小{}", "采购部", "purchaser", "low"]),
    (10, ["生产厂长", "{}厂长", "生产部", "influencer", "high"]),
    (12, ["设备工程师", "{}工", "设备部", "user", "medium"]),
    (6, ["设备科长", "{}科长", "设备部", "champion", "medium"]),
    (6, ["技术总监", "{}总监", "技术部", "influencer", "high"]),
    (5, ["财务经理", "{}经理", "财务部", "payer", "medium"]),
    (5, ["办公室主任", "{}主任", "办公室", "gatekeeper", "low"]),
    (6, ["质量经理", "{}经理", "质量部", "champion", "medium"]),
];

/// Where customers come from.
const SOURCES: [(u64, &str); 9] = [
    (18, "referral"),
    (16, "exhibition"),
    (15, "website"),
    (12, "search"),
    (9, "phone_in"),
    (16, "outbound"),
    (6, "partner"),
    (5, "social"),
    (3, "import"),
];

const NEEDS: [&str; 10] = [
    "new_line",
    "replacement",
    "expansion",
    "cost",
    "quality",
    "delivery",
    "service",
    "custom",
    "spare_parts",
    "energy",
];

/// The purpose of the chance that says why somebody was lost.
const LOSSES: u64 = 701;
const LOST_FOR: [(u64, &str); 7] = [
    (30, "price"),
    (25, "competitor"),
    (15, "no_budget"),
    (10, "no_need"),
    (8, "product"),
    (7, "silent"),
    (5, "closed"),
];

impl<'a> Story<'a> {
    pub fn begin(
        seed: u64,
        number: u64,
        size: Size,
        calendar: Calendar,
        keys: &'a mut Keys,
        out: &'a mut Vec<Draft>,
    ) -> Story<'a> {
        let mut profile = Profile::of(seed, number, size);
        // Nothing happens before the customer is entered, and that was on a working day.
        profile.created_ago = calendar.workday(profile.created_ago);
        let chance = Chance::of(seed, HAPPENINGS, number);
        Story { seed, calendar, profile, chance, keys, out, people: Vec::with_capacity(4), open_deal: None }
    }

    /// `customers_left` counts this one.
    pub fn tell(&mut self, interactions: &mut Quota, opportunities: &mut Quota, customers_left: u64) {
        let busy = self.chance.weighted(&[(30, 0.4), (30, 0.8), (25, 1.2), (15, 2.2)]);
        let stage = self.profile.stage;
        let talks = interactions.take(stage.contact_weight() * busy, customers_left, &mut self.chance);
        let deals = opportunities.take(stage.deal_weight(), customers_left, &mut self.chance);
        self.customer();
        self.contacts();
        self.deals(deals);
        self.repeat_orders();
        self.interactions(talks);
        self.tasks();
        self.care();
    }

    /// A draft made so many days ago by the customer's owner, or by the steward when nobody owns it.
    pub fn draft(&mut self, object: &'static str, ago: i64) -> Draft {
        let minute = self.chance.between(OPENING, CLOSING);
        Draft {
            object,
            key: self.keys.next(object),
            created_at: self.calendar.instant(ago, minute),
            created_by: self.profile.owner.unwrap_or(STEWARD),
            refs: Vec::with_capacity(6),
            fields: Map::with_capacity(16),
        }
    }

    /// The same, pointing to the customer and owned like it.
    pub fn of_customer(&mut self, object: &'static str, ago: i64) -> Draft {
        let (customer, owner) = (self.profile.key(), self.profile.owner);
        self.draft(object, ago).link("customer", "customer", customer).owned_by(owner)
    }

    /// A product (its key first) of those in `among`, and how many of it.
    pub fn wish(&mut self, among: Range<i64>) -> (u64, &'static Product, i64) {
        let place = self.chance.between(among.start, among.end - 1) as u64;
        let product = &PRODUCTS[place as usize];
        let most = match self.profile.tier {
            Some("a") => product.usual,
            Some("b") => (product.usual + 1) / 2,
            _ => (product.usual + 3) / 4,
        };
        (place + 1, product, self.chance.between(1, most))
    }

    pub fn somebody(&mut self) -> Option<u64> {
        let place = self.chance.below(self.people.len().max(1) as u64) as usize;
        self.people.get(place).map(|known| known.key)
    }

    fn customer(&mut self) {
        let ago = self.profile.created_ago;
        let mut draft = self.draft("customer", ago);
        draft.created_at = self.calendar.instant(ago, OPENING - 20);
        let (profile, chance) = (&self.profile, &mut self.chance);
        let settled = profile.stage >= Stage::Potential;
        draft = draft
            .set("name", profile.name.as_str())
            .set("kind", if profile.is_person() { "person" } else { "company" })
            .set("stage", profile.stage.value())
            .set("source", chance.weighted(&SOURCES))
            .owned_by(profile.owner);
        if let Some(tier) = profile.tier {
            draft = draft.set("tier", tier);
        }
        draft = self.identity(draft, settled);
        if settled || self.chance.permille(600) {
            draft = draft.set("region_address", self.profile.address(&mut self.chance));
        }
        if settled {
            draft = self.needs(draft);
        }
        if self.profile.stage == Stage::Won {
            draft = self.terms(draft);
        }
        if self.profile.owner.is_none() && self.profile.stage != Stage::Lead {
            let reasons = ["no_need", "no_budget", "unreachable", "competitor", "mismatch"];
            draft = draft.set("return_reason", *self.chance.pick(&reasons));
        }
        if self.profile.stage == Stage::Lost {
            let mut chance = Chance::of(self.seed, LOSSES, self.profile.number);
            draft = draft.set("lost_reason", chance.weighted(&LOST_FOR));
        }
        if let Class::Branch { of } = self.profile.class {
            draft = draft.link("parent", "customer", of + 1).set("parent_relation", "branch");
        }
        self.out.push(draft);
    }

    /// What tells the customer from others: codes, numbers, addresses in the net.
    fn identity(&mut self, draft: Draft, settled: bool) -> Draft {
        let (profile, chance) = (&self.profile, &mut self.chance);
        let Some(company) = &profile.company else {
            return draft.set("mobile", profile::person(self.seed, profile.number, 0).1);
        };
        // A credit code can stand in one file only, and who enters a customer a second time did not look it up.
        let coded =
            !matches!(profile.class, Class::Twin { .. }) && chance.permille(if settled { 850 } else { 400 });
        let code = identity::credit_code(profile.number, profile.district.0, company.sole_trader);
        let phone = identity::landline(self.seed, profile.identity(), company.place);
        draft
            .set("industry", company.trade.industry)
            .set_if(coded, "credit_code", code)
            .set_if(chance.permille(920), "phone", phone)
            .set_if(settled, "short_name", company.short())
            .set_if(chance.permille(620), "email", format!("info@{}", profile.domain))
            .set_if(chance.permille(480), "website", format!("https://www.{}", profile.domain))
            .set_if(
                settled,
                "size",
                chance.weighted(&[(30, "micro"), (40, "small"), (20, "medium"), (8, "large"), (2, "giant")]),
            )
            .set_if(settled, "founded_on", self.calendar.date(chance.between(800, 9_000)))
    }

    fn needs(&mut self, draft: Draft) -> Draft {
        let (first, second) = (*self.chance.pick(&NEEDS), *self.chance.pick(&NEEDS));
        let needs = if first == second || self.chance.permille(500) {
            json!([first])
        } else {
            json!([first, second])
        };
        let preferred = *self.chance.pick(&["phone", "wechat", "wechat", "visit", "email"]);
        let budget = self.chance.permille(700);
        let draft = draft.set("need_tags", needs).set("preferred_contact", preferred);
        draft.set_if(self.profile.stage >= Stage::Interested, "budget_confirmed", budget)
    }

    fn terms(&mut self, draft: Draft) -> Draft {
        let ago = self.profile.created_ago;
        let limit = *self.chance.pick(&[50_000, 100_000, 200_000, 500_000, 1_000_000]);
        draft
            .set("cooperation_since", self.calendar.date(ago - ago / 3))
            .set(
                "payment_terms",
                *self.chance.pick(&["prepaid", "deposit", "deposit", "on_delivery", "net30", "net60"]),
            )
            .set("credit_limit", limit)
            .set("risk_level", self.chance.weighted(&[(70, "low"), (24, "medium"), (6, "high")]))
    }

    fn contacts(&mut self) {
        let count = match (self.profile.is_person(), self.profile.stage) {
            (true, _) => 1,
            (_, Stage::Lead) => self.chance.weighted(&[(80, 1), (20, 2)]),
            (_, Stage::Potential) => self.chance.weighted(&[(50, 1), (40, 2), (10, 3)]),
            _ => self.chance.weighted(&[(20, 1), (40, 2), (28, 3), (12, 4)]),
        };
        for place in 0..count {
            self.contact(place);
        }
    }

    fn contact(&mut self, place: u64) {
        // A second file of a company knows the same first person.
        let of = if place == 0 { self.profile.identity() } else { self.profile.number };
        let (name, mobile) = profile::person(self.seed, of, place);
        let [title, call, department, chain_role, influence] = self.chance.weighted(&SEATS);
        let ago = (self.profile.created_ago - self.chance.between(0, 60) * place as i64).max(1);
        let draft = self.of_customer("contact", ago);
        let chance = &mut self.chance;
        let draft =
            draft.set("name", name.full.as_str()).set("gender", if name.female { "female" } else { "male" });
        let draft = draft.set_if(chance.permille(930), "mobile", mobile);
        let draft = if self.profile.is_person() {
            self.people.push(Known {
                key: draft.key,
                call: format!("{}{}", name.surname, if name.female { "女士" } else { "先生" }),
            });
            draft
        } else {
            self.people.push(Known { key: draft.key, call: call.replace("{}", name.surname) });
            draft
                .set("title", title)
                .set("department_name", department)
                .set("chain_role", chain_role)
                .set("influence", influence)
                .set_if(chance.permille(450), "email", format!("{}@{}", name.pinyin, self.profile.domain))
                .set_if(
                    self.profile.stage >= Stage::Interested,
                    "attitude",
                    chance.weighted(&[(50, "support"), (40, "neutral"), (10, "oppose")]),
                )
        };
        let draft = draft.set_if(
            chance.permille(350),
            "wechat",
            format!("wx_{}{}", name.pinyin.replace('.', ""), chance.between(10_000, 99_999)),
        );
        let draft = draft.set_if(chance.permille(8), "do_not_contact", true).set_if(
            chance.permille(200),
            "preferred_contact",
            "wechat",
        );
        let key = draft.key;
        self.out.push(draft);
        // Now and then the same person also acts for an earlier customer.
        if self.profile.number > 0 && self.chance.permille(30) {
            let other = self.chance.below(self.profile.number) + 1;
            let since = self.calendar.date(ago);
            let owner = self.profile.owner;
            let role = self
                .draft("contact_role", ago)
                .link("contact", "contact", key)
                .link("customer", "customer", other);
            let role = role
                .set("role_title", "顾问")
                .set("chain_role", "influencer")
                .set("influence", "medium")
                .set("since", since);
            self.out.push(role.owned_by(owner));
        }
    }

    /// How far things had come after the `place`-th of `count` talks.
    fn phase(&self, place: u64, count: u64) -> Phase {
        let part = (place * 100 + 99) / count.max(1);
        match (self.profile.stage, part) {
            (Stage::Lead, _) | (Stage::Potential, 0..=35) | (_, 0..=15) => Phase::Lead,
            (Stage::Potential, _) | (Stage::Interested | Stage::Lost, 16..=45) | (Stage::Won, 16..=30) => {
                Phase::Potential
            }
            (Stage::Interested, _) | (Stage::Lost, 46..=80) | (Stage::Won, 31..=50) => Phase::Interested,
            (Stage::Won, 51..=70) => Phase::Deal,
            (Stage::Won, _) => Phase::After,
            (Stage::Lost, _) => Phase::Lost,
        }
    }

    /// Days since the newest talk.
    fn silence(&mut self) -> i64 {
        let (least, most) = match (self.profile.stage, self.profile.owner) {
            (Stage::Lost, _) => (60, 240),
            (_, None) => (30, 120),
            (Stage::Interested, _) => (1, 14),
            (Stage::Won, _) => (1, 60),
            (Stage::Lead | Stage::Potential, _) => (1, 40),
        };
        self.chance.between(least, most).min(self.profile.created_ago)
    }

    fn interactions(&mut self, count: u64) {
        let newest = self.silence();
        let mut days: Vec<i64> =
            (0..count).map(|_| self.chance.between(newest, self.profile.created_ago)).collect();
        if let Some(last) = days.last_mut() {
            *last = newest;
        }
        days.sort_unstable_by(|a, b| b.cmp(a));
        for (place, ago) in (0u64..).zip(days) {
            self.interaction(self.phase(place, count), ago, place + 1 == count);
        }
    }

    /// A text with its gaps filled, and the contact it speaks of.
    fn words(&mut self, text: &str, among: Range<i64>) -> (String, Option<u64>) {
        let known = self.chance.below(self.people.len().max(1) as u64) as usize;
        let (_, product, quantity) = self.wish(among);
        let amount = (product.price * quantity / 10_000).max(1);
        let (days, rival) = (self.chance.between(2, 20), *self.chance.pick(&phrases::RIVALS));
        let quantity = format!("{quantity} {}", product.unit);
        let person = self.people.get(known).map_or("对方", |known| known.call.as_str());
        let filled =
            Gaps { person, product: product.name, quantity: &quantity, days, amount, rival }.fill(text);
        (filled, self.people.get(known).map(|known| known.key))
    }

    fn interaction(&mut self, phase: Phase, ago: i64, last: bool) {
        let phrase = phrases::phrase(phase, &mut self.chance);
        let digital = matches!(phrase.kind, "form" | "web_visit" | "survey_answer" | "purchase");
        let ago = if digital { ago } else { self.calendar.workday(ago) };
        let by = match (phase, digital) {
            (_, true) => Some(MARKETING),
            (Phase::After, _) if self.chance.permille(400) => Some(*self.chance.pick(&SERVICE)),
            _ => self.profile.owner.or(Some(MARKETING)),
        };
        let among = if phrase.kind == "purchase" { SMALL_GOODS } else { EQUIPMENT };
        let (content, contact) = self.words(phrase.text, among);
        let minute = self.chance.between(OPENING, CLOSING);
        let mut draft = self.draft("interaction", ago);
        draft.created_at = self.calendar.instant(ago, minute);
        draft.created_by = by.unwrap_or(STEWARD);
        let customer = self.profile.key();
        let mut draft = draft
            .set("kind", phrase.kind)
            .set("occurred_at", self.calendar.time(ago, minute))
            .set("content", content)
            .set("outcome", phrase.outcome)
            .set("direction", if digital { "in" } else { "out" })
            .link("customer", "customer", customer)
            .owned_by(by);
        draft = draft.link_some("contact", "contact", contact.filter(|_| phrase.text.contains("{p}")));
        match phrase.kind {
            "call" => draft = draft.set("duration", self.chance.between(1, 25)),
            "visit" | "meeting" => draft = draft.set("duration", self.chance.between(30, 150)),
            "web_visit" => draft = draft.set("page", "https://www.hanlan.example.com/products"),
            _ => {}
        }
        if last && phase == Phase::Interested {
            draft = draft.link_some("opportunity", "opportunity", self.open_deal);
        }
        self.out.push(draft);
    }

    /// What is still to be done, and now and then what was done.
    fn tasks(&mut self) {
        let phase = self.phase(9, 10);
        if self.profile.owner.is_some() && self.chance.permille(if phase == Phase::Lost { 120 } else { 760 })
        {
            let due = match self.chance.below(100) {
                0..=10 => self.calendar.workday(self.chance.between(1, 18)),
                11..=15 => 0,
                _ => -self.chance.between(1, 45),
            };
            self.task(phase, due, None);
        }
        if self.profile.created_ago > 30 && self.chance.permille(350) {
            let due = self.calendar.workday(self.chance.between(8, self.profile.created_ago));
            self.task(phase, due, Some(due));
        }
    }

    fn task(&mut self, phase: Phase, due: i64, done: Option<i64>) {
        let step = phrases::next_step(phase, &mut self.chance);
        let (title, contact) = self.words(step, EQUIPMENT);
        let made = (due.max(0) + self.chance.between(1, 6)).min(self.profile.created_ago);
        let minute = *self.chance.pick(&[540, 570, 600, 630, 840, 870, 900, 960, 1_020]);
        let due_at = self.calendar.time(due, minute);
        let deal = self.open_deal;
        let mut draft = self.of_customer("task", made).set("title", title).set("due_at", due_at);
        draft = draft.set("priority", self.chance.weighted(&[(15, "high"), (75, "normal"), (10, "low")]));
        draft = draft.link_some("contact", "contact", contact.filter(|_| step.contains("{p}")));
        draft = match done {
            Some(ago) => draft
                .set("status", "done")
                .set("done_at", self.calendar.time(ago, (minute + 25).min(CLOSING))),
            None => draft.set("status", "open").link_some("opportunity", "opportunity", deal),
        };
        self.out.push(draft);
    }
}
