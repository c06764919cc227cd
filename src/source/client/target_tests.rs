use super::*;

const CONFIG: &str = "
current-context: dev
clusters:
- {name: c, cluster: {server: 'https://c:6443', tls-server-name: inner, certificate-authority-data: Y2E=}}
- {name: d, cluster: {server: 'https://d:6443'}}
contexts:
- {name: dev, context: {cluster: c, user: u, namespace: team}}
- {name: production, context: {cluster: d, user: ghost}}
- {name: broken, context: {cluster: gone, user: u}}
- {name: grouped, context: {cluster: c, user: grouped}}
- {name: both, context: {cluster: d, user: both}}
- {name: half, context: {cluster: d, user: half}}
users:
- {name: u, user: {token: t, tokenFile: /t}}
- {name: grouped, user: {token: t, as-groups: [g]}}
- {name: both, user: {token: t, username: x, password: y}}
- {name: half, user: {client-certificate: /crt}}
";

fn target(options: ConnectOptions) -> Result<Target, Error> {
    choose(&Kubeconfig::from_yaml(CONFIG).unwrap(), &options).map(Option::unwrap)
}

fn refusal(options: ConnectOptions) -> Error {
    target(options).err().unwrap()
}

fn context(name: &str) -> ConnectOptions {
    ConnectOptions { context: Some(name.into()), ..Default::default() }
}

#[test]
fn the_current_context_gives_cluster_user_and_namespace() {
    let target = target(ConnectOptions::default()).unwrap();
    assert_eq!((target.context.as_str(), target.namespace.as_str()), ("dev", "team"));
    assert_eq!(target.server.to_string(), "https://c:6443/");
    assert!(target.user.token.is_some() && target.notes.is_empty());
}

#[test]
fn the_namespace_flag_beats_the_context_and_default_is_last() {
    let flagged = ConnectOptions { namespace: Some("other".into()), ..Default::default() };
    assert_eq!(target(flagged).unwrap().namespace, "other");
    assert_eq!(target(context("production")).unwrap().namespace, "default");
}

#[test]
fn cluster_and_user_flags_beat_the_context() {
    let options =
        ConnectOptions { cluster: Some("d".into()), user: Some("half".into()), ..Default::default() };
    let error = refusal(ConnectOptions { client_key: None, ..options.clone() });
    assert!(error.message.contains("without a client key"), "{error}");
    let target = target(ConnectOptions { client_key: Some("/key".into()), ..options }).unwrap();
    assert_eq!(target.server.host(), Some("d"));
}

#[test]
fn unknown_names_are_refused_with_the_closest_and_the_others() {
    let error = refusal(context("prodution"));
    assert_eq!(error.message, r#"no context "prodution" in the kubeconfig"#);
    let hint = error.hint.unwrap();
    assert!(hint.starts_with(r#"Did you mean "production"?"#) && hint.contains("dev, production"), "{hint}");

    let error = refusal(ConnectOptions { cluster: Some("zzz".into()), ..Default::default() });
    assert_eq!(error.message, r#"no cluster "zzz" in the kubeconfig"#);
    assert_eq!(error.hint.as_deref(), Some("The kubeconfig has the clusters: c, d."));

    let error = refusal(ConnectOptions { user: Some("zzz".into()), ..Default::default() });
    assert_eq!(error.message, r#"no user "zzz" in the kubeconfig"#);
}

#[test]
fn a_context_without_its_cluster_is_refused() {
    let error = refusal(context("broken"));
    assert!(error.message.contains(r#""broken" names the cluster "gone""#), "{error}");
}

#[test]
fn a_context_without_its_user_connects_without_credentials_and_says_so() {
    let target = target(context("production")).unwrap();
    assert!(target.user.token.is_none());
    assert!(target.notes[0].contains(r#"names the user "ghost""#));
}

#[test]
fn groups_need_a_user_to_impersonate() {
    let groups = ConnectOptions { impersonate_groups: vec!["g".into()], ..Default::default() };
    assert_eq!(refusal(groups.clone()).hint.as_deref(), Some("Add --as."));
    refusal(context("grouped"));
    refusal(ConnectOptions { impersonate_uid: Some("1".into()), ..Default::default() });
    let user = target(ConnectOptions { impersonate: Some("x".into()), ..groups }).unwrap().user;
    assert_eq!(user.impersonate.as_deref(), Some("x"));
}

#[test]
fn an_authority_that_is_not_checked_is_refused() {
    let options = ConnectOptions { insecure_skip_tls_verify: true, ..Default::default() };
    let cluster = target(options.clone()).unwrap().cluster;
    assert_eq!(cluster.certificate_authority_data, None, "the flag replaces the kubeconfig's authority");
    let error = refusal(ConnectOptions { certificate_authority: Some("/ca".into()), ..options });
    assert!(error.message.contains("insecure-skip-tls-verify together"), "{error}");
}

#[test]
fn two_ways_to_log_in_are_refused_and_the_token_flag_replaces_the_others() {
    assert!(refusal(context("both")).message.contains("only one"));
    let user = target(ConnectOptions { token: Some("new".into()), ..context("both") }).unwrap().user;
    assert!(user.username.is_none() && user.token_file.is_none());
}

#[test]
fn a_server_flag_is_enough_and_clears_the_other_servers_name() {
    let options = ConnectOptions { server: Some("http://localhost:8080".into()), ..Default::default() };
    assert_eq!(target(options.clone()).unwrap().cluster.tls_server_name, None);
    let alone = choose(&Kubeconfig::default(), &options).unwrap().unwrap();
    assert_eq!((alone.context.as_str(), alone.namespace.as_str()), ("", "default"));
    assert!(choose(&Kubeconfig::default(), &ConnectOptions::default()).unwrap().is_none());
}

#[test]
fn credentials_are_sent_where_nobody_can_listen() {
    for (server, sent) in [
        ("https://c.example", true),
        ("http://127.0.0.1:8001", true),
        ("http://[::1]:8001", true),
        ("http://localhost", true),
        ("http://c.example", false),
    ] {
        let options = ConnectOptions {
            server: Some(server.to_owned()),
            token: Some("t".into()),
            impersonate: Some("jane".into()),
            ..Default::default()
        };
        let target = choose(&Kubeconfig::default(), &options).unwrap().unwrap();
        assert_eq!((target.user.token.is_some(), target.notes.is_empty()), (sent, sent), "{server}");
        assert_eq!(target.user.impersonate.as_deref(), Some("jane"));
    }
}

#[test]
fn an_empty_flag_is_none() {
    let empty = || Some(String::new());
    let nowhere = || Some(std::path::PathBuf::new());
    let target = target(ConnectOptions {
        context: empty(),
        cluster: empty(),
        user: empty(),
        server: empty(),
        token: Some("".into()),
        username: empty(),
        password: Some("".into()),
        certificate_authority: nowhere(),
        client_certificate: nowhere(),
        client_key: nowhere(),
        tls_server_name: empty(),
        impersonate: empty(),
        impersonate_uid: empty(),
        namespace: empty(),
        ..Default::default()
    })
    .unwrap();
    let (cluster, user) = (target.cluster, target.user);
    assert_eq!(cluster.certificate_authority_data.as_deref(), Some("Y2E="));
    assert_eq!((cluster.certificate_authority, cluster.tls_server_name.as_deref()), (None, Some("inner")));
    assert_eq!(secrecy::ExposeSecret::expose_secret(&user.token.unwrap()), "t");
    assert_eq!(user.token_file.as_deref(), Some("/t"));
    assert_eq!((user.username, user.password.is_none()), (None, true));
    assert_eq!((user.client_certificate, user.client_key, user.impersonate), (None, None, None));
    assert_eq!(target.namespace, "team");
}
