//! How members enter a group.

use kafka_protocol::ResponseError;
use tokio::sync::oneshot;
use uuid::Uuid;

use super::{
    Group, JoinAnswer, Millis, Outcome,
    group::Phase,
    member::{Member, Profile},
};

/// A wish to join.
#[derive(Debug)]
pub(crate) struct Join {
    /// The member's id; empty when it has none yet.
    pub(crate) member: String,
    pub(crate) protocol_type: String,
    pub(crate) profile: Profile,
    /// The client comes back with the id it is given before it is let in.
    pub(crate) id_required: bool,
    /// The client understands that a leader may keep the assignment.
    pub(crate) may_skip_assignment: bool,
}

/// The answer to a failed join carries the id given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) error: ResponseError,
    pub(crate) member: String,
}

type Reply = oneshot::Sender<Outcome<JoinAnswer>>;

impl Group {
    /// Lets a member in. The answer comes at once when it fails or nothing changes, otherwise when all have joined.
    pub(crate) fn join(&mut self, now: Millis, join: Join, reply: Reply) -> Result<(), Refused> {
        let given = join.member.clone();
        let refused = |error| Refused { error, member: given.clone() };
        self.admissible(&join).map_err(refused)?;
        let deployment = join.profile.replica.as_ref().map(|replica| replica.deployment);
        match (join.member.is_empty(), join.profile.instance.clone()) {
            (true, Some(instance)) => match self.instances.get(&instance).cloned() {
                Some(old) => self.replace(now, &old, join, reply),
                None => self.enter(now, format!("{instance}-{}", Uuid::new_v4()), join, reply),
            },
            (true, None) => {
                let id = format!("{}-{}", join.profile.client_id, Uuid::new_v4());
                if join.id_required {
                    self.promised.insert(id.clone(), now + join.profile.session_ms);
                    return Err(Refused { error: ResponseError::MemberIdRequired, member: id });
                }
                self.enter(now, id, join, reply);
            }
            (false, None) if self.promised.remove(&join.member).is_some() => {
                self.enter(now, join.member.clone(), join, reply);
            }
            (false, instance) => {
                self.known(&join.member, instance.as_deref()).map_err(refused)?;
                self.rejoin(now, join, reply).map_err(refused)?;
            }
        }
        if let Some(deployment) = deployment {
            self.remember(deployment);
        }
        Ok(())
    }

    /// What can be refused without looking at who asks.
    fn admissible(&self, join: &Join) -> Outcome<()> {
        let (settings, profile) = (&self.settings, &join.profile);
        if self.phase == Phase::Dead {
            return Err(ResponseError::CoordinatorNotAvailable);
        }
        if !(settings.min_session_ms..=settings.max_session_ms).contains(&profile.session_ms) {
            return Err(ResponseError::InvalidSessionTimeout);
        }
        if profile.protocols.is_empty() || join.protocol_type.is_empty() {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        let others = self.members.values().filter(|m| m.id != join.member);
        let others: Vec<_> =
            others.filter(|m| profile.instance.is_none() || m.profile.instance != profile.instance).collect();
        let known = self.members.contains_key(&join.member)
            || profile.instance.as_ref().is_some_and(|i| self.instances.contains_key(i));
        // Whoever was given an id is expected; otherwise asking for ids would cost nothing.
        let expected = self.promised.keys().filter(|id| **id != join.member).count();
        if !known && self.members.len() + expected >= settings.max_members {
            return Err(ResponseError::GroupMaxSizeReached);
        }
        let same_type = self.protocol_type.as_deref() == Some(join.protocol_type.as_str());
        let common = |name: &str| others.iter().all(|m| m.profile.supports(name));
        match others.is_empty() || same_type && profile.protocols.iter().any(|(name, _)| common(name)) {
            true => Ok(()),
            false => Err(ResponseError::InconsistentGroupProtocol),
        }
    }

    /// Whether a member is who it says it is.
    pub(super) fn known(&self, member: &str, instance: Option<&str>) -> Outcome<()> {
        if let Some(instance) = instance {
            match self.instances.get(instance) {
                None => return Err(ResponseError::UnknownMemberId),
                Some(current) if current != member => return Err(ResponseError::FencedInstanceId),
                Some(_) => {}
            }
        }
        match self.members.contains_key(member) {
            true => Ok(()),
            false => Err(ResponseError::UnknownMemberId),
        }
    }

    /// A new member.
    fn enter(&mut self, now: Millis, id: String, join: Join, reply: Reply) {
        if let Some(instance) = &join.profile.instance {
            self.instances.insert(instance.clone(), id.clone());
        }
        if self.members.is_empty() {
            self.protocol_type = Some(join.protocol_type);
        }
        let seniority = self.next_seniority();
        let member = Member {
            id: id.clone(),
            expires: now + join.profile.session_ms,
            profile: join.profile,
            assignment: Default::default(),
            seniority,
            joining: Some(reply),
            syncing: None,
        };
        self.members.insert(id, member);
        self.rebalance(now);
    }

    /// A static member has started again: it takes the place of its former self, which is fenced. When it asks
    /// for what it had, the others do not notice.
    fn replace(&mut self, now: Millis, old: &str, join: Join, reply: Reply) {
        let Some(mut member) = self.members.remove(old) else { return };
        member.answer_join(Err(ResponseError::FencedInstanceId));
        member.answer_sync(Err(ResponseError::FencedInstanceId));
        let instance = join.profile.instance.clone().unwrap_or_default();
        let id = format!("{instance}-{}", Uuid::new_v4());
        let same = member.profile.protocols == join.profile.protocols;
        member.id = id.clone();
        member.profile = join.profile;
        member.touch(now);
        member.joining = Some(reply);
        self.instances.insert(instance, id.clone());
        self.members.insert(id.clone(), member);
        let led = self.leader.as_deref() == Some(old);
        if led {
            self.leader = Some(id.clone());
        }
        self.changed = true;
        match self.phase {
            Phase::Stable if same => {
                let mut answer = self.join_answer(&id);
                if led && join.may_skip_assignment {
                    answer.skip_assignment = true;
                } else if led {
                    // An old client that believed to lead would make a new assignment that nobody asked for.
                    answer.leader = old.to_owned();
                    answer.members.clear();
                }
                self.answer(&id, answer);
            }
            _ => self.rebalance(now),
        }
    }

    /// A member that is known joins again.
    fn rejoin(&mut self, now: Millis, join: Join, reply: Reply) -> Outcome<()> {
        let leads = self.leader.as_deref() == Some(join.member.as_str());
        let phase = self.phase;
        let Some(member) = self.members.get_mut(&join.member) else {
            return Err(ResponseError::UnknownMemberId);
        };
        let same = member.profile.protocols == join.profile.protocols;
        member.answer_join(Err(ResponseError::RebalanceInProgress));
        member.profile = join.profile;
        member.touch(now);
        member.joining = Some(reply);
        match phase {
            // It has lost the answer.
            Phase::Completing { .. } if same => {
                let answer = self.join_answer(&join.member);
                self.answer(&join.member, answer);
            }
            Phase::Stable if same && !leads => {
                let answer = self.join_answer(&join.member);
                self.answer(&join.member, answer);
            }
            _ => self.rebalance(now),
        }
        Ok(())
    }

    fn answer(&mut self, id: &str, answer: JoinAnswer) {
        if let Some(member) = self.members.get_mut(id) {
            member.answer_join(Ok(answer));
        }
    }
}
