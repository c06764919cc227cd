//! The words that were typed so far: what the last of them is, and how it goes on.

use super::offer::Offer;
use super::offer::Value;
use super::offer::one_line;
use super::typed;
use super::typed::Typed;
use crate::cli;
use clap::Arg;
use clap::Command;
use clap::ValueHint;
use clap_complete::engine;
use clap_complete::engine::ArgValueCompleter;
use clap_complete::engine::CompletionCandidate;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

/// What the word is that is being typed, if only the outside knows how it may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    Target,
    Namespace,
    Context,
    Cluster,
    User,
    /// A page of the manual.
    Topic,
    Journal,
    File,
}

impl Slot {
    fn of(arg: &Arg) -> Option<Self> {
        match arg.get_id().as_str() {
            "target" => Some(Self::Target),
            "namespace" => Some(Self::Namespace),
            "context" => Some(Self::Context),
            "cluster" => Some(Self::Cluster),
            "user" => Some(Self::User),
            "name" => Some(Self::Topic),
            "undo" => Some(Self::Journal),
            // So are all that are paths by their type.
            _ if arg.get_value_hint() == ValueHint::AnyPath => Some(Self::File),
            _ => None,
        }
    }
}

/// The words up to the cursor. The first is the program's name, the last is being typed and may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    before: Vec<OsString>,
    current: OsString,
}

impl Line {
    /// None if there is not even a name.
    pub fn new(mut words: Vec<OsString>) -> Option<Self> {
        let current = words.pop()?;
        let after_name = words.get(1..)?;
        // A flag may stand before its command, and its value can be told by then.
        if let Some(command) = cli::command_of_value(after_name, current.to_str().unwrap_or_default()) {
            words.insert(1, command.into());
        }
        Some(Self { before: words, current })
    }

    /// The word that is being typed; empty if it is no text.
    pub fn current(&self) -> &str {
        self.current.to_str().unwrap_or_default()
    }

    /// All of them.
    pub fn words(&self) -> Vec<OsString> {
        self.before.iter().chain([&self.current]).cloned().collect()
    }

    /// What the last word is, and the part of it that is the value (`b` of `--context=b`).
    pub fn slot(&self) -> Option<(Slot, String)> {
        let seen: Arc<Mutex<Option<(Slot, String)>>> = Arc::default();
        let mut command = with_completers(cli::command(), |slot| {
            let seen = Arc::clone(&seen);
            Some(ArgValueCompleter::new(move |value: &OsStr| {
                let value = value.to_string_lossy().into_owned();
                // A word that may be a flag is tried as a target as well.
                if slot != Slot::Target || !value.starts_with('-') {
                    seen.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert((slot, value));
                }
                Vec::new()
            }))
        });
        let _ = engine::complete(&mut command, self.words(), self.before.len(), None);
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.take()
    }

    /// The flags and targets before the last word; None before there is a command that has them.
    pub fn typed(&self) -> Option<Typed> {
        typed::read(&self.before)
    }

    /// The command, knowing how the last word may go on. Flags are only shown to somebody who types a dash.
    pub fn command(&self, slot: Option<Slot>, offer: &Offer) -> Command {
        let wants_flags = self.current().starts_with('-');
        let command = with_completers(cli::command(), |of| {
            let values = if Some(of) == slot { offer.values.clone() } else { return None };
            Some(ArgValueCompleter::new(move |typed: &OsStr| {
                let typed = typed.to_string_lossy();
                values.iter().filter(|value| value.text.starts_with(&*typed)).map(candidate).collect()
            }))
        });
        command.mut_subcommands(|command| {
            command.mut_args(|arg| {
                let is_flag = !arg.is_positional();
                let is_hidden = arg.is_hide_set();
                arg.hide(is_hidden || is_flag && !wants_flags)
            })
        })
    }

    /// All ways the last word may go on.
    pub fn candidates(&self, slot: Option<Slot>, offer: &Offer) -> Vec<Value> {
        let mut command = self.command(slot, offer);
        let found = engine::complete(&mut command, self.words(), self.before.len(), None).unwrap_or_default();
        let wants_flags = self.current().starts_with('-');
        let values = found.into_iter().filter_map(|candidate| {
            let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
            Some(Value::new(candidate.get_value().to_str()?, one_line(&help)))
        });
        values.filter(|value| wants_flags || !value.text.starts_with('-')).collect()
    }
}

fn candidate(value: &Value) -> CompletionCandidate {
    let help = Some(one_line(&value.says)).filter(|help| !help.is_empty());
    CompletionCandidate::new(&value.text).help(help.map(Into::into))
}

/// Gives completers to the arguments of the commands whose values only the outside knows.
fn with_completers(command: Command, completer: impl Fn(Slot) -> Option<ArgValueCompleter>) -> Command {
    command.mut_subcommands(|command| {
        command.mut_args(|arg| match Slot::of(&arg).and_then(&completer) {
            Some(completer) => arg.add(completer),
            None => arg,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(typed: &str) -> Line {
        Line::new(format!("kubectl-arc {typed}").split(' ').map(Into::into).collect()).unwrap()
    }

    fn slot(typed: &str) -> Option<(Slot, String)> {
        line(typed).slot()
    }

    #[test]
    fn the_last_word_is_what_its_place_makes_it() {
        let cases = [
            ("why ", Slot::Target, ""),
            ("why po my", Slot::Target, "my"),
            ("why -A -v=2 ns/a", Slot::Target, "ns/a"),
            ("why -n x po ", Slot::Target, ""),
            ("unblock --yes s", Slot::Target, "s"),
            ("why -n ", Slot::Namespace, ""),
            ("why a --namespace=ar", Slot::Namespace, "ar"),
            ("why -nar", Slot::Namespace, "ar"),
            ("why --context a --context ", Slot::Context, ""),
            ("snapshot --cluster c", Slot::Cluster, "c"),
            ("snapshot --user ", Slot::User, ""),
            ("explain sec", Slot::Topic, "sec"),
            ("unblock --undo ", Slot::Journal, ""),
            ("why -f ", Slot::File, ""),
            ("why --kubeconfig ~/", Slot::File, "~/"),
            ("snapshot -o x", Slot::File, "x"),
            ("unblock --journal ", Slot::File, ""),
            ("why -- ", Slot::Target, ""),
            ("-n ", Slot::Namespace, ""),
            ("-A -v 6 --context ea", Slot::Context, "ea"),
            ("-n arc --context=ea", Slot::Context, "ea"),
            ("--plan x", Slot::File, "x"),
        ];
        for (typed, place, value) in cases {
            assert_eq!(slot(typed), Some((place, value.to_owned())), "{typed}");
        }
        for nothing in [
            "",
            "wh",
            "--",
            "version ",
            "why --color ",
            "why --as ",
            "nonsense ",
            "why --nonsense",
            "-n arc ",
        ] {
            assert_eq!(slot(nothing), None, "{nothing}");
        }
    }

    fn ways(typed: &str, offer: &[&str]) -> Vec<String> {
        let line = line(typed);
        let values = offer.iter().map(|text| Value::new(*text, "")).collect();
        let offer = Offer { values, ..Offer::default() };
        line.candidates(line.slot().map(|(slot, _)| slot), &offer)
            .into_iter()
            .map(|value| value.text)
            .collect()
    }

    #[test]
    fn words_of_our_own_are_completed() {
        assert_eq!(ways("wh", &[]), ["why"]);
        assert!(ways("", &[]).iter().all(|word| !word.starts_with('-')));
        assert_eq!(ways("why --co", &[]), ["--complete", "--color", "--context"]);
        assert_eq!(ways("why --color=a", &[]), ["--color=auto", "--color=always"]);
        assert_eq!(ways("why -o ", &[]), ["text", "json", "yaml"]);
        assert_eq!(ways("unblock --accept-loss re", &[]), ["reversible", "registration"]);
        assert_eq!(ways("version ", &[]), [] as [&str; 0]);
        assert_eq!(ways("-n arc wh", &[]), ["why"]);
        assert_eq!(ways("--color ", &[]), ["auto", "always", "never"]);
    }

    #[test]
    fn what_the_outside_knows_keeps_its_order_and_its_prefix() {
        assert_eq!(ways("why ", &["b", "a"]), ["b", "a"]);
        assert_eq!(ways("why b", &["b", "a", "bc"]), ["b", "bc"]);
        assert_eq!(ways("why --context=e", &["west", "east"]), ["--context=east"]);
        assert_eq!(ways("why -nar", &["arc", "ci"]), ["-narc"]);
        assert_eq!(ways("why --context e", &["east"]), ["east"]);
        assert_eq!(ways("why -n a x --user ", &["me"]), ["me"]);
    }

    #[test]
    fn odd_words_do_no_harm() {
        for words in [
            vec![],
            vec!["x"],
            vec!["", ""],
            vec!["x", "-"],
            vec!["x", "why", "-vvvv", "--=", "-"],
            vec!["x", "why", "-n=", "=", "--", "--"],
        ] {
            let Some(line) = Line::new(words.into_iter().map(Into::into).collect()) else { continue };
            let slot = line.slot().map(|(slot, _)| slot);
            let _ = (line.typed(), line.candidates(slot, &Offer::default()));
        }
    }
}
