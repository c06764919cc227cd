//! Snapshot files, and anything else that kubectl writes, into a Snapshot.

mod clock;
mod contents;
mod document;
mod header;
mod input;

pub use document::document;

use crate::error::Error;
use crate::model::Coverage;
use crate::model::Reading;
use crate::model::Snapshot;
use crate::model::SourceInfo;
use crate::model::SourceType;
use crate::name;
use header::Header;
use input::Input;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::io::Read;

/// Remarks of one sort that are spelled out for one file; the rest are counted.
const SPELLED_OUT: usize = 10;
/// What a file should hold.
fn expected() -> String {
    let snapshot = name::command("snapshot");
    format!("expected is what kubectl get -o yaml, kubectl get -o json or {snapshot} writes")
}

/// Files taken further apart than this do not show one moment.
const ONE_MOMENT: SignedDuration = SignedDuration::from_mins(10);

/// [`read`] with this process's standard input.
///
/// # Errors
/// As [`read`].
pub fn load(paths: &[String], complete: bool) -> Result<Snapshot, Error> {
    read(paths, complete, &mut std::io::stdin().lock())
}

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
    /// The newest of the files' clocks.
    clock: Option<Timestamp>,
    /// The clocks of the files that were named. A folder's files are one dump, whatever their own times.
    named_clocks: Vec<Timestamp>,
    twice: usize,
    /// Files in which something was recognised.
    used: usize,
    /// Documents that are of use, headers left out.
    documents: usize,
}

impl Gathered {
    fn new() -> Self {
        let source = SourceInfo {
            source: SourceType::File,
            context: String::new(),
            server: String::new(),
            namespace: String::new(),
        };
        Self {
            // The clock is set when all files are read.
            snapshot: Snapshot::new(source, Timestamp::UNIX_EPOCH),
            headers: Vec::new(),
            clock: None,
            named_clocks: Vec::new(),
            twice: 0,
            used: 0,
            documents: 0,
        }
    }

    fn file(&mut self, input: &Input, text: &str) -> Result<(), Error> {
        let name = input.to_string();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let contents = contents::read(&name, text)?;
        let is_found = matches!(input, Input::Found(_));
        if contents.recognised == 0 && (is_found || contents.unfinished.is_none()) {
            let why = contents.skipped.first().map_or("it is empty", String::as_str);
            // A folder may hold other things: a chart's values, a kustomization.
            if !is_found {
                let failed = Error::config(format!("{name} holds no Kubernetes object"));
                return Err(failed.because(why).hint(expected()));
            }
            self.snapshot.remarks.push(format!("{name} was left out: {why}"));
            return Ok(());
        }
        if let Some(unfinished) = contents.unfinished {
            let failed = Error::config(format!("{name} ends in the middle of an object")).because(unfinished);
            return Err(failed.hint("the file was cut off: take it again, or remove that document"));
        }
        self.used += 1;
        self.documents += contents.recognised.saturating_sub(contents.headers.len());
        self.snapshot.remarks.extend(contents.headers.iter().flat_map(|header| header.remarks.clone()));
        self.clock = self.clock.max(contents.clock);
        self.named_clocks.extend(contents.clock.filter(|_| !is_found));
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
        let names: Vec<&str> =
            paths.iter().map(|path| if path == "-" { "standard input" } else { path }).collect();
        let names = names.join(", ");
        if self.used == 0 {
            return Err(Error::config(format!("{names} holds no Kubernetes object")).hint(expected()));
        }
        let promised: u64 = self.headers.iter().filter_map(|header| header.documents).sum();
        if promised > self.documents as u64 {
            let failed = Error::config(format!("{names} is not a whole snapshot"));
            let there = self.documents;
            let failed = failed.because(format!("{promised} documents should follow, and {there} are there"));
            return Err(
                failed.hint("take it again, or correct `documents` in the header if you took some out")
            );
        }
        let Some(clock) = self.clock else {
            let failed = Error::config(format!("cannot tell when {names} was taken"));
            let failed = failed.because("there is no time in it");
            return Err(failed.hint(format!("put a header before it; {}", header::HINT)));
        };
        self.snapshot.captured_at = clock;
        self.headers.sort_by_key(|header| header.captured_at);
        self.remark_as_a_whole(complete);
        let newest = |part: fn(&Header) -> &String| {
            self.headers.iter().rev().map(part).find(|text| !text.is_empty()).cloned().unwrap_or_default()
        };
        self.snapshot.source.context = newest(|header| &header.context);
        self.snapshot.source.server = newest(|header| &header.server);
        let mut places = self.headers.iter().map(|header| header.namespace.as_str());
        if let Some(namespace) = places.next()
            && places.all(|other| other == namespace)
        {
            self.snapshot.source.namespace = namespace.to_owned();
        }
        let complete = complete || self.headers.iter().any(|header| header.complete);
        let entries = self.headers.into_iter().flat_map(|header| header.coverage);
        let entries = entries.filter(|look| look.reading != Reading::Unread).collect();
        self.snapshot.coverage = Coverage { entries, complete };
        self.snapshot.sort();
        Ok(self.snapshot)
    }

    /// What makes the files less than one picture of one cluster.
    fn remark_as_a_whole(&mut self, complete: bool) {
        let remarks = &mut self.snapshot.remarks;
        if let (Some(first), Some(last)) = (self.named_clocks.iter().min(), self.named_clocks.iter().max())
            && last.duration_since(*first) > ONE_MOMENT
        {
            remarks.push(format!("the files were taken at different times, from {first} to {last}"));
        }
        let contexts: BTreeSet<&str> = self.headers.iter().map(|header| header.context.as_str()).collect();
        let contexts: Vec<&str> = contexts.into_iter().filter(|context| !context.is_empty()).collect();
        if contexts.len() > 1 {
            let contexts = contexts.join(" and ");
            remarks.push(format!("the files were taken from {contexts}, and are read as one cluster"));
        }
        let mut looks = self.headers.iter().flat_map(|header| &header.coverage);
        if complete && looks.any(|look| !look.reading.is_complete()) {
            let remark = "--complete was given, although the file says that not all of it could be read";
            remarks.push(remark.to_owned());
        }
        if self.twice > 0 {
            let objects = if self.twice == 1 { "object stands" } else { "objects stand" };
            remarks.push(format!("{} {objects} there more than once, the newest counts", self.twice));
        }
    }
}

#[cfg(test)]
mod tests;
