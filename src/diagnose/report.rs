//! What a diagnosis says, as plain data: contract `kubectl-arc/v1alpha1` `Diagnosis` in Rust.

use super::action::Action;
use crate::model::ObjectId;
use crate::model::SourceInfo;
use jiff::Timestamp;

/// The answer to `why`.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    pub captured_at: Timestamp,
    pub source: SourceInfo,
    pub controllers: Vec<ControllerSummary>,
    pub summary: Summary,
    /// What was asked about, each with its own verdict.
    pub targets: Vec<Target>,
    /// Root blockers in healing order: the first is what to fix first.
    pub roots: Vec<Root>,
    /// Worth knowing, blocks nothing.
    pub notices: Vec<Root>,
    /// What could not be read and what it hides.
    pub gaps: Vec<Gap>,
}

/// An ARC controller that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControllerSummary {
    pub namespace: String,
    pub name: String,
    /// The build it runs, `""` if nothing tells.
    pub version: String,
    /// Ready replicas.
    pub ready: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    pub verdict: Verdict,
    /// How many objects wait, directly or not, for one of the roots.
    pub blocked: usize,
    pub roots: usize,
    pub gaps: usize,
}

/// Ordered by what wins when several targets are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Clear,
    /// It will end by itself: a young deletion, a grace period, a runner that finishes its job.
    Waiting,
    /// Something needed could not be read, and it could change the answer.
    Unknown,
    Blocked,
}

impl Verdict {
    pub fn word(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Waiting => "waiting",
            Self::Unknown => "unknown",
            Self::Blocked => "blocked",
        }
    }
}

/// The verdict on one thing that was asked about.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    pub object: Reference,
    pub verdict: Verdict,
    /// Since when it waits: the deletion request, or when it should have come to be.
    pub since: Option<Timestamp>,
    /// Indices into [`Diagnosis::roots`].
    pub roots: Vec<usize>,
    /// The edges from the target to its roots, nearest first. A cycle is listed edge by edge.
    pub path: Vec<Step>,
    /// For `waiting` and `unknown`: why that is the answer, one sentence each.
    pub reasons: Vec<String>,
    /// For `waiting`: what will block it however long it is given.
    pub ahead: Vec<Foreseen>,
}

/// A root blocker of something that is still given time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    pub class: Class,
    pub object: Reference,
    pub message: String,
}

/// One edge: `object` cannot move until `waits_for` does.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub object: Reference,
    pub waits_for: Reference,
    /// True if `waits_for` has to be put right, which is another event than its going.
    pub repair: bool,
    /// One clause that completes "it waits because of …".
    pub because: String,
    /// Since when `object` waits.
    pub since: Option<Timestamp>,
    /// The finalizers that hold `object`.
    pub finalizers: Vec<String>,
    /// Where `object` stands in ARC's own deletion or creation, `""` where that says nothing.
    pub stage: String,
    pub evidence: Vec<Evidence>,
}

/// An object, or an actor that is no object (`apiVersion` `kubectl-arc/v1alpha1`, kind `Actor`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    pub id: ObjectId,
    pub api_version: String,
    /// `""` if it is missing or the input does not say.
    pub uid: String,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Present,
    Deleting,
    Missing,
    /// Not an object of the cluster, or one that could not be read.
    Unseen,
}

impl State {
    /// The word in JSON; None: the field is left out.
    pub fn word(self) -> Option<&'static str> {
        match self {
            Self::Present => Some("present"),
            Self::Deleting => Some("deleting"),
            Self::Missing => Some("missing"),
            Self::Unseen => None,
        }
    }
}

/// A field of an object that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub object: Reference,
    /// A JSONPath without the leading dot (`spec.githubConfigSecret`), `exists`, `log`, `event`, or `access`.
    pub field: String,
    pub says: String,
}

/// A root blocker, or a notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Root {
    pub class: Class,
    pub object: Reference,
    /// Since when it is stuck itself, what holds it and where it stands: nothing if it is not stuck.
    pub since: Option<Timestamp>,
    pub finalizers: Vec<String>,
    pub stage: String,
    /// The objects of a deadlock; empty if the root is one object.
    pub members: Vec<Reference>,
    /// One sentence without a final stop.
    pub message: String,
    pub certainty: Certainty,
    pub evidence: Vec<Evidence>,
    /// What waits for it, nearest first.
    pub blocks: Vec<Reference>,
    /// Gentlest first.
    pub remedies: Vec<Remedy>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The evidence allows nothing else.
    Proven,
    /// The evidence fits; `message` says what would prove it.
    Likely,
}

impl Certainty {
    pub fn word(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Likely => "likely",
        }
    }
}

/// A way out.
#[derive(Clone, Debug, PartialEq)]
pub struct Remedy {
    /// Stable, kebab-case.
    pub id: &'static str,
    /// What it does, imperative, without a final stop.
    pub title: String,
    pub loss: Loss,
    pub applicability: Applicability,
    /// What it does, in this order; empty if it is not done in a shell.
    pub actions: Vec<Action>,
    /// What stays behind and where, `runner scale set 17 "arc" at https://github.com/acme`.
    pub leaves: Vec<Leaf>,
}

/// Something that stays behind, and the object that stood for it here.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leaf {
    pub of: ObjectId,
    /// What and where.
    pub text: String,
}

impl Leaf {
    pub fn new(of: &ObjectId, text: String) -> Self {
        Self { of: of.clone(), text }
    }
}

impl PartialEq<&str> for Leaf {
    fn eq(&self, text: &&str) -> bool {
        self.text == *text
    }
}

impl Remedy {
    /// Shell commands, one per line, for a person to run.
    pub fn commands(&self) -> Vec<String> {
        self.actions.iter().map(Action::command).collect()
    }
}

/// What a remedy may cost, gentlest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    None,
    /// Undone by re-applying.
    Reversible,
    /// An entry stays at GitHub.
    Registration,
    /// A running job may die.
    Job,
    /// Anything worse.
    Data,
}

impl Loss {
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Reversible => "reversible",
            Self::Registration => "registration",
            Self::Job => "job",
            Self::Data => "data",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// The tool can do it.
    Automatic,
    /// It needs something only the user has.
    NeedsValue,
    /// It happens outside the cluster, or by hand.
    Manual,
}

impl Applicability {
    pub fn word(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::NeedsValue => "needs-value",
            Self::Manual => "manual",
        }
    }
}

/// Something that could not be read, and the classes it hides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    pub kind: String,
    /// `""`: cluster-wide.
    pub namespace: String,
    /// `unread`, `forbidden`, `failed`, and what the server said.
    pub reason: String,
    /// Sorted.
    pub hides: Vec<Class>,
    /// What somebody who may look can run to see it; `""` if there is no such command.
    pub command: String,
}

macro_rules! classes {
    ($($variant:ident = $id:literal),* $(,)?) => {
        /// The closed list of root blockers. Ids are forever; the order is the order of healing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Class { $($variant),* }

        impl Class {
            pub const ALL: &'static [Class] = &[$(Class::$variant),*];

            /// The id in the contract, `secret-missing`.
            pub fn id(self) -> &'static str {
                match self { $(Class::$variant => $id),* }
            }
        }
    };
}

// Healing order: what others stand on comes first (controller, RBAC, Secret, CRD, the set, the listener,
// EphemeralRunnerSet, EphemeralRunner, pods, chart-owned dependents, namespace).
classes! {
    LegacyWebhookDead = "legacy-webhook-dead",
    AdmissionRefuses = "admission-refuses",
    ControllerGone = "controller-gone",
    ControllerNotReconciling = "controller-not-reconciling",
    CrdSkew = "crd-skew",
    RbacMissing = "rbac-missing",
    SecretMissing = "secret-missing",
    GithubRefuses = "github-refuses",
    VersionMismatch = "version-mismatch",
    OutdatedDeadlock = "outdated-deadlock",
    StaleScaleSetId = "stale-scale-set-id",
    RegistrationCollision = "registration-collision",
    SpecCapsZero = "spec-caps-zero",
    ListenerDanglingErs = "listener-dangling-ers",
    ListenerOrphaned = "listener-orphaned",
    SessionConflict = "session-conflict",
    ListenerFrozen = "listener-frozen",
    ListenerMissing = "listener-missing",
    JobStillRunning = "job-still-running",
    GhostRunner = "ghost-runner",
    FailedRunnerSlots = "failed-runner-slots",
    RunnerExitsImmediately = "runner-exits-immediately",
    PodCreateDenied = "pod-create-denied",
    PodCannotStart = "pod-cannot-start",
    NodeLost = "node-lost",
    GithubSideStale = "github-side-stale",
    LegacyFinalizer = "legacy-finalizer",
    ForegroundWaits = "foreground-waits",
    GitopsDeleteDeadlock = "gitops-delete-deadlock",
    CleanupProtectionOrphan = "cleanup-protection-orphan",
    ForeignFinalizer = "foreign-finalizer",
    ReleaseUnfinished = "release-unfinished",
    CrdTerminating = "crd-terminating",
    ApiserviceUnavailable = "apiservice-unavailable",
    NamespaceTerminating = "namespace-terminating",
    CrdLeftBehind = "crd-left-behind",
}
