//! How far the wait has come, in one line.

use super::Stream;
use super::Ui;
use super::paint;
use crate::render::Label;
use crate::render::Phrase;
use crate::render::Text;
use dialoguer::console::Term;

/// The line about the wait that was shown last.
#[derive(Debug, Default)]
pub struct Progress {
    line: String,
    /// It stands on the terminal, without a line break, until something else is written.
    stands: bool,
}

impl Ui {
    /// On a terminal one line that is written over, and gone once anything else is written. Elsewhere, and among traces,
    /// a line of its own, if it says something new.
    pub fn progress(&mut self, line: &str) {
        let mut text = Text::new();
        if self.traces || !self.surroundings.can_redraw() {
            if self.progress.line != line {
                line.clone_into(&mut self.progress.line);
                text.line(Phrase::of(Label::Plain, line));
                self.tell(&text);
            }
            return;
        }
        self.end_progress();
        // One column is left free: some terminals wrap a line that fills the last.
        let columns = usize::from(Term::stderr().size().1).saturating_sub(1);
        text.line(paint::fitted(&Phrase::of(Label::Dim, line), columns, self.style_of_stderr().ascii));
        let shown = paint::shown(&text, self.err_colors);
        self.write(Stream::Err, shown.trim_end_matches('\n'));
        self.progress.stands = true;
    }

    /// Takes the line off the terminal, if one stands there.
    pub(super) fn end_progress(&mut self) {
        if std::mem::take(&mut self.progress.stands) {
            // What cannot be written to stderr could be told to nobody.
            let _ = Term::stderr().clear_line();
        }
    }
}

impl Drop for Ui {
    fn drop(&mut self) {
        self.end_progress();
    }
}
