//! W4: 300 users, 10 posts of each, 10 comments of each post, eagerly: three statements and 33,300 rows.

use std::{collections::HashMap, hint::black_box};

use diesel::prelude::*;
use orm_core::prelude::{Database, Select};
use sea_orm::{ColumnTrait as _, EntityTrait as _, LoaderTrait as _, QueryFilter as _};
use sqlx::Connection as _;

use crate::{
    contest::{Contest, repeat, repeat_async},
    databases::{AUTHORS, Databases},
    entities::{
        by_hand::{self, Comment, Post},
        diesel as theirs,
        ours::{Post as OurPost, User},
        sea::{comment, post, user},
    },
    w1_read::sea_options,
};

const POSTS: &str = "SELECT id, user_id, title FROM bench_posts WHERE user_id";
const COMMENTS: &str = "SELECT id, post_id, text FROM bench_comments WHERE post_id";

/// Users with their posts, and these with their comments, as one makes them by hand.
type Graph = Vec<(by_hand::User, Vec<(Post, Vec<Comment>)>)>;

pub fn run(databases: &Databases) {
    let runtime = &databases.runtime;
    for (backend, url) in databases.urls() {
        let db = runtime.block_on(Database::connect(&url)).expect("a database");
        let mut session = db.session();
        let sea = runtime.block_on(sea_orm::Database::connect(sea_options(&url))).expect("a database");
        let query: Select<User, _> =
            User::select().filter(User::ID.le(AUTHORS)).selectin(User::POSTS.selectin(OurPost::COMMENTS));
        let mut contest = Contest::new(format!("W4 {AUTHORS} {backend}"));
        contest.ours("detached", |times| {
            repeat_async(runtime, times, async || {
                black_box(db.all(&query).await.expect("rows"));
            })
        });
        contest.ours("tracked", |times| {
            repeat_async(runtime, times, async || {
                black_box(session.all(&query).await.expect("rows"));
                session.expunge_all();
            })
        });
        contest.peer("SeaORM", |times| {
            repeat_async(runtime, times, async || {
                let users = user::Entity::find().filter(user::Column::Id.lte(AUTHORS)).all(&sea).await.expect("rows");
                let posts = users.load_many(post::Entity, &sea).await.expect("rows");
                let flat: Vec<post::Model> = posts.iter().flatten().cloned().collect();
                let comments = flat.load_many(comment::Entity, &sea).await.expect("rows");
                black_box((users, posts, comments));
            })
        });
        if backend == "SQLite" {
            sqlite(&mut contest, databases);
        } else {
            postgres(&mut contest, databases, &url);
        }
        contest.run(1);
    }
}

/// Puts rows with the key of their parent into a map by that key.
fn by_parent<T>(rows: impl IntoIterator<Item = (i64, T)>) -> HashMap<i64, Vec<T>> {
    let mut parents: HashMap<i64, Vec<T>> = HashMap::new();
    for (parent, row) in rows {
        parents.entry(parent).or_default().push(row);
    }
    parents
}

fn together(users: Vec<by_hand::User>, posts: Vec<Post>, comments: Vec<Comment>) -> Graph {
    let mut comments = by_parent(comments.into_iter().map(|comment| (comment.post_id, comment)));
    let posts = posts.into_iter().map(|post| {
        let comments = comments.remove(&post.id).unwrap_or_default();
        (post.user_id, (post, comments))
    });
    let mut posts = by_parent(posts);
    users
        .into_iter()
        .map(|user| {
            let posts = posts.remove(&user.id).unwrap_or_default();
            (user, posts)
        })
        .collect()
}

fn sqlite<'d>(contest: &mut Contest<'d>, databases: &'d Databases) {
    use theirs::bench_users::dsl::{bench_users, id};

    let raw = rusqlite::Connection::open(&databases.sqlite).expect("a file");
    contest.peer("rusqlite", move |times| {
        repeat(times, || {
            let list = |keys: Vec<i64>| format!("[{}]", keys.iter().map(i64::to_string).collect::<Vec<_>>().join(","));
            let each = "IN (SELECT value FROM json_each(?))";
            let mut statement = raw.prepare_cached(by_hand::MANY).expect("prepared");
            let users = statement.query_map([AUTHORS], by_hand::User::of_row).expect("rows");
            let users: Vec<by_hand::User> = users.collect::<rusqlite::Result<_>>().expect("rows");
            let mut statement = raw.prepare_cached(&format!("{POSTS} {each}")).expect("prepared");
            let keys = list(users.iter().map(|user| user.id).collect());
            let posts = statement.query_map([keys], Post::of_row).expect("rows");
            let posts: Vec<Post> = posts.collect::<rusqlite::Result<_>>().expect("rows");
            let mut statement = raw.prepare_cached(&format!("{COMMENTS} {each}")).expect("prepared");
            let keys = list(posts.iter().map(|post| post.id).collect());
            let comments = statement.query_map([keys], Comment::of_row).expect("rows");
            let comments: Vec<Comment> = comments.collect::<rusqlite::Result<_>>().expect("rows");
            black_box(together(users, posts, comments));
        })
    });
    let mut connection = SqliteConnection::establish(&databases.sqlite.to_string_lossy()).expect("a file");
    contest.peer("Diesel", move |times| {
        repeat(times, || {
            let users: Vec<theirs::User> = bench_users
                .filter(id.le(AUTHORS))
                .select(theirs::User::as_select())
                .load(&mut connection)
                .expect("rows");
            let posts: Vec<theirs::Post> = theirs::Post::belonging_to(&users)
                .select(theirs::Post::as_select())
                .load(&mut connection)
                .expect("rows");
            let comments: Vec<theirs::Comment> = theirs::Comment::belonging_to(&posts)
                .select(theirs::Comment::as_select())
                .load(&mut connection)
                .expect("rows");
            let comments = comments.grouped_by(&posts);
            let posts = posts.into_iter().zip(comments).grouped_by(&users);
            black_box(users.into_iter().zip(posts).collect::<Vec<_>>());
        })
    });
}

fn postgres<'d>(contest: &mut Contest<'d>, databases: &'d Databases, url: &str) {
    let runtime = &databases.runtime;
    let mut connection = runtime.block_on(sqlx::PgConnection::connect(url)).expect("a server");
    contest.peer("sqlx", move |times| {
        repeat_async(runtime, times, async || {
            let users: Vec<by_hand::User> =
                sqlx::query_as(by_hand::MANY).bind(AUTHORS).fetch_all(&mut connection).await.expect("rows");
            let keys: Vec<i64> = users.iter().map(|user| user.id).collect();
            let posts: Vec<Post> = sqlx::query_as("SELECT id, user_id, title FROM bench_posts WHERE user_id = ANY($1)")
                .bind(keys)
                .fetch_all(&mut connection)
                .await
                .expect("rows");
            let keys: Vec<i64> = posts.iter().map(|post| post.id).collect();
            let comments: Vec<Comment> =
                sqlx::query_as("SELECT id, post_id, text FROM bench_comments WHERE post_id = ANY($1)")
                    .bind(keys)
                    .fetch_all(&mut connection)
                    .await
                    .expect("rows");
            black_box(together(users, posts, comments));
        })
    });
}
