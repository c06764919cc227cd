//! Watching what comes of it, and saying so.

use super::Look;
use super::run::End;
use super::run::Run;
use super::run::untried;
use crate::diagnose::Verdict;
use crate::error::Error;
use crate::model::Lookup;
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
                    let picture = render::plan::progress(&look.diagnosis);
                    if picture != last {
                        moved = Instant::now();
                        ui.progress(&picture);
                        last = picture;
                    }
                    // The garbage collector comes last, and takes its time.
                    let collected = || self.promised_and_there(look).is_empty() || still >= COLLECTION;
                    if look.diagnosis.summary.verdict == Verdict::Clear && collected() {
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
                Err(error) => ui.progress(&format!("the cluster does not answer, trying again: {error}")),
            }
            if age >= self.args.timeout {
                return Ok(Some(match look.diagnosis.summary.verdict {
                    // It goes by itself, only not yet.
                    Verdict::Clear | Verdict::Waiting => End::Free,
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
    /// What the play said would be gone, and is still seen.
    pub fn promised_and_there(&self, look: &Look) -> Vec<ObjectId> {
        // What was made anew under the same name is another object.
        let there = |id: &ObjectId, uid: &str| matches!(look.snapshot.get(id), Lookup::Found(object) if object.uid == uid);
        let promised = self.promised.iter().flatten();
        promised.filter(|(id, uid)| there(id, uid)).map(|(id, _)| id.clone()).collect()
    }
}
