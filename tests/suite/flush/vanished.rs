//! Rows that are to be deleted and are gone: an error, with and without a version, in every path that deletes.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Kid, Node, Parent, User};

#[derive(Entity)]
#[orm(table = "folders")]
struct Folder {
    #[orm(primary_key)]
    id: i64,
    name: String,
    parent_id: Option<i64>,
    #[orm(foreign_key = parent_id, back_populates = children, on_delete = "cascade")]
    parent: BelongsTo<Folder>,
    #[orm(foreign_key = parent_id, back_populates = parent, cascade = "all, delete-orphan", order_by = id)]
    children: HasMany<Folder>,
}

each_backend!(
    a_deletion_of_a_row_that_is_gone_is_an_error,
    of_several_rows_one_that_is_gone_is_an_error,
    nothing_more_is_sent_after_a_row_that_is_gone,
    a_child_that_goes_along_and_is_gone_is_an_error,
    an_orphan_that_is_gone_is_an_error,
    a_tree_that_the_database_cascades_goes_without_complaint,
    a_tree_of_which_a_row_is_gone_is_an_error,
);

each_backend!(only_sqlite: a_row_that_a_trigger_keeps_is_said_to_be_there);

async fn a_row_that_a_trigger_keeps_is_said_to_be_there(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    db.run(&["CREATE TRIGGER keep BEFORE DELETE ON users WHEN old.id = 3 BEGIN SELECT RAISE(IGNORE); END"]).await?;
    let mut session = db.session();
    session.delete(&session.get_one::<User>(3).await?).await?;
    let error = refused(session.flush().await, ErrorKind::Database);
    assert_eq!(
        error.to_string(),
        "flush: User[3]: the row was deleted from `users` and is still there: a trigger or a rule of the table keeps it"
    );
    session.rollback().await?;
    Ok(())
}

async fn a_deletion_of_a_row_that_is_gone_is_an_error(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let cy = session.get_one::<User>(3).await?;
    session.commit_keeping().await?;
    db.run(&["DELETE FROM users WHERE id = 3"]).await?;
    session.delete(&cy).await?;
    let error = refused(session.flush().await, ErrorKind::StaleData);
    assert_eq!((error.entity(), error.key()), (Some("User"), Some("3")));
    assert!(error.to_string().contains("the row is gone: someone else deleted it"), "{error}");
    session.rollback().await?;
    Ok(())
}

async fn of_several_rows_one_that_is_gone_is_an_error(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    db.run(&["DELETE FROM addresses"]).await?;
    let mut session = db.session();
    let users = session.all(&User::select()).await?;
    session.commit_keeping().await?;
    db.run(&["DELETE FROM users WHERE id = 2"]).await?;
    for user in &users {
        session.delete(user).await?;
    }
    let error = refused(session.flush().await, ErrorKind::StaleData);
    assert_eq!((error.entity(), error.key()), (Some("User"), Some("1; 2; 3")));
    session.rollback().await?;
    assert_eq!(session.all(&User::select()).await?.len(), 2, "nothing of the flush remains");
    Ok(())
}

async fn nothing_more_is_sent_after_a_row_that_is_gone(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?.with(schema![Parent, Kid]).await?;
    db.run(&["INSERT INTO parents (name) VALUES ('P')", "INSERT INTO kids (name, parent_id) VALUES ('K', 1)"]).await?;
    let mut session = db.session();
    let parent = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    session.commit_keeping().await?;
    db.run(&["DELETE FROM kids"]).await?;
    session.load(&parent, Parent::KIDS).await?;
    let kid = session.insert(Kid::builder().name("new").parent(&parent)).await?;
    session.commit_keeping().await?;
    db.run(&["DELETE FROM kids"]).await?;
    session.get_one::<User>(3).await?;
    session.delete(&kid).await?;
    session.delete(&parent).await?;
    let log = db.statement_log();
    refused(session.flush().await, ErrorKind::StaleData);
    let sent = log.texts();
    assert!(!sent.iter().any(|sql| sql.starts_with("DELETE FROM \"parents\"")), "{sent:?}");
    session.rollback().await?;
    Ok(())
}

async fn a_child_that_goes_along_and_is_gone_is_an_error(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    db.run(&[
        "INSERT INTO parents (name) VALUES ('P')",
        "INSERT INTO kids (name, parent_id) VALUES ('K', 1), ('L', 1)",
    ])
    .await?;
    let mut session = db.session();
    let parent = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    session.sql("DELETE FROM kids WHERE id = 2").execute().await?;
    session.delete(&parent).await?;
    let error = refused(session.flush().await, ErrorKind::StaleData);
    assert_eq!((error.entity(), error.key()), (Some("Kid"), Some("1; 2")));
    session.rollback().await?;
    Ok(())
}

async fn an_orphan_that_is_gone_is_an_error(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    db.run(&["INSERT INTO parents (name) VALUES ('P')", "INSERT INTO kids (name, parent_id) VALUES ('K', 1)"]).await?;
    let mut session = db.session();
    let parent = session.get_one::<Parent>(1).selectin(Parent::KIDS).await?;
    session.sql("DELETE FROM kids WHERE id = 1").execute().await?;
    let Some(kid) = parent.kids().first() else { panic!("one kid") };
    parent.remove_from_kids(&kid)?;
    let error = refused(session.flush().await, ErrorKind::StaleData);
    assert_eq!((error.entity(), error.key()), (Some("Kid"), Some("1")));
    session.rollback().await?;
    Ok(())
}

async fn folders(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Folder]).await?;
    db.run(&[
        "INSERT INTO folders (id, name, parent_id) VALUES (1, 'root', NULL)",
        "INSERT INTO folders (id, name, parent_id) VALUES (2, 'a', 1), (3, 'b', 1)",
        "INSERT INTO folders (id, name, parent_id) VALUES (4, 'leaf', 2)",
    ])
    .await?;
    Ok(db)
}

async fn a_tree_that_the_database_cascades_goes_without_complaint(db: TestDb) -> Outcome {
    let db = folders(db).await?;
    let mut session = db.session();
    let root = session.get_one::<Folder>(1).await?;
    session.delete(&root).await?;
    session.commit().await?;
    assert!(session.all(&Folder::select()).await?.is_empty());
    session.rollback().await?;
    // And where no constraint acts by itself.
    let db = fixtures::tree(db).await?;
    let mut session = db.session();
    for node in session.all(&Node::select()).await? {
        session.delete(&node).await?;
    }
    session.commit().await?;
    assert!(session.all(&Node::select()).await?.is_empty());
    Ok(())
}

async fn a_tree_of_which_a_row_is_gone_is_an_error(db: TestDb) -> Outcome {
    let db = folders(db).await?;
    let mut session = db.session();
    let folders = session.all(&Folder::select().selectin(Folder::CHILDREN)).await?;
    session.sql("DELETE FROM folders WHERE id = 4").execute().await?;
    session.delete(&folders[0]).await?;
    refused(session.flush().await, ErrorKind::StaleData);
    session.rollback().await?;
    Ok(())
}
