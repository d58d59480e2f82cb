//! Noticing that a log moved.

use std::{io, os::fd::OwnedFd, path::Path, time::Duration};

use rustix::{fs::inotify, io::Errno};
use tokio::io::unix::AsyncFd;

use crate::readable::readable;

/// Time between two looks at a log that cannot be watched.
const LOOK: Duration = Duration::from_millis(250);

/// Tells of changes in a log's folder.
pub(super) enum Watch {
    Events(AsyncFd<OwnedFd>),
    /// Each user has a few of the kernel's watches (128 by default), which many readers use up.
    Polled,
}

impl Watch {
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        match events(folder) {
            Ok(fd) => Ok(Self::Events(readable(fd)?)),
            Err(Errno::MFILE | Errno::NFILE | Errno::NOSPC | Errno::NOMEM) => Ok(Self::Polled),
            // The read that follows says that the log is gone.
            Err(Errno::NOENT) => Ok(Self::Polled),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until there may be something new.
    pub(super) async fn changed(&self) -> io::Result<()> {
        match self {
            Self::Events(fd) => taken(fd).await,
            Self::Polled => {
                tokio::time::sleep(LOOK).await;
                Ok(())
            }
        }
    }
}

fn events(folder: &Path) -> rustix::io::Result<OwnedFd> {
    let fd = inotify::init(inotify::CreateFlags::NONBLOCK | inotify::CreateFlags::CLOEXEC)?;
    let events = inotify::WatchFlags::MODIFY | inotify::WatchFlags::CREATE | inotify::WatchFlags::DELETE_SELF;
    inotify::add_watch(&fd, folder, events)?;
    Ok(fd)
}

/// Waits for an event and takes all that are there.
async fn taken(watch: &AsyncFd<OwnedFd>) -> io::Result<()> {
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
    use crate::log::{LogWriter, read};

    #[tokio::test]
    async fn more_readers_than_watches_see_what_comes() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = LogWriter::open(folder.path()).unwrap();
        // As many as a user has by default, and some.
        let held: Vec<_> = (0..200).map(|_| Watch::new(folder.path()).unwrap()).collect();
        let reader = tokio::spawn({
            let folder = folder.path().to_owned();
            async move { read(&folder, 0, 1000, Duration::from_secs(60)).await.unwrap().bytes }
        });
        tokio::task::yield_now().await;
        writer.append(b"late\n").unwrap();
        assert_eq!(reader.await.unwrap(), "late\n");
        drop(held);
    }
}
