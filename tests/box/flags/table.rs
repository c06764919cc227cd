//! docs/kubectl-flags.md as rows, and what the real kubectl says it takes.

use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::process;

/// What is done with a flag of kubectl.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Yes,
    /// Accepted, and nothing follows from it.
    WithoutEffect,
    No,
}

/// A line of the table: spellings of one flag, or several that are treated alike.
#[derive(Debug)]
pub struct Row {
    pub flags: Vec<String>,
    pub taken: Taken,
    pub check: String,
    /// The heading it stands under.
    heading: String,
}

/// The commands of kubectl whose flags are in the table, with the heading there.
const LISTED: [(&[&str], &str); 3] = [
    (&["options"], "Every command"),
    (&["get", "--help"], "`kubectl get`"),
    (&["patch", "--help"], "`kubectl patch`"),
];

pub fn document() -> Outcome<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/kubectl-flags.md");
    std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
}

pub fn rows(text: &str) -> Outcome<Vec<Row>> {
    let mut heading = String::new();
    let mut rows = Vec::new();
    for line in text.lines() {
        if let Some(words) = line.strip_prefix("## ") {
            words.clone_into(&mut heading);
        }
        if line.starts_with("| `-") {
            rows.push(row(&heading, line).ok_or_else(|| format!("not a row of the table: {line}"))?);
        }
    }
    Ok(rows)
}

/// `| flags | taken | what it does or why not | check |`.
fn row(heading: &str, line: &str) -> Option<Row> {
    // A pipe within a cell is escaped.
    let line = line.replace("\\|", "/");
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [flags, taken, _, check] = cells.as_slice() else { return None };
    let taken = match *taken {
        "yes" => Taken::Yes,
        "without effect" => Taken::WithoutEffect,
        "no" => Taken::No,
        _ => return None,
    };
    let flags = flags.split(',').map(|flag| flag.trim().trim_matches('`').to_owned()).collect();
    let check = check.trim_matches('`').to_owned();
    Some(Row { flags, taken, check, heading: heading.to_owned() })
}

/// Flags of kubectl that the table does not have, and those that kubectl does not have.
pub fn missing(bin: &Path, rows: &[Row]) -> Outcome<Vec<String>> {
    let mut wrong = Vec::new();
    for (words, heading) in LISTED {
        let text = process::must(Command::new(bin.join("kubectl")).args(words))?;
        let real = flags(&text);
        if real.is_empty() {
            return Err(format!("kubectl {}: no flags were found in it", words.join(" ")));
        }
        let ours: Vec<&String> =
            rows.iter().filter(|row| row.heading == heading).flat_map(|row| &row.flags).collect();
        let lost = real.iter().filter(|flag| !ours.contains(flag));
        wrong.extend(lost.map(|flag| format!("{flag} of kubectl {} is not in the table", words.join(" "))));
        let made_up = ours.iter().filter(|flag| !real.contains(flag));
        wrong.extend(made_up.map(|flag| format!("kubectl {} has no {flag}", words.join(" "))));
    }
    Ok(wrong)
}

/// The flags of a help text: `    -n, --namespace='':`.
fn flags(help: &str) -> Vec<String> {
    let lines = help.lines().filter(|line| line.starts_with("    -"));
    let spellings = lines.flat_map(|line| line.trim().trim_end_matches(':').split(", "));
    spellings.filter_map(|flag| flag.split('=').next()).map(str::to_owned).collect()
}
