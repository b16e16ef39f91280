//! `huike bench matching`: how good and how fast the matching is, on a labelled set and on invented lists.
//!
//! A set is a folder: `customers.csv` with any columns and the true entity of each row in `cluster`; optionally `relations.csv`
//! (child_cluster, parent_cluster, type: `branch` is to be proposed, all are kept together when learning), and `alias_pairs.csv`
//! (query, kind, full_name).

use super::cpu_of;
use crate::dedupe::{self, DedupeError, texts};
use huike_matching::entity::invent;
use huike_matching::entity::measure::{Labelled, Scores, score};
use huike_matching::entity::{FullNames, Kinship, Prepared, Resolution, Said, Weights, resolve};
use huike_tabular::{Limits, WriteError, inspect};
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

/// Folds of the cross-validation.
const FOLDS: u32 = 5;

/// Measures a set, and writes weights learned from it to `train` if asked to.
///
/// # Errors
/// A set that can't be read, or has no `cluster` column.
pub fn set(folder: &Path, train: Option<&Path>) -> Result<String, DedupeError> {
    let path = folder.join("customers.csv");
    let started = cpu();
    let (mut sheet, layout) = dedupe::open(&path)?;
    let records = dedupe::read(&mut sheet, &layout)?;
    let found = resolve(&records, Weights::shipped(), &Said::default());
    let spent = cpu().saturating_sub(started);
    let memory = peak();
    let rows = table(&path)?;
    let column = rows.first().and_then(|titles| titles.iter().position(|t| t == "cluster"));
    let column = column.ok_or_else(|| DedupeError::NothingToCompare("cluster?".to_owned()))?;
    let truth: Vec<&str> = rows[1..].iter().map(|row| row.get(column).map_or("", String::as_str)).collect();
    let mut out = String::new();
    line(&mut out, "records", records.len());
    line(&mut out, "cpu_seconds", format!("{:.2}", spent.as_secs_f64()));
    line(&mut out, "peak_memory_mib", memory);
    line(&mut out, "pairs_compared", found.compared);
    scores(&mut out, "shipped", &score(&truth, &found.clusters));
    let relations = table(&folder.join("relations.csv")).unwrap_or_default();
    branches(&mut out, &relations, &truth, &found);
    let labelled = labelled(records, &truth, &relations);
    let (held_out, pairs) = labelled.cross_validate(FOLDS);
    scores(&mut out, "held_out", &score(&truth, &held_out.clusters));
    let certain: Vec<&(f32, bool)> =
        pairs.iter().filter(|(p, _)| *p >= Weights::shipped().tiers().certain).collect();
    let right = certain.iter().filter(|(_, same)| *same).count();
    line(&mut out, "held_out.certain_pairs", certain.len());
    line(
        &mut out,
        "held_out.certain_precision",
        format!("{:.5}", right as f64 / certain.len().max(1) as f64),
    );
    aliases(&mut out, &table(&folder.join("alias_pairs.csv")).unwrap_or_default());
    if let Some(path) = train {
        let persons = Labelled::invented(&invent::persons(4_000, 1, 3, 7));
        let weights = Labelled::learn(&[labelled, persons]);
        std::fs::write(path, weights.to_table()).map_err(WriteError::Io)?;
    }
    Ok(out)
}

/// Measures invented lists: English persons in the manner of Febrl 3 and 4, and `companies` rows of companies.
pub fn invented(companies: usize) -> String {
    let mut out = String::new();
    for (name, originals, least, most) in [("persons.febrl3", 2_000, 0, 3), ("persons.febrl4", 5_000, 1, 1)] {
        let list = Labelled::invented(&invent::persons(originals, least, most, 99));
        let found = resolve(&list.records, Weights::shipped(), &Said::default());
        scores(&mut out, name, &score(&list.entities, &found.clusters));
    }
    let started = cpu();
    let list = Labelled::invented(&invent::companies(companies, 5));
    let found = resolve(&list.records, Weights::shipped(), &Said::default());
    let spent = cpu().saturating_sub(started);
    line(&mut out, "companies.records", list.records.len());
    line(&mut out, "companies.cpu_seconds", format!("{:.1}", spent.as_secs_f64()));
    line(&mut out, "companies.peak_memory_mib", peak());
    scores(&mut out, "companies", &score(&list.entities, &found.clusters));
    out
}

fn line(out: &mut String, name: &str, value: impl std::fmt::Display) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{name}\t{value}");
}

fn scores(out: &mut String, of: &str, scores: &Scores) {
    for (name, value) in [
        ("precision", scores.precision),
        ("recall", scores.recall),
        ("f1", scores.f1),
        ("b_cubed_precision", scores.b_cubed_precision),
        ("b_cubed_recall", scores.b_cubed_recall),
        ("b_cubed_f1", scores.b_cubed_f1),
    ] {
        line(out, &format!("{of}.{name}"), format!("{value:.4}"));
    }
}

fn cpu() -> Duration {
    cpu_of("self").unwrap_or_default()
}

/// The most memory that the process ever had, in mebibytes; 0 elsewhere than on Linux.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// All rows of a CSV, titles first.
fn table(path: &Path) -> Result<Vec<Vec<String>>, DedupeError> {
    let workbook = inspect(path, "set", &Limits { max_bytes: 1 << 30, ..Limits::default() })?;
    let mut sheet = workbook.open_sheet(0)?;
    let mut rows = Vec::new();
    for row in sheet.rows(1) {
        let row = row?;
        if !row.is_blank() {
            rows.push(texts(&row));
        }
    }
    Ok(rows)
}

/// The columns of a table by their titles.
fn columns<'a, const N: usize>(
    rows: &'a [Vec<String>],
    titles: [&str; N],
) -> impl Iterator<Item = [&'a str; N]> {
    let places = titles.map(|title| rows.first().and_then(|row| row.iter().position(|t| t == title)));
    rows.iter()
        .skip(1)
        .map(move |row| places.map(|at| at.and_then(|at| row.get(at)).map_or("", String::as_str)))
}

fn labelled(records: Vec<Prepared>, truth: &[&str], relations: &[Vec<String>]) -> Labelled {
    let mut numbers: HashMap<&str, u32> = HashMap::new();
    let entities: Vec<u32> = truth
        .iter()
        .map(|entity| {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            *numbers.entry(entity).or_insert(next)
        })
        .collect();
    let mut families: Vec<u32> = (0..u32::try_from(numbers.len()).unwrap_or(u32::MAX)).collect();
    let root = |families: &[u32], mut at: u32| {
        while families[at as usize] != at {
            at = families[at as usize];
        }
        at
    };
    for [child, parent] in columns(relations, ["child_cluster", "parent_cluster"]) {
        if let (Some(a), Some(b)) = (numbers.get(child), numbers.get(parent)) {
            let (a, b) = (root(&families, *a), root(&families, *b));
            families[a.max(b) as usize] = a.min(b);
        }
    }
    let families = entities.iter().map(|entity| root(&families, *entity)).collect();
    Labelled { records, entities, families }
}

fn branches(out: &mut String, relations: &[Vec<String>], truth: &[&str], found: &Resolution) {
    let rows = columns(relations, ["child_cluster", "parent_cluster", "type"]);
    let wanted: HashSet<(&str, &str)> =
        rows.filter(|row| row[2] == "branch").map(|row| (row[0], row[1])).collect();
    if wanted.is_empty() {
        return;
    }
    let mut homes: HashMap<&str, HashSet<u32>> = HashMap::new();
    for (entity, home) in truth.iter().zip(&found.clusters) {
        homes.entry(entity).or_default().insert(*home);
    }
    let merged = |(child, parent): &&(&str, &str)| {
        homes.get(child).zip(homes.get(parent)).is_some_and(|(a, b)| !a.is_disjoint(b))
    };
    let proposed: HashSet<(&str, &str)> = found
        .relations
        .iter()
        .filter(|r| r.kinship == Kinship::Branch)
        .map(|r| (truth[r.child as usize], truth[r.parent as usize]))
        .filter(|(a, b)| a != b)
        .collect();
    let right = proposed.intersection(&wanted).count() as f64;
    let (precision, recall) = (right / proposed.len().max(1) as f64, right / wanted.len() as f64);
    line(out, "branches.true_links", wanted.len());
    line(out, "branches.merged_into_parent", wanted.iter().filter(merged).count());
    line(out, "branches.precision", format!("{precision:.4}"));
    line(out, "branches.recall", format!("{recall:.4}"));
    line(out, "branches.f1", format!("{:.4}", 2.0 * precision * recall / (precision + recall).max(1e-9)));
}

fn aliases(out: &mut String, rows: &[Vec<String>]) {
    let pairs: Vec<[&str; 3]> = columns(rows, ["query", "kind", "full_name"]).collect();
    let mut names: Vec<&str> = pairs.iter().map(|row| row[2]).collect();
    names.sort_unstable();
    names.dedup();
    let index = FullNames::new(names.iter().copied());
    let mut kinds: Vec<&str> = pairs.iter().map(|row| row[1]).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let of_kind: Vec<&[&str; 3]> = pairs.iter().filter(|row| row[1] == kind).collect();
        let hit = |row: &&&[&str; 3]| index.best(row[0]).is_some_and(|at| names[at] == row[2]);
        let hits = of_kind.iter().filter(hit).count();
        line(out, &format!("alias.{kind}.top1"), format!("{:.4}", hits as f64 / of_kind.len().max(1) as f64));
    }
}
