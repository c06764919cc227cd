use super::*;
use crate::source::client::testing::Folder;

fn config(yaml: &str) -> AuthInfo {
    let text = format!("users: [{{name: u, user: {{{yaml}}}}}]");
    kube::config::Kubeconfig::from_yaml(&text).unwrap().auth_infos.remove(0).auth_info.unwrap()
}

async fn credentials(yaml: &str) -> Result<Credentials, Error> {
    Credentials::new(&config(yaml), &Cluster::default(), &Environment::of(&[])).await
}

async fn sent(credentials: &Credentials) -> Option<String> {
    let mut request = Request::new(Body::empty());
    credentials.current().await.apply(&mut request);
    request.headers().get(AUTHORIZATION).map(|value| {
        assert!(value.is_sensitive());
        value.to_str().unwrap().to_owned()
    })
}

async fn header(yaml: &str) -> Option<String> {
    sent(&credentials(yaml).await.unwrap()).await
}

#[tokio::test]
async fn tokens_and_passwords_are_sent() {
    assert_eq!(header("token: t").await.as_deref(), Some("Bearer t"));
    assert_eq!(header("username: u, password: p").await.as_deref(), Some("Basic dTpw"));
    assert_eq!(
        header("auth-provider: {name: oidc, config: {id-token: o}}").await.as_deref(),
        Some("Bearer o")
    );
    assert_eq!(header("").await, None);
}

#[tokio::test]
async fn a_token_file_is_trimmed_and_beats_the_token() {
    let folder = Folder::new();
    let path = folder.write("token", " fresh\n");
    let path = path.display();
    assert_eq!(header(&format!("tokenFile: {path}")).await.as_deref(), Some("Bearer fresh"));
    assert_eq!(header(&format!("tokenFile: {path}, token: t")).await.as_deref(), Some("Bearer fresh"));
    assert_eq!(header("tokenFile: /nonexistent, token: t").await.as_deref(), Some("Bearer t"));
    let error = credentials("tokenFile: /nonexistent").await.err().unwrap();
    assert!(error.message.contains("/nonexistent"), "{error}");
}

#[tokio::test]
async fn a_token_that_cannot_be_sent_is_not_repeated() {
    let error = credentials(r#"token: "s3cr3t\ntoken""#).await.err().unwrap();
    assert!(!format!("{error:?}").contains("s3cr3t"));
}

#[tokio::test]
async fn dropped_auth_providers_are_named() {
    let error =
        credentials("auth-provider: {name: gcp, config: {access-token: s3cr3t}}").await.err().unwrap();
    assert!(error.message.contains("gcp") && !format!("{error:?}").contains("s3cr3t"));
    let error = credentials("auth-provider: {name: oidc}").await.err().unwrap();
    assert!(error.hint.unwrap().contains("kubectl"));
}

#[tokio::test]
async fn a_fixed_token_is_not_renewed_and_a_file_only_when_it_changed() {
    let fixed = credentials("token: t").await.unwrap();
    assert!(fixed.renew(&fixed.current().await).await.unwrap().is_none());

    let folder = Folder::new();
    let path = folder.write("token", "one");
    let file = credentials(&format!("tokenFile: {}", path.display())).await.unwrap();
    let lease = file.current().await;
    assert!(file.renew(&lease).await.unwrap().is_none());
    folder.write("token", "two");
    assert!(file.renew(&lease).await.unwrap().is_some());
    assert_eq!(sent(&file).await.as_deref(), Some("Bearer two"));
}

#[cfg(unix)]
fn counting(folder: &Folder) -> String {
    let count = folder.path("count").display().to_string();
    let script = folder.write(
        "plugin.sh",
        &format!(
            r#"echo x >> {count}
n=$(wc -l < {count} | tr -d ' ')
echo '{{"apiVersion":"client.authentication.k8s.io/v1","status":{{"token":"t'"$n"'"}}}}'"#
        ),
    );
    format!(
        "exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, args: [{}]}}",
        script.display()
    )
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_beside_the_plugin_spares_it() {
    let folder = Folder::new();
    assert_eq!(header(&format!("token: t, {}", counting(&folder))).await.as_deref(), Some("Bearer t"));
    assert_eq!(folder.read("count"), "");
}

#[cfg(unix)]
#[tokio::test]
async fn requests_that_fail_together_run_the_plugin_once() {
    let folder = Folder::new();
    let credentials = credentials(&counting(&folder)).await.unwrap();
    let lease = credentials.current().await;
    let (one, other) = tokio::join!(credentials.renew(&lease), credentials.renew(&lease));
    assert!(one.unwrap().is_some() && other.unwrap().is_some());
    assert_eq!(folder.read("count").lines().count(), 2);
}

#[cfg(unix)]
#[tokio::test]
async fn a_renewed_token_is_renewed_again_only_after_it_worked() {
    let folder = Folder::new();
    let credentials = credentials(&counting(&folder)).await.unwrap();
    let second = credentials.renew(&credentials.current().await).await.unwrap().unwrap();
    assert!(credentials.renew(&second).await.unwrap().is_none(), "never accepted");
    credentials.prove(&second).await;
    assert!(credentials.renew(&second).await.unwrap().is_some(), "expired later");
    assert_eq!(sent(&credentials).await.as_deref(), Some("Bearer t3"));
}
