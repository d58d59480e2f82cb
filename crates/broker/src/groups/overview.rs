//! Groups as the host of the broker sees them.

use std::collections::BTreeMap;

use headwater_model::{DeploymentId, ReplicaId};

use super::{
    Place,
    coordinator::{Groups, Slot},
    member::Member,
};

/// A consumer group: who is in it, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupInfo {
    /// Its name.
    pub name: String,
    /// Kafka's word for it: `Stable`, `Empty`, `PreparingRebalance` or `CompletingRebalance`.
    pub state: &'static str,
    /// Who is in it, by id.
    pub members: Vec<MemberInfo>,
    /// Deployments whose replicas have joined or committed, the latest last.
    pub deployments: Vec<DeploymentId>,
    /// The next offset that it will read, by topic and partition.
    pub positions: BTreeMap<Place, i64>,
}

/// A member of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberInfo {
    /// Its id within the group.
    pub id: String,
    /// `group.instance.id` of a static member.
    pub instance: Option<String>,
    /// The client's name for itself.
    pub client_id: String,
    /// Its address.
    pub host: String,
    /// The replica that it is, when it signed in as one.
    pub replica: Option<ReplicaId>,
    /// Topics and partitions that it works on; none while they are shared out anew.
    pub assigned: Vec<Place>,
}

impl Groups {
    /// Groups that have members or positions, by name.
    pub(crate) fn overview(&self) -> Vec<GroupInfo> {
        self.slots().iter().filter_map(|slot| look(slot)).collect()
    }

    /// One group; none when nobody has used it.
    pub(crate) fn look(&self, group: &str) -> Option<GroupInfo> {
        look(&*self.slot(group)?)
    }
}

fn look(slot: &Slot) -> Option<GroupInfo> {
    let state = slot.state.lock();
    let group = &state.group;
    let member = |member: &Member| MemberInfo {
        id: member.id.clone(),
        instance: member.profile.instance.clone(),
        client_id: member.profile.client_id.clone(),
        host: member.profile.client_host.clone(),
        replica: member.profile.replica.clone(),
        assigned: group.assigned(member),
    };
    let position = |(place, committed): (&Place, &super::Committed)| (place.clone(), committed.offset);
    state.is_used().then(|| GroupInfo {
        name: slot.id.clone(),
        state: group.phase().as_kafka(),
        members: group.members.values().map(member).collect(),
        deployments: group.deployments.clone(),
        positions: state.offsets.all().map(position).collect(),
    })
}
