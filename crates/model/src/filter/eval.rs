//! Trying a filter on one record in memory: the same answer that SQL gives.

use super::check::Path;
use super::resolve::{Resolved, ResolvedLeaf, Test};
use crate::value::Value;
use std::borrow::Cow;

/// What is known about the record under test.
pub trait Facts {
    /// The stored value at the end of a path; null when a reference on the way is empty.
    fn value(&self, path: &Path) -> Cow<'_, Value>;

    /// The blind index of an encrypted field.
    fn blind(&self, path: &Path) -> Option<String>;

    /// Whether record `id` of `object` is `ancestor` or stands below it.
    fn is_under(&self, object: &str, id: i64, ancestor: i64) -> bool;
}

impl Resolved {
    pub fn matches(&self, facts: &dyn Facts) -> bool {
        match self {
            Resolved::All(parts) => parts.iter().all(|part| part.matches(facts)),
            Resolved::Any(parts) => parts.iter().any(|part| part.matches(facts)),
            Resolved::Not(part) => !part.matches(facts),
            Resolved::Leaf(leaf) => leaf.matches(facts),
        }
    }
}

impl ResolvedLeaf {
    fn matches(&self, facts: &dyn Facts) -> bool {
        if let Test::Blind(indexes) = &self.test {
            return facts.blind(&self.path).is_some_and(|index| indexes.contains(&index));
        }
        let value = facts.value(&self.path);
        match (&*value, &self.test) {
            (Value::Null, test) => *test == Test::Empty,
            (Value::Int(id), Test::Under(ancestor)) => {
                self.path.field.target().is_some_and(|object| facts.is_under(object, *id, *ancestor))
            }
            (value, test) => test.passes(value),
        }
    }
}

impl Test {
    /// Whether a value that is there passes. Values of another type than the bound never do.
    fn passes(&self, value: &Value) -> bool {
        let same_type = |bound: &Value| std::mem::discriminant(bound) == std::mem::discriminant(value);
        let text = || value.as_text().unwrap_or_default();
        match self {
            Test::Empty | Test::Under(_) | Test::Blind(_) => false,
            Test::Equal(other) => value == other,
            Test::OneOf(others) => others.contains(value),
            Test::Below { bound, or_equal } => {
                same_type(bound) && (value < bound || (*or_equal && value == bound))
            }
            Test::Above { bound, or_equal } => {
                same_type(bound) && (value > bound || (*or_equal && value == bound))
            }
            Test::Between(low, high) => same_type(low) && same_type(high) && value >= low && value <= high,
            Test::Contains(part) => {
                value.as_text().is_some() && text().to_ascii_lowercase().contains(&part.to_ascii_lowercase())
            }
            Test::StartsWith(part) => {
                value.as_text().is_some()
                    && text().to_ascii_lowercase().starts_with(&part.to_ascii_lowercase())
            }
            Test::CodePrefix(prefix) => value.as_text().is_some() && text().starts_with(prefix.as_str()),
            Test::Has(member) => value.members().any(|each| each == member),
        }
    }
}
