//! The vocabulary: objects, their identity, and a snapshot that knows what it has not seen.

mod coverage;
mod id;
mod object;
mod request;
mod snapshot;

pub use coverage::{Coverage, Covered, Reading};
pub use id::{GroupKind, ObjectId};
pub use object::{Manager, Object, Owner};
pub use request::{Depth, Request, What};
pub use snapshot::{
    AccessReview, Elsewhere, Listing, Lookup, PodLog, Question, Snapshot, SourceInfo, SourceType,
};
