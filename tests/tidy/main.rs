//! The house rules, read from the source as text. A finding says where, what, and what to do about it.

mod code;
mod documents;
mod imports;
mod links;
mod outside;
mod places;
mod release;
mod sizes;
mod table;
mod tree;
mod words;

/// Fails with everything that was found, each on a line of its own.
#[track_caller]
fn expect_none(rule: &str, findings: &[String]) {
    assert!(findings.is_empty(), "\n{rule}\n\n{}\n", findings.join("\n"));
}
