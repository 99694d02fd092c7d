//! Circles in a directed graph of few nodes.

use std::collections::{BTreeSet, VecDeque};

/// An edge from a node to another one.
pub(super) type Edge = (usize, usize);

/// Returns one shortest circle for each set of nodes that all reach each other.
pub(super) fn circles(edges: &BTreeSet<Edge>) -> Vec<Vec<Edge>> {
    let mut circles = Vec::new();
    let mut nodes: BTreeSet<usize> = edges.iter().map(|(from, _)| *from).collect();
    while let Some(node) = nodes.pop_first() {
        let mut tangled = reached(edges, node);
        tangled.retain(|other| reached(edges, *other).contains(&node));
        nodes.retain(|other| !tangled.contains(other));
        let ways_back = tangled.iter().filter_map(|node| way_back(edges, *node));
        circles.extend(ways_back.min_by_key(Vec::len));
    }
    circles
}

/// The nodes that a node leads to. It is among them only if it is in a circle.
fn reached(edges: &BTreeSet<Edge>, node: usize) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        left.extend(next(edges, node).filter(|next| reached.insert(*next)));
    }
    reached
}

/// The shortest way from a node back to itself.
fn way_back(edges: &BTreeSet<Edge>, node: usize) -> Option<Vec<Edge>> {
    let mut ways = VecDeque::from([(node, Vec::new())]);
    let mut seen = BTreeSet::new();
    while let Some((last, way)) = ways.pop_front() {
        for next in next(edges, last) {
            if seen.insert(next) {
                let way = [&way[..], &[(last, next)]].concat();
                if next == node {
                    return Some(way);
                }
                ways.push_back((next, way));
            }
        }
    }
    None
}

fn next(edges: &BTreeSet<Edge>, node: usize) -> impl Iterator<Item = usize> {
    edges
        .range((node, usize::MIN)..=(node, usize::MAX))
        .map(|(_, next)| *next)
}
