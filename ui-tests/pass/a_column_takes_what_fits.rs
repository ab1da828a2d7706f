//! A `&str` for text, a value for an `Option`, `None` for NULL.

use orm_core::prelude::*;
use orm_ui_tests::entities::Profile;

fn queries(name: &String) -> Select<Profile> {
    let known = Profile::CITY.eq("Paris") | Profile::CITY.eq(None) | Profile::CITY.eq(Some("Rome".to_owned()));
    Profile::select().filter(known & Profile::ID.in_([1, 2]) & Profile::CITY.like("P%")).filter(Profile::CITY.ne(name))
}

fn write(profile: Persistent<'_, Profile>) {
    profile.set_city("Paris");
    profile.set_city(None);
}

fn main() {
    let _ = (queries, write);
}
