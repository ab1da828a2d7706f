//! Changes as a value: what they hold, and what they print.

use orm_tests::{Outcome, TestDb, each_backend};

use super::patches::Account;

each_backend!(only_sqlite: a_handler_looks_at_changes);

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
