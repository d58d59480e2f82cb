//! Reading a log, and waiting for more.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    os::fd::OwnedFd,
    path::Path,
    time::Duration,
};

use bytes::Bytes;
use rustix::fs::inotify;
use tokio::io::unix::AsyncFd;

use super::{ended, segments};
use crate::{Error, LogChunk, Result, readable::readable};

/// Reads from `offset` (negative: from the end, from a line's start); waits at most `wait` when there is nothing new.
pub(crate) async fn read(folder: &Path, offset: i64, max_bytes: usize, wait: Duration) -> Result<LogChunk> {
    let deadline = tokio::time::Instant::now() + wait;
    // Watched before it is read, so that nothing written in between goes unnoticed.
    let watch = watch(folder)?;
    loop {
        // In this order: what is written before the end is read after the end was seen.
        let end = ended(folder);
        let chunk = once(folder, offset, max_bytes, end).map_err(Error::io("reading a log"))?;
        if !chunk.bytes.is_empty() || chunk.end {
            return Ok(chunk);
        }
        match tokio::time::timeout_at(deadline, changed(&watch)).await {
            Ok(outcome) => outcome.map_err(Error::io("watching a log"))?,
            Err(_) => return Ok(chunk),
        }
    }
}

fn once(folder: &Path, offset: i64, max_bytes: usize, end: bool) -> io::Result<LogChunk> {
    let all = segments(folder)?;
    let Some((newest, last)) = all.last() else {
        return Ok(LogChunk { offset: 0, bytes: Bytes::new(), next: 0, end });
    };
    let oldest = all[0].0;
    let size = newest + last.metadata()?.len();
    let from = match u64::try_from(offset) {
        Ok(offset) => offset.clamp(oldest, size),
        Err(_) => size.saturating_sub(offset.unsigned_abs()).max(oldest),
    };
    let at = all.partition_point(|(base, _)| *base <= from).saturating_sub(1);
    let (base, path) = &all[at];
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(from - base))?;
    let mut bytes = Vec::new();
    file.take(max_bytes as u64).read_to_end(&mut bytes)?;
    if bytes.is_empty() && at + 1 < all.len() {
        // Exactly at the end of a segment: what follows is in the next.
        return once(folder, all[at + 1].0 as i64, max_bytes, end);
    }

    // Only whole lines leave, and a tail begins with one.
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    bytes.truncate(whole);
    let mut start = from;
    if offset < 0 && from > oldest {
        let skipped = bytes.iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| at + 1);
        bytes.drain(..skipped);
        start += skipped as u64;
    }
    let next = start + bytes.len() as u64;
    Ok(LogChunk { offset: start, end: end && next >= size, bytes: bytes.into(), next })
}

fn watch(folder: &Path) -> Result<AsyncFd<OwnedFd>> {
    let flags = inotify::CreateFlags::NONBLOCK | inotify::CreateFlags::CLOEXEC;
    let fd = inotify::init(flags).map_err(|error| Error::io("watching a log")(error.into()))?;
    let events = inotify::WatchFlags::MODIFY | inotify::WatchFlags::CREATE | inotify::WatchFlags::DELETE_SELF;
    match inotify::add_watch(&fd, folder, events) {
        Ok(_) => readable(fd).map_err(Error::io("watching a log")),
        Err(rustix::io::Errno::NOENT) => Err(Error::UnknownLog),
        Err(error) => Err(Error::io("watching a log")(error.into())),
    }
}

/// Waits for an event and takes all that are there.
async fn changed(watch: &AsyncFd<OwnedFd>) -> io::Result<()> {
    loop {
        let mut ready = watch.readable().await?;
        let taken = ready.try_io(|fd| Ok(rustix::io::read(fd.get_ref(), &mut [0_u8; 4096])?));
        match taken {
            Ok(Ok(_)) => return Ok(()),
            Ok(Err(error)) => return Err(error),
            Err(_would_block) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{LogWriter, SEGMENT, end};

    const NOW: Duration = Duration::ZERO;
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
        let mut writer = LogWriter::open(folder.path()).unwrap();
        for text in ["first", "second", "third"] {
            writer.append(format!("{text}\n").as_bytes()).unwrap();
        }
        let tail = read(folder.path(), -9, 1000, NOW).await.unwrap();
        assert_eq!(tail.bytes, "third\n");
        assert_eq!(read(folder.path(), -1000, 1000, NOW).await.unwrap().bytes.len(), 19);
        let big = vec![b'\n'; SEGMENT as usize];
        for _ in 0..20 {
            writer.append(&big).unwrap();
        }
        let oldest = read(folder.path(), 0, 10, NOW).await.unwrap();
        assert!(oldest.offset > SEGMENT, "the beginning has left");
        assert!(matches!(read(&folder.path().join("none"), 0, 1, NOW).await, Err(Error::UnknownLog)));
    }
}
