//! Queries of ever new shape, as a search form makes them: nothing of them stays for long.
//!
//! `ORM_SHAPES=200000` asks in as many, on the servers as well, and prints what the process has taken.

use orm_core::prelude::*;
use orm_tests::Outcome;

use crate::{Counter, SLACK, in_use};

/// More than a connection remembers: from then on nothing grows.
const FIRST: u32 = 20_000;

pub(crate) async fn queries_of_ever_new_shape() -> Outcome {
    let many = std::env::var("ORM_SHAPES").ok().and_then(|number| number.parse().ok());
    ask(Database::connect("sqlite::memory:").await?, "SQLite", many.unwrap_or(2 * FIRST)).await?;
    if let Some(many) = many {
        for (name, variable) in [("PostgreSQL", "ORM_POSTGRES_URL"), ("MySQL", "ORM_MYSQL_URL")] {
            if let Ok(url) = std::env::var(variable) {
                ask(Database::options(url).max_connections(1).connect().await?, name, many).await?;
            }
        }
    }
    Ok(())
}

async fn ask(db: Database, name: &str, shapes: u32) -> Outcome {
    db.create_all(schema![Counter]).await?;
    let (mut first, mut first_resident) = (0, 0);
    for shape in 0..shapes {
        if shape == FIRST {
            (first, first_resident) = (in_use(), resident());
        }
        db.exists(&Counter::select().filter(filter(shape))).await?;
    }
    let more = in_use() - first;
    if std::env::var("ORM_SHAPES").is_ok() {
        eprintln!(
            "{name}: {shapes} shapes, {more} bytes on the heap and {} KiB resident more than after {FIRST}",
            resident() - first_resident
        );
    }
    db.drop_all(schema![Counter]).await?;
    assert!(more < SLACK, "{name}: {more} bytes more after {shapes} shapes than after {FIRST}");
    Ok(())
}

/// A condition for each bit, of which there are two kinds.
fn filter(shape: u32) -> Predicate<Counter> {
    (0..18).fold(Counter::LABEL.ne("nobody"), |filter, bit| {
        if shape >> bit & 1 == 1 { filter & Counter::ID.gt(0_i64) } else { filter & Counter::COUNT.lt(9_u32) }
    })
}

/// KiB of memory that the process has, where the system says so.
fn resident() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
