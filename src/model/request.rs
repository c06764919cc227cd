//! What somebody wants to look at: the words between the rules, who want it, and the readers, who fetch it.

use super::{GroupKind, Question};

/// How much of each object is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// `metadata` alone (a PartialObjectMetadata).
    Metadata,
    Full,
}

/// What kind of thing is asked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Objects of a kind that `arc::KINDS` knows.
    Kind(GroupKind),
    /// Objects of a resource known by its plural and group only, as a Namespace's conditions name them.
    Resource { plural: String, group: String },
    /// An answer of the API server's authorizer.
    Review(Question),
}

/// One look at the cluster: a list, or a get if `name` is given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    pub what: What,
    /// None: cluster-scoped, or all namespaces.
    pub namespace: Option<String>,
    pub name: Option<String>,
    /// Of labels; of Events, which have none, of fields (`type=Warning`).
    pub selector: Option<String>,
    pub depth: Depth,
}
