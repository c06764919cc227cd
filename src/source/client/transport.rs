//! Bytes to the server and back: TCP, a proxy, TLS and HTTP/1.1, in one boxed service.

use std::fmt;
use std::pin::Pin;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::task::Context;
use std::task::Poll;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::Uri;
use http_body_util::BodyExt as _;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Bytes;
use hyper_rustls::FixedServerNameResolver;
use hyper_rustls::HttpsConnector;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::Connect;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioExecutor;
use kube::client::Body;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use secrecy::ExposeSecret as _;
use tower::BoxError;
use tower::Service;
use tower::ServiceExt as _;
use tower::util::BoxCloneSyncService;
use tower_http::decompression::Decompression;

use crate::error::Error;

use super::proxy::Proxy;
use super::proxy::ProxyKind;

/// An answer's body, unpacked.
pub type AnswerBody = UnsyncBoxBody<Bytes, BoxError>;
type HttpService = BoxCloneSyncService<Request<Body>, Response<AnswerBody>, BoxError>;

/// From the first packet to the end of the TLS handshake, proxies included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A peer that died quietly is noticed within about 75 seconds, near client-go's 45 on HTTP/2.
const KEEPALIVE: Duration = Duration::from_secs(30);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(15);
const KEEPALIVE_PROBES: u32 = 3;

/// What a transport is made of.
pub struct Route {
    pub server: Uri,
    pub proxy: Option<Proxy>,
    pub tls: ClientConfig,
    pub tls_server_name: Option<String>,
    pub compression: bool,
    /// [`CONNECT_TIMEOUT`], shorter in tests.
    pub connect_timeout: Duration,
}

/// Connections to one server, kept open and used again.
pub struct Transport {
    open: Box<dyn Fn() -> HttpService + Send + Sync>,
    service: Mutex<HttpService>,
    server: String,
    proxy: Option<String>,
}

impl Transport {
    pub fn new(route: Route) -> Result<Self, Error> {
        let server = format!("{}", route.server).trim_end_matches('/').to_owned();
        let proxy = route.proxy.as_ref().map(|proxy| proxy.uri.to_string().trim_end_matches('/').to_owned());
        let open = opener(&route)?;
        Ok(Self { service: Mutex::new(open()), open, server, proxy })
    }

    /// Forgets the open connections: they were made with an identity that no longer counts.
    pub fn reset(&self) {
        *self.service.lock().unwrap_or_else(PoisonError::into_inner) = (self.open)();
    }

    pub async fn send(&self, request: Request<Body>) -> Result<Response<AnswerBody>, BoxError> {
        let service = self.service.lock().unwrap_or_else(PoisonError::into_inner).clone();
        service.oneshot(request).await.map_err(|source| {
            let (server, proxy) = (self.server.clone(), self.proxy.clone());
            Unreachable { server, proxy, source }.into()
        })
    }
}

/// The exchange with the server failed below HTTP; the source tells where.
#[derive(Debug)]
pub struct Unreachable {
    pub server: String,
    pub proxy: Option<String>,
    source: BoxError,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot reach the server {}", self.server)?;
        match &self.proxy {
            Some(proxy) => write!(f, " through the proxy {proxy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Unreachable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// No connection within the time that is given to it.
#[derive(Debug)]
pub struct ConnectTimedOut(pub Duration);

impl fmt::Display for ConnectTimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no connection within {} s", self.0.as_secs_f64())
    }
}

impl std::error::Error for ConnectTimedOut {}

fn opener(route: &Route) -> Result<Box<dyn Fn() -> HttpService + Send + Sync>, Error> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(route.connect_timeout));
    tcp.set_keepalive(Some(KEEPALIVE));
    tcp.set_keepalive_interval(Some(KEEPALIVE_INTERVAL));
    tcp.set_keepalive_retries(Some(KEEPALIVE_PROBES));
    let Some(proxy) = &route.proxy else {
        return client(tcp, route);
    };
    match proxy.kind {
        ProxyKind::Http => client(tunnel(proxy, tcp), route),
        // Go uses the cluster's TLS settings for the proxy too, its name aside.
        ProxyKind::Https => client(tunnel(proxy, https(tcp, &route.tls, None)?), route),
        ProxyKind::Socks5 => {
            let mut socks = SocksV5::new(proxy.uri.clone(), tcp);
            if let Some((name, password)) = &proxy.user {
                socks = socks.with_auth(name.clone(), password.expose_secret().to_owned());
            }
            client(socks, route)
        }
    }
}

fn tunnel<C>(proxy: &Proxy, connector: C) -> Tunnel<C> {
    let tunnel = Tunnel::new(proxy.uri.clone(), connector);
    let Some((name, password)) = &proxy.user else {
        return tunnel;
    };
    let text = format!("Basic {}", STANDARD.encode(format!("{name}:{}", password.expose_secret())));
    match HeaderValue::from_str(&text) {
        Ok(header) => tunnel.with_auth(header),
        Err(_) => tunnel,
    }
}

fn https<C>(connector: C, tls: &ClientConfig, name: Option<&str>) -> Result<HttpsConnector<C>, Error> {
    let builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http();
    let builder = match name {
        Some(name) => {
            let name = ServerName::try_from(name.to_owned())
                .map_err(|_| Error::config(format!("the tls-server-name {name:?} is not a host name")))?;
            builder.with_server_name_resolver(FixedServerNameResolver::new(name))
        }
        None => builder,
    };
    Ok(builder.enable_http1().wrap_connector(connector))
}

/// HTTP over a connector, each call of the result with connections of its own.
fn client<C>(connector: C, route: &Route) -> Result<Box<dyn Fn() -> HttpService + Send + Sync>, Error>
where
    C: Service<Uri> + Clone + Send + Sync + 'static,
    C::Error: Into<BoxError>,
    C::Future: Send + 'static,
    HttpsConnector<C>: Service<Uri, Error = BoxError>,
    <HttpsConnector<C> as Service<Uri>>::Future: Send + 'static,
    Limited<HttpsConnector<C>>: Connect + Clone + Send + Sync,
{
    let connector = https(connector, &route.tls, route.tls_server_name.as_deref())?;
    let connector = Limited { connector, limit: route.connect_timeout };
    let compression = route.compression;
    Ok(Box::new(move || {
        let client = Client::builder(TokioExecutor::new()).build(connector.clone());
        let service = Decompression::new(client).no_br().no_deflate().no_zstd().gzip(compression);
        let service =
            service.map_response(|answer| answer.map(|body| body.map_err(BoxError::from).boxed_unsync()));
        BoxCloneSyncService::new(service.map_err(BoxError::from))
    }))
}

/// A connector with a limit on everything it does.
#[derive(Clone)]
struct Limited<C> {
    connector: C,
    limit: Duration,
}

impl<C> Service<Uri> for Limited<C>
where
    C: Service<Uri, Error = BoxError>,
    C::Future: Send + 'static,
    C::Response: 'static,
{
    type Response = C::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<C::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.connector.poll_ready(context)
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let (connecting, limit) = (self.connector.call(server), self.limit);
        Box::pin(async move {
            match tokio::time::timeout(limit, connecting).await {
                Ok(connection) => connection,
                Err(_) => Err(Box::new(ConnectTimedOut(limit)) as BoxError),
            }
        })
    }
}
