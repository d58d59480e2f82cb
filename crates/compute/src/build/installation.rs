//! What is installed for an application, in a folder of the platform's own:
//!
//! ```text
//! installed/ID/ready          stands once all is there
//! installed/ID/env/           the one folder that steps of the build, which run user code, write in
//! installed/ID/code/TREE/     code that finds its packages in the folders above it (Node.js)
//! installed/ID/node_modules   leads to env/node_modules, where Node.js looks
//! ```

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, symlink},
    path::{Path, PathBuf},
};

use crate::{
    folder::remove,
    sandbox::{ours, owned},
};

/// An installation's folder.
#[derive(Debug, Clone)]
pub(super) struct Installation {
    pub(super) folder: PathBuf,
}

impl Installation {
    pub(super) fn env(&self) -> PathBuf {
        self.folder.join("env")
    }

    pub(super) fn code(&self) -> PathBuf {
        self.folder.join("code")
    }

    fn ready(&self) -> PathBuf {
        self.folder.join("ready")
    }

    /// Whether all is there.
    pub(super) fn stands(&self) -> bool {
        self.ready().symlink_metadata().is_ok_and(|found| found.is_file())
    }

    /// Makes it anew and empty, for steps that run as `uid`.
    pub(super) fn begin(&self, uid: Option<u32>) -> io::Result<()> {
        if let Some(all) = self.folder.parent() {
            ours(all)?;
        }
        remove(&self.folder)?;
        ours(&self.folder)?;
        owned(&self.env(), uid)
    }

    /// Puts a copy of `source`'s file `name` where steps find it, if there is one.
    pub(super) fn bring(&self, source: &Path, name: &str) -> io::Result<()> {
        let bytes = match fs::read(source.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            bytes => bytes?,
        };
        // New, so never through a link.
        let mut open = OpenOptions::new();
        open.write(true).create_new(true).mode(0o644).open(self.env().join(name))?.write_all(&bytes)
    }

    /// Lets code in `code` find the packages in `env`.
    pub(super) fn lead_to_packages(&self) -> io::Result<()> {
        symlink("env/node_modules", self.folder.join("node_modules"))
    }

    /// Says that all is there.
    pub(super) fn finish(&self) -> io::Result<()> {
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(self.ready()).map(drop)
    }

    pub(super) fn discard(&self) -> io::Result<()> {
        remove(&self.folder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_not_taken_for_the_marker() {
        let dir = tempfile::tempdir().unwrap();
        let installation = Installation { folder: dir.path().join("installed/id") };
        installation.begin(None).unwrap();
        assert!(!installation.stands());
        let other = dir.path().join("other");
        fs::write(&other, "kept").unwrap();
        symlink(&other, installation.ready()).unwrap();
        assert!(!installation.stands());
        assert!(installation.finish().is_err());
        assert_eq!(fs::read_to_string(&other).unwrap(), "kept");
        installation.begin(None).unwrap();
        installation.finish().unwrap();
        assert!(installation.stands() && other.exists());
    }

    #[test]
    fn what_is_brought_is_new() {
        let dir = tempfile::tempdir().unwrap();
        let installation = Installation { folder: dir.path().join("installed/id") };
        installation.begin(None).unwrap();
        let source = dir.path().join("source");
        fs::create_dir(&source).unwrap();
        installation.bring(&source, "package.json").unwrap();
        fs::write(source.join("package.json"), "{}").unwrap();
        symlink(dir.path().join("elsewhere"), installation.env().join("package.json")).unwrap();
        assert!(installation.bring(&source, "package.json").is_err());
        assert!(!dir.path().join("elsewhere").exists());
    }
}
