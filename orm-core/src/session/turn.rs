//! The turn of a session: which operation may use its connection, and who waits for that.
//!
//! Who waits is served in order, but never waits for one that is not polled: a future that was woken for its turn and does not come is
//! passed over, and of one that does not go on in the middle of its turn those who wait are told ([`wait`](super::wait)).

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::Waker,
    time::{Duration, Instant},
};

use crate::database::{Entered, Polled};

/// How many newcomers may go before one that was woken for its turn and was not polled yet.
const MOST_PASSED: u32 = 8;

/// After this long without a poll, one that was woken for its turn is passed over.
pub(super) const GRACE: Duration = Duration::from_millis(20);

/// The turns of one session.
#[derive(Debug, Default)]
pub(super) struct Turns {
    queue: Mutex<Queue>,
    pub(super) polled: Arc<Polled>,
}

#[derive(Debug, Default)]
struct Queue {
    holder: Option<Holder>,
    waiting: VecDeque<Waiting>,
    next: u64,
}

/// The operation whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) verb: &'static str,
    /// Tells it from the ones before and after.
    id: u64,
    /// Code of the program runs in the middle of it.
    pub(super) lends: Lends,
}

/// Whether an operation runs code of the program while it has its turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lends {
    #[default]
    Nothing,
    /// To the closure of `with_connection`, or to a listener.
    ToTheProgram,
}

#[derive(Debug)]
struct Waiting {
    id: u64,
    waker: Waker,
    /// When it was woken for its turn; none since it was last polled.
    woken: Option<Instant>,
    /// How many went before it meanwhile.
    passed: u32,
}

impl Waiting {
    /// It does not come for its turn.
    fn is_absent(&self) -> bool {
        self.woken.is_some_and(|woken| woken.elapsed() >= GRACE)
    }
}

/// What one who waits finds.
pub(super) enum Found<'t> {
    Turn(Turn<'t>),
    /// Another one has the turn.
    Taken(Holder),
    /// Nobody has the turn, and it goes to one in front who has not come yet.
    Promised,
}

impl Turns {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The turn, if it is free now.
    pub(super) fn begin(&self, verb: &'static str) -> Option<Turn<'_>> {
        let mut queue = self.queue();
        if queue.holder.is_some() {
            return None;
        }
        if let Some(first) = queue.waiting.front_mut()
            && !first.is_absent()
        {
            if first.passed == MOST_PASSED {
                return None;
            }
            first.passed += 1;
        }
        Some(self.take(&mut queue, verb))
    }

    fn take(&self, queue: &mut Queue, verb: &'static str) -> Turn<'_> {
        queue.next += 1;
        queue.holder = Some(Holder { verb, id: queue.next, lends: Lends::Nothing });
        self.polled.restart();
        Turn { turns: self }
    }

    /// A place at the end of those who wait.
    pub(super) fn line_up(&self, verb: &'static str) -> Place<'_> {
        let mut queue = self.queue();
        queue.next += 1;
        let id = queue.next;
        queue.waiting.push_back(Waiting { id, waker: Waker::noop().clone(), woken: None, passed: 0 });
        Place { turns: self, verb, id }
    }

    /// Forgets an operation that was leaked with its turn: nobody else can have one while the session is borrowed exclusively.
    pub(super) fn reset(&mut self) {
        let queue = self.queue.get_mut().unwrap_or_else(PoisonError::into_inner);
        queue.holder = None;
        queue.waiting.clear();
    }

    /// Whether an operation has the turn.
    pub(super) fn is_taken(&self) -> bool {
        self.queue().holder.is_some()
    }

    /// Marks that code of the program runs with the turn, until the mark is dropped.
    pub(super) fn lend(&self) -> Lent<'_> {
        self.set_lends(Lends::ToTheProgram);
        Lent { turns: self }
    }

    /// Runs code of the program that holds up the operation.
    pub(super) fn call<R>(&self, code: impl FnOnce() -> R) -> R {
        let _lent = self.lend();
        let _entered: Entered<'_> = self.polled.enter();
        code()
    }

    fn set_lends(&self, lends: Lends) {
        if let Some(holder) = &mut self.queue().holder {
            holder.lends = lends;
        }
    }
}

impl Queue {
    /// The wakers of the first who waits, and of those behind it as long as nobody of them came when they were woken before.
    fn woken_next(&mut self) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for waiting in &mut self.waiting {
            wakers.push(waiting.waker.clone());
            if waiting.woken.is_none() {
                waiting.woken = Some(Instant::now());
                break;
            }
        }
        wakers
    }
}

/// The turn of one operation, until it is dropped.
#[derive(Debug)]
#[must_use = "dropped, it is the next one's turn"]
pub(super) struct Turn<'t> {
    turns: &'t Turns,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut queue = self.turns.queue();
        queue.holder = None;
        if queue.waiting.is_empty() {
            return;
        }
        let wakers = queue.woken_next();
        drop(queue);
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// The place of one who waits, given up when it is dropped.
pub(super) struct Place<'t> {
    turns: &'t Turns,
    verb: &'static str,
    id: u64,
}

impl<'t> Place<'t> {
    /// Takes the turn if it is this one's; else `waker` is woken when it may be.
    pub(super) fn poll(&mut self, waker: &Waker) -> Found<'t> {
        let mut queue = self.turns.queue();
        let at = queue.waiting.iter().position(|waiting| waiting.id == self.id);
        let first = at.is_none_or(|at| queue.waiting.iter().take(at).all(Waiting::is_absent));
        let holder = queue.holder;
        if holder.is_none() && first {
            if let Some(at) = at {
                queue.waiting.remove(at);
            }
            return Found::Turn(self.turns.take(&mut queue, self.verb));
        }
        if let Some(waiting) = at.and_then(|at| queue.waiting.get_mut(at)) {
            waiting.waker.clone_from(waker);
            waiting.woken = None;
        }
        holder.map_or(Found::Promised, Found::Taken)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut queue = self.turns.queue();
        let before = queue.waiting.len();
        queue.waiting.retain(|waiting| waiting.id != self.id);
        // It may have been woken for a turn that it does not take.
        let wakers =
            if queue.holder.is_none() && queue.waiting.len() < before { queue.woken_next() } else { Vec::new() };
        drop(queue);
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// Code of the program runs with the turn.
#[must_use = "the mark ends with it"]
pub(super) struct Lent<'t> {
    turns: &'t Turns,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.turns.set_lends(Lends::Nothing);
    }
}
