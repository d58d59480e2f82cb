//! The aborted transactions of a segment: those whose abort marker lies in it, in the order of the markers.

use std::{
    path::PathBuf,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
};

use super::Aborted;
use crate::storage::{Error, Lazy, Result, Storage};

/// Bytes of an entry in the file: producer, first offset, marker's offset, last stable offset.
pub(crate) const ENTRY_LEN: u64 = 32;
/// Entries read at once.
const CHUNK: u64 = 128;

/// An aborted transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) producer_id: i64,
    pub(crate) first_offset: i64,
    /// Offset of the abort marker.
    pub(crate) marker: i64,
    /// The last stable offset once the marker was written: all transactions that end later begin there or after.
    pub(crate) last_stable: i64,
}

pub(crate) struct AbortedIndex {
    file: Lazy,
    count: AtomicU64,
    /// There may be more in the file than `count` entries.
    loose: AtomicBool,
}

impl AbortedIndex {
    pub(crate) fn new(path: PathBuf, count: u64) -> Self {
        Self { file: Lazy::new(path), count: AtomicU64::new(count), loose: AtomicBool::new(true) }
    }

    pub(crate) fn file(&self) -> &Lazy {
        &self.file
    }

    pub(crate) fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// Writes an entry that readers do not see before [`publish`](Self::publish).
    pub(crate) fn prepare(&self, storage: &Storage, entry: &Entry) -> Result<()> {
        let file = self.file.create(storage)?;
        self.loose.store(true, Ordering::Release);
        let data = [entry.producer_id, entry.first_offset, entry.marker, entry.last_stable];
        let data: Vec<u8> = data.iter().flat_map(|number| number.to_be_bytes()).collect();
        file.write(self.count() * ENTRY_LEN, &data).map_err(|error| Error::io(self.file.path(), &error))
    }

    /// Shows readers the prepared entry.
    pub(crate) fn publish(&self) {
        self.count.fetch_add(1, Ordering::Release);
        self.loose.store(false, Ordering::Release);
    }

    /// Cuts off an entry that was prepared and not published.
    pub(crate) fn trim(&self, storage: &Storage) -> Result<()> {
        if self.loose.swap(false, Ordering::AcqRel) {
            self.file.trim(storage, self.count() * ENTRY_LEN)?;
        }
        Ok(())
    }

    /// Adds the transactions that touch offsets from `from` to before `to`; returns whether all such are found,
    /// so that later segments need not be asked.
    pub(crate) fn collect(
        &self,
        storage: &Storage,
        (from, to): (i64, i64),
        out: &mut Vec<Aborted>,
    ) -> Result<bool> {
        let count = self.count();
        let mut next = self.first_after(storage, from, count)?;
        while next < count {
            let entries = self.read(storage, next, CHUNK.min(count - next))?;
            next += entries.len() as u64;
            for entry in entries {
                if entry.first_offset < to {
                    out.push(Aborted { first_offset: entry.first_offset, producer_id: entry.producer_id });
                }
                if entry.last_stable >= to {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// The number of the first entry whose marker is at `from` or after.
    fn first_after(&self, storage: &Storage, from: i64, count: u64) -> Result<u64> {
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = low + (high - low) / 2;
            match self.read(storage, middle, 1)?[0].marker < from {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        Ok(low)
    }

    fn read(&self, storage: &Storage, number: u64, count: u64) -> Result<Vec<Entry>> {
        let file = self.file.open(storage)?;
        let data = file.read(number * ENTRY_LEN, (count * ENTRY_LEN) as usize);
        let data = data.map_err(|error| Error::io(self.file.path(), &error))?;
        if data.len() as u64 != count * ENTRY_LEN {
            return Err(Error::corrupt(self.file.path(), "it is too short"));
        }
        Ok(data.chunks_exact(ENTRY_LEN as usize).map(decode).collect())
    }
}

fn decode(data: &[u8]) -> Entry {
    let number = |i: usize| {
        let bytes = data[8 * i..8 * i + 8].try_into().expect("eight bytes");
        i64::from_be_bytes(bytes)
    };
    Entry { producer_id: number(0), first_offset: number(1), marker: number(2), last_stable: number(3) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transactions_are_found_by_what_they_touch() {
        let dir = tempfile::tempdir().unwrap();
        let storage = Storage::new(false);
        let index = AbortedIndex::new(dir.path().join("aborted"), 0);
        // One after the other: transaction i covers 10 i .. 10 i + 9, its marker is the last.
        for i in 0..1000 {
            let (first_offset, marker) = (10 * i, 10 * i + 9);
            let entry = Entry { producer_id: i, first_offset, marker, last_stable: marker + 1 };
            index.prepare(&storage, &entry).unwrap();
            index.publish();
        }
        index
            .prepare(&storage, &Entry { producer_id: 0, first_offset: 0, marker: 0, last_stable: 0 })
            .unwrap();
        let find = |from, to| {
            let mut out = Vec::new();
            let done = index.collect(&storage, (from, to), &mut out).unwrap();
            (out.iter().map(|aborted| aborted.producer_id).collect::<Vec<_>>(), done)
        };
        assert_eq!(find(0, 10), (vec![0], true));
        assert_eq!(find(9, 11), (vec![0, 1], true));
        assert_eq!(find(5000, 5001), (vec![500], true));
        assert_eq!(find(0, 100_000).0.len(), 1000);
        assert_eq!(find(9990, 100_000), (vec![999], false));
        assert_eq!(find(10_000, 100_000), (vec![], false));
    }
}
