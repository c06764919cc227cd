//! Reading a journal back.

use super::API_VERSION;
use super::entry::Entry;
use super::entry::Line;
use super::entry::Run;
use crate::error::Error;
use crate::name;
use serde_json::Value;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

/// How every journal begins.
const BEGINNING: &str = "{\"kind\":\"Journal\"";

/// What stands in a journal, oldest first.
///
/// # Errors
/// `Config` if the file cannot be read or is no journal: with the number of the line.
pub fn read(path: &Path) -> Result<Vec<Entry>, Error> {
    let bytes = fs::read(path).map_err(|error| {
        let failed = Error::config(format!("cannot read the journal {}", path.display()));
        match error.kind() {
            io::ErrorKind::NotFound => failed.because("no such file"),
            io::ErrorKind::PermissionDenied => failed.because("permission denied"),
            _ => failed.because(error),
        }
    })?;
    entries(path, &String::from_utf8_lossy(&bytes))
}

/// The journals of a folder, newest first. A folder that cannot be read has none.
pub fn in_folder(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut journals: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        .collect();
    // Their names begin with the time.
    journals.sort_by(|a, b| b.cmp(a));
    journals
}

/// Makes sure that a journal tells of this server: what was done to one is not taken back on another.
///
/// # Errors
/// `Usage` if it is of another one.
pub fn is_of(entries: &[Entry], server: &str) -> Result<(), Error> {
    match entries.iter().map(|entry| &entry.run).find(|run| run.server != server) {
        None => Ok(()),
        Some(run) => {
            let error = Error::usage(format!("the journal is of {}, and this is {server}", run.server));
            Err(match run.context.as_str() {
                "" => error,
                context => error.hint(format!("Choose the cluster with --context; it was {context:?} then.")),
            })
        }
    }
}

/// A last line without its end was cut off and is left out: whoever wrote it died, and sent nothing after it.
pub fn entries(path: &Path, text: &str) -> Result<Vec<Entry>, Error> {
    let mut run: Option<Run> = None;
    let mut entries: Vec<Entry> = Vec::new();
    for (number, line) in text.split_inclusive('\n').enumerate().filter(|(_, line)| line.ends_with('\n')) {
        let wrong = |what: &str| {
            Error::config(format!("{}: line {}: {what}", path.display(), number + 1))
                .hint(format!("A journal is what {} wrote, unchanged.", name::command("unblock")))
        };
        match line_of(line).map_err(|what| wrong(&what))? {
            Line::Run(new) => run = Some(new),
            Line::Intent(intent) => {
                let Some(run) = run.clone() else {
                    return Err(wrong("there is no line before it that says who wrote where"));
                };
                if entries.iter().any(|known| known.intent.write == intent.write) {
                    return Err(wrong(&format!("there are two writes of the number {}", intent.write)));
                }
                entries.push(Entry { run, intent, answer: None });
            }
            Line::Answer(answer) => {
                let asked = entries.iter_mut().find(|entry| entry.intent.write == answer.write);
                match asked {
                    Some(entry) if entry.answer.is_none() => entry.answer = Some(answer),
                    Some(_) => return Err(wrong(&format!("write {} has two answers", answer.write))),
                    None => {
                        return Err(wrong(&format!("it answers write {}, which is not there", answer.write)));
                    }
                }
            }
        }
    }
    // Its very first line may be cut off as well, but then it begins as that does.
    let begun = text.starts_with(BEGINNING) || BEGINNING.starts_with(text);
    if run.is_none() && !begun {
        return Err(Error::config(format!("{} is no journal", path.display())));
    }
    Ok(entries)
}

/// A line, or what is wrong with it.
fn line_of(text: &str) -> Result<Line, String> {
    let value: Value = serde_json::from_str(text).map_err(|_| "it is no JSON document".to_owned())?;
    if value["kind"] == "Journal" && value["apiVersion"] != API_VERSION {
        return Err(format!(
            "its apiVersion is {}, and this program knows {API_VERSION}",
            value["apiVersion"]
        ));
    }
    serde_json::from_value(value).map_err(|error| format!("it is no line of a journal: {error}"))
}
