//! Conditions that a request builds: long chains run, and what is nested too deep is an error, never the end of the process.

use orm_core::{
    error::ErrorKind,
    expr::{MAX_DEPTH, Predicate},
    prelude::*,
};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Address, Node, User};

each_backend!(
    a_chain_of_conditions_on_either_side_runs,
    what_is_nested_too_deep_is_refused_wherever_it_stands,
    what_is_as_deep_as_it_may_be_runs,
    a_calculation_that_is_nested_too_deep_is_refused,
);

async fn a_chain_of_conditions_on_either_side_runs(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut chain = User::NAME.eq("Bob");
    for id in 0..5_000 {
        let never = User::ID.eq(-1 - id);
        chain = if id % 2 == 0 { never.or(chain) } else { chain.or(never) };
    }
    assert_eq!(db.count(&User::select().filter(chain.clone())).await?, 1);
    assert_eq!(db.count(&User::select().filter(!chain)).await?, 2);
    // Of any length: an answer, or an error of the database's limits.
    let mut chain = User::NAME.eq("Bob");
    for _ in 0..100_000 {
        chain = User::NICK.is_null().and(chain);
    }
    let printed = format!("{:?}", chain.clone());
    assert!(printed.len() > 100_000);
    if let Ok(found) = db.count(&User::select().filter(chain)).await {
        assert_eq!(found, 0);
    }
    assert_eq!(db.count(&User::select()).await?, 3, "the connections work");
    Ok(())
}

/// Ever deeper, so that no chain is flat.
fn nested(levels: u32) -> Predicate<User> {
    (0..levels).fold(User::ID.gt(0), |inner, level| match level % 3 {
        0 => User::ID.eq(-1).or(inner),
        1 => User::ID.gt(0).and(inner),
        _ => inner.not(),
    })
}

async fn what_is_nested_too_deep_is_refused_wherever_it_stands(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let log = db.statement_log();
    for levels in [u32::from(MAX_DEPTH) + 1, 700, 100_000] {
        let condition = nested(levels);
        let related = || Predicate::<Address>::raw("{id} > 0", []) & Address::USER.has(condition.clone());
        let query = User::select().filter(condition.clone());
        let _ = format!("{query:?}");
        for result in [
            db.all(&query).await.map(drop),
            db.count(&query).await.map(drop),
            session.all(&query).await.map(drop),
            session.exists(&query).await.map(drop),
            db.delete_where(condition.clone()).await.map(drop),
            db.update(&User::update().set(User::NICK, "x").filter(condition.clone())).await.map(drop),
            session.all(&User::select().filter(User::ADDRESSES.any(related()))).await.map(drop),
            session.load(&ada, User::ADDRESSES.filter(related())).await.map(drop),
        ] {
            let error = refused(result, ErrorKind::Unsupported);
            assert!(error.to_string().contains(&format!("deeper than {MAX_DEPTH} levels")), "{error}");
        }
    }
    log.assert_silent();
    assert!(!session.needs_rollback());
    refused(session.delete_where(nested(700)).await, ErrorKind::Unsupported);
    session.rollback().await?;
    Ok(())
}

async fn what_is_as_deep_as_it_may_be_runs(db: TestDb) -> Outcome {
    let db = fixtures::tree(db).await?;
    let users = fixtures::people(db).await?;
    let deep = nested(u32::from(MAX_DEPTH));
    let found = users.count(&User::select().filter(deep)).await?;
    assert!(found == 0 || found == 3, "{found}");
    // Through relationships the database may have a lower limit of its own.
    for levels in [10, u32::from(MAX_DEPTH)] {
        let mut related = Node::NAME.eq("leaf");
        for _ in 0..levels {
            related = Node::CHILDREN.any(related);
        }
        match users.count(&Node::select().filter(related)).await {
            Ok(found) => assert_eq!(found, 0),
            Err(error) => assert!(levels > 10 && error.kind() == ErrorKind::Unsupported, "{error:?}"),
        }
    }
    Ok(())
}

async fn a_calculation_that_is_nested_too_deep_is_refused(db: TestDb) -> Outcome {
    let db = fixtures::tree(db).await?;
    let sum = |terms: u32| (1..terms).fold(orm_core::expr::Expression::from(Node::ID), |sum, _| Node::ID + sum);
    let zero = |terms| Node::update().set_expr(Node::ID, sum(terms)).filter(Node::ID.eq(-1));
    assert_eq!(db.update(&zero(u32::from(MAX_DEPTH))).await?, 0);
    for terms in [700, 100_000] {
        refused(db.update(&zero(terms)).await, ErrorKind::Unsupported);
    }
    Ok(())
}
