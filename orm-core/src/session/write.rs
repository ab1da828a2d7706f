//! Adding, deleting, flushing, and the one relationship write that may have to load.

use super::{Running, Session};
use crate::{
    entity::Entity,
    error::{Error, ErrorKind, Result},
    flush,
    handle::{IntoMember, IntoTransient, Pending, Persistent, Src},
    identity::{AnyMember, IdentityMap, ObjectRef},
    load::{GrowsIn, Unloaded},
    loading::Fetch,
    query::Plan,
    relationship::{Rel, Relation},
    state::{AnyStore, Event, Mark, Status},
    value::print_values,
};

impl Session {
    /// Adds a new object, and every new object that it is linked to; the next flush inserts them, [`withdraw`](Self::withdraw) takes it back
    /// until then. No statement.
    ///
    /// # Errors
    /// [`ErrorKind::IdentityConflict`] when the session holds an object with a key of one of them: nothing was added then;
    /// [`ErrorKind::ReadOnly`].
    pub fn add<E: Entity, L: 'static>(&self, object: impl IntoTransient<E, L>) -> Result<Pending<'_, E>> {
        self.check_writable("add").map_err(|error| error.with_entity(E::DEF.name))?;
        let object = self.map.add(Box::new(object.into_transient())).map_err(|error| error.with_verb("add"))?;
        Ok(Pending::new(Src::new(&self.map, object.slot, None)))
    }

    /// Deletes an object with the next flush; until then, and after it, its attributes can be read. Cascades load what they
    /// need when it is flushed. [`undelete`](Self::undelete) takes it back until then.
    ///
    /// A row that someone else deleted meanwhile is [`ErrorKind::StaleData`] at the flush.
    ///
    /// # Errors
    /// [`ErrorKind::NotInSession`]; [`ErrorKind::ReadOnly`]; [`ErrorKind::ObjectDeleted`] once a flush has deleted it.
    #[expect(clippy::unused_async, reason = "cascades may come to load here: the signature is settled")]
    pub async fn delete<E: Entity, L: 'static>(&self, object: &Persistent<'_, E, L>) -> Result<()> {
        self.check_active("delete")?;
        self.check_writable("delete").map_err(|error| error.with_entity(E::DEF.name))?;
        let slot = self.own(object.src())?;
        self.check_state::<E>(slot, Event::Delete, "delete")?;
        let mut work = self.map.work();
        let store = self.map.store::<E>();
        if store.status(slot) == Status::Persistent {
            store.set_mark(slot, Mark::DeletePending);
            work.deleted.insert(object.src().object());
        }
        Ok(())
    }

    /// Writes everything that is pending, in the order that foreign keys ask for. Statements grow with tables and shapes, not
    /// with rows; nothing pending costs nothing.
    ///
    /// # Errors
    /// What the database refused, classified; [`ErrorKind::MissingParent`], [`ErrorKind::StaleData`],
    /// [`ErrorKind::Cycle`]. The session answers [`ErrorKind::PendingRollback`] from then on until it is rolled back; handles
    /// stay readable and show what they showed before.
    pub async fn flush(&self) -> Result<()> {
        self.operation("flush").await?.flush().await
    }

    /// What the next [`flush`](Self::flush) would send and why in this order, as text for people: a line for each kind of statement.
    /// No statement. The text is not an interface.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # fn show(session: &Session) -> Result<(), Error> {
    /// println!("{}", session.plan()?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// What the flush would refuse before it sends anything: [`ErrorKind::MissingParent`], [`ErrorKind::Cycle`].
    pub fn plan(&self) -> Result<String> {
        flush::describe(&self.map, self.database.backend().checks()).map_err(|error| error.with_verb("plan"))
    }

    /// Sets a to-one as `set_…` does, after loading what live handles were promised about its target.
    ///
    /// One statement for the target if the session does not hold it, and one for each relationship that a promise names.
    ///
    /// The future's errors are [`ErrorKind::NotFound`] when a key names no row, [`ErrorKind::ObjectDeleted`] when the object's own
    /// row is deleted, and those of the setter.
    pub fn assign<'s, E: Entity, L: 'static, M: Relation + GrowsIn<E, E::Bare, Unloaded<M>>>(
        &'s self,
        object: &Persistent<'_, E, L>,
        _relation: Rel<M>,
        member: impl IntoMember<M::Target>,
    ) -> Running<'s, ()> {
        let owner = object.src().object();
        let own = self.own(object.src());
        let member = member.into_member().into_any();
        Running::new(async move {
            own?;
            self.assign_member::<E, M>(owner, member).await
        })
    }

    async fn assign_member<E: Entity, M: Relation>(&self, owner: ObjectRef, member: AnyMember) -> Result<()> {
        let target = M::Target::DEF;
        let promise = self.map.promised(owner, Some(M::INDEX));
        let mut operation = self.operation("assign").await?;
        operation.autoflush().await?;
        let owners = self.map.store::<E>();
        if owners.status(owner.slot) == Status::Deleted {
            return Err(Error::new(ErrorKind::ObjectDeleted, "its row is deleted: nothing can be written to it")
                .with_entity(E::DEF.name)
                .with_key(owners.print_key(owner.slot))
                .with_attribute(M::NAME)
                .with_verb("assign"));
        }
        let found = match member {
            AnyMember::Key(key) => {
                let plan = Plan::default();
                let mut loader = operation.loader().await?;
                let held = self.map.store::<M::Target>().find(&key).ok().flatten();
                let held = held.filter(|slot| self.map.store::<M::Target>().status(*slot) == Status::Persistent);
                match held {
                    Some(slot) => slot,
                    None => match loader.fetch_key(&Fetch::all(target, &plan), &key).await? {
                        Some((slot, _)) => slot,
                        None => {
                            return Err(Error::new(ErrorKind::NotFound, "no such row")
                                .with_entity(target.name)
                                .with_key(print_values(&key))
                                .with_verb("assign"));
                        }
                    },
                }
            }
            AnyMember::Object(token) => self.map.resolve(token)?.slot,
            member @ AnyMember::New(_) => return self.map.connect_member(E::DEF, owner, M::INDEX, member),
        };
        if let Some(promise) = promise {
            let plan = Plan::of_shape(target, &promise);
            operation.loader().await?.fill(target, &[found], &plan).await?;
        }
        self.map.connect(owner, M::INDEX, IdentityMap::object(target, found))
    }
}
