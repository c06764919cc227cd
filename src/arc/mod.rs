//! What ARC calls things, in tables: the only place where its strings may stand (invariant 7).

mod kinds;

pub use kinds::*;
