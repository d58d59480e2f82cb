//! Records leave: by age and size in whole segments, or because somebody says so.

use std::sync::{Arc, atomic::Ordering};

use super::{LogSettings, Offsets, inner::Inner, segment::Segment, small_file, writer::Writer};
use crate::storage::{Error, Result};

impl Inner {
    /// Removes segments that are too old or too many, rolls an old one, and forgets idle producers.
    pub(super) fn enforce_retention(&self) -> Result<usize> {
        let settings = self.settings.load_full();
        let now_ms = self.storage.now();
        let keep_from = {
            let mut writer = self.lock()?;
            writer.producers.expire(now_ms.saturating_sub(settings.producer_expiration_ms));
            if writer.is_old(&settings, now_ms) || self.is_expired(&writer.active, &settings, now_ms) {
                self.roll(&mut writer)?;
            }
            self.keep_from(&settings, now_ms)
        };
        self.move_start(keep_from)
    }

    /// Removes the records before `before`; returns the first offset kept.
    pub(super) fn delete_records(&self, before: i64) -> Result<i64> {
        let before = {
            let mut writer = self.lock()?;
            let Offsets { start, end, .. } = writer.offsets();
            let before = if before == -1 { end } else { before };
            if before < 0 || before > end {
                return Err(Error::OffsetOutOfRange { offset: before, start, end });
            }
            // So that the space of the active segment is given back too.
            if before == end && writer.active.size() > 0 {
                self.roll(&mut writer)?;
            }
            before
        };
        self.move_start(before)?;
        Ok(self.offsets.borrow().start)
    }

    /// The first offset that retention keeps.
    fn keep_from(&self, settings: &LogSettings, now_ms: i64) -> i64 {
        let segments = self.segments.load();
        let start = self.offsets.borrow().start;
        if settings.compact {
            return start;
        }
        let mut size: u64 = segments.iter().map(|segment| segment.size()).sum();
        let mut keep_from = start;
        for pair in segments.windows(2) {
            size -= pair[0].size();
            let too_many = settings.retention_bytes >= 0 && size >= settings.retention_bytes as u64;
            if !too_many && !self.is_expired(&pair[0], settings, now_ms) {
                break;
            }
            keep_from = pair[1].base;
        }
        keep_from.max(start)
    }

    fn is_expired(&self, segment: &Segment, settings: &LogSettings, now_ms: i64) -> bool {
        let limited = settings.retention_ms >= 0 && !settings.compact && segment.size() > 0;
        limited && segment.max_timestamp() < now_ms.saturating_sub(settings.retention_ms)
    }

    /// Makes `start` the first offset kept, durably, and removes the segments before it; returns their number.
    fn move_start(&self, start: i64) -> Result<usize> {
        let _moving = self.moving_start.lock();
        if start <= self.offsets.borrow().start {
            return Ok(0);
        }
        // The state of producers before the checkpoint cannot be read again once segments are gone, and a first
        // offset beyond the durable end would skip offsets that readers have seen.
        if self.last_checkpoint.load(Ordering::Acquire) < start {
            self.sync_now()?;
        }
        small_file::write(&self.storage, &self.start_path(), &start.to_be_bytes())?;
        let mut writer = self.lock()?;
        let gone = self.drop_segments(&mut writer, start);
        drop(writer);
        for segment in &gone {
            segment.remove(&self.storage)?;
        }
        Ok(gone.len())
    }

    fn drop_segments(&self, writer: &mut Writer, start: i64) -> Vec<Arc<Segment>> {
        let mut segments = self.segments.load().to_vec();
        let leaving = segments.windows(2).filter(|pair| pair[1].base <= start).count();
        let gone: Vec<_> = segments.drain(..leaving).collect();
        self.segments.store(Arc::new(segments));
        let first = self.segments.load()[0].base;
        writer.unsynced.retain(|segment| segment.base >= first);
        writer.unchecked.retain(|segment| segment.base >= first);
        writer.folder_changed |= !gone.is_empty();
        writer.start = start;
        self.publish(writer);
        gone
    }

    /// Removes the folder with all that is in it, durably; wakes all who wait for records.
    pub(super) fn delete(&self) -> Result<()> {
        let _moving = self.moving_start.lock();
        self.writer.lock().closed = true;
        self.deleted.store(true, Ordering::Release);
        let removed = match self.storage.files.remove_dir(&self.dir) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            other => other,
        };
        let synced = removed.and_then(|()| match self.dir.parent() {
            Some(parent) => self.storage.files.sync_dir(parent),
            None => Ok(()),
        });
        self.offsets.send_modify(|_| {});
        synced.map_err(|error| Error::io(&self.dir, &error))
    }

    /// Syncs and writes a checkpoint here and now.
    pub(super) fn sync_now(&self) -> Result<()> {
        self.gate.check()?;
        self.gate.run(|commit| self.sync_and_checkpoint(true, commit))
    }
}
