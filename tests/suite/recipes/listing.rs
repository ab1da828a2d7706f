//! A list: filters that may or may not be there, a column to sort by, what to include and which page, all from the query string.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Entity)]
#[orm(table = "users")]
pub struct User {
    #[orm(primary_key)]
    id: i64,
    name: String,
    city: Option<String>,
    age: i32,
    #[orm(foreign_key = author_id, back_populates = author, order_by = id)]
    posts: HasMany<Post>,
}

#[derive(Entity)]
#[orm(table = "posts")]
pub struct Post {
    #[orm(primary_key)]
    id: i64,
    title: String,
    author_id: i64,
    #[orm(foreign_key = author_id, back_populates = posts)]
    author: BelongsTo<User>,
}

/// `?search=..&city=..&min_age=..&sort=-age&include=posts&page=2`
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Parameters {
    search: Option<String>,
    city: Vec<String>,
    min_age: Option<i32>,
    has_posts: bool,
    sort: Option<String>,
    include: Option<String>,
    page: u64,
}

#[derive(Serialize)]
pub struct Page<T> {
    total: u64,
    items: Vec<T>,
}

const PAGE_SIZE: u64 = 2;

impl Parameters {
    /// Filter, order and limit never change a query's type, so that each stands behind its own `if`.
    fn filter(&self) -> Predicate<User> {
        let mut all = Vec::new();
        if let Some(search) = &self.search {
            all.push(User::NAME.icontains(search) | User::CITY.icontains(search));
        }
        if !self.city.is_empty() {
            all.push(User::CITY.in_(&self.city));
        }
        if let Some(age) = self.min_age {
            all.push(User::AGE.ge(age));
        }
        if self.has_posts {
            all.push(User::POSTS.any_at_all());
        }
        Predicate::all_of(all) // of nothing: everyone
    }

    /// What a client may sort by is what is listed here: its text never comes near the SQL.
    fn order(&self) -> OrderBy<User> {
        match self.sort.as_deref() {
            Some("name") => User::NAME.lower().asc(),
            Some("-name") => User::NAME.lower().desc(),
            Some("age") => User::AGE.asc(),
            Some("-age") => User::AGE.desc(),
            Some("city") => User::CITY.asc().nulls_last(),
            _ => User::ID.asc(),
        }
    }
}

/// `selectin_if` gives one type whether posts are wanted or not: so this is one handler.
pub async fn list(db: &Database, parameters: &Parameters) -> Result<Page<impl Serialize + use<>>, Error> {
    let query = User::select().filter(parameters.filter());
    let total = db.count(&query).await?;
    let page = query
        .order_by(parameters.order())
        .order_by(User::ID.asc())
        .limit(PAGE_SIZE)
        .offset(parameters.page * PAGE_SIZE)
        .selectin_if(parameters.include.as_deref() == Some("posts"), User::POSTS);
    Ok(Page { total, items: db.all(&page).await? })
}

each_backend!(every_parameter_does_its_part, what_was_decided_at_run_time_is_read_by_try);

async fn filled(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![User, Post]).await?;
    let mut session = db.session();
    let user = |name: &str, age| User::builder().name(name).age(age);
    session
        .insert_all([
            user("ada", 36).city("London").posts([Post::builder().title("Notes")]).build(),
            user("Bob_%", 20).city("Paris").build(),
            user("Charles", 79)
                .city("London")
                .posts([Post::builder().title("Engines"), Post::builder().title("Tables")])
                .build(),
            user("dan", 20).build(),
        ])
        .await?;
    session.commit().await?;
    Ok(db)
}

async fn names(db: &Database, parameters: Parameters) -> Outcome<(u64, Vec<String>)> {
    let page = serde_json::to_value(list(db, &parameters).await?)?;
    let names = page["items"].as_array().into_iter().flatten().filter_map(|item| item["name"].as_str());
    Ok((page["total"].as_u64().unwrap_or_default(), names.map(str::to_owned).collect()))
}

async fn every_parameter_does_its_part(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let text = |text: &str| Some(text.to_owned());
    let cases = [
        (Parameters::default(), 4, vec!["ada", "Bob_%"]),
        (Parameters { page: 1, ..Parameters::default() }, 4, vec!["Charles", "dan"]),
        (Parameters { page: 2, ..Parameters::default() }, 4, vec![]),
        (Parameters { sort: text("-age"), ..Parameters::default() }, 4, vec!["Charles", "ada"]),
        (Parameters { sort: text("age"), ..Parameters::default() }, 4, vec!["Bob_%", "dan"]),
        (Parameters { sort: text("-name"), ..Parameters::default() }, 4, vec!["dan", "Charles"]),
        (Parameters { sort: text("city"), page: 1, ..Parameters::default() }, 4, vec!["Bob_%", "dan"]),
        (Parameters { sort: text("id; DROP TABLE users"), ..Parameters::default() }, 4, vec!["ada", "Bob_%"]),
        (Parameters { search: text("_%"), ..Parameters::default() }, 1, vec!["Bob_%"]),
        (Parameters { search: text("LOND"), ..Parameters::default() }, 2, vec!["ada", "Charles"]),
        (Parameters { city: vec!["Paris".into(), "Rome".into()], ..Parameters::default() }, 1, vec!["Bob_%"]),
        (Parameters { min_age: Some(36), has_posts: true, ..Parameters::default() }, 2, vec!["ada", "Charles"]),
    ];
    for (at, (parameters, total, expected)) in cases.into_iter().enumerate() {
        let expected = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(names(&db, parameters).await?, (total, expected), "case {at}");
    }
    Ok(())
}

async fn what_was_decided_at_run_time_is_read_by_try(db: TestDb) -> Outcome {
    let db = filled(db).await?;
    let log = db.statement_log();
    let first = Parameters { search: Some("ada".to_owned()), ..Parameters::default() };
    let page = serde_json::to_value(list(&db, &first).await?)?;
    assert_eq!(page, json!({ "total": 1, "items": [{ "id": 1, "name": "ada", "city": "London", "age": 36 }] }));
    log.assert(&["SELECT users", "SELECT users"]);
    let page = serde_json::to_value(list(&db, &Parameters { include: Some("posts".to_owned()), ..first }).await?)?;
    assert_eq!(page["items"][0]["posts"], json!([{ "id": 1, "title": "Notes", "author_id": 1 }]));
    log.assert(&["SELECT users", "SELECT users", "SELECT posts"]);

    for wanted in [false, true] {
        let session = db.session();
        let ada = session.one(&User::select().filter(User::ID.eq(1)).selectin_if(wanted, User::POSTS)).await?;
        match ada.try_posts() {
            Ok(posts) => assert!(wanted && posts.len() == 1),
            Err(error) => assert!(!wanted && error.to_string().contains("User.posts"), "{error}"),
        }
        let detached = session.detach(&ada)?;
        assert_eq!(detached.try_posts().map(|posts| posts.len()).ok(), wanted.then_some(1));
    }
    Ok(())
}
