//! Patches: what a client sent, which is nothing until the program names what that client may set.

use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, TestDb, each_backend, refused};
use serde::{Deserialize, Deserializer, Serializer};
use serde_json::json;

#[derive(Entity)]
#[orm(table = "accounts")]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
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
pub(super) struct Team {
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

each_backend!(
    only_sqlite: patches_are_read_from_json,
    what_no_one_may_change_is_refused,
    a_field_that_is_not_there_is_refused,
    what_is_not_named_is_refused,
    sensitive_columns_and_keys_are_set_where_they_are_named,
    a_to_one_is_named_by_its_relationship_or_its_column,
);

fn read(json: serde_json::Value) -> serde_json::Result<Patch<Account>> {
    serde_json::from_value(json)
}

async fn patches_are_read_from_json(_: TestDb) -> Outcome {
    assert!(read(json!({}))?.is_empty());
    let patch = read(json!({
        "fullName": "Ada", "nick": null, "passwordHash": "#", "email": "ada@x.org", "level": "level 7", "notes": "long",
        "secret": "s", "teamId": 3,
    }))?;
    let mut fields: Vec<&str> = patch.fields().collect();
    fields.sort_unstable();
    assert_eq!(fields, ["full_name", "level", "mail", "nick", "notes", "password_hash", "secret", "team_id"]);
    assert!(!format!("{patch:?}").contains('#'), "{patch:?}");
    let named = (Account::FULL_NAME, Account::NICK, Account::LEVEL, Account::NOTES, Account::MAIL);
    let changes = patch.only((
        named.0,
        named.1,
        named.2,
        named.3,
        named.4,
        Account::PASSWORD_HASH,
        Account::SECRET,
        Account::TEAM,
    ))?;
    assert_eq!(changes.get(Account::FULL_NAME).as_deref(), Some("Ada"));
    assert_eq!((changes.get(Account::NICK), changes.get(Account::LEVEL)), (Some(None), Some(Some(7))));
    assert_eq!(changes.get(Account::NOTES), Some(Some("long".to_owned())));
    let again = read(json!({ "eMail": "e", "level": null }))?.only((Account::MAIL, Account::LEVEL))?;
    assert_eq!(again.get(Account::LEVEL), Some(None));
    Ok(())
}

fn refusal(json: serde_json::Value) -> String {
    match read(json) {
        Ok(patch) => panic!("{patch:?}"),
        Err(error) => error.to_string(),
    }
}

async fn what_no_one_may_change_is_refused(_: TestDb) -> Outcome {
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
    Ok(())
}

async fn a_field_that_is_not_there_is_refused(_: TestDb) -> Outcome {
    for (json, expected) in [
        (json!({ "emial": "a@x.org" }), "`Account` has no field `emial`, did you mean `email`?"),
        (json!({ "fullname": "Ada" }), "`Account` has no field `fullname`, did you mean `fullName`?"),
        (json!({ "colour": "red" }), "`Account` has no field `colour`"),
        // Skipped by serde: not there for a client.
        (json!({ "role": "admin" }), "`Account` has no field `role`"),
        // A relationship is no field of a patch: its foreign key is.
        (json!({ "team": { "id": 1 } }), "`Account` has no field `team`, did you mean `teamId`?"),
    ] {
        assert_eq!(refusal(json), expected);
    }
    let long = "x".repeat(1 << 20);
    assert!(refusal(json!({ long: 1 })).len() < 200);
    Ok(())
}

async fn what_is_not_named_is_refused(_: TestDb) -> Outcome {
    let patch = || read(json!({ "fullName": "Ada", "passwordHash": "#", "teamId": 1 }));
    let error = refused(patch()?.only((Account::FULL_NAME, Account::NICK)), ErrorKind::NotAllowed);
    assert_eq!((error.entity(), error.attribute()), (Some("Account"), Some("password_hash")));
    assert!(error.to_string().contains("`password_hash`, `team_id` may not be set here"), "{error}");
    assert!(!error.to_string().contains('#'));
    let nothing = read(json!({}))?.only(Account::FULL_NAME)?;
    assert!(nothing.is_empty());
    let error = refused(
        serde_json::from_value::<Patch<Team>>(json!({ "id": 2, "name": "t" }))?.only(Team::NAME),
        ErrorKind::NotAllowed,
    );
    assert_eq!(error.attribute(), Some("id"));
    Ok(())
}

async fn sensitive_columns_and_keys_are_set_where_they_are_named(_: TestDb) -> Outcome {
    let changes = read(json!({ "passwordHash": "#" }))?.only(Account::PASSWORD_HASH)?;
    assert_eq!(changes.get(Account::PASSWORD_HASH).as_deref(), Some("#"));
    // A key that the program makes says which object is meant.
    let changes = serde_json::from_value::<Patch<Team>>(json!({ "id": 2 }))?.only(Team::ID)?;
    assert_eq!(changes.get(Team::ID), Some(2));
    Ok(())
}

async fn a_to_one_is_named_by_its_relationship_or_its_column(_: TestDb) -> Outcome {
    let patch = || read(json!({ "teamId": 3 }));
    assert_eq!(patch()?.only(Account::TEAM)?.get(Account::TEAM_ID), Some(Some(3)));
    assert_eq!(patch()?.only(Account::TEAM_ID)?.get(Account::TEAM_ID), Some(Some(3)));
    Ok(())
}
