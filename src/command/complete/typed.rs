//! What the words before the last one say about where to look, whatever else is wrong with them.

use crate::cli;
use crate::cli::ConnectionArgs;
use clap::Arg;
use clap::ArgMatches;
use clap::Command;
use clap::FromArgMatches as _;
use std::any::TypeId;
use std::ffi::OsString;
use std::path::PathBuf;

/// The flags and targets that are heeded.
#[derive(Debug)]
pub struct Typed {
    pub connection: ConnectionArgs,
    pub all_namespaces: bool,
    pub filename: Vec<String>,
    pub complete: bool,
    pub target: Vec<String>,
}

/// Reads the words, the program's name first. None before there is a command that has such flags.
pub fn read(words: &[OsString]) -> Option<Typed> {
    let root = cli::command();
    let words = cli::ordered(words.iter().cloned());
    let texts: Vec<&str> = words.iter().skip(1).filter_map(|word| word.to_str()).collect();
    let (at, command) =
        texts.iter().enumerate().find_map(|(at, word)| Some((at, root.find_subcommand(word)?)))?;
    let known = known(command, texts.get(at + 1..)?);
    let words = ["", command.get_name()].into_iter().map(str::to_owned).chain(known);
    let matches = root.clone().ignore_errors(true).try_get_matches_from(words).ok()?;
    let (_, matches) = matches.subcommand()?;
    // What is not there cannot be asked for.
    matches.try_contains_id("kubeconfig").ok()?;
    Some(Typed {
        connection: ConnectionArgs::from_arg_matches(matches).ok()?,
        all_namespaces: is_set(matches, "all_namespaces"),
        filename: all(matches, "filename"),
        complete: is_set(matches, "complete"),
        target: all(matches, "target"),
    })
}

/// The words without those that clap would stop at: flags that nobody knows, and values that have to be of a form.
fn known(command: &Command, words: &[&str]) -> Vec<String> {
    let (mut flags, mut others) = (Vec::new(), Vec::new());
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if *word == "--" {
            others.extend(words.by_ref().map(|word| (*word).to_owned()));
        } else if let Some(long) = word.strip_prefix("--") {
            let (name, value) =
                long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
            let Some(arg) = command.get_arguments().find(|arg| arg.get_long() == Some(name)) else {
                continue;
            };
            let value = value.or_else(|| if waits(arg) { words.next().copied() } else { None });
            flags.extend(written(arg, value));
        } else if let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            for (at, letter) in letters.char_indices() {
                let Some(arg) = command.get_arguments().find(|arg| arg.get_short() == Some(letter)) else {
                    break;
                };
                if !arg.get_action().takes_values() {
                    flags.extend(written(arg, None));
                    continue;
                }
                let rest = letters.get(at + letter.len_utf8()..).filter(|rest| !rest.is_empty());
                let value = rest.map(|rest| rest.strip_prefix('=').unwrap_or(rest));
                let value = value.or_else(|| if waits(arg) { words.next().copied() } else { None });
                flags.extend(written(arg, value));
                break;
            }
        } else {
            others.push((*word).to_owned());
        }
    }
    flags.push("--".to_owned());
    flags.extend(others);
    flags
}

/// True if the next word is its value.
fn waits(arg: &Arg) -> bool {
    arg.get_action().takes_values() && !arg.is_require_equals_set()
}

/// The flag as one word; None if clap could refuse its value, or there is none.
fn written(arg: &Arg, value: Option<&str>) -> Option<String> {
    let long = arg.get_long()?;
    if !arg.get_action().takes_values() {
        return Some(format!("--{long}"));
    }
    let of = arg.get_value_parser().type_id();
    let is_text = of == TypeId::of::<String>() || of == TypeId::of::<PathBuf>();
    let is_pair = of == TypeId::of::<(String, String)>();
    value
        .filter(|value| is_text || is_pair && value.find('=').is_some_and(|at| at > 0))
        .map(|value| format!("--{long}={value}"))
}

fn is_set(matches: &ArgMatches, id: &str) -> bool {
    matches.try_get_one::<bool>(id).ok().flatten().copied().unwrap_or_default()
}

fn all(matches: &ArgMatches, id: &str) -> Vec<String> {
    matches.try_get_many::<String>(id).ok().flatten().into_iter().flatten().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(line: &str) -> Option<Typed> {
        read(&format!("kubectl-arc {line}").split(' ').map(Into::into).collect::<Vec<_>>())
    }

    #[test]
    fn flags_are_heeded_whatever_else_is_wrong() {
        let seen = typed(
            "why --nonsense -An arc --context east --color mauve --as me --as-group=g -v -f a.yaml -fb.yaml po x",
        )
        .unwrap();
        assert_eq!(seen.connection.namespace.as_deref(), Some("arc"));
        assert_eq!(seen.connection.context, ["east"]);
        assert_eq!(seen.connection.impersonate.as_deref(), Some("me"));
        assert_eq!(seen.connection.impersonate_groups, ["g"]);
        assert!(seen.all_namespaces && !seen.complete);
        assert_eq!(seen.filename, ["a.yaml", "b.yaml"]);
        assert_eq!(seen.target, ["po", "x"]);
        let namespace = |line: &str| typed(line).unwrap().connection.namespace.unwrap_or_default();
        assert_eq!(namespace("unblock --undo x --plan y -o json -n arc --dry-run"), "arc");
        assert_eq!(namespace("why --request-timeout nonsense -n=arc --context"), "arc");
        assert_eq!(namespace("why -narc -v=9 x"), "arc");
        assert_eq!(namespace("why --chunk-size none --as-user-extra a -n arc x"), "arc");
        assert_eq!(namespace("-n arc --all-namespaces=true why x"), "arc");
        assert_eq!(namespace("why -n a -n b"), "b");
        assert_eq!(typed("why -- -n").unwrap().target, ["-n"]);
        for nothing in ["", "wh", "explain x", "version"] {
            assert!(typed(nothing).is_none(), "{nothing}");
        }
    }
}
