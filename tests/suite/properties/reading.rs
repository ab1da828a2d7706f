//! Random graphs, read by selectin, joined and get, are what plain SQL put there.

use std::collections::BTreeSet;

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, TestDb, each_backend};
use proptest::prelude::{Strategy, prop};

use super::check;
use crate::fixtures::{Book, Chapter, Genre, Writer};

each_backend!(every_loader_reads_what_is_there, a_flushed_graph_is_read_back);

/// Positions are taken modulo how many there are.
#[derive(Clone, Debug)]
struct Volume {
    author: usize,
    editor: Option<usize>,
    chapters: usize,
    genres: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
struct Shelf {
    writers: usize,
    genres: usize,
    books: Vec<Volume>,
}

fn shelves() -> impl Strategy<Value = Shelf> {
    let genres = prop::collection::btree_set(0..4_usize, 0..4);
    let volume = (0..5_usize, prop::option::of(0..5_usize), 0..4_usize, genres)
        .prop_map(|(author, editor, chapters, genres)| Volume { author, editor, chapters, genres });
    (1..5_usize, 1..4_usize, prop::collection::vec(volume, 0..8)).prop_map(|(writers, genres, mut books)| {
        for book in &mut books {
            book.author %= writers;
            book.editor = book.editor.map(|editor| editor % writers);
            book.genres = book.genres.iter().map(|genre| genre % genres).collect();
        }
        Shelf { writers, genres, books }
    })
}

/// A book as text: title, author, editor, chapters, genres.
type Line = (String, String, Option<String>, Vec<String>, BTreeSet<String>);

impl Shelf {
    fn lines(&self) -> Vec<Line> {
        let line = |(n, book): (usize, &Volume)| {
            (
                format!("b{n}"),
                format!("w{}", book.author),
                book.editor.map(|editor| format!("w{editor}")),
                (0..book.chapters).map(|chapter| format!("b{n}c{chapter}")).collect(),
                book.genres.iter().map(|genre| format!("g{genre}")).collect(),
            )
        };
        self.books.iter().enumerate().map(line).collect()
    }

    /// By SQL of our own; keys count from 1.
    async fn store(&self, db: &TestDb) -> Outcome {
        let mut chapter_id = 0;
        for n in 0..self.writers {
            db.run(&[&format!("INSERT INTO writers (id, name) VALUES ({}, 'w{n}')", n + 1)]).await?;
        }
        for n in 0..self.genres {
            db.run(&[&format!("INSERT INTO genres (id, name) VALUES ({}, 'g{n}')", n + 1)]).await?;
        }
        for (n, book) in self.books.iter().enumerate() {
            let (id, author) = (n + 1, book.author + 1);
            let editor = book.editor.map_or("NULL".to_owned(), |editor| (editor + 1).to_string());
            db.run(&[&format!(
                "INSERT INTO books (id, title, author_id, editor_id) VALUES ({id}, 'b{n}', {author}, {editor})"
            )])
            .await?;
            for chapter in 0..book.chapters {
                chapter_id += 1;
                let values = format!("({chapter_id}, 'b{n}c{chapter}', {id})");
                db.run(&[&format!("INSERT INTO chapters (id, title, book_id) VALUES {values}")]).await?;
            }
            for genre in &book.genres {
                let pair = format!("INSERT INTO book_genres (book_id, genre_id) VALUES ({id}, {})", genre + 1);
                db.run(&[&pair]).await?;
            }
        }
        Ok(())
    }
}

type Whole = loaded!(Book { author, editor, chapters, genres });

fn lines<'s>(books: impl IntoIterator<Item = Persistent<'s, Book, Whole>>) -> Vec<Line> {
    let line = |book: Persistent<'s, Book, Whole>| {
        (
            book.title().to_owned(),
            book.author().name().to_owned(),
            book.editor().map(|editor| editor.name().to_owned()),
            book.chapters().iter().map(|chapter| chapter.title().to_owned()).collect(),
            book.genres().iter().map(|genre| genre.name().to_owned()).collect(),
        )
    };
    books.into_iter().map(line).collect()
}

async fn empty(db: &TestDb) -> Outcome {
    db.run(&[
        "DELETE FROM book_genres",
        "DELETE FROM chapters",
        "DELETE FROM books",
        "DELETE FROM genres",
        "DELETE FROM writers",
    ])
    .await
}

fn cases(db: &TestDb) -> u32 {
    if db.is_postgres() { 12 } else { 60 }
}

async fn every_loader_reads_what_is_there(db: TestDb) -> Outcome {
    let db = db.with(schema![Writer, Book, Chapter, Genre]).await?;
    check(cases(&db), &shelves(), async |shelf: Shelf| {
        empty(&db).await?;
        shelf.store(&db).await?;
        let expected = shelf.lines();
        let ordered = Book::select().order_by(Book::ID.asc());

        let session = db.session();
        let all = ordered.clone().selectin(Book::AUTHOR).selectin(Book::EDITOR).selectin(Book::CHAPTERS);
        assert_eq!(lines(session.all(&all.selectin(Book::GENRES)).await?), expected, "selectin");

        let session = db.session();
        let all = ordered.clone().joined(Book::AUTHOR).joined(Book::EDITOR).joined(Book::CHAPTERS);
        assert_eq!(lines(session.all(&all.joined(Book::GENRES)).await?), expected, "joined");

        let session = db.session();
        let mut got = Vec::new();
        for id in 1..=i64::try_from(shelf.books.len())? {
            let book = session.get_one::<Book>(id).selectin(Book::CHAPTERS).joined(Book::AUTHOR).await?;
            let book = session.load(&book, Book::GENRES).await?;
            got.push(session.load(&book, Book::EDITOR).await?);
        }
        assert_eq!(lines(got), expected, "get and load");

        // From the other ends, and back.
        let session = db.session();
        let down =
            Writer::BOOKS.selectin(Book::AUTHOR).joined(Book::EDITOR).joined(Book::CHAPTERS).selectin(Book::GENRES);
        let writers = session.all(&Writer::select().order_by(Writer::ID.asc()).selectin(down)).await?;
        assert_eq!(writers.len(), shelf.writers);
        let mut from_writers = lines(writers.iter().flat_map(|writer| writer.books()));
        from_writers.sort();
        let mut sorted = expected.clone();
        sorted.sort();
        assert_eq!(from_writers, sorted, "by their authors");
        assert!(writers.iter().all(|writer| writer.books().iter().all(|book| book.author() == *writer)));
        Ok(())
    });
    Ok(())
}

async fn a_flushed_graph_is_read_back(db: TestDb) -> Outcome {
    let db = db.with(schema![Writer, Book, Chapter, Genre]).await?;
    check(cases(&db), &shelves(), async |shelf: Shelf| {
        empty(&db).await?;
        let mut session = db.session();
        let writers: Vec<_> = (0..shelf.writers)
            .map(|n| session.add(Writer::builder().name(format!("w{n}"))))
            .collect::<Result<_, _>>()?;
        let genres: Vec<_> =
            (0..shelf.genres).map(|n| session.add(Genre::builder().name(format!("g{n}")))).collect::<Result<_, _>>()?;
        for (n, book) in shelf.books.iter().enumerate() {
            let chapters = (0..book.chapters).map(|chapter| Chapter::builder().title(format!("b{n}c{chapter}")));
            let new = Book::builder().title(format!("b{n}")).author(writers[book.author]).chapters(chapters);
            let new = session.add(new.genres(book.genres.iter().map(|genre| genres[*genre])))?;
            if let Some(editor) = book.editor {
                new.set_editor(writers[editor])?;
            }
        }
        session.commit().await?;
        let query = Book::select().order_by(Book::TITLE.asc()).joined(Book::AUTHOR).selectin(Book::EDITOR);
        let query = query.selectin(Book::CHAPTERS).selectin(Book::GENRES);
        assert_eq!(lines(session.all(&query).await?), shelf.lines());
        Ok(())
    });
    Ok(())
}
