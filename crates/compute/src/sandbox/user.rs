//! A user id for each workspace.

use std::{collections::BTreeMap, io, path::PathBuf};

use headwater_model::WorkspaceId;
use parking_lot::Mutex;

use crate::folder::{read_record, write_durable};

/// First user id; those below belong to the system and to people.
pub(super) const BASE: u32 = 200_000;
/// The group that passes through the platform's folder to its own files where there are no namespaces.
pub(super) const PASSING: u32 = BASE - 1;

/// Which workspace has which user id; the same for ever, since files on disk carry it.
#[derive(Debug)]
pub(super) struct Users {
    path: PathBuf,
    /// Nothing when everything runs as the platform's own user.
    ids: Option<Mutex<BTreeMap<WorkspaceId, u32>>>,
}

impl Users {
    /// The table in `path`, if workspaces have users `own`.
    pub(super) fn open(path: PathBuf, own: bool) -> io::Result<Self> {
        let ids = own.then(|| read_record(&path)).transpose()?.map(|ids| Mutex::new(ids.unwrap_or_default()));
        Ok(Self { path, ids })
    }

    /// Whether workspaces have users of their own.
    pub(super) fn is_some(&self) -> bool {
        self.ids.is_some()
    }

    /// The user id of a workspace, made at the first call.
    pub(super) fn id(&self, workspace: &WorkspaceId) -> io::Result<Option<u32>> {
        let Some(ids) = &self.ids else { return Ok(None) };
        let mut ids = ids.lock();
        if let Some(id) = ids.get(workspace) {
            return Ok(Some(*id));
        }
        let id = ids.values().max().map_or(BASE, |highest| highest + 1);
        let mut next = ids.clone();
        next.insert(workspace.clone(), id);
        // On the disk before any file carries it: after a power cut the id must not go to another workspace.
        write_durable(&self.path, &next)?;
        *ids = next;
        Ok(Some(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_kept_and_never_shared() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("users.json");
        let (one, two) = ("acme-demo-dev".parse().unwrap(), "acme-demo-prod".parse().unwrap());
        let users = Users::open(path.clone(), true).unwrap();
        assert_eq!(users.id(&one).unwrap(), Some(BASE));
        assert_eq!(users.id(&two).unwrap(), Some(BASE + 1));
        let users = Users::open(path.clone(), true).unwrap();
        assert_eq!((users.id(&two).unwrap(), users.id(&one).unwrap()), (Some(BASE + 1), Some(BASE)));
        assert_eq!(Users::open(path, false).unwrap().id(&one).unwrap(), None);
    }

    #[test]
    fn an_id_that_was_not_kept_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let users = Users::open(dir.path().join("none/users.json"), true).unwrap();
        let workspace = "acme-demo-dev".parse().unwrap();
        assert!(users.id(&workspace).is_err());
        assert!(users.id(&workspace).is_err());
    }
}
