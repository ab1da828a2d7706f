//! Conditions on columns: NULL, empty lists, text that looks like a pattern, and queries put together at run time.

use orm_core::expr::Predicate;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

use crate::fixtures::{self, User};

each_backend!(
    equal_to_none_is_null,
    an_empty_list_finds_nothing_and_its_opposite_everything,
    an_empty_and_is_true_and_an_empty_or_is_false,
    signs_of_patterns_in_user_text_match_themselves,
    filter_order_and_limit_never_change_the_type,
    a_none_in_a_list_finds_rows_without_a_value,
    comparisons_and_their_opposites,
    a_deep_condition_is_one_statement,
);

async fn names(db: &TestDb, condition: Predicate<User>) -> Outcome<Vec<String>> {
    let users = db.all(&User::select().filter(condition).order_by(User::ID.asc())).await?;
    Ok(users.iter().map(|user| user.name().to_owned()).collect())
}

async fn equal_to_none_is_null(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    assert_eq!(names(&db, User::NICK.eq(None)).await?, ["Cy"]);
    assert_eq!(names(&db, User::NICK.ne(None)).await?, ["Ada", "Bob"]);
    assert_eq!(names(&db, User::NICK.eq(Option::<String>::None)).await?, ["Cy"]);
    let texts = log.texts();
    assert!(texts[0].contains("IS NULL") && texts[1].contains("IS NOT NULL"), "{texts:?}");
    assert_eq!(names(&db, User::NICK.ne("builder")).await?, ["Ada"], "as SQL has it");
    assert_eq!(names(&db, User::NICK.ne("builder") | User::NICK.is_null()).await?, ["Ada", "Cy"]);
    Ok(())
}

async fn an_empty_list_finds_nothing_and_its_opposite_everything(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let none: [i64; 0] = [];
    assert!(names(&db, User::ID.in_(none)).await?.is_empty());
    assert_eq!(names(&db, User::ID.not_in(none)).await?.len(), 3);
    assert_eq!(names(&db, !User::ID.in_(none) & User::NAME.eq("Bob")).await?, ["Bob"]);
    assert_eq!(db.count(&User::select().filter(User::ID.in_(none))).await?, 0);
    assert!(!db.exists(&User::select().filter(User::ID.in_(none))).await?);
    Ok(())
}

async fn an_empty_and_is_true_and_an_empty_or_is_false(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    assert_eq!(names(&db, Predicate::all_of([])).await?.len(), 3);
    assert_eq!(names(&db, Predicate::any_of([])).await?.len(), 0);
    assert_eq!(names(&db, !Predicate::all_of([])).await?.len(), 0);
    assert_eq!(names(&db, Predicate::any_of([]) | User::ID.eq(2)).await?, ["Bob"]);
    Ok(())
}

async fn signs_of_patterns_in_user_text_match_themselves(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let hostile =
        ["50%", "a_b", r"back\slash", "[x]", "star*", "what?", "quo'te", "dash--", r"\%", "{nick}", "$1", "?1"];
    let session = db.session();
    session.insert_all(hostile.map(|name| User::builder().name(name))).await?;
    session.commit_keeping().await?;
    for name in hostile {
        assert_eq!(names(&db, User::NAME.eq(name)).await?, [name]);
        assert_eq!(names(&db, User::NAME.contains(name)).await?, [name], "contains {name}");
        assert_eq!(names(&db, User::NAME.starts_with(name)).await?, [name], "starts_with {name}");
        assert_eq!(names(&db, User::NAME.ends_with(name)).await?, [name], "ends_with {name}");
        assert_eq!(names(&db, User::NAME.icontains(name)).await?, [name], "icontains {name}");
        assert_eq!(names(&db, User::NAME.in_([name])).await?, [name], "in_ {name}");
    }
    assert_eq!(names(&db, User::NAME.contains("%")).await?, ["50%", r"\%"]);
    assert_eq!(names(&db, User::NAME.contains("_")).await?, ["a_b"]);
    Ok(())
}

async fn filter_order_and_limit_never_change_the_type(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for (search, descending, limit) in [(None, false, None), (Some("b"), true, Some(1)), (Some("y"), false, None)] {
        let mut query = User::select().selectin(User::ADDRESSES);
        if let Some(search) = search {
            query = query.filter(User::NAME.icontains(search));
        }
        query = query.order_by(if descending { User::ID.desc() } else { User::ID.asc() });
        if let Some(limit) = limit {
            query = query.limit(limit);
        }
        let found = db.all(&query).await?;
        let expected: &[&str] = match search {
            None => &["Ada", "Bob", "Cy"],
            Some("b") => &["Bob"],
            _ => &["Cy"],
        };
        assert_eq!(found.iter().map(|it| it.name()).collect::<Vec<_>>(), expected);
    }
    let either = if db.is_postgres() { User::select().filter(User::ID.eq(1)) } else { User::select().limit(1) };
    assert_eq!(db.all(&either).await?.len(), 1);
    Ok(())
}

async fn a_none_in_a_list_finds_rows_without_a_value(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let list = [None, Some("builder".to_owned())];
    assert_eq!(names(&db, User::NICK.in_(list.clone())).await?, ["Bob", "Cy"]);
    assert_eq!(names(&db, User::NICK.not_in(list)).await?, ["Ada"]);
    Ok(())
}

async fn comparisons_and_their_opposites(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    for (condition, expected) in [
        (User::ID.lt(2), vec!["Ada"]),
        (User::ID.le(2), vec!["Ada", "Bob"]),
        (User::ID.gt(2), vec!["Cy"]),
        (User::ID.between(2, 3), vec!["Bob", "Cy"]),
        (User::NAME.lt("B") | User::NAME.gt("C"), vec!["Ada", "Cy"]),
        (!(User::ID.eq(1) | User::ID.eq(3)), vec!["Bob"]),
        (User::NAME.eq_column(User::NICK), vec![]),
        (Predicate::raw("length({name}) = ?", [2_i32.into()]), vec!["Cy"]),
    ] {
        assert_eq!(names(&db, condition.clone()).await?, expected, "{condition:?}");
    }
    Ok(())
}

async fn a_deep_condition_is_one_statement(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let log = db.statement_log();
    let many = Predicate::any_of((0..500).map(|n| User::NAME.eq(format!("u{n}"))));
    assert!(names(&db, many.clone()).await?.is_empty());
    assert_eq!(names(&db, many | User::NAME.eq("Bob")).await?, ["Bob"]);
    log.assert(&["SELECT users", "SELECT users"]);
    let long = (0..500).fold(User::ID.eq(2), |all, n| all & User::NAME.ne(format!("u{n}")));
    assert_eq!(names(&db, long).await?, ["Bob"]);
    Ok(())
}
