//! What the handles of a partition share.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use arc_swap::ArcSwap;
use bytes::BytesMut;
use parking_lot::Mutex;
use tokio::sync::watch;

use super::{Appended, LogSettings, Offsets, Origin, producers::Stored, segment::Segment, writer::Writer};
use crate::{
    batch::{self, Header},
    storage::{Error, Gate, Result, Storage},
};

pub(super) struct Inner {
    pub(super) storage: Storage,
    pub(super) dir: PathBuf,
    pub(super) settings: Arc<ArcSwap<LogSettings>>,
    pub(super) gate: Arc<Gate>,
    pub(super) writer: Mutex<Writer>,
    /// All segments in order, the active one last. Changed under the writer's lock.
    pub(super) segments: ArcSwap<Vec<Arc<Segment>>>,
    pub(super) offsets: watch::Sender<Offsets>,
    /// Held while files are synced.
    pub(super) syncing: Mutex<()>,
    /// The offset of the newest checkpoint; held while one is written.
    pub(super) checkpointed: Mutex<i64>,
    /// The same, to be read without waiting.
    pub(super) last_checkpoint: AtomicI64,
    /// Held while the first offset moves.
    pub(super) moving_start: Mutex<()>,
    /// The partition was deleted.
    pub(super) deleted: AtomicBool,
}

impl Inner {
    pub(super) fn append(&self, mut records: BytesMut, origin: Origin) -> Result<Appended> {
        let settings = self.settings.load();
        let header = self.examine(&records, origin, &settings)?;
        let now_ms = self.storage.now();
        let mut writer = self.lock()?;
        if let Some(stored) = writer.producers.check(&header, origin)? {
            return Ok(repeated(&stored, &writer, &settings));
        }
        let header = match settings.log_append_time {
            true => stamped(&mut records, header, now_ms),
            false => header,
        };
        self.make_room(&mut writer, records.len(), now_ms)?;
        let header = writer.write(&self.storage, &mut records, &header)?;
        writer.producers.note(&header, now_ms);
        self.publish(&writer);
        Ok(appended(&header, &writer, if settings.log_append_time { now_ms } else { -1 }))
    }

    pub(super) fn end_transaction(
        &self,
        (producer_id, epoch): (i64, i16),
        commit: bool,
        coordinator: i32,
    ) -> Result<Appended> {
        let now_ms = self.storage.now();
        let mut marker = batch::control(producer_id, epoch, commit, coordinator, now_ms);
        let header = batch::parse(&marker)?;
        let mut writer = self.lock()?;
        let open = writer.producers.check_end(producer_id, epoch, coordinator)?;
        self.make_room(&mut writer, marker.len(), now_ms)?;
        let aborted = open.filter(|_| !commit);
        if let Some(first_offset) = aborted {
            writer.prepare_abort(&self.storage, producer_id, first_offset)?;
        }
        let header = writer.write(&self.storage, &mut marker, &header)?;
        if aborted.is_some() {
            writer.active.aborted.publish();
        }
        writer.producers.end(&header, coordinator, now_ms);
        self.publish(&writer);
        Ok(appended(&header, &writer, -1))
    }

    /// The writer, if it may write.
    pub(super) fn lock(&self) -> Result<parking_lot::MutexGuard<'_, Writer>> {
        let writer = self.writer.lock();
        writer.check_open()?;
        self.gate.check()?;
        Ok(writer)
    }

    /// Shows readers what has been written.
    pub(super) fn publish(&self, writer: &Writer) {
        self.offsets.send_replace(writer.offsets());
    }

    /// Begins a new segment.
    pub(super) fn roll(&self, writer: &mut Writer) -> Result<()> {
        let next = writer.roll(&self.storage, &self.dir)?;
        let mut segments = self.segments.load().to_vec();
        segments.push(next);
        self.segments.store(Arc::new(segments));
        Ok(())
    }

    pub(super) fn start_path(&self) -> PathBuf {
        start_path(&self.dir)
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.deleted.load(Ordering::Acquire)
    }

    fn examine(&self, records: &[u8], origin: Origin, settings: &LogSettings) -> Result<Header> {
        if records.len() > settings.max_message_bytes {
            return Err(Error::TooLarge { size: records.len(), max: settings.max_message_bytes });
        }
        match origin {
            Origin::Client => batch::validate(records),
            Origin::Platform => batch::parse(records),
        }
    }

    fn make_room(&self, writer: &mut Writer, size: usize, now_ms: i64) -> Result<()> {
        match writer.is_full(size, &self.settings.load(), now_ms) {
            true => self.roll(writer),
            false => Ok(()),
        }
    }
}

/// Where the first offset is kept, once records were removed.
pub(super) fn start_path(dir: &Path) -> PathBuf {
    dir.join("start")
}

/// Where the checkpoint is kept.
pub(super) fn checkpoint_path(dir: &Path) -> PathBuf {
    dir.join("checkpoint")
}

fn stamped(records: &mut [u8], header: Header, now_ms: i64) -> Header {
    batch::stamp(records, now_ms);
    Header { max_timestamp: now_ms, ..header }
}

fn appended(header: &Header, writer: &Writer, append_time_ms: i64) -> Appended {
    Appended {
        base_offset: header.base_offset,
        last_offset: header.last_offset(),
        append_time_ms,
        log_start_offset: writer.start,
        duplicate: false,
    }
}

fn repeated(stored: &Stored, writer: &Writer, settings: &LogSettings) -> Appended {
    Appended {
        base_offset: stored.base_offset,
        last_offset: stored.last_offset,
        append_time_ms: if settings.log_append_time { stored.timestamp } else { -1 },
        log_start_offset: writer.start,
        duplicate: true,
    }
}
