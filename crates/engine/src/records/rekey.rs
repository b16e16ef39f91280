//! Duplicate keys follow the normalisers that make them: when those change, the keys of records that are there are made anew in the background.

use super::{duplicates, load};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::Result;
use crate::setting;
use huike_matching::entity::VERSION;
use huike_model::access::ObjectAccess;
use huike_model::{Id, Object};
use huike_store::query::{Mark, RecordQuery};
use huike_store::{Conn, Sql};
use std::sync::Arc;

/// Under what keys are kept, beside the matching engine's own version.
const KEPT: u32 = 2;
const SETTING: &str = "match_keys";
/// Records of one transaction.
const CHUNK: i64 = 300;

fn wanted() -> String {
    format!("{VERSION}.{KEPT}")
}

/// A database without keys has none of an elder kind.
///
/// # Errors
/// The database's.
pub(crate) fn begin(conn: &mut Conn) -> Result<()> {
    let empty = conn.query_opt(&Sql::raw("select 1 from match_key limit 1"))?.is_none();
    if empty && setting::get(conn, SETTING)?.is_none() {
        setting::put(conn, SETTING, &wanted())?;
    }
    Ok(())
}

/// Makes the keys of every record anew if they were made by other rules; goes on where a process that died stopped.
///
/// # Errors
/// The database's.
pub(crate) async fn bring_up(engine: &Engine) -> Result<()> {
    if engine.read(|conn| setting::get(conn, SETTING)).await?.as_deref() == Some(&wanted()) {
        return Ok(());
    }
    let cx = engine.cx(Caller::system(Via::System))?;
    for object in cx.schema.objects().filter(|object| !object.duplicates.is_empty()) {
        let mark = format!("{SETTING}.{}.{}", wanted(), object.name);
        loop {
            let (cx, object, mark) = (cx.clone(), object.clone(), mark.clone());
            if engine.write(move |conn| piece(conn, &cx, &object, &mark)).await? {
                break;
            }
        }
    }
    engine.write(|conn| setting::put(conn, SETTING, &wanted())).await
}

/// The next records; whether they were the last.
fn piece(conn: &mut Conn, cx: &Cx, object: &Arc<Object>, mark: &str) -> Result<bool> {
    let after = setting::get(conn, mark)?.and_then(|text| text.parse::<Id>().ok()).map(Id::number);
    let everything = ObjectAccess::of_the_system(object);
    let fields = load::all_fields(object);
    let mut query = RecordQuery::new(&everything, &cx.schema, &fields);
    query.after = after.map(|id| Mark { values: Vec::new(), id });
    query.limit = CHUNK;
    let rows = query.run(conn)?;
    let records = load::records(conn, cx, object, &fields, rows)?;
    for record in &records {
        duplicates::remove(conn, record.id)?;
        duplicates::put(conn, cx, None, &record.values)?;
    }
    if let Some(last) = records.last().and_then(|record| Id::new(record.id).ok()) {
        setting::put(conn, mark, &last.to_string())?;
    }
    Ok((records.len() as i64) < CHUNK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::Company;
    use huike_store::testing::TestDb;
    use serde_json::json;

    fn keys(company: &Company) -> Vec<(i64, i64)> {
        let sql = "select key, record_id from match_key order by key, record_id";
        let read = company.engine.read(move |conn| {
            let rows = conn.query(&Sql::raw(sql))?;
            rows.iter().map(|row| Ok((row.int(0)?, row.int(1)?))).collect()
        });
        company.wait(read).unwrap()
    }

    fn keys_of_elder_rules_are_made_anew_and_a_stopped_making_goes_on(db: &mut TestDb) {
        let company = Company::founded(db);
        let boss = company.boss();
        for n in 0..CHUNK + 20 {
            let body =
                json!({"name": format!("示例第{n}公司"), "phone": format!("0571-98{:06}", 100_000 + n)});
            company.create(&boss, "customer", body);
        }
        company.create(&boss, "contact", json!({"name": "王芳", "email": "wang@example.cn"}));
        let fresh = keys(&company);
        assert!(fresh.len() > 600);
        company.wait(bring_up(&company.engine)).unwrap();
        assert_eq!(keys(&company), fresh, "nothing to do");
        company.execute("update match_key set key = -1 - key");
        company.execute("update setting set value = '0.0' where key = 'match_keys'");
        let cx = company.engine.cx(Caller::system(Via::System)).unwrap();
        let object = cx.object("customer").unwrap().clone();
        let mark = format!("{SETTING}.{}.customer", wanted());
        // The first piece is done, then the process dies.
        assert!(!company.write(move |conn| piece(conn, &cx, &object, &mark)));
        let half = keys(&company).iter().filter(|key| !fresh.contains(key)).count();
        assert!(half > 0 && half < fresh.len(), "{half} of {}", fresh.len());
        company.wait(bring_up(&company.engine)).unwrap();
        assert_eq!(keys(&company), fresh);
        assert_eq!(
            company.wait(company.engine.read(|conn| setting::get(conn, SETTING))).unwrap(),
            Some(wanted())
        );
    }

    huike_store::on_both_databases!(keys_of_elder_rules_are_made_anew_and_a_stopped_making_goes_on);
}
