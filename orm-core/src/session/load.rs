//! Loading more of what is there, knowing less of it, and handing it out.

use std::panic::Location;

use super::{Running, Session, one_by_one::CallSite};
use crate::{
    entity::Entity,
    error::{Error, ErrorKind, Result, StateCause, StateError},
    handle::{Detached, Detacher, Pending, Persistent, Src},
    identity::{Scope, Scopes},
    load::{AtLeast, Load},
    query::{Loadable, Plan},
    state::{AnyStore, Status},
};

/// Who asks for more of objects.
#[derive(Clone, Copy)]
enum Caller {
    Single(CallSite),
    All,
}

impl Session {
    /// The same object with a relationship or deferred column loaded: `let user = session.load(&user, User::POSTS).await?;`
    /// What the handle held already stays in its type.
    ///
    /// One statement for each relationship that is lacking: none for a many-to-one whose target the session holds, or that is NULL.
    ///
    /// Ten times from one place of the program, a `tracing` warning names the place and the relationship: `load_all` is meant.
    ///
    /// The future's errors are [`ErrorKind::NotInSession`]; what the database refused; [`ErrorKind::MissingTarget`].
    #[track_caller]
    pub fn load<'s, E: Entity, L: 'static, M: 'static>(
        &'s self,
        object: &Persistent<'s, E, L>,
        hint: impl Loadable<E, L, M>,
    ) -> Running<'s, Persistent<'s, E, M>> {
        let src = object.src();
        let site = CallSite { place: Location::caller(), entity: E::DEF.name, attribute: hint.name() };
        let (slot, plan) = (self.own(src), hint.into_plan());
        Running::new(async move {
            let slots = [slot?];
            let found = self.fill(E::DEF, &slots, &plan, Caller::Single(site)).await?;
            let scope = self.keep(src.scope.cloned().unwrap_or_default().with(&found));
            Ok(Persistent::new(Src::new(&self.map, slots[0], scope)))
        })
    }

    /// The same objects with a relationship or deferred column loaded.
    ///
    /// One statement for each relationship, however many objects: what to do instead of `load` in a loop. Each handle keeps the filtered
    /// lists that it had, several handles of one object too.
    ///
    /// The future's errors are those of [`load`](Self::load).
    pub fn load_all<'s, E: Entity, L: 'static, M: 'static>(
        &'s self,
        objects: &[Persistent<'_, E, L>],
        hint: impl Loadable<E, L, M>,
    ) -> Running<'s, Vec<Persistent<'s, E, M>>> {
        let slots: Result<Vec<u32>> = objects.iter().map(|object| self.own(object.src())).collect();
        let known = Scopes::of(objects.iter().map(|object| object.src().scope));
        let plan = hint.into_plan();
        Running::new(async move {
            let slots = slots?;
            let found = self.fill(E::DEF, &slots, &plan, Caller::All).await?;
            let scopes = known.with(&found, |scope| self.keep(scope));
            let handles = slots.into_iter().zip(scopes);
            Ok(handles.map(|(slot, scope)| Persistent::new(Src::new(&self.map, slot, scope))).collect())
        })
    }

    /// The same object, known to hold more because it does: no statement.
    ///
    /// # Errors
    /// [`StateError::NotLoaded`], naming what is lacking; [`StateError::Expired`], naming a member that must be read again.
    pub fn loaded<'s, E: Entity, L: 'static, M: 'static>(
        &'s self,
        object: &Persistent<'_, E, L>,
        hint: impl Loadable<E, L, M>,
    ) -> Result<Persistent<'s, E, M>, StateError> {
        let src = object.src();
        // Of its own session, which may be another one.
        let key = || src.map.store::<E>().print_key(src.slot.index());
        if self.own(src).is_err() {
            return Err(StateError::Detached { entity: E::DEF.name, key: key() });
        }
        let name = hint.name();
        let plan = hint.into_plan();
        let shape = plan.shape();
        let _work = self.map.work();
        let held = plan.is_whole() && self.map.holds(src.object(), &shape).is_ok();
        if !held {
            if let Some(expired) = self.map.first_expired(src.object(), &shape) {
                return Err(self.map.expired_error(expired));
            }
            return Err(StateError::NotLoaded {
                entity: E::DEF.name,
                key: key(),
                attribute: Some(name),
                cause: StateCause::NeverLoaded,
            });
        }
        self.map.promise(src.object(), &shape);
        Ok(Persistent::new(Src::new(
            &self.map,
            src.slot.index(),
            src.scope.map(|scope| self.map.keep_scope(scope.clone())),
        )))
    }

    /// The same object, known to hold less: for a function that takes a lesser state. No statement.
    #[must_use]
    pub fn narrow<'s, E: Entity, L: AtLeast<M> + 'static, M: 'static>(
        &'s self,
        object: &Persistent<'s, E, L>,
    ) -> Persistent<'s, E, M> {
        Persistent::new(object.src())
    }

    /// The object that a flush made of a pending one. No statement.
    ///
    /// # Errors
    /// [`ErrorKind::State`] when it has not been flushed, [`ErrorKind::NotInSession`].
    pub fn persisted<'s, E: Entity>(&'s self, pending: &Pending<'_, E>) -> Result<Persistent<'s, E>> {
        let slot = self.own(pending.src())?;
        match self.map.store::<E>().status(slot) {
            Status::Persistent => Ok(Persistent::new(Src::new(&self.map, slot, None))),
            _ => Err(Error::new(ErrorKind::State, "still pending: flush first, `session.flush().await?`")
                .with_entity(E::DEF.name)
                .with_verb("persisted")),
        }
    }

    /// An owned copy of an object and of everything that its type says it holds. No statement; rows are shared, not copied.
    ///
    /// # Errors
    /// [`ErrorKind::Unflushed`] when the object, or one below it, has changes that no flush has written: they might never be. Members that come
    /// to a list of it or leave one are changes, and so is a deletion.
    pub fn detach<E: Entity, L: Load<E>>(&self, object: &Persistent<'_, E, L>) -> Result<Detached<E, L>> {
        self.own(object.src())?;
        let mut detacher = Detacher::default();
        let detached = detacher.detach(*object);
        match detacher.unflushed() {
            None => Ok(detached),
            Some((entity, key)) => Err(Error::new(
                ErrorKind::Unflushed,
                "has changes that are not in the database yet: flush first, `session.flush().await?`",
            )
            .with_entity(entity)
            .with_key(key)
            .with_verb("detach")),
        }
    }

    /// The place of an object, if it is this session's.
    pub(super) fn own<E: Entity>(&self, src: Src<'_, E>) -> Result<u32> {
        Ok(self.map.resolve(src.token()).map_err(|error| error.with_entity(E::DEF.name))?.slot)
    }

    /// Makes a plan true of some objects, and gives the lists of its filtered hints.
    async fn fill(
        &self,
        def: &'static crate::schema::EntityDef,
        slots: &[u32],
        plan: &Plan,
        caller: Caller,
    ) -> Result<Scope> {
        let verb = match caller {
            Caller::Single(_) => "load",
            Caller::All => "load_all",
        };
        let mut operation = self.operation(verb).await?;
        operation.autoflush().await?;
        if self.satisfied(def, slots, plan) {
            return Ok(Scope::default());
        }
        if let Caller::Single(site) = caller {
            self.note_single_load(site);
        }
        operation.loader().await?.fill(def, slots, plan).await.map_err(|error| error.of_verb(verb))
    }

    /// Whether a plan is true already, so that no transaction need be begun; promises it then.
    pub(super) fn satisfied(&self, def: &'static crate::schema::EntityDef, slots: &[u32], plan: &Plan) -> bool {
        let shape = plan.shape();
        let epoch = self.map.epoch();
        let store = self.map.store_of(def);
        let _work = self.map.work();
        let held = plan.is_whole()
            && slots.iter().all(|slot| {
                plan.nodes.iter().all(|node| store.link(*slot, node.relation).is_loaded_in(epoch))
                    && self.map.holds(crate::identity::IdentityMap::object(def, *slot), &shape).is_ok()
            });
        if held {
            for slot in slots {
                self.map.promise(crate::identity::IdentityMap::object(def, *slot), &shape);
            }
        }
        held
    }
}
