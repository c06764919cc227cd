//! The answer, in the words of who asks.

use super::line::Line;
use super::line::Slot;
use super::offer::Offer;
use clap_complete::env::Bash;
use clap_complete::env::EnvCompleter;
use clap_complete::env::Fish;
use clap_complete::env::Powershell;
use clap_complete::env::Zsh;
use std::ffi::OsString;
use std::path::Path;

/// Who wants to know how the words go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asker {
    /// kubectl, with the words of the plugin.
    Kubectl,
    /// A shell, through the script for it.
    Shell {
        shell: String,
        /// Which of the words is being typed, where the shell says so; else it is the last.
        cursor: Option<usize>,
    },
}

/// Set by the scripts to the name of the shell.
pub const VARIABLE: &str = "KUBECTL_ARC_COMPLETE";

/// Stands before the words in the scripts, the first after the program's name.
pub const BEFORE_WORDS: &str = "--";

/// The words up to the cursor, the program's name first. kubectl passes the plugin's words; the scripts put theirs behind
/// a `--`.
pub fn typed(asker: &Asker, mut words: Vec<OsString>) -> Vec<OsString> {
    match asker {
        Asker::Kubectl => {
            if words.len() < 2 {
                words.push(OsString::new());
            }
        }
        Asker::Shell { cursor, .. } => {
            let start =
                words.iter().position(|word| word == BEFORE_WORDS).map_or(words.len(), |dashes| dashes + 1);
            words.drain(..start);
            words.truncate(cursor.map_or(words.len(), |cursor| cursor.saturating_add(1)));
        }
    }
    words
}

// What kubectl does with the answer: cobra's `ShellCompDirective`, as sums of these.
const NO_SPACE: u8 = 2;
const NO_FILES: u8 = 4;
const KEEP_ORDER: u8 = 32;

/// The answer when there is none.
pub fn nothing(asker: &Asker) -> String {
    match asker {
        Asker::Kubectl => format!(":{NO_FILES}\n"),
        Asker::Shell { .. } => String::new(),
    }
}

/// The ways to go on, as who asks reads them.
pub fn write(asker: &Asker, line: &Line, slot: Option<Slot>, offer: &Offer) -> String {
    match asker {
        Asker::Kubectl => for_kubectl(line, slot, offer),
        Asker::Shell { shell: name, .. } => {
            shell(name).and_then(|shell| for_shell(shell, line, slot, offer)).unwrap_or_default()
        }
    }
}

/// One on each line, a tab before its description, and at the end what to do with them.
fn for_kubectl(line: &Line, slot: Option<Slot>, offer: &Offer) -> String {
    let mut text = String::new();
    for value in line.candidates(slot, offer) {
        text.push_str(&value.text);
        if !value.says.is_empty() {
            text.push('\t');
            text.push_str(&value.says);
        }
        text.push('\n');
    }
    let add = |wanted: bool, directive: u8| if wanted { directive } else { 0 };
    // Files are what a shell falls back to if nothing else fits.
    let directive =
        add(!offer.or_file, NO_FILES) + add(offer.in_order, KEEP_ORDER) + add(offer.goes_on, NO_SPACE);
    text + &format!(":{directive}\n")
}

fn for_shell(shell: &dyn EnvCompleter, line: &Line, slot: Option<Slot>, offer: &Offer) -> Option<String> {
    // bash has ways of its own to complete files, and quotes their names.
    let slot = slot.filter(|slot| *slot != Slot::File || shell.is("bash"));
    let mut text = Vec::new();
    let mut command = line.command(slot, offer);
    shell.write_complete(&mut command, line.words(), Some(Path::new(".")), &mut text).ok()?;
    String::from_utf8(text).ok()
}

/// The script with which a shell completes the program of this name, which it finds on PATH.
pub fn script(name: &str, program: &str) -> Option<String> {
    let mut text = Vec::new();
    shell(name)?.write_registration(VARIABLE, program, program, program, &mut text).ok()?;
    // Where nothing fits bash completes files: with quotes where they are needed, which the crate does not know.
    String::from_utf8(text)
        .ok()
        .map(|script| script.replace(" -o bashdefault ", " -o bashdefault -o default "))
}

/// True for a shell that there is a script for.
pub fn script_is_for(name: &str) -> bool {
    shell(name).is_some()
}

/// The shells that there is a script for.
fn shell(name: &str) -> Option<&'static dyn EnvCompleter> {
    const SHELLS: [&dyn EnvCompleter; 4] = [&Bash, &Zsh, &Fish, &Powershell];
    SHELLS.into_iter().find(|shell| shell.is(name))
}

#[cfg(test)]
mod tests {
    use super::super::offer::Value;
    use super::*;

    fn line(typed: &str) -> Line {
        Line::new(format!("kubectl-arc {typed}").split(' ').map(Into::into).collect()).unwrap()
    }

    fn told(typed: &str, offer: &Offer) -> String {
        let line = line(typed);
        write(&Asker::Kubectl, &line, line.slot().map(|(slot, _)| slot), offer)
    }

    #[test]
    fn kubectl_is_told_what_to_do_with_what_it_gets() {
        let values = vec![Value::new("b", "deleting for 5m"), Value::new("a", "")];
        let offer = Offer { values, in_order: true, ..Offer::default() };
        assert_eq!(told("why ", &offer), "b\tdeleting for 5m\na\n:36\n");
        assert_eq!(told("why -f ", &Offer { or_file: true, ..Offer::default() }), ":0\n");
        let offer = Offer { values: vec![Value::new("pods/", "Pod")], goes_on: true, ..Offer::default() };
        assert_eq!(told("why ns/a p", &offer), "pods/\tPod\n:6\n");
        assert_eq!(told("why --color n", &Offer::default()), "never\n:4\n");
        assert_eq!(nothing(&Asker::Kubectl), ":4\n");
    }

    #[test]
    fn a_shell_says_which_word_is_typed() {
        let words = || ["arc", "--", "arc", "why", "x"].map(Into::into).to_vec();
        let count =
            |cursor| typed(&Asker::Shell { shell: "bash".to_owned(), cursor: Some(cursor) }, words()).len();
        assert_eq!([0, 1, 2, 3, usize::MAX].map(count), [1, 2, 3, 3, 3]);
    }

    #[test]
    fn a_hostile_description_stays_on_its_line() {
        let values = vec![Value::new("a", "x\t\u{1b}[2J\n:0\nevil")];
        let offer = Offer { values, ..Offer::default() };
        assert_eq!(told("why --context ", &offer), "a\tx[2J\n:4\n");
    }

    #[test]
    fn a_shell_gets_it_in_its_own_form() {
        let offer =
            Offer { values: vec![Value::new("b:c", "x: y"), Value::new("a", "")], ..Offer::default() };
        let line = line("why --context ");
        let told = |name: &str| {
            write(&Asker::Shell { shell: name.to_owned(), cursor: None }, &line, Some(Slot::Context), &offer)
        };
        assert_eq!(told("fish"), "b:c\tx: y\na\n");
        assert_eq!(told("powershell"), told("fish"));
        assert_eq!(told("nonsense"), "");
    }
}
