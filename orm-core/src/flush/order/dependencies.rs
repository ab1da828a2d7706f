//! Rows of one flush that refer to each other, and the foreign keys by which they do.

use super::Planner;
use crate::{
    collections::HashMap,
    error::{Error, ErrorKind},
    flush::graph::{Edge, levels, way_around},
};

/// Of an edge to what stands for a whole circle.
const NO_KEY: usize = usize::MAX;

/// How many rows of a circle a message names.
const NAMED: usize = 8;

/// Which rows come after which, and why.
pub(super) struct Dependencies {
    pub(super) edges: Vec<Vec<Edge>>,
    /// Parallel to `edges`: the number of the foreign key.
    keys: Vec<Vec<usize>>,
    rows: usize,
}

/// Rows that wait for each other.
pub(super) struct Circle {
    pub(super) members: Vec<usize>,
    /// Where each of them is in `members`.
    within: HashMap<usize, usize>,
}

/// One row that came after another by a foreign key, and does so no more.
pub(super) struct Taken {
    pub(super) row: usize,
    pub(super) after: usize,
}

impl Circle {
    pub(super) fn new(members: Vec<usize>) -> Self {
        Self { within: members.iter().enumerate().map(|(at, row)| (*row, at)).collect(), members }
    }
}

impl Dependencies {
    pub(super) fn new(rows: usize) -> Self {
        Self { edges: vec![Vec::new(); rows], keys: vec![Vec::new(); rows], rows }
    }

    /// How many of the nodes are rows: the others stand for circles.
    pub(super) const fn rows(&self) -> usize {
        self.rows
    }

    pub(super) fn add(&mut self, row: usize, edge: Edge, key: usize) {
        self.edges[row].push(edge);
        self.keys[row].push(key);
    }

    /// The edges of a row that stay in the circle.
    fn inner(&self, circle: &Circle, row: usize) -> Vec<usize> {
        (0..self.edges[row].len()).filter(|edge| circle.within.contains_key(&self.edges[row][*edge].after)).collect()
    }

    /// The foreign key to take out of a circle: one without which nothing of it is left, else any; of several the one that
    /// fewest rows hold. All rows of the circle lose it, so that they stay one statement, and circles that interlock are
    /// opened together.
    pub(super) fn weakest(&self, circle: &Circle, can: impl Fn(usize) -> bool) -> Option<usize> {
        let mut holders: HashMap<usize, usize> = HashMap::new();
        for &row in &circle.members {
            for edge in self.inner(circle, row) {
                *holders.entry(self.keys[row][edge]).or_default() += 1;
            }
        }
        let mut candidates: Vec<(usize, usize)> =
            holders.into_iter().filter(|(key, _)| can(*key)).map(|(key, rows)| (rows, key)).collect();
        candidates.sort_unstable();
        let opening = candidates.iter().find(|(_, key)| self.is_open_without(circle, *key));
        opening.or(candidates.first()).map(|(_, key)| *key)
    }

    fn is_open_without(&self, circle: &Circle, key: usize) -> bool {
        let left = |row: &usize| -> Vec<Edge> {
            let inner = self.inner(circle, *row).into_iter().filter(|edge| self.keys[*row][*edge] != key);
            let edge = |edge: usize| Edge { after: circle.within[&self.edges[*row][edge].after], step: 1 };
            inner.map(edge).collect()
        };
        let edges: Vec<Vec<Edge>> = circle.members.iter().map(left).collect();
        levels(&edges).is_ok()
    }

    /// Takes a foreign key out of a circle.
    pub(super) fn take(&mut self, circle: &Circle, key: usize) -> Vec<Taken> {
        circle
            .members
            .iter()
            .flat_map(|&row| self.take_of_row(row, key, |edge| circle.within.contains_key(&edge.after)))
            .collect()
    }

    /// Takes a foreign key out wherever rows wait for each other by it.
    pub(super) fn take_everywhere(&mut self, key: usize) -> Vec<Taken> {
        (0..self.edges.len()).flat_map(|row| self.take_of_row(row, key, |edge| edge.step > 0)).collect()
    }

    fn take_of_row(&mut self, row: usize, key: usize, test: impl Fn(&Edge) -> bool) -> Vec<Taken> {
        let mut taken = Vec::new();
        let mut edge = 0;
        while edge < self.edges[row].len() {
            if self.keys[row][edge] == key && test(&self.edges[row][edge]) {
                taken.push(Taken { row, after: self.edges[row].remove(edge).after });
                self.keys[row].remove(edge);
            } else {
                edge += 1;
            }
        }
        taken
    }

    /// Whether one statement may carry all rows of the circle.
    pub(super) fn goes_together(&self, circle: &Circle) -> bool {
        circle
            .members
            .iter()
            .all(|&row| self.inner(circle, row).into_iter().all(|edge| self.edges[row][edge].step == 0))
    }

    /// Puts all rows of a circle on one level: a node that stands for them comes after whatever any of them comes after.
    pub(super) fn put_together(&mut self, circle: &Circle) {
        let whole = self.edges.len();
        let (mut edges, mut keys) = (Vec::new(), Vec::new());
        for &row in &circle.members {
            let outer = std::mem::take(&mut self.edges[row]).into_iter().zip(std::mem::take(&mut self.keys[row]));
            for (edge, key) in outer.filter(|(edge, _)| !circle.within.contains_key(&edge.after)) {
                edges.push(edge);
                keys.push(key);
            }
            self.add(row, Edge { after: whole, step: 0 }, NO_KEY);
        }
        self.edges.push(edges);
        self.keys.push(keys);
    }

    /// The error about a circle that nothing can open. `name` is what people call a row.
    pub(super) fn unbreakable(&self, planner: &Planner<'_>, circle: &Circle, name: impl Fn(usize) -> String) -> Error {
        let way = way_around(&self.edges, &circle.members);
        let key = |pair: &[usize]| {
            let edge = self.edges[pair[0]].iter().position(|edge| edge.after == pair[1])?;
            Some(format!("`{}`", planner.keys[self.keys[pair[0]][edge]].name()))
        };
        let mut keys: Vec<String> = way.windows(2).filter_map(key).collect();
        keys.sort_unstable();
        keys.dedup();
        Error::new(
            ErrorKind::Cycle,
            format!(
                "rows depend on each other in a circle, {} (by {}), and every foreign key of it is NOT NULL: none of them can \
                 go first. Nothing was sent. Declare one of the foreign keys as an `Option`: it is then written by a \
                 statement of its own",
                named(&way, name),
                keys.join(", ")
            ),
        )
    }
}

/// `Team[new] -> Worker[new] -> Team[new]`; of a long way its beginning and its end.
fn named(way: &[usize], name: impl Fn(usize) -> String) -> String {
    let left_out = way.len().saturating_sub(NAMED);
    let shown = if left_out > 1 { NAMED - 1 } else { way.len() };
    let mut names: Vec<String> = way.iter().take(shown).map(|row| name(*row)).collect();
    if left_out > 1 {
        names.push(format!(".. {left_out} more .."));
        names.extend(way.last().map(|row| name(*row)));
    }
    names.join(" -> ")
}
