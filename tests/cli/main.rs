//! The real binary, as a user calls it: files, a served API, wrong words.

#[path = "../api/mod.rs"]
mod api;
mod bad_input;
mod readme;
mod run;
mod schema;
mod why_file;
mod why_live;
