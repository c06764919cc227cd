//! The readers of the outside world: files and clusters in, a Snapshot out.

// Until the commands use it.
#[allow(dead_code, unused_imports)]
pub mod client;
// Until the commands use it.
#[allow(dead_code)]
pub mod cluster;
pub mod decode;
pub mod file;
pub mod redact;
pub mod yaml;
