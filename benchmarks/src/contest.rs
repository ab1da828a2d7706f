//! Who does the same work faster: rounds of all contenders in turn, so that noise hits all alike, and the median of each.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

/// How often each contender has its turn.
const ROUNDS: usize = 21;

/// Does the work so many times and says how long that took, without what it needed to prepare.
type Work<'w> = Box<dyn FnMut(u32) -> Duration + 'w>;

/// Several ways to do the same work.
pub struct Contest<'w> {
    name: String,
    ours: Vec<(&'static str, Work<'w>)>,
    peers: Vec<(&'static str, Work<'w>)>,
}

impl<'w> Contest<'w> {
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ours: Vec::new(), peers: Vec::new() }
    }

    /// One of our ways.
    pub fn ours(&mut self, name: &'static str, work: impl FnMut(u32) -> Duration + 'w) {
        self.ours.push((name, Box::new(work)));
    }

    /// What to compare with.
    pub fn peer(&mut self, name: &'static str, work: impl FnMut(u32) -> Duration + 'w) {
        self.peers.push((name, Box::new(work)));
    }

    /// Runs, and prints a line for each of ours and each peer: the medians of one piece of work, and their ratio.
    pub fn run(mut self, times: u32) {
        let mut rounds: Vec<Vec<f64>> = vec![Vec::new(); self.ours.len() + self.peers.len()];
        for round in 0..=ROUNDS {
            for ((_, work), taken) in self.ours.iter_mut().chain(&mut self.peers).zip(&mut rounds) {
                let took = work(times).as_secs_f64() * 1e6 / f64::from(times);
                // The first round only warms up.
                if round > 0 {
                    taken.push(took);
                }
            }
        }
        let medians: Vec<f64> = rounds.into_iter().map(median).collect();
        let (ours, peers) = medians.split_at(self.ours.len());
        for ((name, _), ours) in self.ours.iter().zip(ours) {
            for ((peer, _), theirs) in self.peers.iter().zip(peers) {
                println!("| {} | {name} | {ours:.1} | {peer} | {theirs:.1} | {:.2} |", self.name, ours / theirs);
            }
        }
    }
}

fn median(mut taken: Vec<f64>) -> f64 {
    taken.sort_by(f64::total_cmp);
    taken[taken.len() / 2]
}

/// The time of so many turns.
pub fn repeat(times: u32, mut work: impl FnMut()) -> Duration {
    let started = Instant::now();
    (0..times).for_each(|_| work());
    started.elapsed()
}

/// The time of so many turns of something asynchronous.
pub fn repeat_async(runtime: &Runtime, times: u32, mut work: impl AsyncFnMut()) -> Duration {
    runtime.block_on(async {
        let started = Instant::now();
        for _ in 0..times {
            work().await;
        }
        started.elapsed()
    })
}
