//! Phrases about GitHub and the way to it.

use super::Means;
use super::PhraseRow;
use super::Refusal;
use super::row;

const OLD_CLIENT: &str = "github/actions/client.go";
const OLD_CLIENTS: &str = "github/actions/multi_client.go";
const OLD_ERRORS: &str = "github/actions/errors.go";
const NEW_CLIENT: &str = "actions/scaleset client.go";
const NEW_ERRORS: &str = "actions/scaleset errors.go";
const CONFIG: &str = "apis/actions.github.com/v1alpha1/appconfig/appconfig.go";
const RESOLVER: &str = "controllers/actions.github.com/secretresolver";
const RUNNER: &str = "controllers/actions.github.com/ephemeralrunner_controller.go";
const SET: &str = "controllers/actions.github.com/autoscalingrunnerset_controller.go";
const GO: &str = "the standard library of Go";
const ALL: &str = "all";
const CREDENTIALS: Means = Means::Refuses(Refusal::Credentials);
const PERMISSION: Means = Means::Refuses(Refusal::Permission);
const ADDRESS: Means = Means::Refuses(Refusal::Address);
const CERTIFICATE: Means = Means::Refuses(Refusal::Certificate);
const NETWORK: Means = Means::Refuses(Refusal::Network);
const SERVER: Means = Means::Refuses(Refusal::Server);
const UNCLEAR: Means = Means::Refuses(Refusal::Unclear);

pub const PHRASES: &[PhraseRow] = &[
    // GitHub and the way to it.
    row(&["x509:"], CERTIFICATE, "the certificate is not trusted", ALL, GO),
    row(&["tls: "], CERTIFICATE, "no secure connection comes about", ALL, GO),
    row(&["failed to parse certificate"], CERTIFICATE, "the configured certificate is none", ALL, OLD_CLIENT),
    row(
        &["failed to get configmap"],
        CERTIFICATE,
        "the ConfigMap with the certificate cannot be read",
        ALL,
        RESOLVER,
    ),
    row(&["no such host"], NETWORK, "the host's name is not known", ALL, GO),
    row(&["connection refused"], NETWORK, "the connection is refused", ALL, GO),
    row(&["connection reset"], NETWORK, "the connection is cut", ALL, GO),
    row(&["network is unreachable"], NETWORK, "the network is unreachable", ALL, GO),
    row(&["i/o timeout"], NETWORK, "nobody answers", ALL, GO),
    row(&["Client.Timeout exceeded"], NETWORK, "nobody answers", ALL, GO),
    row(&["proxyconnect"], NETWORK, "the proxy cannot be reached", ALL, GO),
    row(&["Proxy Authentication Required"], NETWORK, "the proxy wants other credentials", ALL, GO),
    row(
        &["failed to get proxy secret"],
        NETWORK,
        "the proxy's Secret cannot be read",
        "up to 0.11.0",
        RUNNER,
    ),
    row(
        &["failed to resolve proxy credentials"],
        NETWORK,
        "the proxy's credentials cannot be read",
        "0.12.0 and later",
        RESOLVER,
    ),
    row(
        &["no runner group found with name"],
        Means::Refuses(Refusal::Group),
        "there is no such runner group",
        ALL,
        NEW_CLIENT,
    ),
    row(
        &["unknown vault type"],
        Means::Refuses(Refusal::Vault),
        "the type of the vault is not known",
        "0.12.0 and later",
        RESOLVER,
    ),
    row(
        &["failed to create Azure Key Vault client"],
        Means::Refuses(Refusal::Vault),
        "the vault cannot be reached",
        "0.12.0 and later",
        RESOLVER,
    ),
    row(
        &["failed to resolve secret"],
        Means::Refuses(Refusal::Vault),
        "the vault does not give the credentials",
        "0.12.0 and later",
        RESOLVER,
    ),
    row(
        &["both PAT and GitHub App credentials"],
        CREDENTIALS,
        "the Secret has two sorts of credentials",
        "0.12.0 and later",
        CONFIG,
    ),
    row(
        &["neither PAT nor GitHub App Auth credentials"],
        CREDENTIALS,
        "the Secret has no complete credentials",
        "up to 0.11.0",
        OLD_CLIENTS,
    ),
    row(
        &["must provide secret data with either PAT or GitHub App Auth"],
        CREDENTIALS,
        "the Secret has no data",
        "up to 0.11.0",
        OLD_CLIENTS,
    ),
    row(
        &["must provide secret with only PAT or GitHub App Auth"],
        CREDENTIALS,
        "the Secret has two sorts of credentials",
        "up to 0.11.0",
        OLD_CLIENTS,
    ),
    row(
        &["no credentials provided"],
        CREDENTIALS,
        "the Secret has no complete credentials",
        "0.12.0 and later",
        CONFIG,
    ),
    row(
        &["failed to validate config"],
        CREDENTIALS,
        "the Secret's keys do not fit together",
        "0.12.0 and later",
        CONFIG,
    ),
    row(&["failed to parse RSA private key"], CREDENTIALS, "the App's private key is none", ALL, OLD_CLIENT),
    row(
        &["Bad credentials"],
        CREDENTIALS,
        "GitHub does not take the credentials",
        ALL,
        "docs.github.com/rest",
    ),
    row(&["401 Unauthorized"], CREDENTIALS, "GitHub does not take the credentials", ALL, NEW_ERRORS),
    row(
        &["StatusCode 401"],
        CREDENTIALS,
        "GitHub does not take the credentials",
        "0.9.1 to 0.13.1",
        OLD_CLIENT,
    ),
    row(&["status=401"], CREDENTIALS, "GitHub does not take the credentials", "0.14.0 and later", NEW_ERRORS),
    row(&["rate limit"], SERVER, "GitHub limits how often it may be asked", ALL, "docs.github.com/rest"),
    row(
        &["Resource not accessible by"],
        PERMISSION,
        "the credentials lack a permission",
        ALL,
        "docs.github.com/rest",
    ),
    row(&["403 Forbidden"], PERMISSION, "the credentials lack a permission", ALL, NEW_ERRORS),
    row(&["StatusCode 403"], PERMISSION, "the credentials lack a permission", "0.9.1 to 0.13.1", OLD_CLIENT),
    row(&["status=403"], PERMISSION, "the credentials lack a permission", "0.14.0 and later", NEW_ERRORS),
    row(
        &["registration-token", "404"],
        ADDRESS,
        "the URL names nothing that these credentials can see",
        ALL,
        OLD_CLIENT,
    ),
    row(
        &["runner registration token", "404"],
        ADDRESS,
        "the URL names nothing that these credentials can see",
        ALL,
        OLD_CLIENT,
    ),
    row(&["access token", "404"], CREDENTIALS, "there is no such installation of the App", ALL, OLD_CLIENT),
    row(
        &["Github Config URL is invalid"],
        ADDRESS,
        "the URL is none of GitHub's",
        ALL,
        "controllers/actions.github.com",
    ),
    row(
        &["failed to parse githubConfigURL"],
        ADDRESS,
        "the URL is none of GitHub's",
        "0.14.0 and later",
        NEW_CLIENT,
    ),
    row(
        &["github api error: StatusCode 404"],
        ADDRESS,
        "the URL names nothing that these credentials can see",
        "0.9.1 to 0.13.1",
        OLD_CLIENT,
    ),
    row(&["500 Internal Server Error"], SERVER, "the server fails", ALL, NEW_ERRORS),
    row(&["502 Bad Gateway"], SERVER, "the server fails", ALL, NEW_ERRORS),
    row(&["503 Service Unavailable"], SERVER, "the server fails", ALL, NEW_ERRORS),
    row(&["StatusCode 50"], SERVER, "the server fails", "0.9.1 to 0.13.1", OLD_CLIENT),
    row(
        &["failed to get access token for GitHub App auth"],
        CREDENTIALS,
        "GitHub gives the App no token",
        "up to 0.13.1",
        OLD_CLIENT,
    ),
    row(
        &["failed to get runner registration token"],
        CREDENTIALS,
        "GitHub gives no registration token",
        "up to 0.13.1",
        OLD_CLIENT,
    ),
    row(
        &["unexpected response from Actions service during registration token call"],
        CREDENTIALS,
        "GitHub gives no registration token",
        "up to 0.9.0",
        OLD_CLIENT,
    ),
    row(
        &["unable to register runner after"],
        UNCLEAR,
        "GitHub does not answer the registration",
        "up to 0.13.1",
        OLD_CLIENT,
    ),
    // The status stands before the words: so the client of that time words an error of the Actions service.
    row(
        &["401 - had issue communicating"],
        CREDENTIALS,
        "GitHub does not take the credentials",
        "up to 0.9.0",
        OLD_ERRORS,
    ),
    row(
        &["403 - had issue communicating"],
        PERMISSION,
        "the credentials lack a permission",
        "up to 0.9.0",
        OLD_ERRORS,
    ),
    row(&["500 - had issue communicating"], SERVER, "the server fails", "up to 0.9.0", OLD_ERRORS),
    row(&["502 - had issue communicating"], SERVER, "the server fails", "up to 0.9.0", OLD_ERRORS),
    row(&["503 - had issue communicating"], SERVER, "the server fails", "up to 0.9.0", OLD_ERRORS),
    row(&["504 - had issue communicating"], SERVER, "the server fails", "up to 0.9.0", OLD_ERRORS),
    row(&["issue communicating with Actions backend"], UNCLEAR, "GitHub refuses", "up to 0.9.0", OLD_CLIENT),
    row(&["Failed to get runner scale set from Actions service"], UNCLEAR, "GitHub refuses", ALL, SET),
    row(&["client request failed"], UNCLEAR, "GitHub cannot be reached", "up to 0.13.1", OLD_CLIENT),
    row(&["failed to send request"], UNCLEAR, "GitHub cannot be reached", "0.14.0 and later", NEW_CLIENT),
];
