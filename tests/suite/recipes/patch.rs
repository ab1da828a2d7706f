//! PATCH: the body of a request is a `Patch`, and the handler names what it may set. Absent stays, null is NULL, the rest is set.

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, State},
    http::{Request, StatusCode},
    response::{IntoResponse, Response},
    routing::patch,
};
use orm_core::{error::ErrorKind, prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};
use serde_json::{Value, json};
use tower::ServiceExt;

#[derive(Entity)]
#[orm(table = "members")]
#[serde(rename_all = "camelCase")]
pub struct Client {
    #[orm(primary_key)]
    id: i64,
    full_name: String,
    phone: Option<String>,
    #[orm(sensitive)]
    password_hash: String,
    role: String,
    #[orm(version)]
    version: i32,
    group_id: Option<i64>,
    group: BelongsTo<Group>,
}

#[derive(Entity)]
#[orm(table = "member_groups")]
pub struct Group {
    #[orm(primary_key)]
    id: i64,
    name: String,
}

pub struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self.0.kind() {
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::NotAllowed => StatusCode::FORBIDDEN,
            ErrorKind::StaleData => StatusCode::CONFLICT,
            ErrorKind::ForeignKeyViolation | ErrorKind::Value => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, self.0.to_string()).into_response()
    }
}

/// What this program allows: rules of its own, before anything is read.
fn check(changes: &Changes<Client>) -> Result<(), (StatusCode, &'static str)> {
    match changes.get(Client::FULL_NAME) {
        Some(name) if name.trim().is_empty() => Err((StatusCode::UNPROCESSABLE_ENTITY, "a name has letters")),
        _ => Ok(()),
    }
}

async fn update(
    State(sessions): State<SessionFactory>,
    Path(id): Path<i64>,
    Json(patch): Json<Patch<Client>>,
) -> Result<Response, Refusal> {
    // The list: what is not on it is refused, and so is every column that comes later.
    let changes = patch.only((Client::FULL_NAME, Client::PHONE, Client::GROUP))?;
    if let Err(refusal) = check(&changes) {
        return Ok(refusal.into_response());
    }
    let mut session = sessions.session();
    let client = session.get_one::<Client>(id).await?;
    session.apply(&client, changes)?;
    session.flush().await?;
    let client = session.detach(&client)?;
    session.commit().await?;
    Ok(Json(client).into_response())
}

each_backend!(a_patch_changes_what_it_names);

async fn send(router: &Router, path: &str, body: Value) -> Outcome<(u16, String)> {
    let request = Request::builder().method("PATCH").uri(path).header("content-type", "application/json");
    let response = router.clone().oneshot(request.body(Body::from(body.to_string()))?).await?;
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await?;
    Ok((status, String::from_utf8(bytes.into())?))
}

async fn a_patch_changes_what_it_names(db: TestDb) -> Outcome {
    let db = db.with(schema![Group, Client]).await?;
    let mut session = db.session();
    session.insert(Group::builder().name("staff")).await?;
    let ada = Client::builder().full_name("Ada").phone("1").password_hash("#").role("user");
    session.insert(ada).await?;
    session.commit().await?;
    let router = Router::new().route("/clients/{id}", patch(update)).with_state(db.session_factory());

    let log = db.statement_log();
    let (status, body) = send(&router, "/clients/1", json!({ "phone": null, "groupId": 1 })).await?;
    log.assert(&["SELECT members", "UPDATE members"]);
    let expected = json!({ "id": 1, "fullName": "Ada", "phone": null, "role": "user", "version": 2, "groupId": 1 });
    assert_eq!((status, serde_json::from_str::<Value>(&body)?), (200, expected));

    // Nothing named, nothing written.
    let (status, _) = send(&router, "/clients/1", json!({})).await?;
    log.assert(&["SELECT members"]);
    assert_eq!(status, 200);

    for (path, body, expected, words) in [
        ("/clients/1", json!({ "fullName": null }), 422, "`Client.full_name`: null in a column that is NOT NULL"),
        ("/clients/1", json!({ "fullName": " " }), 422, "a name has letters"),
        ("/clients/1", json!({ "version": 9 }), 422, "`Client.version`"),
        ("/clients/1", json!({ "phnoe": "1" }), 422, "`Client` has no field `phnoe`, did you mean `phone`?"),
        ("/clients/1", json!({ "phone": "1", "role": "admin" }), 403, "`role` may not be set here"),
        ("/clients/1", json!({ "passwordHash": "##" }), 403, "`password_hash` may not be set here"),
        ("/clients/1", json!({ "groupId": 77 }), 422, "Client"),
        ("/clients/9", json!({ "fullName": "Bob" }), 404, "no such row"),
    ] {
        let (status, text) = send(&router, path, body.clone()).await?;
        assert!(status == expected && text.contains(words), "{body}: {status} {text}");
    }
    let client = db.one(&Client::select()).await?;
    assert_eq!((client.full_name(), client.role(), client.password_hash()), ("Ada", "user", "#"));
    Ok(())
}
