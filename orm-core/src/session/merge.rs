//! `merge` and `merge_all`: values that belong to no session are brought over its objects.

use std::{
    collections::HashSet,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{Session, operation::Operation};
use crate::{
    entity::Entity,
    error::Result,
    handle::{Mergeable, Persistent, Sources, Src},
    identity::{Extent, IdentityMap, Origin, Related, Scope},
    load::{Load, Shape},
    loading::Fetch,
    query::{NodeScope, Plan, PlanNode, Strategy},
    schema::{EntityDef, RelationKind},
    state::Status,
    value::{ComparableKey, Value},
};

type BoxFuture<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// A value on its way into a session: await it.
#[must_use = "nothing is merged until it is awaited"]
pub struct Merge<'s, E: Entity, L>(BoxFuture<'s, Result<Persistent<'s, E, L>>>);

/// Values on their way into a session: await it.
#[must_use = "nothing is merged until it is awaited"]
pub struct MergeAll<'s, E: Entity, L>(BoxFuture<'s, Result<Vec<Persistent<'s, E, L>>>>);

impl<'s, E: Entity, L> Future for Merge<'s, E, L> {
    type Output = Result<Persistent<'s, E, L>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<'s, E: Entity, L> Future for MergeAll<'s, E, L> {
    type Output = Result<Vec<Persistent<'s, E, L>>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<E: Entity, L> std::fmt::Debug for Merge<'_, E, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Merge<{}>", E::DEF.name)
    }
}

impl<E: Entity, L> std::fmt::Debug for MergeAll<'_, E, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MergeAll<{}>", E::DEF.name)
    }
}

impl Session {
    /// Brings a value that belongs to no session over the object with its key, and gives that object: SQLAlchemy's `merge`. The value
    /// stays as it is; the handle is the only managed one.
    ///
    /// Takes a [`Detached`](crate::handle::Detached) value, of which only what was changed since it was detached is written; a builder, of
    /// which only what is set is written; [`Changes`](crate::entity::Changes) with a key. A row that is not there is inserted with that
    /// key (for changes, that is [`ErrorKind::NotFound`](crate::error::ErrorKind::NotFound)), a builder without a key is inserted as it
    /// is.
    ///
    /// Goes along relationships, as SQLAlchemy's default cascade does. One that the value does not hold stays as it is. A collection that a
    /// *builder* gives becomes exactly that: members that are missing leave it, and are deleted only with
    /// `cascade = ".., delete-orphan"`. A collection that a *detached value* holds is written as a column is, only where it was changed
    /// (`add_to_posts(..)?`, `remove_from_posts(..)?`): what was taken out leaves, what was added comes, what others did to the list stays.
    /// A member of which nothing was set is not written, whatever became of its row.
    ///
    /// **Whose word it takes**: the program's. A client's is a [`Patch`](crate::entity::Patch), and becomes changes once the program has named
    /// what may be set; a value out of a cache is [`Cached`](crate::handle::Cached), and the program vouches for it.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// # #[derive(Entity)] #[orm(table = "users")]
    /// # pub struct User { #[orm(primary_key)] id: i64, name: String, #[orm(foreign_key = author_id)] posts: HasMany<Post> }
    /// # #[derive(Entity)] #[orm(table = "posts")]
    /// # pub struct Post {
    /// #     #[orm(primary_key)] id: i64, title: String, author_id: Option<i64>,
    /// #     #[orm(foreign_key = author_id, back_populates = posts)] author: BelongsTo<User>,
    /// # }
    /// async fn save(session: &mut Session, mut user: Detached<User, loaded!(User { posts })>) -> Result<(), Error> {
    ///     user.set_name("Ada");                            // offline, perhaps in another task
    ///     user.remove_from_posts(7)?;
    ///     user.add_to_posts(Post::builder().title("Notes"))?;
    ///     session.merge(user).await?;                      // one SELECT for each level, one INSERT for what is new
    ///     session.commit().await                           // one UPDATE of one column of each
    /// }
    /// ```
    ///
    /// Where objects are marked for deletion it flushes first: what is deleted is a row that is not there, and is inserted anew.
    /// [`undelete`](Self::undelete) an object before, to write over it.
    ///
    /// One SELECT where the session does not hold the object, or holds it expired; one for each entity and level of a graph, and one for
    /// each collection that the session has not loaded. What changes is written by the next flush, as what setters write. Where something
    /// is new it is flushed at once, as [`insert`](Self::insert) does, because a handle has a row. Everything is read and checked first,
    /// and then shows in one step.
    ///
    /// The future's errors, none of which changes anything: [`ErrorKind::MissingKey`](crate::error::ErrorKind::MissingKey) names a part of
    /// a composite key that is not set; [`ErrorKind::IdentityConflict`](crate::error::ErrorKind::IdentityConflict), two copies of one key
    /// that were set differently; [`ErrorKind::StaleData`](crate::error::ErrorKind::StaleData), the row is at another version than the value;
    /// [`ErrorKind::BreaksPromise`](crate::error::ErrorKind::BreaksPromise); those of [`flush`](Self::flush).
    pub fn merge<E: Entity, L: Load<E>>(&self, value: impl Mergeable<E, L>) -> Merge<'_, E, L> {
        let mut sources = Sources::default();
        let root = value.gather_into(&mut sources);
        Merge(Box::pin(async move {
            let merged = self.merge_sources(E::DEF, sources, vec![root], L::shape(), "merge").await?;
            match merged.into_iter().next() {
                Some((slot, scope)) => Ok(Persistent::new(Src::new(&self.map, slot, self.keep(scope)))),
                None => unreachable!("one object for one value"),
            }
        }))
    }

    /// Brings values over the objects with their keys, as [`merge`](Self::merge) does one; gives the objects in the same order.
    ///
    /// One SELECT for all of them, and one for each relationship, however many they are.
    ///
    /// The future's errors are those of `merge`; one of them leaves all objects as they were.
    pub fn merge_all<E: Entity, L: Load<E>>(
        &self,
        values: impl IntoIterator<Item = impl Mergeable<E, L>>,
    ) -> MergeAll<'_, E, L> {
        let mut sources = Sources::default();
        let roots: Vec<usize> = values.into_iter().map(|value| value.gather_into(&mut sources)).collect();
        MergeAll(Box::pin(async move {
            let merged = self.merge_sources(E::DEF, sources, roots, L::shape(), "merge_all").await?;
            let handle = |(slot, scope)| Persistent::new(Src::new(&self.map, slot, self.keep(scope)));
            Ok(merged.into_iter().map(handle).collect())
        }))
    }

    async fn merge_sources(
        &self,
        def: &'static EntityDef,
        mut sources: Sources,
        roots: Vec<usize>,
        shape: Shape,
        verb: &'static str,
    ) -> Result<Vec<(u32, Scope)>> {
        self.check_writable(verb).map_err(|error| error.with_entity(def.name))?;
        let mut operation = self.operation(verb).await?;
        let shape = Arc::new(shape);
        let merged = async {
            sources.settle(&self.map)?;
            operation.flush_deletions().await?;
            Reading { session: self, operation: &mut operation, sources: &mut sources, autoflushed: Autoflushed::No }
                .read(def, &roots, &shape)
                .await?;
            self.map.publish_merge(&sources)
        };
        let merged = merged.await.map_err(|error| error.of_verb(verb))?;
        if !merged.added.is_empty() {
            operation.flush().await?;
        }
        let slots: Vec<u32> =
            roots.iter().filter_map(|root| merged.objects[sources.same[*root]]).map(|object| object.slot).collect();
        let plan = Plan::of_type(def, &shape);
        if !self.satisfied(def, &slots, &plan) {
            operation.loader().await?.fill(def, &slots, &plan).await.map_err(|error| error.of_verb(verb))?;
        }
        let objects: Vec<_> = slots.iter().map(|slot| IdentityMap::object(def, *slot)).collect();
        self.promise_inserted(def, &objects, &shape, verb)?;
        {
            let _work = self.map.work();
            for root in &roots {
                sources
                    .promise_parts(&self.map, *root, &shape, &merged.objects)
                    .map_err(|error| error.with_verb(verb))?;
            }
        }
        // The filtered lists of a value belong to the handle that comes of it.
        let scope = |root: &usize| sources.scope(std::slice::from_ref(root), &shape, &merged.objects);
        Ok(slots.into_iter().zip(roots.iter().map(scope)).collect())
    }
}

/// Whether what is pending was written before something is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Autoflushed {
    No,
    Yes,
}

/// Reads what a merge needs before it can be published, level by level.
struct Reading<'r, 's> {
    session: &'s Session,
    operation: &'r mut Operation<'s>,
    sources: &'r mut Sources,
    autoflushed: Autoflushed,
}

impl Reading<'_, '_> {
    async fn read(&mut self, def: &'static EntityDef, roots: &[usize], shape: &Arc<Shape>) -> Result<()> {
        let mut levels = vec![(def, roots.to_vec(), Arc::clone(shape))];
        while let Some((def, nodes, shape)) = levels.pop() {
            self.rows(def, &nodes, &shape).await?;
            self.beside(def, &nodes, &shape).await?;
            for relation in (0..def.relations.len()).rev() {
                let of_node = |node: &usize| self.sources.nodes[*node].relations.iter();
                let related = nodes.iter().flat_map(of_node).filter(|related| related.relation == relation);
                let members: Vec<usize> = related.flat_map(Related::nodes).collect();
                if !members.is_empty() {
                    let below = shape.below(relation).cloned().unwrap_or_default();
                    levels.push(((def.relations[relation].target)(), members, below));
                }
            }
        }
        Ok(())
    }

    /// The rows of objects that the session does not hold, or must read again: one statement.
    async fn rows(&mut self, def: &'static EntityDef, nodes: &[usize], shape: &Shape) -> Result<()> {
        let mut keys = self.lacking(def, nodes);
        if keys.is_empty() {
            return Ok(());
        }
        if self.autoflushed == Autoflushed::No {
            self.autoflushed = Autoflushed::Yes;
            self.operation.autoflush().await?;
            keys = self.lacking(def, nodes);
        }
        let plan = Plan { nodes: Vec::new(), columns: shape.columns.clone() };
        match &keys[..] {
            [] => return Ok(()),
            [key] => {
                let fetch = Fetch::all(def, &plan);
                let found = self.operation.loader().await?.fetch_key(&fetch, key).await?;
                if let Some((slot, _)) = found {
                    self.spell(def, key, slot)?;
                }
            }
            keys => {
                let found =
                    self.operation.loader().await?.fetch_many(def, def.primary_key, &keys.concat(), &plan).await?;
                for key in keys {
                    if let Some(slot) = ComparableKey::of(key).and_then(|key| found.get(&key).copied()) {
                        self.spell(def, key, slot)?;
                    }
                }
            }
        }
        // What must be read again and is not there: someone deleted the row, and nothing here shows it.
        for key in &keys {
            self.session.map.let_go_of_gone(def, key)?;
        }
        Ok(())
    }

    /// The row with this key may spell it otherwise.
    fn spell(&mut self, def: &'static EntityDef, key: &[Value], slot: u32) -> Result<()> {
        match self.session.map.store_of(def).key(slot) {
            Some(spelled) => self.sources.spell(def, key, &spelled),
            None => Ok(()),
        }
    }

    /// The keys of objects to be read.
    fn lacking(&self, def: &'static EntityDef, nodes: &[usize]) -> Vec<Vec<Value>> {
        let store = self.session.map.store_of(def);
        let held =
            |key: &[Value]| store.find(key).ok().flatten().is_some_and(|slot| store.status(slot) == Status::Persistent);
        let mut seen = HashSet::new();
        let nodes = nodes.iter().map(|node| self.sources.same[*node]).filter(|node| seen.insert(*node));
        nodes.filter_map(|node| self.sources.nodes[node].key.clone()).filter(|key| !held(key)).collect()
    }

    /// What is known beside the rows: collections that are to become something else, and what the type says of to-ones that stay.
    async fn beside(&mut self, def: &'static EntityDef, nodes: &[usize], shape: &Shape) -> Result<()> {
        let store = self.session.map.store_of(def);
        let slot = |node: &usize| {
            let key = self.sources.node(*node).key.as_ref()?;
            store.find(key).ok().flatten().filter(|slot| store.status(*slot) == Status::Persistent)
        };
        let mut plans = Vec::new();
        let held: Vec<u32> = nodes.iter().filter_map(slot).collect();
        if !shape.columns.is_empty() {
            plans.push((held, Plan { nodes: Vec::new(), columns: shape.columns.clone() }));
        }
        for (relation, declared) in def.relations.iter().enumerate() {
            let is_to_one = declared.kind == RelationKind::BelongsTo;
            let holds = |node: &&usize| {
                let related = self.sources.nodes[**node].relations.iter().find(|related| related.relation == relation);
                let stays = !is_to_one || self.sources.node(**node).origin == Origin::Detached;
                stays && related.is_some_and(|related| related.extent != Extent::Part || related.is_changed())
            };
            let owners: Vec<u32> = nodes.iter().filter(holds).filter_map(slot).collect();
            let nested = shape.below(relation).filter(|_| is_to_one);
            let plan = nested.map_or_else(Plan::default, |nested| Plan::of_type((declared.target)(), nested));
            let node = PlanNode { relation, strategy: Strategy::SelectIn, scope: NodeScope::Whole, plan };
            plans.push((owners, Plan { nodes: vec![node], columns: Vec::new() }));
        }
        for (owners, plan) in plans {
            if owners.is_empty() || self.session.satisfied(def, &owners, &plan) {
                continue;
            }
            if self.autoflushed == Autoflushed::No {
                self.autoflushed = Autoflushed::Yes;
                self.operation.autoflush().await?;
            }
            self.operation.loader().await?.fill(def, &owners, &plan).await?;
        }
        Ok(())
    }
}
