//! Work of a session on its way, as a type with a name.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use crate::error::Result;

/// What a session was asked for, on its way: await it.
///
/// A type with a name where an `async fn` would do: what is wrong with an argument is then said at the argument, and not again
/// of the future.
#[must_use = "nothing happens until it is awaited"]
pub struct Running<'s, T>(Pin<Box<dyn Future<Output = Result<T>> + Send + 's>>);

impl<'s, T> Running<'s, T> {
    pub(super) fn new(work: impl Future<Output = Result<T>> + Send + 's) -> Self {
        Self(Box::pin(work))
    }
}

impl<T> Future for Running<'_, T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<T> std::fmt::Debug for Running<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Running")
    }
}
