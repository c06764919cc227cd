//! What an object that does not move waits for: the next step of whoever should move it, as a list of needs.

use super::obstacle::Obstacle;
use super::report::Evidence;
use crate::model::ObjectId;
use crate::model::Question;
use jiff::Timestamp;

/// Something the next step needs. Whether it is there is for the rules to judge.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// Another object has to move first.
    First { id: ObjectId, because: String, evidence: Vec<Evidence> },
    /// An ARC controller has to act.
    Controller,
    /// The controller has to be allowed to do this. `user` is filled in by who asks.
    Access(Question),
    /// A Secret with GitHub credentials; the evidence says who names it.
    Secret { id: ObjectId, named_by: Evidence },
    /// A Secret with the login of the proxy on the way to GitHub.
    ProxyLogin { id: ObjectId, named_by: Evidence },
    /// GitHub has to agree.
    GitHub,
    /// A runner set that names this protected object has to be deleted.
    Release,
    /// Somebody else's finalizer has to be taken off.
    Foreign { finalizer: String },
    /// The API server has to see that no instance is left.
    Instances,
    /// The controller has to find this listener under the name and in the namespace where it looks.
    Found,
    /// A pod has to start. The evidence says why it has not.
    Start { obstacle: Obstacle, evidence: Evidence },
    /// The listener has to be made, or its pod.
    Listener,
    /// The listener has to run on; its container ended, as this field of its pod says.
    Listening { pod: ObjectId, field: String, says: String },
    /// The runner has to live until it gets a job; its container ended at once, as the evidence says.
    Living { exit: Exit, evidence: Vec<Evidence> },
    /// The API server has to accept the runner's pod; its words if it said why not, else `""`.
    Admission { words: String },
    /// Somebody has to take a Failed runner away, so that one that works can come in its place.
    Place,
    /// The runner set has to leave the phase Outdated.
    NewPhase,
    /// The kubelet of this node has to say that the pod's containers ended. None: the pod names no node.
    Kubelet { node: Option<ObjectId> },
    /// The APIs that this condition complains of have to answer again.
    Apis { message: String },
    /// The legacy controller has to act.
    LegacyController,
    /// Something that no rule of this release judges; what.
    Other(String),
}

/// How a runner's container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// None: not known any more.
    pub code: Option<i64>,
    /// How many times it is known to have ended so.
    pub times: usize,
}

/// An object that should have moved by now and has not.
#[derive(Clone, Debug, PartialEq)]
pub struct Stuck {
    pub id: ObjectId,
    /// Since when it should move.
    pub since: Option<Timestamp>,
    pub deleting: bool,
    pub finalizers: Vec<String>,
    /// Where it stands in ARC's own order, `""` where that says nothing.
    pub stage: String,
    pub needs: Vec<Need>,
    /// The runner set it belongs to.
    pub set: Option<ObjectId>,
}
