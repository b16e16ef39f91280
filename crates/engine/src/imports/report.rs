//! What a dry run found, and what an undoing couldn't undo.

use super::draft::{Draft, RowFault};
use super::plan::Plan;
use huike_model::Label;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Faults told one by one; all of them are counted.
pub const MAX_FAULTS: usize = 1_000;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub rows: i64,
    pub valid: i64,
    pub faulty: i64,
    /// Rows that look like another row of the file or like a record that is there.
    pub duplicates: i64,
    pub duplicates_in_file: i64,
    /// By path of the field, in the order of the columns.
    pub fields: Vec<FieldReport>,
    pub faults: Vec<LocatedFault>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FieldReport {
    pub field: String,
    pub filled: i64,
    pub valid: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LocatedFault {
    pub row: u32,
    #[serde(flatten)]
    pub fault: RowFault,
}

impl Report {
    pub fn of(plan: &Plan) -> Report {
        let fields = plan.paths().map(|field| FieldReport { field, filled: 0, valid: 0 }).collect();
        Report { fields, ..Report::default() }
    }

    /// Counts one row with what is wrong in it.
    pub fn add(&mut self, draft: &Draft, faults: &[RowFault]) {
        self.rows += 1;
        if faults.is_empty() {
            self.valid += 1;
        } else {
            self.faulty += 1;
        }
        let mut faulty: BTreeMap<&str, bool> = BTreeMap::new();
        for fault in faults {
            faulty.insert(&fault.field, true);
            if self.faults.len() < MAX_FAULTS {
                self.faults.push(LocatedFault { row: draft.row, fault: fault.clone() });
            }
        }
        for field in &mut self.fields {
            if draft.filled.iter().any(|path| **path == *field.field) {
                field.filled += 1;
                field.valid += i64::from(!faulty.contains_key(field.field.as_str()));
            }
        }
    }

    /// Lists what a person should look at in a row, faulty or not.
    pub fn warn(&mut self, draft: &Draft) {
        let room = MAX_FAULTS.saturating_sub(self.faults.len());
        let located = |fault: &RowFault| LocatedFault { row: draft.row, fault: fault.clone() };
        self.faults.extend(draft.warnings.iter().take(room).map(located));
    }

    /// The share of mapped cells that hold something, 0 to 1.
    pub fn completeness(&self) -> f64 {
        let filled: i64 = self.fields.iter().map(|field| field.filled).sum();
        share(filled, self.rows * self.fields.len() as i64)
    }

    /// The share of filled cells that are as they should be, 0 to 1.
    pub fn validity(&self) -> f64 {
        let filled: i64 = self.fields.iter().map(|field| field.filled).sum();
        share(self.fields.iter().map(|field| field.valid).sum(), filled)
    }
}

/// A ratio to four decimals; of nothing, all.
fn share(part: i64, whole: i64) -> f64 {
    if whole == 0 { 1.0 } else { (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0 }
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct UndoReport {
    /// Records that are no longer as the import left them, the first thousand.
    pub conflicts: Vec<UndoConflict>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndoConflict {
    pub object: String,
    pub id: i64,
    pub message: Label,
}
