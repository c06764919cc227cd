//! Where the program's own file lies.

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::path::PathBuf;

/// The file that was called by this word, links not followed: as a shell finds it.
pub fn file(called: &OsStr) -> Option<PathBuf> {
    let path = Path::new(called);
    if path.components().count() > 1 {
        return std::path::absolute(path).ok();
    }
    let file = |folder: PathBuf| folder.join(path);
    folders()
        .into_iter()
        .map(file)
        .find(|file| file.is_file())
        .and_then(|file| std::path::absolute(file).ok())
}

/// True if programs in this folder are found by their names.
pub fn is_on_path(folder: &Path) -> bool {
    let is_it = |other: &PathBuf| {
        let same = |one: &Path, other: &Path| Some(one.canonicalize().ok()? == other.canonicalize().ok()?);
        other == folder || same(other, folder) == Some(true)
    };
    folders().iter().any(is_it)
}

fn folders() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).filter(|folder| !folder.as_os_str().is_empty()).collect()
}
