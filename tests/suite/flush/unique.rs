//! Unique values that change hands within one flush: an order that the database takes, or an error before anything is sent.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};

#[derive(Entity)]
#[orm(table = "pages", unique(site, path))]
struct Page {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    slug: Option<String>,
    site: Option<String>,
    path: String,
}

#[derive(Entity)]
#[orm(table = "owners")]
struct Owner {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(foreign_key = owner_id, back_populates = owner, cascade = "all, delete-orphan")]
    badge: HasOne<Badge>,
}

#[derive(Entity)]
#[orm(table = "badges")]
struct Badge {
    #[orm(primary_key)]
    id: i64,
    text: String,
    #[orm(unique)]
    owner_id: i64,
    #[orm(foreign_key = owner_id, back_populates = badge)]
    owner: BelongsTo<Owner>,
}

each_backend!(
    a_value_passes_from_a_deleted_row_to_a_new_one,
    a_value_passes_from_a_deleted_row_to_a_changed_one,
    a_value_moves_from_one_row_to_another,
    a_value_passes_from_a_changed_row_to_a_new_one,
    a_swap_is_refused_before_any_statement,
    a_value_of_two_columns_passes_on,
    null_belongs_to_nobody,
    a_one_to_one_is_replaced,
    a_key_passes_from_a_deleted_row_to_a_new_one,
);

async fn pages(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Page]).await?;
    db.run(&["INSERT INTO pages (slug, site, path) VALUES ('a', 's', '/a'), ('b', 's', '/b'), (NULL, NULL, '/c')"])
        .await?;
    Ok(db)
}

async fn slugs(db: &Database) -> Outcome<Vec<(i64, String)>> {
    let pages = db.all(&Page::select().order_by(Page::ID.asc())).await?;
    Ok(pages.iter().map(|page| (page.id(), page.slug().unwrap_or("-").to_owned())).collect())
}

fn rows(rows: &[(i64, &str)]) -> Vec<(i64, String)> {
    rows.iter().map(|(id, slug)| (*id, (*slug).to_owned())).collect()
}

async fn a_value_passes_from_a_deleted_row_to_a_new_one(db: TestDb) -> Outcome {
    let db = pages(db).await?;
    let mut session = db.session();
    let old = session.get_one::<Page>(1).await?;
    session.add(Page::builder().slug("a").site("s").path("/a"))?;
    session.delete(&old).await?;
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["DELETE pages", "INSERT pages"]);
    assert_eq!(slugs(&db).await?, rows(&[(2, "b"), (3, "-"), (4, "a")]));
    Ok(())
}

async fn a_value_passes_from_a_deleted_row_to_a_changed_one(db: TestDb) -> Outcome {
    let db = pages(db).await?;
    let mut session = db.session();
    let (old, heir) = (session.get_one::<Page>(1).await?, session.get_one::<Page>(2).await?);
    heir.set_slug("a");
    session.delete(&old).await?;
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["DELETE pages", "UPDATE pages"]);
    assert_eq!(slugs(&db).await?, rows(&[(2, "a"), (3, "-")]));
    Ok(())
}

async fn a_value_moves_from_one_row_to_another(db: TestDb) -> Outcome {
    let db = pages(db).await?;
    let mut session = db.session();
    let (a, b) = (session.get_one::<Page>(1).await?, session.get_one::<Page>(2).await?);
    // The one that takes was written first.
    b.set_slug("a");
    a.set_slug("free");
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["UPDATE pages", "UPDATE pages"]);
    assert_eq!(slugs(&db).await?, rows(&[(1, "free"), (2, "a"), (3, "-")]));
    Ok(())
}

async fn a_value_passes_from_a_changed_row_to_a_new_one(db: TestDb) -> Outcome {
    let db = pages(db).await?;
    let mut session = db.session();
    session.get_one::<Page>(1).await?.set_slug("moved");
    session.add(Page::builder().slug("a").path("/new"))?;
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["UPDATE pages", "INSERT pages"]);
    assert_eq!(slugs(&db).await?, rows(&[(1, "moved"), (2, "b"), (3, "-"), (4, "a")]));
    Ok(())
}

async fn a_swap_is_refused_before_any_statement(db: TestDb) -> Outcome {
    let db = pages(db).await?;
    let mut session = db.session();
    let (a, b) = (session.get_one::<Page>(1).await?, session.get_one::<Page>(2).await?);
    a.set_slug("b");
    b.set_slug("a");
    let log = db.statement_log();
    let error = refused(session.flush().await, ErrorKind::UniqueViolation);
    log.assert(&[]);
    assert_eq!((error.entity(), error.attribute()), (Some("Page"), Some("slug")), "{error}");
    assert!(error.to_string().contains("flush in between"), "{error}");
    session.rollback().await?;

    // As it says.
    let (a, b) = (session.get_one::<Page>(1).await?, session.get_one::<Page>(2).await?);
    a.set_slug(None::<String>);
    session.flush().await?;
    b.set_slug("a");
    session.flush().await?;
    a.set_slug("b");
    session.commit().await?;
    assert_eq!(slugs(&db).await?, rows(&[(1, "b"), (2, "a"), (3, "-")]));
    Ok(())
}

async fn a_value_of_two_columns_passes_on(db: TestDb) -> Outcome {
    let db = pages(db).await?;
    let mut session = db.session();
    let (a, b) = (session.get_one::<Page>(1).await?, session.get_one::<Page>(2).await?);
    b.set_path("/a");
    a.set_site("other");
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["UPDATE pages", "UPDATE pages"]);
    // Half of it is nobody's.
    a.set_path("/b");
    a.set_slug("x");
    b.set_site("third");
    session.commit().await?;
    let stored = db.all(&Page::select().order_by(Page::ID.asc())).await?;
    let stored: Vec<_> = stored.iter().map(|page| (page.site(), page.path())).collect();
    assert_eq!(stored, [(Some("other"), "/b"), (Some("third"), "/a"), (None, "/c")]);
    Ok(())
}

async fn null_belongs_to_nobody(db: TestDb) -> Outcome {
    let db = pages(db).await?;
    let mut session = db.session();
    let all = session.all(&Page::select().order_by(Page::ID.asc())).await?;
    all[0].set_slug(None::<String>);
    all[1].set_slug(None::<String>);
    all[2].set_slug("c");
    all[1].set_site(None::<String>);
    all[1].set_path("/c");
    session.add(Page::builder().path("/c"))?;
    session.commit().await?;
    assert_eq!(slugs(&db).await?, rows(&[(1, "-"), (2, "-"), (3, "c"), (4, "-")]));
    Ok(())
}

async fn a_one_to_one_is_replaced(db: TestDb) -> Outcome {
    let db = db.with(schema![Owner, Badge]).await?;
    let mut session = db.session();
    let owner = session.insert(Owner::builder().name("Ada").badge(Badge::builder().text("old"))).await?;
    let old = owner.badge().expect("inserted with it");
    session.delete(&old).await?;
    session.add(Badge::builder().text("new").owner(owner))?;
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["DELETE badges", "INSERT badges"]);
    let badge = db.one(&Badge::select()).await?;
    assert_eq!(badge.text(), "new");
    Ok(())
}

async fn a_key_passes_from_a_deleted_row_to_a_new_one(db: TestDb) -> Outcome {
    let db = pages(db).await?;
    let mut session = db.session();
    session.delete(&session.get_one::<Page>(1).await?).await?;
    session.flush().await?;
    session.add(Page::builder().id(1).slug("reborn").path("/r"))?;
    session.flush().await?;
    assert_eq!(session.get_one::<Page>(1).await?.slug(), Some("reborn"));
    session.commit().await?;
    assert_eq!(slugs(&db).await?, rows(&[(1, "reborn"), (2, "b"), (3, "-")]));
    Ok(())
}
