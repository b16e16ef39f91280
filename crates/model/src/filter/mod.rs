//! The one filter language (docs/interface.md): used by lists, views, scopes, roll-ups and rules alike.
//!
//! JSON → [`RawFilter`] (its shape is right) → [`Filter`] (its fields, operators and operands are right) → [`Resolved`] (`me`, `now` and trees
//! are filled in for one request). Only a [`Resolved`] filter becomes SQL (crate store) or is tried in memory ([`Resolved::matches`]), and both
//! give one answer.
//!
//! Logic has two values: a comparison with an empty value is false, and `ne`, `not_in` and `not` are the exact complements.

mod check;
mod eval;
mod raw;
mod relative;
mod resolve;

pub use check::{Catalog, Filter, Hop, Leaf, Operand, Path};
pub use eval::Facts;
pub use raw::RawFilter;
pub use relative::{Period, Relative};
pub use resolve::{Resolved, ResolvedLeaf, Resolver, Test};

use serde::{Deserialize, Serialize};

/// A filter operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Op {
    Eq,
    Ne,
    In,
    NotIn,
    Lt,
    Lte,
    Gt,
    Gte,
    Between,
    Contains,
    StartsWith,
    IsEmpty,
    NotEmpty,
    Under,
    Has,
    Within,
}

impl Op {
    pub const ALL: [Op; 16] = [
        Op::Eq,
        Op::Ne,
        Op::In,
        Op::NotIn,
        Op::Lt,
        Op::Lte,
        Op::Gt,
        Op::Gte,
        Op::Between,
        Op::Contains,
        Op::StartsWith,
        Op::IsEmpty,
        Op::NotEmpty,
        Op::Under,
        Op::Has,
        Op::Within,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Op::Eq => "eq",
            Op::Ne => "ne",
            Op::In => "in",
            Op::NotIn => "not_in",
            Op::Lt => "lt",
            Op::Lte => "lte",
            Op::Gt => "gt",
            Op::Gte => "gte",
            Op::Between => "between",
            Op::Contains => "contains",
            Op::StartsWith => "starts_with",
            Op::IsEmpty => "is_empty",
            Op::NotEmpty => "not_empty",
            Op::Under => "under",
            Op::Has => "has",
            Op::Within => "within",
        }
    }

    pub fn from_name(name: &str) -> Option<Op> {
        Op::ALL.into_iter().find(|op| op.name() == name)
    }
}
