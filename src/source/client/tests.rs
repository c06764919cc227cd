//! The room as a whole: flags, files and environment in, requests at a server out.

use super::*;
use testing::Authority;
use testing::Folder;
use testing::Server;
use testing::Wish;
use testing::answer;
use testing::connect_by;
use testing::get;
use testing::http_proxy;
use testing::https_proxy;
use testing::kubeconfig;
use testing::socks_proxy;

#[tokio::test]
async fn a_connection_knows_its_context_and_namespace() {
    let cluster = "server: 'https://me:s3cr3t@c.example:6443/base/'";
    let connection = connect_by(&kubeconfig(cluster, ""), ConnectOptions::default(), &[]).await.unwrap();
    assert_eq!((connection.context.as_str(), connection.namespace.as_str()), ("test", "team"));
    assert_eq!(connection.client.default_namespace(), "team");
}

#[tokio::test]
async fn no_kubeconfig_at_all_names_what_was_looked_for() {
    let refusal = async |variables: &[(&str, &str)]| {
        connect_in(&ConnectOptions::default(), &Environment::of(variables)).await.err().unwrap()
    };
    let list = std::env::join_paths(["/nonexistent/a", "/nonexistent/b"]).unwrap();
    let error = refusal(&[("KUBECONFIG", list.to_str().unwrap()), ("HOME", "/nonexistent")]).await;
    assert_eq!(error.message, "no kubeconfig found: looked for /nonexistent/a, /nonexistent/b");
    let error = refusal(&[("HOME", "/nonexistent")]).await;
    assert_eq!(error.message, "no kubeconfig found: looked for /nonexistent/.kube/config");
    assert!(refusal(&[]).await.message.contains("not set"));
    let options = ConnectOptions { context: Some("x".into()), ..Default::default() };
    let error = connect_in(&options, &Environment::of(&[("HOME", "/nonexistent")])).await.err().unwrap();
    assert!(error.message.contains("looked for"), "{error}");
}

#[tokio::test]
async fn without_a_current_context_the_contexts_are_listed() {
    let text = kubeconfig("server: 'https://c'", "").replace("current-context: test", "");
    let error = connect_by(&text, ConnectOptions::default(), &[]).await.err().unwrap();
    assert_eq!(error.message, "the kubeconfig has no current context");
    assert!(error.hint.unwrap().contains("contexts: test."));
}

#[tokio::test]
async fn a_pod_is_its_own_cluster_only_without_a_kubeconfig() {
    let account = Folder::new();
    account.write("token", "pod-token\n");
    let mut environment =
        Environment::of(&[("KUBERNETES_SERVICE_HOST", "10.0.0.1"), ("KUBERNETES_SERVICE_PORT", "443")]);
    environment.service_account = account.path("");
    let target = find_target(&ConnectOptions::default(), &environment).unwrap();
    assert_eq!(target.server.host(), Some("10.0.0.1"));

    let config = account.write("config", &kubeconfig("server: 'https://c.example'", ""));
    let options = ConnectOptions { kubeconfig: Some(config), ..Default::default() };
    assert_eq!(find_target(&options, &environment).unwrap().server.host(), Some("c.example"));
    let options = ConnectOptions { server: Some("https://s.example".into()), ..Default::default() };
    assert_eq!(find_target(&options, &environment).unwrap().server.host(), Some("s.example"));
}

#[tokio::test]
async fn a_missing_user_is_warned_of() {
    let text = kubeconfig("server: 'http://c.example'", "").replace("name: u,", "name: other,");
    let connection = connect_by(&text, ConnectOptions::default(), &[]).await.unwrap();
    assert!(connection.notes[0].contains(r#"the user "u""#));
}

/// A server for `c.example` behind a proxy, and how a kubeconfig names it.
async fn behind() -> (Server, String) {
    let authority = Authority::new();
    let server =
        Server::https(&authority.issue(Wish::server(&["c.example"])), |_, _| answer(200, "in")).await;
    (server, format!("server: 'https://c.example', certificate-authority-data: {}", authority.data()))
}

#[tokio::test]
async fn an_http_proxy_gets_a_tunnel_and_its_credentials() {
    let (server, cluster) = behind().await;
    let (port, asked) = http_proxy(server.port).await;
    let proxy = format!("http://me:p%40ss@127.0.0.1:{port}");
    let text = kubeconfig(&cluster, "token: t");
    let connection = connect_by(&text, ConnectOptions::default(), &[("HTTPS_PROXY", &proxy)]).await.unwrap();
    assert_eq!(get(&connection, "/").await.unwrap(), "in");
    let asked = asked.lock().unwrap()[0].to_ascii_lowercase();
    assert!(asked.starts_with("connect c.example:443 "), "{asked}");
    assert!(asked.contains("proxy-authorization: basic bwu6cebzcw=="), "{asked}");
    assert!(!asked.contains("bearer"), "the token is for the server only");
}

#[tokio::test]
async fn a_socks_proxy_resolves_the_name() {
    for scheme in ["socks5", "socks5h"] {
        let (server, cluster) = behind().await;
        let (port, asked) = socks_proxy(server.port).await;
        let text = kubeconfig(&format!("{cluster}, proxy-url: '{scheme}://127.0.0.1:{port}'"), "token: t");
        let connection = connect_by(&text, ConnectOptions::default(), &[]).await.unwrap();
        assert_eq!(get(&connection, "/").await.unwrap(), "in");
        assert_eq!(*asked.lock().unwrap(), ["c.example"]);
    }
}

#[tokio::test]
async fn a_socks_proxy_gets_its_credentials() {
    let (server, cluster) = behind().await;
    let (port, asked) = socks_proxy(server.port).await;
    let text =
        kubeconfig(&format!("{cluster}, proxy-url: 'socks5://me:p%40ss@127.0.0.1:{port}'"), "token: t");
    let connection = connect_by(&text, ConnectOptions::default(), &[]).await.unwrap();
    assert_eq!(get(&connection, "/").await.unwrap(), "in");
    assert_eq!(*asked.lock().unwrap(), ["me", "p@ss", "c.example"]);
}

#[tokio::test]
async fn an_https_proxy_is_spoken_to_over_tls() {
    let authority = Authority::new();
    let server = Server::https(&authority.issue(Wish::server(&["inner"])), |_, _| answer(200, "in")).await;
    let (port, asked) = https_proxy(&authority.issue(Wish::server(&["127.0.0.1"])), server.port).await;
    let cluster = format!(
        "server: 'https://c.example', tls-server-name: inner, certificate-authority-data: {}, \
         proxy-url: 'https://127.0.0.1:{port}'",
        authority.data()
    );
    let text = kubeconfig(&cluster, "token: t");
    let connection = connect_by(&text, ConnectOptions::default(), &[]).await.unwrap();
    assert_eq!(get(&connection, "/").await.unwrap(), "in");
    assert!(asked.lock().unwrap()[0].starts_with("CONNECT c.example:443 "));
}

#[tokio::test]
async fn a_server_on_loopback_is_reached_past_the_environments_proxy() {
    let server = Server::http(|_, _| answer(200, "in")).await;
    let text = kubeconfig(&format!("server: 'http://127.0.0.1:{}'", server.port), "");
    let dead = [("HTTP_PROXY", "http://127.0.0.1:1"), ("NO_PROXY", "a,,b,")];
    let connection = connect_by(&text, ConnectOptions::default(), &dead).await.unwrap();
    assert_eq!(get(&connection, "/").await.unwrap(), "in");
}

#[cfg(unix)]
#[tokio::test]
async fn a_plugins_new_certificate_is_shown_on_a_new_connection() {
    let authority = Authority::new();
    let clients = [authority.issue(Wish::server(&[])), authority.issue(Wish::server(&[]))];
    let folder = Folder::new();
    for (n, client) in clients.iter().enumerate() {
        let status = serde_json::json!({
            "apiVersion": "client.authentication.k8s.io/v1",
            "status": { "clientCertificateData": client.pem(), "clientKeyData": client.key_pem() },
        });
        folder.write(&format!("{}.json", n + 1), &status.to_string());
    }
    let base = folder.path("").display().to_string();
    let script = format!("echo x >> {base}/count; cat {base}/$(wc -l < {base}/count | tr -d ' ').json");
    let script = folder.write("plugin.sh", &script);
    let wanted = clients[1].der.clone();
    let server = Server::https(&authority.issue(Wish::server(&["127.0.0.1"])), move |_, seen| {
        if seen.certificate.as_ref() == Some(&wanted) { answer(200, "in") } else { answer(401, "") }
    })
    .await;
    let cluster = format!(
        "server: 'https://127.0.0.1:{}', certificate-authority-data: {}",
        server.port,
        authority.data()
    );
    let user = format!(
        "exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, args: [{}]}}",
        script.display()
    );
    let connection = connect_by(&kubeconfig(&cluster, &user), ConnectOptions::default(), &[]).await.unwrap();
    assert_eq!(get(&connection, "/").await.unwrap(), "in");
    let shown: Vec<_> = server.seen().into_iter().map(|seen| seen.certificate.unwrap()).collect();
    assert_eq!(shown, [clients[0].der.clone(), clients[1].der.clone()]);
}
