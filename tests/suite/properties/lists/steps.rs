//! What a sequence does, one step at a time.

use proptest::prelude::{Strategy, any, prop, prop_oneof};

/// A relationship with a foreign key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum List {
    Loans,
    Parts,
    Duties,
    Badge,
    Seal,
}

pub(super) const LISTS: [List; 5] = [List::Loans, List::Parts, List::Duties, List::Badge, List::Seal];

impl List {
    pub(super) fn deletes_orphans(self) -> bool {
        matches!(self, Self::Parts | Self::Seal)
    }

    pub(super) fn may_be_nobodys(self) -> bool {
        matches!(self, Self::Loans | Self::Badge)
    }

    pub(super) fn is_one(self) -> bool {
        matches!(self, Self::Badge | Self::Seal)
    }

    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Loans => "loans",
            Self::Parts => "parts",
            Self::Duties => "duties",
            Self::Badge => "badges",
            Self::Seal => "seals",
        }
    }
}

/// Which side is written, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    Team,
    Member,
    /// The member, which gets the key of the team.
    Key,
    Merge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Give(List, i64, i64, By),
    /// The member's to-one is cleared.
    Leave(List, i64),
    Remove(List, i64, i64),
    Clear(List, i64),
    /// The members are those whose bits are set.
    Replace(List, i64, u8),
    MergeList(List, i64, u8),
    New(List, i64, i64, By),
    Delete(List, i64),
    Load(List, i64),
    Joined(List),
    Filtered(List, i64),
    LoadTeam(List, i64),
    NewTeam,
    DeleteTeam(i64),
    Pair(i64, i64, By),
    Unpair(i64, i64, By),
    ClearTags(i64),
    ReplaceTags(i64, u8),
    LoadTags(i64),
    LoadTeams(i64),
    Flush,
    Refresh(List, i64),
    CommitKeeping,
    Commit,
    Rollback,
}

pub(super) fn ids(mask: u8) -> impl Iterator<Item = i64> {
    (1..=6).filter(move |id| mask & (1 << (id - 1)) != 0)
}

fn list() -> impl Strategy<Value = List> {
    prop_oneof![
        2 => prop::strategy::Just(List::Loans),
        3 => prop::strategy::Just(List::Parts),
        1 => prop::strategy::Just(List::Duties),
        2 => prop::strategy::Just(List::Badge),
        2 => prop::strategy::Just(List::Seal),
    ]
}

fn by() -> impl Strategy<Value = By> {
    prop_oneof![
        3 => prop::strategy::Just(By::Team),
        3 => prop::strategy::Just(By::Member),
        1 => prop::strategy::Just(By::Key),
        1 => prop::strategy::Just(By::Merge),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let (member, team) = (|| 1..=6_i64, || 1..=4_i64);
    prop_oneof![
        8 => (list(), member(), team(), by()).prop_map(|(list, member, team, by)| Step::Give(list, member, team, by)),
        3 => (list(), member()).prop_map(|(list, member)| Step::Leave(list, member)),
        6 => (list(), team(), member()).prop_map(|(list, team, member)| Step::Remove(list, team, member)),
        2 => (list(), team()).prop_map(|(list, team)| Step::Clear(list, team)),
        3 => (list(), team(), any::<u8>()).prop_map(|(list, team, members)| Step::Replace(list, team, members)),
        2 => (list(), team(), any::<u8>()).prop_map(|(list, team, members)| Step::MergeList(list, team, members)),
        4 => (list(), 5..=6_i64, team(), by()).prop_map(|(list, member, team, by)| Step::New(list, member, team, by)),
        2 => (list(), member()).prop_map(|(list, member)| Step::Delete(list, member)),
        4 => (list(), team()).prop_map(|(list, team)| Step::Load(list, team)),
        1 => list().prop_map(Step::Joined),
        1 => (list(), team()).prop_map(|(list, team)| Step::Filtered(list, team)),
        1 => (list(), member()).prop_map(|(list, member)| Step::LoadTeam(list, member)),
        1 => prop::strategy::Just(Step::NewTeam),
        1 => team().prop_map(Step::DeleteTeam),
        3 => (team(), 1..=3_i64, by()).prop_map(|(team, tag, by)| Step::Pair(team, tag, by)),
        3 => (team(), 1..=3_i64, by()).prop_map(|(team, tag, by)| Step::Unpair(team, tag, by)),
        1 => team().prop_map(Step::ClearTags),
        1 => (team(), any::<u8>()).prop_map(|(team, tags)| Step::ReplaceTags(team, tags)),
        2 => team().prop_map(Step::LoadTags),
        1 => (1..=3_i64).prop_map(Step::LoadTeams),
        3 => prop::strategy::Just(Step::Flush),
        1 => (list(), member()).prop_map(|(list, member)| Step::Refresh(list, member)),
        1 => prop::strategy::Just(Step::CommitKeeping),
        1 => prop::strategy::Just(Step::Commit),
        1 => prop::strategy::Just(Step::Rollback),
    ]
}

/// A sequence, and whether its session flushes before it reads.
pub(super) fn sequences() -> impl Strategy<Value = (bool, Vec<Step>)> {
    (any::<bool>(), prop::collection::vec(step(), 1..24))
}
