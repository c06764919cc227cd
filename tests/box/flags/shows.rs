//! What is shown beside the answer: requests, warnings, and words for who knows kubectl.

use super::Check;
use super::bench;
use super::bench::Bench;
use super::bench::CANARY;
use super::bench::NAMESPACE;
use super::bench::WHY;
use crate::Outcome;
use crate::process;

pub const CHECKS: &[Check] =
    &[("verbosity", verbosity), ("warnings", warnings), ("flags-first", flags_first)];

/// What a level shows in kubectl, ours shows.
const LEVELS: [(u8, &[&str]); 4] = [
    (
        6,
        &[
            "Config loaded from file:  ",
            "\"Response\" verb=\"GET\" url=\"https://",
            "status=\"200 OK\" milliseconds=",
        ],
    ),
    (
        7,
        &[
            "\"Request\" verb=\"GET\" url=\"https://",
            "headers=<\n\tAccept: ",
            "\tAuthorization: Bearer <masked>\n",
            "\tUser-Agent: kubectl",
            "\"Response\" ",
        ],
    ),
    (
        8,
        &[
            "\"Request Body\" ",
            "body=\"\"",
            "status=\"200 OK\" headers=<\n\tAudit-Id: ",
            "\"Response Body\" ",
        ],
    ),
    (
        9,
        &[
            "\"Request\" curlCommand=<\n\tcurl -v -XGET  -H \"",
            "\"Authorization: Bearer <masked>\"",
            "\"Response Body\" ",
            "milliseconds=",
        ],
    ),
];

fn verbosity(bench: &Bench) -> Outcome<()> {
    let kubectl = ["get", "namespace", NAMESPACE];
    for (level, parts) in LEVELS {
        let spellings = [
            vec![format!("-v={level}")],
            vec!["--v".to_owned(), level.to_string()],
            vec![format!("-v{level}")],
        ];
        for spelling in spellings {
            let flags: Vec<&str> = spelling.iter().map(String::as_str).collect();
            let ours = bench::answers(&mut bench.ours(&[&WHY[..], &flags].concat()))?;
            let theirs = process::run(&mut bench.kubectl(&[&kubectl[..], &flags].concat()))?;
            bench::has(&theirs.stderr, parts).map_err(|error| format!("kubectl {flags:?}: {error}"))?;
            bench::has(&ours.stderr, parts).map_err(|error| format!("{flags:?}: {error}"))?;
            shows_nothing_secret(bench, &ours.stderr)?;
            let klog = |line: &str| {
                line.starts_with("I1") || line.starts_with("I0") || line.starts_with(['\t', ' '])
            };
            if let Some(odd) = ours.stderr.lines().find(|line| !klog(line)) {
                return Err(format!("{flags:?}: {odd} is no line of klog"));
            }
        }
    }
    // Requests are shown from 6 on, evidence from 1 on: a bare -v is ours alone.
    for quiet in ["-v", "-v=5"] {
        let done = process::run(&mut bench.ours(&["why", "-n", NAMESPACE, quiet, "web"]))?;
        if !done.stderr.is_empty() || !done.stdout.contains("web") {
            return Err(format!("{quiet}: {}{}", done.stdout, done.stderr));
        }
    }
    bench.both_refuse(&["-v=loud"], &["loud"])
}

/// Neither the token, nor what a Secret holds: plain, in base64, or in the annotation that kubectl keeps.
fn shows_nothing_secret(bench: &Bench, text: &str) -> Outcome<()> {
    use base64::Engine as _;
    let packed = base64::engine::general_purpose::STANDARD.encode(CANARY);
    match [CANARY, packed.as_str(), bench.token.as_str()].into_iter().find(|secret| text.contains(secret)) {
        Some(secret) => Err(format!("{secret} is shown:\n{text}")),
        None => Ok(()),
    }
}

/// The server's own, once, in the words of kubectl: of a reading, and of a change that a policy warns of.
fn warnings(bench: &Bench) -> Outcome<()> {
    let target = ["endpoints/old", "-n", NAMESPACE];
    let ours = process::run(&mut bench.ours(&[&["why", "-ojson"], &target[..]].concat()))?;
    let kubectl = process::run(&mut bench.kubectl(&[&["get"], &target[..]].concat()))?;
    if ours.code != Some(0) || ours.stderr != kubectl.stderr || ours.stderr.lines().count() != 1 {
        return Err(format!("{:?}: {}--- kubectl\n{}", ours.code, ours.stderr, kubectl.stderr));
    }
    bench::has(&ours.stderr, &["Warning: v1 Endpoints is deprecated"])?;
    let strict = [&target[..], &["--warnings-as-errors"]].concat();
    let ours = process::run(&mut bench.ours(&[&["why", "-ojson"], &strict[..]].concat()))?;
    let kubectl = process::run(&mut bench.kubectl(&[&["get"], &strict[..]].concat()))?;
    if ours.code != Some(2) || ours.stderr != kubectl.stderr || kubectl.code == Some(0) {
        return Err(format!("{:?}: {}--- kubectl\n{}", ours.code, ours.stderr, kubectl.stderr));
    }
    bench::answers(&mut bench.ours(&[&WHY[..], &["--warnings-as-errors"]].concat()))?;
    let judged = super::habits::unblock(bench, &["--dry-run=server"])?;
    let policy = judged
        .stderr
        .lines()
        .filter(|line| line.starts_with("Warning: ") && line.ends_with("somebody watches the roles"));
    match policy.count() {
        1 => Ok(()),
        count => Err(format!("a policy's warning is told {count} times:\n{}", judged.stderr)),
    }
}

/// kubectl takes flags before a command of its own, and so do we; before the name of a plugin it takes none.
fn flags_first(bench: &Bench) -> Outcome<()> {
    for flags in [&["-n", NAMESPACE][..], &["--namespace", NAMESPACE, "--request-timeout=30s"]] {
        bench::answers(&mut bench.ours(&[flags, &["why", "web", "-ojson"]].concat()))?;
        process::must(&mut bench.kubectl(&[flags, &["get", "autoscalingrunnersets"]].concat()))?;
    }
    bench::refused(&mut bench.ours(&["--nope", "why"]), 2, &["--nope"])?;
    let plugins = std::path::Path::new(env!("CARGO_BIN_EXE_kubectl-arc")).parent().ok_or("no folder")?;
    let mut through = bench.kubectl(&["arc", "-n", NAMESPACE, "why", "web", "-ojson"]);
    bench::answers(through.env("PATH", plugins))?;
    let mut before = bench.kubectl(&["-n", NAMESPACE, "arc", "why"]);
    let done = process::run(before.env("PATH", plugins))?;
    bench::has(&done.stderr, &["flags cannot be placed before plugin name"])
}
