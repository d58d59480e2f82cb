//! All groups of a broker: time-outs, and what survives a restart.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use kafka_protocol::ResponseError;
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Committed, Group, GroupSettings, Join, JoinAnswer, Millis, Outcome, Place, Sync, SyncAnswer,
    group::Phase,
    join::Refused,
    offsets::{self, Offsets},
    snapshot::Snapshot,
};
use crate::{
    error::code,
    journal::{Change, Journal},
    keys::{Key, Kind, Parts},
    storage,
};

/// A group as an administrator sees it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Description {
    pub(crate) state: &'static str,
    pub(crate) protocol_type: String,
    pub(crate) protocol: String,
    pub(crate) members: Vec<DescribedMember>,
}

/// A member as an administrator sees it.
#[derive(Debug, Clone)]
pub(crate) struct DescribedMember {
    pub(crate) id: String,
    pub(crate) instance: Option<String>,
    pub(crate) client_id: String,
    pub(crate) client_host: String,
    pub(crate) metadata: Bytes,
    pub(crate) assignment: Bytes,
}

/// The coordinator of all groups. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Groups {
    inner: Arc<Inner>,
}

struct Inner {
    groups: Mutex<BTreeMap<String, Arc<Slot>>>,
    journal: Journal,
    settings: GroupSettings,
    start: Instant,
    tasks: TaskTracker,
    stop: CancellationToken,
}

struct Slot {
    id: String,
    state: Mutex<State>,
    /// The group has an earlier deadline than before.
    wake: Notify,
}

struct State {
    group: Group,
    offsets: Offsets,
    /// A task drives the group's time-outs.
    driven: bool,
}

impl Groups {
    /// Reads the groups that stand.
    pub(crate) fn open(
        journal: Journal,
        settings: GroupSettings,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let inner = Inner { groups: Mutex::default(), journal, settings, start: Instant::now(), tasks, stop };
        let groups = Self { inner: Arc::new(inner) };
        groups.restore();
        groups
    }

    fn restore(&self) {
        let now = self.now();
        let journal = &self.inner.journal;
        for (key, value) in journal.scan(&[Kind::Group as u8]) {
            let id = Parts::of(&key).name().map(str::to_owned);
            let snapshot = serde_json::from_slice::<Snapshot>(&value).ok();
            let (Some(id), Some(snapshot)) = (id, snapshot) else {
                tracing::error!(key = %key.escape_ascii(), "a group cannot be read and is left out");
                continue;
            };
            let slot = self.slot_or_new(&id);
            let mut state = slot.state.lock();
            state.group = snapshot.restore(id, self.inner.settings, now);
            self.drive(&slot, &mut state);
        }
        for (key, value) in journal.scan(&[Kind::Offset as u8]) {
            if let Some((group, place, committed)) = offsets::read_offset(&key, &value) {
                self.slot_or_new(&group).state.lock().offsets.put(place, committed);
            }
        }
        for (key, value) in journal.scan(&[Kind::PendingOffset as u8]) {
            if let Some((group, producer, place, committed)) = offsets::read_pending(&key, &value) {
                self.slot_or_new(&group).state.lock().offsets.put_pending(producer, place, committed);
            }
        }
    }

    fn now(&self) -> Millis {
        self.inner.start.elapsed().as_millis() as Millis
    }

    fn slot(&self, id: &str) -> Option<Arc<Slot>> {
        self.inner.groups.lock().get(id).cloned()
    }

    fn slot_or_new(&self, id: &str) -> Arc<Slot> {
        let mut groups = self.inner.groups.lock();
        if let Some(slot) = groups.get(id) {
            return slot.clone();
        }
        let group = Group::new(id.to_owned(), self.inner.settings);
        let state = State { group, offsets: Offsets::default(), driven: false };
        let slot = Arc::new(Slot { id: id.to_owned(), state: Mutex::new(state), wake: Notify::new() });
        groups.insert(id.to_owned(), slot.clone());
        slot
    }

    /// Changes a group; what changed is written, and its time-outs are driven.
    fn change<T>(&self, slot: &Arc<Slot>, change: impl FnOnce(&mut State, Millis) -> T) -> T {
        let mut state = slot.state.lock();
        let result = change(&mut state, self.now());
        self.settle(slot, &mut state);
        result
    }

    fn settle(&self, slot: &Arc<Slot>, state: &mut State) {
        self.keep(slot, state);
        self.drive(slot, state);
        slot.wake.notify_one();
    }

    /// Writes the members when they changed.
    fn keep(&self, slot: &Slot, state: &mut State) {
        // Only what members work by is kept: a group caught in a rebalance starts over after a restart.
        if matches!(state.group.phase(), Phase::Stable | Phase::Empty) && state.group.take_changed() {
            let key = Key::new(Kind::Group).name(&slot.id).build();
            let snapshot = serde_json::to_vec(&Snapshot::of(&state.group)).expect("a group is plain data");
            // Members would join again after a restart that finds an older generation.
            if let Err(error) = self.inner.journal.apply(&[Change::Put(key, snapshot.into())]) {
                tracing::error!(group = %slot.id, %error, "members of the group cannot be written");
            }
        }
    }

    /// Starts the task that lets a group's time-outs take effect, unless it runs.
    fn drive(&self, slot: &Arc<Slot>, state: &mut State) {
        if state.driven || state.group.deadline().is_none() {
            return;
        }
        state.driven = true;
        let (groups, slot) = (self.clone(), slot.clone());
        self.inner.tasks.spawn(async move {
            tokio::select! {
                () = groups.inner.stop.cancelled() => {}
                () = groups.keep_time(&slot) => {}
            }
        });
    }

    async fn keep_time(&self, slot: &Arc<Slot>) {
        loop {
            let wait = {
                let mut state = slot.state.lock();
                let now = self.now();
                state.group.tick(now);
                self.keep(slot, &mut state);
                match state.group.deadline() {
                    Some(deadline) => Duration::from_millis(deadline.saturating_sub(now)),
                    None => {
                        state.driven = false;
                        return;
                    }
                }
            };
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = slot.wake.notified() => {}
            }
        }
    }

    /// Lets a member in; answers when all have joined.
    pub(crate) async fn join(&self, group: &str, join: Join) -> Result<JoinAnswer, Refused> {
        let member = join.member.clone();
        let refused = |error| Refused { error, member: member.clone() };
        let (reply, answer) = oneshot::channel();
        // A member that is known needs a group; others may begin one.
        let slot = match join.member.is_empty() {
            true => self.slot_or_new(group),
            false => self.slot(group).ok_or_else(|| refused(ResponseError::UnknownMemberId))?,
        };
        self.change(&slot, |state, now| state.group.join(now, join, reply))?;
        answer.await.unwrap_or(Err(ResponseError::CoordinatorNotAvailable)).map_err(refused)
    }

    /// A member's assignment, once its leader has made it.
    pub(crate) async fn sync(&self, group: &str, sync: Sync) -> Outcome<SyncAnswer> {
        let slot = self.slot(group).ok_or(ResponseError::UnknownMemberId)?;
        let (reply, answer) = oneshot::channel();
        self.change(&slot, |state, now| state.group.sync(now, sync, reply))?;
        answer.await.unwrap_or(Err(ResponseError::CoordinatorNotAvailable))
    }

    /// A sign of life.
    pub(crate) fn heartbeat(
        &self,
        group: &str,
        member: &str,
        instance: Option<&str>,
        generation: i32,
    ) -> Outcome<()> {
        let slot = self.slot(group).ok_or(ResponseError::UnknownMemberId)?;
        let mut state = slot.state.lock();
        state.group.heartbeat(self.now(), member, instance, generation)
    }

    /// A member leaves; returns its id.
    pub(crate) fn leave(&self, group: &str, member: &str, instance: Option<&str>) -> Outcome<String> {
        let slot = self.slot(group).ok_or(ResponseError::UnknownMemberId)?;
        self.change(&slot, |state, now| state.group.leave(now, member, instance))
    }

    /// Commits positions; durable when this returns.
    pub(crate) async fn commit(
        &self,
        group: &str,
        who: &Committer<'_>,
        positions: Vec<(Place, Committed)>,
    ) -> Outcome<()> {
        // Plain consumers and tools may commit for a group that nobody has joined.
        let slot = match who.generation < 0 {
            true => self.slot_or_new(group),
            false => self.slot(group).ok_or(ResponseError::IllegalGeneration)?,
        };
        let written = self.change(&slot, |state, now| {
            state.group.may_commit(now, who.member, who.instance, who.generation)?;
            let put = |(place, c): &(Place, Committed)| {
                Change::Put(offsets::offset_key(group, place), offsets::encode(c))
            };
            let changes: Vec<_> = positions.iter().map(put).collect();
            let written = self.inner.journal.apply(&changes).map_err(|e| code(&e))?;
            positions.into_iter().for_each(|(place, committed)| state.offsets.put(place, committed));
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
        let slot = self.slot_or_new(group);
        let written = self.change(&slot, |state, now| {
            state.group.may_commit_in_transaction(now, who.member, who.instance, who.generation)?;
            let put = |(place, c): &(Place, Committed)| {
                Change::Put(offsets::pending_key(group, producer, place), offsets::encode(c))
            };
            let changes: Vec<_> = positions.iter().map(put).collect();
            let written = self.inner.journal.apply(&changes).map_err(|e| code(&e))?;
            let positions = positions.into_iter();
            positions.for_each(|(place, committed)| state.offsets.put_pending(producer, place, committed));
            Ok(written)
        })?;
        self.durable(written).await
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
        for slot in &slots {
            changes.extend(slot.state.lock().offsets.end_changes(&slot.id, producer, commit));
        }
        let written = self.inner.journal.apply(&changes)?;
        for slot in &slots {
            slot.state.lock().offsets.end(producer, commit);
        }
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

    /// All committed positions of a group.
    pub(crate) fn positions(&self, group: &str) -> BTreeMap<Place, Committed> {
        self.slot(group).map(|slot| slot.state.lock().offsets.all().clone()).unwrap_or_default()
    }

    /// Groups that have members or positions: name, state, protocol type.
    pub(crate) fn list(&self) -> Vec<(String, &'static str, String)> {
        let slots: Vec<_> = self.inner.groups.lock().values().cloned().collect();
        let described = slots.iter().filter_map(|slot| {
            let state = slot.state.lock();
            let used = !state.group.is_idle() || !state.offsets.is_empty();
            let description = state.group.describe();
            used.then(|| (slot.id.clone(), description.state, description.protocol_type))
        });
        described.collect()
    }

    /// A group as it is; a group that nobody has used is dead.
    pub(crate) fn describe(&self, group: &str) -> Description {
        let described = self.slot(group).map(|slot| {
            let state = slot.state.lock();
            let used = !state.group.is_idle() || !state.offsets.is_empty();
            used.then(|| state.group.describe())
        });
        described.flatten().unwrap_or(Description { state: "Dead", ..Description::default() })
    }

    /// Removes a group without members, with its positions; durable when this returns.
    pub(crate) async fn delete(&self, group: &str) -> Outcome<()> {
        let slot = self.slot(group).ok_or(ResponseError::GroupIdNotFound)?;
        let written = {
            let mut state = slot.state.lock();
            if state.group.is_idle() && state.offsets.is_empty() {
                return Err(ResponseError::GroupIdNotFound);
            }
            state.group.kill()?;
            let places = state.offsets.places();
            let mut changes: Vec<_> =
                places.iter().flat_map(|place| state.offsets.forget(group, place)).collect();
            changes.push(Change::Delete(Key::new(Kind::Group).name(group).build()));
            self.inner.journal.apply(&changes).map_err(|e| code(&e))?
        };
        self.inner.groups.lock().remove(group);
        self.durable(written).await
    }

    /// Forgets positions of a group; durable when this returns. Partitions of topics that its members are
    /// subscribed to are refused.
    pub(crate) async fn forget(&self, group: &str, places: &[Place]) -> Outcome<Vec<Outcome<()>>> {
        let slot = self.slot(group).ok_or(ResponseError::GroupIdNotFound)?;
        let (outcomes, written) = {
            let mut state = slot.state.lock();
            let subscribed = state.group.subscribed_topics();
            let mut changes = Vec::new();
            let mut outcomes = Vec::new();
            for place in places {
                let refused = subscribed.as_ref().is_none_or(|topics| topics.contains(&place.0));
                outcomes.push(if refused { Err(ResponseError::GroupSubscribedToTopic) } else { Ok(()) });
                if !refused {
                    changes.extend(state.offsets.forget(group, place));
                }
            }
            (outcomes, self.inner.journal.apply(&changes).map_err(|e| code(&e))?)
        };
        self.durable(written).await?;
        Ok(outcomes)
    }

    /// What forgetting the positions in a topic changes on disk; they are gone in memory when this returns.
    pub(crate) fn forget_topic(&self, topic: &str) -> Vec<Change> {
        let slots: Vec<_> = self.inner.groups.lock().values().cloned().collect();
        let forget = |slot: &Arc<Slot>| {
            let mut state = slot.state.lock();
            let places = state.offsets.places().into_iter().filter(|(name, _)| name == topic);
            places
                .collect::<Vec<_>>()
                .iter()
                .flat_map(|p| state.offsets.forget(&slot.id, p))
                .collect::<Vec<_>>()
        };
        slots.iter().flat_map(forget).collect()
    }

    async fn durable(&self, written: i64) -> Outcome<()> {
        self.inner.journal.durable(written).await.map_err(|e| code(&e))
    }
}

/// Who commits positions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Committer<'a> {
    pub(crate) member: &'a str,
    pub(crate) instance: Option<&'a str>,
    pub(crate) generation: i32,
}
