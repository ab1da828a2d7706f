//! `attach`: a detached value becomes an object of the session, without asking the database.

use super::Session;
use crate::{
    entity::Entity,
    error::{Error, ErrorKind, Result},
    handle::{Attachable, Persistent, Sources, Src},
    load::Load,
};

impl Session {
    /// Takes a detached value in as it is, with all that it holds: SQLAlchemy's `merge(load=False)`, for values out of a cache.
    ///
    /// No statement, now or at the next flush. The handle holds what the value's type says. What the session knows of an object already
    /// stays; what comes in so is *past*, so that a row that a query brings later replaces it. A version, where the entity has one, is
    /// checked by the next UPDATE.
    ///
    /// **Whose word it takes**: the program's. That the value is what the database has is not checked, so it must come from a query, or from
    /// a cache that only the program writes: that is read as [`Cached`](crate::handle::Cached), and
    /// [`vouch`](crate::handle::Cached::vouch) says so. What a client sends is no detached value.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")]
    /// # pub struct User { #[orm(primary_key)] id: i64, name: String }
    /// # async fn rename(session: &mut Session, cached: &Detached<User>) -> Result<(), Error> {
    /// session.attach(cached)?.set_name("Ada");
    /// session.commit().await?;                        // one UPDATE, no SELECT
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::Unflushed`] where the value was changed: [`merge`](Self::merge) it; [`ErrorKind::ObjectDeleted`];
    /// [`ErrorKind::State`] or [`ErrorKind::BreaksPromise`] where the session holds something that contradicts it;
    /// [`ErrorKind::IdentityConflict`] where it holds two copies of one key that differ.
    pub fn attach<E: Entity, L: Load<E>>(&self, value: impl Attachable<E, L>) -> Result<Persistent<'_, E, L>> {
        let mut sources = Sources::default();
        let root = sources.add_detached(value.as_detached());
        let (slot, scope) = self.adopt(&mut sources, root, &L::shape()).map_err(|error| error.of_verb("attach"))?;
        Ok(Persistent::new(Src::new(&self.map, slot, self.keep(scope))))
    }

    fn adopt(
        &self,
        sources: &mut Sources,
        root: usize,
        shape: &crate::load::Shape,
    ) -> Result<(u32, crate::identity::Scope)> {
        self.check_active("attach")?;
        sources.settle(&self.map)?;
        let objects = self.map.adopt(sources)?;
        let Some(object) = objects[sources.same[root]] else { unreachable!("a detached value has a row") };
        let scope = sources.scope(&[root], shape, &objects);
        let _work = self.map.work();
        self.map.holds(object, shape).map_err(|lacking| {
            let def = self.map.store_at(object).def();
            Error::new(
                ErrorKind::State,
                format!(
                    "the session holds other members than the value that is attached, and `{lacking}` of them is not loaded. Merge the \
                     value, or attach less of it: `Detached::narrow(value)`"
                ),
            )
            .with_entity(def.name)
            .with_key(self.map.store_at(object).print_key(object.slot))
        })?;
        self.map.promise(object, shape);
        sources.promise_parts(&self.map, root, shape, &objects)?;
        Ok((object.slot, scope))
    }
}
