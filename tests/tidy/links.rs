//! Links between the documents lead somewhere.

use crate::expect_none;
use crate::tree;
use crate::tree::File;
use std::collections::BTreeSet;
use std::path::Path;

/// The targets of the links in a text, but for addresses of the web.
fn targets(text: &str) -> Vec<&str> {
    let prose: Vec<&str> = text.split("```").step_by(2).collect();
    let links = prose.into_iter().flat_map(|prose| prose.split("](").skip(1));
    let targets = links.filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    targets.filter(|target| !target.contains("://")).collect()
}

/// The anchors that GitHub gives the headings of a text.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |line: &str| {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let words: String = line.trim_start_matches('#').trim().chars().filter(kept).collect();
        words.to_lowercase().replace(' ', "-")
    };
    headings.map(anchor).collect()
}

/// Where a link of a document leads: a path from the top, and an anchor.
fn leads_to<'a>(document: &str, target: &'a str) -> (String, &'a str) {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    if path.is_empty() {
        return (document.to_owned(), anchor);
    }
    let mut folders: Vec<&str> = document.split('/').collect();
    folders.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(folders.pop()),
            name => folders.push(name),
        }
    }
    (folders.join("/"), anchor)
}

/// The links of a document that lead nowhere.
fn dead(document: &File) -> Vec<String> {
    let is_dead = |target: &&str| {
        let (path, anchor) = leads_to(&document.path, target);
        let there = Path::new(tree::ROOT).join(&path).exists();
        !there || !anchor.is_empty() && !anchors(&tree::file(&path).text).contains(anchor)
    };
    let dead = targets(&document.text).into_iter().filter(is_dead);
    dead.map(|target| format!("{}: {target} leads nowhere", document.path)).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut documents = tree::written_by_hand();
    documents.retain(|file| file.path.ends_with(".md"));
    assert!(documents.len() > 80, "the documents are there: {}", documents.len());
    let findings: Vec<String> = documents.iter().flat_map(dead).collect();
    expect_none("Links lead somewhere.", &findings);
}

#[test]
fn a_dead_link_is_found() {
    let text = "# Title\n[a](rules.md) [b](../README.md#use) [c](gone.md) [d](#title) [e](#gone) [f](https://x/y)\n\
                ```\n[g](code.md)\n```\n[h](rules.md#gone)\n";
    let document = File { path: "docs/architecture.md".to_owned(), text: text.to_owned() };
    let found = dead(&document).join("\n");
    for (target, is_dead) in [("gone.md", true), ("#gone", true), ("rules.md#gone", true), ("code.md", false)]
    {
        assert_eq!(found.contains(&format!(": {target} leads")), is_dead, "{target}: {found}");
    }
    assert!(!found.contains("rules.md leads") && !found.contains("https"), "{found}");
}
