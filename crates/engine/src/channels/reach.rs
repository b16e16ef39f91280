//! How a person wants to be reached: by what for which occasion, when not, and how often.

use super::devices;
use super::known::Outside;
use super::letter::has_address;
use crate::audit::{Author, Note, append};
use crate::changed::changed;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::session::person;
use huike_courier::Way;
use huike_model::Fault;
use huike_model::worktime::{Quiet, TimeOfDay};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

/// A day that is quiet from 00:00 to 24:00 would never let anything through.
const DAY_MINUTES: u16 = 24 * 60;

/// Why somebody is told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// One's own work.
    Own,
    /// The same, where the rule is urgent.
    Urgent,
    /// Work of one's people that is late.
    Team,
    /// The digest of the morning, the week's leaks.
    Digest,
    /// Something is wrong with the system.
    Alert,
}

impl Occasion {
    pub fn of(kind: &str, urgent: bool) -> Occasion {
        match kind {
            "digest" | "leaks" => Occasion::Digest,
            "alert" | "channel" => Occasion::Alert,
            _ if urgent => Occasion::Urgent,
            "escalation" => Occasion::Team,
            _ => Occasion::Own,
        }
    }
}

/// A person's wishes. Whatever they are, the page shows everything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reach {
    pub own: Vec<Way>,
    pub urgent: Vec<Way>,
    pub team: Vec<Way>,
    pub digest: Vec<Way>,
    pub alert: Vec<Way>,
    /// Instead of the company's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet: Option<Quiet>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest_at: Option<TimeOfDay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_limit: Option<u32>,
}

impl Default for Reach {
    fn default() -> Reach {
        Reach {
            // Whoever allows a browser to show messages wants these; nobody else is reached by it.
            own: vec![Way::Browser],
            urgent: vec![Way::Email, Way::Browser],
            team: vec![Way::Browser],
            digest: vec![Way::Email],
            alert: vec![Way::Email],
            quiet: None,
            digest_at: None,
            daily_limit: None,
        }
    }
}

impl Reach {
    pub fn ways(&self, occasion: Occasion) -> &[Way] {
        match occasion {
            Occasion::Own => &self.own,
            Occasion::Urgent => &self.urgent,
            Occasion::Team => &self.team,
            Occasion::Digest => &self.digest,
            Occasion::Alert => &self.alert,
        }
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.daily_limit.is_some_and(|limit| !(1..=200).contains(&limit)) {
            faults.push(Fault::new("daily_limit", "range", "应为 1 到 200", "Must be 1 to 200"));
        }
        if self.quiet.is_some_and(|quiet| (quiet.from.minutes(), quiet.to.minutes()) == (0, DAY_MINUTES)) {
            let (zh, en) = ("免打扰不能是全天", "Not the whole day can be quiet");
            faults.push(Fault::new("quiet", "range", zh, en));
        }
        let late = TimeOfDay::new(12, 0);
        if self.digest_at.is_some_and(|at| Some(at) > late) {
            let (zh, en) = ("汇总时间应不晚于中午 12:00", "The digest comes before noon");
            faults.push(Fault::new("digest_at", "range", zh, en));
        }
        faults
    }

    fn tidy(mut self) -> Reach {
        for ways in [&mut self.own, &mut self.urgent, &mut self.team, &mut self.digest, &mut self.alert] {
            ways.sort_unstable();
            ways.dedup();
        }
        self
    }
}

/// The caller's wishes as they are shown, with the ways there are.
fn shown(conn: &mut Conn, cx: &Cx, user: i64) -> Result<Json> {
    let outside = Outside::load(conn)?;
    let settings = &cx.org.follow.settings;
    let mut json = json!(outside.reach(user));
    let reach = outside.reach(user);
    (json["quiet"], json["digest_at"], json["daily_limit"]) =
        (json!(reach.quiet), json!(reach.digest_at), json!(reach.daily_limit));
    let above = super::outbox::above(cx, user);
    let addresses = super::letter::recipient(conn, cx, user)?;
    let ways: Map<String, Json> = Way::ALL
        .into_iter()
        .map(|way| {
            let nearest = outside.nearest(way, &above);
            let has_address = match nearest {
                Some(known) if way == Way::Browser => !devices::of(conn, cx, user, known.id)?.is_empty(),
                _ => has_address(&addresses, way),
            };
            let offered = nearest.map(|known| known.name.clone());
            Ok((way.name().to_owned(), json!({"channel": offered, "has_address": has_address})))
        })
        .collect::<Result<_>>()?;
    json["ways"] = ways.into();
    json["company"] = json!({"quiet": settings.quiet, "digest_at": settings.digest_at, "daily_limit": settings.daily_limit});
    Ok(json)
}

impl Engine {
    /// How the caller wants to be reached, and how they can be.
    ///
    /// # Errors
    /// `forbidden` for a program with a key.
    pub async fn reach(&self, cx: Cx) -> Result<Json> {
        let user = person(&cx)?;
        self.read(move |conn| shown(conn, &cx, user)).await
    }

    /// Changes the members that are named; null takes a wish back.
    ///
    /// # Errors
    /// Every fault; `forbidden` for a program with a key.
    pub async fn put_reach(&self, cx: Cx, mut changes: Map<String, Json>) -> Result<Json> {
        let user = person(&cx)?;
        changes.retain(|name, _| name != "ways" && name != "company");
        let engine = self.clone();
        self.write(move |conn| {
            let before = Outside::load(conn)?.reach(user).clone();
            let after = changed(&before, &changes, "")?.tidy();
            let faults = after.faults();
            if !faults.is_empty() {
                return Err(faults.into());
            }
            if after != before {
                let sql = "insert into reach (user_id, settings) values ($1, $2) \
                     on conflict (user_id) do update set settings = excluded.settings";
                conn.execute(&Sql::with(sql, [user.into(), json!(after).to_string().into()])?)?;
                let note = Note::new("update", "reach", user).change(json!(before), json!(after));
                append(conn, &engine, &Author::from(&cx.caller), note)?;
                engine.renew_after(conn);
            }
            shown(conn, &cx, user)
        })
        .await
    }
}
