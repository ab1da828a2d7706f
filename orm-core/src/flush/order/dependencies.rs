//! Rows of one flush that refer to each other, and the foreign keys by which they do.

use super::Planner;
use crate::{
    collections::HashSet,
    error::{Error, ErrorKind},
    flush::graph::{Edge, way_around},
};

/// Which rows come after which, and why.
pub(super) struct Dependencies {
    pub(super) edges: Vec<Vec<Edge>>,
    /// Parallel to `edges`: the number of the foreign key.
    keys: Vec<Vec<usize>>,
}

/// Rows that wait for each other.
pub(super) struct Circle {
    pub(super) members: Vec<usize>,
    within: HashSet<usize>,
}

/// A foreign key of a row that was taken out of a circle.
pub(super) struct Taken {
    /// The row that came after, and the one before it.
    pub(super) row: usize,
    pub(super) after: usize,
    pub(super) key: usize,
}

impl Circle {
    pub(super) fn new(members: Vec<usize>) -> Self {
        Self { within: members.iter().copied().collect(), members }
    }
}

impl Dependencies {
    pub(super) fn new(rows: usize) -> Self {
        Self { edges: vec![Vec::new(); rows], keys: vec![Vec::new(); rows] }
    }

    pub(super) fn add(&mut self, row: usize, edge: Edge, key: usize) {
        self.edges[row].push(edge);
        self.keys[row].push(key);
    }

    /// The edges of a row that stay in the circle.
    fn inner(&self, circle: &Circle, row: usize) -> Vec<usize> {
        (0..self.edges[row].len()).filter(|edge| circle.within.contains(&self.edges[row][*edge].after)).collect()
    }

    /// Takes out the first foreign key of the circle that can be taken out.
    pub(super) fn take(&mut self, circle: &Circle, can: impl Fn(usize) -> bool) -> Option<Taken> {
        let found = circle.members.iter().find_map(|&row| {
            self.inner(circle, row).into_iter().find(|edge| can(self.keys[row][*edge])).map(|edge| (row, edge))
        });
        let (row, edge) = found?;
        Some(Taken { row, after: self.edges[row].remove(edge).after, key: self.keys[row].remove(edge) })
    }

    /// Whether one statement may carry all rows of the circle.
    pub(super) fn goes_together(&self, circle: &Circle) -> bool {
        circle
            .members
            .iter()
            .all(|&row| self.inner(circle, row).into_iter().all(|edge| self.edges[row][edge].step == 0))
    }

    /// Forgets the edges of a circle.
    pub(super) fn forget(&mut self, circle: &Circle) {
        for &row in &circle.members {
            for edge in self.inner(circle, row).into_iter().rev() {
                self.edges[row].remove(edge);
                self.keys[row].remove(edge);
            }
        }
    }

    /// The error about a circle that nothing can open. `name` is what people call a row.
    pub(super) fn unbreakable(&self, planner: &Planner<'_>, circle: &Circle, name: impl Fn(usize) -> String) -> Error {
        let way = way_around(&self.edges, &circle.members);
        let key = |pair: &[usize]| {
            let edge = self.edges[pair[0]].iter().position(|edge| edge.after == pair[1])?;
            Some(format!("`{}`", planner.keys[self.keys[pair[0]][edge]].name()))
        };
        let mut keys: Vec<String> = way.windows(2).filter_map(key).collect();
        keys.dedup();
        Error::new(
            ErrorKind::Cycle,
            format!(
                "rows depend on each other in a circle, {} (by {}), and every foreign key of it is NOT NULL: none of them can \
                 go first. Nothing was sent. Declare one of the foreign keys as an `Option`: it is then written by a \
                 statement of its own",
                way.into_iter().map(name).collect::<Vec<_>>().join(" -> "),
                keys.join(", ")
            ),
        )
    }
}
