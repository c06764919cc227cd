use std::io::Write as _;

use super::*;
use crate::source::client::Connection;
use crate::source::client::explain;
use crate::source::client::options::ConnectOptions;
use crate::source::client::testing::Folder;
use crate::source::client::testing::Server;
use crate::source::client::testing::answer;
use crate::source::client::testing::connect_by;
use crate::source::client::testing::get;
use crate::source::client::testing::kubeconfig;

async fn connected(server: &Server, user: &str, options: ConnectOptions) -> Connection {
    let cluster = format!("server: 'http://127.0.0.1:{}'", server.port);
    connect_by(&kubeconfig(&cluster, user), options, &[]).await.unwrap()
}

async fn plain(server: &Server) -> Connection {
    connected(server, "token: s3cr3t", ConnectOptions::default()).await
}

#[test]
fn the_servers_own_path_stays_in_front() {
    let of = |server: &'static str, path: &'static str| {
        address(&Uri::from_static(server), &Uri::from_static(path)).unwrap().to_string()
    };
    assert_eq!(of("https://r/k8s/c-1", "/api/v1/pods?limit=1"), "https://r/k8s/c-1/api/v1/pods?limit=1");
    assert_eq!(of("https://r/", "/version"), "https://r/version");
    let long = format!("/{}", "a".repeat(65_530));
    assert!(address(&Uri::from_static("https://r/k8s/c-1"), &long.parse().unwrap()).is_err(), "no panic");
}

#[tokio::test]
async fn each_request_says_who_asks_and_as_whom() {
    let server = Server::http(|_, _| answer(200, "")).await;
    let options = ConnectOptions {
        impersonate: Some("system:serviceaccount:a:b".into()),
        impersonate_groups: vec!["g1".into(), "g2".into()],
        impersonate_uid: Some("u-1".into()),
        ..Default::default()
    };
    let connection = connected(&server, "token: t", options).await;
    get(&connection, "/a").await.unwrap();
    get(&connection, "/b").await.unwrap();
    for seen in server.seen() {
        assert_eq!(seen.header("user-agent"), Some("kubectl-arc/test"));
        assert_eq!(seen.header("authorization"), Some("Bearer t"));
        assert_eq!(seen.header("impersonate-user"), Some("system:serviceaccount:a:b"));
        assert_eq!(seen.header("impersonate-uid"), Some("u-1"));
        assert_eq!(seen.headers.get_all("impersonate-group").iter().count(), 2);
        assert_eq!(seen.header("accept-encoding"), Some("gzip"));
    }
}

#[tokio::test]
async fn compression_can_be_switched_off() {
    let server = Server::http(|_, _| answer(200, "")).await;
    let options = ConnectOptions { disable_compression: true, ..Default::default() };
    get(&connected(&server, "token: t", options).await, "/").await.unwrap();
    assert_eq!(server.seen()[0].header("accept-encoding"), None);
}

#[tokio::test]
async fn compressed_answers_are_unpacked() {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(b"unpacked").unwrap();
    let packed = packed.finish().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        use tokio::io::AsyncReadExt as _;
        use tokio::io::AsyncWriteExt as _;
        let (mut client, _) = listener.accept().await.unwrap();
        let asked = client.read(&mut [0; 4096]).await.unwrap();
        assert!(asked > 0);
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n", packed.len());
        client.write_all(&[head.as_bytes(), &packed].concat()).await.unwrap();
    });
    let cluster = format!("server: 'http://127.0.0.1:{port}'");
    let connection = connect_by(&kubeconfig(&cluster, ""), ConnectOptions::default(), &[]).await.unwrap();
    assert_eq!(get(&connection, "/").await.unwrap(), "unpacked");
}

#[tokio::test]
async fn warnings_are_collected_once() {
    let server = Server::http(|_, _| {
        let mut answer = answer(200, "");
        answer.headers_mut().insert("warning", r#"299 - "old API""#.parse().unwrap());
        answer
    })
    .await;
    let connection = plain(&server).await;
    get(&connection, "/a").await.unwrap();
    get(&connection, "/b").await.unwrap();
    assert_eq!(connection.warnings.take(), ["old API"]);
    assert!(connection.warnings.take().is_empty());
}

#[tokio::test]
async fn a_busy_server_is_asked_again_and_a_changing_request_is_not() {
    let busy = |n, _: &_| {
        let mut answer = if n == 0 { answer(503, "busy") } else { answer(200, "done") };
        answer.headers_mut().insert("retry-after", "0".parse().unwrap());
        answer
    };
    let server = Server::http(busy).await;
    assert_eq!(get(&plain(&server).await, "/").await.unwrap(), "done");
    assert_eq!(server.seen().len(), 2);

    let server = Server::http(busy).await;
    let request = http::Request::patch("/").body(b"{}".to_vec()).unwrap();
    plain(&server).await.client.request_text(request).await.unwrap_err();
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_server_that_stays_busy_is_given_up() {
    let server = Server::http(|_, _| {
        let mut answer = answer(503, "");
        answer.headers_mut().insert("retry-after", "0".parse().unwrap());
        answer
    })
    .await;
    let error = explain(&get(&plain(&server).await, "/").await.unwrap_err());
    assert!(error.message.contains("503"), "{error}");
    assert_eq!(server.seen().len(), 4);
}

/// A server that takes one token only, and a plugin that issues t1, t2 and so on.
#[cfg(unix)]
async fn with_plugin(
    accepted: impl Fn(usize) -> &'static str + Send + Sync + 'static,
) -> (Folder, Server, Connection) {
    let folder = Folder::new();
    let count = folder.path("count").display().to_string();
    let script = format!(
        r#"echo x >> {count}; n=$(wc -l < {count} | tr -d ' ')
echo '{{"apiVersion":"client.authentication.k8s.io/v1","status":{{"token":"t'"$n"'"}}}}'"#
    );
    let script = folder.write("plugin.sh", &script);
    let user = format!(
        "exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, args: [{}]}}",
        script.display()
    );
    let server = Server::http(move |n, seen| {
        let known = seen.header("authorization") == Some(accepted(n));
        if known { answer(200, "in") } else { answer(401, r#"{"error":"who?"}"#) }
    })
    .await;
    let connection = connected(&server, &user, ConnectOptions::default()).await;
    (folder, server, connection)
}

#[cfg(unix)]
#[tokio::test]
async fn the_plugin_runs_once_for_a_whole_command() {
    let (folder, _server, connection) = with_plugin(|_| "Bearer t1").await;
    let asked = (0..8).map(|_| get(&connection, "/"));
    assert!(futures::future::join_all(asked).await.iter().all(Result::is_ok));
    assert_eq!(folder.read("count").lines().count(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_refused_credential_is_renewed_once_and_the_request_sent_again() {
    let (folder, server, connection) = with_plugin(|_| "Bearer t2").await;
    let request = http::Request::post("/").body(b"{}".to_vec()).unwrap();
    assert_eq!(connection.client.request_text(request).await.unwrap(), "in");
    assert_eq!(folder.read("count").lines().count(), 2);
    assert_eq!(server.seen().len(), 2);
}

#[cfg(unix)]
#[tokio::test]
async fn a_credential_that_expires_again_is_renewed_again() {
    let (folder, _server, connection) =
        with_plugin(|n| ["Bearer t1", "Bearer t2", "Bearer t2", "Bearer t3"][n.min(3)]).await;
    for _ in 0..4 {
        assert_eq!(get(&connection, "/").await.unwrap(), "in");
    }
    assert_eq!(folder.read("count").lines().count(), 3);
}

#[cfg(unix)]
#[tokio::test]
async fn a_credential_that_stays_refused_is_explained() {
    let (folder, server, connection) = with_plugin(|_| "Bearer never").await;
    let error = explain(&get(&connection, "/").await.unwrap_err());
    assert!(error.message.contains("401"), "{error}");
    assert!(error.hint.unwrap().contains("Log in"));
    get(&connection, "/").await.unwrap_err();
    assert_eq!(folder.read("count").lines().count(), 2, "not again for the next request");
    assert_eq!(server.seen().len(), 3);
}

/// A server that takes the connection and says only this.
async fn says(words: &'static [u8]) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        use tokio::io::AsyncReadExt as _;
        use tokio::io::AsyncWriteExt as _;
        let mut open = Vec::new();
        while let Ok((mut client, _)) = listener.accept().await {
            let asked = client.read(&mut [0; 4096]).await.unwrap_or(0);
            assert!(asked > 0);
            client.write_all(words).await.ok();
            open.push(client);
        }
    });
    port
}

#[tokio::test]
async fn the_request_timeout_covers_headers_and_body() {
    for words in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"] {
        let cluster = format!("server: 'http://127.0.0.1:{}'", says(words).await);
        let options =
            ConnectOptions { request_timeout: Some(Duration::from_millis(100)), ..Default::default() };
        let connection = connect_by(&kubeconfig(&cluster, ""), options, &[]).await.unwrap();
        let error = explain(&get(&connection, "/").await.unwrap_err());
        assert_eq!(error.message, "the server gave no complete answer within 0.1 s");
        assert!(error.hint.unwrap().contains("--request-timeout"));
    }
}

#[tokio::test]
async fn a_timeout_beyond_the_clock_is_none() {
    let server = Server::http(|_, _| answer(200, "in")).await;
    let options = ConnectOptions { request_timeout: Some(Duration::MAX), ..Default::default() };
    assert_eq!(get(&connected(&server, "", options).await, "/").await.unwrap(), "in");
}

#[derive(Clone, Default)]
struct Written(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn requests_are_traced_without_the_token() {
    let written = Written::default();
    let writer = written.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    // With a second one alive, lines that another test reached first are not lost to this one.
    let _other = tracing::Dispatch::new(tracing_subscriber::registry());
    let _guard = tracing::subscriber::set_default(subscriber);
    let server = Server::http(|_, _| answer(200, r#"{"kind":"Secret","data":{"a":"s3cr3t"}}"#)).await;
    let url = format!("http://127.0.0.1:{}/api/v1/pods?limit=1", server.port);
    let mut of_level = Vec::new();
    for verbosity in 6..=9 {
        written.0.lock().unwrap().clear();
        let options = ConnectOptions { verbosity, ..Default::default() };
        get(&connected(&server, "token: s3cr3t", options).await, "/api/v1/pods?limit=1").await.unwrap();
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert!(!text.contains("s3cr3t"), "{text}");
        of_level.push(text);
    }
    for (level, parts) in [
        (6, vec![format!("\"Response\" verb=\"GET\" url=\"{url}\" status=\"200 OK\" milliseconds=")]),
        (
            7,
            vec![
                format!("\"Request\" verb=\"GET\" url=\"{url}\" headers=<"),
                "Authorization: Bearer <masked>".into(),
            ],
        ),
        (
            7,
            vec![
                "User-Agent: kubectl-arc/test".into(),
                format!("url=\"{url}\" status=\"200 OK\" milliseconds="),
            ],
        ),
        (
            8,
            vec![
                format!("\"Request Body\" verb=\"GET\" url=\"{url}\" body=\"\""),
                format!("url=\"{url}\" status=\"200 OK\" headers=<"),
            ],
        ),
        (
            8,
            vec![format!("\"Response Body\" verb=\"GET\" url=\"{url}\" body=<"), r#""kind":"Secret""#.into()],
        ),
        (9, vec!["curl -v -XGET  -H \"Authorization: Bearer <masked>\"".into(), format!("'{url}'")]),
    ] {
        for part in parts {
            assert!(of_level[level - 6].contains(&part), "{level}: {part}\n{}", of_level[level - 6]);
        }
    }
    assert!(!of_level[0].contains(" headers=<") && !of_level[1].contains("Body\" verb="), "{of_level:?}");
}
