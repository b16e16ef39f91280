//! How alike two runs of characters are to the eye, the ear and the hand that typed them.

/// Cost of writing one character for another that is read the same (homophones of an input method).
const SAME_SOUND: f32 = 0.35;
/// … and for one that is read nearly the same (in/ing, s/sh).
const NEAR_SOUND: f32 = 0.6;
/// Longer runs are compared by their beginnings.
const MOST: usize = 48;

/// A character with its usual reading: the position of the syllable among all syllables from 1, or 0 for none.
pub(crate) type Sounded = (char, u16);

/// Optimal string alignment distance (Damerau–Levenshtein with neighbours exchanged once) where a wrong character costs less if it
/// sounds alike. Gives up with `limit` when the distance is greater.
pub(crate) fn distance(a: &[Sounded], b: &[Sounded], limit: f32) -> f32 {
    let (a, b) = (&a[..a.len().min(MOST)], &b[..b.len().min(MOST)]);
    let cost = |x: &Sounded, y: &Sounded| match () {
        () if x.0 == y.0 => 0.0,
        () if x.1 != 0 && x.1 == y.1 => SAME_SOUND,
        () if x.1 != 0 && y.1 != 0 && crate::pinyin::sound_alike(x.1, y.1) => NEAR_SOUND,
        () => 1.0,
    };
    align(a, b, limit, cost)
}

/// The same for letters and digits, each mistake costing 1.
pub(crate) fn letters_distance(a: &[u8], b: &[u8], limit: f32) -> f32 {
    let (a, b) = (&a[..a.len().min(MOST)], &b[..b.len().min(MOST)]);
    align(a, b, limit, |x, y| if x == y { 0.0 } else { 1.0 })
}

fn align<T: PartialEq>(a: &[T], b: &[T], limit: f32, cost: impl Fn(&T, &T) -> f32) -> f32 {
    if a.len().abs_diff(b.len()) as f32 > limit {
        return limit;
    }
    let mut before = [0f32; MOST + 1];
    let mut last = [0f32; MOST + 1];
    let mut now = [0f32; MOST + 1];
    for (at, cell) in last.iter_mut().enumerate() {
        *cell = at as f32;
    }
    for i in 1..=a.len() {
        now[0] = i as f32;
        let mut least = now[0];
        for j in 1..=b.len() {
            let mut best = (last[j - 1] + cost(&a[i - 1], &b[j - 1])).min(last[j].min(now[j - 1]) + 1.0);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1.0);
            }
            now[j] = best;
            least = least.min(best);
        }
        if least >= limit {
            return limit;
        }
        (before, last, now) = (last, now, before);
    }
    last[b.len()].min(limit)
}

/// Whether all of `short` stands in `long` in order.
pub(crate) fn is_subsequence(short: &[Sounded], long: &[Sounded]) -> bool {
    let mut rest = long.iter();
    short.iter().all(|wanted| rest.any(|c| c.0 == wanted.0))
}

/// Jaro–Winkler similarity of two short texts (Winkler 1990), 0 to 1; by bytes, so for ASCII only.
pub(crate) fn jaro_winkler(a: &[u8], b: &[u8]) -> f32 {
    let (a, b) = (&a[..a.len().min(64)], &b[..b.len().min(64)]);
    if a.is_empty() || b.is_empty() {
        return 0.0;
    }
    let reach = (a.len().max(b.len()) / 2).saturating_sub(1);
    let mut taken = 0u64;
    let mut matched = [0u8; 64];
    let mut count = 0;
    for (i, c) in a.iter().enumerate() {
        let (from, to) = (i.saturating_sub(reach), (i + reach + 1).min(b.len()));
        if let Some(j) = (from..to).find(|j| taken & (1 << j) == 0 && b[*j] == *c) {
            taken |= 1 << j;
            matched[count] = *c;
            count += 1;
        }
    }
    if count == 0 {
        return 0.0;
    }
    let in_b = b.iter().enumerate().filter(|(j, _)| taken & (1 << j) != 0);
    let moved = in_b.zip(&matched[..count]).filter(|((_, x), y)| x != y).count();
    let m = count as f32;
    let jaro = (m / a.len() as f32 + m / b.len() as f32 + (m - moved as f32 / 2.0) / m) / 3.0;
    let prefix = a.iter().zip(b).take(4).take_while(|(x, y)| x == y).count() as f32;
    jaro + prefix * 0.1 * (1.0 - jaro)
}
