//! From data to what is read: pure, no streams, no terminal.

mod error;
pub mod json;
pub mod manual;
pub mod plan;
#[cfg(test)]
mod samples;
pub mod sanitize;
pub mod snapshot;
mod span;
pub mod text;
mod wrap;

pub use error::{error_text, note_text, remark_text, server_warning_text, warning_text};
pub use sanitize::is_hostile;
pub use span::{Label, Phrase, Span, Text};
pub use text::Style;
pub use wrap::{columns, wrapped};
