//! Answers that do not come, and what is found out then.

use super::*;
use crate::apply::After;

/// The write for good is answered by `answer`; looks after it by `later`.
async fn sent(
    answer: impl Fn(usize) -> Answer + Send + Sync + 'static,
    later: impl Fn(usize) -> Answer + Send + Sync + 'static,
) -> (Result<Done, Refusal>, usize) {
    let mut stage = Stage::new(move |asked| match (asked.method.as_str(), asked.before) {
        ("GET", 0) => good(asked),
        ("GET", before) => later(before - 1),
        (_, before) if asked.is_for_good() => answer(before - 1),
        _ => good(asked),
    });
    let done = stage.carry_out(&drop_first()).await;
    (done, stage.writes().len())
}

fn failures() -> [fn() -> Answer; 4] {
    [
        || Answer::Cut,
        || {
            status(
                504,
                "Timeout",
                "Timeout: request did not complete within the allotted duration",
                json!({}),
            )
        },
        || status(500, "InternalError", "etcdserver: request timed out", json!({})),
        || Answer::Text(200, "{\"kind\":"),
    ]
}

#[tokio::test]
async fn what_was_done_after_all_is_seen() {
    for failure in failures() {
        let (done, writes) = sent(move |_| failure(), |_| Answer::Is(200, freed())).await;
        assert!(matches!(done, Ok(Done::Changed(change)) if matches!(change.after, After::There(_))));
        assert_eq!(writes, 1);
        let (done, writes) = sent(move |_| failure(), |_| not_found()).await;
        assert!(matches!(done, Ok(Done::Changed(change)) if change.after == After::Gone));
        assert_eq!(writes, 1);
    }
    let mut namesake = runner();
    namesake["metadata"]["uid"] = "u-2".into();
    let (done, _) = sent(|_| Answer::Cut, move |_| Answer::Is(200, namesake.clone())).await;
    assert!(matches!(done, Ok(Done::Changed(change)) if change.after == After::Gone));
}

#[tokio::test]
async fn what_was_not_done_is_sent_once_more() {
    for failure in failures() {
        let once = move |number: usize| if number == 0 { failure() } else { Answer::Is(200, freed()) };
        let (done, writes) = sent(once, |_| Answer::Is(200, runner())).await;
        assert!(matches!(done, Ok(Done::Changed(_))), "{done:?}");
        assert_eq!(writes, 2);
    }
}

#[tokio::test]
async fn what_failed_twice_is_given_up_with_what_is_known() {
    let untouched = |_| Answer::Is(200, runner());
    let (done, writes) =
        sent(|_| status(500, "InternalError", "etcdserver: no leader", json!({})), untouched).await;
    let refusal = done.unwrap_err();
    assert_eq!((refusal.kind, writes), (RefusalKind::Unreachable, 2));
    let (done, writes) = sent(|_| Answer::Cut, untouched).await;
    let refusal = done.unwrap_err();
    assert_eq!((refusal.kind, writes), (RefusalKind::Unsure, 2));
    assert!(refusal.message.ends_with("it may still be on its way"), "{}", refusal.message);
}

#[tokio::test]
async fn what_no_look_can_tell_is_unsure() {
    let (done, writes) = sent(|_| Answer::Cut, |_| Answer::Cut).await;
    let refusal = done.unwrap_err();
    assert_eq!((refusal.kind, writes), (RefusalKind::Unsure, 1));
    assert!(refusal.message.contains("it is not known whether the change was made: cannot read"));
    // The server was away for a moment only.
    let later = |look: usize| if look < 2 { Answer::Cut } else { Answer::Is(200, freed()) };
    let (done, _) = sent(|_| Answer::Cut, later).await;
    assert!(matches!(done, Ok(Done::Changed(_))));
    // Somebody else changed it in between: whether they found ours there, nobody knows.
    let mut other = runner();
    other["metadata"]["finalizers"] = json!(["a/zero", "a/one"]);
    let (done, _) = sent(|_| Answer::Cut, move |_| Answer::Is(200, other.clone())).await;
    assert_eq!(done.unwrap_err().kind, RefusalKind::Unsure);
}

#[tokio::test]
async fn an_answer_about_another_object_is_none() {
    let mut other = freed();
    other["metadata"]["uid"] = "u-2".into();
    let (done, writes) = sent(move |_| Answer::Is(200, other.clone()), |_| Answer::Is(200, freed())).await;
    assert!(matches!(done, Ok(Done::Changed(_))));
    assert_eq!(writes, 1);
}

/// Nothing listens there: nothing was sent, and that is known.
#[tokio::test]
async fn a_connection_that_was_never_made_carried_nothing() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let client =
        hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let service = tower::service_fn(move |mut request: HttpRequest<Body>| {
        let path = request.uri().path_and_query().unwrap().to_string();
        *request.uri_mut() = format!("http://{address}{path}").parse().unwrap();
        client.request(request)
    });
    let request = crate::apply::wire::Request {
        method: http::Method::PATCH,
        path: ITEM.to_owned(),
        content_type: "application/json",
        accept: "application/json",
        body: json!([]),
    };
    let lost = crate::apply::wire::send(&Client::new(service, "default"), &request).await.unwrap_err();
    assert!(!lost.sent, "{lost:?}");
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_changes_nothing() {
    let mut stage = Stage::new(|_| Answer::Cut);
    let refusal = stage.refusal(&drop_first()).await;
    assert_eq!((refusal.kind, stage.asked().len()), (RefusalKind::Unreachable, 1));
    assert!(refusal.message.starts_with("cannot read EphemeralRunner n/r: "), "{}", refusal.message);
    // A trial is harmless, so it is tried again.
    let mut stage = Stage::new(|asked| if asked.is_write() { Answer::Cut } else { good(asked) });
    let refusal = stage.refusal(&drop_first()).await;
    assert_eq!((refusal.kind, stage.asked().len()), (RefusalKind::Unreachable, 3));
}
