//! The orders of graphs, against what they promise.

use crate::flush::graph::{Edge, circles, components, levels, way_around};

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

fn random(numbers: &mut Numbers) -> Vec<Vec<Edge>> {
    let nodes = 1 + numbers.below(12);
    let count = numbers.below(nodes * 2);
    let mut edges = vec![Vec::new(); nodes];
    for _ in 0..count {
        let (node, after, step) = (numbers.below(nodes), numbers.below(nodes), numbers.below(2));
        edges[node].push(Edge { after, step });
    }
    edges
}

/// Which nodes come after which, at any distance.
fn closure(edges: &[Vec<Edge>]) -> Vec<Vec<bool>> {
    let nodes = edges.len();
    let mut after = vec![vec![false; nodes]; nodes];
    for (node, edges) in edges.iter().enumerate() {
        edges.iter().for_each(|edge| after[node][edge.after] = true);
    }
    for middle in 0..nodes {
        for from in 0..nodes {
            for to in 0..nodes {
                after[from][to] |= after[from][middle] && after[middle][to];
            }
        }
    }
    after
}

#[test]
fn levels_satisfy_every_edge_or_name_what_is_in_the_way() {
    let mut numbers = Numbers(7);
    for _ in 0..5_000 {
        let edges = random(&mut numbers);
        let after = closure(&edges);
        let circular = (0..edges.len()).any(|node| after[node][node]);
        match levels(&edges) {
            Ok(found) => {
                assert!(!circular);
                let mut place = vec![0; edges.len()];
                found.order.iter().enumerate().for_each(|(at, node)| place[*node] = at);
                assert_eq!(found.order.len(), edges.len());
                for (node, edges) in edges.iter().enumerate() {
                    for edge in edges {
                        assert!(place[edge.after] < place[node]);
                        assert!(found.level[node] >= found.level[edge.after] + edge.step);
                    }
                }
            }
            Err(stuck) => {
                assert!(circular);
                let expected = (0..edges.len()).filter(|&node| {
                    after[node][node] || (0..edges.len()).any(|other| after[node][other] && after[other][other])
                });
                assert_eq!(stuck, expected.collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn components_are_what_reaches_itself_and_come_after_what_they_depend_on() {
    let mut numbers = Numbers(11);
    for _ in 0..5_000 {
        let edges = random(&mut numbers);
        let after = closure(&edges);
        let found = components(&edges);
        let mut place = vec![0; edges.len()];
        for (at, component) in found.iter().enumerate() {
            component.iter().for_each(|node| place[*node] = at);
        }
        for a in 0..edges.len() {
            for b in 0..edges.len() {
                assert_eq!(place[a] == place[b], a == b || (after[a][b] && after[b][a]));
                assert!(!after[a][b] || place[b] <= place[a]);
            }
        }
        for circle in circles(&edges) {
            let way = way_around(&edges, &circle);
            assert_eq!(way.first(), way.last());
            assert!(way.len() > 1);
            assert!(
                way.windows(2).all(|pair| edges[pair[0]].iter().any(|edge| edge.after == pair[1])),
                "{way:?} {edges:?}"
            );
        }
    }
}

#[test]
fn a_chain_of_any_length_is_ordered() {
    let length = 200_000;
    let chain: Vec<Vec<Edge>> = (0..length).map(|node| vec![Edge { after: (node + 1) % length, step: 1 }]).collect();
    assert_eq!(components(&chain).len(), 1);
    let open: Vec<Vec<Edge>> = (0..length)
        .map(|node| if node + 1 < length { vec![Edge { after: node + 1, step: 1 }] } else { Vec::new() })
        .collect();
    assert_eq!(levels(&open).expect("no circle").level[0], length - 1);
    assert_eq!(components(&open).len(), length);
}
