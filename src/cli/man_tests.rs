//! docs/man: a page for the program and one for each of its commands, made from what --help says.

use super::command;
use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::Roff;
use clap_mangen::roff::roman;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Under the name of the file: `man` knows no blanks, and finds `kubectl-arc` for `man kubectl arc` as well.
const NAME: &str = "kubectl-arc";
/// The help of a command after its flags begins with this.
const EXAMPLES: &str = "Examples:\n";

fn pages() -> BTreeMap<String, String> {
    let mut all = command().name(NAME).display_name(NAME).disable_help_subcommand(true);
    all.build();
    let commands: Vec<Command> = all.get_subcommands().cloned().collect();
    let names: Vec<String> = commands.iter().map(name_of).chain([NAME.to_owned()]).collect();
    let page = |command: Command| {
        let name = name_of(&command);
        let others: Vec<&str> = names.iter().map(String::as_str).filter(|other| *other != name).collect();
        let text = page(command, &name, &others);
        (format!("{name}.1"), text)
    };
    commands.into_iter().chain([all]).map(page).collect()
}

fn name_of(command: &Command) -> String {
    command.get_display_name().unwrap_or(NAME).to_owned()
}

fn page(command: Command, name: &str, others: &[&str]) -> String {
    let examples = command.get_after_help().map(ToString::to_string);
    let has_commands = command.has_subcommands();
    let man = Man::new(command);
    // The crate leaves out an empty date, and then takes the program for one.
    let version = env!("CARGO_PKG_VERSION");
    let title = format!(".TH {} 1 \"\" \"kubectl-arc {version}\" \"kubectl arc\"\n", name.to_uppercase());
    let mut text = title.into_bytes();
    man.render_name_section(&mut text).unwrap();
    man.render_synopsis_section(&mut text).unwrap();
    man.render_description_section(&mut text).unwrap();
    man.render_options_section(&mut text).unwrap();
    if has_commands {
        man.render_subcommands_section(&mut text).unwrap();
    }
    let mut rest = Roff::new();
    if let Some(examples) = examples {
        rest.control("SH", ["EXAMPLES"]);
        // Lines as they stand.
        rest.control("nf", []);
        for line in examples.strip_prefix(EXAMPLES).expect("help ends with examples").lines() {
            rest.text([roman(line.strip_prefix("  ").unwrap_or(line))]);
        }
        rest.control("fi", []);
    }
    rest.control("SH", ["SEE ALSO"]);
    let others: Vec<String> = others.iter().map(|other| format!("{other}(1)")).collect();
    rest.text([roman(others.join(", "))]);
    rest.to_writer(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

#[test]
fn the_manual_pages_in_docs_are_these() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "docs", "man"].iter().collect();
    let pages = pages();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        for (file, page) in &pages {
            fs::write(folder.join(file), page).unwrap();
        }
    }
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        files.insert(name, fs::read_to_string(&path).unwrap());
    }
    assert_eq!(files.keys().collect::<Vec<_>>(), pages.keys().collect::<Vec<_>>());
    assert!(files == pages, "docs/man is old: UPDATE_DOCS=1 cargo test docs");
}
