//! Watches whether the future that runs a statement is still polled, so that who waits for it can be told when it is not.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Wake, Waker},
};

use futures_util::task::AtomicWaker;

/// The polls of one operation of a session. It is the waker of what the operation awaits, and passes each wake on.
#[derive(Debug, Default)]
pub(crate) struct Polled {
    /// Wakes the future that awaits the statement.
    waker: AtomicWaker,
    /// Woken, and not polled since.
    woken: AtomicBool,
    polls: AtomicUsize,
    /// The thread that polls right now, as an address of its own; 0 while nobody does.
    thread: AtomicUsize,
}

/// How often an operation was polled, taken down while it was woken and not polled yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unpolled(usize);

impl Polled {
    /// Another operation begins: what was woken before is no sign about it.
    pub(crate) fn restart(&self) {
        self.woken.store(false, Ordering::Release);
        self.polls.fetch_add(1, Ordering::AcqRel);
    }

    /// That the operation was woken and not polled since, if so. Two equal answers mean that it was not polled in between.
    pub(crate) fn unpolled(&self) -> Option<Unpolled> {
        let polls = self.polls.load(Ordering::Acquire);
        self.woken.load(Ordering::Acquire).then_some(Unpolled(polls))
    }

    /// Whether this thread is inside a poll of the operation, further up its stack.
    pub(crate) fn is_around(&self) -> bool {
        self.thread.load(Ordering::Acquire) == this_thread()
    }

    /// Marks this thread as running the operation, until the mark is dropped.
    pub(crate) fn enter(&self) -> Entered<'_> {
        Entered { polled: self, before: self.thread.swap(this_thread(), Ordering::AcqRel) }
    }

    /// Awaits `work`, noting each wake and each poll.
    pub(crate) async fn watch<T>(self: &Arc<Self>, mut work: Pin<&mut (impl Future<Output = T> + ?Sized)>) -> T {
        let waker = Waker::from(Arc::clone(self));
        poll_fn(move |context| {
            // Before the poll: a wake that comes during it must find whom to wake.
            self.waker.register(context.waker());
            self.restart();
            let _entered = self.enter();
            work.as_mut().poll(&mut std::task::Context::from_waker(&waker))
        })
        .await
    }
}

impl Wake for Polled {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.waker.wake();
    }
}

/// This thread runs the operation.
#[must_use = "the mark ends with it"]
pub(crate) struct Entered<'p> {
    polled: &'p Polled,
    before: usize,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.polled.thread.store(self.before, Ordering::Release);
    }
}

/// Awaits `work`, watched if the connection belongs to a session.
pub(super) async fn watched<T>(polled: Option<&Arc<Polled>>, work: Pin<&mut impl Future<Output = T>>) -> T {
    match polled {
        Some(polled) => polled.watch(work).await,
        None => work.await,
    }
}

/// A number that no other living thread has.
fn this_thread() -> usize {
    thread_local!(static HERE: u8 = const { 0 });
    HERE.with(|here| std::ptr::from_ref(here).addr())
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_wake_without_a_poll_is_seen() {
        let polled = Arc::new(Polled::default());
        let (sender, receiver) = tokio::sync::oneshot::channel::<u8>();
        {
            let mut receiver = std::pin::pin!(receiver);
            let mut work = Box::pin(polled.watch(receiver.as_mut()));
            assert!(work.as_mut().now_or_never().is_none());
            assert_eq!(polled.unpolled(), None, "nothing has woken it");
            sender.send(7).expect("it waits");
            assert!(polled.unpolled().is_some());
            assert_eq!(polled.unpolled(), polled.unpolled());
            assert_eq!(work.now_or_never(), Some(Ok(7)));
        }
        assert_eq!(polled.unpolled(), None);
    }

    #[test]
    fn a_poll_further_up_the_stack_is_seen() {
        let polled = Arc::new(Polled::default());
        assert!(!polled.is_around());
        let inside = std::pin::pin!(async { polled.is_around() });
        assert_eq!(polled.watch(inside).now_or_never(), Some(true));
        assert!(!polled.is_around());
        let _entered = polled.enter();
        std::thread::scope(|scope| {
            scope.spawn(|| assert!(!polled.is_around()));
        });
        assert!(polled.is_around());
    }
}
