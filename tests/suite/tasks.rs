//! Tasks: what is Send, sessions in a web server, operations that are joined or dropped, many tasks at once.

mod axum;
mod broken;
mod cancelled;
mod crowd;
mod joined;
mod lost_answers;
mod send;
