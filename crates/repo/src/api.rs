//! The types that repositories speak in.
//!
//! Reads go through gix on a blocking thread; writes through `git http-backend` (clients) and
//! [`Repositories::seed`] (the platform).

use headwater_model::ProjectId;
use jiff::Timestamp;
use tokio::sync::broadcast;

/// The bare repositories of all projects, under one folder.
#[derive(Clone)]
pub struct Repositories {
    #[allow(dead_code)]
    pub(crate) root: std::path::PathBuf,
    #[allow(dead_code)]
    pub(crate) pushed: broadcast::Sender<Pushed>,
}

/// A branch or tag moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// Whose repository.
    pub project: ProjectId,
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Full hash, lower-case hex.
    pub id: String,
    /// Whole message.
    pub message: String,
    /// Author's name.
    pub author_name: String,
    /// Author's e-mail address.
    pub author_email: String,
    /// When it was committed.
    pub time: Timestamp,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Short name.
    pub name: String,
    /// The commit it leads to.
    pub commit: String,
}

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// An executable file.
    Executable,
    /// A symbolic link.
    Link,
    /// A folder.
    Folder,
}

/// One path of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path from the repository's root.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Git's object id of its content.
    pub id: String,
}
