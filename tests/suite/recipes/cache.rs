//! A cache of JSON: detached values are written to it, read from it as `Cached`, vouched for, and brought back into a session.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend, refused};
use serde_json::json;

#[derive(Entity)]
#[orm(table = "articles", deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Article {
    #[orm(primary_key)]
    id: i64,
    #[serde(rename = "headline")]
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subtitle: Option<String>,
    #[orm(version)]
    version: i32,
    /// Never in the cache: it is just not loaded there.
    #[orm(sensitive)]
    draft: Deferred<Option<String>>,
    body: Deferred<String>,
    editor_id: Option<i64>,
    editor: BelongsTo<Editor>,
    #[orm(foreign_key = article_id, back_populates = article, cascade = "all, delete-orphan", order_by = id)]
    remarks: HasMany<Remark>,
}

#[derive(Entity)]
#[orm(table = "editors", deserialize)]
pub struct Editor {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

#[derive(Entity)]
#[orm(table = "remarks", deserialize)]
pub struct Remark {
    #[orm(primary_key)]
    id: i64,
    text: String,
    article_id: i64,
    #[orm(foreign_key = article_id, back_populates = remarks)]
    article: BelongsTo<Article>,
}

/// What the cache holds of an article.
pub type Page = Detached<Article, loaded!(Article { body, editor, remarks })>;

pub async fn page(db: &Database, id: i64) -> Result<Page, Error> {
    let query = Article::select().filter(Article::ID.eq(id)).undefer(Article::BODY);
    db.one(&query.joined(Article::EDITOR).selectin(Article::REMARKS)).await
}

each_backend!(
    a_page_is_read_as_it_was_written,
    what_was_decided_at_run_time_is_read_as_it_was,
    a_cached_page_is_attached,
    a_cached_page_is_merged,
    what_is_not_a_page_is_refused,
);

async fn filled(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Editor, Article, Remark]).await?;
    let mut session = db.session();
    let remarks = [Remark::builder().text("good"), Remark::builder().text("bad")];
    let article = Article::builder().title("News").body("long").draft("secret").remarks(remarks);
    session.insert(article.editor(Editor::builder().name("Ed"))).await?;
    session.insert(Article::builder().title("Alone").subtitle("no editor").body("b")).await?;
    session.commit().await?;
    Ok(db)
}

async fn a_page_is_read_as_it_was_written(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    for id in [1, 2] {
        let page = page(&db, id).await?;
        let json = serde_json::to_string(&page)?;
        assert!(!json.contains("secret"), "{json}");
        let read = serde_json::from_str::<Cached<Page>>(&json)?.vouch();
        assert_eq!(serde_json::to_string(&read)?, json);
        assert_eq!((read.title(), read.body(), read.subtitle()), (page.title(), page.body(), page.subtitle()));
        assert_eq!(read.editor().map(|editor| editor.name()), page.editor().map(|editor| editor.name()));
        assert!(read.try_draft().is_err());
        // Less is asked for than is there.
        let bare = serde_json::from_str::<Cached<Detached<Article>>>(&json)?.vouch();
        assert!(bare.title() == page.title() && bare.try_remarks().is_err());
    }
    Ok(())
}

async fn what_was_decided_at_run_time_is_read_as_it_was(db: TestDb) -> Outcome {
    async fn round_trip(db: &TestDb, wanted: bool, id: i64) -> Outcome<[Option<bool>; 2]> {
        let query = Article::select().filter(Article::ID.eq(id)).selectin_if(wanted, Article::EDITOR);
        let read = db.one(&query).await?;
        let mut again = Cached::from(read.clone());
        again.clone_from(&serde_json::from_str(&serde_json::to_string(&again)?)?);
        let again = again.vouch();
        // Not there, there and empty, there.
        let editor = |editor: Result<Option<&Detached<Editor>>, ()>| editor.ok().map(|editor| editor.is_some());
        Ok([editor(read.try_editor().map_err(|_| ())), editor(again.try_editor().map_err(|_| ()))])
    }
    let db = filled(db).await?;
    assert_eq!(round_trip(&db, false, 1).await?, [None, None]);
    assert_eq!(round_trip(&db, true, 1).await?, [Some(true), Some(true)]);
    assert_eq!(round_trip(&db, true, 2).await?, [Some(false), Some(false)]);
    Ok(())
}

async fn a_cached_page_is_attached(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let cached = serde_json::to_string(&page(&db, 1).await?)?;
    let mut session = db.session();
    let log = db.statement_log();
    let page = session.attach(serde_json::from_str::<Cached<Page>>(&cached)?.vouch())?;
    assert_eq!((page.body(), page.remarks().len()), ("long", 2));
    page.add_to_remarks(Remark::builder().text("late"))?;
    log.assert_silent();
    session.commit().await?;
    log.assert(&["INSERT remarks"]);
    Ok(())
}

async fn a_cached_page_is_merged(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let cached = serde_json::to_string(&page(&db, 1).await?)?;
    let mut read = serde_json::from_str::<Cached<Page>>(&cached)?.vouch();
    read.set_title("Fresh news");
    let mut session = db.session();
    let log = db.statement_log();
    let merged = session.merge(&read).await?;
    log.assert(&["SELECT articles", "SELECT editors", "SELECT remarks"]);
    assert_eq!((merged.title(), merged.body(), merged.version()), ("Fresh news", "long", 1));
    session.commit().await?;
    log.assert(&["UPDATE articles"]);
    // The cache is older than the row now.
    refused(session.merge(serde_json::from_str::<Cached<Page>>(&cached)?.vouch()).await, ErrorKind::StaleData);
    Ok(())
}

async fn what_is_not_a_page_is_refused(db: TestDb) -> Outcome {
    let _ = db;
    let whole = json!({ "id": 1, "headline": "News", "version": 1, "body": "b", "editorId": null, "editor": null, "remarks": [] });
    assert!(serde_json::from_value::<Cached<Page>>(whole.clone()).is_ok());
    for (lacking, words) in [
        ("headline", "missing field `title`"),
        ("body", "missing field `body`"),
        ("remarks", "missing field `remarks`"),
        ("editor", "missing field `editor`"),
    ] {
        let mut json = whole.clone();
        json.as_object_mut().expect("an object").remove(lacking);
        let error = serde_json::from_value::<Cached<Page>>(json).expect_err(lacking).to_string();
        assert!(error.contains(words), "{error}");
    }
    let mut json = whole;
    json["headline"] = json!(7);
    let error = serde_json::from_value::<Cached<Page>>(json).expect_err("a number").to_string();
    assert!(error.contains("`Article.title`"), "{error}");
    Ok(())
}
