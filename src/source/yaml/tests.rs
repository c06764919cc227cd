use super::*;
use proptest::prelude::*;
use serde_json::json;

fn values(text: &str) -> Vec<Value> {
    documents(text).map(|document| document.unwrap().value).collect()
}

fn refused(text: &str) -> String {
    documents(text).find_map(Result::err).map_or_else(|| "it is read".to_owned(), |error| error.to_string())
}

/// Each row was checked against kubectl 1.32 (`kubectl annotate --local -f … -o json`).
#[test]
fn plain_words_mean_what_they_mean_to_kubectl() {
    let table = [
        ("", json!(null)),
        ("~", json!(null)),
        ("null", json!(null)),
        ("NULL", json!(null)),
        ("nuLL", json!("nuLL")),
        ("true", json!(true)),
        ("yes", json!(true)),
        ("On", json!(true)),
        ("y", json!(true)),
        ("yEs", json!("yEs")),
        ("False", json!(false)),
        ("no", json!(false)),
        ("OFF", json!(false)),
        ("N", json!(false)),
        ("0", json!(0)),
        ("-0", json!(0)),
        ("-1", json!(-1)),
        ("+1", json!(1)),
        ("1_000", json!(1000)),
        ("_1", json!("_1")),
        ("0123", json!(83)),
        ("08", json!(8)),
        ("0_7", json!(7)),
        ("0o14", json!(12)),
        ("0o18", json!("0o18")),
        ("0x1F", json!(31)),
        ("0X1F", json!(31)),
        ("-0x10", json!(-16)),
        ("+0x1", json!(1)),
        ("0xZZ", json!("0xZZ")),
        ("0b101", json!(5)),
        ("-0b11", json!(-3)),
        ("0b12", json!("0b12")),
        ("0x", json!("0x")),
        ("0x+1", json!("0x+1")),
        ("9223372036854775807", json!(i64::MAX)),
        ("-9223372036854775808", json!(i64::MIN)),
        ("18446744073709551615", json!(u64::MAX)),
        ("18446744073709551616", json!(18446744073709551616.0)),
        ("1.0", json!(1)),
        ("1.", json!(1)),
        ("1e3", json!(1000)),
        ("1E+3", json!(1000)),
        ("1_0.5_0", json!(10.5)),
        (".5", json!(0.5)),
        ("-.5", json!(-0.5)),
        ("1e-7", json!(1e-7)),
        ("1e21", json!(1e21)),
        ("._5", json!("._5")),
        ("123e4567", json!("123e4567")),
        ("5e7890", json!("5e7890")),
        ("1e400", json!("1e400")),
        (".inf", json!(".inf")),
        (".nan", json!(".nan")),
        ("NaN", json!("NaN")),
        ("inf", json!("inf")),
        ("12:30:45", json!("12:30:45")),
        ("1:20", json!("1:20")),
        ("2026-11-21", json!("2026-11-21")),
        ("2026-11-21T05:00:00Z", json!("2026-11-21T05:00:00Z")),
        ("1.2.3", json!("1.2.3")),
        ("1,000", json!("1,000")),
        ("1e", json!("1e")),
        ("0x1p3", json!("0x1p3")),
        (".", json!(".")),
        ("..", json!("..")),
        ("--", json!("--")),
        ("=", json!("=")),
        ("<<x", json!("<<x")),
        ("+x", json!("+x")),
        ("é", json!("é")),
        ("+", json!("+")),
        ("\"5\"", json!("5")),
        ("'true'", json!("true")),
        ("!!str 5", json!("5")),
        ("!!int 5", json!(5)),
        ("!x 5", json!("5")),
    ];
    for (text, expected) in table {
        assert_eq!(values(&format!("v: {text}\n")), [json!({"v": expected})], "{text}");
    }
}

/// The pair was written by kubectl, once with -o yaml and once with -o json.
#[test]
fn what_kubectl_writes_as_yaml_equals_what_it_writes_as_json() {
    let yaml = values(include_str!("../../../tests/data/yaml/awkward.yaml"));
    let json = values(include_str!("../../../tests/data/yaml/awkward.json"));
    assert_eq!(yaml.len(), json.len());
    for (yaml, json) in yaml.iter().zip(&json) {
        assert_eq!(yaml, json);
    }
}

#[test]
fn streams_are_told_apart() {
    let table = [
        ("", vec![]),
        ("# nothing\n", vec![]),
        ("---\n", vec![json!(null)]),
        ("a: 1\n---\nb: 2\n...\n---\nc: 3\n", vec![json!({"a": 1}), json!({"b": 2}), json!({"c": 3})]),
        ("{\"a\":1}{\"b\":2}\n[3]", vec![json!({"a": 1}), json!({"b": 2}), json!([3])]),
        ("{\"a\":1}\n---\n{\"b\":2}\n", vec![json!({"a": 1}), json!({"b": 2})]),
        ("{a: 1, b: yes}\n---\nc: 3\n", vec![json!({"a": 1, "b": true}), json!({"c": 3})]),
        (
            "---\n{\n  apiVersion: \"v1\",\n  items: [{\n  }],\n}\n",
            vec![json!({"apiVersion": "v1", "items": [{}]})],
        ),
        ("a: 1\r\nb: |\r\n  x\r\n", vec![json!({"a": 1, "b": "x\n"})]),
        ("on: 1\n0x10: 2\n~: 3\n<<: 4\n", vec![json!({"true": 1, "16": 2, "~": 3, "<<": 4})]),
    ];
    for (text, expected) in table {
        assert_eq!(values(text), expected, "{text}");
    }
}

#[test]
fn the_later_of_two_equal_keys_wins_and_is_told() {
    let document = documents("x: 0\n---\na: 1\nb: {c: 1, c: 2}\na: 3\n").nth(1).unwrap().unwrap();
    assert_eq!(document.value, json!({"a": 3, "b": {"c": 2}}));
    assert_eq!(document.repeated, [("c".to_owned(), 4), ("a".to_owned(), 5)]);
    assert_eq!(document.line, 2);
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(201), close.repeat(201));
    let table = [
        (
            "a: &x 1\nb: *x\n".to_owned(),
            "line 2, column 4: the alias *x is not supported, write the value out",
        ),
        ("a: *y\n".to_owned(), "line 1, column 4: the alias *y is not supported, write the value out"),
        ("? [a, b]\n: 1\n".to_owned(), "line 1, column 3: a key must be a single word or number"),
        (
            deep("[", "]").replace('[', "- ").replace(']', ""),
            "line 1, column 401: nested deeper than 200 levels",
        ),
        (format!("a: {}", deep("[", "]")), "line 1, column 203: nested deeper than 200 levels"),
        ("a: 1\n  b: 2\n".to_owned(), "line 2, column 4: mapping values are not allowed in this context"),
        ("a: \"x\n".to_owned(), "line 2, column 1: invalid indentation in multiline quoted scalar"),
        ("a: [1, 2\n".to_owned(), "line 1, column 4: unclosed bracket '['"),
        ("a: 1\n]\n".to_owned(), "line 2, column 1: misplaced bracket"),
        ("{\"a\": 1".to_owned(), "line 1, column 7: the text ends too early (EOF while parsing an object)"),
        ("{\"a\": 1}\n{\"b\": tru}".to_owned(), "line 2, column 10: expected ident"),
        ("  {\"a\": 1} x".to_owned(), "line 1, column 12: expected value"),
        ("{a: 1, b: {c: 2".to_owned(), "line 1, column 11: unclosed bracket '{'"),
        (deep("[", "]"), "line 1, column 201: nested deeper than 200 levels"),
        ("{\"x\": 1e999}".to_owned(), "it is read"),
    ];
    for (text, expected) in table {
        assert_eq!(refused(&text), expected, "{text}");
    }
}

proptest! {
    #[test]
    fn strings_written_as_yaml_read_back(key in ".{1,20}", text in "(?s).{0,60}", word in "[-+0-9a-zA-Z_.~:]{0,8}") {
        let value = json!({ key: [text, word] });
        let yaml = serde_saphyr::to_string(&value).unwrap();
        prop_assert_eq!(values(&yaml), [value]);
    }

    #[test]
    fn no_text_makes_it_panic(text in "(?s)[-\\[\\]{}:,?&*!|>'\"%@`# \n\ta-c0-9.~<=]{0,80}") {
        let _ = documents(&text).count();
    }
}
