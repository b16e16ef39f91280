use chrono::{Duration, NaiveDate, NaiveDateTime, NaiveTime};

/// Text of the [`Cell::Error`] given for a formula whose result the writing program never stored.
pub const NOT_CALCULATED: &str = "#NOT-CALCULATED!";

/// One cell as it stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    /// `original` is the text in the file where it says more than `value` does (an exponent, or digits beyond
    /// the precision of `f64`, as with an identity number stored as a number).
    Number {
        value: f64,
        original: Option<Box<str>>,
    },
    /// A number that the cell's format shows in percent: 0.125 for what a person sees as 12.5 %.
    Percent(f64),
    Bool(bool),
    /// A number that the cell's format shows as a date. A bare time of day has the date 1899-12-31.
    Date(NaiveDateTime),
    /// `#N/A`, `#REF!` … or [`NOT_CALCULATED`].
    Error(String),
}

/// The date that stands for "no date" in a time-only cell.
const TIME_ONLY: NaiveDate = NaiveDate::from_ymd_opt(1899, 12, 31).expect("1899-12-31 is a date");

impl Cell {
    /// A number from its text in a file, keeping the text only where it says more than the value.
    pub(crate) fn number(value: f64, text: &str) -> Self {
        let plain = text.len() <= 15 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
        let original = if plain { None } else { Some(text.into()) };
        Self::Number { value, original }
    }

    /// True for an empty cell and for text of nothing but white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.chars().all(|c| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}'),
            _ => false,
        }
    }

    /// What a person sees: a number without exponent and without a needless ".0", at most 15 significant digits
    /// as in Excel; a date as ISO 8601 (`2024-01-31`, `2024-01-31 08:30:00`, `08:30:00`).
    pub fn display(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Error(text) => text.clone(),
            Self::Number { value, original } => display_number(*value, original.as_deref()),
            // 0.07 × 100 is 7.000000000000001: as many digits as Excel keeps.
            Self::Percent(value) => format!("{}%", display_number(value * 100.0, None)),
            Self::Bool(true) => "TRUE".into(),
            Self::Bool(false) => "FALSE".into(),
            Self::Date(moment) => display_date(moment),
        }
    }
}

fn display_number(value: f64, original: Option<&str>) -> String {
    // All digits of a long integer, such as an identity number that some program stored as a number.
    if let Some(text) = original
        && text.len() <= 32
        && text.bytes().all(|b| b.is_ascii_digit())
    {
        return text.to_owned();
    }
    // Excel keeps 15 significant digits, so 0.1+0.2 shows as 0.3.
    let value: f64 = format!("{value:.14e}").parse().unwrap_or(value);
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{value:.0}").replace("-0", if value == 0.0 { "0" } else { "-0" });
    }
    format!("{value}")
}

fn display_date(moment: &NaiveDateTime) -> String {
    let date = moment.date();
    let midnight = moment.time() == NaiveTime::MIN;
    if date == TIME_ONLY {
        moment.format("%H:%M:%S%.f").to_string()
    } else if midnight {
        date.format("%Y-%m-%d").to_string()
    } else {
        moment.format("%Y-%m-%d %H:%M:%S%.f").to_string()
    }
}

/// Turns a serial day number into a moment, to the millisecond; `None` outside 1900–9999.
///
/// In the 1900 system serial 1 is 1900-01-01 and serial 60 is the day 1900-02-29 that never was, so later serials
/// count from 1899-12-30 (ECMA-376 Part 1, 18.17.4.1).
pub(crate) fn date_from_serial(serial: f64, is_1904: bool) -> Option<NaiveDateTime> {
    if !(0.0..2_958_466.0).contains(&serial) {
        return None;
    }
    let days = serial.floor();
    let epoch = if is_1904 {
        NaiveDate::from_ymd_opt(1904, 1, 1)?
    } else if days < 61.0 {
        TIME_ONLY
    } else {
        NaiveDate::from_ymd_opt(1899, 12, 30)?
    };
    let days_whole = if !is_1904 && days == 60.0 { 59 } else { days as i64 };
    let millis = ((serial - days) * 86_400_000.0).round() as i64;
    epoch
        .and_time(NaiveTime::MIN)
        .checked_add_signed(Duration::days(days_whole))?
        .checked_add_signed(Duration::milliseconds(millis))
        .filter(|moment| moment.date() <= NaiveDate::from_ymd_opt(9999, 12, 31).unwrap_or(NaiveDate::MAX))
}

/// The serial day number of a moment in the 1900 system; `None` outside 1900–9999.
pub(crate) fn serial_from_date(moment: &NaiveDateTime) -> Option<f64> {
    let days = (moment.date() - TIME_ONLY).num_days();
    if !(1..=2_958_464).contains(&days) {
        return None;
    }
    // Serial 60 is left to the day that never was.
    let serial = if days >= 60 { days + 1 } else { days };
    let millis = (moment.time() - NaiveTime::MIN).num_milliseconds();
    Some(serial as f64 + millis as f64 / 86_400_000.0)
}

/// One row of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Row number as Excel shows it, from 1. In .csv the number of the record, blank ones counted.
    pub number: u32,
    /// Cells from column A up to the last one that holds something.
    pub cells: Vec<Cell>,
}

/// Labels that open a row of sums, without white space, colons and case.
const TOTALS_LABELS: [&str; 15] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "总合计",
    "本页合计",
    "本页小计",
    "本月合计",
    "本年累计",
    "合计金额",
    "total",
    "subtotal",
    "grandtotal",
    "totals",
];

impl Row {
    /// True if no cell holds anything but white space.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(Cell::is_blank)
    }

    /// True for a row of sums (合计, 总计, 小计, Total …): its first filled cell is such a label and the others
    /// hold only amounts. A customer whose name is "Total" has a phone or a person beside it and is none.
    pub fn is_totals_row(&self) -> bool {
        let mut filled = self.cells.iter().filter(|cell| !cell.is_blank());
        let Some(Cell::Text(label)) = filled.next() else { return false };
        let label: String = label
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, ':' | '：'))
            .flat_map(char::to_lowercase)
            .collect();
        TOTALS_LABELS.contains(&label.as_str()) && filled.all(is_amount)
    }
}

fn is_amount(cell: &Cell) -> bool {
    match cell {
        Cell::Empty | Cell::Number { .. } | Cell::Percent(_) | Cell::Error(_) => true,
        Cell::Bool(_) | Cell::Date(_) => false,
        Cell::Text(text) => {
            let text = text.trim();
            let amount = text.trim_start_matches(['¥', '￥', '$', '-', '+', '共']);
            let amount = amount.trim_end_matches(['元', '%', '家', '条', '笔', '个', '人', '户']);
            // A phone number is no amount: eleven digits without separator or fraction.
            let phone = text.len() == 11 && text.bytes().all(|b| b.is_ascii_digit());
            text.starts_with("人民币")
                || (!phone
                    && amount
                        .chars()
                        .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '，' | ' ' | '-' | '—' | '/')))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: f64, original: Option<&str>) -> String {
        Cell::Number { value, original: original.map(Into::into) }.display()
    }

    #[test]
    fn numbers_show_as_a_person_sees_them() {
        assert_eq!(shown(1.38e10, Some("1.38E+10")), "13800000000");
        assert_eq!(shown(5.0, None), "5");
        assert_eq!(shown(-0.0, None), "0");
        assert_eq!(shown(-12.0, None), "-12");
        assert_eq!(shown(0.1 + 0.2, Some("0.30000000000000004")), "0.3");
        assert_eq!(shown(1234.5, None), "1234.5");
        assert_eq!(shown(1e-7, None), "0.0000001");
        assert_eq!(shown(110105194912310021.0, Some("110105194912310021")), "110105194912310021");
        assert_eq!(shown(1.1010519491231e17, Some("1.1010519491231E+17")), "110105194912310000");
    }

    #[test]
    fn serial_days_become_dates_in_both_systems() {
        let shown = |serial, is_1904| date_from_serial(serial, is_1904).map(|d| display_date(&d));
        assert_eq!(shown(1.0, false).as_deref(), Some("1900-01-01"));
        assert_eq!(shown(59.0, false).as_deref(), Some("1900-02-28"));
        assert_eq!(shown(60.0, false).as_deref(), Some("1900-02-28"));
        assert_eq!(shown(61.0, false).as_deref(), Some("1900-03-01"));
        assert_eq!(shown(45322.0, false).as_deref(), Some("2024-01-31"));
        assert_eq!(shown(45322.354166666664, false).as_deref(), Some("2024-01-31 08:30:00"));
        assert_eq!(shown(43860.0, true).as_deref(), Some("2024-01-31"));
        assert_eq!(shown(0.5, false).as_deref(), Some("12:00:00"));
        assert_eq!(shown(2958465.0, false).as_deref(), Some("9999-12-31"));
        assert_eq!(shown(2958465.9999999999, false), None);
        assert_eq!(shown(-1.0, false), None);
        assert_eq!(shown(f64::NAN, false), None);
    }

    fn row(cells: &[&str]) -> Row {
        Row {
            number: 1,
            cells: cells
                .iter()
                .map(|c| if c.is_empty() { Cell::Empty } else { Cell::Text((*c).into()) })
                .collect(),
        }
    }

    #[test]
    fn totals_rows_are_told_from_customers_named_total() {
        assert!(row(&["", "合  计：", "", "1,234.50"]).is_totals_row());
        assert!(row(&["Grand Total", "￥98,000.00元"]).is_totals_row());
        assert!(row(&["小计", "共35家"]).is_totals_row());
        assert!(!row(&["Total", "张伟", "100"]).is_totals_row());
        assert!(!row(&["Total", "13800000000"]).is_totals_row());
        assert!(!row(&["合计科技有限公司", "1"]).is_totals_row());
        assert!(row(&["", " \u{3000}"]).is_blank());
    }
}
