//! `kubectl arc completion`: scripts for shells, and the file beside the plugin that kubectl asks.
//!
//! That file is a link to the program under the other name (`complete` is what it does when called so). It names the
//! plugin's file and not what krew put behind it: so it leads to the new version after an upgrade.

use super::Answer;
use super::Output;
use super::complete;
use crate::cli::CompletionArgs;
use crate::error::Error;
use crate::error::Exit;
use crate::name;
use crate::save;
use crate::save::Link;
use crate::source::installed;
use crate::ui::Asked;
use crate::ui::Ui;
use std::ffi::OsStr;
use std::path::Path;
use std::path::PathBuf;

/// Carries the command out.
///
/// # Errors
/// The program has no name that kubectl knows, its folder is not on PATH or cannot be written to, there is another file
/// under the name, or nobody can be asked.
pub fn run(args: &CompletionArgs, ui: &mut Ui) -> Result<Answer, Error> {
    if let Some(shell) = args.shell {
        return script(shell.word());
    }
    let plugin = plugin()?;
    let said = if args.install { install(&plugin, args.yes, ui)? } else { uninstall(&plugin, args.yes, ui)? };
    Ok(answer(said))
}

fn answer(text: String) -> Answer {
    Answer { output: Output::Raw(text), remarks: Vec::new(), exit: Exit::Clear }
}

fn script(shell: &str) -> Result<Answer, Error> {
    let script = complete::script(shell, name::stem(name::file()))
        .ok_or_else(|| Error::internal(format!("there is no completion script for {shell}")))?;
    Ok(answer(script))
}

/// The plugin's file, and the one that kubectl asks.
struct Plugin {
    file: PathBuf,
    completer: PathBuf,
}

fn plugin() -> Result<Plugin, Error> {
    let called = name::file();
    let known = called.file_name().and_then(OsStr::to_str).and_then(|file| file.strip_prefix("kubectl-"));
    let Some(rest) = known else {
        return Err(Error::usage(format!("{} is no plugin of kubectl", Path::new(called).display()))
            .hint("kubectl completes a file that is called kubectl-arc and is on PATH"));
    };
    let file = installed::file(called.as_os_str())
        .ok_or_else(|| Error::config(format!("{} is not on PATH", called.display())))?;
    let folder = file.parent().unwrap_or(Path::new("/"));
    if !installed::is_on_path(folder) {
        return Err(Error::config(format!(
            "{} is not on PATH, and kubectl looks for plugins there",
            folder.display()
        ))
        .hint("move the plugin to a folder on PATH, or add its folder to PATH"));
    }
    let completer = folder.join(format!("kubectl_complete-{rest}"));
    Ok(Plugin { file, completer })
}

fn install(plugin: &Plugin, yes: bool, ui: &mut Ui) -> Result<String, Error> {
    let (link, target) = (plugin.completer.display(), plugin.file.display());
    match save::link_at(&plugin.completer, &plugin.file)? {
        Link::Ours => return Ok(format!("{link} is there already\n")),
        Link::Other => return Err(taken(plugin)),
        Link::Absent => {}
    }
    ui.remark(&format!("{link} will be a link to {target}."));
    ui.remark("kubectl calls it for what can come next when you press Tab. Nothing else is written.");
    if !agreed("Make this link?", yes, ui)? {
        return Ok("nothing was written\n".to_owned());
    }
    save::link(&plugin.completer, &plugin.file)?;
    Ok(format!("{link} created\n"))
}

fn uninstall(plugin: &Plugin, yes: bool, ui: &mut Ui) -> Result<String, Error> {
    let link = plugin.completer.display();
    match save::link_at(&plugin.completer, &plugin.file)? {
        Link::Absent => return Ok(format!("{link} is not there\n")),
        Link::Other => return Err(taken(plugin)),
        Link::Ours => {}
    }
    ui.remark(&format!("{link}, a link to the plugin, will be removed."));
    if !agreed("Remove this link?", yes, ui)? {
        return Ok("nothing was removed\n".to_owned());
    }
    save::unlink(&plugin.completer)?;
    Ok(format!("{link} removed\n"))
}

fn taken(plugin: &Plugin) -> Error {
    let (link, target) = (plugin.completer.display(), plugin.file.display());
    Error::config(format!("{link} is there, and is no link to {target}"))
        .hint("it is left as it is; if nobody needs it, remove it yourself and try again")
}

fn agreed(question: &str, yes: bool, ui: &mut Ui) -> Result<bool, Error> {
    if yes {
        return Ok(true);
    }
    if !ui.can_ask() {
        return Err(Error::usage("nobody is there to be asked").hint("say --yes to do it without a question"));
    }
    Ok(ui.confirm(question) == Asked::Answer(true))
}
