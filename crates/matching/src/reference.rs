//! Reading of the embedded tables. They contain no quoted commas except in last columns, so a line is
//! split by the number of columns its file has.

/// Data lines (header skipped) of an embedded CSV file, each split into exactly `N` columns.
pub(crate) fn rows<const N: usize>(csv: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    csv.lines().skip(1).filter(|line| !line.is_empty()).filter_map(|line| {
        let mut columns = line.splitn(N, ',');
        let mut row = [""; N];
        for cell in &mut row {
            *cell = columns.next()?.trim_matches('"');
        }
        Some(row)
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_line_of_every_table_has_all_its_columns() {
        let lines = |csv: &str| csv.lines().skip(1).filter(|l| !l.is_empty()).count();
        for (csv, rows) in [
            (crate::pinyin::POLYPHONES, super::rows::<2>(crate::pinyin::POLYPHONES).count()),
            (crate::pinyin::PHRASES, super::rows::<2>(crate::pinyin::PHRASES).count()),
            (crate::pinyin::SURNAMES, super::rows::<2>(crate::pinyin::SURNAMES).count()),
            (crate::address::REGIONS, super::rows::<3>(crate::address::REGIONS).count()),
            (crate::address::ALIASES, super::rows::<2>(crate::address::ALIASES).count()),
            (crate::phone::area::AREAS, super::rows::<2>(crate::phone::area::AREAS).count()),
            (crate::industry::INDUSTRIES, super::rows::<4>(crate::industry::INDUSTRIES).count()),
        ] {
            assert_eq!(lines(csv), rows);
        }
    }
}
