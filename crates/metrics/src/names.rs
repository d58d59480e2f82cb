//! The names of series, and the numbers that stand for them in files.

use std::{
    collections::BTreeMap,
    ops::Bound,
    path::{Path, PathBuf},
};

use crate::{
    Result,
    frames::{Frames, replace},
};

const ADDED: u8 = 1;
const REMOVED: u8 = 0;
/// The file is written anew when it has so many entries more than twice the names there are.
const SLACK: usize = 1000;

/// All names, in memory and in a file.
pub(crate) struct Names {
    ids: BTreeMap<String, u32>,
    next: u32,
    file: Frames,
}

impl Names {
    pub(crate) fn open(path: PathBuf) -> Result<Self> {
        let (mut ids, mut next, mut entries) = (BTreeMap::new(), 0, 0);
        let mut file = Frames::open(path.clone(), |body| {
            let Some((op, id, name)) = parse(body) else { return };
            entries += 1;
            next = next.max(id + 1);
            match op {
                ADDED => ids.insert(name.to_owned(), id),
                _ => ids.remove(name),
            };
        })?;
        if entries > 2 * ids.len() + SLACK {
            drop(file);
            file = compact(&path, &ids)?;
        }
        Ok(Self { ids, next, file })
    }

    /// Numbers below `next` stand for something already.
    pub(crate) fn reserve(&mut self, next: u32) {
        self.next = self.next.max(next);
    }

    pub(crate) fn get(&self, name: &str) -> Option<u32> {
        self.ids.get(name).copied()
    }

    /// Gives a new name a number that never stood for anything else.
    pub(crate) fn add(&mut self, name: &str) -> Result<u32> {
        let id = self.next;
        self.file.append(&frame(ADDED, id, name))?;
        self.next += 1;
        self.ids.insert(name.to_owned(), id);
        Ok(id)
    }

    /// Forgets the names that are not kept; says whether there were any.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str, u32) -> bool) -> Result<bool> {
        let gone: Vec<_> = self
            .ids
            .iter()
            .filter(|(name, id)| !keep(name, **id))
            .map(|(name, id)| (name.clone(), *id))
            .collect();
        for (name, id) in &gone {
            self.file.append(&frame(REMOVED, *id, name))?;
            self.ids.remove(name);
        }
        Ok(!gone.is_empty())
    }

    /// The names that begin with `prefix`, in order.
    pub(crate) fn starting_with(&self, prefix: &str) -> Vec<(String, u32)> {
        let from = self.ids.range::<str, _>((Bound::Included(prefix), Bound::Unbounded));
        from.take_while(|(name, _)| name.starts_with(prefix)).map(|(name, id)| (name.clone(), *id)).collect()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = u32> {
        self.ids.values().copied()
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync()
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.file.len()
    }
}

fn frame(op: u8, id: u32, name: &str) -> Vec<u8> {
    [&[op][..], &id.to_le_bytes(), name.as_bytes()].concat()
}

fn parse(body: &[u8]) -> Option<(u8, u32, &str)> {
    let (op, rest) = body.split_first()?;
    let (id, name) = rest.split_first_chunk()?;
    Some((*op, u32::from_le_bytes(*id), std::str::from_utf8(name).ok()?))
}

fn compact(path: &Path, ids: &BTreeMap<String, u32>) -> Result<Frames> {
    replace(path, |_| Ok(()))?;
    let mut file = Frames::open(path.to_owned(), |_| {})?;
    for (name, id) in ids {
        file.append(&frame(ADDED, *id, name))?;
    }
    file.sync()?;
    Ok(file)
}
