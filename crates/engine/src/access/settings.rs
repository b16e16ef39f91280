//! The company's settings: name, time zone, currency, and the rules of signing in.

use super::Company;
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use chrono_tz::Tz;
use huike_model::Fault;
use huike_model::access::AdminArea;
use huike_store::{Conn, Sql};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

const LONGEST_NAME: usize = 100;
/// Hours; the longest is 90 days.
const SESSION_HOURS: std::ops::RangeInclusive<u64> = 1..=2_160;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Settings {
    pub name: String,
    /// Of the IANA time zone database, such as `Asia/Shanghai`.
    pub timezone: String,
    /// ISO 4217, such as `CNY`.
    pub currency: String,
    /// Whether everybody must sign in with a second step.
    pub require_totp: bool,
    /// Hours after which an unused session ends.
    pub session_hours: u32,
}

impl From<&Company> for Settings {
    fn from(company: &Company) -> Settings {
        Settings {
            name: company.name.clone(),
            timezone: company.zone.name().to_owned(),
            currency: company.currency.clone(),
            require_totp: company.require_totp,
            session_hours: company.session_hours,
        }
    }
}

/// The settings as they stand.
///
/// # Errors
/// `forbidden`.
pub fn settings(cx: &Cx) -> Result<Settings> {
    cx.require(AdminArea::Settings)?;
    Ok(Settings::from(&cx.org.company))
}

/// Changes the settings that `changes` names.
///
/// # Errors
/// `forbidden`; every fault.
pub async fn put_settings(engine: &Engine, cx: &Cx, changes: Map<String, Json>) -> Result<Settings> {
    cx.require_to_change(AdminArea::Settings)?;
    let (this, author) = (engine.clone(), Author::from(&cx.caller));
    engine
        .write(move |conn| {
            // Read under lock, so that of two changes at once neither undoes the other.
            conn.execute(&Sql::raw("update setting set value = value where key = 'company'"))?;
            let company = stored(conn)?;
            let changed = apply(company.clone(), &changes)?;
            let (before, after) = (Settings::from(&company), Settings::from(&changed));
            if before != after {
                store(conn, &changed)?;
                append(
                    conn,
                    &this,
                    &author,
                    Note::new("update", "settings", None).change(json!(before), json!(after)),
                )?;
                this.renew_after(conn);
            }
            Ok(after)
        })
        .await
}

pub(super) fn stored(conn: &mut Conn) -> Result<Company> {
    let Some(row) = conn.query_opt(&Sql::raw("select value from setting where key = 'company'"))? else {
        return Ok(Company::default());
    };
    serde_json::from_str(row.text(0)?)
        .map_err(|_| EngineError::internal("the company's settings can't be read"))
}

/// Stores the company as it is given, unchecked.
///
/// # Errors
/// The database's.
pub fn store(conn: &mut Conn, company: &Company) -> Result<()> {
    let text = serde_json::to_string(company).map_err(|error| EngineError::internal(error.to_string()))?;
    conn.execute(&Sql::with(
        "insert into setting (key, value) values ('company', $1) on conflict (key) do update set value = excluded.value",
        [text.into()],
    )?)?;
    Ok(())
}

/// The fault of a company's name at `at`, if it has one.
pub fn name_fault(at: &str, name: &str) -> Option<Fault> {
    let length = name.trim().chars().count();
    let zh = format!("请填写公司名称，最多 {LONGEST_NAME} 个字");
    let en = format!("Give the company's name, at most {LONGEST_NAME} characters");
    (length == 0 || length > LONGEST_NAME).then(|| Fault::new(at, "length", zh, en))
}

fn apply(mut company: Company, changes: &Map<String, Json>) -> Result<Company> {
    let mut faults = Vec::new();
    for (member, value) in changes {
        match set(&mut company, member, value) {
            Ok(()) => {}
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(company) } else { Err(faults.into()) }
}

fn set(company: &mut Company, member: &str, value: &Json) -> std::result::Result<(), Fault> {
    let fault = |zh: &str, en: &str| Fault::new(member, "format", zh, en);
    match member {
        "name" => {
            let name = value.as_str().unwrap_or_default();
            name_fault(member, name).map_or(Ok(()), Err)?;
            company.name = name.trim().to_owned();
        }
        "timezone" => {
            let zone = value.as_str().and_then(|name| name.parse::<Tz>().ok());
            company.zone = zone.ok_or_else(|| {
                fault("应为时区名称，例如 Asia/Shanghai", "Must be a time zone such as Asia/Shanghai")
            })?;
        }
        "currency" => {
            let code = value
                .as_str()
                .filter(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()));
            let code = code.ok_or_else(|| {
                fault(
                    "应为三个大写字母的货币代码，例如 CNY",
                    "Must be a currency code of three capitals such as CNY",
                )
            })?;
            company.currency = code.to_owned();
        }
        "require_totp" => {
            company.require_totp =
                value.as_bool().ok_or_else(|| fault("应为 true 或 false", "Must be true or false"))?;
        }
        "session_hours" => {
            let hours = value
                .as_u64()
                .filter(|hours| SESSION_HOURS.contains(hours))
                .and_then(|hours| u32::try_from(hours).ok());
            company.session_hours = hours
                .ok_or_else(|| fault("应为 1 到 2160 的整数", "Must be a whole number from 1 to 2160"))?;
        }
        _ => return Err(Fault::unknown_field(member)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::{Company, code, faults};
    use huike_model::Code;
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        settings_change_what_is_named_and_keep_the_rest,
        every_fault_of_settings_is_found_at_once,
        only_who_looks_after_settings_changes_them,
    );

    fn put(company: &Company, by: &str, changes: Json) -> Result<Settings> {
        let Json::Object(changes) = changes else { panic!("settings are an object") };
        company.wait(put_settings(&company.engine, &company.cx(by), changes))
    }

    fn settings_change_what_is_named_and_keep_the_rest(db: &mut TestDb) {
        let company = Company::founded(db);
        let before = settings(&company.boss()).unwrap();
        let after = put(
            &company,
            "boss",
            json!({"name": " 新名字公司 ", "timezone": "Asia/Urumqi", "session_hours": 8}),
        )
        .unwrap();
        let wanted = Settings {
            name: "新名字公司".into(),
            timezone: "Asia/Urumqi".into(),
            session_hours: 8,
            ..before
        };
        assert_eq!(after, wanted);
        assert_eq!(settings(&company.boss()).unwrap(), wanted);
        assert_eq!(company.boss().moment.zone, chrono_tz::Asia::Urumqi);
        let logged = company.log("update");
        let logged: Vec<_> = logged.iter().filter(|entry| entry.object == "settings").collect();
        assert_eq!(logged.len(), 1);
        assert!(logged[0].before.as_deref().unwrap().contains("示例制造有限公司"));
        assert!(logged[0].after.as_deref().unwrap().contains("新名字公司"));
        put(&company, "boss", json!({"name": "新名字公司"})).unwrap();
        assert_eq!(company.log("update").len(), 1, "what changes nothing is no change");
    }

    fn every_fault_of_settings_is_found_at_once(db: &mut TestDb) {
        let company = Company::founded(db);
        let wrong = json!({"name": "", "timezone": "Mars/Olympus", "currency": "yuan", "require_totp": "yes", "session_hours": 0, "demo": true});
        let found: Vec<String> =
            faults(put(&company, "boss", wrong).unwrap_err()).into_iter().map(|(field, _)| field).collect();
        assert_eq!(found, ["name", "timezone", "currency", "require_totp", "session_hours", "demo"]);
        assert_eq!(settings(&company.boss()).unwrap().name, "示例制造有限公司");
    }

    fn only_who_looks_after_settings_changes_them(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sales", "sales");
        assert_eq!(code(put(&company, "sales", json!({"name": "我的公司"}))), Code::Forbidden);
        assert_eq!(code(settings(&company.cx("sales"))), Code::Forbidden);
    }
}
