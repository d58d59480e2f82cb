//! Searching logs. Each is looked through block by block, from the end that is wanted first, and only as far as its
//! lines are next: many logs are told as one, in the order of time.

mod level;
mod pattern;
mod scan;
#[cfg(test)]
mod tests;
mod view;

use std::{
    cmp::Reverse,
    collections::BinaryHeap,
    io,
    path::{Path, PathBuf},
    time::Instant,
};

use jiff::Timestamp;

pub use pattern::Pattern;

use super::line;
use crate::{LogFound, LogLine, LogMatch, LogQuery};
use scan::{Rank, Scan};
use view::View;

/// Read at a time for the lines around one that was found, in bytes.
const AROUND: u64 = 8 * 1024;
/// What a line takes beside its text when it is told, in bytes.
const BESIDE: usize = 160;

/// Looks through the logs in `folders`, which are those of the query's sources. This blocks.
pub(crate) fn search(query: &LogQuery, folders: &[PathBuf]) -> io::Result<LogFound> {
    let began = Instant::now();
    let mut scans = Vec::new();
    for (source, folder) in folders.iter().enumerate() {
        scans.extend(Scan::open(query, source, folder)?);
    }
    let mut order: BinaryHeap<_> = scans.iter().enumerate().filter_map(next_of).collect();
    let mut found = LogFound { complete: true, ..LogFound::default() };
    let mut answered = 0;
    let mut looked = false;
    while let Some(Reverse((_, at))) = order.pop() {
        let scan = &mut scans[at];
        if !scan.has_found() {
            let spent = found.scanned >= query.budget.scanned || began.elapsed() >= query.budget.time;
            if looked && (spent || query.cancelled.is_cancelled()) {
                (found.next, found.complete) = (Some(scan.position()), false);
                return Ok(found);
            }
            looked = true;
            found.scanned += scan.advance()?;
        } else if let Some((line, end, position)) = scan.take() {
            let one = told(query, position.source, &mut scan.view, line, end)?;
            answered += size(&one);
            found.matches.push(one);
            let full = found.matches.len() >= query.limit;
            if full || answered >= query.budget.answered {
                let more = !scan.is_done() || !order.is_empty();
                found.next = more.then_some(position);
                found.complete = full || !more;
                return Ok(found);
            }
        }
        order.extend(next_of((at, &scans[at])));
    }
    Ok(found)
}

fn next_of((at, scan): (usize, &Scan<'_>)) -> Option<Reverse<(Rank, usize)>> {
    (!scan.is_done()).then(|| Reverse((scan.rank(), at)))
}

/// A line with all that is told of it.
fn told(
    query: &LogQuery,
    source: usize,
    view: &mut View,
    mut line: LogLine,
    end: u64,
) -> io::Result<LogMatch> {
    if query.levels && line.level.is_none() {
        line.level = gone(level::at(view, line.offset, line.stream, &line.text))?;
    }
    let mut before = gone(lines_before(view, line.offset, query.context))?;
    let mut after = gone(lines_after(view, end, query.context))?;
    if query.levels {
        for line in before.iter_mut().chain(&mut after) {
            line.level = gone(level::at(view, line.offset, line.stream, &line.text))?;
        }
    }
    Ok(LogMatch { source, line, before, after })
}

/// What is around a line may leave meanwhile.
fn gone<T: Default>(outcome: io::Result<T>) -> io::Result<T> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(T::default()),
        other => other,
    }
}

fn size(one: &LogMatch) -> usize {
    let all = one.before.iter().chain(&one.after).chain([&one.line]);
    all.map(|line| line.text.len() + BESIDE).sum()
}

fn lines_before(view: &mut View, offset: u64, count: usize) -> io::Result<Vec<LogLine>> {
    let mut lines = Vec::new();
    let mut at = offset;
    while lines.len() < count && at > view.start() {
        let (start, bytes) = view.before(view.start(), at, AROUND)?;
        let piece: Vec<_> =
            line::each(start, &bytes).filter_map(|(at, line)| line::parse(at, line)).collect();
        lines.extend(piece.into_iter().rev().take(count - lines.len()));
        at = start;
    }
    lines.reverse();
    Ok(lines)
}

fn lines_after(view: &mut View, offset: u64, count: usize) -> io::Result<Vec<LogLine>> {
    let mut lines = Vec::new();
    let (mut at, end) = (offset, view.end());
    while lines.len() < count && at < end {
        let bytes = view.after(at, end, AROUND)?;
        let piece = line::each(at, &bytes).filter_map(|(at, line)| line::parse(at, line));
        let room = count - lines.len();
        lines.extend(piece.take(room));
        at += bytes.len() as u64;
    }
    Ok(lines)
}

/// When the first and the last line of a log that are kept were written.
pub(super) fn written(folder: &Path) -> io::Result<Option<(Timestamp, Timestamp)>> {
    let look = || {
        let mut view = View::open(folder)?;
        Ok(view.first_time()?.zip(view.last_time()?))
    };
    gone(look())
}
