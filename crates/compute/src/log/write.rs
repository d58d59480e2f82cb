//! Appending to a log.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::{KEPT, SEGMENT, line, segments};
use crate::{Stream, folder};

/// Appends to a log; the oldest segments leave so that it stays bounded.
pub(crate) struct LogWriter {
    folder: PathBuf,
    file: File,
    base: u64,
    size: u64,
}

impl LogWriter {
    /// Opens the log in `folder`, going on where it ends.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        folder::private(folder)?;
        let base = segments(folder)?.last().map_or(0, |(base, _)| *base);
        let (file, size) = open(folder, base)?;
        let mut log = Self { folder: folder.to_owned(), file, base, size };
        // Whoever wrote before may have been ended in the middle of a line.
        if size > 0 && !log.ends_with_a_line()? {
            log.append(b"\n")?;
        }
        Ok(log)
    }

    /// Appends whole lines, or nothing of them.
    pub(crate) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.size >= SEGMENT {
            self.roll()?;
        }
        if let Err(error) = self.file.write_all(lines) {
            // A full disk takes the beginning of what is written.
            let _ = self.file.set_len(self.size);
            return Err(error);
        }
        self.size += lines.len() as u64;
        Ok(())
    }

    /// A log on a disk that takes nothing.
    #[cfg(test)]
    pub(crate) fn full(folder: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open("/dev/full")?;
        Ok(Self { folder: folder.to_owned(), file, base: 0, size: 0 })
    }

    /// Appends a remark of the platform.
    pub(crate) fn remark(&mut self, text: &str) -> io::Result<()> {
        let mut out = Vec::new();
        line::write(Stream::Platform, text, false, Timestamp::now(), &mut out);
        self.append(&out)
    }

    fn ends_with_a_line(&self) -> io::Result<bool> {
        let mut last = [0];
        self.file.read_exact_at(&mut last, self.size - 1)?;
        Ok(last == *b"\n")
    }

    fn roll(&mut self) -> io::Result<()> {
        let base = self.base + self.size;
        let (file, size) = open(&self.folder, base)?;
        (self.file, self.base, self.size) = (file, base, size);
        let all = segments(&self.folder)?;
        for (_, old) in all.iter().take(all.len().saturating_sub(KEPT)) {
            fs::remove_file(old)?;
        }
        Ok(())
    }
}

/// The segment that begins at `base`, and its size.
fn open(folder: &Path, base: u64) -> io::Result<(File, u64)> {
    let mut options = OpenOptions::new();
    let path = folder.join(format!("{base:020}.log"));
    let file = options.read(true).append(true).create(true).mode(0o600).open(path)?;
    let size = file.metadata()?.len();
    Ok((file, size))
}
