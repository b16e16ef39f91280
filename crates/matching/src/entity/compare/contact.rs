//! Persons: contacts, and records that are persons.

use super::{Comparison, Weight};
use crate::entity::frequency::Frequencies;
use crate::entity::key::KeyKind;
use crate::entity::person::Person;
use crate::entity::prepared::Prepared;
use crate::entity::sound::{self, letters_distance};

/// How alike two persons' names are, the surest first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PersonLevel {
    Same,
    /// Read the same, or one is the other in letters.
    Sounds,
    /// One character or letter apart.
    Near,
    /// Only the surname is known of one (王总, Joyce Wang), and it is the other's.
    Surname,
    Differ,
    #[default]
    Missing,
}

pub(super) fn compare(a: &Prepared, b: &Prepared, frequencies: &Frequencies, into: &mut Comparison) {
    let persons = into.persons;
    // The name of a record that turns out to be a company is no contact.
    let counts = |p: &&Person| persons || !p.own;
    for x in a.people.iter().filter(counts) {
        for y in b.people.iter().filter(counts) {
            let level = pair(x, y);
            if level < into.person {
                into.person = level;
                if level > PersonLevel::Sounds {
                    into.person_weight = Weight::default();
                    continue;
                }
                let (seen_x, seen_y) = (weigh(x, frequencies), weigh(y, frequencies));
                into.person_weight = if seen_x.rarity <= seen_y.rarity { seen_x } else { seen_y };
            }
        }
    }
    let in_mail = |p: &Prepared, q: &Prepared| {
        p.people.iter().any(|person| q.mails.iter().any(|m| !m.role && m.person.is(person)))
    };
    into.person_in_mail = in_mail(a, b) || in_mail(b, a) || same_mail_person(a, b);
}

/// Different addresses with the same person before the `@`.
fn same_mail_person(a: &Prepared, b: &Prepared) -> bool {
    let named = |p: &'_ Prepared| p.mails.iter().filter(|m| !m.role && m.person.is_name()).count() > 0;
    named(a)
        && named(b)
        && a.mails.iter().any(|x| {
            b.mails.iter().any(|y| {
                let (x, y) = (&x.person.words, &y.person.words);
                x.len() == 2
                    && y.len() == 2
                    && (x == y || x[0] == y[1] && x[1] == y[0])
                    && x.iter().all(|w| w.len() > 1)
            })
        })
}

fn weigh(person: &Person, frequencies: &Frequencies) -> Weight {
    Weight::of(frequencies.seen(KeyKind::Person, &person.letters), frequencies)
}

/// Whether two names can be one person's: 王总 and 王芳 can.
pub(crate) fn may_be_one(a: &Person, b: &Person) -> bool {
    pair(a, b) < PersonLevel::Near || pair(a, b) == PersonLevel::Surname
}

fn pair(a: &Person, b: &Person) -> PersonLevel {
    let same_letters = a.letters == b.letters;
    if a.surname_only || b.surname_only || a.foreign || b.foreign {
        return match a.surname() == b.surname() && !a.surname().is_empty() {
            // There are few English given names, and many a Grace Wang.
            true if same_letters && a.foreign && b.foreign => PersonLevel::Near,
            true => PersonLevel::Surname,
            false => PersonLevel::Differ,
        };
    }
    let both_han = !a.chars.is_empty() && !b.chars.is_empty();
    if both_han {
        return han(a, b, same_letters);
    }
    // Li Cong may be Cong Li.
    let swapped = format_args_equal(a.given(), a.surname(), &b.letters)
        || format_args_equal(b.given(), b.surname(), &a.letters);
    if same_letters || swapped {
        return if a.chars.is_empty() && b.chars.is_empty() {
            PersonLevel::Same
        } else {
            PersonLevel::Sounds
        };
    }
    match a.letters.len().min(b.letters.len()) >= 6
        && letters_distance(a.letters.as_bytes(), b.letters.as_bytes(), 2.0) < 2.0
    {
        true => PersonLevel::Near,
        false => PersonLevel::Differ,
    }
}

fn format_args_equal(first: &str, second: &str, whole: &str) -> bool {
    whole.len() == first.len() + second.len() && whole.starts_with(first) && whole.ends_with(second)
}

fn han(a: &Person, b: &Person, same_letters: bool) -> PersonLevel {
    if a.chars.iter().map(|c| c.0).eq(b.chars.iter().map(|c| c.0)) {
        return PersonLevel::Same;
    }
    if same_letters {
        return PersonLevel::Sounds;
    }
    let most = a.chars.len().max(b.chars.len());
    let off = sound::distance(&a.chars, &b.chars, 2.0);
    if most >= 3 && off <= 1.0 || most == 2 && off <= 0.6 { PersonLevel::Near } else { PersonLevel::Differ }
}
