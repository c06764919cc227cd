//! Who asks, and in whose name.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::Check;
use super::bench;
use super::bench::Bench;
use super::bench::Ear;
use super::bench::GET;
use super::bench::NAMESPACE;
use super::bench::WHY;
use crate::Outcome;
use crate::process;
use crate::pty::ENTER;
use crate::pty::Terminal;

pub const CHECKS: &[Check] = &[
    ("user", user),
    ("token", token),
    ("password", password),
    ("client-certificate", client_certificate),
    ("impersonation", impersonation),
    ("credential-plugins", credential_plugins),
];

fn user(bench: &Bench) -> Outcome<()> {
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": bench.cluster_entry()}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "stranger"}}],
        "users": [{"name": "stranger", "user": {"token": "nobody"}}, {"name": "admin", "user": {"token": bench.token}}],
    });
    let path = bench.write("users", &config.to_string())?;
    bench.both_refuse_with(&path, &[], &["401"])?;
    bench.both_answer_with(&path, &["--user", "admin"])?;
    bench.both_refuse_with(&path, &["--user", "nope"], &["\"nope\"", "admin"])
}

fn token(bench: &Bench) -> Outcome<()> {
    let config = bench.config("anonymous", &bench.cluster_entry(), &json!({}))?;
    bench.both_answer_with(&config, &["--token", &bench.token])?;
    bench.both_refuse_with(&config, &["--token", "nobody"], &["401"])
}

/// The API server takes no passwords any more; that they are sent is seen by one that listens. kubectl sends none
/// without TLS, where nobody can listen, so only ours is listened to.
fn password(bench: &Bench) -> Outcome<()> {
    let config = bench.config("nobody", &bench.cluster_entry(), &json!({}))?;
    let flags = ["--username", "jane", "--password", "pass"];
    // To this server who comes with one is anybody.
    may_not(bench, &config, &flags, "system:anonymous")?;
    // The administrator has a token.
    bench.both_refuse(&flags, &["a token and a password"])?;
    let ear = Ear::hanging_up()?;
    let server = ["--server".to_owned(), format!("http://{}", ear.address)];
    let flags = [&flags[..], &[server[0].as_str(), server[1].as_str()]].concat();
    process::run(&mut bench.ours_with(&config, &[&WHY[..], &flags].concat()))?;
    let heard = ear.heard();
    let sent = format!("authorization: basic {}", STANDARD.encode("jane:pass")).to_ascii_lowercase();
    match heard.iter().any(|head| head.to_ascii_lowercase().contains(&sent)) {
        true => Ok(()),
        false => Err(format!("the password is not sent:\n{}", heard.join("\n"))),
    }
}

/// The server here asks for no certificate; that it is shown where one is asked for is tested below the code
/// (`a_client_certificate_of_version_1_is_shown`).
fn client_certificate(bench: &Bench) -> Outcome<()> {
    let keys = bench.cluster.folder.path().join("plane/keys");
    let path = |name: &str| keys.join(name).to_string_lossy().into_owned();
    let (certificate, key) = (path("server.crt"), path("server.key"));
    bench.both_answer(&["--client-certificate", &certificate, "--client-key", &key])?;
    bench.both_refuse(&["--client-certificate", &certificate], &["without a client key"])?;
    // kubectl drops it silently.
    let key_alone = [&WHY[..], &["--client-key", &key]].concat();
    bench::refused(&mut bench.ours(&key_alone), 2, &["without a client certificate"])?;
    let lost = ["--client-certificate", "/nonexistent/crt", "--client-key", &key];
    bench.both_refuse(&lost, &["/nonexistent/crt"])?;
    let other = path("service-account.key");
    // kubectl would find out once it is asked for the certificate.
    let pair = ["--client-certificate", &certificate, "--client-key", &other];
    bench::refused(&mut bench.ours(&[&WHY[..], &pair].concat()), 2, &["key"]).map(|_| ())
}

/// What the server sees decides: the actor may act as one person only, in one group, with one uid and two extras.
fn impersonation(bench: &Bench) -> Outcome<()> {
    let line = format!("kubectl create token actor -n {NAMESPACE}");
    let token = process::must(&mut bench.cluster.shell(&line))?;
    let config = bench.config("actor", &bench.cluster_entry(), &json!({"token": token.trim()}))?;
    let right = ["--as", "jane", "--as-group", "readers"];
    bench.both_answer_with(&config, &right)?;
    let all = ["--as-uid", "u-1", "--as-user-extra", "project=green", "--as-user-extra", "project=blue"];
    let all = [&right[..], &all].concat();
    bench.both_answer_with(&config, &all)?;
    let seen = process::must(
        &mut bench.kubectl_with(&config, &[&["auth", "whoami", "-o", "json"], &all[..]].concat()),
    )?;
    bench::has(&seen, &["u-1", "readers", "green", "blue"])?;
    // The server names what it refuses.
    for (more, named) in [
        (&["--as", "root"][..], "users \"root\""),
        (&["--as-group", "masters"], "groups \"masters\""),
        (&["--as-uid", "u-2"], "uids.authentication.k8s.io \"u-2\""),
        (&["--as-user-extra", "project=red"], "userextras.authentication.k8s.io \"red\""),
    ] {
        may_not(bench, &config, &[&right[..], more].concat(), named)?;
    }
    // Jane alone may be acted as, and may read nothing.
    may_not(bench, &config, &["--as", "jane"], "User \"jane\" cannot get")?;
    for (flags, words) in [
        (&["--as-user-extra", "green"][..], &["KEY=VALUE"][..]),
        (&["--as-group", "readers"], &["needs a user", "--as"]),
        (&["--as-uid", "u-1"], &["needs a user"]),
        (&["--as-user-extra", "project=green"], &["needs a user"]),
    ] {
        bench::refused(&mut bench.ours_with(&config, &[&WHY[..], flags].concat()), 2, words)?;
    }
    Ok(())
}

/// A right is missing: an answer, and not a comfort. kubectl just fails.
fn may_not(bench: &Bench, config: &Path, flags: &[&str], named: &str) -> Outcome<()> {
    let done = process::run(&mut bench.ours_with(config, &[&WHY[..], flags].concat()))?;
    let json: serde_json::Value = serde_json::from_str(&done.stdout).unwrap_or_default();
    let reason = json["gaps"][0]["reason"].as_str().unwrap_or_default();
    if done.code != Some(3) || !reason.contains(named) {
        return Err(format!("{flags:?}: {:?}, not 3 for {named}\n{}{}", done.code, done.stdout, done.stderr));
    }
    bench::fails(&mut bench.kubectl_with(config, &[&GET[..], flags].concat()))
}

/// A program that says the token, or asks for it if it may.
fn plugin(bench: &Bench, name: &str, mode: &str) -> Outcome<PathBuf> {
    let script = format!(
        r#"#!/bin/sh
token={}
[ -z "$SAYS" ] || echo "$SAYS" >&2
case "$KUBERNETES_EXEC_INFO" in *'"interactive":true'*) printf 'Which token? ' >&2; read -r token;; esac
echo '{{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{{"token":"'"$token"'"}}}}'
"#,
        bench.token
    );
    let path = bench.write("plugin.sh", &script)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
        .map_err(|error| error.to_string())?;
    let exec = json!({
        "apiVersion": "client.authentication.k8s.io/v1", "command": path, "interactiveMode": mode,
    });
    bench.config(name, &bench.cluster_entry(), &json!({"exec": exec}))
}

fn credential_plugins(bench: &Bench) -> Outcome<()> {
    for mode in ["Never", "IfAvailable"] {
        bench.both_answer_with(&plugin(bench, mode, mode)?, &[])?;
    }
    bench.both_refuse_with(&plugin(bench, "Always", "Always")?, &[], &["needs a terminal"])?;
    // On a terminal it asks, unless it never may.
    for (mode, asks) in [("Never", false), ("IfAvailable", true), ("Always", true)] {
        let config = plugin(bench, mode, mode)?;
        for command in [bench.ours_with(&config, &WHY[..4]), bench.kubectl_with(&config, &GET)] {
            on_terminal(&command, asks.then_some(bench.token.as_str()))
                .map_err(|error| format!("{mode}: {}: {error}", bench::line(&command)))?;
        }
    }
    // One that fails is named, and its own words go where ours go.
    let path = bench.write("broken.sh", "#!/bin/sh\necho 'who are you' >&2\nexit 7\n")?;
    let exec = json!({"apiVersion": "client.authentication.k8s.io/v1", "command": "/bin/sh",
                      "args": [path], "interactiveMode": "Never"});
    let config = bench.config("broken", &bench.cluster_entry(), &json!({"exec": exec}))?;
    bench.both_refuse_with(&config, &[], &["/bin/sh", "who are you"])?;
    // So do the words of one that logs in elsewhere, where nothing can be typed here.
    let (config, words) = (plugin(bench, "Never", "Never")?, "open a browser");
    for mut command in [bench.ours_with(&config, &WHY), bench.kubectl_with(&config, &GET)] {
        let done = process::run(command.env("SAYS", words))?;
        bench::has(&done.stderr, &[words])?;
    }
    Ok(())
}

/// Runs it on a terminal, answers the question if there is to be one, and waits for an answer about `web`.
fn on_terminal(command: &Command, typed: Option<&str>) -> Outcome<()> {
    let mut terminal = Terminal::start(command, 200, 60);
    if let Some(typed) = typed {
        terminal.wait_for("Which token?");
        terminal.press(&format!("{typed}{ENTER}"));
    }
    let code = terminal.end();
    let screen = terminal.screen();
    let asked = screen.contains("Which token?");
    match (code, asked == typed.is_some(), screen.contains("web")) {
        (0 | 1, true, true) => Ok(()),
        _ => Err(format!("ended with {code}\n{screen}")),
    }
}
