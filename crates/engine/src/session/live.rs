//! What this node remembers between requests: tokens seen a moment ago, failures by address and by unknown name, and how many passwords
//! are being checked. All of it is bounded, and losing it costs nothing but work.

use super::backoff;
use super::resolve::Ticket;
use crate::error::{EngineError, Result};
use huike_model::Code;
use lru::LruCache;
use parking_lot::Mutex;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroUsize;
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};

/// A token is looked up anew after this long, so that what another node revoked ends here too.
const FRESH_MS: i64 = 5_000;
/// Passwords checked at once: each takes a core for some 16 ms and 19 MiB.
const HASHING: usize = 2;
/// Passwords waiting to be checked; more are turned away.
const WAITING: usize = 64;
/// Failed sign-ins from one address in one window. An office behind one address fails now and then; a guesser always.
const FAILURES_PER_ADDRESS: u32 = 50;
const WINDOW_MS: i64 = 600_000;
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

pub struct Live {
    tickets: Mutex<Tickets>,
    addresses: Mutex<LruCache<IpAddr, Window>>,
    strangers: Mutex<LruCache<String, Failures>>,
    hashing: Semaphore,
    waiting: Arc<Semaphore>,
}

struct Tickets {
    /// Grows with every revocation, so that a lookup that began before doesn't bring back what was revoked since.
    revision: u64,
    by_hash: LruCache<[u8; 32], (i64, Ticket)>,
}

/// Failures in the present window and the one before: their weighted sum stands in for a sliding window.
#[derive(Clone, Copy, Default)]
struct Window {
    number: i64,
    now: u32,
    before: u32,
}

#[derive(Clone, Copy, Default)]
struct Failures {
    count: i64,
    locked_until: i64,
}

impl Default for Live {
    fn default() -> Live {
        Live {
            tickets: Mutex::new(Tickets { revision: 0, by_hash: LruCache::sparse(REMEMBERED) }),
            addresses: Mutex::new(LruCache::sparse(REMEMBERED)),
            strangers: Mutex::new(LruCache::sparse(REMEMBERED)),
            hashing: Semaphore::new(HASHING),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }
    }
}

impl Live {
    /// What a token was a moment ago; otherwise the revision under which to [`Live::remember`] it.
    pub(super) fn ticket(&self, hash: &[u8; 32], now: i64) -> std::result::Result<Ticket, u64> {
        let mut tickets = self.tickets.lock();
        match tickets.by_hash.get(hash) {
            Some((at, ticket)) if (*at..*at + FRESH_MS).contains(&now) => Ok(ticket.clone()),
            _ => Err(tickets.revision),
        }
    }

    pub(super) fn remember(&self, hash: [u8; 32], now: i64, ticket: Ticket, revision: u64) {
        let mut tickets = self.tickets.lock();
        if tickets.revision == revision {
            tickets.by_hash.put(hash, (now, ticket));
        }
    }

    /// Every token is looked up anew. Call it after whatever ends or changes sessions or keys.
    pub fn forget_tickets(&self) {
        let mut tickets = self.tickets.lock();
        tickets.revision += 1;
        tickets.by_hash.clear();
    }

    /// # Errors
    /// `too_many_requests` when an address has failed too often of late.
    pub(super) fn admit(&self, address: Option<IpAddr>, now: i64) -> Result<()> {
        let Some(address) = address else { return Ok(()) };
        let window = self.addresses.lock().get(&whole(address)).map_or(0, |window| window.count(now));
        if window >= FAILURES_PER_ADDRESS { Err(Code::TooManyRequests.into()) } else { Ok(()) }
    }

    pub(super) fn failed_from(&self, address: Option<IpAddr>, now: i64) {
        let Some(address) = address else { return };
        let mut addresses = self.addresses.lock();
        let window = addresses.get_or_insert_mut(whole(address), Window::default);
        window.add(now);
    }

    /// Until when a name that belongs to nobody is locked: just as a real one would be, so that a lock doesn't tell which names exist.
    pub(super) fn stranger_locked_until(&self, login: &str, now: i64) -> Option<i64> {
        let mut strangers = self.strangers.lock();
        strangers.get(login).map(|failures| failures.locked_until).filter(|until| *until > now)
    }

    pub(super) fn stranger_failed(&self, login: &str, now: i64) {
        let mut strangers = self.strangers.lock();
        let failures = strangers.get_or_insert_mut(login.to_owned(), Failures::default);
        failures.count += 1;
        failures.locked_until = backoff::locked_until(failures.count, now).unwrap_or_default();
    }

    /// A place among the few that check passwords now.
    ///
    /// # Errors
    /// `too_many_requests` when too many wait already.
    pub(super) async fn hashing(&self) -> Result<SemaphorePermit<'_>> {
        let _place = self.waiting.try_acquire().map_err(|_| EngineError::from(Code::TooManyRequests))?;
        self.hashing
            .acquire()
            .await
            .map_err(|_| EngineError::internal("the gate of password checks was closed"))
    }
}

impl Window {
    fn moved_to(self, number: i64) -> Window {
        match number.saturating_sub(self.number) {
            0 => self,
            1 => Window { number, now: 0, before: self.now },
            _ => Window { number, now: 0, before: 0 },
        }
    }

    fn count(self, now: i64) -> u32 {
        let window = self.moved_to(now.div_euclid(WINDOW_MS));
        let left = (WINDOW_MS - now.rem_euclid(WINDOW_MS)) as u64;
        window.now + (u64::from(window.before) * left / WINDOW_MS as u64) as u32
    }

    fn add(&mut self, now: i64) {
        *self = self.moved_to(now.div_euclid(WINDOW_MS));
        self.now = self.now.saturating_add(1);
    }
}

/// An IPv6 customer holds a whole /64 and could change address at every try.
fn whole(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_keeps_failing_is_turned_away_until_its_failures_are_old() {
        let live = Live::default();
        let (office, neighbour) = (Some("192.0.2.7".parse().unwrap()), Some("192.0.2.8".parse().unwrap()));
        for _ in 0..FAILURES_PER_ADDRESS {
            assert!(live.admit(office, 0).is_ok());
            live.failed_from(office, 0);
        }
        assert!(live.admit(office, 0).is_err());
        assert!(live.admit(neighbour, 0).is_ok());
        assert!(live.admit(office, WINDOW_MS).is_err(), "the window slides; it does not jump");
        assert!(live.admit(office, WINDOW_MS + WINDOW_MS / 2).is_ok());
    }

    #[test]
    fn an_ipv6_network_counts_as_one_address_and_a_mapped_one_as_its_own() {
        let live = Live::default();
        for host in 0..FAILURES_PER_ADDRESS {
            live.failed_from(Some(format!("2001:db8::{host:x}").parse().unwrap()), 0);
            live.failed_from(Some("192.0.2.9".parse().unwrap()), 0);
        }
        assert!(live.admit(Some("2001:db8::ffff".parse().unwrap()), 0).is_err());
        assert!(live.admit(Some("2001:db8:1::1".parse().unwrap()), 0).is_ok());
        assert!(live.admit(Some("::ffff:192.0.2.9".parse().unwrap()), 0).is_err());
    }

    #[test]
    fn what_is_remembered_of_strangers_is_bounded() {
        let live = Live::default();
        for number in 0..REMEMBERED.get() + 10 {
            live.stranger_failed(&number.to_string(), 0);
        }
        assert_eq!(live.strangers.lock().len(), REMEMBERED.get());
    }
}
