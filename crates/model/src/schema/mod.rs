//! The dictionary as the program uses it: checked, immutable, shared as one `Arc<Schema>`.
//!
//! [`definition`] is how objects are written, [`Schema::build`] turns definitions into a [`Schema`] or says every fault in them.

mod build;
pub mod definition;
pub mod expression;
pub mod layout;
pub mod merging;
mod system;

pub use build::{Fragment, SchemaFault, StoredField, is_name};
pub use definition::{
    ChoiceOption, DuplicateKey, FieldDefinition, Inverse, Layer, Level, Likelihood, Measure,
    ObjectDefinition, OnDelete, RepeatsDefinition, RollupKind, RuleDimension, Severity, SortKey, Strength,
    ViewDefinition,
};

use crate::filter::Filter;
use crate::kinds::{FieldType, Storage};
use crate::text::Label;
use expression::Expression;
use indexmap::IndexMap;
use serde_json::Value as Json;
use std::sync::Arc;

/// The whole dictionary at one version.
#[derive(Debug, Default)]
pub struct Schema {
    /// Grows with every change of the dictionary.
    pub version: i64,
    objects: IndexMap<String, Arc<Object>>,
    /// Roll-ups by the child object that feeds them.
    rollups: IndexMap<String, Vec<RollupLink>>,
}

/// A roll-up seen from the child that feeds it.
#[derive(Clone, Debug)]
pub struct RollupLink {
    pub parent: String,
    /// The roll-up field on the parent.
    pub field: Arc<Field>,
    pub rollup: Arc<RollupSpec>,
}

/// A checked roll-up.
#[derive(Debug)]
pub struct RollupSpec {
    pub child: String,
    pub via: Arc<Field>,
    pub kind: RollupKind,
    pub field: Option<Arc<Field>>,
    pub by: Option<Arc<Field>>,
    pub condition: Option<Filter>,
}

/// One object of the dictionary: a table.
#[derive(Debug)]
pub struct Object {
    pub name: String,
    pub label: Label,
    pub label_plural: Label,
    pub help: Option<Label>,
    pub layer: Layer,
    pub icon: String,
    pub order: i32,
    pub custom: bool,
    pub name_field: Arc<Field>,
    pub search: bool,
    pub timeline: bool,
    pub owner: Ownership,
    pub rules: Vec<Rule>,
    pub indexes: Vec<Vec<IndexColumn>>,
    pub tally: Option<Tally>,
    pub views: Vec<ViewDefinition>,
    pub layout: layout::LayoutDefinition,
    pub layouts: Vec<layout::LayoutCase>,
    pub creates: Vec<Creates>,
    pub duplicates: Vec<DuplicateKey>,
    pub duplicate_policy: definition::DuplicatesDefinition,
    /// The fields that tell one link between records from another; empty where the object is no link.
    pub link: Vec<String>,
    pub merge: merging::MergeDefinition,
    pub quality: Option<Quality>,
    /// Formula fields, each after those it reads.
    pub formulas: Vec<Arc<Field>>,
    /// Looked up for every value of every record: by a quick hash. The names are the dictionary's, nobody can send others.
    fields: IndexMap<String, Arc<Field>, foldhash::fast::RandomState>,
}

/// Who owns a new record when the writer names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ownership {
    Writer,
    /// The owner of the record that this lookup points to; the writer when it is empty.
    From(String),
}

/// What is counted and summed up of an object's live records with every change.
#[derive(Debug)]
pub struct Tally {
    pub by: Vec<Arc<Field>>,
    pub sum: Vec<Arc<Field>>,
}

#[derive(Debug)]
pub struct IndexColumn {
    pub field: Arc<Field>,
    pub descending: bool,
}

/// A rule over the record's own fields.
#[derive(Debug)]
pub struct Rule {
    pub name: String,
    pub check: Expression,
    pub field: Option<String>,
    pub message: Label,
}

/// How much each field counts.
pub type Weights = Vec<(Arc<Field>, u32)>;

/// What makes a good record.
#[derive(Debug)]
pub struct Quality {
    /// Weights for completeness; those of the first case that holds replace the ones of the same fields.
    pub weights: Weights,
    pub cases: Vec<(Filter, Weights)>,
    pub rules: Vec<QualityRule>,
    pub target: Option<u32>,
    /// As it was written.
    pub definition: definition::QualityDefinition,
    /// Where the score is kept.
    pub score: Option<Arc<Field>>,
    /// Where it is kept when each field was last checked.
    pub checked: Option<Arc<Field>>,
    /// Where it is kept until when what ages is fresh.
    pub recheck: Option<Arc<Field>>,
}

#[derive(Debug)]
pub struct QualityRule {
    pub name: String,
    pub label: Label,
    pub check: Expression,
    pub eligible: Option<Filter>,
    pub field: Option<Arc<Field>>,
    pub severity: Severity,
    pub weight: u32,
    pub dimension: RuleDimension,
}

/// A record made beside another.
#[derive(Debug)]
pub struct Creates {
    pub object: String,
    pub when: Filter,
    /// Field of the new record → field of the written one.
    pub set: Vec<(String, String)>,
    /// The next one of a series.
    pub repeats: Option<definition::RepeatsDefinition>,
}

/// One field: a typed column.
#[derive(Debug)]
pub struct Field {
    pub name: String,
    /// The physical column, chosen once and never renamed.
    pub column: String,
    pub kind: FieldType,
    pub label: Label,
    pub help: Option<Label>,
    pub required: bool,
    pub unique: bool,
    pub level: Level,
    pub encrypted: bool,
    /// Written by the engine alone, though it follows from nothing.
    pub fixed: bool,
    pub searchable: bool,
    pub sort: Option<SortKey>,
    pub default: Option<Json>,
    pub options: Vec<ChoiceOption>,
    pub reference: Option<String>,
    /// The field beside this text that names the object whose record's id stands here.
    pub record_of: Option<String>,
    pub on_delete: OnDelete,
    pub inverse: Option<Inverse>,
    pub tree: Option<String>,
    /// Decimal places kept.
    pub scale: u32,
    /// Scaled like the values.
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub min_length: Option<usize>,
    pub max_length: usize,
    pub pattern: Option<regex::Regex>,
    /// The pattern of an auto number.
    pub format: Option<String>,
    pub formula: Option<Expression>,
    /// What a formula or roll-up yields.
    pub result: FieldType,
    /// The shape of a roll-up as written; [`Schema::rollup`] has it checked.
    pub rollup: Option<definition::RollupDefinition>,
    pub freshness_days: Option<u32>,
    /// What of a pasted text is proposed for this field.
    pub paste: Option<huike_matching::paste::Role>,
    pub measure: Option<Measure>,
    pub owner: Option<String>,
    pub steward: Option<String>,
    pub source_note: Option<String>,
    pub custom: bool,
    pub retired: bool,
    /// One of the columns that every object has.
    pub system: bool,
    /// The definition it was made from; none for the columns that every object has.
    pub definition: Option<Box<FieldDefinition>>,
}

impl Field {
    /// The type of the values: what a formula or a roll-up yields, otherwise its own.
    pub fn value_type(&self) -> FieldType {
        match self.kind {
            FieldType::Formula | FieldType::Rollup => self.result,
            kind => kind,
        }
    }

    pub fn storage(&self) -> Storage {
        if self.encrypted { Storage::Text } else { self.value_type().kind().storage() }
    }

    /// Kept by the engine; a caller can't write it.
    pub fn computed(&self) -> bool {
        self.measure.is_some()
            || matches!(self.kind, FieldType::Formula | FieldType::Rollup | FieldType::AutoNumber)
    }

    pub fn read_only(&self) -> bool {
        self.computed()
            || self.fixed
            || (self.system && !matches!(self.name.as_str(), "owner" | "department"))
    }

    /// Whether the value refers to another record, and of which object.
    pub fn target(&self) -> Option<&str> {
        match self.value_type() {
            FieldType::Lookup => self.reference.as_deref(),
            FieldType::User => Some("user"),
            FieldType::Department => Some("department"),
            _ => None,
        }
    }

    /// Whether its values name files.
    pub fn holds_files(&self) -> bool {
        matches!(self.kind, FieldType::File | FieldType::Image)
    }

    /// The column that holds the sort key, beside the value's own.
    pub fn sort_column(&self) -> Option<String> {
        self.sort.filter(|_| !self.encrypted).map(|_| format!("{}_sort", self.column))
    }

    /// The columns of the blind index and of the tail index of an encrypted field.
    pub fn blind_columns(&self) -> Option<(String, String)> {
        self.encrypted.then(|| (format!("{}_bx", self.column), format!("{}_tx", self.column)))
    }

    pub fn filterable(&self) -> bool {
        !self.operators().is_empty()
    }

    pub fn sortable(&self) -> bool {
        use FieldType::*;
        !self.encrypted
            && !matches!(self.value_type(), LongText | MultiChoice | File | Image | Location | Json)
    }

    /// The operators that a filter may use on this field.
    pub fn operators(&self) -> &'static [crate::filter::Op] {
        match self.name.as_str() {
            // It leads nowhere but to the record itself.
            "id" if self.system => crate::kinds::operators::EXACT,
            _ if self.encrypted => crate::kinds::ENCRYPTED_OPERATORS,
            _ => self.value_type().kind().operators(),
        }
    }

    pub fn option(&self, value: &str) -> Option<&ChoiceOption> {
        self.options.iter().find(|option| option.value == value)
    }
}

impl Object {
    /// Live fields in the order of the dictionary, the ones that every object has last.
    pub fn fields(&self) -> impl Iterator<Item = &Arc<Field>> {
        self.fields.values().filter(|field| !field.retired)
    }

    /// A live field.
    pub fn field(&self, name: &str) -> Option<&Arc<Field>> {
        self.fields.get(name).filter(|field| !field.retired)
    }

    /// A field, live or retired.
    pub fn any_field(&self, name: &str) -> Option<&Arc<Field>> {
        self.fields.get(name)
    }

    /// The place of a field among all fields of the object, retired ones included: stable for one version of the dictionary.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.get_index_of(name)
    }

    pub fn all_fields(&self) -> impl Iterator<Item = &Arc<Field>> {
        self.fields.values()
    }

    /// The lookup that makes a tree of this object's own records, if there is one.
    pub fn parent_field(&self) -> Option<&Arc<Field>> {
        self.fields()
            .find(|field| field.kind == FieldType::Lookup && field.reference.as_deref() == Some(&self.name))
    }

    pub fn has_encrypted(&self) -> bool {
        self.fields().any(|field| field.encrypted)
    }
}

impl Schema {
    pub fn object(&self, name: &str) -> Option<&Arc<Object>> {
        self.objects.get(name)
    }

    /// Objects in menu order.
    pub fn objects(&self) -> impl Iterator<Item = &Arc<Object>> {
        self.objects.values()
    }

    /// The roll-ups that records of `child` feed.
    pub fn rollups_from(&self, child: &str) -> &[RollupLink] {
        self.rollups.get(child).map_or(&[], Vec::as_slice)
    }

    /// The checked roll-up behind a field.
    pub fn rollup(&self, object: &str, field: &str) -> Option<&Arc<RollupSpec>> {
        self.rollups
            .values()
            .flatten()
            .find(|link| link.parent == object && link.field.name == field)
            .map(|link| &link.rollup)
    }

    /// Every field anywhere that refers to records of `target`.
    pub fn references_to<'a>(
        &'a self,
        target: &'a str,
    ) -> impl Iterator<Item = (&'a Arc<Object>, &'a Arc<Field>)> {
        self.objects().flat_map(move |object| {
            object
                .fields()
                .filter(move |field| field.target() == Some(target))
                .map(move |field| (object, field))
        })
    }
}
