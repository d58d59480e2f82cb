//! The caches of the tools that install packages, one a workspace. They only ever grow by themselves.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use headwater_model::WorkspaceId;
use parking_lot::Mutex;
use tokio::sync::{OwnedRwLockReadGuard, RwLock};

use crate::folder::remove;

/// Most bytes that stay in a workspace's cache.
const MOST: u64 = 4 << 30;

/// Who uses which cache.
#[derive(Debug, Default)]
pub(super) struct Caches(Mutex<HashMap<WorkspaceId, Arc<RwLock<()>>>>);

impl Caches {
    /// Uses the cache of a workspace; it is not emptied before the answer is dropped.
    pub(super) async fn hold(&self, workspace: &WorkspaceId) -> OwnedRwLockReadGuard<()> {
        self.of(workspace).read_owned().await
    }

    /// Empties a cache that has grown too large, unless a build uses it. Nobody waits for that but the next build.
    pub(super) fn trim(&self, workspace: &WorkspaceId, folder: PathBuf) {
        let Ok(alone) = self.of(workspace).try_write_owned() else { return };
        tokio::task::spawn_blocking(move || {
            if let Err(error) = trim(&folder, MOST) {
                tracing::warn!(folder = %folder.display(), %error, "emptying the cache of builds");
            }
            drop(alone);
        });
    }

    fn of(&self, workspace: &WorkspaceId) -> Arc<RwLock<()>> {
        self.0.lock().entry(workspace.clone()).or_default().clone()
    }
}

fn trim(folder: &Path, most: u64) -> io::Result<()> {
    match size(folder)? > most {
        true => remove(folder),
        false => Ok(()),
    }
}

/// Bytes of the files below a folder. Links are not followed: the cache is the user's to write.
fn size(folder: &Path) -> io::Result<u64> {
    let mut total = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        total += match entry.file_type()?.is_dir() {
            true => size(&entry.path())?,
            false => entry.metadata()?.len(),
        };
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_has_grown_too_large_is_emptied() {
        let dir = tempfile::tempdir().unwrap();
        let cache = dir.path().join("cache");
        fs::create_dir_all(cache.join("uv/deep")).unwrap();
        fs::write(cache.join("uv/deep/wheel"), [0; 100]).unwrap();
        fs::write(dir.path().join("outside"), [0; 100]).unwrap();
        std::os::unix::fs::symlink(dir.path().join("outside"), cache.join("link")).unwrap();
        std::os::unix::fs::symlink("/", cache.join("root")).unwrap();
        trim(&cache, 199).unwrap();
        assert!(cache.exists());
        trim(&cache, 99).unwrap();
        assert!(!cache.exists() && dir.path().join("outside").exists());
    }

    #[tokio::test]
    async fn one_that_is_used_stays() {
        let (caches, workspace) = (Caches::default(), "acme-demo-dev".parse().unwrap());
        let used = caches.hold(&workspace).await;
        assert!(caches.of(&workspace).try_write_owned().is_err());
        drop(used);
        assert!(caches.of(&workspace).try_write_owned().is_ok());
    }
}
