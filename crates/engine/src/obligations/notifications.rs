//! Notifications as their reader sees them: list, read, snooze, and why they came.

use super::list::{allowed, cursor_text, mark, numbered, reached, title_of};
use super::row::{Ended, Kind, State};
use crate::channels::list::reason;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::records::render::id_text;
use crate::shown::{instant_text, parse_instant, person};
use huike_model::moment::DAY_MS;
use huike_model::{Code, Fault, Label};
use huike_store::{Conn, Row, Sql};
use serde_json::{Value as Json, json};
use std::collections::HashSet;

const DEFAULT_LIMIT: i64 = 30;
const MAX_LIMIT: i64 = 100;
const COLUMNS: &str = "n.id, n.kind, n.object, n.record_id, n.obligation_id, n.rule_id, n.level, n.due_at, n.title, n.why, n.at, \
     n.live, n.read_at, n.snoozed_until, o.kind, o.holder, o.holder_id, o.state, o.closed_at, o.owner_id, o.evidence";
const FROM: &str = "notification n left join obligation o on o.id = n.obligation_id";
/// Counting ends here: "99+".
const COUNTED: i64 = 100;

/// A row as it is kept.
struct Notification {
    id: i64,
    kind: String,
    subject: Option<(String, i64)>,
    obligation: Option<i64>,
    rule: i64,
    level: i64,
    due_at: Option<i64>,
    title: String,
    why: Json,
    at: i64,
    live: bool,
    read_at: Option<i64>,
    snoozed_until: Option<i64>,
    promise: Option<Kind>,
    holder: Option<(String, i64)>,
    /// How the promise stands now, and whether it has ended.
    state: Option<(State, Option<Ended>)>,
    owner: Option<i64>,
}

fn read(row: &Row) -> Result<Notification> {
    let pair = |object: usize, id: usize| -> Result<Option<(String, i64)>> {
        Ok(row.opt_text(object)?.map(str::to_owned).zip(row.opt_int(id)?))
    };
    Ok(Notification {
        id: row.int(0)?,
        kind: row.text(1)?.to_owned(),
        subject: pair(2, 3)?,
        obligation: row.opt_int(4)?,
        rule: row.int(5)?,
        level: row.int(6)?,
        due_at: row.opt_int(7)?,
        title: row.text(8)?.to_owned(),
        why: serde_json::from_str(row.text(9)?).unwrap_or_default(),
        at: row.int(10)?,
        live: row.int(11)? != 0,
        read_at: row.opt_int(12)?,
        snoozed_until: row.opt_int(13)?,
        promise: row.opt_text(14)?.and_then(Kind::parse),
        holder: pair(15, 16)?,
        state: match (row.opt_text(17)?.and_then(State::parse), row.opt_int(18)?, row.opt_text(20)?) {
            (Some(state), closed_at, evidence) => {
                Some((state, closed_at.map(|_| Ended::of(state, evidence))))
            }
            (None, ..) => None,
        },
        owner: row.opt_int(19)?,
    })
}

impl Engine {
    /// The caller's notifications, newest first, and how many are unread (a hundred at most). Those put off come when their time comes.
    ///
    /// # Errors
    /// `invalid`, `bad_cursor`.
    pub async fn notifications(
        &self,
        cx: Cx,
        unread: bool,
        limit: Option<i64>,
        cursor: Option<String>,
    ) -> Result<Json> {
        let limit = limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let (zh, en) = ("每页条数应在 1 到 100 之间", "The page size must be between 1 and 100");
            return Err(Fault::new("limit", "range", zh, en).into());
        }
        let before = cursor.as_deref().map(mark).transpose()?;
        self.read(move |conn| {
            let me = cx.caller.actor.user();
            let mut sql = Sql::raw(format!("select {COLUMNS} from {FROM} where n.user_id = "));
            sql.bind(me)
                .push(" and (n.snoozed_until is null or n.snoozed_until <= ")
                .bind(cx.moment.now)
                .push(")");
            if unread {
                sql.push(" and n.read_at is null");
            }
            if let Some((_, id)) = before {
                sql.push(" and n.id < ").bind(id);
            }
            sql.push(" order by n.id desc limit ").bind(limit + 1);
            let mut rows = conn.query(&sql)?.iter().map(read).collect::<Result<Vec<_>>>()?;
            let more = rows.len() as i64 > limit;
            rows.truncate(limit as usize);
            let next = rows.last().filter(|_| more).map(|last| cursor_text(last.at, last.id));
            let unread = unread_count(conn, &cx, me)?;
            Ok(json!({"items": shown(conn, &cx, rows)?, "next_cursor": next, "unread": unread}))
        })
        .await
    }

    /// Marks some as read, all of them without ids.
    ///
    /// # Errors
    /// `forbidden` for a key that may only read; what isn't the caller's is passed over.
    pub async fn read_notifications(&self, cx: Cx, ids: Option<Vec<i64>>) -> Result<Json> {
        cx.require_to_write()?;
        self.write(move |conn| {
            let me = cx.caller.actor.user();
            let mut sql = Sql::raw("update notification set read_at = ");
            sql.bind(cx.moment.now).push(" where read_at is null and user_id = ").bind(me);
            if let Some(ids) = &ids {
                sql.push(" and ").push_in("id", ids.iter().copied());
            }
            conn.execute(&sql)?;
            Ok(json!({"unread": unread_count(conn, &cx, me)?}))
        })
        .await
    }

    /// Puts one off: it comes back, unread, when its time comes.
    ///
    /// # Errors
    /// `not_found`; `invalid`.
    pub async fn snooze_notification(&self, cx: Cx, id: i64, until: String) -> Result<()> {
        cx.require_to_write()?;
        let id = numbered(id)?;
        let month = 31 * DAY_MS;
        let at = parse_instant(&until).filter(|at| (cx.moment.now..=cx.moment.now + month).contains(at));
        let fault =
            || Fault::new("until", "range", "应为一个月内的将来时间", "Must be a time ahead, within a month");
        let at = at.ok_or_else(fault)?;
        self.write(move |conn| {
            let sql =
                "update notification set snoozed_until = $1, read_at = null where id = $2 and user_id = $3";
            let values = [at.into(), id.into(), cx.caller.actor.user().into()];
            if conn.execute(&Sql::with(sql, values)?)? == 0 { Err(Code::NotFound.into()) } else { Ok(()) }
        })
        .await
    }

    /// Why the caller got one: the rule, the step, the promise, and who else heard of it.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn explain_notification(&self, cx: Cx, id: i64) -> Result<Json> {
        let id = numbered(id)?;
        self.read(move |conn| {
            let mut sql = Sql::raw(format!("select {COLUMNS} from {FROM} where n.id = "));
            sql.bind(id).push(" and n.user_id = ").bind(cx.caller.actor.user());
            let found = read(&conn.query_opt(&sql)?.ok_or(Code::NotFound)?)?;
            let reasons: Vec<String> =
                reasons(&cx, &found).into_iter().map(|label| label.get(cx.lang()).to_owned()).collect();
            let others = heard(conn, &cx, &found)?;
            let item = shown(conn, &cx, vec![found])?.pop().ok_or(Code::NotFound)?;
            Ok(json!({"notification": item, "reasons": reasons, "heard": others}))
        })
        .await
    }
}

/// How many are unread, a hundred at most.
fn unread_count(conn: &mut Conn, cx: &Cx, user: i64) -> Result<i64> {
    let sql = "select count(*) from (select 1 from notification where user_id = $1 and read_at is null \
         and (snoozed_until is null or snoozed_until <= $2) limit $3) n";
    Ok(conn.query_one(&Sql::with(sql, [user.into(), cx.moment.now.into(), COUNTED.into()])?)?.int(0)?)
}

/// Some of a reader's notifications as the reader may see them now; those that were read, put off or are out of reach are left out.
///
/// # Errors
/// The database's.
pub(crate) fn still_unread(conn: &mut Conn, cx: &Cx, ids: &[i64]) -> Result<Vec<Json>> {
    let mut sql = Sql::raw(format!("select {COLUMNS} from {FROM} where n.user_id = "));
    sql.bind(cx.caller.actor.user()).push(" and n.read_at is null and n.snoozed_until is null and ");
    sql.push_in("n.id", ids.iter().copied()).push(" order by n.id");
    let rows = conn.query(&sql)?.iter().map(read).collect::<Result<Vec<_>>>()?;
    shown(conn, cx, rows)
}

fn shown(conn: &mut Conn, cx: &Cx, rows: Vec<Notification>) -> Result<Vec<Json>> {
    let wanted = rows.iter().flat_map(|one| [one.subject.clone(), one.holder.clone()]).flatten();
    let reached = reached(conn, cx, wanted.collect::<HashSet<_>>().into_iter())?;
    let mut items = Vec::with_capacity(rows.len());
    for one in rows {
        let subject = one.subject.as_ref().and_then(|subject| reached.get(subject));
        let holder = one.holder.as_ref().and_then(|holder| reached.get(holder));
        // What the reader may no longer see is no longer told.
        if one.subject.is_some() && subject.is_none() && holder.is_none() {
            continue;
        }
        let of_task = matches!(one.promise, Some(Kind::Task | Kind::FollowUp));
        let title = match one.promise {
            Some(_) if of_task => holder.cloned().flatten().unwrap_or_default(),
            Some(kind) => title_of(cx, kind, one.rule, &one.title),
            None => one.title.clone(),
        };
        items.push(json!({
            "id": id_text(one.id),
            "kind": one.kind,
            "title": title,
            "text": text_of(cx, &one).get(cx.lang()),
            "object": one.subject.as_ref().map(|(object, _)| object),
            "record": one.subject.as_ref().map(|(_, id)| json!({"id": id_text(*id), "name": subject.cloned().flatten()})),
            "obligation": one.obligation.map(id_text),
            "owner": one.owner.map(|owner| person(cx, owner)),
            "state": one.state.map(|(state, _)| state.name()),
            "can": one.state.zip(one.promise).map_or(&[][..], |((_, ended), kind)| allowed(kind, ended)),
            "due_at": one.due_at.map(instant_text),
            "at": instant_text(one.at),
            "live": one.live,
            "read_at": one.read_at.map(instant_text),
        }));
    }
    Ok(items)
}

/// What it says beside the title.
fn text_of(cx: &Cx, one: &Notification) -> Label {
    let number = |name: &str| one.why[name].as_i64().unwrap_or_default();
    match one.kind.as_str() {
        "escalation" => Label::new("您的同事还没有处理", "A colleague of yours has not done this yet"),
        "digest" => Label::new(
            format!(
                "今日待办：逾期 {} 件，今天 {} 件，另有 {} 条提醒",
                number("late"),
                number("today"),
                number("held")
            ),
            format!(
                "Today: {} late, {} due, {} more reminders",
                number("late"),
                number("today"),
                number("held")
            ),
        ),
        "quality" => Label::new("请看数据质量中心", "Please look at the quality centre"),
        "mention" => {
            let by = cx.org.user(number("by")).map_or_else(String::new, |person| person.name.clone());
            Label::new(format!("{by}提到了您"), format!("{by} mentioned you"))
        }
        "stage_warning" => {
            let stage = |lang: &str| one.why["stage"][lang].as_str().unwrap_or_default().to_owned();
            let days = number("days");
            if one.why["warn_only"] == true {
                Label::new(
                    format!("快 {days} 天没有联系了，请跟进，或转为“{}”", stage("zh")),
                    format!(
                        "Nearly {days} days without contact: get in touch, or move it to “{}”",
                        stage("en")
                    ),
                )
            } else {
                Label::new(
                    format!("满 {days} 天没有联系将自动转为“{}”，请及时跟进", stage("zh")),
                    format!("Moves to “{}” by itself after {days} days without contact", stage("en")),
                )
            }
        }
        "leaks" => Label::new(
            format!(
                "您的团队本周漏跟进：没有负责人 {}，负责人已离职 {}，没有下一步 {}，太久没联系 {}",
                number("no_owner"),
                number("owner_left"),
                number("no_next_step"),
                number("silent")
            ),
            format!(
                "Leaks in your team: {} without owner, {} whose owner left, {} without a next step, {} silent",
                number("no_owner"),
                number("owner_left"),
                number("no_next_step"),
                number("silent")
            ),
        ),
        "greeting" => Label::new("近日有祝福待您确认", "A greeting waits for your word"),
        "channel" => {
            let name = one.why["name"].as_str().unwrap_or_default();
            let Label { zh, en } = reason(one.why["fault"].as_str().unwrap_or_default());
            Label::new(
                format!("通知渠道“{name}”发不出去：{zh}"),
                format!("The channel “{name}” brings nothing out: {en}"),
            )
        }
        "alert" => Label::new(
            "夜间检查发现有跟进没有登记，已自动补上，详情见系统日志",
            "The nightly check found follow-ups that were not on record; they were mended, the server's log says which",
        ),
        "pool_warning" => {
            let (count, day) = (number("count"), one.why["day"].as_str().unwrap_or_default());
            Label::new(
                format!("{count} 位客户太久没有进展，{day} 起将退回公海；联系客户或推进商机即可保留"),
                format!(
                    "{count} of your customers go back to the public pool from {day}; be in touch or move them on to keep them"
                ),
            )
        }
        "assignment" => Label::new(
            "没有人能接这位新客户，按分配规则交给您",
            "Nobody could take this new customer, so the assignment rules gave it to you",
        ),
        "handover" => {
            let person = one.why["person"].as_str().unwrap_or_default();
            let (count, note) = (number("count"), one.why["note"].as_str().unwrap_or_default());
            match one.why["undone"].as_bool() {
                Some(true) => Label::new(
                    format!("{person}交接给您的 {count} 条资料已撤回"),
                    format!("{count} records that {person} handed over to you went back"),
                ),
                _ if note.is_empty() => Label::new(
                    format!("{person}的 {count} 条资料已交接给您"),
                    format!("{count} records of {person} were handed over to you"),
                ),
                _ => Label::new(
                    format!("{person}的 {count} 条资料已交接给您：{note}"),
                    format!("{count} records of {person} were handed over to you: {note}"),
                ),
            }
        }
        "pool_recycled" => Label::new(
            format!("{} 位客户已退回公海", number("count")),
            format!("{} of your customers went back to the public pool", number("count")),
        ),
        _ if one.due_at.is_some_and(|due| due < one.at) => Label::new("已经过期", "Past its date"),
        _ => Label::new("快到期了", "Due soon"),
    }
}

fn reasons(cx: &Cx, one: &Notification) -> Vec<Label> {
    let mut reasons = Vec::new();
    if let Some(rule) = cx.org.follow.rule(one.rule) {
        let name = &rule.definition.name;
        reasons.push(Label::new(
            format!("提醒规则“{}”第 {} 步", name.zh, one.level + 1),
            format!("Step {} of the rule “{}”", one.level + 1, name.en),
        ));
    }
    reasons.push(match one.why["to"].as_str() {
        Some("owner") => Label::new(
            "您负责这件事，或在代班、或负责人已离职",
            "It is yours, or you stand in for its owner, or its owner has left",
        ),
        Some("collaborator") => {
            Label::new("这条资料共享给了您一起处理", "The record is shared with you to work on")
        }
        Some("manager") => Label::new("您是负责人的上级", "You are its owner's manager"),
        Some("director") => Label::new("您是负责人上级的上级", "You are the manager of its owner's manager"),
        Some("care") => Label::new(
            "您是这类数据的负责人、数据管家或监督人",
            "You are owner, steward or overseer of this data",
        ),
        _ if one.kind == "mention" => Label::new("您的名字写在里面", "Your name is written in it"),
        _ if one.kind == "handover" => Label::new("您是交接的接手人", "You took over in a handover"),
        _ if one.kind == "assignment" => Label::new(
            "分配规则里指定由您处理没有人能接的客户",
            "The assignment rules name you for customers that nobody can take",
        ),
        _ if one.kind.starts_with("pool_") => Label::new(
            "公海的自动回收规则，您是这些客户的负责人",
            "The recycling rules of the public pool; these customers are or were yours",
        ),
        _ if one.kind == "digest" => Label::new("每个工作日早上的汇总", "The digest of every working day"),
        _ if one.kind == "greeting" => Label::new("您负责这位联系人的客户", "You own the contact's customer"),
        _ if one.kind == "channel" => Label::new("您负责公司设置", "You look after the settings"),
        _ if one.kind == "leaks" => {
            Label::new("每周发给主管的漏跟进汇总", "The week's leaks, for whoever leads people")
        }
        _ => Label::new("您负责管理账号", "You look after the accounts"),
    });
    if !one.live {
        reasons.push(Label::new(
            "当天的即时提醒已到上限，改为汇总告知",
            "The day's reminders had reached their limit, so it was left to the digest",
        ));
    }
    if let Some(until) = one.snoozed_until {
        let until = cx.moment.local(until).format("%Y-%m-%d %H:%M");
        reasons.push(Label::new(format!("您推迟到了 {until}"), format!("You put it off until {until}")));
    }
    reasons
}

/// Who was reminded of the same promise, when.
fn heard(conn: &mut Conn, cx: &Cx, one: &Notification) -> Result<Vec<Json>> {
    let Some(obligation) = one.obligation else { return Ok(Vec::new()) };
    let sql =
        "select user_id, at, kind, read_at from notification where obligation_id = $1 order by id limit 50";
    let rows = conn.query(&Sql::with(sql, [obligation.into()])?)?;
    let mut heard = Vec::new();
    for row in rows {
        let user = row.int(0)?;
        heard.push(json!({
            "user": person(cx, user),
            "at": instant_text(row.int(1)?),
            "kind": row.text(2)?,
            "read": row.opt_int(3)?.is_some(),
        }));
    }
    Ok(heard)
}
