//! What is asked of logs, and what is found.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::{Level, search::Pattern};
use crate::{Attempt, Exit, LogSource, Stream};

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Byte offset of its first byte.
    pub offset: u64,
    /// When it was written.
    pub time: Timestamp,
    /// Which output it came from.
    pub stream: Stream,
    /// How loud it is; nothing where nothing says so, and where nobody asked.
    pub level: Option<Level>,
    /// The line, without its end.
    pub text: String,
}

/// Which end of logs is read first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// From the newest line to the oldest.
    #[default]
    Backward,
    /// From the oldest line to the newest.
    Forward,
}

/// What is looked for in several logs, which are read as one, ordered by time.
#[derive(Debug, Clone)]
pub struct LogQuery {
    /// Where. Lines of the same time are in this order.
    pub sources: Vec<LogSource>,
    /// What lines hold.
    pub pattern: Option<Arc<Pattern>>,
    /// This loud or louder.
    pub level: Option<Level>,
    /// Not before.
    pub from: Option<Timestamp>,
    /// Before.
    pub to: Option<Timestamp>,
    /// Which line comes first.
    pub direction: Direction,
    /// Where an earlier search stopped.
    pub after: Option<LogPosition>,
    /// Lines shown on both sides of what is found.
    pub context: usize,
    /// Lines found at most.
    pub limit: usize,
    /// What is found is told with how loud it is.
    pub levels: bool,
    /// When the search stops, done or not.
    pub budget: Budget,
    /// Stops the search.
    pub cancelled: CancellationToken,
}

/// Bounds of a search. One that stops at a bound has looked at some lines at least.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// Bytes that are looked through.
    pub scanned: u64,
    /// Bytes that are answered.
    pub answered: usize,
    /// Time.
    pub time: Duration,
}

/// A place in several logs that are read as one. All that comes before it in the direction of the search was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPosition {
    /// The time of the last line.
    pub time: Timestamp,
    /// Its log, by its place among the sources.
    pub source: usize,
    /// Where that log goes on.
    pub offset: u64,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct LogFound {
    /// Lines, in the order of the search.
    pub matches: Vec<LogMatch>,
    /// Where to go on; nothing when there is no more.
    pub next: Option<LogPosition>,
    /// Bytes that were looked through.
    pub scanned: u64,
    /// The budget did not end it.
    pub complete: bool,
}

/// A line that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct LogMatch {
    /// Its log, by its place among the sources.
    pub source: usize,
    /// The line.
    pub line: LogLine,
    /// The lines before it, in the order in which they were written.
    pub before: Vec<LogLine>,
    /// The lines after it.
    pub after: Vec<LogLine>,
}

/// One run of a replica, as long as its output is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Which.
    pub attempt: Attempt,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// How it ended, where that is known.
    pub exit: Option<Exit>,
    /// No more will come of it.
    pub ended: bool,
    /// When its first and last lines that are kept were written.
    pub written: Option<(Timestamp, Timestamp)>,
    /// Bytes of output that are kept.
    pub bytes: u64,
}
