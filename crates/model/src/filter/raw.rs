//! The shape of a filter, before its names mean anything.

use super::Op;
use crate::fault::Fault;
use serde_json::{Map, Value as Json};

/// Limits that keep a hostile filter harmless.
const MAX_DEPTH: usize = 8;
const MAX_LEAVES: usize = 100;

/// A filter whose shape is right.
#[derive(Clone, Debug, PartialEq)]
pub enum RawFilter {
    All(Vec<RawFilter>),
    Any(Vec<RawFilter>),
    Not(Box<RawFilter>),
    Leaf { field: String, op: Op, value: Json },
}

impl RawFilter {
    /// # Errors
    /// Every fault of the shape: unknown members and operators, nesting over 8, more than 100 conditions.
    pub fn parse(json: &Json) -> Result<RawFilter, Vec<Fault>> {
        let mut reader = Reader { faults: Vec::new(), leaves: 0 };
        let filter = reader.filter(json, 0);
        if reader.leaves > MAX_LEAVES {
            reader.fault(
                "",
                "filter_too_large",
                "筛选条件太多，最多 100 个",
                "The filter has more than 100 conditions",
            );
        }
        match filter {
            Some(filter) if reader.faults.is_empty() => Ok(filter),
            _ => Err(reader.faults),
        }
    }
}

struct Reader {
    faults: Vec<Fault>,
    leaves: usize,
}

impl Reader {
    fn fault(&mut self, field: &str, code: &'static str, zh: &str, en: &str) {
        self.faults.push(Fault::new(field, code, zh, en));
    }

    fn filter(&mut self, json: &Json, depth: usize) -> Option<RawFilter> {
        if depth > MAX_DEPTH {
            self.fault(
                "",
                "filter_too_deep",
                "筛选条件嵌套太深，最多 8 层",
                "The filter is nested more than 8 deep",
            );
            return None;
        }
        let Json::Object(members) = json else {
            self.fault("", "filter_shape", "筛选条件应是一个对象", "A filter is an object");
            return None;
        };
        if members.contains_key("field") || members.contains_key("op") {
            return self.leaf(members);
        }
        let mut entries = members.iter();
        match (entries.next(), entries.next()) {
            (Some((name, Json::Array(parts))), None) if name == "all" || name == "any" => {
                let parts: Vec<_> = parts.iter().filter_map(|part| self.filter(part, depth + 1)).collect();
                Some(if name == "all" { RawFilter::All(parts) } else { RawFilter::Any(parts) })
            }
            (Some((name, part)), None) if name == "not" => {
                Some(RawFilter::Not(Box::new(self.filter(part, depth + 1)?)))
            }
            (None, _) => Some(RawFilter::All(Vec::new())),
            _ => {
                self.fault(
                    "",
                    "filter_shape",
                    "筛选条件应是 all、any、not 之一，或者含有 field、op、value",
                    "A filter is one of all, any, not, or has field, op, value",
                );
                None
            }
        }
    }

    fn leaf(&mut self, members: &Map<String, Json>) -> Option<RawFilter> {
        self.leaves += 1;
        let field = members.get("field").and_then(Json::as_str).unwrap_or_default();
        for name in members.keys().filter(|name| !matches!(name.as_str(), "field" | "op" | "value")) {
            let message = format!("“{name}”");
            self.fault(
                field,
                "filter_shape",
                &format!("条件里不认识{message}"),
                &format!("The condition has an unknown member {message}"),
            );
        }
        if field.is_empty() {
            self.fault("", "filter_shape", "条件缺少字段", "A condition lacks its field");
        }
        let name = members.get("op").and_then(Json::as_str).unwrap_or_default();
        let Some(op) = Op::from_name(name) else {
            self.fault(
                field,
                "unknown_operator",
                &format!("没有“{name}”这种比较方式"),
                &format!("There is no operator “{name}”"),
            );
            return None;
        };
        let value = members.get("value").cloned().unwrap_or(Json::Null);
        Some(RawFilter::Leaf { field: field.to_owned(), op, value })
    }
}
