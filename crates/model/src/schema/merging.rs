//! How records of an object become one: which value survives, what is kept of the others (survivorship).

use serde::{Deserialize, Serialize};

/// Whose value survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Survivor {
    /// The record that stays; where it has none, the first of the others that has one.
    #[default]
    Winner,
    /// The record that was changed last.
    Newest,
    /// The record that was made first.
    Oldest,
    /// The longest value.
    Complete,
    Highest,
    Lowest,
    /// All of them: the members of lists, the lines of texts.
    Union,
    /// The record whose source is trusted most.
    Source,
    /// The value that stands first in the rule's `order`.
    Order,
}

impl Survivor {
    pub fn name(self) -> &'static str {
        match self {
            Survivor::Winner => "winner",
            Survivor::Newest => "newest",
            Survivor::Oldest => "oldest",
            Survivor::Complete => "complete",
            Survivor::Highest => "highest",
            Survivor::Lowest => "lowest",
            Survivor::Union => "union",
            Survivor::Source => "source",
            Survivor::Order => "order",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SurvivorRule {
    pub field: String,
    pub rule: Survivor,
    /// For `order`: values, the one that survives all others first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
}

/// Losing values of one field stay as lines of another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keep {
    pub from: String,
    pub into: String,
}

/// Which field says where a record came from, and the sources in the order of trust.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceRank {
    pub field: String,
    pub order: Vec<String>,
}

/// `[merge]` of an object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeDefinition {
    /// The rule of fields without one. Lists and long texts are united unless said otherwise.
    #[serde(default)]
    pub default: Survivor,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<SurvivorRule>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<Keep>,
    /// Fields that mean something only together: all are taken from one record, the one that the first of them is taken from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceRank>,
}

impl MergeDefinition {
    /// Every field it names.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let rules = self.rules.iter().map(|rule| rule.field.as_str());
        let kept = self.keep.iter().flat_map(|keep| [keep.from.as_str(), keep.into.as_str()]);
        let together = self.together.iter().flatten().map(String::as_str);
        rules.chain(kept).chain(together).chain(self.source.iter().map(|source| source.field.as_str()))
    }

    /// The fields whose losing values are kept in this one.
    pub fn kept_in<'a>(&'a self, into: &'a str) -> impl Iterator<Item = &'a str> {
        self.keep.iter().filter(move |keep| keep.into == into).map(|keep| keep.from.as_str())
    }
}
