//! A kube error in one line and a hint, translated in this one place.

use std::error::Error as StdError;

use kube::core::Status;

use crate::error::Error;

use super::explain_transport;

/// Server texts are cut here: an HTML page or a novel helps nobody.
const LONGEST: usize = 400;

const LOG_IN: &str =
    "Log in the way you do for kubectl (any kubectl command that works will do), then try again.";

/// What went wrong, why, and what to do next.
pub fn explain(error: &kube::Error) -> Error {
    match error {
        kube::Error::Api(status) => api(status),
        kube::Error::SerdeError(reason) => {
            Error::access("the server's answer is not what Kubernetes would send")
                .because(reason)
                .hint(BETWEEN)
        }
        kube::Error::FromUtf8(_) => Error::access("the server's answer is not text").hint(BETWEEN),
        other => explain_transport::explain(other),
    }
}

const BETWEEN: &str =
    "Something between may have answered instead: check the server's URL and the proxy settings.";

fn api(status: &Status) -> Error {
    let code = status.code;
    if let Some(title) = html_title(&status.message) {
        let title = if title.is_empty() { title } else { format!(" ({})", one_line(&title)) };
        let error = Error::access(format!(
            "the server answered {code} with an HTML page{title}, not as Kubernetes does"
        ));
        return error.hint(BETWEEN);
    }
    let said = one_line(&status.message);
    let error = |message: &str| Error::access(message).because(&said);
    match code {
        401 => Error::access("the server does not accept your credentials (401 Unauthorized)").hint(LOG_IN),
        403 if said.contains("system:anonymous") => {
            error("the server does not know who you are (403 Forbidden)").hint(LOG_IN)
        }
        403 => error("the server forbids it (403 Forbidden)")
            .hint("kubectl auth can-i shows what you may do; --context or --as chooses another identity."),
        404 if status.reason != "NotFound" => error("the server does not serve this API (404 Not Found)"),
        400 if said.contains("HTTP request to an HTTPS server") => {
            error("the server speaks https, but its URL says http")
                .hint("Write the server's URL with https://.")
        }
        429 => {
            error("the server is too busy to answer (429 Too Many Requests)").hint("Try again in a moment.")
        }
        500..=599 => error(&format!("the server failed to answer ({code})")).hint(
            "The API server or something in front of it is in trouble: kubectl get --raw /readyz tells more.",
        ),
        _ if said.is_empty() => Error::access(format!("the server answered {code} without a reason")),
        _ => Error::access(said),
    }
}

/// The title of an HTML page, perhaps empty; None if the text is none.
fn html_title(text: &str) -> Option<String> {
    let start = text.trim_start().get(..64).unwrap_or(text.trim_start()).to_ascii_lowercase();
    if !start.starts_with("<!doctype") && !start.starts_with("<html") && !start.starts_with("<head") {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let from = lower.find("<title>").map(|at| at + "<title>".len());
    let title = from.and_then(|from| text.get(from..)?.split('<').next());
    Some(title.unwrap_or_default().trim().to_owned())
}

/// The text on one line, without control characters, not too long.
pub fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split(|char: char| char.is_whitespace() || char.is_control()).collect();
    let line = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// What an error was made of. An I/O error that wraps another hides it from `source`, so it is asked itself.
fn next<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// An error's causes, itself first. Bounded: a foreign type may return itself as its source.
pub fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    const DEEPEST: usize = 24;
    std::iter::successors(Some(error), |&error| next(error)).take(DEEPEST)
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;
