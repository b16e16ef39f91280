//! Finds the row that names the columns, under titles, notes and group headings.

use std::collections::HashSet;

use crate::xlsx::{column_letters, parse_reference};
use crate::{Cell, Row};

/// The header is looked for in the first 20 rows.
const MAX_HEADER_ROW: u32 = 20;
/// Rows held for the guess: the header rows and some data below the lowest.
pub(crate) const HEAD_ROWS: usize = 60;
/// Rows of data compared with a candidate.
const COMPARED_ROWS: usize = 15;
/// A column title is a word or two, not a sentence.
const MAX_TITLE_CHARS: usize = 40;

/// What is probably the header of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub struct HeaderGuess {
    /// Number of the (last) header row, 1-based as [`Row::number`]; data begins in the row after it.
    pub row_index: u32,
    /// 1, or 2 when group headings stand above the titles.
    pub header_rows: u32,
    /// Titles without line breaks and required marks, each different from the others; columns without title and data
    /// are left out, a column with data but no title is called by its letter, `[C]`.
    pub columns: Vec<String>,
    /// For each of `columns` its place in [`Row::cells`] (0-based).
    pub positions: Vec<usize>,
    /// 0 to 1; below 0.5 a person should be asked.
    pub confidence: f64,
    /// Texts of the rows above the header (titles, notes), one for each row that has any.
    pub skipped: Vec<String>,
}

impl HeaderGuess {
    /// The row from which to read data.
    pub fn first_data_row(&self) -> u32 {
        self.row_index.saturating_add(1)
    }
}

/// A merged range: rows 1-based, columns 0-based, ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Merge {
    pub(crate) first_row: u32,
    pub(crate) last_row: u32,
    pub(crate) first_column: usize,
    pub(crate) last_column: usize,
}

impl Merge {
    /// True if the range begins where a header may stand; the merged cells of data do not matter here.
    pub(crate) fn concerns_header(&self) -> bool {
        self.first_row <= MAX_HEADER_ROW
    }

    pub(crate) fn parse(reference: &str) -> Option<Self> {
        let (first, last) = reference.split_once(':')?;
        let (first, last) = (parse_reference(first)?, parse_reference(last)?);
        (last.0 >= first.0 && last.1 >= first.1).then_some(Self {
            first_row: first.0,
            last_row: last.0,
            first_column: first.1,
            last_column: last.1,
        })
    }
}

/// The rows as titles: `text(row, column)` is what a person sees there.
struct Grid<'a> {
    rows: &'a [Row],
    merges: &'a [Merge],
    width: usize,
}

/// One way to read a header, with its titles by column.
struct Candidate {
    row_index: u32,
    header_rows: u32,
    titles: Vec<String>,
    score: f64,
    confidence: f64,
}

/// Guesses the header among the first rows of a sheet.
pub(crate) fn guess(rows: &[Row], merges: &[Merge]) -> HeaderGuess {
    let grid = Grid::new(rows, merges);
    let mut best: Option<Candidate> = None;
    for row in rows.iter().filter(|row| row.number <= MAX_HEADER_ROW && !row.is_blank()) {
        let single = grid.candidate(row.number, 1);
        let double = grid.is_grouped(row.number).then(|| grid.candidate(row.number + 1, 2));
        for candidate in [Some(single), double].into_iter().flatten() {
            if best.as_ref().is_none_or(|best| candidate.score > best.score + 1e-9) {
                best = Some(candidate);
            }
        }
    }
    match best {
        Some(candidate) => grid.describe(candidate),
        None => HeaderGuess {
            row_index: 0,
            header_rows: 1,
            columns: Vec::new(),
            positions: Vec::new(),
            confidence: 0.0,
            skipped: Vec::new(),
        },
    }
}

/// Reads the header where a person says it is.
pub(crate) fn at(rows: &[Row], merges: &[Merge], row_index: u32, header_rows: u32) -> Option<HeaderGuess> {
    let grid = Grid::new(rows, merges);
    grid.row(row_index)?;
    let depth = if header_rows == 2 && row_index > 1 { 2 } else { 1 };
    let mut candidate = grid.candidate(row_index, depth);
    candidate.confidence = 1.0;
    Some(grid.describe(candidate))
}

impl<'a> Grid<'a> {
    fn new(rows: &'a [Row], merges: &'a [Merge]) -> Self {
        let width = rows.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        Self { rows, merges, width }
    }

    fn row(&self, number: u32) -> Option<&'a Row> {
        self.rows.iter().find(|row| row.number == number)
    }

    fn cell(&self, number: u32, column: usize) -> &'a Cell {
        self.row(number).and_then(|row| row.cells.get(column)).unwrap_or(&Cell::Empty)
    }

    fn is_filled(&self, number: u32, column: usize) -> bool {
        !self.cell(number, column).is_blank()
    }

    fn filled(&self, number: u32) -> usize {
        (0..self.width).filter(|&column| self.is_filled(number, column)).count()
    }

    fn merge_at(&self, number: u32, column: usize) -> Option<&'a Merge> {
        self.merges.iter().find(|m| {
            (m.first_row..=m.last_row).contains(&number) && (m.first_column..=m.last_column).contains(&column)
        })
    }

    /// The title in a cell, taken from the corner of its merged range unless that is the row's only value (a title
    /// over the whole table).
    fn title(&self, number: u32, column: usize) -> String {
        match self.merge_at(number, column) {
            Some(merge) if self.filled(merge.first_row) > 1 => {
                clean(&self.cell(merge.first_row, merge.first_column).display())
            }
            _ => clean(&self.cell(number, column).display()),
        }
    }

    /// True if this row holds group headings over titles in the next one.
    fn is_grouped(&self, number: u32) -> bool {
        if self.filled(number) < 2 || self.filled(number + 1) < 2 {
            return false;
        }
        let below = |merge: &Merge| {
            (merge.first_column..=merge.last_column).filter(|&c| self.is_filled(number + 1, c)).count()
        };
        let is_group =
            |m: &Merge| m.first_row == number && m.last_row == number && m.last_column > m.first_column;
        let groups = self.merges.iter().filter(|m| is_group(m)).filter(|m| below(m) >= 2).count();
        let within_merge = |column| self.merge_at(number, column).is_some();
        // Two unmerged values one above the other are a title row and data, or two kinds of rows.
        let stacked = |column| {
            !within_merge(column) && self.is_filled(number, column) && self.is_filled(number + 1, column)
        };
        if groups > 0 {
            return !(0..self.width).any(stacked);
        }
        self.merges.is_empty() && self.is_grouped_without_merges(number)
    }

    /// In .csv a group heading is followed by blanks: "公司,联系人,," over ",姓名,电话,".
    fn is_grouped_without_merges(&self, number: u32) -> bool {
        let (mut groups, mut singles, mut titles, mut known) = (0, 0, 0, 0);
        for column in 0..self.width {
            let (top, bottom) = (self.is_filled(number, column), self.is_filled(number + 1, column));
            match (top, bottom) {
                (true, false) => singles += 1,
                (false, true) if column == 0 => return false,
                (false, true) if !self.is_filled(number + 1, column - 1) => return false,
                (true, true) => {
                    let next_is_its_own =
                        self.is_filled(number, column + 1) || !self.is_filled(number + 1, column + 1);
                    if next_is_its_own {
                        return false;
                    }
                    groups += 1;
                }
                _ => {}
            }
            if bottom {
                titles += 1;
                known += usize::from(is_known_title(&self.title(number + 1, column)));
            }
        }
        groups > 0 && singles > 0 && known * 2 >= titles
    }

    fn titles(&self, row_index: u32, header_rows: u32) -> Vec<String> {
        if header_rows == 1 {
            return (0..self.width).map(|column| self.title(row_index, column)).collect();
        }
        let top = row_index - 1;
        let mut group = String::new();
        (0..self.width)
            .map(|column| {
                let (above, own) = (self.title(top, column), self.title(row_index, column));
                if !above.is_empty() || self.merge_at(top, column).is_some() || own.is_empty() {
                    group.clone_from(&above);
                }
                match (group.is_empty(), own.is_empty()) {
                    (true, _) => own,
                    (false, true) => group.clone(),
                    (false, false) if own == group => own,
                    (false, false) => format!("{group} {own}"),
                }
            })
            .collect()
    }

    fn candidate(&self, row_index: u32, header_rows: u32) -> Candidate {
        let titles = self.titles(row_index, header_rows);
        let data: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| row.number > row_index && !row.is_blank())
            .take(COMPARED_ROWS)
            .collect();
        let used =
            |column: usize| data.iter().any(|row| row.cells.get(column).is_some_and(|c| !c.is_blank()));
        let columns_used = (0..self.width).filter(|&c| used(c)).count();
        let named: Vec<usize> = (0..self.width).filter(|&c| !titles[c].is_empty()).collect();
        let count = named.len().max(1) as f64;
        let share = |n: usize| n as f64 / count;
        let covered = named.iter().filter(|&&c| used(c)).count();
        let coverage = match columns_used {
            0 => named.len() as f64 / self.width.max(1) as f64,
            used => covered as f64 / used as f64,
        };
        let texty =
            share(named.iter().filter(|&&c| is_title_like(&titles[c], self.cell(row_index, c))).count());
        let distinct = share(named.iter().map(|&c| titles[c].as_str()).collect::<HashSet<_>>().len());
        let known = share(named.iter().filter(|&&c| is_known_title(&titles[c])).count());
        let contrast = share(named.iter().filter(|&&c| differs_from_data(&titles[c], c, &data)).count());
        // Of rows that look alike the first is the header.
        let first_header_row = row_index + 1 - header_rows;
        let alike_above = self
            .rows
            .iter()
            .filter(|row| row.number < first_header_row && self.filled(row.number) * 10 >= named.len() * 6)
            .count();
        let no_data = if data.is_empty() && row_index > 1 && alike_above > 0 { 0.3 } else { 0.0 };
        let bonus = if header_rows == 2 { 0.08 } else { 0.0 };
        let score = 0.35 * coverage + 0.25 * texty + 0.1 * distinct + 0.45 * known + 0.15 * contrast + bonus
            - 0.06 * alike_above as f64
            - no_data;
        let confidence =
            0.35 * coverage + 0.2 * texty + 0.1 * distinct + 0.3 * (known * 2.0).min(1.0) + 0.05 * contrast;
        Candidate { row_index, header_rows, titles, score, confidence: confidence.clamp(0.0, 1.0) }
    }

    fn describe(&self, candidate: Candidate) -> HeaderGuess {
        let has_data = |column: usize| {
            self.rows
                .iter()
                .filter(|row| row.number > candidate.row_index)
                .any(|row| row.cells.get(column).is_some_and(|cell| !cell.is_blank()))
        };
        let (mut columns, mut positions) = (Vec::new(), Vec::new());
        let mut taken = HashSet::new();
        for (column, title) in candidate.titles.iter().enumerate() {
            let title = match title.is_empty() {
                true if has_data(column) => format!("[{}]", column_letters(column)),
                true => continue,
                false => title.clone(),
            };
            let unique = (1..)
                .map(|n: u32| if n == 1 { title.clone() } else { format!("{title} {n}") })
                .find(|name| !taken.contains(name));
            let Some(unique) = unique else { continue };
            taken.insert(unique.clone());
            columns.push(unique);
            positions.push(column);
        }
        let first = candidate.row_index + 1 - candidate.header_rows;
        let skipped = self.rows.iter().filter(|row| row.number < first && !row.is_blank());
        let text_of = |row: &Row| {
            let texts: Vec<String> =
                row.cells.iter().filter(|c| !c.is_blank()).map(|c| c.display().trim().to_owned()).collect();
            texts.join(" ")
        };
        HeaderGuess {
            row_index: candidate.row_index,
            header_rows: candidate.header_rows,
            columns,
            positions,
            confidence: candidate.confidence,
            skipped: skipped.map(text_of).collect(),
        }
    }
}

/// A title without line breaks, required marks and the blanks that space out Chinese words ("姓  名").
fn clean(text: &str) -> String {
    let trimmed =
        text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '＊' | ':' | '：' | '\u{feff}'));
    let words: Vec<&str> = trimmed.split_whitespace().collect();
    let mut out = String::new();
    for word in words {
        let joins = match (out.chars().last(), word.chars().next()) {
            (Some(before), Some(after)) => is_cjk(before) && is_cjk(after),
            _ => true,
        };
        if !joins {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '（' | '）' | '、')
}

/// True for short text that is neither a number, a date nor "label: value".
fn is_title_like(title: &str, cell: &Cell) -> bool {
    let is_value = matches!(
        cell,
        Cell::Number { .. } | Cell::Percent(_) | Cell::Date(_) | Cell::Bool(_) | Cell::Error(_)
    );
    let digits = title.chars().filter(char::is_ascii_digit).count();
    let chars = title.chars().count();
    let labelled = title.find([':', '：']).is_some();
    !is_value && chars <= MAX_TITLE_CHARS && digits * 2 < chars.max(1) && !labelled && !title.contains('@')
}

/// True if most of the data below is of another kind than the title: numbers, dates, or text with digits in it.
fn differs_from_data(title: &str, column: usize, data: &[&Row]) -> bool {
    if title.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    let cells: Vec<&Cell> =
        data.iter().filter_map(|row| row.cells.get(column)).filter(|c| !c.is_blank()).collect();
    let values = cells
        .iter()
        .filter(|cell| match cell {
            Cell::Text(text) => text.chars().any(|c| c.is_ascii_digit() || c == '@'),
            _ => true,
        })
        .count();
    values * 2 > cells.len()
}

/// Words that occur in titles and seldom in values.
const TITLE_WORDS: [&str; 96] = [
    "名称",
    "姓名",
    "全称",
    "简称",
    "联系人",
    "联系方式",
    "电话",
    "手机",
    "座机",
    "邮箱",
    "邮件",
    "微信",
    "地址",
    "行业",
    "来源",
    "级别",
    "等级",
    "类型",
    "类别",
    "分类",
    "状态",
    "负责人",
    "业务员",
    "销售员",
    "备注",
    "说明",
    "日期",
    "时间",
    "编号",
    "编码",
    "代码",
    "序号",
    "单号",
    "金额",
    "价格",
    "单价",
    "数量",
    "总额",
    "折扣",
    "税号",
    "法人",
    "法定代表人",
    "网址",
    "官网",
    "部门",
    "职务",
    "职位",
    "称呼",
    "性别",
    "生日",
    "传真",
    "邮编",
    "型号",
    "规格",
    "标签",
    "省份",
    "城市",
    "地区",
    "区域",
    "国家",
    "身份证",
    "开户",
    "账号",
    "年龄",
    "规模",
    "注册资本",
    "经营范围",
    "跟进",
    "创建",
    "更新",
    "归属",
    "name",
    "company",
    "customer",
    "contact",
    "phone",
    "mobile",
    "tel",
    "mail",
    "address",
    "industry",
    "source",
    "status",
    "owner",
    "remark",
    "note",
    "date",
    "amount",
    "price",
    "quantity",
    "website",
    "title",
    "department",
    "birthday",
    "type",
    "code",
];

/// Words that are titles only when they stand alone; companies and places have them in their names.
const LONE_TITLES: [&str; 24] = [
    "公司", "客户", "单位", "企业", "产品", "合同", "订单", "省", "市", "区", "县", "人", "qq", "no", "no.",
    "id", "city", "state", "country", "province", "level", "gender", "sales", "商机",
];

fn is_known_title(title: &str) -> bool {
    let title = title.to_lowercase();
    let bare = title.split(['(', '（', '[', '【']).next().unwrap_or_default().trim();
    let limit = if bare.is_ascii() { 30 } else { 14 };
    bare.chars().count() <= limit
        && (LONE_TITLES.contains(&bare) || TITLE_WORDS.iter().any(|word| bare.contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(lines: &[&str]) -> Vec<Row> {
        let cell = |text: &str| match text.parse::<f64>() {
            _ if text.is_empty() => Cell::Empty,
            Ok(value) => Cell::Number { value, original: None },
            Err(_) => Cell::Text(text.replace("\\n", "\n")),
        };
        let row = |(i, line): (usize, &&str)| Row {
            number: i as u32 + 1,
            cells: if line.is_empty() { Vec::new() } else { line.split(',').map(cell).collect() },
        };
        lines.iter().enumerate().map(row).collect()
    }

    fn merges(ranges: &[&str]) -> Vec<Merge> {
        ranges.iter().map(|r| Merge::parse(r).unwrap()).collect()
    }

    #[test]
    fn a_header_below_a_merged_title_and_notes_is_found() {
        let rows = rows(&[
            "2024年客户信息汇总表,,,",
            "制表人：王芳,,日期：2024-01-31,",
            "",
            "客户\\n名称*,姓  名,手机号,金额（元）",
            "上海远望仪器有限公司,张伟,13800000000,1200",
            "北京恒通电气公司,李娜,13800000001,35",
            "合计,,,1235",
        ]);
        let guess = guess(&rows, &merges(&["A1:D1"]));
        assert_eq!((guess.row_index, guess.header_rows), (4, 1));
        assert_eq!(guess.columns, ["客户名称", "姓名", "手机号", "金额（元）"]);
        assert_eq!(guess.skipped, ["2024年客户信息汇总表", "制表人：王芳 日期：2024-01-31"]);
        assert!(guess.confidence > 0.9, "{}", guess.confidence);
        assert_eq!(guess.first_data_row(), 5);
    }

    #[test]
    fn merged_group_headings_join_the_titles_below_them() {
        let rows = rows(&[
            "客户表,,,,",
            "公司,联系人,,金额,",
            ",姓名,电话,,",
            "甲公司,张伟,13800000000,5,",
            "乙公司,李娜,13800000001,6,",
        ]);
        let merged = merges(&["A1:E1", "A2:A3", "B2:C2", "D2:D3"]);
        let found = guess(&rows, &merged);
        assert_eq!((found.row_index, found.header_rows), (3, 2));
        assert_eq!(found.columns, ["公司", "联系人 姓名", "联系人 电话", "金额"]);
        let unmerged = guess(&rows, &[]);
        assert_eq!(unmerged.columns, ["公司", "联系人 姓名", "联系人 电话", "金额"]);
        assert_eq!(unmerged.row_index, 3);
    }

    #[test]
    fn groups_over_every_column_are_joined_too() {
        let rows =
            rows(&["公司,,联系人,", "名称,地址,姓名,电话", "甲公司,上海,张伟,1", "乙公司,北京,李娜,2"]);
        let found = guess(&rows, &merges(&["A1:B1", "C1:D1"]));
        assert_eq!(found.columns, ["公司 名称", "公司 地址", "联系人 姓名", "联系人 电话"]);
    }

    #[test]
    fn blank_columns_are_dropped_and_equal_titles_are_told_apart() {
        let rows = rows(&["名称,,电话,电话,,", "甲,,1,2,,备用", "乙,,3,4,,"]);
        let found = guess(&rows, &[]);
        assert_eq!(found.columns, ["名称", "电话", "电话 2", "[F]"]);
        assert_eq!(found.positions, [0, 2, 3, 5]);
    }

    #[test]
    fn a_sheet_without_header_gives_little_confidence() {
        let rows = rows(&[
            "13800000000,35,a@example.com",
            "13800000001,36,b@example.com",
            "13800000002,37,c@example.com",
        ]);
        assert!(guess(&rows, &[]).confidence < 0.5);
        assert_eq!(guess(&[], &[]).confidence, 0.0);
    }

    #[test]
    fn unknown_titles_over_text_are_taken_from_the_first_row() {
        let rows = rows(&["甲乙,丙丁,戊己", "红,黄,蓝", "红,绿,蓝", "黑,黄,白"]);
        assert_eq!(guess(&rows, &[]).row_index, 1);
    }

    #[test]
    fn english_headers_in_any_of_the_first_twenty_rows_are_found() {
        for blank in [0usize, 5, 19] {
            let mut lines = vec![""; blank];
            lines.extend([
                "Company,Contact Name,Phone,E-mail",
                "Acme Ltd,Ann,13800000000,ann@example.com",
                "Beta Ltd,Bob,13800000001,bob@example.com",
            ]);
            let found = guess(&rows(&lines), &[]);
            assert_eq!(found.row_index as usize, blank + 1);
            assert!(found.confidence > 0.9);
        }
    }
}
