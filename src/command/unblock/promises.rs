//! What the plan said would be gone, and whether it is.

use super::Look;
use crate::command::live::Session;
use crate::model::Lookup;
use crate::model::ObjectId;
use crate::plan::Plan;
use std::collections::BTreeMap;

/// The objects that a plan promised to be gone.
pub struct Promises {
    /// How many there are.
    pub all: usize,
    /// Those that were not seen to be gone, with the uid that they had.
    open: BTreeMap<ObjectId, (String, State)>,
}

/// How an object was seen last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There, and nobody asked for its deletion.
    There,
    /// On its way out.
    Deleting,
    /// Nobody could look.
    Unread,
}

impl Promises {
    /// Those of a plan about what is there now.
    pub fn of(plan: &Plan, look: &Look) -> Self {
        let open: BTreeMap<ObjectId, (String, State)> = plan
            .outcome
            .gone
            .iter()
            .filter_map(|id| match look.snapshot.get(id) {
                Lookup::Found(object) => Some((id.clone(), (object.uid.clone(), State::There))),
                Lookup::Absent | Lookup::Unread(_) => None,
            })
            .collect();
        Self { all: open.len(), open }
    }

    /// How many were seen to be gone.
    pub fn gone(&self) -> usize {
        self.all - self.open.len()
    }

    /// Those that were seen so last.
    pub fn seen(&self, state: State) -> Vec<ObjectId> {
        self.open.iter().filter(|(_, (_, seen))| *seen == state).map(|(id, _)| id.clone()).collect()
    }

    /// Looks for those that were not seen to be gone. Once a root is gone the question does not lead to what hung on it
    /// any more, so that the look at the question may not have them: they are asked for by name.
    pub async fn check(&mut self, session: &Session<'_>, look: &Look) {
        let is_unread = |id: &&ObjectId| matches!(look.snapshot.get(id), Lookup::Unread(_));
        let unread: Vec<&ObjectId> = self.open.keys().filter(is_unread).collect();
        let more = session.look_for(&unread, &look.snapshot.source).await;
        self.open.retain(|id, (uid, state)| {
            let seen = match look.snapshot.get(id) {
                Lookup::Unread(_) => more.get(id),
                seen => seen,
            };
            match seen {
                Lookup::Found(object) if object.uid == *uid => {
                    *state = if object.is_deleting() { State::Deleting } else { State::There };
                    true
                }
                // What was made anew under the same name is another object.
                Lookup::Found(_) | Lookup::Absent => false,
                Lookup::Unread(_) => {
                    *state = State::Unread;
                    true
                }
            }
        });
    }
}
