//! A group as others see it.

use std::collections::BTreeSet;

use bytes::Buf;
use kafka_protocol::messages::ConsumerProtocolSubscription;

use super::{
    Group,
    admin::{DescribedMember, Description},
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
