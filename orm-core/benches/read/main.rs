//! Reading: many rows, one by key, one attribute; ours beside the same query by hand. `cargo bench -p orm-core --features chrono`.
//!
//! SQLite is a file in WAL mode; PostgreSQL is there when `ORM_POSTGRES_URL` is set.

mod by_hand;
mod ours;

use criterion::Criterion;
use tokio::runtime::Runtime;

/// Rows in the table.
const ROWS: i64 = 10_000;
/// How many rows one query reads.
const SIZES: [i64; 4] = [1, 10, 1_000, 10_000];

fn main() {
    let runtime = Runtime::new().expect("a runtime");
    let mut criterion = Criterion::default().configure_from_args();
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("read.db");
    let sqlite = runtime.block_on(ours::sqlite(&path));
    ours::benchmarks(&mut criterion, &runtime, "sqlite", &sqlite);
    by_hand::sqlite(&mut criterion, &path);
    if let Ok(url) = std::env::var("ORM_POSTGRES_URL") {
        let postgres = runtime.block_on(ours::postgres(&url));
        ours::benchmarks(&mut criterion, &runtime, "postgres", &postgres);
        by_hand::postgres(&mut criterion, &runtime, &url);
        runtime.block_on(ours::drop_table(&postgres));
    }
    ours::attributes(&mut criterion, &runtime, &sqlite);
    criterion.final_summary();
}
