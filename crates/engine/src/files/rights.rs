//! Who may read a file: whoever may read a field that names it, on the record that does. Until any does, who brought it.

use super::{OBJECT, media, members};
use crate::cx::Cx;
use crate::error::Result;
use crate::records::Values;
use crate::records::load::{self, Record};
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::kinds::FieldType;
use huike_model::schema::Level;
use huike_model::{Fault, Field, Id};
use huike_store::query::Deleted;
use huike_store::{Conn, Sql, SqlValue};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Uses looked at together.
const TOGETHER: i64 = 500;

/// A file with its content.
#[derive(Clone, Debug)]
pub struct Stored {
    pub content: i64,
    pub media_type: String,
    uploaded_by: i64,
    unused: bool,
}

/// A file that the caller may read.
pub struct Readable {
    pub stored: Stored,
    /// Through which field of which record; none for who brought it and for the system.
    pub through: Option<Through>,
}

pub struct Through {
    pub access: ObjectAccess,
    /// None when the file is attached to the record as a whole.
    pub field: Option<Arc<Field>>,
    pub record: Record,
}

/// Those of these files that the caller may read.
///
/// # Errors
/// The database's.
pub fn readable(conn: &mut Conn, cx: &Cx, files: &BTreeSet<i64>) -> Result<HashMap<i64, Readable>> {
    let mut found = HashMap::new();
    let mut asked = BTreeSet::new();
    for (file, stored) in stored(conn, files)? {
        let mine = stored.unused && stored.uploaded_by == cx.author();
        if cx.is_system() || mine {
            found.insert(file, Readable { stored, through: None });
        } else if !stored.unused {
            asked.insert(file);
            found.insert(file, Readable { stored, through: None });
        }
    }
    let mut after = None;
    while !asked.is_empty() {
        let uses = uses(conn, &asked, after.as_ref())?;
        let Some(last) = uses.last().cloned() else { break };
        for (file, through) in through(conn, cx, &uses)? {
            if asked.remove(&file)
                && let Some(readable) = found.get_mut(&file)
            {
                readable.through = Some(through);
            }
        }
        after = Some(last);
    }
    found.retain(|file, _| !asked.contains(file));
    Ok(found)
}

fn stored(conn: &mut Conn, files: &BTreeSet<i64>) -> Result<Vec<(i64, Stored)>> {
    let mut sql = Sql::raw(
        "select s.file_id, s.content_id, c.media_type, s.uploaded_by, s.unused_since \
         from stored_file s join file_content c on c.id = s.content_id where s.file_id in ",
    );
    sql.bind_list(files.iter().copied());
    let mut found = Vec::new();
    for row in conn.query(&sql)? {
        let stored = Stored {
            content: row.int(1)?,
            media_type: row.text(2)?.to_owned(),
            uploaded_by: row.int(3)?,
            unused: row.opt_int(4)?.is_some(),
        };
        found.push((row.int(0)?, stored));
    }
    Ok(found)
}

/// One use: the file, and the field of the record that names it.
type Use = (i64, String, i64, String);

fn uses(conn: &mut Conn, files: &BTreeSet<i64>, after: Option<&Use>) -> Result<Vec<Use>> {
    let mut sql = Sql::raw("select file_id, object, record_id, field from file_use where file_id in ");
    sql.bind_list(files.iter().copied());
    if let Some((file, object, record, field)) = after {
        sql.push(" and (file_id, object, record_id, field) > (").bind(*file);
        sql.push(", ")
            .bind(object.as_str())
            .push(", ")
            .bind(*record)
            .push(", ")
            .bind(field.as_str())
            .push(")");
    }
    sql.push(" order by file_id, object, record_id, field limit ").bind(TOGETHER);
    let read = |row: &huike_store::Row| {
        Ok((row.int(0)?, row.text(1)?.to_owned(), row.int(2)?, row.text(3)?.to_owned()))
    };
    conn.query(&sql)?.iter().map(read).collect()
}

/// Those of these uses through which the caller may read; one query for each object.
fn through(conn: &mut Conn, cx: &Cx, uses: &[Use]) -> Result<Vec<(i64, Through)>> {
    let mut objects: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
    for (_, object, record, _) in uses {
        objects.entry(object).or_default().insert(*record);
    }
    let mut found = Vec::new();
    for (name, records) in objects {
        let Some(object) = cx.schema.object(name).cloned() else { continue };
        let access = cx.access_or_none(conn, &object)?;
        if !access.reads_anything() {
            continue;
        }
        let records: Vec<i64> = records.into_iter().collect();
        let records = load::find_many(conn, cx, &access, &records, Deleted::Any)?;
        let records: HashMap<i64, Record> = records.into_iter().map(|record| (record.id, record)).collect();
        for (file, _, record, field) in uses.iter().filter(|(_, object, ..)| object == name) {
            let Some(record) = records.get(record) else { continue };
            let field = match field.as_str() {
                "" => None,
                name => match object.field(name) {
                    Some(field) => Some(field.clone()),
                    None => continue,
                },
            };
            if opened(&access, field.as_deref(), record) {
                found.push((*file, Through { access: access.clone(), field, record: record.clone() }));
            }
        }
    }
    Ok(found)
}

/// What is attached to a record as a whole is as open as its business fields: "others' basic fields" don't include it.
fn opened(access: &ObjectAccess, field: Option<&Field>, record: &Record) -> bool {
    let far = match field {
        Some(field) => access.on_row(field, &record.reached),
        None => access.level_on_row(Level::Business, &record.reached),
    };
    far >= FieldAccess::Read
}

/// The faults of a write that names files: each must be one that the writer may read, and a picture where pictures belong.
///
/// # Errors
/// The database's.
pub fn check(conn: &mut Conn, cx: &Cx, values: &Values, changed: &[Arc<Field>]) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    let named = |field: &&Arc<Field>| field.holds_files() && !values.of(field).is_null();
    let fields: Vec<&Arc<Field>> = changed.iter().filter(named).collect();
    if !fields.is_empty() {
        let files = fields.iter().flat_map(|field| members(values.of(field))).collect();
        let known = readable(conn, cx, &files)?;
        for field in fields {
            for file in members(values.of(field)) {
                faults.extend(fault(field, known.get(&file)));
            }
        }
    }
    if values.object().name == OBJECT {
        faults.extend(check_attached(conn, cx, values, changed)?);
    }
    Ok(faults)
}

fn fault(field: &Field, file: Option<&Readable>) -> Option<Fault> {
    let Some(file) = file else {
        return Some(Fault::new(
            &field.name,
            "unknown_reference",
            format!("{}中的文件不存在", field.label.zh),
            format!("{} names a file that doesn't exist", field.label.en),
        ));
    };
    let fits = field.value_type() != FieldType::Image || media::is_picture(&file.stored.media_type);
    (!fits).then(|| {
        Fault::new(
            &field.name,
            "not_an_image",
            format!("{}只能放图片（JPEG、PNG、GIF、WebP、HEIC 等）", field.label.zh),
            format!("{} takes pictures only (JPEG, PNG, GIF, WebP, HEIC and the like)", field.label.en),
        )
    })
}

/// A file is attached to a record that the writer sees, by whoever may read the file.
fn check_attached(conn: &mut Conn, cx: &Cx, values: &Values, changed: &[Arc<Field>]) -> Result<Vec<Fault>> {
    if cx.is_system() || !changed.iter().any(|field| matches!(field.name.as_str(), "object" | "record")) {
        return Ok(Vec::new());
    }
    let unknown = |field: &str| {
        Fault::new(field, "unknown_reference", "要附到的记录不存在", "The record to attach to doesn't exist")
    };
    let (target, record) = (values.get("object").as_text(), values.get("record").as_text());
    let (Some(target), Some(record)) = (target, record) else {
        return Ok(if target.is_none() && record.is_none() { Vec::new() } else { vec![unknown("record")] });
    };
    let Some(object) = cx.schema.object(target).cloned() else { return Ok(vec![unknown("object")]) };
    let access = cx.access_or_none(conn, &object)?;
    let Ok(record) = record.parse::<Id>() else { return Ok(vec![unknown("record")]) };
    if !access.reads_anything()
        || load::find_many(conn, cx, &access, &[record.number()], Deleted::Live)?.is_empty()
    {
        return Ok(vec![unknown("record")]);
    }
    let Some(id) = values.int("id") else { return Ok(Vec::new()) };
    let files = BTreeSet::from([id]);
    let has_content = !stored(conn, &files)?.is_empty();
    let made_now = values.get("version").is_null();
    if has_content && !made_now && !readable(conn, cx, &files)?.contains_key(&id) {
        return Ok(vec![unknown("record")]);
    }
    Ok(Vec::new())
}

/// The parameters of a use, in the order of the table.
pub(super) fn bound(file: i64, object: &str, record: i64, field: &str) -> [SqlValue; 4] {
    [file.into(), object.into(), record.into(), field.into()]
}
