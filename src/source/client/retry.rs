//! When to ask a busy server again, within narrow bounds: a person is waiting.

use std::time::Duration;

use http::Method;
use http::Response;
use http::StatusCode;
use http::header::RETRY_AFTER;

/// Tries after the first one.
const MOST_RETRIES: u32 = 3;
/// The longest single wait, whatever the server wishes.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// All waits together.
const LONGEST_TOTAL: Duration = Duration::from_secs(20);
/// The first wait when the server wishes none; it doubles.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// The retries of one request.
pub struct Retries {
    allowed: bool,
    done: u32,
    waited: Duration,
}

impl Retries {
    /// Only requests that change nothing are sent again. An access review is a POST that only asks.
    pub fn of(method: &Method, path: &str) -> Self {
        let asks = method == Method::POST && path.contains("/apis/authorization.k8s.io/");
        let allowed = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) || asks;
        Self { allowed, done: 0, waited: Duration::ZERO }
    }

    /// How long to wait before asking again; None when the answer stands.
    pub fn wait<B>(&mut self, response: &Response<B>) -> Option<Duration> {
        let busy = matches!(
            response.status(),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT
        );
        if !self.allowed || !busy || self.done >= MOST_RETRIES {
            return None;
        }
        let wished =
            response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse().ok());
        let wait = wished.map_or(FIRST_WAIT * 2u32.pow(self.done), Duration::from_secs).min(LONGEST_WAIT);
        let waited = self.waited + wait;
        if waited > LONGEST_TOTAL {
            return None;
        }
        self.done += 1;
        self.waited = waited;
        Some(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(method: Method, status: u16, wish: Option<&str>) -> Vec<u128> {
        let mut response = Response::builder().status(status);
        if let Some(wish) = wish {
            response = response.header(RETRY_AFTER, wish);
        }
        let (response, mut retries) = (response.body(()).unwrap(), Retries::of(&method, "/api/v1/pods"));
        std::iter::from_fn(|| retries.wait(&response)).map(|wait| wait.as_millis()).collect()
    }

    #[test]
    fn a_busy_server_is_asked_three_more_times() {
        for status in [429, 503, 504] {
            assert_eq!(waits(Method::GET, status, None), [200, 400, 800]);
        }
        assert_eq!(waits(Method::GET, 503, Some("1")), [1000, 1000, 1000]);
        assert_eq!(waits(Method::GET, 503, Some("soon")), [200, 400, 800]);
    }

    #[test]
    fn the_servers_wish_is_bounded() {
        for wish in ["3600", "18446744073709551615"] {
            assert_eq!(waits(Method::GET, 429, Some(wish)), [10_000, 10_000]);
        }
    }

    #[test]
    fn other_answers_and_changing_requests_stand() {
        for status in [200, 400, 401, 404, 500, 502] {
            assert!(waits(Method::GET, status, Some("1")).is_empty());
        }
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert!(waits(method, 503, Some("1")).is_empty());
        }
    }

    #[test]
    fn an_access_review_only_asks() {
        let busy = Response::builder().status(503).body(()).unwrap();
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        assert!(Retries::of(&Method::POST, path).wait(&busy).is_some());
    }
}
