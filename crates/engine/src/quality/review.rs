//! The monthly review: where the data stood at the beginning and the end of a month, what was done about it, and what comes first now.

use super::care::overseeing;
use super::measure::{Figures, snapshot};
use super::{alert, figures};
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::files::sealed::on_thread;
use crate::imports::{Download, XLSX, unwritable_book};
use chrono::{Datelike, NaiveDate};
use huike_model::access::ObjectAccess;
use huike_model::{Code, Fault, Lang};
use huike_store::{Conn, Sql};
use huike_tabular::{Column, ColumnKind, Format, OutCell, WriteError, Writer};
use serde_json::{Value as Json, json};

/// Fields and rules shown, the worst first.
const SHOWN: usize = 10;

impl Engine {
    /// The review of a month, `2026-11`; of the present one as far as it has come.
    ///
    /// # Errors
    /// `not_found`; `forbidden` unless the caller sees every record with its score; `invalid` for a month that is none or lies ahead.
    pub async fn quality_review(&self, cx: Cx, object: String, month: Option<String>) -> Result<Json> {
        self.read(move |conn| {
            let access = overseeing(conn, &cx, &object)?;
            let first = first_day(&cx, month.as_deref())?;
            review(conn, &cx, &access, first)
        })
        .await
    }

    /// The review as a workbook; that it was taken out is written down.
    ///
    /// # Errors
    /// As [`Engine::quality_review`].
    pub async fn export_quality_review(
        &self,
        cx: Cx,
        object: String,
        month: Option<String>,
    ) -> Result<Download> {
        let (lang, author) = (cx.lang(), Author::from(&cx.caller));
        let label = cx.object(&object)?.label.get(lang).to_owned();
        let review = self.quality_review(cx, object.clone(), month).await?;
        let engine = self.clone();
        let download = on_thread(move || {
            let month = review["month"].as_str().unwrap_or_default();
            let name = match lang {
                Lang::Zh => format!("{label}数据质量月报 {month}.xlsx"),
                Lang::En => format!("Data quality of {label} {month}.xlsx"),
            };
            let download = Download::new(&engine, name, XLSX)?;
            write(&download, &review, lang).map_err(|error| unwritable_book(&error))?;
            Ok(download)
        })
        .await?;
        let engine = self.clone();
        self.write(move |conn| {
            let note = Note::new("export", "quality", None).meta(json!({"object": object}));
            append(conn, &engine, &author, note)
        })
        .await?;
        Ok(download)
    }
}

fn first_day(cx: &Cx, month: Option<&str>) -> Result<NaiveDate> {
    let today = cx.moment.today();
    let present = today.with_day(1).unwrap_or(today);
    let Some(text) = month else { return Ok(present) };
    let parsed = format!("{text}-01").parse::<NaiveDate>().ok().filter(|first| *first <= present);
    let (zh, en) = ("应为已经到来的月份，例如 2026-11", "Must be a month that has begun, such as 2026-11");
    parsed.filter(|_| text.len() == 7).ok_or_else(|| Fault::new("month", "format", zh, en).into())
}

fn review(conn: &mut Conn, cx: &Cx, access: &ObjectAccess, first: NaiveDate) -> Result<Json> {
    let object = &access.object;
    let quality = object.quality.as_ref().ok_or(Code::NotFound)?;
    let next = first.checked_add_months(chrono::Months::new(1)).unwrap_or(first);
    let (from, to) = (cx.moment.midnight(first), cx.moment.midnight(next));
    let end = snapshot(conn, &object.name, "day < $2 order by day desc", &next.to_string())?;
    // Where the month before ended; for the first month of all its first day.
    let start = match snapshot(conn, &object.name, "day < $2 order by day desc", &first.to_string())? {
        Some(found) => Some(found),
        None => snapshot(conn, &object.name, "day >= $2 order by day", &first.to_string())?,
    };
    let end = end.filter(|(day, _)| day.as_str() >= first.to_string().as_str());
    let shown = end.as_ref().map(|(day, found)| figures::latest(access, quality, day, found));
    let measures: Vec<Json> = super::care::MEASURED
        .iter()
        .map(|measure| {
            let of =
                |edge: &Option<(String, Figures)>| edge.as_ref().and_then(|(_, found)| found.of(measure));
            json!({"measure": measure, "start": of(&start), "end": of(&end)})
        })
        .collect();
    Ok(json!({
        "month": format!("{}-{:02}", first.year(), first.month()),
        "start": start.as_ref().map(|(day, _)| day),
        "end": end.as_ref().map(|(day, _)| day),
        "records": end.as_ref().map(|(_, found)| found.records),
        "measures": measures,
        "fields": worst(shown.as_ref(), "fields", &["missing", "stale"]),
        "rules": worst(shown.as_ref(), "rules", &["hits"]),
        "work": work(conn, &object.name, from, to)?,
    }))
}

/// Entries of a list of figures by the sum of some of their numbers, the greatest first; those without any left out.
fn worst(figures: Option<&Json>, list: &str, numbers: &[&str]) -> Vec<Json> {
    let sum = |entry: &Json| numbers.iter().filter_map(|number| entry[*number].as_i64()).sum::<i64>();
    let entries = figures.and_then(|figures| figures[list].as_array()).into_iter().flatten();
    let mut found: Vec<Json> = entries.filter(|entry| sum(entry) > 0).cloned().collect();
    found.sort_by_key(|entry| std::cmp::Reverse(sum(entry)));
    found.truncate(SHOWN);
    found
}

/// What was done in a month.
fn work(conn: &mut Conn, object: &str, from: i64, to: i64) -> Result<Json> {
    let mut count = |text: &str| -> Result<i64> {
        let sql = Sql::with(text, [object.into(), from.into(), to.into()])?;
        Ok(conn.query_one(&sql)?.int(0)?)
    };
    let issue = "select count(*) from quality_issue where object = $1 and";
    let acceptance = "select count(*) from acceptance where object = $1 and decided_at >= $2 and decided_at < $3 and state =";
    Ok(json!({
        "opened": count(&format!("{issue} opened_at >= $2 and opened_at < $3"))?,
        "closed": count(&format!("{issue} closed_at >= $2 and closed_at < $3"))?,
        "accepted": count(&format!("{acceptance} 'accepted'"))?,
        "returned": count(&format!("{acceptance} 'returned'"))?,
        "merged": count("select count(*) from record_merge where object = $1 and at >= $2 and at < $3 and state = 'merged'")?,
    }))
}

fn say(lang: Lang, zh: &str, en: &str) -> String {
    if lang == Lang::Zh { zh } else { en }.to_owned()
}

fn columns(lang: Lang, titles: &[(&str, &str, f64)]) -> Vec<Column> {
    let kind = |at: usize| if at == 0 { ColumnKind::Text } else { ColumnKind::Number { decimals: 0 } };
    let column = |(at, (zh, en, width)): (usize, &(&str, &str, f64))| Column {
        width: *width,
        ..Column::new(say(lang, zh, en), kind(at))
    };
    titles.iter().enumerate().map(column).collect()
}

fn number(value: &Json) -> OutCell {
    value.as_i64().map_or(OutCell::Empty, OutCell::Integer)
}

fn text(value: impl Into<String>) -> OutCell {
    OutCell::Text(value.into())
}

fn write(download: &Download, review: &Json, lang: Lang) -> std::result::Result<(), WriteError> {
    let label = |entry: &Json| {
        entry["label"][if lang == Lang::Zh { "zh" } else { "en" }].as_str().unwrap_or_default().to_owned()
    };
    let list = |name: &str| review[name].as_array().cloned().unwrap_or_default();
    let measures = [("指标", "Measure", 24.0), ("月初", "Start", 10.0), ("月末", "End", 10.0)];
    let sheet = say(lang, "总览", "Overview");
    let mut writer = Writer::create(download.path(), &sheet, Format::Xlsx, &columns(lang, &measures))?;
    for each in list("measures") {
        let name = alert::name(each["measure"].as_str().unwrap_or_default());
        writer.write_row(&[text(name.get(lang)), number(&each["start"]), number(&each["end"])])?;
    }
    writer.next_sheet(
        &say(lang, "本月工作", "Work"),
        &columns(lang, &[("事项", "Work", 28.0), ("数量", "Number", 10.0)]),
    )?;
    for (name, zh, en) in [
        ("opened", "派发整改", "Remediation begun"),
        ("closed", "整改完成", "Remediation done"),
        ("accepted", "验收通过", "Accepted"),
        ("returned", "验收退回", "Sent back"),
        ("merged", "合并重复", "Duplicates merged"),
    ] {
        writer.write_row(&[text(say(lang, zh, en)), number(&review["work"][name])])?;
    }
    let fields = [("字段", "Field", 24.0), ("缺少", "Missing", 10.0), ("待核实", "To be checked", 14.0)];
    writer.next_sheet(&say(lang, "字段", "Fields"), &columns(lang, &fields))?;
    for each in list("fields") {
        writer.write_row(&[text(label(&each)), number(&each["missing"]), number(&each["stale"])])?;
    }
    let rules = [("规则", "Rule", 40.0), ("不符合", "Broken", 10.0), ("适用", "In question", 12.0)];
    writer.next_sheet(&say(lang, "规则", "Rules"), &columns(lang, &rules))?;
    for each in list("rules") {
        writer.write_row(&[text(label(&each)), number(&each["hits"]), number(&each["eligible"])])?;
    }
    writer.finish().map(drop)
}
