use super::*;
use crate::source::client::testing::Folder;

const ONE: &str = "
current-context: ''
clusters: [{name: c, cluster: {server: 'https://one', certificate-authority: ca/one.crt}}]
contexts: [{name: a, context: {cluster: c, user: u}}]
users:
- name: u
  user: {tokenFile: token, client-certificate: /abs/u.crt, exec: {command: ./bin/plugin}}
- name: v
  user: {exec: {command: plugin}}
";
const TWO: &str = "
current-context: a
clusters: [{name: c, cluster: {server: 'https://two'}}, {name: d, cluster: {server: 'https://d'}}]
";

fn from_env(list: &str) -> Result<Loaded, Error> {
    load(&ConnectOptions::default(), &Environment::of(&[("KUBECONFIG", list)]))
}

#[test]
fn the_first_file_to_set_a_value_wins_and_missing_files_are_skipped() {
    let folder = Folder::new();
    let (one, two) = (folder.write("one.yaml", ONE), folder.write("sub/two.yaml", TWO));
    let list = std::env::join_paths([&folder.path("missing"), &one, &two]).unwrap();
    let loaded = from_env(list.to_str().unwrap()).unwrap();
    assert!(loaded.found);
    assert_eq!(loaded.looked_for.len(), 3);
    let servers: Vec<_> =
        loaded.config.clusters.iter().map(|c| c.cluster.as_ref().unwrap().server.clone().unwrap()).collect();
    assert_eq!(servers, ["https://one", "https://d"]);
    assert_eq!(loaded.config.current_context.as_deref(), Some("a"), "an empty current-context is no value");
}

#[test]
fn relative_paths_are_relative_to_their_file() {
    let folder = Folder::new();
    let loaded = from_env(folder.write("one.yaml", ONE).to_str().unwrap()).unwrap();
    let config = loaded.config;
    let at = |name: &str| Some(folder.path("").join(name).to_str().unwrap().to_owned());
    assert_eq!(config.clusters[0].cluster.as_ref().unwrap().certificate_authority, at("ca/one.crt"));
    let user = config.auth_infos[0].auth_info.clone().unwrap();
    assert_eq!(user.token_file, at("token"));
    assert_eq!(user.client_certificate.as_deref(), Some("/abs/u.crt"));
    assert_eq!(user.exec.unwrap().command, at("./bin/plugin"));
    let bare = config.auth_infos[1].auth_info.clone().unwrap().exec.unwrap().command;
    assert_eq!(bare.as_deref(), Some("plugin"), "a bare name is looked up in PATH");
}

#[test]
fn the_default_file_is_in_the_home() {
    let folder = Folder::new();
    folder.write(".kube/config", ONE);
    let home = folder.path("");
    let loaded =
        load(&ConnectOptions::default(), &Environment::of(&[("HOME", home.to_str().unwrap())])).unwrap();
    assert!(loaded.found);
}

#[test]
fn a_missing_file_that_the_flag_names_is_an_error() {
    let options = ConnectOptions { kubeconfig: Some("/nonexistent/kubeconfig".into()), ..Default::default() };
    let error = load(&options, &Environment::of(&[])).err().unwrap();
    assert!(error.message.contains("/nonexistent/kubeconfig"), "{error}");
}

#[test]
fn an_unparsable_file_is_named_with_its_line_and_without_its_words() {
    let folder = Folder::new();
    let path = folder.write("bad.yaml", "apiVersion: v1\nusers:\n- name: u\n  user: s3cr3t\n");
    let error = from_env(path.to_str().unwrap()).err().unwrap();
    assert!(error.message.contains("bad.yaml, line 4"), "{error}");
    assert!(!error.to_string().contains("s3cr3t"), "{error}");
    for words in [
        "- s3cr3t",
        "s3cr3t",
        "a: *s3cr3t",
        "users:\n- s3cr3t: [s3cr3t",
        "clusters: [{name: c, cluster: {insecure-skip-tls-verify: s3cr3t}}]",
        "users: [{name: u, user: {token: [s3cr3t]}}]",
        "users: [{name: u, user: {exec: {interactiveMode: s3cr3t}}}]",
        "users: [{name: u, user: {token: 's3cr3t}}]",
    ] {
        let path = folder.write("words.yaml", words);
        let error = from_env(path.to_str().unwrap()).err().unwrap();
        assert!(!error.to_string().contains("s3cr3t"), "{error}");
    }
    let reason =
        without_quotations("missing field `name`, not \"s3cr3t\", 's3cr3t' or `s3cr3t` at line 1, column 1");
    assert_eq!(reason, "missing field name, not …, … or …");
    let path = folder.write("torn.yaml", "apiVersion: v1\nclusters: [\n  token: {s3cr3t\n");
    let error = from_env(path.to_str().unwrap()).err().unwrap();
    assert!(error.message.contains("torn.yaml, line"), "{error}");
    assert!(!error.to_string().contains("s3cr3t"), "{error}");
}

#[test]
fn byte_order_marks_are_read_and_broken_bytes_refused() {
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain("kind: Config".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(decode(&utf16).as_deref(), Some("kind: Config"));
    assert_eq!(decode(b"\xEF\xBB\xBFa").as_deref(), Some("a"));
    assert_eq!(decode(&utf16[..utf16.len() - 1]), None, "half a character");
    assert_eq!(decode(b"\xFF\xFE\x00"), None);
    assert_eq!(decode(b"a\xFF"), None);
}

#[test]
fn what_kubectl_takes_is_taken() {
    let folder = Folder::new();
    let text = "current-context: a
current-context: b
contexts: [{name: b, context: {namespace: n}}]
---
current-context: c
";
    let loaded = from_env(folder.write("odd.yaml", text).to_str().unwrap()).unwrap();
    assert_eq!(loaded.config.current_context.as_deref(), Some("b"));
    assert_eq!(loaded.config.contexts[0].context.as_ref().unwrap().namespace.as_deref(), Some("n"));
    let empty = from_env(folder.write("empty.yaml", "").to_str().unwrap()).unwrap();
    assert!(empty.found && empty.config.contexts.is_empty());
}
