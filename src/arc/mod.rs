//! What ARC and Kubernetes call things, in tables: the only place where ARC's strings may stand (invariant 7).

pub mod finalizers;
mod foreign;
mod kinds;
pub mod limits;
pub mod marks;
pub mod names;
pub mod phrases;
pub mod versions;

pub use foreign::{ForeignRow, foreign};
pub use kinds::*;
