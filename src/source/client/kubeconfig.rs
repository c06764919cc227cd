//! Finding, reading and merging kubeconfig files by kubectl's rules.

use std::io::ErrorKind;
use std::path::MAIN_SEPARATOR;
use std::path::Path;
use std::path::PathBuf;

use kube::config::Kubeconfig;
use serde_json::Value;
use serde_saphyr::DuplicateKeyPolicy;

use crate::error::Error;

use super::environment::Environment;
use super::options::ConnectOptions;
use super::options::given_path;

/// What the files say together, and which they were.
pub struct Loaded {
    pub config: Kubeconfig,
    /// In the order they count.
    pub looked_for: Vec<PathBuf>,
    /// Whether any of them was there.
    pub found: bool,
}

/// Reads `--kubeconfig`, else the files of KUBECONFIG, else `~/.kube/config`.
///
/// A missing file is only an error when the flag names it, as in client-go's loading rules. The first file to set a
/// value wins.
pub fn load(options: &ConnectOptions, environment: &Environment) -> Result<Loaded, Error> {
    let explicit = given_path(options.kubeconfig.as_ref());
    let looked_for = match explicit {
        Some(path) => vec![path.to_owned()],
        None => default_files(environment),
    };
    let mut loaded = Loaded { config: Kubeconfig::default(), looked_for, found: false };
    for path in &loaded.looked_for {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound && explicit.is_none() => continue,
            Err(error) => return Err(unusable(path).because(error)),
        };
        loaded.found = true;
        tracing::debug!("Config loaded from file:  {}", path.display());
        let next = parse(path, &bytes)?;
        loaded.config = loaded.config.merge(next).map_err(|error| unusable(path).because(error))?;
    }
    Ok(loaded)
}

fn default_files(environment: &Environment) -> Vec<PathBuf> {
    let listed: Vec<PathBuf> = environment
        .raw("KUBECONFIG")
        .map(|list| std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect())
        .unwrap_or_default();
    if listed.is_empty() {
        environment.home().map(|home| home.join(".kube").join("config")).into_iter().collect()
    } else {
        listed
    }
}

fn unusable(path: &Path) -> Error {
    Error::config(format!("cannot use the kubeconfig {}", path.display()))
}

fn parse(path: &Path, bytes: &[u8]) -> Result<Kubeconfig, Error> {
    let text = decode(bytes).ok_or_else(|| unusable(path).because("it is not UTF-8 or UTF-16 text"))?;
    let mut config = read(&text).map_err(|error| unparsable(path, &error))?;
    // `kubectl config unset current-context` leaves an empty text, which client-go does not take for a value.
    config.current_context = config.current_context.filter(|name| !name.is_empty());
    resolve_paths(&mut config, path.parent().unwrap_or(Path::new("")));
    Ok(config)
}

/// YAML as kubectl takes it: the first document, the last of two equal keys, and contexts without a cluster, which
/// kube's type insists on. The error is that of the plain way, because only that one knows the line.
fn read(text: &str) -> Result<Kubeconfig, serde_saphyr::Error> {
    match serde_saphyr::from_multiple::<Kubeconfig>(text) {
        Ok(documents) => Ok(documents.into_iter().next().unwrap_or_default()),
        Err(error) => read_leniently(text).ok_or(error),
    }
}

fn read_leniently(text: &str) -> Option<Kubeconfig> {
    let options =
        serde_saphyr::options! { duplicate_keys: DuplicateKeyPolicy::LastWins, strict_booleans: true };
    let documents = serde_saphyr::from_multiple_with_options::<Value>(text, options).ok()?;
    let mut document = documents.into_iter().next()?;
    for named in document.get_mut("contexts").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(context) = named.get_mut("context").and_then(Value::as_object_mut) {
            context.entry("cluster").or_insert_with(|| "".into());
        }
    }
    serde_json::from_value(document).ok()
}

/// Text with or without a byte order mark; editors on Windows write UTF-16.
fn decode(bytes: &[u8]) -> Option<String> {
    let wide = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2);
        let complete = units.remainder().is_empty();
        let units: Vec<u16> = units.filter_map(|pair| pair.try_into().ok().map(unit)).collect();
        if complete { String::from_utf16(&units).ok() } else { None }
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] | rest => std::str::from_utf8(rest).ok().map(str::to_owned),
    }
}

/// The file, the line and the reason, without the line's own words: they may be a token.
fn unparsable(path: &Path, error: &serde_saphyr::Error) -> Error {
    let reason = error.without_snippet().to_string();
    let reason = without_quotations(reason.lines().next().unwrap_or_default());
    match error.location() {
        Some(at) => {
            Error::config(format!("cannot use the kubeconfig {}, line {}", path.display(), at.line()))
        }
        None => unusable(path),
    }
    .because(reason)
}

/// ``unknown variant `eyJhb…`, expected …`` without what is quoted, unless it is a field that is missed; and without
/// the place, which is said already.
fn without_quotations(text: &str) -> String {
    let text = text.split(" at line ").next().unwrap_or_default();
    let parts: Vec<&str> = text.split(['"', '\'', '`']).collect();
    let mut plain = String::new();
    for (n, part) in parts.iter().enumerate() {
        let is_quoted = n % 2 == 1;
        let is_field = plain.ends_with("missing field ");
        plain.push_str(if is_quoted && !is_field { "…" } else { part });
    }
    plain
}

/// Makes the paths of a file independent of where we stand: they are relative to the file.
///
/// A command is only a path when it holds a separator (client-go, `GetAuthInfoFileReferences`).
fn resolve_paths(config: &mut Kubeconfig, folder: &Path) {
    let resolve = |path: &mut Option<String>| {
        if let Some(text) =
            path.as_mut().filter(|text| !text.is_empty() && Path::new(text.as_str()).is_relative())
            && let Some(absolute) = folder.join(text.as_str()).to_str()
        {
            *text = absolute.to_owned();
        }
    };
    for cluster in config.clusters.iter_mut().filter_map(|named| named.cluster.as_mut()) {
        resolve(&mut cluster.certificate_authority);
    }
    for user in config.auth_infos.iter_mut().filter_map(|named| named.auth_info.as_mut()) {
        resolve(&mut user.client_certificate);
        resolve(&mut user.client_key);
        resolve(&mut user.token_file);
        if let Some(exec) = user.exec.as_mut()
            && exec.command.as_ref().is_some_and(|command| command.contains(MAIN_SEPARATOR))
        {
            resolve(&mut exec.command);
        }
    }
}

#[cfg(test)]
#[path = "kubeconfig_tests.rs"]
mod tests;
