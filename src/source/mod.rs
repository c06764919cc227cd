//! The readers of the outside world.

pub mod client;
