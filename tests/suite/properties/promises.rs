//! Whatever is done through shared borrows, in whatever order: no getter fails on a promised path, and after a flush what is in memory
//! is what is in the database.

use std::collections::BTreeSet;

use orm_core::{
    error::{ErrorKind, Result},
    prelude::*,
    schema,
};
use orm_tests::{Outcome, TestDb, each_backend};
use proptest::prelude::{Strategy, prop, prop_oneof};

use super::check;
use crate::fixtures::{Book, Chapter, Genre, Writer};

each_backend!(no_order_of_operations_breaks_a_promise);

/// One step; numbers are positions in the lists of keys, modulo their lengths.
#[derive(Clone, Copy, Debug)]
enum Step {
    GetWriter(usize),
    GetBook(usize),
    GetChapter(usize),
    QueryWriters,
    QueryBooks,
    QuerySomeBooks(usize),
    QuerySomeChapters(usize),
    QueryPerhaps(usize),
    Refresh(usize),
    LoadChapter(usize),
    SetAuthor { book: usize, writer: usize },
    SetAuthorByKey { book: usize, writer: usize },
    AssignAuthor { book: usize, writer: usize },
    AssignEditor { book: usize, writer: usize },
    AssignBook { chapter: usize, book: usize },
    SetEditor { book: usize, writer: usize },
    ClearEditor(usize),
    AddBook { writer: usize, book: usize },
    RemoveBook { writer: usize, book: usize },
    MoveChapter { chapter: usize, book: usize },
    AddNewChapter(usize),
    RemoveChapter { book: usize, chapter: usize },
    AddGenre { book: usize, genre: usize },
    AddGenreByKey { book: usize, genre: usize },
    AddNewGenre(usize),
    RemoveGenre { book: usize, genre: usize },
    NewBook { writer: usize },
    Flush,
    CommitKeeping,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (one, two) = (|| 0..3_usize, || (0..3_usize, 0..3_usize));
    let step = prop_oneof![
        one().prop_map(Step::GetWriter),
        one().prop_map(Step::GetBook),
        one().prop_map(Step::GetChapter),
        one().prop_map(|_| Step::QueryWriters),
        one().prop_map(|_| Step::QueryBooks),
        one().prop_map(Step::QuerySomeBooks),
        one().prop_map(Step::QuerySomeChapters),
        one().prop_map(Step::QueryPerhaps),
        one().prop_map(Step::Refresh),
        one().prop_map(Step::LoadChapter),
        two().prop_map(|(book, writer)| Step::SetAuthor { book, writer }),
        two().prop_map(|(book, writer)| Step::SetAuthorByKey { book, writer }),
        two().prop_map(|(book, writer)| Step::AssignAuthor { book, writer }),
        two().prop_map(|(book, writer)| Step::AssignEditor { book, writer }),
        two().prop_map(|(chapter, book)| Step::AssignBook { chapter, book }),
        two().prop_map(|(book, writer)| Step::SetEditor { book, writer }),
        one().prop_map(Step::ClearEditor),
        two().prop_map(|(writer, book)| Step::AddBook { writer, book }),
        two().prop_map(|(writer, book)| Step::RemoveBook { writer, book }),
        two().prop_map(|(chapter, book)| Step::MoveChapter { chapter, book }),
        one().prop_map(Step::AddNewChapter),
        two().prop_map(|(book, chapter)| Step::RemoveChapter { book, chapter }),
        two().prop_map(|(book, genre)| Step::AddGenre { book, genre }),
        two().prop_map(|(book, genre)| Step::AddGenreByKey { book, genre }),
        one().prop_map(Step::AddNewGenre),
        two().prop_map(|(book, genre)| Step::RemoveGenre { book, genre }),
        one().prop_map(|writer| Step::NewBook { writer }),
        one().prop_map(|_| Step::Flush),
        one().prop_map(|_| Step::CommitKeeping),
    ];
    prop::collection::vec(step, 1..30)
}

type DeepWriter = loaded!(Writer { books { chapters, genres } });
type DeepBook = loaded!(Book { author { books }, editor, genres, chapters { book } });
type DeepChapter = loaded!(Chapter { book { author, chapters } });

/// Handles that were given out, each with what it was promised.
#[derive(Default)]
struct Held<'s> {
    writers: Vec<Persistent<'s, Writer, DeepWriter>>,
    books: Vec<Persistent<'s, Book, DeepBook>>,
    chapters: Vec<Persistent<'s, Chapter, DeepChapter>>,
    /// Handles whose types no program writes down: what is read of them.
    others: Vec<Box<dyn Fn() -> usize + Send + Sync + 's>>,
}

impl Held<'_> {
    /// Reads every promised path: a getter that fails panics.
    fn read_everything(&self) -> usize {
        let mut read = 0;
        for writer in &self.writers {
            for book in writer.books() {
                read += book.title().len();
                read += book.chapters().iter().map(|chapter| chapter.title().len()).sum::<usize>();
                read += book.genres().iter().map(|genre| genre.name().len()).sum::<usize>();
            }
        }
        for book in &self.books {
            read += book.author().books().iter().map(|book| book.title().len()).sum::<usize>();
            read += book.editor().map_or(0, |editor| editor.name().len());
            read += book.genres().iter().map(|genre| genre.name().len()).sum::<usize>();
            read += book.chapters().iter().map(|chapter| chapter.book().title().len()).sum::<usize>();
        }
        for chapter in &self.chapters {
            read += chapter.book().author().name().len();
            read += chapter.book().chapters().iter().map(|chapter| chapter.title().len()).sum::<usize>();
        }
        read + self.others.iter().map(|other| other()).sum::<usize>()
    }
}

async fn step<'s>(session: &'s Session, held: &mut Held<'s>, step: Step) -> Result<()> {
    let key = |position: usize| i64::try_from(position).unwrap_or_default() + 1;
    let book = |position| session.get_one::<Book>(key(position));
    let writer = |position| session.get_one::<Writer>(key(position));
    match step {
        Step::GetWriter(at) => drop(writer(at).await?),
        Step::GetBook(at) => {
            let deep = Book::CHAPTERS.selectin(Chapter::BOOK);
            let get = book(at).selectin(Book::AUTHOR.selectin(Writer::BOOKS)).joined(Book::EDITOR);
            held.books.push(get.selectin(Book::GENRES).selectin(deep).await?);
        }
        Step::GetChapter(at) => {
            if let Some(chapter) = session.get::<Chapter>(key(at)).await? {
                let deep = Chapter::BOOK.selectin(Book::AUTHOR).selectin(Book::CHAPTERS);
                held.chapters.push(session.load(&chapter, deep).await?);
            }
        }
        Step::QueryWriters => {
            let deep = Writer::BOOKS.selectin(Book::CHAPTERS).joined(Book::GENRES);
            held.writers.extend(session.all(&Writer::select().selectin(deep)).await?);
        }
        Step::QueryBooks => {
            let query = Book::select().joined(Book::AUTHOR.selectin(Writer::BOOKS)).selectin(Book::EDITOR);
            let query = query.joined(Book::GENRES).selectin(Book::CHAPTERS.joined(Chapter::BOOK));
            held.books.extend(session.all(&query).await?);
        }
        Step::QuerySomeBooks(at) => {
            let some = Writer::BOOKS.filter(Book::ID.ne(key(at)));
            let query =
                Writer::select().selectin(some.joined(Book::AUTHOR).selectin(Book::CHAPTERS.selectin(Chapter::BOOK)));
            for writer in session.all(&query).await? {
                held.others.push(Box::new(move || {
                    let read = |book: Persistent<'_, Book, _>| -> usize {
                        let chapters = book.chapters();
                        book.author().name().len()
                            + chapters.iter().map(|chapter| chapter.book().title().len()).sum::<usize>()
                    };
                    writer.books_subset().iter().map(read).sum()
                }));
            }
        }
        Step::QuerySomeChapters(at) => {
            let some = Book::CHAPTERS.filter(Chapter::ID.ne(key(at))).joined(Chapter::BOOK.selectin(Book::GENRES));
            for writer in session.all(&Writer::select().selectin(Writer::BOOKS.selectin(some))).await? {
                held.others.push(Box::new(move || {
                    let chapters =
                        writer.books().iter().flat_map(|book| book.chapters_subset().iter().collect::<Vec<_>>());
                    chapters.map(|chapter| chapter.book().genres().len()).sum()
                }));
            }
        }
        Step::QueryPerhaps(at) => {
            let genres = Book::GENRES.selectin(Genre::BOOKS);
            let query =
                Book::select().joined_if(at != 1, Book::AUTHOR.selectin(Writer::EDITED)).selectin_if(at != 2, genres);
            for book in session.all(&query).await? {
                held.others.push(Box::new(move || {
                    let edited = book.try_author().map_or(0, |author| author.edited().len());
                    let read = |genre: Persistent<'_, Genre, _>| -> usize {
                        genre.books().iter().map(|book| book.title().len()).sum()
                    };
                    edited + book.try_genres().map_or(0, |genres| genres.iter().map(read).sum())
                }));
            }
        }
        Step::Refresh(at) => drop(session.refresh(&book(at).await?).await?),
        Step::LoadChapter(at) => {
            let chapters = session.all(&Chapter::select().filter(Chapter::BOOK.is(key(at)))).await?;
            session.load_all(&chapters, Chapter::BOOK).await?;
        }
        Step::SetAuthor { book: at, writer: to } => book(at).await?.set_author(writer(to).await?)?,
        Step::SetAuthorByKey { book: at, writer: to } => book(at).await?.set_author(Key::<Writer>::new(key(to)))?,
        Step::AssignAuthor { book: at, writer: to } => {
            session.assign(&book(at).await?, Book::AUTHOR, Key::<Writer>::new(key(to))).await?;
        }
        Step::AssignEditor { book: at, writer: to } => {
            session.assign(&book(at).await?, Book::EDITOR, writer(to).await?).await?;
        }
        Step::AssignBook { chapter, book: to } => {
            if let Some(chapter) = session.get::<Chapter>(key(chapter)).await? {
                session.assign(&chapter, Chapter::BOOK, Key::<Book>::new(key(to))).await?;
            }
        }
        Step::SetEditor { book: at, writer: to } => book(at).await?.set_editor(writer(to).await?)?,
        Step::ClearEditor(at) => book(at).await?.clear_editor()?,
        Step::AddBook { writer: to, book: at } => writer(to).await?.add_to_books(book(at).await?)?,
        Step::RemoveBook { writer: from, book: at } => writer(from).await?.remove_from_books(&book(at).await?)?,
        Step::MoveChapter { chapter, book: to } => {
            if let Some(chapter) = session.get::<Chapter>(key(chapter)).await? {
                chapter.set_book(book(to).await?)?;
            }
        }
        Step::AddNewChapter(to) => book(to).await?.add_to_chapters(Chapter::builder().title("new").build())?,
        Step::RemoveChapter { book: from, chapter } => {
            let from = book(from).selectin(Book::CHAPTERS).await?;
            if let Some(chapter) = from.chapters().get(chapter) {
                from.remove_from_chapters(&chapter)?;
            }
        }
        // Whether the list is loaded or not: a pair that is there already stays.
        Step::AddGenre { book: to, genre } => {
            let genre = session.get_one::<Genre>(key(genre)).await?;
            book(to).await?.add_to_genres(genre)?;
        }
        Step::AddGenreByKey { book: to, genre } => {
            book(to).selectin(Book::GENRES).await?.add_to_genres(Key::<Genre>::new(key(genre)))?;
        }
        Step::AddNewGenre(to) => {
            let name = format!("new {}", session.count(&Genre::select()).await?);
            book(to).await?.add_to_genres(Genre::builder().name(name).build())?;
        }
        Step::RemoveGenre { book: from, genre } => {
            let from = book(from).selectin(Book::GENRES).await?;
            if let Some(genre) = from.genres().get(genre) {
                from.remove_from_genres(&genre)?;
            }
        }
        Step::NewBook { writer: by } => {
            let new = Book::builder().title("new").author(writer(by).await?);
            session.add(new.chapters([Chapter::builder().title("first")]))?;
        }
        Step::Flush => session.flush().await?,
        Step::CommitKeeping => session.commit_keeping().await?,
    }
    Ok(())
}

/// What may be refused without anything being wrong.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BreaksPromise | ErrorKind::MissingParent | ErrorKind::State | ErrorKind::ObjectDeleted
    )
}

/// A flush refuses what was written after an autoflush had deleted its row; even then every handle can be read.
fn ended_by(error: &Error, held: &Held<'_>) -> Outcome {
    assert_eq!(error.kind(), ErrorKind::ObjectDeleted, "{error:?}");
    held.read_everything();
    Ok(())
}

async fn no_order_of_operations_breaks_a_promise(db: TestDb) -> Outcome {
    let db = db.with(schema![Writer, Book, Chapter, Genre]).await?;
    let cases = if db.is_postgres() { 24 } else { 150 };
    check(cases, &steps(), async |steps: Vec<Step>| {
        db.run(&[
            "DELETE FROM book_genres",
            "DELETE FROM chapters",
            "DELETE FROM books",
            "DELETE FROM genres",
            "DELETE FROM writers",
            "INSERT INTO writers (id, name) VALUES (1, 'w1'), (2, 'w2'), (3, 'w3')",
            "INSERT INTO books (id, title, author_id, editor_id) VALUES (1, 'b1', 1, NULL), (2, 'b2', 1, 2), (3, 'b3', 2, 1)",
            "INSERT INTO chapters (id, title, book_id) VALUES (1, 'c1', 1), (2, 'c2', 1), (3, 'c3', 2)",
            "INSERT INTO genres (id, name) VALUES (1, 'g1'), (2, 'g2'), (3, 'g3')",
            "INSERT INTO book_genres (book_id, genre_id) VALUES (1, 1), (1, 2), (2, 1)",
        ])
        .await?;
        reset_keys(&db).await?;
        let session = db.session();
        let mut held = Held::default();
        for one in steps {
            match step(&session, &mut held, one).await {
                Ok(()) => {}
                Err(error) if is_refusal(&error) && !session.needs_rollback() => {}
                Err(error) => return ended_by(&error, &held),
            }
            held.read_everything();
        }
        if let Err(error) = session.commit_keeping().await {
            return ended_by(&error, &held);
        }
        held.read_everything();
        compare(&db, &held).await
    });
    Ok(())
}

/// New rows get keys beyond those that were given.
async fn reset_keys(db: &TestDb) -> Outcome {
    if !db.is_postgres() {
        return Ok(());
    }
    for table in ["writers", "books", "chapters", "genres"] {
        db.run(&[&format!("ALTER TABLE {table} ALTER COLUMN id RESTART WITH 10")]).await?;
    }
    Ok(())
}

/// Nobody else has written: every list in memory is the database's.
async fn compare(db: &TestDb, held: &Held<'_>) -> Outcome {
    let query = Book::select().selectin(Book::GENRES).selectin(Book::CHAPTERS).selectin(Book::AUTHOR);
    let stored = db.all(&query).await?;
    for book in &held.books {
        let stored = stored.iter().find(|stored| stored.id() == book.id()).expect("no book was deleted");
        assert_eq!(book.author().id(), stored.author_id(), "author of {book:?}");
        assert_eq!(book.editor().map(|editor| editor.id()), stored.editor_id(), "editor of {book:?}");
        let genres = |ids: BTreeSet<i64>, stored: BTreeSet<i64>| assert_eq!(ids, stored, "genres of {book:?}");
        genres(
            book.genres().iter().map(|genre| genre.id()).collect(),
            stored.genres().iter().map(|genre| genre.id()).collect(),
        );
        let mine: BTreeSet<i64> = book.chapters().iter().map(|chapter| chapter.id()).collect();
        let theirs: BTreeSet<i64> = stored.chapters().iter().map(|chapter| chapter.id()).collect();
        assert_eq!(mine, theirs, "chapters of {book:?}");
    }
    for writer in &held.writers {
        let mine: BTreeSet<i64> = writer.books().iter().map(|book| book.id()).collect();
        let theirs = stored.iter().filter(|book| book.author_id() == writer.id()).map(|book| book.id()).collect();
        assert_eq!(mine, theirs, "books of {writer:?}");
    }
    Ok(())
}
