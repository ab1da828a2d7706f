//! Tasks: what is Send, sessions in a web server, operations that are joined or dropped, many tasks at once.

mod axum;
mod broken;
mod cancelled;
mod crowd;
mod joined;
mod limits;
mod lost_answers;
mod lost_commit;
mod own_turn;
mod send;
