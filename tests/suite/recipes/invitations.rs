//! A conflict that is an answer, not an end: what a constraint refuses is reported, and the same session goes on.

use orm_core::prelude::*;
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

#[derive(Entity)]
#[orm(table = "guests")]
pub struct Guest {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique, length = 255)]
    email: String,
    #[orm(unique, length = 50)]
    nick: Option<String>,
    #[orm(foreign_key = guest_id, back_populates = guest, cascade = "all, delete-orphan")]
    invitations: HasMany<Invitation>,
}

#[derive(Entity)]
#[orm(table = "invitations")]
pub struct Invitation {
    #[orm(primary_key)]
    id: i64,
    text: String,
    guest_id: i64,
    #[orm(foreign_key = guest_id, back_populates = invitations)]
    guest: BelongsTo<Guest>,
}

/// What became of one address.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// 201, with the id.
    Created(i64),
    /// 409, with the columns that are taken.
    Conflict(Vec<String>),
}

/// Invites many at once. Whoever is a member already is reported; the others are invited, in one transaction. A refused one costs three
/// statements: a savepoint, the INSERT, the way back.
pub async fn invite(session: &mut Session, guests: &[(&str, Option<&str>)]) -> Result<Vec<Answer>, Error> {
    let mut answers = Vec::new();
    for (email, nick) in guests {
        let invitation = Invitation::builder().text(format!("welcome, {email}"));
        let guest = Guest::builder().email(*email).nick(nick.map(str::to_owned)).invitations([invitation]);
        answers.push(match session.try_insert(guest).await? {
            Ok(member) => Answer::Created(member.id()),
            Err(conflict) => Answer::Conflict(conflict.columns().to_vec()),
        });
    }
    session.commit().await?;
    Ok(answers)
}

each_backend!(who_is_there_is_reported_and_the_others_are_invited, what_was_done_before_a_conflict_stays);

fn conflict(column: &str) -> Answer {
    Answer::Conflict(vec![column.to_owned()])
}

async fn who_is_there_is_reported_and_the_others_are_invited(db: TestDb) -> Outcome {
    let db = db.with(schema![Guest, Invitation]).await?;
    let mut session = db.session();
    let answers = invite(&mut session, &[("ada@x.org", Some("ada")), ("bob@x.org", None)]).await?;
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Created(_))), "{answers:?}");
    let guests = [("ada@x.org", None), ("cy@x.org", Some("ada")), ("dan@x.org", None)];
    let answers = invite(&mut session, &guests).await?;
    assert_eq!(answers[..2], [conflict("email"), conflict("nick")]);
    assert!(matches!(answers[2], Answer::Created(_)));
    let members = db.all(&Guest::select().order_by(Guest::ID.asc()).selectin(Guest::INVITATIONS)).await?;
    let members: Vec<_> = members.iter().map(|member| (member.email(), member.invitations().len())).collect();
    assert_eq!(members, [("ada@x.org", 1), ("bob@x.org", 1), ("dan@x.org", 1)], "nothing of a refused graph stays");
    Ok(())
}

async fn what_was_done_before_a_conflict_stays(db: TestDb) -> Outcome {
    let db = db.with(schema![Guest, Invitation]).await?;
    let mut session = db.session();
    let ada = session.insert(Guest::builder().email("ada@x.org")).await?;
    ada.set_nick("countess");
    let log = db.statement_log();
    let again = session.try_insert(Guest::builder().email("ada@x.org")).await?;
    log.assert(&["UPDATE guests", "SAVEPOINT", "INSERT guests", "ROLLBACK TO"]);
    assert!(again.is_err());
    // Handles of before are as they were.
    assert_eq!(ada.nick(), Some("countess"));
    ada.set_nick("ada");
    session.commit().await?;
    assert_eq!(db.one(&Guest::select()).await?.nick(), Some("ada"));
    Ok(())
}
