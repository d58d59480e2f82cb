//! How a partition becomes durable: syncs shared by waiters, and checkpoints now and then.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

use super::{
    checkpoint::Checkpoint,
    inner::{Inner, checkpoint_path},
    segment::Segment,
    small_file,
    writer::Writer,
};
use crate::{
    files::File,
    storage::{Error, Lazy, Result, Target},
};

/// Bytes appended between checkpoints: after a crash, about so much is read again.
pub(super) const CHECKPOINT_BYTES: u64 = 64 * 1024 * 1024;

/// Segments that may wait for a sync: each of them keeps its file open.
const UNSYNCED_MAX: usize = 16;

/// What a sync has to do, taken down in one moment.
struct Plan {
    end: i64,
    files: Vec<Arc<dyn File>>,
    sealed: Vec<Arc<Segment>>,
    folders: Vec<PathBuf>,
    /// A checkpoint that cannot be drafted does not hinder the sync.
    draft: Option<Result<Draft>>,
}

/// A checkpoint to be written once the log is durable.
struct Draft {
    checkpoint: Checkpoint,
    segments: Vec<Arc<Segment>>,
    bytes: u64,
}

impl Target for Inner {
    fn sync(&self, commit: &mut dyn FnMut(i64)) -> Result<()> {
        self.sync_and_checkpoint(false, commit)
    }
}

impl Inner {
    /// Makes durable all that is written, and writes a checkpoint when one is due or `forced`.
    pub(super) fn sync_and_checkpoint(&self, forced: bool, commit: &mut dyn FnMut(i64)) -> Result<()> {
        let plan = {
            // One at a time: another's sync could take the error report of this one's data.
            let _syncing = self.syncing.lock();
            self.gate.check()?;
            let plan = self.plan(forced)?;
            for file in &plan.files {
                file.sync().map_err(|error| self.broken(&error))?;
            }
            for folder in &plan.folders {
                self.storage.files.sync_dir(folder).map_err(|error| self.broken(&error))?;
            }
            commit(plan.end);
            plan
        };
        plan.sealed.iter().for_each(|segment| segment.unpin());
        match plan.draft.map(|draft| self.write_checkpoint(&draft?)) {
            // Only a failed sync makes the log read-only; a checkpoint that could not be written comes again.
            Some(Err(error @ Error::ReadOnly(_))) => Err(error),
            Some(Err(error)) if forced => Err(error),
            Some(Err(error)) => {
                tracing::warn!(dir = %self.dir.display(), %error, "checkpoint was not written");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Whether a sync should begin soon even if nobody waits for it: for a checkpoint, or to let files be closed.
    pub(super) fn sync_due(&self) -> bool {
        let writer = self.writer.lock();
        writer.since_checkpoint >= CHECKPOINT_BYTES || writer.unsynced.len() > UNSYNCED_MAX
    }

    fn plan(&self, forced: bool) -> Result<Plan> {
        let mut writer = self.writer.lock();
        if self.is_deleted() {
            return Err(Error::Closed);
        }
        let mut files = Vec::with_capacity(writer.unsynced.len());
        for segment in &writer.unsynced {
            files.push(segment.file(&self.storage)?);
        }
        let due = forced || writer.since_checkpoint >= CHECKPOINT_BYTES;
        let draft = due.then(|| self.draft(&writer));
        // The folder itself may be new, and the one above it.
        let folders = match std::mem::take(&mut writer.folder_changed) {
            true => self.dir.ancestors().take(3).map(Into::into).collect(),
            false => Vec::new(),
        };
        let active = writer.active.clone();
        let mut sealed = std::mem::replace(&mut writer.unsynced, vec![active]);
        sealed.pop();
        Ok(Plan { end: writer.end, files, sealed, folders, draft })
    }

    fn draft(&self, writer: &Writer) -> Result<Draft> {
        let checkpoint = writer.checkpoint(&self.storage)?;
        Ok(Draft { checkpoint, segments: writer.unchecked.clone(), bytes: writer.since_checkpoint })
    }

    fn write_checkpoint(&self, draft: &Draft) -> Result<()> {
        let mut checkpointed = self.checkpointed.lock();
        if *checkpointed >= draft.checkpoint.offset {
            return Ok(());
        }
        for segment in &draft.segments {
            if segment.index.stored() > 0 {
                self.sync_side_file(segment.index.file())?;
            }
            if segment.aborted.count() > 0 {
                self.sync_side_file(segment.aborted.file())?;
            }
        }
        small_file::write(&self.storage, &checkpoint_path(&self.dir), &draft.checkpoint.encode())?;
        *checkpointed = draft.checkpoint.offset;
        self.last_checkpoint.store(draft.checkpoint.offset, Ordering::Release);
        let mut writer = self.writer.lock();
        writer.since_checkpoint -= draft.bytes.min(writer.since_checkpoint);
        writer.unchecked.retain(|segment| segment.base >= draft.checkpoint.segment);
        Ok(())
    }

    fn sync_side_file(&self, file: &Lazy) -> Result<()> {
        file.open(&self.storage)?.sync().map_err(|error| self.broken(&error))
    }

    /// Ends all writing, unless the partition is gone anyway.
    fn broken(&self, error: &std::io::Error) -> Error {
        if self.is_deleted() {
            return Error::Closed;
        }
        self.gate.fail(Error::ReadOnly(format!("{}: {error}", self.dir.display())))
    }
}
