//! What is known to be wrong: one line for each case in `expected-misses`, and none that has become right.

use crate::answer::Outcome;
use crate::case;
use crate::case::Case;
use std::collections::BTreeSet;
use std::fs;

const HEAD: &str = "\
# Cases that the binary does not get right yet, and in what. The test holds this list in both directions: what is not
# on it has to be right, what has become right has to be taken off. `UPDATE_MISSES=1 cargo test --test cases` writes it.
";

/// What is wrong with the list, if anything is.
pub fn differences(judged: &[(Case, Outcome)]) -> Option<String> {
    let path = case::folder().join("expected-misses");
    let now: BTreeSet<String> = judged
        .iter()
        .filter(|(_, outcome)| !outcome.wrong.is_empty())
        .map(|(case, outcome)| {
            let wrong: Vec<String> = outcome.wrong.iter().map(ToString::to_string).collect();
            format!("{} {}", case.name, wrong.join(" "))
        })
        .collect();
    if std::env::var("UPDATE_MISSES").is_ok() {
        let lines: Vec<&str> = now.iter().map(String::as_str).collect();
        fs::write(&path, format!("{HEAD}{}\n", lines.join("\n"))).expect("expected-misses can be written");
        return None;
    }
    let text = fs::read_to_string(&path).expect("expected-misses");
    let listed: BTreeSet<String> =
        text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(str::to_owned).collect();
    let worse: Vec<&String> = now.difference(&listed).collect();
    let better: Vec<&String> = listed.difference(&now).collect();
    (!worse.is_empty() || !better.is_empty()).then(|| {
        format!(
            "not as tests/cases/expected-misses says (the table above tells what was expected and got)\n\
             wrong, and not on the list: {worse:#?}\non the list, and no longer so: {better:#?}"
        )
    })
}
