//! A web service: the factory of sessions in the state, a session for each request, a task that outlives its request, and a
//! service behind a trait.

use std::{future::Future, sync::Arc};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, State},
    http::{Request, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, patch, post},
};
use orm_core::prelude::*;
use orm_tests::{Outcome, TestDb, each_backend};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tower::ServiceExt as _;

#[derive(Entity)]
#[orm(table = "accounts")]
pub struct Account {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique, length = 100)]
    owner: String,
    #[orm(default = 0)]
    balance: i64,
    #[orm(foreign_key = account_id, back_populates = account, order_by = (id desc))]
    entries: HasMany<Entry>,
}

#[derive(Entity)]
#[orm(table = "entries")]
pub struct Entry {
    #[orm(primary_key)]
    id: i64,
    amount: i64,
    note: Option<String>,
    account_id: i64,
    #[orm(foreign_key = account_id, back_populates = entries)]
    account: BelongsTo<Account>,
}

/// What handlers share. Cloned for each request, as axum does.
pub struct App<N> {
    sessions: SessionFactory,
    notices: Arc<N>,
}

impl<N> Clone for App<N> {
    fn clone(&self) -> Self {
        Self { sessions: self.sessions.clone(), notices: Arc::clone(&self.notices) }
    }
}

/// A service behind a trait: here it only sends a notice, in another task.
pub trait Notices: Send + Sync + 'static {
    fn opened(&self, account: Detached<Account>) -> impl Future<Output = ()> + Send;
    fn booked(&self, sessions: SessionFactory, entry: Key<Entry>) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Every handler's error: what the ORM says, as a status.
pub struct Failure(StatusCode, String);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.kind() {
            ErrorKind::NotFound => Self(StatusCode::NOT_FOUND, "no such account".to_owned()),
            ErrorKind::UniqueViolation => Self(StatusCode::CONFLICT, format!("taken: {}", error.columns().join(", "))),
            _ => Self(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.0, self.1).into_response()
    }
}

pub fn router<N: Notices>(app: App<N>) -> Router {
    Router::new()
        .route("/accounts", post(open::<N>))
        .route("/accounts/{id}", get(show::<N>).delete(close::<N>))
        .route("/accounts/{id}/owner", patch(rename::<N>))
        .route("/accounts/{id}/entries", post(book::<N>))
        .with_state(app)
}

#[derive(Deserialize)]
struct Open {
    owner: String,
}

async fn open<N: Notices>(State(app): State<App<N>>, Json(form): Json<Open>) -> Result<Response, Failure> {
    let mut session = app.sessions.session();
    let account = session.insert(Account::builder().owner(form.owner)).await?;
    let account = session.detach(&account)?;
    session.commit().await?;
    // A detached value owns what it shows, so that it goes where a handle cannot.
    let (notices, opened) = (app.notices, account.clone());
    tokio::spawn(async move { notices.opened(opened).await });
    Ok((StatusCode::CREATED, Json(account)).into_response())
}

#[derive(Deserialize)]
struct Show {
    include: Option<String>,
}

async fn show<N: Notices>(
    State(app): State<App<N>>,
    Path(id): Path<i64>,
    Query(show): Query<Show>,
) -> Result<impl IntoResponse, Failure> {
    let entries = show.include.is_some_and(|include| include.split(',').any(|word| word == "entries"));
    let query = Account::select().filter(Account::ID.eq(id)).selectin_if(entries, Account::ENTRIES);
    // A plain read needs no session.
    Ok(Json(app.sessions.database().one(&query).await?))
}

async fn rename<N: Notices>(
    State(app): State<App<N>>,
    Path(id): Path<i64>,
    Json(form): Json<Open>,
) -> Result<StatusCode, Failure> {
    let mut session = app.sessions.session();
    session.get_one::<Account>(id).await?.set_owner(form.owner);
    session.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
struct Book {
    amount: i64,
    note: Option<String>,
}

async fn book<N: Notices>(
    State(app): State<App<N>>,
    Path(id): Path<i64>,
    Json(form): Json<Book>,
) -> Result<Response, Failure> {
    let mut session = app.sessions.session();
    // Locked until the commit: two bookings of one account come one after the other.
    let account = session.get_one::<Account>(id).for_update().await?;
    if account.balance() + form.amount < 0 {
        return Err(Failure(StatusCode::UNPROCESSABLE_ENTITY, "not enough".to_owned()));
    }
    account.set_balance(account.balance() + form.amount);
    let entry = session.insert(Entry::builder().amount(form.amount).note(form.note).account(&account)).await?;
    let (key, answer) = (Key::of(&entry), session.detach(&entry)?);
    session.commit().await?;
    tokio::spawn(async move { app.notices.booked(app.sessions, key).await });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

async fn close<N: Notices>(State(app): State<App<N>>, Path(id): Path<i64>) -> Result<StatusCode, Failure> {
    let mut session = app.sessions.session();
    let account = session.get_one::<Account>(id).selectin(Account::ENTRIES).await?;
    if !account.entries().is_empty() {
        return Err(Failure(StatusCode::CONFLICT, format!("{} entries", account.entries().len())));
    }
    session.delete(&account).await?;
    session.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

each_backend!(
    accounts_are_opened_shown_renamed_and_closed,
    a_task_reads_what_a_request_wrote,
    only_sessions_that_commit_leave_something,
);
each_backend!(sqlite_file: bookings_at_the_same_time_add_up);

/// Tells the test what it was told.
struct Told(mpsc::UnboundedSender<String>);

impl Notices for Told {
    async fn opened(&self, account: Detached<Account>) {
        self.0.send(format!("{} opened", account.owner())).ok();
    }

    async fn booked(&self, sessions: SessionFactory, entry: Key<Entry>) -> Result<(), Error> {
        let session = sessions.session();
        let entry = session.get_one(entry).joined(Entry::ACCOUNT).await?;
        self.0.send(format!("{} booked {}", entry.account().owner(), entry.amount())).ok();
        session.close().await
    }
}

async fn service(db: TestDb) -> Outcome<(TestDb, Router, mpsc::UnboundedReceiver<String>)> {
    let db = db.with(schema![Account, Entry]).await?;
    let (sender, told) = mpsc::unbounded_channel();
    let app = App { sessions: db.session_factory(), notices: Arc::new(Told(sender)) };
    Ok((db, router(app), told))
}

async fn send(router: &Router, method: &str, path: &str, body: Option<Value>) -> Outcome<(u16, Value)> {
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json").body(body)?;
    let response = router.clone().oneshot(request).await?;
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await?;
    let text = String::from_utf8(bytes.into())?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::String(text))))
}

async fn accounts_are_opened_shown_renamed_and_closed(db: TestDb) -> Outcome {
    let (_db, router, _told) = service(db).await?;
    let ada = json!({ "id": 1, "owner": "Ada", "balance": 0 });
    assert_eq!(send(&router, "POST", "/accounts", Some(json!({ "owner": "Ada" }))).await?, (201, ada.clone()));
    let again = send(&router, "POST", "/accounts", Some(json!({ "owner": "Ada" }))).await?;
    assert_eq!(again, (409, json!("taken: owner")));
    assert_eq!(send(&router, "GET", "/accounts/1", None).await?, (200, ada));
    assert_eq!(send(&router, "GET", "/accounts/9", None).await?, (404, json!("no such account")));
    assert_eq!(send(&router, "PATCH", "/accounts/1/owner", Some(json!({ "owner": "Ada L." }))).await?.0, 204);

    let entry = json!({ "amount": 70, "note": "gift" });
    let (status, entry) = send(&router, "POST", "/accounts/1/entries", Some(entry)).await?;
    assert_eq!((status, &entry["amount"], &entry["account_id"]), (201, &json!(70), &json!(1)));
    let entry = json!({ "amount": -80 });
    assert_eq!(send(&router, "POST", "/accounts/1/entries", Some(entry)).await?, (422, json!("not enough")));
    let (_, account) = send(&router, "GET", "/accounts/1?include=owner,entries", None).await?;
    let entries = json!([{ "id": 1, "amount": 70, "note": "gift", "account_id": 1 }]);
    assert_eq!(account, json!({ "id": 1, "owner": "Ada L.", "balance": 70, "entries": entries }));

    assert_eq!(send(&router, "DELETE", "/accounts/1", None).await?, (409, json!("1 entries")));
    let (_, bob) = send(&router, "POST", "/accounts", Some(json!({ "owner": "Bob" }))).await?;
    let path = format!("/accounts/{}", bob["id"]);
    assert_eq!(send(&router, "DELETE", &path, None).await?.0, 204);
    assert_eq!(send(&router, "GET", &path, None).await?.0, 404);
    Ok(())
}

async fn a_task_reads_what_a_request_wrote(db: TestDb) -> Outcome {
    let (_db, router, mut told) = service(db).await?;
    send(&router, "POST", "/accounts", Some(json!({ "owner": "Ada" }))).await?;
    assert_eq!(told.recv().await.as_deref(), Some("Ada opened"));
    send(&router, "POST", "/accounts/1/entries", Some(json!({ "amount": 5 }))).await?;
    assert_eq!(told.recv().await.as_deref(), Some("Ada booked 5"));
    Ok(())
}

async fn only_sessions_that_commit_leave_something(db: TestDb) -> Outcome {
    let (db, router, _told) = service(db).await?;
    send(&router, "POST", "/accounts", Some(json!({ "owner": "Ada" }))).await?;
    // Refused in the middle of a transaction that holds a lock: dropping the session let go of it.
    for _ in 0..3 {
        assert_eq!(send(&router, "POST", "/accounts/1/entries", Some(json!({ "amount": -1 }))).await?.0, 422);
    }
    assert_eq!(send(&router, "POST", "/accounts/1/entries", Some(json!({ "amount": 1 }))).await?.0, 201);
    assert_eq!(db.one(&Account::select()).await?.balance(), 1);
    assert_eq!(db.count(&Entry::select()).await?, 1);
    Ok(())
}

async fn bookings_at_the_same_time_add_up(db: TestDb) -> Outcome {
    let (db, _, _) = service(db).await?;
    // On SQLite a transaction that reads before it writes takes the lock at its start.
    let sessions = db.session_factory().begin_mode(orm_core::database::BeginMode::Immediate);
    let (sender, _told) = mpsc::unbounded_channel();
    let router = router(App { sessions, notices: Arc::new(Told(sender)) });
    send(&router, "POST", "/accounts", Some(json!({ "owner": "Ada" }))).await?;
    let bookings =
        (1..=20).map(|amount| send(&router, "POST", "/accounts/1/entries", Some(json!({ "amount": amount }))));
    for (status, body) in futures::future::try_join_all(bookings).await? {
        assert_eq!(status, 201, "{body}");
    }
    let account = db.one(&Account::select().selectin(Account::ENTRIES)).await?;
    let sum: i64 = account.entries().iter().map(|entry| entry.amount()).sum();
    assert_eq!((account.balance(), sum, account.entries().len()), (210, 210, 20));
    Ok(())
}
