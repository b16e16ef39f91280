//! An import as it is kept: what is to be done, how far it got, and what came of it.

use super::correct::Corrections;
use super::draft::{CellText, RowFault};
use super::report::{Report, UndoReport};
use crate::cx::{Actor, Caller, Via};
use crate::error::{EngineError, Result};
use crate::keys::Keys;
use huike_model::{Code, Id, Label, Lang, Problem};
use huike_store::{Conn, Sql};
use huike_vault::seal::FieldTag;
use serde::{Deserialize, Serialize};

macro_rules! states {
    ($($variant:ident $name:literal;)*) => {
        /// Where an import stands.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum State { $($variant,)* }

        impl State {
            pub fn name(self) -> &'static str { match self { $(State::$variant => $name,)* } }
            fn parse(name: &str) -> Option<State> { match name { $($name => Some(State::$variant),)* _ => None } }
        }
    };
}

states! {
    Draft "draft";
    Checking "checking";
    Checked "checked";
    Running "running";
    Done "done";
    Cancelled "cancelled";
    Failed "failed";
    Undoing "undoing";
    Undone "undone";
}

impl State {
    /// The states in which somebody works on the job.
    pub const AT_WORK: [State; 3] = [State::Checking, State::Running, State::Undoing];

    pub fn at_work(self) -> bool {
        State::AT_WORK.contains(&self)
    }
}

/// What a row may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    #[default]
    Create,
    Update,
    Upsert,
}

/// What happens to a row that looks like a record that is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnLikely {
    #[default]
    Skip,
    Create,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sheet {
    pub name: String,
    /// Number of its last row.
    pub rows: u32,
    pub hidden: bool,
    /// Why it can't be read.
    pub refusal: Option<Label>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Column {
    /// Its place in the row, from 0.
    pub index: usize,
    pub title: String,
    /// The path of the field it fills: `name`, `contact.mobile`.
    pub field: Option<String>,
    /// How sure the guess is, 0 to 1; 1 when a person chose.
    pub confidence: f64,
}

/// What is to be done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Definition {
    pub file_name: String,
    pub sheets: Vec<Sheet>,
    pub sheet: usize,
    /// Number of the last title row, as Excel shows it.
    pub header_row: u32,
    pub header_rows: u32,
    pub columns: Vec<Column>,
    /// The same for files with the same titles.
    pub signature: String,
    /// A person has seen the mapping, so that it may serve as the model for the next file like this.
    pub confirmed: bool,
    pub mode: Mode,
    pub key: Option<String>,
    pub on_duplicate: OnLikely,
    pub lang: Lang,
    /// The program's key that started it, when it was a program.
    pub api_key: Option<i64>,
    pub message: Option<Label>,
    /// The file and what was read of it are gone.
    #[serde(default)]
    pub purged: bool,
}

/// What of the file is kept beside it: sealed, since it is made of people's data.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Content {
    /// Aligned with the columns.
    pub samples: Vec<Vec<String>>,
    pub head: Vec<HeadRow>,
    pub preview: Vec<PreviewRow>,
    /// What a person wrote in place of cells of the file.
    #[serde(default)]
    pub corrections: Corrections,
    pub report: Option<Report>,
    pub undo: Option<UndoReport>,
}

/// One of the first rows below the titles.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeadRow {
    pub number: u32,
    pub cells: Vec<CellText>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PreviewRow {
    pub row: u32,
    pub values: Vec<(String, String)>,
    pub faults: Vec<RowFault>,
}

/// How far it got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    pub done: i64,
    pub created: i64,
    pub updated: i64,
    pub skipped: i64,
    pub failed: i64,
    /// The last row of the sheet that is dealt with.
    pub last_row: u32,
    /// The transactions between which everything was written, both included.
    pub first_tx: Option<i64>,
    pub last_tx: Option<i64>,
    /// How far back the undoing got in the log.
    pub undo_before: Option<(i64, i64)>,
    pub undone: i64,
    pub conflicts: i64,
    /// How often it was taken up since it last moved.
    pub attempts: u32,
}

#[derive(Clone, Debug)]
pub struct Job {
    pub id: i64,
    pub state: State,
    pub object: String,
    pub definition: Definition,
    pub content: Content,
    pub progress: Progress,
    pub total: Option<i64>,
    pub created_by: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    definition: Definition,
    sealed: Option<String>,
}

const COLUMNS: &str =
    "id, state, object, definition, progress, rows_total, created_by, created_at, updated_at";

impl Job {
    /// Who the work is done as.
    pub fn caller(&self) -> Caller {
        let actor = match (self.created_by, self.definition.api_key) {
            (0, _) => Actor::System,
            (user, Some(key)) => Actor::Key { user, key, writes: true },
            (user, None) => Actor::User(user),
        };
        Caller { actor, lang: self.definition.lang, via: Via::Import, request: self.request() }
    }

    /// The name of the import in the log.
    pub fn request(&self) -> String {
        id_text(self.id)
    }

    /// The name of its undoing in the log.
    pub fn undo_request(&self) -> String {
        format!("{}:undo", id_text(self.id))
    }

    fn definition_text(&self, conn: &mut Conn, keys: &Keys) -> Result<String> {
        let content = json_text(&self.content)?;
        let sealed =
            if self.definition.purged { None } else { Some(keys.seal_at(conn, &tag(self.id), &content)?) };
        json_text(&Stored { definition: self.definition.clone(), sealed })
    }

    /// # Errors
    /// The database's.
    pub fn insert(&self, conn: &mut Conn, keys: &Keys) -> Result<()> {
        let definition = self.definition_text(conn, keys)?;
        let places = "$1, $2, $3, $4, $5, $6, $7, $8, $9, 0";
        conn.execute(&Sql::with(
            format!("insert into import_job ({COLUMNS}, rows_done) values ({places})"),
            [
                self.id.into(),
                self.state.name().into(),
                self.object.as_str().into(),
                definition.into(),
                json_text(&self.progress)?.into(),
                self.total.into(),
                self.created_by.into(),
                self.created_at.into(),
                self.updated_at.into(),
            ],
        )?)?;
        Ok(())
    }

    /// Keeps everything, if the job still stands in one of the states `from`. Nobody works on it afterwards until it is claimed.
    ///
    /// # Errors
    /// `conflict` when it stands elsewhere.
    pub fn save(&self, conn: &mut Conn, keys: &Keys, from: &[State]) -> Result<()> {
        let definition = self.definition_text(conn, keys)?;
        let mut sql = Sql::raw("update import_job set lease_until = null, holder = null, state = ");
        sql.bind(self.state.name())
            .push(", definition = ")
            .bind(definition)
            .push(", progress = ")
            .bind(json_text(&self.progress)?);
        sql.push(", rows_total = ").bind(self.total).push(", rows_done = ").bind(self.progress.done);
        sql.push(", updated_at = ").bind(self.updated_at).push(" where id = ").bind(self.id).push(" and ");
        sql.push_in("state", from.iter().map(|state| state.name()));
        if conn.execute(&sql)? == 1 { Ok(()) } else { Err(wrong_state(self.state)) }
    }
}

/// The import with this id, whoever asks.
///
/// # Errors
/// `not_found`.
pub fn load(conn: &mut Conn, keys: &Keys, id: i64) -> Result<Job> {
    let sql = Sql::with(format!("select {COLUMNS} from import_job where id = $1"), [id.into()])?;
    let row = conn.query_opt(&sql)?.ok_or(Code::NotFound)?;
    read(conn, keys, &row)
}

/// As [`load`], and nobody else changes it until the transaction ends: what is saved then undoes nobody's step.
///
/// # Errors
/// `not_found`.
pub fn lock(conn: &mut Conn, keys: &Keys, id: i64) -> Result<Job> {
    let for_update = conn.dialect().for_update();
    let sql = Sql::with(format!("select {COLUMNS} from import_job where id = $1{for_update}"), [id.into()])?;
    let row = conn.query_opt(&sql)?.ok_or(Code::NotFound)?;
    read(conn, keys, &row)
}

/// The imports that `by` started, newest first, before the id `before`.
///
/// # Errors
/// The database's.
pub fn list(conn: &mut Conn, keys: &Keys, by: i64, before: Option<i64>, limit: i64) -> Result<Vec<Job>> {
    let mut sql = Sql::raw(format!("select {COLUMNS} from import_job where created_by = "));
    sql.bind(by);
    if let Some(before) = before {
        sql.push(" and id < ").bind(before);
    }
    sql.push(" order by id desc limit ").bind(limit);
    let rows = conn.query(&sql)?;
    rows.iter().map(|row| read(conn, keys, row)).collect()
}

/// What `by` did with the last imports into an object, newest first.
///
/// # Errors
/// The database's.
pub fn recent(conn: &mut Conn, by: i64, object: &str) -> Result<Vec<Definition>> {
    const LOOKED_AT: i64 = 50;
    let mut sql = Sql::raw("select definition from import_job where created_by = ");
    sql.bind(by).push(" and object = ").bind(object).push(" order by id desc limit ").bind(LOOKED_AT);
    let rows = conn.query(&sql)?;
    // One that can't be read any more is no model.
    let stored = rows.iter().filter_map(|row| serde_json::from_str::<Stored>(row.text(0).ok()?).ok());
    Ok(stored.map(|stored| stored.definition).collect())
}

fn read(conn: &mut Conn, keys: &Keys, row: &huike_store::Row) -> Result<Job> {
    let id = row.int(0)?;
    let unreadable = || EngineError::internal(format!("the import {} can't be read", id_text(id)));
    let stored: Stored = serde_json::from_str(row.text(3)?).map_err(|_| unreadable())?;
    let content = match &stored.sealed {
        None => None,
        Some(sealed) => keys.open_at(conn, &tag(id), sealed)?,
    };
    let content = match content {
        Some(text) => serde_json::from_str(&text).map_err(|_| unreadable())?,
        None => Content::default(),
    };
    let progress = row.opt_text(4)?.map(serde_json::from_str).transpose().map_err(|_| unreadable())?;
    Ok(Job {
        id,
        state: State::parse(row.text(1)?).ok_or_else(unreadable)?,
        object: row.text(2)?.to_owned(),
        definition: stored.definition,
        content,
        progress: progress.unwrap_or_default(),
        total: row.opt_int(5)?,
        created_by: row.int(6)?,
        created_at: row.int(7)?,
        updated_at: row.int(8)?,
    })
}

fn tag(id: i64) -> FieldTag<'static> {
    FieldTag { object: "import_job", field: "content", record: id }
}

pub fn json_text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|_| EngineError::internal("an import can't be written as JSON"))
}

pub fn id_text(id: i64) -> String {
    Id::new(id).map(|id| id.to_string()).unwrap_or_default()
}

/// The job doesn't stand where this could be done.
pub fn wrong_state(wanted: State) -> EngineError {
    let (zh, en) = match wanted {
        State::Checking => (
            "导入正在进行或已经完成，不能再检查",
            "The import is at work or done and can't be checked any more",
        ),
        State::Running => {
            ("导入正在进行或已经完成，不能再开始", "The import is at work or done and can't be started again")
        }
        State::Cancelled => {
            ("导入没有在进行，不需要取消", "The import is not at work; there is nothing to cancel")
        }
        State::Undoing => {
            ("导入还没有写入数据，或已经撤销", "The import has written nothing yet, or was undone already")
        }
        _ => (
            "导入正在进行或已经完成，不能再修改",
            "The import is at work or done and can't be changed any more",
        ),
    };
    Problem::new(Code::Conflict).with_detail(zh, en).into()
}
