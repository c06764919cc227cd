//! The only owner of stdin, stdout and stderr: what goes where, how wide, and in which colours (invariant 1).

use crate::error::Error;
use crate::render::Label;
use crate::render::Span;
use crate::render::Style;
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

/// From this `-v` on, requests are shown, as kubectl does.
const SHOWS_REQUESTS: u8 = 6;

/// Shows every request to the API server on stderr, if `-v` asks for it. kube's own traces are left out: they may
/// hold answers, and answers may hold Secrets.
pub fn trace(verbosity: u8) {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    if verbosity < SHOWS_REQUESTS {
        return;
    }
    let ours = tracing_subscriber::filter::Targets::new().with_target("kubectl_arc", tracing::Level::TRACE);
    let lines = tracing_subscriber::fmt::layer().without_time().with_target(false).with_ansi(false);
    let layer = lines.with_writer(io::stderr);
    tracing_subscriber::registry().with(ours).with(layer).init();
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
            Color::Auto if filled(&self.clicolor_force) && self.clicolor_force.as_deref() != Some("0") => {
                true
            }
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
/// Writing does not fail. If stdout takes no more, what follows is dropped: [`Ui::is_gone`] tells that the reader
/// has gone away, which is no error, and [`Ui::failure`] anything worse.
pub struct Ui {
    surroundings: Surroundings,
    out_colors: bool,
    err_colors: bool,
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
    /// Why stdout takes no more.
    failure: Option<io::Error>,
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
            failure: None,
        }
    }

    /// How text for stdout is to be laid out.
    pub fn style(&self, verbose: bool) -> Style {
        Style { width: self.surroundings.columns(), verbose, ascii: self.surroundings.is_ascii() }
    }

    /// True once the reader of stdout has gone away (`kubectl arc why | head`): time to end, quietly.
    pub fn is_gone(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.kind() == io::ErrorKind::BrokenPipe)
    }

    /// Why the answer could not be written, if something else than a reader who has gone away kept it.
    pub fn failure(&self) -> Option<Error> {
        let failure = self.failure.as_ref().filter(|_| !self.is_gone())?;
        Some(Error::access("cannot write to standard output").because(failure))
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
            Stream::Out if self.failure.is_some() => return,
            Stream::Out => self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush()),
            Stream::Err => self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush()),
        };
        // That stderr is closed could be told to nobody.
        if let (Stream::Out, Err(failure)) = (stream, result) {
            self.failure = Some(failure);
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
        for (label, run) in runs(line) {
            out.push_str(&painted(label, &run));
        }
        out.push('\n');
    }
    out
}

/// Neighbours that look alike in one piece: a sentence needs one pair of codes, not one for each word. Blanks look
/// like what stands before them.
fn runs(line: &[Span]) -> Vec<(Label, String)> {
    let mut runs: Vec<(Label, String)> = Vec::new();
    for (place, span) in line.iter().enumerate() {
        let blank = span.text().chars().all(|c| c == ' ');
        let next = line.get(place + 1).map(Span::label);
        match runs.last_mut() {
            Some((label, run)) if *label == span.label() || (blank && next == Some(*label)) => {
                run.push_str(span.text());
            }
            _ => runs.push((span.label(), span.text().to_owned())),
        }
    }
    runs
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::Mutex;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Sink {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    struct Refuses(io::ErrorKind);

    impl Write for Refuses {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn set(value: &str) -> Option<String> {
        Some(value.to_owned())
    }

    fn on_terminal() -> Surroundings {
        Surroundings { stdout: true, stderr: true, width: Some(100), ..Surroundings::default() }
    }

    #[test]
    fn the_flag_wins_over_the_environment_and_the_environment_over_the_terminal() {
        let with = |change: fn(&mut Surroundings)| {
            let mut surroundings = on_terminal();
            change(&mut surroundings);
            surroundings
        };
        let auto = |surroundings: Surroundings, terminal| surroundings.colors(Color::Auto, terminal);
        assert!(auto(on_terminal(), true));
        assert!(!auto(on_terminal(), false));
        assert!(!auto(with(|s| s.no_color = set("1")), true));
        assert!(auto(with(|s| s.no_color = set("")), true));
        assert!(auto(with(|s| s.clicolor_force = set("1")), false));
        assert!(!auto(with(|s| s.clicolor_force = set("0")), false));
        assert!(!auto(with(|s| (s.no_color, s.clicolor_force) = (set("1"), set("1"))), true));
        assert!(auto(with(|s| (s.clicolor, s.clicolor_force) = (set("0"), set("1"))), false));
        assert!(!auto(with(|s| s.clicolor = set("0")), true));
        assert!(!auto(with(|s| s.term = set("dumb")), true));
        assert!(with(|s| s.no_color = set("1")).colors(Color::Always, false));
        assert!(!with(|s| s.clicolor_force = set("1")).colors(Color::Never, true));
    }

    #[test]
    fn the_width_is_that_of_columns_then_the_terminal_then_eighty() {
        let columns = |columns: Option<&str>, width, stdout| {
            let columns = columns.map(str::to_owned);
            Surroundings { columns, width, stdout, ..Surroundings::default() }.columns()
        };
        assert_eq!(columns(Some("100"), Some(90), true), 100);
        assert_eq!(columns(Some("wide"), Some(90), true), 90);
        assert_eq!(columns(Some("0"), None, true), 80);
        assert_eq!(columns(None, Some(90), false), 80);
        assert_eq!(columns(None, Some(20), true), 40);
        assert_eq!(columns(Some("999"), None, false), 120);
    }

    #[test]
    fn lines_are_ascii_where_the_locale_cannot_draw() {
        let ascii = |locale: Option<&str>, stdout| {
            Surroundings { locale: locale.map(str::to_owned), stdout, ..Surroundings::default() }.is_ascii()
        };
        assert!(ascii(Some("C"), true));
        assert!(!ascii(Some("C"), false));
        assert!(!ascii(Some("de_DE.UTF-8"), true));
        assert!(!ascii(None, true));
    }

    #[test]
    fn answers_go_to_stdout_talk_to_stderr_and_each_has_its_own_colours() {
        let (out, err) = (Sink::default(), Sink::default());
        let surroundings = Surroundings { stdout: false, ..on_terminal() };
        let mut ui = Ui::with(Color::Auto, surroundings, Box::new(out.clone()), Box::new(err.clone()));
        ui.print(&error_text(&Error::usage("a")));
        ui.print_raw("{}\n");
        ui.warn("b");
        ui.error(&Error::usage("c\u{1b}[2J").hint("Try d."));
        assert_eq!(out.text(), "error: a\n{}\n");
        insta::assert_snapshot!(err.text().replace('\u{1b}', "^"), @r"
        ^[33mwarning:^[39m b
        ^[1m^[31merror:^[39m^[0m c\u{1b}[2J
        ^[32m  hint:^[39m Try d.
        ");
    }

    #[test]
    fn a_reader_who_goes_away_is_no_error_but_a_full_disk_is() {
        let ui =
            |kind| Ui::with(Color::Never, on_terminal(), Box::new(Refuses(kind)), Box::new(Sink::default()));
        let mut gone = ui(io::ErrorKind::BrokenPipe);
        gone.print_raw("x");
        gone.print_raw("y");
        assert!(gone.is_gone());
        assert_eq!(gone.failure(), None);
        let mut full = ui(io::ErrorKind::StorageFull);
        full.print_raw("x");
        assert!(!full.is_gone());
        assert_eq!(full.failure().unwrap().message, "cannot write to standard output");
    }
}
