//! A small API server and small proxies on loopback.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::Mutex;

use http::HeaderMap;
use http::Response;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rustls::DigitallySignedStruct;
use rustls::DistinguishedName;
use rustls::Error as TlsError;
use rustls::ServerConfig;
use rustls::SignatureScheme;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::UnixTime;
use rustls::server::danger::ClientCertVerified;
use rustls::server::danger::ClientCertVerifier;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::Certificate;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    pub headers: HeaderMap,
    /// The certificate the client showed.
    pub certificate: Option<Vec<u8>>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

type Handler = Arc<dyn Fn(usize, &Seen) -> Response<String> + Send + Sync>;

/// A server that answers by a function of the request and its number, from 0.
pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// An answer with a status and a body.
pub fn answer(status: u16, body: &str) -> Response<String> {
    Response::builder().status(status).body(body.to_owned()).unwrap()
}

impl Server {
    pub async fn http(handler: impl Fn(usize, &Seen) -> Response<String> + Send + Sync + 'static) -> Self {
        Self::start(None, Arc::new(handler)).await
    }

    pub async fn https(
        certificate: &Certificate,
        handler: impl Fn(usize, &Seen) -> Response<String> + Send + Sync + 'static,
    ) -> Self {
        Self::start(Some(acceptor(certificate)), Arc::new(handler)).await
    }

    /// What arrived so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    async fn start(tls: Option<TlsAcceptor>, handler: Handler) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let all = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                let (tls, all, handler) = (tls.clone(), Arc::clone(&all), Arc::clone(&handler));
                tokio::spawn(async move {
                    match tls {
                        None => serve(tcp, None, all, handler).await,
                        Some(tls) => {
                            let Ok(stream) = tls.accept(tcp).await else { return };
                            let shown =
                                stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
                            let shown = shown.map(|certificate| certificate.to_vec());
                            serve(stream, shown, all, handler).await;
                        }
                    }
                });
            }
        });
        Self { port, seen }
    }
}

async fn serve<S>(stream: S, certificate: Option<Vec<u8>>, all: Arc<Mutex<Vec<Seen>>>, handler: Handler)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request: http::Request<hyper::body::Incoming>| {
        let seen = Seen { headers: request.headers().clone(), certificate: certificate.clone() };
        let mut all = all.lock().unwrap();
        let answer = handler(all.len(), &seen);
        all.push(seen);
        async { Ok::<_, Infallible>(answer) }
    });
    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await.ok();
}

fn acceptor(certificate: &Certificate) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(Arc::new(AnyClient))
        .with_single_cert(
            vec![certificate.der.clone().into()],
            PrivateKeyDer::try_from(certificate.key_der.clone()).unwrap(),
        )
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// Asks for a client certificate and takes any.
#[derive(Debug)]
struct AnyClient;

impl ClientCertVerifier for AnyClient {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, TlsError> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}

/// What the proxies were asked for.
pub type Asked = Arc<Mutex<Vec<String>>>;

/// A proxy that answers CONNECT by connecting to a port on loopback, whatever host was asked for.
pub async fn http_proxy(target: u16) -> (u16, Asked) {
    proxy(move |client, asked| tunnel(client, asked, target)).await
}

/// The same, spoken to over TLS.
pub async fn https_proxy(certificate: &Certificate, target: u16) -> (u16, Asked) {
    let tls = acceptor(certificate);
    proxy(move |client, asked| {
        let tls = tls.clone();
        async move { tunnel(tls.accept(client).await.unwrap(), asked, target).await }
    })
    .await
}

async fn tunnel(mut client: impl AsyncRead + AsyncWrite + Unpin, asked: Asked, target: u16) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    asked.lock().unwrap().push(String::from_utf8(head).unwrap());
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
    relay(client, target).await;
}

/// The same for SOCKS5 (RFC 1928), with a password (RFC 1929) if it is offered.
pub async fn socks_proxy(target: u16) -> (u16, Asked) {
    proxy(move |mut client, asked| async move {
        let mut greeting = [0; 2];
        client.read_exact(&mut greeting).await.unwrap();
        let mut methods = vec![0; greeting[1].into()];
        client.read_exact(&mut methods).await.unwrap();
        if methods.contains(&2) {
            client.write_all(&[5, 2]).await.unwrap();
            client.read_u8().await.unwrap();
            for _ in 0..2 {
                let mut word = vec![0; client.read_u8().await.unwrap().into()];
                client.read_exact(&mut word).await.unwrap();
                asked.lock().unwrap().push(String::from_utf8(word).unwrap());
            }
            client.write_all(&[1, 0]).await.unwrap();
        } else {
            client.write_all(&[5, 0]).await.unwrap();
        }
        let mut request = [0; 5];
        client.read_exact(&mut request).await.unwrap();
        assert_eq!(request[..4], [5, 1, 0, 3], "CONNECT to a name, resolved by the proxy");
        let mut host = vec![0; request[4].into()];
        client.read_exact(&mut host).await.unwrap();
        client.read_u16().await.unwrap();
        asked.lock().unwrap().push(String::from_utf8(host).unwrap());
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
        relay(client, target).await;
    })
    .await
}

async fn proxy<F>(serve: impl Fn(TcpStream, Asked) -> F + Send + 'static) -> (u16, Asked)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (port, asked) = (listener.local_addr().unwrap().port(), Asked::default());
    let all = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            tokio::spawn(serve(client, Arc::clone(&all)));
        }
    });
    (port, asked)
}

async fn relay(mut client: impl AsyncRead + AsyncWrite + Unpin, target: u16) {
    let mut server = TcpStream::connect(("127.0.0.1", target)).await.unwrap();
    tokio::io::copy_bidirectional(&mut client, &mut server).await.ok();
}
