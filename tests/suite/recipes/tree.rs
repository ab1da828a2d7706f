//! A tree in one table: categories below categories, read level by level, moved, and cut.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

#[derive(Entity)]
#[orm(table = "categories")]
pub struct Category {
    #[orm(primary_key)]
    id: i64,
    name: String,
    parent_id: Option<i64>,
    #[orm(foreign_key = parent_id, back_populates = children)]
    parent: BelongsTo<Category>,
    #[orm(foreign_key = parent_id, back_populates = parent, order_by = name, cascade = "all, delete-orphan")]
    children: HasMany<Category>,
}

/// A category and all below it, with how deep each is: one statement for each level, however many categories it has.
pub async fn outline<'s>(session: &'s Session, root: Persistent<'s, Category>) -> Result<Vec<(usize, &'s str)>, Error> {
    let mut level = vec![root];
    while !level.is_empty() {
        let loaded = session.load_all(&level, Category::CHILDREN).await?;
        level = loaded.iter().flat_map(|category| category.children()).collect();
    }
    // Everything is there now: the walk costs nothing.
    let mut lines = Vec::new();
    let mut open = vec![(0, root)];
    while let Some((depth, category)) = open.pop() {
        lines.push((depth, category.name()));
        let category = session.loaded(&category, Category::CHILDREN)?;
        let children: Vec<_> = category.children().into_iter().collect();
        open.extend(children.into_iter().rev().map(|child| (depth + 1, child)));
    }
    Ok(lines)
}

/// From a category up to its root.
pub async fn breadcrumbs(session: &Session, of: Key<Category>) -> Result<Vec<String>, Error> {
    let mut crumbs = Vec::new();
    let mut next = Some(session.get_one(of).await?);
    while let Some(category) = next {
        crumbs.insert(0, category.name().to_owned());
        next = session.load(&category, Category::PARENT).await?.parent();
    }
    Ok(crumbs)
}

each_backend!(
    a_tree_is_inserted_and_read_level_by_level,
    the_way_up_costs_nothing_where_it_is_known,
    a_branch_moves,
    a_branch_is_cut,
    two_that_refer_to_each_other,
);

async fn filled(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Category]).await?;
    let mut session = db.session();
    let category = |name: &str| Category::builder().name(name);
    let log = db.statement_log();
    // `build` gives each of a list one type, whatever hangs below it.
    let music = [category("jazz").build(), category("rock").children([category("punk")]).build()];
    let shop = [category("music").children(music).build(), category("books").build()];
    session.insert(category("shop").children(shop)).await?;
    log.assert(&["INSERT categories"; 4]);
    session.commit().await?;
    Ok(db)
}

async fn named(session: &Session, name: &str) -> Outcome<Key<Category>> {
    let category = session.one(&Category::select().filter(Category::NAME.eq(name))).await?;
    Ok(Key::of(&category))
}

async fn a_tree_is_inserted_and_read_level_by_level(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let session = db.session();
    let root = session.one(&Category::select().filter(Category::PARENT.is_none())).await?;
    let log = db.statement_log();
    let lines = outline(&session, root).await?;
    assert_eq!(lines, [(0, "shop"), (1, "books"), (1, "music"), (2, "jazz"), (2, "rock"), (3, "punk")]);
    log.assert(&["SELECT categories"; 4]);
    Ok(())
}

async fn the_way_up_costs_nothing_where_it_is_known(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let session = db.session();
    let punk = named(&session, "punk").await?;
    let log = db.statement_log();
    assert_eq!(breadcrumbs(&session, punk).await?, ["shop", "music", "rock", "punk"]);
    log.assert(&["SELECT categories"; 3]);
    assert_eq!(breadcrumbs(&session, punk).await?.len(), 4);
    log.assert_silent();
    Ok(())
}

async fn a_branch_moves(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    let (rock, books) = (named(&session, "rock").await?, named(&session, "books").await?);
    let log = db.statement_log();
    session.get_one(rock).await?.set_parent(books)?;
    session.commit().await?;
    log.assert(&["UPDATE categories"]);
    let punk = named(&session, "punk").await?;
    assert_eq!(breadcrumbs(&session, punk).await?, ["shop", "books", "rock", "punk"]);
    Ok(())
}

async fn a_branch_is_cut(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let mut session = db.session();
    let music = named(&session, "music").await?;
    let music = session.get_one(music).await?;
    session.delete(&music).await?;
    session.commit().await?;
    let left = db.all(&Category::select().order_by(Category::NAME.asc())).await?;
    assert_eq!(left.iter().map(|category| category.name()).collect::<Vec<_>>(), ["books", "shop"]);
    Ok(())
}

async fn two_that_refer_to_each_other(db: TestDb) -> Outcome {
    let db = db.with(schema![Category]).await?;
    let mut session = db.session();
    let (hen, egg) = (session.add(Category::builder().name("hen"))?, session.add(Category::builder().name("egg"))?);
    hen.set_parent(&egg)?;
    egg.set_parent(&hen)?;
    session.commit().await?;
    // Each was inserted, and what could not be known then was written afterwards.
    let both = db.all(&Category::select().order_by(Category::NAME.asc()).selectin(Category::PARENT)).await?;
    let parents: Vec<_> = both.iter().map(|it| (it.name(), it.parent().map(|parent| parent.name()))).collect();
    assert_eq!(parents, [("egg", Some("hen")), ("hen", Some("egg"))]);
    Ok(())
}
