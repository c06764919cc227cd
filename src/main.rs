//! kubectl-arc: why an Actions Runner Controller resource is blocked, and the gentlest way out.

mod error;
mod source;

fn main() {}
