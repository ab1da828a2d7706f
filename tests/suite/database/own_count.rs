//! Our log and the database's own account agree, for every loader and every kind of flush.
//!
//! On PostgreSQL a proxy reads the messages between the driver and the server; on SQLite the engine's own profile reports what it ran.

use std::sync::{Mutex, PoisonError};

use orm_core::{
    database::{Database, LoggedStatement},
    prelude::*,
    schema,
};
use orm_tests::{Outcome, TestDb, Wire, each_backend};

each_backend!(only_postgres: the_wire_carries_what_the_log_says);
each_backend!(only_sqlite_file: the_engine_ran_what_the_log_says);

// Tables of their own: the engine's profile reports the statements of all tests.
#[derive(Entity)]
#[orm(table = "counted_authors")]
struct Author {
    #[orm(primary_key)]
    id: i64,
    name: String,
    bio: Deferred<Option<String>>,
    #[orm(foreign_key = author_id, cascade = "all, delete-orphan", order_by = id)]
    books: HasMany<Book>,
}

#[derive(Entity)]
#[orm(table = "counted_books")]
struct Book {
    #[orm(primary_key)]
    id: i64,
    title: String,
    author_id: i64,
    #[orm(foreign_key = author_id, back_populates = books)]
    author: BelongsTo<Author>,
    #[orm(secondary = "counted_book_genres", order_by = id)]
    genres: ManyToMany<Genre>,
}

#[derive(Entity)]
#[orm(table = "counted_genres")]
struct Genre {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

/// Flushes with inserts, updates, deletes and a secondary, then one of every loader.
async fn every_kind_of_statement(db: &Database) -> Outcome {
    let mut session = db.session();
    let graph = |name: &'static str| {
        let book = |n: u8| Book::builder().title(format!("{name}{n}")).genres([Genre::builder().name(name)]);
        Author::builder().name(name).books([book(1), book(2)])
    };
    session.insert_all(["a", "b", "c"].map(graph)).await?;
    session.commit().await?;

    let query = Author::select().order_by(Author::ID.asc()).selectin(Author::BOOKS.selectin(Book::GENRES));
    let authors = session.all(&query).await?;
    for book in authors.iter().flat_map(|author| author.books()) {
        book.set_title("changed");
        book.remove_from_genres(&book.genres().first().expect("a genre"))?;
    }
    let (first, last) = (authors[0], authors[2]);
    first.remove_from_books(&first.books().first().expect("a book"))?;
    session.delete(&last).await?;
    session.commit().await?;

    db.all(&Book::select().joined(Book::AUTHOR.joined(Author::BOOKS))).await?;
    db.all(&Author::select().joined(Author::BOOKS).limit(1)).await?;
    db.all(&Author::select().selectin(Author::BOOKS.limit(1))).await?;
    let author = session.get_one::<Author>(1).await?;
    session.load(&author, Author::BIO).await?;
    session.load(&author, Author::BOOKS).await?;
    session.get_one::<Author>(2).joined(Author::BOOKS).await?;
    session.count(&Author::select()).await?;
    session.exists(&Author::select().filter(Author::BOOKS.any_at_all())).await?;
    session.rollback().await?;
    Ok(())
}

fn texts(logged: Vec<LoggedStatement>) -> Vec<String> {
    logged.into_iter().map(|statement| statement.sql).collect()
}

async fn the_wire_carries_what_the_log_says(db: TestDb) -> Outcome {
    let db = db.with(schema![Author, Book, Genre]).await?;
    let wire = Wire::to(db.url()).await?;
    let through = Database::options(wire.url()).max_connections(2).connect().await?;
    drop(wire.take());
    let log = through.statement_log();
    every_kind_of_statement(&through).await?;
    let logged = texts(log.take());
    assert!(logged.len() > 25, "{logged:#?}");
    // BEGIN, COMMIT and ROLLBACK too.
    assert_eq!(wire.take(), logged);
    Ok(())
}

async fn the_engine_ran_what_the_log_says(db: TestDb) -> Outcome {
    static RAN: Mutex<Vec<String>> = Mutex::new(Vec::new());
    fn ran() -> Vec<String> {
        std::mem::take(&mut RAN.lock().unwrap_or_else(PoisonError::into_inner))
    }
    orm_core::__private::profile_sqlite(|sql| {
        if sql.contains("counted_") {
            RAN.lock().unwrap_or_else(PoisonError::into_inner).push(sql.to_owned());
        }
    });
    let db = db.options().connect().await?;
    db.create_all(schema![Author, Book, Genre]).await?;
    drop(ran());
    let log = db.statement_log();
    every_kind_of_statement(&db).await?;
    let logged = log.take().into_iter().filter(|statement| !statement.kind.is_transaction_frame()).collect();
    let logged = texts(logged);
    assert!(logged.len() > 20, "{logged:#?}");
    assert_eq!(ran(), logged);
    Ok(())
}
