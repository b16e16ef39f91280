//! From titles and samples to fields: what a column probably is.

use super::draft::{separator, several};
use super::plan::{Child, Targets};
use super::titles::{self, Evidence, plain};
use crate::cx::Cx;
use crate::records::body;
use huike_matching::phone::{self, PhoneKind};
use huike_matching::text::fold;
use huike_model::kinds::FieldType;
use huike_model::{Field, Label};
use std::collections::HashSet;
use std::sync::Arc;

/// What one column is thought to be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Guessed {
    pub field: Option<String>,
    /// 0 to 1.
    pub confidence: f64,
}

/// A column with what it might fill.
struct Candidate {
    column: usize,
    path: String,
    score: f64,
}

/// Below this a guess would be right less often than wrong.
const LEAST: f64 = 0.4;
/// Cells of a column that are looked at.
const LOOKED_AT: usize = 12;

/// Guesses the field of each column; every field once, but for those that several columns may fill together.
pub fn guess(cx: &Cx, targets: &Targets, titles: &[String], samples: &[Vec<String>]) -> Vec<Guessed> {
    let empty = Vec::new();
    let mut candidates: Vec<Candidate> = Vec::new();
    for (column, title) in titles.iter().enumerate() {
        let samples = samples.get(column).unwrap_or(&empty);
        let reader = Reader { cx, targets, samples };
        candidates.extend(reader.candidates(title).into_iter().map(|(path, score)| Candidate {
            column,
            path,
            score,
        }));
    }
    drop_unlikely_children(targets, &mut candidates, titles.len());
    candidates.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.column.cmp(&b.column)));
    let mut guessed = vec![Guessed::default(); titles.len()];
    let mut taken: HashSet<String> = HashSet::new();
    for Candidate { column, path, score } in candidates {
        let joins = targets.find(&path).is_some_and(|(_, field)| separator(field).is_some());
        let free = joins || !taken.contains(&path);
        if score >= LEAST && free && guessed[column].field.is_none() {
            taken.insert(path.clone());
            guessed[column] = Guessed { field: Some(path), confidence: (score * 100.0).round() / 100.0 };
        }
    }
    guessed
}

/// Columns fill a related record only where its name and the name of the record it belongs to stand in columns of their own: a list of
/// people is a list of personal customers, not of contacts without a customer.
fn drop_unlikely_children(targets: &Targets, candidates: &mut Vec<Candidate>, columns: usize) {
    let best = |candidates: &[Candidate], column: usize| {
        let mut of_column: Vec<&Candidate> =
            candidates.iter().filter(|candidate| candidate.column == column).collect();
        of_column.sort_by(|a, b| b.score.total_cmp(&a.score));
        of_column.first().filter(|candidate| candidate.score >= LEAST).map(|candidate| candidate.path.clone())
    };
    let bests: Vec<String> = (0..columns).filter_map(|column| best(candidates, column)).collect();
    let named = bests.contains(&targets.access.object.name_field.name);
    let complete: Vec<String> = targets
        .children
        .iter()
        .filter(|child| named && bests.contains(&child.path(&child.access.object.name_field)))
        .map(|child| child.access.object.name.clone())
        .collect();
    candidates.retain(|candidate| match candidate.path.split_once('.') {
        Some((child, _)) => complete.iter().any(|known| known == child),
        None => true,
    });
}

/// Looks at one column.
struct Reader<'a> {
    cx: &'a Cx,
    targets: &'a Targets,
    samples: &'a [String],
}

impl Reader<'_> {
    fn candidates(&self, title: &str) -> Vec<(String, f64)> {
        let plain_title = plain(title);
        let mut found = self.by_title(&plain_title);
        found.extend(self.by_whole_label(title));
        let unnumbered = plain_title.trim_end_matches(|c: char| c.is_ascii_digit());
        if unnumbered != plain_title {
            found.extend(self.by_title(unnumbered).into_iter().map(|(path, score)| (path, score - 0.05)));
        }
        for (path, score) in &mut found {
            if let Some((_, field)) = self.targets.find(path) {
                *score *= self.fit(field);
            }
        }
        // The cells alone only speak where the title doesn't.
        if found.iter().all(|(_, score)| *score < LEAST) {
            found.extend(self.by_samples());
        }
        found
    }

    /// A label with its remark in brackets, as templates and exports write it, means its field and no other.
    fn by_whole_label(&self, title: &str) -> Option<(String, f64)> {
        let title = fold(title);
        let whole = |label: &String| label.contains(['(', '（']) && fold(label) == title;
        let field = self.targets.own().find(|field| whole(&field.label.zh) || whole(&field.label.en))?;
        Some((field.name.clone(), 0.99))
    }

    fn by_title(&self, title: &str) -> Vec<(String, f64)> {
        let mut found = Vec::new();
        if title.is_empty() {
            return found;
        }
        let object = &self.targets.access.object;
        for (place, meaning) in titles::meanings(&object.name, title).into_iter().enumerate() {
            if self.holds(meaning.evidence) && self.targets.find(meaning.path).is_some() {
                found.push((meaning.path.to_owned(), 0.95 - 0.03 * place as f64));
            }
        }
        let unprefixed =
            [&object.label.zh, &object.label.en].into_iter().find_map(|label| rest_after(title, label));
        for field in self.targets.own() {
            let score = match likeness(field, title) {
                // A field that the company made itself is meant by its very label.
                score if score == 1.0 && field.custom => 1.0,
                score => score * 0.9,
            };
            let behind_prefix = unprefixed.map_or(0.0, |rest| likeness(field, rest) * 0.85);
            found.push((field.name.clone(), score.max(behind_prefix)));
        }
        for child in &self.targets.children {
            found.extend(self.of_child(child, title));
        }
        found.retain(|(_, score)| *score >= LEAST);
        found
    }

    /// `联系人手机` is the mobile of the contact.
    fn of_child(&self, child: &Child, title: &str) -> Vec<(String, f64)> {
        let object = &child.access.object;
        let Some(rest) =
            [&object.label.zh, &object.label.en].into_iter().find_map(|label| rest_after(title, label))
        else {
            return Vec::new();
        };
        let mut found: Vec<(String, f64)> = child
            .fields()
            .map(|field| (child.path(field), likeness(field, rest) * 0.96))
            .filter(|(_, score)| *score >= LEAST)
            .collect();
        let meanings =
            titles::meanings(&object.name, rest).into_iter().filter(|meaning| self.holds(meaning.evidence));
        let known = meanings.map(|meaning| format!("{}.{}", object.name, meaning.path));
        found.extend(known.filter(|path| self.targets.find(path).is_some()).map(|path| (path, 0.9)));
        found
    }

    fn holds(&self, evidence: Evidence) -> bool {
        let kinds = self
            .looked_at()
            .filter_map(|sample| Some(phone::parse_many(sample).into_iter().flatten().next()?.kind));
        let (mut numbers, mut mobiles) = (0, 0);
        for kind in kinds {
            numbers += 1;
            mobiles += i32::from(kind == PhoneKind::Mobile);
        }
        match evidence {
            Evidence::None => true,
            Evidence::Mobile => mobiles * 2 >= numbers,
            Evidence::Landline => numbers == 0 || mobiles * 2 < numbers,
        }
    }

    fn looked_at(&self) -> impl Iterator<Item = &String> {
        self.samples.iter().take(LOOKED_AT)
    }

    /// The share of cells that the field's type can read.
    fn readable(&self, field: &Arc<Field>) -> f64 {
        let all = self.looked_at().count();
        let read = self
            .looked_at()
            .filter(|sample| {
                let numbers = field.kind == FieldType::Phone && several(sample).is_some();
                numbers || body::value(&sample.as_str().into(), field, self.cx).is_ok()
            })
            .count();
        if all == 0 { 1.0 } else { read as f64 / all as f64 }
    }

    /// A column whose cells hardly ever read as the field's type is something else.
    fn fit(&self, field: &Arc<Field>) -> f64 {
        // Options are often written in other words, and references by name: both are mended in the preview.
        let by_name = field.target().is_some()
            || matches!(field.kind, FieldType::Choice | FieldType::MultiChoice | FieldType::Tree);
        if by_name || self.samples.len() < 3 || self.readable(field) >= 0.3 { 1.0 } else { 0.4 }
    }

    /// Cells of a form that nothing else has.
    fn by_samples(&self) -> Option<(String, f64)> {
        if self.samples.len() < 3 {
            return None;
        }
        let telling = |field: &&Arc<Field>| {
            use FieldType::{CreditCode, Email, IdCard, Phone, Url};
            matches!(field.kind, Phone | Email | CreditCode | IdCard | Url)
        };
        let children =
            self.targets.children.iter().flat_map(|child| {
                child.fields().filter(telling).map(move |field| (child.path(field), field))
            });
        let own = self.targets.own().filter(telling).map(|field| (field.name.clone(), field));
        let mobile = self.holds(Evidence::Mobile);
        let suits = |field: &Field| field.kind != FieldType::Phone || (field.name == "mobile") == mobile;
        let mut readable =
            own.chain(children).filter(|(_, field)| suits(field) && self.readable(field) >= 0.8);
        readable.next().map(|(path, _)| (path, 0.45))
    }
}

/// What stands behind a label at the beginning of a title.
fn rest_after<'a>(title: &'a str, label: &str) -> Option<&'a str> {
    title
        .strip_prefix(plain(label).as_str())
        .map(|rest| rest.trim_start_matches('的'))
        .filter(|rest| !rest.is_empty())
}

/// How much a title says the same as a field's label or name, 0 to 1.
fn likeness(field: &Field, title: &str) -> f64 {
    let Label { zh, en } = &field.label;
    let labels = [plain(zh), plain(en), plain(&field.name)];
    if labels.iter().any(|label| label == title) {
        return 1.0;
    }
    let chars = |text: &str| text.chars().count() as f64;
    let shared = |label: &String| {
        let (short, long) =
            if chars(label) < chars(title) { (label.as_str(), title) } else { (title, label.as_str()) };
        let telling = if short.is_ascii() { short.len() >= 4 } else { chars(short) >= 2.0 };
        if telling && long.contains(short) { 0.4 + 0.4 * chars(short) / chars(long) } else { 0.0 }
    };
    labels.iter().map(shared).fold(0.0, f64::max)
}

/// The same for files with the same titles in the same order.
pub fn signature(titles: &[String]) -> String {
    let plain: Vec<String> = titles.iter().map(|title| plain(title)).collect();
    huike_vault::hex(&huike_vault::token::hash(&plain.join("|"))[..16])
}
