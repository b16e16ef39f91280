//! The table of regions and the finding of names in it.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::pinyin;
use crate::reference::rows;
use crate::text::fold;

pub(crate) const REGIONS: &str = include_str!("../../../../reference/regions.csv");
pub(crate) const ALIASES: &str = include_str!("../../../../reference/region_aliases.csv");

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    Province,
    City,
    District,
}

/// One administrative region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// Six digits.
    pub code: &'static str,
    /// Full official name, 浙江省.
    pub name: &'static str,
    /// Code of the region above; a municipality's districts stand directly under it.
    pub parent: Option<&'static str>,
    pub level: Level,
}

impl Region {
    /// Names from the province down to this region.
    pub fn path(&self) -> Vec<&'static str> {
        let mut names = match self.parent.and_then(region) {
            Some(parent) => parent.path(),
            None => Vec::new(),
        };
        names.push(self.name);
        names
    }

    /// 浙江 of 浙江省, 石柱 of 石柱土家族自治县; `None` when a single character would be left.
    pub fn short_name(&self) -> Option<&'static str> {
        stem(self.name)
    }

    fn is_within(&self, other: &Region) -> bool {
        self.parent == Some(other.code)
            || self.parent.and_then(region).is_some_and(|p| p.parent == Some(other.code))
    }
}

struct Gazetteer {
    /// Sorted by code.
    regions: Vec<Region>,
    names: HashMap<&'static str, Vec<Named>>,
    /// Characters of the longest name.
    longest: usize,
}

#[derive(Clone, Copy, PartialEq)]
struct Named {
    at: usize,
    how: How,
}

/// How a name stands for its region, the surer first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Full,
    FormerFull,
    Short,
    FormerShort,
}

fn gazetteer() -> &'static Gazetteer {
    static TABLE: OnceLock<Gazetteer> = OnceLock::new();
    TABLE.get_or_init(|| {
        let regions: Vec<Region> = rows::<3>(REGIONS)
            .map(|[code, name, parent]| Region {
                code,
                name,
                parent: Some(parent).filter(|p| !p.is_empty()),
                level: match (&code[2..], parent.get(2..)) {
                    ("0000", _) => Level::Province,
                    (rest, _) if rest.ends_with("00") => Level::City,
                    _ => Level::District,
                },
            })
            .collect();
        let mut names: HashMap<&'static str, Vec<Named>> = HashMap::with_capacity(regions.len() * 2);
        let mut add = |name: &'static str, named| names.entry(name).or_default().push(named);
        for (at, region) in regions.iter().enumerate() {
            add(region.name, Named { at, how: How::Full });
            if let Some(short) = stem(region.name) {
                add(short, Named { at, how: How::Short });
            }
        }
        for [alias, code] in rows::<2>(ALIASES) {
            let Ok(at) = regions.binary_search_by_key(&code, |r| r.code) else { continue };
            // 广西 and 香港 are not former, they are short.
            let is_short = regions[at].name.starts_with(alias) || regions[at].level == Level::Province;
            add(alias, Named { at, how: if is_short { How::Short } else { How::FormerFull } });
            if let Some(short) = stem(alias).filter(|_| !is_short) {
                add(short, Named { at, how: How::FormerShort });
            }
        }
        let longest = names.keys().map(|n| n.chars().count()).max().unwrap_or(0);
        Gazetteer { regions, names, longest }
    })
}

/// A name without its kind of region and without peoples' names; at least two characters.
fn stem(name: &'static str) -> Option<&'static str> {
    const KINDS: [&str; 13] = [
        "特别行政区",
        "自治区",
        "自治州",
        "自治县",
        "自治旗",
        "林区",
        "新区",
        "地区",
        "省",
        "市",
        "区",
        "县",
        "盟",
    ];
    let kind = KINDS.iter().find_map(|kind| name.strip_suffix(kind));
    let mut rest = kind.or_else(|| name.strip_suffix('旗'))?;
    if name.contains("自治") {
        rest = without_peoples(rest);
    }
    (rest.chars().count() >= 2).then_some(rest)
}

/// The place name of an autonomous region without the peoples it is named for.
fn without_peoples(name: &'static str) -> &'static str {
    const PEOPLES: [&str; 20] = [
        "维吾尔",
        "壮族",
        "回族",
        "藏族",
        "蒙古",
        "朝鲜族",
        "土家族",
        "苗族",
        "布依族",
        "侗族",
        "彝族",
        "哈尼族",
        "傣族",
        "白族",
        "景颇族",
        "傈僳族",
        "羌族",
        "哈萨克",
        "柯尔克孜",
        "满族",
    ];
    let mut rest = name;
    while let Some(people) = PEOPLES.iter().find(|p| rest.len() > p.len() + 3 && rest.ends_with(**p)) {
        rest = &rest[..rest.len() - people.len()];
    }
    // Peoples not listed (黎族, 瑶族, 畲族 …) have names of one character and 族.
    while rest.ends_with('族') {
        let cut = rest.char_indices().rev().nth(1).map_or(0, |(at, _)| at);
        if rest[..cut].chars().count() < 2 {
            break;
        }
        rest = &rest[..cut];
    }
    rest
}

/// The region with this six-digit code.
pub fn region(code: &str) -> Option<&'static Region> {
    let regions = &gazetteer().regions;
    regions.binary_search_by_key(&code, |r| r.code).ok().map(|at| &regions[at])
}

/// The regions directly under a code, by code; all provinces without one.
pub fn children(code: Option<&str>) -> Vec<&'static Region> {
    gazetteer().regions.iter().filter(|r| r.parent == code).collect()
}

/// At most `limit` regions by the beginning of a code, of a name, of its full pinyin or of its initials, or
/// by a part of the name; earlier kinds of match and larger regions first.
pub fn search(text: &str, limit: usize) -> Vec<&'static Region> {
    static SPELT: OnceLock<Vec<Spelling>> = OnceLock::new();
    let wanted: String = fold(text).chars().filter(|c| c.is_alphanumeric()).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let regions = &gazetteer().regions;
    let spelt = SPELT.get_or_init(|| regions.iter().map(|r| Spelling::of(r.name)).collect());
    let kind = |(region, spelling): (&'static Region, &Spelling)| {
        let kind = if region.code.starts_with(&wanted) || region.name.starts_with(&wanted) {
            0
        } else if spelling.pinyin.starts_with(&wanted) {
            1
        } else if spelling.initials.starts_with(&wanted) {
            2
        } else if region.name.contains(&wanted) {
            3
        } else {
            return None;
        };
        Some((kind, region.level, region))
    };
    let mut found: Vec<_> = regions.iter().zip(spelt).filter_map(kind).collect();
    found.sort_by_key(|(kind, level, _)| (*kind, *level));
    found.into_iter().take(limit).map(|(_, _, r)| r).collect()
}

struct Spelling {
    pinyin: String,
    initials: String,
}

impl Spelling {
    fn of(name: &str) -> Self {
        let chars: Vec<char> = name.chars().collect();
        let readings = pinyin::readings(&chars);
        let usual = || readings.iter().filter_map(|r| r.first());
        Self { pinyin: usual().copied().collect(), initials: usual().map(|s| &s[..1]).collect() }
    }
}

pub(super) struct Taken<'a> {
    pub region: &'static Region,
    pub rest: &'a str,
    pub former: bool,
}

/// The region whose name stands at the beginning of `text`, inside `within` if given. The longest name
/// that can be meant wins.
pub(super) fn take<'a>(text: &'a str, within: Option<&'static Region>) -> Option<Taken<'a>> {
    let gazetteer = gazetteer();
    let ends: Vec<usize> =
        text.char_indices().map(|(at, c)| at + c.len_utf8()).take(gazetteer.longest).skip(1).collect();
    for end in ends.into_iter().rev() {
        let (name, rest) = text.split_at(end);
        let Some(candidates) = gazetteer.names.get(name) else { continue };
        match choose(gazetteer, candidates, rest, within) {
            Choice::None => {}
            // A shorter name inside a name that can mean two regions proves nothing.
            Choice::Ambiguous => return None,
            Choice::One(named, rest) => {
                let former = matches!(named.how, How::FormerFull | How::FormerShort);
                return Some(Taken { region: &gazetteer.regions[named.at], rest, former });
            }
        }
    }
    None
}

enum Choice<'a> {
    None,
    Ambiguous,
    /// With the text after the name.
    One(Named, &'a str),
}

fn choose<'a>(
    gazetteer: &'static Gazetteer,
    candidates: &[Named],
    rest: &'a str,
    within: Option<&'static Region>,
) -> Choice<'a> {
    let region = |n: &Named| &gazetteer.regions[n.at];
    let is_short = |n: &Named| n.how >= How::Short;
    let old_kind = after_old_kind(rest);
    let possible = candidates.iter().filter(|n| match within {
        // The same name again (北京市北京市), or something inside.
        Some(outer) => region(n).is_within(outer) || (n.how == How::Full && region(n).code == outer.code),
        // Without a larger region a district's short name says too little (宝山, 朝阳), unless an old
        // kind follows it (萧山市).
        None => !is_short(n) || region(n).level < Level::District || old_kind.is_some(),
    });
    let street = begins_street(rest);
    let mut possible: Vec<Named> = possible
        .filter(|n| !is_short(n) || !street || begins_inside(gazetteer, rest, region(n)))
        .copied()
        .collect();
    // Larger regions first, then surer names.
    possible.sort_by_key(|n| (region(n).level, n.how));
    let Some(best) = possible.first().copied() else { return Choice::None };
    let rival = |n: &Named| n.at != best.at && (region(n).level, n.how) == (region(&best).level, best.how);
    if possible.iter().any(rival) {
        return Choice::Ambiguous;
    }
    match old_kind.filter(|_| is_short(&best) && region(&best).level == Level::District) {
        Some(after) => Choice::One(Named { how: How::FormerShort, ..best }, after),
        None => Choice::One(best, rest),
    }
}

/// 市, 县 or 区 after a short name that is no part of today's name (萧山市, 密云县). 区 and 县 also begin words
/// (县城, 区府), and 市 does (市场, 市中).
fn after_old_kind(rest: &str) -> Option<&str> {
    const WORDS: [char; 10] = ['场', '中', '府', '城', '政', '委', '南', '北', '东', '西'];
    rest.strip_prefix(['市', '县', '区']).filter(|after| !after.starts_with(WORDS))
}

/// Whether a short name is followed by what makes it the name of a street or place (南京东路, 上海路, 北京大厦).
fn begins_street(rest: &str) -> bool {
    const STREETS: [&str; 22] = [
        "路",
        "街",
        "大道",
        "道",
        "巷",
        "弄",
        "胡同",
        "大街",
        "桥",
        "花园",
        "大厦",
        "广场",
        "小区",
        "新村",
        "村",
        "镇",
        "乡",
        "苑",
        "公馆",
        "国际大厦",
        "里",
        "城",
    ];
    let rest =
        rest.trim_start_matches(['东', '西', '南', '北', '中', '一', '二', '三', '四', '五', '新', '老']);
    STREETS.iter().any(|street| rest.starts_with(street))
}

/// Whether a full name of a region inside `outer` follows (哈尔滨道外区, 西安新城区).
fn begins_inside(gazetteer: &Gazetteer, rest: &str, outer: &Region) -> bool {
    let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take(gazetteer.longest);
    ends.filter_map(|end| gazetteer.names.get(&rest[..end]))
        .flatten()
        .any(|n| n.how == How::Full && gazetteer.regions[n.at].is_within(outer))
}
