//! All groups of a broker: time-outs, and what survives a restart.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use kafka_protocol::ResponseError;
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    Group, GroupSettings, Join, JoinAnswer, Millis, Outcome, Sync, SyncAnswer,
    group::Phase,
    join::Refused,
    offsets::{self, Offsets},
    snapshot::Snapshot,
};
use crate::{
    journal::{Change, Journal},
    keys::{Key, Kind, Parts},
    storage::Clock,
};

/// The coordinator of all groups. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Groups {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) groups: Mutex<BTreeMap<String, Arc<Slot>>>,
    pub(super) journal: Journal,
    pub(super) settings: GroupSettings,
    /// For what outlives the process; within it, time is counted from `start`.
    pub(super) clock: Clock,
    start: Instant,
    tasks: TaskTracker,
    stop: CancellationToken,
}

pub(super) struct Slot {
    pub(super) id: String,
    pub(super) state: Mutex<State>,
    /// The group has an earlier deadline than before.
    wake: Notify,
}

pub(super) struct State {
    pub(super) group: Group,
    pub(super) offsets: Offsets,
    /// When the last member left, milliseconds since 1970; 0 when there was none.
    pub(super) emptied_ms: i64,
    /// A task drives the group's time-outs.
    driven: bool,
}

impl State {
    /// Whether the group has members or positions.
    pub(super) fn is_used(&self) -> bool {
        !self.group.is_idle() || !self.offsets.is_empty()
    }
}

impl Groups {
    /// Reads the groups that stand.
    pub(crate) fn open(
        journal: Journal,
        settings: GroupSettings,
        clock: Clock,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) -> Self {
        let (groups, start) = (Mutex::default(), Instant::now());
        let inner = Inner { groups, journal, settings, clock, start, tasks, stop };
        let groups = Self { inner: Arc::new(inner) };
        groups.restore();
        groups
    }

    fn restore(&self) {
        let (now, now_ms) = (self.now(), (self.inner.clock)());
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
            state.emptied_ms = snapshot.emptied_ms;
            state.group = snapshot.restore(id, self.inner.settings, now);
            self.drive(&slot, &mut state);
        }
        for (key, value) in journal.scan(&[Kind::Offset as u8]) {
            if let Some((group, place, kept)) = offsets::read_offset(&key, &value) {
                self.slot_or_new(&group).state.lock().offsets.put(place, kept.dated(now_ms));
            }
        }
        for (key, value) in journal.scan(&[Kind::PendingOffset as u8]) {
            if let Some((group, producer, place, kept)) = offsets::read_pending(&key, &value) {
                self.slot_or_new(&group).state.lock().offsets.put_pending(
                    producer,
                    place,
                    kept.dated(now_ms),
                );
            }
        }
    }

    fn now(&self) -> Millis {
        self.inner.start.elapsed().as_millis() as Millis
    }

    /// All groups, by name.
    pub(super) fn slots(&self) -> Vec<Arc<Slot>> {
        self.inner.groups.lock().values().cloned().collect()
    }

    pub(super) fn slot(&self, id: &str) -> Option<Arc<Slot>> {
        self.inner.groups.lock().get(id).cloned()
    }

    pub(super) fn slot_or_new(&self, id: &str) -> Arc<Slot> {
        let mut groups = self.inner.groups.lock();
        if let Some(slot) = groups.get(id) {
            return slot.clone();
        }
        let group = Group::new(id.to_owned(), self.inner.settings);
        let state = State { group, offsets: Offsets::default(), emptied_ms: 0, driven: false };
        let slot = Arc::new(Slot { id: id.to_owned(), state: Mutex::new(state), wake: Notify::new() });
        groups.insert(id.to_owned(), slot.clone());
        slot
    }

    /// Changes a group; what changed is written, and its time-outs are driven.
    pub(super) fn change<T>(&self, slot: &Arc<Slot>, change: impl FnOnce(&mut State, Millis) -> T) -> T {
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
        let empty = state.group.phase() == Phase::Empty;
        if !(empty || state.group.phase() == Phase::Stable) || !state.group.take_changed() {
            return;
        }
        if empty {
            state.emptied_ms = (self.inner.clock)();
        }
        let key = group_key(&slot.id);
        let change = match empty && state.offsets.is_empty() {
            // Nothing refers to its generations any more.
            true if self.inner.journal.get(&key).is_none() => return,
            true => Change::Delete(key),
            false => Change::Put(key, Snapshot::of(&state.group, state.emptied_ms).encode()),
        };
        // Members would join again after a restart that finds an older generation.
        if let Err(error) = self.inner.journal.apply(&[change]) {
            state.group.changed = true;
            tracing::error!(group = %slot.id, %error, "members of the group cannot be written");
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
}

/// Where a group's members are kept.
pub(super) fn group_key(group: &str) -> Bytes {
    Key::new(Kind::Group).name(group).build()
}
