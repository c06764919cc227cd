//! The measure: clusters that people reported, each written down from its report, and what the binary says of them.
//!
//! `cargo test --test cases -- --nocapture` prints the table. A case is a base environment (`base/`) and what differs;
//! `WRITE_CASES=FOLDER cargo test --test cases` writes the clusters down, to be looked into with `kubectl arc why -f`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test says what is wrong by panicking, and this one prints a table"
)]

mod answer;
#[path = "../api/mod.rs"]
mod api;
mod base;
mod case;
mod change;
mod cluster;
mod finish;
mod looks;
mod misses;
mod names;
mod reader;
mod remedies;
#[path = "../cli/run.rs"]
#[expect(dead_code, reason = "the other tests use the rest of it")]
mod run;
mod table;
mod times;

use case::Case;
use std::collections::BTreeSet;

/// How many cases the collection that is cited has: C001 to C145.
const REPORTED: usize = 145;

/// Every case with what `judge` says of it, on all cores.
fn judged<T: Send>(cases: Vec<Case>, judge: fn(&Case) -> Result<T, String>) -> Vec<(Case, T)> {
    let share = cases.len().div_ceil(std::thread::available_parallelism().map_or(1, usize::from)).max(1);
    let outcomes: Vec<Result<T, String>> = std::thread::scope(|scope| {
        let shares: Vec<_> = cases
            .chunks(share)
            .map(|share| scope.spawn(move || share.iter().map(judge).collect::<Vec<_>>()))
            .collect();
        shares.into_iter().flat_map(|share| share.join().expect("a case was not judged")).collect()
    });
    let problems: Vec<&str> =
        outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).map(String::as_str).collect();
    assert!(problems.is_empty(), "cases that cannot be written:\n{}", problems.join("\n"));
    cases.into_iter().zip(outcomes.into_iter().flatten()).collect()
}

/// What is wrong is known by name, in both directions: what gets better is taken off the list.
#[test]
fn the_table_is_as_good_as_the_list_of_misses_says() {
    let judged = judged(case::all(), answer::judge);
    println!("{}", table::table(&judged));
    let now = judged.iter().filter_map(|(case, outcome)| misses::line(&case.name, outcome)).collect();
    if let Some(wrong) = misses::differences(misses::CASES, &now) {
        panic!("{wrong}");
    }
}

/// What is right must not hang on names, on the question, or on luck.
#[test]
fn what_is_right_stays_so_in_other_looks() {
    let missed = misses::listed(misses::CASES);
    let is_missed = |case: &Case| missed.iter().any(|line| line.starts_with(&format!("{} ", case.name)));
    let cases = case::all().into_iter().filter(|case| !is_missed(case)).collect();
    let mut now = BTreeSet::new();
    for (case, looks) in judged(cases, answer::judge_other_looks) {
        for (look, outcome) in looks {
            let name = format!("{} {look}", case.name);
            print!("{}", table::wrong(&name, &case, &outcome));
            now.extend(misses::line(&name, &outcome));
        }
    }
    if let Some(wrong) = misses::differences(misses::LOOKS, &now) {
        panic!("{wrong}");
    }
}

/// What decides about a case is in the file that `snapshot` writes of it.
#[test]
fn a_case_that_was_written_down_anew_has_the_same_answer() {
    let written_anew = |text: &str| run::arc_reading(&["snapshot", "-f", "-"], text).stdout;
    for case in case::all() {
        let text = case.snapshot().unwrap_or_else(|problem| panic!("{problem}"));
        let answer = |text: &str| run::arc_reading(&answer::question(&case), text);
        let (told, anew) = (answer(&text), answer(&written_anew(&text)));
        assert_eq!((told.code, told.stdout), (anew.code, anew.stdout), "{}", case.name);
    }
}

#[test]
fn every_reported_case_is_in_the_table_or_left_out_with_a_reason() {
    let cases = case::all();
    let told: Vec<String> = cases.iter().flat_map(|case| case.case.clone()).collect();
    let left_out = case::left_out();
    let known: BTreeSet<String> = (1..=REPORTED).map(|number| format!("C{number:03}")).collect();
    for id in told.iter().chain(left_out.keys()) {
        assert!(known.contains(id), "there is no reported case {id}");
    }
    for case in &cases {
        assert!(case.story.len() > 40, "{}: a case is a story", case.name);
        assert_eq!(case.source.is_some(), !case.case.is_empty(), "{}: a report has a source", case.name);
    }
    for (id, reason) in &left_out {
        assert!(!told.contains(id), "{id} is told and left out");
        assert!(reason.len() > 20, "{id} is left out without a reason");
    }
    let missing: Vec<&String> =
        known.iter().filter(|id| !told.contains(id) && !left_out.contains_key(*id)).collect();
    assert!(missing.is_empty(), "cases that are neither told nor left out: {missing:?}");
}

#[test]
fn a_mistake_in_a_case_is_told_with_its_file_and_place() {
    let good = "case: C001\nsource: x\nstory: A story.\narc: 0.14.2\nbase: scale-sets\nexpect: {exit: 0, verdict: clear}\n";
    let problem = |text: &str| match case::read("x/C001.yaml", text) {
        Ok(case) => case.snapshot().err().unwrap_or_default(),
        Err(error) => error,
    };
    assert_eq!(problem(good), "");
    let change = |change: &str| problem(&format!("{good}change:\n- {change}\n"));
    for (text, says) in [
        (problem(&good.replace("story", "sotry")), "sotry"),
        (problem(&good.replace("scale-sets", "nowhere")), "base/nowhere.yaml"),
        (problem(&format!("{good}parts: {{nobody: {{x: true}}}}\n")), "nobody"),
        (problem(&format!("{good}parts: {{ci: {{ownsecret: true}}}}\n")), "ownsecret"),
        (
            change("remove: [Secret arc-runners/nobody]"),
            "change 1: nothing is called Secret arc-runners/nobody",
        ),
        (
            change("patch: {what: Pod arc-runners/*, with: {status: {phase: Running}}}"),
            "change 1: changes nothing",
        ),
        (change("patch: {what: Pod arc-runners/*, at: /spec/nowhere, with: {a: b}}"), "/spec/nowhere"),
        (change("delete: {what: ServiceAccount arc-systems/ci-*, ago: 1h}"), "no finalizer"),
        (change("delete: {what: AutoscalingRunnerSet arc-runners/ci, ago: soon}"), "soon"),
        (change("uninstall: {release: nobody, ago: 1h}"), "nobody"),
        (problem(&format!("{good}coverage: [{{kind: Nothing, error: forbidden}}]\n")), "Nothing"),
    ] {
        assert!(text.starts_with("x/C001.yaml: ") && text.contains(says), "{says}: {text}");
    }
}
