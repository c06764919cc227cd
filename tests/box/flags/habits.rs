//! What `kubectl get` and `kubectl patch` have made a habit of.

use serde_json::Value;

use super::Check;
use super::bench;
use super::bench::Bench;
use super::bench::NAMESPACE;
use super::bench::WHY;
use crate::Outcome;
use crate::ask::now;
use crate::people::Person;
use crate::process;
use crate::pty::CTRL_C;
use crate::pty::Terminal;

pub const CHECKS: &[Check] = &[
    ("namespace", namespace),
    ("all-namespaces", all_namespaces),
    ("selector", selector),
    ("filename", filename),
    ("output", output),
    ("chunk-size", chunk_size),
    ("cache-dir", cache_dir),
    ("dry-run", dry_run),
    ("field-manager", field_manager),
    ("watch", watch),
];

/// The flag wins; a namespace without anything of ARC is no error, one that does not exist is, unlike in kubectl.
fn namespace(bench: &Bench) -> Outcome<()> {
    let empty = "No resources found in arc-empty namespace.\n";
    for flags in [
        &["-n", "arc-empty"][..],
        &["-narc-empty"],
        &["--namespace=arc-empty"],
        &["-n", "x", "-n", "arc-empty"],
    ] {
        let ours = process::run(&mut bench.ours(&[&["why"], flags].concat()))?;
        let kubectl = process::run(&mut bench.kubectl(&[&["get", "autoscalingrunnersets"], flags].concat()))?;
        if (ours.code, ours.stderr.as_str()) != (Some(0), empty) || ours.stderr != kubectl.stderr {
            return Err(format!(
                "{flags:?}: {:?}\n{}--- kubectl\n{}",
                ours.code, ours.stderr, kubectl.stderr
            ));
        }
        let json = process::run(&mut bench.ours(&[&["why", "-ojson"], flags].concat()))?;
        let verdict: Value = serde_json::from_str(&json.stdout).map_err(|error| error.to_string())?;
        if verdict["summary"]["verdict"] != "clear" || json.stderr != empty {
            return Err(format!("{flags:?} -o json: {}{}", json.stdout, json.stderr));
        }
    }
    bench::refused(
        &mut bench.ours(&["why", "-n", "nowhere"]),
        2,
        &["Namespace nowhere is not in the cluster"],
    )?;
    bench::refused(&mut bench.ours(&["why", "-n"]), 2, &["--namespace"])?;
    bench::fails(&mut bench.kubectl(&["get", "pods", "-n"]))
}

fn all_namespaces(bench: &Bench) -> Outcome<()> {
    for flag in ["-A", "--all-namespaces", "-A=true"] {
        bench::answers(&mut bench.ours(&["why", flag, "-ojson"]))?;
        process::must(&mut bench.kubectl(&["get", "autoscalingrunnersets", flag]))?;
    }
    let off = ["-A=false", "-n", "arc-empty"];
    let done = process::run(&mut bench.ours(&[&["why"], &off[..]].concat()))?;
    bench::has(&done.stderr, &["arc-empty"])?;
    bench::refused(&mut bench.ours(&["why", "-A=perhaps"]), 2, &["perhaps"])?;
    bench::fails(&mut bench.kubectl(&["get", "autoscalingrunnersets", "-A=perhaps"]))
}

fn selector(bench: &Bench) -> Outcome<()> {
    for flag in ["-l", "--selector"] {
        bench::answers(&mut bench.ours(&["why", "-n", NAMESPACE, flag, "tier=web", "-ojson"]))?;
        let kubectl = ["get", "autoscalingrunnersets", "-n", NAMESPACE, "-o", "name", flag];
        bench::has(&process::must(&mut bench.kubectl(&[&kubectl[..], &["tier=web"]].concat()))?, &["web"])?;
        let none = format!("No resources found in {NAMESPACE} namespace.\n");
        let ours = process::run(&mut bench.ours(&["why", "-n", NAMESPACE, flag, "tier=db"]))?;
        if ours.stderr != none {
            return Err(format!("{flag}: {}{}", ours.stdout, ours.stderr));
        }
    }
    bench::refused(&mut bench.ours(&["why", "-l", "==="]), 2, &["selector"])?;
    bench::fails(&mut bench.kubectl(&["get", "pods", "-l", "==="]))
}

/// What kubectl prints can be asked instead of the cluster, folders with all that is in them.
fn filename(bench: &Bench) -> Outcome<()> {
    let folder = bench.cluster.folder.path().join("dump/deeper");
    std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let text =
        process::must(&mut bench.kubectl(&["get", "autoscalingrunnersets", "-n", NAMESPACE, "-o", "yaml"]))?;
    std::fs::write(folder.join("sets.yaml"), text).map_err(|error| error.to_string())?;
    let outer = bench.cluster.folder.path().join("dump").to_string_lossy().into_owned();
    let nowhere = std::path::Path::new("/nonexistent/kubeconfig");
    for more in [&[][..], &["-R"], &["--recursive"]] {
        for flag in ["-f", "--filename"] {
            let words = [&WHY[..], &[flag, outer.as_str()], more].concat();
            let done = process::run(&mut bench.ours_with(nowhere, &words))?;
            bench::has(&done.stdout, &["\"type\": \"file\"", "\"name\": \"web\""])?;
        }
    }
    let lost = ["-f", "/nonexistent/dump"];
    bench::refused(&mut bench.ours(&[&["why"], &lost[..]].concat()), 2, &["/nonexistent/dump"])?;
    bench::fails(&mut bench.kubectl(&[&["get"], &lost[..]].concat()))
}

fn output(bench: &Bench) -> Outcome<()> {
    for format in ["json", "yaml"] {
        let asked = ["-o", format];
        let ours = process::run(&mut bench.ours(&[&WHY[..4], &asked].concat()))?;
        let kubectl = process::must(&mut bench.kubectl(&[&["get", "ns", NAMESPACE], &asked[..]].concat()))?;
        for text in [&ours.stdout, &kubectl] {
            let read: Result<Value, String> = match format {
                "json" => serde_json::from_str(text).map_err(|error| error.to_string()),
                _ => serde_saphyr::from_str(text).map_err(|error| error.to_string()),
            };
            if !read?["kind"].is_string() {
                return Err(format!("-o {format}: {text}"));
            }
        }
    }
    bench::refused(&mut bench.ours(&["why", "-o", "gif"]), 2, &["gif", "json", "yaml"])?;
    bench::fails(&mut bench.kubectl(&["get", "ns", "-o", "gif"]))
}

/// Three Secrets are in the namespace.
fn chunk_size(bench: &Bench) -> Outcome<()> {
    let both = |size: &str| -> Outcome<[String; 2]> {
        let size = ["-v=6", "--chunk-size", size];
        let ours =
            bench::answers(&mut bench.ours(&[&["why", "-n", NAMESPACE, "-ojson"], &size[..]].concat()))?;
        let kubectl =
            process::run(&mut bench.kubectl(&[&["get", "secrets", "-n", NAMESPACE], &size[..]].concat()))?;
        Ok([ours.stderr, kubectl.stderr])
    };
    for said in both("2")? {
        bench::has(&said, &["/secrets?limit=2\"", "continue="])?;
    }
    // Of less than nothing kubectl asks the server, who gives all.
    for (size, programs) in [("0", 2), ("-1", 1)] {
        if let Some(said) = both(size)?.iter().take(programs).find(|said| said.contains("limit=")) {
            return Err(format!("--chunk-size {size} asks for pages:\n{said}"));
        }
    }
    bench.both_refuse(&["--chunk-size", "many"], &["many", "--chunk-size"])
}

/// Taken, and nothing follows from it.
fn cache_dir(bench: &Bench) -> Outcome<()> {
    let folder = bench.cluster.folder.path().join("cache");
    let path = folder.to_string_lossy();
    let flags = [&WHY[..], &["--cache-dir", &path]].concat();
    let with = bench::answers(bench.ours(&flags).env("KUBECACHEDIR", &folder))?;
    let without = bench::answers(&mut bench.ours(&WHY))?;
    let plain = |text: &str| -> Outcome<Value> {
        let mut json: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Ok(json["targets"][0]["object"].take())
    };
    if folder.exists() || plain(&with.stdout)? != plain(&without.stdout)? {
        return Err(format!("--cache-dir has an effect:\n{}", with.stdout));
    }
    bench::refused(&mut bench.ours(&["why", "--cache-dir"]), 2, &["--cache-dir"]).map(|_| ())
}

/// What is left of a runner set that is gone can be unblocked; here it is only judged.
pub fn unblock(bench: &Bench, more: &[&str]) -> Outcome<process::Done> {
    let time = (now() + jiff::SignedDuration::from_mins(3)).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let (_later, kubeconfig) = bench.cluster.later(&time, Person::Admin)?;
    let words = [&["unblock", "-n", NAMESPACE, "role/left", "--journal", "none"], more].concat();
    process::run(&mut bench.ours_with(&kubeconfig, &words))
}

fn dry_run(bench: &Bench) -> Outcome<()> {
    let version = || {
        process::must(&mut bench.kubectl(&[
            "get",
            "role",
            "left",
            "-n",
            NAMESPACE,
            "-o",
            "jsonpath={.metadata.resourceVersion}",
        ]))
    };
    let before = version()?;
    let client = unblock(bench, &["--dry-run=client"])?;
    bench::has(&client.stdout, &["patch Role arc-flags/left"])?;
    let apart = unblock(bench, &["--dry-run", "server", "--yes"])?;
    for server in [unblock(bench, &["--dry-run=server"])?, apart] {
        bench::has(
            &server.stderr,
            &["the server would take it: patch Role arc-flags/left", "nothing was changed"],
        )?;
    }
    let bare = unblock(bench, &["--dry-run", "--yes"])?;
    let patch = ["patch", "role", "left", "-n", NAMESPACE, "-p", "{}"];
    let kubectl = process::run(&mut bench.kubectl(&[&patch[..], &["--dry-run"]].concat()))?;
    if bare.stdout != client.stdout {
        return Err(format!("--dry-run alone is another thing than --dry-run=client:\n{}", bare.stdout));
    }
    for said in [&bare.stderr, &kubectl.stderr] {
        bench::has(said, &["deprecated", "--dry-run=client"])?;
    }
    let wrong = unblock(bench, &["--dry-run=sometimes"])?;
    bench::has(&wrong.stderr, &["sometimes", "client", "server"])?;
    bench::fails(&mut bench.kubectl(&[&patch[..], &["--dry-run=sometimes"]].concat()))?;
    match (wrong.code, version()? == before) {
        (Some(2), true) => Ok(()),
        (code, _) => Err(format!("a dry run ends with {code:?}, or changes something")),
    }
}

/// The server hears it, and judges it.
fn field_manager(bench: &Bench) -> Outcome<()> {
    let patch = ["patch", "role", "left", "-n", NAMESPACE, "-p", "{}", "--dry-run=server"];
    for (name, taken) in [("somebody-else", true), ("a".repeat(200).as_str(), false)] {
        let flag = format!("--field-manager={name}");
        let ours = unblock(bench, &["--dry-run=server", "-v=6", &flag])?;
        bench::has(&ours.stderr, &[&format!("fieldManager={name}"), "dryRun=All"])?;
        let takes = ours.stderr.contains("the server would take it");
        let kubectl = process::run(&mut bench.kubectl(&[&patch[..], &[&flag]].concat()))?;
        if takes != taken || (kubectl.code == Some(0)) != taken {
            return Err(format!("{flag}: {}--- kubectl\n{}", ours.stderr, kubectl.stderr));
        }
    }
    Ok(())
}

/// Something comes to be while it is watched.
fn watch(bench: &Bench) -> Outcome<()> {
    let place = ["-n", "arc-watch"];
    let set = ["autoscalingrunnersets"];
    let mut ours = Terminal::start(&bench.ours(&[&["why", "-w"], &place[..]].concat()), 100, 60);
    ours.end();
    bench::has(&ours.screen(), &["No resources found in arc-watch namespace.", "Nothing is blocked."])?;
    let mut ours =
        Terminal::start(&bench.ours(&[&["why", "--watch", "-ojson"], &place[..]].concat()), 100, 200);
    let kubectl = Terminal::start(&bench.kubectl(&[&["get", "-w"], &set[..], &place].concat()), 100, 60);
    ours.wait_for("\"verdict\": \"clear\"");
    let line = format!(
        "kubectl get autoscalingrunnerset web -n {NAMESPACE} -o json | sed 's/{NAMESPACE}/arc-watch/' | kubectl create -f -"
    );
    process::must(&mut bench.cluster.shell(&line))?;
    ours.wait_for("\"namespace\": \"arc-watch\"");
    kubectl.wait_for("web");
    ours.press(CTRL_C);
    ours.end();
    bench.both_refuse(&["--watch=perhaps"], &["perhaps", "--watch"])
}
