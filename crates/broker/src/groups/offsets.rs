//! Positions of groups.

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::{
    journal::Change,
    keys::{Key, Kind, Parts},
};

/// A topic and partition.
pub(crate) type Place = (String, i32);

/// A position with what the client notes beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Committed {
    /// Next offset to read.
    pub(crate) offset: i64,
    /// Leader epoch of the last record read; −1 when not known.
    pub(crate) leader_epoch: i32,
    /// The client's own note.
    pub(crate) metadata: Option<String>,
}

/// A position as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub(super) committed: Committed,
    /// When it was committed, milliseconds since 1970; 0 when that is not known.
    #[serde(default)]
    pub(super) at_ms: i64,
}

impl Kept {
    /// Positions of which it is not known when they were committed count from now on.
    pub(super) fn dated(self, now_ms: i64) -> Self {
        let at_ms = if self.at_ms == 0 { now_ms } else { self.at_ms };
        Self { at_ms, ..self }
    }
}

/// All positions of a group.
#[derive(Debug, Default)]
pub(super) struct Offsets {
    committed: BTreeMap<Place, Kept>,
    /// Positions that take effect when their producer's transaction commits.
    pending: BTreeMap<i64, BTreeMap<Place, Kept>>,
}

impl Offsets {
    pub(super) fn is_empty(&self) -> bool {
        self.committed.is_empty() && self.pending.is_empty()
    }

    pub(super) fn get(&self, place: &Place) -> Option<&Committed> {
        self.committed.get(place).map(|kept| &kept.committed)
    }

    /// All committed positions.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Place, &Committed)> {
        self.committed.iter().map(|(place, kept)| (place, &kept.committed))
    }

    /// Whether an open transaction may still move this position.
    pub(super) fn unstable(&self, place: &Place) -> bool {
        self.pending.values().any(|p| p.contains_key(place))
    }

    /// Places whose positions are committed or pending.
    pub(super) fn places(&self) -> BTreeSet<Place> {
        self.committed.keys().chain(self.pending.values().flat_map(BTreeMap::keys)).cloned().collect()
    }

    /// Places that were committed before a time and that no open transaction may still move.
    pub(super) fn expired(&self, before_ms: i64) -> Vec<Place> {
        let old = self.committed.iter().filter(|(_, kept)| kept.at_ms < before_ms);
        old.map(|(place, _)| place).filter(|place| !self.unstable(place)).cloned().collect()
    }

    pub(super) fn put(&mut self, place: Place, kept: Kept) {
        self.committed.insert(place, kept);
    }

    pub(super) fn put_pending(&mut self, producer: i64, place: Place, kept: Kept) {
        self.pending.entry(producer).or_default().insert(place, kept);
    }

    /// What the end of a producer's transaction changes on disk.
    pub(super) fn end_changes(&self, group: &str, producer: i64, commit: bool) -> Vec<Change> {
        let pending = self.pending.get(&producer).into_iter().flatten();
        pending
            .flat_map(|(place, kept)| {
                let put = commit.then(|| Change::Put(offset_key(group, place), encode(kept)));
                put.into_iter().chain([Change::Delete(pending_key(group, producer, place))])
            })
            .collect()
    }

    /// Lets the end of a producer's transaction take effect.
    pub(super) fn end(&mut self, producer: i64, commit: bool) {
        let ended = self.pending.remove(&producer).unwrap_or_default();
        if commit {
            self.committed.extend(ended);
        }
    }

    /// What forgetting a place changes on disk.
    pub(super) fn forget_changes(&self, group: &str, place: &Place) -> Vec<Change> {
        let committed = self.committed.contains_key(place).then(|| offset_key(group, place));
        let pending = self.pending.iter().filter(|(_, pending)| pending.contains_key(place));
        let pending = pending.map(|(producer, _)| pending_key(group, *producer, place));
        committed.into_iter().chain(pending).map(Change::Delete).collect()
    }

    /// Forgets a place.
    pub(super) fn forget(&mut self, place: &Place) {
        self.committed.remove(place);
        self.pending.values_mut().for_each(|pending| drop(pending.remove(place)));
        self.pending.retain(|_, pending| !pending.is_empty());
    }
}

pub(super) fn offset_key(group: &str, (topic, partition): &Place) -> Bytes {
    Key::new(Kind::Offset).name(group).name(topic).number(i64::from(*partition)).build()
}

pub(super) fn pending_key(group: &str, producer: i64, (topic, partition): &Place) -> Bytes {
    Key::new(Kind::PendingOffset)
        .name(group)
        .number(producer)
        .name(topic)
        .number(i64::from(*partition))
        .build()
}

pub(super) fn encode(kept: &Kept) -> Bytes {
    serde_json::to_vec(kept).expect("a position is plain data").into()
}

/// A stored position: group and place.
pub(super) fn read_offset(key: &[u8], value: &[u8]) -> Option<(String, Place, Kept)> {
    let mut parts = Parts::of(key);
    let (group, topic, partition) = (parts.name()?, parts.name()?, parts.number()?);
    let place = (topic.to_owned(), i32::try_from(partition).ok()?);
    Some((group.to_owned(), place, serde_json::from_slice(value).ok()?))
}

/// A stored pending position: group, producer and place.
pub(super) fn read_pending(key: &[u8], value: &[u8]) -> Option<(String, i64, Place, Kept)> {
    let mut parts = Parts::of(key);
    let (group, producer) = (parts.name()?, parts.number()?);
    let (topic, partition) = (parts.name()?, parts.number()?);
    let place = (topic.to_owned(), i32::try_from(partition).ok()?);
    Some((group.to_owned(), producer, place, serde_json::from_slice(value).ok()?))
}
