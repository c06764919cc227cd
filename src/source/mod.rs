//! The readers of the outside world: files and clusters in, a Snapshot out.

pub mod client;
pub mod cluster;
pub mod decode;
pub mod file;
pub mod installed;
pub mod redact;
pub mod state;
pub mod yaml;
