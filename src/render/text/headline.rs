//! The first lines: what is stuck, since when, and whether it will end by itself.

use super::Page;
use super::fold::Group;
use super::words;
use crate::diagnose::Foreseen;
use crate::diagnose::State;
use crate::diagnose::Target;
use crate::diagnose::Verdict;
use crate::model::SourceType;
use crate::render::span::Label;
use crate::render::span::Phrase;

/// Up to this many targets are called by name.
const NAMED: usize = 3;
/// Up to this many sentences are spent on one verdict.
const SENTENCES: usize = 4;

pub fn write(page: &mut Page, groups: &[Group]) {
    let diagnosis = page.diagnosis;
    let verdicts = [Verdict::Blocked, Verdict::Unknown, Verdict::Waiting, Verdict::Clear];
    for verdict in verdicts {
        for targets in alike(page, groups, verdict) {
            if verdict != Verdict::Clear || diagnosis.summary.verdict != Verdict::Clear {
                sentence(page, groups, verdict, &targets);
            }
        }
    }
    match diagnosis.summary.verdict {
        Verdict::Clear => clear(page),
        Verdict::Unknown if diagnosis.targets.is_empty() => {
            page.block(
                0,
                &lead(Verdict::Unknown)
                    .plain(" whether anything is blocked depends on what could not be read."),
            );
        }
        verdict if !diagnosis.targets.iter().any(|target| target.verdict == verdict) => {
            let ending = ending(page, verdict, &[]);
            page.block(0, &lead(verdict).plain(" ").plain(ending));
        }
        _ => {}
    }
    origin(page);
}

/// The targets with this verdict, those with the same roots and reasons together.
fn alike<'a>(page: &Page<'a>, groups: &[Group], verdict: Verdict) -> Vec<Vec<&'a Target>> {
    let mut sorts: Vec<(Vec<usize>, &[String], Vec<&Target>)> = Vec::new();
    for target in page.diagnosis.targets.iter().filter(|target| target.verdict == verdict) {
        let roots = numbers(groups, target);
        match sorts.iter_mut().find(|(r, reasons, _)| *r == roots && *reasons == target.reasons) {
            Some((.., targets)) => targets.push(target),
            None => sorts.push((roots, &target.reasons, vec![target])),
        }
    }
    let mut sorts: Vec<Vec<&Target>> = sorts.into_iter().map(|(.., targets)| targets).collect();
    if !page.style.verbose && sorts.len() > SENTENCES {
        let rest = sorts.split_off(SENTENCES - 1).concat();
        sorts.push(rest);
    }
    sorts
}

/// The numbers, from 1, of the groups of roots a target waits for.
fn numbers(groups: &[Group], target: &Target) -> Vec<usize> {
    let waits = |group: &Group| target.roots.iter().any(|root| group.indices.contains(root));
    groups.iter().enumerate().filter(|(_, group)| waits(group)).map(|(i, _)| i + 1).collect()
}

fn lead(verdict: Verdict) -> Phrase {
    match verdict {
        Verdict::Blocked => Phrase::of(Label::Danger, "Blocked:"),
        Verdict::Unknown => Phrase::of(Label::Warn, "Cannot say:"),
        Verdict::Waiting => Phrase::of(Label::Good, "Waiting:"),
        Verdict::Clear => Phrase::of(Label::Good, "Clear:"),
    }
}

/// What will become of them. Only what is being deleted has an end to come to.
fn ending(page: &Page, verdict: Verdict, targets: &[&Target]) -> &'static str {
    let ends = !targets.is_empty() && targets.iter().all(|target| target.object.state == State::Deleting);
    let several = targets.len() > 1;
    match verdict {
        Verdict::Blocked => match (ends, several) {
            (true, false) => "It will not end by itself.",
            (true, true) => "They will not end by themselves.",
            (false, false) => "It will not come right by itself.",
            (false, true) => "They will not come right by themselves.",
        },
        Verdict::Unknown => match (ends, page.diagnosis.gaps.is_empty()) {
            (true, true) => "Nothing that was looked at tells whether it will end by itself.",
            (true, false) => "Whether it will end by itself depends on what could not be read.",
            (false, true) => "Nothing that was looked at tells whether it will come right by itself.",
            (false, false) => "Whether it will come right by itself depends on what could not be read.",
        },
        // Nobody has seen the end of it yet.
        Verdict::Waiting if several => "They should end by themselves.",
        Verdict::Waiting => "It should end by itself.",
        Verdict::Clear => "",
    }
}

fn sentence(page: &mut Page, groups: &[Group], verdict: Verdict, targets: &[&Target]) {
    let mut line = lead(verdict).plain(" ").then(subject(targets));
    if verdict != Verdict::Clear {
        line = line.plain(age(page, targets));
    }
    line = line.plain(".");
    let ahead = ahead(targets);
    let ending = match ahead.is_empty() {
        true => ending(page, verdict, targets),
        false => "Time alone will not end it.",
    };
    if !ending.is_empty() {
        line = line.plain(" ").with(Label::Strong, ending);
    }
    let mut numbers: Vec<usize> = targets.iter().flat_map(|target| numbers(groups, target)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if groups.len() > 1 && !numbers.is_empty() {
        let word = if numbers.len() == 1 { "Root blocker" } else { "Root blockers" };
        let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
        line = line.plain(format!(" {word} {}.", words::list(&numbers)));
    }
    page.block(0, &line);
    for reason in targets.first().map(|target| target.reasons.as_slice()).unwrap_or_default() {
        page.say(2, &Phrase::new().plain(words::sentence(reason)));
    }
    for foreseen in &ahead {
        let class = foreseen.class.id();
        let message = words::sentence(&foreseen.message);
        page.say(2, &Phrase::of(Label::Strong, class).plain(" is ahead: ").plain(message));
    }
    if !ahead.is_empty() {
        page.say(2, &Phrase::new().plain("Ask again when it is 2 minutes old: then the ways out are told."));
    }
}

/// What will block one of them however long it is given, each once.
fn ahead<'a>(targets: &[&'a Target]) -> Vec<&'a Foreseen> {
    let mut all: Vec<&Foreseen> = Vec::new();
    for foreseen in targets.iter().flat_map(|target| &target.ahead) {
        if !all.contains(&foreseen) {
            all.push(foreseen);
        }
    }
    all
}

fn subject(targets: &[&Target]) -> Phrase {
    if targets.len() > NAMED {
        let is_first = |target: &&&Target| target.object.id.kind == targets[0].object.id.kind;
        if targets.iter().filter(is_first).count() == 1 {
            let rest = words::kinds(targets[1..].iter().map(|target| &target.object));
            return words::object(&targets[0].object).plain(", and with it ").plain(rest);
        }
        return Phrase::new().plain(words::kinds(targets.iter().map(|target| &target.object)));
    }
    let mut line = Phrase::new();
    for (i, target) in targets.iter().enumerate() {
        line = match i {
            0 => line,
            i if i + 1 == targets.len() => line.plain(" and "),
            _ => line.plain(", "),
        };
        line = line.then(words::object(&target.object));
    }
    line
}

/// `, deleting for 3h7m`, `, for 5m12s`, `, the oldest deleting for 2d4h`.
fn age(page: &Page, targets: &[&Target]) -> String {
    let oldest = targets.iter().filter_map(|target| Some((target.since?, target.object.state))).min();
    let missing = targets.iter().all(|target| target.object.state == State::Missing);
    let Some((since, state)) = oldest else {
        return if missing { ", missing".to_owned() } else { String::new() };
    };
    let age = words::age(since, page.diagnosis.captured_at);
    let many = if targets.len() > 1 { ", the oldest" } else { "," };
    match state {
        State::Deleting => format!("{many} deleting for {age}"),
        State::Missing => format!("{many} missing for {age}"),
        State::Present | State::Unseen => format!("{many} for {age}"),
    }
}

fn clear(page: &mut Page) {
    let targets: Vec<&Target> = page.diagnosis.targets.iter().collect();
    let line = Phrase::of(Label::Good, "Nothing is blocked");
    let line = match targets.as_slice() {
        [] => line.plain("."),
        targets => line.plain(". Looked at ").then(subject(targets)).plain("."),
    };
    page.block(0, &line);
    controllers(page);
}

/// Where this comes from: always for a file, whose now is not today; on request for a cluster.
fn origin(page: &mut Page) {
    let diagnosis = page.diagnosis;
    let source = &diagnosis.source;
    let file = source.source == SourceType::File;
    if !file && !page.style.verbose {
        return;
    }
    let mut parts = vec![if file { "file" } else { "cluster" }.to_owned()];
    if !source.context.is_empty() {
        parts.push(format!("context {}", source.context));
    }
    if page.style.verbose && !source.server.is_empty() {
        parts.push(format!("server {}", source.server));
    }
    let time = diagnosis.captured_at.strftime("%Y-%m-%d %H:%M:%S UTC");
    page.say(0, &Phrase::of(Label::Dim, format!("As of {time} ({}).", parts.join(", "))));
    if page.style.verbose && diagnosis.summary.verdict != Verdict::Clear {
        controllers(page);
    }
}

fn controllers(page: &mut Page) {
    for controller in &page.diagnosis.controllers {
        let version = if controller.version.is_empty() { "of unknown version" } else { &controller.version };
        let line = Phrase::of(Label::Dim, "Controller ")
            .with(Label::Object, format!("{}/{}", controller.namespace, controller.name))
            .with(Label::Dim, format!(" {version}, {} ready.", controller.ready));
        page.say(0, &line);
    }
}
