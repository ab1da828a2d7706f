//! SQL of the user's own: into values, tuples, structs and entities; on a session and on a database.

mod texts;

use orm_core::{
    error::{Error, ErrorKind},
    prelude::*,
};
use orm_tests::{Outcome, TestDb, each_backend};

#[derive(Entity)]
#[orm(table = "raw_authors")]
pub struct Author {
    #[orm(primary_key)]
    id: i64,
    #[orm(column = "full_name")]
    name: String,
    bio: Deferred<Option<String>>,
    #[orm(foreign_key = author_id)]
    books: HasMany<Book>,
}

#[derive(Entity)]
#[orm(table = "raw_books")]
pub struct Book {
    #[orm(primary_key)]
    id: i64,
    title: String,
    author_id: i64,
    #[orm(foreign_key = author_id, back_populates = books)]
    author: BelongsTo<Author>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ColumnType)]
struct Likes(i64);

#[derive(Debug, PartialEq, Row)]
struct NameCount {
    name: String,
    #[orm(column = "how_many")]
    books: i64,
}

each_backend!(
    rows_become_structs_tuples_and_single_values,
    one_none_or_too_many,
    what_a_result_lacks_is_named,
    entities_on_a_session_are_tracked_and_share_its_identity_map,
    a_session_runs_it_in_its_transaction,
    a_database_gives_detached_values,
);

/// Ada (1), who wrote Notes? and Loops, and Bo (2), who sails and wrote Sea.
async fn authors(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Author, Book]).await?;
    let insert = "INSERT INTO raw_authors (id, full_name, bio) VALUES (?, ?, ?), (?, ?, ?)";
    let insert = db.sql(insert).bind(1_i64).bind("Ada").bind(None::<String>).bind(2_i64).bind("Bo").bind("sails");
    assert_eq!(insert.execute().await?, 2);
    let insert = "INSERT INTO raw_books (id, title, author_id) VALUES (1, 'Notes?', 1), (2, 'Loops', 1), (3, 'Sea', 2)";
    db.sql(insert).execute().await?;
    Ok(db)
}

const BY_AUTHOR: &str = "SELECT a.full_name AS name, count(*) AS how_many, 'x' AS other \
     FROM raw_authors a JOIN raw_books b ON b.author_id = a.id GROUP BY a.full_name ORDER BY a.full_name";

async fn rows_become_structs_tuples_and_single_values(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    let session = db.session();
    let expected = [NameCount { name: "Ada".to_owned(), books: 2 }, NameCount { name: "Bo".to_owned(), books: 1 }];
    assert_eq!(db.sql(BY_AUTHOR).all::<NameCount>().await.expect("rows"), expected);
    assert_eq!(session.sql(BY_AUTHOR).all::<NameCount>().await.expect("rows"), expected);

    let titles = "SELECT id, title, NULLIF(1, 1) FROM raw_books WHERE author_id = ? AND title <> '?' ORDER BY id";
    let rows: Vec<(i64, String, Option<Likes>)> = db.sql(titles).bind(1_i64).all().await.expect("rows");
    assert_eq!(rows, [(1, "Notes?".to_owned(), None), (2, "Loops".to_owned(), None)]);
    let ids: Vec<i64> =
        session.sql("SELECT id FROM raw_books WHERE id > ? ORDER BY 1").bind(Likes(1)).all().await.expect("rows");
    assert_eq!(ids, [2, 3]);
    let ids: Vec<i64> = db
        .sql(format!("SELECT id FROM {} WHERE id IN (?2, ?1) AND id > ?1", "raw_books"))
        .bind(1_i64)
        .bind(3_i64)
        .all()
        .await
        .expect("rows");
    assert_eq!(ids, [3]);
    Ok(())
}

async fn one_none_or_too_many(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    let ids = |least: i64| db.sql("SELECT id FROM raw_books WHERE id >= ? ORDER BY id").bind(least);
    assert_eq!(ids(3).one::<i64>().await.expect("a row"), 3);
    assert_eq!(ids(9).one::<i64>().await.expect_err("none").kind(), ErrorKind::NotFound);
    assert_eq!(ids(1).one::<i64>().await.expect_err("three").kind(), ErrorKind::MultipleRows);
    assert_eq!(ids(9).one_or_none::<i64>().await.expect("none"), None);
    assert_eq!(ids(1).one_or_none::<i64>().await.expect_err("three").kind(), ErrorKind::MultipleRows);
    assert_eq!(ids(1).first::<i64>().await.expect("a row"), Some(1));
    assert_eq!(ids(9).first::<(i64,)>().await.expect("none"), None);
    Ok(())
}

async fn what_a_result_lacks_is_named(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    fn names(error: &Error) -> (ErrorKind, &[String], String) {
        (error.kind(), error.columns(), error.to_string())
    }
    let lacking = db.sql("SELECT full_name AS name FROM raw_authors").all::<NameCount>().await.expect_err("no count");
    assert_eq!(
        names(&lacking),
        (
            ErrorKind::Schema,
            &["how_many".to_owned()][..],
            "the result has no column `how_many`, only `name`".to_owned()
        )
    );
    let lacking = db.sql("SELECT id FROM raw_authors").entities::<Author>().await.expect_err("no name");
    assert_eq!((lacking.kind(), lacking.columns()), (ErrorKind::Schema, &["full_name".to_owned()][..]));
    assert_eq!((lacking.entity(), lacking.attribute()), (Some("Author"), Some("name")));

    let twice = db.sql("SELECT 1 AS name, 2 AS name, 3 AS how_many").all::<NameCount>().await.expect_err("two names");
    assert_eq!((twice.kind(), twice.columns()), (ErrorKind::Schema, &["name".to_owned()][..]));

    let wide = db.sql("SELECT 1, 2").all::<i64>().await.expect_err("two columns");
    assert_eq!(wide.kind(), ErrorKind::Decode);
    assert!(wide.to_string().contains("has 2 columns"), "{wide}");
    let wrong = db.sql("SELECT 'a' AS name, 'b' AS how_many").one::<NameCount>().await.expect_err("text");
    assert_eq!((wrong.kind(), wrong.attribute()), (ErrorKind::Decode, Some("how_many")));
    let null = db.sql("SELECT 'a' AS a, NULLIF(1, 1) AS b").one::<(String, i64)>().await.expect_err("NULL");
    assert_eq!((null.kind(), null.attribute()), (ErrorKind::Decode, Some("b")));

    let unbound = db.sql("SELECT id FROM raw_books WHERE id = ?").all::<i64>().await.expect_err("no value");
    assert_eq!(unbound.kind(), ErrorKind::Value, "{unbound:?}");
    Ok(())
}

async fn entities_on_a_session_are_tracked_and_share_its_identity_map(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    let session = db.session();
    let ada = session.get_one::<Author>(1).await.expect("a row");
    ada.set_name("Ada L.");
    // A new name is not flushed here: it would be overwritten if rows replaced what is held.
    let manual = db.session_factory().autoflush(false).session();
    let held = manual.get_one::<Author>(1).await.expect("a row");
    held.set_name("Countess");
    let found = manual
        .sql("SELECT 7 AS other, full_name, id, bio FROM raw_authors WHERE id <= ? ORDER BY id")
        .bind(2)
        .entities::<Author>()
        .selectin(Author::BOOKS)
        .await
        .expect("rows");
    assert_eq!(found.len(), 2);
    assert!(found[0] == held, "one object for each key");
    assert_eq!((found[0].name(), found[1].name()), ("Countess", "Bo"));
    let titles: Vec<_> = found[0].books().iter().map(|book| book.title().to_owned()).collect();
    assert_eq!(titles, ["Notes?", "Loops"]);

    // A deferred column out of the same row: no second statement.
    let log = db.statement_log();
    let bo = manual.sql("SELECT * FROM raw_authors WHERE id = 2").entities::<Author>().undefer(Author::BIO).one().await;
    assert_eq!(bo.expect("a row").bio(), Some("sails"));
    let bo = manual.sql("SELECT id, full_name FROM raw_authors WHERE id = 2").entities::<Author>().first().await;
    assert_eq!(bo.expect("rows").expect("a row").name(), "Bo");
    assert_eq!(log.count(), 2, "{log}");
    drop(log);

    let none = manual.sql("SELECT * FROM raw_authors WHERE id = 9").entities::<Author>().one_or_none().await;
    assert!(none.expect("no row").is_none());
    Ok(())
}

async fn a_session_runs_it_in_its_transaction(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    let mut session = db.session();
    let changed = session.sql("UPDATE raw_books SET title = ? WHERE author_id = ?").bind("T").bind(1).execute().await;
    assert_eq!(changed.expect("updated"), 2);
    let titles: Vec<String> = session.sql("SELECT title FROM raw_books ORDER BY id").all().await.expect("rows");
    assert_eq!(titles, ["T", "T", "Sea"]);
    for sql in ["COMMIT", "rollback", "SAVEPOINT s"] {
        assert_eq!(session.sql(sql).execute().await.expect_err("not its business").kind(), ErrorKind::State);
    }
    session.rollback().await.expect("rolled back");
    let titles: Vec<String> = session.sql("SELECT title FROM raw_books ORDER BY id").all().await.expect("rows");
    assert_eq!(titles, ["Notes?", "Loops", "Sea"]);
    Ok(())
}

async fn a_database_gives_detached_values(db: TestDb) -> Outcome {
    let db = authors(db).await?;
    let twice = "SELECT a.* FROM raw_authors a JOIN raw_books b ON b.author_id = a.id ORDER BY b.id";
    let authors: Vec<Detached<Author>> = db.sql(twice).entities().await.expect("rows");
    let names: Vec<_> = authors.iter().map(|author| author.name().to_owned()).collect();
    assert_eq!(names, ["Ada", "Ada", "Bo"]);
    let bo = db.sql("SELECT * FROM raw_authors WHERE full_name = ?").bind("Bo").entities::<Author>();
    let bo = bo.selectin(Author::BOOKS).undefer(Author::BIO).one().await.expect("a row");
    assert_eq!((bo.bio(), bo.books()[0].title()), (Some("sails"), "Sea"));
    Ok(())
}
