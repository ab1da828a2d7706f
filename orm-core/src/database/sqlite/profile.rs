//! The engine's own account of what it ran: for tests that hold our statement log against it.

use std::sync::OnceLock;

use rusqlite::{
    Connection,
    trace::{TraceEvent, TraceEventCodes},
};

static HOOK: OnceLock<fn(&str)> = OnceLock::new();

/// Calls `hook` with the text of each statement that SQLite has run, on every connection opened from now on. The first hook stays.
pub fn profile_sqlite(hook: fn(&str)) {
    HOOK.get_or_init(|| hook);
}

pub(super) fn watch(connection: &mut Connection) {
    if HOOK.get().is_some() {
        #[allow(unused_must_use, reason = "a result from rusqlite 0.40 on, nothing before")]
        connection.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(report));
    }
}

fn report(event: TraceEvent<'_>) {
    if let (TraceEvent::Profile(statement, _), Some(hook)) = (event, HOOK.get()) {
        hook(&statement.sql());
    }
}
