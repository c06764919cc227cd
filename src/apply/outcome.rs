//! How a change ended.

use crate::error::Error;
use serde_json::Value;

/// What the server would do.
#[derive(Clone, Debug, PartialEq)]
pub enum Judged {
    /// It would take the change.
    Would(Change),
    /// There is nothing to do, and why.
    Already(String),
}

/// What was done.
#[derive(Clone, Debug, PartialEq)]
pub enum Done {
    Changed(Change),
    /// There was nothing to do, and why: a run that is repeated is harmless.
    Already(String),
}

/// An object before and after. What may be secret is left out of both; of Secrets there is only `metadata`.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// None: it was not there.
    pub before: Option<Value>,
    pub after: After,
}

/// The object after a change.
#[derive(Clone, Debug, PartialEq)]
pub enum After {
    /// It is there, changed. Whether it is being deleted stands in it.
    There(Value),
    /// It was made.
    Made(Value),
    /// It is gone.
    Gone,
}

impl After {
    /// The object, unless it is gone.
    pub fn object(&self) -> Option<&Value> {
        match self {
            Self::There(object) | Self::Made(object) => Some(object),
            Self::Gone => None,
        }
    }
}

/// Why a change was not made, or is not known to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub kind: RefusalKind,
    /// Names the object, and says what was expected of it.
    pub message: String,
    /// What to do, as a sentence.
    pub hint: Option<String>,
}

/// The sorts of refusals. After all of them but `Undone` and `Unsure` nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The object is another one than was believed, or no longer as it was.
    Moved,
    /// The user may not do this.
    Forbidden,
    /// A webhook says no, cannot be reached, or cannot be asked without doing it.
    Webhook,
    /// A policy, a quota or another admission plugin says no.
    Policy,
    /// The object would not be valid.
    Schema,
    /// The server took the change, and the object came back without it.
    Undone,
    /// The namespace is gone, or is being deleted and takes nothing new.
    NamespaceGone,
    /// The server serves no such kind, or takes no new objects of it.
    NotServed,
    /// The server did not answer, or was too busy.
    Unreachable,
    /// It was sent, the answer was lost, and a look afterwards could not tell.
    Unsure,
    /// The journal could not take it.
    Journal,
    /// It does not say which object it means, or only a person can do it.
    Unidentified,
    /// The server says no for another reason.
    Refused,
}

impl Refusal {
    pub fn new(kind: RefusalKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        let error = Self::access(refusal.message);
        match refusal.hint {
            Some(hint) => error.hint(hint),
            None => error,
        }
    }
}
