//! An address in the form that is compared: region, road, number, room.

use super::sound::Sounded;
use crate::text::{fold, is_han};
use crate::{address, pinyin};

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Place {
    /// Six-digit code of the smallest region named, 0 for none.
    pub region: u32,
    /// The road's characters without 路, 街 …
    pub road: Box<[Sounded]>,
    /// Number on the road, 0 for none.
    pub number: u32,
    /// Digits of the last number behind it, 0 for none.
    pub room: u32,
}

const ROADS: [&str; 12] = ["大道", "大街", "公路", "胡同", "路", "街", "道", "巷", "弄", "里", "村", "镇"];

/// Reads an address cell. Nothing for placeholders and texts without road and region.
pub(crate) fn read(cell: &str) -> Option<Place> {
    let parsed = address::parse(cell);
    let region = parsed.region.as_deref().and_then(|code| code.parse().ok()).unwrap_or(0);
    let detail = fold(&parsed.detail);
    if super::is_placeholder(&detail) {
        return None;
    }
    let (road, rest) = road(&detail);
    let mut numbers = numbers(rest);
    let number = numbers.next().unwrap_or(0);
    let room = numbers.last().unwrap_or(0);
    let place = Place { region, road: sounded(road), number, room };
    (region != 0 || !place.road.is_empty()).then_some(place)
}

/// The road and what follows: the text before the first number, behind town and development zone.
fn road(detail: &str) -> (&str, &str) {
    let digit = detail.find(|c: char| c.is_ascii_digit()).unwrap_or(detail.len());
    let (before, after) = detail.split_at(digit);
    // 叠彩街道朝阳南路, 高新技术产业开发区银杏街: the road is behind the last of these.
    const AREAS: [&str; 14] = [
        "街道",
        "开发区",
        "高新区",
        "新区",
        "园区",
        "自治县",
        "自治州",
        "镇",
        "乡",
        "区",
        "县",
        "市",
        "省",
        "示范区",
    ];
    let start =
        AREAS.iter().filter_map(|a| Some(before.rfind(a)? + a.len())).filter(|at| *at < before.len()).max();
    // 镇 and 区 also end roads' names seldom; a road of one character is none.
    let road = &before[start.unwrap_or(0)..];
    let road = if road.chars().filter(|c| is_han(*c)).count() >= 2 { road } else { before };
    let end = ROADS.iter().filter_map(|r| Some(road.find(r)? + r.len())).filter(|at| *at > 3).min();
    match end {
        Some(end) => (&road[..end], after),
        None => (road, after),
    }
}

fn sounded(road: &str) -> Box<[Sounded]> {
    let stem = ROADS
        .iter()
        .find_map(|r| road.strip_suffix(r))
        .filter(|stem| stem.chars().count() >= 2)
        .unwrap_or(road);
    let chars: Vec<char> = stem.chars().filter(|c| c.is_alphanumeric()).take(10).collect();
    let readings = pinyin::readings(&chars);
    let number = |reading: &&[&str]| reading.first().map_or(0, |s| pinyin::syllable_number(s));
    chars.iter().copied().zip(readings.iter().map(number)).collect()
}

fn numbers(text: &str) -> impl Iterator<Item = u32> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|d| !d.is_empty() && d.len() <= 6)
        .filter_map(|d| d.parse().ok())
}

/// How two regions stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Regions {
    /// One of them is not known.
    Unknown,
    Same,
    /// One is inside the other (浙江 and 杭州).
    Inside,
    /// The same city, other districts.
    City,
    /// The same province, other cities.
    Province,
    Apart,
}

pub(crate) fn regions(a: u32, b: u32) -> Regions {
    if a == 0 || b == 0 {
        return Regions::Unknown;
    }
    if a == b {
        return Regions::Same;
    }
    let (pa, pb) = (a / 10_000, b / 10_000);
    if pa != pb {
        return Regions::Apart;
    }
    // Municipalities have districts directly under the province.
    let municipality = matches!(pa, 11 | 12 | 31 | 50);
    if a.is_multiple_of(10_000) || b.is_multiple_of(10_000) {
        return Regions::Inside;
    }
    let (ca, cb) = (a / 100, b / 100);
    if municipality {
        return Regions::City;
    }
    // Counties administered by the province itself have numbers of their own under 90.
    if ca != cb {
        return Regions::Province;
    }
    if a.is_multiple_of(100) || b.is_multiple_of(100) { Regions::Inside } else { Regions::City }
}
