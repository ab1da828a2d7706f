//! Numbers, moments and UUIDs as keys: another integer type, another scale, nanoseconds, upper case.

use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};
use rust_decimal::Decimal;
use uuid::Uuid;

#[derive(Entity)]
#[orm(table = "accounts")]
struct Account {
    #[orm(primary_key, generated = false)]
    id: u64,
    #[orm(foreign_key = account_id, order_by = id)]
    bookings: HasMany<Booking>,
}

#[derive(Entity)]
#[orm(table = "bookings")]
struct Booking {
    #[orm(primary_key)]
    id: i64,
    account_id: i64,
    #[orm(foreign_key = account_id, back_populates = bookings)]
    account: BelongsTo<Account>,
}

#[derive(Entity)]
#[orm(table = "rates")]
pub(crate) struct Rate {
    #[orm(primary_key)]
    value: Decimal,
    #[orm(foreign_key = rate, order_by = id)]
    loans: HasMany<Loan>,
}

#[derive(Entity)]
#[orm(table = "loans")]
pub(crate) struct Loan {
    #[orm(primary_key, generated = false)]
    id: i64,
    rate: Decimal,
    #[orm(foreign_key = rate, back_populates = loans)]
    of: BelongsTo<Rate>,
}

/// The moment is a part of the key.
#[derive(Entity)]
#[orm(table = "readings")]
struct Reading {
    #[orm(primary_key)]
    sensor: i64,
    #[orm(primary_key)]
    at: DateTime<Utc>,
    note: Option<String>,
    local: Option<NaiveDateTime>,
    of_day: Option<NaiveTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, ColumnType)]
struct Since(DateTime<Utc>);

#[derive(Entity)]
#[orm(table = "epochs")]
struct Epoch {
    #[orm(primary_key)]
    since: Since,
    name: String,
}

#[derive(Entity)]
#[orm(table = "devices")]
struct Device {
    #[orm(primary_key)]
    id: Uuid,
    name: String,
    #[orm(foreign_key = device_id, order_by = id)]
    signals: HasMany<Signal>,
}

#[derive(Entity)]
#[orm(table = "signals")]
struct Signal {
    #[orm(primary_key, generated = false)]
    id: i64,
    device_id: Uuid,
    #[orm(foreign_key = device_id, back_populates = signals)]
    device: BelongsTo<Device>,
}

#[derive(Entity)]
#[orm(table = "codes")]
struct Code {
    #[orm(primary_key)]
    id: String,
    #[orm(foreign_key = code_id, order_by = id)]
    uses: HasMany<Use>,
}

#[derive(Entity)]
#[orm(table = "uses")]
struct Use {
    #[orm(primary_key, generated = false)]
    id: i64,
    code_id: String,
    #[orm(foreign_key = code_id, back_populates = uses)]
    code: BelongsTo<Code>,
}

each_backend!(
    an_unsigned_key_and_a_signed_foreign_key_are_one_number,
    decimals_of_two_scales_are_one_key,
    a_moment_is_cut_where_it_comes_in,
    a_moment_in_a_newtype_is_cut_too,
    blanks_at_the_end_of_char_are_no_part_of_the_key,
);
each_backend!(only_sqlite: a_uuid_in_upper_case_is_the_same_key);

async fn an_unsigned_key_and_a_signed_foreign_key_are_one_number(db: TestDb) -> Outcome {
    let db = db.with(schema![Account, Booking]).await?;
    let mut session = db.session();
    session.insert_all([1_u64, 2].map(|id| Account::builder().id(id))).await?;
    session.insert_all([1_i64, 1, 2].map(|id| Booking::builder().account_id(id))).await?;
    session.commit().await?;
    for query in [Account::select().selectin(Account::BOOKINGS), Account::select().joined(Account::BOOKINGS)] {
        let session = db.session();
        let accounts = session.all(&query.order_by(Account::ID.asc())).await?;
        assert_eq!(accounts.iter().map(|account| account.bookings().len()).collect::<Vec<_>>(), [2, 1]);
    }
    let log = db.statement_log();
    let mut session = db.session();
    let bookings = session.all(&Booking::select().order_by(Booking::ID.asc()).selectin(Booking::ACCOUNT)).await?;
    assert_eq!(bookings.iter().map(|booking| booking.account().id()).collect::<Vec<_>>(), [1, 1, 2]);
    log.assert(&["SELECT bookings", "SELECT accounts"]);
    session.commit().await?;
    let account = session.get_one::<Account>(1_u64).await?;
    for booking in session.load(&account, Account::BOOKINGS).await?.bookings() {
        session.delete(&booking).await?;
    }
    session.delete(&account).await?;
    session.commit().await?;
    assert_eq!(db.count(&Booking::select()).await?, 1);
    Ok(())
}

async fn decimals_of_two_scales_are_one_key(db: TestDb) -> Outcome {
    let db = db.with(schema![Rate, Loan]).await?;
    let decimal = |text: &str| text.parse::<Decimal>().expect("a decimal");
    let mut session = db.session();
    session.insert_all(["1.1", "2.50"].map(|value| Rate::builder().value(decimal(value)))).await?;
    let loans = [(1, "1.10"), (2, "1.1"), (3, "2.5"), (4, "1.100")];
    session.insert_all(loans.map(|(id, rate)| Loan::builder().id(id).rate(decimal(rate)))).await?;
    session.commit().await?;
    for query in [Rate::select().selectin(Rate::LOANS), Rate::select().joined(Rate::LOANS)] {
        let session = db.session();
        let rates = session.all(&query.order_by(Rate::VALUE.asc())).await?;
        let found: Vec<Vec<i64>> =
            rates.iter().map(|rate| rate.loans().iter().map(|loan| loan.id()).collect()).collect();
        assert_eq!(found, [vec![1, 2, 4], vec![3]]);
    }
    let mut session = db.session();
    let loans = session.all(&Loan::select().order_by(Loan::ID.asc()).selectin(Loan::OF)).await?;
    assert!(loans[0].of() == loans[1].of() && loans[0].of() == loans[3].of());
    let rate = session.get_one::<Rate>(decimal("1.1000")).await?;
    assert!(loans[0].of() == rate);
    let rate = Key::of(&rate);
    session.commit().await?;
    let rate = session.get_one(&rate).await?;
    let loans = session.load(&rate, Rate::LOANS).await?;
    assert_eq!(loans.loans().len(), 3);
    Ok(())
}

async fn a_moment_is_cut_where_it_comes_in(db: TestDb) -> Outcome {
    let db = db.with(schema![Reading]).await?;
    let at: DateTime<Utc> = "2024-05-06T07:08:09.123456789Z".parse()?;
    let kept: DateTime<Utc> = "2024-05-06T07:08:09.123456Z".parse()?;
    let key = || ReadingKey::new(1, at);
    let mut session = db.session();
    let builder = Reading::builder().sensor(1).at(at).local(Some(at.naive_utc())).of_day(at.time());
    let reading = session.insert(builder).await?;
    assert_eq!(
        (reading.at(), reading.local(), reading.of_day()),
        (kept, Some(kept.naive_utc()), Some(kept.time())),
        "as the row has it"
    );
    let log = db.statement_log();
    assert!(session.get_one::<Reading>(key()).await? == reading, "the key is cut as well");
    assert!(session.get_one(Key::<Reading>::new(key())).await? == reading);
    log.assert(&[]);
    let later = at + TimeDelta::nanoseconds(100);
    reading.set_local(Some(later.naive_utc()));
    session.flush().await?;
    log.assert(&[]);
    reading.set_note("seen".to_owned());
    session.commit().await?;
    let reading = session.get_one::<Reading>(key()).await?;
    assert_eq!(reading.note(), Some("seen"));
    let changes = Changes::<Reading>::default().local(Some(later.naive_utc() + TimeDelta::microseconds(1)));
    session.apply(&reading, changes)?;
    assert_eq!(reading.local(), Some(kept.naive_utc() + TimeDelta::microseconds(1)));
    session.commit().await?;
    let found = session.all(&Reading::select().filter(Reading::AT.eq(at))).await?;
    assert_eq!(found.len(), 1);
    assert_eq!(session.count(&Reading::select().filter(Reading::AT.in_([at]))).await?, 1);
    let reading = session.get_one::<Reading>(key()).await?;
    session.delete(&reading).await?;
    session.commit().await?;
    assert_eq!(db.count(&Reading::select()).await?, 0);
    Ok(())
}

async fn a_moment_in_a_newtype_is_cut_too(db: TestDb) -> Outcome {
    let db = db.with(schema![Epoch]).await?;
    let at: DateTime<Utc> = "2024-05-06T07:08:09.123456789Z".parse()?;
    let mut session = db.session();
    let epochs = session.insert_all([Epoch::builder().since(Since(at)).name("one")]).await?;
    assert!(session.get_one::<Epoch>(Since(at)).await? == epochs[0]);
    session.commit().await?;
    let epoch = session.get_one::<Epoch>(Since(at)).await?;
    epoch.set_name("two".to_owned());
    session.commit().await?;
    assert_eq!(db.one(&Epoch::select().filter(Epoch::SINCE.eq(Since(at)))).await?.name(), "two");
    Ok(())
}

async fn blanks_at_the_end_of_char_are_no_part_of_the_key(db: TestDb) -> Outcome {
    db.run(&[
        "CREATE TABLE codes (id char(5) NOT NULL PRIMARY KEY)",
        "CREATE TABLE uses (id bigint NOT NULL PRIMARY KEY, code_id char(5) NOT NULL REFERENCES codes (id))",
    ])
    .await?;
    let mut session = db.session();
    session.insert_all(["ab", "abc"].map(|id| Code::builder().id(id))).await?;
    session
        .insert_all([(1, "ab"), (2, "abc"), (3, "ab")].map(|(id, code)| Use::builder().id(id).code_id(code)))
        .await?;
    session.commit().await?;
    for query in [Code::select().selectin(Code::USES), Code::select().joined(Code::USES)] {
        let session = db.session();
        let codes = session.all(&query.order_by(Code::ID.asc())).await?;
        let found: Vec<(&str, Vec<i64>)> =
            codes.iter().map(|code| (code.id(), code.uses().iter().map(|used| used.id()).collect())).collect();
        assert_eq!(found, [("ab", vec![1, 3]), ("abc", vec![2])]);
        assert!(session.get_one::<Code>("ab").await? == codes[0]);
    }
    let uses = session.all(&Use::select().order_by(Use::ID.asc()).selectin(Use::CODE)).await?;
    assert_eq!(uses.iter().map(|used| used.code().id()).collect::<Vec<_>>(), ["ab", "abc", "ab"]);
    Ok(())
}

/// As other libraries write them there.
async fn a_uuid_in_upper_case_is_the_same_key(db: TestDb) -> Outcome {
    let db = db.with(schema![Device, Signal]).await?;
    let (one, two) = ("0A1B2C3D-0000-4000-8000-00000000000A", "0a1b2c3d-0000-4000-8000-00000000000b");
    db.run(&[
        &format!("INSERT INTO devices (id, name) VALUES ('{one}', 'one'), ('{two}', 'two')"),
        &format!("INSERT INTO signals (id, device_id) VALUES (1, '{one}'), (2, '{two}'), (3, '{one}')"),
    ])
    .await?;
    for query in [Device::select().selectin(Device::SIGNALS), Device::select().joined(Device::SIGNALS)] {
        let session = db.session();
        let devices = session.all(&query.order_by(Device::NAME.asc())).await?;
        let found: Vec<Vec<i64>> =
            devices.iter().map(|device| device.signals().iter().map(|signal| signal.id()).collect()).collect();
        assert_eq!(found, [vec![1, 3], vec![2]]);
    }
    let mut session = db.session();
    let id: Uuid = one.parse()?;
    let device = session.get_one::<Device>(id).await?;
    assert_eq!(session.count(&Device::select().filter(Device::ID.eq(id))).await?, 1);
    assert_eq!(session.count(&Device::select().filter(Device::ID.ne(id))).await?, 1);
    device.set_name("first".to_owned());
    session.get_one::<Device>(two.parse::<Uuid>()?).await?.set_name("second".to_owned());
    session.commit().await?;
    let names = db.all(&Device::select().order_by(Device::NAME.asc())).await?;
    assert_eq!(names.iter().map(|device| device.name()).collect::<Vec<_>>(), ["first", "second"]);
    let device = session.get_one::<Device>(id).await?;
    device.set_name("one".to_owned());
    session.commit().await?;
    let device = session.get_one::<Device>(id).selectin(Device::SIGNALS).await?;
    for signal in device.signals() {
        session.delete(&signal).await?;
    }
    session.delete(&device).await?;
    session.commit().await?;
    assert_eq!(db.count(&Device::select()).await?, 1);
    Ok(())
}
