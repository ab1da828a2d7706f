//! `selectin`: one more statement for each relationship, over the keys of the objects that came before.

use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, Address, Book, Chapter, Genre, Item, Order, User, Writer};

each_backend!(
    one_to_many_takes_two_statements_and_no_join,
    many_to_one_asks_for_the_distinct_targets_that_the_session_lacks,
    many_to_many_joins_the_secondary,
    no_parents_no_second_statement,
    three_levels_take_three_statements,
    a_null_foreign_key_is_none_and_sends_no_key,
    keys_beyond_any_batch_come_in_as_few_statements_as_the_backend_allows,
    an_owner_without_members_has_an_empty_list,
    two_relationships_of_one_entity_take_a_statement_each,
);

async fn one_to_many_takes_two_statements_and_no_join(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let users = session.all(&User::select().order_by(User::ID.asc()).selectin(User::ADDRESSES)).await?;
    let emails: Vec<Vec<&str>> =
        users.iter().map(|user| user.addresses().iter().map(|address| address.email()).collect()).collect();
    assert_eq!(emails, [vec!["ada@x.org", "ada@y.org"], vec!["bob@x.org"], vec![]]);
    let sent = log.take();
    let second = &sent.last().expect("a second statement").sql;
    assert!(!second.contains("users") && second.contains("user_id"), "{second}");
    assert_eq!(sent.len(), 3, "BEGIN and two SELECTs");
    Ok(())
}

async fn many_to_one_asks_for_the_distinct_targets_that_the_session_lacks(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let ada = session.get_one::<User>(1).await?;
    let query = Address::select().filter(Address::USER_ID.is_not_null()).order_by(Address::ID.asc());

    let log = db.statement_log();
    let addresses = session.all(&query.clone().selectin(Address::USER)).await?;
    let names: Vec<Option<&str>> = addresses.iter().map(|address| address.user().map(|user| user.name())).collect();
    assert_eq!(names, [Some("Ada"), Some("Ada"), Some("Bob")]);
    assert!(addresses[0].user() == Some(ada));
    let sent = log.take();
    assert_eq!(sent.last().map(|sent| sent.rows), Some(1), "Bob alone was lacking: {sent:?}");

    // All of them are there now.
    let session = db.session();
    let users = session.all(&User::select()).await?;
    let log = db.statement_log();
    session.all(&query.selectin(Address::USER)).await?;
    log.assert(&["SELECT addresses"]);
    assert_eq!(users.len(), 3);
    Ok(())
}

async fn many_to_many_joins_the_secondary(db: TestDb) -> Outcome {
    let db = fixtures::shop(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let orders = session.all(&Order::select().order_by(Order::ID.asc()).selectin(Order::ITEMS)).await?;
    let names: Vec<Vec<&str>> =
        orders.iter().map(|order| order.items().iter().map(|item| item.name()).collect()).collect();
    assert_eq!(names, [vec!["nut", "bolt"], vec!["nut"], vec![]]);
    assert!(orders[0].items().first() == orders[1].items().first(), "one nut");
    log.assert(&["SELECT orders", "SELECT items JOIN order_items"]);

    let log = db.statement_log();
    let items = session.all(&Item::select().order_by(Item::ID.asc()).selectin(Item::ORDERS)).await?;
    let notes: Vec<Vec<&str>> =
        items.iter().map(|item| item.orders().iter().map(|order| order.note()).collect()).collect();
    assert_eq!(notes, [vec!["first", "second"], vec!["first"], vec![]]);
    log.assert(&["SELECT items", "SELECT orders JOIN order_items"]);
    Ok(())
}

async fn no_parents_no_second_statement(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let query = User::select().filter(User::NAME.eq("Zoe")).selectin(User::ADDRESSES.selectin(Address::USER));
    assert!(session.all(&query).await?.is_empty());
    log.assert(&["SELECT users"]);
    assert!(db.all(&query).await?.is_empty());
    log.assert(&["SELECT users"]);
    Ok(())
}

async fn three_levels_take_three_statements(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let query = Writer::select().order_by(Writer::ID.asc()).selectin(Writer::BOOKS.selectin(Book::CHAPTERS));
    let log = db.statement_log();
    let writers = session.all(&query).await?;
    log.assert(&["SELECT writers", "SELECT books", "SELECT chapters"]);
    let titles: Vec<&str> = writers
        .iter()
        .flat_map(|writer| writer.books())
        .flat_map(|book| book.chapters())
        .map(|chapter| chapter.title())
        .collect();
    assert_eq!(titles, ["One", "Two", "Dawn"]);
    log.assert_silent();

    let deeper = Genre::select()
        .filter(Genre::NAME.eq("fantasy"))
        .selectin(Genre::BOOKS.selectin(Book::CHAPTERS.selectin(Chapter::BOOK)).selectin(Book::AUTHOR));
    let fresh = db.session();
    let genre = fresh.one(&deeper).await?;
    // The books of the chapters are those that brought them.
    log.assert(&["SELECT genres", "SELECT books JOIN book_genres", "SELECT chapters", "SELECT writers"]);
    for book in genre.books() {
        assert!(book.chapters().iter().all(|chapter| chapter.book() == book));
        assert_eq!(book.author().name(), "Woolf");
    }
    Ok(())
}

async fn a_null_foreign_key_is_none_and_sends_no_key(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let query = Address::select().filter(Address::USER_ID.is_null()).selectin(Address::USER);
    let nobodys = session.one(&query).await?;
    assert!(nobodys.user().is_none());
    log.assert(&["SELECT addresses"]);
    Ok(())
}

async fn keys_beyond_any_batch_come_in_as_few_statements_as_the_backend_allows(db: TestDb) -> Outcome {
    const COUNT: usize = 70_000;
    let db = fixtures::people(db).await?;
    let series = if db.is_mysql() {
        // Five digits: it recurs a thousand times at most.
        let digits = (0..10).map(|digit| format!("SELECT {digit} AS n")).collect::<Vec<_>>().join(" UNION ALL ");
        let number = "a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n + 1";
        format!(
            "FROM (SELECT {number} AS n FROM ({digits}) a, ({digits}) b, ({digits}) c, ({digits}) d, ({digits}) e) AS s \
             WHERE n <= {COUNT}"
        )
    } else if db.is_postgres() {
        format!("FROM generate_series(1, {COUNT}) AS s(n)")
    } else {
        format!(
            "FROM (WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {COUNT}) SELECT n FROM s)"
        )
    };
    db.run(&[
        "DELETE FROM addresses",
        &format!("INSERT INTO users (name) SELECT 'u' || n {series}"),
        "INSERT INTO addresses (user_id, email) SELECT id, name FROM users",
    ])
    .await?;
    let session = db.session();
    let log = db.statement_log();
    let users = session.all(&User::select().selectin(User::ADDRESSES)).await?;
    assert_eq!(users.len(), COUNT + 3);
    assert!(users.iter().all(|user| user.addresses().len() == 1));
    // One parameter carries all keys: an array, or JSON. On MySQL each key is a parameter, of which there are 65,535.
    let mysql = ["SELECT users", "SELECT addresses", "SELECT addresses", "SELECT addresses"];
    log.assert(db.or_mysql(&mysql[..2], &mysql));
    Ok(())
}

async fn an_owner_without_members_has_an_empty_list(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let session = db.session();
    let query = User::select().filter(User::NAME.eq("Cy")).selectin(User::ADDRESSES);
    let cy = session.one(&query).await?;
    let log = db.statement_log();
    assert!(cy.addresses().is_empty());
    assert!(session.load(&cy, User::ADDRESSES).await?.addresses().is_empty());
    log.assert_silent();
    Ok(())
}

async fn two_relationships_of_one_entity_take_a_statement_each(db: TestDb) -> Outcome {
    let db = fixtures::library(db).await?;
    let session = db.session();
    let log = db.statement_log();
    let query = Writer::select().filter(Writer::NAME.eq("Eco")).selectin(Writer::BOOKS).selectin(Writer::EDITED);
    let eco = session.one(&query).await?;
    assert!(eco.books().is_empty());
    assert_eq!(eco.edited().iter().map(|book| book.title()).collect::<Vec<_>>(), ["Waves"]);
    log.assert(&["SELECT writers", "SELECT books", "SELECT books"]);
    Ok(())
}
