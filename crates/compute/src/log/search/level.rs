//! Levels of lines somewhere in a log.

use std::io;

use super::{
    super::{
        level::{Level, Levels, REACH, words::LOUD},
        line,
    },
    scan::Hit,
    view::View,
};

/// Knows what lines at `offset` may continue.
fn before(view: &mut View, offset: u64) -> io::Result<Levels> {
    let mut pieces = Vec::new();
    let mut at = offset;
    while at > view.start() && offset - at < REACH {
        let (start, bytes) = view.before(view.start(), at, REACH)?;
        if bytes.is_empty() {
            break;
        }
        pieces.push((start, bytes));
        at = start;
    }
    let mut levels = Levels::default();
    for (start, bytes) in pieces.iter().rev() {
        for (offset, line) in line::each(*start, bytes) {
            levels.of(offset, line);
        }
    }
    Ok(levels)
}

/// The level of the line at `offset`.
pub(super) fn at(
    view: &mut View,
    offset: u64,
    stream: crate::Stream,
    text: &str,
) -> io::Result<Option<Level>> {
    Ok(before(view, offset)?.next(offset, stream, text))
}

/// The lines of a block that are as loud as `least` or louder.
pub(super) fn hits(view: &mut View, base: u64, block: &[u8], least: Level) -> io::Result<Vec<Hit>> {
    let mut levels = match before(view, base) {
        Ok(levels) => levels,
        // What is before the block has left.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Levels::default(),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    let mut start = 0;
    while start < block.len() {
        if least >= Level::Warning && !levels.may_pass_on(least, base + start as u64) {
            // Nothing is loud before the next line with a word for it, whatever is passed over.
            let Some(word) = LOUD.find_at(block, start) else { break };
            let begin =
                memchr::memrchr(b'\n', &block[start..word.start()]).map_or(start, |at| start + at + 1);
            if begin > start {
                start = begin;
                levels = Levels::default();
            }
        }
        let end = start + line::end_of(&block[start..]);
        let level = levels.of(base + start as u64, &block[start..end]);
        if level.is_some_and(|level| level >= least) {
            found.push(Hit::new(start, end, level));
        }
        start = end + 1;
    }
    Ok(found)
}
