//! What came of the rules for a customer, and why, in words.

use super::choose::Skipped;
use super::rule::Rule;
use crate::cx::Cx;
use crate::error::Result;
use crate::records::render::id_text;
use huike_model::{Label, Lang};
use huike_store::{Conn, Sql};
use serde_json::{Value as Json, json};

/// People who are named in a reason.
const NAMED: usize = 5;

/// What came of it for one customer.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub record: i64,
    pub rule: Option<i64>,
    pub owner: Option<i64>,
    /// `assigned`, `pool`, `steward`, `none`.
    pub kind: &'static str,
    pub why: Json,
}

impl Outcome {
    /// # Errors
    /// The database's.
    pub fn keep(&self, conn: &mut Conn, cx: &Cx) -> Result<()> {
        conn.execute(&Sql::with(
            "insert into assignment_result (id, record_id, rule_id, owner_id, outcome, why, made_by, at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            [
                conn.next_id()?.into(),
                self.record.into(),
                self.rule.into(),
                self.owner.into(),
                self.kind.into(),
                self.why.to_string().into(),
                cx.author().into(),
                cx.moment.now.into(),
            ],
        )?)?;
        Ok(())
    }
}

/// The reason as it is kept: the rule's name as it was, how it chose, and who was passed over.
pub(super) fn why(rule: &Rule, skipped: &[Skipped]) -> Json {
    let skipped: Vec<Json> =
        skipped.iter().map(|one| json!({"user": id_text(one.user), "because": one.because})).collect();
    json!({"rule": rule.definition.name, "method": rule.definition.method, "skipped": skipped})
}

/// The reason in words: "规则“华东”轮到；王芳请假、李强今天已满，跳过".
pub(crate) fn text(cx: &Cx, kind: &str, why: &Json) -> String {
    let lang = cx.lang();
    let rule: Label = serde_json::from_value(why["rule"].clone()).unwrap_or_default();
    let rule = rule.get(lang);
    let mut text = match (kind, why["method"].as_str()) {
        ("assigned", Some("load")) => Label::new(
            format!("规则“{rule}”：名下客户最少"),
            format!("Rule “{rule}”: had the fewest customers"),
        ),
        ("assigned", _) => Label::new(format!("规则“{rule}”：轮到"), format!("Rule “{rule}”: next in turn")),
        ("steward", _) => Label::new(
            format!("规则“{rule}”：没有人能接，交给指定的同事"),
            format!("Rule “{rule}”: nobody could take it, so the steward got it"),
        ),
        ("pool", _) => Label::new(
            format!("规则“{rule}”：没有人能接，进入公海"),
            format!("Rule “{rule}”: nobody could take it, so it went to the pool"),
        ),
        _ => Label::new("没有适合的规则", "No rule fits"),
    }
    .get(lang)
    .to_owned();
    let skipped: Vec<String> = why["skipped"]
        .as_array()
        .into_iter()
        .flatten()
        .take(NAMED)
        .map(|one| {
            let id = one["user"].as_str().and_then(|id| id.parse::<huike_model::Id>().ok());
            let person = id.and_then(|id| cx.org.user(id.number())).map(|person| person.name.clone());
            let because = because(one["because"].as_str().unwrap_or_default());
            match lang {
                Lang::Zh => format!("{}{}", person.unwrap_or_default(), because.zh),
                Lang::En => format!("{} {}", person.unwrap_or_default(), because.en),
            }
        })
        .collect();
    if !skipped.is_empty() {
        text.push_str(&match lang {
            Lang::Zh => format!("（{}）", skipped.join("、")),
            Lang::En => format!(" ({})", skipped.join(", ")),
        });
    }
    text
}

fn because(code: &str) -> Label {
    match code {
        "left" => Label::new("已离职", "has left"),
        "absent" => Label::new("请假", "is away"),
        "off_hours" => Label::new("不在上班时间", "is not at work"),
        "per_day" => Label::new("今天已满", "has had enough today"),
        "capacity" => Label::new("名下已满", "has no room"),
        _ => Label::new("不负责这类客户", "does not do this kind"),
    }
}
