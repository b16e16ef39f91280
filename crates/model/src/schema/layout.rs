//! How an object's fields are laid out: in the first form, on a phone's card, on the record's page; for some people or stages otherwise.

use crate::id::Id;
use crate::kinds::FieldType;
use crate::schema::Field;
use crate::schema::definition::Level;
use crate::text::Label;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::sync::Arc;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutDefinition {
    #[serde(default)]
    pub short: Vec<String>,
    #[serde(default)]
    pub card: Vec<String>,
    #[serde(default)]
    pub sections: Vec<SectionDefinition>,
    /// Fields that forms and pages leave out. No protection: what somebody may not know is a matter of roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionDefinition {
    pub label: Label,
    pub fields: Vec<String>,
}

/// Another layout for some roles or some stages. Of several that fit the first counts; the object's own stands behind them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutCase {
    pub name: String,
    pub label: Label,
    /// Ids of roles as answers give them; everybody when there is none.
    #[serde(default)]
    pub roles: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<LayoutWhen>,
    #[serde(default)]
    pub short: Vec<String>,
    #[serde(default)]
    pub sections: Vec<SectionDefinition>,
    #[serde(default)]
    pub hidden: Vec<String>,
}

impl LayoutCase {
    /// Whether it names a role.
    pub fn is_for(&self, role: i64) -> bool {
        Id::new(role).is_ok_and(|role| self.roles.contains(&role.to_string()))
    }
}

/// The records that a layout is for: those with one of these values in a choice, such as a stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutWhen {
    pub field: String,
    pub values: Vec<String>,
}

const OWNER: &str = "owner";

type Fields = IndexMap<String, Arc<Field>>;

/// Fields of a first form, and beside the name on a card, of an object that nobody laid out.
const ASKED: usize = 5;
const BRIEFLY: usize = 4;

/// The layout as it is written; for an object that nobody laid out yet, what a person fills in (the required first) and what fits in a line.
pub(super) fn or_of_itself(
    written: &LayoutDefinition,
    name_field: &str,
    fields: &Fields,
) -> LayoutDefinition {
    let mut layout = written.clone();
    if !layout.short.is_empty() || !layout.card.is_empty() {
        return layout;
    }
    use FieldType::{AutoNumber, File, Formula, Image, Json, Location, LongText, Recurrence, Rollup};
    let shown = |field: &&Arc<Field>| {
        let long = matches!(field.kind, LongText | Json | File | Image | Location | Recurrence);
        !field.system && !field.retired && !long && !layout.hidden.contains(&field.name)
    };
    let filled = |field: &&Arc<Field>| !field.fixed && !matches!(field.kind, AutoNumber | Formula | Rollup);
    let names = |field: &Arc<Field>| field.name.clone();
    let (required, others): (Vec<_>, Vec<_>) =
        fields.values().filter(shown).filter(filled).partition(|field| field.required);
    let short = required.into_iter().chain(others).take(ASKED).map(names).collect();
    // Reading what is sensitive is written down, so no list does it by the way.
    let brief = |field: &&Arc<Field>| field.name != name_field && field.level < Level::Sensitive;
    let card = fields.values().filter(shown).filter(brief).take(BRIEFLY).map(names);
    layout.card = card.chain(fields.contains_key(OWNER).then(|| OWNER.to_owned())).collect();
    layout.short = short;
    layout
}

/// What is wrong with an object's layouts: the field or layout named, and why.
pub(super) fn faults(
    layout: &LayoutDefinition,
    cases: &[LayoutCase],
    fields: &Fields,
) -> Vec<(String, Label)> {
    let mut found = Vec::new();
    let own = layout.short.iter().chain(&layout.card).chain(&layout.hidden);
    let cased = cases.iter().flat_map(|case| case.short.iter().chain(&case.hidden));
    let sections = layout.sections.iter().chain(cases.iter().flat_map(|case| &case.sections));
    for field in own.chain(cased).chain(sections.flat_map(|section| &section.fields)) {
        if !fields.contains_key(field) {
            let reason = Label::new(
                "布局用到了这个字段，但它不存在",
                "the layout names this field, which isn't there",
            );
            found.push((field.clone(), reason));
        }
    }
    let mut names = HashSet::new();
    for case in cases {
        if !super::is_name(&case.name) || !names.insert(&case.name) {
            let reason = Label::new("布局需要一个不重复的名称", "a layout needs a name of its own");
            found.push((case.name.clone(), reason));
        }
        let Some(when) = &case.when else { continue };
        let choice = fields.get(&when.field).filter(|field| field.kind == FieldType::Choice);
        let known = |value: &String| {
            choice.is_some_and(|field| field.options.iter().any(|option| option.value == *value))
        };
        if when.values.is_empty() || !when.values.iter().all(known) {
            let reason = Label::new(
                format!("布局 {} 的适用值不在这个单选字段的选项里", case.name),
                format!("layout {} is for values that this choice doesn't have", case.name),
            );
            found.push((when.field.clone(), reason));
        }
    }
    found
}
