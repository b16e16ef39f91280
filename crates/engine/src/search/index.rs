//! What the search index holds of a record: written in the record's own transaction.
//!
//! Beside the tokens of the text there are tokens of the caller's own classes (see `huike_matching::search`): `s…` the owner and `y…` the
//! department, so that the index itself narrows to a scope; and `z…` the sealed tail of an encrypted number.

use crate::cx::Cx;
use crate::error::Result;
use crate::records::Values;
use huike_matching::search::{
    address_tokens, code_tokens, digit_tail_tokens, for_fts5, for_tsvector, index_tokens, note_tokens,
    serial_tokens,
};
use huike_model::kinds::FieldType;
use huike_model::{Field, Id, Object};
use huike_store::{Conn, Dialect};
use huike_vault::hex;
use huike_vault::token::hash;

/// Puts a record's text into the index, in the place of what was there.
///
/// # Errors
/// The database's.
pub fn put(conn: &mut Conn, cx: &Cx, values: &Values) -> Result<()> {
    let object = values.object();
    let (true, Some(id)) = (object.search, values.int("id")) else { return Ok(()) };
    let index = conn.dialect().search_put(&object.name, id, &tokens(cx, values).join(" "))?;
    conn.batch_and_index(&object.name, Vec::new(), index)?;
    Ok(())
}

/// Everything that the index holds of a record.
pub(crate) fn tokens(cx: &Cx, values: &Values) -> Vec<String> {
    let object = values.object();
    let mut tokens = Vec::new();
    tokens.extend(values.int("owner").and_then(owner_token));
    tokens.extend(values.int("department").and_then(department_token));
    for field in object.fields().filter(|field| field.searchable) {
        tokens.extend(field_tokens(cx, values, field));
    }
    match cx.dialect {
        Dialect::Sqlite => for_fts5(tokens),
        Dialect::Postgres => for_tsvector(tokens),
    }
}

/// Takes a record out of the index.
///
/// # Errors
/// The database's.
pub fn remove(conn: &mut Conn, object: &Object, id: i64) -> Result<()> {
    if object.search {
        let index = conn.dialect().search_remove(&object.name, id)?;
        conn.batch_and_index(&object.name, Vec::new(), vec![index])?;
    }
    Ok(())
}

/// The tokens by which one field of a record is found.
pub fn field_tokens(cx: &Cx, values: &Values, field: &Field) -> Vec<String> {
    let value = values.of(field);
    if value.is_null() {
        return Vec::new();
    }
    // Numbers that a merge kept are found as the ones they stood beside.
    let object = values.object();
    let source = object.merge.kept_in(&field.name).find_map(|from| object.field(from));
    let source = source.filter(|from| from.encrypted == field.encrypted).map_or(field, |from| &**from);
    if field.encrypted {
        let lines = value.as_text().unwrap_or_default().lines();
        let tails = lines.filter_map(|plain| cx.keys().tail(&object.name, source, plain));
        return tails.map(|tail| sealed_tail_token(&tail)).collect();
    }
    if source.kind == FieldType::Phone && field.kind == FieldType::LongText {
        return value.as_text().unwrap_or_default().lines().flat_map(digit_tail_tokens).collect();
    }
    let Some(text) = field.value_type().kind().search_text(value, field) else { return Vec::new() };
    match field.value_type() {
        FieldType::Phone => digit_tail_tokens(&text),
        FieldType::LongText => note_tokens(&text),
        // The code of the organisation, which was its number before 2015, and a check character end a credit code (GB 32100-2015).
        FieldType::CreditCode => serial_tokens(&text, &[10, 6]),
        FieldType::IdCard => serial_tokens(&text, &[6, 4]),
        FieldType::Email | FieldType::Url => address_tokens(&text),
        FieldType::AutoNumber => code_tokens(&text),
        _ => index_tokens(&text),
    }
}

pub fn owner_token(owner: i64) -> Option<String> {
    Id::new(owner).ok().map(|id| format!("s{id}"))
}

pub fn department_token(department: i64) -> Option<String> {
    Id::new(department).ok().map(|id| format!("y{id}"))
}

/// The token of the sealed tail of a number.
pub fn sealed_tail_token(tail_index: &str) -> String {
    format!("z{}", &hex(&hash(tail_index))[..24])
}
