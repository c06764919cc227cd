//! Words in logs and in status messages that decide something. Matched as substrings; the logger's field names
//! around them vary.

mod cluster;
mod github;

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
    /// The controller takes the protection off what the chart made, one object in each pass.
    Releases,
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

/// All phrases; what is more telling stands first, and the first that fits counts. The API server's stand before
/// GitHub's, because its refusals carry the same numbers.
fn all() -> impl Iterator<Item = &'static PhraseRow> {
    cluster::PHRASES.iter().chain(github::PHRASES)
}

/// The first phrase that a text holds.
pub fn phrase(text: &str) -> Option<&'static PhraseRow> {
    let found = all().find(|row| row.parts.iter().all(|part| text.contains(part)))?;
    let of_github = matches!(found.means, Means::Refuses(_));
    let of_kubernetes = KUBERNETES_PATHS.iter().any(|path| text.contains(path));
    (!of_github || !of_kubernetes).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_phrase_says_what_it_means_and_where_it_was_read() {
        for row in all() {
            assert!(!row.parts.is_empty() && row.parts.iter().all(|part| part.len() > 2), "{row:?}");
            assert!(!row.says.is_empty() && !row.versions.is_empty() && !row.source.is_empty(), "{row:?}");
            assert!(!row.says.ends_with('.'), "{row:?} is a clause");
        }
    }

    #[test]
    fn no_phrase_hides_another() {
        for (place, row) in all().enumerate() {
            let line = row.parts.join(" ");
            let first = all().position(|other| other.parts.iter().all(|part| line.contains(part)));
            assert_eq!(first, Some(place), "{:?} is never reached", row.parts);
        }
    }

    #[test]
    fn lines_of_each_generation_are_understood() {
        let lines = [
            (
                "401 - had issue communicating with Actions backend: Unauthorized",
                Means::Refuses(Refusal::Credentials),
            ),
            (
                "403 - had issue communicating with Actions backend: Forbidden",
                Means::Refuses(Refusal::Permission),
            ),
            (
                "503 - had issue communicating with Actions backend: no healthy upstream",
                Means::Refuses(Refusal::Server),
            ),
            (
                "409 - had issue communicating with Actions backend: Conflict",
                Means::Refuses(Refusal::Unclear),
            ),
            (
                "github api error: StatusCode 401, RequestID \"A\": Bad credentials",
                Means::Refuses(Refusal::Credentials),
            ),
            (
                "request POST https://api.github.com/x failed(status=\"403 Forbidden\"): no",
                Means::Refuses(Refusal::Permission),
            ),
            (
                "actions error: StatusCode 404, AcivityId \"x\": AgentNotFoundException: none",
                Means::RunnerUnknown,
            ),
            (
                "Get \"https://ghes.corp/api/v3/x\": dial tcp: lookup ghes.corp: no such host",
                Means::Refuses(Refusal::Network),
            ),
            (
                "tls: failed to verify certificate: x509: certificate signed by unknown authority",
                Means::Refuses(Refusal::Certificate),
            ),
            (
                "404 - had issue communicating with Actions backend: No runner scale set found with identifier 17.",
                Means::ScaleSetUnknown,
            ),
            (
                "neither PAT nor GitHub App Auth credentials provided in secret",
                Means::Refuses(Refusal::Credentials),
            ),
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
