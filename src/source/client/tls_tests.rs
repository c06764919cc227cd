use super::*;
use crate::source::client::explain;
use crate::source::client::options::ConnectOptions;
use crate::source::client::testing::Authority;
use crate::source::client::testing::Certificate;
use crate::source::client::testing::Server;
use crate::source::client::testing::Wish;
use crate::source::client::testing::answer;
use crate::source::client::testing::connect_by;
use crate::source::client::testing::get;
use crate::source::client::testing::kubeconfig;

/// Asks a server that shows the certificate; the client trusts the authority and asks the host.
async fn ask(shown: &Certificate, trusted: &str, host: &str, more: &str) -> Result<String, Error> {
    let server = Server::https(shown, |_, _| answer(200, "hello")).await;
    let cluster =
        format!("server: 'https://{host}:{}', certificate-authority-data: {trusted}{more}", server.port);
    let connection = connect_by(&kubeconfig(&cluster, "token: t"), ConnectOptions::default(), &[]).await?;
    get(&connection, "/version").await.map_err(|error| explain(&error))
}

const HERE: &[&str] = &["127.0.0.1"];

#[tokio::test]
async fn a_certificate_of_the_authority_is_accepted() {
    let authority = Authority::new();
    let shown = authority.issue(Wish::server(HERE));
    assert_eq!(ask(&shown, &authority.data(), "127.0.0.1", "").await.unwrap(), "hello");
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let shown = Authority::new().issue(Wish::server(HERE));
    let error = ask(&shown, &Authority::new().data(), "127.0.0.1", "").await.unwrap_err();
    assert!(error.to_string().contains("not trusted"), "{error}");
    let own = Certificate::own(Wish { ca: true, ..Wish::server(HERE) });
    ask(&own, &Authority::new().data(), "127.0.0.1", "").await.unwrap_err();
}

#[tokio::test]
async fn a_leaf_pinned_as_authority_is_accepted() {
    let shown = Authority::new().issue(Wish::server(HERE));
    assert_eq!(ask(&shown, &shown.data(), "127.0.0.1", "").await.unwrap(), "hello");
}

#[tokio::test]
async fn a_pinned_leaf_is_accepted_beside_another_authority_of_its_issuers_name() {
    use base64::Engine as _;
    let shown = Authority::new().issue(Wish::server(HERE));
    let bundle = base64::engine::general_purpose::STANDARD.encode(Authority::new().pem() + &shown.pem());
    assert_eq!(ask(&shown, &bundle, "127.0.0.1", "").await.unwrap(), "hello");
}

#[tokio::test]
async fn a_self_signed_authority_as_server_certificate_is_accepted() {
    let shown = Certificate::own(Wish { ca: true, ..Wish::server(HERE) });
    assert_eq!(ask(&shown, &shown.data(), "127.0.0.1", "").await.unwrap(), "hello");
    let plain = Certificate::own(Wish::server(HERE));
    assert_eq!(ask(&plain, &plain.data(), "127.0.0.1", "").await.unwrap(), "hello");
}

#[tokio::test]
async fn a_pinned_certificate_under_another_name_is_refused() {
    for ca in [true, false] {
        let shown = Certificate::own(Wish { ca, ..Wish::server(&["elsewhere.example"]) });
        let error = ask(&shown, &shown.data(), "127.0.0.1", "").await.unwrap_err();
        assert!(error.to_string().contains("for another name"), "{error}");
        assert!(error.hint.unwrap().contains("--tls-server-name"));
    }
}

#[tokio::test]
async fn a_pinned_certificate_that_has_expired_is_refused() {
    for ca in [true, false] {
        let shown = Certificate::own(Wish { ca, expired: true, ..Wish::server(HERE) });
        let error = ask(&shown, &shown.data(), "127.0.0.1", "").await.unwrap_err();
        assert!(error.to_string().contains("has expired"), "{error}");
    }
    let leaf = Authority::new().issue(Wish { expired: true, ..Wish::server(HERE) });
    let error = ask(&leaf, &leaf.data(), "127.0.0.1", "").await.unwrap_err();
    assert!(error.to_string().contains("has expired"), "{error}");
}

#[tokio::test]
async fn the_tls_server_name_replaces_the_host() {
    let authority = Authority::new();
    let shown = authority.issue(Wish::server(&["inner.example"]));
    let named = ", tls-server-name: inner.example";
    assert_eq!(ask(&shown, &authority.data(), "127.0.0.1", named).await.unwrap(), "hello");
    let error = ask(&shown, &authority.data(), "127.0.0.1", ", tls-server-name: 'in ner'").await.unwrap_err();
    assert!(error.message.contains("tls-server-name"), "{error}");
}

#[tokio::test]
async fn insecure_skip_tls_verify_takes_anyone() {
    let shown = Certificate::own(Wish { expired: true, ..Wish::server(&["elsewhere.example"]) });
    let more = ", insecure-skip-tls-verify: true";
    assert_eq!(ask(&shown, "''", "127.0.0.1", more).await.unwrap(), "hello");
}

#[tokio::test]
async fn a_client_certificate_of_version_1_is_shown() {
    let authority = Authority::new();
    for version_1 in [true, false] {
        let client = authority.issue(Wish { version_1, ..Wish::server(&[]) });
        let server = Server::https(&authority.issue(Wish::server(HERE)), |_, _| answer(200, "")).await;
        let cluster = format!(
            "server: 'https://127.0.0.1:{}', certificate-authority-data: {}",
            server.port,
            authority.data()
        );
        let user = format!("client-certificate-data: {}, client-key-data: {}", client.data(), {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(client.key_pem())
        });
        let connection =
            connect_by(&kubeconfig(&cluster, &user), ConnectOptions::default(), &[]).await.unwrap();
        get(&connection, "/version").await.unwrap();
        assert_eq!(server.seen()[0].certificate.as_ref(), Some(&client.der));
    }
}

#[test]
fn a_certificate_with_another_key_is_refused() {
    let (one, other) = (Certificate::own(Wish::server(&[])), Certificate::own(Wish::server(&[])));
    let error = certified_key(one.pem().as_bytes(), &other.key_pem().into()).unwrap_err();
    assert!(error.message.contains("do not belong together"), "{error}");
    certified_key(b"", &one.key_pem().into()).unwrap_err();
    let error = certified_key(one.pem().as_bytes(), &"s3cr3t".to_owned().into()).unwrap_err();
    assert!(!error.to_string().contains("s3cr3t"));
}

#[test]
fn without_an_authority_the_system_is_trusted() {
    client_config(Trust::System, &Identity::default()).unwrap();
}
