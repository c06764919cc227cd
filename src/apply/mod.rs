//! The one room that writes to a cluster.
//!
//! [`Writer::carry_out`] is the only way: the object is looked at, the server is asked whether it would take the change,
//! the journal takes the object as it was and the request as it will be sent, and then it is sent. Each change says which
//! object it means and what it believes of it, so that one that comes late, or twice, does nothing.
//!
//! In reading order: [`work`] is a change with all that is needed to send it, [`fit`] tells whether it still fits the
//! object, [`wire`] sends, [`verdict`] reads the answer, [`refuse`] explains a no, [`noted`] keeps the journal,
//! [`find_out`] looks what became of a request without an answer.

mod find_out;
mod fit;
mod noted;
mod outcome;
mod places;
mod refuse;
#[cfg(test)]
mod tests;
mod undone;
mod verdict;
mod wire;
mod work;
mod writer;

pub use outcome::{After, Done, Judged, Refusal, RefusalKind};
pub use writer::Writer;
