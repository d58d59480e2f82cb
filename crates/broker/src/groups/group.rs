//! The state of one group, its rebalances and its time-outs.

use std::collections::{BTreeMap, HashMap};

use headwater_model::DeploymentId;
use kafka_protocol::ResponseError;

use super::{GroupSettings, JoinAnswer, JoinedMember, Millis, Outcome, member::Member};

/// Deployments that a group remembers.
const DEPLOYMENTS_MAX: usize = 32;

/// Where a group is between two assignments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No members.
    Empty,
    /// Members are asked to join again.
    Preparing {
        /// When those who have not joined are left behind.
        until: Millis,
        /// A new group: it waits for more members, at most until here.
        gather_until: Option<Millis>,
    },
    /// The leader makes the assignment.
    Completing {
        /// When those who have not synced are left behind.
        until: Millis,
    },
    /// Members work.
    Stable,
    /// Deleted; whoever holds it must look it up again.
    Dead,
}

impl Phase {
    /// Kafka's word for it.
    pub(crate) fn as_kafka(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Preparing { .. } => "PreparingRebalance",
            Self::Completing { .. } => "CompletingRebalance",
            Self::Stable => "Stable",
            Self::Dead => "Dead",
        }
    }
}

/// A consumer group.
#[derive(Debug)]
pub(crate) struct Group {
    pub(super) id: String,
    pub(super) settings: GroupSettings,
    pub(super) phase: Phase,
    pub(super) generation: i32,
    pub(super) protocol_type: Option<String>,
    pub(super) protocol: Option<String>,
    pub(super) leader: Option<String>,
    pub(super) members: BTreeMap<String, Member>,
    /// Static members: instance → member id.
    pub(super) instances: HashMap<String, String>,
    /// Ids given to clients that have not joined with them yet, and when they lapse.
    pub(super) promised: HashMap<String, Millis>,
    /// Deployments whose replicas have joined or committed, the latest last.
    pub(super) deployments: Vec<DeploymentId>,
    seniority: u64,
    /// Members or assignments changed since they were last written.
    pub(super) changed: bool,
}

impl Group {
    pub(crate) fn new(id: String, settings: GroupSettings) -> Self {
        Self {
            id,
            settings,
            phase: Phase::Empty,
            generation: 0,
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            instances: HashMap::new(),
            promised: HashMap::new(),
            deployments: Vec::new(),
            seniority: 0,
            changed: false,
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    /// Whether members or assignments changed since this was last asked.
    pub(crate) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    /// A replica of this deployment has joined or committed.
    pub(super) fn remember(&mut self, deployment: DeploymentId) {
        if self.deployments.contains(&deployment) {
            return;
        }
        if self.deployments.len() == DEPLOYMENTS_MAX {
            self.deployments.remove(0);
        }
        self.deployments.push(deployment);
        self.changed = true;
    }

    /// Whether nobody is in it or about to be.
    pub(crate) fn is_idle(&self) -> bool {
        self.members.is_empty() && self.promised.is_empty()
    }

    /// Whether it has no members and may go.
    pub(crate) fn may_be_deleted(&self) -> Outcome<()> {
        match self.phase {
            Phase::Empty => Ok(()),
            Phase::Dead => Err(ResponseError::GroupIdNotFound),
            _ => Err(ResponseError::NonEmptyGroup),
        }
    }

    /// Ends it; it can be made anew under its name.
    pub(crate) fn kill(&mut self) {
        self.phase = Phase::Dead;
    }

    /// The next time at which [`tick`](Self::tick) has something to do.
    pub(crate) fn deadline(&self) -> Option<Millis> {
        let phase = match self.phase {
            Phase::Preparing { until, .. } | Phase::Completing { until } => Some(until),
            _ => None,
        };
        let sessions = self.members.values().filter(|m| m.joining.is_none() && m.syncing.is_none());
        sessions.map(|m| m.expires).chain(self.promised.values().copied()).chain(phase).min()
    }

    /// Lets time-outs take effect.
    pub(crate) fn tick(&mut self, now: Millis) {
        self.promised.retain(|_, lapses| *lapses > now);
        let silent: Vec<_> = self.members.values().filter(|m| !m.alive(now)).map(|m| m.id.clone()).collect();
        for id in silent {
            tracing::info!(group = %self.id, member = %id, "member is silent and leaves");
            self.remove(&id, now);
        }
        match self.phase {
            Phase::Preparing { until, .. } if now >= until => self.complete_join(now),
            Phase::Preparing { .. } => self.complete_join_when_all_are_here(now),
            Phase::Completing { until } if now >= until => self.drop_unsynced(now),
            _ => {}
        }
    }

    pub(super) fn next_seniority(&mut self) -> u64 {
        self.seniority += 1;
        self.seniority
    }

    /// The longest that any member may take to join again.
    fn patience(&self) -> Millis {
        self.members.values().map(|m| m.profile.rebalance_ms).max().unwrap_or(0)
    }

    /// Asks all members to join again.
    pub(super) fn rebalance(&mut self, now: Millis) {
        match self.phase {
            Phase::Dead => return,
            Phase::Preparing { until, gather_until: Some(last) } => {
                // A new member of a new group: others may follow it.
                let until = (now + self.settings.initial_rebalance_delay_ms).clamp(until, last.max(until));
                self.phase = Phase::Preparing { until, gather_until: Some(last) };
                return;
            }
            Phase::Preparing { .. } => return self.complete_join_when_all_are_here(now),
            Phase::Empty => {
                let until = now + self.settings.initial_rebalance_delay_ms;
                self.phase = Phase::Preparing { until, gather_until: Some(now + self.patience()) };
                return;
            }
            Phase::Completing { .. } => {
                for member in self.members.values_mut() {
                    if member.syncing.is_some() {
                        member.touch(now);
                    }
                    member.answer_sync(Err(ResponseError::RebalanceInProgress));
                }
            }
            Phase::Stable => {}
        }
        self.phase = Phase::Preparing { until: now + self.patience(), gather_until: None };
        self.complete_join_when_all_are_here(now);
    }

    pub(super) fn complete_join_when_all_are_here(&mut self, now: Millis) {
        let gathering = matches!(self.phase, Phase::Preparing { gather_until: Some(_), .. });
        let all = self.promised.is_empty() && self.members.values().all(|m| m.joining.is_some());
        if (!gathering && all) || self.members.is_empty() && self.promised.is_empty() {
            self.complete_join(now);
        }
    }

    /// Begins a generation of those who have joined and wait for it; static members stay even when they do not.
    fn complete_join(&mut self, now: Millis) {
        let late = |m: &&Member| !m.awaits_join() && m.profile.instance.is_none();
        let late: Vec<_> = self.members.values().filter(late).map(|m| m.id.clone()).collect();
        late.iter().for_each(|id| self.forget(id));
        self.generation = self.generation.wrapping_add(1).max(1);
        self.changed = true;
        if self.members.is_empty() {
            (self.phase, self.protocol, self.leader) = (Phase::Empty, None, None);
            return;
        }
        self.protocol = self.elect_protocol();
        self.elect_leader();
        self.phase = Phase::Completing { until: now + self.patience() };
        for id in self.members.keys().cloned().collect::<Vec<_>>() {
            let answer = self.join_answer(&id);
            if let Some(member) = self.members.get_mut(&id) {
                if member.awaits_join() {
                    member.touch(now);
                }
                member.answer_join(Ok(answer));
            }
        }
    }

    /// What a member learns of the generation that stands.
    pub(super) fn join_answer(&self, member: &str) -> JoinAnswer {
        let leads = self.leader.as_deref() == Some(member);
        JoinAnswer {
            member: member.to_owned(),
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            leader: self.leader.clone().unwrap_or_default(),
            skip_assignment: false,
            members: if leads { self.joined_members() } else { Vec::new() },
        }
    }

    pub(super) fn joined_members(&self) -> Vec<JoinedMember> {
        let protocol = self.protocol.as_deref().unwrap_or_default();
        let joined = |m: &Member| JoinedMember {
            id: m.id.clone(),
            instance: m.profile.instance.clone(),
            metadata: m.profile.metadata(protocol),
        };
        self.members.values().map(joined).collect()
    }

    /// The leader stays as long as it takes part; otherwise the oldest that takes part leads.
    fn elect_leader(&mut self) {
        let here = |id: &String| self.members.get(id).is_some_and(Member::awaits_join);
        if !self.leader.as_ref().is_some_and(here) {
            let oldest = |wanted: &dyn Fn(&&Member) -> bool| {
                self.members.values().filter(wanted).min_by_key(|m| m.seniority).map(|m| m.id.clone())
            };
            self.leader = oldest(&|m| m.awaits_join()).or_else(|| oldest(&|_| true));
        }
    }

    /// Strategies that all members know; each member votes for the first of its own.
    fn elect_protocol(&self) -> Option<String> {
        let mut votes: BTreeMap<&str, usize> = BTreeMap::new();
        for member in self.members.values() {
            let vote = member.profile.protocols.iter().find(|(name, _)| self.all_support(name));
            if let Some((name, _)) = vote {
                *votes.entry(name).or_default() += 1;
            }
        }
        votes.into_iter().max_by_key(|(_, count)| *count).map(|(name, _)| name.to_owned())
    }

    pub(super) fn all_support(&self, protocol: &str) -> bool {
        self.members.values().all(|m| m.profile.supports(protocol))
    }

    /// Those who did not fetch their assignment in time leave.
    fn drop_unsynced(&mut self, now: Millis) {
        let unsynced = |m: &&Member| m.syncing.is_none() && m.profile.instance.is_none();
        let gone: Vec<_> = self.members.values().filter(unsynced).map(|m| m.id.clone()).collect();
        for id in &gone {
            tracing::info!(group = %self.id, member = %id, "member did not sync in time and leaves");
            self.forget(id);
        }
        self.rebalance(now);
    }

    /// Takes a member out, and lets the others share its work.
    pub(super) fn remove(&mut self, id: &str, now: Millis) {
        self.forget(id);
        match self.phase {
            Phase::Stable | Phase::Completing { .. } => self.rebalance(now),
            Phase::Preparing { .. } => self.complete_join_when_all_are_here(now),
            Phase::Empty | Phase::Dead => {}
        }
    }

    fn forget(&mut self, id: &str) {
        let Some(mut member) = self.members.remove(id) else { return };
        if let Some(instance) = &member.profile.instance
            && self.instances.get(instance).is_some_and(|m| m == id)
        {
            self.instances.remove(instance);
        }
        if self.leader.as_deref() == Some(id) {
            self.leader = None;
        }
        self.changed = true;
        member.answer_join(Err(ResponseError::UnknownMemberId));
        member.answer_sync(Err(ResponseError::UnknownMemberId));
    }
}
