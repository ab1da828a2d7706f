//! Sign-up: one INSERT, and the answer is the user with what the database made. An address that is taken is a 409.

use chrono::{DateTime, Utc};
use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};
use serde::Deserialize;

#[derive(Entity)]
#[orm(table = "users")]
pub struct User {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique, length = 255)]
    email: String,
    name: String,
    /// Never in Debug or JSON.
    #[orm(sensitive)]
    password_hash: String,
    #[orm(server_default = "CURRENT_TIMESTAMP")]
    created_at: DateTime<Utc>,
}

/// What the form sends.
#[derive(Clone, Deserialize)]
pub struct SignUp {
    email: String,
    name: String,
    password: String,
}

/// What a handler answers when it cannot do as asked.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    status: u16,
    message: String,
}

/// Errors are classified, so that one `From` serves every handler.
impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::UniqueViolation => {
                Self { status: 409, message: format!("taken: {}", error.columns().join(", ")) }
            }
            ErrorKind::NotFound => Self { status: 404, message: "not found".to_owned() },
            _ => Self { status: 500, message: "try again later".to_owned() },
        }
    }
}

/// The handler. `?` on a failed insert drops the session, which rolls back.
pub async fn sign_up(sessions: &SessionFactory, form: SignUp) -> Result<Detached<User>, Refusal> {
    let mut session = sessions.session();
    let user =
        session.insert(User::builder().email(form.email).name(form.name).password_hash(hash(&form.password))).await?;
    // Owned, before the commit ends the handle: the generated key and the default are in it.
    let created = session.detach(&user)?;
    session.commit().await?;
    Ok(created)
}

fn hash(password: &str) -> String {
    format!("$argon2id${}", password.len())
}

each_backend!(the_created_user_is_returned, an_address_that_is_taken_is_a_conflict);

fn form(email: &str) -> SignUp {
    SignUp { email: email.to_owned(), name: "Ada".to_owned(), password: "difference engine".to_owned() }
}

async fn the_created_user_is_returned(db: TestDb) -> Outcome {
    let db = db.with(schema![User]).await?;
    let log = db.statement_log();
    let Ok(user) = sign_up(&db.session_factory(), form("ada@example.org")).await else { panic!("a new address") };
    log.assert(db.or_without_returning(&["INSERT users"][..], &["INSERT users", "SELECT users"]));
    assert_eq!((user.id(), user.email()), (1, "ada@example.org"));
    assert!((Utc::now() - user.created_at()).num_seconds().abs() < 60, "{user:?}");
    let json = serde_json::to_value(&user)?;
    let mut keys: Vec<&str> = json.as_object().into_iter().flatten().map(|(key, _)| key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["created_at", "email", "id", "name"], "no password");
    assert!(!format!("{user:?}").contains("argon2id"));
    Ok(())
}

async fn an_address_that_is_taken_is_a_conflict(db: TestDb) -> Outcome {
    let db = db.with(schema![User]).await?;
    let sessions = db.session_factory();
    assert!(sign_up(&sessions, form("ada@example.org")).await.is_ok());
    let refusal = sign_up(&sessions, form("ada@example.org")).await.err();
    assert_eq!(refusal, Some(Refusal { status: 409, message: "taken: email".to_owned() }));
    assert!(sign_up(&sessions, form("byron@example.org")).await.is_ok(), "nothing is in the way of the next one");
    assert_eq!(db.count(&User::select()).await?, 2);
    Ok(())
}
