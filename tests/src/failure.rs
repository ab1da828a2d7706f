//! What a test ends with: any error, and the line of the `?` that met it.

use std::{fmt, panic::Location};

use orm_core::error::{Error, ErrorKind};

/// What a test gives back.
pub type Outcome<T = ()> = Result<T, Failure>;

/// An error that no test expected, with where it came up.
pub struct Failure {
    message: String,
    place: &'static Location<'static>,
}

impl<E: std::error::Error> From<E> for Failure {
    #[track_caller]
    fn from(error: E) -> Self {
        let mut message = format!("{error:?}\n  {error}");
        let mut source = error.source();
        while let Some(cause) = source {
            message.push_str(&format!("\n  because {cause}"));
            source = cause.source();
        }
        Self { message, place: Location::caller() }
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at {}: {}", self.place, self.message)
    }
}

/// The error of what must be refused, of this kind.
///
/// # Panics
/// When it was not refused, or with an error of another kind.
#[track_caller]
pub fn refused<T>(result: Result<T, Error>, kind: ErrorKind) -> Error {
    match result {
        Ok(_) => panic!("expected {kind:?}, but nothing was refused"),
        Err(error) if error.kind() == kind => error,
        Err(error) => panic!("expected {kind:?}, not {error:?}"),
    }
}
