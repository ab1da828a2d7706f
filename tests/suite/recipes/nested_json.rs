//! Nested JSON: one query loads a graph, `detach` makes it a value of its own, and serde writes exactly what was loaded.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};
use serde_json::json;

#[derive(Entity)]
#[orm(table = "authors")]
#[serde(rename_all = "camelCase")]
pub struct Author {
    #[orm(primary_key)]
    id: i64,
    full_name: String,
    #[orm(sensitive)]
    api_token: String,
    /// Long, and not selected unless asked for.
    bio: Deferred<Option<String>>,
    #[orm(foreign_key = author_id, back_populates = author, order_by = id)]
    posts: HasMany<Post>,
}

#[derive(Entity)]
#[orm(table = "posts")]
#[serde(rename_all = "camelCase")]
pub struct Post {
    #[orm(primary_key)]
    id: i64,
    #[serde(rename = "headline")]
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    subtitle: Option<String>,
    #[serde(skip)]
    author_id: i64,
    #[orm(foreign_key = author_id, back_populates = posts)]
    author: BelongsTo<Author>,
    #[orm(foreign_key = post_id, order_by = id)]
    comments: HasMany<Comment>,
}

#[derive(Entity)]
#[orm(table = "comments")]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    #[orm(primary_key)]
    id: i64,
    text: String,
    #[serde(skip)]
    post_id: i64,
    #[orm(foreign_key = post_id)]
    post: BelongsTo<Post>,
}

/// What an author's page shows: the name of a load state is an alias like any other.
pub type AuthorPage = Detached<Author, loaded!(Author { posts { comments } })>;

pub async fn author_page(db: &Database, id: i64) -> Result<AuthorPage, Error> {
    let query = Author::select().filter(Author::ID.eq(id)).selectin(Author::POSTS.selectin(Post::COMMENTS));
    db.one(&query).await
}

each_backend!(what_is_loaded_is_there_and_nothing_else_is, more_or_less_of_the_same_author);

async fn filled(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Author, Post, Comment]).await?;
    let mut session = db.session();
    let comment = |text| Comment::builder().text(text);
    let notes = Post::builder().title("Notes").comments([comment("first"), comment("second")]).build();
    let loops = Post::builder().title("Loops").subtitle("and how to leave them").build();
    let ada = Author::builder().full_name("Ada Lovelace").api_token("secret").bio("Wrote notes.").posts([notes, loops]);
    session.insert(ada).await?;
    session.commit().await?;
    Ok(db)
}

async fn what_is_loaded_is_there_and_nothing_else_is(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let log = db.statement_log();
    let page = author_page(&db, 1).await?;
    log.assert(&["SELECT authors", "SELECT posts", "SELECT comments"]);
    let expected = json!({
        "id": 1,
        "fullName": "Ada Lovelace",
        "posts": [
            { "id": 1, "headline": "Notes", "comments": [{ "id": 1, "text": "first" }, { "id": 2, "text": "second" }] },
            { "id": 2, "headline": "Loops", "subtitle": "and how to leave them", "comments": [] },
        ],
    });
    assert_eq!(serde_json::to_value(&page)?, expected);
    assert_eq!(page.posts()[0].comments()[1].text(), "second");
    Ok(())
}

async fn more_or_less_of_the_same_author(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let bare = db.one(&Author::select()).await?;
    assert_eq!(serde_json::to_value(&bare)?, json!({ "id": 1, "fullName": "Ada Lovelace" }));
    let with_bio = db.one(&Author::select().undefer(Author::BIO)).await?;
    let expected = json!({ "id": 1, "fullName": "Ada Lovelace", "bio": "Wrote notes." });
    assert_eq!(serde_json::to_value(&with_bio)?, expected);

    // The other way round, out of a session: the author of each post, once in memory and in each post's JSON.
    let session = db.session();
    let posts = session.all(&Post::select().order_by(Post::ID.asc()).joined(Post::AUTHOR)).await?;
    let posts: Vec<Detached<Post, loaded!(Post { author })>> =
        posts.iter().map(|post| session.detach(post)).collect::<Result<_, _>>()?;
    session.close().await?;
    let author = json!({ "id": 1, "fullName": "Ada Lovelace" });
    let expected = json!([
        { "id": 1, "headline": "Notes", "author": author },
        { "id": 2, "headline": "Loops", "subtitle": "and how to leave them", "author": author },
    ]);
    assert_eq!(serde_json::to_value(&posts)?, expected);

    // A function that asks for less takes what has more.
    let page = author_page(&db, 1).await?;
    let less: Detached<Author, loaded!(Author { posts })> = Detached::narrow(page);
    assert!(serde_json::to_value(&less)?["posts"][0].get("comments").is_none());
    Ok(())
}
