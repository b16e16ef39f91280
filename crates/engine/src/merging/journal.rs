//! Every row that a merge changes, before and after.

use crate::error::{EngineError, Result};
use huike_model::Object;
use huike_store::ValueRef;
use huike_store::ddl::ColumnDef;
use huike_store::sql::ident;
use huike_store::{Conn, Kind, Sql, SqlValue, query};
use serde_json::{Map, Value as Json};

/// Columns of a row by name.
pub(super) type Columns = Map<String, Json>;

/// What sort of row was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowKind {
    /// A record that took part: the one that stays, those that go, and links between records that would have been there twice.
    Record,
    /// A record that pointed at one that went.
    Pointer,
    /// A row of a system table.
    System,
}

impl RowKind {
    fn name(self) -> &'static str {
        match self {
            RowKind::Record => "record",
            RowKind::Pointer => "pointer",
            RowKind::System => "system",
        }
    }

    fn parse(name: &str) -> Option<RowKind> {
        [RowKind::Record, RowKind::Pointer, RowKind::System].into_iter().find(|kind| kind.name() == name)
    }
}

/// One changed row. None on a side where it wasn't there.
#[derive(Clone, Debug)]
pub(super) struct Changed {
    pub kind: RowKind,
    pub table: String,
    /// The primary key.
    pub key: Columns,
    pub before: Option<Columns>,
    pub after: Option<Columns>,
}

impl Changed {
    /// The id of the record, where it is one.
    pub fn record(&self) -> i64 {
        self.key.get("id").and_then(Json::as_i64).unwrap_or_default()
    }
}

/// Keeps what was gathered. Rows are undone in the opposite order.
pub(super) fn keep(conn: &mut Conn, merge: i64, changes: &[Changed]) -> Result<()> {
    let columns = [
        ColumnDef::new("merge_id", Kind::Int),
        ColumnDef::new("n", Kind::Int),
        ColumnDef::new("kind", Kind::Text),
        ColumnDef::new("table_name", Kind::Text),
        ColumnDef::new("row_key", Kind::Text),
        ColumnDef::new("before", Kind::Text),
        ColumnDef::new("after", Kind::Text),
    ];
    let text =
        |columns: &Option<Columns>| columns.as_ref().map(|columns| Json::Object(columns.clone()).to_string());
    let rows: Vec<Vec<SqlValue>> = (1_i64..)
        .zip(changes)
        .map(|(n, change)| {
            vec![
                merge.into(),
                n.into(),
                change.kind.name().into(),
                change.table.as_str().into(),
                Json::Object(change.key.clone()).to_string().into(),
                text(&change.before).into(),
                text(&change.after).into(),
            ]
        })
        .collect();
    conn.insert_many("merge_change", &columns, &rows)?;
    Ok(())
}

/// The rows of a merge, the last change first.
pub(super) fn read(conn: &mut Conn, merge: i64) -> Result<Vec<Changed>> {
    let sql = Sql::with(
        "select kind, table_name, row_key, before, after from merge_change where merge_id = $1 order by n desc",
        [merge.into()],
    )?;
    let unreadable = || EngineError::internal("the journal of a merge can't be read");
    let columns = |text: &str| serde_json::from_str::<Columns>(text).map_err(|_| unreadable());
    conn.query(&sql)?
        .iter()
        .map(|row| {
            Ok(Changed {
                kind: RowKind::parse(row.text(0)?).ok_or_else(unreadable)?,
                table: row.text(1)?.to_owned(),
                key: columns(row.text(2)?)?,
                before: row.opt_text(3)?.map(columns).transpose()?,
                after: row.opt_text(4)?.map(columns).transpose()?,
            })
        })
        .collect()
}

/// Forgets the rows of merges that can't be undone any more.
///
/// # Errors
/// The database's.
pub(super) fn forget_before(conn: &mut Conn, at: i64) -> Result<()> {
    conn.execute(&Sql::with(
        "delete from merge_change where merge_id in (select id from record_merge where at < $1)",
        [at.into()],
    )?)?;
    Ok(())
}

/// The columns of a record that a merge may change and its undoing puts back: all but what is worked out from other rows, and the version,
/// which never goes back.
pub(super) fn kept_columns(object: &Object) -> Vec<String> {
    let computed: Vec<&str> =
        object.all_fields().filter(|field| field.computed()).map(|field| field.column.as_str()).collect();
    let own = query::record_columns(object).into_iter().map(|(column, _)| column);
    let fixed = ["owner_id", "department_id", "updated_at", "updated_by", "deleted_at", "raw"];
    own.filter(|column| !computed.contains(&column.as_str())).chain(fixed.map(str::to_owned)).collect()
}

/// These columns of the row with this key; none when it isn't there.
pub(super) fn row(
    conn: &mut Conn,
    table: &str,
    columns: &[String],
    key: &Columns,
) -> Result<Option<Columns>> {
    let mut sql = Sql::raw("select ");
    for (place, column) in columns.iter().enumerate() {
        sql.push(if place > 0 { ", " } else { "" }).push(&ident(column)?);
    }
    sql.push(" from ").push(&ident(table)?).push(" where ");
    push_key(&mut sql, key)?;
    let found = conn.query_opt(&sql)?;
    Ok(found.map(|row| {
        columns
            .iter()
            .enumerate()
            .map(|(place, column)| (column.clone(), json_of(row.value(place))))
            .collect()
    }))
}

/// Appends `a = $1 and b = $2` for a key.
pub(super) fn push_key(sql: &mut Sql, key: &Columns) -> Result<()> {
    for (place, (column, value)) in key.iter().enumerate() {
        sql.push(if place > 0 { " and " } else { "" }).push(&ident(column)?).push(" = ").bind(sql_of(value));
    }
    Ok(())
}

/// The members of `after` that are not as in `before`, on both sides.
pub(super) fn difference(before: &Columns, after: &Columns) -> (Columns, Columns) {
    let changed = after.iter().filter(|(column, value)| before.get(*column) != Some(value));
    let names: Vec<String> = changed.map(|(column, _)| column.clone()).collect();
    let part = |columns: &Columns| {
        names.iter().map(|name| (name.clone(), columns.get(name).cloned().unwrap_or(Json::Null))).collect()
    };
    (part(before), part(after))
}

pub(super) fn id_key(id: i64) -> Columns {
    Columns::from_iter([("id".to_owned(), Json::from(id))])
}

pub(super) fn json_of(value: ValueRef<'_>) -> Json {
    match value {
        // No table that a merge touches holds bytes.
        ValueRef::Null | ValueRef::Blob(_) => Json::Null,
        ValueRef::Int(number) => number.into(),
        ValueRef::Text(text) => text.into(),
    }
}

pub(super) fn sql_of(value: &Json) -> SqlValue {
    match value {
        Json::Number(number) => number.as_i64().into(),
        Json::String(text) => text.as_str().into(),
        _ => SqlValue::Null,
    }
}
