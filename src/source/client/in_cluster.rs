//! The cluster a pod runs in.

use std::path::Path;

use kube::config::AuthInfo;
use kube::config::Cluster;

use crate::error::Error;

use super::environment::Environment;
use super::options::ConnectOptions;
use super::options::given;
use super::options::given_path;
use super::server;
use super::target::Target;
use super::target::overlay_user;
use super::validate;

/// The pod's own cluster, if this is a pod: both variables set and a token mounted, which is what client-go asks.
pub fn target(options: &ConnectOptions, environment: &Environment) -> Result<Option<Target>, Error> {
    let folder = &environment.service_account;
    let token = folder.join("token");
    let (Some(host), Some(port)) =
        (environment.text("KUBERNETES_SERVICE_HOST"), environment.text("KUBERNETES_SERVICE_PORT"))
    else {
        return Ok(None);
    };
    if !token.is_file() {
        return Ok(None);
    }
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let server = server::parse(&format!("https://{host}:{port}"), true)?.uri;

    let authority = given_path(options.certificate_authority.as_ref()).map(Path::to_owned);
    let authority = authority.or(Some(folder.join("ca.crt")).filter(|path| path.is_file()));
    let authority = authority.filter(|_| !options.insecure_skip_tls_verify);
    let cluster = Cluster {
        server: Some(server.to_string()),
        certificate_authority: authority.map(|path| path.display().to_string()),
        insecure_skip_tls_verify: Some(options.insecure_skip_tls_verify),
        tls_server_name: given(options.tls_server_name.as_deref()).map(str::to_owned),
        disable_compression: Some(options.disable_compression),
        ..Default::default()
    };
    let mut user = AuthInfo { token_file: Some(token.display().to_string()), ..Default::default() };
    overlay_user(&mut user, options);
    validate::user("in-cluster", &user)?;

    let own = std::fs::read_to_string(folder.join("namespace")).unwrap_or_default();
    let namespace = given(options.namespace.as_deref())
        .or(environment.text("POD_NAMESPACE"))
        .or(given(Some(own.trim())))
        .unwrap_or("default");
    let (context, namespace) = (String::new(), namespace.to_owned());
    Ok(Some(Target { context, namespace, server, cluster, user, notes: Vec::new() }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::client::testing::Folder;

    fn pod(folder: &Folder, host: &str) -> Environment {
        let mut environment =
            Environment::of(&[("KUBERNETES_SERVICE_HOST", host), ("KUBERNETES_SERVICE_PORT", "443")]);
        environment.service_account = folder.path("");
        environment
    }

    #[test]
    fn a_pod_connects_to_its_own_cluster() {
        let folder = Folder::new();
        let token = folder.write("token", "t\n");
        folder.write("ca.crt", "");
        folder.write("namespace", "runners\n");
        let target = target(&ConnectOptions::default(), &pod(&folder, "10.0.0.1")).unwrap().unwrap();
        assert_eq!(target.server.to_string(), "https://10.0.0.1:443/");
        assert_eq!((target.context.as_str(), target.namespace.as_str()), ("", "runners"));
        assert_eq!(target.user.token_file.as_deref(), token.to_str());
        assert!(target.cluster.certificate_authority.unwrap().ends_with("ca.crt"));
    }

    #[test]
    fn an_address_of_version_6_is_bracketed() {
        let folder = Folder::new();
        folder.write("token", "t");
        let target = target(&ConnectOptions::default(), &pod(&folder, "fd00::1")).unwrap().unwrap();
        assert_eq!(target.server.host(), Some("[fd00::1]"));
    }

    #[test]
    fn without_a_mounted_token_this_is_no_pod() {
        let folder = Folder::new();
        assert!(target(&ConnectOptions::default(), &pod(&folder, "10.0.0.1")).unwrap().is_none());
        folder.write("token", "t");
        let mut outside = Environment::of(&[]);
        outside.service_account = folder.path("");
        assert!(target(&ConnectOptions::default(), &outside).unwrap().is_none());
    }
}
