//! The readers of the outside world.

// Until the commands use it.
#[allow(dead_code, unused_imports)]
pub mod client;
