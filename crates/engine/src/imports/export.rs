//! Taking records out as a file: what the caller may see, as the caller sees it, and written down.

use super::download::{CSV, Download, XLSX};
use super::errors::unwritable;
use super::template::kind;
use crate::audit::{Author, Note, append};
use crate::cx::Cx;
use crate::engine::Engine;
use crate::error::Result;
use crate::files::sealed::on_thread;
use crate::records::list::{self, ListRequest, Plan};
use crate::records::load::{self, Record};
use crate::records::render::Names;
use huike_model::access::{FieldAccess, ObjectAccess};
use huike_model::kinds::FieldType;
use huike_model::moment::day_from_number;
use huike_model::{Code, Field, Lang, Value};
use huike_store::Conn;
use huike_store::query::{Mark, RecordQuery};
use huike_tabular::{Column, Extras, Format, OutCell, Writer};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::sync::Arc;
use tokio::runtime::Handle;

/// Records of one read.
const PAGE: i64 = 500;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ExportFormat {
    #[default]
    Xlsx,
    Csv,
}

/// What is to be taken out; without fields, all that the caller may read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExportRequest {
    pub filter: Option<Json>,
    pub sort: Vec<String>,
    pub fields: Vec<String>,
    pub format: ExportFormat,
}

impl Engine {
    /// Writes the records that a list with this filter would show into a file.
    ///
    /// # Errors
    /// `not_found`, `forbidden` without the right to export, `bad_filter`, `invalid` for unknown fields, `too_large` beyond what a sheet
    /// holds.
    pub async fn export_records(&self, cx: Cx, object: String, request: ExportRequest) -> Result<Download> {
        let export = {
            let (cx, request) = (cx.clone(), request.clone());
            self.read(move |conn| Export::plan(conn, cx, &object, &request)).await?
        };
        let (engine, handle, format) = (self.clone(), Handle::current(), request.format);
        let work = export.clone();
        let download = on_thread(move || work.write(&engine, &handle, format)).await?;
        let rows = download.rows;
        // The file is only handed out when it stands in the log.
        let engine = self.clone();
        self.write(move |conn| export.note(conn, &engine, &request, rows)).await?;
        Ok(download)
    }
}

#[derive(Clone)]
struct Export {
    cx: Cx,
    access: ObjectAccess,
    plan: Arc<Plan>,
    fields: Vec<Arc<Field>>,
}

impl Export {
    fn plan(conn: &mut Conn, cx: Cx, object: &str, request: &ExportRequest) -> Result<Export> {
        let object = cx.object(object)?.clone();
        let access = cx.access(conn, &object)?.exporting().ok_or(Code::Forbidden)?;
        let list = ListRequest {
            filter: request.filter.clone(),
            sort: request.sort.clone(),
            fields: request.fields.clone(),
            ..ListRequest::default()
        };
        let mut plan = list::plan(&cx, &access, &list)?;
        if request.sort.is_empty() {
            // By id: the order in which no write moves a record from one page to another.
            plan.order.clear();
        }
        let of_use = |field: &&Arc<Field>| !matches!(field.name.as_str(), "id" | "version" | "deleted_at");
        let fields = if request.fields.is_empty() {
            plan.fields.iter().filter(of_use).cloned().collect()
        } else {
            plan.fields.clone()
        };
        Ok(Export { cx, access, plan: Arc::new(plan), fields })
    }

    fn write(&self, engine: &Engine, handle: &Handle, format: ExportFormat) -> Result<Download> {
        let lang = self.cx.lang();
        let label = self.access.object.label_plural.get(lang);
        let day = self.cx.moment.today();
        let (extension, content_type, format) = match format {
            ExportFormat::Xlsx => ("xlsx", XLSX, Format::Xlsx),
            ExportFormat::Csv => ("csv", CSV, Format::Csv { bom: true }),
        };
        let mut download = Download::new(engine, format!("{label} {day}.{extension}"), content_type)?;
        let columns: Vec<Column> =
            self.fields.iter().map(|field| Column::new(field.label.get(lang), kind(field))).collect();
        let extras = Extras { watermark: Some(self.watermark()), fault_column: None };
        let mut writer = Writer::create_with(download.path(), label, format, &columns, extras)
            .map_err(|error| unwritable(&error))?;
        let mut after = None;
        loop {
            let (export, mark) = (self.clone(), after.take());
            let (rows, next) = handle.block_on(engine.read(move |conn| export.page(conn, mark)))?;
            for row in rows {
                writer.write_row(&row).map_err(|error| unwritable(&error))?;
            }
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        download.rows = u64::from(writer.finish().map_err(|error| unwritable(&error))?.rows);
        Ok(download)
    }

    /// The next records as cells, and where they end.
    fn page(&self, conn: &mut Conn, after: Option<Mark>) -> Result<(Vec<Vec<OutCell>>, Option<Mark>)> {
        let mut query = RecordQuery::new(&self.access, &self.cx.schema, &self.fields);
        query.filter = self.plan.filter.clone();
        query.order = self.plan.order.clone();
        query.after = after;
        query.limit = PAGE;
        let rows = query.run(conn)?;
        let full = rows.len() as i64 == PAGE;
        let mark = rows.last().filter(|_| full).map(|last| Mark { values: last.order.clone(), id: last.id });
        let records = load::records(conn, &self.cx, &self.access.object, &self.fields, rows)?;
        let names = Names::of(conn, &self.cx, &self.fields, records.iter())?;
        Ok((records.iter().map(|record| self.row(record, &names)).collect(), mark))
    }

    fn row(&self, record: &Record, names: &Names) -> Vec<OutCell> {
        self.fields.iter().map(|field| self.cell(field, record, names)).collect()
    }

    fn cell(&self, field: &Field, record: &Record, names: &Names) -> OutCell {
        let value = record.values.of(field);
        match (value, self.access.on_row(field, &record.reached)) {
            (Value::Null, _) | (_, FieldAccess::Hidden) => OutCell::Empty,
            (_, FieldAccess::Masked) => {
                let masked = field.value_type().kind().mask(value, field);
                OutCell::Text(masked.as_str().map_or_else(|| masked.to_string(), str::to_owned))
            }
            (Value::Int(id), _) if field.target().is_some() => names
                .get(field.target().unwrap_or_default(), *id)
                .map_or(OutCell::Empty, |name| OutCell::Text(name.to_owned())),
            _ => self.plain(field, value),
        }
    }

    fn plain(&self, field: &Field, value: &Value) -> OutCell {
        let kind = field.value_type();
        let scale = u8::try_from(field.scale).unwrap_or_default();
        match (kind, value) {
            (FieldType::Integer | FieldType::Rating, Value::Int(number)) => OutCell::Integer(*number),
            (FieldType::Money | FieldType::Decimal | FieldType::Percent, Value::Int(unscaled)) => {
                OutCell::Decimal { unscaled: *unscaled, scale }
            }
            (FieldType::Date, Value::Int(day)) => day_from_number(*day).map_or(OutCell::Empty, OutCell::Date),
            (FieldType::DateTime, Value::Int(at)) => OutCell::DateTime(self.cx.moment.local(*at)),
            _ => OutCell::Text(kind.kind().display(value, field, &self.cx.moment)),
        }
    }

    /// Who took this out, and when.
    fn watermark(&self) -> String {
        let org = &self.cx.org;
        let who = org.user(self.cx.moment.me).map_or("", |user| user.name.as_str());
        let at = self.cx.moment.local(self.cx.moment.now).format("%Y-%m-%d %H:%M");
        let company = &org.company.name;
        match self.cx.lang() {
            Lang::Zh => format!("{company} 内部资料，{who} 于 {at} 从汇客导出"),
            Lang::En => format!("{company}, internal. Exported from Huike by {who} at {at}"),
        }
        .trim()
        .to_owned()
    }

    /// Writes down who took out what.
    fn note(&self, conn: &mut Conn, engine: &Engine, request: &ExportRequest, rows: u64) -> Result<()> {
        let fields: Vec<&str> = self.fields.iter().map(|field| field.name.as_str()).collect();
        let meta = json!({"filter": request.filter, "sort": request.sort, "fields": fields, "rows": rows, "format": request.format});
        append(
            conn,
            engine,
            &Author::from(&self.cx.caller),
            Note::new("export", &self.access.object.name, None).meta(meta),
        )
    }
}
