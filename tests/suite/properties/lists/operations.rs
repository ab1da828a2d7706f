//! The steps on a session: the same verbs for every relationship.

use std::collections::{BTreeMap, BTreeSet};

use orm_core::{error::Result, handle::Pending, prelude::*};

use super::{
    entities::{Badge, Duty, Loan, Part, Seal, Tag, Team},
    steps::{By, List},
};

/// Handles of what has no row yet.
#[derive(Default)]
pub(super) struct New<'s> {
    pub(super) team: Option<Pending<'s, Team>>,
    loans: BTreeMap<i64, Pending<'s, Loan>>,
    parts: BTreeMap<i64, Pending<'s, Part>>,
    duties: BTreeMap<i64, Pending<'s, Duty>>,
    badges: BTreeMap<i64, Pending<'s, Badge>>,
    seals: BTreeMap<i64, Pending<'s, Seal>>,
}

/// With a handle of a team, new or not.
macro_rules! with_team {
    ($session:expr, $new:expr, $team:expr, |$handle:ident| $then:expr) => {{
        let number: i64 = $team;
        match &$new.team {
            Some($handle) if number == 4 => $then,
            _ => {
                let $handle = &$session.peek::<Team>(number)?;
                $then
            }
        }
    }};
}

/// With a handle of a member, new or not.
macro_rules! with_member {
    ($session:expr, $news:expr, $entity:ident, $id:expr, |$handle:ident| $then:expr) => {
        match $news.get(&$id) {
            Some($handle) => $then,
            None => {
                let $handle = &$session.peek::<$entity>($id)?;
                $then
            }
        }
    };
}

macro_rules! lists {
    ($($module:ident: $entity:ident, $news:ident, $list:ident, $hint:ident, $set:ident,
       { $($many:tt)* } { $($one:tt)* };)*) => { $(
        mod $module {
            use super::*;

            pub(super) async fn give<'s>(
                session: &'s Session,
                new: &New<'s>,
                id: i64,
                team: i64,
                by: By,
            ) -> Result<()> {
                match by {
                    By::Team => with_team!(session, new, team, |team| {
                        with_member!(session, new.$news, $entity, id, |member| team.$set(member))
                    }),
                    By::Member => with_member!(session, new.$news, $entity, id, |member| {
                        with_team!(session, new, team, |team| member.set_team(team))
                    }),
                    By::Key => with_member!(session, new.$news, $entity, id, |member| {
                        member.set_team(Key::<Team>::new(team))
                    }),
                    By::Merge => {
                        let merged = $entity::builder().id(id).name("merged").team(Key::<Team>::new(team));
                        session.merge(merged).await.map(drop)
                    }
                }
            }

            pub(super) fn leave<'s>(session: &'s Session, new: &New<'s>, id: i64) -> Result<()> {
                with_member!(session, new.$news, $entity, id, |member| member.clear_team())
            }

            pub(super) fn add<'s>(
                session: &'s Session,
                new: &mut New<'s>,
                id: i64,
                team: i64,
                by: By,
            ) -> Result<()> {
                let builder = $entity::builder().id(id).name("new");
                let member = match by {
                    By::Team => {
                        let member = session.add(builder)?;
                        with_team!(session, new, team, |team| team.$set(&member))?;
                        member
                    }
                    By::Key => session.add(builder.team(Key::<Team>::new(team)))?,
                    By::Member | By::Merge => with_team!(session, new, team, |team| session.add(builder.team(team)))?,
                };
                new.$news.insert(id, member);
                Ok(())
            }

            pub(super) async fn delete(session: &Session, id: i64) -> Result<()> {
                session.delete(&session.peek::<$entity>(id)?).await
            }

            pub(super) async fn refresh(session: &Session, id: i64) -> Result<()> {
                session.refresh(&session.peek::<$entity>(id)?).await
            }

            pub(super) async fn load_team(session: &Session, id: i64) -> Result<()> {
                session.load(&session.peek::<$entity>(id)?, $entity::TEAM).await.map(drop)
            }

            pub(super) async fn load(session: &Session, team: i64) -> Result<()> {
                session.load(&session.peek::<Team>(team)?, Team::$hint).await.map(drop)
            }

            pub(super) async fn joined(session: &Session) -> Result<()> {
                session.all(&Team::select().joined(Team::$hint)).await?;
                session.all(&$entity::select().joined($entity::TEAM)).await.map(drop)
            }

            pub(super) async fn filtered(session: &Session, team: i64) -> Result<()> {
                let hint = Team::$hint.filter($entity::ID.gt(1));
                session.all(&Team::select().filter(Team::ID.eq(team)).selectin(hint)).await.map(drop)
            }

            pub(super) fn team_id(session: &Session, id: i64) -> Result<Option<i64>> {
                Ok(session.peek::<$entity>(id)?.team_id().into())
            }

            pub(super) fn deleted(session: &Session) -> BTreeSet<i64> {
                session.deleted::<$entity>().iter().map(|member| member.id()).collect()
            }

            pub(super) fn to_be_deleted(session: &Session) -> BTreeSet<i64> {
                let is_to_be = |id: &i64| session.inspect_key::<$entity>(*id).is_some_and(|it| it.is_to_be_deleted());
                (1..=6).filter(is_to_be).collect()
            }

            pub(super) fn new_objects(session: &Session) -> usize {
                session.new_objects::<$entity>().len()
            }

            lists!(@many $entity $news $list $hint $set { $($many)* });
            lists!(@one $entity $news $list $hint $set { $($one)* });
        }
    )* };
    (@many $entity:ident $news:ident $list:ident $hint:ident $set:ident { }) => {};
    (@many $entity:ident $news:ident $list:ident $hint:ident $set:ident
        { $remove:ident, $clear:ident, $replace:ident }) => {
        pub(super) fn shown(session: &Session, team: i64) -> Option<BTreeSet<i64>> {
            let team = session.peek::<Team>(team).ok()?;
            let team = session.loaded(&team, Team::$hint).ok()?;
            Some(team.$list().iter().map(|member| member.id()).collect())
        }

        pub(super) fn remove(session: &Session, team: i64, id: i64) -> Result<()> {
            session.peek::<Team>(team)?.$remove(&session.peek::<$entity>(id)?)
        }

        pub(super) fn clear(session: &Session, team: i64) -> Result<()> {
            session.peek::<Team>(team)?.$clear()
        }

        pub(super) fn replace<'s>(session: &'s Session, new: &New<'s>, team: i64, ids: &BTreeSet<i64>) -> Result<()> {
            let team = session.loaded(&session.peek::<Team>(team)?, Team::$hint)?;
            let mut members = Vec::new();
            for id in ids {
                members.push(match new.$news.get(id) {
                    Some(member) => Member::from(member),
                    None => Member::from(session.peek::<$entity>(*id)?),
                });
            }
            team.$replace(members)
        }

        pub(super) async fn merge_list(session: &Session, team: i64, ids: &BTreeSet<i64>) -> Result<()> {
            let members: Vec<_> = ids.iter().map(|id| Key::<$entity>::new(*id)).collect();
            session.merge(Team::builder().id(team).name("merged").$list(members)).await.map(drop)
        }
    };
    (@one $entity:ident $news:ident $list:ident $hint:ident $set:ident { }) => {};
    (@one $entity:ident $news:ident $list:ident $hint:ident $set:ident { $clear:ident }) => {
        pub(super) fn shown(session: &Session, team: i64) -> Option<BTreeSet<i64>> {
            let team = session.peek::<Team>(team).ok()?;
            let team = session.loaded(&team, Team::$hint).ok()?;
            Some(team.$list().iter().map(|member| member.id()).collect())
        }

        pub(super) fn clear(session: &Session, team: i64) -> Result<()> {
            session.peek::<Team>(team)?.$clear()
        }

        pub(super) async fn merge_list(session: &Session, team: i64, ids: &BTreeSet<i64>) -> Result<()> {
            let Some(id) = ids.first() else { return Ok(()) };
            let team = Team::builder().id(team).name("merged").$list(Key::<$entity>::new(*id));
            session.merge(team).await.map(drop)
        }
    };
}

lists! {
    loans: Loan, loans, loans, LOANS, add_to_loans, { remove_from_loans, clear_loans, replace_loans } {};
    parts: Part, parts, parts, PARTS, add_to_parts, { remove_from_parts, clear_parts, replace_parts } {};
    duties: Duty, duties, duties, DUTIES, add_to_duties, { remove_from_duties, clear_duties, replace_duties } {};
    badge: Badge, badges, badge, BADGE, set_badge, {} { clear_badge };
    seal: Seal, seals, seal, SEAL, set_seal, {} { clear_seal };
}

macro_rules! dispatch {
    ($list:expr, $verb:ident($($argument:expr),*) $($wait:tt)*) => {
        match $list {
            List::Loans => loans::$verb($($argument),*)$($wait)*,
            List::Parts => parts::$verb($($argument),*)$($wait)*,
            List::Duties => duties::$verb($($argument),*)$($wait)*,
            List::Badge => badge::$verb($($argument),*)$($wait)*,
            List::Seal => seal::$verb($($argument),*)$($wait)*,
        }
    };
}

pub(super) async fn give<'s>(s: &'s Session, new: &New<'s>, list: List, id: i64, team: i64, by: By) -> Result<()> {
    dispatch!(list, give(s, new, id, team, by).await)
}

pub(super) fn leave<'s>(session: &'s Session, new: &New<'s>, list: List, id: i64) -> Result<()> {
    dispatch!(list, leave(session, new, id))
}

pub(super) fn add<'s>(s: &'s Session, new: &mut New<'s>, list: List, id: i64, team: i64, by: By) -> Result<()> {
    dispatch!(list, add(s, new, id, team, by))
}

pub(super) async fn delete(session: &Session, list: List, id: i64) -> Result<()> {
    dispatch!(list, delete(session, id).await)
}

pub(super) async fn refresh(session: &Session, list: List, id: i64) -> Result<()> {
    dispatch!(list, refresh(session, id).await)
}

pub(super) async fn load_team(session: &Session, list: List, id: i64) -> Result<()> {
    dispatch!(list, load_team(session, id).await)
}

pub(super) async fn load(session: &Session, list: List, team: i64) -> Result<()> {
    dispatch!(list, load(session, team).await)
}

pub(super) async fn joined(session: &Session, list: List) -> Result<()> {
    dispatch!(list, joined(session).await)
}

pub(super) async fn filtered(session: &Session, list: List, team: i64) -> Result<()> {
    dispatch!(list, filtered(session, team).await)
}

pub(super) fn shown(session: &Session, list: List, team: i64) -> Option<BTreeSet<i64>> {
    dispatch!(list, shown(session, team))
}

pub(super) fn clear(session: &Session, list: List, team: i64) -> Result<()> {
    dispatch!(list, clear(session, team))
}

pub(super) async fn merge_list(session: &Session, list: List, team: i64, ids: &BTreeSet<i64>) -> Result<()> {
    dispatch!(list, merge_list(session, team, ids).await)
}

pub(super) fn team_id(session: &Session, list: List, id: i64) -> Result<Option<i64>> {
    dispatch!(list, team_id(session, id))
}

pub(super) fn deleted(session: &Session, list: List) -> BTreeSet<i64> {
    dispatch!(list, deleted(session))
}

pub(super) fn to_be_deleted(session: &Session, list: List) -> BTreeSet<i64> {
    dispatch!(list, to_be_deleted(session))
}

pub(super) fn new_objects(session: &Session, list: List) -> usize {
    dispatch!(list, new_objects(session))
}

pub(super) fn remove(session: &Session, list: List, team: i64, id: i64) -> Result<()> {
    match list {
        List::Loans => loans::remove(session, team, id),
        List::Parts => parts::remove(session, team, id),
        List::Duties => duties::remove(session, team, id),
        List::Badge | List::Seal => Ok(()),
    }
}

pub(super) fn replace<'s>(s: &'s Session, new: &New<'s>, list: List, team: i64, ids: &BTreeSet<i64>) -> Result<()> {
    match list {
        List::Loans => loans::replace(s, new, team, ids),
        List::Parts => parts::replace(s, new, team, ids),
        List::Duties => duties::replace(s, new, team, ids),
        List::Badge | List::Seal => Ok(()),
    }
}

pub(super) async fn pair<'s>(session: &'s Session, new: &New<'s>, team: i64, tag: i64, by: By) -> Result<()> {
    let tag = session.peek::<Tag>(tag)?;
    match by {
        By::Key => with_team!(session, new, team, |team| team.add_to_tags(Key::of(&tag))),
        By::Member | By::Merge => with_team!(session, new, team, |team| tag.add_to_teams(team)),
        By::Team => with_team!(session, new, team, |team| team.add_to_tags(tag)),
    }
}

pub(super) fn unpair<'s>(session: &'s Session, new: &New<'s>, team: i64, tag: i64, by: By) -> Result<()> {
    let tag = session.peek::<Tag>(tag)?;
    match by {
        By::Member if team < 4 || new.team.is_none() => tag.remove_from_teams(&session.peek::<Team>(team)?),
        _ => with_team!(session, new, team, |team| team.remove_from_tags(&tag)),
    }
}

pub(super) fn clear_tags(session: &Session, team: i64) -> Result<()> {
    session.peek::<Team>(team)?.clear_tags()
}

pub(super) fn replace_tags(session: &Session, team: i64, tags: &BTreeSet<i64>) -> Result<()> {
    let team = session.loaded(&session.peek::<Team>(team)?, Team::TAGS)?;
    let tags: Vec<_> = tags.iter().map(|tag| Key::<Tag>::new(*tag)).collect();
    team.replace_tags(tags)
}

pub(super) async fn load_tags(session: &Session, team: i64) -> Result<()> {
    session.load(&session.peek::<Team>(team)?, Team::TAGS).await.map(drop)
}

pub(super) async fn load_teams(session: &Session, tag: i64) -> Result<()> {
    session.load(&session.peek::<Tag>(tag)?, Tag::TEAMS).await.map(drop)
}

pub(super) fn shown_tags(session: &Session, team: i64) -> Option<BTreeSet<i64>> {
    let team = session.peek::<Team>(team).ok()?;
    let team = session.loaded(&team, Team::TAGS).ok()?;
    Some(team.tags().iter().map(|tag| tag.id()).collect())
}

pub(super) fn shown_teams(session: &Session, tag: i64) -> Option<BTreeSet<i64>> {
    let tag = session.peek::<Tag>(tag).ok()?;
    let tag = session.loaded(&tag, Tag::TEAMS).ok()?;
    Some(tag.teams().iter().map(|team| team.id()).collect())
}
