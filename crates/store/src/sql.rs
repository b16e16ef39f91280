//! One SQL text for both databases, with its values bound and never written into the text.
//!
//! Placeholders are `$1..$n`, each used once and in order of appearance. PostgreSQL numbers them so;
//! SQLite takes `$1` as a named parameter, and a named parameter gets the next free index at its first
//! appearance (sqlite.org/lang_expr.html#varparam), so binding by position means the same on both.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::StoreError;

/// A value to bind. Three storage classes carry everything: scaled numbers, times and ids are `Int`,
/// everything readable is `Text`, sealed and hashed bytes are `Blob`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SqlValue {
    Null,
    Int(i64),
    Text(Arc<str>),
    Blob(Arc<[u8]>),
}

impl From<i64> for SqlValue {
    fn from(v: i64) -> Self {
        Self::Int(v)
    }
}

impl From<i32> for SqlValue {
    fn from(v: i32) -> Self {
        Self::Int(v.into())
    }
}

impl From<u32> for SqlValue {
    fn from(v: u32) -> Self {
        Self::Int(v.into())
    }
}

impl From<bool> for SqlValue {
    fn from(v: bool) -> Self {
        Self::Int(v.into())
    }
}

impl From<&str> for SqlValue {
    fn from(v: &str) -> Self {
        Self::Text(v.into())
    }
}

impl From<String> for SqlValue {
    fn from(v: String) -> Self {
        Self::Text(v.into())
    }
}

impl From<&String> for SqlValue {
    fn from(v: &String) -> Self {
        Self::Text(v.as_str().into())
    }
}

impl From<Arc<str>> for SqlValue {
    fn from(v: Arc<str>) -> Self {
        Self::Text(v)
    }
}

impl From<Vec<u8>> for SqlValue {
    fn from(v: Vec<u8>) -> Self {
        Self::Blob(v.into())
    }
}

impl From<&[u8]> for SqlValue {
    fn from(v: &[u8]) -> Self {
        Self::Blob(v.into())
    }
}

impl<const N: usize> From<[u8; N]> for SqlValue {
    fn from(v: [u8; N]) -> Self {
        Self::Blob(v.as_slice().into())
    }
}

impl<T: Into<SqlValue>> From<Option<T>> for SqlValue {
    fn from(v: Option<T>) -> Self {
        v.map_or(Self::Null, Into::into)
    }
}

/// Lists of up to so many values stand as they are.
const UNPADDED: usize = 8;

/// A statement under construction: text with `$n` in place, and the values in order.
///
/// `marks` remembers where each placeholder starts, so that `append` renumbers without parsing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sql {
    text: String,
    params: Vec<SqlValue>,
    marks: Vec<usize>,
}

impl Sql {
    pub fn new() -> Self {
        Self::default()
    }

    /// Text without values. It must not contain a placeholder.
    pub fn raw(text: impl Into<String>) -> Self {
        Self { text: text.into(), params: Vec::new(), marks: Vec::new() }
    }

    /// A handwritten statement with `$1..$n` in order of appearance and its values.
    ///
    /// # Errors
    /// When the placeholders are not exactly `$1..$n` in order for the `n` values given.
    pub fn with(
        text: impl Into<String>,
        params: impl IntoIterator<Item = SqlValue>,
    ) -> Result<Self, StoreError> {
        let text = text.into();
        let params: Vec<SqlValue> = params.into_iter().collect();
        let marks = placeholders(&text);
        let in_order = marks.iter().enumerate().all(|(i, &at)| number_at(&text, at) == Some(i + 1));
        if !in_order || marks.len() != params.len() {
            return Err(StoreError::misuse(format!(
                "placeholders must be $1..${} in order: {text}",
                params.len()
            )));
        }
        Ok(Self { text, params, marks })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn params(&self) -> &[SqlValue] {
        &self.params
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Appends text as it is. Never pass anything that came from outside.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends a placeholder and its value.
    pub fn bind(&mut self, value: impl Into<SqlValue>) -> &mut Self {
        self.params.push(value.into());
        self.mark(self.params.len());
        self
    }

    /// Appends `($k,$k+1,…)`; for no values `(null)`, which no comparison with `in` finds true. Use
    /// `push_in` and `push_not_in` where an empty list must mean the empty set both ways.
    pub fn bind_list<V: Into<SqlValue>>(&mut self, values: impl IntoIterator<Item = V>) -> &mut Self {
        let before = self.params.len();
        self.text.push('(');
        for value in values {
            if self.params.len() > before {
                self.text.push(',');
            }
            self.bind(value);
        }
        self.text.push_str(if self.params.len() == before { "null)" } else { ")" });
        self
    }

    /// Appends `left in ($k,…)`, or a condition that is false when there are no values.
    pub fn push_in<V: Into<SqlValue>>(
        &mut self,
        left: &str,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.membership(left, " in ", "1=0", values)
    }

    /// Appends `left not in ($k,…)`, or a condition that is true when there are no values.
    pub fn push_not_in<V: Into<SqlValue>>(
        &mut self,
        left: &str,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        self.membership(left, " not in ", "1=1", values)
    }

    fn membership<V: Into<SqlValue>>(
        &mut self,
        left: &str,
        operator: &str,
        of_nothing: &str,
        values: impl IntoIterator<Item = V>,
    ) -> &mut Self {
        let mut values = values.into_iter().map(Into::into).peekable();
        if values.peek().is_none() {
            return self.push(of_nothing);
        }
        self.push(left).push(operator).bind_members(values)
    }

    /// As `bind_list`, for comparing with `in`: a long list is filled up with its last value to one of few lengths, because a statement
    /// for each length would have to be prepared anew.
    pub fn bind_members(&mut self, values: impl IntoIterator<Item = SqlValue>) -> &mut Self {
        let mut values: Vec<SqlValue> = values.into_iter().collect();
        if let Some(last) = values.last().cloned().filter(|_| values.len() > UNPADDED) {
            values.resize(values.len().next_power_of_two(), last);
        }
        self.bind_list(values)
    }

    /// Appends a quoted identifier.
    ///
    /// # Errors
    /// When `name` is not `[a-z_][a-z0-9_]*` or longer than 63 bytes (PostgreSQL cuts longer ones).
    pub fn push_ident(&mut self, name: &str) -> Result<&mut Self, StoreError> {
        self.text.push_str(&ident(name)?);
        Ok(self)
    }

    /// Appends another statement part; its placeholders continue this one's numbers.
    pub fn append(&mut self, other: Sql) -> &mut Self {
        if self.params.is_empty() {
            let base = self.text.len();
            self.text.push_str(&other.text);
            self.marks.extend(other.marks.iter().map(|at| at + base));
            self.params = other.params;
            return self;
        }
        let mut copied = 0;
        for (i, &at) in other.marks.iter().enumerate() {
            self.text.push_str(&other.text[copied..at]);
            self.mark(self.params.len() + i + 1);
            copied = at + 1 + digits(i + 1);
        }
        self.text.push_str(&other.text[copied..]);
        self.params.extend(other.params);
        self
    }

    fn mark(&mut self, number: usize) {
        self.marks.push(self.text.len());
        // Writing to a String cannot fail.
        let _ = write!(self.text, "${number}");
    }
}

/// The quoted form of a physical table, column or index name.
///
/// # Errors
/// When `name` is not `[a-z_][a-z0-9_]*` or longer than 63 bytes.
pub fn ident(name: &str) -> Result<String, StoreError> {
    let mut bytes = name.bytes();
    let head = bytes.next().is_some_and(|b| b.is_ascii_lowercase() || b == b'_');
    if head && name.len() <= 63 && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
        Ok(format!("\"{name}\""))
    } else {
        Err(StoreError::misuse("an identifier must match [a-z_][a-z0-9_]* and have at most 63 characters"))
    }
}

fn digits(n: usize) -> usize {
    n.checked_ilog10().map_or(1, |d| d as usize + 1)
}

/// Byte offsets of `$<digit>` outside single quotes.
fn placeholders(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut quoted = false;
    let mut found = Vec::new();
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'\'' => quoted = !quoted,
            b'$' if !quoted && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) => found.push(at),
            _ => {}
        }
    }
    found
}

fn number_at(text: &str, at: usize) -> Option<usize> {
    let tail = &text[at + 1..];
    let end = tail.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(tail.len());
    // `$01` would be another name for SQLite and break the digit count in `append`.
    if tail.starts_with('0') { None } else { tail[..end].parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn appended_parts_continue_the_numbering_past_ten() {
        let mut head = Sql::raw("select a from t where x in ");
        head.bind_list(0..9_i64);
        let mut tail = Sql::raw(" and y = ");
        tail.bind("v").push(" and z in ").bind_list(1..4_i64).push(" end");
        head.append(tail);
        let mut rest = Sql::raw(" or ");
        rest.bind(7_i64);
        head.append(rest);
        insta::assert_snapshot!(head.text(), @"select a from t where x in ($1,$2,$3,$4,$5,$6,$7,$8,$9) and y = $10 and z in ($11,$12,$13) end or $14");
        assert_eq!(head.params().len(), 14);
    }

    #[test]
    fn an_appended_part_can_be_appended_again() {
        let mut inner = Sql::raw("p = ");
        inner.bind(1_i64);
        let mut middle = Sql::raw("q = ");
        middle.bind(2_i64).push(" and ").append(inner);
        let mut outer = Sql::raw("r = ");
        outer.bind(3_i64).push(" or ").append(middle);
        assert_eq!(outer.text(), "r = $1 or q = $2 and p = $3");
        assert_eq!(outer.params(), [3_i64.into(), 2_i64.into(), 1_i64.into()]);
    }

    #[test]
    fn nothing_is_in_an_empty_list() {
        let mut sql = Sql::new();
        sql.push_in("a", Vec::<i64>::new()).push(" or ").push_not_in("b", Vec::<i64>::new());
        sql.push(" or ").push_in("c", [1_i64]).push(" or d in ").bind_list(Vec::<i64>::new());
        assert_eq!(sql.text(), "1=0 or 1=1 or c in ($1) or d in (null)");
    }

    #[test]
    fn long_lists_come_in_few_lengths() {
        let text = |many: i64| {
            let mut sql = Sql::new();
            sql.push_in("a", 0..many);
            assert_eq!(sql.params().last(), Some(&(many - 1).into()));
            sql.text().to_owned()
        };
        assert_eq!(text(33), text(64));
        assert_ne!(text(7), text(8));
    }

    #[test]
    fn handwritten_placeholders_must_be_in_order_and_complete() {
        assert!(Sql::with("a = $1 and b = $2", [1.into(), 2.into()]).is_ok());
        assert!(Sql::with("a = '$9' and b = $1", [1.into()]).is_ok());
        for wrong in ["a = $2 and b = $1", "a = $1 and b = $1", "a = $1", "a = $01 and b = $2"] {
            assert!(Sql::with(wrong, [1.into(), 2.into()]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn identifiers_outside_the_plain_alphabet_are_refused() {
        for wrong in ["", "A", "1a", "a-b", "a\"b", "名", "a b", &"a".repeat(64)] {
            assert!(ident(wrong).is_err(), "{wrong}");
        }
        assert_eq!(ident("_a1").unwrap(), "\"_a1\"");
    }
}
