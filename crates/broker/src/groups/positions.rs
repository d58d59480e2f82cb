//! Positions that groups commit.
//!
//! Each change goes to the journal first and to memory then, under the locks of all groups concerned: a full disk
//! leaves both as they were. Whoever locks several groups does so by name.

use std::{collections::BTreeSet, sync::Arc};

use bytes::Bytes;
use headwater_model::DeploymentId;
use kafka_protocol::ResponseError;

use super::{
    Committed, Outcome, Place,
    coordinator::{Groups, Slot},
    offsets::{self, Kept},
};
use crate::{error::code, journal::Change, storage};

/// Who commits positions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Committer<'a> {
    pub(crate) member: &'a str,
    pub(crate) instance: Option<&'a str>,
    pub(crate) generation: i32,
    /// The deployment whose replica it is, when it signed in as one.
    pub(crate) deployment: Option<DeploymentId>,
}

impl Committer<'_> {
    /// The group to commit for. Plain consumers and tools may commit for a group that nobody has joined.
    fn slot(&self, groups: &Groups, group: &str) -> Outcome<Arc<Slot>> {
        match groups.slot(group) {
            Some(slot) => Ok(slot),
            None if self.generation >= 0 => Err(ResponseError::IllegalGeneration),
            None if !self.member.is_empty() || self.instance.is_some() => Err(ResponseError::UnknownMemberId),
            None => Ok(groups.slot_or_new(group)),
        }
    }
}

impl Groups {
    /// Commits positions; durable when this returns.
    pub(crate) async fn commit(
        &self,
        group: &str,
        who: &Committer<'_>,
        positions: Vec<(Place, Committed)>,
    ) -> Outcome<()> {
        let slot = who.slot(self, group)?;
        let written = self.change(&slot, |state, now| {
            state.group.may_commit(now, who.member, who.instance, who.generation)?;
            let (written, kept) = self.write(positions, |place| offsets::offset_key(group, place))?;
            kept.into_iter().for_each(|(place, kept)| state.offsets.put(place, kept));
            who.deployment.into_iter().for_each(|deployment| state.group.remember(deployment));
            Ok(written)
        })?;
        self.durable(written).await
    }

    /// Notes positions that take effect when the producer's transaction commits; durable when this returns.
    pub(crate) async fn commit_in_transaction(
        &self,
        group: &str,
        who: &Committer<'_>,
        producer: i64,
        positions: Vec<(Place, Committed)>,
    ) -> Outcome<()> {
        let slot = who.slot(self, group)?;
        let written = self.change(&slot, |state, now| {
            state.group.may_commit_in_transaction(now, who.member, who.instance, who.generation)?;
            let (written, kept) =
                self.write(positions, |place| offsets::pending_key(group, producer, place))?;
            kept.into_iter().for_each(|(place, kept)| state.offsets.put_pending(producer, place, kept));
            who.deployment.into_iter().for_each(|deployment| state.group.remember(deployment));
            Ok(written)
        })?;
        self.durable(written).await
    }

    /// Writes positions as they are to be kept.
    fn write(
        &self,
        positions: Vec<(Place, Committed)>,
        key: impl Fn(&Place) -> Bytes,
    ) -> Outcome<(i64, Vec<(Place, Kept)>)> {
        let at_ms = (self.inner.clock)();
        let kept: Vec<_> =
            positions.into_iter().map(|(place, committed)| (place, Kept { committed, at_ms })).collect();
        let changes: Vec<_> =
            kept.iter().map(|(place, kept)| Change::Put(key(place), offsets::encode(kept))).collect();
        let written = self.inner.journal.apply(&changes).map_err(|e| code(&e))?;
        Ok((written, kept))
    }

    /// Ends a producer's transaction in these groups, together with `changes`; durable when this returns.
    pub(crate) async fn end_transaction(
        &self,
        groups: &BTreeSet<String>,
        producer: i64,
        commit: bool,
        mut changes: Vec<Change>,
    ) -> storage::Result<()> {
        let slots: Vec<_> = groups.iter().filter_map(|g| self.slot(g)).collect();
        let written = {
            let mut states: Vec<_> = slots.iter().map(|slot| (slot, slot.state.lock())).collect();
            for (slot, state) in &states {
                changes.extend(state.offsets.end_changes(&slot.id, producer, commit));
            }
            let written = self.inner.journal.apply(&changes)?;
            states.iter_mut().for_each(|(_, state)| state.offsets.end(producer, commit));
            written
        };
        self.inner.journal.durable(written).await
    }

    /// A position, and whether an open transaction may still move it.
    pub(crate) fn position(&self, group: &str, place: &Place) -> (Option<Committed>, bool) {
        match self.slot(group) {
            Some(slot) => {
                let state = slot.state.lock();
                (state.offsets.get(place).cloned(), state.offsets.unstable(place))
            }
            None => (None, false),
        }
    }

    /// The places for which a group has positions, or may have soon.
    pub(crate) fn places(&self, group: &str) -> BTreeSet<Place> {
        self.slot(group).map(|slot| slot.state.lock().offsets.places()).unwrap_or_default()
    }

    /// Forgets positions of a group; durable when this returns. Partitions of topics that its members are
    /// subscribed to are refused.
    pub(crate) async fn forget(&self, group: &str, places: &[Place]) -> Outcome<Vec<Outcome<()>>> {
        let slot = self.slot(group).ok_or(ResponseError::GroupIdNotFound)?;
        let (outcomes, written) = {
            let mut state = slot.state.lock();
            let subscribed = state.group.subscribed_topics();
            let refused = |place: &Place| subscribed.as_ref().is_none_or(|topics| topics.contains(&place.0));
            let outcome = |place| match refused(place) {
                true => Err(ResponseError::GroupSubscribedToTopic),
                false => Ok(()),
            };
            let outcomes: Vec<Outcome<()>> = places.iter().map(outcome).collect();
            let gone: Vec<_> = places.iter().filter(|place| !refused(place)).collect();
            let changes: Vec<_> =
                gone.iter().flat_map(|place| state.offsets.forget_changes(group, place)).collect();
            let written = self.inner.journal.apply(&changes).map_err(|e| code(&e))?;
            gone.into_iter().for_each(|place| state.offsets.forget(place));
            (outcomes, written)
        };
        self.durable(written).await?;
        Ok(outcomes)
    }

    /// Forgets all groups' positions in a topic, together with `changes`. Returns what to wait for.
    pub(crate) fn forget_topic(&self, topic: &str, mut changes: Vec<Change>) -> storage::Result<i64> {
        let slots = self.slots();
        let mut concerned = Vec::new();
        for slot in &slots {
            let state = slot.state.lock();
            let places: Vec<_> =
                state.offsets.places().into_iter().filter(|(name, _)| name == topic).collect();
            if !places.is_empty() {
                changes.extend(places.iter().flat_map(|place| state.offsets.forget_changes(&slot.id, place)));
                concerned.push((state, places));
            }
        }
        let written = self.inner.journal.apply(&changes)?;
        for (state, places) in &mut concerned {
            places.iter().for_each(|place| state.offsets.forget(place));
        }
        Ok(written)
    }

    pub(super) async fn durable(&self, written: i64) -> Outcome<()> {
        self.inner.journal.durable(written).await.map_err(|e| code(&e))
    }
}
