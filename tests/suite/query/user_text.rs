//! Text of users in conditions matches itself, as Rust's own `contains`, `starts_with` and `ends_with` say, whatever is in it.

use orm_core::{
    error::ErrorKind,
    expr::{Column, Predicate},
    prelude::*,
    schema,
};
use orm_tests::{Outcome, TestDb, each_backend, refused};
use proptest::prelude::{Strategy, prop};

use crate::{
    fixtures::{self, User},
    properties::check,
};

each_backend!(
    text_matches_as_rust_says,
    text_matches_itself_however_the_server_reads_quotes_and_backslashes,
    a_nul_turns_no_condition_into_one_that_is_always_true,
    long_text_matches_itself,
);

#[derive(Entity)]
#[orm(table = "texts")]
struct Text {
    #[orm(primary_key)]
    id: i64,
    text: String,
}

/// What patterns, literals, JSON and paths know as signs, a combining mark, letters of two, three and four bytes, upper and lower case.
const SIGNS: [&str; 34] = [
    "a", "b", "A", "%", "_", "\\", "*", "?", "[", "]", "^", "-", "!", "|", "'", "\"", "`", "$", "{", "}", ";", "/",
    "#", ".", " ", "\n", "\t", "\u{301}", "e", "é", "ß", "€", "😀", "\u{feff}",
];

fn texts(nul: bool) -> impl Strategy<Value = String> {
    let mut signs: Vec<&'static str> = SIGNS.to_vec();
    if nul {
        signs.extend(["\0", "\0", "\0"]);
    }
    prop::collection::vec(prop::sample::select(signs), 0..6).prop_map(|signs| signs.concat())
}

async fn matching(session: &Session, condition: Predicate<Text>) -> Result<Vec<i64>, Error> {
    let query = Text::select().filter(condition).order_by(Text::ID.asc());
    Ok(session.all(&query).await?.iter().map(|text| text.id()).collect())
}

/// Every condition on text finds what Rust finds.
async fn is_as_rust_says(session: &Session, rows: &[String], part: &str) -> Outcome {
    let of = |matches: &dyn Fn(&str) -> bool| -> Vec<i64> {
        (1..).zip(rows).filter(|(_, row)| matches(row)).map(|(id, _)| id).collect()
    };
    let column: Column<Text, String> = Text::TEXT;
    let folded = part.to_ascii_lowercase();
    // Only ASCII letters have two cases among the signs that the databases agree on.
    let same_case = |text: &str| text.to_ascii_lowercase();
    for (what, condition, expected) in [
        ("contains", column.contains(part), of(&|row| row.contains(part))),
        ("starts_with", column.starts_with(part), of(&|row| row.starts_with(part))),
        ("ends_with", column.ends_with(part), of(&|row| row.ends_with(part))),
        ("icontains", column.icontains(part), of(&|row| same_case(row).contains(&folded))),
        ("not contains", !column.contains(part), of(&|row| !row.contains(part))),
        ("eq", column.eq(part), of(&|row| row == part)),
        ("ne", column.ne(part), of(&|row| row != part)),
        ("in_", column.in_([part, "no such"]), of(&|row| row == part)),
        ("lower contains", column.lower().contains(&folded), of(&|row| same_case(row).contains(&folded))),
        ("lower starts_with", column.lower().starts_with(&folded), of(&|row| same_case(row).starts_with(&folded))),
        ("lower ends_with", column.lower().ends_with(&folded), of(&|row| same_case(row).ends_with(&folded))),
    ] {
        let found = matching(session, condition).await?;
        assert_eq!(found, expected, "{what} {part:?} in {rows:?}");
    }
    Ok(())
}

async fn fill(db: &TestDb, rows: &[String]) -> Outcome {
    db.execute("DELETE FROM texts", vec![]).await?;
    let rows = (1..).zip(rows).map(|(id, text)| Text::builder().id(id).text(text.clone()));
    let mut session = db.session();
    session.insert_many(rows).await?;
    session.commit().await?;
    Ok(())
}

/// The session, told to read literals as another server would.
async fn settings(db: &TestDb, session: &Session) -> Outcome {
    let setting = if db.is_mysql() {
        "SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES,ANSI_QUOTES')"
    } else if db.is_postgres() {
        "SET LOCAL standard_conforming_strings = off"
    } else {
        return Ok(());
    };
    session.sql(setting).execute().await?;
    if db.is_postgres() {
        session.sql("SET LOCAL escape_string_warning = off").execute().await?;
    }
    Ok(())
}

async fn text_matches_as_rust_says(db: TestDb) -> Outcome {
    let db = db.with(schema![Text]).await?;
    // PostgreSQL refuses a NUL in any text.
    let nul = !db.is_postgres();
    let cases = (prop::collection::vec(texts(nul), 1..12), prop::collection::vec(texts(nul), 1..4));
    check(24, &cases, |(rows, parts)| {
        let db = db.clone();
        async move {
            fill(&db, &rows).await?;
            let session = db.session();
            for part in &parts {
                is_as_rust_says(&session, &rows, part).await?;
            }
            Ok(())
        }
    });
    Ok(())
}

async fn text_matches_itself_however_the_server_reads_quotes_and_backslashes(db: TestDb) -> Outcome {
    let db = db.with(schema![Text]).await?;
    let rows: Vec<String> =
        SIGNS.iter().flat_map(|sign| [(*sign).to_owned(), format!("x{sign}"), format!("{sign}\\%y")]).collect();
    fill(&db, &rows).await?;
    let mut session = db.session();
    settings(&db, &session).await?;
    for sign in SIGNS {
        is_as_rust_says(&session, &rows, sign).await?;
    }
    is_as_rust_says(&session, &rows, "\\%y").await?;
    session.rollback().await?;
    if db.is_mysql() {
        session
            .sql("SET SESSION sql_mode = REPLACE(REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''), 'ANSI_QUOTES', '')")
            .execute()
            .await?;
    }
    session.close().await?;
    Ok(())
}

async fn a_nul_turns_no_condition_into_one_that_is_always_true(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let name = User::NAME;
    for part in ["\0", "\0da", "A\0", "%\0", "\0\0"] {
        for condition in [
            name.contains(part),
            name.starts_with(part),
            name.ends_with(part),
            name.icontains(part),
            name.lower().contains(part),
            name.like(format!("%{part}_")),
            name.like(part),
        ] {
            let printed = format!("{condition:?}");
            match db.count(&User::select().filter(condition.clone())).await {
                Ok(found) => assert_eq!(found, 0, "{printed}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Value, "{printed}: {error}"),
            }
            match db.delete_where(condition).await {
                Ok(gone) => assert_eq!(gone, 0, "{printed}"),
                Err(error) => assert_eq!(error.kind(), ErrorKind::Value, "{printed}: {error}"),
            }
        }
    }
    if db.is_sqlite() {
        let error = refused(db.count(&User::select().filter(name.like("a\0%b"))).await, ErrorKind::Value);
        assert!(error.to_string().contains("`contains`"), "{error}");
    }
    assert_eq!(db.count(&User::select()).await?, 3);
    Ok(())
}

async fn long_text_matches_itself(db: TestDb) -> Outcome {
    let db = db.with(schema![Text]).await?;
    let long = "*[%_".repeat(20_000);
    fill(&db, &[long.clone(), format!("{long}x"), "y".to_owned()]).await?;
    let session = db.session();
    for (condition, expected) in [
        (Text::TEXT.contains(&long), vec![1, 2]),
        (Text::TEXT.starts_with(&long), vec![1, 2]),
        (Text::TEXT.ends_with(&long), vec![1]),
        (Text::TEXT.icontains(&long), vec![1, 2]),
    ] {
        assert_eq!(matching(&session, condition).await?, expected);
    }
    Ok(())
}
