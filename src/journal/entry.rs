//! The lines of a journal.

use crate::model::GroupKind;
use crate::model::ObjectId;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

/// A line.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(tag = "kind")]
pub enum Line {
    #[serde(rename = "Journal")]
    Run(Run),
    Intent(Intent),
    Answer(Answer),
}

/// The first line of each run: who wrote, and where to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    pub api_version: String,
    /// The version of this program.
    pub tool: String,
    pub time: String,
    pub context: String,
    /// The server's address, without credentials.
    pub server: String,
    pub server_version: String,
    pub user_agent: String,
}

/// What is about to be sent.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Intent {
    /// Counts the writes of the file. The answer has the same number.
    pub write: u64,
    pub time: String,
    pub step: Step,
    pub object: Named,
    pub request: Sent,
    /// The object as it was. None: it was not there.
    pub before: Option<Value>,
    /// Where the object held what is not in `before`, because it may be secret: JSON pointers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// What a write belongs to, in the words of the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Step {
    pub number: usize,
    pub class: String,
    pub remedy: String,
}

/// The object that is written to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Named {
    pub api_version: String,
    pub kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    pub name: String,
    /// `""` for an object that is to be made.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uid: String,
}

impl Named {
    pub fn id(&self) -> ObjectId {
        ObjectId::new(&GroupKind::of(&self.api_version, &self.kind), &self.namespace, &self.name)
    }
}

/// A request, as it is sent.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sent {
    pub method: String,
    /// With its query.
    pub path: String,
    pub content_type: String,
    pub body: Value,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    pub write: u64,
    pub time: String,
    /// The HTTP status; none if no answer came.
    pub code: Option<u16>,
    pub outcome: Outcome,
    /// What was said beside it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uid: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub resource_version: String,
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It is as it was to be, and the object is there.
    Changed,
    /// The object is gone.
    Gone,
    /// The object was made.
    Made,
    /// There was nothing left to do.
    Already,
    /// The server took the change, and the object came back without it.
    Undone,
    /// The server said no: nothing was changed.
    Refused,
    /// No answer came, and a look showed that nothing was changed.
    NotWritten,
    /// No answer came, and no look could tell.
    Unsure,
}

impl Outcome {
    /// Whether the cluster is another one than before; None: nobody knows.
    pub fn changed(self) -> Option<bool> {
        match self {
            Self::Changed | Self::Gone | Self::Made => Some(true),
            Self::Already | Self::Undone | Self::Refused | Self::NotWritten => Some(false),
            Self::Unsure => None,
        }
    }
}

/// A write with what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub run: Run,
    pub intent: Intent,
    /// None: it is not known whether it happened.
    pub answer: Option<Answer>,
}
