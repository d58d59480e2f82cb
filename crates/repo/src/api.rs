//! The types that repositories speak in.

use bytes::Bytes;
use headwater_model::ProjectId;
use jiff::Timestamp;

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
    /// Whole message, without the line end that closes it.
    pub message: String,
    /// Author's name.
    pub author_name: String,
    /// Author's e-mail address.
    pub author_email: String,
    /// When it was committed.
    pub time: Timestamp,
}

/// A branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// Short name.
    pub name: String,
    /// Its newest commit.
    pub commit: String,
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
    /// Path from the repository's root; bytes that are no UTF-8 are shown as U+FFFD.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Git's object id of its content.
    pub id: String,
}

/// One change of a commit that the platform makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Writes a file, new or not.
    Put {
        /// Path from the repository's root.
        path: String,
        /// All of the file.
        content: Bytes,
        /// Whether it may be run.
        executable: bool,
    },
    /// Removes a file, or a folder with all that is in it.
    Delete {
        /// Path from the repository's root.
        path: String,
    },
}

impl Change {
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Put { path, .. } | Self::Delete { path } => path,
        }
    }
}
