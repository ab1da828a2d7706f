//! Which statements a server keeps prepared: what comes again, and no more than it can bear.

use orm_core::{database::Database, error::ErrorKind};
use orm_tests::{Outcome, PreparedLimit, TestDb, each_backend, refused};

use crate::fixtures::{self, User};

each_backend!(only_postgres: filters_of_ever_new_shape_take_no_more_than_a_limit_on_postgres);

each_backend!(
    only_mysql: filters_of_ever_new_shape_are_not_kept_on_mysql,
    a_server_at_its_limit_of_prepared_statements_is_given_room,
    a_server_that_others_filled_is_an_error_that_says_so,
    many_connections_share_what_a_server_takes,
);

/// Filters of as many shapes, each once.
async fn ask_in_shapes(db: &Database, shapes: usize) -> Outcome {
    for shape in 0..shapes {
        let mut filter = User::NAME.ne("nobody");
        for bit in 0..10 {
            filter = if shape >> bit & 1 == 1 { filter & User::ID.gt(0_i64) } else { filter & User::NICK.ne("x") };
        }
        db.count(&User::select().filter(filter)).await?;
    }
    Ok(())
}

async fn filters_of_ever_new_shape_take_no_more_than_a_limit_on_postgres(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let single = db.options().max_connections(1).connect().await?;
    let kept = async || {
        single
            .sql("SELECT count(*), coalesce(sum(length(statement)), 0)::bigint FROM pg_prepared_statements")
            .one::<(i64, i64)>()
            .await
    };
    // No more than 256 KiB of text, however many shapes there are and however long a list is.
    ask_in_shapes(&single, 1_024).await?;
    assert!(kept().await?.1 <= 256 << 10, "{:?}", kept().await?);
    for length in 0..3 {
        let names = (0..40_000 + length).map(|name| name.to_string());
        single
            .sql(format!("SELECT count(*) FROM users WHERE name IN ('{}')", names.collect::<Vec<_>>().join("','")))
            .one::<i64>()
            .await?;
    }
    assert!(kept().await?.1 < 1 << 20, "{:?}", kept().await?);
    assert_eq!(single.count(&User::select()).await?, 3);
    assert!(kept().await?.1 <= 256 << 10, "what is long goes with the next statement: {:?}", kept().await?);
    Ok(())
}

async fn filters_of_ever_new_shape_are_not_kept_on_mysql(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let server = PreparedLimit::to(db.url(), usize::MAX).await?;
    let single = Database::options(server.url()).max_connections(1).connect().await?;
    ask_in_shapes(&single, 300).await?;
    assert!(server.held() < 4, "{}", server.held());
    ask_in_shapes(&single, 20).await?;
    assert!((20..30).contains(&server.held()), "{}", server.held());
    for _ in 0..3 {
        single.count(&User::select().filter(User::NAME.in_((0..25_000).map(|name| name.to_string())))).await?;
    }
    assert!(server.held() < 30, "{}", server.held());
    Ok(())
}

async fn a_server_at_its_limit_of_prepared_statements_is_given_room(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let server = PreparedLimit::to(db.url(), 10).await?;
    let crowd = Database::options(server.url()).max_connections(4).connect().await?;
    // Within a transaction as outside of one, by several connections.
    let mut session = crowd.session();
    session.insert(User::builder().name("Eve")).await?;
    for _ in 0..3 {
        ask_in_shapes(&crowd, 30).await?;
        for name in ["Ada", "Eve"] {
            session.one(&User::select().filter(User::NAME.eq(name))).await?;
        }
    }
    session.commit().await?;
    assert!(server.refused() > 0, "the limit was reached");
    assert!(server.held() <= 10);
    assert_eq!(crowd.count(&User::select()).await?, 4);
    Ok(())
}

async fn a_server_that_others_filled_is_an_error_that_says_so(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let server = PreparedLimit::to(db.url(), 0).await?;
    let full = Database::connect(server.url()).await?;
    let error = refused(full.count(&User::select()).await, ErrorKind::Database);
    assert!(error.to_string().contains("max_prepared_stmt_count"), "{error}");
    Ok(())
}

async fn many_connections_share_what_a_server_takes(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let server = PreparedLimit::to(db.url(), usize::MAX).await?;
    let crowd = Database::options(server.url()).max_connections(400).connect().await?;
    for _ in 0..2 {
        ask_in_shapes(&crowd, 60).await?;
    }
    assert!(server.held() <= 8_192 / 400 + 1, "one connection of 400: {}", server.held());
    Ok(())
}
