//! One document of our own, JSON or YAML, as somebody kept it.

use super::input;
use crate::error::Error;
use crate::source::yaml;
use serde_json::Value;
use std::path::Path;

/// Reads the only document of a file (`-`: of standard input).
///
/// # Errors
/// `Config` if it cannot be read, or holds none, several, or something else than JSON or YAML.
pub fn document(path: &Path) -> Result<Value, Error> {
    let name = path.display().to_string();
    let inputs = input::expand(std::slice::from_ref(&name))?;
    let [only] = inputs.as_slice() else {
        return Err(Error::usage(format!("{name} is a folder")).hint("name one file"));
    };
    let text = input::text(only, &mut std::io::stdin().lock())?;
    let mut documents = yaml::documents(&text)
        .map(|document| document.map(|document| document.value))
        .filter(|value| !matches!(value, Ok(Value::Null)));
    let cannot = || Error::config(format!("cannot read {name}"));
    let first = documents.next().ok_or_else(|| cannot().because("it is empty"))?;
    let first = first.map_err(|error| cannot().because(error))?;
    match documents.next() {
        None => Ok(first),
        Some(_) => Err(cannot().because("it holds more than one document")),
    }
}
