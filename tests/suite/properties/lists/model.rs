//! Who belongs to whom: plain maps.

use std::collections::{BTreeMap, BTreeSet};

use super::steps::{LISTS, List};

/// Where a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    In(i64),
    Nobodys,
    /// Taken from its team, and gone with the next flush.
    Orphan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) place: Place,
    /// Its row has another place, or there is none.
    pub(super) row: Option<Place>,
    /// To be deleted, whatever becomes of it.
    pub(super) deleted: bool,
}

type Members = BTreeMap<i64, Member>;

/// The rows, as they are in the database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) teams: BTreeSet<i64>,
    pub(super) members: BTreeMap<List, BTreeMap<i64, Option<i64>>>,
    pub(super) pairs: BTreeSet<(i64, i64)>,
}

#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) committed: Rows,
    pub(super) teams: BTreeSet<i64>,
    pub(super) new_team: bool,
    pub(super) deleted_teams: BTreeSet<i64>,
    pub(super) members: BTreeMap<List, Members>,
    pub(super) pairs: BTreeSet<(i64, i64)>,
}

impl Model {
    pub(super) fn new(rows: Rows) -> Self {
        let mut model = Self {
            committed: rows,
            teams: BTreeSet::new(),
            new_team: false,
            deleted_teams: BTreeSet::new(),
            members: BTreeMap::new(),
            pairs: BTreeSet::new(),
        };
        model.roll_back();
        model
    }

    pub(super) fn roll_back(&mut self) {
        self.teams = self.committed.teams.clone();
        self.new_team = false;
        self.deleted_teams.clear();
        self.pairs = self.committed.pairs.clone();
        let member = |team: &Option<i64>| {
            let place = team.map_or(Place::Nobodys, Place::In);
            Member { place, row: Some(place), deleted: false }
        };
        let members = |rows: &BTreeMap<i64, Option<i64>>| rows.iter().map(|(id, team)| (*id, member(team))).collect();
        self.members = self.committed.members.iter().map(|(list, rows)| (*list, members(rows))).collect();
    }

    pub(super) fn rows(&self) -> Rows {
        let row = |(id, member): (&i64, &Member)| match member.place {
            Place::In(team) => Some((*id, Some(team))),
            Place::Nobodys => Some((*id, None)),
            Place::Orphan => None,
        };
        let rows = |members: &Members| members.iter().filter_map(row).collect();
        Rows {
            teams: self.teams.clone(),
            members: self.members.iter().map(|(list, members)| (*list, rows(members))).collect(),
            pairs: self.pairs.clone(),
        }
    }

    pub(super) fn member(&self, list: List, id: i64) -> Option<Member> {
        self.members[&list].get(&id).copied()
    }

    fn set(&mut self, list: List, id: i64, place: Place) {
        if let Some(member) = self.members.get_mut(&list).and_then(|members| members.get_mut(&id)) {
            member.place = place;
        }
    }

    /// Whether the next flush deletes what the program said to delete.
    pub(super) fn deletes(&self) -> bool {
        !self.deleted_teams.is_empty() || self.members.values().flat_map(BTreeMap::values).any(|member| member.deleted)
    }

    /// The members of a team, those without a row and those to be deleted among them.
    pub(super) fn of(&self, list: List, team: i64) -> BTreeSet<i64> {
        let is_in = |(_, member): &(&i64, &Member)| member.place == Place::In(team);
        self.members[&list].iter().filter(is_in).map(|(id, _)| *id).collect()
    }

    /// What a loaded list shows before the flush: members with a row.
    pub(super) fn shown(&self, list: List, team: i64) -> BTreeSet<i64> {
        let has_row = |id: &i64| self.members[&list][id].row.is_some();
        self.of(list, team).into_iter().filter(has_row).collect()
    }

    pub(super) fn give(&mut self, list: List, id: i64, team: i64) {
        if list.is_one() {
            for other in self.of(list, team).into_iter().filter(|other| *other != id) {
                self.lose(list, other);
            }
        }
        self.set(list, id, Place::In(team));
    }

    /// A member leaves its team; `false` where it must not.
    pub(super) fn lose(&mut self, list: List, id: i64) -> bool {
        let place = match self.members[&list][&id].place {
            Place::In(_) if list.deletes_orphans() => Place::Orphan,
            Place::In(_) if list.may_be_nobodys() => Place::Nobodys,
            Place::In(_) => return false,
            place => place,
        };
        self.set(list, id, place);
        true
    }

    /// These are the members; `false` where one that is not among them must not leave.
    pub(super) fn replace(&mut self, list: List, team: i64, ids: &BTreeSet<i64>) -> bool {
        let leaving: Vec<i64> = self.of(list, team).difference(ids).copied().collect();
        if !leaving.is_empty() && !list.deletes_orphans() && !list.may_be_nobodys() {
            return false;
        }
        for id in leaving {
            self.lose(list, id);
        }
        ids.iter().for_each(|id| self.give(list, *id, team));
        true
    }

    /// Whether seals, which must belong to a team, and to one that has no other, would change places: no order of statements does that.
    pub(super) fn is_swap(&self) -> bool {
        let seals = &self.members[&List::Seal];
        let stays = |member: &&Member| !member.deleted && member.place != Place::Orphan;
        let next = |id: i64| {
            let Place::In(team) = seals[&id].place else { return None };
            let occupant = seals.iter().find(|(_, member)| member.row == Some(Place::In(team)))?;
            (stays(&occupant.1) && *occupant.0 != id).then_some(*occupant.0)
        };
        let is_in_circle = |start: i64| {
            let mut at = start;
            for _ in 0..seals.len() {
                match next(at) {
                    Some(next) if next == start => return true,
                    Some(next) => at = next,
                    None => return false,
                }
            }
            false
        };
        let moving =
            seals.iter().filter(|(_, member)| stays(member) && member.row.is_some_and(|row| row != member.place));
        moving.map(|(id, _)| *id).any(is_in_circle)
    }

    pub(super) fn flush(&mut self) {
        let gone = std::mem::take(&mut self.deleted_teams);
        for list in LISTS {
            let Some(members) = self.members.get_mut(&list) else { continue };
            for member in members.values_mut() {
                if matches!(member.place, Place::In(team) if gone.contains(&team)) {
                    member.place = if list.deletes_orphans() { Place::Orphan } else { Place::Nobodys };
                }
            }
            members.retain(|_, member| !member.deleted && member.place != Place::Orphan);
            members.values_mut().for_each(|member| member.row = Some(member.place));
        }
        self.pairs.retain(|(team, _)| !gone.contains(team));
        self.teams.retain(|team| !gone.contains(team));
        if std::mem::take(&mut self.new_team) {
            self.teams.insert(4);
        }
    }
}
