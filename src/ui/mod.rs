//! The only owner of stdin, stdout and stderr: what goes where, how wide, and in which colours (invariant 1).

mod field;
mod keys;
mod menu;
mod paint;
mod progress;
mod prompt;
mod screen;
mod surroundings;
#[cfg(test)]
mod tests;
mod trace;

use crate::error::Error;
use crate::render::Style;
use crate::render::Text;
use crate::render::error_text;
use crate::render::note_text;
use crate::render::remark_text;
use crate::render::server_warning_text;
use crate::render::warning_text;
use dialoguer::console::Term;
use paint::shown;
use progress::Progress;
use std::io;
use std::io::Write;
use surroundings::Surroundings;

pub use prompt::{Asked, Choice};
pub use surroundings::Color;

/// Where a piece of text goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Out,
    Err,
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
    progress: Progress,
    /// How many warnings of the API server were told.
    warned: usize,
    /// Requests are shown at stderr, and know nothing of what else stands there.
    traces: bool,
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
            out_colors: surroundings.colors(color, surroundings.out.terminal),
            err_colors: surroundings.colors(color, surroundings.err.terminal),
            surroundings,
            out,
            err,
            failure: None,
            progress: Progress::default(),
            warned: 0,
            traces: false,
        }
    }

    /// How text for stdout is to be laid out.
    pub fn style(&self, verbose: bool) -> Style {
        let there = self.surroundings.out;
        Style { width: self.surroundings.columns(there), verbose, ascii: self.surroundings.is_ascii(there) }
    }

    /// How text for stderr is to be laid out.
    pub fn style_of_stderr(&self) -> Style {
        let there = self.surroundings.err;
        Style {
            width: self.surroundings.columns(there),
            verbose: false,
            ascii: self.surroundings.is_ascii(there),
        }
    }

    /// True once the reader of stdout has gone away (`kubectl arc why | head`): time to end, quietly.
    pub fn is_gone(&self) -> bool {
        self.failure.as_ref().is_some_and(|failure| failure.kind() == io::ErrorKind::BrokenPipe)
    }

    /// True once stdout takes no more, for whatever reason: nobody will see the next answer.
    pub fn takes_no_more(&self) -> bool {
        self.failure.is_some()
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

    /// Before an answer that takes the place of the one before: on a terminal that goes, elsewhere a line stays free.
    pub fn make_room(&mut self) {
        if !self.surroundings.can_replace() {
            self.print_raw("\n");
            return;
        }
        self.end_progress();
        // What a terminal does not do leaves the answer below the one before.
        let _ = Term::stdout().clear_screen();
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

    /// What is going on, on stderr: one line.
    pub fn remark(&mut self, message: &str) {
        self.tell(&remark_text(message));
    }

    /// Something that does not change the answer but should be known, on stderr.
    pub fn warn(&mut self, message: &str) {
        self.tell(&warning_text(message));
    }

    /// What the API server warns of, on stderr, in the words that kubectl has for it.
    pub fn warn_as_server(&mut self, message: &str) {
        self.warned += 1;
        self.tell(&server_warning_text(message));
    }

    /// What a kubectl user waits to hear, on stderr, in kubectl's words.
    pub fn note(&mut self, message: &str) {
        self.tell(&note_text(message));
    }

    /// That the API server warned of something, for whoever takes that for a failure.
    pub fn warned(&self) -> Option<Error> {
        let plural = if self.warned == 1 { "" } else { "s" };
        (self.warned > 0).then(|| Error::access(format!("{} warning{plural} received", self.warned)))
    }

    /// Why the tool could not do its work, on stderr.
    pub fn error(&mut self, error: &Error) {
        self.tell(&error_text(error));
    }

    fn write(&mut self, stream: Stream, text: &str) {
        self.end_progress();
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

#[cfg(test)]
mod stream_tests {
    use super::surroundings::There;
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

    fn on_terminal() -> Surroundings {
        let there = There { terminal: true, width: Some(100) };
        Surroundings { stdin: true, out: there, err: there, ..Surroundings::default() }
    }

    #[test]
    fn answers_go_to_stdout_talk_to_stderr_and_each_has_its_own_colours() {
        let (out, err) = (Sink::default(), Sink::default());
        let surroundings = Surroundings { out: There::default(), ..on_terminal() };
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
