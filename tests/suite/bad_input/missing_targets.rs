//! Required targets that are not there: an error that names them, never a row that is dropped in silence.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, TestDb, each_backend, refused};

use crate::fixtures::{Book, Chapter, Writer};

#[derive(Entity)]
#[orm(table = "chapters")]
struct Page {
    #[orm(primary_key, generated = false)]
    id: i64,
    title: String,
    book_id: i64,
    #[orm(foreign_key = book_id, unenforced)]
    book: BelongsTo<Book>,
}

each_backend!(
    selectin_names_entity_key_and_relationship,
    joined_names_them_too,
    joined_over_two_levels_names_the_lower_one,
    load_and_get_with_a_plan_name_them_too,
    unenforced_makes_it_an_option,
);

/// Tables without constraints: the book 2 has no author, the chapter 9 no book.
async fn broken(db: TestDb) -> Outcome<TestDb> {
    db.run(&[
        "CREATE TABLE writers (id bigint PRIMARY KEY, name text NOT NULL)",
        "CREATE TABLE books (id bigint PRIMARY KEY, title text NOT NULL, author_id bigint NOT NULL, editor_id bigint)",
        "CREATE TABLE chapters (id bigint PRIMARY KEY, title text NOT NULL, book_id bigint NOT NULL)",
        "INSERT INTO writers VALUES (1, 'Woolf')",
        "INSERT INTO books VALUES (1, 'Orlando', 1, NULL), (2, 'Lost', 77, 78)",
        "INSERT INTO chapters VALUES (1, 'One', 1), (2, 'Two', 2), (9, 'Nine', 99)",
    ])
    .await?;
    Ok(db)
}

fn check(error: &Error, entity: &str, key: &str, attribute: &str, target: &str) {
    assert_eq!((error.entity(), error.key(), error.attribute()), (Some(entity), Some(key), Some(attribute)), "{error}");
    assert!(error.to_string().contains(target) && error.to_string().contains("unenforced"), "{error}");
}

async fn selectin_names_entity_key_and_relationship(db: TestDb) -> Outcome {
    let db = broken(db).await?;
    let mut session = db.session();
    let query = Book::select().order_by(Book::ID.asc()).selectin(Book::AUTHOR);
    check(&refused(session.all(&query).await.map(drop), ErrorKind::MissingTarget), "Book", "2", "author", "Writer[77]");
    check(&refused(db.all(&query).await.map(drop), ErrorKind::MissingTarget), "Book", "2", "author", "Writer[77]");
    // Nothing is broken: the rest can be read, in the same transaction.
    assert_eq!(session.one(&query.filter(Book::ID.eq(1))).await?.author().name(), "Woolf");
    assert_eq!(session.get_one::<Book>(2).await?.title(), "Lost");
    session.commit().await?;
    // A nullable target that is not there is an error of the data as well, but nobody relies on it.
    let editor = Book::select().filter(Book::ID.eq(2)).selectin(Book::EDITOR);
    assert!(db.one(&editor).await?.editor().is_none());
    Ok(())
}

async fn joined_names_them_too(db: TestDb) -> Outcome {
    let db = broken(db).await?;
    let session = db.session();
    let query = Book::select().order_by(Book::ID.asc()).joined(Book::AUTHOR);
    check(&refused(session.all(&query).await.map(drop), ErrorKind::MissingTarget), "Book", "2", "author", "Writer[77]");
    check(&refused(db.all(&query).await.map(drop), ErrorKind::MissingTarget), "Book", "2", "author", "Writer[77]");
    assert_eq!(session.one(&query.filter(Book::ID.eq(1))).await?.author().name(), "Woolf");
    Ok(())
}

async fn joined_over_two_levels_names_the_lower_one(db: TestDb) -> Outcome {
    let db = broken(db).await?;
    let query = Chapter::select().filter(Chapter::ID.eq(2)).joined(Chapter::BOOK.joined(Book::AUTHOR));
    check(&refused(db.one(&query).await.map(drop), ErrorKind::MissingTarget), "Book", "2", "author", "Writer[77]");
    let query = Chapter::select().filter(Chapter::ID.eq(9)).joined(Chapter::BOOK.joined(Book::AUTHOR));
    check(&refused(db.one(&query).await.map(drop), ErrorKind::MissingTarget), "Chapter", "9", "book", "Book[99]");
    let query = Writer::select().joined(Writer::BOOKS.joined(Book::AUTHOR));
    assert_eq!(db.one(&query).await?.books().len(), 1);
    Ok(())
}

async fn load_and_get_with_a_plan_name_them_too(db: TestDb) -> Outcome {
    let db = broken(db).await?;
    let session = db.session();
    let lost = session.get_one::<Book>(2).await?;
    for error in [
        refused(session.load(&lost, Book::AUTHOR).await.map(drop), ErrorKind::MissingTarget),
        refused(session.load_all(&[lost], Book::AUTHOR).await.map(drop), ErrorKind::MissingTarget),
        refused(session.get::<Book>(2).selectin(Book::AUTHOR).await.map(drop), ErrorKind::MissingTarget),
        refused(session.get::<Book>(2).joined(Book::AUTHOR).await.map(drop), ErrorKind::MissingTarget),
        refused(db.session().get::<Book>(2).joined(Book::AUTHOR).await.map(drop), ErrorKind::MissingTarget),
    ] {
        check(&error, "Book", "2", "author", "Writer[77]");
    }
    assert!(lost.try_author().is_err());
    assert_eq!(lost.title(), "Lost");
    Ok(())
}

async fn unenforced_makes_it_an_option(db: TestDb) -> Outcome {
    let db = broken(db).await?;
    let query = Page::select().order_by(Page::ID.asc());
    for pages in [db.all(&query.clone().selectin(Page::BOOK)).await?, db.all(&query.joined(Page::BOOK)).await?] {
        let books: Vec<Option<&str>> = pages.iter().map(|page| page.book().map(|book| book.title())).collect();
        assert_eq!(books, [Some("Orlando"), Some("Lost"), None]);
    }
    Ok(())
}
