//! Chinook on MySQL: the script, run in a database of its own, whose names are in PascalCase.

use chrono::NaiveDateTime;
use orm_core::prelude::*;
use rust_decimal::Decimal;

use super::data::{Chinook, run_on_mysql as run};

entities! {
    rename_all: "PascalCase",
    artist: "Artist",
    album: "Album",
    track: "Track",
    genre: "Genre",
    media_type: "MediaType",
    playlist: "Playlist",
    playlist_track: "PlaylistTrack"("PlaylistId", "TrackId"),
    customer: "Customer",
    employee: "Employee",
    invoice: "Invoice",
    invoice_line: "InvoiceLine",
}

#[expect(clippy::duplicate_mod, reason = "the same tests, of the other set of entities")]
#[path = "editing.rs"]
mod editing;
#[expect(clippy::duplicate_mod, reason = "the same tests, of the other set of entities")]
#[path = "importing.rs"]
mod importing;
#[expect(clippy::duplicate_mod, reason = "the same tests, of the other set of entities")]
#[path = "music.rs"]
mod music;
#[expect(clippy::duplicate_mod, reason = "the same tests, of the other set of entities")]
#[path = "searching.rs"]
mod searching;
#[expect(clippy::duplicate_mod, reason = "the same tests, of the other set of entities")]
#[path = "shop.rs"]
mod shop;
#[expect(clippy::duplicate_mod, reason = "the same tests, of the other set of entities")]
#[path = "staff.rs"]
mod staff;
