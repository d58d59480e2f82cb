//! A durable map for the coordinators' state: in memory, backed by an append-only file.
//!
//! Each [`Journal::apply`] is one frame of the file, so it counts wholly or not at all. When most of the file is
//! outdated it is written anew beside the old one, which it then replaces.

mod frame;
mod rewrite;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use parking_lot::Mutex;

pub use frame::Change;

use crate::storage::{AppendFile, Error, Gate, Result, Storage, Target};

/// A durable map from bytes to bytes. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    storage: Storage,
    path: PathBuf,
    gate: Arc<Gate>,
    state: Mutex<State>,
    /// Held while the file is synced or replaced.
    syncing: Mutex<()>,
}

struct State {
    map: BTreeMap<Bytes, Bytes>,
    file: AppendFile,
    /// Frames ever applied since the journal was opened.
    applied: i64,
    /// Bytes that the map would take in a new file.
    live: u64,
    /// The file was made since its folder was synced.
    folder_changed: bool,
    closed: bool,
}

impl Journal {
    /// Opens the journal at `path`, making it when it does not exist; cuts off what a crash has torn. Blocks.
    pub fn open(storage: &Storage, path: PathBuf) -> Result<Self> {
        let fault = |error: io::Error| Error::io(&path, &error);
        if let Some(folder) = path.parent() {
            storage.files.create_dir(folder).map_err(fault)?;
        }
        let file = storage.files.create(&path).map_err(fault)?;
        let (map, len) = frame::load(&*file, &path)?;
        let live = map.iter().map(|(key, value)| frame::weight(key, value)).sum();
        let file = AppendFile::new(file, path.clone(), len);
        let state = State { map, file, applied: 0, live, folder_changed: true, closed: false };
        let inner = Inner {
            storage: storage.clone(),
            path,
            gate: Arc::new(Gate::new(-1)),
            state: Mutex::new(state),
            syncing: Mutex::new(()),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Applies all changes or none; readable when this returns. Returns what to wait for with
    /// [`durable`](Self::durable).
    pub fn apply(&self, changes: &[Change]) -> Result<i64> {
        let data = frame::encode(changes);
        let mut state = self.inner.state.lock();
        if state.closed {
            return Err(Error::Closed);
        }
        self.inner.gate.check()?;
        if changes.is_empty() {
            return Ok(state.applied);
        }
        state.file.append(&data)?;
        changes.iter().for_each(|change| state.change(change));
        state.applied += 1;
        Ok(state.applied)
    }

    /// Waits until the changes that [`apply`](Self::apply) answered with `position`, and all before them,
    /// survive a power cut; at once with sync off.
    pub async fn durable(&self, position: i64) -> Result<()> {
        let inner = &self.inner;
        let syncer = &inner.storage.syncer;
        if syncer.enabled() {
            return self.synced(position).await;
        }
        inner.gate.check()?;
        if inner.state.lock().is_outdated() {
            inner.gate.start(syncer, inner);
        }
        Ok(())
    }

    /// The same, also with sync off: for what must not be lost whatever the host has chosen.
    pub async fn synced(&self, position: i64) -> Result<()> {
        let inner = &self.inner;
        inner.gate.wait(&inner.storage.syncer, inner, position).await
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Option<Bytes> {
        self.inner.state.lock().map.get(key).cloned()
    }

    /// Keys that start with `prefix` and their values, in order.
    pub fn scan(&self, prefix: &[u8]) -> Vec<(Bytes, Bytes)> {
        let state = self.inner.state.lock();
        let from =
            state.map.range::<[u8], _>((std::ops::Bound::Included(prefix), std::ops::Bound::Unbounded));
        let within = from.take_while(|(key, _)| key.starts_with(prefix));
        within.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// Makes everything durable. Later writes fail with [`Error::Closed`].
    pub async fn close(&self) -> Result<()> {
        self.inner.state.lock().closed = true;
        let inner = self.inner.clone();
        let finish = move || inner.gate.run(|commit| inner.sync_file(commit));
        tokio::task::spawn_blocking(finish).await.unwrap_or(Err(Error::Closed))
    }
}

impl State {
    fn change(&mut self, change: &Change) {
        let (before, key) = match change {
            Change::Put(key, value) => {
                self.live += frame::weight(key, value);
                // Copies, so that an entry does not keep in memory the request it came with.
                let copy = |bytes: &Bytes| Bytes::copy_from_slice(bytes);
                (self.map.insert(copy(key), copy(value)), key)
            }
            Change::Delete(key) => (self.map.remove(key), key),
        };
        self.live -= before.map_or(0, |value| frame::weight(key, &value));
    }
}

impl Inner {
    /// Makes durable all that is applied.
    fn sync_file(&self, commit: &mut dyn FnMut(i64)) -> Result<()> {
        let _syncing = self.syncing.lock();
        self.gate.check()?;
        let (file, applied, folder_changed) = {
            let mut state = self.state.lock();
            let folder_changed = std::mem::take(&mut state.folder_changed);
            (state.file.file().clone(), state.applied, folder_changed)
        };
        file.sync().map_err(|error| self.broken(&error))?;
        if folder_changed {
            // The folder itself may be new.
            for folder in self.path.ancestors().skip(1).take(2) {
                self.storage.files.sync_dir(folder).map_err(|error| self.broken(&error))?;
            }
        }
        commit(applied);
        Ok(())
    }

    fn broken(&self, error: &io::Error) -> Error {
        self.gate.fail(Error::ReadOnly(format!("{}: {error}", self.path.display())))
    }

    fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new("."))
    }
}

impl Target for Inner {
    fn sync(&self, commit: &mut dyn FnMut(i64)) -> Result<()> {
        self.sync_file(commit)?;
        self.rewrite_if_outdated()
    }
}
