//! Fields out of pasted text: a chat message, a mail signature, a card, a line of an address book. By rules alone, without a language
//! model, so that everything found can be shown where it stands.
//!
//! [`atoms`] finds what has a shape of its own (mail and web addresses, credit codes, phone numbers), [`labels`] what somebody put a word
//! before (电话：…), [`free`] the rest by its words: legal forms, titles, departments, regions, surnames. `words` holds the lists.

mod atoms;
mod free;
mod labels;
mod latin;
mod source;
mod words;

#[cfg(test)]
mod tests;

use crate::phone::PhoneKind;
use source::Source;
use std::ops::Range;

/// What a found piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    Customer,
    Contact,
    Title,
    Department,
    Mobile,
    Phone,
    Email,
    Wechat,
    Website,
    Address,
    CreditCode,
    Need,
    Note,
}

impl Role {
    pub const ALL: [Role; 13] = [
        Role::Customer,
        Role::Contact,
        Role::Title,
        Role::Department,
        Role::Mobile,
        Role::Phone,
        Role::Email,
        Role::Wechat,
        Role::Website,
        Role::Address,
        Role::CreditCode,
        Role::Need,
        Role::Note,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Role::Customer => "customer",
            Role::Contact => "contact",
            Role::Title => "title",
            Role::Department => "department",
            Role::Mobile => "mobile",
            Role::Phone => "phone",
            Role::Email => "email",
            Role::Wechat => "wechat",
            Role::Website => "website",
            Role::Address => "address",
            Role::CreditCode => "credit_code",
            Role::Need => "need",
            Role::Note => "note",
        }
    }

    pub fn from_name(name: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.name() == name)
    }

    /// How many of one kind a text gives at most; the surest stay.
    fn at_most(self) -> usize {
        match self {
            Role::Mobile | Role::Phone | Role::Email => 4,
            Role::Website => 2,
            _ => 1,
        }
    }
}

/// One field found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub role: Role,
    /// What stands there, half width, without line breaks; the field's own normaliser takes it from here.
    pub value: String,
    /// Bytes of the source.
    pub span: Range<usize>,
    /// Percent: 95 and more has a label or a check digit, 60 and less is a guess from its place.
    pub confidence: u8,
}

/// Characters that are read; a longer text is no card.
const LONGEST: usize = 5_000;

/// The fields of a text, in the order in which they stand. Total: any text gives a list, perhaps an empty one; in linear time but for a
/// line's length, which is bounded with the text.
pub fn read(text: &str) -> Vec<Found> {
    let source = Source::new(text, LONGEST);
    let mut reader =
        Reader { used: vec![false; source.len()], source: &source, found: Vec::new(), region: None };
    atoms::read(&mut reader);
    labels::read(&mut reader);
    for line in source.lines() {
        free::read(&mut reader, line);
    }
    reader.finish()
}

/// A text being read: what is known of it so far.
struct Reader<'a> {
    source: &'a Source,
    /// Characters that belong to something found already.
    used: Vec<bool>,
    found: Vec<Found>,
    /// A region given apart from the address (所在地区：…), to go in front of it.
    region: Option<(Range<usize>, String)>,
}

impl Reader<'_> {
    /// Writes down that `range` (characters) is a field. What it covers is spoken for.
    fn add(&mut self, role: Role, range: Range<usize>, confidence: u8) {
        let range = self.source.trimmed(range);
        if range.is_empty() {
            return;
        }
        self.mark(range.clone());
        let value = self.source.value(range.clone());
        self.add_value(role, range, value, confidence);
    }

    fn add_value(&mut self, role: Role, range: Range<usize>, value: String, confidence: u8) {
        if self.found.iter().any(|known| known.role == role && known.value == value) {
            return;
        }
        self.found.push(Found { role, value, span: self.source.bytes(range), confidence });
    }

    fn mark(&mut self, range: Range<usize>) {
        self.used[range].fill(true);
    }

    fn has(&self, role: Role) -> bool {
        self.found.iter().any(|found| found.role == role)
    }

    fn free(&self, range: &Range<usize>) -> bool {
        !self.used[range.clone()].contains(&true)
    }

    /// The parts of a range that nothing was found in.
    fn unused(&self, range: Range<usize>) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let mut start = range.start;
        for at in range.clone() {
            if self.used[at] {
                parts.push(start..at);
                start = at + 1;
            }
        }
        parts.push(start..range.end);
        parts.retain(|part| !part.is_empty());
        parts
    }

    fn finish(mut self) -> Vec<Found> {
        if let Some((range, region)) = self.region.take() {
            match self.found.iter_mut().find(|found| found.role == Role::Address) {
                Some(address) if !address.value.starts_with(&region) => {
                    address.value = format!("{region}{}", address.value);
                }
                Some(_) => {}
                None => self.add_value(Role::Address, range, region, 90),
            }
        }
        let mut surest = self.found;
        surest.sort_by_key(|found| (std::cmp::Reverse(found.confidence), found.span.start));
        let mut kept: Vec<Found> = Vec::new();
        for found in surest {
            if kept.iter().filter(|other| other.role == found.role).count() < found.role.at_most() {
                kept.push(found);
            }
        }
        kept.sort_by_key(|found| (found.span.start, found.role));
        kept
    }
}

fn role_of(kind: PhoneKind) -> Role {
    if kind == PhoneKind::Mobile { Role::Mobile } else { Role::Phone }
}
