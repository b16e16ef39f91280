//! Which of many full names a short one stands for.

use std::collections::HashMap;

use crate::company;
use crate::text::{fold, is_han};

/// Full names to look short ones up in: 爱乐达 finds 成都爱乐达航空制造股份有限公司.
///
/// Characters and pairs of characters are weighed by how few names have them; what a short name leaves out costs little, another order
/// or a missing character much.
pub struct FullNames {
    names: Vec<Full>,
    /// Names by their characters.
    by_char: HashMap<char, Vec<u32>>,
    by_pair: HashMap<(char, char), u32>,
}

struct Full {
    /// The name without its legal form, region included.
    whole: Vec<char>,
    /// Without the region too.
    core: Vec<char>,
    stock: bool,
    group: bool,
}

/// Names that have one of the rarest characters of a short name and are compared with it.
const RAREST: usize = 3;

impl FullNames {
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> FullNames {
        let mut made = FullNames { names: Vec::new(), by_char: HashMap::new(), by_pair: HashMap::new() };
        for (at, name) in names.into_iter().enumerate() {
            let full = Full::read(name);
            let mut chars = full.whole.clone();
            chars.sort_unstable();
            chars.dedup();
            let id = u32::try_from(at).unwrap_or(u32::MAX);
            chars.into_iter().for_each(|c| made.by_char.entry(c).or_default().push(id));
            full.whole.windows(2).for_each(|pair| *made.by_pair.entry((pair[0], pair[1])).or_default() += 1);
            made.names.push(full);
        }
        made
    }

    /// The number of the name that a short one most likely stands for; `None` if none has a character of it.
    pub fn best(&self, short: &str) -> Option<usize> {
        let asked = Full::read(short);
        let mut rarest: Vec<char> =
            asked.whole.iter().copied().filter(|c| self.by_char.contains_key(c)).collect();
        rarest.sort_by_key(|c| self.by_char.get(c).map_or(0, Vec::len));
        rarest.truncate(RAREST);
        let mut candidates: Vec<u32> =
            rarest.iter().filter_map(|c| self.by_char.get(c)).flatten().copied().collect();
        candidates.sort_unstable();
        candidates.dedup();
        let scored = candidates.into_iter().map(|at| (self.score(&asked, &self.names[at as usize]), at));
        // Of equals the first.
        scored.max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1))).map(|(_, at)| at as usize)
    }

    fn weight(&self, c: char) -> f32 {
        let has = self.by_char.get(&c).map_or(0, Vec::len) as f32;
        ((self.names.len() as f32 + 1.0) / (has + 1.0)).ln()
    }

    fn pair_weight(&self, pair: (char, char)) -> f32 {
        let has = self.by_pair.get(&pair).copied().unwrap_or(0) as f32;
        ((self.names.len() as f32 + 1.0) / (has + 1.0)).ln()
    }

    fn score(&self, asked: &Full, name: &Full) -> f32 {
        let all: f32 = asked.whole.iter().map(|c| self.weight(*c)).sum::<f32>().max(0.1);
        let covered = self.in_order(&asked.whole, &name.whole) / all;
        let pairs = |chars: &[char]| chars.windows(2).map(|p| (p[0], p[1])).collect::<Vec<_>>();
        let (wanted, has) = (pairs(&asked.whole), pairs(&name.whole));
        let all_pairs: f32 = wanted.iter().map(|p| self.pair_weight(*p)).sum::<f32>().max(0.1);
        let shared =
            wanted.iter().filter(|p| has.contains(p)).map(|p| self.pair_weight(*p)).sum::<f32>() / all_pairs;
        let start = |chars: &[char]| asked.whole.iter().zip(chars).take_while(|(x, y)| x == y).count() as f32;
        let starts = start(&name.core).max(start(&name.whole)) / asked.whole.len().max(1) as f32;
        let left = 1.0 - (asked.whole.len() as f32 / name.core.len().max(1) as f32).min(1.0);
        let forms = 0.1 * f32::from(u8::from(asked.stock && name.stock))
            + 0.3 * f32::from(u8::from(asked.group && name.group));
        2.0 * covered + shared + 0.8 * starts + forms - 0.15 * left
    }

    /// Weight of the longest common subsequence.
    fn in_order(&self, a: &[char], b: &[char]) -> f32 {
        let mut best = vec![0f32; b.len() + 1];
        for x in a {
            let mut diagonal = 0.0;
            for (at, y) in b.iter().enumerate() {
                let above = best[at + 1];
                best[at + 1] = if x == y { diagonal + self.weight(*x) } else { above.max(best[at]) };
                diagonal = above;
            }
        }
        best[b.len()]
    }
}

impl Full {
    fn read(name: &str) -> Full {
        let parts = company::parse(name);
        let chars =
            |text: &str| fold(text).chars().filter(|c| c.is_alphanumeric()).take(40).collect::<Vec<char>>();
        let core = chars(&parts.core);
        let text = chars(name);
        // The whole name up to where the legal form begins.
        let form = chars(&parts.legal_form);
        let end =
            if !form.is_empty() && text.ends_with(&form) { text.len() - form.len() } else { text.len() };
        let mut whole = text[..end].to_vec();
        if whole.len() > 3 && whole.ends_with(&['集', '团']) && whole.iter().all(|c| is_han(*c)) {
            whole.truncate(whole.len() - 2);
        }
        let stock = parts.legal_form.contains("股份");
        Full { whole, core, stock, group: parts.group }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_finds_the_full_one() {
        let names = [
            "成都青屿航空制造股份有限公司",
            "青禾生物科技集团股份有限公司",
            "上海远麓信息网络通信股份有限公司",
            "重庆岚川银行股份有限公司",
        ];
        let index = FullNames::new(names);
        for (short, wanted) in
            [("青屿航空", 0), ("青禾集团", 1), ("远麓信通", 2), ("岚川银行", 3), ("青屿", 0)]
        {
            assert_eq!(index.best(short), Some(wanted), "{short}");
        }
        assert_eq!(index.best("ＸＹＺ"), None);
        assert_eq!(index.best(""), None);
    }
}
