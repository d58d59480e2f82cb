//! A walk over the batches of a segment's file, from a position on.

use std::{path::PathBuf, sync::Arc};

use crate::{
    batch::{HEADER_LEN, Header},
    files::File,
    storage::{Error, Result},
};

/// Reads batch after batch in pieces.
pub(crate) struct Walk {
    file: Arc<dyn File>,
    path: PathBuf,
    position: u64,
    end: u64,
    piece: usize,
    buffer: Vec<u8>,
    buffer_at: u64,
}

impl Walk {
    /// A walk from `position` to `end`, reading about `piece` bytes at once.
    pub(crate) fn new(file: Arc<dyn File>, path: PathBuf, range: (u64, u64), piece: usize) -> Self {
        let (position, end) = range;
        Self { file, path, position, end, piece, buffer: Vec::new(), buffer_at: position }
    }

    /// Where the next batch begins.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// The header of the batch at the walk's position; `None` where no whole batch of a sane form follows.
    pub(crate) fn header(&mut self) -> Result<Option<Header>> {
        if self.position + HEADER_LEN as u64 > self.end {
            return Ok(None);
        }
        let header = Header::parse(self.bytes(HEADER_LEN)?).ok();
        Ok(header.filter(|header| self.position + header.size as u64 <= self.end))
    }

    /// The whole batch at the walk's position.
    pub(crate) fn batch(&mut self, header: &Header) -> Result<&[u8]> {
        self.bytes(header.size)
    }

    /// Goes on to the next batch.
    pub(crate) fn step(&mut self, header: &Header) {
        self.position += header.size as u64;
    }

    fn bytes(&mut self, len: usize) -> Result<&[u8]> {
        let buffered = self.buffer_at + self.buffer.len() as u64;
        if self.position + len as u64 > buffered {
            let want = (self.end - self.position).min(len.max(self.piece) as u64) as usize;
            let read = self.file.read(self.position, want);
            self.buffer = read.map_err(|error| Error::io(&self.path, &error))?;
            self.buffer_at = self.position;
        }
        let from = (self.position - self.buffer_at) as usize;
        let bytes = self.buffer.get(from..from + len);
        bytes.ok_or_else(|| Error::corrupt(&self.path, "it is shorter than it was"))
    }
}
