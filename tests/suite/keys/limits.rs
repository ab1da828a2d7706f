//! What a server takes in one statement: split, or an error that names the limit before anything is sent.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

#[derive(Entity)]
#[orm(table = "files")]
struct File {
    #[orm(primary_key)]
    id: i64,
    content: Vec<u8>,
}

each_backend!(
    a_list_of_any_length_is_one_condition_or_names_the_limit,
    too_many_values_are_refused_before_they_are_sent,
);
each_backend!(only_mysql: a_packet_that_is_too_large_is_split_or_refused_before_it_is_sent);

async fn a_list_of_any_length_is_one_condition_or_names_the_limit(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    for length in [32_766_i64, 32_767, 32_769, 50_000, 65_535] {
        let found = session.all(&User::select().filter(User::ID.in_(1..=length))).await?;
        assert_eq!(found.len(), 3, "{length} values");
    }
    let longer = session.all(&User::select().filter(User::ID.in_(1..=70_000))).await;
    if db.is_mysql() {
        let error = refused(longer.map(drop), ErrorKind::Value);
        assert!(error.to_string().contains("65535"), "{error}");
    } else {
        assert_eq!(longer?.len(), 3, "one value carries them all");
    }
    assert_eq!(session.count(&User::select()).await?, 3, "the connection is in order");
    Ok(())
}

async fn too_many_values_are_refused_before_they_are_sent(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.insert(User::builder().name("Eve")).await?;
    let marks = vec!["?"; 70_000].join(", ");
    let values: Vec<i64> = (0..70_000).collect();
    let mut sql = session.sql(format!("SELECT count(*) FROM users WHERE id IN ({marks})"));
    for value in values {
        sql = sql.bind(value);
    }
    let error = refused(sql.one::<i64>().await, ErrorKind::Value);
    let limit = if db.is_sqlite() { "32766" } else { "65535" };
    assert!(error.to_string().contains(limit) && error.to_string().contains("nothing was sent"), "{error}");
    assert_eq!(session.count(&User::select()).await?, 4, "the transaction goes on");
    session.commit().await?;
    assert_eq!(db.count(&User::select()).await?, 4);
    Ok(())
}

async fn a_packet_that_is_too_large_is_split_or_refused_before_it_is_sent(db: TestDb) -> Outcome {
    let db = db.with(schema![File]).await?;
    let mut session = db.session();
    let limit: i64 = session.sql("SELECT @@max_allowed_packet").one().await?;
    let length = usize::try_from(limit)?;
    session.insert(File::builder().content(vec![1])).await?;
    session.add(File::builder().content(vec![0; length]))?;
    let error = refused(session.flush().await, ErrorKind::Value);
    assert!(error.to_string().contains("max_allowed_packet"), "{error}");
    session.rollback().await?;
    // Rows that are too much together go in several statements.
    let files = session.insert_all((0..4).map(|_| File::builder().content(vec![2; length / 3]))).await?;
    files.iter().for_each(|file| file.set_content(vec![3; length / 3]));
    session.commit().await?;
    assert_eq!(db.count(&File::select()).await?, 4);
    Ok(())
}
