//! Lists of detached values that are changed at random, while others change the same rows: after the merge the database is what others
//! left of it, less what was taken out, with what was added.

use std::collections::{BTreeMap, BTreeSet};

use orm_core::{prelude::*, schema};
use orm_tests::{Outcome, TestDb, each_backend};
use proptest::prelude::{Strategy, prop, prop_oneof};

use super::check;

each_backend!(what_is_merged_is_what_was_changed_and_nothing_else);

#[derive(Entity)]
#[orm(table = "teams")]
struct Team {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
    #[orm(foreign_key = team_id, back_populates = team, order_by = id)]
    players: HasMany<Player>,
    #[orm(foreign_key = team_id, back_populates = team, cascade = "all, delete-orphan", order_by = id)]
    kits: HasMany<Kit>,
    #[orm(secondary = "team_badges", order_by = id)]
    badges: ManyToMany<Badge>,
}

#[derive(Entity)]
#[orm(table = "players")]
struct Player {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
    team_id: Option<i64>,
    #[orm(foreign_key = team_id, back_populates = players)]
    team: BelongsTo<Team>,
}

#[derive(Entity)]
#[orm(table = "kits")]
struct Kit {
    #[orm(primary_key, generated = false)]
    id: i64,
    name: String,
    team_id: i64,
    #[orm(foreign_key = team_id, back_populates = kits)]
    team: BelongsTo<Team>,
}

#[derive(Entity)]
#[orm(table = "badges")]
struct Badge {
    #[orm(primary_key, generated = false)]
    id: i64,
}

const TEAMS: i64 = 3;
const MEMBERS: i64 = 5;
/// The team that is detached and merged.
const OURS: i64 = 1;

/// What others do meanwhile, to the member with this number.
#[derive(Clone, Debug)]
enum Theirs {
    MovePlayer(i64, Option<i64>),
    RenamePlayer(i64),
    MoveKit(i64, i64),
    DropKit(i64),
    AddBadge(i64, i64),
    DropBadge(i64, i64),
}

/// What is done to the detached value.
#[derive(Clone, Debug)]
enum Mine {
    AddPlayer(i64),
    NewPlayer,
    RemovePlayer(i64),
    ClearPlayers,
    NamePlayers,
    AddKit,
    RemoveKit(i64),
    AddBadge(i64),
    RemoveBadge(i64),
    ClearBadges,
}

/// What there is: players by name and team, kits by team, pairs of team and badge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct World {
    players: BTreeMap<i64, (String, Option<i64>)>,
    kits: BTreeMap<i64, i64>,
    badges: BTreeSet<(i64, i64)>,
}

fn case() -> impl Strategy<Value = (World, Vec<Theirs>, Vec<Mine>)> {
    let member = || 1..=MEMBERS;
    let team = || 1..=TEAMS;
    let world = (
        prop::collection::vec(prop::option::of(team()), MEMBERS as usize),
        prop::collection::vec(team(), MEMBERS as usize),
        prop::collection::btree_set((team(), member()), 0..8),
    );
    let world = world.prop_map(|(players, kits, badges)| World {
        players: (1..).zip(players).map(|(id, team)| (id, ("p".to_owned(), team))).collect(),
        kits: (1..).zip(kits).collect(),
        badges,
    });
    let theirs = prop_oneof![
        (member(), prop::option::of(team())).prop_map(|(player, team)| Theirs::MovePlayer(player, team)),
        member().prop_map(Theirs::RenamePlayer),
        (member(), team()).prop_map(|(kit, team)| Theirs::MoveKit(kit, team)),
        member().prop_map(Theirs::DropKit),
        (team(), member()).prop_map(|(team, badge)| Theirs::AddBadge(team, badge)),
        (team(), member()).prop_map(|(team, badge)| Theirs::DropBadge(team, badge)),
    ];
    let mine = prop_oneof![
        3 => member().prop_map(Mine::AddPlayer),
        1 => prop_oneof![
            (0..1_i64).prop_map(|_| Mine::NewPlayer),
            (0..1_i64).prop_map(|_| Mine::ClearPlayers),
            (0..1_i64).prop_map(|_| Mine::NamePlayers),
            (0..1_i64).prop_map(|_| Mine::AddKit),
            (0..1_i64).prop_map(|_| Mine::ClearBadges),
        ],
        3 => member().prop_map(Mine::RemovePlayer),
        2 => member().prop_map(Mine::RemoveKit),
        2 => member().prop_map(Mine::AddBadge),
        2 => member().prop_map(Mine::RemoveBadge),
    ];
    (world, prop::collection::vec(theirs, 0..5), prop::collection::vec(mine, 0..7))
}

async fn what_is_merged_is_what_was_changed_and_nothing_else(db: TestDb) -> Outcome {
    let db = db.with(schema![Team, Player, Kit, Badge]).await?;
    check(40, &case(), |(world, theirs, mine)| run(&db, world, theirs, mine));
    Ok(())
}

type OurTeam = Detached<Team, loaded!(Team { players, kits, badges })>;

async fn run(db: &TestDb, mut world: World, theirs: Vec<Theirs>, mine: Vec<Mine>) -> Outcome {
    write(db, &world).await?;
    let query = Team::select().filter(Team::ID.eq(OURS));
    let query = query.selectin(Team::PLAYERS).selectin(Team::KITS).selectin(Team::BADGES);
    let mut ours: OurTeam = db.one(&query).await?;
    for change in &theirs {
        let sql = apply_theirs(&mut world, change);
        db.run(&[sql.as_str()]).await?;
    }
    apply_mine(&mut world, &mut ours, &mine)?;
    let mut session = db.session();
    session.merge(&ours).await?;
    session.commit().await?;
    assert_eq!(read(db).await?, world);
    // What the session shows is what there is.
    let team = session.one(&query).await?;
    let shown: BTreeSet<i64> = team.players().iter().map(|player| player.id()).collect();
    let there = world.players.iter().filter(|(_, (_, team))| *team == Some(OURS)).map(|(id, _)| *id).collect();
    assert_eq!(shown, there);
    Ok(())
}

fn apply_theirs(world: &mut World, change: &Theirs) -> String {
    match change {
        Theirs::MovePlayer(id, team) => {
            world.players.entry(*id).and_modify(|player| player.1 = *team);
            let team = team.map_or_else(|| "NULL".to_owned(), |team| team.to_string());
            format!("UPDATE players SET team_id = {team} WHERE id = {id}")
        }
        Theirs::RenamePlayer(id) => {
            world.players.entry(*id).and_modify(|player| "theirs".clone_into(&mut player.0));
            format!("UPDATE players SET name = 'theirs' WHERE id = {id}")
        }
        Theirs::MoveKit(id, team) => {
            world.kits.entry(*id).and_modify(|of| *of = *team);
            format!("UPDATE kits SET team_id = {team} WHERE id = {id}")
        }
        Theirs::DropKit(id) => {
            world.kits.remove(id);
            format!("DELETE FROM kits WHERE id = {id}")
        }
        Theirs::AddBadge(team, badge) if world.badges.insert((*team, *badge)) => {
            format!("INSERT INTO team_badges (team_id, badge_id) VALUES ({team}, {badge})")
        }
        Theirs::AddBadge(team, badge) => {
            format!("DELETE FROM team_badges WHERE team_id = {team} AND badge_id = -{badge}")
        }
        Theirs::DropBadge(team, badge) => {
            world.badges.remove(&(*team, *badge));
            format!("DELETE FROM team_badges WHERE team_id = {team} AND badge_id = {badge}")
        }
    }
}

/// What is changed of one list, by key.
#[derive(Default)]
struct Edited {
    shown: BTreeSet<i64>,
    left: BTreeSet<i64>,
    came: BTreeSet<i64>,
}

impl Edited {
    fn of(keys: impl Iterator<Item = i64>) -> Self {
        Self { shown: keys.collect(), ..Self::default() }
    }

    fn add(&mut self, key: i64) {
        if !self.left.remove(&key) && !self.shown.contains(&key) {
            self.came.insert(key);
        }
    }

    fn remove(&mut self, key: i64) -> bool {
        self.came.remove(&key) || (self.shown.remove(&key) && self.left.insert(key))
    }

    fn clear(&mut self) {
        self.came.clear();
        self.left.append(&mut self.shown);
    }
}

fn apply_mine(world: &mut World, ours: &mut OurTeam, mine: &[Mine]) -> Outcome {
    let mut players = Edited::of(ours.players().iter().map(|player| player.id()));
    let mut kits = Edited::of(ours.kits().iter().map(|kit| kit.id()));
    let mut badges = Edited::of(ours.badges().iter().map(|badge| badge.id()));
    let (mut next, mut new_players, mut named) = (100, BTreeSet::new(), BTreeSet::new());
    for change in mine {
        next += 1;
        match change {
            Mine::AddPlayer(id) => {
                players.add(*id);
                ours.add_to_players(Key::<Player>::new(*id))?;
            }
            Mine::NewPlayer => {
                new_players.insert(next);
                ours.add_to_players(Player::builder().id(next).name("new"))?;
            }
            Mine::RemovePlayer(id) => assert_eq!(ours.remove_from_players(*id).is_ok(), players.remove(*id)),
            Mine::ClearPlayers => {
                players.clear();
                new_players.clear();
                ours.clear_players()?;
            }
            Mine::NamePlayers => {
                for player in ours.players_mut() {
                    player.set_name("mine");
                    named.insert(player.id());
                }
            }
            Mine::AddKit => {
                world.kits.insert(next, OURS);
                ours.add_to_kits(Kit::builder().id(next).name("new"))?;
            }
            Mine::RemoveKit(id) => assert_eq!(ours.remove_from_kits(*id).is_ok(), kits.remove(*id)),
            Mine::AddBadge(id) => {
                badges.add(*id);
                ours.add_to_badges(Key::<Badge>::new(*id))?;
            }
            Mine::RemoveBadge(id) => assert_eq!(ours.remove_from_badges(*id).is_ok(), badges.remove(*id)),
            Mine::ClearBadges => {
                badges.clear();
                ours.clear_badges()?;
            }
        }
    }
    for (id, (name, team)) in &mut world.players {
        // Set on one that was taken out afterwards, it went with it.
        if named.contains(id) && players.shown.contains(id) {
            "mine".clone_into(name);
        }
        if players.left.contains(id) && *team == Some(OURS) {
            *team = None;
        }
        if players.came.contains(id) {
            *team = Some(OURS);
        }
    }
    world.players.extend(new_players.into_iter().map(|id| (id, ("new".to_owned(), Some(OURS)))));
    world.kits.retain(|id, team| !(kits.left.contains(id) && *team == OURS));
    world.badges.retain(|(team, badge)| *team != OURS || !badges.left.contains(badge));
    world.badges.extend(badges.came.into_iter().map(|badge| (OURS, badge)));
    Ok(())
}

async fn write(db: &TestDb, world: &World) -> Outcome {
    for table in ["team_badges", "players", "kits", "badges", "teams"] {
        db.run(&[format!("DELETE FROM {table}").as_str()]).await?;
    }
    let mut session = db.session();
    let players = |team| {
        let of = world.players.iter().filter(move |(_, player)| player.1 == team);
        of.map(|(id, (name, _))| Player::builder().id(*id).name(name.clone()).build()).collect::<Vec<_>>()
    };
    // Others refer to them by their keys.
    for badge in 1..=MEMBERS {
        session.add(Badge::builder().id(badge))?;
    }
    session.flush().await?;
    for team in 1..=TEAMS {
        let kits = world.kits.iter().filter(|(_, of)| **of == team);
        let badges = world.badges.iter().filter(|(of, _)| *of == team);
        session.add(
            Team::builder()
                .id(team)
                .name("t")
                .players(players(Some(team)))
                .kits(kits.map(|(id, _)| Kit::builder().id(*id).name("k")).collect::<Vec<_>>())
                .badges(badges.map(|(_, badge)| Key::<Badge>::new(*badge)).collect::<Vec<_>>()),
        )?;
    }
    for player in players(None) {
        session.add(player)?;
    }
    session.commit().await?;
    Ok(())
}

async fn read(db: &TestDb) -> Outcome<World> {
    let players = db.all(&Player::select()).await?;
    let kits = db.all(&Kit::select()).await?;
    let teams = db.all(&Team::select().selectin(Team::BADGES)).await?;
    let badges = teams.iter().flat_map(|team| team.badges().iter().map(|badge| (team.id(), badge.id())));
    Ok(World {
        players: players.iter().map(|it| (it.id(), (it.name().to_owned(), it.team_id()))).collect(),
        kits: kits.iter().map(|kit| (kit.id(), kit.team_id())).collect(),
        badges: badges.collect(),
    })
}
