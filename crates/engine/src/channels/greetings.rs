//! Greetings for birthdays and anniversaries: proposed from the promises of the day, approved by the customer's owner, sent on the day to
//! whoever agreed to be written to.

use super::greeting_settings::{GreetingSettings, length_faults, settings};
use super::letter::{has_address, key};
use super::outbox::above;
use crate::audit::{Author, Note, append};
use crate::cx::{Caller, Cx, Via};
use crate::engine::Engine;
use crate::error::{EngineError, Result};
use crate::obligations::list::reached;
use crate::obligations::notify::Draft;
use crate::obligations::rule::Trigger;
use crate::records::load;
use crate::records::render::id_text;
use crate::records::values::Values;
use crate::setting;
use crate::shown::instant_text;
use chrono::Datelike;
use huike_courier::{Message, Recipient, Way};
use huike_model::access::ObjectAccess;
use huike_model::moment::{DAY_MS, day_from_number, day_number};
use huike_model::worktime::TimeOfDay;
use huike_model::{Code, Id, Problem};
use huike_store::query::Deleted;
use huike_store::{Conn, Row, Sql, SqlValue};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap};

/// The key in `setting`: the last hour in which greetings were proposed.
const LAST: &str = "greetings_hour";
const HOUR_MS: i64 = 3_600_000;
const MOST: i64 = 2_000;
/// Occasions that are looked at in one transaction.
const AT_ONCE: usize = 50;
/// People of one customer who are greeted on an anniversary.
const MOST_OF_CUSTOMER: usize = 3;
const LISTED: i64 = 200;

/// What is celebrated, by the field whose yearly promise it is.
pub const OCCASIONS: [(&str, &str, &str); 3] = [
    ("birthday", "contact", "birthday"),
    ("cooperation", "customer", "cooperation_since"),
    ("founding", "customer", "founded_on"),
];

/// A row as it is kept.
struct Greeting {
    id: i64,
    occasion: String,
    contact: i64,
    owner: i64,
    way: String,
    day: i64,
    subject: String,
    text: String,
    state: String,
    send_at: Option<i64>,
}

const COLUMNS: &str = "id, occasion, contact_id, owner_id, way, day, heading, body, state, send_at";

impl Greeting {
    fn read(row: &Row) -> Result<Greeting> {
        Ok(Greeting {
            id: row.int(0)?,
            occasion: row.text(1)?.to_owned(),
            contact: row.int(2)?,
            owner: row.int(3)?,
            way: row.text(4)?.to_owned(),
            day: row.int(5)?,
            subject: row.text(6)?.to_owned(),
            text: row.text(7)?.to_owned(),
            state: row.text(8)?.to_owned(),
            send_at: row.opt_int(9)?,
        })
    }
}

/// A promise of a day to come: what is celebrated of whom.
struct Coming {
    occasion: &'static str,
    holder: String,
    holder_id: i64,
    owner: i64,
    day: i64,
}

/// Somebody who may be greeted.
struct Guest {
    contact: i64,
    to: Recipient,
    customer: Option<i64>,
    /// The ways that they agreed to and have an address for.
    ways: Vec<Way>,
}

/// Proposes what comes up, none twice; once an hour, from six in the morning: a birthday of tomorrow that is written down at noon, consent
/// that was given today and a channel that was set up meanwhile count. How many.
///
/// # Errors
/// The database's.
pub async fn propose(engine: &Engine) -> Result<usize> {
    let cx = engine.cx(Caller::system(Via::System))?;
    let today = cx.moment.today();
    let six = TimeOfDay::new(6, 0).map_or(0, |six| cx.org.calendar_of(None).at(today, six));
    let hour = cx.moment.now.div_euclid(HOUR_MS).to_string();
    let done = engine.read(|conn| setting::get(conn, LAST)).await?;
    if cx.moment.now < six || done.as_ref() == Some(&hour) {
        return Ok(0);
    }
    let asked = cx.clone();
    let (settings, mut coming) = engine
        .read(move |conn| {
            let settings = settings(conn)?;
            let coming = if settings.active { coming(conn, &asked, &settings)? } else { Vec::new() };
            Ok((settings, coming))
        })
        .await?;
    let mut made = 0;
    // In short transactions; the hour is noted when all are through, and none is proposed twice if it has to begin again.
    while !coming.is_empty() {
        let part: Vec<Coming> = coming.drain(..coming.len().min(AT_ONCE)).collect();
        let (this, cx, settings) = (engine.clone(), cx.clone(), settings.clone());
        made += engine
            .write(move |conn| {
                let mut made = 0;
                for one in &part {
                    for guest in guests(conn, &cx, one)? {
                        made += usize::from(put(conn, &this, &cx, &settings, one, &guest)?);
                    }
                }
                Ok(made)
            })
            .await?;
    }
    engine.write(move |conn| setting::put(conn, LAST, &hour)).await?;
    Ok(made)
}

/// The open promises of birthdays and anniversaries within the days ahead.
fn coming(conn: &mut Conn, cx: &Cx, settings: &GreetingSettings) -> Result<Vec<Coming>> {
    let mut rules: HashMap<i64, &'static str> = HashMap::new();
    for rule in cx.org.follow.active(|trigger| matches!(trigger, Trigger::Date { yearly: true, .. })) {
        let Trigger::Date { object, field, .. } = &rule.definition.trigger else { continue };
        let known = OCCASIONS.iter().find(|(_, of, at)| of == object && at == field);
        rules.extend(known.map(|(occasion, _, _)| (rule.id, *occasion)));
    }
    let until = cx.moment.midnight(cx.moment.today()) + (i64::from(settings.days_before) + 1) * DAY_MS;
    let mut sql = Sql::raw(
        "select rule_id, holder, holder_id, owner_id, due_at from obligation where closed_at is null and due_at >= ",
    );
    sql.bind(cx.moment.now).push(" and due_at < ").bind(until).push(" and owner_id is not null and ");
    sql.push_in("rule_id", rules.keys().copied()).push(" order by due_at, id limit ").bind(MOST);
    let rows = conn.query(&sql)?;
    let coming = |row: &Row| -> Result<Option<Coming>> {
        let Some(occasion) = rules.get(&row.int(0)?) else { return Ok(None) };
        let day = day_number(cx.moment.local(row.int(4)?).date());
        Ok(Some(Coming {
            occasion,
            holder: row.text(1)?.to_owned(),
            holder_id: row.int(2)?,
            owner: row.int(3)?,
            day,
        }))
    };
    rows.iter().filter_map(|row| coming(row).transpose()).collect()
}

/// Who is greeted: the contact, or those of the customer, who agreed to it and have an address.
fn guests(conn: &mut Conn, cx: &Cx, coming: &Coming) -> Result<Vec<Guest>> {
    let ids = match coming.holder.as_str() {
        "contact" => vec![coming.holder_id],
        _ => {
            let sql =
                "select id from contact where customer = $1 and deleted_at is null order by id limit 50";
            let rows = conn.query(&Sql::with(sql, [coming.holder_id.into()])?)?;
            rows.iter().map(|row| Ok(row.int(0)?)).collect::<Result<Vec<_>>>()?
        }
    };
    let access = ObjectAccess::of_the_system(cx.object("contact")?);
    let records = load::find_many(conn, cx, &access, &ids, Deleted::Live)?;
    let guests = records.iter().filter_map(|record| Guest::of(&record.values));
    Ok(guests.filter(|guest| !guest.ways.is_empty()).take(MOST_OF_CUSTOMER).collect())
}

/// A contact as somebody to greet; none when there is no such contact or they don't want to be contacted.
fn guest(conn: &mut Conn, cx: &Cx, id: i64) -> Result<Option<Guest>> {
    let access = ObjectAccess::of_the_system(cx.object("contact")?);
    let record = load::find_many(conn, cx, &access, &[id], Deleted::Live)?.pop();
    Ok(record.and_then(|record| Guest::of(&record.values)))
}

impl Guest {
    fn of(values: &Values) -> Option<Guest> {
        if [values.int("do_not_contact"), values.int("left")].contains(&Some(1)) {
            return None;
        }
        let text = |name: &str| values.get(name).as_text().filter(|text| !text.is_empty()).map(str::to_owned);
        let agreed: Vec<&str> = values.get("greeting_consent").members().collect();
        let to = Recipient {
            name: values.title(),
            email: text("email"),
            mobile: text("mobile"),
            ..Recipient::default()
        };
        let ways = [Way::Email, Way::Sms].into_iter();
        let ways = ways.filter(|way| agreed.contains(&way.name()) && has_address(&to, *way)).collect();
        Some(Guest { contact: values.int("id")?, customer: values.int("customer"), to, ways })
    }
}

fn put(
    conn: &mut Conn,
    engine: &Engine,
    cx: &Cx,
    settings: &GreetingSettings,
    coming: &Coming,
    guest: &Guest,
) -> Result<bool> {
    let near = above(cx, coming.owner);
    // By the first way that they agreed to and that the company has.
    let way = guest.ways.iter().find(|way| cx.org.outside.greeter(**way, &near).is_some());
    let (Some(way), Some(template)) = (way, settings.templates.get(coming.occasion)) else {
        return Ok(false);
    };
    let day = day_from_number(coming.day).unwrap_or(cx.moment.today());
    let words = words(conn, cx, (coming.occasion, coming.owner), guest, day.year())?;
    let (subject, text) = (filled(&template.subject, &words), filled(&template.text, &words));
    let once = format!("{}:{}:{}", coming.occasion, guest.contact, day.year());
    // Whoever took the customer over decides about what nobody decided yet, and it is their name that stands below it.
    let sql = "update greeting set owner_id = $1, heading = $2, body = $3 \
         where once = $4 and state = 'proposed' and owner_id <> $5";
    let owner = coming.owner;
    let values =
        [owner.into(), subject.as_str().into(), text.as_str().into(), once.as_str().into(), owner.into()];
    if conn.execute(&Sql::with(sql, values)?)? > 0 {
        tell(conn, cx, coming, guest, &once)?;
        return Ok(false);
    }
    let id = conn.next_id()?;
    let sql = "insert into greeting (id, once, occasion, contact_id, owner_id, way, day, heading, body, state, at) \
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'proposed', $10) on conflict (once) do nothing";
    let values: [SqlValue; 10] = [
        id.into(),
        once.as_str().into(),
        coming.occasion.into(),
        guest.contact.into(),
        coming.owner.into(),
        way.name().into(),
        coming.day.into(),
        subject.into(),
        text.into(),
        cx.moment.now.into(),
    ];
    if conn.execute(&Sql::with(sql, values)?)? == 0 {
        return Ok(false);
    }
    tell(conn, cx, coming, guest, &once)?;
    let author = Author::from(&cx.caller);
    append(
        conn,
        engine,
        &author,
        Note::new("create", "greeting", id)
            .meta(json!({"occasion": coming.occasion, "contact": id_text(guest.contact)})),
    )?;
    Ok(true)
}

/// Whoever decides about a greeting hears that there is one.
fn tell(conn: &mut Conn, cx: &Cx, coming: &Coming, guest: &Guest, once: &str) -> Result<()> {
    let Some(user) = cx.org.acting(coming.owner, cx.moment.now) else { return Ok(()) };
    let mut draft = Draft::plain(user, "greeting", json!({}), format!("g{once}:{}", coming.owner));
    draft.subject = Some(("contact".into(), guest.contact));
    draft.title = guest.to.name.clone();
    conn.batch(&draft.insert(conn, cx)?)?;
    Ok(())
}

fn words(
    conn: &mut Conn,
    cx: &Cx,
    (occasion, owner): (&str, i64),
    guest: &Guest,
    year: i32,
) -> Result<BTreeMap<&'static str, String>> {
    let mut words = BTreeMap::from([
        ("name", guest.to.name.clone()),
        ("company", cx.org.company.name.clone()),
        ("owner", cx.org.user(owner).map(|person| person.name.clone()).unwrap_or_default()),
        ("customer", String::new()),
        ("years", String::new()),
    ]);
    if let Some(customer) = guest.customer {
        let sql = "select name, cooperation_since, founded_on from customer where id = $1";
        if let Some(row) = conn.query_opt(&Sql::with(sql, [customer.into()])?)? {
            words.insert("customer", row.text(0)?.to_owned());
            let since = match occasion {
                "cooperation" => row.opt_int(1)?,
                "founding" => row.opt_int(2)?,
                _ => None,
            };
            let years = since.and_then(day_from_number).map(|since| year - since.year());
            words.extend(years.map(|years| ("years", years.to_string())));
        }
    }
    Ok(words)
}

fn filled(template: &str, words: &BTreeMap<&'static str, String>) -> String {
    words.iter().fold(template.to_owned(), |text, (name, word)| text.replace(&format!("{{{name}}}"), word))
}

/// Whose greetings the caller decides: their own and those of their people.
fn people(cx: &Cx) -> Vec<i64> {
    let me = cx.caller.actor.user();
    let stands_in =
        cx.org.users().map(|person| person.id).filter(|id| cx.org.acting(*id, cx.moment.now) == Some(me));
    let mut people: Vec<i64> = cx.org.reports_of(me).into_iter().chain(stands_in).chain([me]).collect();
    people.sort_unstable();
    people.dedup();
    people
}

impl Engine {
    /// Greetings of the caller's and their people's customers, those to be decided first.
    ///
    /// # Errors
    /// The database's.
    pub async fn greetings(&self, cx: Cx) -> Result<Json> {
        self.read(move |conn| {
            let mut sql = Sql::raw(format!("select {COLUMNS} from greeting where day >= "));
            sql.bind(day_number(cx.moment.today()) - 30).push(" and ").push_in("owner_id", people(&cx));
            sql.push(" order by case when state = 'proposed' then 0 else 1 end, day desc, id desc limit ")
                .bind(LISTED);
            let found = conn.query(&sql)?.iter().map(Greeting::read).collect::<Result<Vec<_>>>()?;
            let names = reached(conn, &cx, found.iter().map(|one| ("contact".to_owned(), one.contact)))?;
            let items: Vec<Json> = found
                .iter()
                .filter_map(|one| {
                    Some(shown(&cx, one, names.get(&("contact".to_owned(), one.contact))?.as_deref()))
                })
                .collect();
            Ok(json!({"items": items}))
        })
        .await
    }

    /// Approves a greeting, perhaps in other words: it is sent on its day.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it was decided or its day is over; `invalid`.
    pub async fn approve_greeting(
        &self,
        cx: Cx,
        id: i64,
        subject: Option<String>,
        text: Option<String>,
    ) -> Result<Json> {
        cx.require_to_write()?;
        let engine = self.clone();
        self.write(move |conn| {
            let mut one = decidable(conn, &cx, id)?;
            if let Some(subject) = &subject {
                one.subject = subject.trim().to_owned();
            }
            if let Some(text) = &text {
                one.text = text.trim().to_owned();
            }
            check(&one)?;
            let settings = settings(conn)?;
            let channel = channel(conn, &cx, &one)?;
            let (at, expires) = when(&cx, &settings, one.day)?;
            let sql = "update greeting set state = 'approved', heading = $1, body = $2, send_at = $3, decided_by = $4, decided_at = $5 where id = $6";
            let values = [
                one.subject.as_str().into(),
                one.text.as_str().into(),
                at.into(),
                cx.author().into(),
                cx.moment.now.into(),
                id.into(),
            ];
            conn.execute(&Sql::with(sql, values)?)?;
            let sql = "insert into delivery (id, once, channel_id, greeting_id, any_hour, state, attempts, next_at, expires_at, at) \
                 values ($1, $2, $3, $4, 0, 'waiting', 0, $5, $6, $7)";
            let once = format!("greeting:{id}");
            let values = [
                conn.next_id()?.into(),
                once.as_str().into(),
                channel.into(),
                id.into(),
                at.into(),
                expires.into(),
                cx.moment.now.into(),
            ];
            conn.execute(&Sql::with(sql, values)?)?;
            (one.state, one.send_at) = ("approved".into(), Some(at));
            log(conn, &engine, &cx, "approve", &one)?;
            answer(conn, &cx, &one)
        })
        .await
    }

    /// Decides against a greeting, also against one that was approved as long as it wasn't sent.
    ///
    /// # Errors
    /// `not_found`; `conflict` when it was sent.
    pub async fn skip_greeting(&self, cx: Cx, id: i64) -> Result<Json> {
        cx.require_to_write()?;
        let engine = self.clone();
        self.write(move |conn| {
            let mut one = found(conn, &cx, id)?;
            let sql = "delete from delivery where greeting_id = $1 and state = 'waiting'";
            let withdrawn = conn.execute(&Sql::with(sql, [id.into()])?)? > 0;
            if !(one.state == "proposed" || withdrawn) {
                return Err(decided());
            }
            let sql = "update greeting set state = 'skipped', decided_by = $1, decided_at = $2 where id = $3";
            conn.execute(&Sql::with(sql, [cx.author().into(), cx.moment.now.into(), id.into()])?)?;
            one.state = "skipped".into();
            log(conn, &engine, &cx, "skip", &one)?;
            answer(conn, &cx, &one)
        })
        .await
    }
}

fn check(one: &Greeting) -> Result<()> {
    let faults = length_faults("", &one.subject, &one.text);
    if faults.is_empty() { Ok(()) } else { Err(faults.into()) }
}

fn found(conn: &mut Conn, cx: &Cx, id: i64) -> Result<Greeting> {
    let id = Id::new(id).map_err(|_| Code::NotFound)?.number();
    let mut sql = Sql::raw(format!("select {COLUMNS} from greeting where id = "));
    sql.bind(id).push(" and ").push_in("owner_id", people(cx)).push(conn.dialect().for_update());
    let one = Greeting::read(&conn.query_opt(&sql)?.ok_or(Code::NotFound)?)?;
    let subject = ("contact".to_owned(), one.contact);
    let reached = reached(conn, cx, [subject.clone()].into_iter())?;
    if reached.contains_key(&subject) { Ok(one) } else { Err(Code::NotFound.into()) }
}

fn decided() -> EngineError {
    let (zh, en) = ("这条祝福已经处理过，或已过日子", "This greeting was decided, or its day is over");
    Problem::new(Code::Conflict).with_detail(zh, en).into()
}

fn decidable(conn: &mut Conn, cx: &Cx, id: i64) -> Result<Greeting> {
    let one = found(conn, cx, id)?;
    let over = one.day < day_number(cx.moment.today());
    if one.state != "proposed" || over { Err(decided()) } else { Ok(one) }
}

/// The channel that brings it, if the contact still agrees.
fn channel(conn: &mut Conn, cx: &Cx, one: &Greeting) -> Result<i64> {
    let way = Way::ALL.into_iter().find(|way| way.name() == one.way);
    let agrees =
        guest(conn, cx, one.contact)?.is_some_and(|guest| guest.ways.iter().any(|known| Some(*known) == way));
    let known = way.filter(|_| agrees).and_then(|way| cx.org.outside.greeter(way, &above(cx, one.owner)));
    known.map(|known| known.id).ok_or_else(|| {
        let (zh, en) = (
            "联系人已不同意接收，或没有可用的渠道",
            "The contact no longer agrees, or there is no channel for it",
        );
        Problem::new(Code::Conflict).with_detail(zh, en).into()
    })
}

/// When it is sent, and until when it makes sense.
fn when(cx: &Cx, settings: &GreetingSettings, day: i64) -> Result<(i64, i64)> {
    let calendar = cx.org.calendar_of(None);
    let on = day_from_number(day).ok_or_else(|| EngineError::internal("a greeting of no day"))?;
    let mut sent_on = on;
    if settings.before_free_days {
        for _ in 0..14 {
            if calendar.is_working_day(sent_on) {
                break;
            }
            sent_on = sent_on.pred_opt().unwrap_or(sent_on);
        }
    }
    let end = calendar.midnight(on) + DAY_MS;
    Ok((calendar.at(sent_on, settings.send_at).max(cx.moment.now), end.max(cx.moment.now + 60_000)))
}

fn log(conn: &mut Conn, engine: &Engine, cx: &Cx, op: &'static str, one: &Greeting) -> Result<()> {
    let meta = json!({"occasion": one.occasion, "contact": id_text(one.contact), "way": one.way});
    append(conn, engine, &Author::from(&cx.caller), Note::new(op, "greeting", one.id).meta(meta))
}

fn answer(conn: &mut Conn, cx: &Cx, one: &Greeting) -> Result<Json> {
    let subject = ("contact".to_owned(), one.contact);
    let names = reached(conn, cx, [subject.clone()].into_iter())?;
    Ok(shown(cx, one, names.get(&subject).and_then(Option::as_deref)))
}

fn shown(cx: &Cx, one: &Greeting, contact: Option<&str>) -> Json {
    let owner = cx.org.user(one.owner).map(|person| person.name.clone());
    let past = one.day < day_number(cx.moment.today());
    let state = match one.state.as_str() {
        "proposed" if past => "over",
        // Its channel was down for the whole day.
        "approved" if past => "failed",
        state => state,
    };
    json!({
        "id": id_text(one.id),
        "occasion": one.occasion,
        "contact": {"id": id_text(one.contact), "name": contact},
        "owner": {"id": id_text(one.owner), "name": owner},
        "way": one.way,
        "day": day_from_number(one.day).map(|day| day.to_string()),
        "subject": one.subject,
        "text": one.text,
        "state": state,
        "send_at": one.send_at.map(instant_text),
    })
}

/// A greeting as it leaves; none when it was withdrawn or the contact no longer agrees.
///
/// # Errors
/// The database's.
pub fn message(conn: &mut Conn, cx: &Cx, id: i64, parcel: i64) -> Result<Option<Message>> {
    let sql = Sql::with(format!("select {COLUMNS} from greeting where id = $1"), [id.into()])?;
    let Some(one) = conn.query_opt(&sql)?.map(|row| Greeting::read(&row)).transpose()? else {
        return Ok(None);
    };
    let agreed = guest(conn, cx, one.contact)?;
    let Some(guest) = agreed.filter(|guest| guest.ways.iter().any(|way| way.name() == one.way)) else {
        return Ok(None);
    };
    let year = day_from_number(one.day).map_or(cx.moment.today().year(), |day| day.year());
    let mut words = words(conn, cx, (&one.occasion, one.owner), &guest, year)?;
    words.insert("title", one.subject.clone());
    let words = words.into_iter().map(|(name, text)| (name.to_owned(), text)).collect();
    Ok(Some(Message {
        key: key(cx, parcel),
        at: cx.moment.now,
        to: guest.to,
        subject: one.subject,
        text: one.text,
        words,
        link: String::new(),
        greeting: true,
    }))
}

/// Writes down that a greeting has left, or can't.
///
/// # Errors
/// The database's.
pub fn ended(conn: &mut Conn, engine: &Engine, cx: &Cx, id: i64, state: &'static str) -> Result<()> {
    conn.execute(&Sql::with("update greeting set state = $1 where id = $2", [state.into(), id.into()])?)?;
    append(
        conn,
        engine,
        &Author::from(&cx.caller),
        Note::new("send", "greeting", id).meta(json!({"state": state})),
    )
}
