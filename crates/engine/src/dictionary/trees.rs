//! Classification trees: regions (GB/T 2260) and industries (GB/T 4754).

use crate::error::Result;
use huike_matching::search::{Query, index_tokens, matches, rank};
use huike_matching::{address, industry};
use huike_model::{Code, Lang};
use serde_json::{Value as Json, json};
use std::collections::HashSet;

/// The trees there are.
pub const TREES: [&str; 2] = ["region", "industry"];

const MAX_FOUND: usize = 50;

/// One place in a tree.
struct Node {
    code: &'static str,
    name: String,
    parent: Option<&'static str>,
    leaf: bool,
}

/// What stands below a place, or at the top; with `q` whatever matches by Chinese or pinyin, best first.
///
/// # Errors
/// `not_found` for a tree there isn't.
pub fn tree(name: &str, parent: Option<&str>, q: Option<&str>, lang: Lang) -> Result<Json> {
    let parent = parent.filter(|parent| !parent.is_empty());
    let q = q.map(str::trim).filter(|q| !q.is_empty());
    let found: Vec<Node> = match (name, q) {
        ("region", None) => address::children(parent).into_iter().map(region).collect(),
        ("region", Some(q)) => address::search(q, MAX_FOUND).into_iter().map(region).collect(),
        ("industry", None) => industries(lang).filter(|node| node.parent == parent).collect(),
        ("industry", Some(q)) => {
            let query = Query::parse(q).strict();
            let hit =
                |node: &Node| matches(&index_tokens(&node.name).into_iter().collect::<HashSet<_>>(), &query);
            let mut found: Vec<Node> = industries(lang).filter(|node| node.code == q || hit(node)).collect();
            found.sort_by_key(|node| std::cmp::Reverse(rank(q, &node.name)));
            found.truncate(MAX_FOUND);
            found
        }
        _ => return Err(Code::NotFound.into()),
    };
    let items: Vec<Json> = found
        .iter()
        .map(|node| json!({"code": node.code, "name": node.name, "parent": node.parent, "leaf": node.leaf}))
        .collect();
    Ok(json!({"items": items}))
}

fn industries(lang: Lang) -> impl Iterator<Item = Node> {
    industry::industries().iter().map(move |industry| Node {
        code: industry.code,
        name: if lang == Lang::En { industry.en } else { industry.zh }.to_owned(),
        parent: industry.parent,
        leaf: industry.parent.is_some(),
    })
}

fn region(region: &'static address::Region) -> Node {
    Node {
        code: region.code,
        name: region.name.to_owned(),
        parent: region.parent,
        leaf: address::children(Some(region.code)).is_empty(),
    }
}
