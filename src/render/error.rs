//! Failures and warnings of the tool, as they are told on stderr.

use super::span::Label;
use super::span::Phrase;
use super::span::Text;
use crate::error::Error;

/// `error: <what>`, then the causes and the hint, each on its own line and never wrapped: such lines are
/// searched for and mailed around.
pub fn error_text(error: &Error) -> Text {
    let mut text = Text::new();
    text.line(Phrase::of(Label::Danger, "error:").plain(" ").plain(&error.message));
    for cause in &error.causes {
        text.line(Phrase::of(Label::Dim, "  caused by:").plain(" ").plain(cause));
    }
    if let Some(hint) = &error.hint {
        text.line(Phrase::of(Label::Good, "  hint:").plain(" ").plain(hint));
    }
    text
}

/// `  <what>`: a line of a report on what is going on.
pub fn remark_text(message: &str) -> Text {
    let mut text = Text::new();
    text.line(Phrase::new().plain("  ").plain(message));
    text
}

/// A line as kubectl would say it.
pub fn note_text(message: &str) -> Text {
    let mut text = Text::new();
    text.line(Phrase::new().plain(message));
    text
}

/// `Warning: <what>`, as kubectl prints what the API server warns of.
pub fn server_warning_text(message: &str) -> Text {
    let mut text = Text::new();
    text.line(Phrase::of(Label::Warn, "Warning:").plain(" ").plain(message));
    text
}

/// `warning: <what>`.
pub fn warning_text(message: &str) -> Text {
    let mut text = Text::new();
    text.line(Phrase::of(Label::Warn, "warning:").plain(" ").plain(message));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_its_message_its_causes_and_a_hint() {
        let error = Error::access("cannot reach the cluster of context prod")
            .because("connect to 10.0.0.1:6443\x1b[2J")
            .because("connection refused")
            .hint("Check that the VPN is up.");
        insta::assert_snapshot!(error_text(&error), @r"
        error: cannot reach the cluster of context prod
          caused by: connect to 10.0.0.1:6443\u{1b}[2J
          caused by: connection refused
          hint: Check that the VPN is up.
        ");
    }
}
