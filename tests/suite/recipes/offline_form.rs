//! A form that is edited offline: read, handed out, filled in for minutes, merged under the version that was read.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

#[derive(Entity)]
#[orm(table = "contracts")]
pub struct Contract {
    #[orm(primary_key)]
    id: i64,
    title: String,
    amount: i64,
    note: Option<String>,
    #[orm(version)]
    version: i32,
}

/// What became of a form.
#[derive(Debug, PartialEq)]
pub enum Saved {
    Written {
        version: i32,
    },
    /// Someone else was faster: this is what is there now.
    Conflict {
        title: String,
        version: i32,
    },
}

/// One transaction to hand the form out, ..
pub async fn open(db: &Database, id: i64) -> Result<Detached<Contract>, Error> {
    db.one(&Contract::select().filter(Contract::ID.eq(id))).await
}

/// .. and one to take it back. Nothing is locked between.
pub async fn save(db: &Database, form: &Detached<Contract>) -> Result<Saved, Error> {
    let mut session = db.session();
    match session.merge(form).await {
        Ok(contract) => {
            session.flush().await?;
            let version = contract.version();
            session.commit().await?;
            Ok(Saved::Written { version })
        }
        Err(error) if error.kind() == ErrorKind::StaleData => {
            let now = session.get_one::<Contract>(form.id()).await?;
            Ok(Saved::Conflict { title: now.title().to_owned(), version: now.version() })
        }
        Err(error) => Err(error),
    }
}

each_backend!(a_form_is_saved_once_and_the_slower_one_is_told);

async fn a_form_is_saved_once_and_the_slower_one_is_told(db: TestDb) -> Outcome {
    let db = db.with(schema![Contract]).await?;
    db.run(&["INSERT INTO contracts (title, amount, version) VALUES ('Roof', 100, 1)"]).await?;
    let (mut fast, mut slow) = (open(&db, 1).await?, open(&db, 1).await?);
    fast.set_title("Roof and walls");
    fast.set_note("agreed");
    slow.set_amount(90);

    let log = db.statement_log();
    assert_eq!(save(&db, &fast).await?, Saved::Written { version: 2 });
    log.assert(&["SELECT contracts", "UPDATE contracts"]);
    let conflict = Saved::Conflict { title: "Roof and walls".to_owned(), version: 2 };
    assert_eq!(save(&db, &slow).await?, conflict);

    // What was typed is not lost: the changes go onto the row as it is now.
    let mut again = open(&db, 1).await?;
    Detached::apply(&mut again, Contract::changes().amount(slow.amount()))?;
    assert_eq!(save(&db, &again).await?, Saved::Written { version: 3 });
    let now = open(&db, 1).await?;
    assert_eq!((now.title(), now.amount(), now.note()), ("Roof and walls", 90, Some("agreed")));
    Ok(())
}
