//! Lists against a plain model of who belongs to whom: whatever is added, removed, moved, replaced, merged and deleted in whatever
//! order, lists show what the model says, loaded or not, and after each flush the database has it.

mod entities;
mod model;
mod operations;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use orm_core::{
    error::{ErrorKind, Result},
    prelude::*,
    schema,
};
use orm_tests::{Failure, Outcome, TestDb, each_backend, refused};

use self::{
    entities::{Badge, Duty, Loan, Part, ROWS, Seal, Tag, Team},
    model::{Model, Place, Rows},
    operations::New,
    steps::{By, LISTS, List, Step, ids, sequences},
};
use super::check;

each_backend!(lists_show_and_flushes_write_what_a_map_of_members_says);

async fn lists_show_and_flushes_write_what_a_map_of_members_says(db: TestDb) -> Outcome {
    let db = db.with(schema![Team, Loan, Part, Duty, Badge, Seal, Tag]).await?;
    check(300, &sequences(), async |(autoflush, steps): (bool, Vec<Step>)| {
        db.run(ROWS).await?;
        let mut session = db.session_factory().autoflush(autoflush).session();
        let mut model = Model::new(rows(&session).await?);
        let mut steps = steps.into_iter();
        while let Some(end) = transaction(&session, &mut model, autoflush, &mut steps).await? {
            match end {
                Step::Commit => {
                    session.commit().await?;
                    model.committed = model.rows();
                }
                _ => {
                    session.rollback().await?;
                    model.roll_back();
                }
            }
        }
        drop(session);
        assert_eq!(rows(&db.session()).await?, model.committed, "what was committed");
        Ok(())
    });
    Ok(())
}

/// The rows as the database has them.
async fn rows(session: &Session) -> Result<Rows> {
    let mut members = BTreeMap::new();
    for list in LISTS {
        let rows = session.sql(format!("SELECT id, team_id FROM {}", list.table())).all::<(i64, Option<i64>)>().await?;
        members.insert(list, rows.into_iter().collect());
    }
    let pairs = session.sql("SELECT team_id, tag_id FROM team_tags").all::<(i64, i64)>().await?;
    let teams = session.sql("SELECT id FROM teams").all::<i64>().await?;
    Ok(Rows { teams: teams.into_iter().collect(), members, pairs: pairs.into_iter().collect() })
}

/// Steps until one ends the handles, or none is left.
async fn transaction(
    session: &Session,
    model: &mut Model,
    autoflush: bool,
    steps: &mut std::vec::IntoIter<Step>,
) -> Outcome<Option<Step>> {
    // Nothing that a step names is unknown to the session.
    session.all(&Team::select()).await?;
    session.all(&Loan::select()).await?;
    session.all(&Part::select()).await?;
    session.all(&Duty::select()).await?;
    session.all(&Badge::select()).await?;
    session.all(&Seal::select()).await?;
    session.all(&Tag::select()).await?;
    let mut run = Run { session, model, autoflush, new: New::default() };
    for step in steps {
        match step {
            Step::Commit | Step::Flush | Step::CommitKeeping => {
                if !run.flush().await? {
                    return Ok(Some(Step::Rollback));
                }
                if step == Step::Commit {
                    return Ok(Some(step));
                }
                if step == Step::CommitKeeping {
                    session.commit_keeping().await?;
                    run.model.committed = run.model.rows();
                }
            }
            Step::Rollback => return Ok(Some(step)),
            _ => {
                // Whatever reads flushes first, where the session does that; a merge does where something is to be deleted.
                let flushes = (autoflush && reads(step)) || (merges(step) && run.model.deletes());
                if flushes && !run.flush().await? {
                    return Ok(Some(Step::Rollback));
                }
                run.step(step).await.map_err(|failure| said(&failure, step))?;
            }
        }
        run.check(step);
    }
    if run.flush().await? {
        run.check(Step::Flush);
        session.commit_keeping().await?;
        run.model.committed = run.model.rows();
        return Ok(None);
    }
    // A flush was to fail, and did: a rollback ends it.
    Ok(Some(Step::Rollback))
}

fn said(failure: &Failure, step: Step) -> Failure {
    panic!("{step:?}: {failure:?}")
}

fn reads(step: Step) -> bool {
    matches!(
        step,
        Step::Load(..)
            | Step::Joined(..)
            | Step::Filtered(..)
            | Step::LoadTeam(..)
            | Step::LoadTags(..)
            | Step::LoadTeams(..)
            | Step::Refresh(..)
            | Step::MergeList(..)
            | Step::Give(.., By::Merge)
            | Step::DeleteTeam(..)
    )
}

fn merges(step: Step) -> bool {
    matches!(step, Step::MergeList(..) | Step::Give(.., By::Merge))
}

struct Run<'s, 'm> {
    session: &'s Session,
    model: &'m mut Model,
    autoflush: bool,
    new: New<'s>,
}

impl Run<'_, '_> {
    /// `false` where it was to fail, and did.
    async fn flush(&mut self) -> Outcome<bool> {
        let is_swap = self.model.is_swap();
        let flushed = self.session.flush().await;
        if is_swap {
            drop(refused(flushed, ErrorKind::UniqueViolation));
            return Ok(false);
        }
        flushed?;
        self.model.flush();
        self.new = New::default();
        assert_eq!(rows(self.session).await?, self.model.rows(), "what was flushed");
        Ok(true)
    }

    /// Whether a member can be given to a team, or taken from one.
    fn is_free(&self, list: List, id: i64) -> bool {
        self.model.member(list, id).is_some_and(|member| !member.deleted)
    }

    fn has_row(&self, list: List, id: i64) -> bool {
        self.model.member(list, id).is_some_and(|member| member.row.is_some())
    }

    fn is_team(&self, team: i64) -> bool {
        let is_there = self.model.teams.contains(&team) || (team == 4 && self.model.new_team);
        is_there && !self.model.deleted_teams.contains(&team)
    }

    fn is_old_team(&self, team: i64) -> bool {
        self.is_team(team) && self.model.teams.contains(&team)
    }

    /// The members that a mask names and that can be given to a team.
    fn among(&self, list: List, mask: u8) -> BTreeSet<i64> {
        ids(mask).filter(|id| self.is_free(list, *id)).collect()
    }

    async fn step(&mut self, step: Step) -> Outcome {
        let session = self.session;
        match step {
            Step::Give(list, id, team, by) => {
                let by_row = matches!(by, By::Key | By::Merge);
                let is_possible = match by {
                    By::Key => self.is_old_team(team),
                    By::Merge => self.is_old_team(team) && self.has_row(list, id),
                    By::Team | By::Member => self.is_team(team),
                };
                if self.is_free(list, id) && is_possible && (!by_row || team != 4 || !self.model.new_team) {
                    operations::give(session, &self.new, list, id, team, by).await?;
                    self.model.give(list, id, team);
                }
            }
            Step::Leave(list, id) if self.is_free(list, id) => {
                let left = operations::leave(session, &self.new, list, id);
                match self.model.lose(list, id) || self.model.members[&list][&id].place == Place::Nobodys {
                    _ if self.model.members[&list][&id].place == Place::Orphan => left?,
                    true => left?,
                    false => drop(refused(left, ErrorKind::MissingParent)),
                }
            }
            Step::Remove(list, team, id)
                if !list.is_one() && self.is_free(list, id) && self.has_row(list, id) && self.is_old_team(team) =>
            {
                let removed = operations::remove(session, list, team, id);
                if self.model.members[&list][&id].place != Place::In(team) || self.model.lose(list, id) {
                    removed?;
                } else {
                    drop(refused(removed, ErrorKind::MissingParent));
                }
            }
            Step::Clear(list, team) if self.is_old_team(team) && operations::shown(session, list, team).is_some() => {
                let cleared = operations::clear(session, list, team);
                match self.model.replace(list, team, &BTreeSet::new()) {
                    true => cleared?,
                    false => drop(refused(cleared, ErrorKind::MissingParent)),
                }
            }
            Step::Replace(list, team, mask)
                if self.is_old_team(team) && !list.is_one() && operations::shown(session, list, team).is_some() =>
            {
                let ids = self.among(list, mask);
                let replaced = operations::replace(session, &self.new, list, team, &ids);
                match self.model.replace(list, team, &ids) {
                    true => replaced?,
                    false => drop(refused(replaced, ErrorKind::MissingParent)),
                }
            }
            Step::MergeList(list, team, mask) if self.is_old_team(team) => {
                let mut ids: BTreeSet<i64> = self.among(list, mask);
                ids.retain(|id| self.has_row(list, *id));
                if list.is_one() {
                    ids = ids.into_iter().take(1).collect();
                    if ids.is_empty() {
                        return Ok(());
                    }
                }
                let merged = operations::merge_list(session, list, team, &ids).await;
                match self.model.replace(list, team, &ids) {
                    true => merged?,
                    false => drop(refused(merged, ErrorKind::MissingParent)),
                }
            }
            Step::New(list, id, team, by) => {
                let is_possible = if by == By::Key { self.is_old_team(team) } else { self.is_team(team) };
                if is_possible && self.model.member(list, id).is_none() {
                    operations::add(session, &mut self.new, list, id, team, by)?;
                    let member = model::Member { place: Place::Nobodys, row: None, deleted: false };
                    self.model.members.entry(list).or_default().insert(id, member);
                    self.model.give(list, id, team);
                }
            }
            Step::Delete(list, id) if self.is_free(list, id) && self.has_row(list, id) => {
                operations::delete(session, list, id).await?;
                if let Some(member) = self.model.members.get_mut(&list).and_then(|members| members.get_mut(&id)) {
                    member.deleted = true;
                }
            }
            Step::Load(list, team) if self.is_old_team(team) => operations::load(session, list, team).await?,
            Step::Joined(list) => operations::joined(session, list).await?,
            Step::Filtered(list, team) if self.is_old_team(team) => {
                operations::filtered(session, list, team).await?;
            }
            Step::LoadTeam(list, id) if self.has_row(list, id) => operations::load_team(session, list, id).await?,
            Step::Refresh(list, id) if self.is_free(list, id) && self.has_row(list, id) && self.autoflush => {
                operations::refresh(session, list, id).await?;
            }
            Step::NewTeam if !self.model.teams.contains(&4) && !self.model.new_team => {
                self.new.team = Some(session.add(Team::builder().id(4).name("d"))?);
                self.model.new_team = true;
            }
            Step::DeleteTeam(team) if self.is_old_team(team) && self.model.of(List::Duties, team).is_empty() => {
                session.delete(&session.peek::<Team>(team)?).await?;
                self.model.deleted_teams.insert(team);
            }
            Step::Pair(team, tag, by) if self.is_team(team) => {
                operations::pair(session, &self.new, team, tag, by).await?;
                self.model.pairs.insert((team, tag));
            }
            Step::Unpair(team, tag, by) if self.is_team(team) => {
                operations::unpair(session, &self.new, team, tag, by)?;
                self.model.pairs.remove(&(team, tag));
            }
            Step::ClearTags(team) if self.is_old_team(team) && operations::shown_tags(session, team).is_some() => {
                operations::clear_tags(session, team)?;
                self.model.pairs.retain(|(other, _)| *other != team);
            }
            Step::ReplaceTags(team, mask)
                if self.is_old_team(team) && operations::shown_tags(session, team).is_some() =>
            {
                let tags: BTreeSet<i64> = ids(mask & 7).collect();
                operations::replace_tags(session, team, &tags)?;
                self.model.pairs.retain(|(other, _)| *other != team);
                self.model.pairs.extend(tags.into_iter().map(|tag| (team, tag)));
            }
            Step::LoadTags(team) if self.is_old_team(team) => operations::load_tags(session, team).await?,
            Step::LoadTeams(tag) => operations::load_teams(session, tag).await?,
            _ => {}
        }
        Ok(())
    }

    /// Every list that is loaded, and every member, shows what the model says.
    fn check(&self, step: Step) {
        let Self { session, model, .. } = self;
        for list in LISTS {
            for team in model.teams.iter().filter(|team| !model.deleted_teams.contains(*team)) {
                if let Some(shown) = operations::shown(session, list, *team) {
                    assert_eq!(shown, model.shown(list, *team), "{list:?} of {team} after {step:?}");
                }
            }
            let orphans = |what: BTreeSet<i64>| -> BTreeSet<i64> {
                // Whom a new one-to-one member replaces may be known to the flush alone.
                let is_sure = |id: &i64| list != List::Seal || model.member(list, *id).is_some_and(|it| it.deleted);
                what.into_iter().filter(is_sure).collect()
            };
            let going = model.members[&list].iter().filter(|(_, it)| it.deleted || it.place == Place::Orphan);
            let going: BTreeSet<i64> = going.filter(|(_, it)| it.row.is_some()).map(|(id, _)| *id).collect();
            let going = orphans(going);
            assert_eq!(orphans(operations::deleted(session, list)), going, "deleted {list:?} after {step:?}");
            assert_eq!(
                orphans(operations::to_be_deleted(session, list)),
                going,
                "to be deleted {list:?} after {step:?}"
            );
            let new = model.members[&list].values().filter(|it| it.row.is_none() && it.place != Place::Orphan).count();
            assert_eq!(operations::new_objects(session, list), new, "new {list:?} after {step:?}");
            for (id, member) in model.members[&list].iter().filter(|(_, member)| member.row.is_some()) {
                let expected = match member.place {
                    Place::In(4) if model.new_team => continue,
                    Place::In(team) => Some(team),
                    Place::Nobodys if !list.is_one() => None,
                    Place::Nobodys | Place::Orphan => continue,
                };
                let shown = operations::team_id(session, list, *id);
                assert_eq!(shown.ok(), Some(expected), "the team of {list:?} {id} after {step:?}");
            }
        }
        for team in model.teams.iter().filter(|team| !model.deleted_teams.contains(*team)) {
            if let Some(shown) = operations::shown_tags(session, *team) {
                let tags = model.pairs.iter().filter(|(owner, _)| owner == team).map(|(_, tag)| *tag).collect();
                assert_eq!(shown, tags, "tags of {team} after {step:?}");
            }
        }
        for tag in 1..=3 {
            if let Some(mut shown) = operations::shown_teams(session, tag) {
                let is_there = |team: &i64| model.teams.contains(team) && !model.deleted_teams.contains(team);
                shown.retain(is_there);
                let teams = model.pairs.iter().filter(|(_, it)| *it == tag).map(|(team, _)| *team);
                assert_eq!(shown, teams.filter(is_there).collect(), "teams of {tag} after {step:?}");
            }
        }
    }
}
