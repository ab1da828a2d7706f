//! Columns with a life of their own: made at each UPDATE, deferred in groups, counted as a version.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::Versioned;

#[derive(Entity)]
#[orm(table = "pages")]
pub(crate) struct Page {
    #[orm(primary_key)]
    id: i64,
    title: String,
    #[orm(on_update = "'touched'")]
    state: String,
    #[orm(group = "texts")]
    body: Deferred<String>,
    #[orm(group = "texts")]
    notes: Deferred<Option<String>>,
    source: Deferred<Option<String>>,
}

each_backend!(
    what_the_database_makes_at_an_update_is_there_after_the_flush,
    a_group_of_deferred_columns_is_loaded_together,
    a_stale_row_is_named_with_the_version_that_was_read,
);

async fn pages(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Page]).await?;
    db.run(&["INSERT INTO pages (title, state, body, notes, source) VALUES ('T', 'new', 'B', 'N', 'S'), ('U', 'new', 'C', NULL, NULL)"])
        .await?;
    Ok(db)
}

async fn what_the_database_makes_at_an_update_is_there_after_the_flush(db: TestDb) -> Outcome {
    let db = pages(db).await?;
    let session = db.session();
    let pages = session.all(&Page::select()).await?;
    pages.iter().for_each(|page| page.set_title("other"));
    let log = db.statement_log();
    session.flush().await?;
    assert_eq!(pages.iter().map(|page| page.state()).collect::<Vec<_>>(), ["touched", "touched"]);
    // MySQL reads what the database made: no UPDATE of it gives rows back.
    log.assert(db.or_mysql(&["UPDATE pages"][..], &["UPDATE pages", "SELECT pages"]));
    Ok(())
}

async fn a_group_of_deferred_columns_is_loaded_together(db: TestDb) -> Outcome {
    let db = pages(db).await?;
    let mut session = db.session();
    let page = session.get_one::<Page>(1).await?;
    let log = db.statement_log();
    let page = session.load(&page, Page::BODY).await?;
    let page = session.load(&page, Page::NOTES).await?;
    assert_eq!((page.body(), page.notes()), ("B", Some("N")));
    log.assert(&["SELECT pages"]);
    assert_eq!(session.load(&page, Page::SOURCE).await?.source(), Some("S"));
    log.assert(&["SELECT pages"]);
    session.expire::<Page>(1);
    let page = session.get_one::<Page>(1).await?;
    log.assert(&["SELECT pages"]);
    assert!(session.loaded(&page, Page::BODY).is_err(), "expired, it is deferred again");
    Ok(())
}

async fn a_stale_row_is_named_with_the_version_that_was_read(db: TestDb) -> Outcome {
    let db = db.with(schema![Versioned]).await?;
    db.run(&["INSERT INTO versioned (name, version) VALUES ('a', 1), ('b', 1)"]).await?;
    let mut session = db.session();
    for verb in ["write", "delete"] {
        let both = session.all(&Versioned::select().order_by(Versioned::ID.asc())).await?;
        let read = both[1].version();
        session.commit_keeping().await?;
        db.run(&["UPDATE versioned SET version = version + 1 WHERE id = 2"]).await?;
        both[0].set_name(format!("unsaved {verb}"));
        if verb == "write" {
            both[1].set_name("late")
        } else {
            session.delete(&both[1]).await?
        }
        let error = refused(session.flush().await, ErrorKind::StaleData);
        assert_eq!((error.entity(), error.key()), (Some("Versioned"), Some("2")));
        assert!(error.to_string().contains(&read.to_string()), "{error}");
        session.rollback().await?;
        assert_eq!(session.get_one::<Versioned>(1).await?.name(), "a", "nothing of the flush remains");
    }
    Ok(())
}
