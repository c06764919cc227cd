//! Snapshot files, and anything else that kubectl writes, into a Snapshot.

mod clock;
mod contents;
mod header;
mod input;

use crate::error::Error;
use crate::model::Coverage;
use crate::model::Reading;
use crate::model::Snapshot;
use crate::model::SourceInfo;
use crate::model::SourceType;
use header::Header;
use input::Input;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::io::Read;

/// Remarks of one sort that are spelled out for one file; the rest are counted.
const SPELLED_OUT: usize = 10;
const EXPECTED: &str =
    "expected is what kubectl get -o yaml, kubectl get -o json or kubectl arc snapshot writes";
/// Files taken further apart than this do not show one moment.
const ONE_MOMENT: SignedDuration = SignedDuration::from_mins(10);

/// Reads files, folders and standard input (`-`) into one snapshot.
///
/// Several headers unite: all their coverage counts, and the newest tells the context. The clock is the
/// newest of the files' clocks; a file's clock is its header's `capturedAt`, else the newest time in it.
pub fn read(paths: &[String], complete: bool, stdin: &mut dyn Read) -> Result<Snapshot, Error> {
    if paths.is_empty() {
        return Err(Error::usage("no file was named").hint("name one with -f FILE, or - for standard input"));
    }
    let mut all = Gathered::new();
    for input in input::expand(paths)? {
        let text = input::text(&input, stdin)?;
        all.file(&input, &text)?;
    }
    all.finish(paths, complete)
}

/// What was read so far.
struct Gathered {
    snapshot: Snapshot,
    headers: Vec<Header>,
    /// Of each file that tells the time.
    clocks: Vec<Timestamp>,
    twice: usize,
    /// Files in which something was recognised.
    used: usize,
}

impl Gathered {
    fn new() -> Self {
        let source = SourceInfo { source: SourceType::File, context: String::new(), server: String::new() };
        Self {
            // The clock is set when all files are read.
            snapshot: Snapshot::new(source, Timestamp::UNIX_EPOCH),
            headers: Vec::new(),
            clocks: Vec::new(),
            twice: 0,
            used: 0,
        }
    }

    fn file(&mut self, input: &Input, text: &str) -> Result<(), Error> {
        let name = input.to_string();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let contents = contents::read(&name, text)?;
        if contents.recognised == 0 {
            let why = contents.skipped.first().map_or("it is empty", String::as_str);
            // A folder may hold other things: a chart's values, a kustomization.
            if !matches!(input, Input::Found(_)) {
                let failed = Error::config(format!("{name} holds no Kubernetes object"));
                return Err(failed.because(why).hint(EXPECTED));
            }
            self.snapshot.remarks.push(format!("{name} was left out: {why}"));
            return Ok(());
        }
        self.used += 1;
        self.clocks.extend(contents.clock);
        self.headers.extend(contents.headers);
        self.snapshot.reviews.extend(contents.reviews);
        self.snapshot.logs.extend(contents.logs);
        self.remark(&name, contents.skipped, "documents were left out");
        self.remark(&name, contents.ignored, "remarks like these");
        for object in contents.objects {
            self.twice += usize::from(self.snapshot.insert(object));
        }
        Ok(())
    }

    fn remark(&mut self, name: &str, remarks: Vec<String>, rest: &str) {
        let more = remarks.len().saturating_sub(SPELLED_OUT);
        let spelled_out = remarks.iter().take(SPELLED_OUT).map(|remark| format!("{name}: {remark}"));
        self.snapshot.remarks.extend(spelled_out);
        if more > 0 {
            self.snapshot.remarks.push(format!("{name}: {more} more {rest}"));
        }
    }

    fn finish(mut self, paths: &[String], complete: bool) -> Result<Snapshot, Error> {
        let names = paths.join(", ");
        if self.used == 0 {
            return Err(Error::config(format!("{names} holds no Kubernetes object")).hint(EXPECTED));
        }
        let (Some(first), Some(last)) = (self.clocks.iter().min(), self.clocks.iter().max()) else {
            return Err(Error::config(format!("cannot tell when {names} was taken: there is no time in it")).hint(
                "put this before it: {apiVersion: kubectl-arc/v1alpha1, kind: Snapshot, capturedAt: \"2026-11-21T05:00:00Z\"}, then ---",
            ));
        };
        let remarks = &mut self.snapshot.remarks;
        if last.duration_since(*first) > ONE_MOMENT {
            remarks.push(format!("the files were taken at different times, from {first} to {last}"));
        }
        self.snapshot.captured_at = *last;
        self.headers.sort_by_key(|header| header.captured_at);
        let mut contexts: Vec<&str> = self.headers.iter().map(|header| header.context.as_str()).collect();
        contexts.retain(|context| !context.is_empty());
        contexts.sort_unstable();
        contexts.dedup();
        if contexts.len() > 1 {
            remarks.push(format!(
                "the files were taken from {}, and are read as one cluster",
                contexts.join(" and ")
            ));
        }
        let refused = |header: &Header| header.coverage.iter().any(|look| !look.reading.is_complete());
        if complete && self.headers.iter().any(refused) {
            remarks.push(
                "--complete was given, although the file says that not all of it could be read".to_owned(),
            );
        }
        if self.twice > 0 {
            remarks.push(format!("{} objects stand there more than once, the newer one counts", self.twice));
        }
        let newest = |part: fn(&Header) -> &String| {
            self.headers.iter().rev().map(part).find(|text| !text.is_empty()).cloned().unwrap_or_default()
        };
        self.snapshot.source.context = newest(|header| &header.context);
        self.snapshot.source.server = newest(|header| &header.server);
        let entries = self.headers.into_iter().flat_map(|header| header.coverage);
        let entries = entries.filter(|look| look.reading != Reading::Unread).collect();
        self.snapshot.coverage = Coverage { entries, complete };
        Ok(self.snapshot)
    }
}
