//! The API server's clock: every time in a cluster's objects was read off it, so ages are counted from it and not
//! from a laptop that may be minutes away.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use http::HeaderMap;
use http::header::DATE;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// When the server said that it answered first since the clock was set back, to the second.
#[derive(Clone, Debug, Default)]
pub struct ServerClock(Arc<Mutex<Option<Timestamp>>>);

impl ServerClock {
    /// None until the server answered, or if it tells no time.
    pub fn first_answer(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next answer counts as the first.
    pub fn set_back(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Notes the time of an answer, unless one was noted before.
    pub fn note(&self, headers: &HeaderMap) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if first.is_none() {
            let date = headers.get(DATE).and_then(|date| date.to_str().ok());
            *first = date.and_then(|date| DateTimeParser::new().parse_timestamp(date).ok());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(date: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(DATE, HeaderValue::from_static(date))])
    }

    #[test]
    fn the_first_time_told_is_kept() {
        let clock = ServerClock::default();
        clock.note(&HeaderMap::new());
        clock.note(&headers("yesterday"));
        assert_eq!(clock.first_answer(), None);
        clock.note(&headers("Sat, 21 Nov 2026 06:15:16 GMT"));
        clock.note(&headers("Sat, 21 Nov 2026 06:15:17 GMT"));
        assert_eq!(clock.first_answer(), "2026-11-21T06:15:16Z".parse().ok());
        clock.set_back();
        clock.note(&headers("Sat, 21 Nov 2026 06:15:17 GMT"));
        assert_eq!(clock.first_answer(), "2026-11-21T06:15:17Z".parse().ok());
    }
}
