//! What an object is called.

use std::borrow::Cow;
use std::fmt;

/// An API group and a kind in it. The version is left out on purpose: it is a way to write an object, not
/// part of what it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKind {
    /// `""` is the core group.
    pub group: Cow<'static, str>,
    pub kind: Cow<'static, str>,
}

impl GroupKind {
    pub const fn new(group: &'static str, kind: &'static str) -> Self {
        Self { group: Cow::Borrowed(group), kind: Cow::Borrowed(kind) }
    }

    /// A kind whose name is only known at run time.
    pub fn named(group: &str, kind: &str) -> Self {
        Self { group: Cow::Owned(group.to_owned()), kind: Cow::Owned(kind.to_owned()) }
    }

    /// From an `apiVersion` (`v1`, `apps/v1`) and a kind, as objects carry them.
    pub fn of(api_version: &str, kind: &str) -> Self {
        Self::named(api_version.split_once('/').map_or("", |(group, _)| group), kind)
    }
}

impl fmt::Display for GroupKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if !self.group.is_empty() {
            write!(f, ".{}", self.group)?;
        }
        Ok(())
    }
}

/// The name of an object within a cluster. Two objects may have had this name one after the other: the uid
/// tells them apart, see [`super::Object::uid`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    pub kind: GroupKind,
    /// `""` for objects that belong to no namespace.
    pub namespace: String,
    pub name: String,
}

impl ObjectId {
    pub fn new(kind: &GroupKind, namespace: &str, name: &str) -> Self {
        Self { kind: kind.clone(), namespace: namespace.to_owned(), name: name.to_owned() }
    }
}

/// `Secret arc-runners/gh-app`, `Namespace arc-runners`: as a person would say it.
impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            write!(f, "{} {}", self.kind.kind, self.name)
        } else {
            write!(f, "{} {}/{}", self.kind.kind, self.namespace, self.name)
        }
    }
}
