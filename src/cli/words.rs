//! Words that kubectl takes and clap would not: flags before the command, `-v 6`, and `--all-namespaces=true`.

use clap::Arg;
use clap::ArgAction;
use clap::ColorChoice;
use clap::Command;
use clap::builder::OsStringValueParser;
use clap::builder::TypedValueParser;
use std::ffi::OsString;
use std::path::PathBuf;

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
    let mut words = joined(switched(words, command).into_iter());
    let (flags, _) = leading_flags(&words, command);
    let next = words.get(flags).map(|word| word.to_string_lossy().into_owned());
    match next.as_deref() {
        // Flags of no command say nothing: whoever types them is to see the help.
        None | Some("-h" | "--help") => drop(words.drain(..flags)),
        Some(next) if !next.starts_with('-') => {
            let command = words.remove(flags);
            words.insert(0, command);
        }
        Some(_) => {}
    }
    words.insert(0, name);
    words.extend(rest);
    words
}

/// `--all-namespaces=true` is the switch alone, and `=false` takes back what was said before, in the words that Go takes
/// for these.
fn switched(words: Vec<OsString>, command: &Command) -> Vec<OsString> {
    let mut switched = Vec::new();
    for word in words {
        let parts = word.to_str().and_then(|word| word.split_once('='));
        let Some((name, value, flag)) =
            parts.and_then(|(name, value)| Some((name, value, switch(command, name)?)))
        else {
            switched.push(word);
            continue;
        };
        match value {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => switched.push(name.into()),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => {
                switched = switched.into_iter().filter_map(|before| without(before, flag, command)).collect();
            }
            // Of the long one clap says what is wrong with its value.
            _ => switched
                .push(long(flag).map_or_else(|| word.clone(), |long| format!("{long}={value}").into())),
        }
    }
    switched
}

/// The switch of that name.
fn switch<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    let mut flags = command.get_subcommands().filter_map(|command| flag(command, name));
    flags.find(|flag| matches!(flag.get_action(), ArgAction::SetTrue)).filter(|_| !is_short_with_more(name))
}

fn long(flag: &Arg) -> Option<String> {
    flag.get_long().map(|long| format!("--{long}"))
}

/// The word without this switch; a short one may stand among others.
fn without(word: OsString, switch_off: &Arg, command: &Command) -> Option<OsString> {
    let Some(text) = word.to_str() else { return Some(word) };
    if long(switch_off).is_some_and(|long| long == text) {
        return None;
    }
    let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else {
        return Some(word);
    };
    let is_switch = |letter: &char| switch(command, &format!("-{letter}")).is_some();
    let switches: String = letters.chars().take_while(is_switch).collect();
    let rest = letters.get(switches.len()..).unwrap_or_default();
    let kept: String = switches.chars().filter(|letter| switch_off.get_short() != Some(*letter)).collect();
    Some(format!("-{kept}{rest}")).filter(|word| word != "-" || text == "-").map(OsString::from)
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

/// What `--color` says of help and of wrong words, which are told before the words are read.
pub fn color(words: &[OsString]) -> ColorChoice {
    let words = words.iter().map_while(|word| word.to_str().filter(|word| *word != "--"));
    let mut choice = ColorChoice::Auto;
    let mut before = "";
    for word in words {
        choice = match word.strip_prefix("--color=").or_else(|| (before == "--color").then_some(word)) {
            Some("never") => ColorChoice::Never,
            Some("always") => ColorChoice::Always,
            Some("auto") => ColorChoice::Auto,
            _ => choice,
        };
        before = word;
    }
    choice
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A path, or nothing, which clap would refuse: `--kubeconfig="$UNSET"`.
pub fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

/// What `-v` takes. kubectl takes any number, and beyond these two there is nothing to say more or less of.
pub fn level(text: &str) -> Result<u8, String> {
    let level: i32 = text.parse().map_err(|_| "expected a number".to_owned())?;
    Ok(u8::try_from(level.max(0)).unwrap_or(u8::MAX))
}

/// `key=value`.
pub fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

/// How many of the first words are flags of some command, with their values; and that command, if the last still waits
/// for its value.
fn leading_flags<'a>(words: &[OsString], command: &'a Command) -> (usize, Option<&'a str>) {
    let (mut count, mut waits) = (0, None);
    while let Some(of) = words.get(count).and_then(|word| value_in_next(word.to_str()?, command)) {
        count += if of.is_some() { 2 } else { 1 };
        waits = of;
    }
    (count.min(words.len()), waits.filter(|_| count > words.len()))
}

/// Whose flag in this word has its value in the next one, if any has. None if the word is no flag of any command.
fn value_in_next<'a>(word: &str, command: &'a Command) -> Option<Option<&'a str>> {
    let find = |name: &str| command.get_subcommands().find_map(|of| Some((of.get_name(), flag(of, name)?)));
    let takes_value = |flag: &Arg| flag.get_action().takes_values();
    let waits = |flag: &Arg| takes_value(flag) && !flag.is_require_equals_set();
    if word.starts_with("--") {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let (of, flag) = find(name)?;
        return Some(Some(of).filter(|_| waits(flag) && value.is_none()));
    }
    let letters = word.strip_prefix('-').filter(|letters| !letters.is_empty())?;
    for (at, letter) in letters.char_indices() {
        let (of, flag) = find(&format!("-{letter}"))?;
        if takes_value(flag) {
            let is_last = at + letter.len_utf8() == letters.len();
            return Some(Some(of).filter(|_| waits(flag) && is_last));
        }
    }
    Some(None)
}

/// The command to whose flag a value is typed before there is a command: `-n arc`, `--namespace=arc`. The program's own name
/// is not among the words.
pub fn command_of_value<'a>(before: &[OsString], typed: &str, command: &'a Command) -> Option<&'a str> {
    let before = joined(switched(before.to_vec(), command).into_iter());
    let (flags, waits) = leading_flags(&before, command);
    let with_value = || {
        let (name, _) = typed.split_once('=').filter(|_| flags == before.len())?;
        command.get_subcommands().find(|of| flag(of, name).is_some()).map(Command::get_name)
    };
    waits.or_else(with_value)
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
    fn a_level_is_any_number() {
        assert_eq!(["6", "300", "-1"].map(level), [Ok(6), Ok(255), Ok(0)]);
        assert!(level("").is_err() && level("x").is_err());
    }

    #[test]
    fn a_switch_may_say_what_it_is() {
        for (typed, read) in [
            ("why -A=true web", "why -A web"),
            ("why --all-namespaces=false --insecure-skip-tls-verify=1", "why --insecure-skip-tls-verify"),
            ("why -A=false -A", "why -A"),
            ("why -A -A=false web -", "why web -"),
            ("why -wA -AwnA --all-namespaces=false", "why -w -wnA"),
            ("unblock --yes -A -y=f -y -y=0", "unblock -A"),
            ("why --insecure-skip-tls-verify x --insecure-skip-tls-verify=false", "why x"),
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
            ("-An arc -Av why web", "why -An arc -Av web"),
            ("--namespace=arc -v why", "why --namespace=arc -v"),
            ("--context a --context b why -o json", "why --context a --context b -o json"),
            ("-n arc", ""),
            ("-n arc --help", "--help"),
            ("-n", ""),
            ("-n arc --nope why", "-n arc --nope why"),
            ("--help", "--help"),
            ("why -n arc", "why -n arc"),
            ("", ""),
        ] {
            assert_eq!(words(typed), read, "{typed}");
        }
    }
}
