//! The data dictionary as a workbook: what there is, who answers for it, what it means. It holds what the caller is told of the dictionary
//! anyway, and no more.

use super::describe::describe;
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::files::sealed::on_thread;
use crate::imports::{Download, XLSX, unwritable_book};
use huike_model::Lang;
use huike_model::kinds::FieldType;
use huike_tabular::{Column, ColumnKind, Format, OutCell, Writer};
use serde_json::Value as Json;
use std::collections::HashMap;

impl Engine {
    /// The objects and fields that the caller may see, one sheet each. That it was taken out is written down.
    ///
    /// # Errors
    /// The database's and the file system's.
    pub async fn export_dictionary(&self, cx: Cx) -> Result<Download> {
        let (lang, day) = (cx.lang(), cx.moment.today());
        let (author, reader) = (Author::from(&cx.caller), cx.clone());
        let objects: Vec<Json> = self
            .read(move |conn| {
                let mut objects = Vec::new();
                for object in reader.schema.objects() {
                    objects.extend(describe(conn, &reader, object)?);
                }
                Ok(objects)
            })
            .await?;
        let engine = self.clone();
        let download = on_thread(move || {
            let download = Download::new(&engine, file_name(lang, &day.to_string()), XLSX)?;
            write(&download, &objects, lang).map_err(|error| unwritable_book(&error))?;
            Ok(download)
        })
        .await?;
        let engine = self.clone();
        self.write(move |conn| append(conn, &engine, &author, Note::new("export", "dictionary", None)))
            .await?;
        Ok(download)
    }
}

fn file_name(lang: Lang, day: &str) -> String {
    match lang {
        Lang::Zh => format!("数据字典 {day}.xlsx"),
        Lang::En => format!("Data dictionary {day}.xlsx"),
    }
}

fn say(lang: Lang, zh: &str, en: &str) -> String {
    if lang == Lang::Zh { zh } else { en }.to_owned()
}

fn write(download: &Download, objects: &[Json], lang: Lang) -> Result<(), huike_tabular::WriteError> {
    let overview = columns(lang, OVERVIEW);
    let mut writer = Writer::create(download.path(), &say(lang, "对象", "Objects"), Format::Xlsx, &overview)?;
    for object in objects {
        writer.write_row(&overview_row(object, lang))?;
    }
    writer.next_sheet(&say(lang, "字段", "Fields"), &columns(lang, FIELDS))?;
    let labels: HashMap<&str, &Json> =
        objects.iter().map(|object| (text(&object["name"]), &object["label"])).collect();
    for object in objects {
        for field in object["fields"].as_array().into_iter().flatten() {
            writer.write_row(&field_row(object, field, &labels, lang))?;
        }
    }
    writer.finish().map(drop)
}

/// Title in both languages and width in characters.
type Titles = &'static [(&'static str, &'static str, f64)];

const OVERVIEW: Titles = &[
    ("代号", "Code", 18.0),
    ("中文名称", "Chinese name", 18.0),
    ("英文名称", "English name", 22.0),
    ("层次", "Layer", 12.0),
    ("字段数", "Fields", 10.0),
    ("来源", "Origin", 12.0),
    ("含义", "Meaning", 60.0),
];

const FIELDS: Titles = &[
    ("对象", "Object", 18.0),
    ("字段代号", "Field code", 22.0),
    ("中文名称", "Chinese name", 20.0),
    ("英文名称", "English name", 24.0),
    ("类型", "Type", 14.0),
    ("格式", "Format", 30.0),
    ("必填", "Required", 10.0),
    ("唯一", "Unique", 10.0),
    ("级别", "Level", 10.0),
    ("加密", "Encrypted", 10.0),
    ("责任部门", "Owner", 16.0),
    ("管理人", "Steward", 16.0),
    ("更新周期（天）", "Freshness (days)", 16.0),
    ("来源", "Source", 24.0),
    ("含义", "Meaning", 50.0),
    ("选项", "Options", 40.0),
    ("本人权限", "Own access", 12.0),
];

fn columns(lang: Lang, titles: Titles) -> Vec<Column> {
    let column = |(zh, en, width): &(&str, &str, f64)| Column {
        width: *width,
        ..Column::new(say(lang, zh, en), ColumnKind::Text)
    };
    titles.iter().map(column).collect()
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_default()
}

fn cell(text: impl Into<String>) -> OutCell {
    let text = text.into();
    if text.is_empty() { OutCell::Empty } else { OutCell::Text(text) }
}

fn in_lang(label: &Json, lang: Lang) -> &str {
    text(&label[if lang == Lang::Zh { "zh" } else { "en" }])
}

fn overview_row(object: &Json, lang: Lang) -> Vec<OutCell> {
    let fields = object["fields"].as_array().map_or(0, Vec::len);
    let custom = object["custom"] == true;
    vec![
        cell(text(&object["name"])),
        cell(text(&object["label"]["zh"])),
        cell(text(&object["label"]["en"])),
        cell(layer(text(&object["layer"]), lang)),
        OutCell::Integer(i64::try_from(fields).unwrap_or(i64::MAX)),
        cell(if custom { say(lang, "自定义", "Custom") } else { say(lang, "标准", "Standard") }),
        cell(in_lang(&object["help"], lang)),
    ]
}

fn field_row(object: &Json, field: &Json, labels: &HashMap<&str, &Json>, lang: Lang) -> Vec<OutCell> {
    let yes =
        |member: &str| cell(if field[member] == true { say(lang, "是", "Yes") } else { String::new() });
    vec![
        cell(in_lang(&object["label"], lang)),
        cell(text(&field["name"])),
        cell(text(&field["label"]["zh"])),
        cell(text(&field["label"]["en"])),
        cell(kind(text(&field["type"]), lang)),
        cell(format(field, labels, lang)),
        yes("required"),
        yes("unique"),
        cell(level(text(&field["level"]), lang)),
        yes("encrypted"),
        cell(text(&field["owner"])),
        cell(text(&field["steward"])),
        field["freshness_days"].as_i64().map_or(OutCell::Empty, OutCell::Integer),
        cell(text(&field["source_note"])),
        cell(in_lang(&field["help"], lang)),
        cell(options(field, lang)),
        cell(access(text(&field["access"]), lang)),
    ]
}

/// What a value must look like, as far as the type leaves it open.
fn format(field: &Json, labels: &HashMap<&str, &Json>, lang: Lang) -> String {
    let mut parts = Vec::new();
    let result = text(&field["value_type"]);
    if result != text(&field["type"]) {
        parts.push(say(lang, "结果为", "yields ") + &kind(result, lang));
    }
    if let Some(target) = field["reference"].as_str() {
        // The name of an object that the caller doesn't see tells them nothing, as everywhere.
        let name = labels.get(target).map(|label| in_lang(label, lang)).unwrap_or_default();
        if !name.is_empty() {
            parts.push(format!("{}{name}", say(lang, "指向", "refers to ")));
        }
    }
    if let Some(length) = field["max_length"].as_i64().filter(|length| *length > 0) {
        parts.push(match lang {
            Lang::Zh => format!("最多 {length} 字"),
            Lang::En => format!("at most {length} characters"),
        });
    }
    if let Some(scale) = field["scale"].as_i64().filter(|scale| *scale > 0) {
        parts.push(match lang {
            Lang::Zh => format!("{scale} 位小数"),
            Lang::En => format!("{scale} decimals"),
        });
    }
    match (&field["min"], &field["max"]) {
        (Json::Null, Json::Null) => {}
        (min, Json::Null) => parts.push(format!("≥ {min}")),
        (Json::Null, max) => parts.push(format!("≤ {max}")),
        (min, max) => parts.push(format!("{min} – {max}")),
    }
    parts.extend(["format", "formula"].iter().filter_map(|member| field[member].as_str().map(str::to_owned)));
    parts.join(if lang == Lang::Zh { "，" } else { ", " })
}

fn options(field: &Json, lang: Lang) -> String {
    let label = |option: &Json| {
        let label = in_lang(&option["label"], lang);
        match (option["retired"] == true, lang) {
            (false, _) => label.to_owned(),
            (true, Lang::Zh) => format!("{label}（已停用）"),
            (true, Lang::En) => format!("{label} (retired)"),
        }
    };
    let options: Vec<String> = field["options"].as_array().into_iter().flatten().map(label).collect();
    options.join(if lang == Lang::Zh { "、" } else { ", " })
}

fn word(words: &[(&str, &str, &str)], name: &str, lang: Lang) -> String {
    let found = words.iter().find(|(word, ..)| *word == name);
    found.map_or_else(|| name.to_owned(), |(_, zh, en)| say(lang, zh, en))
}

fn layer(name: &str, lang: Lang) -> String {
    let words = [
        ("basic", "基础", "Basic"),
        ("business", "业务", "Business"),
        ("behaviour", "行为", "Behaviour"),
        ("analysis", "分析", "Analysis"),
        ("system", "系统", "System"),
    ];
    word(&words, name, lang)
}

fn level(name: &str, lang: Lang) -> String {
    let words = [
        ("general", "一般", "General"),
        ("business", "业务", "Business"),
        ("sensitive", "敏感", "Sensitive"),
        ("core", "核心", "Core"),
    ];
    word(&words, name, lang)
}

fn access(name: &str, lang: Lang) -> String {
    let words = [("masked", "部分可见", "Masked"), ("read", "只读", "Read"), ("write", "可修改", "Write")];
    word(&words, name, lang)
}

/// The names of the types as people say them.
fn kind(name: &str, lang: Lang) -> String {
    let Ok(kind) = serde_json::from_value::<FieldType>(name.into()) else { return name.to_owned() };
    kind.label().get(lang).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::testing::Company;
    use huike_store::testing::TestDb;
    use serde_json::json;

    /// The rows of a sheet, the titles first.
    fn sheet(download: &Download, place: usize) -> Vec<Vec<String>> {
        let book =
            huike_tabular::inspect(download.path(), "a.xlsx", &huike_tabular::Limits::default()).unwrap();
        let mut sheet = book.open_sheet(place).unwrap();
        let cells = |row: huike_tabular::Row| row.cells.iter().map(huike_tabular::Cell::display).collect();
        sheet.rows(1).map(|row| cells(row.unwrap())).collect()
    }

    fn the_workbook_holds_what_its_reader_is_told_of_the_dictionary_and_no_more(db: &mut TestDb) {
        let company = Company::founded(db);
        company.hire("kefu", "service");
        let exported =
            |login: &str| company.wait(company.engine.export_dictionary(company.cx(login))).unwrap();
        let whole = exported("boss");
        assert_eq!(whole.file_name, "数据字典 2026-03-02.xlsx");
        let (objects, fields) = (sheet(&whole, 0), sheet(&whole, 1));
        assert_eq!(objects.len(), company.engine.schema().objects().count() + 1);
        let row = |name: &str| {
            fields
                .iter()
                .find(|row| row[0] == "客户" && row[1] == name)
                .unwrap_or_else(|| panic!("no {name}"))
                .clone()
        };
        let stage = row("stage");
        assert_eq!(stage[2..5], ["客户阶段", "Stage", "单选"]);
        assert!(
            stage[14].starts_with("线索：刚得知") && stage[15].starts_with("线索、潜在客户"),
            "{stage:?}"
        );
        let limit = row("credit_limit");
        assert_eq!((limit[4].as_str(), limit[8].as_str(), limit[16].as_str()), ("金额", "核心", "可修改"));
        assert_eq!(row("owner")[5], "指向员工");
        let told = company.wait(company.engine.describe_dictionary(company.cx("kefu"))).unwrap();
        let told: usize = told["objects"]
            .as_array()
            .unwrap()
            .iter()
            .map(|object| object["fields"].as_array().unwrap().len())
            .sum();
        let theirs = exported("kefu");
        let fields = sheet(&theirs, 1);
        assert_eq!(fields.len(), told + 1);
        assert!(!fields.iter().any(|row| row[1] == "credit_limit" || row[0] == "商机"));
        // What refers to an object out of sight doesn't name it.
        assert!(!fields.iter().any(|row| row[5].contains("商机")));
        assert_eq!(company.log("export").len(), 2);
    }

    fn what_an_administrator_adds_is_in_it_and_is_never_a_formula(db: &mut TestDb) {
        let company = Company::founded(db);
        let field =
            json!({"name": "vip", "type": "text", "label": {"zh": "=1+1", "en": "=1+1"}, "max_length": 20});
        company.wait(company.engine.add_field(company.boss(), "customer".into(), field)).unwrap();
        let download = company.wait(company.engine.export_dictionary(company.boss())).unwrap();
        let fields = sheet(&download, 1);
        let row = fields.iter().find(|row| row[1] == "vip").unwrap();
        assert_eq!((row[2].as_str(), row[5].as_str()), ("=1+1", "最多 20 字"));
    }

    huike_store::on_both_databases!(
        the_workbook_holds_what_its_reader_is_told_of_the_dictionary_and_no_more,
        what_an_administrator_adds_is_in_it_and_is_never_a_formula,
    );
}
