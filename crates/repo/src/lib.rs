//! Git repositories: bare ones on disk, smart HTTP through `git http-backend`, reads through gix.

mod api;
mod error;

pub use api::{Commit, Entry, EntryKind, Pushed, Repositories, Tag};
pub use error::{Error, Result};
