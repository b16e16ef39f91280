//! Reading the members of a body or a query string: what is missing, of the wrong kind or unknown is told all at once.

use super::failure::Failure;
use huike_model::{Fault, Id};
use serde_json::{Map, Value as Json};

/// Members yet to be read, and the faults found so far.
#[derive(Default)]
pub struct Shape {
    members: Map<String, Json>,
    /// From a query string: everything is text, and numbers are read out of it.
    texts: bool,
    faults: Vec<Fault>,
}

impl Shape {
    pub fn of_body(members: Map<String, Json>) -> Shape {
        Shape { members, ..Shape::default() }
    }

    /// A name given twice counts as its last value.
    pub fn of_query(pairs: Vec<(String, String)>) -> Shape {
        let members = pairs.into_iter().map(|(name, text)| (name, Json::String(text))).collect();
        Shape { members, texts: true, ..Shape::default() }
    }

    /// Takes a member as it is; null counts as absent, and so does an empty text in a query string.
    pub fn any(&mut self, name: &str) -> Option<Json> {
        let empty = |value: &Json| value.is_null() || (self.texts && value == "");
        self.members.shift_remove(name).filter(|value| !empty(value))
    }

    pub fn maybe_text(&mut self, name: &str) -> Option<String> {
        match self.any(name)? {
            Json::String(text) => Some(text),
            _ => self.wrong(name, "一段文字", "a text"),
        }
    }

    /// A text that must be there; blank counts as missing.
    pub fn text(&mut self, name: &str) -> String {
        let before = self.faults.len();
        let text = self.maybe_text(name).unwrap_or_default();
        if text.trim().is_empty() && self.faults.len() == before {
            self.missing(name);
        }
        text
    }

    pub fn maybe_number(&mut self, name: &str) -> Option<i64> {
        let value = self.any(name)?;
        let number = match &value {
            Json::String(text) if self.texts => text.trim().parse().ok(),
            value => value.as_i64(),
        };
        number.or_else(|| self.wrong(name, "一个整数", "a whole number"))
    }

    pub fn flag(&mut self, name: &str) -> bool {
        match self.any(name) {
            None => false,
            Some(Json::Bool(truth)) => truth,
            Some(Json::String(text)) if self.texts && matches!(text.as_str(), "true" | "1") => true,
            Some(Json::String(text)) if self.texts && matches!(text.as_str(), "false" | "0") => false,
            Some(_) => self.wrong(name, "true 或 false", "true or false").unwrap_or_default(),
        }
    }

    /// One of some words.
    pub fn choice<'a>(&mut self, name: &str, words: &[&'a str]) -> Option<&'a str> {
        let text = self.maybe_text(name)?;
        let found = words.iter().find(|word| **word == text).copied();
        found.or_else(|| {
            let words = words.join(", ");
            self.wrong(name, &format!("以下之一：{words}"), &format!("one of {words}"))
        })
    }

    /// A list of texts: an array, or in a query string separated by commas.
    pub fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        match self.any(name)? {
            Json::String(text) if self.texts => Some(
                text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect(),
            ),
            Json::Array(items) => {
                let texts: Option<Vec<String>> =
                    items.iter().map(|item| item.as_str().map(str::to_owned)).collect();
                texts.or_else(|| self.wrong(name, "文字的列表", "a list of texts"))
            }
            _ => self.wrong(name, "文字的列表", "a list of texts"),
        }
    }

    /// JSON: a member as it is, or in a query string its text read as JSON.
    pub fn json(&mut self, name: &str) -> Option<Json> {
        let value = self.any(name)?;
        let Json::String(text) = &value else { return Some(value) };
        if !self.texts {
            return Some(value);
        }
        serde_json::from_str(text).ok().or_else(|| self.wrong(name, "JSON", "JSON"))
    }

    pub fn object(&mut self, name: &str) -> Option<Map<String, Json>> {
        match self.any(name)? {
            Json::Object(members) => Some(members),
            _ => self.wrong(name, "一个对象", "an object"),
        }
    }

    pub fn list(&mut self, name: &str) -> Option<Vec<Json>> {
        match self.any(name)? {
            Json::Array(items) => Some(items),
            _ => self.wrong(name, "一个列表", "a list"),
        }
    }

    pub fn maybe_id(&mut self, name: &str) -> Option<i64> {
        let text = self.maybe_text(name)?;
        match text.parse::<Id>() {
            Ok(id) => Some(id.number()),
            Err(_) => self.wrong(name, "一个标识", "an id"),
        }
    }

    /// Adds a fault that the caller found.
    pub fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    pub fn missing(&mut self, name: &str) {
        self.faults.push(Fault::new(name, "required", format!("缺少 {name}"), format!("{name} is required")));
    }

    /// Notes that a member is of the wrong kind; always none.
    pub fn wrong<T>(&mut self, name: &str, zh: &str, en: &str) -> Option<T> {
        self.faults.push(Fault::new(
            name,
            "format",
            format!("{name} 应为{zh}"),
            format!("{name} must be {en}"),
        ));
        None
    }

    /// Ends the reading: whatever was not read is unknown.
    ///
    /// # Errors
    /// Every fault, as `invalid`.
    pub fn finish(mut self) -> Result<(), Failure> {
        for name in self.members.keys() {
            self.faults.push(Fault::new(
                name,
                "unknown_member",
                format!("不认识“{name}”"),
                format!("“{name}” is not known here"),
            ));
        }
        if self.faults.is_empty() { Ok(()) } else { Err(self.faults.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: Json) -> Shape {
        Shape::of_body(value.as_object().cloned().unwrap())
    }

    fn codes(shape: Shape) -> Vec<(String, &'static str)> {
        let failure = shape.finish().unwrap_err();
        failure.problem().faults.iter().map(|fault| (fault.field.clone(), fault.code)).collect()
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let mut shape = body(json!({"login": 1, "limit": "x", "mode": "none", "ids": [1], "extra": true}));
        assert_eq!(shape.text("login"), "");
        assert_eq!(shape.text("password"), "");
        assert_eq!(shape.maybe_number("limit"), None);
        assert_eq!(shape.choice("mode", &["all", "each"]), None);
        assert_eq!(shape.texts("ids"), None);
        let expected = [
            ("login", "format"),
            ("password", "required"),
            ("limit", "format"),
            ("mode", "format"),
            ("ids", "format"),
            ("extra", "unknown_member"),
        ];
        assert_eq!(codes(shape), expected.map(|(name, code)| (name.to_owned(), code)));
    }

    #[test]
    fn a_query_string_gives_numbers_lists_and_json_as_text() {
        let pairs = [("limit", "20"), ("fields", "a, b,"), ("filter", "{\"all\":[]}"), ("flag", "true")];
        let mut shape =
            Shape::of_query(pairs.map(|(name, text)| (name.to_owned(), text.to_owned())).to_vec());
        assert_eq!(shape.maybe_number("limit"), Some(20));
        assert_eq!(shape.texts("fields"), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(shape.json("filter"), Some(json!({"all": []})));
        assert!(shape.flag("flag"));
        assert!(shape.finish().is_ok());
    }

    #[test]
    fn a_number_in_a_body_is_not_a_text() {
        let mut shape = body(json!({"limit": "20"}));
        assert_eq!(shape.maybe_number("limit"), None);
        assert_eq!(codes(shape), [("limit".to_owned(), "format")]);
    }
}
