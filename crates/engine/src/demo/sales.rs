//! What was offered, ordered, delivered and paid.

use super::Draft;
use super::company::{ALL_GOODS, EQUIPMENT, FINANCE, SMALL_GOODS};
use super::phrases::RIVALS;
use super::prng::Chance;
use super::profile::Stage;
use super::story::Story;
use std::ops::Range;

/// What one asks for: product keys, quantities, unit prices in yuan, discounts in per cent.
struct Basket(Vec<(u64, i64, i64, i64)>);

impl Basket {
    /// Exact: prices and discounts are whole.
    fn cents(&self) -> i64 {
        self.0.iter().map(|(_, quantity, price, discount)| quantity * price * (100 - discount)).sum()
    }

    fn yuan(&self) -> f64 {
        self.cents() as f64 / 100.0
    }
}

/// Where a deal stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Open(&'static str),
    Won,
    Lost,
}

impl Outcome {
    /// Stage and forecast category.
    fn stage(self, chance: &mut Chance) -> (&'static str, &'static str) {
        match self {
            Outcome::Open("negotiation") => ("negotiation", *chance.pick(&["commit", "best"])),
            Outcome::Open(stage) => (stage, "pipeline"),
            Outcome::Won => ("won", "commit"),
            Outcome::Lost => ("lost", "pipeline"),
        }
    }
}

impl Story<'_> {
    /// `first` is what the first line is chosen from.
    fn basket(&mut self, first: Range<i64>) -> (Basket, String) {
        let (first, product, quantity) = self.wish(first);
        let discount = *self.chance.pick(&[0, 0, 0, 3, 5, 8, 10]);
        let mut lines = vec![(first, quantity, product.price, discount)];
        for _ in 0..self.chance.below(3) {
            let (key, product, quantity) = self.wish(ALL_GOODS);
            if lines.iter().all(|(other, ..)| *other != key) {
                lines.push((key, quantity, product.price, discount));
            }
        }
        (Basket(lines), format!("{} {quantity} {}", product.name, product.unit))
    }

    pub(super) fn deals(&mut self, count: u64) {
        for place in 0..count {
            let outcome = match (self.profile.stage, place) {
                (Stage::Won, 0) => Outcome::Won,
                (Stage::Won, _) => self.chance.weighted(&[
                    (45, Outcome::Won),
                    (20, Outcome::Lost),
                    (20, Outcome::Open("proposal")),
                    (15, Outcome::Open("need")),
                ]),
                (Stage::Lost, _) => Outcome::Lost,
                (Stage::Interested, 0) => Outcome::Open(self.chance.weighted(&[
                    (20, "need"),
                    (45, "proposal"),
                    (35, "negotiation"),
                ])),
                (Stage::Interested, _) => {
                    self.chance.weighted(&[(60, Outcome::Open("proposal")), (40, Outcome::Lost)])
                }
                _ => Outcome::Open(self.chance.weighted(&[(60, "contact"), (40, "need")])),
            };
            self.deal(outcome);
        }
    }

    fn deal(&mut self, outcome: Outcome) {
        let first = if self.chance.permille(750) { EQUIPMENT } else { ALL_GOODS };
        let (basket, wish) = self.basket(first);
        let created = self.profile.created_ago;
        let begun = if matches!(outcome, Outcome::Open(_)) {
            self.chance.between(1, created.min(120))
        } else {
            self.chance.between(created / 2, created).max(15)
        };
        let prefix =
            *self.chance.pick(&["", "一期", "二期", "新厂", "老线改造 ", "包装车间", "装配线", "仓库"]);
        let contact = self.somebody();
        let mut draft = self
            .of_customer("opportunity", begun)
            .set("name", format!("{prefix}{wish}"))
            .link_some("contact", "contact", contact);
        let key = draft.key;
        draft = draft.set(
            "source",
            *self.chance.pick(&["existing", "referral", "campaign", "inquiry", "outbound", "tender"]),
        );
        let closed = begun - self.chance.between(7, 60).min(begun - 1);
        let (stage, category) = outcome.stage(&mut self.chance);
        draft = draft.set("stage", stage).set("category", category);
        draft = draft.set_if(stage != "contact" || self.chance.permille(500), "amount", basket.yuan());
        draft = match outcome {
            Outcome::Open(_) => {
                self.open_deal = Some(key);
                draft.set("expected_close", self.calendar.date(-self.chance.between(-12, 90)))
            }
            _ => draft
                .set("expected_close", self.calendar.date(closed))
                .set("closed_on", self.calendar.date(closed)),
        };
        if outcome == Outcome::Lost {
            draft = draft.set(
                "loss_reason",
                self.chance.weighted(&[
                    (35, "price"),
                    (12, "product"),
                    (16, "delivery"),
                    (12, "relation"),
                    (10, "cancelled"),
                    (15, "budget"),
                ]),
            );
        }
        draft = draft.set_if(
            self.chance.permille(if outcome == Outcome::Lost { 700 } else { 200 }),
            "competitor",
            *self.chance.pick(&RIVALS),
        );
        self.out.push(draft);
        let offered = matches!(stage, "proposal" | "negotiation" | "won" | "lost");
        let quoted = (closed + self.chance.between(2, 20)).min(begun).max(1);
        let quote = offered.then(|| self.quote(key, &basket, quoted, outcome));
        if outcome == Outcome::Won {
            self.agreement(Some(key), quote, &basket, closed);
        }
    }

    fn quote(&mut self, deal: u64, basket: &Basket, ago: i64, outcome: Outcome) -> u64 {
        let status = match outcome {
            Outcome::Open(_) if ago > 30 => "expired",
            Outcome::Open(_) => "sent",
            Outcome::Won => "accepted",
            Outcome::Lost => "declined",
        };
        let contact = self.somebody();
        let (from, until) = (self.calendar.date(ago), self.calendar.date(ago - 30));
        let draft = self
            .of_customer("quote", ago)
            .set("status", status)
            .set("quoted_on", from)
            .set("valid_until", until);
        let key = draft.key;
        let draft = draft
            .set("amount", basket.yuan())
            .set("payment_terms", "预付 30%，发货前 60%，质保金 10%")
            .set("delivery_days", 30);
        self.out.push(
            draft
                .link("opportunity", "opportunity", deal)
                .link("price_book", "price_book", 1)
                .link_some("contact", "contact", contact),
        );
        self.lines("quote_line", "quote", key, basket, ago, false);
        key
    }

    fn lines(
        &mut self,
        object: &'static str,
        parent: &'static str,
        key: u64,
        basket: &Basket,
        ago: i64,
        delivered: bool,
    ) {
        let owner = self.profile.owner;
        for (sequence, (product, quantity, price, discount)) in (1..).zip(&basket.0) {
            let line = self.draft(object, ago).link(parent, parent, key).link("product", "product", *product);
            let line = line
                .set("quantity", *quantity)
                .set("price", *price)
                .set("discount", *discount)
                .set("sequence", sequence);
            self.out.push(line.set_if(delivered, "delivered", *quantity).owned_by(owner));
        }
    }

    /// A contract (for larger sums), an order and what was paid on it.
    fn agreement(&mut self, deal: Option<u64>, quote: Option<u64>, basket: &Basket, ago: i64) {
        let large = basket.cents() > 3_000_000;
        let contract = large.then(|| self.contract(deal, quote, basket, ago));
        let done = ago > 50;
        let minute = self.chance.between(540, 1_050);
        let (ordered, due) = (self.calendar.time(ago, minute), self.calendar.date(ago - 35));
        let contact = self.somebody();
        let mut order = self.of_customer("order", ago);
        let key = order.key;
        order = order.set(
            "status",
            if done {
                "done"
            } else if ago > 20 {
                "delivering"
            } else {
                "confirmed"
            },
        );
        order = order.set("ordered_at", ordered).set("amount", basket.yuan()).set("due_on", due);
        order = order.set_if(
            done,
            "delivered_on",
            self.calendar.date((ago - 33 - self.chance.between(-4, 9)).max(1)),
        );
        order = order
            .link_some("contract", "contract", contract)
            .link_some("opportunity", "opportunity", deal)
            .link_some("contact", "contact", contact);
        self.out.push(order);
        self.lines("order_line", "order", key, basket, ago, done);
        self.instalments(key, contract, basket, ago);
        if large && self.chance.permille(150) {
            self.project(contract, deal, ago, done);
        }
    }

    fn contract(&mut self, deal: Option<u64>, quote: Option<u64>, basket: &Basket, ago: i64) -> u64 {
        let status = if ago > 400 { "done" } else { "performing" };
        let name = format!(
            "{}设备采购合同",
            self.profile
                .company
                .as_ref()
                .map_or_else(|| self.profile.name.clone(), super::names::CompanyName::short)
        );
        let contact = self.somebody();
        let (signed, end) = (self.calendar.date(ago), self.calendar.date(ago - 365));
        let draft = self
            .of_customer("contract", ago)
            .set("name", name)
            .set("kind", "sale")
            .set("status", status)
            .set("amount", basket.yuan());
        let key = draft.key;
        let draft = draft
            .set("signed_on", signed.as_str())
            .set("start_on", signed)
            .set("end_on", end)
            .link_some("contact", "contact", contact);
        self.out.push(draft.link_some("opportunity", "opportunity", deal).link_some("quote", "quote", quote));
        key
    }

    /// What is due and what came in: the deposit at once, the rest before delivery, the retention after a year.
    fn instalments(&mut self, order: u64, contract: Option<u64>, basket: &Basket, ago: i64) {
        let cents = basket.cents();
        let parts: &[(&str, i64, i64)] = if contract.is_some() {
            &[("预付款", 30, 3), ("发货款", 60, 30), ("质保金", 10, 365)]
        } else {
            &[("全款", 100, 5)]
        };
        for (name, share, after) in parts {
            let amount = cents * share / 100;
            let due = ago - after;
            // One in twelve pays late, some of them not yet.
            let late = if self.chance.permille(80) {
                self.chance.between(5, 60)
            } else {
                self.chance.between(-2, 3)
            };
            let paid = due - late;
            let due_on = self.calendar.date(due);
            let plan = self
                .of_customer("payment_plan", ago)
                .set("name", *name)
                .set("due_on", due_on)
                .set("amount", amount as f64 / 100.0);
            let key = plan.key;
            let plan = plan.set("status", if paid > 0 { "paid" } else { "planned" });
            self.out.push(plan.link("order", "order", order).link_some("contract", "contract", contract));
            if paid > 0 {
                let received = self.calendar.workday(paid).min(ago);
                self.payment(order, contract, key, amount, received);
                self.invoice(order, contract, amount, received);
            }
        }
    }

    fn payment(&mut self, order: u64, contract: Option<u64>, plan: u64, cents: i64, ago: i64) {
        let received_on = self.calendar.date(ago);
        let method =
            self.chance.weighted(&[(82, "transfer"), (12, "acceptance"), (3, "wechat"), (3, "alipay")]);
        let mut draft: Draft = self
            .of_customer("payment", ago)
            .set("amount", cents as f64 / 100.0)
            .set("received_on", received_on);
        draft.created_by = FINANCE;
        let draft = draft.set("method", method).set("status", "received").link("order", "order", order).link(
            "plan",
            "payment_plan",
            plan,
        );
        self.out.push(draft.link_some("contract", "contract", contract));
    }

    fn invoice(&mut self, order: u64, contract: Option<u64>, cents: i64, ago: i64) {
        let issued = self.calendar.date(ago);
        let title = self.profile.name.trim().to_owned();
        let mut draft = self.of_customer("invoice", ago);
        draft.created_by = FINANCE;
        // Twenty digits, as a fully digital invoice has; 00 is no region that issues any.
        let number = format!("00{:018}", draft.key);
        let draft = draft
            .set("title", title)
            .set("kind", "special")
            .set("status", "issued")
            .set("amount", cents as f64 / 100.0);
        let draft = draft.set("invoice_code", number).set("issued_on", issued).link("order", "order", order);
        self.out.push(draft.link_some("contract", "contract", contract));
    }

    fn project(&mut self, contract: Option<u64>, deal: Option<u64>, ago: i64, done: bool) {
        let name = format!(
            "{}产线交付",
            self.profile
                .company
                .as_ref()
                .map_or_else(|| self.profile.name.clone(), super::names::CompanyName::brand)
        );
        let (start, end) = (self.calendar.date(ago), self.calendar.date(ago - 60));
        let draft = self
            .of_customer("project", ago)
            .set("name", name)
            .set("status", if done { "done" } else { "running" });
        let draft = draft
            .set("start_on", start)
            .set("end_on", end)
            .set("progress", if done { 100 } else { self.chance.between(10, 90) });
        self.out.push(
            draft
                .link("manager", "user", super::company::SERVICE[0])
                .link_some("contract", "contract", contract)
                .link_some("opportunity", "opportunity", deal),
        );
    }

    /// What a won customer ordered besides: spare parts and more of the same, every few months.
    pub(super) fn repeat_orders(&mut self) {
        if self.profile.stage != Stage::Won {
            return;
        }
        let cycle = self.chance.between(50, 260);
        let mut ago = self.profile.created_ago * 2 / 3 - self.chance.between(0, 30);
        while ago > 3 {
            let (basket, _) = self.basket(SMALL_GOODS);
            let small = Basket(basket.0.into_iter().take(1).collect());
            self.agreement(None, None, &small, ago);
            ago -= cycle + self.chance.between(-cycle / 5, cycle / 5);
        }
    }
}
