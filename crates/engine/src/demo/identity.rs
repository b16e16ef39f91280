//! Codes and numbers that are right in form and belong to nobody.
//!
//! - Mobile numbers use the network codes 154, 163, 164, 169 and 194, which the Ministry of Industry and Information Technology has given to
//!   no operator (《我国公众移动通信网网号及H0分配情况》, state of March 2023).
//! - Local numbers begin with 9, which 《电信网编号计划（2017年版）》 keeps for short service numbers and gives to no subscriber.
//! - Organisation codes begin with YY, far from the series in use (MA and the digits), with right check characters.
//! - Mail and web addresses stand under example.com and example.cn.

use super::places::Place;
use super::prng::{Chance, permute};

const UNASSIGNED_NETWORKS: [&str; 5] = ["154", "163", "164", "169", "194"];

/// The `slot`-th invented mobile number in E.164; no two slots below 45 million share one. The digits after the network code begin `x0`, so
/// that no number looks like a placeholder (all digits alike, or counting up).
pub(super) fn mobile(seed: u64, slot: u64) -> String {
    const TAILS: u64 = 1_000_000;
    const NUMBERS: u64 = 9 * TAILS * UNASSIGNED_NETWORKS.len() as u64;
    let number = permute(seed ^ 0x6d6f, slot % NUMBERS, NUMBERS);
    let network = UNASSIGNED_NETWORKS[(number / (9 * TAILS)) as usize];
    format!("+86{network}{}0{:06}", number / TAILS % 9 + 1, number % TAILS)
}

/// The `slot`-th invented landline of a city in E.164; no two slots below 900,000 share one in a city. The digit after the 9 is none.
pub(super) fn landline(seed: u64, slot: u64, place: &Place) -> String {
    let width = usize::from(place.local_digits) - 1;
    let numbers = 9 * 10u64.pow(width as u32 - 1);
    format!(
        "+86{}9{:0width$}",
        place.trunk.trim_start_matches('0'),
        permute(seed ^ 0x7068, slot % numbers, numbers)
    )
}

/// GB 32100-2015: the characters of a credit code in the order of their values (no I, O, S, V, Z).
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The invented unified social credit code of company `number`: registration authority 9, organisation class 1 (company) or 2 (sole trader),
/// region, organisation code (GB 11714-1997), check character.
pub(super) fn credit_code(number: u64, region: &str, sole_trader: bool) -> String {
    let mut body = *b"YY000000";
    let mut rest = number;
    for place in body[2..].iter_mut().rev() {
        *place = ALPHABET[(rest % 31) as usize];
        rest /= 31;
    }
    let mut code = String::with_capacity(18);
    code.push_str(if sole_trader { "92" } else { "91" });
    code.push_str(region);
    code.extend(body.iter().map(|byte| char::from(*byte)));
    code.push(organisation_check(&body));
    code.push(credit_check(&code));
    code
}

/// The eighteenth character from the seventeen before it (GB 32100-2015): 31 − Σ value · 3^i mod 31.
pub(super) fn credit_check(code: &str) -> char {
    let mut weight = 1;
    let mut sum = 0;
    for byte in code.bytes() {
        sum += ALPHABET.iter().position(|member| *member == byte).unwrap_or(0) * weight;
        weight = weight * 3 % 31;
    }
    char::from(ALPHABET[(31 - sum % 31) % 31])
}

/// GB 11714-1997: letters count from A = 10; 11 − sum mod 11, written X for 10 and 0 for 11.
pub(super) fn organisation_check(body: &[u8; 8]) -> char {
    let value = |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 });
    let sum: u32 =
        body.iter().zip([3, 7, 9, 10, 5, 8, 4, 2]).map(|(byte, weight)| value(*byte) * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from(b'0' + digit as u8),
    }
}

/// The invented internet domain of company `number`: `hanrui2s.example.com`.
pub(super) fn domain(brand_pinyin: &str, number: u64) -> String {
    let mut tail = Vec::new();
    let mut rest = number;
    while rest > 0 || tail.is_empty() {
        tail.push(char::from(b"0123456789abcdefghijklmnopqrstuvwxyz"[(rest % 36) as usize]));
        rest /= 36;
    }
    let tail: String = tail.iter().rev().collect();
    format!("{brand_pinyin}{tail}.example.{}", if number.is_multiple_of(3) { "cn" } else { "com" })
}

const ROADS: [&str; 40] = [
    "文三路",
    "解放路",
    "人民路",
    "建设路",
    "中山路",
    "和平路",
    "工业大道",
    "科技路",
    "创业路",
    "兴业路",
    "迎宾大道",
    "滨江路",
    "长江路",
    "黄河路",
    "学院路",
    "振兴路",
    "富民路",
    "新华路",
    "胜利路",
    "团结路",
    "朝阳路",
    "青年路",
    "友谊路",
    "环城东路",
    "环城西路",
    "南环路",
    "北环路",
    "经一路",
    "纬三路",
    "世纪大道",
    "金桥路",
    "银河路",
    "星光路",
    "丰收路",
    "东风路",
    "前进路",
    "光明路",
    "康乐路",
    "港口路",
    "机场路",
];
const PARKS: [&str; 10] =
    ["科技园", "工业园", "产业园", "创业园", "软件园", "孵化园", "物流园", "智造园", "机电城", "商务中心"];

/// Street and number, as the detail of an address.
pub(super) fn street(chance: &mut Chance) -> String {
    let (road, number) = (chance.pick(&ROADS), chance.between(1, 999));
    match chance.below(10) {
        0..=4 => format!("{road} {number} 号"),
        5..=7 => {
            let (park, block, room) =
                (chance.pick(&PARKS), chance.between(1, 18), chance.between(101, 1_208));
            format!("{road} {number} 号{park} {block} 幢 {room} 室")
        }
        _ => format!("{road}与{}交叉口 {number} 号", chance.pick(&ROADS)),
    }
}
