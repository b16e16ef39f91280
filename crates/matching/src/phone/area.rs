//! Where a landline stands: area codes of the numbering plan (电信网编号计划) by region. A code that several cities of a province share
//! gives the province.

use super::{Phone, PhoneKind, area_code_len};
use crate::reference::rows;

pub(crate) const AREAS: &str = include_str!("../../../../reference/area_codes.csv");

/// The region of a landline as six digits (GB/T 2260); `None` for other numbers and codes that say nothing.
pub fn region(phone: &Phone) -> Option<&'static str> {
    let national = phone.e164.strip_prefix("+86").filter(|_| phone.kind == PhoneKind::Landline)?;
    let dialled = format!("0{national}");
    let area = dialled.get(..area_code_len(&dialled))?;
    rows::<2>(AREAS).find(|[code, _]| *code == area).map(|[_, region]| region)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address;
    use crate::phone::parse;

    #[test]
    fn a_landline_tells_its_city() {
        let of = |text: &str| region(&parse(text).unwrap()).and_then(address::full_name);
        assert_eq!(of("0571-87654329").as_deref(), Some("浙江省杭州市"));
        assert_eq!(of("010 6255 8871").as_deref(), Some("北京市"));
        assert_eq!(of("0731-84512399").as_deref(), Some("湖南省"), "长沙, 株洲 and 湘潭 share it");
        for without in ["13912345670", "400 820 8821", "+1 212 555 0142"] {
            assert_eq!(of(without), None, "{without}");
        }
    }

    #[test]
    fn every_area_belongs_to_a_province_or_a_city_and_stands_once() {
        let mut seen = std::collections::BTreeSet::new();
        for [area, code] in rows::<2>(AREAS) {
            assert!(seen.insert(area) && area.len() == area_code_len(area), "{area}");
            let place = address::region(code).unwrap_or_else(|| panic!("{area}: {code}"));
            assert!(place.level < address::Level::District, "{area}: {}", place.name);
        }
        assert!(seen.len() > 300);
    }
}
