//! The notes of a release: its section of CHANGELOG.md.

use std::fs;

use crate::Outcome;
use crate::project::Project;

/// What CHANGELOG.md says of this version.
pub fn notes(project: &Project) -> Outcome<String> {
    let file = project.root.join("CHANGELOG.md");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    section(&text, &project.version).ok_or_else(|| {
        format!(
            "CHANGELOG.md has no section \"## {}\"; name the one of what is unreleased so",
            project.version
        )
    })
}

/// Between `## VERSION`, with or without a date, and the next heading of that rank.
fn section(text: &str, version: &str) -> Option<String> {
    let is_of =
        |line: &&str| line.strip_prefix("## ").and_then(|rest| rest.split(' ').next()) == Some(version);
    let mut lines = text.lines().skip_while(|line| !is_of(line));
    lines.next()?;
    let section: Vec<&str> = lines.take_while(|line| !line.starts_with("## ")).collect();
    Some(section.join("\n").trim().to_owned() + "\n")
}

#[test]
fn the_section_of_a_version_is_found() {
    let text = "# Changelog\n\n## Unreleased\n\n- c\n\n## 1.2.0 - 2026-01-01\n\n### Added\n\n- b\n\n## 1.1.0\n\n- a\n";
    assert_eq!(section(text, "1.2.0").unwrap(), "### Added\n\n- b\n");
    assert_eq!(section(text, "1.1.0").unwrap(), "- a\n");
    assert_eq!(section(text, "1.2"), None);
}
