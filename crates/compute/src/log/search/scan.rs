//! One log on its way through a search: what was found and not told yet, and what is still to be looked through.

use std::{collections::VecDeque, io, path::Path};

use jiff::Timestamp;

use super::{super::line, level, view::View};
use crate::{Direction, Level, LogLine, LogPosition, LogQuery};

/// The first block that is looked through, in bytes: what is wanted is often near. In tests a few lines are many blocks.
const FIRST: u64 = if cfg!(test) { 200 } else { 64 * 1024 };
/// What blocks grow to.
const LARGEST: u64 = if cfg!(test) { 2_000 } else { 1024 * 1024 };

/// A log that is searched.
pub(super) struct Scan<'a> {
    query: &'a LogQuery,
    source: usize,
    pub(super) view: View,
    /// What is still to be looked through.
    low: u64,
    high: u64,
    /// No line of that is newer, or older when the search goes forward.
    bound: Timestamp,
    size: u64,
    block: Block,
    found: VecDeque<Hit>,
}

/// Lines that were looked through.
#[derive(Default)]
struct Block {
    base: u64,
    bytes: Vec<u8>,
}

/// A line of the block that is wanted.
#[derive(Clone, Copy)]
pub(super) struct Hit {
    start: usize,
    end: usize,
    level: Option<Level>,
    time: Timestamp,
}

impl Hit {
    /// Its time is not known yet.
    pub(super) fn new(start: usize, end: usize, level: Option<Level>) -> Self {
        Self { start, end, level, time: Timestamp::UNIX_EPOCH }
    }
}

/// Where a scan stands, in the order of the search: the least is told first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank(i64, i64, i64);

impl<'a> Scan<'a> {
    /// The part of the log in `folder` that is asked for. Nothing when there is no such log.
    pub(super) fn open(query: &'a LogQuery, source: usize, folder: &Path) -> io::Result<Option<Self>> {
        let mut view = match View::open(folder) {
            Ok(view) => view,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        match part(query, source, &mut view) {
            Ok((low, high, bound)) => Ok(Some(Self {
                query,
                source,
                view,
                low,
                high,
                bound,
                size: FIRST,
                block: Block::default(),
                found: VecDeque::new(),
            })),
            // It left while it was looked at.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Nothing is left of it.
    pub(super) fn is_done(&self) -> bool {
        self.found.is_empty() && self.low >= self.high
    }

    /// Whether a line was found and not told yet.
    pub(super) fn has_found(&self) -> bool {
        !self.found.is_empty()
    }

    /// Where it stands: at the line that was found, or at what is still to be looked through.
    pub(super) fn rank(&self) -> Rank {
        let (time, offset) = match self.found.front() {
            Some(hit) => (hit.time, self.block.base + hit.start as u64),
            None => (self.bound, self.frontier()),
        };
        let sign = if self.query.direction == Direction::Backward { -1 } else { 1 };
        let signed = |number: u64| sign * i64::try_from(number).unwrap_or(i64::MAX);
        Rank(sign * time.as_microsecond(), signed(self.source as u64), signed(offset))
    }

    /// The same for whoever goes on later.
    pub(super) fn position(&self) -> LogPosition {
        LogPosition { time: self.bound, source: self.source, offset: self.frontier() }
    }

    fn frontier(&self) -> u64 {
        match self.query.direction {
            Direction::Backward => self.high,
            Direction::Forward => self.low,
        }
    }

    /// The next line that was found, and where to go on after it.
    pub(super) fn take(&mut self) -> Option<(LogLine, u64, LogPosition)> {
        let hit = self.found.pop_front()?;
        let bytes = &self.block.bytes[hit.start..hit.end];
        let (offset, end) = (self.block.base + hit.start as u64, self.block.base + hit.end as u64 + 1);
        let line = LogLine { level: hit.level, ..line::parse(offset, bytes)? };
        let on = match self.query.direction {
            Direction::Backward => offset,
            Direction::Forward => end,
        };
        if self.found.is_empty() {
            self.block = Block::default();
        }
        Some((line, end, LogPosition { time: hit.time, source: self.source, offset: on }))
    }

    /// Looks through the next block; answers its size in bytes.
    pub(super) fn advance(&mut self) -> io::Result<u64> {
        let read = match self.query.direction {
            Direction::Backward => self.view.before(self.low, self.high, self.size),
            Direction::Forward => {
                self.view.after(self.low, self.high, self.size).map(|bytes| (self.low, bytes))
            }
        };
        let (base, bytes) = match read {
            Ok((base, bytes)) if !bytes.is_empty() => (base, bytes),
            // What was to be read has left.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(self.skip()),
            Ok(_) => return Ok(self.skip()),
            Err(error) => return Err(error),
        };
        self.size = (self.size * 4).min(LARGEST);
        let read = bytes.len() as u64;
        let found = match self.query.level {
            Some(least) => level::hits(&mut self.view, base, &bytes, least)?,
            None => self.all(&bytes),
        };
        self.block = Block { base, bytes };
        self.keep(found);
        match self.query.direction {
            Direction::Backward => {
                self.high = base;
                let first = line::time_of(&self.block.bytes);
                self.bound = first.map_or(self.bound, |first| first.min(self.bound));
            }
            Direction::Forward => {
                self.low = base + read;
                let last = line::time_of(last_line(&self.block.bytes));
                self.bound = last.map_or(self.bound, |last| last.max(self.bound));
            }
        }
        Ok(read)
    }

    /// Passes over what has left: all that is older, or the oldest segment.
    fn skip(&mut self) -> u64 {
        match self.query.direction {
            Direction::Backward => self.high = self.low,
            Direction::Forward => self.low = self.view.forget(self.low).min(self.high),
        }
        0
    }

    /// The lines whose text is wanted, before times are looked at.
    fn all(&self, bytes: &[u8]) -> Vec<Hit> {
        let mut found = Vec::new();
        let mut from = 0;
        while from < bytes.len() {
            let next = match &self.query.pattern {
                Some(pattern) => pattern.next_line(bytes, from),
                None => Some((from, from + line::end_of(&bytes[from..]))),
            };
            let Some((start, end)) = next else { break };
            found.push(Hit::new(start, end, None));
            from = end + 1;
        }
        found
    }

    /// Keeps those lines that are in the range of times, in the order of the search.
    fn keep(&mut self, found: Vec<Hit>) {
        let Self { query, block, .. } = self;
        let wanted = |hit: Hit| {
            let line = &block.bytes[hit.start..hit.end];
            let time = line::time_of(line)?;
            let (_, text) = line::text_of(line)?;
            let said = query.level.is_none()
                || query.pattern.as_ref().is_none_or(|pattern| pattern.is_match(&line[text..]));
            let in_time = query.from.is_none_or(|from| time >= from) && query.to.is_none_or(|to| time < to);
            (said && in_time).then_some(Hit { time, ..hit })
        };
        let found = found.into_iter().filter_map(wanted);
        self.found = match query.direction {
            Direction::Forward => found.collect(),
            Direction::Backward => found.rev().collect(),
        };
        if self.found.is_empty() {
            // The first line is still asked for its time.
            self.block.bytes.shrink_to_fit();
        }
    }
}

/// The part of a log that lies in the range of times and was not told before, and the time of its nearest line.
fn part(query: &LogQuery, source: usize, view: &mut View) -> io::Result<(u64, u64, Timestamp)> {
    let (mut low, mut high) = (view.start(), view.end());
    if let Some(from) = query.from {
        low = low.max(view.seek(from, false)?);
    }
    if let Some(to) = query.to {
        high = high.min(view.seek(to, false)?);
    }
    let told = |view: &mut View, at: &LogPosition, later: bool| match at.source == source {
        true => Ok(at.offset),
        // Of lines of the same time those of later sources come later.
        false => view.seek(at.time, later),
    };
    match (&query.after, query.direction) {
        (Some(at), Direction::Backward) => high = high.min(told(view, at, source < at.source)?),
        (Some(at), Direction::Forward) => low = low.max(told(view, at, source < at.source)?),
        (None, _) => {}
    }
    if low >= high {
        return Ok((low, low, Timestamp::UNIX_EPOCH));
    }
    let bound = match query.direction {
        Direction::Backward => {
            let (_, bytes) = view.before(low, high, 4096)?;
            line::time_of(last_line(&bytes)).unwrap_or(Timestamp::MAX)
        }
        Direction::Forward => line::time_of(&view.after(low, high, 4096)?).unwrap_or(Timestamp::MIN),
    };
    Ok((low, high, bound))
}

fn last_line(bytes: &[u8]) -> &[u8] {
    let inner = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    memchr::memrchr(b'\n', inner).map_or(inner, |end| &inner[end + 1..])
}
