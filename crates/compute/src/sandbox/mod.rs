//! What user code can see and do. It is not us: it never sees the platform's folder or another replica.
//!
//! As root each workspace has a user id of its own, and each program its own mount, process and IPC namespaces in
//! which the platform's folder is empty but for what the program needs. Without the right to make namespaces, Landlock
//! keeps it to the system's folders and its own. In both cases a Landlock domain keeps it from the processes of others,
//! and it can never gain privileges. Where neither is to be had, nothing is started.

mod confinement;
mod domain;
mod mounts;
mod owner;
mod paths;
mod user;

use std::{io, path::PathBuf};

use serde::{Deserialize, Serialize};

pub use confinement::Confinement;
pub(crate) use domain::confine;
pub(crate) use owner::{ours, owned};

use crate::Isolation;

/// What a program may see.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sandbox {
    /// User id to run as, when the platform is root.
    pub(crate) uid: Option<u32>,
    /// Own namespaces; needs root.
    pub(crate) namespaces: bool,
    /// A Landlock domain; with no namespaces it decides about files. What is promised here is enforced or nothing runs.
    pub(crate) landlock: bool,
    /// The platform's folder.
    pub(crate) hidden: PathBuf,
    /// Files and folders that it reads, wherever they are.
    pub(crate) readable: Vec<PathBuf>,
    /// Folders that it writes.
    pub(crate) writable: Vec<PathBuf>,
    /// Its temporary folder; with namespaces it is `/tmp`.
    pub(crate) tmp: PathBuf,
}

impl Sandbox {
    /// What will be in force, for people.
    pub(crate) fn isolation(&self) -> Isolation {
        Isolation { uid: self.uid, namespaces: self.namespaces, landlock: self.landlock }
    }

    /// The value of `TMPDIR` and `HOME`.
    pub(crate) fn home(&self) -> PathBuf {
        if self.namespaces { "/tmp".into() } else { self.tmp.clone() }
    }

    /// User and group to run as.
    pub(crate) fn user(&self) -> Option<(u32, u32)> {
        // With no view of its own a program reaches its files through the platform's folder, which lets one group pass.
        self.uid.map(|uid| (uid, if self.namespaces { uid } else { user::PASSING }))
    }

    /// Arranges the file system around this process, which is the first of its process namespace if it has one.
    pub(crate) fn enter(&self) -> io::Result<()> {
        for path in self.readable.iter().chain(&self.writable) {
            paths::apart(path, &self.hidden)?;
        }
        match (self.namespaces, self.uid) {
            (true, _) => mounts::enter(self),
            (false, Some(_)) => paths::let_pass(self),
            (false, None) => Ok(()),
        }
    }
}
