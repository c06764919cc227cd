//! Words in logs and in status messages that decide something. Matched as substrings; the logger's field names
//! around them vary.

/// `status.reason` of an EphemeralRunner whose pod the API server refused
/// (`controllers/actions.github.com/ephemeralrunner_controller.go`, 0.8.0 and later).
pub const INVALID_POD: &str = "InvalidPod";
/// `status.reason` of an EphemeralRunner whose pods failed more than five times (same file, up to 0.11.0).
pub const TOO_MANY_FAILURES: &str = "TooManyPodFailures";
/// The variable by which a runner container asks for container hooks: from 0.11.0 on, only then are Secrets listed
/// at its end (same file).
pub const HOOKS_VARIABLE: &str = "ACTIONS_RUNNER_CONTAINER_HOOKS";
/// The controller deletes a runner set because of its version label: an INFO line, no error
/// (`controllers/actions.github.com/autoscalingrunnerset_controller.go`, 0.5.0 and later).
pub const VERSION_MISMATCH: &str = "doesn't match the build version";
/// Parts of paths of the Kubernetes API: an error with one of these is about the API server and not about GitHub.
/// GitHub's own servers have `/api/v3`.
pub const KUBERNETES_PATHS: [&str; 2] = ["/api/v1", "/apis/"];

/// What a line of a log means for the diagnosis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Means {
    /// GitHub, or the way to it, refuses: what there is to repair.
    Refuses(Refusal),
    /// GitHub does not know the runner that it is to remove.
    RunnerUnknown,
    /// GitHub does not know the scale set.
    ScaleSetUnknown,
    /// GitHub says that the runner is busy.
    Busy,
    /// The scale set's message session belongs to another listener.
    SessionTaken,
    /// The listener was told to scale an EphemeralRunnerSet that is gone.
    RunnerSetGone,
    /// The runner's registration is not known at GitHub any more.
    RegistrationLost,
    /// The job that the runner was given is not there any more, or somebody else has it.
    JobLost,
    /// The runner's version is not supported any more.
    Deprecated,
    /// The credentials could not be read: the Secret is missing, or it may not be read.
    CredentialsUnread,
    /// The API server's authorizer refuses the controller.
    AccessDenied,
    /// A stored object cannot be decoded by this build.
    Undecodable,
    /// The API server does not serve a kind.
    NotServed,
    /// The API server wants a field that the stored object does not have.
    FieldRequired,
    /// An admission webhook could not be called.
    WebhookFailed,
    /// An admission webhook or policy says no.
    AdmissionDenied,
}

/// Where the refusal of GitHub lies, and so what there is to repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The credentials are wrong, revoked or incomplete.
    Credentials,
    /// The credentials are right and lack a permission.
    Permission,
    /// The URL names nothing that these credentials can see.
    Address,
    /// The certificate of the server or of the proxy is not trusted.
    Certificate,
    /// The server cannot be reached: network, DNS, proxy.
    Network,
    /// The server answers with an error of its own.
    Server,
    /// The runner group does not exist.
    Group,
    /// The vault with the credentials.
    Vault,
    /// The line does not tell.
    Unclear,
}

/// One phrase: the line has all of its parts.
#[derive(Clone, Copy, Debug)]
pub struct PhraseRow {
    pub parts: &'static [&'static str],
    pub means: Means,
    /// A clause for people: what the line says.
    pub says: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for readers of the table"))]
    pub versions: &'static str,
    #[cfg_attr(not(test), expect(dead_code, reason = "it is for readers of the table"))]
    /// The upstream file it was read in, or the report that quotes it.
    pub source: &'static str,
}

const fn row(
    parts: &'static [&'static str],
    means: Means,
    says: &'static str,
    versions: &'static str,
    source: &'static str,
) -> PhraseRow {
    PhraseRow { parts, means, says, versions, source }
}

const OLD_CLIENT: &str = "github/actions/client.go";
const NEW_CLIENT: &str = "actions/scaleset client.go";
const NEW_ERRORS: &str = "actions/scaleset errors.go";
const CONFIG: &str = "apis/actions.github.com/v1alpha1/appconfig/appconfig.go";
const RESOLVER: &str = "controllers/actions.github.com/secretresolver";
const RUNNER: &str = "controllers/actions.github.com/ephemeralrunner_controller.go";
const RUNNER_SET: &str = "controllers/actions.github.com/ephemeralrunnerset_controller.go";
const SET: &str = "controllers/actions.github.com/autoscalingrunnerset_controller.go";
const LISTENER: &str = "cmd/ghalistener";
const RUNNER_APP: &str = "actions/runner src/Runner.Listener";
const APISERVER: &str = "kubernetes/apiserver";
const GO: &str = "the standard library of Go";
const ALL: &str = "all";

const CREDENTIALS: Means = Means::Refuses(Refusal::Credentials);
const PERMISSION: Means = Means::Refuses(Refusal::Permission);
const ADDRESS: Means = Means::Refuses(Refusal::Address);
const CERTIFICATE: Means = Means::Refuses(Refusal::Certificate);
const NETWORK: Means = Means::Refuses(Refusal::Network);
const SERVER: Means = Means::Refuses(Refusal::Server);
const UNCLEAR: Means = Means::Refuses(Refusal::Unclear);

/// All phrases; what is more telling stands first, and the first that fits counts.
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
    // The listener.
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
    // GitHub and the way to it.
    row(&["x509:"], CERTIFICATE, "the certificate is not trusted", ALL, GO),
    row(&["tls: "], CERTIFICATE, "no secure connection comes about", ALL, GO),
    row(&["failed to parse certificate"], CERTIFICATE, "the configured certificate is none", ALL, OLD_CLIENT),
    row(
        &["failed to get configmap"],
        CERTIFICATE,
        "the ConfigMap with the certificate cannot be read",
        ALL,
        RESOLVER,
    ),
    row(&["no such host"], NETWORK, "the host's name is not known", ALL, GO),
    row(&["connection refused"], NETWORK, "the connection is refused", ALL, GO),
    row(&["connection reset"], NETWORK, "the connection is cut", ALL, GO),
    row(&["network is unreachable"], NETWORK, "the network is unreachable", ALL, GO),
    row(&["i/o timeout"], NETWORK, "nobody answers", ALL, GO),
    row(&["Client.Timeout exceeded"], NETWORK, "nobody answers", ALL, GO),
    row(&["proxyconnect"], NETWORK, "the proxy cannot be reached", ALL, GO),
    row(&["Proxy Authentication Required"], NETWORK, "the proxy wants other credentials", ALL, GO),
    row(
        &["failed to get proxy secret"],
        NETWORK,
        "the proxy's Secret cannot be read",
        "up to 0.11.0",
        RUNNER,
    ),
    row(
        &["failed to resolve proxy credentials"],
        NETWORK,
        "the proxy's credentials cannot be read",
        "0.12.0 and later",
        RESOLVER,
    ),
    row(
        &["no runner group found with name"],
        Means::Refuses(Refusal::Group),
        "there is no such runner group",
        ALL,
        NEW_CLIENT,
    ),
    row(
        &["unknown vault type"],
        Means::Refuses(Refusal::Vault),
        "the type of the vault is not known",
        "0.12.0 and later",
        RESOLVER,
    ),
    row(
        &["failed to create Azure Key Vault client"],
        Means::Refuses(Refusal::Vault),
        "the vault cannot be reached",
        "0.12.0 and later",
        RESOLVER,
    ),
    row(
        &["failed to resolve secret"],
        Means::Refuses(Refusal::Vault),
        "the vault does not give the credentials",
        "0.12.0 and later",
        RESOLVER,
    ),
    row(
        &["both PAT and GitHub App credentials"],
        CREDENTIALS,
        "the Secret has two sorts of credentials",
        "0.12.0 and later",
        CONFIG,
    ),
    row(
        &["no credentials provided"],
        CREDENTIALS,
        "the Secret has no complete credentials",
        "0.12.0 and later",
        CONFIG,
    ),
    row(
        &["failed to validate config"],
        CREDENTIALS,
        "the Secret's keys do not fit together",
        "0.12.0 and later",
        CONFIG,
    ),
    row(&["failed to parse RSA private key"], CREDENTIALS, "the App's private key is none", ALL, OLD_CLIENT),
    row(
        &["Bad credentials"],
        CREDENTIALS,
        "GitHub does not take the credentials",
        ALL,
        "docs.github.com/rest",
    ),
    row(&["401 Unauthorized"], CREDENTIALS, "GitHub does not take the credentials", ALL, NEW_ERRORS),
    row(
        &["StatusCode 401"],
        CREDENTIALS,
        "GitHub does not take the credentials",
        "0.9.1 to 0.13.1",
        OLD_CLIENT,
    ),
    row(&["status=401"], CREDENTIALS, "GitHub does not take the credentials", "0.14.0 and later", NEW_ERRORS),
    row(&["rate limit"], SERVER, "GitHub limits how often it may be asked", ALL, "docs.github.com/rest"),
    row(
        &["Resource not accessible by"],
        PERMISSION,
        "the credentials lack a permission",
        ALL,
        "docs.github.com/rest",
    ),
    row(&["403 Forbidden"], PERMISSION, "the credentials lack a permission", ALL, NEW_ERRORS),
    row(&["StatusCode 403"], PERMISSION, "the credentials lack a permission", "0.9.1 to 0.13.1", OLD_CLIENT),
    row(&["status=403"], PERMISSION, "the credentials lack a permission", "0.14.0 and later", NEW_ERRORS),
    row(
        &["registration-token", "404"],
        ADDRESS,
        "the URL names nothing that these credentials can see",
        ALL,
        OLD_CLIENT,
    ),
    row(
        &["runner registration token", "404"],
        ADDRESS,
        "the URL names nothing that these credentials can see",
        ALL,
        OLD_CLIENT,
    ),
    row(&["access token", "404"], CREDENTIALS, "there is no such installation of the App", ALL, OLD_CLIENT),
    row(
        &["Github Config URL is invalid"],
        ADDRESS,
        "the URL is none of GitHub's",
        ALL,
        "controllers/actions.github.com",
    ),
    row(
        &["failed to parse githubConfigURL"],
        ADDRESS,
        "the URL is none of GitHub's",
        "0.14.0 and later",
        NEW_CLIENT,
    ),
    row(
        &["github api error: StatusCode 404"],
        ADDRESS,
        "the URL names nothing that these credentials can see",
        "0.9.1 to 0.13.1",
        OLD_CLIENT,
    ),
    row(&["500 Internal Server Error"], SERVER, "the server fails", ALL, NEW_ERRORS),
    row(&["502 Bad Gateway"], SERVER, "the server fails", ALL, NEW_ERRORS),
    row(&["503 Service Unavailable"], SERVER, "the server fails", ALL, NEW_ERRORS),
    row(&["StatusCode 50"], SERVER, "the server fails", "0.9.1 to 0.13.1", OLD_CLIENT),
    row(
        &["failed to get access token for GitHub App auth"],
        CREDENTIALS,
        "GitHub gives the App no token",
        "up to 0.13.1",
        OLD_CLIENT,
    ),
    row(
        &["failed to get runner registration token"],
        CREDENTIALS,
        "GitHub gives no registration token",
        "up to 0.13.1",
        OLD_CLIENT,
    ),
    row(
        &["unexpected response from Actions service during registration token call"],
        CREDENTIALS,
        "GitHub gives no registration token",
        "up to 0.9.0",
        OLD_CLIENT,
    ),
    row(
        &["unable to register runner after"],
        UNCLEAR,
        "GitHub does not answer the registration",
        "up to 0.13.1",
        OLD_CLIENT,
    ),
    row(&["issue communicating with Actions backend"], UNCLEAR, "GitHub refuses", "up to 0.9.0", OLD_CLIENT),
    row(&["Failed to get runner scale set from Actions service"], UNCLEAR, "GitHub refuses", ALL, SET),
    row(&["client request failed"], UNCLEAR, "GitHub cannot be reached", "up to 0.13.1", OLD_CLIENT),
    row(&["failed to send request"], UNCLEAR, "GitHub cannot be reached", "0.14.0 and later", NEW_CLIENT),
];

/// The first phrase that a text holds.
pub fn phrase(text: &str) -> Option<&'static PhraseRow> {
    let found = PHRASES.iter().find(|row| row.parts.iter().all(|part| text.contains(part)))?;
    let of_github = matches!(found.means, Means::Refuses(_));
    let of_kubernetes = KUBERNETES_PATHS.iter().any(|path| text.contains(path));
    (!of_github || !of_kubernetes).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_says_what_it_means_and_where_it_was_read() {
        for row in PHRASES {
            assert!(!row.parts.is_empty() && row.parts.iter().all(|part| part.len() > 2), "{row:?}");
            assert!(!row.says.is_empty() && !row.versions.is_empty() && !row.source.is_empty(), "{row:?}");
            assert!(!row.says.ends_with('.'), "{row:?} is a clause");
        }
    }

    #[test]
    fn no_phrase_hides_another() {
        for (place, row) in PHRASES.iter().enumerate() {
            let line = row.parts.join(" ");
            let first = PHRASES.iter().position(|other| other.parts.iter().all(|part| line.contains(part)));
            assert_eq!(first, Some(place), "{:?} is never reached", row.parts);
        }
    }

    #[test]
    fn lines_of_each_generation_are_understood() {
        let lines = [
            ("github api error: StatusCode 401, RequestID \"A\": Bad credentials", CREDENTIALS),
            ("request POST https://api.github.com/x failed(status=\"403 Forbidden\"): no", PERMISSION),
            (
                "actions error: StatusCode 404, AcivityId \"x\": AgentNotFoundException: none",
                Means::RunnerUnknown,
            ),
            ("Get \"https://ghes.corp/api/v3/x\": dial tcp: lookup ghes.corp: no such host", NETWORK),
            ("tls: failed to verify certificate: x509: certificate signed by unknown authority", CERTIFICATE),
            ("Runner is not finished yet, retrying in 30s", Means::Busy),
            ("json: cannot unmarshal bool into Go struct field", Means::Undecodable),
        ];
        for (line, means) in lines {
            assert_eq!(phrase(line).map(|row| row.means), Some(means), "{line}");
        }
        let other = "Get \"https://10.96.0.1:443/api/v1/namespaces/a\": dial tcp: connection refused";
        assert!(phrase(other).is_none(), "it is the API server that does not answer");
        // A healthy controller's log has such lines.
        assert!(phrase("status.currentReplicas: Required value").is_none());
    }
}
