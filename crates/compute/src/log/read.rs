//! Reading a log, and waiting for more.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::unix::fs::FileExt,
    path::Path,
    time::Duration,
};

use bytes::Bytes;
use tokio::time::{Instant, timeout_at};

use super::{LONGEST, ended, segments, watch::Watch};
use crate::{Error, LogChunk, Result};

/// Read at a time while a line's end is looked for.
const STEP: u64 = 16 * 1024;

/// Reads from `offset` (negative: from the end, from a line's start); waits at most `wait` when there is nothing new.
/// A line that is longer than `max_bytes` comes whole.
pub(crate) async fn read(folder: &Path, offset: i64, max_bytes: usize, wait: Duration) -> Result<LogChunk> {
    let deadline = Instant::now() + wait;
    let mut watch: Option<Watch> = None;
    loop {
        // In this order: what is written before the end is read after the end was seen.
        let end = ended(folder);
        let chunk = match once(folder, offset, max_bytes, end) {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.exists() => {
                return Err(Error::UnknownLog);
            }
            // The segment that was about to be read has left.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::io("reading a log")(error)),
        };
        if !chunk.bytes.is_empty() || chunk.end || Instant::now() >= deadline {
            return Ok(chunk);
        }
        match &watch {
            // Most reads find something, so a watch is made by those that do not. What was written before it stood
            // shows when the log is read once more.
            None => watch = Some(Watch::new(folder).map_err(Error::io("watching a log"))?),
            Some(watch) => match timeout_at(deadline, watch.changed()).await {
                Ok(outcome) => outcome.map_err(Error::io("watching a log"))?,
                Err(_) => return Ok(chunk),
            },
        }
    }
}

fn once(folder: &Path, offset: i64, max_bytes: usize, end: bool) -> io::Result<LogChunk> {
    let all = segments(folder)?;
    let Some((newest, last)) = all.last() else {
        return Ok(LogChunk { offset: 0, bytes: Bytes::new(), next: 0, left: 0, end });
    };
    let oldest = all[0].0;
    let size = newest + last.metadata()?.len();
    let from = match u64::try_from(offset) {
        Ok(offset) => offset.clamp(oldest, size),
        Err(_) => size.saturating_sub(offset.unsigned_abs()).max(oldest),
    };
    let at = all.partition_point(|(base, _)| *base <= from).saturating_sub(1);
    let (base, path) = &all[at];
    let followed = at + 1 < all.len();
    let mut file = File::open(path)?;
    let start = base + line_start(&file, from - base)?;
    file.seek(SeekFrom::Start(start - base))?;
    // Nothing is added any more to a segment that others follow, nor to a log that has ended.
    let bytes = whole_lines(&mut file, max_bytes, followed || end)?;
    if bytes.is_empty() && followed {
        // Exactly at the end of a segment: what follows is in the next.
        return once(folder, i64::try_from(all[at + 1].0).unwrap_or(i64::MAX), max_bytes, end);
    }
    let next = start + bytes.len() as u64;
    let left = size.saturating_sub(next);
    Ok(LogChunk { offset: start, end: end && left == 0, bytes: bytes.into(), next, left })
}

/// The beginning of the first line at or after `from` in a segment: whoever reads from elsewhere gets no half of one.
fn line_start(file: &File, from: u64) -> io::Result<u64> {
    let mut at = from.saturating_sub(1);
    if from == 0 {
        return Ok(0);
    }
    loop {
        let mut bytes = [0; STEP as usize];
        let wanted = if at < from { 1 } else { bytes.len() };
        let read = file.read_at(&mut bytes[..wanted], at)?;
        match memchr::memchr(b'\n', &bytes[..read]) {
            Some(found) => return Ok(at + found as u64 + 1),
            None if read == 0 => return Ok(at),
            None => at += read as u64,
        }
    }
}

/// Lines of at most `max_bytes`, but one at least. Of a `finished` file the rest counts as one, be it cut short.
fn whole_lines(file: &mut File, max_bytes: usize, finished: bool) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut wanted = max_bytes as u64;
    loop {
        let before = bytes.len();
        let read = file.by_ref().take(wanted).read_to_end(&mut bytes)? as u64;
        if let Some(at) = memchr::memrchr(b'\n', &bytes[before..]) {
            let rest_counts = finished && read < wanted;
            if !rest_counts {
                bytes.truncate(before + at + 1);
            }
            return Ok(bytes);
        }
        if read < wanted {
            // The line's end is not written yet.
            if !finished {
                bytes.clear();
            }
            return Ok(bytes);
        }
        if bytes.len() >= LONGEST {
            return Ok(bytes);
        }
        wanted = STEP;
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::{
        Keeping, Stream,
        log::{Lines, LogWriter, SEGMENT, end},
    };

    const NOW: Duration = Duration::ZERO;
    const CHUNK: usize = 64 * 1024;
    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_follower_sees_every_byte_across_segments() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::open(folder.path()).unwrap();
        let line = [vec![b'x'; 999], vec![b'\n']].concat();
        let total = SEGMENT * 2 + 5000;
        let reader = tokio::spawn({
            let folder = folder.path().to_owned();
            async move {
                let (mut at, mut seen) = (0, 0);
                loop {
                    let chunk = read(&folder, at, 100_000, LONG).await.unwrap();
                    assert_eq!(chunk.offset, at as u64);
                    assert_eq!(chunk.bytes.len() % 1000, 0);
                    seen += chunk.bytes.len() as u64;
                    at = chunk.next as i64;
                    if chunk.end {
                        return seen;
                    }
                }
            }
        });
        let mut written = 0;
        while written < total {
            writer.append(&line).unwrap();
            written += 1000;
        }
        end(folder.path()).unwrap();
        assert_eq!(reader.await.unwrap(), written);
    }

    #[tokio::test]
    async fn tails_begin_with_a_line_and_old_output_leaves() {
        let folder = tempfile::tempdir().unwrap();
        let keeping = Keeping { run_bytes: 8 * SEGMENT, ..Keeping::default() };
        let mut writer = LogWriter::open(folder.path()).unwrap().keeping(keeping, None);
        for text in ["first", "second", "third"] {
            writer.append(format!("{text}\n").as_bytes()).unwrap();
        }
        let tail = read(folder.path(), -9, 1000, NOW).await.unwrap();
        assert_eq!(tail.bytes, "third\n");
        // No half of a line for whoever asks for one.
        let inner = read(folder.path(), 8, 1000, NOW).await.unwrap();
        assert_eq!((inner.offset, &inner.bytes[..]), (13, &b"third\n"[..]));
        assert_eq!(read(folder.path(), -1000, 1000, NOW).await.unwrap().bytes.len(), 19);
        let big = vec![b'\n'; SEGMENT as usize];
        for _ in 0..20 {
            writer.append(&big).unwrap();
        }
        let oldest = read(folder.path(), 0, 10, NOW).await.unwrap();
        assert!(oldest.offset > SEGMENT, "the beginning has left");
        assert!(matches!(read(&folder.path().join("none"), 0, 1, NOW).await, Err(Error::UnknownLog)));
    }

    #[tokio::test]
    async fn lines_longer_than_a_read_come_whole() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::open(folder.path()).unwrap();
        // As long as they get: each byte of a piece is replaced by three.
        let mut lines = Vec::new();
        let mut out = Lines::new(Stream::Out);
        out.feed(&[0xff; 3 * CHUNK], Timestamp::now(), &mut lines);
        out.feed(b"\nshort\n", Timestamp::now(), &mut lines);
        writer.append(&lines).unwrap();
        let (mut at, mut seen) = (0, Vec::new());
        while (at as usize) < lines.len() {
            let chunk = read(folder.path(), at, CHUNK, NOW).await.unwrap();
            assert!(chunk.bytes.ends_with(b"\n"), "stuck at {at}");
            seen.extend_from_slice(&chunk.bytes);
            at = chunk.next as i64;
        }
        assert!(seen == lines);
    }

    #[tokio::test]
    async fn a_rest_is_told_once_the_log_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        LogWriter::open(folder.path()).unwrap().append(b"whole\ncut sh").unwrap();
        let open = read(folder.path(), 0, 1000, NOW).await.unwrap();
        assert_eq!((&open.bytes[..], open.next), (&b"whole\n"[..], 6));
        assert!(read(folder.path(), 6, 1000, NOW).await.unwrap().bytes.is_empty());
        end(folder.path()).unwrap();
        let rest = read(folder.path(), 6, 1000, NOW).await.unwrap();
        assert_eq!((&rest.bytes[..], rest.end), (&b"cut sh"[..], true));
    }

    #[tokio::test]
    async fn whoever_goes_on_begins_a_line() {
        let folder = tempfile::tempdir().unwrap();
        LogWriter::open(folder.path()).unwrap().append(b"cut sh").unwrap();
        LogWriter::open(folder.path()).unwrap().append(b"next\n").unwrap();
        assert_eq!(read(folder.path(), 0, 1000, NOW).await.unwrap().bytes, "cut sh\nnext\n");
    }
}
