//! kubectl-arc: why an Actions Runner Controller resource is blocked, and the gentlest way out.

mod arc;
mod diagnose;
mod error;
mod graph;
mod model;
mod source;

fn main() {}
