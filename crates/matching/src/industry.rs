//! 国民经济行业分类, the classification of economic activities (GB/T 4754-2017): 20 sections `A`–`T` and 97
//! divisions `01`–`97`.

use std::sync::OnceLock;

use crate::reference::rows;

pub(crate) const INDUSTRIES: &str = include_str!("../../../reference/industries.csv");

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Industry {
    /// One capital for a section, two digits for a division.
    pub code: &'static str,
    /// The section of a division.
    pub parent: Option<&'static str>,
    pub zh: &'static str,
    pub en: &'static str,
}

/// All sections and divisions in the order of the standard, each section before its divisions.
pub fn industries() -> &'static [Industry] {
    static TABLE: OnceLock<Vec<Industry>> = OnceLock::new();
    TABLE.get_or_init(|| {
        rows::<4>(INDUSTRIES)
            .map(|[code, parent, zh, en]| Industry {
                code,
                parent: Some(parent).filter(|p| !p.is_empty()),
                zh,
                en,
            })
            .collect()
    })
}

/// The section or division with this code.
pub fn industry(code: &str) -> Option<&'static Industry> {
    industries().iter().find(|i| i.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_has_20_sections_and_97_divisions() {
        let (sections, divisions): (Vec<&Industry>, Vec<&Industry>) =
            industries().iter().partition(|i| i.parent.is_none());
        assert_eq!((sections.len(), divisions.len()), (20, 97));
        for (number, division) in divisions.iter().enumerate() {
            assert_eq!(division.code, format!("{:02}", number + 1));
            assert!(division.parent.is_some_and(|p| industry(p).is_some()));
        }
        assert_eq!(industry("65").map(|i| i.zh), Some("软件和信息技术服务业"));
        assert!(industries().iter().all(|i| !i.zh.contains('"') && !i.en.contains('"') && !i.en.is_empty()));
    }
}
