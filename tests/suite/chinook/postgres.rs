//! Chinook on PostgreSQL: the script, run in a schema of its own, whose names are in snake_case.

use chrono::NaiveDateTime;
use orm_core::prelude::*;
use rust_decimal::Decimal;

use super::data::{Chinook, run_on_postgres as run};

entities! {
    rename_all: "snake_case",
    artist: "artist",
    album: "album",
    track: "track",
    genre: "genre",
    media_type: "media_type",
    playlist: "playlist",
    playlist_track: "playlist_track"("playlist_id", "track_id"),
    customer: "customer",
    employee: "employee",
    invoice: "invoice",
    invoice_line: "invoice_line",
}

#[path = "editing.rs"]
mod editing;
#[path = "importing.rs"]
mod importing;
#[path = "music.rs"]
mod music;
#[path = "searching.rs"]
mod searching;
#[path = "shop.rs"]
mod shop;
#[path = "staff.rs"]
mod staff;
