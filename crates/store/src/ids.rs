//! Record ids: 63 bits, ordered by time, unique across nodes without asking anybody.
//!
//! 41 bits of milliseconds since 2024-01-01 (until 2093), 10 bits of node number, 12 bits of sequence.
//! A node number is leased from the table `node`, and **no id carries a time past the end of its
//! node's lease**. So two processes never make the same id, however wrong their clocks are: a process
//! takes over a number only when its own time is past the old lease, where the old holder cannot go.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::clock::Clock;
use crate::{Conn, Sql, StoreError};

/// 2024-01-01T00:00:00Z in milliseconds since 1970.
const EPOCH_MS: i64 = 1_704_067_200_000;
const SEQUENCE_BITS: u32 = 12;
const NODE_BITS: u32 = 10;
/// From this bit on an id tells its time in milliseconds.
pub(crate) const TIME_BITS_FROM: u32 = SEQUENCE_BITS + NODE_BITS;
const NODES: i64 = 1 << NODE_BITS;
const LEASE_MS: i64 = 10 * 60 * 1000;
/// Renewed before a job starts when less than this is left.
const RENEW_MS: i64 = LEASE_MS / 2;
/// Transactions at the end of the log whose ids are looked at to find the newest.
const RECENT_TX: i64 = 1_000;

/// Gives out ids of this process.
pub(crate) struct IdSource {
    clock: Arc<dyn Clock>,
    /// Names this process in the table `node`.
    holder: String,
    /// Whether the tables that are asked exist.
    active: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    lease: Lease,
    /// Time and sequence of the newest id.
    ms: i64,
    sequence: i64,
}

/// A node number and the time (milliseconds since 1970) that no id of it may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lease {
    node: i64,
    until_ms: i64,
    /// No id may be older than the newest one found in the log.
    from_ms: i64,
}

impl IdSource {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        use std::hash::{BuildHasher as _, Hasher as _, RandomState};
        let random = RandomState::new().build_hasher().finish();
        let holder = format!("{}-{random:016x}", std::process::id());
        let lease = Lease { node: 0, until_ms: 0, from_ms: 0 };
        let active = AtomicBool::new(false);
        Self { clock, holder, active, state: Mutex::new(State { lease, ms: EPOCH_MS, sequence: -1 }) }
    }

    /// The next id. Time never goes back: while the clock is behind, the sequence runs on.
    pub(crate) fn next(&self) -> Result<i64, StoreError> {
        let now = self.clock.now_ms();
        let mut state = self.state.lock();
        if now > state.ms {
            state.ms = now;
            state.sequence = 0;
        } else if state.sequence + 1 < 1 << SEQUENCE_BITS {
            state.sequence += 1;
        } else {
            state.ms += 1;
            state.sequence = 0;
        }
        if state.ms >= state.lease.until_ms {
            return Err(StoreError::unavailable("this node's lease on its number has run out"));
        }
        let since = state.ms - EPOCH_MS;
        Ok((since << (NODE_BITS + SEQUENCE_BITS)) | (state.lease.node << SEQUENCE_BITS) | state.sequence)
    }

    pub(crate) fn activate(&self) {
        self.active.store(true, Ordering::Release);
    }

    /// Whether the lease should be renewed before the next job.
    pub(crate) fn lease_is_short(&self) -> bool {
        if !self.active.load(Ordering::Acquire) {
            return false;
        }
        let state = *self.state.lock();
        self.clock.now_ms().max(state.ms) > state.lease.until_ms - RENEW_MS
    }

    /// Extends the lease, or takes a number that is free. To be installed after the commit.
    pub(crate) fn renew(&self, conn: &mut Conn) -> Result<Lease, StoreError> {
        let state = *self.state.lock();
        let first = state.lease.until_ms == 0;
        let newest = if first { newest_id_ms(conn)? } else { 0 };
        let now = self.clock.now_ms().max(state.ms).max(newest);
        let until_ms = now + LEASE_MS;
        let lease = |node| Lease { node, until_ms, from_ms: newest };
        if !first {
            let extended = conn.execute(&Sql::with(
                "update node set leased_until = $1 where id = $2 and holder = $3",
                [until_ms.into(), state.lease.node.into(), self.holder.as_str().into()],
            )?)?;
            if extended == 1 {
                return Ok(lease(state.lease.node));
            }
        }
        // A number whose lease is over; other nodes look for one at the same time.
        for _ in 0..NODES {
            let free = conn.query_opt(&Sql::with(
                "select id from node where leased_until <= $1 order by id limit 1",
                [now.into()],
            )?)?;
            let taken = match free {
                Some(row) => {
                    let node = row.int(0)?;
                    let taken = conn.execute(&Sql::with(
                        "update node set leased_until = $1, holder = $2 where id = $3 and leased_until <= $4",
                        [until_ms.into(), self.holder.as_str().into(), node.into(), now.into()],
                    )?)?;
                    (taken == 1).then_some(node)
                }
                None => self.add_node(conn, until_ms)?,
            };
            if let Some(node) = taken {
                return Ok(lease(node));
            }
        }
        Err(StoreError::unavailable("every node number is taken"))
    }

    fn add_node(&self, conn: &mut Conn, until_ms: i64) -> Result<Option<i64>, StoreError> {
        let node = conn.query_one(&Sql::raw("select coalesce(max(id) + 1, 0) from node"))?.int(0)?;
        if node >= NODES {
            return Err(StoreError::unavailable("every node number is taken"));
        }
        let added = conn.execute(&Sql::with(
            "insert into node (id, leased_until, holder) values ($1, $2, $3) on conflict (id) do nothing",
            [node.into(), until_ms.into(), self.holder.as_str().into()],
        )?)?;
        Ok((added == 1).then_some(node))
    }

    pub(crate) fn install(&self, lease: Lease) {
        let mut state = self.state.lock();
        if lease.from_ms > state.ms {
            state.ms = lease.from_ms;
            state.sequence = (1 << SEQUENCE_BITS) - 1;
        }
        state.lease = lease;
    }
}

/// The time of the newest id in the log, so that ids stay in order after a restart with a clock that is
/// behind. 0 when the log is empty.
fn newest_id_ms(conn: &mut Conn) -> Result<i64, StoreError> {
    let newest = conn.query_opt(&Sql::with(
        "select max(id) from change_log where tx > (select max(tx) from change_log) - $1",
        [RECENT_TX.into()],
    )?)?;
    let id = newest.map_or(Ok(None), |row| row.opt_int(0))?;
    Ok(id.map_or(0, id_ms))
}

/// The time an id was made, in milliseconds since 1970.
pub fn id_ms(id: i64) -> i64 {
    (id >> (NODE_BITS + SEQUENCE_BITS)) + EPOCH_MS
}

/// The smallest id that could be made at a time or after it.
pub fn first_id_at(ms: i64) -> i64 {
    (ms - EPOCH_MS).max(0) << (NODE_BITS + SEQUENCE_BITS)
}
