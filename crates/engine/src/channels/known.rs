//! Channels and wishes as one part of the snapshot of the company's people.

use super::reach::{Occasion, Reach};
use crate::cx::Cx;
use crate::error::{EngineError, Result};
use huike_courier::{Channel, Secrets, Way};
use huike_store::{Conn, Sql};
use huike_vault::seal::FieldTag;
use serde_json::Value as Json;
use std::collections::{HashMap, HashSet};

pub const COLUMNS: &str =
    "id, name, active, department_id, settings, secret, version, retry_at, failures, fault, sent_at";

/// A channel as an administrator set it up, its secret sealed.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: i64,
    pub name: String,
    pub active: bool,
    /// Only for people of this department and those below it.
    pub department: Option<i64>,
    pub channel: Channel,
    pub secret: Option<String>,
    pub version: i64,
    pub health: Health,
}

/// How it goes with a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Nothing is sent through it before.
    pub retry_at: Option<i64>,
    /// Faults of its own in a row.
    pub failures: i64,
    pub fault: Option<String>,
    pub sent_at: Option<i64>,
}

impl Known {
    /// # Errors
    /// The database's; settings that can't be read.
    pub fn read(row: &huike_store::Row) -> Result<Known> {
        let settings: Json = serde_json::from_str(row.text(4)?).unwrap_or_default();
        Ok(Known {
            id: row.int(0)?,
            name: row.text(1)?.to_owned(),
            active: row.int(2)? != 0,
            department: row.opt_int(3)?,
            channel: serde_json::from_value(settings)
                .map_err(|_| EngineError::internal("the settings of a channel can't be read"))?,
            secret: row.opt_text(5)?.map(str::to_owned),
            version: row.int(6)?,
            health: Health {
                retry_at: row.opt_int(7)?,
                failures: row.int(8)?,
                fault: row.opt_text(9)?.map(str::to_owned),
                sent_at: row.opt_int(10)?,
            },
        })
    }

    /// Every channel, oldest first.
    ///
    /// # Errors
    /// As [`Known::read`].
    pub fn all(conn: &mut Conn) -> Result<Vec<Known>> {
        conn.query(&Sql::raw(format!("select {COLUMNS} from channel order by id")))?
            .iter()
            .map(Known::read)
            .collect()
    }

    /// Its secrets in the clear.
    ///
    /// # Errors
    /// The database's; a secret that can't be opened.
    pub fn secrets(&self, conn: &mut Conn, cx: &Cx) -> Result<Secrets> {
        let Some(sealed) = &self.secret else { return Ok(Secrets::default()) };
        let plain = cx.keys().open_at(conn, &tag(self.id), sealed)?;
        plain
            .and_then(|plain| serde_json::from_str(&plain).ok())
            .ok_or_else(|| EngineError::internal("the secrets of a channel can't be opened"))
    }
}

/// Where the secrets of a channel are sealed to.
pub fn tag(id: i64) -> FieldTag<'static> {
    FieldTag { object: "channel", field: "secret", record: id }
}

/// The snapshot.
#[derive(Debug, Default)]
pub struct Outside {
    channels: Vec<Known>,
    reach: HashMap<i64, Reach>,
    usual: Reach,
    /// People with a browser that shows messages.
    browsing: HashSet<i64>,
}

impl Outside {
    /// # Errors
    /// The database's; stored settings that can't be read.
    pub fn load(conn: &mut Conn) -> Result<Outside> {
        let mut reach = HashMap::new();
        for row in conn.query(&Sql::raw("select user_id, settings from reach"))? {
            let wishes = serde_json::from_str(row.text(1)?)
                .map_err(|_| EngineError::internal("what a person wishes can't be read"))?;
            reach.insert(row.int(0)?, wishes);
        }
        let rows = conn.query(&Sql::raw("select distinct user_id from push_device"))?;
        let browsing = rows.iter().map(|row| row.int(0)).collect::<std::result::Result<_, _>>()?;
        Ok(Outside { channels: Known::all(conn)?, reach, usual: Reach::default(), browsing })
    }

    /// How a person wants to be reached.
    pub fn reach(&self, user: i64) -> &Reach {
        self.reach.get(&user).unwrap_or(&self.usual)
    }

    pub fn channel(&self, id: i64) -> Option<&Known> {
        self.channels.iter().find(|known| known.id == id)
    }

    /// The channel that reaches a person in a way: the one of their department or of the nearest above it, else one for everybody.
    pub fn nearest(&self, way: Way, above: &[i64]) -> Option<&Known> {
        self.near(above, |channel| channel.way() == way)
    }

    /// The channel that brings the greetings of a department in a way.
    pub fn greeter(&self, way: Way, above: &[i64]) -> Option<&Known> {
        self.near(above, |channel| channel.way() == way && channel.brings_greetings())
    }

    fn near(&self, above: &[i64], fits: impl Fn(&Channel) -> bool) -> Option<&Known> {
        let usable = || self.channels.iter().filter(|known| known.active && fits(&known.channel));
        let near = above.iter().find_map(|one| usable().find(|known| known.department == Some(*one)));
        near.or_else(|| usable().find(|known| known.department.is_none()))
    }

    /// The channels through which a person is told something.
    pub fn route(&self, user: i64, above: &[i64], occasion: Occasion) -> Vec<i64> {
        let ways = self.reach(user).ways(occasion);
        let ways = ways.iter().filter(|way| **way != Way::Browser || self.browsing.contains(&user));
        ways.filter_map(|way| self.nearest(*way, above)).map(|known| known.id).collect()
    }
}
