//! Times are told from the moment of the snapshot: `T-3h`, `T-2d12h`, `T+30s`.

use jiff::SignedDuration;
use jiff::Timestamp;
use serde_json::Value;

/// When every snapshot is taken.
const NOW: &str = "2026-11-21T12:00:00Z";

/// `3h`, `2d12h`, `90s`.
pub fn duration(text: &str) -> Result<SignedDuration, String> {
    let wrong = || format!("{text:?} is no time; write 90s, 5m, 3h, 2d12h");
    let mut total = 0_i64;
    let mut number = String::new();
    for letter in text.chars() {
        if letter.is_ascii_digit() {
            number.push(letter);
            continue;
        }
        let unit = match letter {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86400,
            _ => return Err(wrong()),
        };
        total += number.parse::<i64>().map_err(|_| wrong())? * unit;
        number.clear();
    }
    if number.is_empty() && !text.is_empty() { Ok(SignedDuration::from_secs(total)) } else { Err(wrong()) }
}

/// The text with every `T-3h` in it as a time.
fn resolved(text: &str) -> String {
    let now: Timestamp = NOW.parse().expect("a time");
    let mut done = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("T-").into_iter().chain(rest.find("T+")).min() {
        let is_word =
            rest[..at].chars().next_back().is_some_and(|before| before.is_alphanumeric() || before == '-');
        let told = &rest[at + 2..];
        let length = told.find(|c: char| !(c.is_ascii_digit() || "smhd".contains(c))).unwrap_or(told.len());
        match duration(&told[..length]) {
            Ok(span) if !is_word => {
                let span = if rest[at..].starts_with("T-") { -span } else { span };
                done.push_str(&rest[..at]);
                done.push_str(&now.checked_add(span).expect("a time").to_string());
                rest = &told[length..];
            }
            _ => {
                done.push_str(&rest[..at + 2]);
                rest = told;
            }
        }
    }
    done + rest
}

/// The same in every string of a value.
pub fn resolve(value: &mut Value) {
    match value {
        Value::String(text) => *text = resolved(text),
        Value::Array(items) => items.iter_mut().for_each(resolve),
        Value::Object(map) => map.values_mut().for_each(resolve),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn times_are_told_from_the_moment_of_the_snapshot() {
    assert_eq!(resolved("T-1d2h"), "2026-11-20T10:00:00Z");
    assert_eq!(resolved("T+30s\tINFO"), "2026-11-21T12:00:30Z\tINFO");
    assert_eq!(resolved("NOT-5s, T-x, T-5, at T-0s"), "NOT-5s, T-x, T-5, at 2026-11-21T12:00:00Z");
}
