//! Deletions.

use super::*;
use crate::apply::After;

/// A runner that nobody deletes.
fn live() -> Value {
    let mut live = runner();
    let metadata = live["metadata"].as_object_mut().unwrap();
    metadata.remove("deletionTimestamp");
    metadata.remove("deletionGracePeriodSeconds");
    live
}

fn gone() -> Answer {
    Answer::Is(
        200,
        json!({"kind": "Status", "apiVersion": "v1", "status": "Success", "details": {"uid": "u-1"}}),
    )
}

/// What is sent for a deletion of `before`, which `answer` answers, and how that ends.
async fn deleted(
    deletion: Deletion,
    before: Value,
    answer: fn() -> Answer,
) -> (Vec<Asked>, Result<Done, Refusal>) {
    let mut stage = Stage::new(move |asked| match asked.method.as_str() {
        "GET" => Answer::Is(200, before.clone()),
        _ => answer(),
    });
    let done = stage.carry_out(&Action::Delete(deletion)).await;
    (stage.asked(), done)
}

#[tokio::test]
async fn a_deletion_is_of_one_uid_and_is_tried_out_first() {
    let (asked, done) = deleted(deletion(), live(), gone).await;
    let Ok(Done::Changed(change)) = done else { panic!("{done:?}") };
    assert_eq!(change.after, After::Gone);
    let mut options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "u-1"}});
    assert_eq!((asked.len(), asked[2].method.as_str(), asked[2].path.as_str()), (3, "DELETE", ITEM));
    assert_eq!(asked[2].body, options);
    options["dryRun"] = json!(["All"]);
    assert_eq!(asked[1].body, options);
}

#[tokio::test]
async fn how_it_is_deleted_is_said() {
    let held = || Answer::Is(200, runner());
    let (asked, done) = deleted(Deletion { background: true, ..deletion() }, live(), held).await;
    assert_eq!(asked[2].body["propagationPolicy"], "Background");
    assert!(matches!(done, Ok(Done::Changed(change)) if matches!(change.after, After::There(_))));
    let (asked, _) = deleted(Deletion { at_once: true, ..deletion() }, live(), gone).await;
    assert_eq!(asked[2].body["gracePeriodSeconds"], 0);
}

#[tokio::test]
async fn what_was_deleted_at_once_comes_back_as_it_was_last() {
    let (_, done) = deleted(deletion(), live(), || Answer::Is(200, live())).await;
    assert!(matches!(done, Ok(Done::Changed(change)) if change.after == After::Gone));
}

#[tokio::test]
async fn what_is_being_deleted_is_asked_again_only_if_more_is_asked() {
    let with = |finalizers: Value, grace: u64| {
        let mut object = runner();
        object["metadata"]["finalizers"] = finalizers;
        object["metadata"]["deletionGracePeriodSeconds"] = grace.into();
        object
    };
    let background = Deletion { background: true, ..deletion() };
    let at_once = Deletion { at_once: true, ..deletion() };
    let cases = [
        (deletion(), with(json!(["a/one"]), 0), false),
        (deletion(), with(json!(["foregroundDeletion"]), 0), false),
        (background.clone(), with(json!(["foregroundDeletion"]), 0), true),
        (background, with(json!(["a/one"]), 0), false),
        (at_once.clone(), with(json!([]), 30), true),
        (at_once.clone(), with(json!(["a/one"]), 30), true),
        (at_once, with(json!(["a/one"]), 0), false),
    ];
    for (deletion, before, asks) in cases {
        let (asked, done) = deleted(deletion.clone(), before.clone(), gone).await;
        assert_eq!(asked.len() == 3, asks, "{deletion:?} {before}");
        assert_eq!(matches!(done, Ok(Done::Changed(_))), asks, "{done:?}");
    }
}

#[tokio::test]
async fn a_namesake_is_not_deleted() {
    let mut other = live();
    other["metadata"]["uid"] = "u-2".into();
    let (asked, done) = deleted(deletion(), other.clone(), gone).await;
    assert_eq!((asked.len(), done.unwrap_err().kind), (1, RefusalKind::Moved));
    // It came between the look and the deletion: the server sees the uid.
    let mut stage = Stage::new(move |asked| match (asked.method.as_str(), asked.before) {
        ("GET", 0) => Answer::Is(200, live()),
        ("GET", _) => Answer::Is(200, other.clone()),
        _ if asked.is_dry() => gone(),
        _ => status(
            409,
            "Conflict",
            "Operation cannot be fulfilled on x \"r\": the UID in the precondition (u-1) does not match the UID in \
             record (u-2). The object might have been deleted and then recreated",
            json!({"name": "r"}),
        ),
    });
    let refusal = stage.refusal(&Action::Delete(deletion())).await;
    assert_eq!(refusal.kind, RefusalKind::Moved);
    assert!(refusal.message.ends_with("its uid is u-2, and not u-1"), "{}", refusal.message);
    assert_eq!(stage.writes().len(), 1);
}
