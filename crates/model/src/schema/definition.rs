//! The dictionary as it is written: `objects/*.toml` and, for what an administrator adds, the same shapes as JSON in rows.

use super::layout::{LayoutCase, LayoutDefinition};
use super::merging::MergeDefinition;
use crate::kinds::FieldType;
use crate::text::Label;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// How widely a field may be known (SPEC G2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    #[default]
    General,
    Business,
    Sensitive,
    Core,
}

impl Level {
    pub const ALL: [Level; 4] = [Level::General, Level::Business, Level::Sensitive, Level::Core];

    pub fn name(self) -> &'static str {
        ["general", "business", "sensitive", "core"][self as usize]
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    #[default]
    Basic,
    Business,
    Behaviour,
    Analysis,
    System,
}

/// How a text field sorts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SortKey {
    Pinyin,
    /// Pinyin with the readings that characters have as surnames.
    Person,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    pub value: String,
    pub label: Label,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    #[serde(default)]
    pub retired: bool,
    /// Nothing is expected any more of what stands here: won, lost, done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}

/// What happens to a reference when its target is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnDelete {
    #[default]
    Restrict,
    Clear,
    Cascade,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inverse {
    pub name: String,
    pub label: Label,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RollupKind {
    Count,
    Sum,
    Min,
    Max,
    Latest,
    Earliest,
}

/// A figure kept on the parent's row from the rows that point to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollupDefinition {
    pub object: String,
    /// The child's lookup to this object.
    pub via: String,
    pub kind: RollupKind,
    /// What is summed, compared or shown; not needed for `count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// For `latest` and `earliest`: what orders the children.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// Which children count; fields of the child itself.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Json>,
}

/// A field as written. See docs/how-to-add-an-object.md for each member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldDefinition {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: FieldType,
    pub label: Label,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Label>,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub unique: bool,
    #[serde(default)]
    pub level: Level,
    #[serde(default)]
    pub encrypted: bool,
    /// Written by the engine alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read_only: bool,
    #[serde(default)]
    pub searchable: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<SortKey>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub options: Option<Vec<ChoiceOption>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// On a text: it holds the id of a record of the object that this field names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_of: Option<String>,
    #[serde(default)]
    pub on_delete: OnDelete,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inverse: Option<Inverse>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tree: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formula: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<FieldType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollup: Option<RollupDefinition>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub freshness_days: Option<u32>,
    /// What of a pasted text goes here: a role of `matching::paste`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paste: Option<String>,
    /// The engine keeps this figure about the record in the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steward: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleDefinition {
    pub name: String,
    /// CEL over the record's own fields; the write is refused when it is false.
    pub check: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    pub message: Label,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexDefinition {
    /// Field names; a leading `-` means descending.
    pub fields: Vec<String>,
}

/// What is counted and summed up of the records with every change, so that nobody waits for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TallyDefinition {
    /// Fields that together have few values.
    pub by: Vec<String>,
    /// Fields of numbers.
    #[serde(default)]
    pub sum: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ViewKind {
    #[default]
    Table,
    Board,
    Calendar,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewDefinition {
    pub name: String,
    pub label: Label,
    #[serde(default)]
    pub kind: ViewKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<Json>,
    #[serde(default)]
    pub sort: Vec<String>,
    pub columns: Vec<String>,
    /// The choice field whose options are a board's columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The date field that places records in a calendar.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}

/// A record that a write makes beside itself, in the same transaction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreatesDefinition {
    pub object: String,
    pub when: Json,
    /// Field of the new record → field of this record.
    pub set: indexmap::IndexMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats: Option<RepeatsDefinition>,
}

/// The new record is the next one of a series. All three are fields of both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RepeatsDefinition {
    /// The recurrence rule.
    pub rule: String,
    /// The date that moves on.
    pub at: String,
    /// Names the one before; there is only one after it.
    pub after: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    Hint,
    Warn,
    Block,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicateKey {
    pub field: String,
    /// How values are compared: one of [`KEY_KINDS`].
    pub kind: String,
    pub strength: Strength,
}

/// How the values of a key are compared.
pub const KEY_KINDS: [&str; 6] = ["exact", "company", "person", "phone", "email", "credit_code"];
/// The ways that new records come, for each of which a policy may be another.
pub const CHANNELS: [&str; 4] = ["page", "api", "import", "cli"];

/// How sure a comparison is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Likelihood {
    Certain,
    Likely,
    Possible,
}

impl Likelihood {
    pub const ALL: [Likelihood; 3] = [Likelihood::Certain, Likelihood::Likely, Likelihood::Possible];
}

/// What happens to a record as like one that is there as this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicatePolicy {
    pub tier: Likelihood,
    /// One of [`CHANNELS`]; every one when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// Nothing when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub then: Option<Strength>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DuplicatesDefinition {
    #[serde(default)]
    pub keys: Vec<DuplicateKey>,
    /// The first that fits counts. Without one certain and likely records warn, possible ones are a hint, and in an import likely ones too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policy: Vec<DuplicatePolicy>,
}

impl DuplicatesDefinition {
    /// How strongly a record as like as this speaks against a new one that comes through a channel.
    pub fn strength(&self, tier: Likelihood, channel: &str) -> Option<Strength> {
        let fits = |rule: &&DuplicatePolicy| {
            rule.tier == tier && rule.channel.as_deref().is_none_or(|named| named == channel)
        };
        match self.policy.iter().find(fits) {
            Some(rule) => rule.then,
            // In a file nobody looks at the single row: what is merely likely is left to the desk.
            None if tier == Likelihood::Possible || (tier == Likelihood::Likely && channel == "import") => {
                Some(Strength::Hint)
            }
            None => Some(Strength::Warn),
        }
    }

    /// What happens at every likelihood and through every channel, written out.
    pub fn written_out(&self) -> Vec<DuplicatePolicy> {
        let of = |tier: Likelihood| {
            CHANNELS.iter().map(move |channel| DuplicatePolicy {
                tier,
                channel: Some((*channel).to_owned()),
                then: self.strength(tier, channel),
            })
        };
        Likelihood::ALL.into_iter().flat_map(of).collect()
    }
}

/// What the engine itself knows about a record and keeps in a field of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// The quality score, 0–100.
    Score,
    /// When each field that ages was last entered or confirmed: a JSON object of field → date.
    Checked,
    /// The last day on which all fields that age are still fresh.
    Recheck,
}

/// How much a fault of a quality rule matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Minor,
    #[default]
    Normal,
    Serious,
}

/// Which of the dimensions a rule measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleDimension {
    /// One value by itself.
    Validity,
    /// Several values beside each other.
    #[default]
    Consistency,
}

/// A rule that a good record keeps; unlike with `[[rules]]` a record that breaks it may be saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityRuleDefinition {
    pub name: String,
    pub label: Label,
    /// CEL over the record's own fields, true for a good record.
    pub check: String,
    /// Which records it is for; fields of the record itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligible: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(default)]
    pub severity: Severity,
    #[serde(default = "one")]
    pub weight: u32,
    #[serde(default)]
    pub dimension: RuleDimension,
}

fn one() -> u32 {
    1
}

/// Other weights where a condition holds: by stage, by type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityCaseDefinition {
    pub when: Json,
    pub weights: indexmap::IndexMap<String, u32>,
}

/// What makes a good record of this object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QualityDefinition {
    /// The average score below which it is said that something must be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<u32>,
    /// How much each field counts for completeness.
    #[serde(default)]
    pub weights: indexmap::IndexMap<String, u32>,
    #[serde(default)]
    pub cases: Vec<QualityCaseDefinition>,
    #[serde(default)]
    pub rules: Vec<QualityRuleDefinition>,
}

/// An object as written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectDefinition {
    pub name: String,
    pub label: Label,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label_plural: Option<Label>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<Label>,
    #[serde(default)]
    pub layer: Layer,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    #[serde(default)]
    pub order: i32,
    pub name_field: String,
    #[serde(default)]
    pub search: bool,
    #[serde(default)]
    pub timeline: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    #[serde(default)]
    pub fields: Vec<FieldDefinition>,
    #[serde(default)]
    pub rules: Vec<RuleDefinition>,
    #[serde(default)]
    pub indexes: Vec<IndexDefinition>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tally: Option<TallyDefinition>,
    #[serde(default)]
    pub views: Vec<ViewDefinition>,
    #[serde(default)]
    pub layout: LayoutDefinition,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub layouts: Vec<LayoutCase>,
    #[serde(default)]
    pub creates: Vec<CreatesDefinition>,
    #[serde(default)]
    pub duplicates: DuplicatesDefinition,
    /// The fields that tell one link between records from another: there is no second with the same values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub link: Vec<String>,
    #[serde(default)]
    pub merge: MergeDefinition,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quality: Option<QualityDefinition>,
}
