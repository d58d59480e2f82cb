//! A user id for each workspace.

use std::{collections::BTreeMap, io, path::PathBuf};

use headwater_model::WorkspaceId;
use parking_lot::Mutex;

use crate::folder::{read_record, write_record};

/// First user id; those below belong to the system and to people.
const BASE: u32 = 200_000;

/// Which workspace has which user id; the same for ever, since files on disk carry it.
#[derive(Debug)]
pub(crate) struct Users {
    path: PathBuf,
    /// Nothing when the platform is not root and everything runs as its own user.
    ids: Option<Mutex<BTreeMap<WorkspaceId, u32>>>,
}

impl Users {
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        let root = rustix::process::geteuid().is_root();
        let ids =
            root.then(|| read_record(&path)).transpose()?.map(|ids| Mutex::new(ids.unwrap_or_default()));
        Ok(Self { path, ids })
    }

    /// The user id of a workspace, made at the first call.
    pub(crate) fn id(&self, workspace: &WorkspaceId) -> io::Result<Option<u32>> {
        let Some(ids) = &self.ids else { return Ok(None) };
        let mut ids = ids.lock();
        if let Some(id) = ids.get(workspace) {
            return Ok(Some(*id));
        }
        let id = ids.values().max().map_or(BASE, |highest| highest + 1);
        ids.insert(workspace.clone(), id);
        write_record(&self.path, &*ids)?;
        Ok(Some(id))
    }
}
