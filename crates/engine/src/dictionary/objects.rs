//! Adding and changing whole objects at run time.

use super::fields::changed;
use super::{fragments, tables};
use crate::cx::Cx;
use crate::definitions;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use huike_model::access::AdminArea;
use huike_model::schema::{Fragment, ObjectDefinition, is_name};
use huike_model::{Code, Fault, Label, Schema};
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};

/// Names that tables of the machinery have, or that would be confused with them.
const RESERVED: [&str; 14] = [
    "session",
    "setting",
    "credential",
    "node",
    "change_log",
    "api_key",
    "idempotency",
    "match_key",
    "match_key_new",
    "match_key_of",
    "import_job",
    "import_row",
    "dictionary",
    "order_by",
];

impl Engine {
    /// Adds an object with its fields; without any it gets a name.
    ///
    /// # Errors
    /// `forbidden`, `invalid` with every fault of the definition.
    pub async fn add_object(&self, cx: Cx, definition: Json) -> Result<Json> {
        cx.require_to_change(AdminArea::Dictionary)?;
        let engine = self.clone();
        let name = self
            .write({
                let cx = cx.clone();
                move |conn| {
                    let definition = read(&definition)?;
                    let name = definition.name.clone();
                    let reserved = RESERVED.contains(&name.as_str())
                        || name.starts_with("dictionary")
                        || name.starts_with("search_");
                    if cx.schema.object(&name).is_some()
                        || reserved
                        || !huike_store::ddl::columns(conn, &name)?.is_empty()
                    {
                        return Err(
                            Fault::new("name", "taken", "这个名称已被使用", "This name is taken").into()
                        );
                    }
                    put(conn, &engine, &cx, definition, "add_object", None)
                }
            })
            .await?;
        let cx = self.cx(cx.caller)?;
        self.describe_object(cx, name).await
    }

    /// Changes labels, help, views, layout, rules and the like of an object; fields have their own calls.
    ///
    /// # Errors
    /// As [`Engine::add_object`].
    pub async fn change_object(&self, cx: Cx, object: String, changes: Map<String, Json>) -> Result<Json> {
        cx.require_to_change(AdminArea::Dictionary)?;
        let engine = self.clone();
        let name = object.clone();
        self.write({
            let cx = cx.clone();
            move |conn| {
                let (before, after, _) = changed_object(conn, &object, &changes)?;
                put(conn, &engine, &cx, after, "change_object", Some(before))
            }
        })
        .await?;
        let cx = self.cx(cx.caller)?;
        self.describe_object(cx, name).await
    }
}

fn read(json: &Json) -> Result<ObjectDefinition> {
    let Json::Object(mut members) = json.clone() else { return Err(Code::Malformed.into()) };
    // An object described by its labels alone is a list of names.
    members.entry("name_field").or_insert_with(|| "name".into());
    let fields = members.entry("fields").or_insert_with(|| json!([]));
    let named = fields.as_array().is_some_and(|fields| !fields.is_empty());
    if !named {
        *fields = json!([{
            "name": "name", "type": "text", "label": {"zh": "名称", "en": "Name"},
            "required": true, "searchable": true, "sort": "pinyin"
        }]);
    }
    let definition: ObjectDefinition = definitions::read(members, &Label::new("对象定义", "The definition"))?;
    if is_name(&definition.name) {
        Ok(definition)
    } else {
        Err(Fault::new(
            "name",
            "format",
            "名称以小写字母开头，只含小写字母、数字和下划线，最多 40 个",
            "A name starts with a lower-case letter and has letters, digits and _, 40 at most",
        )
        .into())
    }
}

/// An object as it is and as it would be after a change, with the dictionary that the change makes.
///
/// # Errors
/// `not_found`; every fault of the change.
pub(super) fn changed_object(
    conn: &mut Conn,
    object: &str,
    changes: &Map<String, Json>,
) -> Result<(Json, ObjectDefinition, Schema)> {
    let refused: Vec<Fault> = ["name", "fields"]
        .into_iter()
        .filter(|member| changes.contains_key(*member))
        .map(|member| Fault::new(member, "frozen", "这一项不能在这里修改", "This can't be changed here"))
        .collect();
    if !refused.is_empty() {
        return Err(refused.into());
    }
    let fragments = fragments(conn)?;
    let known = fragments.iter().find(|fragment| fragment.definition.name == object).ok_or(Code::NotFound)?;
    let before = serde_json::to_value(&known.definition)
        .map_err(|_| EngineError::internal("a definition can't be written"))?;
    let mut after = before.clone();
    if let Json::Object(members) = &mut after {
        members.extend(changes.clone());
    }
    let after = read(&after)?;
    let schema = built(conn, fragments, &after)?;
    Ok((before, after, schema))
}

/// The dictionary with an object as it is written here.
fn built(conn: &mut Conn, mut fragments: Vec<Fragment>, definition: &ObjectDefinition) -> Result<Schema> {
    match fragments.iter_mut().find(|fragment| fragment.definition.name == definition.name) {
        Some(fragment) => fragment.definition = definition.clone(),
        None => fragments.push(Fragment { definition: definition.clone(), custom: true, fields: Vec::new() }),
    }
    Schema::build(super::version(conn)? + 1, &fragments).map_err(|faults| {
        let faults = faults.into_iter().map(|fault| {
            let place = fault.place();
            let zh = format!("对象定义不能成立：{place}：{}", fault.reason.zh);
            let en = format!("The definition can't stand: {place}: {}", fault.reason.en);
            Fault::new(fault.field, "definition", zh, en)
        });
        EngineError::from(faults.collect::<Vec<_>>())
    })
}

fn put(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    definition: ObjectDefinition,
    op: &str,
    before: Option<Json>,
) -> Result<String> {
    let name = definition.name.clone();
    let fragments = fragments(conn)?;
    let schema = built(conn, fragments, &definition)?;
    let text = serde_json::to_string(&definition)
        .map_err(|_| EngineError::internal("a definition can't be written"))?;
    conn.execute(&Sql::with(
        "insert into dictionary_object (name, definition, version) values ($1, $2, 1) on conflict (name) do update set \
         definition = excluded.definition, version = dictionary_object.version + 1",
        [name.as_str().into(), text.clone().into()],
    )?)?;
    if let Some(object) = schema.object(&name) {
        conn.allow_long_statements()?;
        tables::bring_up(conn, object)?;
    }
    changed(conn, engine, cx, &name, op, before.map(|json| json.to_string()), Some(text))?;
    Ok(name)
}
