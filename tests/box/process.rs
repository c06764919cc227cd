//! Programs that live as long as this one holds their standard input.

use std::fs::File;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Seek as _;
use std::io::Write as _;
use std::process::Child;
use std::process::ChildStdin;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::Outcome;

/// The slowest part is a control plane on a machine that builds something else.
const READY: Duration = Duration::from_secs(180);
/// After this long without standard input a part is ended by force.
const END: Duration = Duration::from_secs(20);

/// A running program. Dropping it ends it.
#[derive(Debug)]
pub struct Part {
    child: Child,
    stdin: Option<ChildStdin>,
    /// The line of JSON with which it said that it is ready.
    pub said: Value,
}

impl Part {
    /// Starts a program, gives it a first line, and waits until it says that it is ready.
    pub fn start(command: &mut Command, first: &str) -> Outcome<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let failed = |what: &str| format!("{name}: {what}");
        let mut complaints = tempfile::tempfile().map_err(|error| failed(&error.to_string()))?;
        let stderr: File = complaints.try_clone().map_err(|error| failed(&error.to_string()))?;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .map_err(|error| failed(&error.to_string()))?;
        let mut stdin = child.stdin.take();
        if let Some(stdin) = &mut stdin {
            stdin.write_all(first.as_bytes()).map_err(|error| failed(&error.to_string()))?;
        }
        let stdout = child.stdout.take().ok_or_else(|| failed("has no standard output"))?;
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let mut line = String::new();
            stdout.read_line(&mut line).ok();
            send.send(line).ok();
            // Whoever is ready may write more; nobody wants it, and a full pipe would stop it.
            std::io::copy(&mut stdout, &mut std::io::sink()).ok();
        });
        let mut part = Self { child, stdin, said: Value::Null };
        let line = receive.recv_timeout(READY).unwrap_or_default();
        part.said = serde_json::from_str(&line).map_err(|_| {
            let mut text = String::new();
            complaints.rewind().ok();
            complaints.read_to_string(&mut text).ok();
            failed(&format!("did not get ready: {}", text.trim()))
        })?;
        Ok(part)
    }

    /// A field of what it said.
    pub fn say(&self, field: &str) -> String {
        self.said[field].as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.stdin.take();
        let end = Instant::now() + END;
        while Instant::now() < end {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What a program that ends by itself said.
#[derive(Debug)]
pub struct Done {
    pub stdout: String,
    pub stderr: String,
    /// None: a signal ended it.
    pub code: Option<i32>,
}

/// Runs a program to its end.
pub fn run(command: &mut Command) -> Outcome<Done> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    Ok(Done {
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        code: output.status.code(),
    })
}

/// The same for one that has to succeed.
pub fn must(command: &mut Command) -> Outcome<String> {
    let words: Vec<String> =
        command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let done = run(command)?;
    if done.code == Some(0) {
        return Ok(done.stdout);
    }
    let program = command.get_program().to_string_lossy();
    let name = program.rsplit('/').next().unwrap_or(&program).to_owned();
    Err(format!("{name} {}: {}{}", words.join(" "), done.stdout, done.stderr).trim_end().to_owned())
}
