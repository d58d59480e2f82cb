//! Writing a journal anew, without what is outdated.

use std::sync::Arc;

use bytes::Bytes;

use super::{Change, Inner, State, frame};
use crate::{
    files::File,
    storage::{AppendFile, Error, Result},
};

/// Files smaller than this are left alone.
const SMALL: u64 = 1024 * 1024;
/// Bytes of changes in a frame of a new file.
const FRAME: u64 = 256 * 1024;

impl State {
    /// Whether more than half of the file is outdated.
    pub(super) fn is_outdated(&self) -> bool {
        self.file.len() > SMALL.max(2 * self.live)
    }
}

impl Inner {
    /// Replaces the file by a smaller one when most of it is outdated. Writers wait only while what they wrote
    /// meanwhile is brought over. A failure before the replacement leaves all as it was.
    pub(super) fn rewrite_if_outdated(&self) -> Result<()> {
        let _syncing = self.syncing.lock();
        if !self.state.lock().is_outdated() {
            return Ok(());
        }
        match self.rewrite() {
            Err(error @ Error::ReadOnly(_)) => Err(error),
            Err(error) => {
                tracing::warn!(path = %self.path.display(), %error, "journal was not rewritten");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn rewrite(&self) -> Result<()> {
        let (entries, seen) = {
            let state = self.state.lock();
            let entries: Vec<_> = state.map.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            (entries, state.file.len())
        };
        let path = self.path.with_extension("new");
        let fault = |error: std::io::Error| Error::io(&path, &error);
        let file = self.storage.files.create(&path).map_err(fault)?;
        let mut new = AppendFile::new(file.clone(), path.clone(), 0);
        write_all(&mut new, entries)?;
        file.sync().map_err(fault)?;

        let mut state = self.state.lock();
        if state.file.len() > seen {
            self.bring_over(&state, seen, &mut new)?;
            file.sync().map_err(fault)?;
        }
        self.storage.files.rename(&path, &self.path).map_err(fault)?;
        let len = new.len();
        state.file = AppendFile::new(file, self.path.clone(), len);
        drop(state);
        // Until this is durable a power cut may bring the old file back; what is answered from now on is not in it.
        self.storage.files.sync_dir(self.folder()).map_err(|error| self.broken(&error))
    }

    /// Copies the frames that were appended after the first `seen` bytes.
    fn bring_over(&self, state: &State, seen: u64, new: &mut AppendFile) -> Result<()> {
        let rest = (state.file.len() - seen) as usize;
        let old: &Arc<dyn File> = state.file.file();
        let data = old.read(seen, rest).map_err(|error| Error::io(&self.path, &error))?;
        if data.len() < rest {
            return Err(Error::corrupt(&self.path, "it is shorter than it was"));
        }
        new.append(&data).map(|_| ())
    }
}

fn write_all(file: &mut AppendFile, entries: Vec<(Bytes, Bytes)>) -> Result<()> {
    // A file that an interrupted attempt left behind, when there is nothing to write over it.
    file.trim()?;
    let mut changes = Vec::new();
    let mut size = 0;
    for (key, value) in entries {
        size += frame::weight(&key, &value);
        changes.push(Change::Put(key, value));
        if size >= FRAME {
            file.append(&frame::encode(&changes))?;
            (changes, size) = (Vec::new(), 0);
        }
    }
    if changes.is_empty() { Ok(()) } else { file.append(&frame::encode(&changes)).map(|_| ()) }
}
