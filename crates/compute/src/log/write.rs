//! Appending to a log.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
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
        let file = open(folder, base)?;
        let size = file.metadata()?.len();
        Ok(Self { folder: folder.to_owned(), file, base, size })
    }

    /// Appends whole lines.
    pub(crate) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        if self.size >= SEGMENT {
            self.roll()?;
        }
        self.file.write_all(lines)?;
        self.size += lines.len() as u64;
        Ok(())
    }

    /// Appends a remark of the platform.
    pub(crate) fn remark(&mut self, text: &str) -> io::Result<()> {
        let mut out = Vec::new();
        line::write(Stream::Platform, text, false, Timestamp::now(), &mut out);
        self.append(&out)
    }

    fn roll(&mut self) -> io::Result<()> {
        self.base += self.size;
        self.size = 0;
        self.file = open(&self.folder, self.base)?;
        let all = segments(&self.folder)?;
        for (_, old) in all.iter().take(all.len().saturating_sub(KEPT)) {
            fs::remove_file(old)?;
        }
        Ok(())
    }
}

fn open(folder: &Path, base: u64) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).open(folder.join(format!("{base:020}.log")))
}
