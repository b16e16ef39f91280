//! Who a customer is. A profile follows from the seed and the customer's number alone, so that a branch or a second file of a customer can
//! look its original up without anything being kept.

use super::Size;
use super::company::{MANAGER, salesperson};
use super::identity;
use super::names::{CompanyName, PersonName};
use super::places::PLACES;
use super::prng::Chance;
use serde_json::{Map, Value as Json, json};

/// Separate streams of chance, by purpose.
#[derive(Clone, Copy)]
enum Purpose {
    Class = 1,
    Name,
    Traits,
    Person,
}

fn chance(seed: u64, purpose: Purpose, number: u64) -> Chance {
    Chance::of(seed, purpose as u64, number)
}

/// What sort of customer it is. Numbers are those of earlier customers, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    Company,
    Branch {
        of: u64,
    },
    /// The same company, entered a second time by another hand.
    Twin {
        of: u64,
    },
    Person,
}

/// Of a thousand: 5 branches, 20 second files, 30 persons.
fn roll(seed: u64, number: u64) -> u64 {
    if number < 20 { 999 } else { chance(seed, Purpose::Class, number).below(1_000) }
}

impl Class {
    pub fn of(seed: u64, number: u64) -> Class {
        let roll = roll(seed, number);
        if roll >= 55 {
            return Class::Company;
        }
        if roll >= 25 {
            return Class::Person;
        }
        let mut chance = chance(seed, Purpose::Class, number);
        chance.next();
        loop {
            // Nearly every earlier customer is a company, and the first twenty are.
            let of = chance.below(number);
            if self::roll(seed, of) >= 55 {
                return if roll < 5 { Class::Branch { of } } else { Class::Twin { of } };
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Lead,
    Potential,
    Interested,
    Won,
    Lost,
}

impl Stage {
    pub fn value(self) -> &'static str {
        ["lead", "potential", "interested", "won", "lost"][self as usize]
    }

    /// How often people talk to such customers, against the average.
    pub fn contact_weight(self) -> f64 {
        [0.36, 0.72, 1.53, 1.63, 0.82][self as usize]
    }

    /// How many deals such customers have, against the average.
    pub fn deal_weight(self) -> f64 {
        [0.0, 0.39, 1.55, 2.33, 1.03][self as usize]
    }
}

pub(super) struct Profile {
    /// From 0; the key of the customer's draft is one more.
    pub number: u64,
    pub class: Class,
    pub stage: Stage,
    pub tier: Option<&'static str>,
    pub owner: Option<u64>,
    /// Days since the customer was first entered.
    pub created_ago: i64,
    pub name: String,
    /// Of the company; none for a person.
    pub company: Option<CompanyName>,
    pub domain: String,
    pub district: (&'static str, &'static str),
}

/// The person in a customer's `place`-th seat, 0 to 3.
pub(super) fn person(seed: u64, customer: u64, place: u64) -> (PersonName, String) {
    let slot = customer * 4 + place;
    (PersonName::invent(&mut chance(seed, Purpose::Person, slot)), identity::mobile(seed, slot))
}

fn company_name(seed: u64, number: u64) -> CompanyName {
    CompanyName::of(seed, number, &mut chance(seed, Purpose::Name, number))
}

fn stage(class: Class, chance: &mut Chance) -> Stage {
    use Stage::{Interested, Lead, Lost, Potential, Won};
    match class {
        Class::Twin { .. } => chance.weighted(&[(60, Lead), (30, Potential), (10, Interested)]),
        Class::Branch { .. } => chance.weighted(&[(30, Potential), (30, Interested), (40, Won)]),
        _ => chance.weighted(&[(25, Lead), (25, Potential), (20, Interested), (22, Won), (8, Lost)]),
    }
}

fn created_ago(stage: Stage, chance: &mut Chance) -> i64 {
    let (newest, oldest) = match stage {
        Stage::Lead => (2, 150),
        Stage::Potential => (10, 330),
        Stage::Interested => (20, 450),
        Stage::Won => (60, 730),
        Stage::Lost => (100, 730),
    };
    chance.between(newest, oldest)
}

fn owner(stage: Stage, size: Size, chance: &mut Chance) -> Option<u64> {
    let in_pool = match stage {
        Stage::Lead => 260,
        Stage::Potential => 110,
        Stage::Lost => 420,
        Stage::Interested | Stage::Won => 0,
    };
    let someone = if chance.permille(40) { MANAGER } else { salesperson(size, chance) };
    (!chance.permille(in_pool)).then_some(someone)
}

fn tier(stage: Stage, chance: &mut Chance) -> Option<&'static str> {
    match stage {
        Stage::Won => Some(chance.weighted(&[(15, "a"), (35, "b"), (50, "c")])),
        Stage::Interested => Some(chance.weighted(&[(10, "a"), (40, "b"), (50, "c")])),
        Stage::Lead => None,
        Stage::Potential | Stage::Lost => Some(chance.weighted(&[(30, "b"), (70, "c")])),
    }
}

/// A company's form: what one knows after a first call.
pub(super) fn as_typed(seed: u64, number: u64) -> Map<String, Json> {
    let company = company_name(seed, number);
    let mut chance = chance(seed, Purpose::Traits, number);
    let district = chance.pick(company.place.districts).0;
    let form = json!({
        "name": company.full(),
        "short_name": company.short(),
        "credit_code": identity::credit_code(number, district, company.sole_trader),
        "phone": identity::landline(seed, number, company.place),
        "email": format!("info@{}", identity::domain(&company.pinyin(), number)),
        "industry": company.trade.industry,
        "source": "phone_in",
        "region_address": {"region": district, "detail": identity::street(&mut chance)},
        "remark": "来电询价，想要产品资料",
    });
    match form {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}

impl Profile {
    pub fn of(seed: u64, number: u64, size: Size) -> Profile {
        let class = Class::of(seed, number);
        let mut chance = chance(seed, Purpose::Traits, number);
        let stage = stage(class, &mut chance);
        let company = match class {
            Class::Company => Some(company_name(seed, number)),
            Class::Branch { of } | Class::Twin { of } => Some(company_name(seed, of)),
            Class::Person => None,
        };
        let elsewhere = chance.pick(&PLACES);
        let place = match (&company, class) {
            (Some(company), Class::Company | Class::Twin { .. }) => company.place,
            _ => elsewhere,
        };
        let name = match (&company, class) {
            (Some(company), Class::Branch { .. }) => format!("{}{}分公司", company.full(), elsewhere.short),
            (Some(company), Class::Twin { .. }) => company.mistyped(&mut chance),
            (Some(company), _) => company.full(),
            (None, _) => person(seed, number, 0).0.full,
        };
        let domain = match class {
            Class::Branch { of } | Class::Twin { of } => of,
            _ => number,
        };
        let domain =
            identity::domain(&company.as_ref().map_or_else(String::new, CompanyName::pinyin), domain);
        Profile {
            number,
            class,
            stage,
            tier: tier(stage, &mut chance),
            owner: owner(stage, size, &mut chance),
            created_ago: created_ago(stage, &mut chance),
            name,
            company,
            domain,
            district: *chance.pick(place.districts),
        }
    }

    pub fn key(&self) -> u64 {
        self.number + 1
    }

    pub fn is_person(&self) -> bool {
        self.class == Class::Person
    }

    /// The number whose phone and people it shares: its own, or its original's.
    pub fn identity(&self) -> u64 {
        match self.class {
            Class::Twin { of } => of,
            _ => self.number,
        }
    }

    /// As an address field takes it.
    pub fn address(&self, chance: &mut Chance) -> Json {
        json!({"region": self.district.0, "detail": identity::street(chance)})
    }
}
