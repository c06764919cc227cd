//! Appending to a journal: a line is on the disk before the next step is taken.

use super::API_VERSION;
use super::entry::Answer;
use super::entry::Intent;
use super::entry::Line;
use super::entry::Run;
use super::read;
use crate::error::Error;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

/// Where a journal is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a file of its own in this folder, which is made if it is not there.
    Folder(PathBuf),
    /// At the end of this file.
    File(PathBuf),
}

/// A journal that is being written. Nobody else writes to the file meanwhile.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    next: u64,
    /// What kept it from taking a line. It takes no other then: the file would not tell the truth.
    broken: Option<Error>,
}

impl Journal {
    /// Opens it and notes who runs where.
    ///
    /// # Errors
    /// `Usage` if the place is a folder or no journal, `Config` if it cannot be written to.
    pub fn open(place: &Place, run: &Run) -> Result<Self, Error> {
        let mut journal = match place {
            Place::Folder(folder) => new_in(folder, &run.time)?,
            Place::File(path) => at_the_end(path)?,
        };
        let run = Run { api_version: API_VERSION.to_owned(), ..run.clone() };
        journal.append(&Line::Run(run))?;
        Ok(journal)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes what is about to be sent, under a number of its own. When this returns it is on the disk.
    ///
    /// # Errors
    /// `Config` if it cannot be written now, or could not be written before. Then nothing may be sent.
    pub fn intend(&mut self, intent: Intent) -> Result<u64, Error> {
        let write = self.next;
        self.append(&Line::Intent(Intent { write, ..intent }))?;
        self.next += 1;
        Ok(write)
    }

    /// Notes what became of it. If the journal cannot take it, it takes no intent after it either.
    pub fn answer(&mut self, answer: Answer) {
        // The failure is kept: see `append`.
        self.append(&Line::Answer(answer)).ok();
    }

    /// Ends it.
    ///
    /// # Errors
    /// `Config` if it could not take a line.
    pub fn finish(self) -> Result<(), Error> {
        self.broken.map_or(Ok(()), Err)
    }

    #[cfg(test)]
    pub fn replace_file(&mut self, file: File) {
        self.file = file;
    }

    fn append(&mut self, line: &Line) -> Result<(), Error> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        let written = serde_json::to_string(line).map_err(io::Error::from).and_then(|text| {
            // One call, so that a line is there or cut off, and never mixed with another.
            self.file.write_all(format!("{text}\n").as_bytes())?;
            self.file.sync_data()
        });
        written.map_err(|error| {
            let error = cannot_write(&self.path, &error);
            self.broken = Some(error.clone());
            error
        })
    }
}

/// A new file, named after the time and the process: two runs never share one.
fn new_in(folder: &Path, time: &str) -> Result<Journal, Error> {
    let failed = |error: io::Error| cannot_write(folder, &error);
    make_folder(folder).map_err(failed)?;
    let time: String = time.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '.').collect();
    let path = folder.join(format!("{time}-{}.jsonl", std::process::id()));
    let mut options = OpenOptions::new();
    options.append(true).create_new(true);
    let file = for_the_user_alone(&mut options).open(&path).map_err(|error| cannot_write(&path, &error))?;
    lock(&file, &path)?;
    keep_name(folder).map_err(failed)?;
    Ok(Journal { path, file, next: 1, broken: None })
}

fn at_the_end(path: &Path) -> Result<Journal, Error> {
    let failed = |error: io::Error| cannot_write(path, &error);
    match fs::metadata(path) {
        Ok(known) if known.is_dir() => {
            return Err(Error::usage(format!("{} is a folder", path.display()))
                .hint("Name the file that the journal is to be kept in."));
        }
        Ok(known) if !known.is_file() => {
            return Err(Error::usage(format!("{} does not keep what is written to it", path.display()))
                .hint("Name a file, or say --journal none to keep no journal."));
        }
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
        Ok(_) | Err(_) => {}
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    let mut file = for_the_user_alone(&mut options).open(path).map_err(failed)?;
    lock(&file, path)?;
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(failed)?;
    // A line without its end was never on the disk as a whole, so nothing was sent after it.
    let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let entries = read::entries(path, &String::from_utf8_lossy(&text))?;
    if whole < text.len() {
        file.set_len(whole as u64).map_err(failed)?;
    }
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        keep_name(folder).map_err(failed)?;
    }
    let next = entries.iter().map(|entry| entry.intent.write + 1).max().unwrap_or(1);
    Ok(Journal { path: path.to_owned(), file, next, broken: None })
}

fn lock(file: &File, path: &Path) -> Result<(), Error> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            Err(Error::config(format!("another run is writing to {}", path.display()))
                .hint("Wait for it, or name another file."))
        }
        // Some file systems know no locks.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

#[cfg(unix)]
fn make_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
fn for_the_user_alone(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    options.mode(0o600)
}

#[cfg(not(unix))]
fn for_the_user_alone(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// The name of a new file is on the disk as well. Only Unix has a way to say so.
#[cfg(unix)]
fn keep_name(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn keep_name(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let failed = Error::config(format!("cannot write the journal {}", path.display()));
    let failed = match error.kind() {
        io::ErrorKind::NotFound => failed.because("no such folder"),
        io::ErrorKind::PermissionDenied => failed.because("permission denied"),
        _ => failed.because(error),
    };
    failed.hint(
        "Nothing is written to a cluster that the journal cannot take: name a place with --journal FILE.",
    )
}
