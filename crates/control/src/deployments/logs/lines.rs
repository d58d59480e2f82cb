//! Lines of logs, as callers read them.

use std::time::Duration;

use headwater_compute::{Attempt, Levels, LogLine, LogSource};
use jiff::Timestamp;

use crate::{LogEntry, Result, Stream, core::Core};

/// An offset as it is asked for.
pub(super) fn signed(offset: u64) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}

/// A line of a run, or of a build.
pub(super) fn entry(line: LogLine, attempt: Option<&Attempt>) -> LogEntry {
    LogEntry {
        replica: attempt.map(|attempt| attempt.replica.index),
        version: attempt.map(|attempt| attempt.replica.version),
        attempt: attempt.map(|attempt| attempt.number),
        time: line.time,
        stream: line.stream,
        level: line.level,
        text: line.text,
    }
}

/// A remark on what cannot be shown.
pub(super) fn remark(text: String, time: Timestamp, attempt: &Attempt) -> LogEntry {
    let line = LogLine { offset: 0, time, stream: Stream::Platform, level: None, text };
    entry(line, Some(attempt))
}

/// Knows what the line at `offset` may continue.
pub(super) async fn levels_before(core: &Core, source: &LogSource, offset: u64) -> Result<Levels> {
    let mut levels = Levels::default();
    let from = offset.saturating_sub(Levels::REACH);
    let before = match usize::try_from(offset - from) {
        Ok(bytes) if bytes > 0 => core.runtime.log(source, signed(from), bytes, Duration::ZERO).await?,
        _ => return Ok(levels),
    };
    for line in before.lines().filter(|line| line.offset < offset) {
        levels.next(line.offset, line.stream, &line.text);
    }
    Ok(levels)
}
