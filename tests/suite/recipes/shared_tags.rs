//! Tags that several writers make at once: each tag is there once, whoever was first, and nobody fails.

use orm_core::{database::BeginMode, prelude::*};
use orm_tests::{Outcome, TestDb, each_backend};

#[derive(Entity)]
#[orm(table = "photos")]
pub struct Photo {
    #[orm(primary_key)]
    id: i64,
    title: String,
    #[orm(secondary = "photo_labels", back_populates = photos, order_by = name)]
    labels: ManyToMany<Label>,
}

#[derive(Entity)]
#[orm(table = "labels")]
pub struct Label {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique, length = 50)]
    name: String,
    #[orm(secondary = "photo_labels", back_populates = labels, order_by = id)]
    photos: ManyToMany<Photo>,
}

/// Labels a photo. `one_or_insert` looks, inserts within a savepoint where there is nothing, and looks again where another writer was
/// faster; adding to a list that is not loaded sends nothing, and a pair that is there already stays.
pub async fn label(session: &mut Session, photo: Key<Photo>, names: &[&str]) -> Result<(), Error> {
    let photo = session.get_one(photo).await?;
    // In one order for everybody, so that no two writers wait for each other.
    let mut names = names.to_vec();
    names.sort_unstable();
    for name in names {
        let label = session
            .one_or_insert(&Label::select().filter(Label::NAME.eq(name)), || Label::builder().name(name))
            .await?;
        photo.add_to_labels(label)?;
    }
    session.commit().await
}

each_backend!(labels_are_found_or_made_and_given_once);

each_backend!(sqlite_file: two_writers_at_once_make_each_label_once);

async fn labels_of(db: &Database, photo: i64) -> Outcome<Vec<String>> {
    let photo = db.one(&Photo::select().filter(Photo::ID.eq(photo)).selectin(Photo::LABELS)).await?;
    Ok(photo.labels().iter().map(|label| label.name().to_owned()).collect())
}

async fn labels_are_found_or_made_and_given_once(db: TestDb) -> Outcome {
    let db = db.with(schema![Photo, Label]).await?;
    let mut session = db.session();
    let photo = Key::of(&session.insert(Photo::builder().title("sea")).await?);
    label(&mut session, photo, &["blue", "wide"]).await?;
    label(&mut session, photo, &["wide", "blue", "wet"]).await?;
    assert_eq!(labels_of(&db, 1).await?, ["blue", "wet", "wide"]);
    assert_eq!(db.count(&Label::select()).await?, 3);
    Ok(())
}

async fn two_writers_at_once_make_each_label_once(db: TestDb) -> Outcome {
    let db = db.with(schema![Photo, Label]).await?;
    let mut session = db.session();
    let photos = session.insert_all(["sea", "sky"].map(|title| Photo::builder().title(title))).await?;
    let photos: Vec<Key<Photo>> = photos.iter().map(Key::of).collect();
    session.commit().await?;
    // SQLite has one writer at a time, who says so at once.
    let sessions = db.session_factory().begin_mode(BeginMode::Immediate);
    let write = |photo: Key<Photo>, names: &'static [&'static str]| {
        let sessions = sessions.clone();
        tokio::spawn(async move {
            for _ in 0..5 {
                label(&mut sessions.session(), photo, names).await?;
            }
            Ok::<_, Error>(())
        })
    };
    let writers = [
        write(photos[0], &["blue", "wide", "wet"]),
        write(photos[1], &["wide", "high", "blue"]),
        write(photos[0], &["far", "blue"]),
        write(photos[1], &["blue", "far"]),
    ];
    for writer in writers {
        writer.await??;
    }
    assert_eq!(labels_of(&db, 1).await?, ["blue", "far", "wet", "wide"]);
    assert_eq!(labels_of(&db, 2).await?, ["blue", "far", "high", "wide"]);
    assert_eq!(db.count(&Label::select()).await?, 5);
    Ok(())
}
