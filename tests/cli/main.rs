//! The real binary, as a user calls it: files, a served API, wrong words.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test says what is wrong by panicking"
)]

#[path = "../api/mod.rs"]
mod api;
mod bad_input;
#[cfg(unix)]
mod complete;
#[cfg(unix)]
mod completion;
mod contexts;
#[cfg(unix)]
mod names;
#[cfg(unix)]
mod on_terminal;
#[cfg(unix)]
#[path = "../pty/mod.rs"]
mod pty;
mod readme;
mod requests;
mod run;
mod schema;
mod snapshot;
mod unblock;
mod unblock_bad_luck;
mod unblock_killed;
mod unblock_plan;
mod unblock_races;
#[cfg(unix)]
mod unblock_terminal;
mod unblock_undo;
mod unblock_writes;
mod why_file;
mod why_live;
#[cfg(unix)]
mod why_watch;
mod why_working;
