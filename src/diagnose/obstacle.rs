//! What keeps a pod from starting: how that is told, what it means, and what there is to repair.

/// What keeps a pod from starting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Obstacle {
    /// Its image cannot be had.
    Image,
    /// Something that a container names is missing or wrong.
    Config,
    /// No node takes it.
    Node,
    /// A volume is not there or cannot be attached.
    Volume,
    /// Its network cannot be set up: mostly there is no address left.
    Network,
    /// It is being created, and nothing says why that takes so long.
    Creating,
}

/// Why a container waits, as the kubelet words it (`pkg/kubelet/images/types.go`, `pkg/kubelet/kuberuntime` of
/// Kubernetes). What is not listed says only that it is not there yet.
const WAITING: &[(&str, Obstacle)] = &[
    ("ErrImagePull", Obstacle::Image),
    ("ImagePullBackOff", Obstacle::Image),
    ("InvalidImageName", Obstacle::Image),
    ("ErrImageNeverPull", Obstacle::Image),
    ("ImageInspectError", Obstacle::Image),
    ("RegistryUnavailable", Obstacle::Image),
    ("SignatureValidationFailed", Obstacle::Image),
    ("CreateContainerConfigError", Obstacle::Config),
    ("CreateContainerError", Obstacle::Config),
    ("RunContainerError", Obstacle::Config),
    ("PreCreateHookError", Obstacle::Config),
    ("PostStartHookError", Obstacle::Config),
    ("CrashLoopBackOff", Obstacle::Config),
];

/// Reasons of events that say why a pod is not created, and what it is about (`pkg/kubelet/events/event.go`,
/// `pkg/controller/volume/events/event.go`, `pkg/scheduler` of Kubernetes).
const EVENTS: &[(&str, Obstacle)] = &[
    ("FailedCreatePodSandBox", Obstacle::Network),
    ("NetworkNotReady", Obstacle::Network),
    ("FailedMount", Obstacle::Volume),
    ("FailedAttachVolume", Obstacle::Volume),
    ("FailedMapVolume", Obstacle::Volume),
    ("ProvisioningFailed", Obstacle::Volume),
    ("FailedBinding", Obstacle::Volume),
    ("FailedScheduling", Obstacle::Node),
];

impl Obstacle {
    /// By the reason for which a container waits. None: it says only that it is not there yet.
    pub fn of_container(reason: &str) -> Option<Self> {
        WAITING.iter().find(|(known, _)| *known == reason).map(|(_, obstacle)| *obstacle)
    }

    /// By the reason of an event. None: it says nothing about starting.
    pub fn of_event(reason: &str) -> Option<Self> {
        EVENTS.iter().find(|(known, _)| *known == reason).map(|(_, obstacle)| *obstacle)
    }

    /// By the words of the scheduler.
    pub fn of_scheduler(message: &str) -> Self {
        let message = message.to_lowercase();
        let of_volumes = ["persistentvolumeclaim", "volume"].iter().any(|word| message.contains(word));
        if of_volumes { Self::Volume } else { Self::Node }
    }

    /// A clause.
    pub fn says(self) -> &'static str {
        match self {
            Self::Image => "its image cannot be had",
            Self::Config => "something that a container of it names is missing or wrong",
            Self::Node => "no node takes it",
            Self::Volume => "a volume of it is not there",
            Self::Network => "its network cannot be set up",
            Self::Creating => "it is being created for longer than that takes",
        }
    }

    /// The way out: its id and its title.
    pub fn cure(self) -> (&'static str, &'static str) {
        match self {
            Self::Image => (
                "repair-image",
                "Put right the image, or the Secret with which it is pulled, in the template of the runner set",
            ),
            Self::Config => (
                "repair-template",
                "Make what the container names, or put the template of the runner set right",
            ),
            Self::Node => (
                "make-room",
                "Give the cluster a node that takes it: room, or another node selector, taint or limit in the template",
            ),
            Self::Volume => (
                "repair-volume",
                "Put the volume right: its storage class, its zone, or an access mode that several nodes can share",
            ),
            Self::Network => {
                ("repair-network", "Give the node addresses for pods again, or repair its network plugin")
            }
            Self::Creating => ("read-events", "Read its events, and cure what they name"),
        }
    }
}
