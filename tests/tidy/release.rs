//! What a release rests on: one address, one manifest that krew and its index take, and actions that nobody can change.

use crate::expect_none;
use crate::tree;
use crate::tree::File;
use std::collections::BTreeSet;

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// Rendered from what Cargo.toml says: the manifest by `cargo xtask manifest`, which a test there holds.
const RENDERED: [&str; 2] = ["Cargo.toml", "krew-manifest.yaml"];

/// OWNER/NAME.
fn slug() -> &'static str {
    REPOSITORY.trim_start_matches("https://github.com/")
}

/// The address of a schema is where its own file can be had.
fn address_of_schema(path: &str) -> String {
    format!("\"$id\": \"https://raw.githubusercontent.com/{}/main/{path}\",", slug())
}

fn addresses(file: &File) -> Vec<String> {
    let lines = file.text.lines().enumerate();
    let derived = address_of_schema(&file.path);
    lines
        .filter(|(_, line)| line.contains(slug()) && line.trim() != derived)
        .map(|(number, _)| {
            format!("{}:{}: the repository's address stands in Cargo.toml alone", file.path, number + 1)
        })
        .collect()
}

#[test]
fn the_address_of_the_repository_stands_in_one_place() {
    let files = tree::written_by_hand();
    let others = files.iter().filter(|file| !RENDERED.contains(&file.path.as_str()));
    expect_none(
        "What needs the repository's address takes it from Cargo.toml.",
        &others.flat_map(addresses).collect::<Vec<_>>(),
    );
    for schema in files.iter().filter(|file| file.path.starts_with("docs/schema/")) {
        assert!(schema.text.contains(&address_of_schema(&schema.path)), "{}: its $id", schema.path);
    }
}

/// What krew refuses, and what would point at another release.
fn manifest(text: &str, version: &str, repository: &str) -> Vec<String> {
    let values = |key: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.trim_start_matches([' ', '-']));
        let found = lines.filter_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        found.map(|value| value.trim_matches('"').to_owned()).collect()
    };
    let mut findings = Vec::new();
    let mut demand = |holds: bool, what: String| {
        if !holds {
            findings.push(format!("krew-manifest.yaml: {what}"));
        }
    };
    demand(
        values("version") == [format!("v{version}")],
        format!("the version is v{version}, as in Cargo.toml"),
    );
    let short = values("shortDescription").concat();
    demand((1..=50).contains(&short.len()), "shortDescription has at most 50 characters".to_owned());
    demand(
        !short.contains("Kubernetes") && !short.ends_with('.'),
        "shortDescription: no \"Kubernetes\", no full stop".to_owned(),
    );
    let release = format!("{repository}/releases/download/v{version}/");
    let (uris, sums) = (values("uri"), values("sha256"));
    demand(!uris.is_empty() && uris.len() == sums.len(), "each platform has a uri and a sha256".to_owned());
    demand(uris.iter().all(|uri| uri.starts_with(&release)), format!("every uri begins with {release}"));
    demand(
        uris.iter().collect::<BTreeSet<_>>().len() == uris.len(),
        "no two platforms share a uri".to_owned(),
    );
    let is_sum = |sum: &String| {
        sum.len() == 64 && sum.chars().all(|digit| digit.is_ascii_digit() || ('a'..='f').contains(&digit))
    };
    demand(sums.iter().all(is_sum), "a sha256 is 64 digits, hexadecimal, in lower case".to_owned());
    findings.extend(prose(text));
    findings
}

/// The two texts for people: what the maintainers of krew's index send back.
fn prose(text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for name in ["description", "caveats"] {
        let block = text.lines().skip_while(|line| line.trim_end() != format!("  {name}: |")).skip(1);
        let lines: Vec<&str> =
            block.take_while(|line| line.is_empty() || line.starts_with("    ")).map(str::trim).collect();
        if lines.is_empty() {
            findings.push(format!("krew-manifest.yaml: there is no {name}"));
        }
        for line in lines {
            if line.len() > 80 {
                findings.push(format!("krew-manifest.yaml: {name}: {line:?} is longer than 80 columns"));
            }
            if line.contains("kubectl ") || line.contains('`') || line.starts_with('$') {
                findings.push(format!("krew-manifest.yaml: {name}: {line:?} is a command line"));
            }
        }
    }
    if !text.ends_with('\n') {
        findings.push("krew-manifest.yaml: it ends with a line break".to_owned());
    }
    findings
}

#[test]
fn the_krew_manifest_is_that_of_this_version() {
    let text = tree::file("krew-manifest.yaml").text;
    let findings = manifest(&text, env!("CARGO_PKG_VERSION"), env!("CARGO_PKG_REPOSITORY"));
    expect_none("The krew manifest follows Cargo.toml and krew's own rules.", &findings);
}

#[test]
fn the_licence_is_where_krew_and_cargo_look_for_it() {
    assert_eq!(env!("CARGO_PKG_LICENSE"), "Apache-2.0");
    let text = tree::file("LICENSE").text;
    assert!(
        text.contains("Apache License") && text.contains("END OF TERMS"),
        "LICENSE is not that of Apache"
    );
}

/// What a workflow runs of others, by its commit, with the version beside it for people.
fn unpinned(file: &File) -> Vec<String> {
    let is_pinned = |used: &str| {
        let Some((_, pin)) = used.split_once('@') else { return used.starts_with("./") };
        let Some((commit, version)) = pin.split_once(" # v") else { return false };
        commit.len() == 40 && commit.chars().all(|digit| digit.is_ascii_hexdigit()) && !version.is_empty()
    };
    let uses = file.text.lines().enumerate().filter_map(|(number, line)| {
        Some((number, line.trim().trim_start_matches("- ").strip_prefix("uses: ")?))
    });
    uses.filter(|(_, used)| !is_pinned(used))
        .map(|(number, used)| {
            format!("{}:{}: {used}: pin it as NAME@COMMIT # vVERSION", file.path, number + 1)
        })
        .collect()
}

#[test]
fn every_action_is_pinned_to_a_commit() {
    let workflows = tree::files(".github/workflows");
    assert!(workflows.len() >= 2, "{workflows:?}");
    expect_none("A tag of somebody else can move.", &workflows.iter().flat_map(unpinned).collect::<Vec<_>>());
}

#[test]
fn what_is_wrong_with_a_release_is_found() {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    assert_eq!(addresses(&file("README.md", &format!("a\n{REPOSITORY}/issues"))).len(), 1);
    let schema = address_of_schema("docs/schema/a.json");
    assert_eq!(addresses(&file("docs/schema/a.json", &schema)), [] as [&str; 0]);
    assert_eq!(addresses(&file("docs/schema/b.json", &schema)).len(), 1);
    let commit = "08c6903cd8c0fde910a37f88322edcfb5dd907a8";
    let good = format!("- uses: actions/checkout@{commit} # v5.0.0\n  uses: ./.github/workflows/ci.yml\n");
    assert_eq!(unpinned(&file("a.yml", &good)), [] as [&str; 0]);
    let bad = format!("- uses: actions/checkout@v5\n- uses: actions/checkout@{commit}\n");
    assert_eq!(unpinned(&file("a.yml", &bad)).len(), 2);

    let good = "version: v1.2.3\nshortDescription: Explain\n  description: |\n    a\n\n    b\n  caveats: |\n    c\n\
                - uri: https://x/y/releases/download/v1.2.3/a.tar.gz\n";
    let sum = format!("sha256: \"{}\"\n", "0".repeat(64));
    let found = |text: &str, version: &str| manifest(text, version, "https://x/y").len();
    assert_eq!(found(&format!("{good}{sum}"), "1.2.3"), 0);
    assert_eq!(found(&format!("{good}{sum}"), "1.2.4"), 2);
    assert_eq!(found(&format!("{good}sha256: \"{}\"\n", "A".repeat(64)), "1.2.3"), 1);
    assert_eq!(found(good, "1.2.3"), 1);
    assert_eq!(found(&format!("{good}{sum}").replace("    c", "    kubectl arc why"), "1.2.3"), 1);
    assert_eq!(
        found(&format!("{good}{sum}").replace("    b", &format!("    {}", "b".repeat(81))), "1.2.3"),
        1
    );
    assert_eq!(found(&format!("{good}{sum}").replace("  caveats: |\n    c\n", ""), "1.2.3"), 1);
}
