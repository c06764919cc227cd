use super::*;
use crate::render::samples;

fn shown(name: &str, style: &Style) -> String {
    diagnosis(&samples::named(name), style).to_string()
}

#[test]
fn show() {
    for (name, _) in samples::all() {
        for style in [Style { width: 80, verbose: false, ascii: false }] {
            println!("=== {name}\n{}", shown(name, &style));
        }
    }
}
