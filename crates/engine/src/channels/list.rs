//! Deliveries as an administrator sees them: what waits, what left, what failed and why.

use super::known::Known;
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::obligations::list::{cursor_text, mark};
use crate::records::render::id_text;
use crate::shown::instant_text;
use huike_courier::Cause;
use huike_model::access::AdminArea;
use huike_model::{Fault, Label};
use huike_store::{Conn, Row, Sql};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

pub const STATES: [&str; 6] = ["waiting", "sending", "sent", "stale", "dropped", "dead"];
const DEFAULT_LIMIT: i64 = 50;
const MAX_LIMIT: i64 = 200;

/// What a caller asks.
#[derive(Clone, Debug, Default)]
pub struct DeliveryRequest {
    pub channel: Option<i64>,
    pub state: Option<String>,
    pub limit: Option<i64>,
    pub cursor: Option<String>,
}

impl Engine {
    /// Deliveries, newest first.
    ///
    /// # Errors
    /// `forbidden`; `bad_cursor`; `invalid`.
    pub async fn deliveries(&self, cx: Cx, request: DeliveryRequest) -> Result<Json> {
        cx.require(AdminArea::Settings)?;
        let limit = request.limit.unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            let (zh, en) = ("每页条数应在 1 到 200 之间", "The page size must be between 1 and 200");
            return Err(Fault::new("limit", "range", zh, en).into());
        }
        let before = request.cursor.as_deref().map(mark).transpose()?;
        self.read(move |conn| {
            let names: HashMap<i64, String> =
                Known::all(conn)?.into_iter().map(|known| (known.id, known.name)).collect();
            let mut sql = Sql::raw(
                "select d.id, d.channel_id, d.user_id, d.state, d.attempts, d.next_at, d.fault, d.at, d.done_at, n.kind, d.greeting_id \
                 from delivery d left join notification n on n.id = d.notification_id where 1 = 1",
            );
            if let Some(channel) = request.channel {
                sql.push(" and d.channel_id = ").bind(channel);
            }
            if let Some(state) = &request.state {
                sql.push(" and d.state = ").bind(state.as_str());
            }
            if let Some((_, id)) = before {
                sql.push(" and d.id < ").bind(id);
            }
            sql.push(" order by d.id desc limit ").bind(limit + 1);
            let mut rows = conn.query(&sql)?;
            let more = rows.len() as i64 > limit;
            rows.truncate(limit as usize);
            let next = match rows.last().filter(|_| more) {
                Some(last) => Some(cursor_text(last.int(7)?, last.int(0)?)),
                None => None,
            };
            let items = rows.iter().map(|row| shown(&cx, &names, row)).collect::<Result<Vec<_>>>()?;
            Ok(json!({"items": items, "next_cursor": next}))
        })
        .await
    }
}

fn shown(cx: &Cx, names: &HashMap<i64, String>, row: &Row) -> Result<Json> {
    let channel = row.int(1)?;
    let user = row.opt_int(2)?;
    let state = row.text(3)?;
    let next = row.opt_int(5)?.filter(|_| state == "waiting");
    Ok(json!({
        "id": id_text(row.int(0)?),
        "channel": {"id": id_text(channel), "name": names.get(&channel)},
        "user": user.map(|user| json!({"id": id_text(user), "name": cx.org.user(user).map(|person| person.name.clone())})),
        "kind": if row.opt_int(10)?.is_some() { Some("greeting") } else { row.opt_text(9)? },
        "state": state,
        "attempts": row.int(4)?,
        "next_at": next.map(instant_text),
        "fault": row.opt_text(6)?.map(|fault| reason(fault).get(cx.lang()).to_owned()),
        "at": instant_text(row.int(7)?),
        "done_at": row.opt_int(8)?.map(instant_text),
    }))
}

/// To whom parcels were to go, and by which channel, in words.
///
/// # Errors
/// The database's.
pub fn about(conn: &mut Conn, cx: &Cx, parcels: &[i64]) -> Result<HashMap<i64, String>> {
    let mut sql = Sql::raw(
        "select distinct d.parcel, d.user_id, c.name from delivery d left join channel c on c.id = d.channel_id where ",
    );
    sql.push_in("d.parcel", parcels.iter().copied());
    let greeting = Label::new("客户祝福", "Greeting");
    let words = |row: &Row| -> Result<(i64, String)> {
        let to = match row.opt_int(1)? {
            Some(user) => cx.org.user(user).map(|person| person.name.clone()).unwrap_or_default(),
            None => greeting.get(cx.lang()).to_owned(),
        };
        let through = row.opt_text(2)?.unwrap_or_default();
        Ok((row.int(0)?, if through.is_empty() { to } else { format!("{to} · {through}") }))
    };
    conn.query(&sql)?.iter().map(words).collect()
}

/// A fault as people read it: what went wrong, and the other side's own words.
pub fn reason(fault: &str) -> Label {
    let (name, detail) = fault.split_once('\n').unwrap_or((fault, ""));
    let label = match name {
        "read" => Label::new("已在页面上看过，或已无权查看", "Read in the page, or out of reach by now"),
        "left" => Label::new("收件人已停用", "The person has left"),
        "withdrawn" => {
            Label::new("已撤回，或联系人不再同意接收", "Withdrawn, or the contact no longer agrees")
        }
        "channel_off" => Label::new("渠道已停用", "The channel was switched off"),
        name => match Cause::parse(name) {
            Some(cause) => of_cause(cause),
            None => Label::new("未知原因", "Unknown"),
        },
    };
    if detail.trim().is_empty() {
        return label;
    }
    let Label { zh, en } = label;
    Label::new(format!("{zh}（对方返回：{detail}）"), format!("{en} (the other side said: {detail})"))
}

fn of_cause(cause: Cause) -> Label {
    match cause {
        Cause::Unreachable => Label::new("连接不上服务器", "The server can't be reached"),
        Cause::TimedOut => Label::new("服务器没有按时应答", "The server didn't answer in time"),
        Cause::Tls => {
            Label::new("无法建立加密连接，请检查证书和端口", "No safe connection; check certificate and port")
        }
        Cause::SignIn => Label::new("账号、密码或签名被拒绝", "Account, password or signature were refused"),
        Cause::Throttled => Label::new("发送太频繁，被限流", "Too many messages; the provider slows us down"),
        Cause::Busy => Label::new("对方暂时无法处理", "The other side can't take it for now"),
        Cause::Forbidden => Label::new(
            "不允许连接这个地址，请由运维在服务器配置 outbound_hosts 中允许",
            "This host may not be talked to; it is allowed in the server's setting outbound_hosts",
        ),
        Cause::Recipient => Label::new("收件地址或号码不存在", "There is no such address or number"),
        Cause::Refused => Label::new("对方拒绝了这条消息", "The other side refused this message"),
        Cause::NoAddress => {
            Label::new("收件人没有填写邮箱或手机", "The person has no e-mail address or mobile number")
        }
        Cause::Answer => Label::new("对方的应答无法识别", "The answer can't be understood"),
    }
}

/// How many deliveries of each channel wait, failed, and left within a time.
///
/// # Errors
/// The database's.
pub fn counts(conn: &mut Conn, since: i64) -> Result<HashMap<(i64, String), i64>> {
    let sql = "select channel_id, state, count(*) from delivery where state in ('waiting', 'sending', 'dead') \
         or (state in ('sent', 'stale') and id >= $1) group by channel_id, state";
    let rows = conn.query(&Sql::with(sql, [huike_store::first_id_at(since).into()])?)?;
    rows.iter().map(|row| Ok(((row.int(0)?, row.text(1)?.to_owned()), row.int(2)?))).collect()
}
