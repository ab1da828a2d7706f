//! Deletions and what they take along.

use super::{Outcome, committed, databases, entities::*, integers, sent, verbs};
use crate::{prelude::*, schema};

const BLOG: &[&crate::schema::EntityDef] = &[User::DEF, Profile::DEF, Post::DEF, Comment::DEF, Tag::DEF];

async fn blog(db: &Database) -> Result<Session, Error> {
    let mut session = db.session();
    let rust = Tag::builder().name("rust").build();
    session
        .insert(
            User::builder().email("ada").profile(Profile::builder().text("hi")).posts([Post::builder()
                .title("a")
                .tags([rust])
                .comments([Comment::builder().text("x"), Comment::builder().text("y")])]),
        )
        .await?;
    let bob = session.insert(User::builder().email("bob")).await?;
    session.get_one::<Post>(1).await?.set_editor(bob)?;
    session.commit().await?;
    Ok(session)
}

#[tokio::test]
async fn children_go_with_their_parent_and_pairs_with_their_owner() -> Outcome {
    for db in databases(BLOG).await {
        let session = blog(&db).await?;
        let post = session.get_one::<Post>(1).await?;
        let log = db.statement_log();
        session.delete(&post).await?;
        session.flush().await?;
        assert_eq!(verbs(&log), ["SELECT t0", "DELETE comments", "DELETE post_tags", "DELETE posts"]);
        assert_eq!(post.title(), "a");
        assert!(session.get::<Comment>(1).await?.is_none());
        committed(session).await?;
        let left =
            "SELECT (SELECT count(*) FROM comments) + (SELECT count(*) FROM post_tags) + (SELECT count(*) FROM posts)";
        assert_eq!(integers(&mut db.acquire().await?, left).await?, [Some(0)]);
    }
    Ok(())
}

#[tokio::test]
async fn a_nullable_foreign_key_becomes_null() -> Outcome {
    for db in databases(BLOG).await {
        let session = blog(&db).await?;
        let bob = session.get_one::<User>(2).await?;
        let post = session.one(&Post::select().selectin(Post::EDITOR)).await?;
        assert_eq!(post.editor(), Some(bob));
        let log = db.statement_log();
        session.delete(&bob).await?;
        session.flush().await?;
        assert_eq!(verbs(&log), ["SELECT t0", "SELECT t0", "SELECT t0", "UPDATE posts", "DELETE users"]);
        assert_eq!(post.editor_id(), None);
        assert!(post.editor().is_none());
        session.flush().await?;
        assert_eq!(sent(&log), [""; 0]);
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_required_child_without_a_cascade_is_an_error_that_says_which() -> Outcome {
    for db in databases(BLOG).await {
        let mut session = blog(&db).await?;
        let ada = session.get_one::<User>(1).await?;
        let log = db.statement_log();
        session.delete(&ada).await?;
        let error = session.flush().await.expect_err("posts are in the way");
        assert_eq!(error.kind(), ErrorKind::MissingParent);
        assert_eq!((error.entity(), error.attribute(), error.key()), (Some("User"), Some("posts"), Some("1")));
        assert!(error.to_string().contains("cascade = \"all, delete-orphan\""), "{error}");
        assert!(sent(&log).iter().all(|sql| sql.starts_with("SELECT")));
        session.rollback().await?;

        // Deleted with it by the program, they are in nobody's way.
        let ada = session.get_one::<User>(1).await?;
        let post = session.get_one::<Post>(1).await?;
        session.delete(&ada).await?;
        session.delete(&post).await?;
        session.flush().await?;
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_is_gone_leaves_the_collections_that_showed_it() -> Outcome {
    for db in databases(BLOG).await {
        let session = blog(&db).await?;
        let query = Post::select().selectin(Post::COMMENTS).selectin(Post::TAGS);
        let post = session.one(&query).await?;
        let comment = post.comments().iter().next().expect("a comment");
        let tag = post.tags().iter().next().expect("a tag");
        session.delete(&comment).await?;
        session.delete(&tag).await?;
        assert_eq!(post.comments().len(), 2);
        session.flush().await?;
        assert_eq!(post.comments().iter().map(|comment| comment.id()).collect::<Vec<_>>(), [2]);
        assert_eq!(post.tags().len(), 0);
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_tree_goes_leaves_first_in_one_statement() -> Outcome {
    for db in databases(schema![Node]).await {
        let mut session = db.session();
        let leaf = |name: &str| Node::builder().name(name);
        session
            .insert(leaf("root").children([
                leaf("a").children([leaf("aa").build(), leaf("ab").build()]),
                leaf("b").children([leaf("ba").build()]),
            ]))
            .await?;
        session.commit().await?;
        let root = session.get_one::<Node>(1).await?;
        let log = db.statement_log();
        session.delete(&root).await?;
        session.flush().await?;
        // One SELECT for each level and one that finds no more, then one DELETE.
        assert_eq!(verbs(&log), ["SELECT t0", "SELECT t0", "SELECT t0", "DELETE nodes"]);
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_new_child_of_a_parent_that_goes_is_dropped_or_refused() -> Outcome {
    for db in databases(BLOG).await {
        let mut session = blog(&db).await?;
        let post = session.get_one::<Post>(1).await?;
        let comment = session.add(Comment::builder().text("late").post(post))?;
        session.delete(&post).await?;
        session.flush().await?;
        assert!(session.persisted(&comment).is_err());
        session.flush().await?;
        session.commit().await?;
        assert!(db.all(&Comment::select()).await?.is_empty());
    }
    Ok(())
}

#[tokio::test]
async fn an_orphan_goes_and_a_rollback_brings_everything_back() -> Outcome {
    for db in databases(BLOG).await {
        let mut session = blog(&db).await?;
        let post = session.one(&Post::select().selectin(Post::COMMENTS)).await?;
        let comment = post.comments().iter().next().expect("a comment");
        post.remove_from_comments(&comment)?;
        let log = db.statement_log();
        session.flush().await?;
        assert_eq!(verbs(&log), ["DELETE comments"]);
        session.delete(&post).await?;
        session.flush().await?;
        session.rollback().await?;
        let post = session.one(&Post::select().selectin(Post::COMMENTS)).await?;
        assert_eq!(post.comments().len(), 2);
        assert!(session.get::<Comment>(1).await?.is_some());
    }
    Ok(())
}

#[tokio::test]
async fn a_profile_is_replaced_in_one_flush() -> Outcome {
    for db in databases(BLOG).await {
        let session = blog(&db).await?;
        let ada = session.one(&User::select().filter(User::EMAIL.eq("ada")).selectin(User::PROFILE)).await?;
        let old = ada.profile().expect("a profile");
        session.delete(&old).await?;
        let new = session.add(Profile::builder().text("new").user(ada))?;
        session.flush().await?;
        let new = session.persisted(&new)?;
        assert_eq!(ada.profile(), Some(new));
        committed(session).await?;
    }
    Ok(())
}
