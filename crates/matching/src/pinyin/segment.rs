//! Cutting typed letters into syllables: `huadkj` is hua·d·k·j, `xian` is xian or xi·an.

use super::tables::{self, DOUBLE_INITIALS, SYLLABLE_LETTERS};

/// One typed unit that stands for one character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A whole syllable.
    Whole(&'a str),
    /// The beginning of a syllable: an initial (`h`, `zh`) or a syllable not typed to its end.
    Start(&'a str),
}

impl<'a> Piece<'a> {
    pub fn letters(self) -> &'a str {
        match self {
            Piece::Whole(s) | Piece::Start(s) => s,
        }
    }
}

/// Queries longer than this are not cut; nobody types a name of more than twenty syllables.
const LETTERS: usize = 64;

/// Ways to read `letters` (ASCII lower case) as syllables, initials and one unfinished last syllable,
/// those with the fewest pieces first, at most `limit`. An unfinished syllable other than an initial is
/// accepted at the end only. Empty when there is no way, or the letters are too many.
pub fn segmentations(letters: &str, limit: usize) -> Vec<Vec<Piece<'_>>> {
    let n = letters.len();
    if n == 0 || n > LETTERS || !letters.bytes().all(|b| b.is_ascii_lowercase()) {
        return Vec::new();
    }
    // best[i]: up to `limit` ways for letters[i..], cheapest first, each with its cost.
    let mut best: Vec<Vec<(u32, Vec<Piece<'_>>)>> = vec![Vec::new(); n + 1];
    best[n].push((0, Vec::new()));
    for start in (0..n).rev() {
        let mut here: Vec<(u32, Vec<Piece<'_>>)> = Vec::new();
        for end in start + 1..=n.min(start + SYLLABLE_LETTERS) {
            for piece in pieces(&letters[start..end], end == n) {
                for (cost, rest) in &best[end] {
                    let mut way = Vec::with_capacity(rest.len() + 1);
                    way.push(piece);
                    way.extend_from_slice(rest);
                    here.push((cost + cost_of(piece), way));
                }
            }
        }
        here.sort_by_key(|(cost, _)| *cost);
        here.truncate(limit);
        best[start] = here;
    }
    std::mem::take(&mut best[0]).into_iter().map(|(_, way)| way).collect()
}

/// The syllables that letters, those of several syllables, may begin with: of `fangan` fan and fang.
pub(crate) fn first_syllables(letters: &str) -> Vec<&str> {
    let whole = |end: &usize| letters.get(..*end).is_some_and(tables::is_syllable);
    let ends: Vec<usize> = (1..=SYLLABLE_LETTERS).filter(whole).collect();
    let longest = ends.last().copied();
    // Behind the longest something may follow that isn't pinyin.
    let fits = |end: &usize| Some(*end) == longest || may_begin(&letters[*end..]);
    ends.iter().filter(|end| fits(end)).map(|end| &letters[..*end]).collect()
}

/// The syllables one of which is the first of everything that begins with these letters: for `fan` fan, fang and, as with 发难, fa. None
/// when the letters are more than one syllable.
pub(crate) fn begun_syllables(letters: &str) -> Vec<&str> {
    let begun = tables::syllables_from(letters);
    if begun.is_empty() {
        return Vec::new();
    }
    let shorter = (1..letters.len()).filter(|end| tables::is_syllable(&letters[..*end]));
    let shorter = shorter.filter(|end| may_begin(&letters[*end..])).map(|end| &letters[..end]);
    begun.iter().copied().chain(shorter).collect()
}

/// Whether a syllable, or several, may begin with these letters, as far as two letters tell.
fn may_begin(letters: &str) -> bool {
    let start = letters.get(..letters.len().min(2)).unwrap_or_default();
    !tables::syllables_from(start).is_empty() || start.get(..1).is_some_and(tables::is_syllable)
}

/// Whether `letters` can be read as whole syllables of two letters and more. Cheaper than [`segmentations`].
pub(crate) fn is_spelt_out(letters: &str) -> bool {
    let n = letters.len();
    if n == 0 || n > LETTERS || !letters.bytes().all(|b| b.is_ascii_lowercase()) {
        return false;
    }
    let mut readable = vec![false; n + 1];
    readable[n] = true;
    for start in (0..n).rev() {
        let mut ends = start + 2..=n.min(start + SYLLABLE_LETTERS);
        readable[start] = ends.any(|end| readable[end] && tables::is_syllable(&letters[start..end]));
    }
    readable[0]
}

/// Whole syllables are likelier than initials: `hua` is 华 before h·u·a or hu·a.
fn cost_of(piece: Piece<'_>) -> u32 {
    match piece {
        Piece::Whole(_) => 2,
        Piece::Start(_) => 3,
    }
}

fn pieces(letters: &str, last: bool) -> impl Iterator<Item = Piece<'_>> {
    let whole = tables::is_syllable(letters).then_some(Piece::Whole(letters));
    let is_initial = DOUBLE_INITIALS.contains(&letters) || letters.len() == 1;
    let start = ((is_initial || last) && whole.is_none() && tables::starts_syllable(letters))
        .then_some(Piece::Start(letters));
    whole.into_iter().chain(start)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ways(letters: &str) -> Vec<String> {
        let join = |way: &Vec<Piece<'_>>| way.iter().map(|p| p.letters()).collect::<Vec<_>>().join(" ");
        segmentations(letters, 6).iter().map(join).collect()
    }

    #[test]
    fn whole_partial_and_mixed_spellings_are_cut() {
        assert_eq!(ways("huadong")[0], "hua dong");
        assert_eq!(ways("huad")[0], "hua d");
        assert_eq!(ways("hdkj"), ["h d k j"]);
        assert!(ways("huadkj").contains(&"hua d k j".to_owned()));
        assert!(ways("zhgs").contains(&"zh g s".to_owned()));
        assert!(ways("xian").contains(&"xi an".to_owned()) && ways("xian").contains(&"xian".to_owned()));
        assert_eq!(ways("shanghaihuad")[0], "shang hai hua d");
        assert!(ways("vvv").is_empty());
        assert!(ways("").is_empty());
    }

    proptest! {
        #[test]
        fn pieces_always_spell_the_letters(s in "[a-z]{1,20}") {
            for way in segmentations(&s, 6) {
                prop_assert_eq!(way.iter().map(|p| p.letters()).collect::<String>(), s.clone());
            }
        }
    }
}
