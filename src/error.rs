//! What the tool says when it could not do its work: one type, one place that picks the exit code.

use std::fmt;

/// What sort of failure it is. Decides the heading, never the exit code: every failure of the tool exits 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The words on the command line do not go together.
    Usage,
    /// A kubeconfig, snapshot file or setting cannot be used as it is.
    Config,
    /// The cluster could not be reached, or refuses to talk to this user.
    Access,
    /// Something that cannot happen happened.
    Internal,
}

/// A failure of the tool itself: what, why, and what to do next.
///
/// Messages are lower case without a final stop and name the object they speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    pub message: String,
    /// The chain of causes, outermost first, none repeating what stands before it.
    pub causes: Vec<String>,
    /// What the user can do, as a sentence.
    pub hint: Option<String>,
}

impl Error {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), causes: Vec::new(), hint: None }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    pub fn access(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Access, message)
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// Adds the next cause in the chain.
    #[must_use]
    pub fn because(mut self, cause: impl fmt::Display) -> Self {
        let cause = cause.to_string();
        let known = self.message.contains(&cause) || self.causes.iter().any(|c| c.contains(&cause));
        if !cause.is_empty() && !known {
            self.causes.push(cause);
        }
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        for cause in &self.causes {
            write!(f, ": {cause}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

/// The exit codes of every command, the same for every output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Nothing is blocked.
    Clear = 0,
    /// Something is blocked.
    Blocked = 1,
    /// Wrong usage, or the tool could not do its work.
    Failed = 2,
    /// Something needed could not be read, and it could change the answer.
    Unknown = 3,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
