//! Columns of English lists of persons.

use super::Weight;
use crate::entity::frequency::Frequencies;
use crate::entity::key::KeyKind;
use crate::entity::prepared::Western;
use crate::entity::sound::{jaro_winkler, letters_distance};

/// Likeness of each column, 0 to 1; `None` when one of the two is empty.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct WesternLevels {
    pub given: Option<f32>,
    pub surname: Option<f32>,
    pub born: Option<f32>,
    pub street: Option<f32>,
    pub street_number: Option<bool>,
    pub line: Option<f32>,
    pub suburb: Option<f32>,
    pub postcode: Option<f32>,
    pub identifier: Option<f32>,
    pub identifier_weight: Weight,
}

pub(super) fn compare(a: &Western, b: &Western, frequencies: &Frequencies) -> WesternLevels {
    let straight = (like(&a.given, &b.given), like(&a.surname, &b.surname));
    let crossed = (like(&a.given, &b.surname), like(&a.surname, &b.given));
    // Given name and surname are exchanged now and then, and so are the lines of an address.
    let (given, surname) = better(straight, crossed);
    let (street, line) = better(
        (like(&a.street, &b.street), like(&a.line, &b.line)),
        (like(&a.street, &b.line), like(&a.line, &b.street)),
    );
    let mut levels = WesternLevels {
        given,
        surname,
        born: digits(&a.born, &b.born),
        street,
        line,
        street_number: (a.street_number != 0 && b.street_number != 0)
            .then_some(a.street_number == b.street_number),
        suburb: like(&a.suburb, &b.suburb),
        postcode: digits(&a.postcode, &b.postcode),
        ..WesternLevels::default()
    };
    for x in &a.identifiers {
        for y in &b.identifiers {
            let alike = digits(x, y);
            if alike > levels.identifier {
                levels.identifier = alike;
                levels.identifier_weight = Weight::of(frequencies.seen(KeyKind::Identifier, x), frequencies);
            }
        }
    }
    levels
}

/// The likenesses of two columns: crosswise if that fits clearly better.
fn better(
    straight: (Option<f32>, Option<f32>),
    crossed: (Option<f32>, Option<f32>),
) -> (Option<f32>, Option<f32>) {
    let sum = |pair: &(Option<f32>, Option<f32>)| pair.0.unwrap_or(0.0) + pair.1.unwrap_or(0.0);
    if sum(&crossed) > sum(&straight) + 0.3 { crossed } else { straight }
}

fn like(a: &str, b: &str) -> Option<f32> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    Some(jaro_winkler(a.as_bytes(), b.as_bytes()).max(jaro_winkler(b.as_bytes(), a.as_bytes())))
}

/// 1 for equal, less for each digit wrong.
fn digits(a: &str, b: &str) -> Option<f32> {
    if a.is_empty() || b.is_empty() {
        return None;
    }
    let most = a.len().max(b.len()) as f32;
    Some((1.0 - letters_distance(a.as_bytes(), b.as_bytes(), 4.0) / most.max(4.0)).max(0.0))
}
