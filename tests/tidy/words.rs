//! ARC's strings stand in one table (invariant 7).

use crate::expect_none;
use crate::tree;
use crate::tree::Source;

/// What an ARC string can be told by.
const WORDS: [&str; 8] = [
    "actions.github.com",
    "actions.summerwind",
    "autoscalinglistener",
    "autoscalingrunnerset",
    "ephemeralrunner",
    "gha-rs",
    "gha-runner",
    "runner-scale-set",
];

/// The table, and the pages that explain what stands in it.
const HOME: [&str; 2] = ["src/arc/", "src/diagnose/manual/"];

/// Words for people: the page of a rule, and the help of the command line.
const PROSE: [&str; 3] = ["Page {", "#[command(", "#[arg("];

fn check(source: &Source) -> Vec<String> {
    if HOME.iter().any(|home| source.path.starts_with(home)) {
        return Vec::new();
    }
    let prose: Vec<_> = PROSE.iter().flat_map(|opener| source.code.blocks(opener)).collect();
    source
        .code
        .literals
        .iter()
        .filter(|literal| !prose.iter().any(|block| block.contains(&literal.start)))
        .filter_map(|literal| {
            let word = WORDS.iter().find(|word| literal.text.contains(**word))?;
            Some(format!(
                "{}: \"{}\" holds {word}; give it a row in src/arc/, with its versions and its source, and use \
                 the constant here",
                source.at(literal.start),
                literal.text
            ))
        })
        .collect()
}

#[test]
fn arcs_words_stand_in_the_table_alone() {
    let findings: Vec<String> = tree::product().iter().flat_map(check).collect();
    expect_none("ARC's strings stand in src/arc/ alone (docs/architecture.md, invariant 7).", &findings);
}

#[test]
fn a_word_of_arc_elsewhere_is_found() {
    let found = |path: &str, text: &str| check(&Source::of(path, text));
    let wrong = "fn f() {\n g(\"actions.github.com/x\") }";
    assert_eq!(found("src/arc/marks.rs", wrong), [] as [&str; 0]);
    assert_eq!(
        found("src/graph/mod.rs", "/// \"actions.github.com\"\nf(\"actions.example\")"),
        [] as [&str; 0]
    );
    let page = "const R: Rule = Rule { page: Page { summary: \"gha-rs\", sources: &[\"gha-rs\"] }, check };";
    assert_eq!(found("src/diagnose/rules/a.rs", page), [] as [&str; 0]);
    assert_eq!(
        found("src/cli/mod.rs", "#[command(after_help = \"runner-scale-set\")]\nstruct A;"),
        [] as [&str; 0]
    );
    for (path, text) in [
        ("src/graph/mod.rs", wrong),
        ("src/diagnose/rules/a.rs", "Page { summary: \"a\" };\nf(r#\"x-gha-rs-y\"#)"),
        ("src/cli/mod.rs", "#[command(name = \"x\")]\nconst A: &str = \"ephemeralrunners\";"),
    ] {
        let findings = found(path, text);
        assert!(findings.len() == 1 && findings[0].starts_with(&format!("{path}:2:")), "{findings:?}");
    }
}
