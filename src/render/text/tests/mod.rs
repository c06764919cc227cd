//! How the answers read.

mod narrow;
mod rules;
mod wide;

use super::Style;
use super::diagnosis;
use crate::render::samples;

const WIDE: Style = Style { width: 80, verbose: false, ascii: false };

/// The sample of this name as it is piped.
fn shown(name: &str, width: usize) -> String {
    diagnosis(&samples::named(name), &Style { width, ..WIDE }).to_string()
}
