//! Load states: decided at run time, narrowed, given back by `insert`.

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Book, Chapter, Kid, Parent, User, Writer};

each_backend!(
    what_is_decided_at_run_time_is_one_type,
    a_detached_maybe_carries_what_is_there_and_so_does_its_json,
    more_goes_where_less_is_asked,
    at_least_bounds_a_helper,
    insert_gives_back_what_the_builder_was_given,
    a_detached_value_serialises_what_it_holds,
    nested_maybes,
);

async fn what_is_decided_at_run_time_is_one_type(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    for (wanted, statements) in [(true, 2), (false, 1)] {
        let session = db.session();
        let query = User::select().filter(User::ID.eq(1)).selectin_if(wanted, User::ADDRESSES);
        let ada = session.one(&query).await?;
        assert_eq!(log.count(), statements, "{log}");
        drop(log.take());
        match ada.try_addresses() {
            Ok(addresses) => assert!(wanted && addresses.len() == 2),
            Err(error) => assert!(!wanted && matches!(error, StateError::NotLoaded { .. })),
        }
        assert_eq!(log.count(), 0);
    }
    for wanted in [true, false] {
        let session = db.session();
        let query = Address::select().filter(Address::ID.eq(1)).joined_if(wanted, Address::USER);
        assert_eq!(session.one(&query).await?.try_user().is_ok(), wanted);
        assert_eq!(log.count(), 1, "{log}");
        drop(log.take());
    }
    Ok(())
}

async fn a_detached_maybe_carries_what_is_there_and_so_does_its_json(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for wanted in [true, false] {
        let query = User::select().filter(User::ID.eq(2)).selectin_if(wanted, User::ADDRESSES);
        let session = db.session();
        let detached = session.detach(&session.one(&query).await?)?;
        let plain = db.one(&query).await?;
        for bob in [detached, plain] {
            assert_eq!(bob.try_addresses().is_ok(), wanted);
            let json = serde_json::to_value(&bob)?;
            assert_eq!(json.get("addresses").is_some(), wanted, "{json}");
        }
    }
    Ok(())
}

async fn more_goes_where_less_is_asked(db: TestDb) -> Outcome {
    fn bare(writer: Persistent<'_, Writer>) -> &str {
        writer.name()
    }
    fn books(writer: Persistent<'_, Writer, loaded!(Writer { books })>) -> usize {
        writer.books().len()
    }
    fn owned(writer: Detached<Writer, loaded!(Writer { books })>) -> usize {
        writer.books().len()
    }
    let db = fixtures::library(db).await?;
    let session = db.session();
    let query = Writer::select()
        .filter(Writer::ID.eq(1))
        .selectin(Writer::BOOKS.selectin(Book::CHAPTERS).joined(Book::AUTHOR))
        .selectin(Writer::EDITED);
    let woolf = session.one(&query).await?;
    let log = db.statement_log();
    assert_eq!((bare(session.narrow(&woolf)), books(session.narrow(&woolf))), ("Woolf", 2));
    let plain = session.get_one::<Writer>(1).await?;
    assert!(plain == woolf);
    assert!(woolf == plain);
    let detached = session.detach(&woolf)?;
    assert_eq!(owned(Detached::narrow(detached.clone())), 2);
    let bare: Detached<Writer> = Detached::narrow(detached);
    assert!(serde_json::to_value(&bare)?.get("books").is_none());
    log.assert_silent();
    Ok(())
}

async fn at_least_bounds_a_helper(db: TestDb) -> Outcome {
    fn chapters<'s, L>(session: &'s Session, book: &Persistent<'s, Book, L>) -> Vec<&'s str>
    where
        L: AtLeast<loaded!(Book { author, chapters })> + 'static,
    {
        let book: Persistent<'_, Book, loaded!(Book { chapters, author })> = session.narrow(book);
        book.chapters().iter().map(|chapter| chapter.title()).chain([book.author().name()]).collect()
    }
    let db = fixtures::library(db).await?;
    let session = db.session();
    let query = Book::select().filter(Book::ID.eq(1)).selectin(Book::CHAPTERS).selectin(Book::AUTHOR);
    let book = session.one(&query).await?;
    let more = session.load(&book, Book::GENRES).await?;
    assert_eq!(chapters(&session, &book), ["One", "Two", "Woolf"]);
    assert_eq!(chapters(&session, &more), ["One", "Two", "Woolf"]);
    Ok(())
}

async fn insert_gives_back_what_the_builder_was_given(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let session = db.session();
    let parent: Persistent<'_, Parent, loaded!(Parent { kids })> =
        session.insert(Parent::builder().name("P").kids([Kid::builder().name("a")])).await?;
    let kid: Persistent<'_, Kid, loaded!(Kid { parent { kids } })> =
        session.insert(Kid::builder().name("b").parent(parent)).await?;
    let bare: Persistent<'_, Kid> = session.insert(Kid::builder().name("c").parent(Key::of(&parent))).await?;
    let log = db.statement_log();
    assert!(kid.parent() == parent);
    assert_eq!(parent.kids().iter().map(|it| it.name()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(kid.parent().kids().contains(&bare));
    log.assert_silent();
    Ok(())
}

async fn a_detached_value_serialises_what_it_holds(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let query = Book::select().filter(Book::ID.eq(2)).selectin(Book::CHAPTERS).joined(Book::EDITOR);
    let json = serde_json::to_value(db.one(&query).await?)?;
    let expected = serde_json::json!({
        "id": 2, "title": "Waves", "author_id": 1, "editor_id": 2,
        "editor": { "id": 2, "name": "Eco" },
        "chapters": [{ "id": 3, "title": "Dawn", "book_id": 2 }],
    });
    assert_eq!(json, expected);
    Ok(())
}

async fn nested_maybes(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    for wanted in [true, false] {
        let query = Writer::select()
            .filter(Writer::ID.eq(1))
            .selectin(Writer::BOOKS.selectin_if(wanted, Book::CHAPTERS.selectin(Chapter::BOOK)));
        let woolf = db.one(&query).await?;
        for book in woolf.books() {
            assert_eq!(book.try_chapters().is_ok(), wanted);
            for chapter in book.try_chapters().into_iter().flatten() {
                assert_eq!(chapter.book().title(), book.title());
            }
        }
    }
    Ok(())
}
