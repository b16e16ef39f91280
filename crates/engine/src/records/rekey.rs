//! Duplicate keys follow the normalisers that make them: when those change, the keys of records that are there are made anew in the background.

use super::sought::Sought;
use super::{key_index, load};
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
    let empty = conn.query_opt(&Sql::raw("select 1 from match_key_of limit 1"))?.is_none();
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
    let same_rules = engine.read(|conn| setting::get(conn, SETTING)).await?.as_deref() == Some(&wanted());
    let cx = engine.cx(Caller::system(Via::System))?;
    for object in cx.schema.objects().filter(|object| !object.duplicates.is_empty()) {
        let (name, made) = (format!("{SETTING}.{}", object.name), made_by(object));
        let known = engine
            .read({
                let name = name.clone();
                move |conn| setting::get(conn, &name)
            })
            .await?;
        // What was kept before the fields of the keys could be changed was kept by the same ones.
        if known.as_deref() == Some(made.as_str()) || (known.is_none() && same_rules) {
            if known.is_none() {
                engine.write(move |conn| setting::put(conn, &name, &made)).await?;
            }
            continue;
        }
        let mark = format!("{SETTING}.{made}.{}", object.name);
        // Whatever they were made by, it is no longer true of all.
        let begun = name.clone();
        engine.write(move |conn| setting::put(conn, &begun, "")).await?;
        loop {
            let (cx, object, mark) = (cx.clone(), object.clone(), mark.clone());
            if engine.write(move |conn| piece(conn, &cx, &object, &mark)).await? {
                break;
            }
        }
        engine
            .write(move |conn| {
                setting::put(conn, &name, &made)?;
                // Should they be changed back, all is to be made anew.
                setting::put(conn, &mark, "")
            })
            .await?;
    }
    match same_rules {
        true => Ok(()),
        false => engine.write(|conn| setting::put(conn, SETTING, &wanted())).await,
    }
}

/// By what the keys of an object are made: the rules, and the fields that the dictionary names.
fn made_by(object: &Object) -> String {
    let fields = object.duplicates.iter().map(|key| format!("{}:{}", key.field, key.kind));
    format!("{}.{}", wanted(), fields.collect::<Vec<_>>().join(","))
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
        key_index::replace(conn, record.id, &Sought::of(cx, &record.values).kept())?;
    }
    if let Some(last) = records.last().and_then(|record| Id::new(record.id).ok()) {
        setting::put(conn, mark, &last.to_string())?;
    }
    Ok((records.len() as i64) < CHUNK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::match_key::MatchKey;
    use crate::session::testing::Company;
    use huike_store::testing::TestDb;
    use serde_json::{Value as Json, json};

    fn keys(company: &Company) -> Vec<(i64, i64)> {
        let sql = "select key, record_id from match_key union all select key, record_id from match_key_new order by 1, 2";
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
        // As other rules would have made them.
        let records: Vec<i64> = fresh.iter().map(|(_, record)| *record).collect();
        company.write(move |conn| {
            for (record, keys) in key_index::of_records(conn, records.iter().copied())? {
                let other: Vec<_> = keys.iter().map(|key| MatchKey::stored(-1 - key.number())).collect();
                key_index::replace(conn, record, &other)?;
            }
            Ok(())
        });
        assert!(keys(&company).iter().all(|key| !fresh.contains(key)));
        company.execute("update setting set value = '0.0' where key like 'match_keys%'");
        let cx = company.engine.cx(Caller::system(Via::System)).unwrap();
        let object = cx.object("customer").unwrap().clone();
        let mark = format!("{SETTING}.{}.customer", made_by(&object));
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

    fn keys_follow_the_fields_that_the_dictionary_names(db: &mut TestDb) {
        let company = Company::founded(db);
        let boss = company.boss();
        let number = json!({"name": "short_no", "type": "text", "label": {"zh": "简号", "en": "Number"}});
        company.wait(company.engine.add_field(boss.clone(), "customer".into(), number)).unwrap();
        let boss = company.boss();
        company.create(&boss, "customer", json!({"name": "示例仪表公司", "short_no": "A-17"}));
        company.wait(bring_up(&company.engine)).unwrap();
        let fresh = keys(&company);
        let object =
            company.engine.cx(Caller::system(Via::System)).unwrap().object("customer").unwrap().clone();
        let mut named = serde_json::to_value(&object.duplicate_policy).unwrap();
        let change = |duplicates: &Json| {
            let changes = json!({"duplicates": duplicates}).as_object().unwrap().clone();
            let changing = company.engine.change_object(company.boss(), "customer".into(), changes);
            company.wait(changing).map(|_| company.wait(bring_up(&company.engine)).unwrap())
        };
        let shipped = named.clone();
        named["keys"]
            .as_array_mut()
            .unwrap()
            .push(json!({"field": "short_no", "kind": "exact", "strength": "warn"}));
        change(&named).unwrap();
        assert_eq!(keys(&company).len(), fresh.len() + 1);
        change(&shipped).unwrap();
        assert_eq!(keys(&company), fresh, "changed back");
        named["keys"][0]["kind"] = json!("magic");
        named["policy"] = json!([{"tier": "likely", "channel": "pigeon", "then": "block"}]);
        assert!(change(&named).is_err(), "neither is there");
        assert_eq!(keys(&company), fresh);
    }

    huike_store::on_both_databases!(
        keys_follow_the_fields_that_the_dictionary_names,
        keys_of_elder_rules_are_made_anew_and_a_stopped_making_goes_on
    );
}
