//! What people write above the columns of a customer list, and what they mean by it. The words stand in `titles.tsv`.

use huike_matching::text;

/// What the cells must look like for a meaning to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    None,
    /// Most are mobile numbers.
    Mobile,
    /// Most are no mobile numbers.
    Landline,
}

/// One meaning of a title: a field's path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meaning {
    pub path: &'static str,
    pub evidence: Evidence,
}

/// Lines of object, meanings in order of preference, titles; `*` stands for every object.
const TABLE: &str = include_str!("titles.tsv");

/// The meanings of a title in lists of an object, likeliest first. `title` is [`plain`].
pub fn meanings(object: &str, title: &str) -> Vec<Meaning> {
    let lines = || TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(line);
    let find = |wanted: &str| {
        lines().find(|(of, _, titles)| *of == wanted && titles.split(',').any(|known| plain(known) == title))
    };
    let Some((_, paths, _)) = find(object).or_else(|| find("*")) else { return Vec::new() };
    paths.split(' ').map(meaning).collect()
}

/// The paths into related objects that lists of an object usually have.
pub fn related_paths(object: &str) -> Vec<&'static str> {
    let mut paths: Vec<&str> = Vec::new();
    for (of, meanings, _) in TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(line) {
        let path = meaning(meanings.split(' ').next().unwrap_or_default()).path;
        if of == object && path.contains('.') && !paths.contains(&path) {
            paths.push(path);
        }
    }
    paths
}

fn line(text: &'static str) -> Option<(&'static str, &'static str, &'static str)> {
    let mut parts = text.split('\t');
    Some((parts.next()?, parts.next()?, parts.next()?))
}

fn meaning(text: &'static str) -> Meaning {
    match text.split_once('?') {
        Some((path, "mobile")) => Meaning { path, evidence: Evidence::Mobile },
        Some((path, _)) => Meaning { path, evidence: Evidence::Landline },
        None => Meaning { path: text, evidence: Evidence::None },
    }
}

/// A title for comparing: folded, without units and remarks in brackets, blanks and marks.
pub fn plain(title: &str) -> String {
    let folded = text::fold(title);
    let bare = folded.split(['(', '[', '【', '<']).next().unwrap_or_default();
    let bare = if bare.trim().is_empty() { folded.as_str() } else { bare };
    bare.chars()
        .filter(|c| {
            !c.is_whitespace() && !matches!(c, '*' | ':' | '_' | '-' | '.' | '/' | '、' | '"' | '\'' | '#')
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_compared_without_units_marks_and_blanks() {
        assert_eq!(plain("信用额度（元）"), "信用额度");
        assert_eq!(plain("*客户 名称："), "客户名称");
        assert_eq!(plain("E-Mail"), "email");
        assert_eq!(plain("聯繫電話"), plain("联系电话"));
        assert_eq!(plain("（必填）"), "(必填)");
    }

    #[test]
    fn every_line_of_the_table_has_its_three_parts_and_no_title_twice() {
        let mut seen = std::collections::HashSet::new();
        for text in TABLE.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let (object, paths, titles) = line(text).unwrap_or_else(|| panic!("{text}"));
            assert!(!paths.is_empty(), "{text}");
            for title in titles.split(',') {
                assert!(seen.insert((object, plain(title))), "{object}: {title} stands twice");
            }
        }
    }
}
