//! Archives as krew takes them: flat, regular files only, and the same bytes from the same files.

use std::fs;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::GzBuilder;
use zip::write::SimpleFileOptions;

use crate::Outcome;
use crate::platform::Platform;
use crate::project::Project;

/// What goes with every binary. krew's index wants a LICENSE of exactly this name.
const BESIDE: [&str; 3] = ["CHANGELOG.md", "LICENSE", "README.md"];
/// The folder of the man pages, as far as there are any.
const MAN: &str = "docs/man";

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    name: String,
    mode: u32,
    bytes: Vec<u8>,
}

impl Entry {
    pub fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self { name: name.to_owned(), mode: 0o644, bytes }
    }

    pub fn read(file: &Path, name: &str, mode: u32) -> Outcome<Self> {
        let bytes = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Self { name: name.to_owned(), mode, bytes })
    }
}

/// What belongs into the archive of a platform, in order of the names.
pub fn entries(
    project: &Project,
    platform: Platform,
    binary: &Path,
    notices: Vec<Entry>,
) -> Outcome<Vec<Entry>> {
    let mut entries = notices;
    entries.push(Entry::read(binary, platform.binary(), 0o755)?);
    for name in BESIDE {
        entries.push(Entry::read(&project.root.join(name), name, 0o644)?);
    }
    // Windows has no man.
    let pages = (platform.os != "windows").then(|| fs::read_dir(project.root.join(MAN)).ok()).flatten();
    for page in pages.into_iter().flatten().flatten() {
        entries.push(Entry::read(&page.path(), &page.file_name().to_string_lossy(), 0o644)?);
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    match entries.iter().find(|entry| entry.name.contains("..")) {
        Some(entry) => Err(format!("{}: krew refuses names with two dots in a row", entry.name)),
        None => Ok(entries),
    }
}

/// Writes them into an archive, whose kind is in its name.
pub fn write(archive: &Path, entries: &[Entry]) -> Outcome<()> {
    let failed = |error: String| format!("{}: {error}", archive.display());
    if let Some(folder) = archive.parent() {
        fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
    }
    let file = File::create(archive).map_err(|error| failed(error.to_string()))?;
    let is_zip = archive.extension().is_some_and(|ending| ending == "zip");
    let written = if is_zip {
        zip(file, entries).map_err(|error| error.to_string())
    } else {
        tar(file, entries).map_err(|error| error.to_string())
    };
    written.map_err(failed)
}

/// Who built it, and when, is not in it.
fn tar(file: File, entries: &[Entry]) -> std::io::Result<()> {
    let gzip = GzBuilder::new().mtime(0).write(file, Compression::best());
    let mut tar = tar::Builder::new(gzip);
    for entry in entries {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(entry.bytes.len() as u64);
        header.set_mode(entry.mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        tar.append_data(&mut header, &entry.name, entry.bytes.as_slice())?;
    }
    tar.into_inner()?.finish()?.flush()
}

fn zip(file: File, entries: &[Entry]) -> zip::result::ZipResult<()> {
    let mut zip = zip::ZipWriter::new(file);
    for entry in entries {
        // A zip knows no time before 1980, which is its default.
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(entry.mode);
        zip.start_file(&entry.name, options)?;
        zip.write_all(&entry.bytes)?;
    }
    zip.finish()?.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notices::NAMES;
    use std::io::Read as _;

    impl Entry {
        pub fn text(&self) -> &str {
            std::str::from_utf8(&self.bytes).unwrap()
        }
    }

    fn some() -> Vec<Entry> {
        let entry = |name: &str, mode| Entry { name: name.to_owned(), mode, bytes: name.repeat(99).into() };
        vec![entry("LICENSE", 0o644), entry("kubectl-arc", 0o755)]
    }

    fn packed(name: &str, entries: &[Entry]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let archive = folder.path().join(name);
        write(&archive, entries).unwrap();
        fs::read(archive).unwrap()
    }

    #[test]
    fn the_same_files_give_the_same_bytes() {
        for name in ["a.tar.gz", "a.zip"] {
            assert_eq!(packed(name, &some()), packed(name, &some()), "{name}");
        }
    }

    #[test]
    fn a_tar_holds_regular_files_of_nobody() {
        let bytes = packed("a.tar.gz", &some());
        let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
        let mut found = Vec::new();
        for entry in tar.entries().unwrap() {
            let mut entry = entry.unwrap();
            let header = entry.header().clone();
            assert_eq!(header.entry_type(), tar::EntryType::Regular);
            assert_eq!((header.uid().unwrap(), header.gid().unwrap(), header.mtime().unwrap()), (0, 0, 0));
            let name = entry.path().unwrap().to_string_lossy().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            found.push(Entry { name, mode: header.mode().unwrap(), bytes });
        }
        assert_eq!(found, some());
    }

    #[test]
    fn a_zip_holds_the_same() {
        let bytes = packed("a.zip", &some());
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
        let mut found = Vec::new();
        for number in 0..zip.len() {
            let mut file = zip.by_index(number).unwrap();
            let (name, mode) =
                (file.name().unwrap().into_owned(), file.unix_mode().unwrap_or_default() & 0o777);
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            found.push(Entry { name, mode, bytes });
        }
        assert_eq!(found, some());
    }

    #[test]
    fn every_archive_has_what_krew_and_its_index_want() {
        let project = Project::read().unwrap();
        for platform in Platform::released().unwrap() {
            let binary = project.root.join("Cargo.toml");
            let notices = NAMES.map(|name| Entry::new(name, Vec::new())).to_vec();
            let entries = entries(&project, platform, &binary, notices).unwrap();
            let modes: Vec<(&str, u32)> =
                entries.iter().map(|entry| (entry.name.as_str(), entry.mode)).collect();
            assert!(modes.contains(&(platform.binary(), 0o755)), "{modes:?}");
            for name in BESIDE.into_iter().chain(NAMES) {
                assert!(modes.contains(&(name, 0o644)), "{modes:?}");
            }
            assert!(modes.is_sorted() && modes.iter().all(|(name, _)| !name.contains('/')), "{modes:?}");
        }
    }
}
