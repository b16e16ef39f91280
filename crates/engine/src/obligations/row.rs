//! A promise with a date, as it is kept.

use crate::error::Result;
use huike_store::{Conn, Row, Sql, SqlValue, StoreError};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$each])* $variant,)* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$variant,)*];
            pub fn name(self) -> &'static str { match self { $($name::$variant => $text,)* } }
            pub fn parse(text: &str) -> Option<$name> { match text { $($text => Some($name::$variant),)* _ => None } }
        }
    };
}
pub(crate) use words;

words! {
    /// What was promised.
    Kind {
        /// The next step that was agreed with a customer; talking with them again keeps it.
        FollowUp "follow_up",
        Task "task",
        /// To be in touch within so many working days.
        Contact "contact",
        /// A date of a record: a contract's end, a payment, a birthday.
        Date "date",
        /// A step of a plan.
        PlanStep "plan_step",
    }
}

words! {
    /// Where a promise stands.
    State {
        Open "open",
        /// Past its date and not kept.
        Late "late",
        Done "done",
        /// Let go, with a reason.
        Waived "waived",
        /// Its ground is gone: the record was deleted, the rule ended.
        Void "void",
    }
}

/// `rule_id` of what comes from a task.
pub const OF_TASK: i64 = 0;
/// `rule_id` of the promise to be in touch, whichever rule sets its length at the time: a customer has one of them.
pub const OF_SILENCE: i64 = 1;
/// `rule_id` of the step of a plan, whose row is the holder.
pub const OF_PLAN: i64 = 2;

/// The evidence of what somebody said to be done.
pub const PERSON: &str = "person";

/// How a promise came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Somebody said so.
    ByHand,
    /// The record shows it, or it was void.
    ByItself,
}

impl Ended {
    pub fn of(state: State, evidence: Option<&str>) -> Ended {
        let by_hand = state == State::Waived || evidence == Some(PERSON);
        if by_hand { Ended::ByHand } else { Ended::ByItself }
    }
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Obligation {
    pub id: i64,
    pub kind: Kind,
    /// What it is about.
    pub object: String,
    pub record: i64,
    /// `rule`, `person`, `import`, `plan`.
    pub source: String,
    pub rule: i64,
    /// The record whose field makes it: the task, the contract, the customer.
    pub holder: String,
    pub holder_id: i64,
    pub owner: Option<i64>,
    pub title: String,
    pub opened_at: i64,
    /// Milliseconds since 1970; for a whole day its last one.
    pub due_at: i64,
    pub all_day: bool,
    pub state: State,
    pub late_at: Option<i64>,
    pub closed_at: Option<i64>,
    /// The rule whose steps are climbed; 0 for none.
    pub ladder: i64,
    /// Steps behind it.
    pub level: i64,
    /// When it must be looked at again.
    pub next_at: Option<i64>,
    pub note: Option<String>,
    pub evidence: Option<String>,
    pub evidence_id: Option<i64>,
}

/// The columns that [`Obligation::read`] expects, in order.
pub const COLUMNS: &str = "id, kind, object, record_id, source, rule_id, holder, holder_id, owner_id, title, opened_at, \
     due_at, all_day, state, late_at, closed_at, ladder_id, level, next_at, note, evidence, evidence_id";

/// The columns of a table alias.
pub fn columns_of(alias: &str) -> String {
    COLUMNS.split(',').map(|column| format!("{alias}.{}", column.trim())).collect::<Vec<_>>().join(", ")
}

/// How a promise ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Kept; what shows it: an object and, where there is one, its record.
    Done {
        evidence: String,
        record: Option<i64>,
    },
    Waived {
        reason: Option<String>,
    },
    Void {
        reason: &'static str,
    },
}

impl Obligation {
    pub fn ended(&self) -> Option<Ended> {
        self.closed_at.map(|_| Ended::of(self.state, self.evidence.as_deref()))
    }

    /// # Errors
    /// A row that no version of this program wrote.
    pub fn read(row: &Row) -> std::result::Result<Obligation, StoreError> {
        let corrupt = |what: &str| StoreError::Corrupt { reason: format!("obligation.{what}") };
        let text = |column| Ok::<_, StoreError>(row.opt_text(column)?.map(str::to_owned));
        Ok(Obligation {
            id: row.int(0)?,
            kind: Kind::parse(row.text(1)?).ok_or_else(|| corrupt("kind"))?,
            object: row.text(2)?.to_owned(),
            record: row.int(3)?,
            source: row.text(4)?.to_owned(),
            rule: row.int(5)?,
            holder: row.text(6)?.to_owned(),
            holder_id: row.int(7)?,
            owner: row.opt_int(8)?,
            title: row.text(9)?.to_owned(),
            opened_at: row.int(10)?,
            due_at: row.int(11)?,
            all_day: row.int(12)? != 0,
            state: State::parse(row.text(13)?).ok_or_else(|| corrupt("state"))?,
            late_at: row.opt_int(14)?,
            closed_at: row.opt_int(15)?,
            ladder: row.int(16)?,
            level: row.int(17)?,
            next_at: row.opt_int(18)?,
            note: text(19)?,
            evidence: text(20)?,
            evidence_id: row.opt_int(21)?,
        })
    }

    pub fn insert(&self) -> Result<Sql> {
        let values: [SqlValue; 22] = [
            self.id.into(),
            self.kind.name().into(),
            self.object.as_str().into(),
            self.record.into(),
            self.source.as_str().into(),
            self.rule.into(),
            self.holder.as_str().into(),
            self.holder_id.into(),
            self.owner.into(),
            self.title.as_str().into(),
            self.opened_at.into(),
            self.due_at.into(),
            self.all_day.into(),
            self.state.name().into(),
            self.late_at.into(),
            self.closed_at.into(),
            self.ladder.into(),
            self.level.into(),
            self.next_at.into(),
            self.note.clone().into(),
            self.evidence.clone().into(),
            self.evidence_id.into(),
        ];
        let places = (1..=values.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
        Ok(Sql::with(format!("insert into obligation ({COLUMNS}) values ({places})"), values)?)
    }

    /// Writes what changes while it is open.
    pub fn update(&self) -> Result<Sql> {
        let mut sql = Sql::raw("update obligation set kind = ");
        sql.bind(self.kind.name()).push(", object = ").bind(self.object.as_str());
        sql.push(", record_id = ").bind(self.record).push(", owner_id = ").bind(self.owner);
        sql.push(", title = ").bind(self.title.as_str()).push(", due_at = ").bind(self.due_at);
        sql.push(", all_day = ").bind(self.all_day).push(", state = ").bind(self.state.name());
        sql.push(", late_at = ").bind(self.late_at).push(", ladder_id = ").bind(self.ladder);
        sql.push(", level = ").bind(self.level).push(", next_at = ").bind(self.next_at);
        sql.push(" where id = ").bind(self.id).push(" and closed_at is null");
        Ok(sql)
    }
}

/// The statement that ends a promise; one that has ended stays as it is.
pub fn close(id: i64, end: &End, now: i64, by: i64) -> Result<Sql> {
    let (state, evidence, record, note) = match end {
        End::Done { evidence, record } => (State::Done, Some(evidence.clone()), *record, None),
        End::Waived { reason } => (State::Waived, None, None, reason.clone()),
        End::Void { reason } => (State::Void, None, None, Some((*reason).to_owned())),
    };
    let mut sql = Sql::raw("update obligation set state = ");
    sql.bind(state.name()).push(", closed_at = ").bind(now).push(", closed_by = ").bind(by);
    sql.push(", evidence = ").bind(evidence).push(", evidence_id = ").bind(record);
    sql.push(", note = coalesce(").bind(note).push(", note), next_at = null where id = ").bind(id);
    sql.push(" and closed_at is null");
    Ok(sql)
}

/// What a query finds.
///
/// # Errors
/// The database's.
pub fn read_all(conn: &mut Conn, sql: &Sql) -> Result<Vec<Obligation>> {
    Ok(conn.query(sql)?.iter().map(Obligation::read).collect::<std::result::Result<_, _>>()?)
}

/// The open promise of these holders under one rule.
///
/// # Errors
/// The database's.
pub fn open_of(conn: &mut Conn, holder: &str, rule: i64, ids: &[i64]) -> Result<Vec<Obligation>> {
    let mut sql = Sql::raw(format!("select {COLUMNS} from obligation where closed_at is null and holder = "));
    sql.bind(holder).push(" and ").push_in("holder_id", ids.iter().copied());
    sql.push(" and rule_id = ").bind(rule);
    if conn.dialect().for_update() != "" {
        let lock = conn.dialect().for_update();
        sql.push(lock);
    }
    read_all(conn, &sql)
}
