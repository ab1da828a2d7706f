//! Members are of the target's type.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Tag, User};

fn publish(user: Persistent<'_, User>, tag: Persistent<'_, Tag>) -> Result<(), Error> {
    user.remove_from_posts(&tag)
}

fn main() {}
