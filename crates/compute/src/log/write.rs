//! Appending to a log.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::SystemTime,
};

use jiff::{SignedDuration, Timestamp};

use super::{Keeping, SEGMENT, keep, line, run, search, segments};
use crate::{Stream, folder};

/// Age at which a segment is followed by the next, so that output leaves day by day.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Appends to a log; the oldest segments leave so that it stays bounded.
pub(crate) struct LogWriter {
    folder: PathBuf,
    file: File,
    base: u64,
    size: u64,
    /// When the segment's first line was written.
    since: Option<Timestamp>,
    /// The time of the last line. Times never go back, or lines could not be found by them.
    last: Timestamp,
    keeping: Keeping,
    /// Size at which a segment is followed by the next, in bytes.
    segment: u64,
    /// The folder of all logs of the deployment; nothing for logs that are alone.
    all: Option<PathBuf>,
}

/// What could not be kept of some lines.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub(crate) struct Unkept {
    /// Bytes that were kept: whole lines.
    pub(crate) kept: usize,
    #[source]
    source: io::Error,
}

impl From<Unkept> for io::Error {
    fn from(unkept: Unkept) -> Self {
        unkept.source
    }
}

impl LogWriter {
    /// Opens the log in `folder`, going on where it ends.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        folder::private(folder)?;
        let base = segments(folder)?.last().map_or(0, |(base, _)| *base);
        let file = open(&self::segment(folder, base))?;
        let size = file.metadata()?.len();
        let last = search::written(folder)?.map_or(Timestamp::MIN, |(_, last)| last);
        let since = run::first_time(&file);
        let (keeping, segment, all) = (Keeping::default(), SEGMENT, None);
        let mut log =
            Self { folder: folder.to_owned(), file, base, size, since, last, keeping, segment, all };
        // Whoever wrote before may have been ended in the middle of a line.
        if size > 0 && !log.ends_with_a_line()? {
            log.append(b"\n")?;
        }
        Ok(log)
    }

    /// Keeps so much of it, and of all logs of its deployment in `all`.
    pub(crate) fn keeping(mut self, keeping: Keeping, all: Option<&Path>) -> Self {
        (self.keeping, self.all) = (keeping, all.map(Path::to_owned));
        self
    }

    /// The time for lines that are written now.
    pub(crate) fn now(&mut self) -> Timestamp {
        self.last = self.last.max(Timestamp::now());
        self.last
    }

    /// Appends whole lines.
    pub(crate) fn append(&mut self, lines: &[u8]) -> Result<(), Unkept> {
        let old = self.since.is_some_and(|since| self.last.duration_since(since) >= DAY);
        if self.size >= self.segment || old && self.size > 0 {
            self.roll().map_err(|source| Unkept { kept: 0, source })?;
        }
        self.since = self.since.or_else(|| line::time_of(lines));
        if let Err(source) = self.file.write_all(lines) {
            return Err(Unkept { kept: self.cut(lines), source });
        }
        self.size += lines.len() as u64;
        Ok(())
    }

    /// A full disk takes the beginning of what is written. Whole lines stay: they may have been read already.
    fn cut(&mut self, lines: &[u8]) -> usize {
        let size = self.file.metadata().map_or(self.size, |meta| meta.len());
        let taken = usize::try_from(size.saturating_sub(self.size)).unwrap_or(0).min(lines.len());
        let kept = memchr::memrchr(b'\n', &lines[..taken]).map_or(0, |end| end + 1);
        self.size += kept as u64;
        let _ = self.file.set_len(self.size);
        kept
    }

    /// Segments of this size.
    #[cfg(test)]
    pub(crate) fn in_segments_of(mut self, bytes: u64) -> Self {
        self.segment = bytes;
        self
    }

    /// A log on a disk that takes nothing.
    #[cfg(test)]
    pub(crate) fn full(folder: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().write(true).open("/dev/full")?;
        Ok(Self { file, size: 0, ..Self::open(folder)? })
    }

    /// Appends a remark of the platform.
    pub(crate) fn remark(&mut self, text: &str) -> io::Result<()> {
        let mut out = Vec::new();
        line::write(Stream::Platform, text, false, self.now(), &mut out);
        Ok(self.append(&out)?)
    }

    fn ends_with_a_line(&self) -> io::Result<bool> {
        let mut last = [0];
        self.file.read_exact_at(&mut last, self.size - 1)?;
        Ok(last == *b"\n")
    }

    fn roll(&mut self) -> io::Result<()> {
        let base = self.base + self.size;
        let file = open(&segment(&self.folder, base))?;
        (self.file, self.base, self.size, self.since) = (file, base, 0, None);
        let trimmed = match &self.all {
            Some(all) => keep::trim(all, &self.keeping, SystemTime::now()),
            None => keep::trim_one(&self.folder, &self.keeping),
        };
        if let Err(error) = trimmed {
            // Whoever writes goes on; what stays too long is tried again with the next segment.
            tracing::warn!(%error, "removing old output");
        }
        Ok(())
    }
}

/// The segment that begins at `base`.
pub(super) fn segment(folder: &Path, base: u64) -> PathBuf {
    folder.join(format!("{base:020}.log"))
}

/// Opens a segment, which is made when it is not there.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::read;

    #[tokio::test]
    async fn whole_lines_that_a_full_disk_took_stay() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogWriter::open(folder.path()).unwrap();
        log.append(b"first\n").unwrap();
        // As a disk does that is full in the middle of the third line.
        log.file.write_all(b"second\nthi").unwrap();
        assert_eq!(log.cut(b"second\nthird\n"), 7);
        log.append(b"fourth\n").unwrap();
        let all = read(folder.path(), 0, 1000, std::time::Duration::ZERO).await.unwrap();
        assert_eq!(all.bytes, "first\nsecond\nfourth\n");
    }

    #[test]
    fn times_never_go_back() {
        let folder = tempfile::tempdir().unwrap();
        let ahead = Timestamp::now() + SignedDuration::from_hours(1);
        let mut lines = Vec::new();
        line::write(Stream::Out, "by another clock", false, ahead, &mut lines);
        LogWriter::open(folder.path()).unwrap().append(&lines).unwrap();
        let now = LogWriter::open(folder.path()).unwrap().now();
        assert!(now.duration_since(ahead).abs() < SignedDuration::from_millis(1), "{now} after {ahead}");
    }

    #[test]
    fn a_segment_is_of_a_day() {
        let folder = tempfile::tempdir().unwrap();
        let mut log = LogWriter::open(folder.path()).unwrap();
        let began = Timestamp::now() - SignedDuration::from_hours(25);
        let mut lines = Vec::new();
        line::write(Stream::Out, "yesterday", false, began, &mut lines);
        log.append(&lines).unwrap();
        log.remark("today").unwrap();
        log.remark("today as well").unwrap();
        assert_eq!(segments(folder.path()).unwrap().len(), 2);
    }
}
