//! Chinese addresses: the region by its code (GB/T 2260), and the rest.

mod gazetteer;

use std::fmt::Write as _;

#[cfg(test)]
pub(crate) use gazetteer::{ALIASES, REGIONS};
pub use gazetteer::{Level, Region, children, region, search};

use crate::text::{clean, simplify};

/// An address taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// Six-digit code of the smallest region named, `None` when none is named or it cannot be told which
    /// (there are two 朝阳区).
    pub region: Option<String>,
    /// Street, number, building, room; simplified characters, half width, without the region.
    pub detail: String,
    /// A former region name was brought to today's (襄樊 to 襄阳, 萧山市 to 萧山区).
    pub former_name: bool,
}

impl Address {
    /// The region's names from the province down.
    pub fn region_names(&self) -> Vec<&'static str> {
        self.region.as_deref().and_then(region).map(Region::path).unwrap_or_default()
    }
}

impl std::fmt::Display for Address {
    /// Full region names and the detail, which parses back to the same region.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.region_names().into_iter().try_for_each(|name| f.write_str(name))?;
        f.write_str(&self.detail)
    }
}

/// Longer addresses are kept whole as detail beyond this many characters of region names.
const NAMES: usize = 8;

/// Takes an address apart. 省 and 市 may be missing, a municipality may be written twice (上海市上海市…), spaces and
/// separators may stand between the parts, former names are known. Never fails: what names no region is
/// detail.
pub fn parse(s: &str) -> Address {
    let cleaned = simplify(&clean(s));
    let text = without_country(without_postcode(cleaned.trim_start_matches(is_separator)));
    let mut rest = text;
    let mut found: Option<&'static Region> = None;
    let mut former_name = false;
    for _ in 0..NAMES {
        let here = rest.trim_start_matches(is_separator);
        if let (Some(_), Some(after)) = (found, strip_placeholder(here)) {
            rest = after;
            continue;
        }
        let Some(taken) = gazetteer::take(here, found) else { break };
        former_name |= taken.former;
        found = Some(taken.region);
        rest = taken.rest;
    }
    Address {
        region: found.map(|r| r.code.to_owned()),
        detail: rest.trim_start_matches(is_separator).trim_end_matches([' ', ',', ';']).to_owned(),
        former_name,
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, ' ' | ',' | '-' | '/' | '|' | '·' | '_' | '、' | ':' | ';' | '>' | '.' | '。')
}

/// 市辖区 is a level without a place.
fn strip_placeholder(text: &str) -> Option<&str> {
    text.strip_prefix("市辖区").or_else(|| text.strip_prefix("省直辖县级行政区划"))
}

fn without_country(text: &str) -> &str {
    let rest = text.strip_prefix("中华人民共和国").or_else(|| text.strip_prefix("中国"));
    rest.map_or(text, |rest| rest.trim_start_matches(is_separator))
}

/// A postcode of six digits before the region, `310000 浙江省…`.
fn without_postcode(text: &str) -> &str {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text[digits..].trim_start_matches(is_separator);
    if digits == 6 && rest.chars().next().is_some_and(crate::text::is_han) { rest } else { text }
}

/// The region at the beginning of a company's name (江苏华东科技), and what follows. Nothing when the name would be empty
/// without it. A district counts by its full name only: 西湖电子 is a brand, with or without 杭州 before it.
pub(crate) fn leading_region(name: &str) -> (Option<&'static Region>, &str) {
    let mut found = None;
    let mut rest = name;
    for _ in 0..3 {
        let Some(taken) = gazetteer::take(rest, found).filter(|taken| !taken.rest.is_empty()) else { break };
        let written = &rest[..rest.len() - taken.rest.len()];
        if taken.region.level == Level::District && written != taken.region.name {
            break;
        }
        found = Some(taken.region);
        rest = taken.rest;
    }
    (found, rest)
}

/// All regions above districts.
pub(crate) fn provinces_and_cities() -> impl Iterator<Item = &'static Region> {
    let provinces = children(None).into_iter();
    provinces
        .flat_map(|p| std::iter::once(p).chain(children(Some(p.code))))
        .filter(|r| r.level < Level::District)
}

/// The province or city that `place` is the whole name of, full or short.
pub(crate) fn region_named(place: &str) -> Option<&'static Region> {
    let taken = gazetteer::take(place, None)?;
    (taken.rest.is_empty() && taken.region.level < Level::District).then_some(taken.region)
}

/// The region's full name for display, 浙江省杭州市西湖区; `None` for an unknown code.
pub fn full_name(code: &str) -> Option<String> {
    let mut name = String::new();
    for part in region(code)?.path() {
        // Writing to a String cannot fail.
        let _ = write!(name, "{part}");
    }
    Some(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> String {
        let address = parse(text);
        format!(
            "{}|{}|{}",
            address.region.clone().unwrap_or_default(),
            address.region_names().join(" "),
            address.detail
        )
    }

    #[test]
    fn addresses_are_taken_apart_however_they_are_written() {
        for (text, expected) in [
            ("浙江省杭州市西湖区文三路100号", "330106|浙江省 杭州市 西湖区|文三路100号"),
            ("浙江杭州西湖区文三路100号A座", "330106|浙江省 杭州市 西湖区|文三路100号A座"),
            ("杭州市西湖区文三路", "330106|浙江省 杭州市 西湖区|文三路"),
            ("杭州 西湖 文三路１００号", "330106|浙江省 杭州市 西湖区|文三路100号"),
            ("中国 浙江省-杭州市-西湖区 文三路", "330106|浙江省 杭州市 西湖区|文三路"),
            ("310012 浙江省杭州市西湖区", "330106|浙江省 杭州市 西湖区|"),
            ("北京市朝阳区建国路88号", "110105|北京市 朝阳区|建国路88号"),
            ("北京市北京市朝阳区建国路88号", "110105|北京市 朝阳区|建国路88号"),
            ("北京市市辖区朝阳区建国路88号", "110105|北京市 朝阳区|建国路88号"),
            ("北京朝阳建国路88号", "110105|北京市 朝阳区|建国路88号"),
            ("上海浦东新区张江路1号", "310115|上海市 浦东新区|张江路1号"),
            ("上海浦东张江路1号", "310115|上海市 浦东新区|张江路1号"),
            ("吉林省吉林市昌邑区解放路", "220202|吉林省 吉林市 昌邑区|解放路"),
            ("江苏昆山市玉山镇", "320583|江苏省 苏州市 昆山市|玉山镇"),
            ("平湖市软件园南路1134号", "330482|浙江省 嘉兴市 平湖市|软件园南路1134号"),
            ("柳南区东风南路1496号", "450204|广西壮族自治区 柳州市 柳南区|东风南路1496号"),
            ("内蒙古呼和浩特市新城区", "150102|内蒙古自治区 呼和浩特市 新城区|"),
            ("黑龙江哈尔滨道外区解放南路", "230104|黑龙江省 哈尔滨市 道外区|解放南路"),
            ("杭州市建德市乾潭镇", "330182|浙江省 杭州市 建德市|乾潭镇"),
            ("新疆乌鲁木齐天山区", "650102|新疆维吾尔自治区 乌鲁木齐市 天山区|"),
            ("深圳市光明區光明街道松山湖東路823號", "440311|广东省 深圳市 光明区|光明街道松山湖东路823号"),
            ("东莞市长安镇振安路", "441900|广东省 东莞市|长安镇振安路"),
            ("重庆市石柱县万安街道", "500240|重庆市 石柱土家族自治县|万安街道"),
            ("湖北省仙桃市", "429004|湖北省 仙桃市|"),
            ("襄樊市樊城区长虹路", "420606|湖北省 襄阳市 樊城区|长虹路"),
            ("杭州市萧山市建设路", "330109|浙江省 杭州市 萧山区|建设路"),
            ("北京市宣武区广安门", "110102|北京市 西城区|广安门"),
            ("香港中西区皇后大道", "810101|香港特别行政区 香港岛 中西区|皇后大道"),
            ("南京东路100号", "||南京东路100号"),
            ("上海市南京东路100号", "310000|上海市|南京东路100号"),
            ("青岛市香港中路76号", "370200|山东省 青岛市|香港中路76号"),
            ("朝阳区建国路", "||朝阳区建国路"),
            ("宝山梧桐一路515号", "||宝山梧桐一路515号"),
            ("苏州工业园区星湖街", "320500|江苏省 苏州市|工业园区星湖街"),
            ("", "||"),
            ("Room 5, 1 Main St", "||Room 5, 1 Main St"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert!(parse("襄樊市樊城区").former_name && parse("萧山市建设路").former_name);
        assert!(!parse("襄阳市樊城区").former_name);
    }

    #[test]
    fn regions_form_a_tree() {
        assert_eq!(children(None).len(), 34);
        assert!(children(Some("330100")).iter().any(|r| r.name == "西湖区"));
        assert_eq!(region("330106").map(Region::path), Some(vec!["浙江省", "杭州市", "西湖区"]));
        assert_eq!(full_name("310115").as_deref(), Some("上海市浦东新区"));
        assert!(region("999999").is_none());
        assert_eq!(region("330100").map(|r| r.level), Some(Level::City));
        assert_eq!(region("110105").map(|r| r.level), Some(Level::District));
    }

    #[test]
    fn regions_are_found_by_name_and_pinyin() {
        assert_eq!(search("杭州", 1)[0].code, "330100");
        assert_eq!(search("hz", 5).first().map(|r| r.level), Some(Level::City));
        assert!(search("xihu", 20).iter().any(|r| r.code == "330106"));
        assert_eq!(search("3301", 3).len(), 3);
        assert!(search("", 5).is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_safe_and_what_is_shown_parses_to_the_same(
            s in "\\PC{0,30}|(浙江|江苏省|北京市?|上海|杭州市?|南京|朝阳区?|西湖区?|萧山市|襄樊|路|东|1号|市|区| |-){0,8}"
        ) {
            let address = parse(&s);
            let again = parse(&address.to_string());
            prop_assert_eq!(&again.region, &address.region, "{}", address);
            prop_assert_eq!(&again.detail, &address.detail, "{}", address);
        }
    }
}
