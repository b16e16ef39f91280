//! The rows with what was found, and the relations.

use super::{DedupeError, Layout, Resolution, branches, texts};
use huike_tabular::{Column, ColumnKind, Format, OutCell, SheetReader, WriteError, Writer};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// Writes the rows as they were, `cluster` and `confidence` behind; .xlsx if the path says so, else CSV.
pub(super) fn rows(
    sheet: &mut SheetReader,
    layout: &Layout,
    found: &Resolution,
    path: &Path,
) -> Result<(), DedupeError> {
    let mut out = Sink::create(path, layout)?;
    let numbers = numbers(&found.clusters);
    let mut record = 0;
    for row in sheet.rows(layout.first_row()) {
        let row = row?;
        if row.is_blank() {
            continue;
        }
        let mut cells = texts(&row);
        cells.resize(layout.titles().len(), String::new());
        cells.push(numbers[record].to_string());
        cells.push(format!("{:.3}", found.confidence[record]));
        out.write(cells)?;
        record += 1;
    }
    out.finish()
}

/// The clusters numbered from 1 in the order in which they come.
fn numbers(clusters: &[u32]) -> Vec<u32> {
    let mut of_home = vec![0u32; clusters.len()];
    let mut last = 0;
    let number = |home: &u32| {
        let slot = &mut of_home[*home as usize];
        if *slot == 0 {
            last += 1;
            *slot = last;
        }
        *slot
    };
    clusters.iter().map(number).collect()
}

/// Writes `child_id,parent_id`: the ids of the id column, or else the rows' numbers in the sheet. Gives how many.
pub(super) fn relations(
    sheet: &mut SheetReader,
    layout: &Layout,
    found: &Resolution,
    path: &Path,
) -> Result<usize, DedupeError> {
    let mut names = vec![String::new(); found.clusters.len()];
    let related: Vec<(u32, u32)> = branches(found).collect();
    let mut wanted = vec![false; names.len()];
    related.iter().for_each(|(a, b)| (wanted[*a as usize], wanted[*b as usize]) = (true, true));
    let mut record = 0;
    for row in sheet.rows(layout.first_row()) {
        let row = row?;
        if row.is_blank() {
            continue;
        }
        if wanted[record] {
            let id = layout.id_column().and_then(|at| row.cells.get(at)).map(|cell| cell.display());
            names[record] = id.filter(|id| !id.is_empty()).unwrap_or_else(|| row.number.to_string());
        }
        record += 1;
    }
    let mut out = BufWriter::new(File::create(path).map_err(WriteError::Io)?);
    let mut line = |a: &str, b: &str| csv_line(&mut out, &[a.to_owned(), b.to_owned()]);
    line("child_id", "parent_id")?;
    for (child, parent) in &related {
        line(&names[*child as usize], &names[*parent as usize])?;
    }
    out.flush().map_err(WriteError::Io)?;
    Ok(related.len())
}

enum Sink {
    Csv(BufWriter<File>),
    Xlsx(Box<Writer>),
}

impl Sink {
    fn create(path: &Path, layout: &Layout) -> Result<Sink, DedupeError> {
        let named = |at: usize, title: &String| {
            if layout.has_titles() { title.clone() } else { format!("column_{}", at + 1) }
        };
        let mut titles: Vec<String> =
            layout.titles().iter().enumerate().map(|(at, title)| named(at, title)).collect();
        titles.extend(["cluster".to_owned(), "confidence".to_owned()]);
        if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx")) {
            let columns: Vec<Column> =
                titles.iter().map(|title| Column::new(title, ColumnKind::Text)).collect();
            return Ok(Sink::Xlsx(Box::new(Writer::create(path, "Huike", Format::Xlsx, &columns)?)));
        }
        let mut out = BufWriter::new(File::create(path).map_err(WriteError::Io)?);
        csv_line(&mut out, &titles)?;
        Ok(Sink::Csv(out))
    }

    fn write(&mut self, cells: Vec<String>) -> Result<(), DedupeError> {
        match self {
            Sink::Csv(out) => csv_line(out, &cells),
            Sink::Xlsx(writer) => {
                let cells: Vec<OutCell> = cells
                    .into_iter()
                    .map(|cell| if cell.is_empty() { OutCell::Empty } else { OutCell::Text(cell) })
                    .collect();
                Ok(writer.write_row(&cells)?)
            }
        }
    }

    fn finish(self) -> Result<(), DedupeError> {
        match self {
            Sink::Csv(mut out) => Ok(out.flush().map_err(WriteError::Io)?),
            Sink::Xlsx(writer) => Ok(writer.finish().map(|_| ())?),
        }
    }
}

/// One line as RFC 4180 has it. The cells stay as they are: it is the person's own list that goes back to them, and `+86 …` with an
/// apostrophe before it would no longer be theirs.
fn csv_line(out: &mut BufWriter<File>, cells: &[String]) -> Result<(), DedupeError> {
    let mut line = String::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            line.push('"');
            line.push_str(&cell.replace('"', "\"\""));
            line.push('"');
        } else {
            line.push_str(cell);
        }
    }
    line.push('\n');
    Ok(out.write_all(line.as_bytes()).map_err(WriteError::Io)?)
}
