//! Measures streaming: `stream write FILE ROWS`, `stream read FILE`, `stream inspect FILE`. Prints seconds and the
//! peak resident memory of this process.

use std::path::Path;

use chrono::NaiveDate;
use huike_tabular::{Cell, Column, ColumnKind, Format, Limits, OutCell, Writer, inspect};

const COLUMNS: usize = 20;

// An example measures real time and prints what it finds.
#[allow(clippy::disallowed_methods, clippy::print_stdout)]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, command, file, ..] = arguments.as_slice() else {
        return Err("usage: stream write FILE ROWS | read FILE | inspect FILE".into());
    };
    let path = Path::new(file);
    let start = std::time::Instant::now();
    let done = match command.as_str() {
        "write" => write(path, arguments.get(3).map_or(Ok(100_000), |rows| rows.parse())?)?,
        "read" => read(path)?,
        _ => format!("{:?}", inspect(path, file, &Limits::default())?.sheets()),
    };
    println!("{command}: {done}, {:.2} s, peak {}", start.elapsed().as_secs_f64(), peak_memory());
    Ok(())
}

fn write(path: &Path, rows: u32) -> Result<String, Box<dyn std::error::Error>> {
    let kinds = [ColumnKind::Text, ColumnKind::Text, ColumnKind::Money, ColumnKind::Date];
    let columns: Vec<Column> =
        (0..COLUMNS).map(|i| Column::new(format!("列{i}"), kinds[i % kinds.len()])).collect();
    let format =
        if path.extension().is_some_and(|e| e == "csv") { Format::Csv { bom: true } } else { Format::Xlsx };
    let mut writer = Writer::create(path, "客户", format, &columns)?;
    let day = NaiveDate::from_ymd_opt(2024, 1, 31).ok_or("no such day")?;
    for row in 0..rows {
        let cells: Vec<OutCell> = (0..COLUMNS)
            .map(|column| match column % kinds.len() {
                0 => OutCell::Text(format!("示例第{row}-{column}有限公司")),
                1 => OutCell::Text(format!("138{:08}", row)),
                2 => OutCell::Decimal { unscaled: i64::from(row) * 37, scale: 2 },
                _ => OutCell::Date(day),
            })
            .collect();
        writer.write_row(&cells)?;
    }
    Ok(format!("{:?}", writer.finish()?))
}

fn read(path: &Path) -> Result<String, Box<dyn std::error::Error>> {
    let book = inspect(path, "x", &Limits::default())?;
    let mut reader = book.open_sheet(0)?;
    let header = reader.header_guess();
    let (mut rows, mut filled) = (0u64, 0u64);
    for row in reader.rows(header.first_data_row()) {
        let row = row?;
        rows += 1;
        filled += row.cells.iter().filter(|cell| **cell != Cell::Empty).count() as u64;
    }
    Ok(format!("{rows} rows, {filled} cells, {} columns", header.columns.len()))
}

/// "VmHWM" of /proc/self/status; empty elsewhere than on Linux.
fn peak_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.trim_start_matches("VmHWM:").trim().to_owned()
}
