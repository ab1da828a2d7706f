//! What this project promises of large units of work: round trips grow with tables, not with rows.

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, User};

#[derive(Entity)]
#[orm(table = "authors")]
struct Author {
    #[orm(primary_key)]
    id: i64,
    name: String,
    #[orm(foreign_key = author_id, back_populates = author, order_by = id)]
    posts: HasMany<Post>,
}

#[derive(Entity)]
#[orm(table = "posts")]
struct Post {
    #[orm(primary_key)]
    id: i64,
    title: String,
    author_id: i64,
    author: BelongsTo<Author>,
    #[orm(foreign_key = post_id, back_populates = post, order_by = id)]
    comments: HasMany<Comment>,
}

#[derive(Entity)]
#[orm(table = "comments")]
struct Comment {
    #[orm(primary_key)]
    id: i64,
    text: String,
    post_id: i64,
    post: BelongsTo<Post>,
}

each_backend!(
    a_thousand_users_with_ten_posts_of_ten_comments_are_few_statements,
    a_thousand_objects_with_a_thousand_values_are_one_statement,
);

async fn a_thousand_users_with_ten_posts_of_ten_comments_are_few_statements(db: TestDb) -> Outcome {
    let db = db.with(schema![Author, Post, Comment]).await?;
    let mut session = db.session();
    let comments = |n: usize| (0..10).map(move |at| Comment::builder().text(format!("c{n}.{at}")));
    let posts =
        |n: usize| (0..10).map(move |at| Post::builder().title(format!("p{n}.{at}")).comments(comments(n * 10 + at)));
    for n in 0..1000 {
        session.add(Author::builder().name(format!("a{n}")).posts(posts(n)))?;
    }
    let log = db.statement_log();
    session.commit().await?;
    assert!(log.count() <= 30, "{} statements", log.count());
    // Every child is where it was put, in its order.
    assert_eq!(db.count(&Comment::select()).await?, 100_000);
    let author = db
        .one(&Author::select().filter(Author::NAME.eq("a567")).selectin(Author::POSTS.selectin(Post::COMMENTS)))
        .await?;
    let titles: Vec<&str> = author.posts().iter().map(|post| post.title()).collect();
    assert_eq!(titles, (0..10).map(|at| format!("p567.{at}")).collect::<Vec<_>>());
    for (n, post) in author.posts().iter().enumerate() {
        let texts: Vec<&str> = post.comments().iter().map(|comment| comment.text()).collect();
        assert_eq!(texts, (0..10).map(|at| format!("c{}.{at}", 5670 + n)).collect::<Vec<_>>());
    }
    Ok(())
}

async fn a_thousand_objects_with_a_thousand_values_are_one_statement(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    session.insert_all((0..1000).map(|n| User::builder().name(format!("u{n}")))).await?;
    session.commit().await?;
    let users = session.all(&User::select().filter(User::NICK.is_null() & User::ID.gt(3))).await?;
    assert_eq!(users.len(), 1000);
    for user in &users {
        user.set_nick(format!("nick of {}", user.name()));
    }
    let log = db.statement_log();
    session.commit().await?;
    log.assert(&["UPDATE users"]);
    let stored = db.all(&User::select().filter(User::ID.gt(3))).await?;
    assert!(stored.iter().all(|user| user.nick() == Some(&*format!("nick of {}", user.name()))));
    Ok(())
}
