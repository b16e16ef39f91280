//! Phones, e-mail, addresses and codes.

use super::{Comparison, Weight};
use crate::entity::frequency::Frequencies;
use crate::entity::key::KeyKind;
use crate::entity::place::{self, Place, Regions};
use crate::entity::prepared::{Code, Mail, Number, Prepared, letters_of};
use crate::entity::sound::{self, letters_distance};

/// The surest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PhoneLevel {
    Same,
    /// The same landline, one without its area code.
    Local,
    /// One digit apart.
    Near,
    /// A mobile and a landline.
    Kinds,
    Differ,
    #[default]
    Missing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum MailLevel {
    Same,
    /// One letter apart.
    Near,
    /// The same name at another domain.
    Name,
    Differ,
    #[default]
    Missing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DomainLevel {
    Same,
    /// The same own name under another top domain, or one letter apart.
    Near,
    Differ,
    #[default]
    Missing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AddressLevel {
    /// Road, number and room.
    Room,
    /// Road and number; a room is missing.
    House,
    /// Road and number, but another room.
    OtherRoom,
    /// The road, or a road that sounds like it, and number.
    NearHouse,
    /// The road alone.
    Road,
    Differ,
    #[default]
    Missing,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CodeLevel {
    Same,
    /// One has the organisation code of the other.
    Organisation,
    /// One or two characters apart, and one of them is no valid code.
    Near,
    /// Different, but one of them is no valid code.
    Doubtful,
    /// Two valid codes.
    Differ,
    #[default]
    Missing,
}

pub(super) fn compare(a: &Prepared, b: &Prepared, frequencies: &Frequencies, into: &mut Comparison) {
    phones(a, b, frequencies, into);
    mails(a, b, frequencies, into);
    addresses(a, b, frequencies, into);
    for x in &a.codes {
        for y in &b.codes {
            let level = code(x, y);
            if level < into.code {
                into.code = level;
                into.code_weight = Weight::of(frequencies.seen(KeyKind::Code, x.organisation()), frequencies);
            }
        }
    }
}

fn phones(a: &Prepared, b: &Prepared, frequencies: &Frequencies, into: &mut Comparison) {
    for x in &a.phones {
        for y in &b.phones {
            let level = phone(x, y);
            if level < into.phone {
                into.phone = level;
                into.phone_weight = match level {
                    PhoneLevel::Same | PhoneLevel::Local => weigh(x, y, frequencies),
                    _ => Weight::default(),
                };
            }
        }
    }
}

fn weigh(x: &Number, y: &Number, frequencies: &Frequencies) -> Weight {
    let mut digits = [0u8; 20];
    let (kind, number) = if x.local != 0 {
        (KeyKind::Local, u64::from(x.local))
    } else {
        (KeyKind::Phone, x.whole.max(y.whole))
    };
    let text = decimal(number, &mut digits);
    Weight::of(frequencies.seen_chars(kind, text.iter().map(|d| char::from(*d))), frequencies)
}

/// The decimal digits of a number.
fn decimal(mut number: u64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut at = buffer.len();
    while at > 0 && (number > 0 || at == buffer.len()) {
        at -= 1;
        buffer[at] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    &buffer[at..]
}

fn phone(x: &Number, y: &Number) -> PhoneLevel {
    if x.whole != 0 && x.whole == y.whole {
        return PhoneLevel::Same;
    }
    if x.local != 0 && x.local == y.local && (x.whole == 0 || y.whole == 0) {
        return PhoneLevel::Local;
    }
    let (mut p, mut q) = ([0u8; 20], [0u8; 20]);
    // Without the area code only the local parts can be compared.
    let locals = x.local != 0 && y.local != 0 && (x.whole == 0 || y.whole == 0);
    let (m, n) = if locals { (u64::from(x.local), u64::from(y.local)) } else { (x.whole, y.whole) };
    let (p, q) = (decimal(m, &mut p), decimal(n, &mut q));
    let (p, q) = (
        p.strip_prefix(b"86").filter(|r| r.len() >= 9).unwrap_or(p),
        q.strip_prefix(b"86").filter(|r| r.len() >= 9).unwrap_or(q),
    );
    if p.len().min(q.len()) >= 7 && one_off(p, q) {
        return PhoneLevel::Near;
    }
    if (x.local == 0) == (y.local == 0) { PhoneLevel::Differ } else { PhoneLevel::Kinds }
}

/// One digit wrong, missing or doubled, or two exchanged.
fn one_off(a: &[u8], b: &[u8]) -> bool {
    if a.len().abs_diff(b.len()) > 1 {
        return false;
    }
    let start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let same = start + end;
    match a.len() == b.len() {
        true => {
            same + 1 >= a.len() || same + 2 == a.len() && a[start] == b[start + 1] && a[start + 1] == b[start]
        }
        false => same >= a.len().min(b.len()),
    }
}

fn mails(a: &Prepared, b: &Prepared, frequencies: &Frequencies, into: &mut Comparison) {
    for x in &a.mails {
        for y in &b.mails {
            let level = mail(x, y);
            if level < into.mail {
                into.mail = level;
                into.mail_weight = match level {
                    MailLevel::Same => Weight::of(frequencies.seen(KeyKind::Mail, &x.address), frequencies),
                    _ => Weight::default(),
                };
            }
            let domain = domain(x, y);
            if domain < into.domain {
                into.domain = domain;
                into.domain_weight = match domain {
                    DomainLevel::Same => {
                        Weight::of(frequencies.seen(KeyKind::Domain, x.domain()), frequencies)
                    }
                    _ => Weight::default(),
                };
            }
        }
    }
    let named = |p: &Prepared, q: &Prepared| {
        p.mails.iter().filter(|m| !m.free && m.label().len() >= 4).any(|m| {
            q.names.iter().any(|n| {
                let label = m.label();
                n.brand_letters() == label
                    || *n.letters == *label
                    || label.len() >= 6 && n.letters.starts_with(label)
            })
        })
    };
    into.name_in_domain = named(a, b) || named(b, a);
}

fn mail(x: &Mail, y: &Mail) -> MailLevel {
    if x.address == y.address {
        return MailLevel::Same;
    }
    let (p, q) = (x.local(), y.local());
    if x.role || y.role {
        let near = x.role
            && y.role
            && p == q
            && letters_distance(x.domain().as_bytes(), y.domain().as_bytes(), 2.0) < 2.0;
        return if near { MailLevel::Near } else { MailLevel::Differ };
    }
    let one_off =
        p.len().min(q.len()) >= 5 && letters_distance(x.address.as_bytes(), y.address.as_bytes(), 2.0) < 2.0;
    match () {
        () if one_off => MailLevel::Near,
        () if p == q && p.len() >= 5 => MailLevel::Name,
        () => MailLevel::Differ,
    }
}

fn domain(x: &Mail, y: &Mail) -> DomainLevel {
    if x.free || y.free {
        return DomainLevel::Missing;
    }
    if x.domain() == y.domain() {
        return DomainLevel::Same;
    }
    let own = |m: &Mail| m.domain().split('.').next().map_or(0, str::len);
    let (p, q) = (&x.domain()[..own(x)], &y.domain()[..own(y)]);
    let digits = |text: &str| {
        text.bytes().filter(u8::is_ascii_digit).fold(0u64, |sum, d| sum.wrapping_mul(11) + u64::from(d))
    };
    // xunye45 and xunye87 are two companies that wanted the same name.
    let near = digits(p) == digits(q)
        && p.len().min(q.len()) >= 5
        && letters_distance(p.as_bytes(), q.as_bytes(), 2.0) < 2.0;
    if near { DomainLevel::Near } else { DomainLevel::Differ }
}

fn addresses(a: &Prepared, b: &Prepared, frequencies: &Frequencies, into: &mut Comparison) {
    for x in &a.places {
        for y in &b.places {
            let level = address(x, y);
            if level >= into.address {
                continue;
            }
            into.address = level;
            if level > AddressLevel::OtherRoom {
                into.address_weight = Weight::default();
                continue;
            }
            let mut key = String::new();
            letters_of(&x.road, &mut key);
            key.push_str(&x.number.to_string());
            into.address_weight = Weight::of(frequencies.seen(KeyKind::Road, &key), frequencies);
        }
    }
}

fn address(x: &Place, y: &Place) -> AddressLevel {
    if x.road.is_empty() || y.road.is_empty() {
        let apart = matches!(place::regions(x.region, y.region), Regions::Apart | Regions::Province);
        return if apart { AddressLevel::Differ } else { AddressLevel::Missing };
    }
    let apart = place::regions(x.region, y.region) == Regions::Apart;
    let same = |p: &Place, q: &Place| p.road.iter().map(|c| c.0).eq(q.road.iter().map(|c| c.0));
    let most = x.road.len().max(y.road.len()) as f32;
    let road_near = || sound::distance(&x.road, &y.road, most) / most <= 0.4;
    let number_same = x.number != 0 && x.number == y.number;
    match () {
        () if apart => AddressLevel::Differ,
        () if same(x, y) && number_same => match (x.room, y.room) {
            (0, _) | (_, 0) => AddressLevel::House,
            (p, q) if p == q => AddressLevel::Room,
            _ => AddressLevel::OtherRoom,
        },
        () if number_same && road_near() => AddressLevel::NearHouse,
        () if same(x, y) => AddressLevel::Road,
        () => AddressLevel::Differ,
    }
}

fn code(x: &Code, y: &Code) -> CodeLevel {
    if x.text == y.text {
        return CodeLevel::Same;
    }
    if x.organisation() == y.organisation() {
        return CodeLevel::Organisation;
    }
    if x.valid && y.valid {
        return CodeLevel::Differ;
    }
    let near = |p: &str, q: &str| letters_distance(p.as_bytes(), q.as_bytes(), 3.0) < 3.0;
    if near(&x.text, &y.text) || x.text.len() != y.text.len() && near(x.organisation(), y.organisation()) {
        CodeLevel::Near
    } else {
        CodeLevel::Doubtful
    }
}
