//! Lines out of a log: `TIMESTAMP STREAM TEXT`.

use headwater_compute::{Attempt, LogChunk, Stream};

use crate::LogEntry;

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
