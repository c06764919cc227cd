use super::*;
use crate::arc;
use crate::model::GroupKind;
use crate::model::Lookup;
use crate::model::ObjectId;
use std::io::Write;

/// A file of the test data, from the root of the package, where tests run.
fn data(name: &str) -> String {
    format!("tests/data/file/{name}")
}

fn read_files(names: &[&str], complete: bool) -> Result<Snapshot, Error> {
    let paths: Vec<String> = names.iter().map(|name| data(name)).collect();
    read(&paths, complete, &mut std::io::empty())
}

fn read_bytes(bytes: &[u8]) -> Result<Snapshot, Error> {
    read(&["-".to_owned()], false, &mut &*bytes)
}

fn names(snapshot: &Snapshot) -> Vec<String> {
    snapshot.objects().map(|object| object.id.to_string()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn a_snapshot_file_says_what_was_seen_and_what_was_not() {
    let snapshot = read_files(&["snapshot.yaml"], false).unwrap();
    assert_eq!(snapshot.captured_at.to_string(), "2026-11-21T05:00:00Z");
    assert_eq!((snapshot.source.context.as_str(), snapshot.source.server.as_str()), ("prod", "v1.36.2"));
    assert_eq!(names(&snapshot), ["Namespace arc-runners", "Secret arc-runners/gh-app"]);
    assert!(snapshot.remarks.is_empty(), "{:?}", snapshot.remarks);
    assert_eq!(snapshot.reviews[0].question.namespace, "arc-runners");
    assert!(!snapshot.reviews[0].allowed);
    assert_eq!((snapshot.logs[0].container.as_str(), snapshot.logs[0].lines.len()), ("listener", 2));

    let of = |kind: &GroupKind, namespace: Option<&str>| snapshot.coverage.of(kind, namespace);
    let event = GroupKind::new("", "Event");
    assert_eq!(of(&arc::NAMESPACE, None), Reading::Read);
    assert_eq!(of(&arc::SECRET, Some("arc-systems")), Reading::Read);
    assert_eq!(of(&arc::SECRET, Some("other")), Reading::Unread);
    assert_eq!(of(&arc::SECRET, None), Reading::Unread);
    assert_eq!(snapshot.coverage.of_name(&arc::SECRET, "other", "gh-app"), Reading::Read);
    assert_eq!(of(&arc::POD, None), Reading::Unread);
    assert_eq!(snapshot.coverage.of_selector(&arc::POD, None, "app=listener"), Reading::Read);
    assert_eq!(of(&event, Some("arc-runners")), Reading::Forbidden("cannot list events".to_owned()));
    assert_eq!(of(&GroupKind::of("example.com/v2", "Widget"), None), Reading::NotServed);
    assert_eq!(of(&GroupKind::new("", "Node"), None), Reading::Failed("the server was too slow".to_owned()));
    assert_eq!(of(&arc::ROLE, Some("arc-systems")), Reading::Unread);
}

#[test]
fn a_plain_list_proves_no_absence_unless_it_is_said_to_be_complete() {
    let absent = ObjectId::new(&arc::POD, "arc-runners", "other");
    let snapshot = read_files(&["list.yaml"], false).unwrap();
    assert_eq!(names(&snapshot), ["Pod arc-runners/stuck", "EphemeralRunner arc-runners/stuck"]);
    assert!(matches!(snapshot.get(&absent), Lookup::Unread(Reading::Unread)));
    assert!(matches!(read_files(&["list.yaml"], true).unwrap().get(&absent), Lookup::Absent));
    // The younger of two namesakes stays; the request for deletion is the newest time, not its deadline.
    assert_eq!(snapshot.remarks, ["1 object stands there more than once, the newest counts"]);
    assert_eq!(snapshot.captured_at.to_string(), "2026-11-21T04:10:00Z");
}

#[test]
fn raw_lists_and_json_streams_are_read() {
    let snapshot = read_files(&["raw.json"], false).unwrap();
    assert_eq!(names(&snapshot), ["Secret arc-runners/gh-app"]);
    let said = "document 3 (line 4) is an answer of the API server: roles is forbidden";
    assert_eq!(snapshot.remarks, [format!("{}: {said}", data("raw.json"))]);
}

#[test]
fn several_files_unite() {
    let snapshot = read_files(&["list.yaml", "snapshot.yaml", "raw.json"], true).unwrap();
    assert_eq!(snapshot.objects().count(), 4);
    assert_eq!(snapshot.captured_at.to_string(), "2026-11-21T05:00:00Z");
    assert_eq!(snapshot.source.context, "prod");
    let said = |part: &str| snapshot.remarks.iter().any(|remark| remark.contains(part));
    assert!(said("taken at different times, from 2026-11-21T02:00:00Z to 2026-11-21T05:00:00Z"));
    assert!(said("--complete was given, although"), "{:?}", snapshot.remarks);
}

#[test]
fn two_headers_unite_and_the_newest_tells_the_context() {
    let header = |context: &str, time: &str, kind: &str| {
        format!(
            "apiVersion: kubectl-arc/v1alpha1\nkind: Snapshot\ncapturedAt: \"{time}\"\ncontext: {context}\n\
             coverage: [{{apiVersion: v1, kind: {kind}, namespaces: [\"*\"]}}]\n---\n"
        )
    };
    let newer = header("new", "2026-11-21T05:00:00Z", "Pod");
    let text = newer + &header("old", "2026-11-21T04:00:00Z", "Secret");
    let snapshot = read_bytes(text.as_bytes()).unwrap();
    assert_eq!(snapshot.source.context, "new");
    assert_eq!(snapshot.captured_at.to_string(), "2026-11-21T05:00:00Z");
    assert_eq!(snapshot.coverage.of(&arc::SECRET, None), Reading::Read);
    assert_eq!(snapshot.coverage.of(&arc::POD, None), Reading::Read);
    assert_eq!(snapshot.remarks, ["the files were taken from new and old, and are read as one cluster"]);
}

#[test]
fn a_folder_is_read_with_its_folders_and_without_what_is_something_else() {
    let snapshot = read_files(&["folder"], false).unwrap();
    assert_eq!(names(&snapshot), ["Namespace arc-runners"]);
    let values = data("folder/values.yaml");
    assert_eq!(snapshot.remarks, [format!("{values} was left out: document 1 (line 1) has no apiVersion")]);
}

#[test]
fn secrets_do_not_reach_the_model() {
    let text = std::fs::read_to_string(data("canaries.yaml")).unwrap();
    assert!(text.matches("CANARY").count() > 20);
    let snapshot = read_files(&["canaries.yaml"], false).unwrap();
    assert_eq!(snapshot.objects().count(), 7);
    assert_eq!((snapshot.logs.len(), snapshot.reviews.len()), (1, 1));
    let seen = format!("{snapshot:?}").replace("CANARY-free", "");
    assert!(!seen.contains("CANARY"), "{seen}");
    for kept in [
        "github_app_private_key",
        "https://github.com/acme",
        "http://proxy:3128",
        "runnerId",
        "authz said no",
    ] {
        assert!(seen.contains(kept), "{kept} is gone");
    }
}

/// A dump may end anywhere. Then something may be missing, but nothing may leak.
#[test]
fn no_cut_makes_it_panic_or_leak() {
    let text = std::fs::read_to_string(data("canaries.yaml")).unwrap();
    for end in (0..text.len()).step_by(11) {
        let seen = format!("{:?}", read_bytes(&text.as_bytes()[..end])).replace("CANARY-free", "");
        assert!(!seen.contains("CANARY"), "{end}: {seen}");
    }
}

#[test]
fn packed_and_windows_files_are_read() {
    let text = std::fs::read_to_string(data("list.yaml")).unwrap();
    let utf16 = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(order).collect()
    };
    let plain = names(&read_bytes(text.as_bytes()).unwrap());
    let table = [
        gzip(text.as_bytes()),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        text.replace('\n', "\r\n").into_bytes(),
    ];
    for bytes in table {
        assert_eq!(names(&read_bytes(&bytes).unwrap()), plain);
    }
}

/// What is said about input that cannot be used, the hint left out.
fn refused(bytes: &[u8]) -> String {
    match read_bytes(bytes) {
        Ok(snapshot) => format!("read, with {:?}", snapshot.remarks),
        Err(error) => {
            assert!(error.hint.is_some(), "no hint: {error}");
            error.to_string()
        }
    }
}

#[test]
fn bad_bytes_are_refused_in_words_that_help() {
    let packed = gzip(b"apiVersion: v1");
    let cut = &packed[..packed.len() - 9];
    let mut tar = vec![b'x'; 512];
    tar[257..262].copy_from_slice(b"ustar");
    let table: [(&[u8], &str); 9] = [
        (b"\x00\x01", "is not YAML or JSON: byte 0x00 at offset 0"),
        (b"a: \xff\n", "is not YAML or JSON: byte 0xff, which is not UTF-8, at offset 3"),
        (b"\xff\xfea", "is not YAML or JSON: half a UTF-16 character at offset 2"),
        (b"\xff\xfe\x00\xd8", "is not YAML or JSON: half a UTF-16 character at offset 2"),
        (b"\xfe\xff\x00\x00", "is not YAML or JSON: a NUL character at offset 2"),
        (b"PK\x03\x04xx", "is a zip archive, not YAML or JSON"),
        (&tar, "is a tar archive, not YAML or JSON"),
        (cut, "is cut off: the gzip data ends too early"),
        (b"\x1f\x8b\x00\x00\x00\x00\x00\x00\x00\x00", "is damaged gzip data: invalid gzip header"),
    ];
    for (bytes, expected) in table {
        assert_eq!(refused(bytes), format!("standard input {expected}"));
    }
}

#[test]
fn bad_text_is_refused_in_words_that_help() {
    let nothing = "holds no Kubernetes object: ";
    let cut = "ends in the middle of an object: its last, document";
    let table = [
        ("", "it is empty"),
        ("# nothing\n---\n", "it is empty"),
        ("NAME READY\nweb 1/1\n", "document 1 (line 1) is a text, not an object"),
        ("a: 1\n---\nb: 2\n", "document 1 (line 1) has no apiVersion"),
        ("apiVersion: v1\nkind: List\nitems: 5\n", "document 1 (line 1) is a list whose items are a number"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: on}\n",
            "document 1 (line 1) has a boolean as metadata.name, it needs quotes",
        ),
        ("apiVersion: v1\nkind: Pod\nmetadata: {namespace: n}\n", "document 1 (line 1) has no metadata.name"),
        ("apiVersion: v1\nkind: Config\nusers: []\n", "document 1 (line 1) has no metadata.name"),
        (
            "apiVersion: kubectl-arc/v1alpha1\nkind: Diagnosis\n",
            "document 1 (line 1) is a Diagnosis of kubectl-arc, not an object of a cluster",
        ),
        (
            "apiVersion: v1\nkind: List\nitems: [\n",
            "cannot be read as YAML or JSON: line 3, column 8: unclosed bracket '['",
        ),
        (
            "{\"kind\": \"List\", \"items\": [",
            "cannot be read as YAML or JSON: line 1, column 27: the text ends too early (EOF while parsing a list)",
        ),
        ("apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n", "1 (line 1), has no kind"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n---\napiVersion: v1\ndata: {}\n",
            "2 (line 4), has no kind",
        ),
        ("apiVersion: v1\nkind: Pod\n", "1 (line 1), has no metadata"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  labels: {}\n", "1 (line 1), has no metadata.name"),
    ];
    for (text, expected) in table {
        let got = refused(text.as_bytes());
        let got = got.strip_prefix("standard input ").unwrap_or(&got);
        let got = got.strip_prefix(nothing).or_else(|| got.strip_prefix(cut)).unwrap_or(got);
        assert_eq!(got.trim(), expected, "{text}");
    }
    let timeless = "apiVersion: v1\nkind: Pod\nmetadata: {namespace: n, name: p}\n";
    assert_eq!(
        refused(timeless.as_bytes()),
        "cannot tell when standard input was taken: there is no time in it"
    );
}

#[test]
fn a_wrong_header_is_an_error_never_a_guess() {
    let known = "apiVersion, kind, namespaces, names, labelSelector, fieldSelector, error";
    let table = [
        (
            "capturedAt: soon",
            "capturedAt \"soon\" is not a time, expected is one like \"2026-11-21T05:00:00Z\"".to_owned(),
        ),
        ("context: [a]", "context is a list, expected is a text".to_owned()),
        ("complete: maybe", "complete is a text, expected is true or false".to_owned()),
        ("documents: few", "documents is a text, expected is a count".to_owned()),
        ("remarks: none", "remarks is expected to be a list of texts".to_owned()),
        ("coverage: 5", "coverage is a number, expected is a list".to_owned()),
        ("coverage: [5]", "coverage entry 1: is a number, expected is a mapping".to_owned()),
        ("coverage: [{apiVersion: v1}]", "coverage entry 1: apiVersion and kind are needed".to_owned()),
        (
            "coverage: [{apiVersion: v1, kind: Pod}]",
            "coverage entry 1: namespaces are needed for Pod, [\"*\"] stands for all".to_owned(),
        ),
        (
            "coverage: [{apiVersion: v1, kind: Pod, namespaces: a}]",
            "coverage entry 1: namespaces is expected to be a list of texts".to_owned(),
        ),
        (
            "coverage: [{apiVersion: v1, kind: Pod, namespace: a}]",
            format!("coverage entry 1: field namespace is not known, known are {known}"),
        ),
    ];
    for (line, expected) in table {
        let text = format!("apiVersion: kubectl-arc/v1alpha1\nkind: Snapshot\n{line}\n");
        let expected = format!("the header in standard input is wrong: document 1 (line 1): {expected}");
        assert_eq!(refused(text.as_bytes()), expected);
    }
    let newer =
        "document 1 (line 1): apiVersion kubectl-arc/v2 is not known here, only kubectl-arc/v1alpha1 is";
    let text = "apiVersion: kubectl-arc/v2\nkind: Snapshot\n";
    assert_eq!(refused(text.as_bytes()), format!("the header in standard input is wrong: {newer}"));
}

#[test]
fn a_header_in_json_can_stand_before_anything() {
    let header =
        r#"{"apiVersion": "kubectl-arc/v1alpha1", "kind": "Snapshot", "capturedAt": "2026-11-21T05:00:00Z"}"#;
    for rest in [
        "kind: Pod\napiVersion: v1\nmetadata: {name: p}",
        r#"{"kind":"Pod","apiVersion":"v1","metadata":{"name":"p"}}"#,
    ] {
        let snapshot = read_bytes(format!("{header}\n---\n{rest}\n").as_bytes()).unwrap();
        assert_eq!(snapshot.objects().count(), 1);
        assert_eq!(snapshot.remarks, ["standard input: Pod p has no namespace"]);
    }
}

#[test]
fn what_is_left_out_is_told_and_counted() {
    let good = "apiVersion: v1\nkind: Node\nmetadata: {name: x, creationTimestamp: \"2026-11-21T05:00:00Z\"}\na: 1\na: 2\n";
    let text = format!("{}{good}", "x: 1\n---\n".repeat(12));
    let remarks = read_bytes(text.as_bytes()).unwrap().remarks;
    assert_eq!(remarks.len(), 12);
    assert_eq!(remarks[1], "standard input: document 2 (line 2) has no apiVersion");
    assert_eq!(remarks[10], "standard input: 2 more documents were left out");
    assert_eq!(remarks[11], "standard input: key \"a\" stands again on line 29");
}

#[test]
fn paths_that_cannot_be_read_are_named() {
    let failed = |paths: &[&str]| {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        read(&paths, false, &mut &b"x: 1"[..]).unwrap_err().to_string()
    };
    assert_eq!(failed(&[]), "no file was named");
    assert_eq!(failed(&[""]), "-f names no file");
    assert_eq!(failed(&["no/such.yaml"]), "cannot read no/such.yaml: no such file or folder");
    assert_eq!(failed(&["src/graph"]), "src/graph is a folder without *.yaml, *.yml, *.json or *.gz");
    assert_eq!(failed(&["-", "-"]), "standard input can be read only once, but -f - stands twice");
    let values = data("folder/values.yaml");
    assert_eq!(
        failed(&[&values]),
        format!("{values} holds no Kubernetes object: document 1 (line 1) has no apiVersion")
    );
}
