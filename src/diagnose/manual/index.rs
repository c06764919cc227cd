//! The index of the manual: every name that has a page, in parts.

use super::article::found_on;
use super::page;
use super::topic::Topic;
use super::topic::topics;
use crate::diagnose::report::Class;

/// A part of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub title: &'static str,
    /// True for a part of the list of classes.
    pub classes: bool,
    pub entries: Vec<Entry>,
}

/// A line of the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    /// What it is, or where it is found.
    pub says: String,
}

/// The classes in the order of healing, under headings; a test sees to it that none is left out.
const CLASSES: &[(&str, &[Class])] = &[
    ("What refuses every change", &[Class::LegacyWebhookDead, Class::AdmissionRefuses]),
    (
        "The controller and what it stands on",
        &[
            Class::ControllerGone,
            Class::ControllerNotReconciling,
            Class::CrdSkew,
            Class::RbacMissing,
            Class::SecretMissing,
            Class::GithubRefuses,
        ],
    ),
    (
        "The runner set",
        &[
            Class::VersionMismatch,
            Class::OutdatedDeadlock,
            Class::StaleScaleSetId,
            Class::RegistrationCollision,
            Class::SpecCapsZero,
        ],
    ),
    (
        "The listener",
        &[
            Class::ListenerDanglingErs,
            Class::ListenerOrphaned,
            Class::SessionConflict,
            Class::ListenerFrozen,
            Class::ListenerMissing,
        ],
    ),
    (
        "Runners and their pods",
        &[
            Class::JobStillRunning,
            Class::GhostRunner,
            Class::FailedRunnerSlots,
            Class::RunnerExitsImmediately,
            Class::PodCreateDenied,
            Class::PodCannotStart,
            Class::NodeLost,
            Class::GithubSideStale,
            Class::LegacyFinalizer,
        ],
    ),
    (
        "What is held, and who delivers it",
        &[
            Class::ForegroundWaits,
            Class::GitopsDeleteDeadlock,
            Class::CleanupProtectionOrphan,
            Class::ForeignFinalizer,
            Class::ReleaseUnfinished,
        ],
    ),
    (
        "CRDs and namespaces",
        &[
            Class::CrdTerminating,
            Class::ApiserviceUnavailable,
            Class::NamespaceTerminating,
            Class::CrdLeftBehind,
        ],
    ),
];

/// The parts of the index: the classes in the order of healing, then the names. Finalizers that are not ARC's have
/// pages but no lines here.
pub fn index() -> Vec<Part> {
    let classes = CLASSES.iter().map(|(title, classes)| Part {
        title,
        classes: true,
        entries: classes.iter().copied().map(of_class).collect(),
    });
    let names = [
        ("Finalizers of ARC", "ARC"),
        ("Finalizers of ARC's legacy mode", "ARC's legacy mode"),
        ("Finalizers of Kubernetes itself", "Kubernetes itself"),
        ("Annotations", "annotation"),
        ("Labels", "label"),
    ];
    let topics = topics();
    let names = names.into_iter().map(|(title, sort)| Part {
        title,
        classes: false,
        entries: topics.iter().filter_map(|topic| of_name(topic, sort)).collect(),
    });
    classes.chain(names).collect()
}

fn of_class(class: Class) -> Entry {
    Entry { name: class.id().to_owned(), says: page(class).summary.to_owned() }
}

/// The line of a finalizer or a mark, if it is of that sort.
fn of_name(topic: &Topic, sort: &str) -> Option<Entry> {
    let (its_sort, says) = match topic {
        Topic::Class(_) | Topic::Foreign { .. } => return None,
        Topic::Finalizer { row, whose } => (*whose, found_on(row)),
        Topic::Mark(row) => (row.sort, row.on.to_owned()),
    };
    (its_sort == sort).then(|| Entry { name: topic.name().to_owned(), says })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_has_every_class_in_the_order_of_healing() {
        let listed: Vec<Class> = CLASSES.iter().flat_map(|(_, classes)| classes.iter().copied()).collect();
        assert_eq!(listed, Class::ALL);
    }

    #[test]
    fn the_index_has_every_name_of_arc_once() {
        let not_foreign = |topic: &&Topic| !matches!(topic, Topic::Foreign { .. });
        let mut listed: Vec<String> =
            index().into_iter().flat_map(|part| part.entries).map(|entry| entry.name).collect();
        let mut all: Vec<String> =
            topics().iter().filter(not_foreign).map(|topic| topic.name().to_owned()).collect();
        listed.sort();
        all.sort();
        assert_eq!(listed, all);
    }
}
