//! Objects, fields and trees.

use super::imports::{XLSX, sent};
use super::{created, empty, ok};
use crate::http::extract::{Body, JsonBody, Path, Query, none_match};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, Kind, Operation, Parameter, Verb, operation, parameter,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{delete, get, patch, post};
use huike_engine::dictionary::trees::tree as engine_tree;
use serde_json::Value as Json;
use std::hash::{DefaultHasher, Hash, Hasher};

async fn read(call: Call, headers: HeaderMap) -> Answer {
    let dictionary = call.app.engine().describe_dictionary(call.cx()?).await?;
    tagged(&headers, &dictionary)
}

async fn read_object(call: Call, path: Path, headers: HeaderMap) -> Answer {
    let object = call.app.engine().describe_object(call.cx()?, path.text("object").to_owned()).await?;
    tagged(&headers, &object)
}

/// What a caller sees of the dictionary depends on their rights as well, so the tag is made from the answer itself.
fn tagged(headers: &HeaderMap, body: &Json) -> Answer {
    let mut hasher = DefaultHasher::new();
    let text = body.to_string();
    text.hash(&mut hasher);
    let etag = format!("\"{:016x}\"", hasher.finish());
    let mut response = if none_match(headers, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], text).into_response()
    };
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

async fn export(call: Call) -> Answer {
    sent(call.app.engine().export_dictionary(call.cx()?).await?).await
}

async fn add_object(call: Call, JsonBody(definition): JsonBody) -> Answer {
    created(&call.app.engine().add_object(call.cx()?, definition).await?)
}

async fn change_object(call: Call, path: Path, Body(changes): Body) -> Answer {
    ok(&call.app.engine().change_object(call.cx()?, path.text("object").to_owned(), changes).await?)
}

async fn add_field(call: Call, path: Path, JsonBody(definition): JsonBody) -> Answer {
    created(&call.app.engine().add_field(call.cx()?, path.text("object").to_owned(), definition).await?)
}

async fn change_field(call: Call, path: Path, Body(changes): Body) -> Answer {
    let (object, field) = (path.text("object").to_owned(), path.text("field").to_owned());
    ok(&call.app.engine().change_field(call.cx()?, object, field, changes).await?)
}

async fn preview_object(call: Call, path: Path, Body(changes): Body) -> Answer {
    ok(&call.app.engine().preview_object(call.cx()?, path.text("object").to_owned(), changes).await?)
}

async fn preview_field(call: Call, path: Path, Body(changes): Body) -> Answer {
    let (object, field) = (path.text("object").to_owned(), path.text("field").to_owned());
    ok(&call.app.engine().preview_field(call.cx()?, object, field, changes).await?)
}

async fn retire_field(call: Call, path: Path) -> Answer {
    let (object, field) = (path.text("object").to_owned(), path.text("field").to_owned());
    call.app.engine().retire_field(call.cx()?, object, field, true).await?;
    empty()
}

async fn restore_field(call: Call, path: Path) -> Answer {
    let (object, field) = (path.text("object").to_owned(), path.text("field").to_owned());
    call.app.engine().retire_field(call.cx()?, object, field, false).await?;
    empty()
}

async fn tree(call: Call, path: Path, Query(mut query): Query) -> Answer {
    let (parent, q) = (query.maybe_text("parent"), query.maybe_text("q"));
    query.finish()?;
    let lang = call.cx()?.lang();
    ok(&engine_tree(path.text("tree"), parent.as_deref(), q.as_deref(), lang)?)
}

const IF_NONE_MATCH: Parameter = parameter("If-None-Match", Kind::Text, "已有的版本", "The version at hand");

pub const OPERATIONS: &[Operation] = &[
    operation(
        "readDictionary",
        Verb::Get,
        "/dictionary",
        "数据字典（本人可见的部分）",
        "The dictionary, as far as the caller may see it",
        || get(read),
    )
    .headers(&[IF_NONE_MATCH])
    .answers(200, Answered::Json("Dictionary")),
    operation(
        "exportDictionary",
        Verb::Get,
        "/dictionary/export.xlsx",
        "数据字典（Excel）",
        "The dictionary as a workbook",
        || get(export),
    )
    .answers(200, Answered::File(XLSX)),
    operation(
        "readObject",
        Verb::Get,
        "/dictionary/{object}",
        "一个对象的定义",
        "One object of the dictionary",
        || get(read_object),
    )
    .headers(&[IF_NONE_MATCH])
    .answers(200, Answered::Json("Object")),
    operation("addObject", Verb::Post, "/dictionary", "新建对象", "Add an object", || post(add_object))
        .body(Takes::Json("ObjectDefinition"))
        .answers(201, Answered::Json("Object")),
    operation(
        "changeObject",
        Verb::Patch,
        "/dictionary/{object}",
        "修改对象：名称、说明、视图、布局",
        "Change an object's labels, views and layout",
        || patch(change_object),
    )
    .body(Takes::Json("ObjectDefinition"))
    .answers(200, Answered::Json("Object")),
    operation(
        "previewObject",
        Verb::Post,
        "/dictionary/{object}/preview",
        "修改对象前先看影响到谁",
        "Whom a change of an object would touch",
        || post(preview_object),
    )
    .for_watchers()
    .body(Takes::Json("ObjectDefinition"))
    .answers(200, Answered::Json("ObjectImpact")),
    operation("addField", Verb::Post, "/dictionary/{object}/fields", "新建字段", "Add a field", || {
        post(add_field)
    })
    .body(Takes::Json("FieldDefinition"))
    .answers(201, Answered::Json("Field")),
    operation(
        "changeField",
        Verb::Patch,
        "/dictionary/{object}/fields/{field}",
        "修改字段",
        "Change a field",
        || patch(change_field),
    )
    .body(Takes::Json("FieldChanges"))
    .answers(200, Answered::Json("Field")),
    operation(
        "previewField",
        Verb::Post,
        "/dictionary/{object}/fields/{field}/preview",
        "修改或停用字段前先看影响",
        "What a change of a field, or its end, would touch",
        || post(preview_field),
    )
    .for_watchers()
    .body(Takes::Json("FieldChanges"))
    .answers(200, Answered::Json("FieldImpact")),
    operation(
        "retireField",
        Verb::Delete,
        "/dictionary/{object}/fields/{field}",
        "停用字段（保留已有内容）",
        "Retire a field; its values are kept",
        || delete(retire_field),
    )
    .answers(204, Answered::Empty)
    .fails_with(&[huike_model::Code::Conflict]),
    operation(
        "restoreField",
        Verb::Post,
        "/dictionary/{object}/fields/{field}/restore",
        "重新启用字段",
        "Take a retired field back into use",
        || post(restore_field),
    )
    .answers(204, Answered::Empty),
    operation(
        "readTree",
        Verb::Get,
        "/trees/{tree}",
        "分类树：行政区划、行业",
        "Classification trees: regions, industries",
        || get(tree),
    )
    .query(&[
        parameter("parent", Kind::Text, "上级代码", "The code above"),
        parameter("q", Kind::Text, "汉字或拼音", "Chinese or pinyin"),
    ])
    .answers(200, Answered::Json("TreeItems")),
];
