//! The terminal while somebody is asked: lines that can be drawn again, and keys one by one.

use super::keys::Keys;
use super::paint;
use crate::render::Text;
use dialoguer::console::Key;
use dialoguer::console::Term;
use std::io;

/// Ctrl-D, which is an ordinary key where keys are read one by one.
const CTRL_D: Key = Key::Char('\u{4}');

/// The terminal at stderr, from the first line of a question to the end of its answer. However it ends, the cursor is
/// seen again, at the beginning of a line, and the terminal reads lines as before.
pub struct Screen {
    term: Term,
    colors: bool,
    /// How many lines stand there that the next drawing replaces.
    drawn: usize,
    _keys: Keys,
}

impl Screen {
    /// # Errors
    /// If the terminal at stdin cannot be told to give its keys one by one.
    pub fn open(colors: bool) -> io::Result<Self> {
        Ok(Self { term: Term::buffered_stderr(), colors, drawn: 0, _keys: Keys::take()? })
    }

    /// How wide a line may be now. One column is left free: some terminals wrap a line that fills the last.
    pub fn columns(&self) -> usize {
        usize::from(self.term.size().1).saturating_sub(1)
    }

    /// How many lines may stand there without the first being pushed out.
    pub fn rows(&self) -> usize {
        usize::from(self.term.size().0)
    }

    pub fn hide_cursor(&self) -> io::Result<()> {
        self.term.hide_cursor()
    }

    /// Replaces what was drawn before. The cursor stays behind the last line; no line may be wider than
    /// [`Screen::columns`].
    pub fn draw(&mut self, text: &Text) -> io::Result<()> {
        if self.drawn > 0 {
            self.term.move_cursor_up(self.drawn - 1)?;
            self.term.write_str("\r")?;
            self.term.clear_to_end_of_screen()?;
        }
        self.drawn = text.lines().count();
        self.term.write_str(paint::shown(text, self.colors).trim_end_matches('\n'))?;
        self.term.flush()
    }

    /// Waits for a key; none if the user leaves, or can press no more keys. A signal that something listens to ends the
    /// wait as Ctrl-C does.
    pub fn key(&mut self) -> Option<Key> {
        let key = self.term.read_key_raw().ok()?;
        (!matches!(key, Key::Escape | Key::CtrlC) && key != CTRL_D).then_some(key)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // What cannot be written to stderr could be told to nobody.
        if self.drawn > 0 {
            let _ = self.term.write_line("");
        }
        let _ = self.term.show_cursor();
        let _ = self.term.flush();
    }
}
