//! What is in a head, written down moment by moment: a frame is the slot and, of each series, the id and the cell.

use std::path::PathBuf;

use crate::{
    Result,
    frames::Frames,
    head::{Cell, Head},
};

pub(crate) struct Journal<const W: usize>(Frames);

impl<const W: usize> Journal<W> {
    /// Opens or makes a journal, puts what it holds into `head`, and answers with the slot that was written last.
    pub(crate) fn open(path: PathBuf, head: &mut Head<W>) -> Result<(Self, Option<i64>)> {
        let mut last = None;
        let frames = Frames::open(path, |body| {
            let Some((slot, mut cells)) = body.split_first_chunk() else { return };
            let slot = i64::from_le_bytes(*slot);
            if !(head.start..head.start + head.slots as i64).contains(&slot) {
                return;
            }
            last = Some(slot);
            while let Some((id, rest)) = cells.split_first_chunk() {
                let Some((numbers, rest)) = rest.split_at_checked(4 * W) else { return };
                let mut numbers = numbers.as_chunks::<4>().0.iter();
                head.set(
                    slot,
                    u32::from_le_bytes(*id),
                    [(); W].map(|()| numbers.next().map_or(f32::NAN, |n| f32::from_le_bytes(*n))),
                );
                cells = rest;
            }
        })?;
        Ok((Self(frames), last))
    }

    /// Writes down what a moment brought.
    pub(crate) fn append(&mut self, slot: i64, cells: &[(u32, Cell<W>)]) -> Result<()> {
        let mut body = Vec::with_capacity(8 + cells.len() * 4 * (1 + W));
        body.extend(slot.to_le_bytes());
        for (id, cell) in cells {
            body.extend(id.to_le_bytes());
            body.extend(cell.iter().flat_map(|number| number.to_le_bytes()));
        }
        self.0.append(&body)
    }

    pub(crate) fn sync(&self) -> Result<()> {
        self.0.sync()
    }

    pub(crate) fn len(&self) -> u64 {
        self.0.len()
    }

    /// Removes the file: what it held is in a block.
    pub(crate) fn remove(self) {
        if let Err(error) = std::fs::remove_file(self.0.path()) {
            tracing::warn!(path = %self.0.path().display(), %error, "a journal that is done with stays");
        }
    }
}
