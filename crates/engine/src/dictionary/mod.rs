//! The dictionary at work: the standard objects from their files, what was added at run time from its rows, and the tables behind both.

pub mod describe;
pub mod fields;
mod impact;
pub mod objects;
mod recompute;
mod standard;
mod tables;
pub mod trees;
mod workbook;

pub use standard::Standard;
pub use tables::field_of_index;
pub(crate) use tables::indexes;

use crate::error::{EngineError, Result};
use huike_model::Schema;
use huike_model::schema::{FieldDefinition, Fragment, ObjectDefinition, SchemaFault, StoredField};
use huike_store::{Conn, Sql, SqlValue};

/// Brings the tables to the shape of the dictionary and reads it. Does nothing more than read when nothing changed since the last start.
///
/// # Errors
/// The database's, and a dictionary that can't stand.
pub fn bring_up(conn: &mut Conn) -> Result<Schema> {
    let schema = load(conn)?;
    if known_shape(conn, "")? == standard::fingerprint(schema.version) {
        return Ok(schema);
    }
    conn.allow_long_statements()?;
    // Of nodes that start together one makes the tables; the others wait at this row and find them made.
    conn.execute(&Sql::raw(
        "insert into setting (key, value) values ('dictionary_shape', '') on conflict (key) do nothing",
    ))?;
    let lock = conn.dialect().for_update();
    let known = known_shape(conn, lock)?;
    let schema = load(conn)?;
    let shape = standard::fingerprint(schema.version);
    if known == shape {
        return Ok(schema);
    }
    for object in schema.objects() {
        tables::bring_up(conn, object)?;
    }
    conn.execute(&Sql::with(
        "update setting set value = $1 where key = 'dictionary_shape'",
        [SqlValue::from(shape)],
    )?)?;
    Ok(schema)
}

/// To what the tables were brought last; empty when they never were.
fn known_shape(conn: &mut Conn, lock: &str) -> Result<String> {
    let row =
        conn.query_opt(&Sql::raw(format!("select value from setting where key = 'dictionary_shape'{lock}")))?;
    Ok(row.as_ref().map(|row| row.opt_text(0)).transpose()?.flatten().unwrap_or_default().to_owned())
}

/// Reads the dictionary as it stands.
///
/// # Errors
/// As [`bring_up`].
pub fn load(conn: &mut Conn) -> Result<Schema> {
    let version = version(conn)?;
    let fragments = fragments(conn)?;
    Schema::build(version, &fragments).map_err(refused)
}

/// The shipped dictionary by itself, as an empty installation has it.
///
/// # Errors
/// A shipped file that can't be read.
pub fn standard() -> Result<Schema> {
    let fragments = standard::objects()?.into_iter().map(|definition| Fragment {
        definition,
        custom: false,
        fields: Vec::new(),
    });
    Schema::build(0, &fragments.collect::<Vec<_>>()).map_err(refused)
}

/// The version of the dictionary: grows with every change.
///
/// # Errors
/// The database's.
pub fn version(conn: &mut Conn) -> Result<i64> {
    Ok(conn.query_one(&Sql::raw("select coalesce(max(version), 0) from dictionary_version"))?.int(0)?)
}

/// Every object with what was added to it.
///
/// # Errors
/// As [`bring_up`].
pub fn fragments(conn: &mut Conn) -> Result<Vec<Fragment>> {
    let unreadable =
        |what: &str| EngineError::internal(format!("a definition of {what} in the database can't be read"));
    let mut fragments: Vec<Fragment> = standard::objects()?
        .into_iter()
        .map(|definition| Fragment { definition, custom: false, fields: Vec::new() })
        .collect();
    for row in conn.query(&Sql::raw(
        "select name, definition from dictionary_object where retired is null order by name",
    ))? {
        let name = row.text(0)?;
        let definition: ObjectDefinition =
            serde_json::from_str(row.text(1)?).map_err(|_| unreadable(name))?;
        match fragments.iter_mut().find(|fragment| fragment.definition.name == name) {
            // An administrator's changes to a standard object replace everything but its fields.
            Some(fragment) => {
                let fields = std::mem::take(&mut fragment.definition.fields);
                fragment.definition = ObjectDefinition { fields, ..definition };
            }
            None => fragments.push(Fragment { definition, custom: true, fields: Vec::new() }),
        }
    }
    let fields = "select object, name, definition, column_name, retired from dictionary_field order by object, column_name";
    for row in conn.query(&Sql::raw(fields))? {
        let (object, name) = (row.text(0)?, row.text(1)?);
        let Some(fragment) = fragments.iter_mut().find(|fragment| fragment.definition.name == object) else {
            continue;
        };
        let definition: FieldDefinition = serde_json::from_str(row.text(2)?).map_err(|_| unreadable(name))?;
        let shipped = fragment.definition.fields.iter().any(|field| field.name == name);
        fragment.fields.push(StoredField {
            definition,
            column: row.text(3)?.to_owned(),
            custom: fragment.custom || !shipped,
            retired: row.opt_int(4)?.is_some(),
        });
    }
    Ok(fragments)
}

fn refused(faults: Vec<SchemaFault>) -> EngineError {
    let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
    EngineError::internal(format!("the dictionary can't stand: {}", faults.join("; ")))
}
