//! Finding records across objects, and reading what a sentence means.

use super::ok;
use crate::http::extract::{Body, Query};
use crate::http::failure::Answer;
use crate::http::guard::Call;
use crate::http::operations::{
    Answer as Answered, Body as Takes, Kind, Operation, Verb, operation, parameter,
};
use axum::routing::{get, post};
use huike_engine::records::understand::Sentence;
use huike_engine::search::find::SearchRequest;

async fn search(call: Call, Query(mut query): Query) -> Answer {
    let request = SearchRequest {
        q: query.maybe_text("q").unwrap_or_default(),
        objects: query.texts("objects").unwrap_or_default(),
        limit: query.maybe_number("limit").and_then(|limit| usize::try_from(limit).ok()),
    };
    query.finish()?;
    ok(&call.app.engine().search(call.cx()?, request).await?)
}

async fn understand(call: Call, body: Body) -> Answer {
    let mut shape = body.shape();
    let (text, object, id) = (shape.text("text"), shape.maybe_text("object"), shape.maybe_id("id"));
    if object.is_some() && id.is_none() {
        shape.missing("id");
    }
    if object.is_none() && id.is_some() {
        shape.missing("object");
    }
    shape.finish()?;
    let sentence = Sentence { text, about: object.zip(id) };
    ok(&call.app.engine().understand(call.cx()?, sentence).await?)
}

pub const OPERATIONS: &[Operation] = &[
    operation(
        "search",
        Verb::Get,
        "/search",
        "跨对象搜索：汉字、全拼、首字母、号码尾数",
        "Search across objects: characters, pinyin, initials, last digits",
        || get(search),
    )
    .query(&[
        parameter("q", Kind::Text, "要找的内容", "What to find"),
        parameter("objects", Kind::Texts, "只找这些对象", "Only these objects"),
        parameter("limit", Kind::Number, "最多返回几条", "At most so many"),
    ])
    .answers(200, Answered::Json("SearchResults")),
    operation(
        "understand",
        Verb::Post,
        "/understand",
        "读懂一句话：下一步、时间、提到的人",
        "What a sentence says: the next step, its time, the people",
        || post(understand),
    )
    .for_watchers()
    .body(Takes::Json("Sentence"))
    .answers(200, Answered::Json("Understood")),
];
