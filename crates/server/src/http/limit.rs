//! Rate limits: one token bucket per caller, in bounded memory.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

/// Callers remembered at once. Beyond it the ones whose buckets are full again are forgotten, which changes nothing for them.
const REMEMBERED: usize = 20_000;

/// So many calls in a minute, all of them at once if need be.
pub struct Limiter<K> {
    per_minute: f64,
    buckets: Mutex<HashMap<K, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f64,
    /// Since the limiter was made.
    at: Duration,
}

impl<K: Eq + Hash> Limiter<K> {
    pub fn per_minute(calls: u32) -> Limiter<K> {
        Limiter { per_minute: f64::from(calls), buckets: Mutex::new(HashMap::new()) }
    }

    /// Takes a token; otherwise says in how many seconds there is one again.
    pub fn take(&self, caller: K, now: Duration) -> Result<(), u64> {
        let mut buckets = self.buckets.lock();
        if buckets.len() >= REMEMBERED && !buckets.contains_key(&caller) {
            buckets.retain(|_, bucket| self.filled(bucket, now) < self.per_minute);
            if buckets.len() >= REMEMBERED {
                // As many busy callers as we can know: the unknown one waits rather than push out a known one.
                return Err(1);
            }
        }
        let bucket = buckets.entry(caller).or_insert(Bucket { tokens: self.per_minute, at: now });
        let tokens = self.filled(bucket, now);
        if tokens < 1.0 {
            let wait = (1.0 - tokens) * 60.0 / self.per_minute;
            return Err(wait.ceil().max(1.0) as u64);
        }
        *bucket = Bucket { tokens: tokens - 1.0, at: now };
        Ok(())
    }

    fn filled(&self, bucket: &Bucket, now: Duration) -> f64 {
        let passed = now.saturating_sub(bucket.at).as_secs_f64();
        (bucket.tokens + passed * self.per_minute / 60.0).min(self.per_minute)
    }
}

/// The address that counts as one caller: an IPv6 network of 64 bits is one household (RFC 6177).
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from(u128::from(address) >> 64 << 64)),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_full_bucket_gives_a_minutes_calls_and_then_one_as_time_passes() {
        let limiter = Limiter::per_minute(30);
        for _ in 0..30 {
            assert_eq!(limiter.take("a", seconds(0)), Ok(()));
        }
        assert_eq!(limiter.take("a", seconds(0)), Err(2));
        assert_eq!(limiter.take("b", seconds(0)), Ok(()), "another caller has a bucket of its own");
        assert_eq!(limiter.take("a", seconds(2)), Ok(()));
        assert_eq!(limiter.take("a", seconds(2)), Err(2));
    }

    #[test]
    fn memory_is_bounded_and_rested_callers_make_room() {
        let limiter = Limiter::per_minute(60);
        for caller in 0..REMEMBERED {
            assert_eq!(limiter.take(caller, seconds(0)), Ok(()));
        }
        assert_eq!(limiter.take(REMEMBERED, seconds(0)), Err(1));
        assert_eq!(limiter.take(REMEMBERED, seconds(5)), Ok(()));
        assert!(limiter.buckets.lock().len() <= REMEMBERED);
    }

    #[test]
    fn a_clock_that_stands_or_goes_back_gives_no_tokens() {
        let limiter = Limiter::per_minute(1);
        assert_eq!(limiter.take("a", seconds(100)), Ok(()));
        assert_eq!(limiter.take("a", seconds(10)), Err(60));
    }

    #[test]
    fn an_ipv6_network_is_one_caller() {
        let at = |text: &str| household(text.parse().unwrap());
        assert_eq!(at("2001:db8:1:2:3:4:5:6"), at("2001:db8:1:2::1"));
        assert_ne!(at("2001:db8:1:3::1"), at("2001:db8:1:2::1"));
        assert_eq!(at("::ffff:10.0.0.1"), at("10.0.0.1"));
        assert_ne!(at("10.0.0.1"), at("10.0.0.2"));
    }
}
