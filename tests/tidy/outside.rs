//! What belongs to the outside (crates, streams, clock, files) stays in few rooms.

use crate::expect_none;
use crate::table;
use crate::table::Row;
use crate::tree;
use crate::tree::Source;

fn check(source: &Source, table: &[Row]) -> Vec<String> {
    let place = source.path.trim_start_matches("src/").trim_end_matches(".rs");
    let mut findings = Vec::new();
    for row in table {
        let is_inside = |room: &String| place == room || place.starts_with(&format!("{room}/"));
        if row.to.iter().any(is_inside) {
            continue;
        }
        for what in &row.of {
            for at in uses(source, what) {
                findings.push(format!(
                    "{}: `{what}` stands in {} alone; do it there and pass on what comes of it",
                    source.at(at),
                    row.to.join(" and ")
                ));
            }
        }
    }
    findings
}

/// Where a crate is used, or anything else that is no mere name stands.
fn uses(source: &Source, what: &str) -> Vec<usize> {
    if !what.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
        return source.code.find(what);
    }
    let is_path = |at: &usize| !source.code.letters[..*at].ends_with(&[':', ':']);
    let mut found: Vec<usize> = source.code.find(&format!("{what}::")).into_iter().filter(is_path).collect();
    found.extend(source.code.find(&format!("use {what};")));
    found
}

#[test]
fn what_belongs_to_the_outside_stays_in_few_rooms() {
    let table = table::table("What | Only in");
    let findings: Vec<String> = tree::product().iter().flat_map(|source| check(source, &table)).collect();
    expect_none(
        "What belongs to the outside stays in few rooms (docs/architecture.md, invariant 1).",
        &findings,
    );
}

#[test]
fn something_of_the_outside_in_the_wrong_room_is_found() {
    let names = |words: &[&str]| words.iter().map(ToString::to_string).collect();
    let table = [
        Row { of: names(&["kube", "::stdin", "Timestamp::now"]), to: names(&["source/file"]) },
        Row { of: names(&["print!", ".await"]), to: names(&["ui"]) },
    ];
    let found = |path: &str, text: &str| check(&Source::of(path, text), &table);
    let right = "use kube::Client; io::stdin(); jiff::Timestamp::now();";
    assert_eq!(found("src/source/file/mod.rs", right), [] as [&str; 0]);
    assert_eq!(found("src/source/file.rs", right), [] as [&str; 0]);
    assert_eq!(found("src/source/filed.rs", right).len(), 3);
    assert_eq!(
        found("src/ui/mod.rs", "print!(); crate::kube::x; mykube::y; command.stdin(x)"),
        [] as [&str; 0]
    );
    assert_eq!(found("src/arc/a.rs", "eprint!(); // print!()"), [] as [&str; 0]);
    for text in ["print!()", "x.await", "use kube;", "kube::Client", "std::io::stdin().lock()"] {
        assert_eq!(found("src/arc/a.rs", text).len(), 1, "{text}");
    }
}

/// The law itself, as it stands in the table: invariants 1 and 8.
#[test]
fn a_write_outside_of_apply_is_found() {
    let table = table::table("What | Only in");
    let found = |path: &str, text: &str| check(&Source::of(path, text), &table);
    let writes = [
        "Request::builder().method(Method::PATCH)",
        "let method = http::Method::DELETE;",
        "Request::put(path)",
        "Request::post(path)",
        "Method::POST",
        "fetch::post(client, path, body)",
        "kube::Api::all(client)",
        "use kube::api::Api;",
    ];
    for text in writes {
        for path in ["src/command/unblock/run.rs", "src/source/cluster/list.rs", "src/journal/file.rs"] {
            assert!(!found(path, text).is_empty(), "{path}: {text}");
        }
    }
    assert_eq!(found("src/apply/work.rs", "Method::PATCH"), [] as [&str; 0]);
}
