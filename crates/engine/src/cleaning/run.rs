//! A cleaning as it is kept: what is to be looked for, how far it got, and what came of it.

use crate::cx::{Actor, Caller, Via};
use crate::enrichment::Tally;
use crate::error::{EngineError, Result};
use crate::obligations::row::words;
use crate::records::render::id_text;
use huike_model::{Code, Label, Lang, Problem};
use huike_store::{Conn, Row, Sql};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

words! {
    /// Where a cleaning stands.
    State {
        Looking "looking",
        Ready "ready",
        Applying "applying",
        Done "done",
        Cancelled "cancelled",
        Failed "failed",
        Undoing "undoing",
        Undone "undone",
    }
}

impl State {
    /// The states in which somebody works on it.
    pub const AT_WORK: [State; 3] = [State::Looking, State::Applying, State::Undoing];
}

words! {
    /// Where a proposed value comes from.
    Origin {
        /// The same value in its standard form.
        Standard "standard",
        /// A record that belongs to it, or another of its own fields.
        Related "related",
        /// The provider of company data.
        Provider "provider",
    }
}

words! {
    /// What became of a proposal.
    Fate {
        Proposed "proposed",
        /// A person left it out.
        Omitted "omitted",
        Applied "applied",
        /// It could not be written.
        Left "left",
        Undone "undone",
        /// It could not be taken back.
        Kept "kept",
    }
}

/// What is to be done, and by whom.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Definition {
    pub origins: Vec<String>,
    /// All that the caller may write when none are named.
    pub fields: Vec<String>,
    pub filter: Option<Json>,
    pub lang: Lang,
    /// Whoever asked for the present piece of work.
    pub by: i64,
    pub api_key: Option<i64>,
    pub message: Option<Label>,
    /// When writing came to its end; it can be taken back for a time from then on.
    pub applied_at: Option<i64>,
}

/// How far it got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// Records looked at, and how many there may be.
    pub looked: i64,
    pub total: Option<i64>,
    /// The last record looked at.
    pub after: Option<i64>,
    pub proposed: i64,
    /// There would be more than one run proposes.
    pub more: bool,
    /// The last proposal that was dealt with.
    pub at: i64,
    pub applied: i64,
    pub left: i64,
    pub undone: i64,
    pub kept: i64,
    pub provider: Tally,
    /// How often it was taken up since it last moved.
    pub attempts: u32,
}

#[derive(Clone, Debug)]
pub struct Run {
    pub id: i64,
    pub object: String,
    pub state: State,
    pub definition: Definition,
    pub progress: Progress,
    pub created_by: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

pub const TABLE: &str = "cleaning_run";
const COLUMNS: &str = "id, object, state, definition, progress, created_by, created_at, updated_at";

impl Run {
    /// Who the present piece of work is done as.
    pub fn caller(&self) -> Caller {
        let by = self.definition.by;
        let actor = match (by, self.definition.api_key) {
            (0, _) => Actor::System,
            (user, Some(key)) => Actor::Key { user, key, writes: true },
            (user, None) => Actor::User(user),
        };
        Caller { actor, lang: self.definition.lang, via: Via::Cleaning, request: self.request() }
    }

    /// The name of the cleaning in the log.
    pub fn request(&self) -> String {
        id_text(self.id).as_str().unwrap_or_default().to_owned()
    }

    pub fn origins(&self) -> impl Iterator<Item = Origin> + '_ {
        self.definition.origins.iter().filter_map(|name| Origin::parse(name))
    }

    /// # Errors
    /// The database's.
    pub fn insert(&self, conn: &mut Conn) -> Result<()> {
        let places = "$1, $2, $3, $4, $5, $6, $7, $8";
        conn.execute(&Sql::with(
            format!("insert into cleaning_run ({COLUMNS}) values ({places})"),
            [
                self.id.into(),
                self.object.as_str().into(),
                self.state.name().into(),
                text(&self.definition)?.into(),
                text(&self.progress)?.into(),
                self.created_by.into(),
                self.created_at.into(),
                self.updated_at.into(),
            ],
        )?)?;
        Ok(())
    }

    /// Keeps everything, if it still stands in one of the states `from`. Nobody works on it afterwards until it is claimed.
    ///
    /// # Errors
    /// `conflict` when it stands elsewhere.
    pub fn save(&self, conn: &mut Conn, from: &[State], now: i64) -> Result<()> {
        let mut sql = Sql::raw("update cleaning_run set lease_until = null, holder = null, state = ");
        sql.bind(self.state.name()).push(", definition = ").bind(text(&self.definition)?);
        sql.push(", progress = ").bind(text(&self.progress)?).push(", updated_at = ").bind(now);
        sql.push(" where id = ").bind(self.id).push(" and ");
        sql.push_in("state", from.iter().map(|state| state.name()));
        if conn.execute(&sql)? == 1 { Ok(()) } else { Err(wrong_state()) }
    }

    /// Writes down how far it got. The lease must have been renewed in the same transaction.
    ///
    /// # Errors
    /// The database's.
    pub fn advance(&self, conn: &mut Conn, now: i64) -> Result<()> {
        conn.execute(&Sql::with(
            "update cleaning_run set progress = $1, updated_at = $2 where id = $3",
            [text(&self.progress)?.into(), now.into(), self.id.into()],
        )?)?;
        Ok(())
    }
}

/// The run with this id; `locked` keeps others from changing it until the transaction ends.
///
/// # Errors
/// `not_found`.
pub fn load(conn: &mut Conn, id: i64, locked: bool) -> Result<Run> {
    let lock = if locked { conn.dialect().for_update() } else { "" };
    let sql = Sql::with(format!("select {COLUMNS} from cleaning_run where id = $1{lock}"), [id.into()])?;
    read(&conn.query_opt(&sql)?.ok_or(Code::NotFound)?)
}

/// The runs of an object, newest first, before the id `before`.
///
/// # Errors
/// The database's.
pub fn list(conn: &mut Conn, object: &str, before: Option<i64>, limit: i64) -> Result<Vec<Run>> {
    let mut sql = Sql::raw(format!("select {COLUMNS} from cleaning_run where object = "));
    sql.bind(object);
    if let Some(before) = before {
        sql.push(" and id < ").bind(before);
    }
    sql.push(" order by id desc limit ").bind(limit);
    conn.query(&sql)?.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Run> {
    let unreadable = || EngineError::internal("a cleaning can't be read");
    Ok(Run {
        id: row.int(0)?,
        object: row.text(1)?.to_owned(),
        state: State::parse(row.text(2)?).ok_or_else(unreadable)?,
        definition: serde_json::from_str(row.text(3)?).map_err(|_| unreadable())?,
        progress: serde_json::from_str(row.text(4)?).map_err(|_| unreadable())?,
        created_by: row.int(5)?,
        created_at: row.int(6)?,
        updated_at: row.int(7)?,
    })
}

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|_| EngineError::internal("a cleaning can't be written as JSON"))
}

/// The run doesn't stand where this could be done.
pub fn wrong_state() -> EngineError {
    Problem::new(Code::Conflict)
        .with_detail(
            "这次清洗的状态已经变化，请刷新后再试",
            "The cleaning stands elsewhere by now; look again and retry",
        )
        .into()
}
