//! Tests that leave nothing behind: the program runs on a sandbox, commits and all.

use orm_core::{database::Sandbox, prelude::*};
use orm_tests::{Outcome, TestDb, each_backend, refused};

#[derive(Entity)]
#[orm(table = "seats")]
pub struct Seat {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    number: String,
    taken_by: Option<String>,
}

/// The program.
pub async fn book(db: &Database, number: &str, name: &str) -> Result<bool, Error> {
    db.transaction(async |session: &mut Session| {
        let seat = session.one(&Seat::select().filter(Seat::NUMBER.eq(number)).for_update()).await?;
        if seat.taken_by().is_some() {
            return Ok(false);
        }
        seat.set_taken_by(name);
        Ok(true)
    })
    .await
}

/// The fixture: each test has its own rows, and nobody else sees them.
async fn theatre(db: &TestDb) -> Outcome<Sandbox> {
    let sandbox = db.sandbox().await?;
    sandbox.insert_many([Seat::builder().number("A1"), Seat::builder().number("A2")]).await?;
    Ok(sandbox)
}

each_backend!(each_test_starts_with_the_same_rows);

async fn each_test_starts_with_the_same_rows(db: TestDb) -> Outcome {
    let db = db.with(schema![Seat]).await?;
    let free = Seat::select().filter(Seat::TAKEN_BY.is_null());
    for name in ["Ada", "Bob"] {
        // One test.
        let db = theatre(&db).await?;
        assert!(book(&db, "A1", name).await?);
        assert!(!book(&db, "A1", "Eve").await?);
        refused(book(&db, "Z9", name).await, ErrorKind::NotFound);
        assert_eq!(db.count(&free).await?, 1);
        db.rollback().await?;
    }
    assert_eq!(db.count(&Seat::select()).await?, 0);
    Ok(())
}
