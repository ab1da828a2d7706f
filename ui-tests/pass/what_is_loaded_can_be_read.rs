//! By the query, by `load`, by `undefer`, at run time, and with less asked than given.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Post, User};

type WithPosts = loaded!(User { posts { author } });

fn count<L: AtLeast<WithPosts> + 'static>(session: &Session, user: &Persistent<'_, User, L>) -> usize {
    let user: Persistent<'_, User, WithPosts> = session.narrow(user);
    user.posts().iter().filter(|post| post.author().name() == "Ada").count()
}

fn forget(user: Detached<User, WithPosts>) -> Detached<User, loaded!(User { posts })> {
    Detached::narrow(user)
}

async fn read(session: &Session, include: bool) -> Result<(), Error> {
    let query = User::select().selectin(User::POSTS.selectin(Post::TAGS).joined(Post::AUTHOR)).undefer(User::BIO);
    let user = session.one(&query).await?;
    println!("{:?} {}", user.bio(), count(session, &user));
    for post in user.posts() {
        println!("{} {}", post.tags().len(), post.author().name());
    }

    let user = session.get_one::<User>(7).await?;
    let user = session.load(&user, User::POSTS).await?;
    let user = session.load(&user, User::BIO).await?;
    println!("{:?} {}", user.bio(), user.posts().len());

    let latest = User::POSTS.order_by(Post::ID.desc()).limit(3).filter(Post::TITLE.ne(""));
    let user = session.one(&User::select().selectin(latest)).await?;
    println!("{}", user.posts_subset().len());

    let user = session.one(&User::select().selectin_if(include, User::POSTS)).await?;
    println!("{}", user.try_posts().map_or(0, |posts| posts.len()));
    Ok(())
}

fn main() {
    let _ = (read, forget);
}
