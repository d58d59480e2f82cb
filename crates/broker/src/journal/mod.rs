//! A durable map for the coordinators' state: in memory, backed by an append-only file.

use std::path::PathBuf;

use bytes::Bytes;

use crate::storage::{Result, Storage};

/// A change of one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Gives the key a value.
    Put(Bytes, Bytes),
    /// Removes the key.
    Delete(Bytes),
}

/// A durable map from bytes to bytes. Cheap to clone.
#[derive(Clone)]
pub struct Journal {}

impl Journal {
    /// Opens the journal at `path`, making it when it does not exist; cuts off what a crash has torn. Blocks.
    pub fn open(storage: &Storage, path: PathBuf) -> Result<Self> {
        unimplemented!()
    }

    /// Applies all changes or none; readable when this returns. Returns what to wait for with
    /// [`durable`](Self::durable).
    pub fn apply(&self, changes: &[Change]) -> Result<i64> {
        unimplemented!()
    }

    /// Waits until the changes that [`apply`](Self::apply) answered with `position`, and all before them,
    /// survive a power cut; at once with sync off.
    pub async fn durable(&self, position: i64) -> Result<()> {
        unimplemented!()
    }

    /// The value of a key.
    pub fn get(&self, key: &[u8]) -> Option<Bytes> {
        unimplemented!()
    }

    /// Keys that start with `prefix` and their values, in order.
    pub fn scan(&self, prefix: &[u8]) -> Vec<(Bytes, Bytes)> {
        unimplemented!()
    }

    /// Makes everything durable. Later writes fail with [`crate::storage::Error::Closed`].
    pub async fn close(&self) -> Result<()> {
        unimplemented!()
    }
}
