//! Changes as a value: what they hold, what they print, how they are read from JSON.

use orm_core::prelude::*;
use orm_tests::{Outcome, TestDb, each_backend};
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::json;

#[derive(Entity)]
#[orm(table = "accounts")]
#[serde(rename_all = "camelCase")]
struct Account {
    #[orm(primary_key)]
    id: i64,
    full_name: String,
    nick: Option<String>,
    #[orm(sensitive)]
    password_hash: String,
    #[serde(rename(serialize = "mail", deserialize = "email"), alias = "eMail")]
    mail: String,
    #[serde(with = "in_words")]
    level: Option<i64>,
    #[serde(skip)]
    role: String,
    #[serde(skip_serializing)]
    secret: Option<String>,
    #[orm(version)]
    version: i32,
    #[orm(read_only, server_default = "0")]
    visits: i64,
    notes: Deferred<Option<String>>,
    team_id: Option<i64>,
    team: BelongsTo<Team>,
}

#[derive(Entity)]
#[orm(table = "teams")]
#[serde(deny_unknown_fields)]
struct Team {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
}

mod in_words {
    use super::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(level: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("level {}", level.unwrap_or_default()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
        let words = String::deserialize(deserializer)?;
        words
            .strip_prefix("level ")
            .and_then(|number| number.parse().ok())
            .map(Some)
            .ok_or_else(|| serde::de::Error::custom("expected `level 7`"))
    }
}

each_backend!(only_sqlite: changes_are_read_from_json, what_no_one_may_change_is_refused, a_handler_looks_at_changes);

async fn changes_are_read_from_json(_: TestDb) -> Outcome {
    let read = |json: serde_json::Value| serde_json::from_value::<Changes<Account>>(json);
    let empty = read(json!({}))?;
    assert!(empty.is_empty());
    let changes = read(json!({
        "fullName": "Ada", "nick": null, "passwordHash": "#", "email": "ada@x.org", "level": "level 7", "notes": "long",
        "secret": "s", "teamId": 3, "role": "admin", "unknown": [1, { "a": 2 }],
    }))?;
    let fields: Vec<&str> = changes.fields().collect();
    let expected = ["full_name", "level", "mail", "nick", "notes", "password_hash", "secret", "team_id"];
    let mut sorted = fields.clone();
    sorted.sort_unstable();
    // Skipped, and unknown: passed over.
    assert_eq!(sorted, expected);
    assert_eq!(changes.get(Account::FULL_NAME).as_deref(), Some("Ada"));
    assert_eq!((changes.get(Account::NICK), changes.get(Account::LEVEL)), (Some(None), Some(Some(7))));
    assert_eq!(changes.get(Account::NOTES), Some(Some("long".to_owned())));
    assert_eq!(read(json!({ "eMail": "e", "level": null }))?.get(Account::LEVEL), Some(None));
    Ok(())
}

async fn what_no_one_may_change_is_refused(_: TestDb) -> Outcome {
    let refusal = |json: serde_json::Value| match serde_json::from_value::<Changes<Account>>(json) {
        Ok(changes) => panic!("{changes:?}"),
        Err(error) => error.to_string(),
    };
    for (json, expected) in [
        (json!({ "fullName": null }), "`Account.full_name`: null in a column that is NOT NULL"),
        (json!({ "fullName": 7 }), "`Account.full_name`: invalid type: integer `7`, expected a string"),
        (json!({ "level": "seven" }), "`Account.level`: expected `level 7`"),
        (json!({ "version": 2 }), "`Account.version`: the version, which the session counts, is no change"),
        (json!({ "visits": 2 }), "`Account.visits`: read-only, so it is no change"),
        (json!({ "id": 2 }), "`Account.id`: the database makes it, so it is no change"),
        (json!([1]), "invalid type: sequence, expected changes of `Account`"),
    ] {
        assert_eq!(refusal(json), expected);
    }
    // A key that the program makes says which object is meant.
    assert_eq!(serde_json::from_value::<Changes<Team>>(json!({ "id": 2 }))?.get(Team::ID), Some(2));
    let unknown = serde_json::from_value::<Changes<Team>>(json!({ "title": "x" })).expect_err("an unknown field");
    assert!(unknown.to_string().contains("unknown field `title`, expected `id` or `name`"), "{unknown}");
    Ok(())
}

async fn a_handler_looks_at_changes(_: TestDb) -> Outcome {
    let mut changes = Account::changes().full_name("Ada").nick(None).password_hash("#").team(3);
    assert_eq!(
        format!("{changes:?}"),
        r#"Account { full_name: "Ada", nick: None, password_hash: <sensitive>, team_id: 3, .. }"#
    );
    assert!(changes.contains(Account::NICK) && !changes.contains(Account::MAIL));
    assert!(changes.remove(Account::PASSWORD_HASH) && !changes.remove(Account::PASSWORD_HASH));
    assert_eq!(changes.len(), 3);
    let last = changes.clone().full_name("Bob").clear_team();
    assert_eq!((last.get(Account::FULL_NAME).as_deref(), last.get(Account::TEAM_ID)), (Some("Bob"), Some(None)));
    assert_eq!(changes.get(Account::TEAM_ID), Some(Some(3)));
    Ok(())
}
