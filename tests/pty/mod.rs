//! Programs on a terminal of their own, driven by keys, and what a person would see there.
//!
//! ```ignore
//! let mut command = api.command(env!("CARGO_BIN_EXE_kubectl-arc"));
//! let mut terminal = Terminal::start(command.args(["unblock", "-n", "arc-tools"]), 80, 50);
//! terminal.wait_for("Which steps?");
//! terminal.press(DOWN);
//! terminal.press(SPACE);
//! terminal.press(ENTER);
//! terminal.wait_for("[y/N]");
//! terminal.press("y\r");
//! assert_eq!(terminal.end(), 0);
//! assert!(terminal.is_clean());
//! ```
//!
//! Every question drops what was typed before it was there, as a person's stray Enter must answer nothing. So wait for a
//! question's text before you press its keys. Waiting has a limit; beyond it the test fails and shows the screen.
//!
//! What scrolled off the top is not on the screen: take more rows than the program writes, or look in
//! [`Terminal::written`].

#![allow(dead_code, reason = "each test uses its own part of it")]

mod recording;

use ptyprocess::PtyProcess;
use ptyprocess::Signal;
use ptyprocess::WaitStatus;
use rustix::termios::InputModes;
use rustix::termios::LocalModes;
use std::fs::File;
use std::io::ErrorKind;
use std::io::Read;
use std::io::Write;
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

pub const UP: &str = "\u{1b}[A";
pub const DOWN: &str = "\u{1b}[B";
pub const END: &str = "\u{1b}[F";
pub const SPACE: &str = " ";
pub const ENTER: &str = "\r";
pub const BACKSPACE: &str = "\u{7f}";
pub const ESC: &str = "\u{1b}";
pub const CTRL_C: &str = "\u{3}";
pub const CTRL_D: &str = "\u{4}";
pub const CTRL_U: &str = "\u{15}";

/// The longest wait: a busy machine gets its time.
const LIMIT: Duration = Duration::from_secs(30);

/// Waits until the terminal has its size, which can be set only after the start, and then becomes the program.
const START: &str =
    r#"until [ "$(stty size)" = "$SIZE" ]; do sleep 0.01; done; unset SIZE; stty echo; exec "$@""#;

/// A terminal with one program on it. The program is killed once this is dropped.
pub struct Terminal {
    process: PtyProcess,
    keyboard: File,
    seen: Arc<Seen>,
    code: Option<i32>,
}

/// What came from the program, and how a terminal shows it.
struct Seen {
    state: Mutex<State>,
    news: Condvar,
}

struct State {
    parser: vt100::Parser,
    written: Vec<u8>,
    /// When something came, and how much had been written by then.
    arrivals: Vec<(Instant, usize)>,
    /// The program has let go of the terminal.
    ended: bool,
}

impl Terminal {
    /// Starts the command's program with its arguments, in its folder, with the environment that it sets, and nothing else of the
    /// tester's environment. `TERM` and `LANG` are those of a terminal of today unless the command sets them.
    pub fn start(command: &Command, columns: u16, rows: u16) -> Self {
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", START, "sh"]).arg(command.get_program()).args(command.get_args());
        shell.env_clear().env("TERM", "xterm-256color").env("LANG", "C.UTF-8");
        shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell.env("SIZE", format!("{rows} {columns}"));
        if let Some(folder) = command.get_current_dir() {
            shell.current_dir(folder);
        }
        let mut process = PtyProcess::spawn(shell).expect("the program starts");
        process.set_window_size(columns, rows).expect("the terminal has a size");
        let state =
            State { parser: parser(columns, rows), written: Vec::new(), arrivals: Vec::new(), ended: false };
        let seen = Arc::new(Seen { state: Mutex::new(state), news: Condvar::new() });
        let eye = Arc::clone(&seen);
        let output = process.get_raw_handle().expect("the terminal can be read");
        std::thread::spawn(move || eye.watch(output));
        let keyboard = process.get_raw_handle().expect("the terminal can be written to");
        Self { process, keyboard, seen, code: None }
    }

    /// Presses keys, one after the other.
    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("the terminal takes keys");
    }

    /// Waits until the screen shows a text.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("{text:?} is seen"), |screen| screen.contains(text));
    }

    /// Waits until the screen is as it should be.
    pub fn wait_until(&self, what: &str, is: impl Fn(&str) -> bool) {
        self.seen.wait(what, |state| is(&screen(&state.parser)));
    }

    /// What the screen shows now, without blanks at the ends of lines and empty lines at the end.
    pub fn screen(&self) -> String {
        screen(&self.seen.lock().parser)
    }

    /// All that was ever written, with its escape sequences.
    pub fn written(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().written).into_owned()
    }

    pub fn is_cursor_hidden(&self) -> bool {
        self.seen.lock().parser.screen().hide_cursor()
    }

    /// True if the terminal is fit for whatever comes next: the cursor is seen and stands at the beginning of a line,
    /// and keys are read as lines, are shown, and Ctrl-C is a signal.
    pub fn is_clean(&self) -> bool {
        let (_, column) = self.seen.lock().parser.screen().cursor_position();
        column == 0 && !self.is_cursor_hidden() && self.reads_lines()
    }

    /// True unless the program has told the terminal to hand over keys as they are.
    pub fn reads_lines(&self) -> bool {
        let modes = rustix::termios::tcgetattr(&self.keyboard).expect("a terminal has modes");
        let lines = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        modes.local_modes.contains(lines) && modes.input_modes.contains(InputModes::ICRNL)
    }

    /// Makes the window larger or smaller. The program is told by SIGWINCH.
    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.seen.lock().parser.set_size(some(rows), some(columns));
        self.process.set_window_size(columns, rows).expect("the terminal has a size");
    }

    /// Sends the program a signal from elsewhere.
    pub fn signal(&mut self, signal: Signal) {
        self.process.kill(signal).expect("the program is there");
    }

    /// True once the program has let go of the terminal.
    pub fn has_ended(&self) -> bool {
        self.seen.lock().ended
    }

    /// Waits for the end of the program and its exit code: 128 and the signal's number if it was killed, as a shell
    /// says it.
    pub fn end(&mut self) -> i32 {
        if let Some(code) = self.code {
            return code;
        }
        self.seen.wait("the program ends", |state| state.ended);
        let late = Instant::now() + LIMIT;
        let code = loop {
            match self.process.status().expect("a child has a status") {
                WaitStatus::Exited(_, code) => break code,
                WaitStatus::Signaled(_, signal, _) => break 128 + signal as i32,
                _ if Instant::now() > late => panic!("the program let go of the terminal and did not end"),
                _ => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        self.code = Some(code);
        code
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.code.is_none() && self.process.is_alive() == Ok(true) {
            let _ = self.process.kill(Signal::SIGKILL);
            let _ = self.process.wait();
        }
    }
}

impl Seen {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Reads until the program lets go of the terminal, which Linux tells by an error.
    ///
    /// One error may come before the program's last words: Linux looks for text first and for an open other side then,
    /// and the program may write and end in between (1 of 180,000 on a busy machine). The second error in a row is true.
    fn watch(&self, mut output: File) {
        let mut bytes = [0; 4096];
        let mut errors = 0;
        while errors < 2 {
            let count = match output.read(&mut bytes) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                read => read.unwrap_or(0),
            };
            errors = if count == 0 { errors + 1 } else { 0 };
            let mut state = self.lock();
            state.parser.process(&bytes[..count]);
            state.written.extend(&bytes[..count]);
            let written = state.written.len();
            state.arrivals.push((Instant::now(), written));
            state.ended = errors == 2;
            self.news.notify_all();
        }
    }

    fn wait(&self, what: &str, is: impl Fn(&State) -> bool) {
        let late = Instant::now() + LIMIT;
        let mut state = self.lock();
        while !is(&state) {
            let left = late.saturating_duration_since(Instant::now());
            if left.is_zero() || state.ended {
                let why = if state.ended { "the program has ended" } else { "that did not come" };
                let screen = screen(&state.parser);
                drop(state);
                panic!("waited until {what}, but {why}; the screen:\n{screen}");
            }
            state = self.news.wait_timeout(state, left).unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }
}

fn parser(columns: u16, rows: u16) -> vt100::Parser {
    vt100::Parser::new(some(rows), some(columns), 0)
}

fn some(size: u16) -> NonZeroU16 {
    NonZeroU16::new(size).expect("a terminal has a size")
}

fn screen(parser: &vt100::Parser) -> String {
    let (_, columns) = parser.screen().size();
    let lines: Vec<String> =
        parser.screen().rows(0, columns.get()).map(|row| row.trim_end().to_owned()).collect();
    lines.join("\n").trim_end().to_owned()
}
