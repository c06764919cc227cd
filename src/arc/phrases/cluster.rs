//! Phrases of the controller, the listener and the runner about what they do, and of the API server.

use super::Means;
use super::PhraseRow;
use super::row;

const OLD_CLIENT: &str = "github/actions/client.go";
const OLD_ERRORS: &str = "github/actions/errors.go";
const NEW_CLIENT: &str = "actions/scaleset client.go";
const NEW_ERRORS: &str = "actions/scaleset errors.go";
const RESOLVER: &str = "controllers/actions.github.com/secretresolver";
const RUNNER: &str = "controllers/actions.github.com/ephemeralrunner_controller.go";
const RUNNER_SET: &str = "controllers/actions.github.com/ephemeralrunnerset_controller.go";
const SET: &str = "controllers/actions.github.com/autoscalingrunnerset_controller.go";
const LISTENER: &str = "cmd/ghalistener";
const RUNNER_APP: &str = "actions/runner src/Runner.Listener";
const APISERVER: &str = "kubernetes/apiserver";
const GO: &str = "the standard library of Go";
const ALL: &str = "all";

pub const PHRASES: &[PhraseRow] = &[
    // The runner is busy: no error, and the answer of a healthy GitHub.
    row(
        &["JobStillRunning"],
        Means::Busy,
        "GitHub says that the runner has a job",
        "up to 0.13.1",
        OLD_CLIENT,
    ),
    row(
        &["job still running"],
        Means::Busy,
        "GitHub says that the runner has a job",
        "0.14.0 and later",
        NEW_ERRORS,
    ),
    row(&["Runner job is still running"], Means::Busy, "the runner has a job", "0.14.0 and later", RUNNER),
    row(&["Runner is still running the job"], Means::Busy, "the runner has a job", "up to 0.10.1", RUNNER),
    row(&["Runner is still running a job"], Means::Busy, "the runner has a job", ALL, RUNNER_SET),
    row(&["since it is running a job"], Means::Busy, "the runner has a job", "later than 0.14.2", RUNNER_SET),
    row(
        &["Runner is not finished yet"],
        Means::Busy,
        "the runner is not finished",
        "0.11.0 and later",
        RUNNER,
    ),
    // No error either: the next pass comes after the pause that the errors before have made long.
    row(
        &["Waiting for dependent resources to be deleted"],
        Means::Releases,
        "the controller releases the chart's protected objects, one in each pass",
        "up to 0.9.2",
        SET,
    ),
    // GitHub does not know what it is to remove or to serve.
    row(
        &["AgentNotFound"],
        Means::RunnerUnknown,
        "GitHub does not know the runner",
        "up to 0.13.1",
        OLD_CLIENT,
    ),
    row(
        &["runner not found"],
        Means::RunnerUnknown,
        "GitHub does not know the runner",
        "0.14.0 and later",
        NEW_ERRORS,
    ),
    // GitHub's own words, and all that the client told of its answer at that time. Later ones name the exception.
    row(
        &["No runner scale set found with identifier"],
        Means::ScaleSetUnknown,
        "GitHub does not know the scale set",
        "up to 0.9.0",
        OLD_ERRORS,
    ),
    row(
        &["RunnerScaleSetNotFound"],
        Means::ScaleSetUnknown,
        "GitHub does not know the scale set",
        ALL,
        OLD_CLIENT,
    ),
    row(
        &["Failed to delete runner scale set", "404"],
        Means::ScaleSetUnknown,
        "GitHub does not know the scale set",
        ALL,
        SET,
    ),
    row(
        &["runnerscalesets/", "404"],
        Means::ScaleSetUnknown,
        "GitHub does not know the scale set",
        ALL,
        NEW_CLIENT,
    ),
    // The listener. That of 0.6.1 does not end then, but asks again every 30 to 45 s.
    row(
        &["unable to create message session", "404"],
        Means::ScaleSetUnknown,
        "GitHub does not know the scale set",
        ALL,
        LISTENER,
    ),
    row(
        &["already has an active session"],
        Means::SessionTaken,
        "another listener has the scale set's session",
        ALL,
        LISTENER,
    ),
    row(
        &["SessionConflict"],
        Means::SessionTaken,
        "another listener has the scale set's session",
        ALL,
        LISTENER,
    ),
    row(
        &["session", "409"],
        Means::SessionTaken,
        "another listener has the scale set's session",
        ALL,
        LISTENER,
    ),
    row(
        &["could not patch ephemeral runner set", "not found"],
        Means::RunnerSetGone,
        "the EphemeralRunnerSet that it scales is gone",
        ALL,
        LISTENER,
    ),
    // The runner.
    row(
        &["Registration", "was not found"],
        Means::RegistrationLost,
        "the runner's registration is not known at GitHub any more",
        ALL,
        RUNNER_APP,
    ),
    row(
        &["not medium trust"],
        Means::RegistrationLost,
        "the runner's registration is not accepted at GitHub any more",
        ALL,
        "github.com/actions/actions-runner-controller/issues/4183",
    ),
    row(&["Job message not found"], Means::JobLost, "the job that it was given is gone", ALL, RUNNER_APP),
    row(
        &["Job message already acquired"],
        Means::JobLost,
        "the job that it was given was taken before",
        ALL,
        RUNNER_APP,
    ),
    row(
        &["deprecated and cannot receive messages"],
        Means::Deprecated,
        "the runner's version is not supported any more",
        ALL,
        RUNNER_APP,
    ),
    // The API server. Before GitHub's, because its refusals carry the same numbers.
    row(
        &["failed to get kubernetes secret"],
        Means::CredentialsUnread,
        "the credentials could not be read",
        "0.12.0 and later",
        RESOLVER,
    ),
    row(
        &["ailed to find GitHub config secret"],
        Means::CredentialsUnread,
        "the credentials could not be read",
        "up to 0.11.0",
        SET,
    ),
    row(&["is forbidden: User"], Means::AccessDenied, "the controller may not do it", ALL, APISERVER),
    row(
        &["failed calling webhook"],
        Means::WebhookFailed,
        "an admission webhook could not be called",
        ALL,
        APISERVER,
    ),
    row(
        &["admission webhook", "denied the request"],
        Means::AdmissionDenied,
        "an admission webhook says no",
        ALL,
        APISERVER,
    ),
    row(
        &["ValidatingAdmissionPolicy", "denied request"],
        Means::AdmissionDenied,
        "an admission policy says no",
        ALL,
        APISERVER,
    ),
    row(&["cannot unmarshal"], Means::Undecodable, "a stored object cannot be decoded", ALL, GO),
    row(&["no matches for kind"], Means::NotServed, "a kind is not served", ALL, "kubernetes/apimachinery"),
    row(
        &["could not find the requested resource"],
        Means::NotServed,
        "a kind is not served",
        ALL,
        "kubernetes/apimachinery",
    ),
    row(
        &["patchID", "Required value"],
        Means::FieldRequired,
        "the stored object lacks a field that the CRD requires",
        "CRDs of 0.9.0 and later",
        "charts/gha-runner-scale-set-controller/crds/actions.github.com_ephemeralrunnersets.yaml",
    ),
    row(
        &["actions.summerwind.dev", "is invalid", "Required value"],
        Means::FieldRequired,
        "the old CRD requires a field that the controller does not write any more",
        "legacy mode",
        "github.com/actions/actions-runner-controller/issues/468",
    ),
];
