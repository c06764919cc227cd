use super::*;
use crate::source::client::testing::Folder;
use secrecy::ExposeSecret as _;

const API: &str = "client.authentication.k8s.io/v1beta1";

fn shell(script: &str) -> ExecConfig {
    let variable = [("name", "GREETING"), ("value", "hello")].map(|(k, v)| (k.to_owned(), v.to_owned()));
    ExecConfig {
        api_version: Some(API.into()),
        command: Some("sh".into()),
        args: Some(vec!["-c".into(), script.into()]),
        env: Some(vec![variable.into()]),
        ..Default::default()
    }
}

fn says(status: &str) -> ExecConfig {
    shell(&format!(r#"echo '{{"kind":"ExecCredential","apiVersion":"{API}","status":{status}}}'"#))
}

async fn run(exec: &ExecConfig) -> Result<Issued, Error> {
    Plugin::new(exec, &Cluster::default(), &Environment::of(&[]))?.run().await
}

#[expect(clippy::unwrap_used, reason = "a test says what is wrong by panicking")]
async fn failure(exec: &ExecConfig) -> Error {
    run(exec).await.err().unwrap()
}

#[tokio::test]
async fn a_token_is_read_from_json_and_from_yaml() {
    let issued = run(&says(r#"{"token":"t\n"}"#)).await.unwrap();
    assert_eq!(issued.token.unwrap().expose_secret(), "t");
    let yaml = format!("printf 'kind: ExecCredential\\napiVersion: {API}\\nstatus:\\n  token: y\\n'");
    assert_eq!(run(&shell(&yaml)).await.unwrap().token.unwrap().expose_secret(), "y");
}

#[tokio::test]
async fn the_plugin_sees_its_variables_and_what_is_asked_of_it() {
    let folder = Folder::new();
    let seen = folder.path("seen");
    let script = format!(
        r#"printf '%s\n%s\n' "$GREETING" "$KUBERNETES_EXEC_INFO" > {}; echo '{{"apiVersion":"{API}","status":{{"token":"t"}}}}'"#,
        seen.display()
    );
    let cluster = Cluster {
        server: Some("https://c:6443".into()),
        certificate_authority_data: Some("Y2E=".into()),
        tls_server_name: Some("inner".into()),
        ..Default::default()
    };
    let exec = ExecConfig { provide_cluster_info: true, ..shell(&script) };
    Plugin::new(&exec, &cluster, &Environment::of(&[])).unwrap().run().await.unwrap();
    let text = folder.read("seen");
    let (greeting, info) = text.split_once('\n').unwrap();
    assert_eq!(greeting, "hello");
    let info: serde_json::Value = serde_json::from_str(info).unwrap();
    assert_eq!(info["kind"], "ExecCredential");
    assert_eq!(info["apiVersion"], API);
    assert_eq!(info["spec"]["interactive"], false);
    assert_eq!(info["spec"]["cluster"]["server"], "https://c:6443");
    assert_eq!(info["spec"]["cluster"]["tls-server-name"], "inner");
    assert!(info["spec"]["cluster"]["certificate-authority-data"].as_str().unwrap().starts_with("Y2E"));
}

#[tokio::test]
async fn the_interactive_mode_follows_the_terminal() {
    let told = |mode: Option<ExecInteractiveMode>, stdin_is_terminal: bool| {
        let exec = ExecConfig { interactive_mode: mode, ..shell("") };
        let mut environment = Environment::of(&[]);
        environment.stdin_is_terminal = stdin_is_terminal;
        Plugin::new(&exec, &Cluster::default(), &environment).map(|plugin| plugin.interactive)
    };
    use ExecInteractiveMode::Always;
    use ExecInteractiveMode::IfAvailable;
    use ExecInteractiveMode::Never;
    assert_eq!(told(Some(Never), true), Ok(false));
    assert_eq!(told(Some(IfAvailable), true), Ok(true));
    assert_eq!(told(None, false), Ok(false));
    assert_eq!(told(Some(Always), true), Ok(true));
    let error = told(Some(Always), false).unwrap_err();
    assert!(error.to_string().contains("standard input is not a terminal"), "{error}");
}

#[tokio::test]
async fn without_a_terminal_the_plugin_cannot_read_what_is_typed() {
    let script =
        format!(r#"read -r line; echo '{{"apiVersion":"{API}","status":{{"token":"t'"$line"'"}}}}'"#);
    assert_eq!(run(&shell(&script)).await.unwrap().token.unwrap().expose_secret(), "t");
}

#[tokio::test]
async fn a_missing_command_is_named_with_the_hint() {
    let missing = ExecConfig { command: Some("no-such-plugin".into()), ..shell("") };
    let error = failure(&missing).await;
    assert_eq!(error.message, "the credential plugin no-such-plugin is not installed");
    assert!(error.hint.unwrap().contains("client-go-credential-plugins"));
    let hinted = ExecConfig { install_hint: Some("brew install it".into()), ..missing };
    assert_eq!(failure(&hinted).await.hint.as_deref(), Some("brew install it"));
}

#[tokio::test]
async fn a_failing_plugin_is_named_and_what_it_answered_is_not() {
    let error = failure(&shell("echo secret; exit 3")).await;
    assert_eq!(error.message, "the credential plugin sh failed with exit status: 3");
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn an_unusable_answer_is_not_repeated() {
    let old = shell(r#"echo '{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"s3cr3t"}}'"#);
    for (exec, reason) in [
        (shell("echo s3cr3t"), "an ExecCredential"),
        (shell("echo '{s3cr3t'"), "an ExecCredential"),
        (shell("true"), "an ExecCredential"),
        (old, "another API version"),
        (says("null"), "without a status"),
        (says(r#"{"token":""}"#), "neither a token nor a certificate"),
        (says(r#"{"token":"s3cr3t","clientKeyData":"s3cr3t"}"#), "a certificate or a key"),
    ] {
        let error = failure(&exec).await;
        assert!(error.message.contains(reason), "{error}");
        assert!(!format!("{error:?}").contains("s3cr3t"), "{error:?}");
    }
}
