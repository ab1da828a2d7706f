//! Deep and large graphs: nothing recurses over them, and what they cost grows with them and no faster. Each of these tests would hang
//! if anything were quadratic.

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use super::cycles::{Bead, Link, Team, Worker};
use crate::fixtures::{Node, User};

each_backend!(only_sqlite: builders_nested_without_end_are_dropped_added_and_planned);

each_backend!(
    a_deep_graph_of_builders_goes_out_and_comes_back,
    a_long_chain_through_handles_goes_out_and_is_deleted,
    a_chain_level_by_level_costs_a_statement_for_each_level,
    a_long_list_with_both_neighbours_is_written,
    many_rows_are_split_at_the_limits_of_the_database,
    many_circles_are_opened_at_once,
    many_members_come_and_go_one_by_one,
    many_objects_are_detached_one_by_one,
);

fn list(count: usize) -> Member<Link> {
    let mut list = Member::from(Link::builder().name("last").build());
    for n in 1..count {
        list = Member::from(Link::builder().name(n.to_string()).next(list).build());
    }
    list
}

async fn builders_nested_without_end_are_dropped_added_and_planned(db: TestDb) -> Outcome {
    const DEPTH: usize = 100_000;
    let db = db.with(schema![Link, Node]).await?;
    drop(list(DEPTH));
    drop(Link::builder().name("in a transient").next(list(DEPTH)).build());

    let mut session = db.session();
    session.add(Link::builder().name("first").next(list(DEPTH)))?;
    assert_eq!(session.new_objects::<Link>().len(), DEPTH + 1);
    let plan = session.plan()?;
    assert!(plan.contains(&format!("{} rows", DEPTH + 1)), "{plan}");
    session.rollback().await?;

    // A tree of a line, given from above.
    let mut tree = Member::from(Node::builder().name("leaf").build());
    for n in 1..DEPTH {
        tree = Member::from(Node::builder().name(n.to_string()).children([tree]).build());
    }
    session.add(Node::builder().name("root").children([tree]))?;
    assert_eq!(session.plan()?.lines().count(), DEPTH + 1, "a line for each level");

    // What is refused is taken back whole.
    let foreign = db.session();
    let stranger = foreign.add(Link::builder().name("stranger"))?;
    let mut refused = Member::from(stranger);
    for n in 0..DEPTH {
        refused = Member::from(Link::builder().name(n.to_string()).next(refused).build());
    }
    let before = session.new_objects::<Link>().len();
    assert!(session.add(Link::builder().name("first").next(refused)).is_err());
    assert_eq!(session.new_objects::<Link>().len(), before);
    Ok(())
}

async fn a_deep_graph_of_builders_goes_out_and_comes_back(db: TestDb) -> Outcome {
    const DEPTH: usize = 20_000;
    let db = db.with(schema![Link]).await?;
    let mut session = db.session();
    session.add(Link::builder().name("first").next(list(DEPTH)))?;
    let log = db.statement_log();
    session.commit().await?;
    let sent = log.texts();
    // MySQL takes a thousand rows each.
    assert!(sent.len() <= db.or_mysql(12, 30), "split at the limits, not at each row: {}", sent.len());

    let all = session.all(&Link::select().selectin(Link::NEXT)).await?;
    log.assert(&["SELECT links"]);
    assert_eq!(all.len(), DEPTH + 1);
    let mut link = all.iter().copied().find(|link| link.name() == "first").expect("the first");
    let mut length = 1;
    while let Some(next) = link.next() {
        link = session.loaded(&next, Link::NEXT)?;
        length += 1;
    }
    assert_eq!(length, DEPTH + 1);
    assert!(format!("{link:?}").contains("last"));
    Ok(())
}

async fn a_long_chain_through_handles_goes_out_and_is_deleted(db: TestDb) -> Outcome {
    const DEPTH: usize = 20_000;
    let db = db.with(schema![Link]).await?;
    let mut session = db.session();
    let mut last = session.add(Link::builder().name("0"))?;
    for n in 1..DEPTH {
        let link = session.add(Link::builder().name(n.to_string()))?;
        last.set_next(link)?;
        last = link;
    }
    session.flush().await?;
    let last = session.persisted(&last)?;
    assert_eq!(last.next_id(), None);
    session.commit_keeping().await?;
    let all = session.all(&Link::select().order_by(Link::ID.asc())).await?;
    // The other way round.
    for pair in all.windows(2) {
        pair[0].set_next(pair[1])?;
    }
    for pair in all.windows(2) {
        pair[0].clear_next()?;
        pair[1].set_next(pair[0])?;
    }
    let log = db.statement_log();
    session.flush().await?;
    // MySQL takes a thousand rows each.
    assert!(log.count() <= db.or_mysql(8, 60), "{}", log.count());
    let all = session.all(&Link::select().selectin(Link::PREVIOUS)).await?;
    for link in &all {
        session.delete(link).await?;
    }
    drop(log.take());
    session.commit().await?;
    assert!(log.count() <= 8, "{}", log.count());
    assert_eq!(db.count(&Link::select()).await?, 0);
    Ok(())
}

async fn a_chain_level_by_level_costs_a_statement_for_each_level(db: TestDb) -> Outcome {
    const DEPTH: usize = 2_000;
    let db = db.with(schema![Node]).await?;
    let mut session = db.session();
    let mut tree = Member::from(Node::builder().name("leaf").build());
    for n in 1..DEPTH {
        tree = Member::from(Node::builder().name(n.to_string()).children([tree]).build());
    }
    session.add(Node::builder().name("root").children([tree]))?;
    let log = db.statement_log();
    session.commit().await?;
    assert_eq!(log.texts().len(), DEPTH + 1);
    // The keys were known: one statement.
    for id in 0..DEPTH as i64 {
        let node = Node::builder().id(1_000_000 + id).name("known");
        session.add(node.parent(Key::<Node>::new(1_000_000 + (id + 1).min(DEPTH as i64 - 1))))?;
    }
    drop(log.take());
    session.flush().await?;
    assert!(log.count() <= 4, "{}", log.count());
    Ok(())
}

async fn a_long_list_with_both_neighbours_is_written(db: TestDb) -> Outcome {
    const COUNT: usize = 1_500;
    let db = db.with(schema![Bead]).await?;
    let mut session = db.session();
    let beads: Vec<_> = (0..COUNT).map(|_| session.add(Bead::builder())).collect::<Result<_, _>>()?;
    for pair in beads.windows(2) {
        pair[0].set_next(pair[1])?;
        pair[1].set_previous(pair[0])?;
    }
    session.commit().await?;
    let linked = Bead::select().filter(Bead::NEXT.has(Bead::PREVIOUS_ID.is_not_null()));
    assert_eq!(db.count(&linked).await?, COUNT as u64 - 1);
    Ok(())
}

async fn many_rows_are_split_at_the_limits_of_the_database(db: TestDb) -> Outcome {
    const COUNT: usize = 100_000;
    let db = db.with(schema![Link]).await?;
    let mut session = db.session();
    for n in 0..COUNT {
        session.add(Link::builder().name(n.to_string()))?;
    }
    let log = db.statement_log();
    session.commit().await?;
    assert!(log.count() <= 16, "{}", log.count());
    assert_eq!(db.count(&Link::select()).await?, COUNT as u64);
    Ok(())
}

async fn many_circles_are_opened_at_once(db: TestDb) -> Outcome {
    const COUNT: usize = 1_500;
    let db = db.with(schema![Team, Worker]).await?;
    let mut session = db.session();
    for n in 0..COUNT {
        let team = session.add(Team::builder().name(n.to_string()))?;
        let lead = session.add(Worker::builder().name(n.to_string()).team(team))?;
        team.set_lead(lead)?;
    }
    let log = db.statement_log();
    session.commit().await?;
    // On MySQL an UPDATE is of 1,000 rows.
    log.assert(&["INSERT teams", "INSERT workers", "UPDATE teams", "UPDATE teams"][..db.or_mysql(3, 4)]);
    for team in session.all(&Team::select().selectin(Team::WORKERS)).await? {
        session.delete(&team).await?;
    }
    drop(log.take());
    session.commit().await?;
    log.assert(&["UPDATE teams", "DELETE workers", "DELETE teams"]);
    Ok(())
}

async fn many_members_come_and_go_one_by_one(db: TestDb) -> Outcome {
    const COUNT: usize = 6_000;
    let db = db.with(schema![Node, User]).await?;
    let mut session = db.session();
    let root = session.insert(Node::builder().name("root")).await?;
    let root = session.load(&root, Node::CHILDREN).await?;
    for n in 0..COUNT {
        root.add_to_children(Node::builder().name(n.to_string()).build())?;
    }
    session.flush().await?;
    assert_eq!(root.children().len(), COUNT);
    for child in root.children() {
        root.remove_from_children(&child)?;
    }
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["UPDATE nodes"].repeat(db.or_mysql(1, COUNT / 1_000)));
    let all = session.all(&Node::select().filter(Node::NAME.ne("root"))).await?;
    for child in &all {
        root.add_to_children(child)?;
    }
    root.clear_children()?;
    root.replace_children(all)?;
    session.commit().await?;
    assert_eq!(db.count(&Node::select().filter(Node::PARENT.has(Node::NAME.eq("root")))).await?, COUNT as u64);
    Ok(())
}

async fn many_objects_are_detached_one_by_one(db: TestDb) -> Outcome {
    const COUNT: usize = 20_000;
    let db = db.with(schema![Link]).await?;
    let session = db.session();
    session.insert(Link::builder().name("first").next(list(COUNT))).await?;
    let all = session.all(&Link::select().selectin(Link::NEXT).selectin(Link::PREVIOUS)).await?;
    let detached = all.iter().map(|link| session.detach(link)).collect::<Result<Vec<_>, _>>()?;
    assert_eq!(serde_json::to_value(&detached)?.as_array().map(Vec::len), Some(COUNT + 1));
    assert!(format!("{detached:?}").len() > COUNT);
    Ok(())
}
