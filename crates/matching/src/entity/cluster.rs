//! Clusters of records from pairs of them.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use super::resolve::SURE;

/// A compared pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Edge {
    pub a: u32,
    pub b: u32,
    pub log_odds: f32,
    /// Never one entity.
    pub barred: bool,
    /// Something speaks against it, rather than little for it: two registered names that differ.
    pub against: bool,
}

/// Whether two records may never be one entity, whether or not they were compared.
pub(crate) trait Apart {
    /// By the kind of thing that each record is: the branch of a company.
    fn by_kind(&self, a: u32, b: u32) -> bool;

    /// A number that no two entities have, 0 for none: the credit code.
    fn number(&self, record: u32) -> u64;
}

/// When clusters are joined.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rule {
    /// Mean log-odds over the compared pairs between two clusters that joins them.
    pub join: f32,
    /// A pair counts at most this much for, and against if something speaks against it.
    pub most: f32,
    /// A pair for which little speaks counts at most this much against.
    pub least: f32,
    /// Pairs that were not compared count at most this many times those that were.
    pub known: f32,
    /// What a pair counts that was not compared, for want of a common key.
    pub unknown: f32,
    /// A cluster never grows beyond this.
    pub largest: usize,
}

impl Default for Rule {
    fn default() -> Rule {
        Rule { join: 0.5, most: 7.0, least: -3.0, unknown: -2.0, known: 3.0, largest: 500 }
    }
}

/// Joins records by average linkage: the two clusters with the greatest mean log-odds over their compared pairs first, as long as it
/// is greater than the rule's, unless a pair between them is barred. One false bridge between two groups does not join them, as it
/// would with connected components.
///
/// Gives each record the smallest record of its cluster.
pub(crate) fn cluster(records: usize, edges: &mut [Edge], rule: Rule, apart: &dyn Apart) -> Vec<u32> {
    let mut parents: Vec<u32> = (0..u32::try_from(records).unwrap_or(u32::MAX)).collect();
    for edge in edges.iter().filter(|e| !e.barred && e.log_odds > 0.0) {
        union(&mut parents, edge.a, edge.b);
    }
    edges.sort_unstable_by_key(|e| (find_settled(&parents, e.a), e.a, e.b));
    let mut homes: Vec<u32> = (0..u32::try_from(records).unwrap_or(u32::MAX)).collect();
    for component in edges.chunk_by(|x, y| find_settled(&parents, x.a) == find_settled(&parents, y.a)) {
        let root = |record| find_settled(&parents, record);
        let inside: Vec<Edge> = component.iter().filter(|e| root(e.a) == root(e.b)).copied().collect();
        if !inside.is_empty() {
            Component::new(&inside, rule, apart).run(&mut homes);
        }
    }
    homes
}

fn find(parents: &mut [u32], mut at: u32) -> u32 {
    while parents[at as usize] != at {
        let up = parents[parents[at as usize] as usize];
        parents[at as usize] = up;
        at = up;
    }
    at
}

fn find_settled(parents: &[u32], mut at: u32) -> u32 {
    while parents[at as usize] != at {
        at = parents[at as usize];
    }
    at
}

fn union(parents: &mut [u32], a: u32, b: u32) {
    let (a, b) = (find(parents, a), find(parents, b));
    // The smaller number stays, so that the outcome does not depend on the order.
    if a < b {
        parents[b as usize] = a;
    } else {
        parents[a as usize] = b;
    }
}

/// What is known between two clusters.
#[derive(Clone, Copy, Default)]
struct Between {
    sum: f32,
    pairs: u32,
    barred: bool,
}

impl Between {
    /// The mean, where pairs that were not compared count too.
    fn mean(&self, possible: usize, rule: Rule) -> f32 {
        let unknown = possible.saturating_sub(self.pairs as usize) as f32;
        let unknown = unknown.min(self.pairs as f32 * rule.known);
        (self.sum + unknown * rule.unknown) / (self.pairs as f32 + unknown)
    }
}

struct Component<'a> {
    /// The records of each cluster; empty when it was joined to another.
    members: Vec<Vec<u32>>,
    /// The number that the records of each cluster have, 0 for none.
    numbers: Vec<u64>,
    apart: &'a dyn Apart,
    between: Vec<HashMap<usize, Between>>,
    queue: BinaryHeap<Candidate>,
    rule: Rule,
}

struct Candidate {
    mean: f32,
    a: usize,
    b: usize,
    /// Sizes when it was queued; others mean that it is out of date.
    sizes: (usize, usize),
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.mean.total_cmp(&other.mean).then_with(|| (other.a, other.b).cmp(&(self.a, self.b)))
    }
}

impl<'a> Component<'a> {
    fn new(edges: &[Edge], rule: Rule, apart: &'a dyn Apart) -> Component<'a> {
        let mut records: Vec<u32> = edges.iter().flat_map(|e| [e.a, e.b]).collect();
        records.sort_unstable();
        records.dedup();
        let place = |record: u32| records.binary_search(&record).unwrap_or(0);
        let mut between = vec![HashMap::new(); records.len()];
        for edge in edges {
            let (a, b) = (place(edge.a), place(edge.b));
            let most = if edge.log_odds >= SURE { SURE } else { rule.most };
            let least = if edge.against { -rule.most } else { rule.least };
            let known = Between { sum: edge.log_odds.clamp(least, most), pairs: 1, barred: edge.barred };
            // A pair may stand twice when somebody spoke of it twice; a bar prevails.
            for (x, y) in [(a, b), (b, a)] {
                let slot: &mut Between = between[x].entry(y).or_default();
                slot.sum += known.sum;
                slot.pairs += 1;
                slot.barred |= known.barred;
            }
        }
        let numbers = records.iter().map(|r| apart.number(*r)).collect();
        let members = records.into_iter().map(|r| vec![r]).collect();
        Component { members, numbers, apart, between, queue: BinaryHeap::new(), rule }
    }

    fn run(mut self, homes: &mut [u32]) {
        for a in 0..self.members.len() {
            let others: Vec<usize> = self.between[a].keys().copied().filter(|b| *b > a).collect();
            others.into_iter().for_each(|b| self.queue_pair(a, b));
        }
        while let Some(best) = self.queue.pop() {
            let sizes = (self.members[best.a].len(), self.members[best.b].len());
            if sizes == best.sizes && sizes.0 + sizes.1 <= self.rule.largest {
                self.join(best.a, best.b);
            }
        }
        for members in &self.members {
            if let Some(home) = members.iter().min().copied() {
                members.iter().for_each(|m| homes[*m as usize] = home);
            }
        }
    }

    fn queue_pair(&mut self, a: usize, b: usize) {
        let Some(known) = self.between[a].get(&b) else { return };
        let sizes = (self.members[a].len(), self.members[b].len());
        let mean = known.mean(sizes.0 * sizes.1, self.rule);
        if !known.barred && mean > self.rule.join && !self.is_apart(a, b) {
            self.queue.push(Candidate { mean, a, b, sizes });
        }
    }

    /// All records of a cluster are of one kind, so that the first speaks for them.
    fn is_apart(&self, a: usize, b: usize) -> bool {
        let (x, y) = (self.numbers[a], self.numbers[b]);
        x != 0 && y != 0 && x != y || self.apart.by_kind(self.members[a][0], self.members[b][0])
    }

    /// Joins the cluster with fewer neighbours into the other.
    fn join(&mut self, a: usize, b: usize) {
        let (into, from) = if self.between[a].len() >= self.between[b].len() { (a, b) } else { (b, a) };
        let moved = std::mem::take(&mut self.members[from]);
        self.members[into].extend(moved);
        self.numbers[into] = self.numbers[into].max(self.numbers[from]);
        let neighbours = std::mem::take(&mut self.between[from]);
        self.between[into].remove(&from);
        for (other, known) in neighbours.into_iter().filter(|(other, _)| *other != into) {
            self.between[other].remove(&from);
            let sum = self.between[into].entry(other).or_default();
            sum.sum += known.sum;
            sum.pairs += known.pairs;
            sum.barred |= known.barred;
            let sum = *sum;
            self.between[other].insert(into, sum);
        }
        let mut others: Vec<usize> = self.between[into].keys().copied().collect();
        others.sort_unstable();
        for other in others {
            self.queue_pair(into.min(other), into.max(other));
        }
    }
}
