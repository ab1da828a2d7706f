//! Every future of the session is Send, and what is owned crosses tasks.

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, TestDb, each_backend};

use crate::fixtures::{self, Address, Doc, Kid, Parent, User};

fn send<F: Future + Send>(future: F) -> F {
    future
}

fn shared<T: Send + Sync + 'static>(value: T) -> T {
    value
}

each_backend!(
    the_future_of_every_async_verb_is_send,
    keys_and_detached_values_cross_tasks,
    a_session_moves_into_a_task_and_handles_live_there_over_awaits,
    one_session_serves_several_tasks,
);

async fn the_future_of_every_async_verb_is_send(db: TestDb) -> Outcome {
    let db = fixtures::people(send(db.with(schema![Parent, Kid, Doc])).await?).await?;
    let database: &Database = &db;
    let factory = shared(database.session_factory());
    let mut session = shared(factory.session());
    let plain = shared(User::select());
    let query = shared(User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES.joined(Address::USER)));

    send(database.all(&query)).await?;
    send(database.first(&query)).await?;
    send(database.one(&query.clone().limit(1))).await?;
    send(database.one_or_none(&query.clone().limit(1))).await?;
    send(database.count(&query)).await?;
    send(database.exists(&query)).await?;
    send(database.execute("UPDATE users SET nick = nick", vec![])).await?;

    let users = send(session.all(&query)).await?;
    let first = send(session.first(&query)).await?.expect("a user");
    send(session.one(&query.clone().limit(1))).await?;
    send(session.one_or_none(&query.clone().limit(1))).await?;
    send(session.count(&plain)).await?;
    send(session.exists(&plain)).await?;
    send(session.get::<User>(1)).await?;
    send(session.get::<User>(1).selectin(User::ADDRESSES).for_update()).await?;
    let bare = send(session.get_one::<User>(2).joined(User::ADDRESSES)).await?;
    send(session.load(&bare, User::ADDRESSES.selectin(Address::USER))).await?;
    send(session.load_all(&users, User::ADDRESSES)).await?;
    let parent = send(session.insert(Parent::builder().name("P").kids([Kid::builder().name("K")]))).await?;
    send(session.insert_all(["a", "b"].map(|name| Kid::builder().name(name).parent(parent)))).await?;
    let address = first.addresses().first().expect("an address");
    send(session.assign(&address, Address::USER, Key::<User>::new(3))).await?;
    send(session.delete(&address)).await?;
    send(session.flush()).await?;
    send(session.commit_keeping()).await?;
    send(session.commit()).await?;
    send(session.rollback()).await?;
    send(session.commit_and_clear()).await?;
    send(session.close()).await?;
    send(database.drop_all(schema![Kid, Parent, Doc])).await?;
    Ok(())
}

async fn keys_and_detached_values_cross_tasks(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.one(&User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES)).await?;
    let (key, detached) = (Key::of(&ada), session.detach(&ada)?);
    session.close().await?;
    let other = db.clone();
    let task = tokio::spawn(async move {
        assert_eq!(detached.addresses().len(), 2);
        let session = other.session();
        session.get_one(key).await.map(|ada| ada.name() == detached.name())
    });
    assert!(task.await??);
    Ok(())
}

async fn a_session_moves_into_a_task_and_handles_live_there_over_awaits(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let mut session = db.session();
    let task = tokio::spawn(async move {
        let users = session.all(&User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES)).await?;
        tokio::task::yield_now().await;
        for user in &users {
            let count = session.count(&Address::select().filter(Address::USER.is(user))).await?;
            assert_eq!(count, user.addresses().len() as u64);
            user.set_nick("seen");
        }
        session.commit().await
    });
    task.await??;
    assert_eq!(db.count(&User::select().filter(User::NICK.eq("seen"))).await?, 3);
    Ok(())
}

async fn one_session_serves_several_tasks(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = std::sync::Arc::new(db.session());
    let tasks: Vec<_> = (1_i64..=3)
        .map(|id| {
            let session = std::sync::Arc::clone(&session);
            tokio::spawn(async move { session.get_one::<User>(id).await.map(|user| user.name().to_owned()) })
        })
        .collect();
    let mut names = Vec::new();
    for task in tasks {
        names.push(task.await??);
    }
    assert_eq!(names, ["Ada", "Bob", "Cy"]);
    assert!((1_i64..=3).all(|id| session.peek::<User>(id).is_ok()));
    Ok(())
}
