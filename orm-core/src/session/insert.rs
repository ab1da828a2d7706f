//! `insert` and `insert_all`: add and flush in one step.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::Session;
use crate::{
    entity::Entity,
    error::{Error, ErrorKind, Result},
    handle::{IntoTransient, Persistent, Src, Transient},
    identity::ObjectRef,
    load::{Load, Shape},
    schema::EntityDef,
};

type BoxFuture<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// An object on its way into the database: await it.
#[must_use = "nothing is inserted until it is awaited"]
pub struct Insert<'s, E: Entity, L>(BoxFuture<'s, Result<Persistent<'s, E, L>>>);

/// Objects on their way into the database: await it.
#[must_use = "nothing is inserted until it is awaited"]
pub struct InsertAll<'s, E: Entity, L>(BoxFuture<'s, Result<Vec<Persistent<'s, E, L>>>>);

impl<'s, E: Entity, L> Future for Insert<'s, E, L> {
    type Output = Result<Persistent<'s, E, L>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<'s, E: Entity, L> Future for InsertAll<'s, E, L> {
    type Output = Result<Vec<Persistent<'s, E, L>>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<E: Entity, L> std::fmt::Debug for Insert<'_, E, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Insert<{}>", E::DEF.name)
    }
}

impl<E: Entity, L> std::fmt::Debug for InsertAll<'_, E, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InsertAll<{}>", E::DEF.name)
    }
}

impl Session {
    /// Adds a new object, with every new object that it is linked to, and flushes: the handle holds what the builder was given.
    ///
    /// One INSERT for each table and shape; whatever else is pending is flushed with it.
    ///
    /// The future's errors are those of [`add`](Self::add) and [`flush`](Self::flush).
    pub fn insert<E: Entity, L: Load<E>>(&self, object: impl IntoTransient<E, L>) -> Insert<'_, E, L> {
        let object = object.into_transient();
        Insert(Box::pin(async move {
            let slots = self.insert_transients(vec![object]).await?;
            match slots.first() {
                Some(slot) => Ok(Persistent::new(Src::new(&self.map, *slot, None))),
                None => unreachable!("one object was added"),
            }
        }))
    }

    /// Adds new objects and flushes once.
    ///
    /// One INSERT for each table and shape, however many objects.
    ///
    /// The future's errors are those of [`add`](Self::add) and [`flush`](Self::flush).
    pub fn insert_all<E: Entity, L: Load<E>>(
        &self,
        objects: impl IntoIterator<Item = impl IntoTransient<E, L>>,
    ) -> InsertAll<'_, E, L> {
        let objects: Vec<_> = objects.into_iter().map(IntoTransient::into_transient).collect();
        InsertAll(Box::pin(async move {
            let slots = self.insert_transients(objects).await?;
            Ok(slots.into_iter().map(|slot| Persistent::new(Src::new(&self.map, slot, None))).collect())
        }))
    }

    async fn insert_transients<E: Entity, L: Load<E>>(&self, objects: Vec<Transient<E, L>>) -> Result<Vec<u32>> {
        self.check_writable("insert").map_err(|error| error.with_entity(E::DEF.name))?;
        let mut operation = self.operation("insert").await?;
        let mut added: Vec<ObjectRef> = Vec::with_capacity(objects.len());
        for object in objects {
            match self.map.add(Box::new(object)) {
                Ok(object) => added.push(object),
                Err(error) => {
                    self.map.discard(&added);
                    return Err(error.with_verb("insert"));
                }
            }
        }
        operation.flush().await?;
        self.promise_inserted(E::DEF, &added, &L::shape(), "insert")?;
        Ok(added.into_iter().map(|object| object.slot).collect())
    }

    /// Objects that were inserted just now are promised to hold what their builders' type says.
    pub(super) fn promise_inserted(
        &self,
        def: &'static EntityDef,
        added: &[ObjectRef],
        shape: &Shape,
        verb: &'static str,
    ) -> Result<()> {
        let _work = self.map.work();
        for object in added {
            self.map.holds(*object, shape).map_err(|lacking| {
                Error::new(
                    ErrorKind::State,
                    format!("inserted, but `{lacking}` is not loaded as the builder's type says"),
                )
                .with_entity(def.name)
                .with_verb(verb)
            })?;
            self.map.promise(*object, shape);
        }
        Ok(())
    }
}
