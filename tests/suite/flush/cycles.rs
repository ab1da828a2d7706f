//! Rows that refer to each other in a circle: what may be NULL is written afterwards, the rest is refused before anything is sent.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::Node;

/// Both foreign keys may be NULL; the circle of tables is written by whichever does.
#[derive(Entity)]
#[orm(table = "teams")]
pub(crate) struct Team {
    #[orm(primary_key)]
    id: i64,
    name: String,
    lead_id: Option<i64>,
    #[orm(foreign_key = lead_id)]
    lead: BelongsTo<Worker>,
    #[orm(foreign_key = team_id, back_populates = team, cascade = "all, delete-orphan", order_by = id)]
    workers: HasMany<Worker>,
}

#[derive(Entity)]
#[orm(table = "workers")]
pub(crate) struct Worker {
    #[orm(primary_key)]
    id: i64,
    name: String,
    team_id: i64,
    #[orm(foreign_key = team_id, back_populates = workers)]
    team: BelongsTo<Team>,
}

/// Each needs the other: no order of statements can insert two that are new.
#[derive(Entity)]
#[orm(table = "locks")]
pub(crate) struct Lock {
    #[orm(primary_key)]
    id: i64,
    name: String,
    opener_id: i64,
    #[orm(foreign_key = opener_id)]
    opener: BelongsTo<Opener>,
}

#[derive(Entity)]
#[orm(table = "openers")]
pub(crate) struct Opener {
    #[orm(primary_key)]
    id: i64,
    lock_id: i64,
    #[orm(foreign_key = lock_id)]
    lock: BelongsTo<Lock>,
}

/// A list whose links are written after the rows, whatever they look like.
#[derive(Entity)]
#[orm(table = "links")]
pub(crate) struct Link {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(index)]
    next_id: Option<i64>,
    #[orm(foreign_key = next_id, back_populates = previous, post_update)]
    next: BelongsTo<Link>,
    #[orm(foreign_key = next_id, back_populates = next)]
    previous: HasOne<Link>,
}

/// A list that knows both neighbours.
#[derive(Entity)]
#[orm(table = "beads")]
pub(crate) struct Bead {
    #[orm(primary_key)]
    id: i64,
    next_id: Option<i64>,
    previous_id: Option<i64>,
    #[orm(foreign_key = next_id)]
    next: BelongsTo<Bead>,
    #[orm(foreign_key = previous_id)]
    previous: BelongsTo<Bead>,
}

each_backend!(
    a_circle_over_a_nullable_key_is_inserted_with_null_and_closed_by_one_update,
    a_circle_of_required_keys_is_refused_and_named_before_any_statement,
    a_ring_of_one_table_is_two_statements,
    neighbours_on_both_sides_are_written_in_few_statements,
    a_ring_goes_at_once_whatever_hangs_on_it,
    a_row_that_refers_to_itself_goes,
    post_update_writes_a_list_in_two_statements,
    post_update_lets_go_before_the_delete,
    post_update_of_a_row_that_is_there_needs_no_update,
);

async fn a_circle_over_a_nullable_key_is_inserted_with_null_and_closed_by_one_update(db: TestDb) -> Outcome {
    let db = db.with(schema![Team, Worker]).await?;
    let mut session = db.session();
    for n in 0..50 {
        let team = session.add(Team::builder().name(format!("t{n}")))?;
        let lead = session.add(Worker::builder().name(format!("w{n}")).team(team))?;
        team.set_lead(lead)?;
    }
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["INSERT teams", "INSERT workers", "UPDATE teams"]);
    let teams = session.all(&Team::select().joined(Team::LEAD).selectin(Team::WORKERS)).await?;
    assert_eq!(teams.len(), 50);
    for team in &teams {
        assert_eq!(team.lead(), team.workers().first(), "{team:?}");
        assert_eq!(team.lead().map(|lead| lead.name().replace('w', "t")).as_deref(), Some(team.name()));
    }
    drop(log.take());
    for team in &teams {
        session.delete(team).await?;
    }
    session.commit().await?;
    log.assert(&["UPDATE teams", "DELETE workers", "DELETE teams"]);
    Ok(())
}

async fn a_circle_of_required_keys_is_refused_and_named_before_any_statement(db: TestDb) -> Outcome {
    let db = db.with(schema![Lock, Opener]).await?;
    let mut session = db.session();
    let lock = session.add(Lock::builder().name("door"))?;
    let opener = session.add(Opener::builder().lock(lock))?;
    lock.set_opener(opener)?;
    let log = db.statement_log();
    let planned = refused(session.plan(), ErrorKind::Cycle);
    let error = refused(session.flush().await, ErrorKind::Cycle);
    log.assert(&[]);
    assert_eq!(error.entity(), Some("Lock"));
    for name in ["`Lock.opener`", "`Opener.lock`", "Lock[new] -> Opener[new] -> Lock[new]", "Option"] {
        assert!(error.to_string().contains(name), "{name} in {error}");
        assert!(planned.to_string().contains(name), "{name} in {planned}");
    }
    session.rollback().await?;
    assert_eq!(session.count(&Lock::select()).await?, 0);
    Ok(())
}

async fn a_ring_of_one_table_is_two_statements(db: TestDb) -> Outcome {
    const COUNT: usize = 40;
    let db = db.with(schema![Node]).await?;
    let mut session = db.session();
    let nodes: Vec<_> =
        (0..COUNT).map(|n| session.add(Node::builder().name(format!("n{n}")))).collect::<Result<_, _>>()?;
    for (n, node) in nodes.iter().enumerate() {
        node.set_parent(nodes[(n + 1) % COUNT])?;
    }
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["INSERT nodes", "UPDATE nodes"]);
    let first = session.persisted(&nodes[0])?;
    assert_eq!(first.parent_id(), Some(session.persisted(&nodes[1])?.id()));
    session.commit().await?;
    let all = session.all(&Node::select().order_by(Node::ID.asc()).selectin(Node::PARENT)).await?;
    for (n, node) in all.iter().enumerate() {
        assert!(node.parent().is_some_and(|parent| parent == all[(n + 1) % COUNT]), "{node:?}");
    }
    for node in &all {
        session.delete(node).await?;
    }
    session.commit().await?;
    assert_eq!(db.count(&Node::select()).await?, 0);
    Ok(())
}

async fn neighbours_on_both_sides_are_written_in_few_statements(db: TestDb) -> Outcome {
    let db = db.with(schema![Bead]).await?;
    let mut session = db.session();
    let beads: Vec<_> = (0..12).map(|_| session.add(Bead::builder())).collect::<Result<_, _>>()?;
    for pair in beads.windows(2) {
        pair[0].set_next(pair[1])?;
        pair[1].set_previous(pair[0])?;
    }
    let log = db.statement_log();
    session.commit().await?;
    // One of the keys goes with the rows, level by level; the other follows in one statement.
    let sent = log.texts();
    assert_eq!(sent.iter().filter(|sql| sql.starts_with("UPDATE")).count(), 1, "{sent:#?}");
    assert_eq!(sent.len(), 13, "{sent:#?}");
    let all = session.all(&Bead::select().order_by(Bead::ID.asc()).joined(Bead::NEXT).joined(Bead::PREVIOUS)).await?;
    assert_eq!(all.iter().filter(|bead| bead.next().is_some()).count(), 11);
    for next in all.iter().filter(|bead| bead.previous().is_some()) {
        let previous = all.iter().find(|bead| next.previous().is_some_and(|previous| previous == **bead));
        assert_eq!(previous.and_then(|bead| bead.next()).map(|bead| bead.id()), Some(next.id()));
    }
    Ok(())
}

async fn post_update_writes_a_list_in_two_statements(db: TestDb) -> Outcome {
    const COUNT: usize = 30;
    let db = db.with(schema![Link]).await?;
    let mut session = db.session();
    let mut list = Member::from(Link::builder().name("last").build());
    for n in 1..COUNT {
        list = Member::from(Link::builder().name(format!("{n} before it")).next(list).build());
    }
    session.add(Link::builder().name("first").next(list))?;
    let log = db.statement_log();
    let plan = session.plan()?;
    assert!(plan.contains("UPDATE links (next_id)"), "{plan}");
    session.flush().await?;
    log.assert(&["INSERT links", "UPDATE links"]);
    session.commit().await?;
    let mut link = session.one(&Link::select().filter(Link::NAME.eq("first")).selectin(Link::NEXT)).await?;
    let mut names = vec![link.name().to_owned()];
    while let Some(next) = link.next() {
        link = session.load(&next, Link::NEXT).await?;
        names.push(link.name().to_owned());
    }
    assert_eq!(names.len(), COUNT + 1);
    assert_eq!((names[1].as_str(), names[COUNT].as_str()), ("29 before it", "last"));
    Ok(())
}

async fn post_update_lets_go_before_the_delete(db: TestDb) -> Outcome {
    let db = db.with(schema![Link]).await?;
    let mut session = db.session();
    let (a, b) = (session.add(Link::builder().name("a"))?, session.add(Link::builder().name("b"))?);
    a.set_next(b)?;
    b.set_next(a)?;
    session.commit().await?;
    let log = db.statement_log();
    for link in session.all(&Link::select()).await? {
        session.delete(&link).await?;
    }
    session.commit().await?;
    // The children of the relationship are looked at first; one DELETE may take rows that refer to each other.
    let sent = log.texts();
    assert!(sent.iter().filter(|sql| !sql.starts_with("SELECT")).count() <= 2, "{sent:#?}");
    assert_eq!(db.count(&Link::select()).await?, 0);
    Ok(())
}

async fn post_update_of_a_row_that_is_there_needs_no_update(db: TestDb) -> Outcome {
    let db = db.with(schema![Link]).await?;
    let session = db.session();
    let last = session.insert(Link::builder().name("last")).await?;
    let log = db.statement_log();
    let first = session.insert(Link::builder().name("first").next(last)).await?;
    log.assert(&["INSERT links"]);
    assert_eq!(first.next_id(), Some(last.id()));
    Ok(())
}

async fn a_ring_goes_at_once_whatever_hangs_on_it(db: TestDb) -> Outcome {
    let db = db.with(schema![Node]).await?;
    db.run(&[
        "INSERT INTO nodes (name, parent_id) VALUES ('a', NULL), ('b', 1), ('c', 2), ('below a', 1), ('below c', 3), ('deeper', 5)",
        "UPDATE nodes SET parent_id = 3 WHERE id = 1",
    ])
    .await?;
    let mut session = db.session();
    for node in session.all(&Node::select().order_by(Node::ID.asc()).selectin(Node::CHILDREN)).await? {
        session.delete(&node).await?;
    }
    let log = db.statement_log();
    session.commit().await?;
    // MySQL checks each row as it goes, not all of them at the end: none may refer to another by then.
    log.assert(db.or_mysql(&["DELETE nodes"][..], &["UPDATE nodes", "DELETE nodes"]));
    assert_eq!(db.count(&Node::select()).await?, 0);
    Ok(())
}

async fn a_row_that_refers_to_itself_goes(db: TestDb) -> Outcome {
    let db = db.with(schema![Node]).await?;
    db.run(&["INSERT INTO nodes (name) VALUES ('itself'), ('other')", "UPDATE nodes SET parent_id = id WHERE id = 1"])
        .await?;
    let mut session = db.session();
    let node = session.get_one::<Node>(1).selectin(Node::CHILDREN).await?;
    assert_eq!(node.children().len(), 1, "its own child");
    session.delete(&node).await?;
    let log = db.statement_log();
    session.commit().await?;
    log.assert(db.or_mysql(&["DELETE nodes"][..], &["UPDATE nodes", "DELETE nodes"]));
    assert_eq!(db.count(&Node::select()).await?, 1);
    Ok(())
}
