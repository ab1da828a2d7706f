//! Written objects: net changes, batches, versions, unique values that change hands.

use super::{Outcome, committed, databases, entities::*, integers, sent, verbs};
use crate::{prelude::*, schema};

async fn documents(db: &Database, slugs: &[&str]) -> Result<Session, Error> {
    let mut session = db.session();
    session.insert_all(slugs.iter().map(|slug| Document::builder().slug(*slug))).await?;
    session.commit().await?;
    Ok(session)
}

#[tokio::test]
async fn net_changes_only() -> Outcome {
    for db in databases(schema![Document]).await {
        let session = documents(&db, &["a"]).await?;
        let document = session.get_one::<Document>(1).await?;
        let log = db.statement_log();
        document.set_slug("b");
        document.set_slug("a");
        session.flush().await?;
        assert_eq!(sent(&log), [""; 0]);
        assert_eq!(document.version(), 1);
        document.set_slug("c");
        session.flush().await?;
        assert_eq!(verbs(&log), ["UPDATE documents"]);
        assert_eq!(document.version(), 2);
        assert_eq!(document.touched(), Some("touched"));
        session.flush().await?;
        assert_eq!(sent(&log), [""; 0]);
        document.set_slug("d");
        session.flush().await?;
        assert_eq!(document.version(), 3);
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn rows_of_the_same_columns_are_one_batch_and_each_gets_its_own() -> Outcome {
    for db in databases(schema![Document]).await {
        let slugs: Vec<String> = (0..64).map(|number| format!("s{number}")).collect();
        let session = documents(&db, &slugs.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        let documents = session.all(&Document::select().order_by(Document::ID.asc())).await?;
        let log = db.statement_log();
        for document in &documents {
            document.set_slug(format!("t{}", document.id()));
        }
        documents[3].set_state("final");
        session.flush().await?;
        assert!(verbs(&log).len() <= 6);
        assert!(
            documents
                .iter()
                .all(|document| document.version() == 2 && document.slug() == format!("t{}", document.id()))
        );
        let wrong = "SELECT count(*) FROM documents WHERE slug <> 't' || id OR version <> 2 OR touched <> 'touched'";
        committed(session).await?;
        assert_eq!(integers(&mut db.acquire().await?, wrong).await?, [Some(0)]);
    }
    Ok(())
}

#[tokio::test]
async fn a_row_that_someone_else_changed_is_stale_and_named() -> Outcome {
    for db in databases(schema![Document]).await {
        let mut session = documents(&db, &["a", "b", "c", "d"]).await?;
        let stale = session.all(&Document::select().order_by(Document::ID.asc())).await?;
        session.commit_keeping().await?;
        db.execute("UPDATE documents SET version = version + 1 WHERE id = 3", Vec::new()).await?;
        for document in &stale {
            document.set_state("z");
        }
        let error = session.flush().await.expect_err("stale");
        assert_eq!(error.kind(), ErrorKind::StaleData);
        assert_eq!((error.entity(), error.key()), (Some("Document"), Some("3")));
        assert!(error.to_string().contains("version 1"), "{error}");
        session.rollback().await?;

        let gone = session.get_one::<Document>(4).await?;
        session.commit_keeping().await?;
        db.execute("UPDATE documents SET version = 9 WHERE id = 4", Vec::new()).await?;
        session.delete(&gone).await?;
        let error = session.flush().await.expect_err("stale");
        assert_eq!((error.kind(), error.key()), (ErrorKind::StaleData, Some("4")));
        assert!(error.to_string().contains("at version 9"), "{error}");
        session.rollback().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_row_without_a_version_that_is_gone_is_stale_too() -> Outcome {
    for db in databases(schema![Node]).await {
        let mut session = db.session();
        session.insert_all((0..4).map(|_| Node::builder().name("n"))).await?;
        session.commit().await?;
        let all = session.all(&Node::select()).await?;
        session.commit_keeping().await?;
        db.execute("DELETE FROM nodes WHERE id = 2", Vec::new()).await?;
        all.iter().for_each(|node| node.set_name("m"));
        let error = session.flush().await.expect_err("gone");
        assert_eq!((error.kind(), error.entity(), error.key()), (ErrorKind::StaleData, Some("Node"), Some("2")));
        session.rollback().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_unique_value_passes_from_a_row_that_goes_to_a_new_one() -> Outcome {
    for db in databases(schema![Document]).await {
        let session = documents(&db, &["home", "other"]).await?;
        let log = db.statement_log();
        let old = session.get_one::<Document>(1).await?;
        session.delete(&old).await?;
        let new = session.insert(Document::builder().slug("home")).await?;
        assert_eq!(verbs(&log)[1..], ["DELETE documents", "INSERT documents"]);
        assert_eq!(new.slug(), "home");
        // From a row that goes to one that is there, and from one that changes to a new one.
        let other = session.get_one::<Document>(2).await?;
        session.delete(&new).await?;
        other.set_slug("home");
        let fresh = session.insert(Document::builder().slug("other")).await?;
        assert_eq!(verbs(&log)[1..], ["DELETE documents", "UPDATE documents", "INSERT documents"]);
        assert_eq!(fresh.slug(), "other");
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn the_key_of_a_row_that_goes_can_be_taken_in_the_same_flush() -> Outcome {
    for db in databases(schema![Line]).await {
        let mut session = db.session();
        let old = session.insert(Line::builder().sheet(1).number(1).text("old")).await?;
        session.commit_keeping().await?;
        session.delete(&old).await?;
        let new = session.add(Line::builder().sheet(1).number(1).text("new"));
        if let Ok(new) = new {
            session.flush().await?;
            assert_eq!(session.persisted(&new)?.text(), "new");
        }
        session.rollback().await?;
        let line = session.get(LineKey { sheet: 1, number: 1 }).await?;
        assert_eq!(line.map(|line: Persistent<'_, Line>| line.text().to_owned()).as_deref(), Some("old"));
    }
    Ok(())
}

#[tokio::test]
async fn unique_values_move_along_a_chain_and_a_swap_is_refused() -> Outcome {
    for db in databases(schema![Document]).await {
        let mut session = documents(&db, &["a", "b", "c"]).await?;
        let all = session.all(&Document::select().order_by(Document::ID.asc())).await?;
        all[0].set_slug("b");
        all[1].set_slug("c");
        all[2].set_slug("d");
        session.flush().await?;
        let log = db.statement_log();
        all[0].set_slug("c");
        all[1].set_slug("b");
        let error = session.flush().await.expect_err("a swap");
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert_eq!(error.attribute(), Some("slug"));
        assert_eq!(sent(&log), [""; 0]);
        session.rollback().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_persistent_child_moves_to_a_new_parent() -> Outcome {
    for db in databases(&[User::DEF, Profile::DEF, Post::DEF, Comment::DEF, Tag::DEF]).await {
        let session = db.session();
        let ada = session.insert(User::builder().email("ada").posts([Post::builder().title("p")])).await?;
        let post = ada.posts().iter().next().expect("a post");
        let log = db.statement_log();
        let bob = session.add(User::builder().email("bob"))?;
        post.set_author(bob)?;
        session.flush().await?;
        assert_eq!(verbs(&log), ["INSERT users", "UPDATE posts"]);
        let bob = session.persisted(&bob)?;
        assert_eq!(post.author_id(), bob.id());
        assert_eq!(session.loaded(&post, Post::AUTHOR)?.author(), bob);
        assert_eq!(session.loaded(&bob, User::POSTS)?.posts().iter().next(), Some(post));
        assert_eq!(ada.posts().len(), 0);
        session.flush().await?;
        assert_eq!(sent(&log), [""; 0]);
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_write_after_the_deletion_is_refused() -> Outcome {
    for db in databases(schema![Document]).await {
        let mut session = documents(&db, &["a"]).await?;
        let document = session.get_one::<Document>(1).await?;
        session.delete(&document).await?;
        session.flush().await?;
        assert_eq!(document.slug(), "a");
        document.set_slug("b");
        let error = session.flush().await.expect_err("deleted");
        assert_eq!((error.kind(), error.attribute()), (ErrorKind::ObjectDeleted, Some("slug")));
        session.rollback().await?;
        assert_eq!(session.get_one::<Document>(1).await?.slug(), "a");
    }
    Ok(())
}
