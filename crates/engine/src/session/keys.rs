//! Keys for programs. A key acts for the person who made it, never beyond that person's rights, and only reads unless it may write.

use super::{person, sessions};
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::shown;
use huike_model::access::AdminArea;
use huike_model::moment::DAY_MS;
use huike_model::{Code, Fault, Id};
use huike_store::{Row, Sql};
use huike_vault::hex;
use huike_vault::token::Token;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

const USUAL_MS: i64 = 90 * DAY_MS;
const LONGEST_MS: i64 = 366 * DAY_MS;
const MOST_KEYS: i64 = 50;
const LONGEST_NAME: usize = 60;
/// Keys of the company on a page.
const PAGE: i64 = 100;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewKey {
    pub name: String,
    /// `read`, and `write` beside it; or `calendar` alone.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// An instant at most a year ahead; 90 days when absent.
    #[serde(default)]
    pub expires_at: Option<String>,
}

/// A key that was just made.
#[derive(Serialize)]
pub struct MadeKey {
    #[serde(serialize_with = "shown::id")]
    pub id: i64,
    /// The secret, shown this once.
    pub key: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct KeyItem {
    #[serde(serialize_with = "shown::id")]
    pub id: i64,
    pub name: String,
    pub scopes: Vec<String>,
    #[serde(serialize_with = "shown::instant")]
    pub created_at: i64,
    #[serde(serialize_with = "shown::opt_instant")]
    pub expires_at: Option<i64>,
    #[serde(serialize_with = "shown::opt_instant")]
    pub last_used_at: Option<i64>,
}

impl KeyItem {
    /// Of a row with its columns in their order.
    fn of(row: &Row) -> Result<KeyItem> {
        Ok(KeyItem {
            id: row.int(0)?,
            name: row.text(1)?.to_owned(),
            scopes: row.text(2)?.split(' ').map(str::to_owned).collect(),
            created_at: row.int(3)?,
            expires_at: row.opt_int(4)?,
            last_used_at: row.opt_int(5)?,
        })
    }
}

/// The caller's keys that were not revoked, newest first.
///
/// # Errors
/// `forbidden` for a program with a key.
pub async fn list(engine: &Engine, cx: &Cx) -> Result<Vec<KeyItem>> {
    let user = person(cx)?;
    engine
        .read(move |conn| {
            let text = "select id, name, scopes, created_at, expires_at, last_used_at from api_key \
                        where user_id = $1 and revoked_at is null order by id desc";
            let rows = conn.query(&Sql::with(text, [user.into()])?)?;
            rows.iter().map(KeyItem::of).collect()
        })
        .await
}

/// A key of somebody in the company.
#[derive(Clone, Debug, Serialize)]
pub struct CompanyKey {
    /// Whose rights it has.
    pub user: Json,
    #[serde(flatten)]
    pub key: KeyItem,
}

#[derive(Debug, Serialize)]
pub struct CompanyKeys {
    /// Newest first.
    pub items: Vec<CompanyKey>,
    pub next_cursor: Option<String>,
}

/// A page of everybody's keys that were not revoked, for who administers people.
///
/// # Errors
/// `forbidden`; `bad_cursor`.
pub async fn list_of_company(engine: &Engine, cx: &Cx, cursor: Option<String>) -> Result<CompanyKeys> {
    cx.require(AdminArea::Users)?;
    let before = match &cursor {
        Some(text) => text.parse::<Id>().map_err(|_| Code::BadCursor)?.number(),
        None => i64::MAX,
    };
    let cx = cx.clone();
    engine
        .read(move |conn| {
            let text = "select id, name, scopes, created_at, expires_at, last_used_at, user_id from api_key \
                        where revoked_at is null and id < $1 order by id desc limit $2";
            let rows = conn.query(&Sql::with(text, [before.into(), (PAGE + 1).into()])?)?;
            let items = rows
                .iter()
                .take(PAGE as usize)
                .map(|row| Ok(CompanyKey { user: shown::person(&cx, row.int(6)?), key: KeyItem::of(row)? }));
            let items = items.collect::<Result<Vec<CompanyKey>>>()?;
            let more = rows.len() > items.len();
            let next_cursor = match items.last().filter(|_| more) {
                Some(last) => Some(Id::new(last.key.id).map_err(|_| Code::BadCursor)?.to_string()),
                None => None,
            };
            Ok(CompanyKeys { items, next_cursor })
        })
        .await
}

/// Makes a key.
///
/// # Errors
/// Every fault of the request; `forbidden` for a program with a key.
pub async fn create(engine: &Engine, cx: &Cx, new: NewKey) -> Result<MadeKey> {
    let user = person(cx)?;
    let now = engine.now();
    let Checked { name, scopes, expires_at } = new.check(now)?;
    let token = Token::api_key();
    let (this, author, hash) = (engine.clone(), Author::from(&cx.caller), hex(&token.hash()));
    let id = engine
        .write(move |conn| {
            let count = Sql::with("select count(*) from api_key where user_id = $1 and revoked_at is null", [user.into()])?;
            if conn.query_one(&count)?.int(0)? >= MOST_KEYS {
                let zh = format!("最多 {MOST_KEYS} 个密钥，请先停用不再使用的");
                let en = format!("There can be {MOST_KEYS} keys at most; revoke those no longer in use");
                return Err(Fault::new("", "too_many", zh, en).into());
            }
            let id = conn.next_id()?;
            conn.execute(&Sql::with(
                "insert into api_key (id, hash, user_id, name, scopes, expires_at, created_at) values ($1, $2, $3, $4, $5, $6, $7)",
                [
                    id.into(),
                    hash.as_str().into(),
                    user.into(),
                    name.as_str().into(),
                    scopes.into(),
                    expires_at.into(),
                    now.into(),
                ],
            )?)?;
            let after = json!({"name": name, "scopes": scopes, "expires_at": shown::instant_text(expires_at)});
            append(conn, &this, &author, Note::new("create", "key", id).change(json!({}), after))?;
            Ok(id)
        })
        .await?;
    Ok(MadeKey { id, key: token.reveal().to_owned() })
}

/// Ends one of the caller's keys, or anybody's when the caller administers people.
///
/// # Errors
/// `not_found` when it is none of these or was revoked already; `forbidden` for a program with a key.
pub async fn revoke(engine: &Engine, cx: &Cx, key: i64) -> Result<()> {
    let user = person(cx)?;
    let (this, author, now) = (engine.clone(), Author::from(&cx.caller), engine.now());
    let anybodys = cx.require_to_change(AdminArea::Users).is_ok();
    engine
        .write(move |conn| {
            let mut sql = Sql::with(
                "update api_key set revoked_at = $1 where id = $2 and revoked_at is null",
                [now.into(), key.into()],
            )?;
            if !anybodys {
                sql.push(" and user_id = ").bind(user);
            }
            if conn.execute(&sql)? == 0 {
                return Err(Code::NotFound.into());
            }
            append(conn, &this, &author, Note::new("revoke", "key", key))?;
            sessions::forget(conn, &this);
            Ok(())
        })
        .await
}

struct Checked {
    name: String,
    scopes: &'static str,
    expires_at: i64,
}

impl NewKey {
    fn check(self, now: i64) -> Result<Checked> {
        let mut faults = Vec::new();
        let name = self.name.trim().to_owned();
        if name.is_empty() || name.chars().count() > LONGEST_NAME {
            let zh = format!("请填写名称，最多 {LONGEST_NAME} 个字");
            faults.push(Fault::new(
                "name",
                "length",
                zh,
                format!("Give a name of at most {LONGEST_NAME} characters"),
            ));
        }
        let has = |scope: &str| self.scopes.iter().any(|each| each == scope);
        let unknown = self.scopes.iter().any(|scope| scope != "read" && scope != "write");
        let calendar = self.scopes == ["calendar"];
        if !calendar && (unknown || !has("read")) {
            faults.push(Fault::new(
                "scopes",
                "choice",
                "应为 read，或 read 和 write，或单独的 calendar",
                "Must be read, or read and write, or calendar alone",
            ));
        }
        let expires_at = match self.expires_at.as_deref() {
            None => Some(now + USUAL_MS),
            Some(text) => shown::parse_instant(text).filter(|at| (now + 1..=now + LONGEST_MS).contains(at)),
        };
        if expires_at.is_none() {
            let zh = "应为一年以内的将来时间，例如 2026-11-21T06:30:00Z";
            faults.push(Fault::new(
                "expires_at",
                "range",
                zh,
                "Must be a time within the year ahead, such as 2026-11-21T06:30:00Z",
            ));
        }
        let scopes = match (calendar, has("write")) {
            (true, _) => "calendar",
            (_, true) => "read write",
            _ => "read",
        };
        match expires_at {
            Some(expires_at) if faults.is_empty() => Ok(Checked { name, scopes, expires_at }),
            _ => Err(faults.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cx::Actor;
    use crate::session::testing::{Company, code, faults};
    use huike_store::testing::TestDb;

    huike_store::on_both_databases!(
        a_key_is_shown_once_and_stored_as_a_hash,
        everything_wrong_with_a_new_key_is_said_at_once,
        nobody_sees_or_revokes_somebody_elses_key,
        who_administers_people_sees_and_revokes_every_key,
        a_key_makes_no_keys,
    );

    fn new(name: &str, scopes: &[&str], expires_at: Option<&str>) -> NewKey {
        let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        NewKey { name: name.into(), scopes, expires_at: expires_at.map(str::to_owned) }
    }

    fn a_key_is_shown_once_and_stored_as_a_hash(db: &mut TestDb) {
        let company = Company::founded(db);
        let made = company
            .wait(create(&company.engine, &company.boss(), new("报表", &["write", "read"], None)))
            .unwrap();
        assert!(made.key.starts_with("hk_"));
        let items = company.wait(list(&company.engine, &company.boss())).unwrap();
        assert_eq!((items[0].id, items[0].name.as_str()), (made.id, "报表"));
        assert_eq!(items[0].scopes, ["read", "write"]);
        assert_eq!(items[0].expires_at, Some(company.engine.now() + 90 * DAY_MS));
        let everywhere = format!("{} {:?}", serde_json::to_string(&items).unwrap(), company.log("create"));
        assert!(!everywhere.contains(&made.key));
        assert_eq!(
            company.int(&format!("select count(*) from api_key where hash like '%{}%'", &made.key[3..])),
            Some(0)
        );
        company.wait(revoke(&company.engine, &company.boss(), made.id)).unwrap();
        assert!(company.wait(list(&company.engine, &company.boss())).unwrap().is_empty());
        assert_eq!(code(company.wait(revoke(&company.engine, &company.boss(), made.id))), Code::NotFound);
    }

    fn everything_wrong_with_a_new_key_is_said_at_once(db: &mut TestDb) {
        let company = Company::founded(db);
        let attempt =
            |new| faults(company.wait(create(&company.engine, &company.boss(), new)).map(drop).unwrap_err());
        let all = ["name", "scopes", "expires_at"];
        let at = |faults: Vec<(String, &'static str)>| {
            faults.into_iter().map(|(field, _)| field).collect::<Vec<_>>()
        };
        assert_eq!(at(attempt(new(" ", &["admin"], Some("tomorrow")))), all);
        assert_eq!(at(attempt(new("a", &["write"], Some("2020-01-01T00:00:00Z")))), all[1..]);
        assert_eq!(
            at(attempt(new("a", &["read"], Some("2028-01-01T00:00:00Z")))),
            all[2..],
            "more than a year ahead"
        );
    }

    fn nobody_sees_or_revokes_somebody_elses_key(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sales", "sales");
        let made =
            company.wait(create(&company.engine, &company.boss(), new("报表", &["read"], None))).unwrap();
        assert!(company.wait(list(&company.engine, &company.cx("sales"))).unwrap().is_empty());
        assert_eq!(
            code(company.wait(revoke(&company.engine, &company.cx("sales"), made.id))),
            Code::NotFound
        );
    }

    fn who_administers_people_sees_and_revokes_every_key(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("sales", "sales");
        let theirs = company
            .wait(create(&company.engine, &company.cx("sales"), new("同步", &["read"], None)))
            .unwrap();
        let all = |who, cursor: Option<&str>| {
            company.wait(list_of_company(&company.engine, &who, cursor.map(str::to_owned)))
        };
        let page = all(company.boss(), None).unwrap();
        assert_eq!((page.items[0].key.id, page.items[0].key.name.as_str()), (theirs.id, "同步"));
        assert_eq!(page.items[0].user["name"], "员工sales");
        assert_eq!(page.next_cursor, None);
        assert_eq!(code(all(company.cx("sales"), None).map(drop)), Code::Forbidden);
        assert_eq!(code(all(company.boss(), Some("forged!")).map(drop)), Code::BadCursor);
        company.wait(revoke(&company.engine, &company.boss(), theirs.id)).unwrap();
        assert!(all(company.boss(), None).unwrap().items.is_empty());
        assert_eq!(company.log("revoke")[0].record_id, Some(theirs.id));
    }

    fn a_key_makes_no_keys(db: &mut TestDb) {
        let company = Company::founded(db);
        let mut cx = company.boss();
        cx.caller.actor = Actor::Key { user: company.user("boss"), key: 1, writes: true };
        let made = company.wait(create(&company.engine, &cx, new("报表", &["read"], None)));
        assert_eq!(code(made.map(drop)), Code::Forbidden);
    }
}
