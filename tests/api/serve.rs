//! The server itself: one thread, HTTP/1.1, as many connections as it gets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use futures::stream;
use http_body_util::BodyExt as _;
use http_body_util::Full;
use http_body_util::StreamBody;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::Request;
use hyper::Response;
use hyper::body::Bytes;
use hyper::body::Frame;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::Asked;
use super::State;
use super::fault;
use super::fault::Fault;
use super::race;
use super::routes;
use super::status::Reply;

type Body = UnsyncBoxBody<Bytes, std::io::Error>;

/// Stops the server when it is dropped.
pub struct Stop(#[allow(dead_code, reason = "dropping it is the message")] oneshot::Sender<()>);

/// Starts to listen on a free port of loopback.
pub fn start(state: Arc<Mutex<State>>) -> (SocketAddr, Stop) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::from_std(listener).unwrap();
            tokio::select! {
                () = accept(listener, state) => {}
                _ = stopped => {}
            }
        });
    });
    (address, Stop(stop))
}

async fn accept(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(move |request| handle(request, Arc::clone(&state)));
            let connection = hyper::server::conn::http1::Builder::new();
            connection.serve_connection(TokioIo::new(stream), service).await.ok();
        });
    }
}

/// An error closes the connection.
async fn handle(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> Result<Response<Body>, std::io::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(std::io::Error::other)?.to_bytes();
    let header = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers =
        parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), header(value))).collect();
    let asked = Asked {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        accept: parts.headers.get("accept").map(header).unwrap_or_default(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let (reply, faults) = {
        let mut state = state.lock().unwrap();
        let faults = fault::striking(&mut state.faults, &asked);
        race::run(&mut state, &asked);
        let mut reply = routes::answer(&mut state, &asked, &faults);
        if let Ok(time) = state.world.time.parse::<jiff::Timestamp>() {
            let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
            let date = printer.timestamp_to_rfc9110_string(&time).unwrap();
            reply.headers.push(("date".to_owned(), date));
        }
        state.asked.push(asked);
        (faults.iter().fold(reply, fault::spoil), faults)
    };
    let mut cut_body = false;
    for fault in &faults {
        match fault {
            Fault::Slow(time) => tokio::time::sleep(*time).await,
            Fault::Cut | Fault::CutBefore => return Err(std::io::Error::other("cut")),
            Fault::CutBody => cut_body = true,
            _ => {}
        }
    }
    Ok(response(reply, cut_body).await)
}

async fn response(reply: Reply, cut_body: bool) -> Response<Body> {
    let bytes = Bytes::from(reply.body);
    let mut response = Response::builder().status(reply.code).header("content-type", reply.content_type);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    if cut_body {
        // Long enough for the first half to be on its way.
        tokio::time::sleep(Duration::from_millis(1)).await;
        let half = Ok(Frame::data(bytes.slice(..bytes.len() / 2)));
        let body = StreamBody::new(stream::iter([half, Err(std::io::Error::other("cut"))]));
        return response.header("content-length", bytes.len()).body(body.boxed_unsync()).unwrap();
    }
    response.body(Full::new(bytes).map_err(|never| match never {}).boxed_unsync()).unwrap()
}
