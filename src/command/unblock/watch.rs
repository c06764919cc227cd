//! Watching what comes of it, and saying so.

use super::Look;
use super::promises::State;
use super::run::End;
use super::run::Run;
use super::run::untried;
use crate::diagnose::Verdict;
use crate::error::Error;
use crate::model::ObjectId;
use crate::render;
use crate::ui::Ui;
use std::time::Duration;
use std::time::Instant;

/// How long the controllers get to act on a change before the next step is thought of: in the recordings that this program
/// was built on, the quickest took 3 s and the slowest 37 s.
const SETTLE: Duration = Duration::from_secs(10);
/// How long nothing at all may happen before it is said that nothing will.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long what has lost its owner is waited for, once nothing is blocked.
const COLLECTION: Duration = Duration::from_secs(30);
/// Between two looks, at first and later.
const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(3);

impl Run<'_> {
    /// Looks again and again. None: there is more that can be done.
    ///
    /// # Errors
    /// None: a cluster that does not answer is waited for until the time is over.
    pub async fn watch(&mut self, ui: &mut Ui, look: &mut Look) -> Result<Option<End>, Error> {
        let began = Instant::now();
        let mut moved = began;
        let mut last = String::new();
        loop {
            let (age, still) = (began.elapsed(), moved.elapsed());
            match Look::take(self.session).await {
                Ok(now) => {
                    *look = now;
                    look.warnings.iter().for_each(|text| ui.warn_as_server(text));
                    let is_clear = look.diagnosis.summary.verdict == Verdict::Clear;
                    let promised = if is_clear { self.promised_and_there(look).await } else { Vec::new() };
                    let picture = render::plan::progress(&look.diagnosis, &promised);
                    if picture != last {
                        moved = Instant::now();
                        ui.progress(&picture);
                        last = picture;
                    }
                    // The garbage collector comes last, and takes its time; so does a pod that ends.
                    if is_clear && (promised.is_empty() || still >= COLLECTION) {
                        return Ok(Some(End::Free));
                    }
                    let blocked = look.diagnosis.summary.verdict >= Verdict::Unknown;
                    let more = blocked && !untried(look, self.accepted, &self.tried).steps.is_empty();
                    if more && age >= SETTLE {
                        return Ok(None);
                    }
                    if blocked && !more && still >= PATIENCE {
                        return Ok(Some(End::NothingMore));
                    }
                }
                Err(error) => ui.progress(&format!("cannot look, trying again: {error}")),
            }
            if age >= self.args.timeout {
                return Ok(Some(match look.diagnosis.summary.verdict {
                    Verdict::Clear => End::Free,
                    // It goes by itself, only not yet.
                    Verdict::Waiting => {
                        self.promised_and_there(look).await;
                        End::Free
                    }
                    Verdict::Unknown | Verdict::Blocked => End::TimedOut,
                }));
            }
            if !self.interrupt.sleep(if age < SETTLE { SOON } else { LATER }).await {
                return Ok(Some(End::Stopped));
            }
        }
    }
}

impl Run<'_> {
    /// What the plan said would be gone, and is seen to be there.
    async fn promised_and_there(&mut self, look: &Look) -> Vec<ObjectId> {
        let Some(promises) = &mut self.promises else { return Vec::new() };
        promises.check(self.session, look).await;
        [promises.seen(State::There), promises.seen(State::Deleting)].concat()
    }
}
