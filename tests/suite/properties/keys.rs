//! Which keys are equal is what the database says: random keys and foreign keys, joined by SQL of our own, by every loader, and by get.

use std::collections::BTreeSet;

use orm_core::schema;
use orm_tests::{Outcome, TestDb, each_backend};
use proptest::prelude::{Strategy, prop};
use rust_decimal::Decimal;

use super::check;
use crate::keys::{
    numbers::{Loan, Rate},
    spelled::{Deed, Folk, caseless},
};

each_backend!(texts_are_equal_where_the_database_says_so, decimals_are_equal_where_the_database_says_so);

/// Keys of parents, and foreign keys of children.
type Keys<T> = (Vec<T>, Vec<T>);

fn several<T: std::fmt::Debug>(of: impl Strategy<Value = T> + Clone) -> impl Strategy<Value = Keys<T>> {
    (prop::collection::vec(of.clone(), 1..5), prop::collection::vec(of, 0..8))
}

fn cases(db: &TestDb) -> u32 {
    if db.is_sqlite() { 40 } else { 10 }
}

async fn texts_are_equal_where_the_database_says_so(db: TestDb) -> Outcome {
    let text = caseless(&db).await?;
    db.run(&[
        &format!("CREATE TABLE folks (id {text} NOT NULL PRIMARY KEY, name varchar(50))"),
        &format!("CREATE TABLE deeds (id bigint NOT NULL PRIMARY KEY, folk_id {text} NOT NULL)"),
    ])
    .await?;
    check(cases(&db), &several("[aAeEé]{1,2}[ ]{0,1}"), async |(folks, deeds): Keys<String>| {
        db.run(&["DELETE FROM deeds", "DELETE FROM folks"]).await?;
        for folk in &folks {
            let same = format!("SELECT count(*) FROM folks WHERE id = '{folk}'");
            if db.sql(same).one::<i64>().await? == 0 {
                db.run(&[&format!("INSERT INTO folks (id) VALUES ('{folk}')")]).await?;
            }
        }
        for (id, folk) in deeds.iter().enumerate() {
            db.run(&[&format!("INSERT INTO deeds (id, folk_id) VALUES ({id}, '{folk}')")]).await?;
        }
        let joined = "SELECT folks.id, deeds.id FROM folks JOIN deeds ON deeds.folk_id = folks.id";
        let truth: BTreeSet<(String, i64)> = db.sql(joined).all::<(String, i64)>().await?.into_iter().collect();

        for query in [Folk::select().selectin(Folk::DEEDS), Folk::select().joined(Folk::DEEDS)] {
            let session = db.session();
            let mut found = BTreeSet::new();
            for folk in session.all(&query).await? {
                found.extend(folk.deeds().iter().map(|deed| (folk.id().to_owned(), deed.id())));
            }
            assert_eq!(found, truth, "the lists of {query:?}");
        }
        let session = db.session();
        let parents = Deed::select().filter(Deed::ID.in_(truth.iter().map(|(_, deed)| *deed))).selectin(Deed::FOLK);
        let deeds_of = session.all(&parents).await?;
        let found: BTreeSet<(String, i64)> =
            deeds_of.iter().map(|deed| (deed.folk().id().to_owned(), deed.id())).collect();
        assert_eq!(found, truth, "the parents");
        for (id, folk) in (0_i64..).zip(&deeds) {
            let expected = truth.iter().find(|(_, deed)| *deed == id).map(|(folk, _)| folk.as_str());
            let got = session.get::<Folk>(folk.as_str()).await?;
            assert_eq!(got.map(|folk| folk.id()), expected, "get {folk:?}");
            if let (Some(got), Some(deed)) = (got, deeds_of.iter().find(|deed| deed.id() == id)) {
                assert!(deed.folk() == got, "one object");
            }
        }
        Ok(())
    });
    Ok(())
}

async fn decimals_are_equal_where_the_database_says_so(db: TestDb) -> Outcome {
    let db = db.with(schema![Rate]).await?;
    // Without a constraint, so that a loan can be of no rate.
    let decimal = if db.is_mysql() {
        "decimal(65,30)"
    } else if db.is_postgres() {
        "numeric"
    } else {
        "text COLLATE orm_decimal"
    };
    db.run(&[&format!("CREATE TABLE loans (id bigint NOT NULL PRIMARY KEY, rate {decimal} NOT NULL)")]).await?;
    let numbers = (-12_i64..12, 0_u32..3).prop_map(|(digits, scale)| Decimal::new(digits, scale));
    check(cases(&db), &several(numbers), async |(rates, loans): Keys<Decimal>| {
        db.run(&["DELETE FROM loans", "DELETE FROM rates"]).await?;
        let mut session = db.session();
        for rate in &rates {
            if session.get::<Rate>(*rate).await?.is_none() {
                session.insert(Rate::builder().value(*rate)).await?;
            }
        }
        session.insert_many((0..).zip(&loans).map(|(id, rate)| Loan::builder().id(id).rate(*rate))).await?;
        session.commit().await?;
        let joined = "SELECT rates.value, loans.id FROM rates JOIN loans ON loans.rate = rates.value";
        let truth: BTreeSet<(Decimal, i64)> = db.sql(joined).all::<(Decimal, i64)>().await?.into_iter().collect();

        for query in [Rate::select().selectin(Rate::LOANS), Rate::select().joined(Rate::LOANS)] {
            let session = db.session();
            let mut found = BTreeSet::new();
            for rate in session.all(&query).await? {
                found.extend(rate.loans().iter().map(|loan| (rate.value(), loan.id())));
            }
            assert_eq!(found, truth, "the lists of {query:?}");
        }
        let session = db.session();
        for (id, rate) in (0_i64..).zip(&loans) {
            let got = session.get::<Rate>(*rate).await?;
            assert_eq!(got.is_some(), truth.iter().any(|(_, loan)| *loan == id), "get {rate}");
        }
        Ok(())
    });
    Ok(())
}
