//! Running a statement on the calling thread without holding up the other tasks of its runtime.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Wake, Waker},
};

use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs `work` here. On a worker of a multi-thread runtime its other tasks move to another thread meanwhile; everywhere else (a
/// current-thread runtime, a `LocalSet`, the thread of `block_on`, no runtime) there is nothing to move, and it just runs.
#[inline]
pub(super) fn in_place<R>(work: impl FnOnce() -> R) -> R {
    if is_worker() { tokio::task::block_in_place(work) } else { work() }
}

/// Whether this thread is running tasks of a multi-thread runtime, so that `block_in_place` has something to do.
///
/// Tokio says only which runtime is current, and `block_in_place` panics inside a `LocalSet` of a multi-thread runtime. But
/// `yield_now` tells the two apart: on a worker it leaves its waker to the scheduler, elsewhere it wakes it at once.
fn is_worker() -> bool {
    thread_local! {
        static PROBE: (Arc<Probe>, Waker) = {
            let probe = Arc::new(Probe(AtomicBool::new(false)));
            (Arc::clone(&probe), Waker::from(probe))
        };
    }
    // The flavour first: a current-thread runtime has a scheduler too, and `block_in_place` panics there.
    if !Handle::try_current().is_ok_and(|handle| handle.runtime_flavor() == RuntimeFlavor::MultiThread) {
        return false;
    }
    PROBE.with(|(probe, waker)| {
        probe.0.store(false, Ordering::Relaxed);
        let polled = pin!(tokio::task::yield_now()).poll(&mut Context::from_waker(waker));
        polled.is_pending() && !probe.0.load(Ordering::Relaxed)
    })
}

struct Probe(AtomicBool);

impl Wake for Probe {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_is_told_from_everything_else() {
        assert!(!is_worker());
        let multi =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        multi.block_on(async {
            assert!(!is_worker(), "the thread of block_on is no worker");
            let on_worker =
                tokio::spawn(async { (is_worker(), in_place(|| (is_worker(), 7))) }).await.expect("no panic");
            assert_eq!(on_worker, (true, (false, 7)));
            let on_blocking = tokio::task::spawn_blocking(|| (is_worker(), in_place(|| 7))).await.expect("no panic");
            assert_eq!(on_blocking, (false, 7));
            let local = tokio::task::LocalSet::new();
            let inside = local.run_until(async {
                let spawned =
                    tokio::task::spawn_local(async { (is_worker(), in_place(|| 7)) }).await.expect("no panic");
                (is_worker(), in_place(|| 7), spawned)
            });
            assert_eq!(inside.await, (false, 7, (false, 7)));
        });
        let current = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        assert_eq!(current.block_on(async { (is_worker(), in_place(|| 7)) }), (false, 7));
    }
}
