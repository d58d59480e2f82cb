//! A segment: a file of batches with its indexes.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use parking_lot::RwLock;

use super::{
    aborted::AbortedIndex,
    index::{Entry, INTERVAL, Index},
    walk::Walk,
};
use crate::{
    batch::Header,
    files::File,
    storage::{Error, Lazy, Result, Storage},
};

/// Bytes read at once while a batch is looked for.
const LOOK: usize = 16 * 1024;

/// A segment of the log. Only the writer of the partition changes it; readers see whole batches alone.
pub(crate) struct Segment {
    /// Offset of its first record, present or future.
    pub(crate) base: i64,
    data: Lazy,
    /// Kept open until all is durable, so that no failure of the disk goes unseen.
    pinned: RwLock<Option<Arc<dyn File>>>,
    size: AtomicU64,
    max_timestamp: AtomicI64,
    /// Position of the newest index entry.
    indexed: AtomicU64,
    pub(crate) index: Index,
    pub(crate) aborted: AbortedIndex,
}

/// What is known of a segment's files when it is opened.
#[derive(Clone, Copy)]
pub(crate) struct Extent {
    pub(crate) size: u64,
    pub(crate) max_timestamp: i64,
    pub(crate) index_entries: u64,
    pub(crate) last_indexed: u64,
    pub(crate) aborted_entries: u64,
}

impl Extent {
    pub(crate) const EMPTY: Self =
        Self { size: 0, max_timestamp: i64::MIN, index_entries: 0, last_indexed: 0, aborted_entries: 0 };
}

/// The file of the segment that begins at `base`, with this ending.
pub(crate) fn path(dir: &Path, base: i64, ending: &str) -> PathBuf {
    dir.join(format!("{base:020}.{ending}"))
}

impl Segment {
    pub(crate) fn new(dir: &Path, base: i64, extent: Extent) -> Self {
        Self {
            base,
            data: Lazy::new(path(dir, base, "log")),
            pinned: RwLock::new(None),
            size: AtomicU64::new(extent.size),
            max_timestamp: AtomicI64::new(extent.max_timestamp),
            indexed: AtomicU64::new(extent.last_indexed),
            index: Index::new(base, path(dir, base, "index"), extent.index_entries),
            aborted: AbortedIndex::new(path(dir, base, "aborted"), extent.aborted_entries),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.data.path()
    }

    /// Bytes that readers may read.
    pub(crate) fn size(&self) -> u64 {
        self.size.load(Ordering::Acquire)
    }

    /// Largest timestamp; `i64::MIN` when it is empty.
    pub(crate) fn max_timestamp(&self) -> i64 {
        self.max_timestamp.load(Ordering::Acquire)
    }

    /// Position of the newest index entry.
    pub(crate) fn indexed(&self) -> u64 {
        self.indexed.load(Ordering::Acquire)
    }

    pub(crate) fn file(&self, storage: &Storage) -> Result<Arc<dyn File>> {
        match &*self.pinned.read() {
            Some(file) => Ok(file.clone()),
            None => self.data.open(storage),
        }
    }

    /// Keeps the file open.
    pub(crate) fn pin(&self, file: Arc<dyn File>) {
        *self.pinned.write() = Some(file);
    }

    /// Lets the file be closed.
    pub(crate) fn unpin(&self) {
        *self.pinned.write() = None;
    }

    /// Notes a batch that was written at `position`, and lets readers see it.
    pub(crate) fn publish(&self, position: u64, header: &Header) {
        let max_timestamp = self.max_timestamp();
        if self.index.is_empty() || position - self.indexed() >= INTERVAL {
            self.index.push(Entry { offset: header.base_offset, position, max_timestamp });
            self.indexed.store(position, Ordering::Release);
        }
        self.max_timestamp.store(max_timestamp.max(header.max_timestamp), Ordering::Release);
        self.size.store(position + header.size as u64, Ordering::Release);
    }

    /// Completes the index of a segment that will not grow; it ends before `next_offset`. May be repeated after
    /// a failure.
    pub(crate) fn seal(&self, storage: &Storage, next_offset: i64) -> Result<()> {
        let last = Entry { offset: next_offset, position: self.size(), max_timestamp: self.max_timestamp() };
        self.index.push_once(last);
        self.index.store(storage)?;
        self.aborted.trim(storage)
    }

    /// Cuts off what the index files hold beyond what is known of them.
    pub(crate) fn trim(&self, storage: &Storage) -> Result<()> {
        self.index.trim(storage)?;
        self.aborted.trim(storage)
    }

    /// A walk over the batches from `position` on.
    pub(crate) fn walk(&self, storage: &Storage, position: u64, piece: usize) -> Result<Walk> {
        let range = (position, self.size());
        Ok(Walk::new(self.file(storage)?, self.path().to_owned(), range, piece))
    }

    /// Where to begin to look for `offset`.
    pub(crate) fn position_before(&self, storage: &Storage, offset: i64) -> Result<u64> {
        let entry = self.index.last_where(storage, |entry| entry.offset <= offset)?;
        Ok(entry.map_or(0, |entry| entry.position))
    }

    /// A walk that begins before the first batch with a timestamp of at least `timestamp`.
    pub(crate) fn walk_from_time(&self, storage: &Storage, timestamp: i64) -> Result<Walk> {
        let entry = self.index.last_where(storage, |entry| entry.max_timestamp < timestamp)?;
        self.walk(storage, entry.map_or(0, |entry| entry.position), LOOK)
    }

    /// Closes the files and removes them; readers that have them open go on.
    pub(crate) fn remove(&self, storage: &Storage) -> Result<()> {
        self.unpin();
        for file in [self.index.file(), self.aborted.file(), &self.data] {
            file.close(storage);
            match storage.files.remove(file.path()) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(Error::io(file.path(), &error));
                }
                _ => {}
            }
        }
        Ok(())
    }
}
