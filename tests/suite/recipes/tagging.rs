//! Tagging by names: tags that are there are taken, others are made, and what is not named any more goes.

use std::collections::BTreeSet;

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

#[derive(Entity)]
#[orm(table = "posts")]
pub struct Post {
    #[orm(primary_key)]
    id: i64,
    title: String,
    #[orm(secondary = "post_tags", back_populates = posts, order_by = name)]
    tags: ManyToMany<Tag>,
}

#[derive(Entity)]
#[orm(table = "tags")]
pub struct Tag {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique, length = 50)]
    name: String,
    #[orm(secondary = "post_tags", back_populates = tags, order_by = id)]
    posts: ManyToMany<Post>,
}

/// Makes these the tags of a post. Nothing is sent for what is so already; the rest goes with the next flush.
pub async fn set_tags(session: &Session, post: Key<Post>, names: &[&str]) -> Result<(), Error> {
    let names: BTreeSet<&str> = names.iter().copied().collect();
    let post = session.get_one(post).selectin(Post::TAGS).await?;
    for tag in post.tags() {
        if !names.contains(tag.name()) {
            post.remove_from_tags(&tag)?;
        }
    }
    let known = session.all(&Tag::select().filter(Tag::NAME.in_(names.iter().copied()))).await?;
    for name in names {
        match known.iter().find(|tag| tag.name() == name) {
            Some(tag) if post.tags().contains(tag) => {}
            Some(tag) => post.add_to_tags(tag)?,
            None => post.add_to_tags(Tag::builder().name(name))?,
        }
    }
    Ok(())
}

each_backend!(tags_are_found_or_made, a_new_post_with_old_and_new_tags, posts_with_all_of_some_tags);

async fn tags_of(db: &Database, post: i64) -> Outcome<Vec<String>> {
    let post = db.one(&Post::select().filter(Post::ID.eq(post)).selectin(Post::TAGS)).await?;
    Ok(post.tags().iter().map(|tag| tag.name().to_owned()).collect())
}

async fn tags_are_found_or_made(db: TestDb) -> Outcome {
    let db = db.with(schema![Post, Tag]).await?;
    let mut session = db.session();
    let post = Key::of(&session.insert(Post::builder().title("Notes")).await?);
    set_tags(&session, post, &["rust", "orm"]).await?;
    session.commit().await?;
    assert_eq!(tags_of(&db, 1).await?, ["orm", "rust"]);

    let log = db.statement_log();
    set_tags(&session, post, &["rust", "sql", "types", "rust"]).await?;
    session.commit().await?;
    let sent = log.texts();
    let writes: Vec<&str> = sent
        .iter()
        .filter(|sql| !sql.starts_with("SELECT"))
        .filter_map(|sql| sql.split('(').next())
        .map(str::trim)
        .collect();
    assert_eq!(writes.len(), 3, "new tags, a pair less, pairs more: {sent:#?}");
    assert_eq!(tags_of(&db, 1).await?, ["rust", "sql", "types"]);
    assert_eq!(db.count(&Tag::select()).await?, 4, "no tag is there twice");

    drop(log.take());
    set_tags(&session, post, &["types", "sql", "rust"]).await?;
    session.commit().await?;
    log.assert(&["SELECT posts", "SELECT tags JOIN post_tags", "SELECT tags"]);
    Ok(())
}

async fn a_new_post_with_old_and_new_tags(db: TestDb) -> Outcome {
    let db = db.with(schema![Post, Tag]).await?;
    let session = db.session();
    let rust = session.insert(Tag::builder().name("rust")).await?;
    let sql = Key::of(&session.insert(Tag::builder().name("sql")).await?);
    let log = db.statement_log();
    // A handle, a key and a new tag: `Member` is what they have in common.
    let tags: Vec<Member<Tag>> = vec![Member::from(rust), Member::from(sql), Tag::builder().name("types").into()];
    let post = session.insert(Post::builder().title("Notes").tags(tags)).await?;
    log.assert(&["INSERT posts", "INSERT tags", "INSERT post_tags"]);
    let post = session.load(&post, Post::TAGS).await?;
    assert_eq!(post.tags().len(), 3);
    let key = Key::of(&post);
    let mut session = session;
    session.commit().await?;
    let post = session.get_one(key).selectin(Post::TAGS).await?;
    assert_eq!(post.tags().iter().map(|tag| tag.name()).collect::<Vec<_>>(), ["rust", "sql", "types"]);
    Ok(())
}

async fn posts_with_all_of_some_tags(db: TestDb) -> Outcome {
    let db = db.with(schema![Post, Tag]).await?;
    let mut session = db.session();
    let posts = session
        .insert_all([Post::builder().title("Notes"), Post::builder().title("Loops"), Post::builder().title("Cards")])
        .await?;
    let keys: Vec<Key<Post>> = posts.iter().map(Key::of).collect();
    for (post, tags) in keys.iter().zip([&["rust", "sql"][..], &["rust"], &["sql", "rust", "orm"]]) {
        set_tags(&session, *post, tags).await?;
    }
    session.commit().await?;
    let mut query = Post::select().order_by(Post::ID.asc());
    for tag in ["rust", "sql"] {
        query = query.filter(Post::TAGS.any(Tag::NAME.eq(tag)));
    }
    let found = db.all(&query).await?;
    assert_eq!(found.iter().map(|post| post.title()).collect::<Vec<_>>(), ["Notes", "Cards"]);
    let rust = db.one(&Tag::select().filter(Tag::NAME.eq("rust")).selectin(Tag::POSTS)).await?;
    assert_eq!(rust.posts().len(), 3);
    Ok(())
}
