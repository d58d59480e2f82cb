//! The block that is being filled, in memory.

use std::collections::HashMap;

/// `W` numbers of one series at one moment; a gap is not a number.
pub(crate) type Cell<const W: usize> = [f32; W];

/// What stands for a gap.
pub(crate) const fn gap<const W: usize>() -> Cell<W> {
    [f32::NAN; W]
}

pub(crate) fn is_gap<const W: usize>(cell: &Cell<W>) -> bool {
    cell[0].is_nan()
}

/// The cells of `slots` moments from `start` on, by series.
#[derive(Debug, Clone)]
pub(crate) struct Head<const W: usize> {
    pub(crate) start: i64,
    pub(crate) slots: usize,
    columns: HashMap<u32, Vec<Cell<W>>>,
}

impl<const W: usize> Head<W> {
    pub(crate) fn new(start: i64, slots: usize) -> Self {
        Self { start, slots, columns: HashMap::new() }
    }

    /// Writes a cell, over the one that is there. `slot` is one of this block's.
    pub(crate) fn set(&mut self, slot: i64, id: u32, cell: Cell<W>) {
        let at = (slot - self.start) as usize;
        let column = self.columns.entry(id).or_default();
        if column.len() <= at {
            column.reserve_exact(self.slots - column.len());
            column.resize(at + 1, gap());
        }
        column[at] = cell;
    }

    /// The cells of a series from `start` on; those after the last are gaps.
    pub(crate) fn column(&self, id: u32) -> &[Cell<W>] {
        self.columns.get(&id).map_or(&[], Vec::as_slice)
    }

    /// All series that have cells, in order.
    pub(crate) fn ids(&self) -> Vec<u32> {
        let mut ids: Vec<_> = self.columns.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The same with some of its series alone.
    pub(crate) fn only(&self, ids: &[u32]) -> Self {
        let columns = ids.iter().filter_map(|id| Some((*id, self.columns.get(id)?.clone())));
        Self { start: self.start, slots: self.slots, columns: columns.collect() }
    }

    /// Bytes that it takes.
    pub(crate) fn memory(&self) -> usize {
        self.columns.values().map(|column| column.capacity() * size_of::<Cell<W>>()).sum()
    }

    /// Forgets the series that are not kept.
    pub(crate) fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        self.columns.retain(|id, _| keep(*id));
    }
}

impl Head<1> {
    /// The least, average and greatest of each series in the `slots` from `from` on.
    pub(crate) fn summaries(&self, from: i64, slots: usize) -> Vec<(u32, Cell<3>)> {
        let of = |id: u32| Some((id, summary(self.part(id, from, slots))?));
        self.ids().into_iter().filter_map(of).collect()
    }

    /// The same of one series.
    pub(crate) fn summary(&self, id: u32, from: i64, slots: usize) -> Option<Cell<3>> {
        summary(self.part(id, from, slots))
    }

    fn part(&self, id: u32, from: i64, slots: usize) -> &[Cell<1>] {
        let column = self.column(id);
        let at = usize::try_from(from - self.start).unwrap_or(usize::MAX).min(column.len());
        &column[at..(at + slots).min(column.len())]
    }
}

fn summary(cells: &[Cell<1>]) -> Option<Cell<3>> {
    let (mut min, mut max, mut sum, mut count) = (f32::INFINITY, f32::NEG_INFINITY, 0.0, 0.0);
    for [number] in cells.iter().filter(|cell| !is_gap(cell)) {
        (min, max) = (min.min(*number), max.max(*number));
        sum += f64::from(*number);
        count += 1.0;
    }
    (count > 0.0).then(|| [min, coarse((sum / count) as f32).clamp(min, max), max])
}

/// An average to about five digits: more are noise, and noise does not compress.
fn coarse(number: f32) -> f32 {
    const NOISE: u32 = 7;
    f32::from_bits((number.to_bits() + (1 << (NOISE - 1))) & !((1 << NOISE) - 1))
}
