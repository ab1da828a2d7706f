//! A web server: the factory in the state, a session for each request.

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, State},
    http::{Request, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use orm_core::{error::ErrorKind, prelude::*};
use orm_tests::{Outcome, TestDb, each_backend};
use serde::Deserialize;
use tower::ServiceExt;

use crate::fixtures::{self, Address, User};

each_backend!(a_session_for_each_request, requests_at_the_same_time);

struct Refusal(Error);

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = match self.0.kind() {
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::UniqueViolation => StatusCode::CONFLICT,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        (status, self.0.to_string()).into_response()
    }
}

#[derive(Deserialize)]
struct Include {
    include: Option<String>,
}

#[derive(Deserialize)]
struct NewUser {
    name: String,
    emails: Vec<String>,
}

async fn show(
    State(sessions): State<SessionFactory>,
    Path(id): Path<i64>,
    Query(include): Query<Include>,
) -> Result<impl IntoResponse, Refusal> {
    let session = sessions.session();
    let addresses = include.include.as_deref() == Some("addresses");
    let query = User::select().filter(User::ID.eq(id)).selectin_if(addresses, User::ADDRESSES);
    let user = session.one(&query).await?;
    Ok(Json(session.detach(&user)?))
}

async fn create(State(sessions): State<SessionFactory>, Json(new): Json<NewUser>) -> Result<Response, Refusal> {
    let mut session = sessions.session();
    let addresses = new.emails.into_iter().map(|email| Address::builder().email(email));
    let user = session.insert(User::builder().name(new.name).addresses(addresses)).await?;
    let created = session.detach(&user)?;
    session.commit().await?;
    Ok((StatusCode::CREATED, Json(created)).into_response())
}

async fn rename(
    State(sessions): State<SessionFactory>,
    Path(id): Path<i64>,
    Json(name): Json<String>,
) -> Result<StatusCode, Refusal> {
    let mut session = sessions.session();
    session.get_one::<User>(id).await?.set_name(name);
    session.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

fn router(db: &Database) -> Router {
    Router::new()
        .route("/users", post(create))
        .route("/users/{id}", get(show).put(rename))
        .with_state(db.session_factory())
}

async fn send(router: &Router, method: &str, path: &str, body: Option<serde_json::Value>) -> Outcome<(u16, String)> {
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json").body(body)?;
    let response = router.clone().oneshot(request).await?;
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await?;
    Ok((status, String::from_utf8(bytes.into())?))
}

async fn a_session_for_each_request(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let router = router(&db);
    let (status, body) = send(&router, "GET", "/users/1", None).await?;
    assert_eq!((status, &*body), (200, r#"{"id":1,"name":"Ada","nick":"countess"}"#));
    let (_, body) = send(&router, "GET", "/users/2?include=addresses", None).await?;
    let json: serde_json::Value = serde_json::from_str(&body)?;
    assert_eq!(json["addresses"][0]["email"], "bob@x.org");

    let new = serde_json::json!({ "name": "Dan", "emails": ["d@x.org", "d@y.org"] });
    let (status, body) = send(&router, "POST", "/users", Some(new.clone())).await?;
    let json: serde_json::Value = serde_json::from_str(&body)?;
    assert_eq!((status, json["addresses"].as_array().map(Vec::len)), (201, Some(2)), "{body}");
    let (status, body) = send(&router, "POST", "/users", Some(new)).await?;
    assert_eq!(status, 409, "{body}");
    assert_eq!(send(&router, "PUT", "/users/1", Some("Ada L.".into())).await?.0, 204);
    assert_eq!(send(&router, "PUT", "/users/1", Some("Bob".into())).await?.0, 409);
    assert_eq!(send(&router, "GET", "/users/99", None).await?.0, 404);
    assert_eq!(db.count(&User::select()).await?, 4);
    assert!(db.exists(&User::select().filter(User::NAME.eq("Ada L."))).await?);
    Ok(())
}

async fn requests_at_the_same_time(db: TestDb) -> Outcome {
    let db = fixtures::people(db).await?;
    let router = router(&db);
    let requests = (0..40).map(|n| {
        let router = router.clone();
        tokio::spawn(async move {
            let new = serde_json::json!({ "name": format!("u{n}"), "emails": ["a"] });
            let created = send(&router, "POST", "/users", Some(new)).await;
            let shown = send(&router, "GET", "/users/1", None).await.map(|(status, _)| status);
            (created, shown)
        })
    });
    for request in requests.collect::<Vec<_>>() {
        let (created, shown) = request.await?;
        let (status, body) = created?;
        assert_eq!(status, 201, "{body}");
        assert_eq!(shown?, 200);
    }
    assert_eq!(db.count(&User::select()).await?, 43);
    Ok(())
}
