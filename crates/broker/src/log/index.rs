//! The sparse index of a segment: by offset and by time, an entry every 4 KiB of log.
//!
//! The newest entries are in memory; older ones are in the index file, which is searched by positioned reads.

use std::path::PathBuf;

use parking_lot::RwLock;

use crate::storage::{Error, Lazy, Result, Storage};

/// Bytes of log between entries.
pub(crate) const INTERVAL: u64 = 4096;
/// Bytes of an entry in the file: relative offset, position, largest timestamp.
pub(crate) const ENTRY_LEN: u64 = 16;
/// Entries kept in memory at least, once there are that many; written to the file by as many.
const RECENT: usize = 256;

/// Says that the batch at `position` begins with `offset`, and what came before it in the segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) offset: i64,
    pub(crate) position: u64,
    /// Largest timestamp before `position`; `i64::MIN` when there is none.
    pub(crate) max_timestamp: i64,
}

pub(crate) struct Index {
    base: i64,
    file: Lazy,
    entries: RwLock<Entries>,
}

struct Entries {
    /// Number of the first entry in `recent`.
    first: u64,
    recent: Vec<Entry>,
    /// Number of entries in the file.
    stored: u64,
}

impl Index {
    /// An index of a segment that begins at `base`, with its first `stored` entries in the file.
    pub(crate) fn new(base: i64, path: PathBuf, stored: u64) -> Self {
        let entries = Entries { first: stored, recent: Vec::new(), stored };
        Self { base, file: Lazy::new(path), entries: RwLock::new(entries) }
    }

    pub(crate) fn file(&self) -> &Lazy {
        &self.file
    }

    /// Number of entries in the file.
    pub(crate) fn stored(&self) -> u64 {
        self.entries.read().stored
    }

    /// Adds an entry in memory.
    pub(crate) fn push(&self, entry: Entry) {
        self.entries.write().recent.push(entry);
    }

    /// Cuts off what the file holds beyond its entries.
    pub(crate) fn trim(&self, storage: &Storage) -> Result<()> {
        self.file.trim(storage, self.stored() * ENTRY_LEN)
    }

    /// Whether there is no entry.
    pub(crate) fn is_empty(&self) -> bool {
        let entries = self.entries.read();
        entries.first == 0 && entries.recent.is_empty()
    }

    /// Adds an entry in memory, unless it is the newest already.
    pub(crate) fn push_once(&self, entry: Entry) {
        let mut entries = self.entries.write();
        if entries.recent.last() != Some(&entry) {
            entries.recent.push(entry);
        }
    }

    /// Makes room for another entry; writes to the file now and then.
    pub(crate) fn reserve(&self, storage: &Storage) -> Result<()> {
        // Taken down first: a guard in the condition of `match` would be held while the store waits for it.
        let unstored = self.entries.read().unstored();
        match unstored >= RECENT {
            true => self.store(storage),
            false => Ok(()),
        }
    }

    /// Writes all entries to the file.
    pub(crate) fn store(&self, storage: &Storage) -> Result<()> {
        let mut entries = self.entries.write();
        let from = entries.recent.len() - entries.unstored();
        let data: Vec<u8> = entries.recent[from..].iter().flat_map(|entry| self.encode(entry)).collect();
        if !data.is_empty() {
            let file = self.file.create(storage)?;
            let written = file.write(entries.stored * ENTRY_LEN, &data);
            written.map_err(|error| Error::io(self.file.path(), &error))?;
        }
        entries.stored = entries.first + entries.recent.len() as u64;
        let spare = entries.recent.len().saturating_sub(RECENT);
        entries.recent.drain(..spare);
        entries.first += spare as u64;
        Ok(())
    }

    /// Keeps nothing in memory; all entries are in the file.
    pub(crate) fn unload(&self) {
        let mut entries = self.entries.write();
        entries.first = entries.stored;
        entries.recent = Vec::new();
    }

    /// The last entry for which `before` holds; it must hold for all entries before one for which it holds.
    pub(crate) fn last_where(
        &self,
        storage: &Storage,
        before: impl Fn(&Entry) -> bool,
    ) -> Result<Option<Entry>> {
        let entries = self.entries.read();
        let here = entries.recent.partition_point(&before);
        if here > 0 {
            return Ok(Some(entries.recent[here - 1]));
        }
        let (mut low, mut high) = (0, entries.first);
        drop(entries);
        let mut found = None;
        while low < high {
            let middle = low + (high - low) / 2;
            let entry = self.read(storage, middle)?;
            if before(&entry) {
                found = Some(entry);
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(found)
    }

    /// The last entry in the file.
    pub(crate) fn last_stored(&self, storage: &Storage) -> Result<Option<Entry>> {
        let stored = self.stored();
        stored.checked_sub(1).map(|last| self.read(storage, last)).transpose()
    }

    fn read(&self, storage: &Storage, number: u64) -> Result<Entry> {
        let file = self.file.open(storage)?;
        let data = file.read(number * ENTRY_LEN, ENTRY_LEN as usize);
        let data = data.map_err(|error| Error::io(self.file.path(), &error))?;
        self.decode(&data).ok_or_else(|| Error::corrupt(self.file.path(), "it is too short"))
    }

    fn encode(&self, entry: &Entry) -> [u8; ENTRY_LEN as usize] {
        let mut out = [0; ENTRY_LEN as usize];
        out[0..4].copy_from_slice(&((entry.offset - self.base) as u32).to_be_bytes());
        out[4..8].copy_from_slice(&(entry.position as u32).to_be_bytes());
        out[8..16].copy_from_slice(&entry.max_timestamp.to_be_bytes());
        out
    }

    fn decode(&self, data: &[u8]) -> Option<Entry> {
        let (offset, rest) = data.split_first_chunk()?;
        let (position, rest) = rest.split_first_chunk()?;
        let (max_timestamp, _) = rest.split_first_chunk()?;
        Some(Entry {
            offset: self.base + i64::from(u32::from_be_bytes(*offset)),
            position: u32::from_be_bytes(*position).into(),
            max_timestamp: i64::from_be_bytes(*max_timestamp),
        })
    }
}

impl Entries {
    fn unstored(&self) -> usize {
        (self.first + self.recent.len() as u64 - self.stored) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_in_memory_and_in_the_file() {
        let dir = tempfile::tempdir().unwrap();
        let storage = Storage::new(false);
        let path = dir.path().join("index");
        let index = Index::new(1000, path.clone(), 0);
        let entry = |i: i64| Entry { offset: 1000 + 10 * i, position: 4096 * i as u64, max_timestamp: 7 * i };
        let total = 1000;
        for i in 0..total {
            index.reserve(&storage).unwrap();
            index.push(entry(i));
        }
        assert!(index.stored() >= 500);
        let check = |index: &Index| {
            for i in (0..total).step_by(7) {
                let by_offset = index.last_where(&storage, |e| e.offset <= 1005 + 10 * i).unwrap();
                assert_eq!(by_offset, Some(entry(i)));
                let by_time = index.last_where(&storage, |e| e.max_timestamp < 7 * i + 1).unwrap();
                assert_eq!(by_time, Some(entry(i)));
            }
            assert_eq!(index.last_where(&storage, |e| e.offset < 1000).unwrap(), None);
        };
        check(&index);
        index.store(&storage).unwrap();
        check(&index);
        index.unload();
        check(&index);
        let again = Index::new(1000, path, total as u64);
        check(&again);
        assert_eq!(again.last_stored(&storage).unwrap(), Some(entry(total - 1)));
    }
}
