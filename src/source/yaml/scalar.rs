//! What a word of YAML means. The rules are those of sigs.k8s.io/yaml, which kubectl uses.

use granit_parser::ScalarStyle;
use granit_parser::Tag;
use serde_json::Number;
use serde_json::Value;
use std::borrow::Cow;

/// The value of a scalar.
pub fn value(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> Value {
    // `!!int 5` asks for what a plain 5 is anyway; any other tag asks for the text.
    let is_typed =
        tag.is_some_and(|tag| !matches!(tag.core_suffix(), Some("int" | "float" | "bool" | "null")));
    if style != ScalarStyle::Plain || is_typed {
        return Value::String(text.into_owned());
    }
    plain(&text).unwrap_or_else(|| Value::String(text.into_owned()))
}

/// The text of a key. JSON has only strings as keys; kubectl writes what the word means (`on: 1` is `"true": 1`).
pub fn key(text: Cow<'_, str>, style: ScalarStyle, tag: Option<&Tag>) -> String {
    if style == ScalarStyle::Plain && tag.is_none() {
        match plain(&text) {
            Some(Value::Bool(word)) => return word.to_string(),
            Some(Value::Number(number)) => return number.to_string(),
            _ => {}
        }
    }
    text.into_owned()
}

/// What a plain scalar means to kubectl (sigs.k8s.io/yaml), None if it is just its text.
fn plain(text: &str) -> Option<Value> {
    match text.as_bytes().first() {
        None => Some(Value::Null),
        Some(b'~' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'y' | b'Y' | b'o' | b'O') => word(text),
        Some(b'0'..=b'9' | b'+' | b'-') => {
            let digits =
                if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
            integer(&digits).or_else(|| float(&digits)).map(Value::Number)
        }
        Some(b'.') => float(text).map(Value::Number),
        Some(_) => None,
    }
}

fn word(text: &str) -> Option<Value> {
    match text {
        "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            Some(Value::Bool(true))
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            Some(Value::Bool(false))
        }
        _ => None,
    }
}

/// Go's `strconv.ParseInt(text, 0, 64)`: a sign, then `0x`, `0o`, `0b` or a bare `0` choose the base.
fn integer(text: &str) -> Option<Number> {
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..)?),
        Some(b'+') => (false, text.get(1..)?),
        _ => (false, text),
    };
    let prefix = digits.get(..2).unwrap_or_default();
    let (base, digits) = match prefix {
        "0x" | "0X" => (16, digits.get(2..)?),
        "0o" | "0O" => (8, digits.get(2..)?),
        "0b" | "0B" => (2, digits.get(2..)?),
        _ if digits.len() > 1 && digits.starts_with('0') => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // from_str_radix takes a sign of its own; the text has had it.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    let size = u64::from_str_radix(digits, base).ok()?;
    if negative { 0_i64.checked_sub_unsigned(size).map(Number::from) } else { Some(Number::from(size)) }
}

/// A finite decimal number. One that overflows is no number to kubectl either, but text.
fn float(text: &str) -> Option<Number> {
    let is_decimal = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    let number = text.parse::<f64>().ok().filter(|number| is_decimal && number.is_finite())?;
    // 1e3 and 1.0 are whole numbers once kubectl has turned them into JSON; beyond 2^53 they no longer are exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        return Some(Number::from(number as i64));
    }
    Number::from_f64(number)
}
