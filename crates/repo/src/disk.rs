//! What must survive a power cut is brought to the disk before it is answered for.

use std::{fs::File, io, path::Path};

use crate::{Error, Result};

/// Syncs a file or folder, and the folder that names it. One that is gone meanwhile (Git repacked it) needs none.
pub(crate) fn sync(path: &Path) -> Result<()> {
    for path in [Some(path), path.parent()].into_iter().flatten() {
        match File::open(path).and_then(|file| file.sync_all()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io(format!("syncing {}", path.display()))(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Syncs a folder and all that is below it.
pub(crate) fn sync_all(folder: &Path) -> Result<()> {
    let fail = || Error::io(format!("syncing {}", folder.display()));
    for entry in std::fs::read_dir(folder).map_err(fail())? {
        let entry = entry.map_err(fail())?;
        match entry.file_type().map_err(fail())?.is_dir() {
            true => sync_all(&entry.path())?,
            false => sync(&entry.path())?,
        }
    }
    sync(folder)
}
