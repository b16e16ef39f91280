//! A legal form with one mistake in it: 有艰公司, 股分有限公司, 有限司, 有限司公.

/// The forms that are looked for; shorter ones would be found everywhere.
const FORMS: [&str; 4] = ["股份有限公司", "有限责任公司", "有限公司", "股份公司"];

/// Takes a mistyped form off the end: one character wrong, missing, doubled, or two in the wrong order. 公司 by itself
/// may have its first character wrong.
pub(super) fn strip(text: &str) -> Option<(&str, &'static str)> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    if !chars.iter().rev().take(4).any(|(_, c)| matches!(c, '公' | '司' | '限')) {
        return None;
    }
    for form in FORMS {
        let wanted: Vec<char> = form.chars().collect();
        for length in [wanted.len(), wanted.len() - 1, wanted.len() + 1] {
            let Some(start) = chars.len().checked_sub(length).filter(|start| *start >= 2) else { continue };
            let tail: Vec<char> = chars[start..].iter().map(|(_, c)| *c).collect();
            if tail[0] == wanted[0] && is_one_off(&tail, &wanted) {
                return Some((&text[..chars[start].0], form));
            }
        }
    }
    company(text, &chars)
}

/// 松司, 公可: 公司 with one character wrong. 寿司 is food.
fn company<'a>(text: &'a str, chars: &[(usize, char)]) -> Option<(&'a str, &'static str)> {
    let [.., (at, first), (_, last)] = chars else { return None };
    let right = matches!(
        (first, last),
        ('公', '可' | '同' | '词' | '丝' | '思') | ('松' | '工' | '宫' | '供' | '共' | '分' | '么', '司')
    );
    (right && chars.len() >= 4).then(|| (&text[..*at], "公司"))
}

/// Whether one substitution, insertion, deletion or exchange of neighbours makes `a` of `b`.
fn is_one_off(a: &[char], b: &[char]) -> bool {
    let same_start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let same_end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let shorter = a.len().min(b.len());
    if a.len().abs_diff(b.len()) == 1 {
        return same_start + same_end >= shorter;
    }
    let middle = a.len() - (same_start + same_end).min(a.len());
    let exchanged = middle == 2 && a[same_start] == b[same_start + 1] && a[same_start + 1] == b[same_start];
    a.len() == b.len() && (middle <= 1 || exchanged)
}
