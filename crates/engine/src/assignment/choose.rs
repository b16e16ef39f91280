//! Whose turn it is: pure, so that a run, a dry run and a test choose alike.

use super::rule::{Definition, Method};
use std::collections::BTreeMap;

/// What is known of somebody's share so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// Customers taken by this rule.
    pub taken: i64,
    pub last_at: i64,
    /// Living customers they have.
    pub load: i64,
    /// Customers they were given today.
    pub today: i64,
    /// They have taken part before.
    pub known: bool,
}

/// Everybody's share.
pub(super) type Ledger = BTreeMap<i64, Share>;

/// Somebody who could be given it, but for a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Skipped {
    pub user: i64,
    pub because: &'static str,
}

/// Somebody the rule names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub user: i64,
    pub weight: u16,
    /// Why they can't take it, known before their share is looked at.
    pub unfit: Option<&'static str>,
}

/// Who gets the next customer, and who was passed over.
pub(super) fn choose(
    rule: &Definition,
    candidates: &[Candidate],
    ledger: &Ledger,
) -> (Option<i64>, Vec<Skipped>) {
    let share = |user: i64| ledger.get(&user).copied().unwrap_or_default();
    let full = |most: Option<u32>, used: i64| most.is_some_and(|most| used >= i64::from(most));
    let (mut open, mut skipped) = (Vec::new(), Vec::new());
    for candidate in candidates {
        let known = share(candidate.user);
        let because = candidate
            .unfit
            .or_else(|| full(rule.per_day, known.today).then_some("per_day"))
            .or_else(|| full(rule.capacity, known.load).then_some("capacity"));
        match because {
            Some(because) => skipped.push(Skipped { user: candidate.user, because }),
            None => open.push(*candidate),
        }
    }
    // By what share of their weight they have used: a/w < b/v without fractions.
    let used = |candidate: &Candidate| match rule.method {
        Method::Turns => share(candidate.user).taken,
        Method::Load => share(candidate.user).load,
    };
    let best = open.into_iter().min_by(|a, b| {
        let (left, right) = (used(a) * i64::from(b.weight), used(b) * i64::from(a.weight));
        let (one, other) = (share(a.user), share(b.user));
        // Who has the larger share comes first where nothing else tells them apart.
        left.cmp(&right)
            .then(b.weight.cmp(&a.weight))
            .then(one.last_at.cmp(&other.last_at))
            .then(a.user.cmp(&b.user))
    });
    (best.map(|candidate| candidate.user), skipped)
}

/// Writes down that somebody got one.
pub(super) fn took(ledger: &mut Ledger, user: i64, at: i64) {
    let share = ledger.entry(user).or_default();
    (share.taken, share.load, share.today) = (share.taken + 1, share.load + 1, share.today + 1);
    (share.last_at, share.known) = (at, true);
}

/// Puts newcomers level with the others: whoever joins late gets a fair share from then on, and not everything that came before.
pub(super) fn level(ledger: &mut Ledger, candidates: &[Candidate]) {
    let known = candidates.iter().filter_map(|candidate| {
        let share = ledger.get(&candidate.user).filter(|share| share.known)?;
        Some(share.taken as f64 / f64::from(candidate.weight))
    });
    let least = known.fold(f64::INFINITY, f64::min);
    for candidate in candidates.iter().filter(|_| least.is_finite()) {
        let share = ledger.entry(candidate.user).or_default();
        if !share.known {
            (share.taken, share.known) = ((least * f64::from(candidate.weight)).floor() as i64, true);
        }
    }
}
