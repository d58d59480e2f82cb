//! A group as others see it.

use std::collections::BTreeSet;

use bytes::Buf;
use kafka_protocol::messages::{ConsumerProtocolAssignment, ConsumerProtocolSubscription};

use super::{
    Group, Place,
    admin::{DescribedMember, Description},
    group::Phase,
    member::Member,
};
use crate::server::decode;

impl Group {
    /// The group as an administrator sees it.
    pub(super) fn describe(&self) -> Description {
        let protocol = self.protocol.clone().unwrap_or_default();
        let members = self.members.values().map(|m| DescribedMember {
            id: m.id.clone(),
            instance: m.profile.instance.clone(),
            client_id: m.profile.client_id.clone(),
            client_host: m.profile.client_host.clone(),
            metadata: m.profile.metadata(&protocol),
            assignment: m.assignment.clone(),
        });
        Description {
            state: self.phase.as_kafka(),
            protocol_type: self.protocol_type.clone().unwrap_or_default(),
            members: members.collect(),
            protocol,
        }
    }

    /// The partitions that a member works on; none while the group shares them out anew, or when it shares out other
    /// things than partitions.
    pub(super) fn assigned(&self, member: &Member) -> Vec<Place> {
        let mut bytes = member.assignment.clone();
        let is_consumer = self.protocol_type.as_deref() == Some("consumer");
        let version = bytes.try_get_i16().ok().filter(|_| is_consumer && self.phase == Phase::Stable);
        let Some(version) = version else { return Vec::new() };
        let decoded: Result<ConsumerProtocolAssignment, _> = decode(&bytes, version.clamp(0, 3));
        let topics = decoded.map(|assignment| assignment.assigned_partitions).unwrap_or_default();
        let places = topics.iter().flat_map(|t| t.partitions.iter().map(|p| (t.topic.to_string(), *p)));
        places.collect()
    }

    /// Topics that members are subscribed to; none when a subscription cannot be read.
    pub(super) fn subscribed_topics(&self) -> Option<BTreeSet<String>> {
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            let (_, metadata) = member.profile.protocols.first()?;
            let mut bytes = metadata.clone();
            let version = bytes.try_get_i16().ok()?;
            let subscription: ConsumerProtocolSubscription = decode(&bytes, version.clamp(0, 3)).ok()?;
            topics.extend(subscription.topics.iter().map(|t| t.to_string()));
        }
        Some(topics)
    }
}
