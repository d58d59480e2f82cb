//! What user code can see and do. It is not us: it never sees the platform's folder or another replica.
//!
//! As root each workspace has a user id of its own, and each program its own mount, process and IPC namespaces in
//! which the platform's folder is empty but for what the program needs. Without root, Landlock keeps it to the system's
//! folders and its own. In both cases a Landlock domain keeps it from the processes of others, and it can never gain
//! privileges.

mod domain;
mod mounts;
mod user;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub(crate) use domain::{confine, supported};
pub(crate) use mounts::enter;
pub(crate) use user::Users;

use crate::Isolation;

/// What a program may see.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sandbox {
    /// User and group id to run as, when the platform is root.
    pub(crate) uid: Option<u32>,
    /// Own namespaces; needs root.
    pub(crate) namespaces: bool,
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
        Isolation { uid: self.uid, namespaces: self.namespaces, landlock: supported() }
    }

    /// The value of `TMPDIR` and `HOME`.
    pub(crate) fn home(&self) -> PathBuf {
        if self.namespaces { "/tmp".into() } else { self.tmp.clone() }
    }
}
