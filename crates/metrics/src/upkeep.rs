//! What becomes of blocks: small ones are put together, old ones go.

use std::{collections::HashSet, fs, sync::Arc};

use crate::{
    Result,
    block::{Block, Index},
    head::gap,
    level::{Level, overlay},
};

impl<const W: usize> Level<W> {
    /// Removes the blocks that are too old at `now`, and those of a future that only a wrong clock can have told.
    pub(crate) fn expire(&self, now: i64) {
        let kept = now - self.plan.keep..now + self.plan.keep;
        self.drop_blocks(|block| block.end() <= kept.start || block.start > kept.end);
    }

    /// Puts the blocks of each span that is over into one, without the series that are not kept.
    pub(crate) fn merge(&self, now: i64, keep: impl Fn(u32) -> bool) -> Result<()> {
        let span = |block: &Block<W>| block.start.div_euclid(self.plan.merged) * self.plan.merged;
        let small = |block: &Block<W>| (block.slots as i64) < self.plan.merged;
        let mut over: Vec<_> = {
            let state = self.state.read();
            let over =
                state.blocks.iter().filter(|block| small(block) && span(block) + self.plan.merged <= now);
            over.map(|block| span(block)).collect()
        };
        over.sort_unstable();
        over.dedup();
        for start in over {
            let parts: Vec<_> =
                self.state.read().blocks.iter().filter(|block| span(block) == start).cloned().collect();
            let merged = self.merged(start, &parts, &keep)?;
            self.place(merged);
            self.drop_blocks(|block| small(block) && span(block) == start);
        }
        Ok(())
    }

    fn merged(&self, start: i64, parts: &[Arc<Block<W>>], keep: &impl Fn(u32) -> bool) -> Result<Block<W>> {
        let slots = self.plan.merged;
        let parts: Vec<(&Block<W>, Index)> =
            parts.iter().map(|block| Ok((&**block, block.index()?))).collect::<Result<_>>()?;
        let ids: HashSet<_> =
            parts.iter().flat_map(|(_, index)| index.ids()).filter(|id| keep(*id)).collect();
        let mut ids: Vec<_> = ids.into_iter().collect();
        ids.sort_unstable();
        Block::write(&self.path(start, slots), (start, slots as usize), &ids, |id| {
            let mut cells = vec![gap(); slots as usize];
            for (block, index) in &parts {
                // What cannot be read would be lost either way; the rest is worth keeping.
                match block.column(index, id) {
                    Ok(column) => overlay(&mut cells, start, block.start, &column),
                    Err(error) => tracing::error!(%error, "figures are lost"),
                }
            }
            Ok(cells)
        })
    }

    fn drop_blocks(&self, which: impl Fn(&Block<W>) -> bool) {
        let blocks = &mut self.state.write().blocks;
        blocks.retain(|block| {
            let goes = which(block);
            if goes && let Err(error) = fs::remove_file(&block.path) {
                tracing::warn!(path = %block.path.display(), %error, "a file that is done with stays");
            }
            !goes
        });
    }
}
