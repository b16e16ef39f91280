//! What no owner tells: what else stands in somebody's name, for a person to look after.

use crate::cx::Cx;
use crate::error::Result;
use huike_model::kinds::FieldType;
use huike_store::sql::ident;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};

/// Said by the record itself or by the machinery.
const OF_THE_ROW: [&str; 3] = ["owner", "created_by", "updated_by"];

/// One item for each kind of thing that still names a person, with how many there are; nothing that is none.
///
/// # Errors
/// The database's.
pub(super) fn checklist(conn: &mut Conn, cx: &Cx, person: i64) -> Result<Vec<Json>> {
    let mut items = Vec::new();
    let mut put = |kind: &str, count: i64, label: Option<Json>| {
        if count > 0 {
            items.push(json!({"kind": kind, "count": count, "label": label}));
        }
    };
    put(
        "reports",
        cx.org.users().filter(|other| other.active && other.manager == Some(person)).count() as i64,
        None,
    );
    put("heads", cx.org.departments().filter(|one| one.manager == Some(person)).count() as i64, None);
    let stands_in =
        cx.org.follow.absences.iter().filter(|away| away.stand_in == Some(person) && away.to > cx.moment.now);
    put("stands_in", stands_in.count() as i64, None);
    let quoted =
        format!("%\"{}\"%", huike_model::Id::new(person).map(|id| id.to_string()).unwrap_or_default());
    for (kind, table) in [("pools", "pool"), ("assignment_rules", "assignment_rule")] {
        let text = format!("select count(*) from {table} where definition like $1");
        put(kind, conn.query_one(&Sql::with(text, [quoted.as_str().into()])?)?.int(0)?, None);
    }
    let promises = "select count(*) from obligation where closed_at is null and owner_id = $1";
    put("promises", conn.query_one(&Sql::with(promises, [person.into()])?)?.int(0)?, None);
    let keys = "select count(*) from api_key where revoked_at is null and user_id = $1";
    put("keys", conn.query_one(&Sql::with(keys, [person.into()])?)?.int(0)?, None);
    for object in cx.schema.objects() {
        for field in object
            .fields()
            .filter(|field| field.kind == FieldType::User && !OF_THE_ROW.contains(&field.name.as_str()))
        {
            if object.name == "user" || object.name == "department" {
                continue;
            }
            let text = format!(
                "select count(*) from {} where deleted_at is null and {} = $1",
                ident(&object.name)?,
                ident(&field.column)?
            );
            let count = conn.query_one(&Sql::with(text, [person.into()])?)?.int(0)?;
            let label = json!({"object": object.label.get(cx.lang()), "field": field.label.get(cx.lang())});
            put("named", count, Some(label));
        }
    }
    Ok(items)
}
