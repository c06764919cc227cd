//! The only owner of stdin, stdout and stderr: what goes where, how wide, and in which colours (invariant 1).

use crate::error::Error;
use crate::render::Label;
use crate::render::Text;
use crate::render::error_text;
use crate::render::warning_text;
use dialoguer::console::Term;
use owo_colors::OwoColorize;
use std::io;
use std::io::Write;

/// What the user said about colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Color {
    /// As the environment and the stream suggest.
    #[default]
    Auto,
    Always,
    Never,
}

/// Where a piece of text goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
}

/// What the outside says that decides how things are shown. Injected, so that tests need no environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE`, `TERM`, `COLUMNS`, `LC_ALL`, `LC_CTYPE` and `LANG`.
    pub no_color: Option<String>,
    pub clicolor: Option<String>,
    pub clicolor_force: Option<String>,
    pub term: Option<String>,
    pub columns: Option<String>,
    pub locale: Option<String>,
    /// Whether each stream is a terminal.
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
    /// How wide the terminal at stdout says it is.
    pub width: Option<usize>,
}

impl Surroundings {
    /// Those of this process.
    pub fn read() -> Self {
        let get = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let filled = |name: &str| get(name).filter(|value| !value.is_empty());
        let out = Term::stdout();
        Self {
            no_color: get("NO_COLOR"),
            clicolor: get("CLICOLOR"),
            clicolor_force: get("CLICOLOR_FORCE"),
            term: get("TERM"),
            columns: get("COLUMNS"),
            locale: filled("LC_ALL").or_else(|| filled("LC_CTYPE")).or_else(|| filled("LANG")),
            stdin: io::IsTerminal::is_terminal(&io::stdin()),
            stdout: io::IsTerminal::is_terminal(&io::stdout()),
            stderr: io::IsTerminal::is_terminal(&io::stderr()),
            width: out.size_checked().map(|(_, columns)| usize::from(columns)),
        }
    }

    /// Whether a stream gets colours. The flag wins, then NO_COLOR, CLICOLOR_FORCE, CLICOLOR, and only then what
    /// the stream is.
    fn colors(&self, color: Color, terminal: bool) -> bool {
        let filled = |value: &Option<String>| value.as_deref().is_some_and(|value| !value.is_empty());
        match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto if filled(&self.no_color) => false,
            Color::Auto if filled(&self.clicolor_force) && self.clicolor_force.as_deref() != Some("0") => true,
            Color::Auto if self.clicolor.as_deref() == Some("0") => false,
            Color::Auto => terminal && self.term.as_deref() != Some("dumb"),
        }
    }

    /// `COLUMNS` if it is a number, else the terminal's width, else 80; never too narrow to read or too wide for
    /// the eye.
    fn columns(&self) -> usize {
        let asked = self.columns.as_deref().and_then(|columns| columns.trim().parse().ok());
        let seen = self.width.filter(|_| self.stdout);
        asked.filter(|columns| *columns > 0).or(seen).unwrap_or(80).clamp(40, 120)
    }

    /// True where lines and arrows would come out as garbage: a terminal whose locale is known and not UTF-8.
    fn is_ascii(&self) -> bool {
        let Some(locale) = self.locale.as_deref() else { return false };
        let locale = locale.to_ascii_lowercase();
        self.stdout && !locale.contains("utf-8") && !locale.contains("utf8")
    }
}

/// The person, or the pipe, at the other end.
///
/// Writing can fail in one expected way: the reader has gone. That is no error; [`Ui::is_gone`] tells it and
/// everything written later is dropped.
pub struct Ui {
    surroundings: Surroundings,
    out_colors: bool,
    err_colors: bool,
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    gone: bool,
}

impl Ui {
    /// The streams of this process.
    pub fn new(color: Color) -> Self {
        Self::with(color, Surroundings::read(), Box::new(io::stdout()), Box::new(io::stderr()))
    }

    fn with(
        color: Color,
        surroundings: Surroundings,
        out: Box<dyn Write + Send>,
        err: Box<dyn Write + Send>,
    ) -> Self {
        Self {
            out_colors: surroundings.colors(color, surroundings.stdout),
            err_colors: surroundings.colors(color, surroundings.stderr),
            surroundings,
            out,
            err,
            gone: false,
        }
    }

    /// Columns for text on stdout.
    pub fn width(&self) -> usize {
        self.surroundings.columns()
    }

    /// Whether text on stdout should be drawn with ASCII alone.
    pub fn is_ascii(&self) -> bool {
        self.surroundings.is_ascii()
    }

    /// Whether there is a person to ask: the question goes to stderr, the answer comes from stdin.
    pub fn can_ask(&self) -> bool {
        self.surroundings.stdin && self.surroundings.stderr
    }

    /// True once the reader of stdout has gone away (`kubectl arc why | head`): time to end, quietly.
    pub fn is_gone(&self) -> bool {
        self.gone
    }

    /// The answer, on stdout.
    pub fn print(&mut self, text: &Text) {
        let written = shown(text, self.out_colors);
        self.write(Stream::Out, &written);
    }

    /// A document, on stdout as it is.
    pub fn print_raw(&mut self, document: &str) {
        self.write(Stream::Out, document);
    }

    /// Talk, on stderr.
    pub fn tell(&mut self, text: &Text) {
        let written = shown(text, self.err_colors);
        self.write(Stream::Err, &written);
    }

    /// Something that does not change the answer but should be known, on stderr.
    pub fn warn(&mut self, message: &str) {
        self.tell(&warning_text(message));
    }

    /// Why the tool could not do its work, on stderr.
    pub fn error(&mut self, error: &Error) {
        self.tell(&error_text(error));
    }

    fn write(&mut self, stream: Stream, text: &str) {
        let result = match stream {
            Stream::Out if self.gone => return,
            Stream::Out => self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()),
            Stream::Err => self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush()),
        };
        // A full disk or a closed stderr leaves nobody to tell; a closed stdout means that nobody reads on.
        if result.is_err() && stream == Stream::Out {
            self.gone = true;
        }
    }
}

/// The text with what each label looks like, or without.
fn shown(text: &Text, colors: bool) -> String {
    if !colors {
        return text.to_string();
    }
    let mut out = String::new();
    for line in text.lines() {
        for span in line {
            out.push_str(&painted(span.label(), span.text()));
        }
        out.push('\n');
    }
    out
}

/// Only the eight colours that every theme adapts, and none for what must be read.
fn painted(label: Label, text: &str) -> String {
    match label {
        Label::Plain => text.to_owned(),
        Label::Heading | Label::Strong => text.bold().to_string(),
        Label::Danger => text.red().bold().to_string(),
        Label::Warn => text.yellow().to_string(),
        Label::Good => text.green().to_string(),
        Label::Dim => text.dimmed().to_string(),
        Label::Object => text.cyan().to_string(),
        Label::Command => text.green().bold().to_string(),
    }
}
