//! Words in ARC's logs that decide something. Matched as substrings; the logger's field names around them vary.

/// The controller deletes a runner set because of its version label: an INFO line, no error
/// (`controllers/actions.github.com/autoscalingrunnerset_controller.go`, 0.5.0 and later).
pub const VERSION_MISMATCH: &str = "doesn't match the build version";

/// `status.reason` of an EphemeralRunner whose pod the API server refused
/// (`controllers/actions.github.com/ephemeralrunner_controller.go`, 0.8.0 and later).
pub const INVALID_POD: &str = "InvalidPod";
/// The variable by which a runner container asks for container hooks: from 0.11.0 on, only then are Secrets listed
/// at its end (same file).
pub const HOOKS_VARIABLE: &str = "ACTIONS_RUNNER_CONTAINER_HOOKS";
