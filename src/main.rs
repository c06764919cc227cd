//! kubectl-arc: why an Actions Runner Controller resource is blocked, and the gentlest way out.

mod error;
#[allow(dead_code, unused_imports)]
mod source;

fn main() {}
