//! One resolution: a head with its journal, and blocks on disk.

use std::{
    collections::HashSet,
    fs,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::{Mutex, RwLock};

use crate::{
    Error, Result,
    block::{Block, Index},
    head::{Cell, Head, gap, is_gap},
    journal::Journal,
};

/// How a resolution is kept; all in slots, which are as long as the resolution is fine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Slots of a block.
    pub(crate) block: i64,
    /// Slots of the blocks into which others are put together; the same when they are not.
    pub(crate) merged: i64,
    /// Slots that are kept.
    pub(crate) keep: i64,
}

pub(crate) struct Level<const W: usize> {
    pub(super) plan: Plan,
    folder: PathBuf,
    pub(super) state: RwLock<State<W>>,
    /// Held by who writes.
    journal: Mutex<Option<Journal<W>>>,
}

pub(super) struct State<const W: usize> {
    pub(super) head: Option<Head<W>>,
    /// What is being made a block of.
    sealing: Option<Arc<Head<W>>>,
    /// The longest first: a shorter one is newer and is written over it.
    pub(super) blocks: Vec<Arc<Block<W>>>,
}

/// What some series have in some span, as it is now.
pub(crate) struct View<const W: usize> {
    span: Range<i64>,
    blocks: Vec<(Arc<Block<W>>, Index)>,
    heads: Vec<Head<W>>,
}

impl<const W: usize> Level<W> {
    /// Opens or makes the folder and takes up where it was left; also says which slot was written last.
    pub(crate) fn open(folder: PathBuf, plan: Plan) -> Result<(Self, Option<i64>)> {
        fs::create_dir_all(&folder).map_err(Error::io(&folder))?;
        let state = State { head: None, sealing: None, blocks: Vec::new() };
        let level = Self { plan, folder, state: RwLock::new(state), journal: Mutex::new(None) };
        let mut journals = Vec::new();
        for entry in fs::read_dir(&level.folder).map_err(Error::io(&level.folder))? {
            let path = entry.map_err(Error::io(&level.folder))?.path();
            match path.extension().and_then(|extension| extension.to_str()) {
                Some("block") => level.take_up(path),
                Some("journal") => journals.extend(start_of(&path)),
                // Half a file, from when the process ended.
                _ => drop(fs::remove_file(&path)),
            }
        }
        journals.sort_unstable();
        let mut last = None;
        let mut journal = level.journal.lock();
        for start in journals {
            // All but one were being made blocks of.
            level.turn(&mut journal, start, &mut last)?;
        }
        drop(journal);
        Ok((level, last))
    }

    fn take_up(&self, path: PathBuf) {
        match Block::open(path.clone()) {
            Ok(block) => self.place(block),
            Err(error) => {
                tracing::error!(%error, "figures are lost");
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Adds a block, in place of the one of the same span.
    pub(super) fn place(&self, block: Block<W>) {
        let blocks = &mut self.state.write().blocks;
        blocks.retain(|other| (other.start, other.slots) != (block.start, block.slots));
        blocks.push(Arc::new(block));
        blocks.sort_by_key(|block| (std::cmp::Reverse(block.slots), block.start));
    }

    pub(super) fn path(&self, start: i64, slots: i64) -> PathBuf {
        self.folder.join(format!("{start}_{slots}.block"))
    }

    /// Writes what a moment brought; true when this began a new block.
    pub(crate) fn put(&self, slot: i64, cells: &[(u32, Cell<W>)]) -> Result<bool> {
        let mut journal = self.journal.lock();
        let start = slot.div_euclid(self.plan.block) * self.plan.block;
        let turns =
            journal.is_none() || self.state.read().head.as_ref().is_none_or(|head| head.start != start);
        if turns {
            self.turn(&mut journal, start, &mut None)?;
        }
        if let Some(journal) = journal.as_mut() {
            journal.append(slot, cells)?;
        }
        if let Some(head) = &mut self.state.write().head {
            cells.iter().for_each(|(id, cell)| head.set(slot, *id, *cell));
        }
        Ok(turns)
    }

    /// Makes a block of the head, and begins the one at `start` with what there is of it already: a clock that goes back
    /// comes to a time that has been.
    fn turn(&self, journal: &mut Option<Journal<W>>, start: i64, last: &mut Option<i64>) -> Result<()> {
        let done = {
            let mut state = self.state.write();
            state.sealing = state.head.take().map(Arc::new);
            state.sealing.clone()
        };
        let sealed = done.filter(|head| !head.is_empty()).map_or(Ok(()), |head| self.seal(&head));
        self.state.write().sealing = None;
        match (sealed, journal.take()) {
            (Ok(()), done) => done.into_iter().for_each(Journal::remove),
            // The journal stays, and a block is made of it at the next start.
            (Err(error), _) => tracing::error!(%error, "figures cannot be put away"),
        }
        let mut head = Head::new(start, self.plan.block as usize);
        let blocks = self.state.read().blocks.clone();
        let reaches = |block: &&Arc<Block<W>>| block.start < start + self.plan.block && block.end() > start;
        for block in blocks.iter().filter(reaches) {
            if let Err(error) = block.copy_into(&mut head) {
                tracing::error!(%error, "figures are lost");
            }
        }
        let path = self.folder.join(format!("{start}.journal"));
        let (opened, written) = Journal::open(path, &mut head)?;
        *last = written.or(*last);
        *journal = Some(opened);
        self.state.write().head = Some(head);
        Ok(())
    }

    fn seal(&self, head: &Head<W>) -> Result<()> {
        let path = self.path(head.start, head.slots as i64);
        let block =
            Block::write(&path, (head.start, head.slots), &head.ids(), |id| Ok(head.column(id).to_vec()))?;
        self.place(block);
        Ok(())
    }

    /// What `ids` have in `span`.
    pub(crate) fn view(&self, ids: &[u32], span: Range<i64>) -> View<W> {
        let state = self.state.read();
        let reaches = |start: i64, end: i64| start < span.end && end > span.start;
        let heads = state.sealing.as_deref().into_iter().chain(&state.head);
        let heads = heads.filter(|head| reaches(head.start, head.start + head.slots as i64));
        let heads = heads.map(|head| head.only(ids)).collect();
        let blocks = state.blocks.iter().filter(|block| reaches(block.start, block.end()));
        let blocks: Vec<_> = blocks.cloned().collect();
        drop(state);
        let open = |block: Arc<Block<W>>| match block.index() {
            Ok(index) => Some((block, index)),
            Err(error) => {
                tracing::error!(%error, "figures cannot be read");
                None
            }
        };
        View { span, blocks: blocks.into_iter().filter_map(open).collect(), heads }
    }

    /// Makes what is in the journal survive a power cut.
    pub(crate) fn sync(&self) -> Result<()> {
        self.journal.lock().as_ref().map_or(Ok(()), Journal::sync)
    }

    /// The slot after the last block.
    pub(crate) fn end(&self) -> Option<i64> {
        self.state.read().blocks.iter().map(|block| block.end()).max()
    }

    /// Every series that has anything.
    pub(crate) fn ids(&self) -> Result<HashSet<u32>> {
        let state = self.state.read();
        let heads = state.sealing.as_deref().into_iter().chain(&state.head);
        let mut ids: HashSet<_> = heads.flat_map(Head::ids).collect();
        for block in &state.blocks {
            ids.extend(block.index()?.ids());
        }
        Ok(ids)
    }

    /// Bytes on disk.
    pub(crate) fn bytes(&self) -> u64 {
        let journal = self.journal.lock().as_ref().map_or(0, Journal::len);
        journal + self.state.read().blocks.iter().map(|block| block.bytes).sum::<u64>()
    }

    /// Bytes of memory that figures take.
    pub(crate) fn memory(&self) -> usize {
        self.state.read().head.as_ref().map_or(0, Head::memory)
    }
}

impl<const W: usize> View<W> {
    /// The cells of a series over the whole span.
    pub(crate) fn cells(&self, id: u32) -> Vec<Cell<W>> {
        let mut out = vec![gap(); (self.span.end - self.span.start).max(0) as usize];
        for (block, index) in &self.blocks {
            match block.column(index, id) {
                Ok(cells) => overlay(&mut out, self.span.start, block.start, &cells),
                Err(error) => tracing::error!(%error, "figures cannot be read"),
            }
        }
        for head in &self.heads {
            overlay(&mut out, self.span.start, head.start, head.column(id));
        }
        out
    }
}

/// Writes `cells`, which begin at `start`, over those in `out`, which begin at `from`.
pub(super) fn overlay<const W: usize>(out: &mut [Cell<W>], from: i64, start: i64, cells: &[Cell<W>]) {
    for (slot, cell) in (start..).zip(cells).filter(|(_, cell)| !is_gap(cell)) {
        if let Some(place) = usize::try_from(slot - from).ok().and_then(|at| out.get_mut(at)) {
            *place = *cell;
        }
    }
}

fn start_of(path: &Path) -> Option<i64> {
    path.file_stem()?.to_str()?.parse().ok()
}
