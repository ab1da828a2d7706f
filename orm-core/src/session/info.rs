//! What a program keeps with its sessions: the tenant, the user who asks, a clock. Found by its type.

use std::{any::Any, sync::Arc};

use elsa::sync::FrozenVec;

use super::{Session, SessionFactory};

type Value = dyn Any + Send + Sync;

/// What all sessions of a factory have.
#[derive(Clone, Default)]
pub(super) struct FactoryInfo(Vec<Arc<Value>>);

/// What one session was given; nothing is taken out while somebody may hold it.
#[derive(Default)]
pub(super) struct SessionInfo(FrozenVec<Box<Value>>);

/// What a session can keep: whatever may go to another thread with it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the info of a session",
    label = "not `Send`, `Sync` and `'static`",
    note = "a session goes from thread to thread, and its info with it: use `Arc` for `Rc`, `Mutex` for `RefCell`, a `String` for a `&str`"
)]
pub trait Info: Any + Send + Sync {}

#[diagnostic::do_not_recommend]
impl<T: Any + Send + Sync> Info for T {}

impl SessionFactory {
    /// A value that every session of this factory has: [`Session::info`] finds it by its type. SQLAlchemy's `info`.
    #[must_use]
    pub fn info<T: Info>(mut self, value: T) -> Self {
        self.options.info.0.push(Arc::new(value));
        self
    }
}

impl Session {
    /// The value of this type that the session was given last, or its factory was; listeners read it. No statement.
    ///
    /// ```
    /// # use orm_core::prelude::*;
    /// struct Tenant(i64);
    ///
    /// # fn example(db: &Database) {
    /// let session = db.session_factory().info(Tenant(7)).session();
    /// assert_eq!(session.info::<Tenant>().map(|tenant| tenant.0), Some(7));
    /// # }
    /// ```
    #[must_use]
    pub fn info<T: Info>(&self) -> Option<&T> {
        let own = &self.info.0;
        let own = (0..own.len()).rev().filter_map(|at| own.get(at)).find_map(|value| value.downcast_ref());
        own.or_else(|| self.options.info.0.iter().rev().find_map(|value| value.downcast_ref()))
    }

    /// Gives the session a value, in front of one of the same type. Earlier ones are kept until the session ends: somebody may be
    /// reading them. No statement.
    pub fn set_info<T: Info>(&self, value: T) {
        self.info.0.push(Box::new(value));
    }
}
