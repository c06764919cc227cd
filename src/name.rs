//! What the program is called: as it was called, so that what it says to type can be typed.
//!
//! kubectl finds a plugin by the name of its file, and so does the user: whoever installs it under another name calls
//! it by that. The name is found out once, in `main`; until then, and so in unit tests, it is [`USUAL`].

use std::ffi::OsStr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::OnceLock;

/// Its name where nobody gave it another.
pub const USUAL: &str = "kubectl arc";

/// What the file of a plugin is called before its name.
const PLUGIN: &str = "kubectl-";
/// What the file is called that kubectl asks to complete a plugin's words.
const COMPLETER: &str = "kubectl_complete-";
/// No name that somebody types is longer.
const LONGEST: usize = 64;

static CALLED: OnceLock<Call> = OnceLock::new();

/// How the process was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `kubectl arc`, or whatever its file is called.
    pub name: String,
    /// Called by kubectl, to complete what somebody is typing.
    pub completes: bool,
    /// The file, as it was typed, found by kubectl or put on PATH.
    pub file: PathBuf,
}

/// The words to call the program by: `kubectl arc`.
pub fn program() -> &'static str {
    CALLED.get().map_or(USUAL, |call| call.name.as_str())
}

/// A command of the program, to be typed: `kubectl arc explain secret-missing`.
pub fn command(words: &str) -> String {
    format!("{} {words}", program())
}

/// The file that was called; `kubectl-arc` where nobody said.
pub fn file() -> &'static Path {
    CALLED.get().map_or(Path::new("kubectl-arc"), |call| &call.file)
}

/// Keeps it for the rest of the process.
pub fn set(call: Call) {
    // Only `main` calls this, once.
    let _ = CALLED.set(call);
}

/// Reads the first argument of the process. One that names nothing that could be typed, or none at all, leaves the
/// usual name.
pub fn of_call(first: Option<&OsStr>) -> Call {
    let path = first.map(Path::new);
    let stem = path.map(stem).unwrap_or_default();
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '+');
    let (name, completes) = match stem.len() <= LONGEST && stem.chars().all(is_plain) {
        true => words_of(stem),
        false => (None, false),
    };
    match (name, path) {
        (Some(name), Some(path)) => Call { name, completes, file: path.to_owned() },
        _ => Call { name: USUAL.to_owned(), completes: false, file: PathBuf::from("kubectl-arc") },
    }
}

/// The file's name as it is typed: Windows adds an ending. Empty if it is no text.
pub fn stem(path: &Path) -> &str {
    let file = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    match file.char_indices().rev().nth(3) {
        Some((at, _)) if file[at..].eq_ignore_ascii_case(".exe") => &file[..at],
        _ => file,
    }
}

/// What a file of that name is called by, and whether it is the one that completes.
fn words_of(stem: &str) -> (Option<String>, bool) {
    let (completes, plugin) = match stem.strip_prefix(COMPLETER) {
        Some(plugin) => (true, Some(plugin)),
        None => (false, stem.strip_prefix(PLUGIN)),
    };
    let name = match plugin {
        // A dash parts two words, and krew writes an underscore for a dash.
        Some(plugin) if !plugin.is_empty() => {
            Some(format!("kubectl {}", plugin.replace('-', " ").replace('_', "-")))
        }
        Some(_) => None,
        None => Some(stem.to_owned()).filter(|stem| !stem.is_empty()),
    };
    (name, completes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(first: &str) -> String {
        let call = of_call(Some(OsStr::new(first)));
        assert!(!call.completes, "{first}");
        call.name
    }

    #[test]
    fn a_plugin_is_called_through_kubectl_and_anything_else_by_its_own_name() {
        assert_eq!(name("kubectl-arc"), "kubectl arc");
        assert_eq!(name("/x/.krew/bin/kubectl-arc"), "kubectl arc");
        assert_eq!(name("./kubectl-arc.exe"), "kubectl arc");
        assert_eq!(name("kubectl-arc.EXE"), "kubectl arc");
        assert_eq!(name("/x/kubectl-arc_doctor"), "kubectl arc-doctor");
        assert_eq!(name("kubectl-arc-doctor"), "kubectl arc doctor");
        assert_eq!(name("target/debug/arc"), "arc");
        assert_eq!(name("arc.2"), "arc.2");
        assert_eq!(name("x.é"), "x.é");
    }

    #[test]
    fn what_cannot_be_typed_is_no_name() {
        let hostile = [
            "",
            "/",
            "..",
            "a\u{1b}[2J",
            "a\nb",
            "a b",
            "$(a)",
            "`a`",
            "a;b",
            "kubectl-",
            ".exe",
            "\u{202e}a",
        ];
        for first in hostile {
            assert_eq!(name(first), USUAL, "{first:?}");
        }
        assert_eq!(name(&"a".repeat(65)), USUAL);
        assert_eq!(of_call(None).name, USUAL);
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_no_text_is_no_name() {
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(of_call(Some(OsStr::from_bytes(b"kubectl-\xff"))).name, USUAL);
    }

    #[test]
    fn kubectl_asks_another_name_to_complete() {
        let called = |first: &str| of_call(Some(OsStr::new(first)));
        for (file, name) in [
            ("/x/kubectl_complete-arc", "kubectl arc"),
            ("kubectl_complete-arc_doctor.exe", "kubectl arc-doctor"),
        ] {
            let expected = Call { name: name.to_owned(), completes: true, file: file.into() };
            assert_eq!(called(file), expected);
        }
    }
}
