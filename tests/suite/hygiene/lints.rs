//! Generated code is silent under the strictest lints.

/// Whatever is generated here would fail the build, not only warn.
pub(crate) mod strict {
    #![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub, clippy::all, clippy::pedantic)]

    use orm_core::prelude::*;

    /// How it stands.
    #[derive(ColumnType, serde::Serialize, Clone, Copy, Debug, PartialEq, Eq)]
    #[orm(rename_all = "snake_case")]
    pub enum Standing {
        /// Well.
        Good,
        /// Not so well.
        Bad,
    }

    /// An account.
    #[derive(Entity, Debug)]
    #[orm(table = "accounts", index(owner, standing))]
    pub struct Account {
        /// Its number.
        #[orm(primary_key)]
        id: i64,
        /// Whose it is.
        #[orm(unique, length = 80)]
        owner: String,
        #[orm(sensitive)]
        secret: Option<String>,
        standing: Standing,
        #[orm(version)]
        version: i32,
        #[orm(server_default = "0")]
        balance: i64,
        notes: Deferred<Option<String>>,
        /// What was booked.
        #[orm(foreign_key = account_id, cascade = "all, delete-orphan", order_by = (day desc, line))]
        entries: HasMany<Entry>,
        #[orm(foreign_key = account_id)]
        card: HasOne<Card>,
        #[orm(secondary = "account_labels")]
        labels: ManyToMany<Label>,
    }

    /// One line of an account.
    #[derive(Entity, Debug)]
    #[orm(table = "entries")]
    pub struct Entry {
        #[orm(primary_key, generated = false)]
        day: i64,
        #[orm(primary_key, generated = false)]
        line: i32,
        account_id: i64,
        amount: i64,
        #[orm(foreign_key = account_id, back_populates = entries)]
        account: BelongsTo<Account>,
    }

    /// A card.
    #[derive(Entity, Debug)]
    #[orm(table = "cards")]
    pub struct Card {
        #[orm(primary_key)]
        id: i64,
        #[orm(unique)]
        account_id: Option<i64>,
        #[orm(foreign_key = account_id)]
        account: BelongsTo<Account>,
    }

    /// A label.
    #[derive(Entity, Debug)]
    #[orm(table = "labels")]
    pub struct Label {
        #[orm(primary_key, generated = false)]
        name: String,
    }
}

use orm_core::schema;
use orm_tests::{Outcome, TestDb, each_backend};
use strict::{Account, Card, Entry, EntryKey, Label, Standing};

each_backend!(strict_entities_work, debug_and_json_show_no_sensitive_column);

async fn strict_entities_work(db: TestDb) -> Outcome {
    let db = db.with(schema![Account, Entry, Card, Label]).await?;
    let session = db.session();
    let entry = |day, line| Entry::builder().day(day).line(line).amount(5);
    let account = Account::builder()
        .owner("Ada")
        .standing(Standing::Good)
        .entries([entry(1, 1), entry(2, 1), entry(2, 2)])
        .card(Card::builder())
        .labels([Label::builder().name("gold")]);
    let account = session.insert(account).await?;
    assert_eq!((account.version(), account.balance()), (1, 0));
    session.commit_keeping().await?;
    let query = Account::select().selectin(Account::ENTRIES).joined(Account::CARD).selectin(Account::LABELS);
    let found = db.one(&query).await?;
    let keys: Vec<(i64, i32)> = found.entries().iter().map(|entry| (entry.day(), entry.line())).collect();
    assert_eq!(keys, [(2, 1), (2, 2), (1, 1)]);
    assert!(found.card().is_some() && found.labels()[0].name() == "gold");
    assert_eq!(session.get_one::<Entry>(EntryKey { day: 2, line: 2 }).await?.amount(), 5);
    Ok(())
}

async fn debug_and_json_show_no_sensitive_column(db: TestDb) -> Outcome {
    let db = db.with(schema![Account, Entry, Card, Label]).await?;
    let session = db.session();
    let account = Account::builder().owner("Ada").standing(Standing::Bad).secret("hunter2");
    let account = session.insert(account).await?;
    let detached = session.detach(&account)?;
    let shown = format!("{account:?} {detached:?} {}", serde_json::to_string(&detached)?);
    assert!(shown.contains("Ada") && !shown.contains("hunter2"), "{shown}");
    assert_eq!(account.secret(), Some("hunter2"));
    Ok(())
}
