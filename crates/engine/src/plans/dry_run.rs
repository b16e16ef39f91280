//! What a plan would have done last month, before it is taken into use. Nothing is written.

use super::definition::Definition;
use super::edit;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::CUSTOMER;
use crate::records::render::id_text;
use huike_model::Label;
use huike_model::access::{AdminArea, ObjectAccess};
use huike_model::moment::DAY_MS;
use huike_store::query::{RecordQuery, condition};
use huike_store::{Conn, Sql};
use serde_json::{Map, Value as Json, json};

const WINDOW_DAYS: i64 = 30;
const EXAMPLES: i64 = 5;

impl Engine {
    /// Tries a plan on the last 30 days: how many customers are what it is for now, and how many became it in that time.
    ///
    /// # Errors
    /// `forbidden`; every fault of the plan.
    pub async fn try_plan(&self, cx: Cx, members: Map<String, Json>) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        let definition = edit::read(&cx, members)?;
        self.read(move |conn| tried(conn, &cx, &definition)).await
    }
}

fn tried(conn: &mut Conn, cx: &Cx, definition: &Definition) -> Result<Json> {
    let object = cx.object(CUSTOMER)?.clone();
    let access = ObjectAccess::of_the_system(&object);
    let filter = definition
        .checked(cx)
        .map_or_else(huike_model::filter::Resolved::nothing, |filter| filter.resolve(&cx.moment, cx));
    let fields = [object.name_field.clone()];
    let mut query = RecordQuery::new(&access, &cx.schema, &fields);
    query.filter = filter.clone();
    let matching = query.count(conn, None)?;
    let since = cx.moment.now - WINDOW_DAYS * DAY_MS;
    // Those who became it: made in that time, or moved to their stage in it.
    let scope = condition(&filter, "t", &cx.schema, conn.dialect())?;
    let mut from = Sql::raw(" from customer t where t.deleted_at is null and ");
    from.append(scope).push(" and (t.created_at >= ").bind(since);
    from.push(" or exists (select 1 from stage_move m where m.object = ").bind(CUSTOMER);
    from.push(" and m.record_id = t.id and m.at >= ").bind(since).push("))");
    let mut sql = Sql::raw("select count(*), count(distinct t.owner_id)");
    sql.append(from.clone());
    let row = conn.query_one(&sql)?;
    let (started, people) = (row.int(0)?, row.int(1)?);
    let mut sql = Sql::raw("select t.id, t.name");
    sql.append(from).push(" order by t.id desc limit ").bind(EXAMPLES);
    let mut examples = Vec::new();
    for row in conn.query(&sql)? {
        examples.push(json!({"id": id_text(row.int(0)?), "name": row.opt_text(1)?}));
    }
    let steps = started * i64::try_from(definition.steps.len()).unwrap_or_default();
    let days = cx.org.calendar_of(None).working_days_between(since, cx.moment.now).max(1);
    let each = steps as f64 / people.max(1) as f64 / days as f64;
    let text = Label::new(
        format!("近 30 天会启动 {started} 次，最多 {steps} 个步骤，人均每个工作日 {each:.1} 个"),
        format!(
            "{started} started in the last 30 days, {steps} steps at most, {each:.1} per person and working day"
        ),
    );
    Ok(json!({
        "matching": matching, "started": started, "steps": steps, "people": people,
        "per_person_day": (each * 10.0).round() / 10.0, "vacant": edit::vacant(cx, definition),
        "examples": examples, "text": text.get(cx.lang()),
    }))
}
