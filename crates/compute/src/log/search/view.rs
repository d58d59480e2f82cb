//! One log as it was when a search began.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use super::super::{ended, line, segments};

/// Read at a time to find a line's end.
const STEP: usize = 4 * 1024;
/// What is looked through line by line for a time.
const CLOSE: u64 = if cfg!(test) { 100 } else { 32 * 1024 };

/// The segments of a log. They hold whole lines; older ones may leave at any time, which reads tell as `NotFound`.
pub(super) struct View {
    segments: Vec<Segment>,
    open: Option<(u64, File)>,
}

#[derive(Clone)]
struct Segment {
    base: u64,
    end: u64,
    path: PathBuf,
}

impl View {
    /// What `folder` holds now. The beginning of a line that is being written is not part of it.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        // In this order: what is written before the end is seen after the end was seen.
        let ended = ended(folder);
        let mut all = Vec::new();
        for (base, path) in segments(folder)? {
            match fs::metadata(&path) {
                Ok(meta) => all.push(Segment { base, end: base + meta.len(), path }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let mut view = Self { segments: all, open: None };
        if !ended && let Some(last) = view.segments.last().cloned() {
            let end = view.whole(last.base, last.end)?;
            view.segments.last_mut().expect("there is a last one").end = end;
        }
        Ok(view)
    }

    /// The offset of the oldest line.
    pub(super) fn start(&self) -> u64 {
        self.segments.first().map_or(0, |first| first.base)
    }

    /// Where the newest line ends.
    pub(super) fn end(&self) -> u64 {
        self.segments.last().map_or(0, |last| last.end)
    }

    /// Where the last line between `base` and `end` ends.
    fn whole(&mut self, base: u64, end: u64) -> io::Result<u64> {
        let mut step = STEP as u64;
        loop {
            let from = end.saturating_sub(step).max(base);
            let bytes = self.read(from, end)?;
            match memchr::memrchr(b'\n', &bytes) {
                Some(at) => return Ok(from + at as u64 + 1),
                None if from == base => return Ok(base),
                None => step *= 4,
            }
        }
    }

    /// The segment that holds the byte at `offset`, or that before it.
    fn holding(&self, offset: u64) -> Option<&Segment> {
        let after = self.segments.partition_point(|segment| segment.base <= offset);
        self.segments.get(after.checked_sub(1)?)
    }

    /// Bytes of one segment.
    pub(super) fn read(&mut self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(to.saturating_sub(from)).unwrap_or(0)];
        if bytes.is_empty() {
            return Ok(bytes);
        }
        let segment = self.holding(from).ok_or(io::ErrorKind::NotFound)?;
        let base = segment.base;
        if self.open.as_ref().is_none_or(|(open, _)| *open != base) {
            self.open = Some((base, File::open(&segment.path)?));
        }
        let (_, file) = self.open.as_ref().expect("it was opened");
        match file.read_exact_at(&mut bytes, from - base) {
            // It was cut after the disk took no more of a line.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Err(io::ErrorKind::NotFound.into()),
            other => other.map(|()| bytes),
        }
    }

    /// Whole lines that end at `end`, about `size` bytes of one segment, and where they begin. At most back to `start`,
    /// where a line begins.
    pub(super) fn before(&mut self, start: u64, end: u64, size: u64) -> io::Result<(u64, Vec<u8>)> {
        let base = self.holding(end.saturating_sub(1)).map_or(start, |segment| segment.base.max(start));
        let mut size = size;
        loop {
            let from = end.saturating_sub(size).max(base);
            let mut bytes = self.read(from, end)?;
            if from == base {
                return Ok((from, bytes));
            }
            // The end of the last line is no beginning of another.
            let inner = bytes.len().saturating_sub(1);
            if let Some(at) = memchr::memchr(b'\n', &bytes[..inner]) {
                bytes.drain(..=at);
                return Ok((from + at as u64 + 1, bytes));
            }
            size *= 4;
        }
    }

    /// Whole lines from `start`, about `size` bytes of one segment, at most up to `end`, where a line ends.
    pub(super) fn after(&mut self, start: u64, end: u64, size: u64) -> io::Result<Vec<u8>> {
        let last = self.holding(start).map_or(end, |segment| segment.end.min(end));
        let mut size = size;
        loop {
            let to = start.saturating_add(size).min(last);
            let mut bytes = self.read(start, to)?;
            if to == last {
                return Ok(bytes);
            }
            if let Some(at) = memchr::memrchr(b'\n', &bytes) {
                bytes.truncate(at + 1);
                return Ok(bytes);
            }
            size *= 4;
        }
    }

    /// Takes the segments up to the one that holds `offset` as gone; answers where the next begins.
    pub(super) fn forget(&mut self, offset: u64) -> u64 {
        let end = self.end();
        self.segments.retain(|segment| segment.base > offset);
        self.segments.first().map_or(end, |segment| segment.base)
    }

    /// The beginning of the first line at or after `offset`, and its time; nothing when there is none before `end`.
    fn line_at(&mut self, offset: u64, end: u64) -> io::Result<Option<(u64, Option<Timestamp>)>> {
        let Some(&Segment { base, end: last, .. }) = self.holding(offset) else { return Ok(None) };
        // The end of the line before says that one begins.
        let mut at = if base == offset { offset } else { offset - 1 };
        let mut looking = base != offset;
        while at < end {
            // Also when only the beginning of a line is before `end`: its time is wanted whole.
            let bytes = self.read(at, last.min(at + STEP as u64))?;
            match (looking, memchr::memchr(b'\n', &bytes)) {
                (false, _) => return Ok(Some((at, line::time_of(&bytes)))),
                (true, Some(found)) => (at, looking) = (at + found as u64 + 1, false),
                (true, None) => at += bytes.len().max(1) as u64,
            }
        }
        Ok(None)
    }

    /// The time of the oldest line.
    pub(super) fn first_time(&mut self) -> io::Result<Option<Timestamp>> {
        Ok(self.line_at(self.start(), self.end())?.and_then(|(_, time)| time))
    }

    /// The time of the newest line.
    pub(super) fn last_time(&mut self) -> io::Result<Option<Timestamp>> {
        let mut at = self.end();
        while at > self.start() {
            let (start, bytes) = self.before(self.start(), at, STEP as u64)?;
            let times = line::each(start, &bytes).filter_map(|(_, line)| line::time_of(line));
            if let Some(last) = times.last() {
                return Ok(Some(last));
            }
            at = start;
        }
        Ok(None)
    }

    /// Where the first line that is not before `time` begins; with `after` that is after it. Lines are in order.
    pub(super) fn seek(&mut self, time: Timestamp, after: bool) -> io::Result<u64> {
        let early = |of: Option<Timestamp>| of.is_none_or(|of| if after { of <= time } else { of < time });
        let (mut low, mut high) = (0, self.segments.len());
        while low < high {
            let middle = (low + high) / 2;
            let Segment { base, end, .. } = self.segments[middle];
            // An empty one is the newest.
            let first = self.line_at(base, end)?;
            if first.is_some_and(|(_, first)| early(first)) { low = middle + 1 } else { high = middle }
        }
        let Some(segment) = low.checked_sub(1).map(|at| &self.segments[at]) else { return Ok(self.start()) };
        let (mut low, mut high) = (segment.base, segment.end);
        while high - low > CLOSE {
            let middle = low + (high - low) / 2;
            match self.line_at(middle, high)? {
                Some((begin, first)) if early(first) => low = begin,
                _ => high = middle,
            }
        }
        // The line that `middle` lies in begins before it.
        let end = self.holding(low).map_or(high, |segment| segment.end);
        let mut at = low;
        while at < end {
            let bytes = self.after(at, end, CLOSE)?;
            for (offset, line) in line::each(at, &bytes) {
                if line::time_of(line).is_some_and(|of| !early(Some(of))) {
                    return Ok(offset);
                }
            }
            at += bytes.len() as u64;
        }
        Ok(end)
    }
}
