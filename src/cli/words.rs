//! Words that kubectl takes and clap would not: flags before the command, `-v 6`, and `--all-namespaces=true`.

use clap::Arg;
use clap::ArgAction;
use clap::Command;
use std::ffi::OsString;

/// Flags whose value may be left out, and may stand in a word of its own only if it is one of these.
const LEVELS: [&str; 2] = ["-v", "--v"];
const DRY_RUN: &str = "--dry-run";
const DRY_RUNS: [&str; 3] = ["none", "client", "server"];

/// The words as clap takes them; the first is the program's own name. What is wrong stays wrong, for clap to tell.
pub fn ordered(words: impl Iterator<Item = OsString>, command: &Command) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.collect();
    let end = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let rest = words.split_off(end);
    let Some(name) = (!words.is_empty()).then(|| words.remove(0)) else { return rest };
    let switched = words.into_iter().filter_map(|word| switch(word, command));
    let mut words = joined(switched);
    let flags = leading_flags(&words, command);
    if words.get(flags).is_some_and(|word| !word.to_string_lossy().starts_with('-')) {
        let command = words.remove(flags);
        words.insert(0, command);
    }
    words.insert(0, name);
    words.extend(rest);
    words
}

/// `--all-namespaces=true` is the switch alone, and `=false` is nothing, in the words that Go takes for these.
fn switch(word: OsString, command: &Command) -> Option<OsString> {
    let Some((name, value)) = word.to_str().and_then(|word| word.split_once('=')) else { return Some(word) };
    if is_short_with_more(name) {
        return Some(word);
    }
    let is_switch = |flag: &&Arg| matches!(flag.get_action(), ArgAction::SetTrue);
    let mut flags = command.get_subcommands().filter_map(|command| flag(command, name));
    let Some(flag) = flags.find(is_switch) else { return Some(word) };
    match value {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(name.into()),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => None,
        // Of the long one clap says what is wrong with its value.
        _ => Some(flag.get_long().map_or(word.clone(), |long| format!("--{long}={value}").into())),
    }
}

/// `-v 6`, `-v6` and `--v 6` as `-v=6`. A bare `-v` stays one: what follows it is a level only if it is a number.
fn joined(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut joined: Vec<OsString> = Vec::new();
    for word in words {
        let before = joined.last().and_then(|before| before.to_str()).unwrap_or_default();
        let text = word.to_str().unwrap_or_default();
        let is_level = LEVELS.contains(&before) && is_number(text);
        let whole = if is_level || (before == DRY_RUN && DRY_RUNS.contains(&text)) {
            let whole = format!("{before}={text}");
            joined.pop();
            Some(whole)
        } else {
            let level = text.strip_prefix("-v").filter(|level| is_number(level));
            level.map(|level| format!("-v={level}"))
        };
        joined.push(whole.map_or(word, OsString::from));
    }
    joined
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `key=value`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

/// How many of the first words are flags of some command, with their values.
fn leading_flags(words: &[OsString], command: &Command) -> usize {
    let mut count = 0;
    while let Some(word) = words.get(count).and_then(|word| word.to_str()) {
        let name = word.split_once('=').map_or(word, |(name, _)| name);
        let Some(flag) = command.get_subcommands().find_map(|command| flag(command, name)) else { break };
        let needs_word = flag.get_action().takes_values()
            && !flag.is_require_equals_set()
            && !word.contains('=')
            && !is_short_with_more(name);
        count += if needs_word { 2 } else { 1 };
    }
    count.min(words.len())
}

/// `-narc` is `-n arc`, and `-Av` is `-A -v`.
fn is_short_with_more(word: &str) -> bool {
    !word.starts_with("--") && word.chars().count() > 2
}

fn flag<'a>(command: &'a Command, word: &str) -> Option<&'a Arg> {
    match word.strip_prefix("--") {
        Some(long) => command.get_arguments().find(|arg| arg.get_long() == Some(long)),
        None => {
            let short = word.strip_prefix('-')?.chars().next()?;
            command.get_arguments().find(|arg| arg.get_short() == Some(short))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory as _;

    fn words(line: &str) -> String {
        let typed = std::iter::once("arc").chain(line.split_whitespace()).map(OsString::from);
        let mut ordered = ordered(typed, &Cli::command());
        assert_eq!(ordered.remove(0), "arc");
        ordered.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_level_may_stand_apart_and_may_be_left_out() {
        for (typed, read) in [
            ("why -v 6", "why -v=6"),
            ("why --v 6 web", "why --v=6 web"),
            ("why -v6", "why -v=6"),
            ("why -v web", "why -v web"),
            ("why web -v", "why web -v"),
            ("why -- -v 6", "why -- -v 6"),
            ("unblock --dry-run server web", "unblock --dry-run=server web"),
            ("unblock --dry-run web", "unblock --dry-run web"),
        ] {
            assert_eq!(words(typed), read, "{typed}");
        }
    }

    #[test]
    fn a_switch_may_say_what_it_is() {
        for (typed, read) in [
            ("why -A=true web", "why -A web"),
            ("why --all-namespaces=false --insecure-skip-tls-verify=1", "why --insecure-skip-tls-verify"),
            ("why -Anarc=true", "why -Anarc=true"),
            ("why -A=perhaps -o=true -- -A=true", "why --all-namespaces=perhaps -o=true -- -A=true"),
        ] {
            assert_eq!(words(typed), read, "{typed}");
        }
    }

    #[test]
    fn flags_before_the_command_are_put_behind_it() {
        for (typed, read) in [
            ("-n arc why web", "why -n arc web"),
            ("-narc -A why web", "why -narc -A web"),
            ("--namespace=arc -v why", "why --namespace=arc -v"),
            ("--context a --context b why -o json", "why --context a --context b -o json"),
            ("-n arc", "-n arc"),
            ("-n arc --nope why", "-n arc --nope why"),
            ("--help", "--help"),
            ("why -n arc", "why -n arc"),
            ("", ""),
        ] {
            assert_eq!(words(typed), read, "{typed}");
        }
    }
}
