//! What a record is looked for by: exact keys of its normalised values, and those that it shares with records like it.

use super::duplicates::{OnDuplicate, least, likeness_stops};
use super::likeness::{self, Likeness};
use super::match_key::MatchKey;
use super::values::Values;
use crate::cx::Cx;
use huike_matching::{company, credit_code, person, text};
use huike_model::schema::DuplicateKey;
use huike_model::{Field, Object};

/// Worked out once for a record, however often it is looked for.
#[derive(Clone, Default)]
pub(crate) struct Sought {
    /// With their places among the keys of the definition.
    exact: Vec<(MatchKey, usize)>,
    pub likeness: Likeness,
}

impl Sought {
    pub fn of(cx: &Cx, values: &Values) -> Sought {
        let definitions = &values.object().duplicates;
        if definitions.is_empty() {
            return Sought::default();
        }
        let placed = definitions.iter().enumerate();
        Sought {
            exact: placed
                .flat_map(|(place, key)| exact_keys(cx, values, key).map(move |key| (key, place)))
                .collect(),
            likeness: Likeness::of(cx, values),
        }
    }

    /// The exact keys, with what the definition says of each.
    pub fn exact<'a>(&'a self, object: &'a Object) -> impl Iterator<Item = (MatchKey, &'a DuplicateKey)> {
        self.exact.iter().filter_map(|(key, place)| Some((*key, object.duplicates.get(*place)?)))
    }

    /// Every key, as often as it comes.
    pub fn all(&self) -> impl Iterator<Item = MatchKey> {
        self.exact.iter().map(|(key, _)| *key).chain(self.likeness.keys())
    }

    /// Every key in order and each once, as a record keeps them.
    pub fn kept(&self) -> Vec<MatchKey> {
        let mut keys: Vec<MatchKey> = self.all().collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The keys at which another record stops a new one.
    pub fn stopping(&self, cx: &Cx, object: &Object, on: OnDuplicate) -> Vec<MatchKey> {
        let least = least(on);
        let exact = self.exact(object).filter(|(_, key)| key.strength >= least).map(|(key, _)| key);
        let like =
            likeness_stops(cx, object, on).then(|| self.likeness.keys().filter(|key| key.is_evidence()));
        exact.chain(like.into_iter().flatten()).collect()
    }
}

/// Whether two records of one object are looked for by the same.
pub(crate) fn alike(one: &Values, other: &Values) -> bool {
    let object = one.object();
    let same = |field: &Field| one.of(field) == other.of(field);
    let keyed = object.duplicates.iter().flat_map(|key| {
        let kept = object.merge.keep.iter().filter(|keep| keep.from == key.field).map(|keep| &keep.into);
        kept.chain([&key.field])
    });
    keyed.filter_map(|name| object.field(name)).all(|field| same(field))
        && likeness::fields(object).iter().all(|field| same(field))
}

/// The keys that a field's value gives: normalised, and blind where the value is sealed.
fn exact_keys<'a>(
    cx: &'a Cx,
    values: &'a Values,
    key: &'a DuplicateKey,
) -> impl Iterator<Item = MatchKey> + 'a {
    let field = values.object().field(&key.field);
    let texts = field.map(|field| texts_of(values, field)).unwrap_or_default();
    let normal = texts.into_iter().map(|value| match key.kind.as_str() {
        "company" => company::parse(value).key(),
        "person" => text::fold(&person::parse(value).name),
        "phone" => value.split(';').next().unwrap_or_default().to_owned(),
        "email" => text::fold(value),
        "credit_code" => credit_code::organisation_key(value).unwrap_or_else(|| value.to_owned()),
        _ => text::fold(value),
    });
    let object = &values.object().name;
    let blind = move |normal: String| match field.filter(|field| field.encrypted) {
        Some(field) => cx.keys().blind(object, field, &normal),
        None => normal,
    };
    normal
        .filter(|normal| !normal.is_empty())
        .map(move |normal| MatchKey::exact(object, &format!("{}:{}", key.kind, blind(normal))))
}

/// A field's value, and those of the same field that merges kept elsewhere.
fn texts_of<'a>(values: &'a Values, field: &Field) -> Vec<&'a str> {
    let mut texts: Vec<&str> = values.of(field).as_text().into_iter().collect();
    for keep in values.object().merge.keep.iter().filter(|keep| keep.from == field.name) {
        texts.extend(values.get(&keep.into).as_text().into_iter().flat_map(str::lines));
    }
    texts
}
