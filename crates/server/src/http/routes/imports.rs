//! Spreadsheets in, lists out.

use super::upload::{broken, form, short, unknown_member};
use super::{accepted, created, file, ok, request};
use crate::http::extract::{Body, Path, Query};
use crate::http::failure::{Answer, Failure};
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, CURSOR, Kind, Operation, Verb, operation, parameter,
};
use axum::body::Body as Content;
use axum::extract::multipart::{Field, Multipart, MultipartRejection};
use axum::http::{HeaderValue, header};
use axum::routing::{get, patch, post};
use futures_util::stream;
use huike_engine::EngineError;
use huike_engine::imports::{Correction, Download};
use huike_model::{Code, Fault};
use std::io;
use std::path::PathBuf;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

pub(super) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// How much of a file is in memory while it is sent.
const PIECE: usize = 64 << 10;

async fn create(call: Call, parts: Result<Multipart, MultipartRejection>) -> Answer {
    let cx = call.cx()?;
    let upload = Upload::read(&call, form(parts)?).await?;
    let (file_name, path) = (upload.file_name.clone(), upload.kept.0.clone());
    created(&call.app.engine().create_import(cx, upload.object, file_name, path).await?)
}

async fn list(call: Call, Query(mut query): Query) -> Answer {
    let (limit, cursor) = (query.maybe_number("limit").unwrap_or(50), query.maybe_text("cursor"));
    query.finish()?;
    ok(&call.app.engine().list_imports(call.cx()?, limit, cursor).await?)
}

async fn read(call: Call, path: Path) -> Answer {
    ok(&call.app.engine().import(call.cx()?, path.id("id")?).await?)
}

async fn change(call: Call, path: Path, Body(members): Body) -> Answer {
    let id = path.id("id")?;
    ok(&call.app.engine().change_import(call.cx()?, id, request(members)?).await?)
}

async fn check(call: Call, path: Path) -> Answer {
    accepted(&call.app.engine().check_import(call.cx()?, path.id("id")?).await?)
}

async fn start(call: Call, path: Path) -> Answer {
    accepted(&call.app.engine().start_import(call.cx()?, path.id("id")?).await?)
}

async fn cancel(call: Call, path: Path) -> Answer {
    accepted(&call.app.engine().cancel_import(call.cx()?, path.id("id")?).await?)
}

async fn undo(call: Call, path: Path) -> Answer {
    accepted(&call.app.engine().undo_import(call.cx()?, path.id("id")?).await?)
}

async fn faulty(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let (limit, cursor) = (query.maybe_number("limit"), query.maybe_text("cursor"));
    query.finish()?;
    ok(&call.app.engine().faulty_rows(call.cx()?, path.id("id")?, limit, cursor).await?)
}

async fn again(call: Call, path: Path, Body(members): Body) -> Answer {
    let Again { corrections } = request(members)?;
    created(&call.app.engine().import_again(call.cx()?, path.id("id")?, corrections).await?)
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    corrections: Vec<Correction>,
}

async fn errors(call: Call, path: Path) -> Answer {
    sent(call.app.engine().import_errors(call.cx()?, path.id("id")?).await?).await
}

/// The router can't tell a suffix from a variable, so the file's name is one variable.
async fn template(call: Call, path: Path) -> Answer {
    let object = path.text("file").strip_suffix(".xlsx").ok_or(Code::NotFound)?.to_owned();
    sent(call.app.engine().import_template(call.cx()?, object).await?).await
}

async fn export(call: Call, path: Path, Body(mut members): Body) -> Answer {
    members.retain(|_, value| !value.is_null());
    let request = request(members)?;
    sent(call.app.engine().export_records(call.cx()?, path.text("object").to_owned(), request).await?).await
}

/// An uploaded file with what the form says about it.
struct Upload {
    object: String,
    file_name: String,
    kept: Kept,
}

/// A file that is removed when this is dropped.
struct Kept(PathBuf);

impl Drop for Kept {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.0)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(kind = ?error.kind(), "an uploaded file can't be removed");
        }
    }
}

impl Upload {
    async fn read(call: &Call, mut form: Multipart) -> Result<Upload, Failure> {
        let (mut object, mut uploaded, mut faults) = (None, None, Vec::new());
        while let Some(mut field) = form.next_field().await.map_err(broken)? {
            match field.name() {
                Some("object") => object = Some(short(&mut field).await?),
                Some("file") => {
                    let name = field.file_name().unwrap_or_default().to_owned();
                    uploaded = Some((name, keep(call, &mut field).await?));
                }
                other => faults.push(unknown_member(other.unwrap_or_default())),
            }
        }
        for (name, missing) in [("object", object.is_none()), ("file", uploaded.is_none())] {
            if missing {
                faults.push(Fault::new(
                    name,
                    "required",
                    format!("缺少 {name}"),
                    format!("{name} is required"),
                ));
            }
        }
        match (object, uploaded) {
            (Some(object), Some((file_name, kept))) if faults.is_empty() => {
                Ok(Upload { object, file_name, kept })
            }
            _ => Err(faults.into()),
        }
    }
}

async fn keep(call: &Call, field: &mut Field<'_>) -> Result<Kept, Failure> {
    let folder = call.app.engine().files().join("uploads");
    tokio::fs::create_dir_all(&folder).await.map_err(unwritable)?;
    let kept = Kept(folder.join(&call.request));
    let mut file = File::create(&kept.0).await.map_err(unwritable)?;
    while let Some(chunk) = field.chunk().await.map_err(broken)? {
        file.write_all(&chunk).await.map_err(unwritable)?;
    }
    file.flush().await.map_err(unwritable)?;
    Ok(kept)
}

fn unwritable(error: io::Error) -> Failure {
    EngineError::internal(format!("the folder of files can't be written: {:?}", error.kind())).into()
}

/// The file, piece by piece. It may be removed as soon as it is open.
pub(super) async fn sent(download: Download) -> Answer {
    let open = File::open(download.path()).await.map_err(unwritable)?;
    let length = open.metadata().await.map_err(unwritable)?.len();
    let pieces = stream::try_unfold(open, |mut open| async move {
        let mut piece = Vec::with_capacity(PIECE);
        let read = open.read_buf(&mut piece).await?;
        Ok::<_, io::Error>((read > 0).then_some((piece, open)))
    });
    let mut response = file(Content::from_stream(pieces), download.content_type, &download.file_name)?;
    response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    Ok(response)
}

pub const OPERATIONS: &[Operation] = &[
    operation(
        "createImport",
        Verb::Post,
        "/imports",
        "上传要导入的表格",
        "Upload a spreadsheet to import",
        || post(create),
    )
    .body(Takes::Form("Upload"))
    .answers(201, Answered::Json("Import"))
    .fails_with(&[Code::RefusedFile]),
    operation("listImports", Verb::Get, "/imports", "本人的导入", "One's own imports", || get(list))
        .query(&[
            parameter("limit", Kind::Number, "每页条数，最多 200", "Items on a page, 200 at most"),
            parameter(
                "cursor",
                Kind::Text,
                "上一页给出的 next_cursor",
                "The `next_cursor` of the page before",
            ),
        ])
        .answers(200, Answered::Json("Imports"))
        .fails_with(&[Code::BadCursor]),
    operation("readImport", Verb::Get, "/imports/{id}", "一次导入", "An import", || get(read))
        .answers(200, Answered::Json("Import")),
    operation(
        "changeImport",
        Verb::Patch,
        "/imports/{id}",
        "修改列的对应关系和方式",
        "Change mapping and mode of an import",
        || patch(change),
    )
    .body(Takes::Json("ImportChanges"))
    .answers(200, Answered::Json("Import"))
    .fails_with(&[Code::Conflict, Code::RefusedFile]),
    operation(
        "checkImport",
        Verb::Post,
        "/imports/{id}/check",
        "试运行并给出质量报告",
        "Rehearse an import and report",
        || post(check),
    )
    .answers(202, Answered::Json("Import"))
    .fails_with(&[Code::Conflict, Code::Invalid]),
    operation("startImport", Verb::Post, "/imports/{id}/start", "开始导入", "Start an import", || {
        post(start)
    })
    .answers(202, Answered::Json("Import"))
    .fails_with(&[Code::Conflict, Code::Invalid]),
    operation("cancelImport", Verb::Post, "/imports/{id}/cancel", "中止导入", "Cancel an import", || {
        post(cancel)
    })
    .answers(202, Answered::Json("Import"))
    .fails_with(&[Code::Conflict]),
    operation("undoImport", Verb::Post, "/imports/{id}/undo", "撤销导入", "Undo an import", || {
        post(undo)
    })
    .answers(202, Answered::Json("Import"))
    .fails_with(&[Code::Conflict]),
    operation(
        "readFaultyRows",
        Verb::Get,
        "/imports/{id}/faulty",
        "有问题的行，可逐格修正",
        "The faulty rows, to be corrected cell by cell",
        || get(faulty),
    )
    .query(&[parameter("limit", Kind::Number, "每页行数，最多 200", "Rows on a page, 200 at most"), CURSOR])
    .answers(200, Answered::Json("FaultyRows"))
    .fails_with(&[Code::BadCursor]),
    operation(
        "importAgain",
        Verb::Post,
        "/imports/{id}/again",
        "把修正后的行再导入一次",
        "Bring corrected rows in again",
        || post(again),
    )
    .body(Takes::Json("Corrections"))
    .answers(201, Answered::Json("Import"))
    .fails_with(&[Code::Conflict]),
    operation(
        "readImportErrors",
        Verb::Get,
        "/imports/{id}/errors.xlsx",
        "有问题的行（Excel）",
        "The faulty rows as a workbook",
        || get(errors),
    )
    .answers(200, Answered::File(XLSX)),
    operation(
        "readImportTemplate",
        Verb::Get,
        "/import-templates/{file}",
        "导入模板：对象名.xlsx",
        "A template for importing: object.xlsx",
        || get(template),
    )
    .answers(200, Answered::File(XLSX)),
    operation(
        "exportRecords",
        Verb::Post,
        "/records/{object}/export",
        "导出记录",
        "Export records",
        || post(export),
    )
    .body(Takes::Json("ExportRequest"))
    .answers(200, Answered::File(XLSX))
    .fails_with(&[Code::BadFilter]),
];
