//! Filtered and limited hints: lists that belong to the query, never taken for the whole.

use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Book, Chapter, Item, Order, User, Writer};

each_backend!(
    a_filtered_hint_gives_matching_rows_only,
    a_limit_is_for_each_parent,
    a_subset_never_makes_the_relationship_loaded,
    a_subset_of_a_loaded_relationship_leaves_the_whole_alone,
    a_filtered_and_limited_many_to_many,
    a_detached_subset_holds_what_the_query_found,
    the_order_of_a_hint_is_that_of_its_list,
    handles_of_one_object_keep_their_own_lists,
    merged_values_of_one_object_keep_their_own_lists,
);

async fn a_filtered_hint_gives_matching_rows_only(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let query = User::select()
        .order_by(User::ID.asc())
        .selectin(User::ADDRESSES.filter(Address::EMAIL.ends_with("@x.org")).selectin(Address::USER));
    let users = session.all(&query).await?;
    log.assert(&["SELECT users", "SELECT addresses"]);
    let emails: Vec<Vec<&str>> =
        users.iter().map(|user| user.addresses_subset().iter().map(|address| address.email()).collect()).collect();
    assert_eq!(emails, [vec!["ada@x.org"], vec!["bob@x.org"], vec![]]);
    assert!(users[0].addresses_subset().iter().all(|address| address.user().is_some_and(|it| it == users[0])));
    Ok(())
}

async fn a_limit_is_for_each_parent(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    let session = db.session();
    let query = User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES.order_by(Address::ID.desc()).limit(1));
    let users = session.all(&query).await?;
    log.assert(&["SELECT users", "SELECT addresses"]);
    let emails: Vec<Vec<&str>> =
        users.iter().map(|user| user.addresses_subset().iter().map(|address| address.email()).collect()).collect();
    assert_eq!(emails, [vec!["ada@y.org"], vec!["bob@x.org"], vec![]]);

    let none = session.all(&User::select().selectin(User::ADDRESSES.limit(0))).await?;
    assert!(none.iter().all(|user| user.addresses_subset().is_empty()));
    Ok(())
}

async fn a_subset_never_makes_the_relationship_loaded(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let query = User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES.limit(1));
    let ada = session.one(&query).await?;
    let log = db.statement_log();
    let bare = session.get_one::<User>(1).await?;
    assert!(session.loaded(&bare, User::ADDRESSES).is_err());
    assert_eq!(session.load(&bare, User::ADDRESSES).await?.addresses().len(), 2);
    log.assert(&["SELECT addresses"]);
    assert_eq!(ada.addresses_subset().len(), 1, "the list of the query is what it was");
    Ok(())
}

async fn a_subset_of_a_loaded_relationship_leaves_the_whole_alone(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let whole = session.get_one::<User>(1).selectin(User::ADDRESSES).await?;
    let part = session.get_one::<User>(1).selectin(User::ADDRESSES.filter(Address::EMAIL.eq("ada@y.org"))).await?;
    let other = session.get_one::<User>(1).selectin(User::ADDRESSES.filter(Address::EMAIL.eq("ada@x.org"))).await?;
    assert_eq!(whole.addresses().len(), 2);
    assert_eq!(part.addresses_subset().iter().map(|it| it.email()).collect::<Vec<_>>(), ["ada@y.org"]);
    assert_eq!(other.addresses_subset().iter().map(|it| it.email()).collect::<Vec<_>>(), ["ada@x.org"]);
    assert!(whole == part && part == other);
    Ok(())
}

async fn a_filtered_and_limited_many_to_many(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session();
    let query = Order::select().order_by(Order::ID.asc());
    let filtered = session.all(&query.clone().selectin(Order::ITEMS.filter(Item::NAME.eq("bolt")))).await?;
    assert_eq!(filtered.iter().map(|order| order.items_subset().len()).collect::<Vec<_>>(), [1, 0, 0]);
    let limited = session.all(&query.selectin(Order::ITEMS.order_by(Item::NAME.asc()).limit(1))).await?;
    let names: Vec<Vec<&str>> =
        limited.iter().map(|order| order.items_subset().iter().map(|item| item.name()).collect()).collect();
    assert_eq!(names, [vec!["bolt"], vec!["nut"], vec![]]);
    Ok(())
}

async fn a_detached_subset_holds_what_the_query_found(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let query = Writer::select()
        .order_by(Writer::ID.asc())
        .selectin(Writer::BOOKS.filter(Book::TITLE.eq("Orlando")).selectin(Book::CHAPTERS));
    let writers = db.all(&query).await?;
    assert_eq!(writers[0].books_subset().iter().map(|book| book.chapters().len()).collect::<Vec<_>>(), [2]);
    assert!(writers[1].books_subset().is_empty());
    Ok(())
}

async fn the_order_of_a_hint_is_that_of_its_list(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let query = User::select().filter(User::ID.eq(1)).selectin(User::ADDRESSES.order_by(Address::EMAIL.desc()));
    let ada = session.one(&query).await?;
    let emails: Vec<&str> = ada.addresses_subset().iter().map(|address| address.email()).collect();
    assert_eq!(emails, ["ada@y.org", "ada@x.org"]);
    Ok(())
}

async fn handles_of_one_object_keep_their_own_lists(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let woolf = Writer::select().filter(Writer::ID.eq(1));
    let with = |title: &'static str| woolf.clone().selectin(Writer::BOOKS.filter(Book::TITLE.eq(title)));
    let (one, two) = (session.one(&with("Orlando")).await?, session.one(&with("Waves")).await?);
    session.refresh_all(&[one, two]).await?;
    let both = session.load_all(&[one, two, one], Writer::EDITED).await?;
    let titles = both.iter().map(|writer| writer.books_subset().iter().map(|it| it.title()).collect::<Vec<_>>());
    assert_eq!(titles.collect::<Vec<_>>(), [["Orlando"], ["Waves"], ["Orlando"]]);
    // What is nested, where the outer list is the same.
    let with = |title: &'static str| {
        woolf.clone().selectin(Writer::BOOKS.selectin(Book::CHAPTERS.filter(Chapter::TITLE.eq(title))))
    };
    let (one, two) = (session.one(&with("One")).await?, session.one(&with("Two")).await?);
    let both = session.load_all(&[one, two], Writer::EDITED).await?;
    let titles = both.iter().map(|writer| {
        let chapters = writer.books().iter().flat_map(|book| book.chapters_subset().into_iter());
        chapters.map(|chapter| chapter.title().to_owned()).collect::<Vec<_>>()
    });
    assert_eq!(titles.collect::<Vec<_>>(), [["One"], ["Two"]]);
    let detached = [session.detach(&both[0])?, session.detach(&both[1])?];
    let titles = detached.iter().map(|writer| writer.books()[0].chapters_subset()[0].title());
    assert_eq!(titles.collect::<Vec<_>>(), ["One", "Two"]);
    Ok(())
}

async fn merged_values_of_one_object_keep_their_own_lists(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let ada = |email: &'static str| {
        let hint = User::ADDRESSES.filter(Address::EMAIL.eq(email));
        User::select().filter(User::ID.eq(1)).selectin(hint)
    };
    let values = [db.one(&ada("ada@x.org")).await?, db.one(&ada("ada@y.org")).await?];
    let session = db.session();
    let merged = session.merge_all(values).await?;
    let emails = merged.iter().map(|user| user.addresses_subset().iter().map(|it| it.email()).collect::<Vec<_>>());
    assert_eq!(emails.collect::<Vec<_>>(), [["ada@x.org"], ["ada@y.org"]]);
    Ok(())
}
