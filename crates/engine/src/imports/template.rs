//! An empty workbook to fill in.

use super::download::{Download, XLSX};
use super::errors::unwritable;
use super::plan::{Child, Targets};
use super::{sheet_lang, titles};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::files::sealed::on_thread;
use huike_model::kinds::FieldType;
use huike_model::{Field, Label, Lang};
use huike_tabular::{Column, ColumnKind, TemplateColumn, write_template};

impl Engine {
    /// A workbook with the fields that the caller may import, what they mean, and their choices.
    ///
    /// # Errors
    /// `not_found`, `forbidden` without the right to import.
    pub async fn import_template(&self, cx: Cx, object: String) -> Result<Download> {
        let lang = cx.lang();
        let (name, columns) = self
            .read(move |conn| {
                let targets = Targets::open(conn, &cx, &object)?;
                Ok((targets.access.object.label.get(lang).to_owned(), columns(&targets, lang)))
            })
            .await?;
        let suffix = if lang == Lang::Zh { "导入模板" } else { "import template" };
        let (engine, file_name) =
            (self.clone(), format!("{name}{}{suffix}.xlsx", if lang == Lang::Zh { "" } else { " " }));
        on_thread(move || {
            let download = Download::new(&engine, file_name, XLSX)?;
            write_template(download.path(), &name, &columns, sheet_lang(lang))
                .map_err(|error| unwritable(&error))?;
            Ok(download)
        })
        .await
    }
}

/// Required fields first, then the others as the dictionary has them, then the related records that lists usually hold.
fn columns(targets: &Targets, lang: Lang) -> Vec<TemplateColumn> {
    let mut own: Vec<&Field> = targets.own().filter(|field| asks_for(field)).map(|field| &**field).collect();
    own.sort_by_key(|field| !field.required);
    let mut columns: Vec<TemplateColumn> = own.into_iter().map(|field| column(field, None, lang)).collect();
    for path in titles::related_paths(&targets.access.object.name) {
        if let Some((Some(child), field)) = targets.find(path) {
            columns.push(column(field, Some(child), lang));
        }
    }
    columns
}

/// Fields that nobody fills by hand in a sheet.
fn asks_for(field: &Field) -> bool {
    !matches!(field.kind, FieldType::Json | FieldType::Location)
}

fn column(field: &Field, child: Option<&Child>, lang: Lang) -> TemplateColumn {
    let label = field.label.get(lang);
    let title = match (child, lang) {
        (None, _) => label.to_owned(),
        (Some(child), Lang::Zh) => format!("{}{label}", child.access.object.label.zh),
        (Some(child), Lang::En) => format!("{} {}", child.access.object.label.en, label.to_lowercase()),
    };
    let live = field.options.iter().filter(|option| !option.retired);
    TemplateColumn {
        column: Column::new(title, kind(field)),
        // A related record may be left out as a whole.
        required: child.is_none() && field.required && field.default.is_none(),
        meaning: meaning(field, lang),
        choices: live.map(|option| option.label.get(lang).to_owned()).collect(),
        example: example(field).get(lang).to_owned(),
    }
}

/// Numbers and phones are typed as text: Excel would change them.
pub fn kind(field: &Field) -> ColumnKind {
    match field.value_type() {
        FieldType::Integer | FieldType::Rating => ColumnKind::Number { decimals: 0 },
        FieldType::Decimal | FieldType::Percent => {
            ColumnKind::Number { decimals: u8::try_from(field.scale).unwrap_or(2) }
        }
        FieldType::Money => ColumnKind::Money,
        FieldType::Date => ColumnKind::Date,
        FieldType::DateTime => ColumnKind::DateTime,
        _ => ColumnKind::Text,
    }
}

fn meaning(field: &Field, lang: Lang) -> String {
    let help = field.help.as_ref().map_or("", |help| help.get(lang));
    let how = how(field);
    match (help.is_empty(), how.get(lang)) {
        (true, how) => how.to_owned(),
        (false, "") => help.to_owned(),
        (false, how) => format!("{help}{}{how}", if lang == Lang::Zh { "。" } else { ". " }),
    }
}

/// How a value of this type is written.
fn how(field: &Field) -> Label {
    match field.kind {
        FieldType::User => Label::new("填同事的姓名或登录账号", "A colleague's name or account"),
        FieldType::Department => Label::new("填部门名称", "The name of a department"),
        FieldType::Lookup => Label::new("填对方的名称，须已存在", "The name of a record that exists"),
        FieldType::MultiChoice => Label::new("可填多个，用顿号隔开", "Several, separated by commas"),
        FieldType::Boolean => Label::new("填“是”或“否”", "Yes or No"),
        FieldType::Percent => Label::new("12.5 表示 12.5%", "12.5 means 12.5 %"),
        FieldType::Money => Label::new("单位：元", "In the company's currency"),
        _ => Label::default(),
    }
}

fn example(field: &Field) -> Label {
    match field.kind {
        FieldType::Date => Label::same("2026-03-05"),
        FieldType::DateTime => Label::same("2026-03-05 14:30"),
        FieldType::Phone => Label::same("0571-8765 4321"),
        FieldType::Email => Label::same("name@example.com"),
        FieldType::Url => Label::same("www.example.com"),
        FieldType::Money => Label::same("12500.50"),
        FieldType::Percent => Label::same("12.5"),
        FieldType::Boolean => Label::new("是", "Yes"),
        FieldType::Address => {
            Label::new("浙江省杭州市西湖区文三路 100 号", "100 Wensan Rd, Xihu, Hangzhou, Zhejiang")
        }
        _ => field
            .options
            .iter()
            .find(|option| !option.retired)
            .map(|option| option.label.clone())
            .unwrap_or_default(),
    }
}
