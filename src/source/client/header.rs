//! The headers that go with every request: who asks, and in whose name.

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::header::USER_AGENT;
use kube::config::AuthInfo;
use percent_encoding::AsciiSet;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::utf8_percent_encode;

use crate::error::Error;

use super::options::given;

/// What may stand in a header's name as it is (RFC 9110, token), the percent sign aside.
const NAME: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'*')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// User agent and impersonation (client-go's `impersonatingRoundTripper`).
pub fn headers(user: &AuthInfo, user_agent: &str) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    if let Some(agent) = given(Some(user_agent)) {
        headers.insert(USER_AGENT, value("the user agent", agent)?);
    }
    let Some(name) = given(user.impersonate.as_deref()) else {
        return Ok(headers);
    };
    headers.insert(HeaderName::from_static("impersonate-user"), value("the name to impersonate", name)?);
    if let Some(uid) = given(user.impersonate_uid.as_deref()) {
        headers.insert(HeaderName::from_static("impersonate-uid"), value("the uid to impersonate", uid)?);
    }
    for group in user.impersonate_groups.iter().flatten() {
        headers
            .append(HeaderName::from_static("impersonate-group"), value("the group to impersonate", group)?);
    }
    for (key, values) in user.impersonate_user_extra.iter().flatten() {
        let encoded = format!("impersonate-extra-{}", utf8_percent_encode(key, NAME)).to_ascii_lowercase();
        let name = HeaderName::from_bytes(encoded.as_bytes())
            .map_err(|_| Error::config(format!("the impersonation extra {key:?} cannot be sent")))?;
        for text in values {
            headers.append(name.clone(), value("an extra to impersonate", text)?);
        }
    }
    Ok(headers)
}

fn value(what: &str, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_str(text)
        .map_err(|_| Error::usage(format!("{what} holds characters that cannot be sent")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impersonation_is_sent_with_uid_groups_and_extras() {
        let user = AuthInfo {
            impersonate: Some("me".into()),
            impersonate_uid: Some("u-1".into()),
            impersonate_groups: Some(vec!["a".into(), "b".into()]),
            impersonate_user_extra: Some([("acme.com/Project%".to_owned(), vec!["x".to_owned()])].into()),
            ..Default::default()
        };
        let headers = headers(&user, "kubectl-arc/1").unwrap();
        let all = |name: &str| {
            headers.get_all(name).iter().map(|v| v.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(all("user-agent"), ["kubectl-arc/1"]);
        assert_eq!(all("impersonate-user"), ["me"]);
        assert_eq!(all("impersonate-uid"), ["u-1"]);
        assert_eq!(all("impersonate-group"), ["a", "b"]);
        assert_eq!(all("impersonate-extra-acme.com%2fproject%25"), ["x"]);
    }

    #[test]
    fn a_line_break_does_not_smuggle_a_header() {
        let user = AuthInfo { impersonate: Some("me\r\nx: y".into()), ..Default::default() };
        headers(&user, "").unwrap_err();
    }
}
