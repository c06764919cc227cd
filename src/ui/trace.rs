//! The requests, as `-v` shows them.

use std::io;

/// From this `-v` on, requests are shown, as kubectl does.
const SHOWS_REQUESTS: u8 = 6;

/// Shows every request to the API server on stderr, if `-v` asks for it. kube's own traces are left out: they may
/// hold answers, and answers may hold Secrets.
pub fn trace(verbosity: u8) {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    if verbosity < SHOWS_REQUESTS {
        return;
    }
    let ours = tracing_subscriber::filter::Targets::new().with_target("kubectl_arc", tracing::Level::TRACE);
    let lines = tracing_subscriber::fmt::layer().without_time().with_target(false).with_ansi(false);
    let layer = lines.with_writer(io::stderr);
    tracing_subscriber::registry().with(ours).with(layer).init();
}
