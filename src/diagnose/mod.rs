//! From a snapshot to the root blocker. Pure: no I/O, no clock, no async; cannot fail.

mod report;

pub use report::*;
