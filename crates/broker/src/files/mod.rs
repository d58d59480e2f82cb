//! The filesystem as the log needs it: positioned reads and writes, and an honest account of what is durable.

pub mod memory;
mod os;

use std::{io, path::Path, sync::Arc};

pub use os::{OsFiles, raise_open_file_limit};

/// A filesystem.
pub trait Files: Send + Sync + 'static {
    /// Opens a file for reading and writing; makes it, empty, when it does not exist.
    fn create(&self, path: &Path) -> io::Result<Arc<dyn File>>;
    /// Opens a file that exists for reading and writing.
    fn open(&self, path: &Path) -> io::Result<Arc<dyn File>>;
    /// Gives a file or folder a new name, replacing a file that has it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;
    /// Names of the files and folders in a folder, in order.
    fn list(&self, dir: &Path) -> io::Result<Vec<String>>;
    /// Makes a folder and those above it.
    fn create_dir(&self, dir: &Path) -> io::Result<()>;
    /// Removes a folder with all that is in it.
    fn remove_dir(&self, dir: &Path) -> io::Result<()>;
    /// Makes the names in a folder durable.
    fn sync_dir(&self, dir: &Path) -> io::Result<()>;
}

/// An open file. Readers and a writer may use it at once.
pub trait File: Send + Sync + 'static {
    /// Up to `len` bytes from `offset`; fewer only at the end of the file.
    fn read(&self, offset: u64, len: usize) -> io::Result<Vec<u8>>;
    /// Writes all of `data` at `offset`. After an error any part of it may have been written.
    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()>;
    /// Cuts the file to `len` bytes.
    fn truncate(&self, len: u64) -> io::Result<()>;
    /// Makes the content durable. After an error it is not known what is.
    fn sync(&self) -> io::Result<()>;
    /// Bytes in the file.
    fn size(&self) -> io::Result<u64>;
}
