//! Orders of things that depend on each other: components of a graph, and levels within it. Iterative, whatever the depth.

/// `node` comes after `after`: at least `step` levels (0: the same level will do, later in it).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) after: usize,
    pub(super) step: usize,
}

/// An order that satisfies all edges.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Levels {
    /// Every node, each after what it depends on.
    pub(super) order: Vec<usize>,
    /// The level of each node.
    pub(super) level: Vec<usize>,
}

/// The strongly connected components, each after those that it depends on. Nodes of one keep the order of their numbers.
pub(super) fn components(edges: &[Vec<Edge>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let count = edges.len();
    let (mut index, mut low) = (vec![UNSEEN; count], vec![0; count]);
    let mut on_stack = vec![false; count];
    let (mut stack, mut components) = (Vec::new(), Vec::new());
    let mut next = 0;
    for root in 0..count {
        if index[root] != UNSEEN {
            continue;
        }
        // Tarjan, with the calls on a list of our own: node, and which of its edges is next.
        let mut calls = vec![(root, 0)];
        while let Some((node, edge)) = calls.pop() {
            if edge == 0 {
                index[node] = next;
                low[node] = next;
                next += 1;
                stack.push(node);
                on_stack[node] = true;
            }
            if let Some(&Edge { after, .. }) = edges[node].get(edge) {
                calls.push((node, edge + 1));
                if index[after] == UNSEEN {
                    calls.push((after, 0));
                } else if on_stack[after] {
                    low[node] = low[node].min(index[after]);
                }
                continue;
            }
            if let Some(&(parent, _)) = calls.last() {
                low[parent] = low[parent].min(low[node]);
            }
            if low[node] == index[node] {
                let start = stack.iter().rposition(|&member| member == node).unwrap_or(0);
                let mut component = stack.split_off(start);
                component.iter().for_each(|&member| on_stack[member] = false);
                component.sort_unstable();
                components.push(component);
            }
        }
    }
    components
}

/// Levels of all nodes. The error: the nodes that are in a circle, or come after one.
pub(super) fn levels(edges: &[Vec<Edge>]) -> Result<Levels, Vec<usize>> {
    let count = edges.len();
    let mut waits: Vec<usize> = edges.iter().map(Vec::len).collect();
    let mut before: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
    for (node, edges) in edges.iter().enumerate() {
        for edge in edges {
            before[edge.after].push((node, edge.step));
        }
    }
    let mut level = vec![0; count];
    let mut order: Vec<usize> = (0..count).filter(|&node| waits[node] == 0).collect();
    let mut at = 0;
    while let Some(&node) = order.get(at) {
        at += 1;
        for &(later, step) in &before[node] {
            level[later] = level[later].max(level[node] + step);
            waits[later] -= 1;
            if waits[later] == 0 {
                order.push(later);
            }
        }
    }
    if order.len() == count {
        return Ok(Levels { order, level });
    }
    Err((0..count).filter(|&node| waits[node] > 0).collect())
}

/// The circles themselves among nodes that [`levels`] could not order: components of more than one node, or of a node
/// that comes after itself.
pub(super) fn circles(edges: &[Vec<Edge>]) -> Vec<Vec<usize>> {
    let in_itself = |component: &[usize]| match component {
        [node] => edges[*node].iter().any(|edge| edge.after == *node),
        _ => true,
    };
    components(edges).into_iter().filter(|component| in_itself(component)).collect()
}

/// One way around a circle, from its first node back to it: for messages.
pub(super) fn way_around(edges: &[Vec<Edge>], circle: &[usize]) -> Vec<usize> {
    let Some(&start) = circle.first() else { return Vec::new() };
    // Breadth first, within the circle; `came[i]` is how its i-th node was reached.
    let position = |node: usize| circle.binary_search(&node).ok();
    let mut came: Vec<Option<usize>> = vec![None; circle.len()];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for edge in &edges[node] {
            if edge.after == start {
                let mut way = vec![start, node];
                let mut at = node;
                while at != start {
                    let Some(previous) = position(at).and_then(|at| came[at]) else { break };
                    way.push(previous);
                    at = previous;
                }
                way.dedup();
                way.reverse();
                if way.last() != Some(&start) || way.len() == 1 {
                    way.push(start);
                }
                return way;
            }
            if let Some(at) = position(edge.after)
                && came[at].is_none()
            {
                came[at] = Some(node);
                queue.push_back(edge.after);
            }
        }
    }
    vec![start, start]
}
