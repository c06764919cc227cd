//! How the words that somebody is typing may go on.
//!
//! kubectl asks the file `kubectl_complete-arc`; a shell asks through the script of `completion`. Whoever asks waits at
//! the prompt: so there is an answer within a second, and never a word beside it. The words are read twice. First to
//! find out what the last of them is (`line`), then, with what the outside knows of that (`read`), to complete it.

mod line;
mod offer;
mod read;
mod reply;
mod target;
mod typed;

use line::Line;
use offer::Offer;
use std::ffi::OsString;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

pub use reply::{Asker, BEFORE_WORDS, VARIABLE, script, script_is_for, typed};

/// How long the outside may take, and how long the whole answer may.
const READING: Duration = Duration::from_millis(800);
const WAITING: Duration = Duration::from_millis(900);

/// The answer, as who asks wants it. The first word is the program's name, the last is being typed.
pub fn run(asker: &Asker, words: Vec<OsString>) -> String {
    // Whatever happens in the other thread, nothing is said beside the answer.
    std::panic::set_hook(Box::new(|_| {}));
    let (send, answer) = mpsc::channel();
    let other = asker.clone();
    // A thread of its own, because a file or a name server may keep a thread for as long as it likes. It ends with the
    // process.
    let begun = thread::Builder::new().spawn(move || send.send(complete(&other, words)));
    let answer = begun.ok().and_then(|_| answer.recv_timeout(WAITING).ok());
    answer.unwrap_or_else(|| reply::nothing(asker))
}

fn complete(asker: &Asker, words: Vec<OsString>) -> String {
    let Some(line) = Line::new(words) else { return reply::nothing(asker) };
    let slot = line.slot();
    let offer = slot.as_ref().and_then(|(slot, value)| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let read = async { tokio::time::timeout(READING, read::offer(&line, *slot, value)).await };
        let offer = runtime.block_on(read).ok()?.ok();
        // A name server that is still being asked is not waited for.
        runtime.shutdown_background();
        offer
    });
    reply::write(asker, &line, slot.map(|(slot, _)| slot), &offer.unwrap_or_else(Offer::default))
}
