//! A no of the server, in words that tell what to do.

use super::outcome::Refusal;
use super::outcome::RefusalKind;
use super::wire::Answer;
use super::work::Work;
use super::work::Write;
use crate::arc::refusals;
use crate::arc::refusals::Refuser;
use crate::name;
use crate::source::redact;

/// How much of the server's words is repeated.
const LONGEST: usize = 300;

/// How every message begins.
pub fn cannot(work: &Work<'_>) -> String {
    match work.write {
        Write::Patch(_) => format!("cannot change {}", work.id),
        Write::Delete(_) => format!("cannot delete {}", work.id),
        Write::Create(_) => format!("cannot make {}", work.id),
    }
}

/// The same for a look at it.
pub fn refuse_look(work: &Work<'_>, answer: &Answer) -> Refusal {
    explain(&format!("cannot read {}", work.id), answer, work)
}

pub fn refuse(work: &Work<'_>, answer: &Answer) -> Refusal {
    explain(&cannot(work), answer, work)
}

fn explain(cannot: &str, answer: &Answer, work: &Work<'_>) -> Refusal {
    let said = excerpt(&answer.words());
    if answer.is_unserved() {
        return Refusal::new(RefusalKind::NotServed, format!("{cannot}: the server does not serve its kind"))
            .hint(format!(
                "There is no {} in {}: its CustomResourceDefinition is gone, or serves another version.",
                work.id.kind.kind, work.resource.api_version
            ));
    }
    if answer.code == 401 {
        let message = format!("{cannot}: the server does not accept your credentials");
        return Refusal::new(RefusalKind::Forbidden, message)
            .hint("Log in the way you do for kubectl, then run it again.");
    }
    let known = refusals::refusal(&answer.words())
        .map(|(refuser, means, todo)| (refuser, means, todo.replace("{arc}", name::program())));
    // Which field is not valid says more.
    if let Some((refuser, means, todo)) = known.clone().filter(|(refuser, ..)| *refuser != Refuser::Schema) {
        return Refusal::new(kind(refuser), format!("{cannot}: {means} (the server says: {said})"))
            .hint(todo);
    }
    match answer.code {
        403 => Refusal::new(RefusalKind::Forbidden, format!("{cannot}: {said}"))
            .hint("kubectl auth can-i --list shows what you may do."),
        400 | 422 => {
            let todo = known.map(|(_, _, todo)| todo);
            let refusal = invalid(cannot, answer, &said);
            Refusal { hint: refusal.hint.or(todo), ..refusal }
        }
        500.. => Refusal::new(RefusalKind::Unreachable, format!("{cannot}: {said}"))
            .hint("The API server is in trouble: kubectl get --raw /readyz tells more."),
        code => Refusal::new(RefusalKind::Refused, format!("{cannot}: {said} ({code})")),
    }
}

/// The fields that are not valid, and what can be done about one that is missing.
fn invalid(cannot: &str, answer: &Answer, said: &str) -> Refusal {
    let causes = answer.causes();
    let named: Vec<String> = causes
        .iter()
        .filter(|(field, _)| !field.is_empty())
        .map(|(field, what)| format!("{field}: {what}"))
        .collect();
    if named.is_empty() {
        return Refusal::new(RefusalKind::Schema, format!("{cannot}: it would not be valid: {said}"));
    }
    let message = format!("{cannot}: it would not be valid: {}", excerpt(&named.join("; ")));
    let missing = causes.iter().find(|(_, what)| what.contains("Required value"));
    let refusal = Refusal::new(RefusalKind::Schema, message);
    match missing {
        Some((field, _)) => refusal.hint(format!(
            "Its CustomResourceDefinition asks for {field}, which it was made without: the same patch has to add it."
        )),
        None => refusal,
    }
}

fn kind(refuser: Refuser) -> RefusalKind {
    match refuser {
        Refuser::Rights => RefusalKind::Forbidden,
        Refuser::Webhook => RefusalKind::Webhook,
        Refuser::Policy => RefusalKind::Policy,
        Refuser::Schema => RefusalKind::Schema,
        Refuser::Namespace => RefusalKind::NamespaceGone,
        Refuser::Unserved => RefusalKind::NotServed,
        Refuser::Moved => RefusalKind::Moved,
        Refuser::Server => RefusalKind::Unreachable,
    }
}

fn excerpt(words: &str) -> String {
    let line = redact::words(&words.split_whitespace().collect::<Vec<_>>().join(" "));
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}
