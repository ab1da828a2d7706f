//! Pairs, and the other relationships of the same objects: none is taken for another.

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, StatementAssertions, TestDb, each_backend};

// The relationship to teams is the first one of each entity, and each test begins with one object of each: positions alone do not tell
// them apart.

#[derive(Entity)]
#[orm(table = "teams")]
struct Team {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
    #[orm(foreign_key = team_id, back_populates = team)]
    loans: HasMany<Loan>,
    #[orm(foreign_key = team_id, back_populates = team)]
    badge: HasOne<Badge>,
    #[orm(secondary = "team_tags", back_populates = teams)]
    tags: ManyToMany<Tag>,
}

#[derive(Entity)]
#[orm(table = "loans")]
struct Loan {
    #[orm(primary_key, generated = false)]
    id: i64,
    team_id: Option<i64>,
    #[orm(foreign_key = team_id, back_populates = loans)]
    team: BelongsTo<Team>,
}

#[derive(Entity)]
#[orm(table = "badges")]
struct Badge {
    #[orm(primary_key, generated = false)]
    id: i64,
    team_id: Option<i64>,
    #[orm(foreign_key = team_id, back_populates = badge)]
    team: BelongsTo<Team>,
}

/// Its own team has the same foreign key as that of a loan.
#[derive(Entity)]
#[orm(table = "tags")]
struct Tag {
    #[orm(primary_key, generated = false)]
    id: i64,
    team_id: Option<i64>,
    #[orm(secondary = "team_tags", back_populates = tags)]
    teams: ManyToMany<Team>,
    #[orm(foreign_key = team_id)]
    home: BelongsTo<Team>,
}

/// Teams do not know of their labels.
#[derive(Entity)]
#[orm(table = "labels")]
struct Label {
    #[orm(primary_key, generated = false)]
    id: i64,
    #[orm(secondary = "label_teams")]
    teams: ManyToMany<Team>,
}

each_backend!(
    a_merged_one_to_one_stays_beside_a_pair,
    a_list_that_is_cleared_takes_no_parent_from_the_member_of_a_pair,
    a_list_that_is_cleared_takes_no_pair_of_another_entity_back,
    a_list_that_is_replaced_takes_no_pair_of_another_entity_back,
    a_list_that_is_merged_takes_no_pair_of_another_entity_back,
    a_list_that_is_read_settles_no_pair_of_another_entity,
);

/// Team 1 with a loan, a badge and tag 1; tag 2, which is at home there; label 1 of no team.
async fn team(db: TestDb) -> Outcome<TestDb> {
    let db = db.with(schema![Team, Loan, Badge, Tag, Label]).await?;
    db.run(&[
        "INSERT INTO teams (id, name) VALUES (1, 'a')",
        "INSERT INTO loans (id, team_id) VALUES (1, 1)",
        "INSERT INTO badges (id, team_id) VALUES (1, 1)",
        "INSERT INTO tags (id, team_id) VALUES (1, 1), (2, 1)",
        "INSERT INTO labels (id) VALUES (1)",
        "INSERT INTO team_tags (team_id, tag_id) VALUES (1, 1)",
    ])
    .await?;
    Ok(db)
}

/// The label is given to the team, which does not show it.
async fn gives_a_label(session: &Session, team: &Persistent<'_, Team>) -> Outcome {
    Ok(session.get_one::<Label>(1).await?.add_to_teams(team)?)
}

async fn labels(session: &Session) -> Outcome<Vec<(i64, i64)>> {
    Ok(session.sql("SELECT label_id, team_id FROM label_teams").all().await?)
}

async fn a_merged_one_to_one_stays_beside_a_pair(db: TestDb) -> Outcome {
    let db = team(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let team = session.get_one::<Team>(1).await?;
    let badge = session.get_one::<Badge>(1).await?;
    session.get_one::<Tag>(2).await?.add_to_teams(&team)?;
    session.merge(Team::builder().id(1).name("a").badge(Key::of(&badge))).await?;
    assert_eq!(session.loaded(&team, Team::BADGE)?.badge().map(|badge| badge.id()), Some(1));
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["INSERT team_tags"]);
    Ok(())
}

async fn a_list_that_is_cleared_takes_no_parent_from_the_member_of_a_pair(db: TestDb) -> Outcome {
    let db = team(db).await?;
    let session = db.session();
    let team = session.get_one::<Team>(1).selectin(Team::LOANS).await?;
    let tag = session.get_one::<Tag>(2).await?;
    tag.add_to_teams(&team)?;
    team.clear_loans()?;
    assert_eq!(tag.team_id(), Some(1));
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["UPDATE loans", "INSERT team_tags"]);
    Ok(())
}

async fn a_list_that_is_cleared_takes_no_pair_of_another_entity_back(db: TestDb) -> Outcome {
    let db = team(db).await?;
    let session = db.session();
    let team = session.get_one::<Team>(1).await?;
    let loaded = session.load(&team, Team::TAGS).await?;
    gives_a_label(&session, &team).await?;
    loaded.clear_tags()?;
    let log = db.statement_log();
    session.flush().await?;
    log.assert(&["DELETE team_tags", "INSERT label_teams"]);
    assert_eq!(labels(&session).await?, [(1, 1)]);
    Ok(())
}

async fn a_list_that_is_replaced_takes_no_pair_of_another_entity_back(db: TestDb) -> Outcome {
    let db = team(db).await?;
    let session = db.session();
    let team = session.get_one::<Team>(1).await?;
    let loaded = session.load(&team, Team::TAGS).await?;
    gives_a_label(&session, &team).await?;
    loaded.replace_tags(Vec::<Key<Tag>>::new())?;
    session.flush().await?;
    assert_eq!(labels(&session).await?, [(1, 1)]);
    Ok(())
}

async fn a_list_that_is_merged_takes_no_pair_of_another_entity_back(db: TestDb) -> Outcome {
    let db = team(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let team = session.get_one::<Team>(1).await?;
    gives_a_label(&session, &team).await?;
    session.merge(Team::builder().id(1).name("a").tags(Vec::<Key<Tag>>::new())).await?;
    session.flush().await?;
    assert_eq!(labels(&session).await?, [(1, 1)]);
    assert_eq!(session.sql("SELECT tag_id FROM team_tags").all::<i64>().await?, [0_i64; 0]);
    Ok(())
}

async fn a_list_that_is_read_settles_no_pair_of_another_entity(db: TestDb) -> Outcome {
    let db = team(db).await?;
    let session = db.session_factory().autoflush(false).session();
    let team = session.get_one::<Team>(1).await?;
    gives_a_label(&session, &team).await?;
    let team = session.load(&team, Team::TAGS).await?;
    assert_eq!(team.tags().len(), 1);
    session.flush().await?;
    assert_eq!(labels(&session).await?, [(1, 1)]);
    Ok(())
}
