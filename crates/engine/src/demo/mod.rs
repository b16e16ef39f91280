//! An invented company and everything that happened to it in two years: a maker of automation equipment with eleven people, its customers,
//! what was said, offered, sold, paid and repaired. The same seed, size and day give the same bytes on every machine. It fills a demonstration
//! with 2,000 customers and a measurement with a million; memory stays that of one customer.
//!
//! Nothing in it is real: see [`identity`] for how numbers and codes are kept free of anybody's.

mod bulk;
mod calendar;
mod care;
mod company;
mod identity;
mod journey;
mod names;
mod phrases;
mod places;
mod prng;
mod profile;
mod sales;
mod seed;
mod story;
#[cfg(test)]
mod tests;

pub use bulk::Part;
use calendar::Calendar;
use chrono::{DateTime, NaiveDate, Utc};
pub use company::{ACCOUNTS, Account, COMPANY_NAME};
pub(crate) use prng::Chance;
pub use seed::PASSWORD;
use serde_json::{Map, Value as Json};

/// How much is invented. The totals of customers, interactions and opportunities are met exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub customers: u64,
    pub interactions: u64,
    pub opportunities: u64,
    /// Salespeople beside the eleven of the demonstration, ten to a department.
    pub more_salespeople: u64,
}

impl Size {
    /// The demonstration.
    pub const DEMO: Size =
        Size { customers: 2_000, interactions: 12_000, opportunities: 1_600, more_salespeople: 0 };
    /// The measurement.
    pub const MILLION: Size =
        Size { customers: 1_000_000, interactions: 3_000_000, opportunities: 500_000, more_salespeople: 200 };

    /// So many customers with three interactions and half an opportunity each, as in [`Size::MILLION`].
    pub fn of_customers(customers: u64) -> Size {
        Size {
            customers,
            interactions: customers * 3,
            opportunities: customers / 2,
            more_salespeople: customers / 5_000,
        }
    }
}

/// A field that points to another draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    pub field: &'static str,
    /// Object and key of the draft it points to, which came earlier.
    pub object: &'static str,
    pub key: u64,
}

/// A record to be made. `fields` holds values as docs/interface.md writes them, `refs` the fields that point to other drafts; numbers and
/// computed fields are left to the engine.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub object: &'static str,
    /// Unique within its object, counted from 1.
    pub key: u64,
    /// When it would have been made, and by which user's key.
    pub created_at: DateTime<Utc>,
    pub created_by: u64,
    /// `owner` is among them, unless `fields` says that nobody owns the record.
    pub refs: Vec<Reference>,
    pub fields: Map<String, Json>,
}

impl Draft {
    fn set(mut self, field: &str, value: impl Into<Json>) -> Draft {
        self.fields.insert(field.to_owned(), value.into());
        self
    }

    fn set_if(self, holds: bool, field: &str, value: impl Into<Json>) -> Draft {
        if holds { self.set(field, value) } else { self }
    }

    fn link(mut self, field: &'static str, object: &'static str, key: u64) -> Draft {
        self.refs.push(Reference { field, object, key });
        self
    }

    fn link_some(self, field: &'static str, object: &'static str, key: Option<u64>) -> Draft {
        match key {
            Some(key) => self.link(field, object, key),
            None => self,
        }
    }

    /// Whose it is; nobody's when `owner` is none.
    fn owned_by(self, owner: Option<u64>) -> Draft {
        match owner {
            Some(user) => self.link("owner", "user", user),
            None => self.set("owner", Json::Null),
        }
    }
}

const OBJECTS: [&str; 31] = [
    "department",
    "position",
    "user",
    "team",
    "team_member",
    "tag",
    "product",
    "price_book",
    "price_book_entry",
    "campaign",
    "survey",
    "article",
    "customer",
    "contact",
    "contact_role",
    "opportunity",
    "interaction",
    "task",
    "quote",
    "quote_line",
    "contract",
    "order",
    "order_line",
    "payment_plan",
    "payment",
    "invoice",
    "project",
    "ticket",
    "campaign_member",
    "survey_answer",
    "tagging",
];

/// The last key given out, by object.
#[derive(Clone, Debug, Default)]
struct Keys([u64; OBJECTS.len()]);

impl Keys {
    fn next(&mut self, object: &'static str) -> u64 {
        let place = OBJECTS.iter().position(|name| *name == object).unwrap_or(0);
        self.0[place] += 1;
        self.0[place]
    }
}

/// Hands out an exact total over all customers, more to some than to others.
#[derive(Clone, Debug)]
struct Quota {
    left: u64,
}

impl Quota {
    /// The share of a customer who weighs `weight` times the average, when so many customers (this one too) are still to come.
    fn take(&mut self, weight: f64, customers_left: u64, chance: &mut prng::Chance) -> u64 {
        let mean = self.left as f64 / customers_left.max(1) as f64;
        let share = if customers_left <= 1 {
            self.left
        } else {
            ((weight * mean + chance.unit()) as u64).min(self.left)
        };
        self.left -= share;
        share
    }
}

/// Yields drafts in an order in which every reference points backwards: the company first, then customer by customer.
pub struct Generator {
    seed: u64,
    size: Size,
    calendar: Calendar,
    keys: Keys,
    interactions: Quota,
    opportunities: Quota,
    /// Customers told so far.
    told: u64,
    /// The drafts of the current customer (at first: of the company), last first.
    waiting: Vec<Draft>,
}

impl Generator {
    /// `today` is the last day of the history, in China; nothing but due dates lies after it.
    pub fn new(seed: u64, size: Size, today: NaiveDate) -> Generator {
        let calendar = Calendar { today };
        let mut keys = Keys::default();
        let mut waiting = company::drafts(seed, size, calendar, &mut keys);
        waiting.reverse();
        Generator {
            seed,
            size,
            calendar,
            keys,
            interactions: Quota { left: size.interactions },
            opportunities: Quota { left: size.opportunities },
            told: 0,
            waiting,
        }
    }
}

impl Iterator for Generator {
    type Item = Draft;

    fn next(&mut self) -> Option<Draft> {
        if self.waiting.is_empty() && self.told < self.size.customers {
            let mut story = story::Story::begin(
                self.seed,
                self.told,
                self.size,
                self.calendar,
                &mut self.keys,
                &mut self.waiting,
            );
            let left = self.size.customers - self.told;
            story.tell(&mut self.interactions, &mut self.opportunities, left);
            self.told += 1;
            self.waiting.reverse();
        }
        self.waiting.pop()
    }
}

/// One more company, as somebody would type it into a form: for measuring how customers are made. No two numbers below 800 million
/// share a code.
pub fn another_customer(seed: u64, number: u64) -> Map<String, Json> {
    // Far behind the numbers of any company that was invented whole, as their codes would be taken.
    const BEHIND: u64 = 50_000_000;
    profile::as_typed(seed, BEHIND + number)
}
