//! What the company says about time and reminding, as one part of the snapshot of its people.

use super::rule::{self, Rule, Trigger};
use crate::access::Org;
use crate::error::{EngineError, Result};
use crate::setting;
use huike_model::worktime::{DayKind, Days, Holiday, Quiet, TimeOfDay, Week, WorkCalendar};
use huike_store::{Conn, Sql};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The key in `setting`.
pub const SETTING: &str = "calendar";

/// Weekly hours, quiet hours, and how much reminding a person gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CalendarSettings {
    pub week: Week,
    /// By the department's id: hours of it and of those below it that have none of their own.
    pub departments: BTreeMap<i64, Week>,
    pub quiet: Quiet,
    /// When the day's digest comes.
    pub digest_at: TimeOfDay,
    /// Reminders that a person gets at once in a day; the rest waits for the digest.
    pub daily_limit: u32,
    /// By the option of `customer.tier`: how many of them may be about its customers; 0 leaves all of these to the digest.
    pub tier_limits: BTreeMap<String, u32>,
}

impl Default for CalendarSettings {
    fn default() -> CalendarSettings {
        CalendarSettings {
            week: Week::default(),
            departments: BTreeMap::new(),
            quiet: Quiet::default(),
            digest_at: TimeOfDay::new(8, 30).unwrap_or_else(|| Quiet::default().to),
            daily_limit: 20,
            // Half a day's reminders stay free for customers who matter more.
            tier_limits: BTreeMap::from([("c".to_owned(), 10)]),
        }
    }
}

/// Somebody is away, and who stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence {
    pub id: i64,
    pub user: i64,
    pub from: i64,
    pub to: i64,
    pub stand_in: Option<i64>,
}

/// The snapshot.
#[derive(Debug, Default)]
pub struct Follow {
    pub settings: CalendarSettings,
    pub days: Arc<Days>,
    pub absences: Vec<Absence>,
    /// In order; those out of force too.
    pub rules: Vec<Arc<Rule>>,
}

impl Follow {
    /// # Errors
    /// The database's; stored settings that can't be read.
    pub fn load(conn: &mut Conn) -> Result<Follow> {
        let settings = match setting::get(conn, SETTING)? {
            Some(text) => serde_json::from_str(&text)
                .map_err(|_| EngineError::internal("the calendar can't be read"))?,
            None => CalendarSettings::default(),
        };
        let mut days = Holiday::days();
        for row in conn.query(&Sql::raw("select day, kind from work_day"))? {
            let kind = match row.text(1)? {
                "off" => DayKind::Off,
                "work" => DayKind::Work,
                _ => DayKind::Usual,
            };
            days.insert(row.int(0)?, kind);
        }
        let sql = "select id, user_id, from_at, to_at, stand_in from absence order by from_at, id";
        let absences = conn.query(&Sql::raw(sql))?;
        let absence = |row: &huike_store::Row| -> Result<Absence> {
            Ok(Absence {
                id: row.int(0)?,
                user: row.int(1)?,
                from: row.int(2)?,
                to: row.int(3)?,
                stand_in: row.opt_int(4)?,
            })
        };
        Ok(Follow {
            settings,
            days: Arc::new(days),
            absences: absences.iter().map(absence).collect::<Result<_>>()?,
            rules: rule::load_all(conn)?,
        })
    }

    /// The rules in force of one kind of trigger, in order.
    pub fn active(&self, of: impl Fn(&Trigger) -> bool) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.iter().filter(move |rule| rule.active && of(&rule.definition.trigger))
    }

    pub fn rule(&self, id: i64) -> Option<&Arc<Rule>> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

/// Longer chains of stand-ins and managers are cut.
const MAX_CHAIN: usize = 10;

impl Org {
    /// The working time of a person; the company's for nobody.
    pub fn calendar_of(&self, user: Option<i64>) -> WorkCalendar {
        let department = user.and_then(|user| self.user(user)).and_then(|person| person.department);
        let above = department.map(|department| self.departments_above(department)).unwrap_or_default();
        let settings = &self.follow.settings;
        let week = above.iter().find_map(|department| settings.departments.get(department));
        WorkCalendar::new(self.company.zone, week.unwrap_or(&settings.week).clone(), self.follow.days.clone())
    }

    pub fn is_active(&self, user: i64) -> bool {
        self.user(user).is_some_and(|person| person.active)
    }

    /// Who does a person's work at a time: they themselves, or whoever stands in. Nobody when they have left.
    pub fn acting(&self, user: i64, at: i64) -> Option<i64> {
        let mut acting = user;
        for _ in 0..MAX_CHAIN {
            if !self.is_active(acting) {
                return None;
            }
            let away = self
                .follow
                .absences
                .iter()
                .find(|away| away.user == acting && (away.from..away.to).contains(&at));
            match away.and_then(|away| away.stand_in).filter(|stand_in| self.is_active(*stand_in)) {
                Some(stand_in) if stand_in != user => acting = stand_in,
                _ => return Some(acting),
            }
        }
        Some(acting)
    }

    /// The active person directly above: their manager, else the head of their department or of one above it.
    pub fn manager_of(&self, user: i64) -> Option<i64> {
        let person = self.user(user)?;
        let mut next = person.manager;
        for _ in 0..MAX_CHAIN {
            match next {
                Some(manager) if manager != user && self.is_active(manager) => return Some(manager),
                Some(manager) if manager != user => next = self.user(manager).and_then(|gone| gone.manager),
                _ => break,
            }
        }
        let departments =
            person.department.map(|department| self.departments_above(department)).unwrap_or_default();
        let heads = departments.iter().filter_map(|department| self.department(*department)?.manager);
        heads.into_iter().find(|head| *head != user && self.is_active(*head))
    }

    /// Everybody whose manager, or whose manager's manager, a person is, and everybody in the departments they head.
    pub fn reports_of(&self, user: i64) -> Vec<i64> {
        let mut found: Vec<i64> = Vec::new();
        let mut next = vec![user];
        while let Some(above) = next.pop() {
            let heads = self.departments().filter(|department| department.manager == Some(above));
            let headed: Vec<i64> =
                heads.flat_map(|department| self.departments_under(department.id)).collect();
            let under = self.users().filter(|person| {
                person.manager == Some(above) || person.department.is_some_and(|one| headed.contains(&one))
            });
            let mut under: Vec<i64> =
                under.map(|person| person.id).filter(|id| *id != user && !found.contains(id)).collect();
            under.sort_unstable();
            found.extend(&under);
            next.extend(under);
        }
        found
    }
}
