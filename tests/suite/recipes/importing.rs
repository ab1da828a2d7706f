//! Imports of many rows with memory that stays the same: rows without objects, or graphs in batches that are let go of.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

#[derive(Entity)]
#[orm(table = "measurements")]
pub struct Measurement {
    #[orm(primary_key)]
    id: i64,
    sensor: String,
    value: i64,
}

#[derive(Entity)]
#[orm(table = "songs")]
pub struct Song {
    #[orm(primary_key)]
    id: i64,
    title: String,
    #[orm(foreign_key = song_id, back_populates = song, order_by = id)]
    verses: HasMany<Verse>,
}

#[derive(Entity)]
#[orm(table = "verses")]
pub struct Verse {
    #[orm(primary_key)]
    id: i64,
    text: String,
    song_id: i64,
    #[orm(foreign_key = song_id, back_populates = verses)]
    song: BelongsTo<Song>,
}

/// Rows as they come, all of them or none: so many are in memory at a time as one statement carries, and no objects are made.
pub async fn import_rows(db: &Database, lines: impl Iterator<Item = (String, i64)> + Send) -> Result<u64, Error> {
    db.insert_many(lines.map(|(sensor, value)| Measurement::builder().sensor(sensor).value(value))).await
}

/// Graphs, in batches: each is committed and let go of, so that a session never holds more than one of them. Gives how many there were;
/// what was committed stays when a later batch is refused.
pub async fn import_songs(
    session: &mut Session,
    songs: impl Iterator<Item = (String, Vec<String>)> + Send,
    batch: usize,
) -> Result<usize, Error> {
    let mut count = 0;
    for (title, verses) in songs {
        let verses = verses.into_iter().map(|text| Verse::builder().text(text));
        session.add(Song::builder().title(title).verses(verses))?;
        count += 1;
        if count % batch == 0 {
            session.commit_and_clear().await?;
        }
    }
    session.commit_and_clear().await?;
    Ok(count)
}

each_backend!(a_hundred_thousand_rows_are_imported, rows_are_all_or_none, graphs_are_imported_in_batches,);

async fn a_hundred_thousand_rows_are_imported(db: TestDb) -> Outcome {
    let db = db.with(schema![Measurement]).await?;
    let log = db.statement_log();
    let lines = (0..100_000).map(|n| (format!("sensor {}", n % 7), n));
    assert_eq!(import_rows(&db, lines).await?, 100_000);
    assert_eq!(log.texts().len(), 13, "one for each 8192");
    assert_eq!(db.count(&Measurement::select().filter(Measurement::VALUE.ge(99_000))).await?, 1000);
    Ok(())
}

async fn rows_are_all_or_none(db: TestDb) -> Outcome {
    let db = db.with(schema![Measurement]).await?;
    db.run(&["CREATE UNIQUE INDEX one_value ON measurements (value)"]).await?;
    // The last of them is there already.
    let lines = (0..20_000).chain([7]).map(|n| ("s".to_owned(), n));
    refused(import_rows(&db, lines).await, ErrorKind::UniqueViolation);
    assert_eq!(db.count(&Measurement::select()).await?, 0);
    Ok(())
}

async fn graphs_are_imported_in_batches(db: TestDb) -> Outcome {
    let db = db.with(schema![Song, Verse]).await?;
    let mut session = db.session();
    let songs = (0..2_500).map(|n| (format!("song {n}"), (0..4).map(|verse| format!("{n}.{verse}")).collect()));
    let log = db.statement_log();
    assert_eq!(import_songs(&mut session, songs, 1_000).await?, 2_500);
    log.assert(&["INSERT songs", "INSERT verses", "INSERT songs", "INSERT verses", "INSERT songs", "INSERT verses"]);
    // Nothing of it is held.
    assert!(session.peek::<Song>(1).is_err() && session.new_objects::<Song>().is_empty());
    assert_eq!(db.count(&Verse::select()).await?, 10_000);
    let song = db.one(&Song::select().filter(Song::TITLE.eq("song 1234")).selectin(Song::VERSES)).await?;
    let verses: Vec<&str> = song.verses().iter().map(|verse| verse.text()).collect();
    assert_eq!(verses, ["1234.0", "1234.1", "1234.2", "1234.3"]);
    Ok(())
}
