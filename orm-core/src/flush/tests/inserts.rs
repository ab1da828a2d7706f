//! Graphs of new objects.

use super::{Outcome, committed, databases, entities::*, integers, sent, verbs};
use crate::{prelude::*, schema};

const BLOG: &[&crate::schema::EntityDef] = &[User::DEF, Profile::DEF, Post::DEF, Comment::DEF, Tag::DEF];

#[tokio::test]
async fn a_graph_goes_out_parents_first_and_is_known_whole() -> Outcome {
    for db in databases(BLOG).await {
        let log = db.statement_log();
        let session = db.session();
        let rust = Tag::builder().name("rust").build();
        let ada = session
            .insert(
                User::builder().email("ada").profile(Profile::builder().text("hi")).posts([Post::builder()
                    .title("a")
                    .tags([rust])
                    .comments([Comment::builder().text("x"), Comment::builder().text("y")])]),
            )
            .await?;
        let tables: Vec<String> = verbs(&log);
        let first = |table: &str| tables.iter().position(|verb| verb == &format!("INSERT {table}")).expect(table);
        assert!(first("users") < first("posts") && first("posts") < first("comments"), "{tables:?}");
        assert!(first("users") < first("profiles") && first("tags") < first("post_tags"), "{tables:?}");

        // Everything was given, so that everything is known: no statement.
        let post = ada.posts().iter().next().expect("a post");
        assert_eq!(post.title(), "a");
        assert_eq!(post.comments().iter().map(|comment| comment.text().to_owned()).collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(post.tags().iter().map(|tag| tag.name().to_owned()).collect::<Vec<_>>(), ["rust"]);
        assert_eq!(ada.profile().map(|profile| profile.text().to_owned()).as_deref(), Some("hi"));
        assert_eq!(ada.name(), None);
        let ada = session.loaded(&ada, User::EDITED)?;
        assert_eq!(ada.edited().len(), 0);
        let post = session.loaded(&post, Post::AUTHOR)?;
        assert_eq!(post.author(), ada);
        let post = session.loaded(&post, Post::EDITOR)?;
        assert!(post.editor().is_none());
        let tag = post.tags().iter().next().expect("a tag");
        assert!(session.loaded(&tag, Tag::POSTS)?.posts().iter().next().is_some_and(|first| first == post));
        assert_eq!(log.count(), 0);
        committed(session).await?;
        let stored = integers(&mut db.acquire().await?, "SELECT author_id FROM posts").await?;
        assert_eq!(stored, [Some(1)]);
    }
    Ok(())
}

#[tokio::test]
async fn a_child_added_before_its_parent_follows_it() -> Outcome {
    for db in databases(BLOG).await {
        let session = db.session();
        let post = session.add(Post::builder().title("first"))?;
        let ada = session.add(User::builder().email("ada"))?;
        post.set_author(ada)?;
        session.flush().await?;
        let (post, ada) = (session.persisted(&post)?, session.persisted(&ada)?);
        assert_eq!(session.loaded(&ada, User::POSTS)?.posts().iter().collect::<Vec<_>>(), [post]);
        assert_eq!(session.loaded(&post, Post::AUTHOR)?.author(), ada);
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn generated_keys_belong_to_their_objects_whatever_the_batch() -> Outcome {
    for db in databases(BLOG).await {
        let session = db.session();
        let emails: Vec<String> = (0..1_337).map(|number| format!("{:04}", (number * 7_919) % 10_007)).collect();
        let users = session.insert_all(emails.iter().map(|email| User::builder().email(email.as_str()))).await?;
        let keys: Vec<i64> = users.iter().map(|user| user.id()).collect();
        assert!(keys.is_sorted());
        committed(session).await?;
        let mut connection = db.acquire().await?;
        for (email, key) in emails.iter().zip(keys).step_by(97) {
            let found = integers(&mut connection, &format!("SELECT id FROM users WHERE email = '{email}'")).await?;
            assert_eq!(found, [Some(key)]);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_required_parent_that_never_came_is_named_before_any_statement() -> Outcome {
    for db in databases(BLOG).await {
        let log = db.statement_log();
        let mut session = db.session();
        session.add(User::builder().email("ada"))?;
        session.add(Post::builder().title("nobody's"))?;
        let error = session.flush().await.expect_err("no author");
        assert_eq!(error.kind(), ErrorKind::MissingParent);
        assert_eq!((error.entity(), error.attribute(), error.verb()), (Some("Post"), Some("author"), Some("flush")));
        assert_eq!(sent(&log), [""; 0]);
        session.rollback().await?;
        session.insert(User::builder().email("ada")).await?;
    }
    Ok(())
}

#[tokio::test]
async fn rows_that_refer_to_their_own_table_go_level_by_level() -> Outcome {
    for db in databases(schema![Node]).await {
        let log = db.statement_log();
        let session = db.session();
        let leaf = |name: &str| Node::builder().name(name);
        let root = session
            .insert(leaf("root").children([
                leaf("a").children([leaf("aa").build(), leaf("ab").build()]),
                leaf("b").children([leaf("ba").build()]),
            ]))
            .await?;
        assert!(sent(&log).len() <= 5);
        let names: Vec<Vec<String>> = root
            .children()
            .iter()
            .map(|child| child.children().iter().map(|leaf| leaf.name().to_owned()).collect())
            .collect();
        assert_eq!(names, [vec!["aa".to_owned(), "ab".into()], vec!["ba".into()]]);
        assert!(session.loaded(&root, Node::PARENT)?.parent().is_none());
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_long_chain_with_keys_of_its_own_is_few_statements() -> Outcome {
    let length = 100_000;
    for db in databases(schema![Node]).await {
        let log = db.statement_log();
        let session = db.session();
        // Children first, so that nothing is in order by luck.
        for id in (1..=length).rev() {
            let node = Node::builder().id(id).name("n");
            session.add(if id == 1 { node.build() } else { node.parent(Key::<Node>::new(id - 1)).build() })?;
        }
        session.flush().await?;
        assert!(sent(&log).len() < 200);
        committed(session).await?;
        let mut session = db.session();
        let all = session.all(&Node::select()).await?;
        assert_eq!(all.len(), length as usize);
        session.delete(&session.get_one::<Node>(1).await?).await?;
        session.rollback().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_circle_of_tables_is_written_by_row_and_closed_by_an_update() -> Outcome {
    for db in databases(schema![Team, Worker]).await {
        let log = db.statement_log();
        let session = db.session();
        let team = session.add(Team::builder().name("core"))?;
        let lead = session.add(Worker::builder().name("ada"))?;
        lead.set_team(team)?;
        team.set_lead(lead)?;
        session.flush().await?;
        assert_eq!(verbs(&log), ["INSERT teams", "INSERT workers", "UPDATE teams"]);
        let (team, lead) = (session.persisted(&team)?, session.persisted(&lead)?);
        assert_eq!(session.loaded(&team, Team::LEAD)?.lead(), Some(lead));
        assert_eq!(session.loaded(&lead, Worker::TEAM)?.team(), team);
        assert_eq!(team.lead_id(), Some(lead.id()));
        session.flush().await?;
        assert_eq!(sent(&log), [""; 0]);
        // And it goes as it came: the lead lets go first.
        session.delete(&team).await?;
        session.flush().await?;
        assert_eq!(verbs(&log).last().map(String::as_str), Some("DELETE teams"));
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_node_may_be_its_own_parent() -> Outcome {
    for db in databases(schema![Node]).await {
        let session = db.session();
        let node = session.add(Node::builder().name("self"))?;
        node.set_parent(node)?;
        session.flush().await?;
        let node = session.persisted(&node)?;
        assert_eq!(node.parent_id(), Some(node.id()));
        session.delete(&node).await?;
        session.flush().await?;
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn what_the_database_makes_comes_back() -> Outcome {
    for db in databases(schema![Document, Line]).await {
        let log = db.statement_log();
        let session = db.session();
        let documents = session.insert_all([Document::builder().slug("a"), Document::builder().slug("b")]).await?;
        assert!(documents.iter().all(|document| document.state() == "draft" && document.version() == 1));
        // Keys that the program made: what comes back is matched by them.
        let lines = (0..6).map(|number| Line::builder().sheet(number % 2).number(9 - number));
        let lines = session.insert_all(lines).await?;
        assert!(lines.iter().zip(0..).all(|(line, number)| line.number() == 9 - number && line.text() == "-"));
        assert!(log.count() > 0);
        committed(session).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_failed_flush_leaves_the_objects_as_they_were() -> Outcome {
    for db in databases(BLOG).await {
        let mut session = db.session();
        session.insert(User::builder().email("taken")).await?;
        session.commit().await?;
        let fresh = session.add(User::builder().email("fresh"))?;
        let clash = session.add(User::builder().email("taken"))?;
        let error = session.flush().await.expect_err("not unique");
        assert_eq!(error.kind(), ErrorKind::UniqueViolation);
        assert_eq!(error.entity(), Some("User"));
        assert!(session.persisted(&fresh).is_err() && session.persisted(&clash).is_err());
        assert_eq!(session.flush().await.expect_err("inactive").kind(), ErrorKind::PendingRollback);
        session.rollback().await?;
    }
    Ok(())
}

#[tokio::test]
async fn pairs_given_from_both_sides_are_one_row() -> Outcome {
    for db in databases(BLOG).await {
        let log = db.statement_log();
        let session = db.session();
        let ada = session.insert(User::builder().email("ada")).await?;
        let post = session.add(Post::builder().title("p").author(ada))?;
        let tag = session.add(Tag::builder().name("t"))?;
        post.add_to_tags(tag)?;
        tag.add_to_posts(post)?;
        session.flush().await?;
        let pairs = verbs(&log).into_iter().filter(|verb| verb == "INSERT post_tags").count();
        assert_eq!(pairs, 1);
        let (post, tag) = (session.persisted(&post)?, session.persisted(&tag)?);
        let post = session.loaded(&post, Post::TAGS)?;
        assert_eq!(post.tags().iter().collect::<Vec<_>>(), [tag]);
        // Taken away on one side, it is gone on the other, and the row goes.
        post.remove_from_tags(&tag)?;
        session.flush().await?;
        assert_eq!(verbs(&log), ["DELETE post_tags"]);
        assert_eq!(session.loaded(&tag, Tag::POSTS)?.posts().len(), 0);
        committed(session).await?;
    }
    Ok(())
}
