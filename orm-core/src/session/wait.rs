//! Waiting for one's turn on a session: never for an operation that cannot go on before this one does.

use std::{
    future::{Future as _, poll_fn},
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use super::turn::{Found, GRACE, Holder, Lends, Place, Turn, Turns};
use crate::{
    database::{Sleep, Unpolled},
    error::{Error, ErrorKind, Result},
};

/// How often one who waits looks whether the other is polled.
const LOOK: Duration = Duration::from_millis(250);

/// So many looks in a row at which the other was woken and not polled, and it is given up: one second.
const MOST_LOOKS: u32 = 4;

impl Turns {
    /// Waits for the turn. No statement is sent.
    ///
    /// # Errors
    /// [`ErrorKind::SessionBusy`] where the operation that has the turn waits for this one, is not polled, or has lent the connection to
    /// code of the program for longer than `longest_loan`.
    pub(super) async fn turn(&self, verb: &'static str, longest_loan: Duration) -> Result<Turn<'_>> {
        if let Some(turn) = self.begin(verb) {
            return Ok(turn);
        }
        let mut wait = Wait {
            place: self.line_up(verb),
            turns: self,
            verb,
            longest_loan,
            look: None,
            unpolled: None,
            looks: 0,
            lent: None,
        };
        poll_fn(move |context| wait.poll(context)).await
    }
}

/// One who waits, and what it has seen of the other.
struct Wait<'t> {
    place: Place<'t>,
    turns: &'t Turns,
    verb: &'static str,
    longest_loan: Duration,
    /// Until the next look.
    look: Option<Pin<Box<Sleep>>>,
    unpolled: Option<(Holder, Unpolled)>,
    /// How often in a row that was the same.
    looks: u32,
    /// Since when code of the program has the connection.
    lent: Option<(Holder, Instant)>,
}

impl<'t> Wait<'t> {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Turn<'t>>> {
        loop {
            let (holder, pause) = match self.place.poll(context.waker()) {
                Found::Turn(turn) => return Poll::Ready(Ok(turn)),
                Found::Taken(holder) => (Some(holder), LOOK),
                Found::Promised => (None, GRACE),
            };
            if let Some(holder) = holder
                && self.turns.polled.is_around()
            {
                return Poll::Ready(Err(inside(self.verb, holder)));
            }
            let Some(look) = &mut self.look else {
                self.look = Some(Box::pin(Sleep::new(pause)));
                continue;
            };
            if look.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            self.look = None;
            if let Some(holder) = holder {
                self.look_at(holder)?;
            }
        }
    }

    /// Gives up where the holder is not going on.
    fn look_at(&mut self, holder: Holder) -> Result<()> {
        let unpolled = self.turns.polled.unpolled().map(|unpolled| (holder, unpolled));
        self.looks = if unpolled.is_some() && unpolled == self.unpolled { self.looks + 1 } else { 0 };
        self.unpolled = unpolled;
        if self.looks >= MOST_LOOKS {
            return Err(not_polled(self.verb, holder));
        }
        match (holder.lends, self.lent) {
            (Lends::Nothing, _) => self.lent = None,
            (Lends::ToTheProgram, Some((lent, since))) if lent == holder => {
                if since.elapsed() >= self.longest_loan {
                    return Err(lent_for_long(self.verb, holder, self.longest_loan));
                }
            }
            (Lends::ToTheProgram, _) => self.lent = Some((holder, Instant::now())),
        }
        Ok(())
    }
}

#[cold]
fn busy(verb: &'static str, why: String) -> Error {
    Error::new(ErrorKind::SessionBusy, why).with_verb(verb)
}

#[cold]
fn not_polled(verb: &'static str, holder: Holder) -> Error {
    let other = holder.verb;
    busy(
        verb,
        format!(
            "`{other}` of the same session has its turn and can go on, but its future was not polled for a second: it stands still in a \
             stream, a set of futures or a `select!` while `{verb}` is awaited. Await or drop `{other}` before `{verb}` begins; read many \
             keys at once with `session.get_many(keys)` and a relationship of many objects with `session.load_all(&objects, ..)`, or give \
             each future a session of its own"
        ),
    )
}

#[cold]
fn inside(verb: &'static str, holder: Holder) -> Error {
    let other = holder.verb;
    let instead = if other.starts_with("with_") {
        format!("use the connection that was lent, or call `{verb}` before or after `{other}`")
    } else {
        format!("a listener reads what the session holds and adds to it; call `{verb}` after `{other}`")
    };
    busy(
        verb,
        format!(
            "it was called from within `{other}` of the same session, which has the connection until it ends: {instead}"
        ),
    )
}

#[cold]
fn lent_for_long(verb: &'static str, holder: Holder, longest: Duration) -> Error {
    let other = holder.verb;
    busy(
        verb,
        format!(
            "`{other}` of the same session has lent the connection to code of the program for more than {longest:?} (`acquire_timeout`): \
             if that code waits for `{verb}`, let it use the connection that was lent, or call `{verb}` before or after `{other}`"
        ),
    )
}
