//! Keys as they are pressed, without the terminal showing them or acting on them.

use std::io;

/// The terminal at stdin gives its keys one by one for as long as this lives.
///
/// `console` alone would do so for each key and go back between two: a Ctrl-C in that gap would be a signal, and
/// what is pasted would show up twice.
pub struct Keys {
    #[cfg(unix)]
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl Keys {
    /// What was typed before is dropped: nobody answers a question that is not yet there.
    pub fn take() -> io::Result<Self> {
        let before = rustix::termios::tcgetattr(io::stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        raw.output_modes = before.output_modes;
        rustix::termios::tcsetattr(io::stdin(), rustix::termios::OptionalActions::Flush, &raw)?;
        Ok(Self { before })
    }
}

#[cfg(unix)]
impl Drop for Keys {
    fn drop(&mut self) {
        let now = rustix::termios::OptionalActions::Now;
        // A terminal that has gone away needs nothing back.
        let _ = rustix::termios::tcsetattr(io::stdin(), now, &self.before);
    }
}

#[cfg(not(unix))]
impl Keys {
    pub fn take() -> io::Result<Self> {
        Ok(Self {})
    }
}
