//! One object for each row, however it was loaded.

use orm_tests::{Outcome, TestDb, each_backend};

use crate::fixtures::{self, Book, Chapter, Node, Writer};

each_backend!(
    one_author_through_every_loader_is_one_object,
    two_relationships_to_one_entity_do_not_mix,
    a_self_join_and_a_root_are_one_object,
    a_detached_graph_shares_what_is_reached_twice,
);

async fn one_author_through_every_loader_is_one_object(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let joined = session.one(&Book::select().filter(Book::ID.eq(1)).joined(Book::AUTHOR)).await?;
    let selected = session.one(&Book::select().filter(Book::ID.eq(2)).selectin(Book::AUTHOR)).await?;
    let got = session.get_one::<Writer>(1).await?;
    let chapter = session.get_one::<Chapter>(3).await?;
    let loaded = session.load(&chapter, Chapter::BOOK.selectin(Book::AUTHOR)).await?;
    assert!(joined.author() == got && selected.author() == got && loaded.book().author() == got);
    got.set_name("Virginia Woolf");
    for name in [joined.author().name(), selected.author().name(), loaded.book().author().name()] {
        assert_eq!(name, "Virginia Woolf");
    }
    Ok(())
}

async fn two_relationships_to_one_entity_do_not_mix(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let query = Book::select().filter(Book::ID.eq(2));
    let session = db.session();
    let joined = session.one(&query.clone().joined(Book::AUTHOR).joined(Book::EDITOR)).await?;
    assert_eq!((joined.author().name(), joined.editor().map(|it| it.name())), ("Woolf", Some("Eco")));
    let session = db.session();
    let selected = session.one(&query.selectin(Book::AUTHOR).selectin(Book::EDITOR)).await?;
    assert_eq!((selected.author().name(), selected.editor().map(|it| it.name())), ("Woolf", Some("Eco")));
    Ok(())
}

async fn a_self_join_and_a_root_are_one_object(db: TestDb) -> Outcome {
    let db = fixtures::tree(db).await?;
    let session = db.session();
    let query = Node::select().order_by(Node::ID.asc());
    let nodes = session.all(&query.joined(Node::PARENT.joined(Node::PARENT)).selectin(Node::CHILDREN)).await?;
    let (root, left, leaf) = (nodes[0], nodes[1], nodes[3]);
    let parent = leaf.parent().expect("leaf has a parent");
    assert!(parent == left && parent.parent().is_some_and(|it| it == root));
    assert!(root.parent().is_none() && root.children().contains(&left) && left.children().contains(&leaf));
    Ok(())
}

async fn a_detached_graph_shares_what_is_reached_twice(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let books = db.all(&Book::select().selectin(Book::AUTHOR)).await?;
    assert_eq!(books.len(), 2);
    assert!(std::ptr::eq(books[0].author().name(), books[1].author().name()), "one row in memory");
    Ok(())
}
