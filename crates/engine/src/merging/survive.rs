//! Survivorship: which value of which record stays, field by field, by the rules in the object's `[merge]`.

use super::request::Party;
use crate::records::body::Assignment;
use crate::records::load::Record;
use crate::records::write::check_own;
use crate::records::{Values, formulas};
use huike_matching::text::fold;
use huike_model::kinds::FieldType;
use huike_model::schema::merging::{MergeDefinition, Survivor, SurvivorRule};
use huike_model::{Fault, Field, Object, Value};
use std::cmp::Reverse;
use std::sync::Arc;

/// The value of one field of the merged record.
#[derive(Clone, Debug)]
pub(super) struct Surviving {
    pub field: Arc<Field>,
    pub value: Value,
    /// Whose it is; none when it is made of several, or new.
    pub from: Option<i64>,
    /// The rule's name, or `hand`.
    pub rule: &'static str,
}

impl Surviving {
    pub fn by_hand(&self) -> bool {
        self.rule == HAND
    }
}

pub(super) const HAND: &str = "hand";

/// Every field that a person or an import fills, with the value that stays. Where the rules together would break one of the object's checks,
/// the winner's own values stay.
pub(super) fn choose(party: &Party, hand: &[Surviving]) -> Vec<Surviving> {
    let object = party.winner.values.object().clone();
    let mut chosen: Vec<Surviving> = object
        .fields()
        .filter(|field| mergeable(field))
        .map(|field| match hand.iter().find(|each| each.field.name == field.name) {
            Some(by_hand) => by_hand.clone(),
            None => by_rule(&object.merge, field, party),
        })
        .collect();
    together(&object.merge, party, &mut chosen);
    keep_losing(&object.merge, party, &mut chosen);
    sound(&object, party, &mut chosen);
    chosen
}

/// Fields whose value is a person's to choose: everything but what the engine keeps itself.
pub(super) fn mergeable(field: &Field) -> bool {
    !field.computed() && (!field.system || matches!(field.name.as_str(), "owner" | "department"))
}

/// What is written: the fields whose value is not the winner's already.
pub(super) fn assignments(party: &Party, chosen: &[Surviving]) -> Vec<Assignment> {
    let changed = chosen.iter().filter(|each| each.value != *party.winner.values.of(&each.field));
    changed.map(|each| Assignment { field: each.field.clone(), parsed: each.value.clone().into() }).collect()
}

/// The faults of the record as it would be.
pub(super) fn faults(party: &Party, chosen: &[Surviving]) -> Vec<Fault> {
    let values = merged(party, chosen);
    let changed: Vec<Arc<Field>> = chosen
        .iter()
        .filter(|each| each.value != *party.winner.values.of(&each.field))
        .map(|each| each.field.clone())
        .collect();
    check_own(&values, &changed)
}

/// The winner with the surviving values.
pub(super) fn merged(party: &Party, chosen: &[Surviving]) -> Values {
    let mut values = party.winner.values.clone();
    for each in chosen {
        values.set(&each.field.name, each.value.clone());
    }
    formulas::compute(&mut values);
    values
}

fn by_rule(definition: &MergeDefinition, field: &Arc<Field>, party: &Party) -> Surviving {
    let rule = definition.rules.iter().find(|rule| rule.field == field.name);
    let survivor = rule.map_or_else(|| usual(definition, field), |rule| rule.rule);
    let filled: Vec<&Record> =
        party.everybody().filter(|record| !record.values.of(field).is_null()).collect();
    let (value, from) = match survivor {
        Survivor::Union => united(field, &filled),
        _ => match first(definition, rule, survivor, field, &filled) {
            Some(record) => (record.values.of(field).clone(), Some(record.id)),
            None => (Value::Null, None),
        },
    };
    Surviving { field: field.clone(), value, from, rule: survivor.name() }
}

/// Lists and long texts lose nothing by being united.
fn usual(definition: &MergeDefinition, field: &Field) -> Survivor {
    match field.kind {
        FieldType::MultiChoice | FieldType::File | FieldType::Image | FieldType::LongText => Survivor::Union,
        _ => definition.default,
    }
}

/// The record whose value survives, of those that have one, the winner before the others.
fn first<'a>(
    definition: &MergeDefinition,
    rule: Option<&SurvivorRule>,
    survivor: Survivor,
    field: &Field,
    filled: &[&'a Record],
) -> Option<&'a Record> {
    let time = |record: &Record, name: &str| record.values.int(name).unwrap_or_default();
    let number = |record: &Record| record.values.of(field).as_int().unwrap_or_default();
    let place = |order: &[String], value: &Value| {
        let text = value.as_text().unwrap_or_default();
        order.iter().position(|each| each == text).unwrap_or(usize::MAX)
    };
    // Of equals the first stays: the sort keys below are minima.
    let records = filled.iter().copied();
    match survivor {
        Survivor::Winner | Survivor::Union => filled.first().copied(),
        Survivor::Newest => records.min_by_key(|record| Reverse(time(record, "updated_at"))),
        Survivor::Oldest => records.min_by_key(|record| time(record, "created_at")),
        Survivor::Complete => records.min_by_key(|record| {
            Reverse(record.values.of(field).as_text().map_or(0, |text| text.chars().count()))
        }),
        Survivor::Highest => records.min_by_key(|record| Reverse(number(record))),
        Survivor::Lowest => records.min_by_key(|record| number(record)),
        Survivor::Order => {
            let order = rule.map(|rule| rule.order.as_slice()).unwrap_or_default();
            records.min_by_key(|record| place(order, record.values.of(field)))
        }
        Survivor::Source => match &definition.source {
            Some(source) => {
                records.min_by_key(|record| place(&source.order, record.values.get(&source.field)))
            }
            None => filled.first().copied(),
        },
    }
}

/// The members of all lists, or the lines of all texts, each once.
fn united(field: &Field, filled: &[&Record]) -> (Value, Option<i64>) {
    let values: Vec<&Value> = filled.iter().map(|record| record.values.of(field)).collect();
    if let [only] = filled {
        return (only.values.of(field).clone(), Some(only.id));
    }
    if matches!(field.kind, FieldType::MultiChoice | FieldType::File | FieldType::Image) {
        let mut members: Vec<&str> = Vec::new();
        for member in values.iter().flat_map(|value| value.members()) {
            if !members.contains(&member) {
                members.push(member);
            }
        }
        return (Value::list(members), None);
    }
    let mut lines = Lines::of(field);
    values.iter().filter_map(|value| value.as_text()).for_each(|text| lines.add_all(text));
    (lines.value(), None)
}

/// Fields that mean something only together come from one record.
fn together(definition: &MergeDefinition, party: &Party, chosen: &mut [Surviving]) {
    for group in &definition.together {
        let from = group.first().and_then(|first| chosen.iter().find(|each| each.field.name == *first));
        let Some((source, hand)) = from.map(|first| (first.from, first.by_hand())) else { continue };
        let Some(record) = party.everybody().find(|record| Some(record.id) == source) else { continue };
        for each in chosen.iter_mut().filter(|each| group.contains(&each.field.name) && !each.by_hand()) {
            each.value = record.values.of(&each.field).clone();
            each.from = Some(record.id);
            if hand {
                each.rule = HAND;
            }
        }
    }
}

/// Keeps the values that lost as lines of another field.
fn keep_losing(definition: &MergeDefinition, party: &Party, chosen: &mut [Surviving]) {
    let intos: Vec<String> = definition.keep.iter().map(|keep| keep.into.clone()).collect();
    for (place, into) in intos.iter().enumerate().filter(|(place, into)| !intos[..*place].contains(into)) {
        let froms: Vec<&str> = definition.keep[place..]
            .iter()
            .filter(|keep| keep.into == *into)
            .map(|keep| keep.from.as_str())
            .collect();
        let staying: Vec<Value> = chosen
            .iter()
            .filter(|each| froms.contains(&each.field.name.as_str()))
            .map(|each| each.value.clone())
            .collect();
        let Some(target) = chosen.iter_mut().find(|each| each.field.name == *into && !each.by_hand()) else {
            continue;
        };
        let mut lines = Lines::of(&target.field);
        lines.hide(staying.iter().filter_map(Value::as_text));
        let before = target.value.as_text().map(str::to_owned);
        before.iter().for_each(|text| lines.add_all(text));
        for record in party.everybody() {
            for from in &froms {
                record.values.get(from).as_text().into_iter().for_each(|text| lines.add(text));
            }
        }
        let value = lines.value();
        if value != target.value {
            (target.value, target.from) = (value, None);
        }
    }
}

/// Where rules taken together break a check of the object's, the fields that the check reads stay the winner's.
fn sound(object: &Object, party: &Party, chosen: &mut [Surviving]) {
    for rule in &object.rules {
        let values = merged(party, chosen);
        if rule.check.holds(|name| values.operand(name)) {
            continue;
        }
        for each in chosen.iter_mut() {
            if rule.check.reads.contains(&each.field.name) && !each.by_hand() {
                each.value = party.winner.values.of(&each.field).clone();
                (each.from, each.rule) = (Some(party.winner.id), Survivor::Winner.name());
            }
        }
    }
}

/// Lines, each once however it is written, as many as the field holds.
struct Lines {
    room: usize,
    known: Vec<String>,
    lines: Vec<String>,
}

impl Lines {
    fn of(field: &Field) -> Lines {
        Lines { room: field.max_length, known: Vec::new(), lines: Vec::new() }
    }

    /// These stand elsewhere.
    fn hide<'a>(&mut self, texts: impl Iterator<Item = &'a str>) {
        self.known.extend(texts.map(fold));
    }

    fn add_all(&mut self, text: &str) {
        text.lines().for_each(|line| self.add(line));
    }

    fn add(&mut self, line: &str) {
        let (line, key) = (line.trim(), fold(line));
        let needs = line.chars().count() + usize::from(!self.lines.is_empty());
        if line.is_empty() || needs > self.room || self.known.contains(&key) {
            return;
        }
        self.room -= needs;
        self.known.push(key);
        self.lines.push(line.to_owned());
    }

    fn value(self) -> Value {
        if self.lines.is_empty() { Value::Null } else { Value::Text(self.lines.join("\n")) }
    }
}
