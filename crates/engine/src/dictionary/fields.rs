//! Adding, changing and retiring fields at run time. A field is a typed column from its first moment; a retired one keeps its values.

use super::{fragments, tables};
use crate::cx::Cx;
use crate::definitions;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use huike_model::access::AdminArea;
use huike_model::kinds::FieldType;
use huike_model::schema::{FieldDefinition, Fragment, SchemaFault, StoredField, is_name};
use huike_model::{Code, Fault, Field, Label, Schema};
use huike_store::log::LogEntry;
use huike_store::{Conn, Sql, SqlValue, StoreError};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Fields an administrator may add to one object.
const MAX_FIELDS: usize = 300;

impl Engine {
    /// Adds a field to an object.
    ///
    /// # Errors
    /// `forbidden` without the dictionary; `not_found` for the object; `invalid` with every fault of the definition.
    pub async fn add_field(&self, cx: Cx, object: String, definition: Json) -> Result<Json> {
        cx.require_to_change(AdminArea::Dictionary)?;
        let engine = self.clone();
        let name = object.clone();
        let field = self
            .write({
                let cx = cx.clone();
                move |conn| {
                    let definition = read(&definition)?;
                    let schema = super::load(conn)?;
                    let known = schema.object(&object).ok_or(Code::NotFound)?;
                    if known.any_field(&definition.name).is_some() {
                        return Err(taken(&definition.name).into());
                    }
                    if known.all_fields().count() >= MAX_FIELDS {
                        return Err(Fault::new(
                            "",
                            "too_many",
                            "字段太多，最多 300 个",
                            "There are 300 fields already",
                        )
                        .into());
                    }
                    // Numbered in the order of making: fields are shown in the order of their columns.
                    let column = format!("c{:03}_{}", known.all_fields().count(), definition.name);
                    let field = StoredField { definition, column, custom: true, retired: false };
                    put(conn, &engine, &cx, &object, field, "add_field", None)
                }
            })
            .await?;
        self.described_field(cx, name, field).await
    }

    /// Changes a field's definition; its type and what is stored in it stay.
    ///
    /// # Errors
    /// As [`Engine::add_field`]; `invalid` for a change that would turn stored values into others.
    pub async fn change_field(
        &self,
        cx: Cx,
        object: String,
        field: String,
        changes: Map<String, Json>,
    ) -> Result<Json> {
        cx.require_to_change(AdminArea::Dictionary)?;
        let engine = self.clone();
        let name = object.clone();
        let field = self
            .write({
                let cx = cx.clone();
                move |conn| {
                    let (before, stored, _) = changed_field(conn, &object, &field, &changes)?;
                    put(conn, &engine, &cx, &object, stored, "change_field", Some(before))
                }
            })
            .await?;
        self.described_field(cx, name, field).await
    }

    /// Takes a field out of use or back into it. Its values are kept.
    ///
    /// # Errors
    /// As [`Engine::add_field`]; `conflict` when the object can't do without it.
    pub async fn retire_field(&self, cx: Cx, object: String, field: String, retired: bool) -> Result<()> {
        cx.require_to_change(AdminArea::Dictionary)?;
        let engine = self.clone();
        self.write(move |conn| {
            let known = known(conn, &object, &field)?;
            let definition = known.definition.as_deref().ok_or(Code::NotFound)?.clone();
            let stored = StoredField {
                definition: definition.clone(),
                column: known.column.clone(),
                custom: known.custom,
                retired,
            };
            let op = if retired { "retire_field" } else { "restore_field" };
            put(conn, &engine, &cx, &object, stored, op, Some(definition)).map(drop)
        })
        .await
    }

    async fn described_field(&self, cx: Cx, object: String, field: String) -> Result<Json> {
        let cx = self.cx(cx.caller)?;
        let described = self.describe_object(cx, object).await?;
        let fields = described["fields"].as_array().into_iter().flatten();
        let retired = described["retired_fields"].as_array().into_iter().flatten();
        fields
            .chain(retired)
            .find(|each| each["name"] == field.as_str())
            .cloned()
            .ok_or_else(|| Code::NotFound.into())
    }
}

/// A field as the database has it: another node may have changed it a moment ago.
pub(super) fn known(conn: &mut Conn, object: &str, field: &str) -> Result<Arc<Field>> {
    let schema = super::load(conn)?;
    let known =
        schema.object(object).and_then(|object| object.any_field(field)).filter(|field| !field.system);
    Ok(known.ok_or(Code::NotFound)?.clone())
}

/// A field as it is and as it would be after a change, with the dictionary that the change makes.
///
/// # Errors
/// `not_found`; every fault of the change.
pub(super) fn changed_field(
    conn: &mut Conn,
    object: &str,
    field: &str,
    changes: &Map<String, Json>,
) -> Result<(FieldDefinition, StoredField, Schema)> {
    let known = known(conn, object, field)?;
    let before = known.definition.as_deref().ok_or(Code::NotFound)?.clone();
    let mut json =
        serde_json::to_value(&before).map_err(|_| EngineError::internal("a definition can't be written"))?;
    if let Json::Object(members) = &mut json {
        members.extend(changes.clone());
    }
    let after = read(&json)?;
    let faults = frozen(&before, &after);
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let stored = StoredField {
        definition: after,
        column: known.column.clone(),
        custom: known.custom,
        retired: known.retired,
    };
    let schema = with_field(conn, object, &stored)?;
    Ok((before, stored, schema))
}

/// The dictionary with a field as it is given here.
fn with_field(conn: &mut Conn, object: &str, field: &StoredField) -> Result<Schema> {
    let name = &field.definition.name;
    let mut fragments = fragments(conn)?;
    let fragment =
        fragments.iter_mut().find(|fragment| fragment.definition.name == object).ok_or(Code::NotFound)?;
    fragment.fields.retain(|known| known.definition.name != *name);
    fragment.fields.push(field.clone());
    build(conn, object, name, &fragments)
}

/// Reads a definition; what isn't one is said in the caller's words.
fn read(json: &Json) -> Result<FieldDefinition> {
    let Json::Object(members) = json.clone() else { return Err(Code::Malformed.into()) };
    let definition: FieldDefinition = definitions::read(members, &Label::new("字段定义", "The definition"))?;
    let mut faults = Vec::new();
    if !is_name(&definition.name) {
        faults.push(Fault::new(
            "name",
            "format",
            "名称以小写字母开头，只含小写字母、数字和下划线，最多 40 个",
            "A name starts with a lower-case letter and has letters, digits and _, 40 at most",
        ));
    }
    if definition.label.zh.trim().is_empty() || definition.label.en.trim().is_empty() {
        faults.push(Fault::new(
            "label",
            "required",
            "请填写中文和英文名称",
            "The label is needed in Chinese and in English",
        ));
    }
    if faults.is_empty() { Ok(definition) } else { Err(faults.into()) }
}

fn taken(name: &str) -> Fault {
    Fault::new(
        "name",
        "taken",
        format!("已有名为“{name}”的字段（可能已停用，可以恢复）"),
        format!("There is a field “{name}” already; if it is retired, restore it"),
    )
}

/// What can't change once there are values.
fn frozen(before: &FieldDefinition, after: &FieldDefinition) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut keep = |same: bool, member: &str, zh: &str, en: &str| {
        if !same {
            faults.push(Fault::new(
                member,
                "frozen",
                format!("{zh}不能修改，请另建字段"),
                format!("The {en} can't change; add another field"),
            ));
        }
    };
    keep(before.name == after.name, "name", "名称", "name");
    keep(before.kind == after.kind, "type", "类型", "type");
    keep(before.scale == after.scale, "scale", "小数位数", "scale");
    keep(before.encrypted == after.encrypted, "encrypted", "加密方式", "encryption");
    keep(before.reference == after.reference, "reference", "关联对象", "object referred to");
    keep(before.tree == after.tree, "tree", "分类", "tree");
    keep(before.result == after.result, "result", "结果类型", "result type");
    let values = |definition: &FieldDefinition| -> Vec<String> {
        definition.options.iter().flatten().map(|option| option.value.clone()).collect()
    };
    let kept = values(after);
    keep(
        values(before).iter().all(|value| kept.contains(value)),
        "options",
        "已有选项（可停用）",
        "existing options (retire them instead)",
    );
    faults
}

/// Stores a definition, makes its column, and takes both into use.
fn put(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    object: &str,
    field: StoredField,
    op: &str,
    before: Option<FieldDefinition>,
) -> Result<String> {
    let name = field.definition.name.clone();
    let schema = with_field(conn, object, &field)?;
    let text = serde_json::to_string(&field.definition)
        .map_err(|_| EngineError::internal("a definition can't be written"))?;
    let retired = field.retired.then_some(cx.moment.now);
    conn.execute(&Sql::with(
        "insert into dictionary_field (object, name, definition, column_name, retired) values ($1, $2, $3, $4, $5) \
         on conflict (object, name) do update set definition = excluded.definition, retired = excluded.retired",
        [object.into(), name.as_str().into(), text.into(), field.column.into(), SqlValue::from(retired)],
    )?)?;
    if let Some(built) = schema.object(object) {
        conn.allow_long_statements()?;
        tables::bring_up(conn, built).map_err(|error| doubled(&field.definition, error))?;
        if let Some(built_field) = built.any_field(&name).filter(|field| !field.unique || field.retired) {
            tables::allow_twins(conn, built, built_field)?;
        }
    }
    let json = |definition: &FieldDefinition| json!({ "field": definition }).to_string();
    changed(conn, engine, cx, object, op, before.as_ref().map(json), Some(json(&field.definition)))?;
    if matches!(field.definition.kind, FieldType::Rollup | FieldType::Formula) && !field.retired {
        super::recompute::field(conn, cx, schema, object, &name)?;
    }
    Ok(name)
}

/// Values that are there twice can't become unique: the administrator's to mend.
fn doubled(definition: &FieldDefinition, error: EngineError) -> EngineError {
    match error {
        EngineError::Store(StoreError::UniqueViolation { .. }) => Fault::new(
            "unique",
            "not_unique",
            format!("{}已有重复的值，不能设为唯一；请先处理重复的记录", definition.label.zh),
            format!(
                "{} has the same value on several records; mend these before making it unique",
                definition.label.en
            ),
        )
        .into(),
        other => other,
    }
}

/// Builds the dictionary with a change, or says what is wrong with it.
fn build(conn: &mut Conn, object: &str, field: &str, fragments: &[Fragment]) -> Result<Schema> {
    let version = super::version(conn)? + 1;
    Schema::build(version, fragments).map_err(|faults| {
        faults.into_iter().map(|fault| located(object, field, fault)).collect::<Vec<_>>().into()
    })
}

fn located(object: &str, field: &str, fault: SchemaFault) -> Fault {
    let own = fault.object == object && fault.field == field;
    let (zh, en) = if own {
        (String::new(), String::new())
    } else {
        (format!("{}：", fault.place()), format!("{}: ", fault.place()))
    };
    Fault::new(
        "",
        "definition",
        format!("字段定义不能成立：{zh}{}", fault.reason.zh),
        format!("The definition can't stand: {en}{}", fault.reason.en),
    )
}

/// Counts the dictionary's version up, writes the change down, and has every node read it anew.
///
/// # Errors
/// The database's; `conflict` when somebody else changed the dictionary at the same moment.
pub fn changed(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    object: &str,
    op: &str,
    before: Option<String>,
    after: Option<String>,
) -> Result<()> {
    let version = super::version(conn)? + 1;
    conn.execute(&Sql::with(
        "insert into dictionary_version (version, at) values ($1, $2)",
        [version.into(), cx.moment.now.into()],
    )?)
    .map_err(|_| EngineError::from(Code::Conflict))?;
    let entry = LogEntry {
        tx: conn.tx_number()?,
        id: conn.next_id()?,
        at: cx.moment.now,
        actor: Some(cx.caller.actor.user()),
        actor_kind: cx.caller.actor.kind().into(),
        via: cx.caller.via.name().into(),
        request: Some(cx.caller.request.clone()).filter(|request| !request.is_empty()),
        object: "dictionary".into(),
        record_id: None,
        op: op.into(),
        before,
        after,
        meta: Some(json!({"object": object}).to_string()),
    };
    conn.execute(&entry.insert()?)?;
    let engine = engine.clone();
    conn.after_commit(Box::new(move || {
        engine.mark_stale();
        engine.events().wake();
    }));
    Ok(())
}
