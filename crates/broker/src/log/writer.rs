//! The writing end of a partition; there is one, behind a lock.

use std::{path::Path, sync::Arc};

use super::{
    LogSettings, Offsets, aborted,
    checkpoint::Checkpoint,
    producers::Producers,
    segment::{self, Extent, Segment},
};
use crate::{
    batch::{self, Header},
    storage::{AppendFile, Error, Result, Storage},
};

/// Largest segment: positions and offsets within a segment have 32 bits.
const SEGMENT_MAX: u64 = 1 << 31;

pub(super) struct Writer {
    pub(super) active: Arc<Segment>,
    pub(super) producers: Producers,
    /// Next offset to be written.
    pub(super) end: i64,
    /// First offset kept.
    pub(super) start: i64,
    /// When the active segment got its first batch, milliseconds since 1970.
    pub(super) opened_ms: i64,
    /// Segments written to since the last sync, the active one last.
    pub(super) unsynced: Vec<Arc<Segment>>,
    /// Segments written to since the last checkpoint, the active one last.
    pub(super) unchecked: Vec<Arc<Segment>>,
    /// Files were made or removed since the folder was synced.
    pub(super) folder_changed: bool,
    /// Bytes appended since the last checkpoint.
    pub(super) since_checkpoint: u64,
    /// Nothing may be written any more.
    pub(super) closed: bool,
    log: AppendFile,
}

impl Writer {
    /// A writer that goes on after what `active` holds.
    pub(super) fn new(storage: &Storage, active: Arc<Segment>, (start, end): (i64, i64)) -> Result<Self> {
        let log = open_log(storage, &active)?;
        Ok(Self {
            producers: Producers::default(),
            end,
            start,
            opened_ms: storage.now(),
            unsynced: vec![active.clone()],
            unchecked: vec![active.clone()],
            folder_changed: true,
            since_checkpoint: 0,
            closed: false,
            active,
            log,
        })
    }

    /// The offsets that readers see.
    pub(super) fn offsets(&self) -> Offsets {
        let stable = self.producers.first_open().unwrap_or(self.end);
        Offsets { start: self.start, end: self.end, last_stable: stable.max(self.start) }
    }

    /// Whether a batch of `size` needs a new segment.
    pub(super) fn is_full(&self, size: usize, settings: &LogSettings, now_ms: i64) -> bool {
        let limit = settings.segment_bytes.clamp(1, SEGMENT_MAX);
        let used = self.log.len();
        let offsets = self.end - self.active.base > i64::from(i32::MAX);
        used > 0 && (used + size as u64 > limit || offsets || self.is_old(settings, now_ms))
    }

    /// Whether the active segment has been written to for longer than one segment should.
    pub(super) fn is_old(&self, settings: &LogSettings, now_ms: i64) -> bool {
        self.log.len() > 0 && now_ms.saturating_sub(self.opened_ms) >= settings.segment_ms
    }

    /// Begins a new segment at the end; returns it.
    pub(super) fn roll(&mut self, storage: &Storage, dir: &Path) -> Result<Arc<Segment>> {
        clear(storage, dir, self.end);
        // A segment that has a successor must end where its batches do, or a restart takes it for torn.
        self.log.trim()?;
        let next = Arc::new(Segment::new(dir, self.end, Extent::EMPTY));
        self.active.seal(storage, self.end)?;
        let log = open_log(storage, &next)?;
        if !storage.syncer.enabled() {
            self.active.unpin();
        }
        self.active.index.unload();
        self.active = next.clone();
        self.log = log;
        self.unsynced.push(next.clone());
        self.unchecked.push(next.clone());
        self.folder_changed = true;
        Ok(next)
    }

    /// Writes a validated batch at the end: all of it or nothing. Returns its header with its offsets.
    pub(super) fn write(&mut self, storage: &Storage, data: &mut [u8], header: &Header) -> Result<Header> {
        batch::place(data, self.end, 0);
        let header = Header { base_offset: self.end, ..*header };
        self.active.index.reserve(storage)?;
        let position = self.log.append(data)?;
        if position == 0 {
            self.opened_ms = storage.now();
        }
        self.active.publish(position, &header);
        self.end = header.next_offset();
        self.since_checkpoint += data.len() as u64;
        Ok(header)
    }

    /// Notes, before an abort marker is written, that the transaction which began at `first_offset` is aborted.
    /// Readers see it once it is published.
    pub(super) fn prepare_abort(&self, storage: &Storage, producer_id: i64, first_offset: i64) -> Result<()> {
        let marker = self.end;
        let last_stable = self.producers.first_open_without(first_offset).unwrap_or(marker + 1);
        let entry = aborted::Entry { producer_id, first_offset, marker, last_stable };
        self.active.aborted.prepare(storage, &entry)
    }

    /// The state that a checkpoint keeps; the index is written out to its file.
    pub(super) fn checkpoint(&self, storage: &Storage) -> Result<Checkpoint> {
        self.active.index.store(storage)?;
        Ok(Checkpoint {
            offset: self.end,
            segment: self.active.base,
            position: self.log.len(),
            max_timestamp: self.active.max_timestamp(),
            index_entries: self.active.index.stored(),
            last_indexed: self.active.indexed(),
            aborted_entries: self.active.aborted.count(),
            producers: self.producers.clone(),
        })
    }

    /// Fails when the partition is closed.
    pub(super) fn check_open(&self) -> Result<()> {
        if self.closed { Err(Error::Closed) } else { Ok(()) }
    }
}

fn open_log(storage: &Storage, segment: &Segment) -> Result<AppendFile> {
    let path = segment.path();
    let file = storage.files.create(path).map_err(|error| Error::io(path, &error))?;
    segment.pin(file.clone());
    // A file that lies there already may hold what was never acknowledged; it is cut off before the first write.
    Ok(AppendFile::new(file, path.to_owned(), segment.size()))
}

/// Removes what an earlier, interrupted attempt may have left of a segment that begins at `base`.
pub(super) fn clear(storage: &Storage, dir: &Path, base: i64) {
    for ending in ["log", "index", "aborted"] {
        // Missing is the usual case; anything else shows when the file is written.
        let _ = storage.files.remove(&segment::path(dir, base, ending));
    }
}
