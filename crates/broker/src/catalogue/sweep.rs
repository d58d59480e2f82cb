//! Folders of topics that are no more, or that nothing is known of.

use std::{collections::BTreeSet, fs, io, path::Path};

use bytes::Bytes;
use uuid::Uuid;

use super::Catalogue;
use crate::{
    Result,
    broker::unusable,
    journal::Change,
    keys::{Key, Kind, Parts},
};

/// Where folders go that nothing is known of.
const LOST: &str = "lost";

/// Notes that the folder of a topic is to go, until it has gone.
pub(super) fn doomed_key(id: Uuid) -> Bytes {
    Key::new(Kind::DoomedTopic).name(&id.to_string()).build()
}

impl Catalogue {
    /// Removes what is left of topics that were deleted, or never finished. Other folders than those `kept` may
    /// hold the only copy of somebody's records, and are set aside.
    pub(super) fn sweep(&self, kept: &BTreeSet<String>) -> Result<()> {
        let journal = &self.inner.journal;
        let doomed = journal.scan(&[Kind::DoomedTopic as u8]);
        let ids: BTreeSet<_> = doomed.iter().filter_map(|(key, _)| Parts::of(key).name()).collect();
        let swept = self.sweep_folders(kept, &ids);
        swept.map_err(|error| unusable(&self.inner.folder, &error))?;
        // After a power cut a folder may be back, but not without the note that it is to go.
        journal.apply(&doomed.iter().map(|(key, _)| Change::Delete(key.clone())).collect::<Vec<_>>())?;
        Ok(())
    }

    fn sweep_folders(&self, kept: &BTreeSet<String>, doomed: &BTreeSet<&str>) -> io::Result<()> {
        let folder = &self.inner.folder;
        fs::create_dir_all(folder)?;
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if Uuid::parse_str(&name).is_err() || kept.contains(&name) {
                continue;
            }
            if doomed.contains(name.as_str()) || !holds_records(&entry.path())? {
                fs::remove_dir_all(entry.path())?;
            } else {
                set_aside(folder, &name);
            }
        }
        self.inner.storage.files.sync_dir(folder)
    }
}

/// Whether a partition in a topic's folder has anything written to it.
fn holds_records(topic: &Path) -> io::Result<bool> {
    for partition in fs::read_dir(topic)? {
        let partition = partition?;
        if !partition.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(partition.path())? {
            let file = file?;
            if file.path().extension().is_some_and(|e| e == "log") && file.metadata()?.len() > 0 {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Moves a folder to where nothing looks for it. It does no harm where it is, should that fail.
fn set_aside(folder: &Path, name: &str) {
    let lost = folder.join(LOST);
    let moved = fs::create_dir_all(&lost).and_then(|()| fs::rename(folder.join(name), lost.join(name)));
    match moved {
        Ok(()) => tracing::error!(
            folder = %lost.join(name).display(),
            "records of a topic that is not in the journal were set aside; remove them if nobody misses them"
        ),
        Err(error) => tracing::error!(
            folder = %folder.join(name).display(), %error,
            "records of a topic that is not in the journal cannot be set aside and stay where they are"
        ),
    }
}
