//! An audit log: a listener notes every change of every object, who made it, and in the same transaction.

use orm_core::{
    prelude::*,
    session::{Flushed, Heard, Listener},
};
use orm_tests::{Outcome, TestDb, each_backend, refused};

#[derive(Entity)]
#[orm(table = "members")]
pub struct Member {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    email: String,
    #[orm(sensitive)]
    password_hash: String,
}

#[derive(Entity)]
#[orm(table = "audit")]
pub struct Audit {
    #[orm(primary_key)]
    id: i64,
    who: String,
    what: String,
}

/// Who is asking: given to the session by whoever opens it.
pub struct CurrentUser(pub String);

pub struct AuditLog;

impl Listener for AuditLog {
    fn before_commit(&self, session: &Session) -> Heard {
        match session.info::<CurrentUser>() {
            Some(_) => Ok(()),
            None => Err("nobody may change anything without saying who they are".into()),
        }
    }

    fn after_flush(&self, session: &Session, flushed: &Flushed) -> Heard {
        let who = session.info::<CurrentUser>().map_or("nobody", |user| &user.0);
        for object in flushed.objects().iter().filter(|object| !object.is::<Audit>()) {
            session.add(Audit::builder().who(who).what(object.to_string()))?;
        }
        Ok(())
    }
}

each_backend!(
    every_change_is_noted_with_who_made_it,
    what_is_rolled_back_is_not_noted,
    whoever_is_nobody_commits_nothing
);

async fn lines(db: &Database) -> Result<Vec<String>, Error> {
    let notes = db.all(&Audit::select().order_by(Audit::ID.asc())).await?;
    Ok(notes.iter().map(|note| format!("{}: {}", note.who(), note.what())).collect())
}

async fn sessions(db: TestDb) -> Outcome<SessionFactory> {
    let db = db.with(schema![Member, Audit]).await?;
    Ok(db.session_factory().listen(AuditLog))
}

fn ada() -> Transient<Member> {
    Member::builder().email("ada@example.org").password_hash("secret").build()
}

async fn every_change_is_noted_with_who_made_it(db: TestDb) -> Outcome {
    let sessions = sessions(db).await?.info(CurrentUser("root".to_owned()));
    let mut session = sessions.session();
    let key = Key::of(&session.insert(ada()).await?);
    session.commit().await?;
    session.set_info(CurrentUser("ada".to_owned()));
    let member = session.get_one(key).await?;
    member.set_email("ada@x.org");
    member.set_password_hash("other");
    session.commit().await?;
    session.delete(&session.get_one(key).await?).await?;
    session.commit().await?;
    assert_eq!(
        lines(sessions.database()).await?,
        [
            r#"root: Member[1] inserted: id 1, email "ada@example.org", password_hash (sensitive)"#,
            r#"ada: Member[1] updated: email "ada@example.org" -> "ada@x.org", password_hash (sensitive)"#,
            "ada: Member[1] deleted",
        ]
    );
    Ok(())
}

async fn what_is_rolled_back_is_not_noted(db: TestDb) -> Outcome {
    let sessions = sessions(db).await?.info(CurrentUser("root".to_owned()));
    let mut session = sessions.session();
    session.insert(ada()).await?;
    session.flush().await?;
    session.rollback().await?;
    assert_eq!(lines(sessions.database()).await?, Vec::<String>::new());
    Ok(())
}

async fn whoever_is_nobody_commits_nothing(db: TestDb) -> Outcome {
    let sessions = sessions(db).await?;
    let mut session = sessions.session();
    session.add(ada())?;
    let error = refused(session.commit().await, ErrorKind::Listener);
    assert!(error.to_string().ends_with("nobody may change anything without saying who they are"), "{error}");
    session.set_info(CurrentUser("root".to_owned()));
    session.commit().await?;
    assert_eq!(lines(sessions.database()).await?.len(), 1);
    Ok(())
}
