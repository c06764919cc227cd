//! Words in ARC's logs that decide something. Matched as substrings; the logger's field names around them vary.

/// The controller deletes a runner set because of its version label: an INFO line, no error
/// (`controllers/actions.github.com/autoscalingrunnerset_controller.go`, 0.5.0 and later).
pub const VERSION_MISMATCH: &str = "doesn't match the build version";
