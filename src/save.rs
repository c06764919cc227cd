//! Puts a document into the file that the user named: whole or not at all, and for nobody else to read.

use crate::error::Error;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// What is there already under a name.
enum There {
    Nothing,
    File,
    /// A pipe or a device: it takes what is written and keeps nothing that could be lost.
    Stream,
}

/// What is there under the name of a link that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    Absent,
    /// A link to the file that is meant.
    Ours,
    /// Anything else.
    Other,
}

/// Looks whether there is a link at `path` to `target`, a file beside it.
///
/// # Errors
/// `Config` if the folder cannot be looked into.
pub fn link_at(path: &Path, target: &Path) -> Result<Link, Error> {
    match fs::read_link(path) {
        Ok(to) => {
            let is_ours = to == target || Some(to.as_os_str()) == target.file_name();
            Ok(if is_ours { Link::Ours } else { Link::Other })
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Link::Absent),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(cannot_write(path, &error)),
        // No link.
        Err(_) => Ok(Link::Other),
    }
}

/// Makes a link at `path` to `target`, a file beside it. Nothing that is there is replaced.
///
/// # Errors
/// `Config` if the folder does not take it.
pub fn link(path: &Path, target: &Path) -> Result<(), Error> {
    // By its name alone: the folder may be moved.
    let name = Path::new(target.file_name().unwrap_or(target.as_os_str()));
    make_link(name, path).map_err(|error| cannot_write(path, &error))
}

/// Takes a link away.
///
/// # Errors
/// `Config` if the folder does not let it go.
pub fn unlink(path: &Path) -> Result<(), Error> {
    fs::remove_file(path).map_err(|error| cannot_write(path, &error))
}

#[cfg(unix)]
fn make_link(target: &Path, path: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, path)
}

/// Windows lets only administrators and users in developer mode make links.
#[cfg(windows)]
fn make_link(target: &Path, path: &Path) -> io::Result<()> {
    std::os::windows::fs::symlink_file(target, path)
}

/// Says before the work is done whether its result may be put there.
///
/// # Errors
/// `Usage` for a folder, and for a file that is there, unless it may be overwritten. `Config` if the folder is not there.
pub fn check(path: &Path, overwrite: bool) -> Result<(), Error> {
    match there(path)? {
        There::File if !overwrite => Err(taken(path)),
        There::Nothing if !folder(path).is_dir() => Err(cannot_write(path, &io::ErrorKind::NotFound.into())),
        There::File | There::Nothing | There::Stream => Ok(()),
    }
}

/// Writes the text, packed if the name ends in `.gz`. Only the user may read the file (0600).
///
/// # Errors
/// As [`check`], and `Config` if the folder or the disk does not take it. Then what was there is as it was.
pub fn file(path: &Path, text: &str, overwrite: bool) -> Result<(), Error> {
    let bytes = packed(path, text).map_err(|error| cannot_write(path, &error))?;
    let written = match there(path)? {
        There::Stream => {
            fs::OpenOptions::new().write(true).open(path).and_then(|mut pipe| pipe.write_all(&bytes))
        }
        There::Nothing | There::File => replace(path, &bytes, overwrite),
    };
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => taken(path),
        _ => cannot_write(path, &error),
    })
}

/// The new file is written beside the old one and takes its place when it is whole.
fn replace(path: &Path, bytes: &[u8], overwrite: bool) -> io::Result<()> {
    // What a link points to is replaced, not the link.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut new = tempfile::Builder::new().prefix(".kubectl-arc-").tempfile_in(folder(&path))?;
    new.write_all(bytes)?;
    new.as_file().sync_all()?;
    let kept = if overwrite { new.persist(&path) } else { new.persist_noclobber(&path) };
    kept.map(drop).map_err(|failed| failed.error)
}

fn folder(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// gzip without the time it was made at: the same text gives the same file.
fn packed(path: &Path, text: &str) -> io::Result<Vec<u8>> {
    if path.extension().is_none_or(|end| !end.eq_ignore_ascii_case("gz")) {
        return Ok(text.as_bytes().to_vec());
    }
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text.as_bytes())?;
    packer.finish()
}

fn there(path: &Path) -> Result<There, Error> {
    match fs::metadata(path) {
        Ok(known) if known.is_dir() => Err(Error::usage(format!("{} is a folder", path.display()))
            .hint("name the file that is to be written")),
        Ok(known) if known.is_file() => Ok(There::File),
        Ok(_) => Ok(There::Stream),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(There::Nothing),
        Err(error) => Err(cannot_write(path, &error)),
    }
}

fn taken(path: &Path) -> Error {
    Error::usage(format!("{} exists already", path.display()))
        .hint("name another file, or say --overwrite to lose what is in it")
}

fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let failed = Error::config(format!("cannot write {}", path.display()));
    match error.kind() {
        io::ErrorKind::NotFound => failed.because("no such folder"),
        io::ErrorKind::PermissionDenied => failed.because("permission denied"),
        _ => failed.because(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    /// The names in a folder: nothing half written may stay behind.
    fn names(folder: &tempfile::TempDir) -> Vec<String> {
        let entries = fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_there_is_lost_only_if_that_was_said() {
        let folder = folder();
        let path = folder.path().join("x.yaml");
        file(&path, "one", false).unwrap();
        let refused = file(&path, "two", false).unwrap_err();
        assert!(refused.to_string().ends_with("x.yaml exists already"), "{refused}");
        assert_eq!(check(&path, false), Err(refused));
        assert_eq!(fs::read_to_string(&path).unwrap(), "one");
        check(&path, true).unwrap();
        file(&path, "two", true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(names(&folder), ["x.yaml"]);
    }

    #[test]
    fn a_name_that_ends_in_gz_is_packed_the_same_way_every_time() {
        let folder = folder();
        let (a, b) = (folder.path().join("a.yaml.gz"), folder.path().join("b.GZ"));
        file(&a, "text", false).unwrap();
        file(&b, "text", false).unwrap();
        let packed = fs::read(&a).unwrap();
        assert_eq!(packed, fs::read(&b).unwrap());
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, "text");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_may_read_it_and_a_link_stays_a_link() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        let (path, link) = (folder.path().join("x.yaml"), folder.path().join("latest.yaml"));
        fs::write(&path, "one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        file(&link, "two", true).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[test]
    fn where_nothing_can_be_put_is_named() {
        let folder = folder();
        let refused = |path: &Path| file(path, "", true).unwrap_err().to_string();
        assert!(refused(folder.path()).ends_with("is a folder"));
        let nowhere = folder.path().join("nowhere").join("x.yaml");
        let said = format!("cannot write {}: no such folder", nowhere.display());
        assert_eq!(refused(&nowhere), said);
        assert_eq!(check(&nowhere, false).unwrap_err().to_string(), said);
        file(&folder.path().join("x"), "", false).unwrap();
        let below = folder.path().join("x").join("y");
        assert!(refused(&below).starts_with("cannot write "), "{}", refused(&below));
    }

    #[cfg(unix)]
    #[test]
    fn a_device_takes_it_as_it_comes() {
        file(Path::new("/dev/null"), "text", false).unwrap();
    }
}
