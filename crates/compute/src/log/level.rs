//! How loud a line is, by its own words and by those of the line that it continues.

pub(super) mod words;

use serde::{Deserialize, Serialize};

use super::line;
use crate::Stream;

/// How loud a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For those who look for something.
    Debug,
    /// What goes on.
    Info,
    /// What may be wrong.
    Warning,
    /// What is wrong.
    Error,
}

impl std::str::FromStr for Level {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "debug" => Ok(Self::Debug),
            "info" => Ok(Self::Info),
            "warning" => Ok(Self::Warning),
            "error" => Ok(Self::Error),
            _ => Err(()),
        }
    }
}

/// A line belongs to an earlier one that is at most so many bytes before it.
pub(super) const REACH: u64 = if cfg!(test) { 600 } else { 32 * 1024 };

/// Tells levels of the lines of one log, which it is fed in order.
///
/// An indented line is at least as loud as the last one of its stream that is not, and the line after a traceback is an
/// error.
#[derive(Debug, Clone, Default)]
pub struct Levels {
    streams: [Head; 2],
}

/// The last line of a stream that was not indented.
#[derive(Debug, Clone, Copy, Default)]
struct Head {
    offset: u64,
    level: Option<Level>,
    traceback: bool,
    /// Indented lines came after it.
    continued: bool,
}

impl Levels {
    /// A line belongs to an earlier one that is at most so many bytes before it.
    pub const REACH: u64 = REACH;

    /// The level of the next line.
    pub fn next(&mut self, offset: u64, stream: Stream, text: &str) -> Option<Level> {
        self.feed(offset, stream, text.as_bytes())
    }

    pub(super) fn feed(&mut self, offset: u64, stream: Stream, text: &[u8]) -> Option<Level> {
        let head = match stream {
            Stream::Out => &mut self.streams[0],
            Stream::Err => &mut self.streams[1],
            Stream::Platform => return None,
        };
        let near = offset.saturating_sub(head.offset) <= REACH;
        if words::is_indented(text) {
            head.continued = true;
            // None is the least of all.
            return head.level.filter(|_| near).max(words::level(text));
        }
        let closes = near && head.traceback && head.continued && !text.is_empty();
        let level = words::level(text);
        *head = Head { offset, level, traceback: words::begins_traceback(text), continued: false };
        if closes { Some(Level::Error) } else { level }
    }

    /// The level of a line as it is on disk.
    pub(super) fn of(&mut self, offset: u64, line: &[u8]) -> Option<Level> {
        let (stream, text) = line::text_of(line)?;
        self.feed(offset, stream, &line[text..])
    }

    /// Whether the next line may be as loud as `least` without a word of its own.
    pub(super) fn may_pass_on(&self, least: Level, offset: u64) -> bool {
        let passes = |head: &Head| {
            offset.saturating_sub(head.offset) <= REACH && head.level.is_some_and(|level| level >= least)
        };
        self.streams.iter().any(passes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(text: &str) -> Vec<Option<Level>> {
        let mut levels = Levels::default();
        text.lines().enumerate().map(|(at, line)| levels.next(at as u64 * 80, Stream::Err, line)).collect()
    }

    #[test]
    fn a_traceback_is_an_error_to_its_last_line() {
        let text = "INFO start\nTraceback (most recent call last):\n  File \"main.py\", line 3\n    boom()\n\
                    app.Oops: INFO all is lost\nafterwards";
        let error = Some(Level::Error);
        assert_eq!(levels(text), [Some(Level::Info), error, error, error, error, None]);
    }

    #[test]
    fn an_indented_line_is_as_loud_as_what_it_continues() {
        let text = "  alone\nWARN slow\n\tat com.x.ErrorHandler\nplain\n  ERROR by itself\n  more";
        let (warning, error) = (Some(Level::Warning), Some(Level::Error));
        assert_eq!(levels(text), [None, warning, warning, None, error, None]);
    }

    #[test]
    fn streams_do_not_mix_and_the_platform_has_no_level() {
        let mut levels = Levels::default();
        assert_eq!(levels.next(0, Stream::Err, "ERROR x"), Some(Level::Error));
        assert_eq!(levels.next(10, Stream::Out, "  of another"), None);
        assert_eq!(levels.next(20, Stream::Platform, "ended: ERROR"), None);
        assert_eq!(levels.next(30, Stream::Err, "  of it"), Some(Level::Error));
        assert_eq!(levels.next(REACH + 1, Stream::Err, "  far away"), None);
    }
}
