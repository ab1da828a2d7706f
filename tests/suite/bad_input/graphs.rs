//! Graphs that cannot be written: refused before any statement, and nothing of them stays.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Book, Chapter, Genre, Kid, Marker, Order, Parent, User, Writer};

each_backend!(
    an_orphan_deep_in_a_graph_is_named_before_any_statement,
    two_objects_with_one_key_in_one_graph_are_refused_whole,
    a_key_that_is_pending_elsewhere_is_refused_whole,
    a_composite_key_twice_in_one_graph_is_refused_whole,
    what_a_refused_graph_took_along_is_where_it_was,
    a_column_that_nobody_gives_is_named,
);

each_backend!(sqlite_file: a_child_of_another_session_is_refused_whole);

async fn an_orphan_deep_in_a_graph_is_named_before_any_statement(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let mut session = db.session();
    // The book is well in every way but one: nobody wrote it.
    let chapters = ["One", "Two"].map(|title| Chapter::builder().title(title));
    session.add(Genre::builder().name("lost").books([Book::builder().title("Lost").chapters(chapters)]))?;
    let log = db.statement_log();
    let planned = refused(session.plan(), ErrorKind::MissingParent);
    let error = refused(session.flush().await, ErrorKind::MissingParent);
    log.assert(&[]);
    for error in [planned, error] {
        assert_eq!(
            (error.entity(), error.attribute(), error.key()),
            (Some("Book"), Some("author"), Some("new")),
            "{error}"
        );
        for word in ["Writer", "set_author", "author_id", "Option"] {
            assert!(error.to_string().contains(word), "{word} in {error}");
        }
    }
    session.rollback().await?;
    session.commit().await?;
    assert_eq!((db.count(&Book::select()).await?, db.count(&Genre::select()).await?), (2, 2));
    Ok(())
}

async fn two_objects_with_one_key_in_one_graph_are_refused_whole(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let session = db.session();
    let kid = |id, name: &'static str| Kid::builder().id(id).name(name).build();
    let error = refused(
        session.add(Parent::builder().name("P").kids([kid(7, "a"), kid(8, "b"), kid(7, "c")])),
        ErrorKind::IdentityConflict,
    );
    assert_eq!((error.entity(), error.key(), error.verb()), (Some("Kid"), Some("7"), Some("add")));
    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();
    // The key is free.
    session.insert(Parent::builder().name("P").kids([kid(7, "a"), kid(8, "b")])).await?;
    log.assert(&["INSERT parents", "INSERT kids"]);
    Ok(())
}

async fn a_key_that_is_pending_elsewhere_is_refused_whole(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let session = db.session();
    session.add(Parent::builder().id(5).name("first"))?;
    let log = db.statement_log();
    let second = Kid::builder().name("K").parent(Parent::builder().id(5).name("second"));
    let error = refused(session.insert(second).await.map(drop), ErrorKind::IdentityConflict);
    assert_eq!((error.entity(), error.key(), error.verb()), (Some("Parent"), Some("5"), Some("insert")));
    log.assert_silent();
    session.flush().await?;
    log.assert(&["INSERT parents"]);
    assert_eq!(session.one(&Parent::select()).await?.name(), "first");
    Ok(())
}

async fn a_composite_key_twice_in_one_graph_is_refused_whole(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker]).await?;
    let session = db.session();
    let marker = |b, name: &'static str| Marker::builder().a(1).b(b).name(name);
    let error = refused(
        session.insert_all([marker(1, "a"), marker(2, "b"), marker(1, "c")]).await.map(drop),
        ErrorKind::IdentityConflict,
    );
    assert_eq!((error.entity(), error.key()), (Some("Marker"), Some("1, 1")), "{error}");
    let log = db.statement_log();
    session.flush().await?;
    log.assert_silent();
    Ok(())
}

async fn what_a_refused_graph_took_along_is_where_it_was(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?.with(schema![Order, fixtures::Item]).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    let address = ada.addresses().first().expect("two");
    // It was to move to a new user, whose other address has a key that is taken.
    let graph = User::builder()
        .name("Eve")
        .addresses(vec![Member::from(address), Member::from(Address::builder().id(2).email("taken").build())]);
    refused(session.add(graph), ErrorKind::IdentityConflict);
    assert_eq!(address.user_id(), Some(1));
    assert!(ada.addresses().contains(&address));
    assert_eq!(ada.addresses().len(), 2);
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&[]);
    Ok(())
}

async fn a_column_that_nobody_gives_is_named(db: TestDb) -> Outcome {
    let db = db.with(schema![Marker, Writer]).await?;
    let session = db.session();
    session.add(Marker::builder().a(1).b(1).name("fine"))?;
    session.flush().await?;
    let log = db.statement_log();
    // The database makes no key of an entity whose key the program gives.
    refused(session.insert_many([Marker::builder().a(1).b(1).name("again")]).await, ErrorKind::UniqueViolation);
    log.assert(&["INSERT markers"]);
    assert!(session.needs_rollback());
    Ok(())
}

async fn a_child_of_another_session_is_refused_whole(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let (mine, other) = (db.session(), db.session());
    let theirs = other.get_one::<Chapter>(1).await?;
    let woolf = other.get_one::<Writer>(1).await?;
    let log = db.statement_log();
    let graph = || {
        let deep = Book::builder()
            .title("B")
            .chapters(vec![Member::from(Chapter::builder().title("mine").build()), Member::from(theirs)]);
        Writer::builder().name("New").books([deep])
    };
    for error in [
        refused(mine.add(graph()).map(drop), ErrorKind::NotInSession),
        refused(mine.insert(graph()).await.map(drop), ErrorKind::NotInSession),
        refused(mine.add(Book::builder().title("B").author(woolf)).map(drop), ErrorKind::NotInSession),
        refused(mine.try_insert(graph()).await.map(drop), ErrorKind::NotInSession),
    ] {
        assert!(error.to_string().contains("Key::of"), "{error}");
    }
    mine.flush().await?;
    // A savepoint at most, and no row.
    assert!(log.texts().iter().all(|sql| !sql.starts_with("INSERT")));
    assert!(!mine.needs_rollback());
    assert_eq!((db.count(&Writer::select()).await?, db.count(&Book::select()).await?), (2, 2));
    // By its key it is welcome.
    let chapter = mine.get_one(Key::of(&theirs)).await?;
    let book = Book::builder().title("B").author(Key::<Writer>::of(&woolf)).chapters([Member::from(chapter)]);
    mine.insert(book).await?;
    Ok(())
}
