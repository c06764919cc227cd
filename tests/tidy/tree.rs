//! The files of the repository.

use crate::code::Code;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::sync::LazyLock;

pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A file, its path from the top of the repository with forward slashes.
#[derive(Clone, Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

/// A file of `src` without its tests.
#[derive(Clone, Debug)]
pub struct Source {
    pub path: String,
    pub code: Code,
}

impl Source {
    pub fn of(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), code: Code::read(text).without_tests() }
    }

    /// `src/graph/mod.rs` and `src/graph.rs` are of room `graph`.
    pub fn room(&self) -> &str {
        let inside = self.path.trim_start_matches("src/");
        inside.split_once('/').map_or_else(|| inside.trim_end_matches(".rs"), |(room, _)| room)
    }

    pub fn at(&self, position: usize) -> String {
        format!("{}:{}", self.path, self.code.line(position))
    }
}

/// Every text file under a folder, in order of their paths.
pub fn files(folder: &str) -> Vec<File> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = vec![Path::new(ROOT).join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(&path) {
                let inside = path.strip_prefix(ROOT).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                found.push(File { path: inside, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// One file; empty if there is none.
pub fn file(path: &str) -> File {
    let text = fs::read_to_string(Path::new(ROOT).join(path)).unwrap_or_default();
    File { path: path.to_owned(), text }
}

/// Everything that is committed and written by hand.
pub fn written_by_hand() -> Vec<File> {
    let folders = ["src", "tests", "docs", "examples", ".ci", ".github"];
    let mut all: Vec<File> = folders.into_iter().flat_map(files).collect();
    let beside = fs::read_dir(ROOT).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let names = beside.filter_map(|name| name.into_string().ok()).filter(|name| name != "Cargo.lock");
    all.extend(names.map(|name| file(&name)).filter(|file| !file.text.is_empty()));
    all
}

/// The program without its tests.
pub fn product() -> &'static [Source] {
    static PRODUCT: LazyLock<Vec<Source>> = LazyLock::new(read_product);
    &PRODUCT
}

fn read_product() -> Vec<Source> {
    let mut all = files("src");
    all.retain(|file| file.path.ends_with(".rs"));
    let tests: BTreeSet<String> =
        all.iter().flat_map(|file| test_modules(&file.path, &Code::read(&file.text))).collect();
    let is_test = |path: &str| {
        tests.iter().any(|test| path == format!("{test}.rs") || path.starts_with(&format!("{test}/")))
    };
    all.iter().filter(|file| !is_test(&file.path)).map(|file| Source::of(&file.path, &file.text)).collect()
}

/// The modules in other files that `#[cfg(test)]` stands before, as paths without an ending.
fn test_modules(path: &str, code: &Code) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.trim_end_matches(".rs");
    let inside = if ["mod", "main"].contains(&stem) { folder.to_owned() } else { format!("{folder}/{stem}") };
    code.test_items()
        .into_iter()
        .filter_map(|(range, head)| {
            let module = head.split_whitespace().skip_while(|word| *word != "mod").nth(1)?.to_owned();
            let named = code.literals.iter().find(|literal| range.contains(&literal.start));
            Some(match named.filter(|_| head.contains("#[path")) {
                Some(literal) => format!("{folder}/{}", literal.text.trim_end_matches(".rs")),
                None => format!("{inside}/{module}"),
            })
        })
        .collect()
}

#[test]
fn modules_for_tests_are_found_in_every_way_to_write_them() {
    let text = "#[cfg(test)]\nmod tests;\n#[cfg(test)]\n#[path = \"x_tests.rs\"]\nmod more;\nmod real;";
    let code = Code::read(text);
    assert_eq!(test_modules("src/a/mod.rs", &code), ["src/a/tests", "src/a/x_tests"]);
    assert_eq!(test_modules("src/a/b.rs", &code), ["src/a/b/tests", "src/a/x_tests"]);
}

#[test]
fn the_program_is_there() {
    let product = product();
    assert!(product.len() > 50, "only {} files were found", product.len());
    let rooms: BTreeSet<&str> = product.iter().map(Source::room).collect();
    assert!(rooms.contains("model") && rooms.contains("main"), "{rooms:?}");
}

/// A literal or comment taken for something else would leave half a pair behind.
#[test]
fn every_file_is_read_to_its_end() {
    for source in product() {
        for (open, close) in [('{', '}'), ('(', ')'), ('[', ']')] {
            let count =
                |bracket: char| source.code.letters.iter().filter(|letter| **letter == bracket).count();
            assert_eq!(count(open), count(close), "{}: {open}{close}", source.path);
        }
    }
}
