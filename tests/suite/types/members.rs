//! Transient, pending, persistent and key of one entity: all of them are members.

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, TestDb, each_backend};

use crate::fixtures::{self, Address, Item, Kid, Order, Parent, User};

each_backend!(
    every_form_of_a_member_goes_into_one_list,
    match_arms_of_different_forms_compile,
    every_form_is_a_target,
    a_member_of_a_builder_in_every_form,
);

async fn every_form_of_a_member_goes_into_one_list(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session();
    let order = session.get_one::<Order>(3).await?;
    let members: Vec<Member<Item>> = vec![
        Item::builder().name("transient").build().into(),
        session.add(Item::builder().name("pending"))?.into(),
        session.get_one::<Item>(1).await?.into(),
        Key::<Item>::new(2).into(),
    ];
    for member in members {
        order.add_to_items(member)?;
    }
    session.commit_keeping().await?;
    let stored = db.one(&Order::select().filter(Order::ID.eq(3)).selectin(Order::ITEMS)).await?;
    let mut names: Vec<&str> = stored.items().iter().map(|it| it.name()).collect();
    names.sort_unstable();
    assert_eq!(names, ["bolt", "nut", "pending", "transient"]);
    Ok(())
}

async fn match_arms_of_different_forms_compile(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    for (form, email) in ["key", "new", "got", "added"].into_iter().zip(1_i64..) {
        let address = session.get_one::<Address>(email).await?;
        let member: Member<User> = match form {
            "key" => Key::<User>::new(3).into(),
            "new" => User::builder().name("Eve").build().into(),
            "got" => session.get_one::<User>(3).await?.into(),
            _ => session.add(User::builder().name("Fay"))?.into(),
        };
        address.set_user(member)?;
    }
    session.commit_keeping().await?;
    let stored = db.all(&Address::select().order_by(Address::ID.asc()).selectin(Address::USER)).await?;
    let names: Vec<Option<&str>> = stored.iter().map(|it| it.user().map(|user| user.name())).collect();
    assert_eq!(names, [Some("Cy"), Some("Eve"), Some("Cy"), Some("Fay")]);
    Ok(())
}

async fn every_form_is_a_target(db: TestDb) -> Outcome {
    let db = db.with(schema![Parent, Kid]).await?;
    let session = db.session();
    let persistent = session.insert(Parent::builder().name("persistent")).await?;
    let pending = session.add(Parent::builder().name("pending"))?;
    let kid = session.insert(Kid::builder().name("K").parent(persistent)).await?;
    for name in ["pending", "persistent", "transient"] {
        match name {
            "pending" => kid.set_parent(pending)?,
            "persistent" => kid.set_parent(&persistent)?,
            _ => kid.set_parent(Parent::builder().name(name).build())?,
        }
        session.flush().await?;
        assert_eq!(kid.parent().name(), name);
    }
    Ok(())
}

async fn a_member_of_a_builder_in_every_form(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let pending = session.add(Address::builder().email("p@x.org"))?;
    let nobodys = session.get_one::<Address>(4).await?;
    let dan = User::builder().name("Dan").addresses(vec![
        Member::from(pending),
        Member::from(nobodys),
        Member::from(Address::builder().email("t@x.org").build()),
    ]);
    session.insert(dan).await?;
    session.commit_keeping().await?;
    let dan = db.one(&User::select().filter(User::NAME.eq("Dan")).selectin(User::ADDRESSES)).await?;
    let mut emails: Vec<&str> = dan.addresses().iter().map(|it| it.email()).collect();
    emails.sort_unstable();
    assert_eq!(emails, ["nobody@x.org", "p@x.org", "t@x.org"]);
    Ok(())
}
