//! Randomness from the operating system. The only place in the product that asks for it, so that a test
//! or a review has one door to watch.

use zeroize::Zeroize;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Characters of randomness in a [`token`]: 32 × log2(62) = 190 bits.
pub const TOKEN_LENGTH: usize = 32;

/// `N` random bytes from the operating system (`getrandom(2)` on Linux).
///
/// # Panics
/// When the operating system has no randomness to give. Nothing secure can be done then, and carrying on
/// with predictable keys would be worse than stopping.
#[allow(clippy::disallowed_methods, reason = "this module is the door that the lint points to")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut out = [0u8; N];
    getrandom::fill(&mut out).expect("the operating system provides randomness");
    out
}

/// `prefix` followed by [`TOKEN_LENGTH`] random letters and digits, each equally likely.
pub fn token(prefix: &str) -> String {
    let mut text = String::with_capacity(prefix.len() + TOKEN_LENGTH);
    text.push_str(prefix);
    text.extend(symbols::<TOKEN_LENGTH>(BASE62));
    text
}

/// `N` characters drawn uniformly from `alphabet` (at most 256 ASCII characters).
pub(crate) fn symbols<const N: usize>(alphabet: &[u8]) -> [char; N] {
    // Bytes at or above the largest multiple of the alphabet's size are drawn again: a plain remainder
    // would make the first letters likelier.
    let limit = 256 / alphabet.len() * alphabet.len();
    let mut drawn = ['\0'; N];
    let mut count = 0;
    while count < N {
        let mut pool: [u8; 64] = bytes();
        for byte in pool.iter().map(|b| usize::from(*b)).filter(|b| *b < limit).take(N - count) {
            drawn[count] = char::from(alphabet[byte % alphabet.len()]);
            count += 1;
        }
        pool.zeroize();
    }
    drawn
}

/// `value` in base 62, padded with zeros to six characters (62⁶ > 2³²).
pub(crate) fn base62(mut value: u32) -> [char; 6] {
    let mut out = ['0'; 6];
    for digit in out.iter_mut().rev() {
        *digit = char::from(BASE62[(value % 62) as usize]);
        value /= 62;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_keep_their_prefix_and_never_repeat() {
        let tokens: std::collections::HashSet<String> = (0..1000).map(|_| token("hk_")).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(tokens.iter().all(|t| t.starts_with("hk_") && t.len() == 3 + TOKEN_LENGTH));
        assert!(tokens.iter().all(|t| t[3..].bytes().all(|b| b.is_ascii_alphanumeric())));
    }

    #[test]
    fn every_symbol_is_drawn_about_equally_often() {
        let mut seen = [0u32; 128];
        for _ in 0..1000 {
            for c in symbols::<62>(BASE62) {
                seen[c as usize] += 1;
            }
        }
        // 62,000 draws: 1,000 expected per letter, standard deviation 31; 7 of them either way.
        assert!(BASE62.iter().all(|b| (780..1220).contains(&seen[usize::from(*b)])), "{seen:?}");
    }

    #[test]
    fn base_62_has_fixed_width_over_the_whole_range() {
        assert_eq!(String::from_iter(base62(0)), "000000");
        assert_eq!(String::from_iter(base62(61)), "00000z");
        assert_eq!(String::from_iter(base62(u32::MAX)), "4gfFC3");
    }
}
