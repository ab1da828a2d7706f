//! What a tracked object costs beyond its row: the bytes that a read allocates and keeps, tracked, less those of the rows alone.

#![allow(dead_code, reason = "shared with the other benchmarks")]

#[path = "../databases.rs"]
mod databases;
#[path = "../entities/ours.rs"]
mod ours;

use std::{alloc::System, hint::black_box};

use databases::{Databases, USERS};
use orm_core::prelude::{Database, Select};
use ours::User;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let databases = Databases::new();
    databases.runtime.block_on(async {
        let db = Database::connect(databases.sqlite_url()).await.expect("a database");
        let query: Select<User> = User::select();
        let mut session = db.session();
        // Connections, statements and texts are there.
        drop(db.all(&query).await.expect("rows"));
        drop(session.all(&query).await.expect("rows"));
        session.expunge_all();
        let region = Region::new(COUNTED);
        let detached = black_box(db.all(&query).await.expect("rows"));
        print_each("detached, with the row", &region);
        drop(detached);
        let region = Region::new(COUNTED);
        let tracked = black_box(session.all(&query).await.expect("rows"));
        print_each("tracked, with the row and a handle", &region);
        drop(tracked);
        print_each("tracked, with the row", &region);
    });
    databases.drop_tables();
    println!("the row itself: {} bytes and its texts", size_of::<User>());
}

fn print_each(what: &str, region: &Region<'_, System>) {
    let change = region.change();
    let kept = change.bytes_allocated as i64 - change.bytes_deallocated as i64 + change.bytes_reallocated as i64;
    println!("{what}: {:.1} bytes each, {} allocations", kept as f64 / USERS as f64, change.allocations);
}
