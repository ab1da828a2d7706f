//! A bank on a cluster whose nodes all take writes: nothing is lost, made or mixed up, also while a node goes.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use orm_core::{
    database::{Database, Without},
    error::ErrorKind,
    prelude::*,
    schema,
};
use orm_tests::{Outcome, TestDb, on_galera, refused};

#[test]
fn a_bank_on_all_nodes_conserves_its_money() {
    on_galera(concat!(module_path!(), "::a_bank_on_all_nodes_conserves_its_money"), |nodes| bank(nodes, &[]));
}

#[test]
fn a_bank_without_returning_conserves_its_money() {
    on_galera(concat!(module_path!(), "::a_bank_without_returning_conserves_its_money"), |nodes| {
        bank(nodes, &[Without::Returning])
    });
}

#[test]
fn what_another_node_was_faster_with_is_a_serialization_failure_at_the_commit() {
    on_galera(concat!(module_path!(), "::what_another_node_was_faster_with"), another_node_was_faster);
}

#[derive(Entity)]
#[orm(table = "accounts")]
struct Account {
    #[orm(primary_key, generated = false)]
    id: i64,
    cents: i64,
    #[orm(version)]
    version: i32,
}

#[derive(Entity)]
#[orm(table = "entries")]
struct Entry {
    #[orm(primary_key)]
    id: i64,
    text: String,
}

const ACCOUNTS: i64 = 6;
const WRITERS: i64 = 8;
const TRANSFERS: i64 = 25;

async fn bank(nodes: Vec<TestDb>, absent: &'static [Without]) -> Outcome {
    nodes[0].create_all(schema![Account, Entry]).await?;
    let mut session = nodes[0].session();
    session.insert_all((1..=ACCOUNTS).map(|id| Account::builder().id(id).cents(1_000))).await?;
    session.commit().await?;
    let mut databases = Vec::new();
    for node in &nodes {
        databases.push(absent.iter().fold(node.options(), |options, absent| options.without(*absent)).connect().await?);
    }
    let tries = Arc::new(AtomicU32::new(0));
    let mut tasks = Vec::new();
    for writer in 0..WRITERS {
        let (databases, tries) = (databases.clone(), Arc::clone(&tries));
        tasks.push(tokio::spawn(async move {
            let mut seen = Vec::new();
            let mut node = writer as usize;
            for transfer in 0..TRANSFERS {
                loop {
                    match pay(&databases[node % databases.len()], writer, transfer, &tries).await {
                        Ok(entries) => {
                            seen.extend(entries);
                            break;
                        }
                        // The node is gone: the others are there.
                        Err(error) if matches!(error.kind(), ErrorKind::Connection | ErrorKind::Timeout) => node += 1,
                        Err(error) => return Err(error),
                    }
                }
            }
            Ok(seen)
        }));
    }
    let mut seen = Vec::new();
    for task in tasks {
        seen.extend(task.await??);
    }
    eprintln!("{} transfers took {} tries", WRITERS * TRANSFERS, tries.load(Ordering::Relaxed));

    // Any node that is there tells what all of them know, once it has applied what it was sent.
    for node in &nodes {
        let session = node.session();
        let Ok(_) = session.sql("SET SESSION wsrep_sync_wait = 1").execute().await else { continue };
        let accounts = session.all(&Account::select()).await?;
        assert_eq!(accounts.iter().map(|account| account.cents()).sum::<i64>(), 1_000 * ACCOUNTS);
        let entries: HashMap<i64, String> =
            session.all(&Entry::select()).await?.iter().map(|entry| (entry.id(), entry.text().to_owned())).collect();
        assert_eq!(seen.len() as i64, 5 * WRITERS * TRANSFERS);
        for (id, text) in &seen {
            assert_eq!(entries.get(id), Some(text), "entry {id}");
        }
        session.close().await?;
    }
    Ok(())
}

/// Moves money between two accounts and writes five entries; gives the keys that these took.
async fn pay(db: &Database, writer: i64, transfer: i64, tries: &AtomicU32) -> Result<Vec<(i64, String)>, Error> {
    let from = 1 + (writer + transfer) % ACCOUNTS;
    let to = 1 + (writer + 2 * transfer + 1) % ACCOUNTS;
    db.session_factory()
        .attempts(200)
        .transaction(async |session: &mut Session| {
            tries.fetch_add(1, Ordering::Relaxed);
            if from != to {
                let (from, to) = (session.get_one::<Account>(from).await?, session.get_one::<Account>(to).await?);
                from.set_cents(from.cents() - 7);
                to.set_cents(to.cents() + 7);
            }
            let entries = (0..5).map(|n| Entry::builder().text(format!("{writer} {transfer} {n}")));
            let entries = session.insert_all(entries).await?;
            Ok::<_, Error>(entries.iter().map(|entry| (entry.id(), entry.text().to_owned())).collect())
        })
        .await
}

async fn another_node_was_faster(nodes: Vec<TestDb>) -> Outcome {
    let (one, two) = (&nodes[0], &nodes[1 % nodes.len()]);
    one.create_all(schema![Account, Entry]).await?;
    let mut session = one.session();
    session.insert_all([1, 2].map(|id| Account::builder().id(id).cents(0))).await?;
    session.commit().await?;
    session.get_one::<Account>(1).await?.set_cents(1);
    session.flush().await?;
    // No lock is held there.
    let update = "UPDATE accounts SET cents = 2, version = version + 1 WHERE id = 1";
    let mut other = two.session();
    other.sql("SET SESSION wsrep_sync_wait = 7").execute().await?;
    assert_eq!(other.sql(update).execute().await?, 1);
    other.commit().await?;
    refused(session.commit().await, ErrorKind::Serialization);
    session.rollback().await?;

    // In a transaction of its own it is done again.
    let tries = AtomicU32::new(0);
    one.transaction(async |session: &mut Session| {
        session.sql("SET SESSION wsrep_sync_wait = 7").execute().await?;
        let account = session.get_one::<Account>(1).await?;
        account.set_cents(account.cents() + 10);
        session.flush().await?;
        if tries.fetch_add(1, Ordering::Relaxed) == 0 {
            two.execute(update, vec![]).await?;
        }
        Ok::<_, Error>(())
    })
    .await?;
    assert_eq!(tries.load(Ordering::Relaxed), 2);
    let session = one.session();
    session.sql("SET SESSION wsrep_sync_wait = 7").execute().await?;
    assert_eq!(session.get_one::<Account>(1).await?.cents(), 12);
    session.close().await?;
    Ok(())
}
