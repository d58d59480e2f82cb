//! A block on disk: the columns of some series over some time, in a file that never changes.
//!
//! A header (what kind of file, the first slot, how many), the columns one after the other, an index of them by series, and
//! a footer that says where the index is. Numbers are little endian; index and columns are checked by CRC-32C.

use std::{
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use crate::{
    Error, Result, column,
    frames::replace,
    head::{Cell, Head, is_gap},
};

const MAGIC: [u8; 4] = *b"HWM1";
const HEADER_LEN: usize = 20;
const FOOTER_LEN: usize = 16;
const ENTRY_LEN: usize = 16;

/// A block, open to be read.
#[derive(Debug)]
pub(crate) struct Block<const W: usize> {
    pub(crate) path: PathBuf,
    file: File,
    pub(crate) start: i64,
    pub(crate) slots: usize,
    pub(crate) bytes: u64,
    index_at: u64,
    index_len: usize,
    index_sum: u32,
}

/// Where the columns of a block are, by series.
pub(crate) struct Index(Vec<u8>);

/// Where a column is.
struct Entry {
    id: u32,
    at: u32,
    len: u32,
    sum: u32,
}

impl<const W: usize> Block<W> {
    /// Writes a block of the series `ids`, each with what `cells` says of it.
    pub(crate) fn write(
        path: &Path,
        (start, slots): (i64, usize),
        ids: &[u32],
        mut cells: impl FnMut(u32) -> Result<Vec<Cell<W>>>,
    ) -> Result<Self> {
        let mut failed = None;
        let write = |out: &mut dyn Write| {
            out.write_all(&MAGIC)?;
            out.write_all(&(W as u32).to_le_bytes())?;
            out.write_all(&start.to_le_bytes())?;
            out.write_all(&(slots as u32).to_le_bytes())?;
            let (mut at, mut index) = (HEADER_LEN as u32, Vec::new());
            for id in ids {
                let cells = match cells(*id) {
                    Ok(cells) => cells,
                    Err(error) => {
                        failed = Some(error);
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                };
                let Some(bytes) = column::encode(&cells) else { continue };
                out.write_all(&bytes)?;
                let entry = [*id, at, bytes.len() as u32, crc32c::crc32c(&bytes)];
                index.extend(entry.into_iter().flat_map(u32::to_le_bytes));
                at += bytes.len() as u32;
            }
            out.write_all(&index)?;
            let footer = [at, index.len() as u32, crc32c::crc32c(&index)];
            out.write_all(&footer.map(u32::to_le_bytes).concat())?;
            out.write_all(&MAGIC)
        };
        match (replace(path, write), failed) {
            (_, Some(error)) => Err(error),
            (Err(error), None) => Err(error),
            (Ok(()), None) => Self::open(path.to_owned()),
        }
    }

    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        let file = File::open(&path).map_err(Error::io(&path))?;
        let bytes = file.metadata().map_err(Error::io(&path))?.len();
        let damaged = |reason| Error::damaged(&path, reason);
        let behind =
            bytes.checked_sub((HEADER_LEN + FOOTER_LEN) as u64).ok_or_else(|| damaged("it is too short"))?;
        let (mut header, mut footer) = ([0; HEADER_LEN], [0; FOOTER_LEN]);
        file.read_exact_at(&mut header, 0).map_err(Error::io(&path))?;
        file.read_exact_at(&mut footer, bytes - FOOTER_LEN as u64).map_err(Error::io(&path))?;
        if header[..4] != MAGIC || footer[12..] != MAGIC || number(&header, 4) != W as u32 {
            return Err(damaged("it is no such file"));
        }
        let (index_at, index_len) = (u64::from(number(&footer, 0)), number(&footer, 4));
        if index_at + u64::from(index_len) != behind + HEADER_LEN as u64 {
            return Err(damaged("its parts do not fit together"));
        }
        let low = u64::from(number(&header, 8));
        let start = (low | u64::from(number(&header, 12)) << 32) as i64;
        Ok(Self {
            start,
            slots: number(&header, 16) as usize,
            bytes,
            index_at,
            index_len: index_len as usize,
            index_sum: number(&footer, 8),
            file,
            path,
        })
    }

    /// The slot after its last.
    pub(crate) fn end(&self) -> i64 {
        self.start + self.slots as i64
    }

    /// Where its columns are.
    pub(crate) fn index(&self) -> Result<Index> {
        let mut bytes = vec![0; self.index_len];
        self.file.read_exact_at(&mut bytes, self.index_at).map_err(Error::io(&self.path))?;
        match crc32c::crc32c(&bytes) == self.index_sum {
            true => Ok(Index(bytes)),
            false => Err(Error::damaged(&self.path, "its index does not have the checksum that was written")),
        }
    }

    /// The cells of a series, from the first slot on.
    pub(crate) fn column(&self, index: &Index, id: u32) -> Result<Vec<Cell<W>>> {
        let Some(entry) = index.find(id) else { return Ok(Vec::new()) };
        let mut bytes = vec![0; entry.len as usize];
        self.file.read_exact_at(&mut bytes, entry.at.into()).map_err(Error::io(&self.path))?;
        let sound = crc32c::crc32c(&bytes) == entry.sum;
        let cells = sound.then(|| column::decode(&bytes)).flatten().filter(|cells| cells.len() <= self.slots);
        cells.ok_or_else(|| Error::damaged(&self.path, "a column does not read as it was written"))
    }

    /// Writes the cells that it has into a block in memory, as far as that reaches.
    pub(crate) fn copy_into(&self, head: &mut Head<W>) -> Result<()> {
        let index = self.index()?;
        for id in index.ids() {
            for (slot, cell) in (self.start..).zip(self.column(&index, id)?) {
                if !is_gap(&cell) && (head.start..head.start + head.slots as i64).contains(&slot) {
                    head.set(slot, id, cell);
                }
            }
        }
        Ok(())
    }
}

impl Index {
    pub(crate) fn ids(&self) -> impl Iterator<Item = u32> {
        self.0.chunks_exact(ENTRY_LEN).map(|entry| number(entry, 0))
    }

    fn find(&self, id: u32) -> Option<Entry> {
        let (mut low, mut high) = (0, self.0.len() / ENTRY_LEN);
        while low < high {
            let middle = low.midpoint(high);
            let entry = &self.0[middle * ENTRY_LEN..][..ENTRY_LEN];
            let entry = Entry {
                id: number(entry, 0),
                at: number(entry, 4),
                len: number(entry, 8),
                sum: number(entry, 12),
            };
            match entry.id.cmp(&id) {
                std::cmp::Ordering::Equal => return Some(entry),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}
