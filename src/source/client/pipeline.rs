//! What happens to each request: address, headers, credential, retries, time limit, warnings, trace.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use http::HeaderMap;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Uri;
use http_body_util::BodyExt as _;
use http_body_util::Full;
use hyper::body::Body as HttpBody;
use hyper::body::Bytes;
use hyper::body::Frame;
use hyper::body::SizeHint;
use kube::client::Body;
use tokio::time::Instant;
use tokio::time::Sleep;
use tower::BoxError;

use super::clock::ServerClock;
use super::credential::Credentials;
use super::credential::Lease;
use super::failure;
use super::retry::Retries;
use super::trace;
use super::trace::Exchange;
use super::transport::AnswerBody;
use super::transport::Transport;
use super::warning::Warnings;

/// All that the requests of one connection share.
pub struct Pipeline {
    pub server: Uri,
    /// Sent with each request: user agent and impersonation.
    pub headers: HeaderMap,
    pub credentials: Credentials,
    pub transport: Transport,
    pub warnings: Warnings,
    pub clock: ServerClock,
    pub request_timeout: Option<Duration>,
    pub verbosity: u8,
}

impl Pipeline {
    /// Sends a request whose address is only a path, as kube makes them.
    pub async fn send(self: Arc<Self>, request: Request<Body>) -> Result<Response<TimedBody>, BoxError> {
        let request = self.prepare(request)?;
        // A limit beyond the clock's end is none.
        let limit = self.request_timeout.and_then(|limit| Some((limit, Instant::now().checked_add(limit)?)));
        let Some((limit, end)) = limit else {
            let answer = self.readable(request).await?;
            return Ok(answer.map(|body| TimedBody { body, limit: None }));
        };
        match tokio::time::timeout_at(end, self.readable(request)).await {
            Ok(answer) => {
                let limit = Some((Box::pin(tokio::time::sleep_until(end)), limit));
                Ok(answer?.map(|body| TimedBody { body, limit }))
            }
            Err(_) => Err(RequestTimedOut(limit).into()),
        }
    }

    fn prepare(&self, mut request: Request<Body>) -> Result<Request<Body>, BoxError> {
        *request.uri_mut() = address(&self.server, request.uri())?;
        for name in self.headers.keys() {
            if !request.headers().contains_key(name) {
                for value in self.headers.get_all(name) {
                    request.headers_mut().append(name, value.clone());
                }
            }
        }
        Ok(request)
    }

    /// Makes sure that kube can read what a failed request was answered with.
    async fn readable(&self, request: Request<Body>) -> Result<Response<AnswerBody>, BoxError> {
        let answer = self.retried(request).await?;
        let is_failure = answer.status().is_client_error() || answer.status().is_server_error();
        Ok(if is_failure { failure::readable(answer).await } else { answer })
    }

    /// Asks again while the server is busy and asking again is harmless.
    async fn retried(&self, mut request: Request<Body>) -> Result<Response<AnswerBody>, BoxError> {
        let mut retries = Retries::of(request.method(), request.uri().path());
        loop {
            let again = copy(&request);
            let answer = self.authorized(request).await?;
            self.warnings.collect(answer.headers());
            self.clock.note(answer.headers());
            let Some((next, wait)) = again.and_then(|again| Some((again, retries.wait(&answer)?))) else {
                return Ok(answer);
            };
            tracing::debug!("the server is busy: asking again in {} ms", wait.as_millis());
            drop(answer);
            tokio::time::sleep(wait).await;
            request = next;
        }
    }

    /// Sends with the credential; once more with a fresh one when the server refuses it. It has not acted on a
    /// request that it did not let in, so this is harmless for every verb.
    async fn authorized(&self, request: Request<Body>) -> Result<Response<AnswerBody>, BoxError> {
        let lease = self.credentials.current().await;
        let identity = self.credentials.identity().get();
        let again = copy(&request);
        let answer = self.with_credential(&lease, request).await?;
        let Some(again) = again.filter(|_| answer.status() == StatusCode::UNAUTHORIZED) else {
            return Ok(answer);
        };
        let Some(lease) = self.credentials.renew(&lease).await? else {
            return Ok(answer);
        };
        let fresh = self.credentials.identity().get();
        if identity.as_ref().map(Arc::as_ptr) != fresh.as_ref().map(Arc::as_ptr) {
            self.transport.reset();
        }
        self.with_credential(&lease, again).await
    }

    async fn with_credential(
        &self,
        lease: &Lease,
        mut request: Request<Body>,
    ) -> Result<Response<AnswerBody>, BoxError> {
        lease.apply(&mut request);
        let answer = self.exchange(request).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            self.credentials.prove(lease).await;
        }
        Ok(answer)
    }

    async fn exchange(&self, request: Request<Body>) -> Result<Response<AnswerBody>, BoxError> {
        if self.verbosity < trace::SHOWN {
            return self.transport.send(request).await;
        }
        let body = match request.body().try_clone() {
            Some(body) => Some(body.collect_bytes().await?),
            None => None,
        };
        let (method, uri) = (request.method(), request.uri());
        let exchange = Exchange::begin(self.verbosity, method, uri, request.headers(), body.as_deref());
        let start = Instant::now();
        let result = self.transport.send(request).await;
        match &result {
            Ok(answer) => exchange.answered(answer, start.elapsed()),
            Err(error) => exchange.failed(&error.to_string(), start.elapsed()),
        }
        let (head, body) = result?.into_parts();
        if !exchange.shows_bodies() {
            return Ok(Response::from_parts(head, body));
        }
        let bytes = body.collect().await?.to_bytes();
        exchange.read(&bytes);
        Ok(Response::from_parts(head, Full::new(bytes).map_err(BoxError::from).boxed_unsync()))
    }
}

/// The server's address, its own path kept (Rancher's clusters live under one), with the request's path after it.
fn address(server: &Uri, request: &Uri) -> Result<Uri, http::Error> {
    let path = server.path().trim_end_matches('/');
    let wanted = request.path_and_query().map_or("/", |wanted| wanted.as_str());
    let mut parts = server.clone().into_parts();
    parts.path_and_query = Some(format!("{path}{wanted}").parse()?);
    Ok(Uri::from_parts(parts)?)
}

/// The same request once more; None when its body can be sent only once.
fn copy(request: &Request<Body>) -> Option<Request<Body>> {
    let mut again = Request::new(request.body().try_clone()?);
    *again.method_mut() = request.method().clone();
    *again.uri_mut() = request.uri().clone();
    *again.version_mut() = request.version();
    *again.headers_mut() = request.headers().clone();
    *again.extensions_mut() = request.extensions().clone();
    Some(again)
}

/// `--request-timeout` is over.
#[derive(Debug)]
pub struct RequestTimedOut(pub Duration);

impl fmt::Display for RequestTimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no complete answer within {} s", self.0.as_secs_f64())
    }
}

impl std::error::Error for RequestTimedOut {}

/// A body that must be read before the request's time is over, as Go's `http.Client.Timeout` asks.
pub struct TimedBody {
    body: AnswerBody,
    limit: Option<(Pin<Box<Sleep>>, Duration)>,
}

impl HttpBody for TimedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            return Poll::Ready(frame);
        }
        let Some((sleep, limit)) = &mut self.limit else {
            return Poll::Pending;
        };
        sleep.as_mut().poll(context).map(|()| Some(Err(RequestTimedOut(*limit).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
#[path = "pipeline_tests.rs"]
mod tests;
