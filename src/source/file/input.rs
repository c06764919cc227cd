//! Where the bytes come from and how they become text: files, folders, standard input, gzip, UTF-16.

use crate::error::Error;
use crate::name;
use flate2::read::MultiGzDecoder;
use std::fmt;
use std::fs;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

/// More than this is refused, packed or not: it would not fit into memory once it is read.
const MAX_BYTES: u64 = 1 << 30;
/// How deep folders are followed: a must-gather has five levels.
const MAX_FOLDERS: usize = 16;

/// One thing to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Stdin,
    /// A file that was named.
    File(PathBuf),
    /// A file found in a folder that was named: it may be something else altogether.
    Found(PathBuf),
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdin => f.write_str("standard input"),
            Self::File(path) | Self::Found(path) => write!(f, "{}", path.display()),
        }
    }
}

/// What the arguments of `-f` stand for: `-` is standard input, a folder is all its files.
pub fn expand(paths: &[String]) -> Result<Vec<Input>, Error> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.is_empty() {
            return Err(
                Error::usage("-f names no file").hint("Give it a file, a folder, or - for standard input.")
            );
        }
        if path == "-" {
            if inputs.contains(&Input::Stdin) {
                return Err(Error::usage("standard input can be read only once, but -f - stands twice"));
            }
            inputs.push(Input::Stdin);
        } else if fs::metadata(path).map_err(|error| cannot_read(path, &error))?.is_dir() {
            let mut found = Vec::new();
            walk(Path::new(path), 0, &mut found)?;
            found.sort();
            if found.is_empty() {
                return Err(Error::config(format!(
                    "{path} is a folder without *.yaml, *.yml, *.json or *.gz"
                )));
            }
            inputs.extend(found.into_iter().map(Input::Found));
        } else {
            inputs.push(Input::File(PathBuf::from(path)));
        }
    }
    Ok(inputs)
}

/// The files of a folder and of its folders; links to folders are not followed, so this ends.
fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    for entry in fs::read_dir(folder).map_err(|error| cannot_read(&folder.display(), &error))? {
        let entry = entry.map_err(|error| cannot_read(&folder.display(), &error))?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().to_ascii_lowercase();
        let is_wanted = [".yaml", ".yml", ".json", ".gz"].iter().any(|end| name.ends_with(end))
            && ![".log.gz", ".tar.gz"].iter().any(|end| name.ends_with(end));
        if name.starts_with('.') {
            continue;
        } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if depth < MAX_FOLDERS {
                walk(&path, depth + 1, found)?;
            }
        } else if is_wanted && path.is_file() {
            found.push(path);
        }
    }
    Ok(())
}

/// The text of an input.
pub fn text(input: &Input, stdin: &mut dyn Read) -> Result<String, Error> {
    let bytes = match input {
        Input::Stdin => bounded(stdin, MAX_BYTES),
        Input::File(path) | Input::Found(path) => {
            fs::File::open(path).and_then(|file| bounded(file, MAX_BYTES))
        }
    };
    let bytes = bytes.map_err(|error| cannot_read(input, &error))?;
    let bytes = unpacked(input, bytes, MAX_BYTES)?;
    decoded(input, bytes)
}

fn cannot_read(name: &dyn fmt::Display, error: &io::Error) -> Error {
    let failed = Error::config(format!("cannot read {name}"));
    match error.kind() {
        io::ErrorKind::NotFound => failed.because("no such file or folder"),
        io::ErrorKind::PermissionDenied => failed.because("permission denied"),
        io::ErrorKind::FileTooLarge => failed.because(error).hint(format!(
            "save only what is needed: {}, or kubectl get with -n and fewer kinds",
            name::command("snapshot")
        )),
        _ => failed.because(error),
    }
}

/// All bytes, or an error if there are more than `most`.
fn bounded(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let message = format!("it holds more than {} MiB", most >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// Unpacks gzip, which is told by its first bytes, not by its name.
fn unpacked(input: &Input, bytes: Vec<u8>, most: u64) -> Result<Vec<u8>, Error> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    bounded(MultiGzDecoder::new(bytes.as_slice()), most).map_err(|error| match error.kind() {
        io::ErrorKind::FileTooLarge => cannot_read(input, &error),
        io::ErrorKind::UnexpectedEof => {
            Error::config(format!("{input} is cut off: the gzip data ends too early")).hint("save it again")
        }
        _ => Error::config(format!("{input} is damaged gzip data")).because(error).hint("save it again"),
    })
}

/// Bytes as text. PowerShell's `>` writes UTF-16 with a byte order mark.
fn decoded(input: &Input, bytes: Vec<u8>) -> Result<String, Error> {
    if bytes.starts_with(&[0xff, 0xfe]) {
        return utf16(input, &bytes, u16::from_le_bytes);
    }
    if bytes.starts_with(&[0xfe, 0xff]) {
        return utf16(input, &bytes, u16::from_be_bytes);
    }
    let archive = if bytes.get(257..262) == Some(b"ustar") {
        Some("a tar archive")
    } else if bytes.starts_with(b"PK\x03\x04") {
        Some("a zip archive")
    } else if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) || bytes.starts_with(b"\xfd7zXZ") {
        Some("a packed file")
    } else {
        None
    };
    if let Some(archive) = archive {
        return Err(Error::config(format!("{input} is {archive}, not YAML or JSON"))
            .hint("unpack it and name the folder or file inside"));
    }
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        return Err(not_text(input, "byte 0x00", offset));
    }
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let byte = error.as_bytes().get(offset).copied().unwrap_or_default();
        not_text(input, &format!("byte {byte:#04x}, which is not UTF-8,"), offset)
    })
}

fn utf16(input: &Input, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Error> {
    let units = bytes.chunks_exact(2).skip(1).map(|pair| match pair {
        [a, b] => unit([*a, *b]),
        _ => 0,
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    for (i, c) in char::decode_utf16(units).enumerate() {
        match c {
            Ok('\0') => return Err(not_text(input, "a NUL character", 2 * i + 2)),
            Ok(c) => text.push(c),
            Err(_) => return Err(not_text(input, "half a UTF-16 character", 2 * i + 2)),
        }
    }
    if bytes.len() % 2 == 1 {
        return Err(not_text(input, "half a UTF-16 character", bytes.len() - 1));
    }
    Ok(text)
}

fn not_text(input: &Input, what: &str, offset: usize) -> Error {
    Error::config(format!("{input} is not YAML or JSON: {what} at offset {offset}")).hint(super::expected())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_refused_packed_or_not() {
        let large = vec![b' '; (1 << 20) + 1];
        let mut packer = flate2::read::GzEncoder::new(large.as_slice(), flate2::Compression::fast());
        let mut packed = Vec::new();
        packer.read_to_end(&mut packed).unwrap();
        let expected = "cannot read standard input: it holds more than 1 MiB";
        let error = unpacked(&Input::Stdin, packed, 1 << 20).unwrap_err();
        assert_eq!(error.to_string(), expected);
        let error = bounded(large.as_slice(), 1 << 20).unwrap_err();
        assert_eq!(cannot_read(&Input::Stdin, &error).to_string(), expected);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_links_to_itself_ends() {
        let folder = std::env::temp_dir().join(format!("kubectl-arc-links-{}", std::process::id()));
        fs::create_dir_all(folder.join("a")).unwrap();
        fs::write(folder.join("a/x.YAML"), "").unwrap();
        fs::write(folder.join("a/audit.log.gz"), "").unwrap();
        fs::write(folder.join(".hidden.yaml"), "").unwrap();
        std::os::unix::fs::symlink(&folder, folder.join("a/loop")).unwrap();
        let found = expand(&[folder.display().to_string()]);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(found.unwrap(), [Input::Found(folder.join("a/x.YAML"))]);
    }
}
