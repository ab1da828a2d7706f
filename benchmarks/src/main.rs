//! The workloads W1 to W6, side by side with others: all in one process, in turns. `cargo run --release -- w1 w4`; all of them
//! without arguments. `growth` is ours alone, and only on request.

mod contest;
mod databases;
mod entities;
mod growth;
mod w1_read;
mod w2_get;
mod w3_write;
mod w4_graph;
mod w5_dirty;
mod w6_small_transaction;

use databases::Databases;

const WORKLOADS: [(&str, fn(&Databases)); 6] = [
    ("w1", w1_read::run),
    ("w2", w2_get::run),
    ("w3", w3_write::run),
    ("w4", w4_graph::run),
    ("w5", w5_dirty::run),
    ("w6", w6_small_transaction::run),
];

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let databases = Databases::new();
    println!("| workload | ours | µs | peer | µs | ratio |\n|---|---|---|---|---|---|");
    for (name, run) in WORKLOADS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            run(&databases);
        }
    }
    if wanted.iter().any(|wanted| wanted == "growth") {
        growth::run(&databases);
    }
    databases.drop_tables();
}
