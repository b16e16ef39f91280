//! `huike dedupe`: the duplicates of a spreadsheet, without a server.

use super::{Complaint, say};
use clap::Args;
use huike_engine::dedupe::{Holds, dedupe};
use std::path::PathBuf;

#[derive(Args)]
pub struct Dedupe {
    /// 要查重的表格 The spreadsheet: .csv, .xlsx or .xls
    input: PathBuf,
    /// 结果，原有各列之后加 cluster 和 confidence 两列 The rows with `cluster` and `confidence` behind: .csv or .xlsx
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// 分支机构与所属公司 Branches and their companies: child_id,parent_id
    #[arg(long, value_name = "FILE")]
    relations: Option<PathBuf>,
}

pub fn run(options: &Dedupe) -> Result<(), Complaint> {
    let done = dedupe(&options.input, &options.output, options.relations.as_deref());
    let report = done.map_err(|error| Complaint::Other(error.message()))?;
    let used: Vec<String> = report
        .columns
        .iter()
        .filter(|(_, holds)| *holds != Holds::Other)
        .map(|(title, holds)| format!("{title} ({holds:?})"))
        .collect();
    say(&format!(
        "{} 条记录，{} 个客户，{} 条有重复，{} 条分支关系 / {} records, {} entities, {} with duplicates, {} branch relations\n{}",
        report.records,
        report.clusters,
        report.duplicates,
        report.relations,
        report.records,
        report.clusters,
        report.duplicates,
        report.relations,
        used.join(", ")
    ))
}
