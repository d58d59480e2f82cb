//! A group's members as they are kept over a restart.

use bytes::Bytes;
use headwater_model::DeploymentId;
use serde::{Deserialize, Serialize};

use super::{
    Group, GroupSettings, Millis,
    group::Phase,
    member::{Member, Profile},
};

/// A stable (or empty) group on disk.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Snapshot {
    generation: i32,
    protocol_type: Option<String>,
    protocol: Option<String>,
    leader: Option<String>,
    members: Vec<KeptMember>,
    #[serde(default)]
    deployments: Vec<DeploymentId>,
    /// When the last member left, milliseconds since 1970.
    #[serde(default)]
    pub(super) emptied_ms: i64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptMember {
    id: String,
    profile: Profile,
    assignment: Bytes,
}

impl Snapshot {
    /// The group as it would be found after a restart.
    pub(crate) fn of(group: &Group, emptied_ms: i64) -> Self {
        let mut members: Vec<_> = group.members.values().collect();
        members.sort_by_key(|m| m.seniority);
        let keep = |m: &Member| KeptMember {
            id: m.id.clone(),
            profile: m.profile.clone(),
            assignment: m.assignment.clone(),
        };
        Self {
            generation: group.generation,
            protocol_type: group.protocol_type.clone(),
            protocol: group.protocol.clone(),
            leader: group.leader.clone(),
            members: members.into_iter().map(keep).collect(),
            deployments: group.deployments.clone(),
            emptied_ms,
        }
    }

    pub(crate) fn encode(&self) -> Bytes {
        serde_json::to_vec(self).expect("a group is plain data").into()
    }

    /// The group as it was; its members have a session's time to be heard of.
    pub(crate) fn restore(self, id: String, settings: GroupSettings, now: Millis) -> Group {
        let mut group = Group::new(id, settings);
        group.generation = self.generation;
        group.protocol_type = self.protocol_type;
        group.protocol = self.protocol;
        group.leader = self.leader;
        group.deployments = self.deployments;
        group.phase = if self.members.is_empty() { Phase::Empty } else { Phase::Stable };
        for kept in self.members {
            if let Some(instance) = &kept.profile.instance {
                group.instances.insert(instance.clone(), kept.id.clone());
            }
            let expires = now + kept.profile.session_ms;
            let seniority = group.next_seniority();
            let member = Member {
                id: kept.id.clone(),
                profile: kept.profile,
                assignment: kept.assignment,
                expires,
                seniority,
                joining: None,
                syncing: None,
            };
            group.members.insert(kept.id, member);
        }
        group
    }
}
