//! What an answer shows of files whose field is readable: name, kind and size.

use super::OBJECT;
use crate::cx::Cx;
use crate::error::Result;
use crate::records::render::id_text;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::{BTreeSet, HashMap};

/// These files as answers show them; one query.
///
/// # Errors
/// The database's.
pub fn named(conn: &mut Conn, cx: &Cx, files: &BTreeSet<i64>) -> Result<HashMap<i64, Json>> {
    let mut named = HashMap::new();
    let Some(object) = cx.schema.object(OBJECT).filter(|_| !files.is_empty()) else { return Ok(named) };
    let (table, name) = (ident(&object.name)?, ident(&object.name_field.column)?);
    let mut sql = Sql::raw(format!(
        "select s.file_id, f.{name}, c.media_type, c.size from stored_file s \
         join file_content c on c.id = s.content_id join {table} f on f.id = s.file_id where s.file_id in "
    ));
    sql.bind_list(files.iter().copied());
    for row in conn.query(&sql)? {
        let id = row.int(0)?;
        let shown = json!({"id": id_text(id), "name": row.opt_text(1)?, "media_type": row.text(2)?, "size": row.int(3)?});
        named.insert(id, shown);
    }
    Ok(named)
}
