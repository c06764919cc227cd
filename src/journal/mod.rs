//! The journal: what was written to a cluster, noted down before it was sent, and what can be put back from it.
//!
//! One file for a run, one JSON document on a line (`docs/journal.md`): who ran where, and for each write what was to be
//! sent with the object as it was, and then what the server answered. The first of the two is on the disk before
//! anything is sent, so that a program that dies leaves the truth behind.

pub mod document;
mod entry;
mod file;
mod inverse;
mod read;
#[cfg(test)]
mod tests;
mod undo;

pub use entry::{Answer, Intent, Named, Outcome, Run, Sent, Step};
pub use file::{Journal, Place};
pub use read::{in_folder, is_of, read};
pub use undo::{Back, Undo, undo};

/// What the lines of a journal say they are.
const API_VERSION: &str = "kubectl-arc/v1alpha1";
