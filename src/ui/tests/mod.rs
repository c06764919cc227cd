//! On a terminal.
