//! What was wrong with one field of an input.

use crate::text::{Label, Lang};
use serde_json::{Value as Json, json};

/// One fault of one field. A request or row collects all of its faults before it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field's name, or a path such as `contact.mobile`; empty when the fault belongs to the whole.
    pub field: String,
    /// Stable, for programs: `required`, `format`, `too_long`, `unknown_field`, …
    pub code: &'static str,
    pub message: Label,
}

impl Fault {
    pub fn new(
        field: impl Into<String>,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Fault {
        Fault { field: field.into(), code, message: Label::new(zh, en) }
    }

    pub fn required(field: &crate::Field) -> Fault {
        Fault::new(
            &field.name,
            "required",
            format!("请填写{}", field.label.zh),
            format!("{} is required", field.label.en),
        )
    }

    pub fn unknown_field(name: &str) -> Fault {
        Fault::new(
            name,
            "unknown_field",
            format!("没有“{name}”这个字段"),
            format!("There is no field “{name}”"),
        )
    }

    pub fn at(mut self, field: impl Into<String>) -> Fault {
        self.field = field.into();
        self
    }

    pub fn to_json(&self, lang: Lang) -> Json {
        json!({"field": self.field, "code": self.code, "message": self.message.get(lang)})
    }
}
