use std::time::Duration;

use super::*;
use crate::error::ErrorKind;
use crate::source::client::options::ConnectOptions;
use crate::source::client::testing::Server;
use crate::source::client::testing::answer;
use crate::source::client::testing::connect_by;
use crate::source::client::testing::get;
use crate::source::client::testing::kubeconfig;
use crate::source::client::tls;
use crate::source::client::transport::Route;
use crate::source::client::transport::Transport;

fn of(code: u16, reason: &str, message: &str) -> Error {
    explain(&kube::Error::Api(Status::failure(message, reason).with_code(code).boxed()))
}

async fn asking(server: &str) -> Error {
    let cluster = format!("server: '{server}', insecure-skip-tls-verify: true");
    let connection = connect_by(&kubeconfig(&cluster, ""), ConnectOptions::default(), &[]).await.unwrap();
    explain(&get(&connection, "/").await.unwrap_err())
}

#[test]
fn refusals_are_told_apart() {
    let error = of(401, "Unauthorized", "Unauthorized");
    assert_eq!(error.kind, ErrorKind::Access);
    assert_eq!(error.to_string(), "the server does not accept your credentials (401 Unauthorized)");
    assert!(error.hint.unwrap().starts_with("Log in"));

    let said = r#"pods is forbidden: User "me" cannot list resource "pods""#;
    let error = of(403, "Forbidden", said);
    assert_eq!(error.to_string(), format!("the server forbids it (403 Forbidden): {said}"));
    let error = of(403, "Forbidden", r#"forbidden: User "system:anonymous" cannot get path "/""#);
    assert!(error.message.contains("does not know who you are"));
}

#[test]
fn an_absent_object_is_not_an_absent_api() {
    assert_eq!(of(404, "NotFound", r#"pods "a" not found"#).to_string(), r#"pods "a" not found"#);
    let error = of(404, "Failed to parse error data", "404 page not found");
    assert_eq!(error.message, "the server does not serve this API (404 Not Found)");
}

#[test]
fn other_answers_are_one_line_without_debug_output() {
    assert_eq!(
        of(409, "Conflict", "the object\nhas \u{1b}[31mchanged").to_string(),
        "the object has [31mchanged"
    );
    assert_eq!(of(418, "", "").message, "the server answered 418 without a reason");
    assert!(of(500, "", "boom").to_string().ends_with("(500): boom"));
    assert!(of(429, "", "").hint.is_some());
    let error = of(409, "Conflict", &"wörd ".repeat(10_000));
    assert!(error.to_string().chars().count() <= LONGEST + 1);
}

#[test]
fn an_html_page_is_not_repeated() {
    let page = "<!DOCTYPE html><html><head><TITLE>502 Bad\nGateway</TITLE></head><body>x</body></html>";
    let error = of(502, "Failed to parse error data", page);
    assert_eq!(
        error.message,
        "the server answered 502 with an HTML page (502 Bad Gateway), not as Kubernetes does"
    );
    assert_eq!(
        of(403, "", "<html>").message,
        "the server answered 403 with an HTML page, not as Kubernetes does"
    );
    assert_eq!(of(403, "", &format!("<html>{}", "é".repeat(64))).hint.as_deref(), Some(BETWEEN));
}

#[tokio::test]
async fn an_answer_that_is_not_kubernetes_is_said_so() {
    let server = Server::http(|_, _| answer(200, "<html>log in</html>")).await;
    let cluster = format!("server: 'http://127.0.0.1:{}'", server.port);
    let connection = connect_by(&kubeconfig(&cluster, ""), ConnectOptions::default(), &[]).await.unwrap();
    let error = explain(&connection.client.apiserver_version().await.unwrap_err());
    assert!(error.message.contains("not what Kubernetes would send"), "{error}");
}

#[tokio::test]
async fn a_refused_connection_names_the_server() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = asking(&format!("https://127.0.0.1:{port}")).await;
    assert_eq!(
        error.to_string(),
        format!("cannot reach the server https://127.0.0.1:{port}: the connection was refused")
    );
    assert!(error.hint.is_some());
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_said_so() {
    let error = asking("https://does-not-exist.invalid:6443").await;
    assert_eq!(error.causes[0], "its name does not resolve", "{error}");
}

#[tokio::test]
async fn http_and_https_taken_for_each_other_are_said_so() {
    let server = Server::http(|_, _| answer(200, "")).await;
    let error = asking(&format!("https://127.0.0.1:{}", server.port)).await;
    assert_eq!(error.causes, ["it does not speak TLS"], "{error}");
    let said = "Client sent an HTTP request to an HTTPS server.\n";
    let error = of(400, "Failed to parse error data", said);
    assert!(error.hint.unwrap().contains("https://"));
}

#[tokio::test]
async fn a_refused_proxy_names_both() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let cluster = format!(
        "server: 'https://c.example', insecure-skip-tls-verify: true, proxy-url: 'http://me:s3cr3t@127.0.0.1:{port}'"
    );
    let connection = connect_by(&kubeconfig(&cluster, ""), ConnectOptions::default(), &[]).await.unwrap();
    let error = explain(&get(&connection, "/").await.unwrap_err());
    let place =
        format!("cannot reach the server https://c.example through the proxy http://127.0.0.1:{port}");
    assert_eq!(error.to_string(), format!("{place}: the connection was refused"));
}

#[tokio::test]
async fn a_server_that_never_finishes_connecting_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let transport = Transport::new(Route {
        server: format!("https://127.0.0.1:{port}").parse().unwrap(),
        proxy: None,
        tls: tls::client_config(tls::Trust::Anyone, &tls::Identity::default()).unwrap(),
        tls_server_name: None,
        compression: true,
        connect_timeout: Duration::from_millis(100),
    })
    .unwrap();
    let request =
        http::Request::get(format!("https://127.0.0.1:{port}/")).body(kube::client::Body::empty()).unwrap();
    let start = std::time::Instant::now();
    let error = explain(&kube::Error::Service(transport.send(request).await.unwrap_err()));
    assert!(start.elapsed() < Duration::from_secs(2));
    assert_eq!(error.causes, ["no connection within 0.1 s"], "{error}");
}

#[test]
fn our_own_errors_pass_unchanged() {
    let own = Error::access("the credential plugin x failed").hint("Log in.");
    assert_eq!(explain(&kube::Error::Service(Box::new(own.clone()))), own);
}

#[test]
fn an_error_that_is_its_own_source_ends() {
    #[derive(Debug)]
    struct Circle;
    impl std::fmt::Display for Circle {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("round")
        }
    }
    impl StdError for Circle {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            Some(&Circle)
        }
    }
    assert!(explain(&kube::Error::Service(Box::new(Circle))).to_string().contains("round"));
}
