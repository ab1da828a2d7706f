//! Members are of the target's type.

use orm_core::prelude::*;
use orm_ui_tests::entities::{Tag, User};

fn publish(user: Persistent<'_, User>, tags: &[Persistent<'_, Tag>]) -> Result<(), Error> {
    user.extend_posts(tags)
}

fn main() {}
