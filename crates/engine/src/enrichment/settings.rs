//! The provider as the administrator sets it up. Kept with the company's settings; its secret is sealed and never shown again.

use super::answer::asked_on;
use super::http::origin;
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::setting;
use huike_model::access::AdminArea;
use huike_model::filter::Filter;
use huike_model::kinds::FieldType;
use huike_model::{Fault, Field, Moment, Object};
use huike_store::Conn;
use huike_vault::seal::FieldTag;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

const KEY: &str = "enrichment.provider";
const LONGEST_ADDRESS: usize = 1_000;
const LONGEST_SECRET: usize = 2_000;
const LONGEST_PATH: usize = 200;
const LONGEST_NAME: usize = 40;
const MOST_MAPPED: usize = 50;

/// A member of an answer and the field that it fills.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapped {
    pub path: String,
    pub field: String,
}

/// A provider as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub active: bool,
    /// What the source of a value is called.
    pub name: String,
    pub object: String,
    /// With `{field}` where a value goes.
    pub url: String,
    pub header: String,
    pub mapping: Vec<Mapped>,
    /// Which records may be asked about at all.
    pub filter: Option<Json>,
    /// Questions a day.
    pub quota: i64,
    pub cache_days: i64,
    pub timeout_seconds: i64,
    /// Under which the secret is sealed; 0 before there was one.
    pub sealed_under: i64,
    pub secret: Option<String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            active: false,
            name: String::new(),
            object: "customer".into(),
            url: String::new(),
            header: "Authorization".into(),
            mapping: Vec::new(),
            // What is known of people goes to no outside service by itself.
            filter: Some(json!({"field": "kind", "op": "eq", "value": "company"})),
            quota: 200,
            cache_days: 90,
            timeout_seconds: 8,
            sealed_under: 0,
            secret: None,
        }
    }
}

/// The settings as a request gives them, whole. A secret that isn't named stays; null takes it away.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsRequest {
    pub active: bool,
    pub name: String,
    pub object: String,
    pub url: String,
    pub header: String,
    pub mapping: Vec<Mapped>,
    #[serde(default)]
    pub filter: Option<Json>,
    pub quota: i64,
    pub cache_days: i64,
    pub timeout_seconds: i64,
    #[serde(default, with = "named")]
    pub secret: Option<Option<String>>,
}

/// Absent, null and a value told apart.
mod named {
    use serde::{Deserialize, Deserializer};

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Option<String>>, D::Error> {
        Option::<String>::deserialize(from).map(Some)
    }
}

/// A provider ready to be asked: its settings checked against the dictionary as it stands.
pub struct Provider {
    pub settings: Settings,
    pub mapping: Vec<(String, Arc<Field>)>,
    pub filter: Option<Filter>,
    /// The fields that the address names.
    pub places: Vec<String>,
    pub header: Option<(String, String)>,
    moment: Moment,
}

impl Settings {
    fn load(conn: &mut Conn) -> Result<Settings> {
        match setting::get(conn, KEY)? {
            Some(text) => serde_json::from_str(&text)
                .map_err(|_| EngineError::internal("the settings of the provider can't be read")),
            None => Ok(Settings::default()),
        }
    }

    fn secret(&self, conn: &mut Conn, cx: &Cx) -> Result<Option<String>> {
        match &self.secret {
            Some(sealed) => cx.keys().open_at(conn, &tag(self.sealed_under), sealed),
            None => Ok(None),
        }
    }

    /// The fields that the address names, in order.
    fn places(&self) -> Vec<String> {
        let named = self.url.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned()));
        let mut places: Vec<String> = Vec::new();
        for name in named {
            if !places.contains(&name) {
                places.push(name);
            }
        }
        places
    }

    fn faults(&self, cx: &Cx) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut wrong = |at: &str, code, zh: &str, en: &str| faults.push(Fault::new(at, code, zh, en));
        let Some(object) = cx.schema.object(&self.object).cloned() else {
            return vec![Fault::new("object", "unknown_object", "没有这个对象", "There is no such object")];
        };
        let length = self.name.trim().chars().count();
        if length == 0 || length > LONGEST_NAME {
            wrong("name", "length", "请填写名称，最多 40 个字", "Give it a name, at most 40 characters");
        }
        if self.url.len() > LONGEST_ADDRESS || origin(&self.url).is_none() {
            let zh = "应为 https:// 开头的地址；本机服务可用 http://127.0.0.1";
            let en = "Must be an address that begins with https://; a service on this machine may use http://127.0.0.1";
            wrong("url", "format", zh, en);
        }
        let places = self.places();
        let known = |name: &String| object.field(name).is_some_and(|field| may_be_sent(field));
        if places.is_empty() || !places.iter().all(known) {
            let zh =
                "地址里要用 {字段} 放入要查询的内容，且只能用不加密的文字字段，例如 {name} 或 {credit_code}";
            let en = "The address must hold what is asked about as {field}: unencrypted text, such as {name} or {credit_code}";
            wrong("url", "placeholder", zh, en);
        }
        let header = &self.header;
        let token = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let reserved = ["host", "content-length", "connection", "transfer-encoding"];
        if header.is_empty()
            || header.len() > 60
            || !header.chars().all(token)
            || reserved.contains(&header.to_lowercase().as_str())
        {
            wrong(
                "header",
                "format",
                "应为请求头的名称，例如 Authorization",
                "Must be the name of a header, such as Authorization",
            );
        }
        for (at, value, range) in [
            ("quota", self.quota, 1..=1_000_000),
            ("cache_days", self.cache_days, 1..=3_650),
            ("timeout_seconds", self.timeout_seconds, 1..=30),
        ] {
            if !range.contains(&value) {
                let zh = format!("应在 {} 到 {} 之间", range.start(), range.end());
                let en = format!("Must be between {} and {}", range.start(), range.end());
                wrong(at, "range", &zh, &en);
            }
        }
        self.check_mapping(&object, &mut faults);
        if let Some(Err(found)) =
            self.filter.as_ref().map(|json| Filter::check_at(json, &object.name, &*cx.schema, &cx.moment))
        {
            faults.extend(found.into_iter().map(|fault| Fault { field: "filter".into(), ..fault }));
        }
        faults
    }

    fn check_mapping(&self, object: &Object, faults: &mut Vec<Fault>) {
        if self.mapping.is_empty() || self.mapping.len() > MOST_MAPPED {
            let (zh, en) = ("请给出 1 到 50 项对应关系", "Name 1 to 50 members to take over");
            faults.push(Fault::new("mapping", "length", zh, en));
        }
        let mut taken: Vec<&str> = Vec::new();
        for (place, Mapped { path, field }) in self.mapping.iter().enumerate() {
            if path.is_empty() || path.len() > LONGEST_PATH || path.split('.').any(str::is_empty) {
                let (zh, en) = (
                    "应为用点连接的成员名，例如 data.industry",
                    "Must be names joined by dots, such as data.industry",
                );
                faults.push(Fault::new(format!("mapping.{place}.path"), "format", zh, en));
            }
            let fits = object.field(field).is_some_and(|field| may_be_filled(field));
            if !fits || taken.contains(&field.as_str()) {
                let (zh, en) = (
                    "没有这个可以补充的字段，或它已经用过",
                    "There is no such field to fill, or it is taken already",
                );
                faults.push(Fault::new(format!("mapping.{place}.field"), "unknown_field", zh, en));
            }
            taken.push(field);
        }
    }
}

fn may_be_sent(field: &Field) -> bool {
    let text = matches!(
        field.kind,
        FieldType::Text | FieldType::CreditCode | FieldType::Url | FieldType::Email | FieldType::Phone
    );
    text && !field.encrypted
}

fn may_be_filled(field: &Field) -> bool {
    let reference = field.target().is_some() || field.holds_files();
    let own = matches!(field.kind, FieldType::Json | FieldType::Location | FieldType::MultiChoice);
    !field.read_only() && !field.system && !field.encrypted && !reference && !own
}

fn tag(id: i64) -> FieldTag<'static> {
    FieldTag { object: "setting", field: "provider_secret", record: id }
}

impl Provider {
    /// The provider for an object, if it is switched on and still fits the dictionary.
    ///
    /// # Errors
    /// The database's.
    pub fn in_use(conn: &mut Conn, cx: &Cx, object: &str) -> Result<Option<Provider>> {
        let settings = Settings::load(conn)?;
        if !settings.active || settings.object != object || !settings.faults(cx).is_empty() {
            return Ok(None);
        }
        Provider::ready(conn, cx, settings).map(Some)
    }

    /// The provider as it is set up, switched on or not.
    ///
    /// # Errors
    /// `invalid` while it isn't set up; the database's.
    pub fn set_up(conn: &mut Conn, cx: &Cx) -> Result<Provider> {
        let settings = Settings::load(conn)?;
        let faults = settings.faults(cx);
        if faults.is_empty() { Provider::ready(conn, cx, settings) } else { Err(faults.into()) }
    }

    fn ready(conn: &mut Conn, cx: &Cx, settings: Settings) -> Result<Provider> {
        let object = cx.object(&settings.object)?.clone();
        let mapped = |each: &Mapped| Some((each.path.clone(), object.field(&each.field)?.clone()));
        let secret = settings.secret(conn, cx)?;
        Ok(Provider {
            mapping: settings.mapping.iter().filter_map(mapped).collect(),
            filter: settings
                .filter
                .as_ref()
                .and_then(|json| Filter::check_at(json, &object.name, &*cx.schema, &cx.moment).ok()),
            places: settings.places(),
            header: secret.map(|secret| (settings.header.clone(), secret)),
            moment: cx.moment.clone(),
            settings,
        })
    }

    /// The company's day at an instant.
    pub fn day(&self, at: i64) -> String {
        self.moment.local(at).date().to_string()
    }
}

impl Engine {
    /// The provider of company data as it is set up, without its secret, and how many questions were asked today.
    ///
    /// # Errors
    /// `forbidden` unless the caller looks after the settings.
    pub async fn provider(&self, cx: Cx) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        self.read(move |conn| {
            let settings = Settings::load(conn)?;
            shown(conn, &cx, &settings)
        })
        .await
    }

    /// Sets the provider up anew.
    ///
    /// # Errors
    /// `forbidden`; `invalid` with every fault, also when the secret would go to another host than it was given for.
    pub async fn put_provider(&self, cx: Cx, request: SettingsRequest) -> Result<Json> {
        cx.require_to_change(AdminArea::Settings)?;
        let engine = self.clone();
        self.write(move |conn| {
            let before = Settings::load(conn)?;
            let after = settle(conn, &cx, &before, &request)?;
            if before != after {
                let text = serde_json::to_string(&after)
                    .map_err(|_| EngineError::internal("the settings of the provider can't be written"))?;
                setting::put(conn, KEY, &text)?;
                let note = Note::new("update", "settings", None)
                    .change(json!({"provider": logged(&before)}), json!({"provider": logged(&after)}));
                append(conn, &engine, &Author::from(&cx.caller), note)?;
            }
            shown(conn, &cx, &after)
        })
        .await
    }
}

fn settle(conn: &mut Conn, cx: &Cx, before: &Settings, request: &SettingsRequest) -> Result<Settings> {
    let mut after = Settings {
        active: request.active,
        name: request.name.trim().to_owned(),
        object: request.object.clone(),
        url: request.url.trim().to_owned(),
        header: request.header.trim().to_owned(),
        mapping: request.mapping.clone(),
        filter: request.filter.clone().filter(|filter| !filter.is_null()),
        quota: request.quota,
        cache_days: request.cache_days,
        timeout_seconds: request.timeout_seconds,
        ..before.clone()
    };
    let mut faults = after.faults(cx);
    match &request.secret {
        None if after.secret.is_some() && origin(&after.url) != origin(&before.url) => {
            let (zh, en) = ("换了服务地址，请重新填写密钥", "The host is another one; give the secret again");
            faults.push(Fault::new("secret", "required", zh, en));
        }
        None => {}
        Some(None) => after.secret = None,
        Some(Some(secret)) => {
            let secret = secret.trim();
            let plain = secret.chars().all(|c| c.is_ascii_graphic() || c == ' ');
            if secret.is_empty() || secret.len() > LONGEST_SECRET || !plain {
                let (zh, en) =
                    ("密钥应为 1 到 2000 个英文字符", "The secret must be 1 to 2,000 ASCII characters");
                faults.push(Fault::new("secret", "format", zh, en));
            } else if faults.is_empty() {
                if after.sealed_under == 0 {
                    after.sealed_under = conn.next_id()?;
                }
                let under = tag(after.sealed_under);
                after.secret = Some(cx.keys().seal_at(conn, &under, secret)?);
            }
        }
    }
    if faults.is_empty() { Ok(after) } else { Err(faults.into()) }
}

/// As the log keeps it: whether there is a secret, never which.
fn logged(settings: &Settings) -> Json {
    let mut shown = json!(settings);
    if let Some(members) = shown.as_object_mut() {
        members.remove("sealed_under");
        members.insert("secret".into(), settings.secret.is_some().into());
    }
    shown
}

fn shown(conn: &mut Conn, cx: &Cx, settings: &Settings) -> Result<Json> {
    let label =
        |field: &str| cx.schema.object(&settings.object)?.field(field).map(|field| json!(field.label));
    let places: Map<String, Json> = settings
        .places()
        .into_iter()
        .map(|name| {
            let shown = label(&name).unwrap_or_default();
            (name, shown)
        })
        .collect();
    Ok(json!({
        "active": settings.active,
        "name": settings.name,
        "object": settings.object,
        "url": settings.url,
        "header": settings.header,
        "has_secret": settings.secret.is_some(),
        "mapping": settings.mapping,
        "filter": settings.filter,
        "quota": settings.quota,
        "cache_days": settings.cache_days,
        "timeout_seconds": settings.timeout_seconds,
        "asked_today": asked_on(conn, &cx.moment.today().to_string())?,
        "places": places,
    }))
}
