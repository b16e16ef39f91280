//! Reading: lists, one customer, search, duplicates, the board.

use super::measure::{Budget, Figure, Round};
use super::samples::Sample;
use super::{Bench, as_user};
use crate::engine::Engine;
use crate::error::Result;
use crate::records::aggregate::{AggregateRequest, GroupRequest, MeasureName, MeasureRequest};
use crate::records::list::ListRequest;
use crate::search::find::SearchRequest;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;
use std::time::Duration;

/// Cards of a board's column on its first page.
const CARDS: i64 = 20;

fn within(mut figure: Figure, milliseconds: u64) -> Figure {
    figure.budget = Some(Budget::P99(Duration::from_millis(milliseconds)));
    figure
}

/// The bytes that would go out.
fn sent(answer: &Json) -> usize {
    serde_json::to_vec(answer).map_or(0, |bytes| bytes.len())
}

/// Every measurement of reading, told as it is done.
///
/// # Errors
/// What an operation fails with.
pub fn all(bench: &mut Bench, told: &mut dyn FnMut(Figure)) -> Result<()> {
    let (manager, sales) = (bench.user("manager")?, bench.user("sales1")?);
    let (han, initials, digits) =
        (bench.samples.han.clone(), bench.samples.initials.clone(), bench.samples.digits.clone());
    let mut works: Vec<(String, Work)> = vec![
        (
            "列表页 list page: owner and stage, newest first, the page's columns".into(),
            Work::List { every_field: false },
        ),
        ("列表页 list page: the same with every field".into(), Work::List { every_field: true }),
        ("打开客户 open a customer: overview and first timeline page".into(), Work::Open),
    ];
    for (who, user) in [("manager", manager), ("salesperson", sales)] {
        for (what, queries) in
            [("2 Chinese characters", &han), ("initials", &initials), ("4 phone digits", &digits)]
        {
            let work = format!("搜索 search: {what}, {who} ({} queries)", queries.len());
            works.push((work, Work::Search { user, queries: queries.clone() }));
        }
    }
    works.push(("查重 live duplicate check".into(), Work::Duplicates { user: sales }));
    let board = "看板 board: every stage's first page, counts and sums";
    works.push((format!("{board}, salesperson"), Work::Board { user: sales }));
    works.push((format!("{board}, the whole company's, manager"), Work::Board { user: manager }));
    for (name, work) in works.into_iter().filter(|(name, _)| name.contains(&bench.only)).collect::<Vec<_>>() {
        told(match work {
            Work::List { every_field } => list(bench, &name, every_field)?,
            Work::Open => open(bench, &name)?,
            Work::Search { user, queries } => search(bench, &name, user, queries)?,
            Work::Duplicates { user } => duplicates(bench, &name, user)?,
            Work::Board { user } => self::board(bench, &name, user)?,
        });
    }
    Ok(())
}

enum Work {
    List { every_field: bool },
    Open,
    Search { user: i64, queries: Vec<String> },
    Duplicates { user: i64 },
    Board { user: i64 },
}

fn list(bench: &mut Bench, work: &str, every_field: bool) -> Result<Figure> {
    let (engine, lists) = (bench.engine.clone(), Arc::new(bench.samples.lists.clone()));
    let columns = ["name", "stage", "tier", "industry", "owner", "last_contact_at", "next_step_at"];
    let fields: Vec<String> = if every_field { Vec::new() } else { columns.map(str::to_owned).to_vec() };
    let op = move |round: usize| -> Round {
        let (engine, fields) = (engine.clone(), fields.clone());
        let (owner, stage) = lists[round % lists.len()].clone();
        Box::pin(async move {
            let owner_text = huike_model::Id::new(owner).map(|id| id.to_string()).unwrap_or_default();
            let filter = json!({"all": [
                {"field": "owner", "op": "eq", "value": owner_text},
                {"field": "stage", "op": "eq", "value": stage},
            ]});
            let request = ListRequest {
                filter: Some(filter),
                sort: vec!["-updated_at".into()],
                fields,
                expand: vec!["owner".into()],
                limit: Some(50),
                ..ListRequest::default()
            };
            Ok(sent(&engine.list_records(as_user(&engine, owner)?, "customer".into(), request).await?))
        })
    };
    Ok(within(bench.time_read(work, op)?, 10))
}

fn open(bench: &mut Bench, work: &str) -> Result<Figure> {
    let manager = bench.user("manager")?;
    let (engine, customers) = (bench.engine.clone(), Arc::new(bench.samples.customers.clone()));
    let op = move |round: usize| -> Round {
        let engine = engine.clone();
        let Sample { id, owner, .. } = customers[round % customers.len()].clone();
        Box::pin(async move {
            let cx = as_user(&engine, owner.unwrap_or(manager))?;
            Ok(sent(&engine.record_overview(cx, "customer".into(), id).await?))
        })
    };
    Ok(within(bench.time_read(work, op)?, 30))
}

fn search(bench: &mut Bench, work: &str, user: i64, queries: Vec<String>) -> Result<Figure> {
    let (engine, queries) = (bench.engine.clone(), Arc::new(queries));
    let op = move |round: usize| -> Round {
        let engine = engine.clone();
        let q = queries[round % queries.len()].clone();
        Box::pin(async move {
            let request = SearchRequest { q, ..SearchRequest::default() };
            Ok(sent(&engine.search(as_user(&engine, user)?, request).await?))
        })
    };
    Ok(within(bench.time_read(work, op)?, 20))
}

fn duplicates(bench: &mut Bench, work: &str, user: i64) -> Result<Figure> {
    let (engine, customers) = (bench.engine.clone(), Arc::new(bench.samples.customers.clone()));
    let op = move |round: usize| -> Round {
        let engine = engine.clone();
        let sample = customers[round % customers.len()].clone();
        Box::pin(async move {
            let mut draft: Map<String, Json> = Map::new();
            draft.insert("name".into(), sample.name.into());
            draft.extend(sample.phone.map(|phone| ("phone".to_owned(), phone.into())));
            Ok(sent(
                &engine.duplicate_candidates(as_user(&engine, user)?, "customer".into(), draft, None).await?,
            ))
        })
    };
    Ok(within(bench.time_read(work, op)?, 10))
}

fn board(bench: &mut Bench, work: &str, user: i64) -> Result<Figure> {
    let engine = bench.engine.clone();
    let op = move |_: usize| -> Round {
        let engine = engine.clone();
        Box::pin(async move { one_board(&engine, user).await })
    };
    Ok(within(bench.time_read(work, op)?, 30))
}

async fn one_board(engine: &Engine, user: i64) -> Result<usize> {
    let schema = engine.schema();
    let stages = schema
        .object("opportunity")
        .and_then(|object| object.field("stage"))
        .map(|field| field.options.clone())
        .unwrap_or_default();
    let columns = ["name", "customer", "amount", "expected_close", "owner"];
    let mut bytes = 0;
    for stage in &stages {
        let request = ListRequest {
            filter: Some(json!({"field": "stage", "op": "eq", "value": stage.value})),
            sort: vec!["expected_close".into()],
            fields: columns.map(str::to_owned).to_vec(),
            expand: vec!["customer".into(), "owner".into()],
            limit: Some(CARDS),
            ..ListRequest::default()
        };
        bytes += sent(&engine.list_records(as_user(engine, user)?, "opportunity".into(), request).await?);
    }
    let measure = |kind, field: Option<&str>| MeasureRequest { kind, field: field.map(str::to_owned) };
    let request = AggregateRequest {
        filter: None,
        groups: vec![GroupRequest::Field("stage".into())],
        measures: vec![measure(MeasureName::Count, None), measure(MeasureName::Sum, Some("amount"))],
    };
    bytes += sent(&engine.aggregate_records(as_user(engine, user)?, "opportunity".into(), request).await?);
    Ok(bytes)
}
