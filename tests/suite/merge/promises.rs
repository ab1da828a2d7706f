//! Merging beside live handles: what they were promised holds, or nothing changes.

use orm_core::error::ErrorKind;
use orm_tests::{Outcome, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Book, Chapter, User, Writer};

each_backend!(
    a_live_collection_shows_what_is_merged,
    a_target_that_lacks_what_was_promised_is_loaded_or_refused,
    a_new_member_keeps_the_promise_of_the_list,
    joined_merges_run_one_after_the_other,
);

async fn a_live_collection_shows_what_is_merged(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    let list = ada.addresses();
    let new = Address::builder().email("new@x.org").build();
    session
        .merge(User::builder().id(1).name("Ada").addresses([Address::builder().id(2).email("two").build(), new]))
        .await?;
    assert_eq!(list.len(), 2);
    assert_eq!(ada.addresses().iter().map(|it| it.email().to_owned()).collect::<Vec<_>>(), ["two", "new@x.org"]);
    Ok(())
}

async fn a_target_that_lacks_what_was_promised_is_loaded_or_refused(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let book = session.get_one::<Book>(1).selectin(Book::AUTHOR.selectin(Writer::BOOKS)).await?;
    let error = refused(session.apply(&book, Book::changes().author(2)), ErrorKind::BreaksPromise);
    assert_eq!((error.entity(), error.attribute(), error.verb()), (Some("Book"), Some("author"), Some("apply")));
    assert_eq!((book.author().name(), book.author_id()), ("Woolf", 1));
    let error = refused(session.merge(Book::changes().id(1).title("t").author(2)).await, ErrorKind::BreaksPromise);
    assert_eq!((error.verb(), book.title(), book.author_id()), (Some("merge"), "Orlando", 1));
    // Once it is there with all that was promised, it may come.
    session.get_one::<Writer>(2).selectin(Writer::BOOKS).await?;
    session.apply(&book, Book::changes().author(2))?;
    assert_eq!((book.author().name(), book.author().books().len()), ("Eco", 1));
    Ok(())
}

async fn a_new_member_keeps_the_promise_of_the_list(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let woolf = session.get_one::<Writer>(1).selectin(Writer::BOOKS.selectin(Book::CHAPTERS)).await?;
    let titles = |book: i64| Book::builder().id(book).title("t");
    let new = Book::builder().title("Flush").chapters([Chapter::builder().title("only")]);
    session
        .merge(Writer::builder().id(1).name("Woolf").books([titles(1).build(), titles(2).build(), new.build()]))
        .await?;
    let counts: Vec<usize> = woolf.books().iter().map(|book| book.chapters().len()).collect();
    assert_eq!(counts, [2, 1, 1]);
    Ok(())
}

async fn joined_merges_run_one_after_the_other(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let (one, two) = futures::join!(
        session.merge(User::builder().id(50).name("Dan")),
        session.merge(User::builder().id(50).name("Dan").nick("d")),
    );
    let (one, two) = (one?, two?);
    assert_eq!((one, one.nick()), (two, Some("d")));
    Ok(())
}
