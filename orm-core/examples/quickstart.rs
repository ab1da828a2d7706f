//! A first tour, on an in-memory SQLite database: `cargo run --example quickstart`.
//!
//! Writes a graph, reads it back with its relationships, hands out an owned value, and prints the SQL of each step.

use orm_core::prelude::*;

/// Someone who writes.
#[derive(Entity)]
#[orm(table = "users")]
pub struct User {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique, length = 255)]
    email: String,
    first_name: String,
    last_name: String,
    /// Never in Debug or JSON.
    #[orm(sensitive)]
    password_hash: String,
    /// Not selected unless asked for.
    bio: Deferred<Option<String>>,
    #[orm(foreign_key = author_id, cascade = "all, delete-orphan")]
    posts: HasMany<Post>,
}

/// A method of your own: written once, there on handles and on detached values.
impl User {
    /// First and last name.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }
}

/// Something written.
#[derive(Entity)]
#[orm(table = "posts")]
pub struct Post {
    #[orm(primary_key)]
    id: i64,
    title: String,
    author_id: i64,
    #[orm(foreign_key = author_id, back_populates = posts)]
    author: BelongsTo<User>,
    #[orm(secondary = "post_tags")]
    tags: ManyToMany<Tag>,
}

/// What posts are about.
#[derive(Entity)]
#[orm(table = "tags")]
pub struct Tag {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    name: String,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let db = Database::connect("sqlite::memory:").await?;
    db.create_all(schema![User, Post, Tag]).await?;
    let log = db.statement_log();
    let mut session = db.session();

    step("Insert a user with two posts and a shared tag: one statement for each table");
    let rust = Tag::builder().name("rust").build();
    let ada = session
        .insert(
            User::builder()
                .email("ada@example.org")
                .first_name("Ada")
                .last_name("Byron")
                .password_hash("secret")
                .posts([
                    Post::builder().title("Notes").tags([rust]),
                    Post::builder().title("Loops").tags([Tag::builder().name("maths").build()]),
                ]),
        )
        .await?;
    println!("{ada:?} with {} posts", ada.posts().len());
    show(&log);

    step("Change one attribute and commit: one UPDATE of one column");
    ada.set_last_name("Lovelace");
    let key = Key::of(&ada); // survives the commit; `ada` does not: using it below would not compile
    session.commit().await?;
    show(&log);

    step("Read it back with posts, their author and tags");
    let query = User::select()
        .filter(User::LAST_NAME.starts_with("Love"))
        .selectin(User::POSTS.joined(Post::AUTHOR).selectin(Post::TAGS));
    let user = session.one(&query).await?;
    for post in user.posts() {
        let tags: Vec<&str> = post.tags().iter().map(|tag| tag.name()).collect();
        println!("{} by {} {tags:?}", post.title(), post.author().full_name());
    }
    show(&log);

    step("Get it by key: the session holds it, so there is no statement");
    let same = session.get_one(key).await?;
    println!("the same object: {}", same == user);
    show(&log);

    step("Hand out an owned value; its type says what it holds");
    type UserWithPosts = loaded!(User { posts { author, tags } });
    let detached: Detached<User, UserWithPosts> = session.detach(&user)?;
    session.close().await?;
    println!(
        "{} wrote {:?}",
        detached.full_name(),
        detached.posts().iter().map(|post| post.title()).collect::<Vec<_>>()
    );
    show(&log);

    step("A plain read needs no session");
    let users: Vec<Detached<User>> = db.all(&User::select().order_by(User::EMAIL.asc()).limit(20)).await?;
    println!("{users:?}");
    show(&log);
    Ok(())
}

fn step(what: &str) {
    println!("\n== {what}");
}

fn show(log: &StatementLog) {
    for statement in log.take() {
        println!("   {}", statement.sql);
    }
}
