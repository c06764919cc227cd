//! Labels, annotations and arguments that ARC's charts and controllers put on objects.

/// A label or an annotation.
#[derive(Clone, Copy, Debug)]
pub struct MarkRow {
    pub key: &'static str,
    /// `annotation` or `label`.
    pub sort: &'static str,
    pub on: &'static str,
    pub means: &'static str,
    pub versions: &'static str,
    /// The upstream file it was read in.
    pub source: &'static str,
}

pub const PART_OF: &str = "app.kubernetes.io/part-of";
pub const COMPONENT: &str = "app.kubernetes.io/component";
pub const VERSION: &str = "app.kubernetes.io/version";
pub const SCALE_SET_NAME: &str = "actions.github.com/scale-set-name";
pub const SCALE_SET_NAMESPACE: &str = "actions.github.com/scale-set-namespace";
pub const LISTENER_NAME: &str = "auto-scaling-listener-name";
pub const LISTENER_NAMESPACE: &str = "auto-scaling-listener-namespace";
pub const WATCH_SINGLE_NAMESPACE: &str = "actions.github.com/controller-watch-single-namespace";
pub const SCALE_SET_ID: &str = "runner-scale-set-id";
pub const REMOTE_NAME: &str = "actions.github.com/runner-scale-set-name";
pub const REMOTE_NAME_OLD: &str = "runner-scale-set-name";
pub const REMOTE_GROUP: &str = "actions.github.com/runner-group-name";
pub const ENTERPRISE: &str = "actions.github.com/enterprise";
pub const ORGANIZATION: &str = "actions.github.com/organization";
pub const REPOSITORY: &str = "actions.github.com/repository";
/// On the pods and Secrets that container hooks make: the runner's pod (`packages/k8s` of runner-container-hooks).
pub const HOOK_POD: &str = "runner-pod";
/// On the runners' pods.
pub const RUNNER_POD: &str = "actions-ephemeral-runner";
/// The selector of the runners' pods. Labels of the template cannot take this one's place
/// (`controllers/actions.github.com/resourcebuilder.go`, all versions).
pub const RUNNER_POD_SELECTOR: &str = "actions-ephemeral-runner=True";

/// In legacy mode on a runner's Pod: since when the controller waits for the runner to complete
/// (`controllers/actions.summerwind.net/runner_graceful_stop.go`, 0.22.0 and later).
pub const LEGACY_COMPLETION_WAIT: &str = "actions-runner/runner-completion-wait-start-timestamp";
/// In legacy mode on a runner's Pod: why GitHub did not remove the runner (same file).
pub const LEGACY_FAILURE: &str = "actions-runner/unregistration-failure-message";
/// `app.kubernetes.io/name` of the legacy controller (`charts/actions-runner-controller/templates/_helpers.tpl`).
pub const LEGACY_CONTROLLER_SELECTOR: &str = "app.kubernetes.io/name=actions-runner-controller";
/// What the name of the legacy controller's image ends with, whoever mirrors it.
pub const LEGACY_IMAGE: &str = "actions-runner-controller";
/// What all names of ARC's own admission webhooks end with: legacy mode alone has any
/// (`charts/actions-runner-controller/templates/webhook_configs.yaml`).
pub const LEGACY_WEBHOOK_SUFFIX: &str = ".actions.summerwind.dev";
/// By this annotation cert-manager knows where to put the CA of a webhook's certificate.
pub const CERT_MANAGER_INJECTS: &str = "cert-manager.io/inject-ca-from";

/// `app.kubernetes.io/part-of` of the controller: 0.5.0 and later, and 0.4.0.
pub const CONTROLLER_PART_OF: [&str; 2] = ["gha-rs-controller", "gha-runner-scale-set-controller"];
/// The selector by which controllers are looked for in all namespaces.
pub const CONTROLLER_SELECTOR: &str =
    "app.kubernetes.io/part-of in (gha-rs-controller,gha-runner-scale-set-controller)";
/// `app.kubernetes.io/part-of` of what the runner set chart makes: 0.5.0 and later, and 0.4.0. The latter the controller
/// gives to what it makes itself, too.
pub const CHART_PART_OF: [&str; 2] = ["gha-rs", "gha-runner-scale-set"];
/// The selector by which the chart's objects are looked for in all namespaces.
pub const CHART_SELECTOR: &str = "app.kubernetes.io/part-of in (gha-rs,gha-runner-scale-set)";
/// `app.kubernetes.io/component` of the manager's RoleBinding in the runner namespace.
pub const MANAGER_ROLE_BINDING: &str = "manager-role-binding";
/// `app.kubernetes.io/component` of runners and their pods.
pub const RUNNER: &str = "runner";
/// The argument that tells a runner scale set controller from a legacy one: both run the same image.
pub const SCALE_SET_MODE_ARGUMENT: &str = "--auto-scaling-runner-set-only";
pub const WATCH_ARGUMENT: &str = "--watch-single-namespace=";
/// How a change of the spec is carried out: 0.5.0 to 0.14.2 (`main.go`).
pub const STRATEGY_ARGUMENT: &str = "--update-strategy=";
/// The strategy that waits for old runners.
pub const EVENTUAL: &str = "eventual";
/// How much the controller and its listeners write (`main.go`).
pub const LOG_LEVEL_ARGUMENT: &str = "--log-level=";
/// The log levels at which a healthy listener writes nothing.
pub const QUIET_LEVELS: [&str; 2] = ["warn", "error"];

/// The value of a flag, as Go's `flag` package reads it: `--flag`, `-flag`, `--flag=value`, `--flag value`. Some of
/// `""`: the flag stands there alone.
pub fn flag_value<'a>(arguments: &[&'a str], flag: &str) -> Option<&'a str> {
    let wanted = flag.trim_start_matches('-').trim_end_matches('=');
    arguments.iter().enumerate().find_map(|(index, argument)| {
        let bare = argument.strip_prefix("--").or_else(|| argument.strip_prefix('-'))?;
        if bare == wanted {
            let next = arguments.get(index + 1).filter(|next| !next.starts_with('-'));
            return Some(next.copied().unwrap_or_default());
        }
        bare.strip_prefix(wanted)?.strip_prefix('=')
    })
}

/// True unless a flag that takes no value is missing or set to something that Go does not read as true.
pub fn flag_is_set(arguments: &[&str], flag: &str) -> bool {
    let name = flag.trim_start_matches('-');
    arguments.iter().any(|argument| {
        let bare = argument.strip_prefix("--").or_else(|| argument.strip_prefix('-'));
        bare.and_then(|bare| bare.strip_prefix(name))
            .is_some_and(|rest| matches!(rest, "" | "=true" | "=True" | "=TRUE" | "=t" | "=T" | "=1"))
    })
}
/// The controller's container.
pub const MANAGER_CONTAINER: &str = "manager";
/// What the chart appends to the release name for the controller's Deployment and ServiceAccount.
pub const CONTROLLER_SUFFIX: &str = "gha-rs-controller";
/// Where ARC's documentation installs the controller; used only when nothing in the cluster tells.
pub const DEFAULT_CONTROLLER_NAMESPACE: &str = "arc-systems";
/// What the chart appends to a controller's name for the Role that lets it handle listeners beside it.
pub const LISTENER_ROLE_SUFFIX: &str = "-listener";

/// An annotation on a runner set that names a protected object of the chart, in the order in which the
/// controller releases them (`controllers/actions.github.com/autoscalingrunnerset_controller.go`).
#[derive(Clone, Copy, Debug)]
pub struct CleanupRow {
    pub annotation: &'static str,
    /// Kind of the object that it names.
    pub kind: &'static str,
}

pub const CLEANUP: &[CleanupRow] = &[
    CleanupRow {
        annotation: "actions.github.com/cleanup-kubernetes-mode-role-binding-name",
        kind: "RoleBinding",
    },
    CleanupRow { annotation: "actions.github.com/cleanup-kubernetes-mode-role-name", kind: "Role" },
    CleanupRow {
        annotation: "actions.github.com/cleanup-kubernetes-mode-service-account-name",
        kind: "ServiceAccount",
    },
    CleanupRow {
        annotation: "actions.github.com/cleanup-no-permission-service-account-name",
        kind: "ServiceAccount",
    },
    CleanupRow { annotation: "actions.github.com/cleanup-github-secret-name", kind: "Secret" },
    CleanupRow { annotation: MANAGER_ROLE_BINDING_ANNOTATION, kind: "RoleBinding" },
    CleanupRow { annotation: MANAGER_ROLE_ANNOTATION, kind: "Role" },
];

pub const MANAGER_ROLE_BINDING_ANNOTATION: &str = "actions.github.com/cleanup-manager-role-binding";
pub const MANAGER_ROLE_ANNOTATION: &str = "actions.github.com/cleanup-manager-role-name";

const SET_CONTROLLER: &str = "controllers/actions.github.com/autoscalingrunnerset_controller.go";
const RESOURCES: &str = "controllers/actions.github.com/resourcebuilder.go";
const CONSTANTS: &str = "controllers/actions.github.com/constants.go";
const SET_CHART: &str = "charts/gha-runner-scale-set/templates/autoscalingrunnerset.yaml";

const fn cleanup(key: &'static str, means: &'static str) -> MarkRow {
    MarkRow {
        key,
        sort: "annotation",
        on: "AutoscalingRunnerSet",
        means,
        versions: "chart 0.4.0 and later",
        source: SET_CHART,
    }
}

pub const MARKS: &[MarkRow] = &[
    MarkRow {
        key: SCALE_SET_ID,
        sort: "annotation",
        on: "AutoscalingRunnerSet",
        means: "The number of the scale set at GitHub. While it is there, a deletion of the runner set first \
                deletes that scale set and needs the credential Secret for it; without it, GitHub is not asked. \
                The controller takes it off right after GitHub said yes.",
        versions: "all",
        source: SET_CONTROLLER,
    },
    MarkRow {
        key: REMOTE_NAME,
        sort: "annotation",
        on: "AutoscalingRunnerSet, EphemeralRunnerSet",
        means: "The name of the scale set as last applied at GitHub.",
        versions: "0.9.0 and later",
        source: CONSTANTS,
    },
    MarkRow {
        key: REMOTE_NAME_OLD,
        sort: "annotation",
        on: "AutoscalingRunnerSet, EphemeralRunnerSet",
        means: "The name of the scale set as last applied at GitHub, under its old key.",
        versions: "up to 0.8.3",
        source: CONSTANTS,
    },
    MarkRow {
        key: REMOTE_GROUP,
        sort: "annotation",
        on: "AutoscalingRunnerSet, EphemeralRunnerSet",
        means: "The runner group as last applied at GitHub.",
        versions: "all",
        source: CONSTANTS,
    },
    cleanup(
        "actions.github.com/cleanup-github-secret-name",
        "Names the chart's credential Secret, to be released when the runner set is deleted.",
    ),
    cleanup(
        MANAGER_ROLE_BINDING_ANNOTATION,
        "Names the RoleBinding that gives the controller its rights here, to be released when the runner set is \
         deleted.",
    ),
    cleanup(
        MANAGER_ROLE_ANNOTATION,
        "Names the Role that gives the controller its rights here, to be released when the runner set is deleted.",
    ),
    cleanup(
        "actions.github.com/cleanup-kubernetes-mode-role-binding-name",
        "Names the RoleBinding of runners in kubernetes container mode, to be released when the runner set is deleted.",
    ),
    cleanup(
        "actions.github.com/cleanup-kubernetes-mode-role-name",
        "Names the Role of runners in kubernetes container mode, to be released when the runner set is deleted.",
    ),
    cleanup(
        "actions.github.com/cleanup-kubernetes-mode-service-account-name",
        "Names the ServiceAccount of runners in kubernetes container mode, to be released when the runner set is \
         deleted.",
    ),
    cleanup(
        "actions.github.com/cleanup-no-permission-service-account-name",
        "Names the ServiceAccount of runners in the other modes, to be released when the runner set is deleted. \
         Chart 0.13.0 to 0.14.1 forgot it for kubernetes-novolume mode.",
    ),
    MarkRow {
        key: "actions.github.com/values-hash",
        sort: "annotation",
        on: "AutoscalingRunnerSet, AutoscalingListener",
        means: "A hash of the chart's values; a change makes the controller re-create the listener.",
        versions: "chart 0.9.0 and later, read up to 0.14.2",
        source: SET_CHART,
    },
    MarkRow {
        key: "actions.github.com/runner-spec-hash",
        sort: "annotation",
        on: "EphemeralRunnerSet, AutoscalingListener",
        means: "A hash of the part of the spec that matters; a change makes the controller re-create the object.",
        versions: "0.9.0 to 0.14.2",
        source: RESOURCES,
    },
    MarkRow {
        key: "actions.github.com/change-hash",
        sort: "annotation",
        on: "AutoscalingRunnerSet",
        means: "A hash of the spec; a change sets the phase back to Pending.",
        versions: "0.14.0 to 0.14.2",
        source: SET_CONTROLLER,
    },
    MarkRow {
        key: "actions.github.com/integrity-hash",
        sort: "annotation",
        on: "AutoscalingRunnerSet, EphemeralRunnerSet, AutoscalingListener and what the listener owns",
        means: "A hash by which the controller sees that somebody changed the object.",
        versions: "development versions after 0.14.2",
        source: RESOURCES,
    },
    MarkRow {
        key: "actions.github.com/patch-id",
        sort: "annotation",
        on: "EphemeralRunner",
        means: "The spec.patchID of the EphemeralRunnerSet when the runner was made.",
        versions: "0.9.0 and later",
        source: CONSTANTS,
    },
    MarkRow {
        key: SCALE_SET_NAME,
        sort: "label",
        on: "everything that belongs to a runner set",
        means: "The runner set's name. With the label of its namespace it leads from a listener in the \
                controller's namespace back to its runner set.",
        versions: "all",
        source: CONSTANTS,
    },
    MarkRow {
        key: SCALE_SET_NAMESPACE,
        sort: "label",
        on: "everything that belongs to a runner set",
        means: "The runner set's namespace.",
        versions: "all",
        source: CONSTANTS,
    },
    MarkRow {
        key: VERSION,
        sort: "label",
        on: "everything the charts make; copied to listener, EphemeralRunnerSet and runners",
        means: "The chart's appVersion. The controller deletes a live runner set whose label does not go with its \
                own build: from 0.5.0 to 0.11 they must be equal, from 0.12.0 major and minor must be.",
        versions: "compared from 0.5.0",
        source: SET_CONTROLLER,
    },
    MarkRow {
        key: WATCH_SINGLE_NAMESPACE,
        sort: "label",
        on: "the controller's Deployment",
        means: "The one namespace that this controller watches.",
        versions: "0.5.0 and later",
        source: "charts/gha-runner-scale-set-controller/templates/deployment.yaml",
    },
    MarkRow {
        key: LISTENER_NAME,
        sort: "label",
        on: "the listener's Role and RoleBinding in the runner namespace",
        means: "The listener that they belong to; they have no owner reference to it.",
        versions: "all",
        source: RESOURCES,
    },
    MarkRow {
        key: LISTENER_NAMESPACE,
        sort: "label",
        on: "the listener's Role and RoleBinding in the runner namespace",
        means: "The namespace of that listener.",
        versions: "all",
        source: RESOURCES,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_stands_once_with_a_source() {
        for (i, row) in MARKS.iter().enumerate() {
            assert!(!row.source.is_empty(), "{}", row.key);
            assert!(MARKS[i + 1..].iter().all(|other| other.key != row.key), "{} stands twice", row.key);
        }
    }

    #[test]
    fn the_selectors_name_every_label() {
        let selectors = [(CONTROLLER_SELECTOR, CONTROLLER_PART_OF), (CHART_SELECTOR, CHART_PART_OF)];
        for (selector, parts) in selectors {
            assert_eq!(selector, format!("{PART_OF} in ({})", parts.join(",")));
        }
    }

    #[test]
    fn flags_are_read_as_go_reads_them() {
        for arguments in [
            ["--watch-single-namespace=arc-web", "--log-level=debug"].as_slice(),
            &["--watch-single-namespace", "arc-web"],
            &["-watch-single-namespace=arc-web"],
        ] {
            assert_eq!(flag_value(arguments, WATCH_ARGUMENT), Some("arc-web"), "{arguments:?}");
        }
        assert_eq!(flag_value(&["--watch-single-namespace="], WATCH_ARGUMENT), Some(""));
        assert_eq!(flag_value(&["--watch-single-namespaces=a"], WATCH_ARGUMENT), None);
        for (argument, set) in [("", true), ("=true", true), ("=1", true), ("=false", false), ("-not", false)]
        {
            let argument = format!("{SCALE_SET_MODE_ARGUMENT}{argument}");
            assert_eq!(flag_is_set(&[&argument], SCALE_SET_MODE_ARGUMENT), set, "{argument}");
        }
    }

    #[test]
    fn every_cleanup_annotation_is_explained() {
        for row in CLEANUP {
            assert!(MARKS.iter().any(|mark| mark.key == row.annotation), "{}", row.annotation);
        }
    }
}
