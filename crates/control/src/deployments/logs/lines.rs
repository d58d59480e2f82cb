//! Lines out of a log: `TIMESTAMP STREAM TEXT`.

use std::time::Duration;

use headwater_compute::{Attempt, LogChunk, LogSource, Stream};

use super::super::types::LogEntry;
use crate::core::Core;

/// Bytes read from one log at once.
const CHUNK: usize = 64 * 1024;
/// Longer than any line of a log, and so than any read that holds no whole one: 64 KiB of bytes that are no text take
/// three times that, and the time and the stream precede them.
pub(super) const LONGEST: usize = 200 * 1024;

/// What a log has from `offset` on, at most `most` bytes: a piece of about [`CHUNK`], but at least one line when there is
/// one.
pub(super) async fn lines(
    core: &Core,
    source: &LogSource,
    offset: i64,
    most: usize,
) -> headwater_compute::Result<LogChunk> {
    let read = |length: usize| core.runtime.log(source, offset, length.min(most), Duration::ZERO);
    let chunk = read(CHUNK).await?;
    match chunk.bytes.is_empty() && !chunk.end {
        true => read(LONGEST).await,
        false => Ok(chunk),
    }
}

/// An offset as it is asked for.
pub(super) fn signed(offset: u64) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}

/// The lines of a chunk.
pub(super) fn entries(chunk: &LogChunk, attempt: Option<&Attempt>) -> Vec<LogEntry> {
    let text = String::from_utf8_lossy(&chunk.bytes);
    text.lines().filter_map(|line| entry(line, attempt)).collect()
}

fn entry(line: &str, attempt: Option<&Attempt>) -> Option<LogEntry> {
    let (time, rest) = line.split_once(' ')?;
    let (stream, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let stream = match stream {
        "out" => Stream::Out,
        "err" => Stream::Err,
        "platform" => Stream::Platform,
        _ => return None,
    };
    Some(LogEntry {
        replica: attempt.map(|attempt| attempt.replica.index),
        version: attempt.map(|attempt| attempt.replica.version),
        attempt: attempt.map(|attempt| attempt.number),
        time: time.parse().ok()?,
        stream,
        text: text.to_owned(),
    })
}
