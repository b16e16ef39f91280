//! Reminders on their way to people: who hears of a step, whether now or in the digest, once.

use super::row::Obligation;
use super::rule::{Level, Rule};
use crate::channels::outbox;
use crate::cx::Cx;
use crate::error::Result;
use huike_model::access::AdminArea;
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// A notification to be written.
#[derive(Clone, Debug)]
pub struct Draft {
    pub user: i64,
    pub kind: &'static str,
    pub subject: Option<(String, i64)>,
    pub obligation: Option<i64>,
    pub rule: i64,
    pub level: i64,
    pub due_at: Option<i64>,
    pub title: String,
    pub why: Json,
    /// Told at once; else it waits for the digest.
    pub live: bool,
    /// By a rule for what can't wait: it has its own wish, and no daily limit.
    pub urgent: bool,
    /// Its rule says that it comes in quiet hours too.
    pub any_hour: bool,
    /// The tier of the customer it is about, where tiers have limits of their own.
    pub tier: Option<String>,
    /// What makes a second one impossible.
    pub once: String,
}

impl Draft {
    /// One that is about no record and told at once.
    pub fn plain(user: i64, kind: &'static str, why: Json, once: String) -> Draft {
        Draft {
            user,
            kind,
            subject: None,
            obligation: None,
            rule: 0,
            level: 0,
            due_at: None,
            title: String::new(),
            why,
            live: true,
            urgent: false,
            any_hour: false,
            tier: None,
            once,
        }
    }

    /// The statements that write it and what goes out of the house with it, unless it is there already.
    ///
    /// # Errors
    /// When no id can be had.
    pub fn insert(&self, conn: &Conn, cx: &Cx) -> Result<Vec<Sql>> {
        let (id, now) = (conn.next_id()?, cx.moment.now);
        let (object, record) = match &self.subject {
            Some((object, record)) => (Some(object.as_str()), Some(*record)),
            None => (None, None),
        };
        let sql = "insert into notification (id, user_id, kind, object, record_id, obligation_id, rule_id, level, due_at, \
             title, why, at, live, tier, once) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
             on conflict (once) do nothing";
        let values = [
            id.into(),
            self.user.into(),
            self.kind.into(),
            object.into(),
            record.into(),
            self.obligation.into(),
            self.rule.into(),
            self.level.into(),
            self.due_at.into(),
            self.title.as_str().into(),
            self.why.to_string().into(),
            now.into(),
            self.live.into(),
            self.tier.as_deref().into(),
            self.once.as_str().into(),
        ];
        let mut statements = vec![Sql::with(sql, values)?];
        statements.extend(outbox::hand_over(conn, cx, self, id)?);
        Ok(statements)
    }
}

/// Who hears of a step.
///
/// # Errors
/// The database's.
pub fn recipients(conn: &mut Conn, cx: &Cx, obligation: &Obligation, level: Level) -> Result<BTreeSet<i64>> {
    let now = cx.moment.now;
    let org = &cx.org;
    let owner = obligation.owner;
    let above = |user: Option<i64>| user.and_then(|user| org.manager_of(user));
    Ok(match level {
        // An owner who has left can't be reminded: whoever led them is.
        Level::Owner => {
            let acting = owner.and_then(|owner| org.acting(owner, now));
            acting.or_else(|| above(owner)).or_else(|| overseer(cx)).into_iter().collect()
        }
        Level::Manager => above(owner).and_then(|user| org.acting(user, now)).into_iter().collect(),
        Level::Director => above(above(owner)).and_then(|user| org.acting(user, now)).into_iter().collect(),
        Level::Collaborator => {
            // Whoever may change the record, or the task that the promise was made by.
            let sql = "select distinct grantee_id from record_share where grantee_kind = 'user' and level = 'write' \
                 and (expires_at is null or expires_at > $1) \
                 and ((object = $2 and record_id = $3) or (object = $4 and record_id = $5))";
            let values = [
                now.into(),
                obligation.object.as_str().into(),
                obligation.record.into(),
                obligation.holder.as_str().into(),
                obligation.holder_id.into(),
            ];
            let rows = conn.query(&Sql::with(sql, values)?)?;
            let mut found = BTreeSet::new();
            for row in rows {
                found.extend(org.acting(row.int(0)?, now).filter(|user| Some(*user) != owner));
            }
            found
        }
    })
}

/// Who is told of what has nobody: the first person who looks after the accounts.
pub fn overseer(cx: &Cx) -> Option<i64> {
    overseers(cx).into_iter().next()
}

/// Everybody who looks after the accounts.
pub fn overseers(cx: &Cx) -> BTreeSet<i64> {
    looking_after(cx, AdminArea::Users)
}

/// Everybody who looks after a part of the administration.
pub fn looking_after(cx: &Cx, area: AdminArea) -> BTreeSet<i64> {
    let looks_after =
        |role: &i64| cx.org.role(*role).is_some_and(|role| role.permissions.admin.contains(&area));
    let active = cx.org.users().filter(|person| person.active && person.roles.iter().any(looks_after));
    active.map(|person| person.id).collect()
}

/// The reminder of one step to one person.
pub fn reminder(obligation: &Obligation, rule: &Rule, level: i64, to: Level, user: i64) -> Draft {
    let kind = if matches!(to, Level::Manager | Level::Director) { "escalation" } else { "reminder" };
    Draft {
        user,
        kind,
        subject: Some((obligation.object.clone(), obligation.record)),
        obligation: Some(obligation.id),
        rule: rule.id,
        level,
        due_at: Some(obligation.due_at),
        title: obligation.title.clone(),
        why: json!({"to": to.name()}),
        live: !rule.definition.digest,
        urgent: rule.definition.urgent,
        any_hour: rule.definition.in_quiet_hours,
        tier: None,
        once: format!(
            "r{}:{}:{}:{level}:{}:{user}",
            rule.id, obligation.holder, obligation.holder_id, obligation.due_at
        ),
    }
}
