//! Parents before children, children deleted before parents, both tables before the secondary.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

use crate::fixtures::{self, Book, Item, Kid, Node, Order, Parent, User};

each_backend!(
    a_child_added_before_its_parent_is_inserted_after_it,
    a_required_parent_that_never_came_is_refused_before_any_statement,
    many_to_many_inserts_both_tables_and_then_the_secondary_in_one_batch,
    children_are_deleted_before_their_parent,
    a_self_referential_graph_is_inserted_level_by_level,
    one_flush_writes_every_table_once,
    a_link_to_a_row_that_does_not_exist_is_a_foreign_key_violation,
);

async fn a_child_added_before_its_parent_is_inserted_after_it(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let session = db.session();
    let kid = session.add(Kid::builder().name("K"))?;
    let parent = session.add(Parent::builder().name("P"))?;
    kid.set_parent(parent)?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert_framed(&["BEGIN", "INSERT parents", "INSERT kids"]);
    let (kid, parent) = (session.persisted(&kid)?, session.persisted(&parent)?);
    assert_eq!(kid.parent_id(), parent.id());
    assert!(session.load(&kid, Kid::PARENT).await?.parent() == parent);
    log.assert_silent();
    Ok(())
}

async fn a_required_parent_that_never_came_is_refused_before_any_statement(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let mut session = db.session();
    session.add(Kid::builder().name("K"))?;
    let log = db.statement_log();
    let error = refused(session.flush().await, ErrorKind::MissingParent);
    assert_eq!((error.entity(), error.attribute(), error.verb()), (Some("Kid"), Some("parent"), Some("flush")));
    log.assert(&[]);
    session.rollback().await?;
    session.insert(Parent::builder().name("P").kids([Kid::builder().name("K")])).await?;
    Ok(())
}

async fn many_to_many_inserts_both_tables_and_then_the_secondary_in_one_batch(db: TestDb) -> Outcome {
    let db = db.with(schema![User, Order, Item]).await?;
    db.run(&["INSERT INTO users (name) VALUES ('Ada')"]).await?;
    let session = db.session();
    let customer = Key::<User>::new(1);
    let nut = session.add(Item::builder().name("nut"))?;
    let log = db.statement_log();
    let order = |note, items: Vec<Member<Item>>| Order::builder().note(note).customer(customer).items(items);
    let mixed = vec![nut.into(), Item::builder().name("bolt").build().into()];
    let orders = session.insert_all([order("first", mixed), order("second", vec![nut.into()])]).await?;
    // Tables that do not depend on each other go in the order of their first new row.
    log.assert(&["INSERT items", "INSERT orders", "INSERT order_items"]);
    let orders = session.load_all(&orders, Order::ITEMS).await?;
    let names: Vec<Vec<&str>> = orders.iter().map(|it| it.items().iter().map(|item| item.name()).collect()).collect();
    assert_eq!(names, [vec!["nut", "bolt"], vec!["nut"]]);
    log.assert(&[]);
    Ok(())
}

async fn children_are_deleted_before_their_parent(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let session = db.session();
    let graph = Parent::builder().name("P").kids([Kid::builder().name("a"), Kid::builder().name("b")]);
    let parent = session.insert(graph).await?;
    let log = db.statement_log();
    session.delete(&parent).await?;
    session.flush().await?;
    log.assert(&["DELETE kids", "DELETE parents"]);
    session.commit_keeping().await?;
    assert_eq!(db.count(&Kid::select()).await? + db.count(&Parent::select()).await?, 0);
    Ok(())
}

async fn a_self_referential_graph_is_inserted_level_by_level(db: TestDb) -> Outcome {
    let db = db.with(schema![Node]).await?;
    let session = db.session();
    let log = db.statement_log();
    let leaf = |name: &'static str| Node::builder().name(name).build();
    let root = Node::builder().name("root").children([
        Node::builder().name("left").children([leaf("a"), leaf("b")]).build().retype(),
        Node::builder().name("right").build(),
    ]);
    let root = session.insert(root).await?;
    log.assert(&["INSERT nodes", "INSERT nodes", "INSERT nodes"]);
    let children: Vec<&str> = root.children().iter().map(|it| it.name()).collect();
    assert_eq!(children, ["left", "right"]);
    session.commit_keeping().await?;
    let leaves = Node::select().filter(Node::PARENT.has(Node::NAME.eq("left"))).order_by(Node::NAME.asc());
    assert_eq!(db.all(&leaves).await?.iter().map(|it| it.name()).collect::<Vec<_>>(), ["a", "b"]);
    Ok(())
}

async fn one_flush_writes_every_table_once(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let books = session.all(&Book::select().order_by(Book::ID.asc()).selectin(Book::CHAPTERS)).await?;
    for book in &books {
        book.set_title(format!("{}!", book.title()));
        book.chapters().iter().for_each(|chapter| chapter.set_title(format!("{}!", chapter.title())));
    }
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["UPDATE books", "UPDATE chapters"]);
    session.commit_keeping().await?;
    let stored = db.all(&Book::select().order_by(Book::ID.asc()).selectin(Book::CHAPTERS)).await?;
    assert_eq!(stored[0].title(), "Orlando!");
    assert!(stored.iter().all(|book| book.chapters().iter().all(|it| it.title().ends_with('!'))));
    Ok(())
}

async fn a_link_to_a_row_that_does_not_exist_is_a_foreign_key_violation(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let mut session = db.session();
    let result = session.insert(Kid::builder().name("K").parent(Key::<Parent>::new(99))).await.map(drop);
    let result = match result {
        Ok(()) => session.commit().await,
        Err(error) => Err(error),
    };
    refused(result, ErrorKind::ForeignKeyViolation);
    session.rollback().await?;
    assert_eq!(session.count(&Kid::select()).await?, 0);
    Ok(())
}
