//! Files that can be read at one sitting, and rules that nobody forgot.

use crate::code::Code;
use crate::expect_none;
use crate::tree;
use crate::tree::File;

/// The most lines a file may have. The first folder that fits counts.
const LIMITS: [(&str, usize); 4] =
    [("src/diagnose/rules/", 250), ("src/", 400), ("tests/", 400), (".ci/", 400)];

fn too_long(file: &File) -> Option<String> {
    let (_, limit) = LIMITS.iter().find(|(folder, _)| file.path.starts_with(folder))?;
    let lines = file.text.lines().count();
    (file.path.ends_with(".rs") && lines > *limit)
        .then(|| format!("{}: {lines} lines, {limit} are the most; split it by what it does", file.path))
}

#[test]
fn no_file_is_too_long_to_read() {
    let files = ["src", "tests", ".ci"].into_iter().flat_map(tree::files);
    let findings: Vec<String> = files.filter_map(|file| too_long(&file)).collect();
    expect_none("A file can be read at one sitting.", &findings);
}

/// The class of a rule is its file's name, and both its module and its record are listed.
fn forgotten(rule: &File, list: &File) -> Vec<String> {
    let name = rule.path.rsplit_once('/').map_or("", |(_, name)| name).trim_end_matches(".rs");
    let camel: String = name
        .split('_')
        .map(|word| word.split_at_checked(1).map_or(String::new(), |(a, b)| a.to_uppercase() + b))
        .collect();
    let listed = Code::read(&list.text).without_tests();
    let mut findings = Vec::new();
    if listed.find(&format!("mod {name};")).is_empty() || listed.find(&format!("{name}::RULE")).is_empty() {
        findings.push(format!("{}: no rule runs that is not in RULES; add it in {}", rule.path, list.path));
    }
    if Code::read(&rule.text).find(&format!("class: Class::{camel}")).is_empty() {
        findings.push(format!("{}: it finds the class it is named after, Class::{camel}", rule.path));
    }
    findings
}

#[test]
fn no_rule_is_forgotten() {
    let files = tree::files("src/diagnose/rules");
    let is_rule = |file: &&File| file.path.matches('/').count() == 3 && !file.path.ends_with("/mod.rs");
    let list = tree::file("src/diagnose/rules/mod.rs");
    let rules: Vec<&File> = files.iter().filter(is_rule).collect();
    assert!(!rules.is_empty(), "src/diagnose/rules holds no rule");
    let findings: Vec<String> = rules.into_iter().flat_map(|rule| forgotten(rule, &list)).collect();
    expect_none("One class, one file, one line in RULES (docs/CONTRIBUTING.md).", &findings);
}

#[test]
fn a_long_file_and_a_forgotten_rule_are_found() {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let lines = "\n".repeat(300);
    assert!(too_long(&file("src/diagnose/rules/a.rs", &lines)).is_some());
    assert_eq!(too_long(&file("src/diagnose/a.rs", &lines)), None);
    assert!(too_long(&file("tests/cli/a.rs", &"\n".repeat(401))).is_some());
    let list = file("m.rs", "mod pod_gone;\n// mod pod_late;\nconst RULES: &[Rule] = &[pod_gone::RULE];");
    let rule = |name: &str, class: &str| file(&format!("src/diagnose/rules/{name}.rs"), class);
    assert_eq!(forgotten(&rule("pod_gone", "class: Class::PodGone,"), &list), [] as [&str; 0]);
    assert_eq!(forgotten(&rule("pod_late", "class: Class::PodLate,"), &list).len(), 1);
    assert_eq!(forgotten(&rule("pod_gone", "class: Class::PodLate,"), &list).len(), 1);
}
