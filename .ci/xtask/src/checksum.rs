//! SHA-256, in the files that `sha256sum --check` reads.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use sha2::Digest as _;
use sha2::Sha256;

use crate::Outcome;

/// The one file with the sums of all.
const ALL: &str = "SHA256SUMS";

fn of(file: &Path) -> Outcome<String> {
    let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn line(file: &Path) -> Outcome<String> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    Ok(format!("{}  {name}\n", of(file)?))
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sha256");
    name.into()
}

/// Writes the sum of a file beside it, and returns it.
pub fn write(file: &Path) -> Outcome<String> {
    let line = line(file)?;
    let beside = beside(file);
    fs::write(&beside, &line).map_err(|error| format!("{}: {error}", beside.display()))?;
    Ok(line.split(' ').next().unwrap_or_default().to_owned())
}

/// The sum that was written beside a file.
pub fn read(file: &Path) -> Outcome<String> {
    let beside = beside(file);
    let text = fs::read_to_string(&beside).map_err(|error| {
        format!("{}: {error}; `cargo xtask dist --target TRIPLE` writes it", beside.display())
    })?;
    let sum = text.split_whitespace().next().unwrap_or_default();
    let is_sum = sum.len() == 64 && sum.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    is_sum.then(|| sum.to_owned()).ok_or_else(|| format!("{}: no SHA-256 stands there", beside.display()))
}

/// Whether there is a sum for a file.
pub fn is_there(file: &Path) -> bool {
    beside(file).exists()
}

/// One file with the sums of all that is released; says where it is.
pub fn write_all(folder: &Path) -> Outcome<String> {
    let place = |error| format!("{}: {error}; `cargo xtask dist` fills it", folder.display());
    let entries = fs::read_dir(folder).map_err(place)?;
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        file.is_file() && name != ALL && !name.ends_with(".sha256")
    });
    files.sort();
    let lines: String = files.iter().map(|file| line(file)).collect::<Outcome<_>>()?;
    let all = folder.join(ALL);
    fs::write(&all, lines).map_err(|error| format!("{}: {error}", all.display()))?;
    Ok(all.display().to_string())
}

#[test]
fn sums_are_written_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.tar.gz");
    fs::write(&file, "abc").unwrap();
    let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert!(!is_there(&file) && read(&file).unwrap_err().contains("a.tar.gz.sha256"));
    assert_eq!(write(&file).unwrap(), sum);
    assert!(is_there(&file));
    assert_eq!(read(&file).unwrap(), sum);
    write_all(folder.path()).unwrap();
    write_all(folder.path()).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join(ALL)).unwrap(), format!("{sum}  a.tar.gz\n"));
    fs::write(beside(&file), "ABC  a.tar.gz\n").unwrap();
    assert!(read(&file).unwrap_err().contains("no SHA-256"));
}
