//! What is on the disk when something is sent.

use super::*;
use crate::diagnose::Action;
use crate::journal;
use crate::journal::Answer as Ending;
use crate::journal::Back;
use crate::journal::Intent;
use crate::journal::Outcome;
use crate::journal::Place;
use crate::journal::Run;
use std::path::PathBuf;

fn journal(folder: &tempfile::TempDir) -> (Journal, PathBuf) {
    let path = folder.path().join("j.jsonl");
    (Journal::open(&Place::File(path.clone()), &Run::default()).unwrap(), path)
}

/// One change with a journal; what it says afterwards.
async fn kept(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Vec<(Intent, Option<Ending>)> {
    let folder = tempfile::tempdir().unwrap();
    let (journal, path) = journal(&folder);
    let mut stage = Stage::with(Some(journal), answer);
    stage.carry_out(&drop_first()).await.ok();
    assert_eq!(stage.writer.journal(), Some(path.as_path()));
    stage.writer.finish().unwrap();
    journal::read(&path).unwrap().into_iter().map(|entry| (entry.intent, entry.answer)).collect()
}

#[tokio::test]
async fn the_intent_is_on_the_disk_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (journal, path) = journal(&folder);
    let seen = path.clone();
    let mut stage = Stage::with(Some(journal), move |asked| {
        let entries = journal::read(&seen).unwrap();
        match asked.is_for_good() {
            true => assert!(matches!(&entries[..], [entry] if entry.answer.is_none()), "{entries:?}"),
            false => assert!(entries.is_empty()),
        }
        good(asked)
    });
    stage.carry_out(&drop_first()).await.unwrap();
    assert_eq!(stage.writes().len(), 1);
    let entries = journal::read(&path).unwrap();
    let [entry] = &entries[..] else { panic!("{entries:?}") };
    let (intent, answer) = (&entry.intent, entry.answer.as_ref().unwrap());
    let sent = &stage.writes()[0];
    assert_eq!((&intent.request.method, &intent.request.path), (&sent.method, &sent.path));
    assert_eq!((&intent.request.body, &intent.request.content_type), (&sent.body, &sent.content_type));
    assert_eq!(intent.step.class, "ghost-runner");
    assert_eq!((intent.object.id(), intent.object.uid.as_str()), (id(), "u-1"));
    let before = intent.before.clone().unwrap();
    assert_eq!(before["metadata"]["finalizers"], json!(["a/one", "a/two"]));
    assert_eq!(
        (before["metadata"].get("managedFields"), before.to_string().contains("canary")),
        (None, false)
    );
    assert_eq!(intent.left_out, ["/spec/env/0/value"]);
    assert_eq!((answer.code, answer.outcome), (Some(200), Outcome::Changed));
    assert_eq!((answer.uid.as_str(), answer.resource_version.as_str()), ("u-1", "8"));
}

#[tokio::test]
async fn what_became_of_it_is_noted() {
    let cases: [(Server, Option<u16>, Outcome); 6] = [
        (good, Some(200), Outcome::Changed),
        (|asked| if asked.is_for_good() { Answer::Cut } else { good(asked) }, None, Outcome::Unsure),
        (
            |asked| if asked.is_for_good() { forbidden("no") } else { good(asked) },
            Some(403),
            Outcome::Refused,
        ),
        (
            |asked| if asked.is_for_good() { Answer::Later(429, 1) } else { good(asked) },
            Some(429),
            Outcome::NotWritten,
        ),
        (
            |asked| if asked.is_for_good() { Answer::Is(200, runner()) } else { good(asked) },
            Some(200),
            Outcome::Undone,
        ),
        (
            |asked| match asked.method.as_str() {
                "GET" if asked.before > 0 => Answer::Is(200, freed()),
                _ if asked.is_for_good() => test_failed(),
                _ => good(asked),
            },
            Some(422),
            Outcome::Already,
        ),
    ];
    for (answer, code, outcome) in cases {
        let entries = kept(answer).await;
        let [(_, Some(answer))] = &entries[..] else { panic!("{entries:?}") };
        assert_eq!((answer.code, answer.outcome), (code, outcome));
        assert_eq!(answer.message.is_empty(), outcome == Outcome::Changed, "{}", answer.message);
    }
}

#[tokio::test]
async fn what_is_not_sent_is_not_noted() {
    let entries = kept(|asked| if asked.is_dry() { forbidden("no") } else { good(asked) }).await;
    assert_eq!(entries, []);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_journal_that_takes_nothing_keeps_everything_from_being_sent() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, _) = journal(&folder);
    journal.replace_file(std::fs::OpenOptions::new().append(true).open("/dev/full").unwrap());
    let mut stage = Stage::with(Some(journal), good);
    let refusal = stage.refusal(&drop_first()).await;
    assert_eq!(refusal.kind, RefusalKind::Journal);
    assert!(refusal.message.starts_with("cannot change EphemeralRunner n/r: cannot write the journal "));
    assert_eq!(stage.writes().len(), 0);
    assert!(stage.writer.finish().is_err());
}

/// What a writer did and a journal kept, another run takes back.
#[tokio::test]
async fn what_was_written_is_taken_back_through_the_same_door() {
    let live = || {
        let mut live = runner();
        live["metadata"].as_object_mut().unwrap().remove("deletionTimestamp");
        live
    };
    let path = "/metadata/annotations/k";
    let operations = json!([{"op": "test", "path": path, "value": "v"}, {"op": "remove", "path": path}]);
    let action = Action::Patch(Patch { deletion: String::new(), ..patch_of(operations) });
    let without = move || {
        let mut without = live();
        without["metadata"].as_object_mut().unwrap().remove("annotations");
        without
    };
    let folder = tempfile::tempdir().unwrap();
    let (journal, file) = journal(&folder);
    let mut stage = Stage::with(Some(journal), move |asked| {
        Answer::Is(200, if asked.is_write() { without() } else { live() })
    });
    stage.carry_out(&action).await.unwrap();
    let all = journal::undo(&journal::read(&file).unwrap());
    let [journal::Undo { back: Back::Action(back), .. }] = &all[..] else { panic!("{all:?}") };
    let mut stage =
        Stage::new(move |asked| Answer::Is(200, if asked.is_write() { live() } else { without() }));
    let Ok(Done::Changed(change)) = stage.carry_out(back).await else { panic!() };
    assert_eq!(change.after.object().unwrap()["metadata"]["annotations"], json!({"k": "v"}));
    // Taken back already: nothing is sent.
    let mut stage = Stage::new(move |_| Answer::Is(200, live()));
    assert!(matches!(stage.carry_out(back).await, Ok(Done::Already(_))));
}
