//! The command line, in the name that the program was called by.

use super::Cli;
use super::words;
use crate::name;
use clap::Command;
use clap::CommandFactory as _;
use clap::FromArgMatches as _;
use clap::builder::StyledStr;
use std::ffi::OsString;

/// Reads what was typed, the program's own name first. What cannot be read ends the process with a message, and so does
/// a call for help.
pub fn read(words: impl Iterator<Item = OsString>) -> Cli {
    let words = ordered(words);
    let matches = command().color(words::color(&words)).get_matches_from(words);
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut command()).exit())
}

/// The words in clap's order, where kubectl has more than one.
pub fn ordered(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    words::ordered(words, &command())
}

/// The command to whose flag a value is typed, where the command itself is still to come.
pub fn command_of_value(before: &[OsString], typed: &str) -> Option<String> {
    words::command_of_value(before, typed, &command()).map(str::to_owned)
}

/// All that can be typed.
pub fn command() -> Command {
    named(Cli::command(), name::program())
}

/// The command as it is for somebody who calls the program so.
fn named(command: Command, program: &'static str) -> Command {
    if program == name::USUAL {
        return command;
    }
    reworded(command.name(program).bin_name(program), program)
}

/// Help texts are written for the usual name.
fn reworded(mut command: Command, program: &str) -> Command {
    let said = |text: Option<&StyledStr>| text.map(|text| text.to_string().replace(name::USUAL, program));
    if let Some(text) = said(command.get_about()) {
        command = command.about(text);
    }
    if let Some(text) = said(command.get_long_about()) {
        command = command.long_about(text);
    }
    if let Some(text) = said(command.get_after_help()) {
        command = command.after_help(text);
    }
    command = command.mut_args(|mut arg| {
        if let Some(text) = said(arg.get_help()) {
            arg = arg.help(text);
        }
        if let Some(text) = said(arg.get_long_help()) {
            arg = arg.long_help(text);
        }
        arg
    });
    command.mut_subcommands(|subcommand| reworded(subcommand, program))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The help of the program and of each of its commands.
    fn helps(mut command: Command) -> Vec<String> {
        command.build();
        let mut helps = vec![command.render_long_help().to_string()];
        helps.extend(command.get_subcommands_mut().map(|command| command.render_long_help().to_string()));
        helps
    }

    #[test]
    fn help_says_the_name_that_it_was_called_by() {
        // As long as the usual one, so that lines break where they did.
        let of_same_length = helps(named(Cli::command(), "kubectl_arc"));
        for (usual, other) in helps(command()).iter().zip(of_same_length) {
            assert!(usual.contains("Usage: kubectl arc"), "{usual}");
            assert_eq!(usual.replace("kubectl arc", "kubectl_arc"), other);
        }
        for help in helps(named(Cli::command(), "kubectl arc-doctor")) {
            assert!(help.contains("Usage: kubectl arc-doctor") && !help.contains("kubectl arc "), "{help}");
        }
    }
}
