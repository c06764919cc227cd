//! The writer itself: the order in which a change is looked at, tried out, noted and sent.

use super::find_out::Found;
use super::find_out::found;
use super::find_out::moved;
use super::find_out::unsure;
use super::fit::Fit;
use super::fit::fit;
use super::outcome::After;
use super::outcome::Change;
use super::outcome::Done;
use super::outcome::Judged;
use super::outcome::Refusal;
use super::outcome::RefusalKind;
use super::places::Places;
use super::refuse;
use super::undone::undone;
use super::verdict::Doubt;
use super::verdict::Verdict;
use super::verdict::verdict;
use super::wire;
use super::wire::Request;
use super::work;
use super::work::Work;
use super::work::shown;
use crate::diagnose::Action;
use crate::error::Error;
use crate::journal::Journal;
use crate::journal::Step;
use crate::source::cluster::Cluster;
use jiff::Timestamp;
use kube::Client;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;

/// How often a busy server is asked again, and how often it is looked at what became of a change.
const PATIENCE: u64 = 3;
/// The longest wait, whatever the server wishes, in seconds.
const LONGEST_WAIT: u64 = 10;

/// Writes to one cluster.
pub struct Writer {
    client: Client,
    cluster: Cluster,
    /// What `metadata.managedFields` calls who wrote: `kubectl-arc`, or `--field-manager`.
    manager: String,
    /// None: the user wants none.
    pub(super) journal: Option<Journal>,
    pub(super) now: fn() -> Timestamp,
    places: Places,
    /// Tests are in a hurry.
    second: Duration,
}

/// What a look says before anything is sent.
enum Prepared<'a> {
    Already(String),
    Ready(Box<Work<'a>>),
}

impl Writer {
    pub fn new(client: Client, manager: &str, journal: Option<Journal>, now: fn() -> Timestamp) -> Self {
        Self {
            cluster: Cluster::new(client.clone(), ""),
            client,
            manager: manager.to_owned(),
            journal,
            now,
            places: Places::default(),
            second: Duration::from_secs(1),
        }
    }

    #[cfg(test)]
    pub fn in_a_hurry(self) -> Self {
        Self { second: Duration::from_millis(1), ..self }
    }

    /// Where the journal is, if there is one.
    pub fn journal(&self) -> Option<&Path> {
        self.journal.as_ref().map(Journal::path)
    }

    /// Asks the server whether it would take the change, and what the object would be then. Changes nothing.
    ///
    /// # Errors
    /// Why it would not be made.
    pub async fn judge(&self, action: &Action) -> Result<Judged, Refusal> {
        match self.prepare(action).await? {
            Prepared::Already(why) => Ok(Judged::Already(why)),
            Prepared::Ready(work) => self.try_out(&work).await,
        }
    }

    /// Makes the change: tries it out, notes it in the journal, sends it, and looks at the answer.
    ///
    /// # Errors
    /// Why it was not made; of `Unsure`, why that is not known.
    pub async fn carry_out(&mut self, action: &Action, step: &Step) -> Result<Done, Refusal> {
        let work = match self.prepare(action).await? {
            Prepared::Already(why) => return Ok(Done::Already(why)),
            Prepared::Ready(work) => work,
        };
        if let Judged::Already(why) = self.try_out(&work).await? {
            return Ok(Done::Already(why));
        }
        let request = work.request(&self.manager, false);
        let number = self.intend(&work, &request, step)?;
        let (code, done) = self.send_for_good(&work, &request).await;
        self.note(number, code, &done);
        done
    }

    /// Ends it.
    ///
    /// # Errors
    /// `Config` if the journal could not take the last answer.
    pub fn finish(self) -> Result<(), Error> {
        self.journal.map_or(Ok(()), Journal::finish)
    }

    async fn prepare<'a>(&self, action: &'a Action) -> Result<Prepared<'a>, Refusal> {
        let (write, id, api_version, uid) = work::identify(action)?;
        let resource = self.places.find(&self.cluster, &id, api_version).await?;
        let mut work = Work { write, id, uid, resource, before: None };
        work.before = self.look(&work).await?;
        match fit(&work, work.before.as_ref()) {
            Fit::Ready => Ok(Prepared::Ready(Box::new(work))),
            Fit::Already(why) => Ok(Prepared::Already(why)),
            Fit::Moved(how) => Err(moved(&how)),
        }
    }

    /// The object as it is now. None: it is not there.
    async fn look(&self, work: &Work<'_>) -> Result<Option<Value>, Refusal> {
        match wire::send(&self.client, &work.look()).await {
            Ok(answer) if answer.is_success() => Ok(Some(work.named(answer.body))),
            Ok(answer) if answer.code == 404 && !answer.is_unserved() => Ok(None),
            Ok(answer) => Err(refuse::refuse_look(work, &answer)),
            Err(lost) => {
                let message = format!("cannot read {}: {}", work.id, lost.error);
                let refusal = Refusal::new(RefusalKind::Unreachable, message);
                Err(Refusal { hint: lost.error.hint, ..refusal })
            }
        }
    }

    async fn try_out(&self, work: &Work<'_>) -> Result<Judged, Refusal> {
        let request = work.request(&self.manager, true);
        let mut last = None;
        for _ in 0..2 {
            match self.ask(work, &request).await.1 {
                Verdict::Taken(after) => return Ok(Judged::Would(change(work, after))),
                Verdict::Undone(field) => return Err(undone(&self.cluster, work, &field).await),
                Verdict::Refused(refusal) => return Err(refusal),
                Verdict::Busy(_) => return Err(busy(work)),
                // Nothing can have been done: it was only tried.
                Verdict::Doubtful(doubt) => last = Some(doubt.refusal),
                Verdict::Stale(words) => match found(work, self.look(work).await?, None) {
                    Found::Already(why) => return Ok(Judged::Already(why)),
                    Found::Stopped(refusal) => return Err(refusal),
                    Found::Untouched | Found::Done(_) => last = Some(restless(work, &words)),
                },
            }
            self.wait(1).await;
        }
        Err(last.unwrap_or_else(|| busy(work)))
    }

    /// Sends it; the HTTP status of the last answer, and what became of it.
    async fn send_for_good(
        &self,
        work: &Work<'_>,
        request: &Request,
    ) -> (Option<u16>, Result<Done, Refusal>) {
        let (mut code, mut last) = (None, busy(work));
        // A second time only if the first did nothing; and if it arrives late after all, its tests fail.
        for _ in 0..2 {
            let (answered, verdict) = self.ask(work, request).await;
            code = answered;
            let doubt = match verdict {
                Verdict::Taken(after) => return (code, Ok(Done::Changed(change(work, after)))),
                Verdict::Undone(field) => return (code, Err(undone(&self.cluster, work, &field).await)),
                Verdict::Refused(refusal) => return (code, Err(refusal)),
                Verdict::Busy(_) => return (code, Err(busy(work))),
                Verdict::Stale(words) => {
                    last = restless(work, &words);
                    None
                }
                Verdict::Doubtful(Doubt { sent: false, refusal, .. }) => {
                    last = refusal;
                    self.wait(1).await;
                    continue;
                }
                Verdict::Doubtful(Doubt { answered: true, refusal, .. }) => {
                    last = refusal.clone();
                    Some(refusal)
                }
                Verdict::Doubtful(Doubt { refusal, .. }) => {
                    last = unsure(&refusal, "it may still be on its way");
                    Some(refusal)
                }
            };
            match self.find_out(work, doubt.as_ref()).await {
                Found::Done(after) => return (code, Ok(Done::Changed(change(work, after)))),
                Found::Already(why) => return (code, Ok(Done::Already(why))),
                Found::Stopped(refusal) => return (code, Err(refusal)),
                Found::Untouched => self.wait(1).await,
            }
        }
        (code, Err(last))
    }

    /// Asks until the server is not too busy; the HTTP status with it.
    async fn ask(&self, work: &Work<'_>, request: &Request) -> (Option<u16>, Verdict) {
        let mut tries = 0;
        loop {
            let result = wire::send(&self.client, request).await;
            let code = result.as_ref().ok().map(|answer| answer.code);
            match verdict(work, result) {
                Verdict::Busy(wish) if tries < PATIENCE => {
                    tries += 1;
                    self.wait(wish.unwrap_or(tries)).await;
                }
                verdict => return (code, verdict),
            }
        }
    }

    /// Looks at the object until the server answers.
    async fn find_out(&self, work: &Work<'_>, doubt: Option<&Refusal>) -> Found {
        let mut tries = 0;
        loop {
            tries += 1;
            match (self.look(work).await, doubt) {
                (Ok(now), _) => return found(work, now, doubt),
                (Err(_), _) if tries < PATIENCE => self.wait(tries).await,
                (Err(refusal), Some(doubt)) => return Found::Stopped(unsure(doubt, &refusal.message)),
                // The server said that it did nothing.
                (Err(refusal), None) => return Found::Stopped(refusal),
            }
        }
    }

    async fn wait(&self, seconds: u64) {
        let seconds = u32::try_from(seconds.min(LONGEST_WAIT)).unwrap_or(1);
        tokio::time::sleep(self.second * seconds).await;
    }
}

fn change(work: &Work<'_>, after: After) -> Change {
    let after = match after {
        After::There(object) => After::There(shown(&object)),
        After::Made(object) => After::Made(shown(&object)),
        After::Gone => After::Gone,
    };
    Change { before: work.before.as_ref().map(shown), after }
}

fn busy(work: &Work<'_>) -> Refusal {
    let message = format!("{}: the server is too busy", refuse::cannot(work));
    Refusal::new(RefusalKind::Unreachable, message).hint("Nothing was written. Try again in a moment.")
}

/// The server says that the object is another one than it shows.
fn restless(work: &Work<'_>, words: &str) -> Refusal {
    moved(&format!("{}: it changes faster than it can be written to ({words})", refuse::cannot(work)))
}
