//! What the file is like, and what is said of one that is not.

use super::*;
use crate::error::ErrorKind;
use crate::journal::Journal;
use crate::journal::Place;
use crate::journal::is_of;
use crate::journal::read;
use std::fs;
use std::path::Path;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A run with one write and its answer.
fn write_one(place: &Place) -> std::path::PathBuf {
    let mut journal = Journal::open(place, &run()).unwrap();
    let write = journal.intend(intent(&role(), "DELETE", json!({}))).unwrap();
    journal.answer(answer(write, Outcome::Gone));
    journal.path().to_owned()
}

#[test]
fn what_was_written_is_read_back() {
    let folder = folder();
    let path = write_one(&Place::Folder(folder.path().join("a").join("b")));
    let name = path.file_name().unwrap().to_str().unwrap();
    assert_eq!(name, format!("2026-11-21T050000Z-{}.jsonl", std::process::id()));
    let entries = read(&path).unwrap();
    let [entry] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!(entry.intent, Intent { write: 1, ..intent(&role(), "DELETE", json!({})) });
    assert_eq!(entry.answer, Some(answer(1, Outcome::Gone)));
    assert_eq!(entry.run, Run { api_version: "kubectl-arc/v1alpha1".to_owned(), ..run() });
}

#[test]
fn a_second_run_goes_on_where_the_first_ended() {
    let folder = folder();
    let path = folder.path().join("j");
    let place = Place::File(path.clone());
    write_one(&place);
    write_one(&place);
    let numbers: Vec<u64> = read(&path).unwrap().iter().map(|entry| entry.intent.write).collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn a_line_that_was_cut_off_is_left_out_and_written_over() {
    let folder = folder();
    let path = folder.path().join("j");
    let place = Place::File(path.clone());
    write_one(&place);
    let whole = fs::read_to_string(&path).unwrap();
    // Killed anywhere: what was whole counts, nothing else.
    let ends: Vec<usize> = whole.match_indices('\n').flat_map(|(at, _)| [at, at + 1]).collect();
    for end in (0..whole.len()).step_by(50).chain(ends).filter(|end| *end < whole.len()) {
        fs::write(&path, &whole[..end]).unwrap();
        let entries = read(&path).unwrap();
        let lines = whole[..end].matches('\n').count();
        assert_eq!(entries.len(), usize::from(lines >= 2), "{end}");
        assert!(entries.iter().all(|entry| entry.answer.is_none()));
        write_one(&place);
        assert_eq!(read(&path).unwrap().len(), entries.len() + 1, "{end}");
    }
}

#[test]
fn a_journal_of_another_cluster_is_told_apart() {
    let one = entry(&role(), "DELETE", json!({}), None);
    assert_eq!(is_of(std::slice::from_ref(&one), "https://prod.example.com"), Ok(()));
    assert_eq!(is_of(&[], "https://lab.example.com"), Ok(()));
    let error = is_of(&[one], "https://lab.example.com").unwrap_err();
    assert_eq!(
        error.message,
        "the journal is of https://prod.example.com, and this is https://lab.example.com"
    );
    assert_eq!(error.hint.as_deref(), Some("Choose the cluster with --context; it was \"prod\" then."));
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let own = folder.path().join("state");
    assert_eq!(mode(&write_one(&Place::Folder(own.clone()))), 0o600);
    assert_eq!(mode(&own), 0o700);
    assert_eq!(mode(&write_one(&Place::File(folder.path().join("j")))), 0o600);
}

#[test]
fn two_runs_do_not_write_to_one_file() {
    let folder = folder();
    let place = Place::File(folder.path().join("j"));
    let _first = Journal::open(&place, &run()).unwrap();
    let refused = Journal::open(&place, &run()).unwrap_err();
    assert!(refused.to_string().starts_with("another run is writing to "), "{refused}");
}

#[test]
fn where_no_journal_can_be_is_named() {
    let folder = folder();
    let refused = |path: &Path| Journal::open(&Place::File(path.to_owned()), &run()).unwrap_err();
    let error = refused(folder.path());
    assert_eq!(
        (error.kind, error.message),
        (ErrorKind::Usage, format!("{} is a folder", folder.path().display()))
    );
    let nowhere = folder.path().join("nowhere").join("j");
    assert!(refused(&nowhere).to_string().ends_with("j: no such folder"));
    let other = folder.path().join("notes");
    fs::write(&other, "buy milk\n").unwrap();
    assert!(refused(&other).to_string().ends_with("notes: line 1: it is no JSON document"));
    assert_eq!(fs::read_to_string(&other).unwrap(), "buy milk\n");
    fs::write(&other, "buy milk").unwrap();
    assert!(refused(&other).to_string().ends_with("notes is no journal"));
    assert_eq!(fs::read_to_string(&other).unwrap(), "buy milk");
    let below = other.join("state");
    assert!(Journal::open(&Place::Folder(below), &run()).is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn what_keeps_nothing_is_no_place() {
    let refused = Journal::open(&Place::File("/dev/null".into()), &run()).unwrap_err();
    assert_eq!(refused.message, "/dev/null does not keep what is written to it");
}

#[test]
fn what_is_wrong_with_a_line_is_said_with_its_number() {
    let folder = folder();
    let path = folder.path().join("j");
    write_one(&Place::File(path.clone()));
    let whole = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let cases = [
        (vec![lines[1]], "line 1: there is no line before it that says who wrote where"),
        (vec![lines[0], lines[2]], "line 2: it answers write 1, which is not there"),
        (vec![lines[0], lines[1], lines[1]], "line 3: there are two writes of the number 1"),
        (vec![lines[0], lines[1], lines[2], lines[2]], "line 4: write 1 has two answers"),
        (vec![lines[0], "{\"kind\": \"Pod\"}"], "line 2: it is no line of a journal: unknown variant `Pod`"),
        (vec![lines[0], "{", lines[1]], "line 2: it is no JSON document"),
        (
            vec!["{\"kind\": \"Journal\", \"apiVersion\": \"kubectl-arc/v9\"}"],
            "line 1: its apiVersion is \"kubectl-arc/v9\", and this program knows kubectl-arc/v1alpha1",
        ),
    ];
    for (lines, said) in cases {
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains(&format!("{}: {said}", path.display())), "{error}");
    }
    fs::remove_file(&path).unwrap();
    assert!(read(&path).unwrap_err().to_string().ends_with("j: no such file"));
}
