//! Raw fragments in conditions and orders: what stands in comments and literals is left alone, values are counted.

use orm_core::{
    error::ErrorKind,
    expr::{Direction, OrderBy, Predicate},
    prelude::*,
    value::Value,
};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, User};

each_backend!(
    a_fragment_may_hold_comments_and_literals_of_any_kind,
    a_fragment_that_takes_other_values_is_refused_before_anything_is_sent,
    a_fragment_is_refused_wherever_it_stands,
);

fn seven() -> Vec<Value> {
    vec![7_i64.into()]
}

async fn a_fragment_may_hold_comments_and_literals_of_any_kind(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut fragments: Vec<(&'static str, Vec<Value>)> = vec![
        ("{id} < ? /* it's ? */", seven()),
        ("{id} < ? -- it's a ?", seven()),
        ("/* \" */ {id} < ?", seven()),
        ("{id} < ?1 AND {id} <= ?1 - 4 + 0", seven()),
        ("{name} <> 'it''s ?' AND {id} < ?", seven()),
        ("{name} <> '$1 {id} /* -- ' AND {id} < ?", seven()),
        ("{ id }<? AND({name}<>'\n')", seven()),
        ("{name} <> ? AND {id} < ?", vec!["{id}".into(), 7_i64.into()]),
    ];
    if db.is_postgres() {
        fragments.push(("{id} < ? /* a /* ' */ ? */", seven()));
        fragments.push(("{name} <> $q$it's ?$q$ AND {id} < ?", seven()));
        fragments.push(("{name} <> E'it\\'s ?' AND {id} < ?", seven()));
        fragments.push(("'{\"a\": 1}'::jsonb ?? 'a' AND {id} < ?::bigint", seven()));
        fragments.push(("{id} = ANY(ARRAY[1, 2, ?])", vec![3_i64.into()]));
    }
    if db.is_mysql() {
        fragments.push(("{id} < ? # it's a ?", seven()));
        fragments.push(("{name} <> 'it\\'s ?' AND {id} < ?", seven()));
        fragments.push(("{name} <> \"it's ?\" AND `t0`.id < ?", seven()));
    }
    for (sql, values) in fragments {
        let condition = User::NAME.ne("x") & Predicate::raw(sql, values) & User::ID.gt(0) & User::NAME.ne("y");
        assert_eq!(db.count(&User::select().filter(condition)).await?, 3, "{sql}");
    }
    // Values of other filters stay theirs.
    let between = Predicate::raw("{id} BETWEEN ?2 AND ?1", [3_i64.into(), 2_i64.into()]);
    let found = db.all(&User::select().filter(User::NAME.eq("Bob") & between & User::ID.ne(9))).await?;
    assert_eq!(found.len(), 1);
    let order = OrderBy::raw("-{id} /* it's */ + ?", seven(), Direction::Ascending);
    let found = db.all(&User::select().filter(User::NAME.ne("x")).order_by(order)).await?;
    assert_eq!(found.iter().map(|user| user.id()).collect::<Vec<_>>(), [3, 2, 1]);
    Ok(())
}

/// Fragments that are no whole condition, and what their error says.
fn broken(db: &TestDb) -> Vec<(&'static str, usize, &'static str)> {
    let mut broken = vec![
        ("{id} = ?", 0, "takes 1 values, and 0 were given"),
        ("{id} = ?", 2, "takes 1 values, and 2 were given"),
        ("{id} = 1 -- ?", 1, "takes 0 values, and 1 were given"),
        ("{id} = ?0", 1, "counted from 1"),
        ("{name} = 'x", 0, "has no end"),
        ("{id} = 1 /* x", 0, "has no end"),
        ("{id} = 1) OR (1 = 1", 0, "parentheses do not match"),
        ("{id} = 1; DROP TABLE users", 0, "end the whole statement"),
    ];
    if db.is_postgres() {
        broken.push(("{id} = $1", 1, "write `?`"));
    }
    broken
}

async fn a_fragment_that_takes_other_values_is_refused_before_anything_is_sent(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    session.count(&User::select()).await?;
    let log = db.statement_log();
    for (sql, values, says) in broken(&db) {
        let condition = || User::NAME.ne("x") & Predicate::raw(sql, vec![1_i64.into(); values]);
        let query = || User::select().filter(condition());
        for result in [
            db.all(&query()).await.map(drop),
            db.count(&query()).await.map(drop),
            db.exists(&query()).await.map(drop),
            session.all(&query()).await.map(drop),
            session.count(&query()).await.map(drop),
            db.delete_where(condition()).await.map(drop),
            db.update(&User::update().set(User::NICK, "x").filter(condition())).await.map(drop),
        ] {
            let error = refused(result, ErrorKind::Value);
            assert!(error.to_string().contains(says), "{error}");
            assert_eq!(error.entity(), Some("User"), "{error}");
        }
    }
    log.assert_silent();
    assert!(!session.needs_rollback());
    Ok(())
}

async fn a_fragment_is_refused_wherever_it_stands(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let condition = || Predicate::<Address>::raw("{id} = ?", []);
    let order = || OrderBy::<User>::raw("{id} + ?", [], Direction::Ascending);
    let mut session = db.session();
    let ada = session.get_one::<User>(1).await?;
    for result in [
        session.all(&User::select().filter(User::ADDRESSES.any(condition()))).await.map(drop),
        session.all(&User::select().selectin(User::ADDRESSES.filter(condition()))).await.map(drop),
        session.all(&User::select().joined(User::ADDRESSES.filter(condition()))).await.map(drop),
        session.load(&ada, User::ADDRESSES.filter(condition())).await.map(drop),
        session.all(&User::select().order_by(order())).await.map(drop),
        session.all(&User::select().order_by(order()).limit(1)).await.map(drop),
    ] {
        refused(result, ErrorKind::Value);
    }
    assert!(!session.needs_rollback());
    refused(session.delete_where(Predicate::<User>::raw("{id} = ?", [])).await, ErrorKind::Value);
    refused(
        session.update(&User::update().set(User::NICK, "x").filter(Predicate::raw("?", []))).await,
        ErrorKind::Value,
    );
    session.rollback().await?;
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}
