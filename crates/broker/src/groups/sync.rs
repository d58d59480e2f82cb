//! What members do within a generation: fetch assignments, give signs of life, leave.

use std::collections::HashMap;

use bytes::Bytes;
use kafka_protocol::ResponseError;
use tokio::sync::oneshot;

use super::{Group, Millis, Outcome, SyncAnswer, group::Phase};

/// A member's question for its assignment; the leader brings everybody's.
#[derive(Debug)]
pub(crate) struct Sync {
    pub(crate) member: String,
    pub(crate) instance: Option<String>,
    pub(crate) generation: i32,
    pub(crate) protocol_type: Option<String>,
    pub(crate) protocol: Option<String>,
    pub(crate) assignments: HashMap<String, Bytes>,
}

impl Group {
    /// Answers with the member's assignment as soon as the leader has made it.
    pub(crate) fn sync(
        &mut self,
        now: Millis,
        sync: Sync,
        reply: oneshot::Sender<Outcome<SyncAnswer>>,
    ) -> Outcome<()> {
        self.of_generation(&sync.member, sync.instance.as_deref(), sync.generation)?;
        let differs = |given: &Option<String>, own: &Option<String>| given.is_some() && given != own;
        if differs(&sync.protocol_type, &self.protocol_type) || differs(&sync.protocol, &self.protocol) {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        let phase = self.phase;
        let Some(member) = self.members.get_mut(&sync.member) else {
            return Err(ResponseError::UnknownMemberId);
        };
        member.touch(now);
        match phase {
            Phase::Preparing { .. } => Err(ResponseError::RebalanceInProgress),
            Phase::Completing { .. } => {
                member.answer_sync(Err(ResponseError::RebalanceInProgress));
                member.syncing = Some(reply);
                if self.leader.as_deref() == Some(sync.member.as_str()) {
                    self.assign(now, sync.assignments);
                }
                Ok(())
            }
            Phase::Stable => {
                member.syncing = Some(reply);
                self.hand_out(&sync.member);
                Ok(())
            }
            Phase::Empty | Phase::Dead => Err(ResponseError::UnknownMemberId),
        }
    }

    /// A sign of life.
    pub(crate) fn heartbeat(
        &mut self,
        now: Millis,
        member: &str,
        instance: Option<&str>,
        generation: i32,
    ) -> Outcome<()> {
        self.of_generation(member, instance, generation)?;
        if let Some(member) = self.members.get_mut(member) {
            member.touch(now);
        }
        match self.phase {
            Phase::Preparing { .. } => Err(ResponseError::RebalanceInProgress),
            _ => Ok(()),
        }
    }

    /// A member, or a static member by its instance alone, leaves for good. Returns its id.
    pub(crate) fn leave(&mut self, now: Millis, member: &str, instance: Option<&str>) -> Outcome<String> {
        if self.promised.remove(member).is_some() {
            self.complete_join_if_preparing(now);
            return Ok(member.to_owned());
        }
        let id = match (instance, member.is_empty()) {
            (Some(instance), true) => {
                self.instances.get(instance).cloned().ok_or(ResponseError::UnknownMemberId)?
            }
            _ => member.to_owned(),
        };
        self.known(&id, instance)?;
        self.remove(&id, now);
        Ok(id)
    }

    /// Whether positions may be committed by this member. Without a member id (a plain consumer or a tool) only
    /// while nobody else is in the group.
    pub(crate) fn may_commit(
        &mut self,
        now: Millis,
        member: &str,
        instance: Option<&str>,
        generation: i32,
    ) -> Outcome<()> {
        if generation < 0 && member.is_empty() && instance.is_none() {
            return match self.phase {
                Phase::Dead => Err(ResponseError::CoordinatorNotAvailable),
                Phase::Empty => Ok(()),
                _ => Err(ResponseError::UnknownMemberId),
            };
        }
        self.of_generation(member, instance, generation)?;
        if let Some(member) = self.members.get_mut(member) {
            member.touch(now);
        }
        match self.phase {
            Phase::Completing { .. } => Err(ResponseError::RebalanceInProgress),
            _ => Ok(()),
        }
    }

    /// Whether positions may be committed within a transaction by this member. Producers that do not say which
    /// member they act for are taken at their word, as the transaction fences them.
    pub(crate) fn may_commit_in_transaction(
        &mut self,
        now: Millis,
        member: &str,
        instance: Option<&str>,
        generation: i32,
    ) -> Outcome<()> {
        if self.phase == Phase::Dead {
            return Err(ResponseError::CoordinatorNotAvailable);
        }
        if generation < 0 && member.is_empty() && instance.is_none() {
            return Ok(());
        }
        self.may_commit(now, member, instance, generation)
    }

    fn of_generation(&self, member: &str, instance: Option<&str>, generation: i32) -> Outcome<()> {
        if self.phase == Phase::Dead {
            return Err(ResponseError::CoordinatorNotAvailable);
        }
        self.known(member, instance)?;
        match generation == self.generation {
            true => Ok(()),
            false => Err(ResponseError::IllegalGeneration),
        }
    }

    fn complete_join_if_preparing(&mut self, now: Millis) {
        if matches!(self.phase, Phase::Preparing { .. }) {
            self.complete_join_when_all_are_here(now);
        }
    }

    /// The leader has spoken: work begins.
    fn assign(&mut self, now: Millis, mut assignments: HashMap<String, Bytes>) {
        self.phase = Phase::Stable;
        self.changed = true;
        for (id, member) in &mut self.members {
            member.assignment = assignments.remove(id).unwrap_or_default();
            if member.syncing.is_some() {
                member.touch(now);
            }
        }
        for id in self.members.keys().cloned().collect::<Vec<_>>() {
            self.hand_out(&id);
        }
    }

    fn hand_out(&mut self, id: &str) {
        let (protocol_type, protocol) = (self.protocol_type.clone(), self.protocol.clone());
        if let Some(member) = self.members.get_mut(id) {
            let assignment = member.assignment.clone();
            member.answer_sync(Ok(SyncAnswer { protocol_type, protocol, assignment }));
        }
    }
}
