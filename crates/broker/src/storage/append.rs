//! A file that only grows, and never shows half a write.

use std::{path::PathBuf, sync::Arc};

use super::{Error, Result};
use crate::files::File;

/// The writing end of a file. What a failed write left behind is cut off before anything else is written.
pub(crate) struct AppendFile {
    file: Arc<dyn File>,
    path: PathBuf,
    len: u64,
    torn: bool,
}

impl AppendFile {
    /// Appends to `file` after its first `len` bytes; what is beyond them is cut off.
    pub(crate) fn new(file: Arc<dyn File>, path: PathBuf, len: u64) -> Self {
        Self { file, path, len, torn: true }
    }

    /// Writes `data` at the end and returns where it begins. After an error nothing has been appended.
    pub(crate) fn append(&mut self, data: &[u8]) -> Result<u64> {
        self.trim()?;
        let position = self.len;
        if let Err(error) = self.file.write(position, data) {
            self.torn = true;
            // Space is given back at once if that is possible, otherwise before the next write.
            let _ = self.cut();
            return Err(Error::io(&self.path, &error));
        }
        self.len += data.len() as u64;
        Ok(position)
    }

    /// Cuts off what a failed write, or an interrupted one before this file was opened, has left behind.
    pub(crate) fn trim(&mut self) -> Result<()> {
        if self.torn { self.cut() } else { Ok(()) }
    }

    /// Bytes appended.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// The file, to read or sync it.
    pub(crate) fn file(&self) -> &Arc<dyn File> {
        &self.file
    }

    fn cut(&mut self) -> Result<()> {
        self.file.truncate(self.len).map_err(|error| Error::io(&self.path, &error))?;
        self.torn = false;
        Ok(())
    }
}
