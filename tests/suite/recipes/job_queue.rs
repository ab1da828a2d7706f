//! A queue of jobs in a table: workers take different jobs, and one that fails leaves its job to the others.

use orm_core::prelude::*;
use orm_tests::{Outcome, TestDb, each_backend};

#[derive(Entity)]
#[orm(table = "jobs")]
pub struct Job {
    #[orm(primary_key)]
    id: i64,
    task: String,
    done_by: Option<String>,
}

/// Does the next job, if there is one: locked from when it is taken to the commit. Whoever comes meanwhile takes the next but one.
pub async fn work(db: &Database, worker: &str) -> Result<bool, Error> {
    let mut next = Job::select().filter(Job::DONE_BY.is_null()).order_by(Job::ID.asc()).limit(1).for_update();
    // SQLite has one lock for all: workers wait for each other there.
    if db.backend() != Backend::Sqlite {
        next = next.skip_locked();
    }
    db.transaction(async |session: &mut Session| {
        let Some(job) = session.one_or_none(&next).await? else { return Ok(false) };
        perform(job.task()).await?;
        job.set_done_by(worker);
        Ok(true)
    })
    .await
}

async fn perform(task: &str) -> Result<(), Error> {
    tokio::time::sleep(std::time::Duration::from_millis(task.len() as u64 % 3)).await;
    Ok(())
}

each_backend!(sqlite_file: each_job_is_done_once);
each_backend!(only_postgres: a_worker_does_not_wait_for_another);

async fn jobs(db: TestDb, count: usize) -> Outcome<TestDb> {
    let db = db.with(schema![Job]).await?;
    db.insert_many((0..count).map(|n| Job::builder().task(format!("job {n}")))).await?;
    Ok(db)
}

async fn each_job_is_done_once(db: TestDb) -> Outcome {
    let db = jobs(db, 20).await?;
    let mut workers = Vec::new();
    for worker in 0..4 {
        let db = Database::clone(&db);
        workers.push(tokio::spawn(async move {
            let mut count = 0;
            while work(&db, &format!("worker {worker}")).await? {
                count += 1;
            }
            Ok::<_, Error>(count)
        }));
    }
    let mut total = 0;
    for worker in workers {
        total += worker.await??;
    }
    assert_eq!(total, 20);
    assert_eq!(db.count(&Job::select().filter(Job::DONE_BY.is_null())).await?, 0);
    Ok(())
}

async fn a_worker_does_not_wait_for_another(db: TestDb) -> Outcome {
    let db = jobs(db, 2).await?;
    let slow = db.session();
    let taken = slow.first(&Job::select().order_by(Job::ID.asc()).skip_locked()).await?;
    assert_eq!(taken.map(|job| job.id()), Some(1));
    assert!(work(&db, "quick").await?);
    // The slow one gives up; its job is there for others.
    slow.close().await?;
    assert!(work(&db, "quick").await?);
    assert!(!work(&db, "quick").await?);
    Ok(())
}
