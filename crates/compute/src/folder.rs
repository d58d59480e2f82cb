//! Where things are on disk, and how small records are written so that a crash leaves the old or the new one.

use std::{
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use headwater_model::{DeploymentId, WorkspaceId};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Attempt, ReplicaId};

/// The layout of the platform's data folder, as far as builds and replicas go.
#[derive(Debug, Clone)]
pub struct Folders {
    root: PathBuf,
}

impl Folders {
    /// Below the platform's data folder; the path is made absolute.
    pub fn new(data_dir: &Path) -> io::Result<Self> {
        Ok(Self { root: std::path::absolute(data_dir)? })
    }

    /// The data folder, which user code never sees.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The state of a deployment, shared by its replicas.
    pub fn state(&self, deployment: DeploymentId) -> PathBuf {
        self.root.join("state").join(deployment.to_string())
    }

    pub(crate) fn replicas(&self) -> PathBuf {
        self.root.join("replicas")
    }

    pub(crate) fn replica(&self, id: &ReplicaId) -> PathBuf {
        self.replicas().join(replica_name(id))
    }

    pub(crate) fn all_logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    pub(crate) fn logs(&self, deployment: DeploymentId) -> PathBuf {
        self.all_logs().join(deployment.to_string())
    }

    pub(crate) fn attempts(&self, id: &ReplicaId) -> PathBuf {
        self.logs(id.deployment).join(id.version.to_string()).join(id.index.to_string())
    }

    pub(crate) fn attempt_log(&self, attempt: &Attempt) -> PathBuf {
        self.attempts(&attempt.replica).join(attempt.number.to_string())
    }

    pub(crate) fn build_log(&self, build: &str) -> PathBuf {
        self.root.join("logs/builds").join(build)
    }

    pub(crate) fn code(&self, workspace: &WorkspaceId) -> PathBuf {
        self.root.join("builds").join(workspace.as_str()).join("code")
    }

    /// What is installed for a workspace: a folder an environment. It is the platform's; steps of a build write in one
    /// folder further down.
    pub(crate) fn installed(&self, workspace: &WorkspaceId) -> PathBuf {
        self.root.join("builds").join(workspace.as_str()).join("installed")
    }

    /// What the tools of a workspace's builds keep from one build to the next.
    pub(crate) fn cache(&self, workspace: &WorkspaceId) -> PathBuf {
        self.root.join("builds").join(workspace.as_str()).join("cache")
    }

    pub(crate) fn build_scratch(&self, build: &str) -> PathBuf {
        self.root.join("builds/scratch").join(build)
    }

    /// Where control groups have been made.
    pub(crate) fn groups(&self) -> PathBuf {
        self.root.join("cgroups.json")
    }

    pub(crate) fn users(&self) -> PathBuf {
        self.root.join("users.json")
    }
}

/// Names a replica within the data folder.
pub(crate) fn replica_name(id: &ReplicaId) -> String {
    format!("{}-{}-{}", id.deployment, id.version, id.index)
}

/// Makes a folder and its parents, for us alone.
pub(crate) fn private(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Writes a record whole or not at all.
pub(crate) fn write_record(path: &Path, record: &impl Serialize) -> io::Result<()> {
    write_beside(path, record)?;
    fs::rename(beside(path), path)
}

/// Writes a record that survives a power cut from here on.
pub(crate) fn write_durable(path: &Path, record: &impl Serialize) -> io::Result<()> {
    write_beside(path, record)?.sync_all()?;
    fs::rename(beside(path), path)?;
    path.parent().map_or(Ok(()), |folder| fs::File::open(folder)?.sync_all())
}

fn beside(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn write_beside(path: &Path, record: &impl Serialize) -> io::Result<fs::File> {
    let mut open = fs::OpenOptions::new();
    let mut file = open.write(true).create(true).truncate(true).mode(0o600).open(beside(path))?;
    file.write_all(&serde_json::to_vec(record)?)?;
    Ok(file)
}

/// Reads a record; nothing when there is none.
pub(crate) fn read_record<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a folder with all that is in it; one that is not there is removed already.
pub fn remove(path: &Path) -> io::Result<()> {
    let removed = fs::remove_dir_all(path).or_else(|error| {
        // Programs may close their own folders, to us as well where they run as the same user.
        if error.kind() != io::ErrorKind::PermissionDenied || rustix::process::geteuid().is_root() {
            return Err(error);
        }
        open_up(path)?;
        fs::remove_dir_all(path)
    });
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Lets the owner into a folder and all folders in it.
fn open_up(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            open_up(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_folders_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let closed = dir.path().join("top/closed/inner");
        fs::create_dir_all(&closed).unwrap();
        fs::write(closed.join("file"), "").unwrap();
        for folder in [closed.as_path(), closed.parent().unwrap()] {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o500)).unwrap();
        }
        remove(&dir.path().join("top")).unwrap();
        assert!(!dir.path().join("top").exists());
        remove(&dir.path().join("top")).unwrap();
    }
}
