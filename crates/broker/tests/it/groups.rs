//! What the host learns of consumer groups.

use bytes::{BufMut, Bytes, BytesMut};
use headwater_broker::{Broker, GroupInfo};
use headwater_model::{DeploymentId, ReplicaId};
use kafka_protocol::{
    messages::{
        consumer_protocol_assignment::TopicPartition,
        join_group_request::JoinGroupRequestProtocol,
        offset_commit_request::{OffsetCommitRequestPartition, OffsetCommitRequestTopic},
        sync_group_request::SyncGroupRequestAssignment,
        *,
    },
    protocol::Encodable,
};

use crate::{
    client::{Client, batch, create, produce, text, topic},
    platform::{A, Platform, replica, replica_user},
};

const TOPIC: &str = "acme-demo-a-t";
const GROUP: &str = "acme-demo-a-g";

/// A member of the group, alone in it.
struct Member {
    client: Client,
    id: String,
    generation: i32,
}

impl Member {
    /// Joins and takes partition 0 of the topic.
    async fn join(platform: &Platform, replica: &ReplicaId) -> Self {
        let mut client = platform.user(&replica_user(A, replica)).await;
        let protocol = JoinGroupRequestProtocol::default().with_name(text("range"));
        let join = |member: &str| {
            JoinGroupRequest::default()
                .with_group_id(GroupId(text(GROUP)))
                .with_member_id(text(member))
                .with_session_timeout_ms(60_000)
                .with_rebalance_timeout_ms(60_000)
                .with_protocol_type(text("consumer"))
                .with_protocols(vec![protocol.clone()])
        };
        let promised = client.ask(5, join("")).await;
        assert_eq!(promised.error_code, 79);
        let joined = client.ask(5, join(&promised.member_id)).await;
        assert_eq!(joined.error_code, 0);
        let id = joined.member_id.to_string();
        let assignment = SyncGroupRequestAssignment::default()
            .with_member_id(joined.member_id.clone())
            .with_assignment(assignment(&[0]));
        let sync = SyncGroupRequest::default()
            .with_group_id(GroupId(text(GROUP)))
            .with_generation_id(joined.generation_id)
            .with_member_id(joined.member_id)
            .with_assignments(vec![assignment]);
        assert_eq!(client.ask(3, sync).await.error_code, 0);
        Self { client, id, generation: joined.generation_id }
    }

    async fn commit(&mut self, offset: i64) {
        let position = OffsetCommitRequestPartition::default().with_committed_offset(offset);
        let positions =
            OffsetCommitRequestTopic::default().with_name(topic(TOPIC)).with_partitions(vec![position]);
        let commit = OffsetCommitRequest::default()
            .with_group_id(GroupId(text(GROUP)))
            .with_member_id(text(&self.id))
            .with_generation_id_or_member_epoch(self.generation)
            .with_topics(vec![positions]);
        let answer = self.client.ask(8, commit).await;
        assert_eq!(answer.topics[0].partitions[0].error_code, 0);
    }

    async fn leave(mut self) {
        let leave =
            LeaveGroupRequest::default().with_group_id(GroupId(text(GROUP))).with_member_id(text(&self.id));
        assert_eq!(self.client.ask(2, leave).await.error_code, 0);
    }
}

fn assignment(partitions: &[i32]) -> Bytes {
    let mut bytes = BytesMut::new();
    bytes.put_i16(0);
    let topic = TopicPartition::default().with_topic(topic(TOPIC)).with_partitions(partitions.to_vec());
    let assignment = ConsumerProtocolAssignment::default().with_assigned_partitions(vec![topic]);
    assignment.encode(&mut bytes, 0).unwrap();
    bytes.freeze()
}

async fn with_topic(platform: &Platform) {
    let mut client = platform.user(A).await;
    assert_eq!(client.ask(7, create(TOPIC, 1)).await.topics[0].error_code, 0);
    client.ask(9, produce(TOPIC, 0, batch(&["a", "b", "c"]))).await;
}

fn group(broker: &Broker) -> GroupInfo {
    broker.group(GROUP).unwrap()
}

#[tokio::test]
async fn members_are_known_as_replicas_with_what_they_work_on() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::guarded(&folder).await;
    with_topic(&platform).await;
    let id = replica(DeploymentId::new(), 0);
    let mut member = Member::join(&platform, &id).await;
    let seen = group(&platform.broker);
    assert_eq!((seen.state, seen.deployments.as_slice()), ("Stable", &[id.deployment][..]));
    let only = &seen.members[0];
    assert_eq!((&only.id, &only.replica), (&member.id, &Some(id.clone())));
    assert_eq!(only.assigned, [(TOPIC.to_owned(), 0)]);
    assert!(seen.positions.is_empty());
    member.commit(2).await;
    assert_eq!(group(&platform.broker).positions[&(TOPIC.to_owned(), 0)], 2);
    assert!(platform.broker.delete_group(GROUP).await.is_err(), "somebody works in it");
    let moved = platform.broker.move_group(GROUP, vec![(TOPIC.into(), 0, 0)]).await;
    assert!(moved.unwrap_err().to_string().contains("has members"));
    member.leave().await;
    let seen = group(&platform.broker);
    assert_eq!((seen.state, seen.members.len(), seen.deployments.len()), ("Empty", 0, 1));
    platform.broker.move_group(GROUP, vec![(TOPIC.into(), 0, 0)]).await.unwrap();
    assert_eq!(group(&platform.broker).positions[&(TOPIC.to_owned(), 0)], 0);
    platform.broker.delete_group(GROUP).await.unwrap();
    assert!(platform.broker.group(GROUP).is_err());
    platform.stop().await;
}

#[tokio::test]
async fn a_stopped_consumer_is_still_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::guarded(&folder).await;
    with_topic(&platform).await;
    let (gone, here) = (replica(DeploymentId::new(), 0), replica(DeploymentId::new(), 0));
    let mut member = Member::join(&platform, &gone).await;
    member.commit(1).await;
    member.leave().await;
    platform.stop().await;
    let platform = Platform::guarded(&folder).await;
    assert_eq!(group(&platform.broker).deployments, [gone.deployment]);
    let member = Member::join(&platform, &here).await;
    platform.stop().await;
    let platform = Platform::guarded(&folder).await;
    let seen = group(&platform.broker);
    assert_eq!(seen.deployments, [gone.deployment, here.deployment]);
    assert_eq!((&seen.members[0].id, &seen.members[0].replica), (&member.id, &Some(here)));
    platform.stop().await;
}

#[tokio::test]
async fn whoever_commits_without_joining_is_known_too() {
    let folder = tempfile::tempdir().unwrap();
    let platform = Platform::guarded(&folder).await;
    with_topic(&platform).await;
    let id = replica(DeploymentId::new(), 3);
    let client = platform.user(&replica_user(A, &id)).await;
    Member { client, id: String::new(), generation: -1 }.commit(1).await;
    assert_eq!(group(&platform.broker).deployments, [id.deployment]);
    platform.stop().await;
    let platform = Platform::guarded(&folder).await;
    assert_eq!(group(&platform.broker).deployments, [id.deployment]);
    platform.stop().await;
}
