//! A program that runs for long takes no more memory than at its beginning. A program of its own, because it counts bytes.

mod shapes;

use std::alloc::System;

use orm_core::prelude::*;
use orm_tests::Outcome;
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const ROUNDS: u32 = 100_000;
const FIRST: u32 = 10_000;

/// What a hash table or a buffer may come to be larger by, and no leak of a few bytes a round is smaller than.
pub(crate) const SLACK: isize = 64 * 1024;

#[derive(Entity)]
#[orm(table = "counters")]
pub(crate) struct Counter {
    #[orm(primary_key)]
    id: i64,
    count: u32,
    label: String,
}

/// Bytes that are in use now.
pub(crate) fn in_use() -> isize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated as isize - stats.bytes_deallocated as isize
}

/// Bytes in use after the first rounds and after all of them.
#[derive(Default)]
struct Use {
    first: isize,
    most: isize,
}

impl Use {
    fn note(&mut self, round: u32) {
        if round == FIRST {
            self.first = in_use();
        }
        if round >= FIRST {
            self.most = self.most.max(in_use());
        }
    }

    fn assert_flat(&self, what: &str) {
        assert!(self.first > 0);
        let more = self.most - self.first;
        assert!(more < SLACK, "{what}: {more} bytes more after {ROUNDS} rounds than after {FIRST}");
    }
}

async fn counters() -> Outcome<Database> {
    let db = Database::connect("sqlite::memory:").await?;
    db.create_all(schema![Counter]).await?;
    let mut session = db.session();
    session.insert(Counter::builder().count(0).label("a label that is on the heap")).await?;
    session.commit().await?;
    Ok(db)
}

async fn set_and_commit() -> Outcome {
    let db = counters().await?;
    let mut session = db.session();
    let mut used = Use::default();
    for round in 1..=ROUNDS {
        let counter = session.get_one::<Counter>(1).await?;
        counter.set_count(round);
        counter.set_label(format!("a label that is on the heap: {}", round % 10));
        session.commit().await?;
        used.note(round);
    }
    used.assert_flat("set and commit");
    assert_eq!(session.get_one::<Counter>(1).await?.count(), ROUNDS);
    Ok(())
}

async fn set_and_commit_keeping() -> Outcome {
    let db = counters().await?;
    let mut session = db.session();
    let mut used = Use::default();
    for round in 1..=ROUNDS {
        session.get_one::<Counter>(1).await?.set_count(round);
        session.commit_keeping().await?;
        if round % 1_000 == 0 {
            session.commit_and_clear().await?;
            // Cleared, as after the first rounds.
            used.note(round);
        }
    }
    used.assert_flat("set and commit_keeping");
    assert_eq!(session.get_one::<Counter>(1).await?.count(), ROUNDS);
    Ok(())
}

/// One test, one thread: what others allocate would count as well.
#[test]
fn a_program_that_runs_for_long_takes_no_more_memory() -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        set_and_commit().await?;
        set_and_commit_keeping().await?;
        shapes::queries_of_ever_new_shape().await
    })
}
