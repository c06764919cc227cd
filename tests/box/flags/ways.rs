//! Which cluster is meant, and the way to it.

use std::thread;
use std::time::Duration;
use std::time::Instant;

use serde_json::json;

use super::Check;
use super::bench;
use super::bench::Bench;
use super::bench::Ear;
use super::bench::GET;
use super::bench::NAMESPACE;
use super::bench::WHY;
use crate::Outcome;
use crate::process;

pub const CHECKS: &[Check] = &[
    ("kubeconfig", kubeconfig),
    ("context", context),
    ("cluster", cluster),
    ("server", server),
    ("certificate-authority", certificate_authority),
    ("tls-server-name", tls_server_name),
    ("insecure-skip-tls-verify", insecure_skip_tls_verify),
    ("request-timeout", request_timeout),
    ("compression", compression),
    ("proxies", proxies),
];

/// A certificate of somebody else.
const OTHER: &str = "\
-----BEGIN CERTIFICATE-----
MIIBhzCCAS2gAwIBAgIUIgF6awMmrA4IEZ/kBZ8Hp8xgYvkwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNc29tZWJvZHkgZWxzZTAgFw0yNjExMjYwNzMzMjlaGA8yMTI2
MTEwMjA3MzMyOVowGDEWMBQGA1UEAwwNc29tZWJvZHkgZWxzZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABBEWolh5s2/yfeOV+sNe1yaQxlE7MGe5ZA2FGd/4sD3E
7RtvURvxeDa26N+7X3upc3cJ05/fJXKLvK3429Cs1K+jUzBRMB0GA1UdDgQWBBTc
XUyzGXTWMZuqRZnqwi/hOPz5hjAfBgNVHSMEGDAWgBTcXUyzGXTWMZuqRZnqwi/h
OPz5hjAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIBAt0wojPC/h
Nwabh/Eyl9yFl9M/U3c992N72SWy1HEGAiEAjQkm+pKBQILURImcdyRD47JWWdE5
IzFYpvhIQlnGFxU=
-----END CERTIFICATE-----
";

/// The flag, and a list of files in KUBECONFIG that are one only together.
fn kubeconfig(bench: &Bench) -> Outcome<()> {
    let path = bench.cluster.kubeconfig.to_string_lossy();
    let nowhere = std::path::Path::new("/nonexistent/kubeconfig");
    bench.both_answer_with(nowhere, &["--kubeconfig", &path])?;
    bench.both_refuse(&["--kubeconfig", "/nonexistent/other"], &["/nonexistent/other"])?;
    let who = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "both",
        "contexts": [{"name": "both", "context": {"cluster": "c", "user": "u", "namespace": NAMESPACE}}],
        "users": [{"name": "u", "user": {"token": bench.token}}],
    });
    let place = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "other",
        "clusters": [{"name": "c", "cluster": bench.cluster_entry()}],
    });
    let files = [bench.write("who", &who.to_string())?, bench.write("place", &place.to_string())?];
    let list = std::env::join_paths(&files).map_err(|error| error.to_string())?;
    let list = std::path::PathBuf::from(list);
    bench.both_answer_with(&list, &[])?;
    // The first file's context counts, and its namespace is the default.
    bench::answers(&mut bench.ours_with(&list, &["why", "web", "-ojson"]))?;
    process::must(&mut bench.kubectl_with(&list, &["get", "autoscalingrunnersets/web"]))?;
    bench.both_refuse_with(&files[0], &[], &["which no kubeconfig defines"])
}

fn context(bench: &Bench) -> Outcome<()> {
    let named = |name: &str, namespace: &str| json!({"name": name, "context": {"cluster": "c", "user": "u", "namespace": namespace}});
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "first",
        "clusters": [{"name": "c", "cluster": bench.cluster_entry()}],
        "contexts": [named("first", "arc-empty"), named("second", NAMESPACE)],
        "users": [{"name": "u", "user": {"token": bench.token}}],
    });
    let path = bench.write("contexts", &config.to_string())?;
    bench::refused(&mut bench.ours_with(&path, &["why", "web"]), 2, &["arc-empty/web"])?;
    bench::answers(&mut bench.ours_with(&path, &["why", "web", "-ojson", "--context", "second"]))?;
    process::must(
        &mut bench.kubectl_with(&path, &["get", "autoscalingrunnersets/web", "--context", "second"]),
    )?;
    bench.both_refuse_with(&path, &["--context", "secnd"], &["secnd", "Did you mean \"second\"?"])
}

fn cluster(bench: &Bench) -> Outcome<()> {
    let config = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "dead", "cluster": {"server": "https://127.0.0.1:1"}},
                     {"name": "alive", "cluster": bench.cluster_entry()}],
        "contexts": [{"name": "c", "context": {"cluster": "dead", "user": "u"}}],
        "users": [{"name": "u", "user": {"token": bench.token}}],
    });
    let path = bench.write("clusters", &config.to_string())?;
    bench.both_refuse_with(&path, &[], &["127.0.0.1:1"])?;
    bench.both_answer_with(&path, &["--cluster", "alive"])?;
    bench.both_refuse_with(&path, &["--cluster", "nope"], &["\"nope\"", "alive"])
}

fn server(bench: &Bench) -> Outcome<()> {
    let authority = bench.authority.to_string_lossy();
    let nothing = bench.write("nothing", "")?;
    let flags = ["--certificate-authority", &authority, "--token", &bench.token];
    for flag in ["-s", "--server"] {
        bench.both_answer_with(&nothing, &[&flags[..], &[flag, &bench.server]].concat())?;
    }
    bench.both_refuse(&["--server", "https://127.0.0.1:1"], &["127.0.0.1:1"])?;
    bench.both_refuse(&["--server", "ftp://127.0.0.1"], &["https://HOST"])
}

fn certificate_authority(bench: &Bench) -> Outcome<()> {
    let config =
        bench.config("no-authority", &json!({"server": bench.server}), &json!({"token": bench.token}))?;
    bench.both_answer_with(&config, &["--certificate-authority", &bench.authority.to_string_lossy()])?;
    let other = bench.write("other.crt", OTHER)?;
    bench.both_refuse_with(
        &config,
        &["--certificate-authority", &other.to_string_lossy()],
        &["certificate"],
    )?;
    bench.both_refuse_with(&config, &["--certificate-authority", "/nonexistent/ca"], &["/nonexistent/ca"])
}

fn tls_server_name(bench: &Bench) -> Outcome<()> {
    bench.both_answer(&["--tls-server-name", "kubernetes.default.svc"])?;
    bench.both_refuse(&["--tls-server-name", "other.example"], &["other.example"])
}

fn insecure_skip_tls_verify(bench: &Bench) -> Outcome<()> {
    let config = bench.config("unknown", &json!({"server": bench.server}), &json!({"token": bench.token}))?;
    bench.both_refuse_with(&config, &[], &["certificate"])?;
    bench.both_refuse_with(&config, &["--insecure-skip-tls-verify=false"], &["certificate"])?;
    for flag in ["--insecure-skip-tls-verify", "--insecure-skip-tls-verify=true"] {
        bench.both_answer_with(&config, &[flag])?;
    }
    let authority = bench.authority.to_string_lossy();
    let both = ["--insecure-skip-tls-verify", "--certificate-authority", &authority];
    bench.both_refuse_with(&config, &both, &["insecure-skip-tls-verify"])
}

/// A server that never answers is given up.
fn request_timeout(bench: &Bench) -> Outcome<()> {
    for time in ["10s", "1m", "0", "10"] {
        bench.both_answer(&["--request-timeout", time])?;
    }
    let ear = Ear::silent()?;
    let server = format!("http://{}", ear.address);
    let start = Instant::now();
    bench.both_refuse(&["--server", &server, "--request-timeout", "1s"], &["within 1 s"])?;
    if start.elapsed() > Duration::from_secs(30) {
        return Err("a timeout of one second takes longer than half a minute".to_owned());
    }
    // Whoever gave up may be gone before what he asked is noted down.
    let mut heard = 0;
    while heard < 2 && start.elapsed() < Duration::from_secs(60) {
        heard += ear.heard().len();
        thread::sleep(Duration::from_millis(50));
    }
    if heard < 2 {
        return Err("the silent server was not asked by both".to_owned());
    }
    bench.both_refuse(&["--request-timeout", "1x"], &["--request-timeout", "30s, 2m"])
}

/// kubectl heeds the flag only with TLS, where nobody can listen: so ours alone is listened to.
fn compression(bench: &Bench) -> Outcome<()> {
    bench.both_answer(&["--disable-compression"])?;
    let ear = Ear::hanging_up()?;
    let server = format!("http://{}", ear.address);
    for (flags, zipped) in
        [(&[][..], true), (&["--disable-compression"], false), (&["--disable-compression=false"], true)]
    {
        process::run(&mut bench.ours(&[&WHY[..], &["--server", &server], flags].concat()))?;
        let heard = ear.heard();
        let asks = |head: &String| head.to_ascii_lowercase().contains("accept-encoding: gzip");
        if heard.is_empty() || heard.iter().any(|head| asks(head) != zipped) {
            return Err(format!("{flags:?}: gzip is to be asked for: {zipped}\n{}", heard.join("\n")));
        }
    }
    bench.both_refuse(&["--disable-compression=perhaps"], &["perhaps", "--disable-compression"])
}

/// HTTPS_PROXY, NO_PROXY and a kubeconfig's proxy-url, for a server whose name only the proxy knows.
fn proxies(bench: &Bench) -> Outcome<()> {
    let proxy = Ear::proxy(&bench.server)?;
    let port = bench.server.rsplit(':').next().unwrap_or_default();
    let (name, url) = (format!("kubernetes.default.svc:{port}"), format!("http://{}", proxy.address));
    let user = json!({"token": bench.token});
    let mut cluster = json!({"server": format!("https://{name}"), "certificate-authority": bench.authority});
    let by_name = bench.config("by-name", &cluster, &user)?;
    cluster["proxy-url"] = json!(url);
    let by_proxy = bench.config("by-proxy", &cluster, &user)?;
    let was_asked = |expected: bool| {
        let heard = proxy.heard();
        match heard.iter().any(|head| head.starts_with(&format!("CONNECT {name} "))) == expected {
            true => Ok(()),
            false => Err(format!("the proxy is to be asked: {expected}; it heard\n{}", heard.join("\n"))),
        }
    };
    for words in [&WHY[..], &GET[..]] {
        let ask_within = |time: &str, config: &std::path::Path, variables: &[(&str, &str)]| {
            let words = [words, &["--request-timeout", time]].concat();
            let ours = words.first() == Some(&"why");
            let mut command =
                if ours { bench.ours_with(config, &words) } else { bench.kubectl_with(config, &words) };
            command.envs(variables.iter().copied());
            if ours {
                bench::answers(&mut command).map(|_| ())
            } else {
                process::must(&mut command).map(|_| ())
            }
        };
        let ask = |config: &std::path::Path, variables: &[(&str, &str)]| ask_within("60s", config, variables);
        for variable in ["HTTPS_PROXY", "https_proxy"] {
            ask(&by_name, &[(variable, &url)])?;
            was_asked(true)?;
        }
        ask(&by_proxy, &[])?;
        was_asked(true)?;
        if ask_within("5s", &by_name, &[("HTTPS_PROXY", &url), ("NO_PROXY", ".svc")]).is_ok() {
            return Err("NO_PROXY is not heeded".to_owned());
        }
        was_asked(false)?;
        // Loopback is never asked for through a proxy.
        ask(&bench.cluster.kubeconfig, &[("HTTPS_PROXY", &url)])?;
        was_asked(false)?;
    }
    Ok(())
}
