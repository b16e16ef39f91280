//! A small source of repeatable chance. SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014):
//! every customer has its own stream, so that any customer can be made again from its number alone.

/// A stream of repeatable numbers.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

/// SplitMix64's finaliser: a bijection of 64 bits.
pub(super) fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    /// The stream of one thing (`number`) for one purpose.
    pub fn of(seed: u64, purpose: u64, number: u64) -> Chance {
        Chance(mix(seed ^ mix(purpose.wrapping_mul(GOLDEN)) ^ mix(number.wrapping_add(GOLDEN))))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// Below `bound`, which is above 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        // The multiply-shift keeps the bias under bound / 2^64.
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// Between both bounds, inclusive.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low).max(0) as u64 + 1) as i64
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True in `permille` of a thousand cases.
    pub fn permille(&mut self, permille: u64) -> bool {
        self.below(1_000) < permille
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// One of `from`, as often as its weight says.
    pub fn weighted<T: Copy>(&mut self, from: &[(u64, T)]) -> T {
        let mut left = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in from {
            if left < *weight {
                return *value;
            }
            left -= weight;
        }
        from[from.len() - 1].1
    }
}

/// Spreads 0..size over itself without a collision: a four-round Feistel network over the next even number of bits, walked until it falls
/// inside (Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002).
pub(super) fn permute(seed: u64, number: u64, size: u64) -> u64 {
    let bits = (64 - (size - 1).leading_zeros()).max(2).next_multiple_of(2);
    let half = bits / 2;
    let mask = (1u64 << half) - 1;
    let mut value = number;
    loop {
        let (mut left, mut right) = (value >> half, value & mask);
        for round in 0..4 {
            (left, right) = (right, left ^ (mix(right ^ mix(seed ^ round)) & mask));
        }
        value = (left << half) | right;
        if value < size {
            return value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Chance, permute};

    #[test]
    fn a_permutation_meets_every_number_once() {
        for size in [5, 1_000, 40_000] {
            let mut seen: Vec<u64> = (0..size).map(|number| permute(7, number, size)).collect();
            seen.sort_unstable();
            assert!(seen.iter().copied().eq(0..size));
        }
    }

    #[test]
    fn weights_are_kept() {
        let mut chance = Chance::of(1, 2, 3);
        let heavy = (0..10_000).filter(|_| chance.weighted(&[(9, true), (1, false)])).count();
        assert!((8_800..9_200).contains(&heavy), "{heavy}");
    }
}
