//! Random graphs with every kind of relationship, written and changed at random, are what a plain model says: circles over nullable keys,
//! one-to-one, many-to-many, self-references, cascades.

use std::collections::{BTreeMap, BTreeSet};

use orm_core::{error::Result, prelude::*, schema};
use orm_tests::{Outcome, TestDb, each_backend};
use proptest::prelude::{Strategy, prop, prop_oneof};

use super::check;

each_backend!(a_graph_that_is_changed_at_random_is_what_a_model_says);

#[derive(Entity)]
#[orm(table = "units")]
struct Unit {
    #[orm(primary_key)]
    id: i64,
    name: String,
    parent_id: Option<i64>,
    boss_id: Option<i64>,
    #[orm(foreign_key = parent_id, back_populates = children)]
    parent: BelongsTo<Unit>,
    #[orm(foreign_key = parent_id, back_populates = parent)]
    children: HasMany<Unit>,
    #[orm(foreign_key = boss_id, back_populates = leads)]
    boss: BelongsTo<Staff>,
    #[orm(foreign_key = unit_id, back_populates = unit, cascade = "all, delete-orphan")]
    staff: HasMany<Staff>,
}

#[derive(Entity)]
#[orm(table = "staff")]
struct Staff {
    #[orm(primary_key)]
    id: i64,
    name: String,
    note: Option<String>,
    unit_id: i64,
    mentor_id: Option<i64>,
    #[orm(foreign_key = unit_id, back_populates = staff)]
    unit: BelongsTo<Unit>,
    #[orm(foreign_key = mentor_id, back_populates = mentees)]
    mentor: BelongsTo<Staff>,
    #[orm(foreign_key = mentor_id, back_populates = mentor)]
    mentees: HasMany<Staff>,
    #[orm(foreign_key = boss_id, back_populates = boss)]
    leads: HasMany<Unit>,
    #[orm(foreign_key = staff_id, back_populates = staff, cascade = "all, delete-orphan")]
    pass: HasOne<Pass>,
    #[orm(secondary = "staff_skills", back_populates = staff)]
    skills: ManyToMany<Skill>,
}

#[derive(Entity)]
#[orm(table = "passes")]
struct Pass {
    #[orm(primary_key)]
    id: i64,
    text: String,
    #[orm(unique)]
    staff_id: i64,
    #[orm(foreign_key = staff_id, back_populates = pass)]
    staff: BelongsTo<Staff>,
}

#[derive(Entity)]
#[orm(table = "skills")]
struct Skill {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    name: String,
    #[orm(secondary(table = "staff_skills", owner = "skill_id", target = "staff_id"), back_populates = skills)]
    staff: ManyToMany<Staff>,
}

/// What a row of staff is, by names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Person {
    note: Option<String>,
    unit: String,
    mentor: Option<String>,
    pass: Option<String>,
    skills: BTreeSet<String>,
}

/// Parent and boss.
type Place = (Option<String>, Option<String>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Model {
    units: BTreeMap<String, Place>,
    staff: BTreeMap<String, Person>,
    skills: BTreeSet<String>,
}

impl Model {
    fn delete_staff(&mut self, name: &str) {
        self.staff.remove(name);
        for person in self.staff.values_mut() {
            person.mentor.take_if(|mentor| mentor == name);
        }
        for (_, boss) in self.units.values_mut() {
            boss.take_if(|boss| boss == name);
        }
    }

    fn delete_unit(&mut self, name: &str) {
        self.units.remove(name);
        for (parent, _) in self.units.values_mut() {
            parent.take_if(|parent| parent == name);
        }
        let gone: Vec<String> =
            self.staff.iter().filter(|(_, person)| person.unit == name).map(|(name, _)| name.clone()).collect();
        gone.iter().for_each(|name| self.delete_staff(name));
    }

    async fn read(db: &Database) -> Outcome<Self> {
        let mut model = Self::default();
        for skill in db.all(&Skill::select()).await? {
            model.skills.insert(skill.name().to_owned());
        }
        for unit in db.all(&Unit::select().selectin(Unit::PARENT).joined(Unit::BOSS)).await? {
            let parent = unit.parent().map(|parent| parent.name().to_owned());
            model.units.insert(unit.name().to_owned(), (parent, unit.boss().map(|boss| boss.name().to_owned())));
        }
        let staff = Staff::select().joined(Staff::UNIT).selectin(Staff::MENTOR).joined(Staff::PASS);
        for staff in db.all(&staff.selectin(Staff::SKILLS)).await? {
            let person = Person {
                note: staff.note().map(str::to_owned),
                unit: staff.unit().name().to_owned(),
                mentor: staff.mentor().map(|mentor| mentor.name().to_owned()),
                pass: staff.pass().map(|pass| pass.text().to_owned()),
                skills: staff.skills().iter().map(|skill| skill.name().to_owned()).collect(),
            };
            model.staff.insert(staff.name().to_owned(), person);
        }
        Ok(model)
    }
}

/// Positions are taken modulo how many there are.
#[derive(Clone, Copy, Debug)]
enum Step {
    NewUnit,
    NewStaff(usize),
    NewSkill,
    NewPass(usize),
    SetNote(usize),
    SetParent { unit: usize, to: usize },
    AddChild { unit: usize, to: usize },
    ClearParent(usize),
    SetBoss { unit: usize, to: usize },
    AddLead { unit: usize, to: usize },
    ClearBoss(usize),
    SetUnit { staff: usize, to: usize },
    AddStaff { staff: usize, to: usize },
    RemoveStaff(usize),
    SetMentor { staff: usize, to: usize },
    ClearMentor(usize),
    DropPass(usize),
    AddSkill { staff: usize, skill: usize },
    AddSkillFromThere { staff: usize, skill: usize },
    RemoveSkill { staff: usize, skill: usize },
    ClearSkills(usize),
    DeleteUnit(usize),
    DeleteStaff(usize),
    DeleteSkill(usize),
    LoadUnits,
    LoadStaff,
    LoadSkills,
    Flush,
    CommitKeeping,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (one, two) = (|| 0..9_usize, || (0..9_usize, 0..9_usize));
    let step = prop_oneof![
        1 => one().prop_map(|_| Step::NewUnit),
        3 => one().prop_map(Step::NewStaff),
        1 => one().prop_map(|_| Step::NewSkill),
        2 => one().prop_map(Step::NewPass),
        1 => one().prop_map(Step::SetNote),
        2 => two().prop_map(|(unit, to)| Step::SetParent { unit, to }),
        1 => two().prop_map(|(unit, to)| Step::AddChild { unit, to }),
        1 => one().prop_map(Step::ClearParent),
        2 => two().prop_map(|(unit, to)| Step::SetBoss { unit, to }),
        1 => two().prop_map(|(unit, to)| Step::AddLead { unit, to }),
        1 => one().prop_map(Step::ClearBoss),
        2 => two().prop_map(|(staff, to)| Step::SetUnit { staff, to }),
        1 => two().prop_map(|(staff, to)| Step::AddStaff { staff, to }),
        1 => one().prop_map(Step::RemoveStaff),
        2 => two().prop_map(|(staff, to)| Step::SetMentor { staff, to }),
        1 => one().prop_map(Step::ClearMentor),
        1 => one().prop_map(Step::DropPass),
        3 => two().prop_map(|(staff, skill)| Step::AddSkill { staff, skill }),
        1 => two().prop_map(|(staff, skill)| Step::AddSkillFromThere { staff, skill }),
        2 => two().prop_map(|(staff, skill)| Step::RemoveSkill { staff, skill }),
        1 => one().prop_map(Step::ClearSkills),
        1 => one().prop_map(Step::DeleteUnit),
        1 => one().prop_map(Step::DeleteStaff),
        1 => one().prop_map(Step::DeleteSkill),
        1 => one().prop_map(|_| Step::LoadUnits),
        1 => one().prop_map(|_| Step::LoadStaff),
        1 => one().prop_map(|_| Step::LoadSkills),
        2 => one().prop_map(|_| Step::Flush),
        1 => one().prop_map(|_| Step::CommitKeeping),
    ];
    prop::collection::vec(step, 1..40)
}

/// An object that has a row, or has none yet.
enum Handle<'s, E: Entity> {
    Row(Persistent<'s, E>),
    New(Pending<'s, E>),
}

impl<'s, E: Entity> Clone for Handle<'s, E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<'s, E: Entity> Copy for Handle<'s, E> {}

impl<'s, E: Entity> Handle<'s, E> {
    fn member(self) -> Member<E> {
        match self {
            Self::Row(row) => Member::from(row),
            Self::New(new) => Member::from(new),
        }
    }

    fn row(self) -> Option<Persistent<'s, E>> {
        match self {
            Self::Row(row) => Some(row),
            Self::New(_) => None,
        }
    }

    fn persist(&mut self, session: &'s Session) -> Result<()> {
        if let Self::New(new) = self {
            *self = Self::Row(session.persisted(new)?);
        }
        Ok(())
    }
}

/// Does the same to whichever it is.
macro_rules! on {
    ($handle:expr, $object:ident => $act:expr) => {
        match $handle {
            Handle::Row($object) => $act,
            Handle::New($object) => $act,
        }
    };
}

struct World<'s> {
    session: &'s Session,
    model: Model,
    units: BTreeMap<String, Handle<'s, Unit>>,
    staff: BTreeMap<String, Handle<'s, Staff>>,
    passes: BTreeMap<String, Handle<'s, Pass>>,
    skills: BTreeMap<String, Handle<'s, Skill>>,
    names: usize,
}

fn pick<T: Copy>(map: &BTreeMap<String, T>, at: usize) -> Option<(String, T)> {
    let at = at.checked_rem(map.len())?;
    map.iter().nth(at).map(|(name, handle)| (name.clone(), *handle))
}

impl<'s> World<'s> {
    /// Everything that there is, in a session that knows nothing else.
    async fn of(session: &'s Session, model: Model, names: usize) -> Result<Self> {
        let mut world = Self {
            session,
            model,
            units: BTreeMap::new(),
            staff: BTreeMap::new(),
            passes: BTreeMap::new(),
            skills: BTreeMap::new(),
            names,
        };
        for unit in session.all(&Unit::select()).await? {
            world.units.insert(unit.name().to_owned(), Handle::Row(unit));
        }
        for staff in session.all(&Staff::select()).await? {
            world.staff.insert(staff.name().to_owned(), Handle::Row(staff));
        }
        for pass in session.all(&Pass::select()).await? {
            world.passes.insert(pass.text().to_owned(), Handle::Row(pass));
        }
        for skill in session.all(&Skill::select()).await? {
            world.skills.insert(skill.name().to_owned(), Handle::Row(skill));
        }
        Ok(world)
    }

    fn name(&mut self, what: &str) -> String {
        self.names += 1;
        format!("{what}{}", self.names)
    }

    /// What the model lost is not to be used any more.
    fn forget_what_is_gone(&mut self) {
        let model = &self.model;
        self.units.retain(|name, _| model.units.contains_key(name));
        self.staff.retain(|name, _| model.staff.contains_key(name));
        self.skills.retain(|name, _| model.skills.contains(name));
        let passes: BTreeSet<&String> = model.staff.values().filter_map(|person| person.pass.as_ref()).collect();
        self.passes.retain(|text, _| passes.contains(text));
    }

    fn person(&mut self, name: &str) -> &mut Person {
        self.model.staff.get_mut(name).expect("the model has whoever there is a handle of")
    }

    fn place(&mut self, name: &str) -> &mut Place {
        self.model.units.get_mut(name).expect("the model has whatever there is a handle of")
    }

    /// One step, of the session and of the model; nothing where there is nothing to do it to.
    async fn step(&mut self, step: Step) -> Result<()> {
        match step {
            Step::Flush => self.session.flush().await?,
            Step::CommitKeeping => self.session.commit_keeping().await?,
            Step::LoadUnits => {
                let query = Unit::select().selectin(Unit::STAFF).selectin(Unit::CHILDREN).joined(Unit::PARENT);
                self.session.all(&query.selectin(Unit::BOSS)).await?;
            }
            Step::LoadStaff => {
                let query = Staff::select().joined(Staff::UNIT).selectin(Staff::MENTEES).joined(Staff::PASS);
                self.session.all(&query.selectin(Staff::SKILLS).selectin(Staff::LEADS)).await?;
            }
            Step::LoadSkills => drop(self.session.all(&Skill::select().selectin(Skill::STAFF)).await?),
            Step::DeleteUnit(_) | Step::DeleteStaff(_) | Step::DeleteSkill(_) | Step::DropPass(_) => {
                return self.delete(step).await;
            }
            _ => return self.write(step),
        }
        // All of it has been flushed: what was new has rows.
        self.units.values_mut().try_for_each(|handle| handle.persist(self.session))?;
        self.staff.values_mut().try_for_each(|handle| handle.persist(self.session))?;
        self.passes.values_mut().try_for_each(|handle| handle.persist(self.session))?;
        self.skills.values_mut().try_for_each(|handle| handle.persist(self.session))
    }

    async fn delete(&mut self, step: Step) -> Result<()> {
        match step {
            Step::DeleteUnit(at) => {
                let Some((name, Handle::Row(unit))) = pick(&self.units, at) else { return Ok(()) };
                self.session.delete(&unit).await?;
                self.model.delete_unit(&name);
            }
            Step::DeleteStaff(at) => {
                let Some((name, Handle::Row(staff))) = pick(&self.staff, at) else { return Ok(()) };
                self.session.delete(&staff).await?;
                self.model.delete_staff(&name);
            }
            Step::DeleteSkill(at) => {
                let Some((name, Handle::Row(skill))) = pick(&self.skills, at) else { return Ok(()) };
                self.session.delete(&skill).await?;
                self.model.skills.remove(&name);
                self.model.staff.values_mut().for_each(|person| person.skills.retain(|skill| *skill != name));
            }
            Step::DropPass(at) => {
                let Some((text, Handle::Row(pass))) = pick(&self.passes, at) else { return Ok(()) };
                self.session.delete(&pass).await?;
                self.model.staff.values_mut().for_each(|person| drop(person.pass.take_if(|pass| *pass == text)));
            }
            _ => {}
        }
        self.forget_what_is_gone();
        Ok(())
    }

    fn write(&mut self, step: Step) -> Result<()> {
        match step {
            Step::NewUnit => {
                let name = self.name("u");
                let unit = self.session.add(Unit::builder().name(&*name))?;
                self.units.insert(name.clone(), Handle::New(unit));
                self.model.units.insert(name, (None, None));
            }
            Step::NewSkill => {
                let name = self.name("k");
                let skill = self.session.add(Skill::builder().name(&*name))?;
                self.skills.insert(name.clone(), Handle::New(skill));
                self.model.skills.insert(name);
            }
            Step::NewStaff(at) => {
                let Some((unit, handle)) = pick(&self.units, at) else { return Ok(()) };
                let name = self.name("s");
                let staff = self.session.add(Staff::builder().name(&*name).unit(handle.member()))?;
                self.staff.insert(name.clone(), Handle::New(staff));
                self.model.staff.insert(name, Person { unit, ..Person::default() });
            }
            Step::NewPass(at) => {
                let Some((name, handle)) = pick(&self.staff, at) else { return Ok(()) };
                if self.person(&name).pass.is_some() {
                    return Ok(());
                }
                let text = self.name("p");
                let pass = self.session.add(Pass::builder().text(&*text).staff(handle.member()))?;
                self.passes.insert(text.clone(), Handle::New(pass));
                self.person(&name).pass = Some(text);
            }
            Step::SetNote(at) => {
                let Some((name, handle)) = pick(&self.staff, at) else { return Ok(()) };
                let note = self.name("n");
                on!(handle, staff => staff.set_note(&*note));
                self.person(&name).note = Some(note);
            }
            Step::SetParent { .. } | Step::AddChild { .. } | Step::ClearParent(_) => return self.write_parent(step),
            Step::SetBoss { .. } | Step::AddLead { .. } | Step::ClearBoss(_) => return self.write_boss(step),
            Step::SetUnit { .. } | Step::AddStaff { .. } | Step::RemoveStaff(_) => return self.write_unit(step),
            Step::SetMentor { staff, to } => {
                let (Some((name, staff)), Some((mentor, to))) = (pick(&self.staff, staff), pick(&self.staff, to))
                else {
                    return Ok(());
                };
                on!(staff, staff => staff.set_mentor(to.member()))?;
                self.person(&name).mentor = Some(mentor);
            }
            Step::ClearMentor(at) => {
                let Some((name, Handle::Row(staff))) = pick(&self.staff, at) else { return Ok(()) };
                staff.clear_mentor()?;
                self.person(&name).mentor = None;
            }
            _ => return self.write_skills(step),
        }
        Ok(())
    }

    fn write_parent(&mut self, step: Step) -> Result<()> {
        match step {
            Step::SetParent { unit, to } | Step::AddChild { unit, to } => {
                let (Some((name, unit)), Some((parent, to))) = (pick(&self.units, unit), pick(&self.units, to)) else {
                    return Ok(());
                };
                if matches!(step, Step::SetParent { .. }) {
                    on!(unit, unit => unit.set_parent(to.member()))?;
                } else {
                    on!(to, to => to.add_to_children(unit.member()))?;
                }
                self.place(&name).0 = Some(parent);
            }
            Step::ClearParent(at) => {
                let Some((name, Handle::Row(unit))) = pick(&self.units, at) else { return Ok(()) };
                unit.clear_parent()?;
                self.place(&name).0 = None;
            }
            _ => {}
        }
        Ok(())
    }

    fn write_boss(&mut self, step: Step) -> Result<()> {
        match step {
            Step::SetBoss { unit, to } | Step::AddLead { unit, to } => {
                let (Some((name, unit)), Some((boss, to))) = (pick(&self.units, unit), pick(&self.staff, to)) else {
                    return Ok(());
                };
                if matches!(step, Step::SetBoss { .. }) {
                    on!(unit, unit => unit.set_boss(to.member()))?;
                } else {
                    on!(to, to => to.add_to_leads(unit.member()))?;
                }
                self.place(&name).1 = Some(boss);
            }
            Step::ClearBoss(at) => {
                let Some((name, Handle::Row(unit))) = pick(&self.units, at) else { return Ok(()) };
                unit.clear_boss()?;
                self.place(&name).1 = None;
            }
            _ => {}
        }
        Ok(())
    }

    fn write_unit(&mut self, step: Step) -> Result<()> {
        match step {
            Step::SetUnit { staff, to } | Step::AddStaff { staff, to } => {
                let (Some((name, staff)), Some((unit, to))) = (pick(&self.staff, staff), pick(&self.units, to)) else {
                    return Ok(());
                };
                if matches!(step, Step::SetUnit { .. }) {
                    on!(staff, staff => staff.set_unit(to.member()))?;
                } else {
                    on!(to, to => to.add_to_staff(staff.member()))?;
                }
                self.person(&name).unit = unit;
            }
            Step::RemoveStaff(at) => {
                let Some((name, Handle::Row(staff))) = pick(&self.staff, at) else { return Ok(()) };
                let unit = self.person(&name).unit.clone();
                let Some(unit) = self.units[&unit].row() else { return Ok(()) };
                unit.remove_from_staff(&staff)?;
                self.model.delete_staff(&name);
                self.forget_what_is_gone();
            }
            _ => {}
        }
        Ok(())
    }

    fn write_skills(&mut self, step: Step) -> Result<()> {
        match step {
            Step::AddSkill { staff, skill } | Step::AddSkillFromThere { staff, skill } => {
                let (Some((name, staff)), Some((known, skill))) = (pick(&self.staff, staff), pick(&self.skills, skill))
                else {
                    return Ok(());
                };
                if matches!(step, Step::AddSkill { .. }) {
                    on!(staff, staff => staff.add_to_skills(skill.member()))?;
                } else {
                    on!(skill, skill => skill.add_to_staff(staff.member()))?;
                }
                self.person(&name).skills.insert(known);
            }
            Step::RemoveSkill { staff, skill } => {
                let (Some((name, Handle::Row(staff))), Some((known, Handle::Row(skill)))) =
                    (pick(&self.staff, staff), pick(&self.skills, skill))
                else {
                    return Ok(());
                };
                staff.remove_from_skills(&skill)?;
                self.person(&name).skills.remove(&known);
            }
            Step::ClearSkills(at) => {
                let Some((name, Handle::Row(staff))) = pick(&self.staff, at) else { return Ok(()) };
                // What is not loaded is not known.
                if staff.try_skills().is_err() {
                    return Ok(());
                }
                staff.clear_skills()?;
                self.person(&name).skills.clear();
            }
            _ => {}
        }
        Ok(())
    }
}

async fn a_graph_that_is_changed_at_random_is_what_a_model_says(db: TestDb) -> Outcome {
    let db = db.with(schema![Unit, Staff, Pass, Skill]).await?;
    let cases = if db.is_postgres() { 16 } else { 100 };
    let strategy = (steps(), steps());
    check(cases, &strategy, async |(first, then): (Vec<Step>, Vec<Step>)| {
        db.run(&[
            "DELETE FROM staff_skills",
            "DELETE FROM passes",
            // MySQL checks each row as it goes: none may refer to another by then.
            "UPDATE units SET boss_id = NULL, parent_id = NULL",
            "UPDATE staff SET mentor_id = NULL",
            "DELETE FROM staff",
            "DELETE FROM units",
            "DELETE FROM skills",
        ])
        .await?;
        // Enough to begin with, then at random; what is read back by another session is changed again.
        let beginning =
            [Step::NewUnit, Step::NewUnit, Step::NewStaff(0), Step::NewStaff(1), Step::NewSkill, Step::NewSkill];
        let (mut model, mut names) = (Model::default(), 0);
        for steps in [beginning.into_iter().chain(first).collect::<Vec<_>>(), then] {
            let session = db.session();
            let mut world = World::of(&session, model, names).await?;
            for step in steps {
                world.step(step).await?;
            }
            session.commit_keeping().await?;
            (model, names) = (world.model, world.names);
            assert_eq!(Model::read(&db).await?, model);
        }
        Ok(())
    });
    Ok(())
}
