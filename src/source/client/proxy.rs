//! Which proxy stands between us and the server, by the rules of Go's `golang.org/x/net/http/httpproxy`.

use std::net::IpAddr;

use http::Uri;
use ipnet::IpNet;
use secrecy::SecretString;

use crate::error::Error;

use super::environment::Environment;
use super::options::given;
use super::server::split_user;

/// How to speak to a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    Http,
    Https,
    Socks5,
}

/// A proxy, its address without the credentials.
#[derive(Clone, Debug)]
pub struct Proxy {
    pub kind: ProxyKind,
    pub uri: Uri,
    pub user: Option<(String, SecretString)>,
}

/// The kubeconfig's proxy always; else the environment's, unless NO_PROXY or loopback spares the server.
pub fn choose(
    server: &Uri,
    proxy_url: Option<&str>,
    environment: &Environment,
) -> Result<Option<Proxy>, Error> {
    if let Some(url) = given(proxy_url) {
        return parse(url, "the kubeconfig's proxy-url").map(Some);
    }
    let names = match server.scheme_str() {
        Some("https") => ["HTTPS_PROXY", "https_proxy"],
        _ => ["HTTP_PROXY", "http_proxy"],
    };
    let Some((name, url)) = environment.first(&names) else {
        return Ok(None);
    };
    let spared = environment.first(&["NO_PROXY", "no_proxy"]).map(|(_, list)| list).unwrap_or_default();
    if !is_proxied(server, spared) {
        return Ok(None);
    }
    parse(url, name).map(Some)
}

fn parse(url: &str, origin: &str) -> Result<Proxy, Error> {
    // The value is not repeated: it may hold a password.
    let unusable = || Error::config(format!("{origin} is not a proxy's URL, such as http://HOST:PORT"));
    let full = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
    let uri: Uri = full.trim().parse().map_err(|_| unusable())?;
    let (kind, scheme, port) = match uri.scheme_str() {
        Some("http") => (ProxyKind::Http, "http", 80),
        Some("https") => (ProxyKind::Https, "https", 443),
        // The h only says that the proxy resolves names, which ours always do.
        Some("socks5" | "socks5h") => (ProxyKind::Socks5, "socks5", 1080),
        _ => {
            return Err(unusable().because("only http, https and socks5 proxies are supported"));
        }
    };
    let (user, host) = split_user(uri.authority().ok_or_else(unusable)?.as_str());
    let authority = match uri.port_u16() {
        Some(_) => host.to_owned(),
        None => format!("{}:{port}", host.trim_end_matches(':')),
    };
    let uri = Uri::builder().scheme(scheme).authority(authority).path_and_query("/").build();
    let uri = uri.map_err(|_| unusable())?;
    if uri.host().is_none_or(str::is_empty) {
        return Err(unusable());
    }
    Ok(Proxy { kind, uri, user })
}

/// Whether the server is reached through the environment's proxy. Loopback never is.
fn is_proxied(server: &Uri, spared: &str) -> bool {
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
    let port = server.port_u16().unwrap_or(if server.scheme_str() == Some("http") { 80 } else { 443 });
    let address = host.parse::<IpAddr>().ok().map(|address| address.to_canonical());
    if host == "localhost" || address.is_some_and(|address| address.is_loopback()) {
        return false;
    }
    let spared = spared.split(',').map(|entry| entry.trim().to_ascii_lowercase());
    !spared.filter(|entry| !entry.is_empty()).any(|entry| is_spared(&entry, &host, address, port))
}

/// Whether one entry of NO_PROXY means the host: `*`, a network, an address or a domain, the last two with or
/// without a port. An entry that makes no sense spares nothing.
fn is_spared(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let Ok(network) = entry.parse::<IpNet>() {
        return address.is_some_and(|address| network.contains(&address));
    }
    let (name, wanted) = split_port(entry);
    if wanted.is_some_and(|wanted| wanted != port.to_string()) {
        return false;
    }
    if let Ok(entry) = name.trim_matches(['[', ']']).parse::<IpAddr>() {
        return address == Some(entry.to_canonical());
    }
    let domain = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name);
    match domain.strip_prefix('.') {
        Some("") => false,
        Some(_) => host.ends_with(domain),
        None => !domain.is_empty() && (host == domain || host.ends_with(&format!(".{domain}"))),
    }
}

/// `HOST:PORT` or `[ADDRESS]:PORT` in its parts; a bare address of version 6 has no port.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    match entry.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (entry, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn of(server: &str, kubeconfig: Option<&str>, variables: &[(&str, &str)]) -> Option<String> {
        let proxy = choose(&server.parse().unwrap(), kubeconfig, &Environment::of(variables)).unwrap();
        proxy.map(|proxy| proxy.uri.to_string())
    }

    fn spared(server: &str, no_proxy: &str) -> bool {
        of(server, None, &[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", no_proxy)]).is_none()
    }

    #[test]
    fn the_kubeconfigs_proxy_beats_the_environment_and_ignores_no_proxy() {
        let variables = [("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", "*")];
        assert_eq!(of("https://c", Some("socks5://k:9"), &variables).as_deref(), Some("socks5://k:9/"));
        assert_eq!(of("https://127.0.0.1", Some("http://k:9"), &variables).as_deref(), Some("http://k:9/"));
        assert_eq!(of("https://c", Some(""), &[]), None);
    }

    #[test]
    fn the_environments_proxy_follows_the_scheme() {
        let both = [("https_proxy", "http://s:1"), ("HTTP_PROXY", "plain:2")];
        assert_eq!(of("https://c", None, &both).as_deref(), Some("http://s:1/"));
        assert_eq!(of("http://c", None, &both).as_deref(), Some("http://plain:2/"));
        assert_eq!(
            of("https://c", None, &[("HTTPS_PROXY", ""), ("https_proxy", "s")]).as_deref(),
            Some("http://s:80/")
        );
        assert_eq!(of("https://c", None, &[("ALL_PROXY", "http://s:1")]), None, "Go does not know it");
    }

    #[test]
    fn no_proxy_is_matched_against_the_server() {
        for (server, list) in [
            ("https://c.corp", "corp"),
            ("https://c.corp", ".corp"),
            ("https://c.corp", "*.corp"),
            ("https://C.Corp:6443", "a,,  c.corp:6443 ,"),
            ("https://10.1.2.3:6443", "10.0.0.0/8"),
            ("https://10.1.2.3:6443", "10.1.2.3:6443"),
            ("https://[fd00::1]:6443", "fd00::/8"),
            ("https://[fd00::1]:6443", "[fd00::1]:6443"),
            ("https://[fd00::1]", "fd00::1"),
            ("https://anything", "x,*"),
            ("https://[::ffff:10.0.0.1]", "10.0.0.0/8"),
        ] {
            assert!(spared(server, list), "{server} in {list}");
        }
        for (server, list) in [
            ("https://corp", ".corp"),
            ("https://notcorp", "corp"),
            ("https://c.corp:6443", "corp:443"),
            ("https://11.1.2.3", "10.0.0.0/8"),
            ("https://10.1.2.3:1", "10.1.2.3:6443"),
            ("https://c.corp", "a,,b,"),
            ("https://c.corp", ".,:,[],*x,//,:443, ,10.0.0.0/99"),
            ("https://c.corp", ""),
        ] {
            assert!(!spared(server, list), "{server} in {list}");
        }
    }

    #[test]
    fn loopback_is_never_proxied_by_the_environment() {
        for server in
            ["https://127.0.0.1:6443", "https://127.8.8.8", "https://[::1]:6443", "https://localhost:6443"]
        {
            assert!(spared(server, ""), "{server}");
        }
    }

    #[test]
    fn every_kind_of_proxy_is_read() {
        let proxy = |url| parse(url, "here").map(|proxy| (proxy.kind, proxy.uri.to_string()));
        assert_eq!(proxy("socks5h://p").unwrap(), (ProxyKind::Socks5, "socks5://p:1080/".into()));
        assert_eq!(proxy("socks5://p:9/").unwrap(), (ProxyKind::Socks5, "socks5://p:9/".into()));
        assert_eq!(proxy("https://p").unwrap(), (ProxyKind::Https, "https://p:443/".into()));
        assert_eq!(proxy("http://[::1]:3128").unwrap(), (ProxyKind::Http, "http://[::1]:3128/".into()));
    }

    #[test]
    fn credentials_are_decoded_and_errors_do_not_repeat_them() {
        let proxy = parse("http://me:p%40ss@p:3128", "here").unwrap();
        let (name, password) = proxy.user.clone().unwrap();
        assert_eq!((name.as_str(), password.expose_secret()), ("me", "p@ss"));
        assert!(!format!("{proxy:?}").contains("p@ss") && !proxy.uri.to_string().contains("me"));
        for broken in ["ftp://me:s3cr3t@p", "http://me:s3cr3t@", "http://me:s3cr3t@a b"] {
            let error = parse(broken, "HTTPS_PROXY").unwrap_err();
            assert!(
                error.message.starts_with("HTTPS_PROXY") && !error.to_string().contains("s3cr3t"),
                "{error}"
            );
        }
    }
}
