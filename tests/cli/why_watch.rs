//! `why -w`: the answer, and again whenever it is another one.

use crate::api::Api;
use crate::api::World;
use crate::pty::CTRL_C;
use crate::pty::Terminal;
use crate::run::BINARY;
use crate::run::done;
use crate::run::example;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

const WHY: [&str; 3] = ["why", "ns/arc-old", "-w"];
const LISTENER: (&str, &str, &str) = ("AutoscalingListener", "arc-old", "tools-c96bd495-listener");

fn moved() -> Api {
    Api::of(World::of_file(example("controller-moved")))
}

/// The watched object goes, and then what waited for it.
fn free(api: &Api) {
    api.change(|world| {
        world.remove(LISTENER.0, LISTENER.1, LISTENER.2);
        world.remove("Namespace", "", "arc-old");
    });
}

/// The program on a terminal, its answers in a file.
fn into_file(api: &Api, words: &[&str], file: &Path) -> Terminal {
    let own = api.command(BINARY);
    let mut shell = Command::new("/bin/sh");
    shell.args(["-c", r#"exec "$0" "$@" >"$FILE""#, BINARY]).args(words).env("FILE", file);
    shell.envs(own.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Terminal::start(&shell, 100, 60)
}

/// Waits until a file says this so many times.
fn wait_for(file: &Path, part: &str, count: usize) -> String {
    let late = Instant::now() + Duration::from_secs(30);
    loop {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        if text.matches(part).count() >= count {
            return text;
        }
        assert!(Instant::now() < late, "{part:?} is not there {count} times:\n{text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn text_ends_by_itself_once_nothing_is_blocked() {
    let (api, folder) = (moved(), tempfile::tempdir().unwrap());
    let file = folder.path().join("answers");
    let mut terminal = into_file(&api, &WHY, &file);
    wait_for(&file, "Blocked: Namespace arc-old", 1);
    terminal.wait_for("watching; Ctrl-C ends it");
    free(&api);
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    assert!(terminal.is_clean() && !terminal.screen().contains("watching"), "{}", terminal.screen());
    let text = std::fs::read_to_string(&file).unwrap();
    let (first, last) = text.rsplit_once("\n\n").unwrap();
    assert!(first.starts_with("Blocked: "), "{text}");
    assert!(last.starts_with("Nothing is blocked") && !last.contains("Blocked: "), "{text}");
}

#[test]
fn each_change_is_one_document_and_what_stays_as_it_is_none() {
    let (api, folder) = (moved(), tempfile::tempdir().unwrap());
    let file = folder.path().join("answers");
    let mut terminal = into_file(&api, &[&WHY[..], &["-ojson"]].concat(), &file);
    wait_for(&file, "\"verdict\": \"blocked\"", 1);
    // Two looks at least that see nothing new.
    let looks = || api.requests().iter().filter(|request| request.ends_with(" /version")).count();
    let late = Instant::now() + Duration::from_secs(30);
    while looks() < 3 {
        assert!(Instant::now() < late, "nobody looks again");
        std::thread::sleep(Duration::from_millis(50));
    }
    free(&api);
    wait_for(&file, "\"verdict\": \"clear\"", 1);
    terminal.press(CTRL_C);
    // That of the last answer.
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    let text = std::fs::read_to_string(&file).unwrap();
    let answers: Vec<serde_json::Value> =
        serde_json::Deserializer::from_str(&text).into_iter().collect::<Result<_, _>>().unwrap();
    let verdicts: Vec<&str> =
        answers.iter().filter_map(|answer| answer["summary"]["verdict"].as_str()).collect();
    // A look that began before the change and ended after it may see that it cannot say.
    let known: Vec<&str> = verdicts.iter().copied().filter(|verdict| *verdict != "unknown").collect();
    assert!(known == ["blocked", "clear"] && verdicts.len() <= 3, "{verdicts:?}");
}

#[test]
fn on_a_terminal_an_answer_takes_the_place_of_the_one_before() {
    let api = moved();
    let mut terminal = Terminal::start(api.command(BINARY).args(WHY), 100, 80);
    terminal.wait_for("watching; Ctrl-C ends it");
    assert!(terminal.screen().contains("Blocked: Namespace arc-old"), "{}", terminal.screen());
    // What happens there is something else, and no end of it.
    api.change(|world| world.remove(LISTENER.0, LISTENER.1, LISTENER.2));
    terminal.wait_until("another answer is seen", |screen| {
        !screen.contains("listener-orphaned") && screen.contains("arc-old") && screen.contains("watching")
    });
    terminal.press(CTRL_C);
    terminal.end();
    assert!(terminal.is_clean(), "{}", terminal.screen());
}

#[test]
fn traces_and_what_is_going_on_do_not_share_a_line() {
    let api = moved();
    let mut terminal = Terminal::start(api.command(BINARY).args(WHY).arg("-v=6"), 200, 200);
    terminal.wait_for("watching; Ctrl-C ends it");
    let looks = terminal.written().matches("/version").count();
    terminal.wait_until("it looks again", |screen| screen.matches("/version").count() > looks);
    terminal.press(CTRL_C);
    terminal.end();
    let screen = terminal.screen();
    assert!(screen.lines().any(|line| line == "watching; Ctrl-C ends it"), "{screen}");
}

#[cfg(target_os = "linux")]
#[test]
fn it_ends_once_no_answer_can_be_written() {
    let api = moved();
    for format in ["text", "json"] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut child = api.command(BINARY).args(WHY).args(["-o", format]).stdout(full).spawn().unwrap();
        let late = Instant::now() + Duration::from_secs(30);
        let code = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status.code();
            }
            if Instant::now() > late {
                child.kill().unwrap();
                panic!("-o {format} goes on");
            }
            std::thread::sleep(Duration::from_millis(50));
        };
        assert_eq!(code, Some(2), "{format}");
    }
}

#[test]
fn what_cannot_be_watched_is_said_at_once() {
    let api = moved();
    let ask = |words: &[&str]| done(api.command(BINARY).args(words), "");
    for (words, part) in [
        (&["why", "-w", "ns/nowhere"][..], "Namespace nowhere is not in the cluster"),
        (&["why", "-w", "--context", "a", "--context", "b"], "-w watches one cluster"),
        (&["why", "-w", "-f", "x.yaml"], "--filename"),
        (&["why", "-w", "--server", "http://127.0.0.1:1"], "127.0.0.1:1"),
    ] {
        let answer = ask(words);
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{words:?}");
        assert!(answer.stderr.contains(part), "{words:?}: {}", answer.stderr);
    }
}
