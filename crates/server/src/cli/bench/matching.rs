//! `huike bench matching`: the quality and the cost of finding duplicates.

use super::super::{Complaint, say};
use clap::Args;
use huike_engine::bench::matching;
use std::path::PathBuf;

#[derive(Args)]
pub struct Matching {
    /// 已标注的数据集 A folder with customers.csv (column `cluster`), and perhaps relations.csv and alias_pairs.csv; without one, invented
    /// lists are measured
    set: Option<PathBuf>,
    /// 从数据集学习权重 Write weights learned from the set
    #[arg(long, value_name = "FILE", requires = "set")]
    train: Option<PathBuf>,
    /// 虚构公司的行数 Rows of invented companies
    #[arg(long, default_value_t = 100_000)]
    companies: usize,
}

pub fn run(options: &Matching) -> Result<(), Complaint> {
    let figures = match &options.set {
        None => matching::invented(options.companies),
        Some(set) => {
            let measured = matching::set(set, options.train.as_deref());
            measured.map_err(|error| Complaint::Other(error.message()))?
        }
    };
    say(&figures)
}
