//! A bound on the files kept open.

use std::{
    collections::HashMap,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;

use super::{Error, Result, Storage};
use crate::files::{File, Files};

/// Open files of all partitions; the one unused for longest is closed when there are too many.
pub(crate) struct Handles {
    capacity: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    tick: u64,
    files: HashMap<u64, (Arc<dyn File>, u64)>,
}

impl Handles {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { capacity, open: Mutex::default() }
    }

    fn get(&self, id: u64) -> Option<Arc<dyn File>> {
        let mut open = self.open.lock();
        open.tick += 1;
        let tick = open.tick;
        open.files.get_mut(&id).map(|(file, used)| {
            *used = tick;
            file.clone()
        })
    }

    fn put(&self, id: u64, file: Arc<dyn File>) {
        let mut open = self.open.lock();
        open.tick += 1;
        let tick = open.tick;
        open.files.insert(id, (file, tick));
        if open.files.len() > self.capacity {
            let oldest = open.files.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| *id);
            oldest.and_then(|id| open.files.remove(&id));
        }
    }

    fn forget(&self, id: u64) {
        self.open.lock().files.remove(&id);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.open.lock().files.len()
    }
}

/// A file that is opened when it is used. It has an identity of its own, so that a later file at the same path
/// is never taken for it.
pub(crate) struct Lazy {
    id: u64,
    path: PathBuf,
}

impl Lazy {
    pub(crate) fn new(path: PathBuf) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), path }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The file, opened if it is not open.
    pub(crate) fn open(&self, storage: &Storage) -> Result<Arc<dyn File>> {
        self.get(storage, |files, path| files.open(path))
    }

    /// The file, opened if it is not open, and made when it does not exist.
    pub(crate) fn create(&self, storage: &Storage) -> Result<Arc<dyn File>> {
        self.get(storage, |files, path| files.create(path))
    }

    fn get(
        &self,
        storage: &Storage,
        open: impl FnOnce(&dyn Files, &Path) -> io::Result<Arc<dyn File>>,
    ) -> Result<Arc<dyn File>> {
        if let Some(file) = storage.handles.get(self.id) {
            return Ok(file);
        }
        let file = open(&*storage.files, &self.path).map_err(|error| Error::io(&self.path, &error))?;
        storage.handles.put(self.id, file.clone());
        Ok(file)
    }

    /// Cuts the file to `len` bytes if it exists and is longer.
    pub(crate) fn trim(&self, storage: &Storage, len: u64) -> Result<()> {
        let cut = || {
            let file = storage.files.open(&self.path)?;
            if file.size()? > len { file.truncate(len) } else { Ok(()) }
        };
        match cut() {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::io(&self.path, &error)),
            _ => Ok(()),
        }
    }

    /// Closes the file.
    pub(crate) fn close(&self, storage: &Storage) {
        storage.handles.forget(self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_files_are_closed_and_opened_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut storage = Storage::new(false);
        storage.handles = Arc::new(Handles::new(4));
        let files: Vec<_> = (0..20).map(|i| Lazy::new(dir.path().join(i.to_string()))).collect();
        assert!(files[0].open(&storage).is_err());
        for round in 0..3_u8 {
            for file in &files {
                file.create(&storage).unwrap().write(round.into(), &[round]).unwrap();
            }
        }
        assert_eq!(storage.handles.len(), 4);
        for file in &files {
            assert_eq!(file.open(&storage).unwrap().read(0, 9).unwrap(), [0, 1, 2]);
            file.close(&storage);
        }
        assert_eq!(storage.handles.len(), 0);
    }
}
