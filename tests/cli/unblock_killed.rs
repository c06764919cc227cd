//! Killed at any write: the journal tells the truth, and a second run finishes.

use crate::api::Fault;
use crate::api::On;
use crate::unblock::Scene;
use crate::unblock::called;
use crate::unblock::world_of;
use std::process::Child;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

/// How many writes it takes.
const WRITES: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Point {
    /// While the server is asked whether it would take it.
    AtTheTrial,
    /// So many microseconds after that question arrived: around the answer, the journal and the sending.
    SoonAfter(u64),
    /// It is on its way, and does not arrive.
    BeforeIt,
    /// It was carried out, and the answer does not arrive.
    AfterIt,
}

/// Kills what was started, and makes sure that it is dead.
fn kill(child: &Mutex<Option<Child>>) {
    for _ in 0..1000 {
        if let Some(child) = child.lock().unwrap().as_mut() {
            child.kill().unwrap();
            child.wait().unwrap();
            return;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A run that is killed at its n-th write.
fn killed(scene: &Scene, number: usize, point: Point) {
    let child: Arc<Mutex<Option<Child>>> = Arc::default();
    let victim = Arc::clone(&child);
    match point {
        Point::AtTheTrial => scene.api.before_trial(number, move |_| kill(&victim)),
        Point::SoonAfter(wait) => scene.api.before_trial(number, move |_| {
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_micros(wait));
                kill(&victim);
            });
        }),
        Point::BeforeIt | Point::AfterIt => scene.api.before_write(number, move |_| kill(&victim)),
    }
    if point == Point::BeforeIt {
        let path = ["/secrets/", "/serviceaccounts/", "/roles/"][number - 1];
        let it = On { path, dry: Some(false), times: 1, ..On::every("PATCH") };
        scene.api.strike(it, Fault::CutBefore);
    }
    let mut command = scene.command(&["-n", "arc-ml", "--yes"]);
    let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    *child.lock().unwrap() = Some(started);
    let is_over = || child.lock().unwrap().as_mut().unwrap().try_wait().unwrap();
    for _ in 0..3000 {
        if let Some(status) = is_over() {
            let ended = status.code().is_some();
            assert!(!ended || matches!(point, Point::SoonAfter(_)), "it was killed: {status}");
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("it is still there");
}

#[test]
fn a_second_run_finishes_what_a_killed_one_began() {
    let mut points = vec![Point::AtTheTrial, Point::BeforeIt, Point::AfterIt];
    points.extend([1000, 4000].map(Point::SoonAfter));
    for (number, point) in (1..=WRITES).flat_map(|number| points.iter().map(move |point| (number, *point))) {
        let scene = Scene::new(world_of(0..WRITES));
        killed(&scene, number, point);

        let (intents, answers) = (scene.journal("Intent"), scene.journal("Answer"));
        let written = scene.api.written();
        let case = format!("{point:?} {number}: {intents:?} {answers:?} {written:?}");
        let counts = (intents.len(), answers.len(), written.len());
        match point {
            Point::AtTheTrial => assert_eq!(counts, (number - 1, number - 1, number - 1), "{case}"),
            Point::BeforeIt => assert_eq!(counts, (number, number - 1, number - 1), "{case}"),
            Point::AfterIt => assert_eq!(counts, (number, number - 1, number), "{case}"),
            Point::SoonAfter(_) => {
                assert!(counts.0 <= counts.1 + 1 && counts.1 <= counts.2 && counts.2 <= counts.0, "{case}");
            }
        }
        // Nothing happened that the journal did not know before.
        for (intent, written) in intents.iter().zip(&written) {
            assert_eq!(intent["request"]["body"], written.body, "{case}");
        }
        if counts.0 > counts.1 {
            let journal = scene.path("journal");
            let told =
                scene.bare(&["--undo", journal.to_str().unwrap(), "--dry-run=client"]).output().unwrap();
            let told =
                String::from_utf8(told.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(told.contains("it is not known whether that happened"), "{case}: {told}");
        }

        let second = scene.call(&["-n", "arc-ml", "--yes"]);
        assert_eq!(second.code, 0, "{case}: {}{}", second.stdout, second.stderr);
        assert_eq!(scene.gone().len(), WRITES, "{case}");
        let mut objects: Vec<String> = scene.api.written().iter().map(called).collect();
        assert_eq!(objects.len(), WRITES, "nothing is done twice: {case}");
        objects.sort();
        objects.dedup();
        assert_eq!(objects.len(), WRITES, "{case}");
        let (intents, answers) = (scene.journal("Intent").len(), scene.journal("Answer").len());
        assert_eq!(intents - answers, counts.0 - counts.1, "the second run answers what it says: {case}");
    }
}

/// Ctrl-C and its likes end the run between two writes: the one that is under way is finished and noted.
#[cfg(unix)]
#[test]
fn a_signal_stops_it_between_two_writes() {
    for (signal, dry) in
        ["INT", "TERM", "HUP"].into_iter().flat_map(|signal| [(signal, true), (signal, false)])
    {
        let scene = Scene::new(world_of(0..WRITES));
        let (sender, pid) = std::sync::mpsc::channel::<u32>();
        let send = move |_: &mut crate::api::World| {
            let pid = pid.recv().unwrap();
            let words = format!("kill -{signal} {pid}");
            assert!(std::process::Command::new("/bin/sh").args(["-c", &words]).status().unwrap().success());
        };
        match dry {
            true => scene.api.before_trial(2, send),
            false => scene.api.before_write(2, send),
        }
        let mut command = scene.command(&["-n", "arc-ml", "--yes"]);
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        sender.send(child.id()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{signal}: {said}");
        assert!(said.starts_with("Still blocked: You stopped it."), "{signal}: {said}");
        assert_eq!(scene.gone().len(), 2, "{signal}: {said}");
        scene.assert_tried_first();
        scene.assert_journalled();
        assert_eq!(scene.call(&["-n", "arc-ml", "--yes"]).code, 0);
        assert_eq!(scene.gone().len(), WRITES);
    }
}
