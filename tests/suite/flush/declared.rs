//! What relationships and columns declare, as a flush takes it: association objects, `viewonly`, `order_by`, `passive_deletes`, versions,
//! keys that no batch can carry.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::Versioned;

#[derive(Entity)]
#[orm(table = "students")]
struct Student {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(foreign_key = student_id, back_populates = student, cascade = "all, delete-orphan", order_by = (grade desc, course_id))]
    enrolments: HasMany<Enrolment>,
    /// The same rows, read only.
    #[orm(secondary(table = "enrolments", owner = "student_id", target = "course_id"), viewonly, order_by = title)]
    courses: ManyToMany<Course>,
}

#[derive(Entity)]
#[orm(table = "courses")]
struct Course {
    #[orm(primary_key)]
    id: i64,
    title: String,
    #[orm(foreign_key = course_id, back_populates = course, cascade = "all, delete-orphan")]
    enrolments: HasMany<Enrolment>,
}

/// Between the two, with something of its own: SQLAlchemy's association object.
#[derive(Entity)]
#[orm(table = "enrolments")]
struct Enrolment {
    #[orm(primary_key)]
    student_id: i64,
    #[orm(primary_key)]
    course_id: i64,
    grade: i32,
    #[orm(back_populates = enrolments)]
    student: BelongsTo<Student>,
    #[orm(back_populates = enrolments)]
    course: BelongsTo<Course>,
}

/// Its pages go with it in the database.
#[derive(Entity)]
#[orm(table = "folders")]
struct Folder {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(foreign_key = folder_id, back_populates = folder, cascade = "all, delete-orphan", passive_deletes)]
    files: HasMany<File>,
}

#[derive(Entity)]
#[orm(table = "files")]
struct File {
    #[orm(primary_key)]
    id: i64,
    name: String,
    folder_id: i64,
    #[orm(back_populates = files, on_delete = "cascade")]
    folder: BelongsTo<Folder>,
}

#[derive(Entity)]
#[orm(table = "blobs")]
struct Blob {
    #[orm(primary_key)]
    digest: Vec<u8>,
    weight: f64,
    note: Option<String>,
}

#[derive(Entity)]
#[orm(table = "texts")]
struct Text {
    #[orm(primary_key)]
    key: String,
    value: String,
}

each_backend!(
    an_association_object_is_written_through_either_side,
    a_viewonly_relationship_is_read_and_never_written,
    a_collection_is_in_its_order_however_it_is_loaded,
    what_is_not_loaded_is_left_to_the_database,
    one_stale_row_of_a_batch_is_found,
    one_stale_row_of_a_batch_of_deletions_is_found,
    keys_of_bytes_are_written_in_batches_or_without,
);

each_backend!(only_sqlite: keys_with_a_nul_are_written_one_by_one);

async fn school(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Student, Course, Enrolment]).await?;
    let mut session = db.session();
    let courses = session.insert_all(["Logic", "Algebra", "Music"].map(|title| Course::builder().title(title))).await?;
    let enrolment = |at: usize, grade| Enrolment::builder().course(courses[at]).grade(grade);
    session.add(Student::builder().name("Ada").enrolments([enrolment(0, 5), enrolment(1, 6)]))?;
    session.add(Student::builder().name("Bob").enrolments([enrolment(1, 3)]))?;
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["INSERT students", "INSERT enrolments"]);
    Ok(db)
}

async fn an_association_object_is_written_through_either_side(db: TestDb) -> Outcome {
    let db = school(db).await?;
    let mut session = db.session();
    let ada = session.one(&Student::select().filter(Student::NAME.eq("Ada")).selectin(Student::ENROLMENTS)).await?;
    let music = session.one(&Course::select().filter(Course::TITLE.eq("Music"))).await?;
    ada.enrolments().iter().for_each(|enrolment| enrolment.set_grade(enrolment.grade() - 1));
    music.add_to_enrolments(Enrolment::builder().student(ada).grade(1).build())?;
    let first = ada.enrolments().first().expect("two");
    assert_eq!(first.grade(), 5, "the better grade comes first");
    ada.remove_from_enrolments(&first)?;
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["UPDATE enrolments", "INSERT enrolments", "DELETE enrolments"]);
    let grades = db.all(&Enrolment::select().order_by(Enrolment::STUDENT_ID.asc()).joined(Enrolment::COURSE)).await?;
    let mut grades: Vec<_> =
        grades.iter().map(|it| (it.student_id(), it.course().title().to_owned(), it.grade())).collect();
    grades.sort();
    assert_eq!(grades, [(1, "Logic".to_owned(), 4), (1, "Music".to_owned(), 1), (2, "Algebra".to_owned(), 3)]);

    // The course goes, and its enrolments with it.
    let algebra = session.one(&Course::select().filter(Course::TITLE.eq("Algebra"))).await?;
    session.delete(&algebra).await?;
    drop(log.take());
    session.commit().await?;
    log.assert(&["SELECT enrolments", "DELETE enrolments", "DELETE courses"]);
    Ok(())
}

async fn a_viewonly_relationship_is_read_and_never_written(db: TestDb) -> Outcome {
    let db = school(db).await?;
    let mut session = db.session();
    let ada = session.one(&Student::select().filter(Student::NAME.eq("Ada")).selectin(Student::COURSES)).await?;
    assert_eq!(ada.courses().iter().map(|course| course.title()).collect::<Vec<_>>(), ["Algebra", "Logic"]);
    let joined = db.one(&Student::select().filter(Student::NAME.eq("Ada")).joined(Student::COURSES)).await?;
    assert_eq!(joined.courses().len(), 2);
    assert_eq!(db.count(&Student::select().filter(Student::COURSES.any(Course::TITLE.eq("Algebra")))).await?, 2);
    session.delete(&ada).await?;
    let log = db.statement_log();
    session.commit().await?;
    // By its enrolments, which it owns; not by what it only views.
    log.assert(&["SELECT enrolments", "DELETE enrolments", "DELETE students"]);
    Ok(())
}

async fn a_collection_is_in_its_order_however_it_is_loaded(db: TestDb) -> Outcome {
    let db = school(db).await?;
    let mut session = db.session();
    let grades = |student: Persistent<'_, Student, loaded!(Student { enrolments })>| {
        student.enrolments().iter().map(|enrolment| enrolment.grade()).collect::<Vec<_>>()
    };
    let ada = Student::select().filter(Student::NAME.eq("Ada"));
    assert_eq!(grades(session.one(&ada.clone().joined(Student::ENROLMENTS)).await?), [6, 5]);
    session.commit().await?;
    let bare = session.one(&ada.clone()).await?;
    let loaded = session.load(&bare, Student::ENROLMENTS).await?;
    assert_eq!(grades(loaded), [6, 5]);
    // One that comes stands at the end until the list is read again, as in SQLAlchemy.
    let music = session.one(&Course::select().filter(Course::TITLE.eq("Music"))).await?;
    loaded.add_to_enrolments(Enrolment::builder().course(music).grade(9).build())?;
    session.flush().await?;
    assert_eq!(grades(loaded), [6, 5, 9]);
    session.commit().await?;
    assert_eq!(grades(session.one(&ada.selectin(Student::ENROLMENTS)).await?), [9, 6, 5]);
    Ok(())
}

async fn what_is_not_loaded_is_left_to_the_database(db: TestDb) -> Outcome {
    let db = db.with(schema![Folder, File]).await?;
    let mut session = db.session();
    let files = || ["a", "b"].map(|name| File::builder().name(name));
    session
        .insert_all([Folder::builder().name("x").files(files()), Folder::builder().name("y").files(files())])
        .await?;
    session.commit().await?;
    let x = session.one(&Folder::select().filter(Folder::NAME.eq("x"))).await?;
    session.delete(&x).await?;
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["DELETE folders"]);
    // Loaded, they are deleted as any others.
    let y = session.one(&Folder::select().selectin(Folder::FILES)).await?;
    session.delete(&y).await?;
    drop(log.take());
    session.commit().await?;
    log.assert(&["DELETE files", "DELETE folders"]);
    assert_eq!(db.count(&File::select()).await?, 0);
    Ok(())
}

async fn versions(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Versioned]).await?;
    let mut session = db.session();
    session.insert_all((0..40).map(|n| Versioned::builder().name(format!("v{n}")))).await?;
    session.commit().await?;
    Ok(db)
}

async fn one_stale_row_of_a_batch_is_found(db: TestDb) -> Outcome {
    let db = versions(db).await?;
    let mut session = db.session();
    let rows = session.all(&Versioned::select().order_by(Versioned::ID.asc())).await?;
    session.commit_keeping().await?;
    db.run(&["UPDATE versioned SET version = 7 WHERE id = 23"]).await?;
    rows.iter().for_each(|row| row.set_name(format!("{}!", row.name())));
    let log = db.statement_log();
    let error = refused(session.flush().await, ErrorKind::StaleData);
    // MySQL tells how many rows were found, not which: those are read.
    log.assert(db.or_mysql(&["UPDATE versioned"][..], &["UPDATE versioned", "SELECT versioned"]));
    assert_eq!((error.entity(), error.key()), (Some("Versioned"), Some("23")), "{error}");
    session.rollback().await?;
    assert_eq!(db.count(&Versioned::select().filter(Versioned::NAME.ends_with("!"))).await?, 0);
    Ok(())
}

async fn one_stale_row_of_a_batch_of_deletions_is_found(db: TestDb) -> Outcome {
    let db = versions(db).await?;
    let mut session = db.session();
    let rows = session.all(&Versioned::select().order_by(Versioned::ID.asc())).await?;
    session.commit_keeping().await?;
    db.run(&["UPDATE versioned SET version = 7 WHERE id = 23"]).await?;
    for row in &rows {
        session.delete(row).await?;
    }
    let error = refused(session.flush().await, ErrorKind::StaleData);
    assert_eq!((error.entity(), error.key()), (Some("Versioned"), Some("23")), "{error}");
    assert!(error.to_string().contains("version 7"), "{error}");
    session.rollback().await?;
    assert_eq!(db.count(&Versioned::select()).await?, 40);
    Ok(())
}

async fn keys_of_bytes_are_written_in_batches_or_without(db: TestDb) -> Outcome {
    let db = db.with(schema![Blob]).await?;
    let mut session = db.session();
    let digest = |n: u8| vec![n, 0, 255, b'\'', n];
    let blobs = (0..20).map(|n| Blob::builder().digest(digest(n)).weight(f64::from(n) / 3.0));
    session.insert_all(blobs).await?;
    session.commit().await?;
    let blobs = session.all(&Blob::select()).await?;
    for blob in &blobs {
        blob.set_weight(if blob.weight() == 0.0 { f64::MIN_POSITIVE } else { -blob.weight() });
        blob.set_note(format!("{:?}", blob.digest()));
    }
    session.flush().await?;
    session.commit().await?;
    let stored = session.all(&Blob::select()).await?;
    for blob in &stored {
        let [n, ..] = blob.digest()[..] else { panic!("five bytes") };
        let expected = if n == 0 { f64::MIN_POSITIVE } else { -f64::from(n) / 3.0 };
        assert!(blob.weight().to_bits() == expected.to_bits(), "{blob:?}");
        assert_eq!(blob.note(), Some(&*format!("{:?}", digest(n))));
    }
    for blob in stored.iter().take(15) {
        session.delete(blob).await?;
    }
    session.commit().await?;
    assert_eq!(db.count(&Blob::select()).await?, 5);
    Ok(())
}

async fn keys_with_a_nul_are_written_one_by_one(db: TestDb) -> Outcome {
    let db = db.with(schema![Text]).await?;
    let mut session = db.session();
    session.insert_all((0..9).map(|n| Text::builder().key(format!("{n}\0{n}")).value(format!("\0{n}")))).await?;
    session.commit().await?;
    let texts = session.all(&Text::select()).await?;
    texts.iter().for_each(|text| text.set_value(format!("{}\0", text.key())));
    session.commit_keeping().await?;
    assert!(db.all(&Text::select()).await?.iter().all(|text| text.value() == format!("{}\0", text.key())));
    let texts = session.all(&Text::select().filter(Text::KEY.in_((0..4).map(|n| format!("{n}\0{n}"))))).await?;
    assert_eq!(texts.len(), 4);
    for text in &texts {
        session.delete(text).await?;
    }
    session.commit().await?;
    assert_eq!(db.count(&Text::select()).await?, 5);
    Ok(())
}
