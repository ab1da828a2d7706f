//! Everything that is as deep as data makes it: it runs, or it is refused; nothing ends the process.

use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, TestDb, each_backend, refused};
use serde_json::{Value as Json, json};

use crate::fixtures::Node;

#[derive(Entity)]
#[orm(table = "deep_documents")]
struct Document {
    #[orm(primary_key)]
    id: i64,
    name: String,
    body: Option<Json>,
}

each_backend!(
    a_document_that_could_be_written_can_be_read_and_deleted,
    a_deep_tree_of_new_objects_is_merged_and_dropped,
);

fn lists(levels: usize) -> Json {
    (1..levels).fold(json!([]), |inner, _| Json::Array(vec![inner]))
}

fn objects(levels: usize) -> Json {
    (1..levels).fold(json!({}), |inner, _| json!({ "a": inner }))
}

async fn a_document_that_could_be_written_can_be_read_and_deleted(db: TestDb) -> Outcome {
    let db = db.with(schema![Document]).await?;
    for levels in [1, 31, 32, 100, 101, 127, 128, 2_000] {
        for body in [lists(levels), objects(levels), json!([1, lists(levels - 1), "x"])] {
            let mut session = db.session();
            let written = async {
                let new = |name: &str| Document::builder().name(name).body(Some(body.clone()));
                session.insert_all([new("a"), new("b")]).await.map(drop)
            };
            if let Err(error) = written.await {
                // MariaDB takes 32 levels, MySQL 100.
                assert!(levels > 127 || (db.is_mysql() && levels > 30), "{levels}: {error:?}");
                if levels > 127 {
                    assert_eq!(error.kind(), ErrorKind::Value, "{error}");
                }
                session.rollback().await?;
                let changed = session.insert(Document::builder().name("c")).await?;
                changed.set_body(Some(body));
                assert!(session.flush().await.is_err());
                session.rollback().await?;
                session.close().await?;
                continue;
            }
            assert!(levels <= 127, "what could not be read again");
            session.commit().await?;
            let found = session.all(&Document::select()).await?;
            assert_eq!(found.len(), 2);
            for document in found {
                assert_eq!(document.body(), Some(&body));
                document.set_name("c");
                session.flush().await?;
                session.delete(&document).await?;
            }
            session.commit().await?;
            session.close().await?;
            assert_eq!(db.count(&Document::select()).await?, 0);
        }
    }
    Ok(())
}

/// How deep: 100,000 once, fewer in each run.
fn levels(db: &TestDb) -> i64 {
    let usual = if db.is_sqlite() { 2_400 } else { 500 };
    std::env::var("ORM_DEPTH").ok().and_then(|levels| levels.parse().ok()).unwrap_or(usual)
}

fn chain(levels: i64) -> Transient<Node> {
    let leaf = Node::builder().id(levels).name("n").build();
    (1..levels).rev().fold(leaf, |child, id| Node::builder().id(id).name("n").children([child]).build().retype())
}

async fn a_deep_tree_of_new_objects_is_merged_and_dropped(db: TestDb) -> Outcome {
    let db = db.with(schema![Node]).await?;
    let levels = levels(&db);
    // Never used, it is dropped.
    drop(chain(20_000));
    let mut session = db.session();
    session.insert(chain(levels)).await?;
    session.commit().await?;
    assert_eq!(db.count(&Node::select()).await?, levels.unsigned_abs());
    session.merge(chain(levels)).await?;
    session.commit().await?;
    session.close().await?;
    let mut session = db.session();
    session.merge(chain(levels.min(2_400))).await?;
    session.rollback().await?;
    // Refused as a whole, it is dropped as well.
    refused(db.session().insert(chain(2_400)).await.map(drop), ErrorKind::UniqueViolation);
    Ok(())
}
