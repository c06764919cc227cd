//! What the documents say of the program is so.

use crate::code::Code;
use crate::expect_none;
use crate::tree;
use crate::tree::File;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;

/// The numbered invariants of docs/architecture.md, each with its text.
fn invariants(text: &str) -> BTreeMap<usize, String> {
    let mut found: BTreeMap<usize, String> = BTreeMap::new();
    let section = text.lines().skip_while(|line| *line != "## Invariants").skip(1);
    let mut last = None;
    for line in section.take_while(|line| !line.starts_with("## ")) {
        let number = line.split_once(". ").and_then(|(number, _)| number.parse().ok());
        last = number.or(last);
        if let Some(number) = last {
            found.entry(number).or_default().push_str(line);
        }
    }
    found
}

/// The numbers in `invariant 4`, `invariants 2 and 4`, `(invariant 7)`.
fn quoted(text: &str) -> Vec<usize> {
    let text = text.to_lowercase();
    text.split("invariant")
        .skip(1)
        .flat_map(|rest| {
            rest.trim_start_matches('s')
                .split([' ', ','])
                .filter(|word| !word.is_empty() && *word != "and")
                .map_while(|word| word.trim_matches(|letter: char| !letter.is_ascii_digit()).parse().ok())
                .collect::<Vec<usize>>()
        })
        .collect()
}

#[test]
fn every_invariant_that_is_quoted_exists() {
    let known = invariants(&tree::file("docs/architecture.md").text);
    assert_eq!(known.keys().copied().collect::<Vec<_>>(), (1..=known.len()).collect::<Vec<_>>());
    let files = tree::files("src").into_iter().chain(tree::files("tests"));
    let findings: Vec<String> = files
        .flat_map(|file| quoted(&file.text).into_iter().map(move |number| (file.path.clone(), number)))
        .filter(|(_, number)| !known.contains_key(number))
        .map(|(path, number)| format!("{path}: there is no invariant {number} in docs/architecture.md"))
        .collect();
    expect_none("Invariants are quoted by their numbers in docs/architecture.md.", &findings);
}

/// The words in backticks that can only be names of tests.
fn tests_named(text: &str) -> Vec<String> {
    let words = text.split('`').skip(1).step_by(2);
    words
        .filter(|word| word.matches('_').count() >= 2)
        .filter(|word| word.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn every_invariant_is_held_by_tests_that_exist() {
    let functions: BTreeSet<String> = tree::files("src")
        .into_iter()
        .chain(tree::files("tests"))
        .filter(|file| file.path.ends_with(".rs"))
        .flat_map(|file| {
            let code = Code::read(&file.text);
            code.find("fn ").into_iter().map(|at| code.word(at + 3)).collect::<Vec<_>>()
        })
        .collect();
    let mut findings = Vec::new();
    for (number, text) in invariants(&tree::file("docs/architecture.md").text) {
        let tests = tests_named(&text);
        if tests.is_empty() {
            findings
                .push(format!("docs/architecture.md: invariant {number} does not say which test holds it"));
        }
        for test in tests.iter().filter(|test| !functions.contains(*test)) {
            findings.push(format!(
                "docs/architecture.md: invariant {number} names the test `{test}`; was it renamed?"
            ));
        }
    }
    expect_none("Each invariant names the tests that hold it.", &findings);
}

#[test]
fn every_room_is_on_the_map() {
    let document = tree::file("docs/architecture.md").text;
    let rooms: BTreeSet<String> = tree::product().iter().map(|source| source.room().to_owned()).collect();
    let findings: Vec<String> = rooms
        .into_iter()
        .filter(|room| {
            ![format!("| `src/{room}` |"), format!("| `src/{room}.rs` |")]
                .iter()
                .any(|row| document.contains(row))
        })
        .map(|room| format!("docs/architecture.md: \"The rooms\" has no row for `src/{room}`"))
        .collect();
    expect_none("Every room is on the map.", &findings);
}

/// The places in this repository that a document names.
fn places(text: &str) -> Vec<&str> {
    let named =
        text.split(['`', '(', ')', ' ', '\n']).map(|word| word.trim_end_matches(['/', ',', '.', ':']));
    let ours = ["src/", "tests/", "docs/", "examples/", ".ci/", ".github/"];
    named.filter(|word| ours.iter().any(|folder| word.starts_with(folder) && !word.contains('…'))).collect()
}

#[test]
fn every_place_that_a_document_names_exists() {
    let guides = ["docs/architecture.md", "docs/CONTRIBUTING.md", "docs/testing.md", "docs/releasing.md"];
    let names = ["README.md", "CHANGELOG.md", "Cargo.toml"].into_iter().chain(guides);
    let findings: Vec<String> = names
        .map(tree::file)
        .flat_map(|file| {
            let gone = |place: &&str| !Path::new(tree::ROOT).join(place).exists();
            let gone: Vec<String> = places(&file.text).into_iter().filter(gone).map(str::to_owned).collect();
            gone.into_iter().map(move |place| format!("{}: there is no {place}; has it moved?", file.path))
        })
        .collect();
    expect_none("Documents name what is there.", &findings);
}

/// The lines of Rust that a document shows.
fn shown(text: &str) -> Vec<&str> {
    let blocks = text.split("```rust\n").skip(1).filter_map(|rest| rest.split("```").next());
    blocks.flat_map(str::lines).map(str::trim).filter(|line| !line.is_empty()).collect()
}

#[test]
fn code_in_documents_is_code_of_the_program() {
    let files = tree::files("src");
    let known: BTreeSet<&str> = files.iter().flat_map(|file| file.text.lines()).map(str::trim).collect();
    let document = tree::file("docs/CONTRIBUTING.md");
    let findings: Vec<String> = shown(&document.text)
        .into_iter()
        .filter(|line| !known.contains(line))
        .map(|line| format!("{}: no file of src has the line `{line}`; show what is there", document.path))
        .collect();
    expect_none("Documents show code as it is.", &findings);
}

#[test]
fn the_readme_names_the_oldest_rust() {
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    let File { text, .. } = tree::file("README.md");
    assert!(
        text.contains(&format!("Rust {oldest} or newer")),
        "README.md: the oldest Rust that will do is {oldest}"
    );
}

#[test]
fn what_is_wrong_in_a_document_is_found() {
    let document = "## Invariants\n\n1. **A.** Held by\n   `a_b_c`.\n2. B.\n\n## Next\n\n3. no\n";
    let found = invariants(document);
    assert_eq!(found.len(), 2);
    assert_eq!(tests_named(&found[&1]), ["a_b_c"]);
    assert_eq!(tests_named(&found[&2]), [] as [&str; 0]);
    let text = "// (invariant 7). Invariants 2 and 4, see\n/// invariant of the loop\n//! invariant 3: it";
    assert_eq!(quoted(text), [7, 2, 4, 3]);
}
