//! The requests, as `-v` shows them: in the lines that kubectl's log (klog) writes.

use super::Ui;
use crate::render::sanitize;
use jiff::Timestamp;
use std::fmt;
use std::io;
use tracing::Event;
use tracing::Level;
use tracing::Subscriber;
use tracing::field::Field;
use tracing::field::Visit;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::FormatEvent;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::registry::LookupSpan;

/// From this `-v` on, requests are shown, as kubectl does.
const SHOWS_REQUESTS: u8 = 6;

impl Ui {
    /// Shows every request to the API server on stderr, if `-v` asks for it. kube's own traces are left out: they may
    /// hold answers, and answers may hold Secrets.
    pub fn trace(&mut self, verbosity: u8, now: fn() -> Timestamp) {
        use tracing_subscriber::layer::SubscriberExt;
        use tracing_subscriber::util::SubscriberInitExt;
        if verbosity < SHOWS_REQUESTS {
            return;
        }
        self.traces = true;
        let ours = tracing_subscriber::filter::Targets::new().with_target("kubectl_arc", Level::TRACE);
        let lines = tracing_subscriber::fmt::layer().event_format(Klog { now });
        let layer = lines.with_writer(io::stderr);
        tracing_subscriber::registry().with(ours).with(layer).init();
    }
}

/// `I1126 07:02:01.659107    8401 trace.rs:64] MESSAGE`; the time is UTC.
struct Klog {
    now: fn() -> Timestamp,
}

impl<S, N> FormatEvent<S, N> for Klog
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let of = event.metadata();
        let level = match *of.level() {
            Level::ERROR => 'E',
            Level::WARN => 'W',
            _ => 'I',
        };
        let file = of.file().and_then(|file| file.rsplit(['/', '\\']).next()).unwrap_or_default();
        let time = (self.now)().strftime("%m%d %H:%M:%S.%6f");
        let mut message = Message(String::new());
        event.record(&mut message);
        let (process, line) = (std::process::id(), of.line().unwrap_or_default());
        writeln!(writer, "{level}{time} {process:>7} {file}:{line}] {}", plain(&message.0))
    }
}

/// The message alone: our traces have no fields.
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

/// Lines and their tabs stay; what a terminal would obey becomes visible (invariant 9).
fn plain(message: &str) -> String {
    let lines = message.split('\n').map(|line| {
        let text = line.trim_start_matches('\t');
        let tabs = "\t".repeat(line.len() - text.len());
        format!("{tabs}{}", sanitize::line(text))
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_moves_no_cursor() {
        assert_eq!(plain("a=<\n\t\tb\u{1b}[2J\tc\r\n >"), "a=<\n\t\tb\\u{1b}[2J c\\r\n >");
    }
}
