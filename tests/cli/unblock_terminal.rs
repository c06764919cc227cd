//! `unblock` on a terminal: what is chosen already, what has to be typed, and how to leave.

use crate::pty::CTRL_C;
use crate::pty::CTRL_D;
use crate::pty::DOWN;
use crate::pty::ENTER;
use crate::pty::ESC;
use crate::pty::SPACE;
use crate::pty::Terminal;
use crate::unblock::Scene;
use crate::unblock::world_of;
use ptyprocess::Signal;
use std::time::Duration;

const ORPHANS: &[&str] = &["-n", "arc-ml"];
/// No controller: the way out that this program has leaves entries at GitHub.
const LOSSY: &[&str] = &["-n", "arc-build", "build"];
const CHOOSE: &str = "What is to be done?";
const CONSENT: &str = " to agree";
const CONFIRM: &str = "Make these changes? [y/N]";

fn start(scene: &Scene, arguments: &[&str], columns: u16) -> Terminal {
    Terminal::start(&scene.command(arguments), columns, 300)
}

/// What the answer to the question for consent is.
fn name_to_type(terminal: &Terminal) -> String {
    let screen = terminal.screen();
    let (before, _) = screen.rsplit_once(CONSENT).unwrap();
    before.rsplit_once("Type ").unwrap().1.split_whitespace().collect()
}

/// It ended without a write, and the terminal is fit for what comes next.
#[track_caller]
fn assert_nothing_done(scene: &Scene, mut terminal: Terminal) {
    assert_eq!(terminal.end(), 1, "{}", terminal.screen());
    assert!(terminal.is_clean(), "{}", terminal.screen());
    assert!(terminal.screen().contains("Still blocked: Nothing was changed."), "{}", terminal.screen());
    assert!(!terminal.screen().contains("More can be done"), "he has just said no: {}", terminal.screen());
    scene.assert_untouched();
    assert!(!scene.path("journal").exists());
}

#[test]
fn what_costs_nothing_is_chosen_already_and_can_be_left_out() {
    let scene = Scene::new(world_of(0..2));
    let mut terminal = start(&scene, ORPHANS, 100);
    terminal.wait_for(CHOOSE);
    terminal
        .wait_until("both are chosen", |screen| screen.matches("[x] release-protected-object").count() == 2);
    terminal.press(SPACE);
    terminal.wait_for("> [ ] release-protected-object");
    terminal.press(ENTER);
    terminal.wait_for(CONFIRM);
    assert!(terminal.screen().contains("- metadata.finalizers[0]: actions.github.com/cleanup-protection"));
    assert_eq!(scene.api.written(), []);
    terminal.press("y\r");
    assert_eq!(terminal.end(), 1, "the other one is left: {}", terminal.screen());
    assert!(terminal.is_clean());
    assert_eq!(scene.gone(), ["ServiceAccount arc-ml/ml-gha-rs-kube-mode"]);
    scene.assert_tried_first();
    scene.assert_journalled();
}

#[test]
fn what_costs_something_is_not_chosen_and_wants_the_name_typed() {
    let scene = Scene::of("crds-deleted-controller-gone");
    let choose = |keys: &str| {
        let mut terminal = start(&scene, LOSSY, 100);
        terminal.wait_for("> [ ] strip-finalizers");
        assert!(!terminal.screen().contains("[x]"), "{}", terminal.screen());
        terminal.press(keys);
        terminal
    };
    assert_nothing_done(&scene, choose(ENTER));

    let mut wrong = choose(&[SPACE, ENTER].concat());
    wrong.wait_for(CONSENT);
    let name = name_to_type(&wrong);
    for number in 1..=3 {
        wrong.press(&format!("{name}{number}\r"));
        if number < 3 {
            wrong.wait_for(&format!("{name}{number} is not its name."));
        }
    }
    assert_nothing_done(&scene, wrong);

    let mut right = choose(&[SPACE, ENTER].concat());
    right.wait_for(CONSENT);
    right.press(&format!("{name}\r"));
    right.wait_for(CONFIRM);
    right.press("y\r");
    assert_eq!(right.end(), 0, "{}", right.screen());
    assert!(right.is_clean());
    assert!(right.screen().contains("runner scale set 610"), "{}", right.screen());
    assert_eq!(scene.api.written().len(), 20);
    scene.end_pods();
    let (gone, _) = scene.differences();
    assert!(gone.iter().all(|name| !name.contains("web")), "the neighbour stays: {gone:?}");
}

#[test]
fn every_question_can_be_left_and_then_nothing_is_written() {
    let scene = Scene::of("crds-deleted-controller-gone");
    for keys in [CTRL_C, CTRL_D, ESC, "SIGTERM"] {
        for question in [CHOOSE, CONSENT, CONFIRM] {
            let mut terminal = start(&scene, LOSSY, 100);
            terminal.wait_for("> [ ] strip-finalizers");
            if question != CHOOSE {
                terminal.press(&[SPACE, ENTER].concat());
                terminal.wait_for(CONSENT);
            }
            if question == CONFIRM {
                terminal.press(&format!("{}\r", name_to_type(&terminal)));
                terminal.wait_for(CONFIRM);
            }
            match keys {
                "SIGTERM" => {
                    // In the moment before it waits for a key it would hear a signal only with the next key.
                    std::thread::sleep(Duration::from_millis(300));
                    terminal.signal(Signal::SIGTERM);
                }
                keys => terminal.press(keys),
            }
            assert_nothing_done(&scene, terminal);
        }
    }
    for no in [ENTER, "n\r"] {
        let scene = Scene::new(world_of(0..1));
        let mut terminal = start(&scene, ORPHANS, 100);
        terminal.wait_for(CHOOSE);
        terminal.press(ENTER);
        terminal.wait_for(CONFIRM);
        terminal.press(no);
        assert_nothing_done(&scene, terminal);
    }
}

#[test]
fn forty_columns_are_enough() {
    let scene = Scene::new(world_of(0..2));
    let mut terminal = start(&scene, ORPHANS, 40);
    terminal.wait_for(CHOOSE);
    terminal.press(DOWN);
    terminal.press(SPACE);
    terminal.wait_for("> [ ] release-protected-object");
    let menu: Vec<String> = terminal
        .screen()
        .lines()
        .filter(|line| line.contains("release-protected-object ("))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        menu.iter().filter(|line| line.contains("[x]") || line.contains("[ ]")).count(),
        2,
        "{menu:?}"
    );
    terminal.press(ENTER);
    terminal.wait_for("Make these changes?");
    terminal.press("y\r");
    assert_eq!(terminal.end(), 1, "{}", terminal.screen());
    assert!(terminal.is_clean());
    assert_eq!(scene.gone(), ["Secret arc-ml/ml-gha-rs-github-secret"]);
    // Prose is broken between words, and only a word that is longer than a line is cut by the terminal.
    let full = |line: &&str| line.chars().count() >= 40;
    let screen = terminal.screen();
    let broken: Vec<&str> = screen.lines().filter(full).filter(|line| line.contains(". ")).collect();
    assert_eq!(broken, [""; 0], "{screen}");
}

#[test]
fn whoever_stops_the_watch_still_gets_the_report() {
    for stop in ["SIGTERM", "SIGHUP", CTRL_C] {
        // There is no controller here that would go on after the repair.
        let scene = Scene::of("controller-moved");
        let mut terminal = start(&scene, &["-n", "arc-tools", "tools", "--yes", "--timeout", "100"], 100);
        terminal.wait_for("still there: ");
        match stop {
            "SIGTERM" => terminal.signal(Signal::SIGTERM),
            "SIGHUP" => terminal.signal(Signal::SIGHUP),
            keys => terminal.press(keys),
        }
        assert_eq!(terminal.end(), 1, "{}", terminal.screen());
        assert!(terminal.is_clean());
        let screen = terminal.screen();
        for part in [
            "Still blocked: You stopped it.",
            "patched RoleBinding arc-tools/tools-gha-rs-manager",
            "Noted in",
        ] {
            assert!(screen.contains(part), "{part}: {screen}");
        }
        // A terminal writes ^C at the end of a full line, and so begins the next one.
        let is_taken_away = !screen.contains("still there: ");
        assert!(is_taken_away || stop == CTRL_C, "the line of the watch stays: {screen}");
        scene.assert_tried_first();
        scene.assert_journalled();
    }
}

#[test]
fn what_is_put_back_is_asked_for() {
    // The example's runners stay, and their set gets its number back.
    let scene = Scene::of("helm-uninstall-secret-gone");
    assert_eq!(scene.call(&["ns/arc-release", "--yes", "--accept-loss", "registration"]).code, 0);
    let writes = scene.api.written().len();
    let journal = scene.path("journal");
    let undo = ["--undo", journal.to_str().unwrap(), "--journal", "none"];
    for keys in [CTRL_C, CTRL_D, ESC, ENTER, "y\r"] {
        let mut terminal = Terminal::start(&scene.bare(&undo), 100, 300);
        terminal.wait_for("Put this back? [y/N]");
        terminal.press(keys);
        assert_eq!(terminal.end(), 1, "not all can be put back: {}", terminal.screen());
        assert!(terminal.is_clean());
        let said = if keys == "y\r" { "cannot be put back: " } else { "Nothing was changed." };
        assert!(terminal.screen().contains(said), "{}", terminal.screen());
        assert_eq!(scene.api.written().len(), writes + usize::from(keys == "y\r"));
    }
}
