//! Git repositories: bare ones on disk, smart HTTP through `git http-backend`, reads and small commits through gix.

mod api;
mod commit;
mod disk;
mod error;
mod export;
mod history;
mod http;
mod path;
mod refs;
mod repositories;
mod tree;

pub use api::{Branch, Change, Commit, Entry, EntryKind, Pushed, Tag};
pub use error::{Error, Result};
pub use http::{ResponseBody, Service};
pub use repositories::Repositories;
