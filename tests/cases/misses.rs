//! What is known to be wrong: one line for each in a file, and none that has become right.

use crate::answer::Outcome;
use crate::case;
use std::collections::BTreeSet;
use std::fs;

/// The cases themselves.
pub const CASES: &str = "expected-misses";
/// Other looks at cases that are right.
pub const LOOKS: &str = "expected-misses-of-other-looks";

const HEAD: &str = "\
# What the binary does not get right yet, and in what. The test holds this list in both directions: what is not on it
# has to be right, what has become right has to be taken off. `UPDATE_MISSES=1 cargo test --test cases` writes it.
";

/// `NAME wrong wrong`, if anything is.
pub fn line(name: &str, outcome: &Outcome) -> Option<String> {
    let wrong: Vec<String> = outcome.wrong.iter().map(ToString::to_string).collect();
    (!wrong.is_empty()).then(|| format!("{name} {}", wrong.join(" ")))
}

/// The lines of a list.
pub fn listed(file: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(case::folder().join(file)).unwrap_or_default();
    text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect()
}

/// What is wrong with a list, if anything is.
pub fn differences(file: &str, now: &BTreeSet<String>) -> Option<String> {
    if std::env::var("UPDATE_MISSES").is_ok() {
        let lines: String = now.iter().map(|line| format!("{line}\n")).collect();
        fs::write(case::folder().join(file), format!("{HEAD}{lines}")).expect("the list can be written");
        return None;
    }
    let listed = listed(file);
    let worse: Vec<&String> = now.difference(&listed).collect();
    let better: Vec<&String> = listed.difference(now).collect();
    (!worse.is_empty() || !better.is_empty()).then(|| {
        format!(
            "not as tests/cases/{file} says (what was expected and got stands above)\n\
             wrong, and not on the list: {worse:#?}\non the list, and no longer so: {better:#?}"
        )
    })
}
